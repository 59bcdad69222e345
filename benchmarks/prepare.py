"""How fast text becomes a prepared store, and in how much memory.

    python -m benchmarks.prepare [--pairs 100000 1000000] [--corpus data/de-en] [--sample-lines 200000] [--threads 2]

Makes corpora of so many pairs (the training lines of `--corpus`, repeated with one word changed in each), prepares each in a process of
its own, and prints pairs per second end to end, the seconds of each stage, the seconds to open the store again, and the peak of resident
memory. `--corpus` is a folder with `train.de` and `train.en`. Memory must not grow with the pairs: what grows is the tokenizer's sample,
up to `--sample-lines` lines. The tokenizer's seconds include the ids of the first chunk, 20,000 pairs.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from seqtool.recipe.schema import CorpusSection, DataSection, TokenizerSection
from seqtool.text.prepared import prepare

VALID_PAIRS = 1000
VOCAB_SIZE = 8000


def varied(lines: list[str], count: int, seed: int) -> Iterator[str]:
    """`count` lines: these ones again and again, each time with a word from elsewhere in one place."""
    rng = random.Random(seed)
    words = [word for line in lines for word in line.split()]
    for index in range(count):
        line = lines[index % len(lines)].split()
        if index >= len(lines) and line:
            line[rng.randrange(len(line))] = rng.choice(words)
        yield " ".join(line) + "\n"


def write_corpus(source: Path, folder: Path, pairs: int) -> None:
    """`train` of so many pairs and a small `valid`, in `.de` and `.en`."""
    for seed, side in enumerate(("de", "en")):
        lines = (source / f"train.{side}").read_text("utf-8").splitlines()
        with (folder / f"train.{side}").open("w", encoding="utf-8") as stream:
            stream.writelines(varied(lines, pairs, seed))
        with (folder / f"valid.{side}").open("w", encoding="utf-8") as stream:
            stream.writelines(varied(lines, VALID_PAIRS, seed))


def peak_memory() -> int:
    """The most resident memory this process had so far, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage would count what the process that started this one had
        fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(fields["VmHWM"].split()[0]) << 10
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def measure(folder: Path, sample_lines: int, threads: int) -> dict[str, float]:
    """Prepares the corpus of a folder in this process; seconds, and memory in bytes."""

    def section(name: str) -> CorpusSection:
        return CorpusSection(src=str(folder / f"{name}.de"), tgt=str(folder / f"{name}.en"))

    data = DataSection(train=section("train"), valid=section("valid"))
    tok = TokenizerSection(vocab_size=VOCAB_SIZE, sample_lines=sample_lines)
    begun: dict[str, float] = {}
    idle = peak_memory()
    start = time.perf_counter()

    def note(stage: str, _count: int) -> None:
        begun.setdefault(stage, time.perf_counter() - start)

    def open_store() -> int:
        store = prepare(data, tok, root=folder, seed=1, task="translation", threads=threads, progress=note)
        return store.ledger.read

    pairs = open_store()
    seconds = time.perf_counter() - start
    again = time.perf_counter()
    open_store()
    return {
        "pairs": pairs,
        "seconds": seconds,
        "fingerprint": begun["tokenizer"],
        "tokenizer": begun["train"] - begun["tokenizer"],
        "ids": seconds - begun["train"],
        "open": time.perf_counter() - again,
        "idle": idle,
        "peak": peak_memory(),
    }


def measured(source: Path, pairs: int, sample_lines: int, threads: int) -> dict[str, float]:
    """`measure` in a fresh process."""
    with tempfile.TemporaryDirectory() as folder:
        write_corpus(source, Path(folder), pairs)
        command = [sys.executable, __file__, "--measure", folder]
        command += ["--sample-lines", str(sample_lines), "--threads", str(threads)]
        found: dict[str, float] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
        return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, nargs="+", default=[100_000])
    parser.add_argument("--corpus", type=Path, default=Path(__file__).parents[1] / "data" / "de-en")
    parser.add_argument("--sample-lines", type=int, default=TokenizerSection().sample_lines)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure is not None:
        print(json.dumps(measure(options.measure, options.sample_lines, options.threads)))
        return

    from benchmarks.machine import describe, matrix_rate  # torch, which would be in the memory of what is measured

    print(f"{describe()}; matrix product {matrix_rate():.0f} GFLOP/s")
    print(
        f"{'pairs':>10} {'pairs/s':>9} {'seconds':>8}  = fingerprint + tokenizer + ids {'open':>6} {'peak MB':>8} {'idle':>5}"
    )
    for pairs in options.pairs:
        row = measured(options.corpus, pairs, options.sample_lines, options.threads)
        stages = f"{row['fingerprint']:>13.2f} {row['tokenizer']:>11.2f} {row['ids']:>5.2f}"
        memory = f"{row['peak'] / 1e6:>8.0f} {row['idle'] / 1e6:>5.0f}"
        print(
            f"{row['pairs']:>10,.0f} {row['pairs'] / row['seconds']:>9,.0f} {row['seconds']:>8.1f} {stages} {row['open']:>6.2f} {memory}"
        )


if __name__ == "__main__":
    main()
