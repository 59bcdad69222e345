"""Writes the synthetic corpora next to this file.

    python data/generate.py               writes data/de-en/ and data/reports/
    python data/generate.py --out DIR     writes them under DIR
    python data/generate.py --check       compares what is there with what would be written

The output is the same, byte for byte, on every machine.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from generator import corpora


def main() -> int:
    """Runs the command; the exit status is 1 where --check finds a difference."""
    parser = argparse.ArgumentParser(description="Write the synthetic corpora.")
    parser.add_argument(
        "--out", type=Path, default=Path(__file__).parent, help="folder to write to (default: this one)"
    )
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    arguments = parser.parse_args()
    files = corpora.files()
    if arguments.check:
        different = corpora.differences(files, arguments.out)
        for name in different:
            print(
                f"{arguments.out / name} is not what the generator writes; run `python data/generate.py`",
                file=sys.stderr,
            )
        return 1 if different else 0
    for path in corpora.write(files, arguments.out):
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
