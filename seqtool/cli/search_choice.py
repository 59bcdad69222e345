"""Options of search that go together, checked before anything is loaded."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from seqtool.errors import UsageError

if TYPE_CHECKING:
    from seqtool.translator import Translator


@dataclass(frozen=True)
class Choice:
    """What was typed about how to search; names are those of the options."""

    n_best: int
    sample: bool
    temperature: float
    top_k: int
    top_p: float
    seed: int
    groups: int
    diversity: float
    details: bool

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
        if self.sample and (self.groups > 1 or glossary is not None):
            what = "--groups" if self.groups > 1 else "--glossary"
            raise UsageError("usage.sample", f"--sample and {what}: draws have no beam", "leave out one of them")
        if glossary is not None and self.groups > 1:
            raise UsageError("usage.groups", "--glossary and --groups: terms need one beam", "leave out one of them")
        if self.sample and not (0 < self.temperature < math.inf and 0 < self.top_p <= 1):
            message = f"--temperature {self.temperature:g}, --top-p {self.top_p:g}"
            raise UsageError("usage.sample", message, "--temperature is above 0, --top-p above 0 and at most 1")
        if beam_size is not None and max(beam_size, self.n_best) % self.groups:
            raise UsageError(
                "usage.groups",
                f"a beam of {max(beam_size, self.n_best)} cannot be cut into {self.groups} groups of equal size",
                "make --beam-size a multiple of --groups",
            )

    def check_shortlist(self, glossary: Path | None, prefix: str) -> None:
        """Raises `UsageError` for what a shortlist may lack."""
        if glossary is not None or prefix:
            what = "--glossary" if glossary is not None else "--prefix"
            message = f"--shortlist and {what}: what must be said may not be on the list"
            raise UsageError("usage.shortlist", message, "leave out one of them")

    def apply(self, loaded: Translator, glossary: Path | None, **decoding: float | None) -> Translator:
        """The translator that searches so. Raises `UsageError`, and what reading the glossary raises."""
        from seqtool.decoding.plan import Diversity, Sampling
        from seqtool.text.glossary import Glossary

        beam = max(int(decoding["beam_size"] or loaded.decoding.beam_size), self.n_best)
        if beam % self.groups:  # a beam that was not typed
            decoding["beam_size"] = beam + self.groups - beam % self.groups
        return loaded.with_search(
            n_best=self.n_best,
            sampling=Sampling(self.temperature, self.top_k, self.top_p, self.seed) if self.sample else None,
            diversity=Diversity(self.groups, self.diversity if self.groups > 1 else 0.0),
            glossary=None if glossary is None else Glossary.read(glossary, loaded.tokenizers.tgt),
            details=self.details,
            **decoding,
        )


def check_prefix(prefix: str, translator: Translator) -> None:
    """Raises `UsageError` for a prefix the model has no tokens for: its outputs would begin with something else."""
    from seqtool.decoding.stepper import UNK

    ids = translator.tokenizers.tgt.encode(prefix)
    if prefix.strip() and (not ids or UNK in ids):
        hint = "write it in other characters, or leave it out"
        raise UsageError("usage.prefix", f"--prefix {prefix!r}: the model has no tokens for it", hint)
