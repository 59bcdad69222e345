"""Text in, text out, in order.

Lines are taken in windows, sorted by length into batches, searched by several workers at once, and put back in order. A line too long for
the model goes in parts; a blank line never reaches it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from seqtool.decoding.plan import Diversity, Sampling, Scoring, SearchPlan
from seqtool.decoding.rules import LengthLimit
from seqtool.decoding.stepper import Stepper
from seqtool.decoding.words import WordTable
from seqtool.errors import UsageError
from seqtool.model_dir import ModelConfig, Reach, open_model_dir
from seqtool.pair_scores import Pair, PairScorer
from seqtool.parts import Part, Parting
from seqtool.recipe.change import changed_decoding
from seqtool.recipe.schema import DecodingSection, Length, Truncate
from seqtool.runtime.open import Precision, RuntimeName, open_engine
from seqtool.runtime.readings import readings_of
from seqtool.searching import Found, Searching
from seqtool.text.glossary import Glossary
from seqtool.text.length_tokens import PIECES, length_ids
from seqtool.text.reading import Reader
from seqtool.text.token_words import token_words
from seqtool.text.tokenizer import Tokenizers
from seqtool.translation import Counts, Output, PairScore, Translation
from seqtool.wording import Wording

PLAIN = Diversity()

Result = TypeVar("Result")


@dataclass
class Translator:
    """A model with its tokenizers and search settings, and for an ensemble how the `others` read that have source tokenizers of their own.
    It can be pickled when it was loaded from a directory."""

    stepper: Stepper[Any]
    tokenizers: Tokenizers
    decoding: DecodingSection
    task: str
    max_src_tokens: int
    reach: Reach = field(default_factory=Reach)
    truncate: Truncate = "head"
    length_bounds: Sequence[int] | None = None
    length: Length = "medium"
    n_best: int = 1
    sampling: Sampling | None = None
    diversity: Diversity = PLAIN
    glossary: Glossary | None = None
    details: bool = False
    scored: bool = True
    workers: int = 1
    points: bool = False
    others: tuple[Reader, ...] = ()
    origin: tuple[tuple[Path | str, ...], dict[str, Any]] | None = None
    counts: Counts = field(default_factory=Counts)

    @classmethod
    def load(
        cls,
        path: Path | str,
        *others: Path | str,
        runtime: RuntimeName | None = None,
        precision: Precision = "fp32",
        device: str = "cpu",
        shortlist: bool = False,
        threads: int | None = None,
    ) -> Translator:
        """Opens a model or run directory, or as an ensemble several with the same target tokenizer, which searches as the first of them
        says; `threads` is the number of processor cores to use. Raises `ModelError` and `UsageError`."""
        paths = (path, *others)
        opened = [open_model_dir(Path(one)) for one in paths]
        asked: dict[str, Any] = {
            "runtime": runtime,
            "precision": precision,
            "device": device,
            "shortlist": shortlist,
            "threads": threads,
        }
        engine = open_engine(opened, **asked)
        made = cls.of(engine.stepper, opened[0].tokenizers, opened[0].config)
        (first, *behind), _, tgt_reach = readings_of(opened)
        return replace(
            made,
            max_src_tokens=first.most,
            reach=Reach(first.reach, tgt_reach),
            others=tuple(behind),
            workers=engine.workers,
            points=any(one.config.model.pointer for one in opened),
            origin=(paths, asked),
        )

    @classmethod
    def of(cls, stepper: Stepper[Any], tokenizers: Tokenizers, config: ModelConfig) -> Translator:
        """A model with this configuration."""
        return cls(
            stepper,
            tokenizers,
            config.decoding,
            config.task,
            config.max_src_tokens,
            config.reach,
            config.truncate,
            config.length_bounds,
            points=config.model.pointer,
        )

    def __reduce__(self) -> tuple[Any, ...]:
        if self.origin is None:
            raise TypeError("only a Translator that was loaded from a directory can be pickled")
        names = ("decoding", "n_best", "sampling", "diversity", "glossary", "details", "scored", "length")
        own = {name: getattr(self, name) for name in names}
        return _load_again, (*self.origin, own)

    def with_search(
        self,
        *,
        n_best: int = 1,
        sampling: Sampling | None = None,
        diversity: Diversity = PLAIN,
        glossary: Glossary | None = None,
        details: bool = False,
        scored: bool = True,
        length: Length | None = None,
        **decoding: float | None,
    ) -> Translator:
        """The same model with other search settings. Without `scored`, greedy search is faster and leaves its scores out: they are not a
        number. `length` is what outputs should have; None: as before, medium at first. `decoding` are keys of a recipe's `decoding`
        section; None keeps what the model directory says. Raises `UsageError` for values they cannot have, for a length where the model
        learnt none, and for a glossary beside a shortlist."""
        self._check_shortlist(glossary is not None)
        if length is not None and self.length_bounds is None:
            message = f"--length {length}: the model learnt no lengths to choose from"
            raise UsageError("usage.length", message, "leave it out, or train a model with data.length_tokens: true")
        for key in ("max_length", "min_length"):
            if self.reach.tgt is not None and (decoding.get(key) or 0) > self.reach.tgt:
                message = f"--{key.replace('_', '-')} {decoding[key]}: the model learnt {self.reach.tgt} positions to write to"
                raise UsageError("usage.range", message, f"give at most {self.reach.tgt}")
        return replace(
            self,
            decoding=changed_decoding(self.decoding, decoding, self.max_src_tokens),
            n_best=n_best,
            sampling=sampling,
            diversity=diversity,
            glossary=glossary,
            details=details,
            scored=scored,
            length=length or self.length,
            counts=Counts(),
        )

    @property
    def window_lines(self) -> int:
        """Lines sorted together: more means less padding and a longer wait."""
        return 16 * self.decoding.batch_size

    def translate(self, lines: Iterable[str]) -> Iterator[Translation]:
        """Translates lines as they come, a window of sixteen batches at a time; results are in order."""
        window: list[str] = []
        for line in lines:
            window.append(line)
            if len(window) == self.window_lines:
                yield from self.translate_window(window)
                window = []
        yield from self.translate_window(window)

    def translate_window(self, lines: Sequence[str], prefixes: Sequence[str] | None = None) -> list[Translation]:
        """Translates these lines together; each output begins with its prefix. Raises `UsageError` for prefixes beside a shortlist."""
        self._check_shortlist(prefixes is not None and any(prefixes))
        parts = self._parting.parts(lines, prefixes, self.counts, self.workers)
        flat = [part for line_parts in parts for part in line_parts]
        results = self._searching.search(flat)
        self.counts.loops += len({part.line for part, one in zip(flat, results, strict=True) if one.again})
        found = iter(zip(flat, results, strict=True))
        self.counts.lines += len(lines)
        return [
            Translation(line, self._joined([next(found) for _ in line_parts]))
            for line, line_parts in zip(lines, parts, strict=True)
        ]

    def _check_shortlist(self, demanding: bool) -> None:
        if demanding and self.origin is not None and self.origin[1].get("shortlist"):
            message = "a shortlist and words that must be said: they may not be on the list"
            raise UsageError("usage.shortlist", message, "leave out one of them")

    def _joined(self, parts: Sequence[tuple[Part, Found]]) -> tuple[Output, ...]:
        if len(parts) == 1:
            return parts[0][1].outputs
        return self._wording.outputs([(part, found.hypotheses) for part, found in parts])

    @property
    def _parting(self) -> Parting:
        own, *others = self._readers
        sources = self.max_src_tokens, own.mark, own.truncation
        rules = self.glossary, self._words, self._never
        return Parting(self.tokenizers, *sources, *rules, self.points, tuple(others))

    @cached_property
    def _readers(self) -> tuple[Reader, ...]:
        """Its own and those of others: with a length token where lengths were learnt; a source that is too long for a summary is cut, other
        ones are split."""
        length = None if self.length_bounds is None else self.length
        truncate = self.truncate if self.task == "summarization" else None
        own = Reader(self.tokenizers.src, self.max_src_tokens, self.reach.src)
        return tuple(one.asked(length, truncate) for one in (own, *self.others))

    @cached_property
    def _never(self) -> tuple[int, ...]:
        """Length tokens, where the vocabulary of the target has them too: they are nothing to say."""
        tgt = self.tokenizers.tgt
        there = self.length_bounds is not None and tgt.control(PIECES[0]) is not None
        return tuple(length_ids(tgt).tolist()) if there else ()

    @cached_property
    def _words(self) -> WordTable | None:
        """What target tokens do to words, where these are limited."""
        if self.decoding.min_words == 0 and self.decoding.max_words is None:
            return None
        return WordTable(*token_words(self.tokenizers.tgt))

    @property
    def _searching(self) -> Searching:
        size = self.decoding.batch_size
        return Searching(self.stepper, self._plan(), self._parting, self._wording, self.workers, size)

    @property
    def _wording(self) -> Wording:
        return Wording(self.tokenizers, self.decoding.length_penalty, self.details, len(self._readers[0].mark))

    def score(self, sources: Sequence[str], targets: Sequence[str]) -> list[PairScore]:
        """What the model says of each target given its source: what search would have summed for the same tokens. Raises `DataError` for
        one that goes beyond the positions the model learnt."""
        return self.scorer.score(sources, targets)

    @property
    def scorer(self) -> PairScorer:
        """What scores given pairs."""
        own, *others = self._readers
        model = self.stepper, self.tokenizers, self.reach
        sources = own.mark, own.truncation, self.points
        return PairScorer(*model, *sources, self.workers, self.decoding.batch_size, tuple(others))

    def pairs(self, line: str, rank: int = 0) -> list[Pair]:
        """A line's parts, each with the hypothesis of this rank that search finds for it alone, or the last one there is; none for a blank
        line."""
        parts = self._parting.parts([line], None, Counts(), self.workers)[0]
        src, tgt = self.tokenizers.src, self.tokenizers.tgt
        return [
            Pair(
                part.ids[:-1].tolist(),
                found.hypotheses[: rank + 1][-1].tokens,
                part.own or src,
                part.own or tgt,
                part.others,
            )
            for part, found in zip(parts, self._searching.search(parts), strict=True)
        ]

    def _plan(self) -> SearchPlan:
        settings = self.decoding
        return SearchPlan(
            settings.beam_size,
            self.n_best,
            Scoring(settings.length_penalty, settings.coverage_penalty),
            LengthLimit(
                settings.max_length_ratio,
                settings.max_length_extra,
                min((one for one in (settings.max_length, self.reach.tgt) if one is not None), default=None),
                settings.min_length,
                settings.min_length_ratio,
                settings.min_words,
                settings.max_words,
            ),
            settings.no_repeat_ngram_size,
            self.diversity,
            self.sampling,
            keep_attention=self.details,
            scored=self.scored
            or self.details
            or self.sampling is not None,  # drawn outputs are ordered by their scores
        )


def _load_again(paths: Sequence[Path | str], asked: dict[str, Any], own: dict[str, Any]) -> Translator:
    return replace(Translator.load(*paths, **asked), **own)
