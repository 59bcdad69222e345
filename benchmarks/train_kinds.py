"""How fast each kind of layer trains beside the LSTM, at equal parameters: the same data, batches, threads and embedding, in turn.

    python -m benchmarks.train_kinds --data DIR [--rounds 3] [--updates 20] [--threads 2] [--kinds gru transformer ...] \
        [--precisions fp32 bf16]

DIR holds `train` and `val`, each as `.de` and `.en` (Multi30k). One kind is on both sides; the LSTM, to which the others are compared, is
always measured. 8,000 joint pieces, one table of vectors of 256 for source, target and output, attention of 4 heads, dropout 0.2, label
smoothing 0.1, fp32, batches of 2,048 padded tokens.

lstm: 2 bidirectional layers of 192 + 192 read, 2 layers of 384 write. gru: the same layers, a little wider. The others: 3 + 3 blocks of
256, which all end in a feed-forward part. The width of the GRU and the inner size of that part are chosen so that the whole model has the
LSTM's number of parameters, within 2 %. The attention is as wide as the decoder; a recurrent decoder has one, and each block its own.

Speed is in real target tokens a second: with eos, without bos and padding. A turn is one update that is left out and so many `--updates`
that are timed, collating included; in a round all kinds take the same batches. Medians of the rounds, and the slowest and fastest; ratios
are taken in each round. The matrix product is measured before and after each turn.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from statistics import median

import torch

from benchmarks.machine import describe, matrix_rate
from seqtool.models.build import build_model
from seqtool.recipe.model_schema import ModelSection
from seqtool.recipe.schema import Recipe
from seqtool.text.prepared import Prepared, prepare
from seqtool.training.allocator import keep_few_kernels, keep_freed_memory
from seqtool.training.assemble import Parts, assemble
from seqtool.training.loop import Pace, Position

REFERENCE = "lstm"
KINDS = ("lstm", "gru", "transformer", "conv", "sru", "ssru", "mingru", "minlstm")
VOCAB_SIZE = 8000
TOLERANCE = 0.02
LARGEST = 4096


def model_section(encoder: dict[str, object], decoder: dict[str, object]) -> ModelSection:
    """What all models share, around these layers."""
    shared = {"embedding": 256, "tie": "all", "attention": {"kind": "multi_head", "heads": 4}}
    dropout = {"embedding": 0.2, "layer": 0.2, "output": 0.2}
    return ModelSection.model_validate({**shared, "dropout": dropout, "encoder": encoder, "decoder": decoder})


def recurrent(kind: str, size: int) -> ModelSection:
    """2 + 2 layers; `size` is both directions' together, and the decoder's."""
    encoder = {"kind": kind, "layers": 2, "hidden": size // 2, "bidirectional": True}
    return model_section(encoder, {"kind": kind, "layers": 2, "hidden": size})


def blocks(kind: str, size: int) -> ModelSection:
    """3 + 3 blocks of 256; `size` is the feed-forward part's."""
    part: dict[str, object] = {"kind": kind, "layers": 3, "hidden": 256, "feed_forward": size}
    return model_section(part, dict(part))


def parameters(section: ModelSection, vocab: int) -> int:
    """Of the whole model, which is not built for that."""
    with torch.device("meta"):
        return sum(parameter.numel() for parameter in build_model(section, vocab, vocab).parameters())


def matching_size(count: Callable[[int], int], target: int) -> int:
    """The multiple of 8 up to `LARGEST` whose count, which must grow with it, is nearest to the target. Raises `ValueError` where that is
    further off than `TOLERANCE`."""
    low, high = 8, LARGEST
    while high - low > 8:
        middle = (low + high) // 16 * 8
        low, high = (middle, high) if count(middle) <= target else (low, middle)
    best = min((low, high), key=lambda size: abs(count(size) - target))
    if abs(count(best) - target) > TOLERANCE * target:
        raise ValueError(f"no size from 8 to {LARGEST} gives about {target:,} parameters: {best} gives {count(best):,}")
    return best


def section_of(kind: str, vocab: int) -> tuple[ModelSection, str]:
    """A kind's model with about as many parameters as the LSTM, and its layers in words."""
    reference = recurrent(REFERENCE, 384)
    if kind == REFERENCE:
        return reference, "2 + 2, 384 wide"
    make = recurrent if kind == "gru" else blocks
    size = matching_size(lambda size: parameters(make(kind, size), vocab), parameters(reference, vocab))
    return make(kind, size), f"2 + 2, {size} wide" if kind == "gru" else f"3 + 3, 256 wide, {size} inner"


