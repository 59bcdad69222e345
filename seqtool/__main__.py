"""`python -m seqtool`, and the console script."""

from __future__ import annotations

import sys


def main() -> None:
    """Runs the command line and ends the process with its exit code."""
    try:
        from seqtool.cli.app import app
        from seqtool.cli.errors import run
    except KeyboardInterrupt:  # somebody is quick: nothing has begun
        sys.exit(130)
    sys.exit(run(app, sys.argv[1:]))


if __name__ == "__main__":
    main()
