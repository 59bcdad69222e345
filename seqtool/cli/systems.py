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
    """References, the task, systems, whose lines may take a while, and their source where it is known."""

    task: str
    refs: list[Lines]
    systems: Callable[[], list[Lines]]
    source: Lines | None


def check_combination(
    hyps: Sequence[Path], model: Path | None, src: Path | None, refs: Sequence[Path], baselines: Sequence[str]
) -> None:
    """Raises `UsageError` for options that do not go together."""
    if hyps and not refs:
        raise UsageError("usage.evaluate", "nothing to compare the files with", "seqtool evaluate --ref REF HYP")
    if hyps and model is not None:
        raise UsageError("usage.evaluate", f"both files to score and --model {model}: which is it?", _HINT)
    if hyps and baselines and src is None:
        message = f"--baseline {baselines[0]}: there is no source to take it from"
        raise UsageError("usage.evaluate", message, "add --src SRC, the text that was summarized")
    if not hyps and (src is None) != (not refs):
        raise UsageError("usage.evaluate", f"{'--ref without --src' if refs else '--src without --ref'}", _HINT)
    if [str(path) for path in (*hyps, *refs, *([src] if src else []))].count("-") > 1:
        raise UsageError("usage.evaluate", "- more than once: standard input can be read once", _HINT)


def check_source(known: bool, names: Sequence[str], baselines: Sequence[str], *, files: bool) -> None:
    """Raises `UsageError` when a metric needs a source that is not there, or when one is given with files and nothing looks at it."""
    from seqtool.metrics.score import SOURCE_METRICS

    needing = [name for name in names if name in SOURCE_METRICS]
    if needing and not known:
        message = f"--metrics: {needing[0]} compares with the source, and there is none"
        raise UsageError("usage.evaluate", message, "add --src SRC, the text that was summarized")
    if files and known and not needing and not baselines:
        hint = "it is for --baseline and --metrics summary; to have a model translate it, name no files"
        raise UsageError("usage.evaluate", "both files to score and --src, at which nothing looks", hint)


def from_files(hyps: Sequence[Path], refs: Sequence[Path], src: Path | None, *, summaries: bool) -> Asked:
    """Systems whose output is in files; only who asks can say that they are summaries."""
    from seqtool.evaluation import read_lines

    systems = [read_lines(path) for path in hyps]
    task = "summarization" if summaries else "translation"
    source = None if src is None else read_lines(src)
    return Asked(task, [read_lines(path) for path in refs], lambda: systems, source)


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

    return Asked(translator.task, references, systems, source)
