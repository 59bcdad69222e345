"""How fast seqtool trains beside JoeyNMT and OpenNMT-py: the same sizes, text, pieces and threads, in turn within the same minutes.

    python -m benchmarks.train_peers --data DIR [--model rnn] [--joey-python PYTHON] [--onmt-bin ONMT_TRAIN]
                                    [--rounds 2] [--updates 5] [--threads 2]

DIR holds `train` and `val`, each as `.de` and `.en` (Multi30k). The joint 8,000 pieces are seqtool's, given to all. Each peer has a virtual
environment of its own, and one that is not named is left out:

    pip install torch==2.13.0
    pip install joeynmt==2.3.0 importlib_metadata sentencepiece==0.2.0

    pip install torch==2.13.0
    pip install --no-deps OpenNMT-py==3.5.1
    pip install configargparse ctranslate2 tensorboard flask waitress pyonmttok pyyaml sacrebleu rapidfuzz pyahocorasick six
    pip install sentencepiece spacy fasttext-wheel

Two models, each by `--model`, both with Adam in fp32, and seqtool in bf16 as well where the processor can. Their settings in each program's
words are in `benchmarks.peer_models`:

rnn: one BiLSTM layer 256 + 256, an LSTM decoder of 512, embeddings of 256 not tied, additive attention, dropout 0.3. The peers feed the
attention's result back into the next step. seqtool is measured with that (`input_feeding`: the same mathematics) and without (its default:
one fused pass over all target positions, the same sizes).

transformer: 3 + 3 layers of 256 with 4 heads and 1,024 inner units, one table of vectors for source, target and output, dropout 0.2, label
smoothing 0.1.

Speed is what each program logs, in real target tokens a second: with eos, without bos and padding, which is what all three count. Batches
are made in that time (JoeyNMT also cuts its text into pieces then), text is read before it. A round measures so many `--updates` of JoeyNMT
after one that is left out, and multiples of both, in about the same time, of the others. Peak memory is the process's, to its end.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch

from benchmarks.machine import describe, matrix_rate
from benchmarks.peer_models import BF16, JOEY, OPENNMT, SEQTOOL, ModelName
from benchmarks.peers import Contestant, Plan, Window, joey, opennmt, prepare_text, seqtool
from seqtool.training.device import multiplies_in_bf16


@dataclass
class Tally:
    """Everything measured of one contestant, a round at a time: tokens/s in `speeds`, `peak` in MiB, `gflops` of the machine beside it."""

    updates: int = 0
    tokens: float = 0.0
    seconds: float = 0.0
    peak: float = 0.0
    gflops: float = 0.0
    speeds: list[float] = field(default_factory=list)


def run(contestant: Contestant, plan: Plan) -> tuple[list[Window], float]:
    """Trains in a process of its own; its windows, and its peak memory in MiB (at least what this process had when it started it)."""
    output = plan.root / "output.log"
    threads = str(plan.threads)
    env = {**os.environ, "OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads}
    with output.open("w", encoding="utf-8") as stream:
        process = subprocess.Popen(contestant.command, stdout=stream, stderr=stream, env=env, cwd=plan.root)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    windows = contestant.read(output) if process.returncode == 0 else []
    if not windows:
        tail = "\n".join(output.read_text("utf-8").splitlines()[-20:])
        raise SystemExit(f"{contestant.name} ended with {process.returncode} and logged no speed:\n{tail}")
    shutil.rmtree(contestant.folder)
    return windows, usage.ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def run_round(plan: Plan, contestants: Sequence[Contestant], tallies: dict[str, Tally]) -> None:
    """Everyone once, with the matrix product before and after each."""
    before = matrix_rate()
    for contestant in contestants:
        windows, peak = run(contestant, plan)
        after = matrix_rate()
        tokens, seconds = sum(window.tokens for window in windows), sum(window.seconds for window in windows)
        updates, gflops = len(windows) * contestant.every, (before + after) / 2
        tally = tallies.setdefault(contestant.name, Tally())
        tally.updates += updates
        tally.tokens += tokens
        tally.seconds += seconds
        tally.peak = max(tally.peak, peak)
        tally.gflops += gflops
        tally.speeds.append(tokens / seconds)
        print(
            f"  {contestant.name:<24} {tokens / seconds:>7,.0f} target tokens/s in {seconds:.0f} s, {tokens / updates:,.0f} an update, "
            f"peak {peak:,.0f} MiB, matrix product {gflops:.0f} GFLOP/s",
            flush=True,
        )
        before = after


def spread(values: Sequence[float], digits: int) -> str:
    return f"{min(values):,.{digits}f}-{max(values):,.{digits}f}"


def report(tallies: Mapping[str, Tally]) -> None:
    """All rounds together, and how many times faster seqtool is, by round."""
    print("all rounds")
    for name, tally in tallies.items():
        print(
            f"  {name:<24} {tally.tokens / tally.seconds:>7,.0f} target tokens/s ({spread(tally.speeds, 0)}), "
            f"{tally.tokens / tally.updates:,.0f} an update, peak {tally.peak:,.0f} MiB, "
            f"matrix product {tally.gflops / len(tally.speeds):.0f} GFLOP/s"
        )
    ours = [name for name in tallies if name.startswith("seqtool")]
    for peer in [name for name in tallies if name not in ours]:
        for own in ours:
            ratios = [mine / other for mine, other in zip(tallies[own].speeds, tallies[peer].speeds, strict=True)]
            total = tallies[own].tokens / tallies[own].seconds / (tallies[peer].tokens / tallies[peer].seconds)
            print(f"  {own} is {total:.1f} ({spread(ratios, 1)}) times as fast as {peer}")


def contestants_of(plan: Plan, model: ModelName, python: str | None, onmt_train: str | None) -> list[Contestant]:
    """Everyone who trains this model, seqtool first; in bfloat16 where the processor has products in it."""
    left_out = () if multiplies_in_bf16() else (BF16,)
    own = [(name, settings) for name, settings in SEQTOOL[model].items() if name not in left_out]
    found = [seqtool(plan, name, settings) for name, settings in own]
    found += [joey(plan, JOEY[model], python)] if python else []
    found += [opennmt(plan, OPENNMT[model], onmt_train)] if onmt_train else []
    return found


def program(parser: argparse.ArgumentParser, name: str | None) -> str | None:
    """Where a program is; links stay, because a virtual environment's Python is one."""
    if name is None:
        return None
    found = shutil.which(name)
    if found is None:
        parser.error(f"{name} is no program")
    return str(Path(found).absolute())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", choices=list(SEQTOOL), default="rnn")
    parser.add_argument("--joey-python")
    parser.add_argument("--onmt-bin")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--updates", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    python, onmt_train = program(parser, options.joey_python), program(parser, options.onmt_bin)
    torch.set_num_threads(options.threads)
    print(f"{options.model}; {describe()}")
    tallies: dict[str, Tally] = {}
    with tempfile.TemporaryDirectory() as root:
        for number in range(1, options.rounds + 1):
            plan = Plan(options.data.resolve(), Path(root), number, options.threads, options.updates + 1)
            prepare_text(plan)
            print(f"round {number}")
            run_round(plan, contestants_of(plan, options.model, python, onmt_train), tallies)
    report(tallies)


if __name__ == "__main__":
    main()
