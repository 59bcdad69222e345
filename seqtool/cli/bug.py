"""The report of a bug in seqtool: a file with everything, and one line for the screen."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import traceback

from seqtool import __version__
from seqtool.cli.terminal import inert


def write_report(error: BaseException) -> str:
    """Writes the traceback to a file in the temporary directory; returns what to show."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""  # noqa: PTH119 a name, not a file
    what = " ".join(f"{type(error).__name__}: {error}".split())
    try:
        descriptor, name = tempfile.mkstemp(prefix="seqtool-bug-", suffix=".txt")
        with open(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:  # noqa: PTH123 a descriptor, not a path
            file.write(_report(error))
    except OSError as refused:
        return f"{what}{place}; details could not be written: {refused.strerror}"
    return f"{what}{place}; details in {name}"


def _report(error: BaseException) -> str:
    facts = (
        f"seqtool {__version__}, Python {platform.python_version()}, {platform.platform()}",
        f"arguments: {sys.argv[1:]}",
        "",
        "".join(traceback.format_exception(error)),
    )
    return inert("\n".join(facts))
