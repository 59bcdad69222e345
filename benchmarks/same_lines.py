"""Whether a line's text depends on its neighbours: a file in batches of 64, 7 and 1 and shuffled, in both runtimes and precisions.

    python -m benchmarks.same_lines MODEL SRC [--threads 2]

Prints for each how many lines differ from those of batches of 64, and how many of ONNX Runtime in fp32 differ from torch.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from pathlib import Path

from seqtool.translator import Translator


def texts(translator: Translator, lines: Sequence[str], batch_size: int) -> list[str]:
    """What it says of each line."""
    return [one.text for one in translator.with_search(batch_size=batch_size).translate(lines)]


def shuffled(translator: Translator, lines: Sequence[str]) -> list[str]:
    """The same, of lines in another order, put back into this one."""
    order = random.Random(3).sample(range(len(lines)), len(lines))
    found = dict(zip(order, texts(translator, [lines[place] for place in order], 64), strict=True))
    return [found[place] for place in range(len(lines))]


def differing(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines are not the same."""
    return sum(a != b for a, b in zip(one, other, strict=True))


def main() -> None:
    """Translates and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("src", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    lines = options.src.read_text("utf-8").split("\n")[:-1]
    said = {}
    for name, engine in (
        ("onnx fp32", {"precision": "fp32"}),
        ("onnx int8", {"precision": "int8"}),
        ("torch", {"runtime": "torch"}),
    ):
        translator = Translator.load(options.model, threads=options.threads, **engine)
        said[name] = texts(translator, lines, 64)
        counts = [f"batches of {size}: {differing(texts(translator, lines, size), said[name])}" for size in (7, 1)]
        counts.append(f"shuffled: {differing(shuffled(translator, lines), said[name])}")
        print(f"{name}, {len(lines):,} lines, differing from batches of 64: {', '.join(counts)}", flush=True)
    print(f"onnx fp32 against torch: {differing(said['onnx fp32'], said['torch'])} differ")


if __name__ == "__main__":
    main()
