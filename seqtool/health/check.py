"""The whole check of a recipe's data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from seqtool.health.alignment import Alignment
from seqtool.health.content import counts, duplicates, empty_sides, identical_sides, not_looked_into, overlap
from seqtool.health.encoding import encoding
from seqtool.health.finding import SPLITS, Finding, Level, Split
from seqtool.health.languages import Usage, languages, scripts, swapped_by_length, unknown
from seqtool.health.lengths import Lengths, longer_summaries, proportions, word_lengths
from seqtool.health.places import with_places
from seqtool.health.reading import Progress, Reader, SplitFacts
from seqtool.health.sides import judge_sides
from seqtool.health.tokens import count_tokens, dropped
from seqtool.recipe.schema import Recipe
from seqtool.text.corpus import Corpus


@dataclass(frozen=True)
class Health:
    """What was found in a recipe's data: pairs of each split, lengths, and findings in the order in which they were looked for."""

    pairs: dict[Split, int]
    lengths: list[Lengths]
    findings: list[Finding]

    @property
    def level(self) -> Level:
        """That of the worst finding."""
        levels = {finding.level for finding in self.findings}
        return "error" if "error" in levels else "warning" if "warning" in levels else "ok"


def check_recipe(recipe: Recipe, progress: Progress = lambda _stage, _pairs: None) -> Health:
    """Reads training, validation and test pairs and looks for what would spoil training or its scores.

    `progress` is called with a split and the pairs read so far. Data that cannot be read, or not to its end, is a finding. Raises
    `ModelError` for a `tokenizer.model` that cannot be used, and `ResourceError` for files that may not be read.
    """
    checking = _Checking(recipe, progress)
    for split in SPLITS:
        checking.look_at(split)
    return checking.health()


class _Checking:
    def __init__(self, recipe: Recipe, progress: Progress) -> None:
        self._recipe = recipe
        self._reader = Reader(progress)
        self._facts: dict[Split, SplitFacts] = {}
        self._train: Alignment | None = None
        self._usage: Usage | None = None
        self._findings: list[Finding] = []
        self._lengths: list[Lengths] = []
        self._summarizes = recipe.task == "summarization"

    def _corpus(self, split: Split) -> Corpus | None:
        section = getattr(self._recipe.data, split)
        return None if section is None else Corpus(section, split)

    def _alone(self, split: Split) -> bool:
        """Whether there is only one text: nobody reads the source of what is restored from itself."""
        section = getattr(self._recipe.data, split)
        return (self._recipe.training.objective == "denoise" and split != "test") or section.tgt is None

    def look_at(self, split: Split) -> None:
        """Reads a split and notes what is to be said of it."""
        corpus = self._corpus(split)
        if corpus is None:
            return
        facts = self._facts[split] = self._reader.read(corpus, split, alone=self._alone(split))
        if not facts.pairs:
            self._findings.extend(counts(facts))
            return
        self._lengths.extend(word_lengths(facts))
        self._findings.extend(self._about(facts))

    def _about(self, facts: SplitFacts) -> Iterator[Finding]:
        train = self._facts["train"]
        compared = facts.split != "train" and train.pairs > 0
        yield from counts(facts)
        if facts.split == "train":
            yield from self._tokens(facts)
        yield from empty_sides(facts)
        yield from duplicates(facts)
        if compared:
            yield from overlap(train, facts)
        if not facts.alone:
            yield from identical_sides(facts)
            yield from longer_summaries(facts) if self._summarizes else proportions(facts)
            yield from self._sides(facts)
        yield from scripts(facts)
        if compared:
            yield from unknown(facts)
        yield from encoding(facts)

    def _tokens(self, facts: SplitFacts) -> Iterator[Finding]:
        chars = sum(sum(facts.sides[side].chars) for side in facts.told)
        tokens = count_tokens(self._recipe, facts.pairs, chars)
        if tokens is not None:
            self._lengths.extend(tokens.lengths)
            yield from dropped(tokens)

    def _sides(self, facts: SplitFacts) -> Iterator[Finding]:
        """Languages and alignment; where sides are swapped there is no sense in the latter."""
        train, kinds = self._facts["train"], len(self._reader.numbers)
        about: list[Finding] = []
        if train.pairs and self._summarizes:
            about = list(swapped_by_length(train, facts))
        elif train.pairs:
            if self._usage is None:
                self._usage = Usage(train, kinds)
            about = list(languages(facts, self._usage))
        yield from not_looked_into(facts)
        yield from about
        if any(finding.id == "sides.swapped" for finding in about):
            return
        found, said = judge_sides(facts, kinds, None if facts.split == "train" else self._train)
        if facts.split == "train":
            self._train = found
        yield from said

    def health(self) -> Health:
        """All of it, with the places of the examples."""
        findings = self._findings
        for split, facts in self._facts.items():
            corpus = self._corpus(split)
            assert corpus is not None, "it was read"
            findings = with_places(findings, facts, corpus)
        return Health({split: facts.pairs for split, facts in self._facts.items()}, self._lengths, findings)
