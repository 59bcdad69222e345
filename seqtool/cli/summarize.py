"""`seqtool summarize`."""

from __future__ import annotations

from functools import wraps
from typing import Any

from seqtool.cli.translate import translate


@wraps(translate, assigned=("__annotations__",))
def summarize(**typed: Any) -> None:
    """Example: seqtool summarize -m runs/news < articles.txt > summaries.txt

    Summarizes text: one document a line in, one summary a line out, in order. With --format jsonl --field body, an object a line in, and
    the same with its summary out.
    """
    translate(**typed)
