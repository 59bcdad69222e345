"""Translations as lines of bytes, and what to tell about them afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from seqtool.cli.terminal import Reporter

if TYPE_CHECKING:
    from seqtool.text.lines import LineReader
    from seqtool.translation import Translation
    from seqtool.translator import Translator

Formatter = Callable[[int, "Translation"], str]


def _text(_number: int, found: Translation) -> str:
    return found.text


def _tsv(_number: int, found: Translation) -> str:
    """Text and score; with several hypotheses these two columns again for each."""
    return "\t".join(f"{one.text}\t{one.score:.6f}" for one in found.outputs)


def _jsonl(number: int, found: Translation) -> str:
    hypotheses = [{"text": one.text, "score": one.score, "log_prob": one.log_prob} for one in found.outputs]
    facts = {"line": number, "src": found.src, "text": found.text, "score": found.score, "hypotheses": hypotheses}
    return json.dumps(facts, ensure_ascii=False)


FORMATTERS: dict[str, Formatter] = {"text": _text, "tsv": _tsv, "jsonl": _jsonl}


def translated_lines(translator: Translator, readers: Sequence[LineReader], form: str) -> Iterator[bytes]:
    """The output lines of what can be read without waiting, and so on until the end of the last reader."""
    write = FORMATTERS[form]
    number = 0
    for reader in readers:
        while window := reader.poll_lines(translator.window_lines):
            lines = []
            for found in translator.translate_window(window):
                number += 1
                lines.append(write(number, found) + "\n")
            yield "".join(lines).encode("utf-8", "replace")


def report(reporter: Reporter, translator: Translator, readers: Sequence[LineReader]) -> None:
    """One warning for each kind of trouble that lines had."""
    counts = translator.counts
    invalid = sum(reader.invalid for reader in readers)
    if invalid:
        reporter.warning(f"{_lines(invalid)} with invalid UTF-8, read as U+FFFD (--strict stops there)")
    longest = f"longer than the {translator.max_src_tokens} tokens the model knows"
    if counts.split:
        reporter.warning(f"{_lines(counts.split)} {longest}: translated in parts")
    if counts.cut:
        reporter.warning(f"{_lines(counts.cut)} {longest}: cut")


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count:,} lines"
