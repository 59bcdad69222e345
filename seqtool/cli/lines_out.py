"""Outputs as lines of bytes, and what to tell about them on the way and afterwards."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from seqtool.cli.terminal import Reporter
from seqtool.cli.trade import Trade
from seqtool.errors import UsageError
from seqtool.text.alignment import pharaoh
from seqtool.text.lines import json_line

if TYPE_CHECKING:
    from seqtool.cli.lines_in import Input
    from seqtool.resumable import Resumable
    from seqtool.text.records import Record
    from seqtool.translation import Output, Translation
    from seqtool.translator import Translator

Formatter = Callable[[int, "Translation", "Record"], str]


def _text(_number: int, found: Translation, _record: Record) -> str:
    return found.text


def _tsv(_number: int, found: Translation, _record: Record) -> str:
    """Text and score, with details the alignment, too; with several hypotheses these columns again for each."""
    return "\t".join(_columns(one) for one in found.outputs)


def _columns(one: Output) -> str:
    columns = [one.text.replace("\t", " "), f"{one.score:.6f}"]
    return "\t".join([*columns, *([] if one.links is None else [pharaoh(one.links)])])


def _jsonl(number: int, found: Translation, record: Record) -> str:
    """The fields of the input, and ours, which win where both have one."""
    hypotheses = [_object(one) for one in found.outputs]
    facts = {"line": number, "src": found.src, "text": found.text, "score": found.score, "hypotheses": hypotheses}
    return json_line({**record.fields, **facts})


def _object(one: Output) -> dict[str, object]:
    facts: dict[str, object] = {"text": one.text, "score": one.score, "log_prob": one.log_prob}
    if one.tokens:
        facts["tokens"] = [[piece, log_prob] for piece, log_prob in one.tokens]
    if one.links is not None:
        facts["alignment"] = pharaoh(one.links)
    if one.attention is not None:
        facts["attention"] = [[round(weight, 4) for weight in row] for row in one.attention.tolist()]
    return facts


FORMATTERS: dict[str, Formatter] = {"text": _text, "tsv": _tsv, "jsonl": _jsonl}


def form_of(line: bytes) -> str:
    """Which of them wrote a line: text and JSON never have a tab, and hardly any text is such an object."""
    if b"\t" in line:
        return "tsv"
    return "jsonl" if line.startswith(b'{"') and line.endswith(b"}") and b'"hypotheses": [' in line else "text"


@dataclass(frozen=True)
class Lines:
    """Lines to translate, and what is written of each: `form` is a name of `FORMATTERS`, and every output begins with `prefix`."""

    translator: Translator
    given: Input
    form: str
    prefix: str = ""

    def blocks(self, skip: int = 0) -> Iterator[bytes]:
        """The output of what can be read without waiting, and so on until the end, without the first `skip` lines."""
        write = FORMATTERS[self.form]
        number = self.translator.counts.lines = self.given.first + skip
        for records in self.given.windows(self.translator.window_lines, skip):
            prefixes = [self.prefix] * len(records) if self.prefix else None
            found = self.translator.translate_window([one.text for one in records], prefixes)
            lines = [write(number + place, *pair) for place, pair in enumerate(zip(found, records, strict=True), 1)]
            number += len(lines)
            yield "".join(f"{line}\n" for line in lines).encode()


def write_all(lines: Lines, reporter: Reporter, output: Path | None, *, resume: bool) -> None:
    """Translates and writes everything, to standard output without `output`; with `resume`, what that lacks. Raises `ResourceError`, and
    `UsageError` for an output that is not of the same input and format."""
    from seqtool.resumable import resumable_output

    total = lines.given.total
    with ExitStack() as stack:
        if output is None:
            _write(lines.blocks(), sys.stdout.buffer, Pace(reporter, total))
            _warn_of_terms(lines, reporter)
            return
        writer = stack.enter_context(resumable_output(output, resume=resume))
        done = writer.lines_done
        _check_form(output, writer, lines.form)
        if writer.complete:
            _check_end(output, done, lines)
            reporter.info(f"{output} is complete: {done:,} lines of an earlier command; nothing was done")
            return
        if writer.lines_dropped:
            told = f"{output}.partial had {_lines(writer.lines_dropped)} of an earlier run"
            reporter.warning(f"{told}: begun anew, where --resume would have gone on")
        _write(lines.blocks(done), writer, Pace(reporter, None if total is None else total - done))
        if not done:  # the terms may be in what was translated before
            _warn_of_terms(lines, reporter)


def _check_form(output: Path, writer: Resumable, form: str) -> None:
    """Raises `UsageError` where the lines that are there have another format."""
    if writer.first_line is None or form_of(writer.first_line) == form:
        return
    what = output if writer.complete else f"{output}.partial"
    raise UsageError(
        "usage.resume",
        f"{what} was written with --format {form_of(writer.first_line)}, not {form}",
        "give the same --format as before, or leave out --resume to begin anew",
    )


def _check_end(output: Path, done: int, lines: Lines) -> None:
    """Raises `UsageError` where a finished output has not as many lines as the input; nothing is translated."""
    total = lines.given.total or 0
    for window in lines.given.windows(lines.translator.window_lines, done):
        more = f"{total:,}" if total > done else f"{done + len(window):,} or more"
        raise UsageError(
            "usage.resume",
            f"{output} is there, with {_lines(done)}, and the input has {more}: it is of another input, or that has grown since",
            f"remove {output}, or leave out --resume, to begin anew",
        )


def _write(blocks: Iterator[bytes], out: BinaryIO | Resumable, pace: Pace) -> None:
    for block in blocks:
        out.write(block)
        out.flush()
        pace.add(block.count(b"\n"))
    pace.end()


class Pace:
    """The live line: how many lines are done, how fast, and how long the rest takes where the end is known."""

    def __init__(self, reporter: Reporter, total: int | None) -> None:
        self._reporter, self._total = reporter, total
        self._done, self._since, self._shown = 0, time.monotonic(), 0.0

    def add(self, lines: int) -> None:
        """Counts lines, and shows the line anew twice a second."""
        self._done += lines
        now = time.monotonic()
        if now - self._shown < 0.5:
            return
        self._shown = now
        speed = self._done / max(now - self._since, 1e-9)
        told = f"{self._done:,} lines, {speed:,.0f} lines/s"
        if self._total is not None and speed:
            told += f", {max(0, self._total - self._done) / speed:,.0f} s left"
        self._reporter.line(told)

    def end(self) -> None:
        """Takes the line away."""
        self._reporter.line("")


def report(reporter: Reporter, trade: Trade, translator: Translator, invalid: int, model: str = "") -> None:
    """One warning for each kind of trouble that lines had; `invalid` were not UTF-8. A `model` is named where there may be several."""
    counts, of_model = translator.counts, f"{model}: " if model else ""
    warn_invalid(reporter, invalid, " (--strict stops there)")
    longest = f"longer than the {translator.max_src_tokens} tokens the model knows"
    if translator.others:
        longest = "longer than all models know"
    if counts.split:
        reporter.warning(f"{of_model}{_lines(counts.split)} {longest}: {trade.done} in parts")
    if counts.cut:
        reporter.warning(f"{of_model}{_lines(counts.cut)} {longest}: cut")
    if counts.loops:
        reporter.warning(
            f"{of_model}{_lines(counts.loops)} ran in circles: {trade.done} again without repeated n-grams"
        )


def _warn_of_terms(lines: Lines, reporter: Reporter) -> None:
    """Where nothing of a glossary was in the text that was read: its columns may be the other way round."""
    glossary, counts = lines.translator.glossary, lines.translator.counts
    if glossary is None or counts.terms or counts.lines - lines.given.first <= counts.blank:
        return
    terms = "the one term is not" if len(glossary) == 1 else f"none of the {len(glossary):,} terms is"
    reporter.warning(
        f"--glossary: {terms} in the input; each line is a source phrase, a tab and its target, and case matters"
    )


def warn_invalid(reporter: Reporter, invalid: int, remedy: str = "") -> None:
    """One warning for all lines that were not UTF-8."""
    if invalid:
        reporter.warning(f"{_lines(invalid)} with invalid UTF-8, read as U+FFFD{remedy}")


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count:,} lines"
