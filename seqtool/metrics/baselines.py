"""Systems that need no model, to say what a summarizer's score is worth."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from seqtool.errors import UsageError
from seqtool.metrics.oracle import oracle
from seqtool.metrics.sentences import joined, sentences

FORMS = "lead-N (the first N words of the source), lead-Ns (its first N sentences), oracle or oracle-M (its best M sentences, 3 by default)"
_LEAD = re.compile(r"lead-([1-9][0-9]{0,8})(s?)")
_ORACLE = re.compile(r"oracle(?:-([1-9][0-9]{0,8}))?")
_ORACLE_SENTENCES = 3


@dataclass(frozen=True)
class Baseline:
    """`count` words or sentences from the beginning of the source, or that many of its sentences that suit the reference best."""

    name: str
    kind: Literal["words", "sentences", "oracle"]
    count: int

    def output(self, source: str, references: Sequence[str]) -> str:
        """What it makes of one line. Words of a lead are separated by space, so a line of Chinese may be one word."""
        if self.kind == "words":
            return " ".join(source.split(maxsplit=self.count)[: self.count])
        if self.kind == "sentences":
            return joined(sentences(source)[: self.count])
        return oracle(source, references, self.count)


def parse_baseline(name: str) -> Baseline:
    """The baseline of a name as it is typed. Raises `UsageError` naming the forms there are."""
    if lead := _LEAD.fullmatch(name):
        return Baseline(name, "sentences" if lead[2] else "words", int(lead[1]))
    if found := _ORACLE.fullmatch(name):
        return Baseline(name, "oracle", int(found[1] or _ORACLE_SENTENCES))
    raise UsageError("evaluate.baseline", f"no baseline is called {name!r}", f"there are {FORMS}")
