"""How long `seqtool check` takes for a large corpus, on one core, and how much memory.

    python -m benchmarks.check [--pairs 300000] [--corpus FOLDER]

Makes a corpus of so many pairs from `train.de` and `train.en` in FOLDER (by default the shipped one; see `benchmarks/prepare.py` for how),
and checks it in a process of its own with one thread. Prints seconds on the clock and of the processor, pairs a second, and the most
resident memory. The small validation set is the beginning of training, so the check ends with exit code 3.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.prepare import write_corpus

_RECIPE = """\
data:
  train: {src: train.de, tgt: train.en}
  valid: {src: valid.de, tgt: valid.en}
"""


def measured(source: Path, pairs: int) -> tuple[float, float, float, int]:
    """Seconds on the clock, seconds of the processor, MB of memory, and the exit code."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_corpus(source, folder, pairs)
        (folder / "recipe.yaml").write_text(_RECIPE, "utf-8")
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "seqtool", "check", str(folder / "recipe.yaml"), "--json"],
            env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            capture_output=True,
        )
        seconds = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (
        seconds,
        used.ru_utime + used.ru_stime,
        used.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6,
        done.returncode,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, nargs="+", default=[300_000])
    parser.add_argument("--corpus", type=Path, default=Path(__file__).parents[1] / "data" / "de-en")
    options = parser.parse_args()

    rows = []
    for pairs in options.pairs:
        rows.append((pairs, *measured(options.corpus, pairs)))  # before torch, whose memory a child would begin with

    from benchmarks.machine import describe, matrix_rate

    print(f"{describe()}; matrix product {matrix_rate():.0f} GFLOP/s")
    print(f"{'pairs':>10} {'seconds':>8} {'processor':>9} {'pairs/s':>8} {'peak MB':>8} {'exit':>5}")
    for pairs, seconds, processor, memory, code in rows:
        print(f"{pairs:>10,} {seconds:>8.1f} {processor:>9.1f} {pairs / seconds:>8,.0f} {memory:>8,.0f} {code:>5}")


if __name__ == "__main__":
    main()
