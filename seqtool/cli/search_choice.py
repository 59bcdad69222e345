"""Options of search that go together, checked before anything is loaded."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from seqtool.errors import UsageError

if TYPE_CHECKING:
    from seqtool.decoding.plan import Sampling
    from seqtool.recipe.schema import Length
    from seqtool.translator import Translator


@dataclass(frozen=True)
class Choice:
    """What was typed about how to search; names are those of the options, and None is what was not typed."""

    n_best: int
    sample: bool
    temperature: float | None
    top_k: int | None
    top_p: float | None
    seed: int | None
    groups: int
    diversity: float | None
    details: bool
    length: Length | None = None

    def check(
        self, form: str, beam_size: int | None, *, resume: bool, output: Path | None, glossary: Path | None
    ) -> None:
        """Raises `UsageError` for options that do not fit together."""
        if self.n_best > 1 and form == "text":
            message = f"--n-best {self.n_best} with text: a line of output each"
            raise UsageError("usage.n-best", message, "add --format jsonl")
        if self.details and form == "text":
            raise UsageError("usage.details", "--details with text, which has no place for them", "add --format jsonl")
        if resume and output is None:
            raise UsageError("usage.resume", "--resume without -o: there is nothing to go on with", "add -o FILE")
        self._check_needed()
        if self.sample and (beam_size is not None or self.groups > 1 or glossary is not None):
            what = "--beam-size" if beam_size is not None else "--groups" if self.groups > 1 else "--glossary"
            raise UsageError("usage.sample", f"--sample and {what}: draws have no beam", "leave out one of them")
        if glossary is not None and self.groups > 1:
            raise UsageError("usage.groups", "--glossary and --groups: terms need one beam", "leave out one of them")
        temperature, top_p = _or(self.temperature, 1.0), _or(self.top_p, 1.0)
        if not (0 < temperature < math.inf and 0 < top_p <= 1):
            message = f"--temperature {temperature:g}, --top-p {top_p:g}"
            raise UsageError("usage.sample", message, "--temperature is above 0, --top-p above 0 and at most 1")
        if beam_size is not None and max(beam_size, self.n_best) % self.groups:
            raise UsageError(
                "usage.groups",
                f"a beam of {max(beam_size, self.n_best)} cannot be cut into {self.groups} groups of equal size",
                "make --beam-size a multiple of --groups",
            )

    def _check_needed(self) -> None:
        """Raises `UsageError` for what says nothing without another option."""
        draws = {"temperature": self.temperature, "top-k": self.top_k, "top-p": self.top_p, "seed": self.seed}
        typed = [name for name, value in draws.items() if value is not None]
        if typed and not self.sample:
            raise UsageError("usage.sample", f"--{typed[0]} without --sample: nothing is drawn", "add --sample")
        if self.diversity is not None and self.groups == 1:
            raise UsageError("usage.groups", "--diversity without --groups: there is one beam", "add --groups N")
        if self.diversity is not None and not math.isfinite(self.diversity):
            raise UsageError(
                "usage.groups", f"--diversity {self.diversity:g}: no finite number", "for example --diversity 0.5"
            )

    def check_shortlist(self, glossary: Path | None, prefix: str) -> None:
        """Raises `UsageError` for what a shortlist may lack."""
        if glossary is not None or prefix:
            what = "--glossary" if glossary is not None else "--prefix"
            message = f"--shortlist and {what}: what must be said may not be on the list"
            raise UsageError("usage.shortlist", message, "leave out one of them")

    def apply(
        self, loaded: Translator, glossary: Path | None, decoding: Mapping[str, float | None], *, scored: bool
    ) -> Translator:
        """The translator that searches so, with these keys of `decoding` changed; `scored` says whether anything reads its scores. Raises
        `UsageError`, and what reading the glossary raises."""
        from seqtool.decoding.plan import Diversity
        from seqtool.text.glossary import Glossary

        beam = max(int(decoding["beam_size"] or loaded.decoding.beam_size), self.n_best)
        if beam % self.groups:  # a beam that was not typed
            decoding = {**decoding, "beam_size": beam + self.groups - beam % self.groups}
        if not scored and glossary is None and (beam == 1 or (self.sample and self.n_best == 1)):
            self._check_penalties(decoding)
        return loaded.with_search(
            n_best=self.n_best,
            sampling=self._sampling() if self.sample else None,
            diversity=Diversity(self.groups, _or(self.diversity, 0.5) if self.groups > 1 else 0.0),
            glossary=None if glossary is None else Glossary.read(glossary, loaded.tokenizers.tgt),
            details=self.details,
            scored=scored,
            length=self.length,
            **decoding,
        )

    def _check_penalties(self, decoding: Mapping[str, float | None]) -> None:
        """Raises `UsageError` for penalties that were typed where there is one hypothesis, and nobody reads its score."""
        one, remedy = ("draw", "--n-best") if self.sample else ("beam of 1", "--beam-size")
        for key in ("length_penalty", "coverage_penalty"):
            if decoding[key] is not None:
                message = (
                    f"--{key.replace('_', '-')} {decoding[key]:g} with a {one}: there is nothing to choose between"
                )
                raise UsageError("usage.range", message, f"give a larger {remedy}, or leave it out")

    def _sampling(self) -> Sampling:
        from seqtool.decoding.plan import Sampling

        return Sampling(
            _or(self.temperature, 1.0), self.top_k or 0, _or(self.top_p, 1.0), 1 if self.seed is None else self.seed
        )


def _or(value: float | None, default: float) -> float:
    return default if value is None else value


def check_prefix(prefix: str, translator: Translator) -> None:
    """Raises `UsageError` for a prefix the model has no tokens for: its outputs would begin with something else."""
    from seqtool.decoding.stepper import UNK

    ids = translator.tokenizers.tgt.encode(prefix)
    if prefix.strip() and (not ids or UNK in ids):
        hint = "write it in other characters, or leave it out"
        raise UsageError("usage.prefix", f"--prefix {prefix!r}: the model has no tokens for it", hint)
    most = translator.reach.tgt
    if most is not None and len(ids) > most:
        message = f"--prefix: {len(ids)} tokens, and the model learnt {most} positions to write to"
        raise UsageError("usage.prefix", message, "make it shorter")