@dataclass
class Entry:
    """A kind and its measurements, a round at a time: real target tokens/s, and GFLOP/s of the matrix product beside it."""

    kind: str
    sizes: str
    parts: Parts
    speeds: list[float] = field(default_factory=list)
    gflops: list[float] = field(default_factory=list)

    @property
    def parameters(self) -> int:
        return sum(parameter.numel() for parameter in self.parts.model.parameters())


def recipe_of(data: Path, threads: int, model: ModelSection, precision: str) -> Recipe:
    def corpus(name: str) -> dict[str, str]:
        return {"src": str(data / f"{name}.de"), "tgt": str(data / f"{name}.en")}

    training = {
        "batch_tokens": 2048,
        "label_smoothing": 0.1,
        "device": "cpu",
        "precision": precision,
        "threads": threads,
    }
    return Recipe.model_validate(
        {
            "data": {"train": corpus("train"), "valid": corpus("val")},
            "tokenizer": {"vocab_size": VOCAB_SIZE},
            "model": model,
            "training": training,
        }
    )


def prepared_data(recipe: Recipe, root: Path) -> Prepared:
    """The store that all kinds read."""
    threads = recipe.training.threads or 1
    return prepare(
        recipe.data, recipe.tokenizer, root=root, seed=recipe.training.seed, task=recipe.task, threads=threads
    )


def turn(parts: Parts, number: int, updates: int) -> float:
    """Real target tokens/s of so many updates, after one that is left out; the round's `number`, from 0, decides the batches."""
    start = number * (updates + 1)
    steps = parts.loop.steps(Position(start, 0, start), lambda _: Pace(1e-4))
    next(steps)
    began = time.perf_counter()
    tokens = sum(info.tokens for info in islice(steps, updates))
    return tokens / (time.perf_counter() - began)


def run_round(entries: Sequence[Entry], number: int, updates: int) -> None:
    """Every kind once, with the matrix product before and after each."""
    before = matrix_rate()
    for entry in entries:
        entry.speeds.append(turn(entry.parts, number, updates))
        after = matrix_rate()
        entry.gflops.append((before + after) / 2)
        print(
            f"  {entry.kind:<16} {entry.speeds[-1]:>7,.0f} target tokens/s, matrix product {before:.0f} and {after:.0f} GFLOP/s",
            flush=True,
        )
        before = after


def spread(values: Sequence[float], digits: int = 0) -> str:
    """Median, least and greatest."""
    return f"{median(values):,.{digits}f} ({min(values):,.{digits}f}-{max(values):,.{digits}f})"


def table(entries: Sequence[Entry]) -> str:
    """All rounds together; the first entry is what the others are compared to."""
    rows = [("kind", "layers", "parameters", "target tokens/s", f"times {entries[0].kind}", "GFLOP/s beside it")]
    for entry in entries:
        ratios = [own / other for own, other in zip(entry.speeds, entries[0].speeds, strict=True)]
        measured = (spread(entry.speeds), spread(ratios, 2), spread(entry.gflops))
        rows.append((entry.kind, entry.sizes, f"{entry.parameters:,}", *measured))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--updates", type=int, default=20)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    parser.add_argument("--precisions", nargs="+", choices=("fp32", "bf16"), default=("fp32",))
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    keep_few_kernels()
    keep_freed_memory()
    print(describe())
    entries = []
    with tempfile.TemporaryDirectory() as root:
        for kind in [REFERENCE, *(kind for kind in KINDS if kind != REFERENCE and kind in options.kinds)]:
            section, sizes = section_of(kind, VOCAB_SIZE)
            for precision in options.precisions:
                recipe = recipe_of(options.data.resolve(), options.threads, section, precision)
                name = kind if precision == "fp32" else f"{kind} {precision}"
                entries.append(Entry(name, sizes, assemble(recipe, prepared_data(recipe, Path(root)))))
                print(f"  {name:<16} {sizes:<28} {entries[-1].parameters:,} parameters", flush=True)
        for number in range(options.rounds):
            print(f"round {number + 1}")
            run_round(entries, number, options.updates)
    print(table(entries))


if __name__ == "__main__":
    main()
