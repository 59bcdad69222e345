"""Which systems `seqtool evaluate` is asked about, files and models that first have to translate, and what they are scored on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from seqtool.cli.options import choose_model
from seqtool.cli.terminal import Reporter
from seqtool.errors import UsageError

if TYPE_CHECKING:
    from seqtool.evaluation import Gold, Lines
    from seqtool.runtime.open import Precision, RuntimeName
    from seqtool.translator import Translator

_HINT = "seqtool evaluate --help"
# Options for a model that translates, with their defaults.
_TRANSLATING = {
    "--beam-size": None,
    "--batch-size": None,
    "--runtime": None,
    "--precision": "fp32",
    "--device": "cpu",
    "--threads": None,
}


@dataclass(frozen=True)
class Given:
    """What was typed: outputs, models, and the test set, as text files or in JSON lines."""

    hyps: list[Path]
    models: list[Path]
    src: Path | None
    refs: list[Path]
    jsonl: Path | None
    src_field: str | None
    ref_fields: list[str]

    @property
    def own_set(self) -> bool:
        """Whether a test set was named; else it is the one of the first model's recipe."""
        return bool(self.src or self.refs or self.jsonl)

    def checked(self, baselines: Sequence[str], reporter: Reporter) -> Given:
        """The same, with a model where neither file nor model was named. Raises `UsageError` for what does not go together, and as
        `choose_model`."""
        if self.jsonl and (self.src or self.refs):
            raise UsageError("usage.evaluate", "both --jsonl and --src or --ref: which is the test set?", _HINT)
        if not self.jsonl and (self.src_field or self.ref_fields):
            raise UsageError("usage.evaluate", "a field of which file?", "add --jsonl FILE, the test set")
        translates = bool(self.models) or not self.hyps
        if not translates and not self.refs and not self.jsonl:
            hint = "seqtool evaluate --ref REF HYP"
            raise UsageError("usage.evaluate", "nothing to compare the files with", hint)
        if translates and not self.jsonl and (self.src is None) != (not self.refs):
            if self.refs:
                hint = "name the files to score, or --src SRC for a model to translate"
                raise UsageError("usage.evaluate", "--ref without --src, and no file to score", hint)
            raise UsageError("usage.evaluate", "--src without --ref", _HINT)
        if not translates and baselines and self.src is None and self.src_field is None:
            message = f"--baseline {baselines[0]}: there is no source to take it from"
            hint = "add --src SRC, the text that was summarized, or --src-field FIELD with --jsonl"
            raise UsageError("usage.evaluate", message, hint)
        files = [*self.hyps, *self.refs, *(one for one in (self.src, self.jsonl) if one)]
        if [str(path) for path in files].count("-") > 1:
            raise UsageError("usage.evaluate", "- more than once: standard input can be read once", _HINT)
        return self if self.hyps or self.models else replace(self, models=[choose_model(None, reporter)])

    def check_translating(self, *typed: object) -> None:
        """Raises `UsageError` for an option of `_TRANSLATING` that was typed, by its value, where there are only files to score."""
        for (name, plain), value in zip(_TRANSLATING.items(), typed, strict=True):
            if not self.models and value != plain:
                message = f"{name} {value}: files are scored as they are, and no model translates"
                raise UsageError("usage.evaluate", message, "name a model with -m, or leave it out")

    def gold(self, *, with_fields: bool) -> Gold:
        """The test set. Raises `UsageError` and `DataError`."""
        from seqtool.evaluation.sets import Gold, read_jsonl_set, read_lines, recipe_gold

        if self.jsonl:
            src_field = self.src_field or ("src" if self.models else None)
            return read_jsonl_set(self.jsonl, src_field, self.ref_fields or ["tgt"])
        if not self.own_set:
            return recipe_gold(self.models[0], with_fields=with_fields)
        return Gold([read_lines(path) for path in self.refs], read_lines(self.src) if self.src else None)

    def check_source(self, known: bool, names: Sequence[str], *, looked_at: bool) -> None:
        """Raises `UsageError` when a metric needs a source that is not there, or when one is given with files and nothing looks at it."""
        from seqtool.metrics.score import SOURCE_METRICS

        needing = [name for name in names if name in SOURCE_METRICS]
        if needing and not known:
            message = f"--metrics: {needing[0]} compares with the source, and there is none"
            hint = "add --src SRC, the text that was summarized, or --src-field FIELD with --jsonl"
            raise UsageError("usage.evaluate", message, hint)
        if not self.models and self.src and not needing and not looked_at:
            hint = (
                "it is for --baseline, --metrics summary, --by length, --worst, --best and --diff; to have a model translate it, "
                "name the model with -m"
            )
            raise UsageError("usage.evaluate", "both files to score and --src, at which nothing looks", hint)


def lists_lines(worst: int | None, best: int | None, diff: int | None, metric: str | None) -> bool:
    """Whether single lines are to be shown. Raises `UsageError` for a metric of single lines where they are not."""
    listing = bool(worst or best or diff)
    if metric and not listing:
        raise UsageError("usage.evaluate", f"--line-metric {metric} of what?", "add --worst, --best or --diff")
    return listing


def load_all(
    paths: Sequence[Path],
    *,
    runtime: RuntimeName | None,
    precision: Precision,
    device: str,
    threads: int | None,
) -> list[Translator]:
    """The models, none where there are none: then nothing of what they need is imported."""
    if not paths:
        return []
    from seqtool.cli.loading import load

    return [load([path], runtime=runtime, precision=precision, device=device, threads=threads) for path in paths]


def task_of(translators: Sequence[Translator], *, summaries: bool) -> str:
    """What the first model does; of files only who asks can say that they are summaries."""
    return translators[0].task if translators else "summarization" if summaries else "translation"


def read_systems(
    given: Given, translators: Sequence[Translator], gold: Gold, reporter: Reporter
) -> Callable[[], list[Lines]]:
    """Reads the files, and gives the function that has the models translate. Raises `DataError`."""
    from seqtool.evaluation import Lines, check_aligned, read_lines

    files = [read_lines(path) for path in given.hyps]
    for file, ref in product(files, gold.refs):
        check_aligned(file, ref, "evaluate.line-count")

    def systems() -> list[Lines]:
        assert gold.source or not translators
        sources = gold.source.lines if gold.source else []
        translated = [
            Lines(str(path), _translated(translator, str(path), sources, reporter))
            for path, translator in zip(given.models, translators, strict=True)
        ]
        return [*files, *translated]

    return systems


def _translated(translator: Translator, name: str, sources: Sequence[str], reporter: Reporter) -> list[str]:
    """What a model says, and warnings of lines that it could not take as they are."""
    from seqtool.cli.lines_out import report
    from seqtool.cli.trade import trade_for

    hyps = []
    for done, found in enumerate(translator.translate(sources), 1):
        hyps.append(found.text)
        if done % 100 == 0:
            reporter.line(f"{done:,} of {len(sources):,} lines")
    reporter.line("")
    report(reporter, trade_for(translator.task), translator, 0, name)  # what is not UTF-8 was refused before
    return hyps
