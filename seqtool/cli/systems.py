"""Which systems `seqtool evaluate` is asked about: files, or a model that first has to translate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from seqtool.cli.terminal import Reporter
from seqtool.errors import UsageError

if TYPE_CHECKING:
    from seqtool.evaluation import Lines
    from seqtool.translator import Translator

_HINT = "seqtool evaluate --help"


@dataclass(frozen=True)
class Asked:
    """References, the task, and systems, whose lines may take a while."""

    task: str
    refs: list[Lines]
    systems: Callable[[], list[Lines]]


def check_combination(hyps: Sequence[Path], model: Path | None, src: Path | None, refs: Sequence[Path]) -> None:
    """Raises `UsageError` for options that do not go together."""
    if hyps and not refs:
        raise UsageError("usage.evaluate", "nothing to compare the files with", "seqtool evaluate --ref REF HYP")
    for name, value in (("--model", model), ("--src", src)):
        if hyps and value is not None:
            raise UsageError("usage.evaluate", f"both files to score and {name} {value}: which is it?", _HINT)
    if not hyps and (src is None) != (not refs):
        raise UsageError("usage.evaluate", f"{'--ref without --src' if refs else '--src without --ref'}", _HINT)
    if [str(path) for path in (*hyps, *refs, *([src] if src else []))].count("-") > 1:
        raise UsageError("usage.evaluate", "- more than once: standard input can be read once", _HINT)


def from_files(hyps: Sequence[Path], refs: Sequence[Path]) -> Asked:
    """Systems whose output is in files."""
    from seqtool.evaluation import read_lines

    systems = [read_lines(path) for path in hyps]
    return Asked("translation", [read_lines(path) for path in refs], lambda: systems)


def from_model(path: Path, translator: Translator, src: Path | None, refs: Sequence[Path], reporter: Reporter) -> Asked:
    """A model, on given files or on the test set of its recipe."""
    from seqtool.evaluation import Lines, read_lines, recipe_set

    if src is None:
        source, ref = recipe_set(path, "test")
        references = [ref]
    else:
        source, references = read_lines(src), [read_lines(one) for one in refs]

    def systems() -> list[Lines]:
        hyps = []
        for done, found in enumerate(translator.translate(source.lines), 1):
            hyps.append(found.text)
            if done % 100 == 0:
                reporter.line(f"{done:,} of {len(source.lines):,} lines")
        reporter.line("")
        return [Lines(str(path), hyps)]

    return Asked(translator.task, references, systems)
