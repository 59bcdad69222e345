"""How close training comes to the machine's own matrix product.

    python -m benchmarks.train_roofline recipes/multi30k-de-en-lstm.yaml [KEY=VALUE ...] [--seconds 30] [--threads 2]

Counts the floating-point operations of real updates (matrix products, forward and backward, padding included) with torch's own counter, and
measures in turn, in the same minute, a 1024^3 product and the updates. Prints both rates and their ratio; nothing is saved but the prepared
data under `--root`.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.machine import describe, matrix_rate
from seqtool.recipe.load import load_recipe
from seqtool.recipe.schema import Recipe
from seqtool.text.prepared import prepare
from seqtool.training.assemble import Parts, assemble
from seqtool.training.device import best_precision
from seqtool.training.events import StepInfo
from seqtool.training.loop import Pace, Position

ROUNDS = 6
COUNTED = 20


def lstm_flops(shape: Sequence[int], weight_ih: Sequence[int], weight_hh: Sequence[int], *_: Any, **__: Any) -> int:
    """Of oneDNN's fused LSTM layer, forward: both products of every position of `shape` `(S, B, D)`."""
    steps, rows, _dim = shape
    return 2 * steps * rows * (weight_ih[0] * weight_ih[1] + weight_hh[0] * weight_hh[1])


def lstm_backward_flops(*args: Any, **kwargs: Any) -> int:
    """Twice the forward: gradients of the inputs and of the weights."""
    return 2 * lstm_flops(*args, **kwargs)


def in_place_product_flops(_into: Sequence[int], one: Sequence[int], other: Sequence[int], **__: Any) -> int:
    """Of `addmm_`, which the counter does not know: `(N, K)` by `(K, M)`."""
    return 2 * one[0] * one[1] * other[1]


MAPPING = {
    torch.ops.aten.addmm_: in_place_product_flops,
    torch.ops.aten.mkldnn_rnn_layer: lstm_flops,
    torch.ops.aten.mkldnn_rnn_layer_backward: lstm_backward_flops,
}


def run_updates(parts: Parts, start: int, count: int) -> list[StepInfo]:
    """Updates `start` + 1 and on, of the first epoch."""
    return list(islice(parts.loop.steps(Position(start, 0, start), lambda _: Pace(1e-4)), count))


def measured(parts: Parts, seconds: float) -> tuple[float, float, float]:
    """(GFLOP/s of the matrix product, GFLOP/s of training, real target tokens/s), medians of rounds taken in turn."""
    rows = []
    for number in range(ROUNDS):
        rate = matrix_rate(1.0)
        start, flops, tokens, spent = COUNTED * number, 0, 0, 0.0
        counter = FlopCounterMode(display=False, custom_mapping=MAPPING)
        with counter:
            run_updates(parts, start, COUNTED)
        counted = counter.get_total_flops()
        while spent < seconds / ROUNDS:
            began = time.perf_counter()
            infos = run_updates(parts, start, COUNTED)
            spent += time.perf_counter() - began
            flops += counted
            tokens += sum(info.tokens for info in infos)
        rate = (rate + matrix_rate(1.0)) / 2
        rows.append((rate, flops / spent / 1e9, tokens / spent))
        print(
            f"round {number + 1}: matrix product {rate:.0f} GFLOP/s, training {rows[-1][1]:.0f} GFLOP/s = {rows[-1][1] / rate:.0%}, "
            f"{rows[-1][2]:,.0f} target tokens/s, {counted / COUNTED / 1e9:.1f} GFLOP an update"
        )
    best = sorted(rows, key=lambda row: row[1] / row[0])
    return best[len(best) // 2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe", type=Path)
    parser.add_argument("overrides", nargs="*")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--root", type=Path, default=Path(tempfile.gettempdir()) / "seqtool-bench")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    recipe: Recipe = load_recipe(args.recipe, args.overrides)
    prepared = prepare(
        recipe.data, recipe.tokenizer, root=args.root, seed=recipe.training.seed, task=recipe.task, threads=args.threads
    )
    if recipe.training.precision == "auto":
        training = recipe.training.model_copy(update={"precision": best_precision("cpu")})
        recipe = recipe.model_copy(update={"training": training})
    parts = assemble(recipe, prepared)
    run_updates(parts, 0, 10)
    print(describe())
    rate, reached, speed = measured(parts, args.seconds)
    print(
        f"median: matrix product {rate:.0f} GFLOP/s, training {reached:.0f} GFLOP/s = {reached / rate:.0%} of it; "
        f"{speed:,.0f} target tokens/s"
    )


if __name__ == "__main__":
    main()
