"""Whether words that training never showed find their way from the source into the output."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

from seqtool.metrics.words import words


@dataclass(frozen=True)
class Reaching:
    """Of `wanted` unseen words of sources that the references say, `reached` are in the outputs."""

    wanted: int
    reached: int

    @property
    def share(self) -> float | None:
        """`reached` of `wanted`, 0 to 100; None where none is wanted."""
        return 100 * self.reached / self.wanted if self.wanted else None


def unseen_reaching(
    sources: Sequence[str], references: Sequence[str], outputs: Sequence[str], known_words: Set[str]
) -> Reaching:
    """Counts what a model that can copy should carry over (See et al. 2017, section 2.2, on out-of-vocabulary words).

    A word is wanted when its line's source and reference have it and `known_words`, the words of the training text as `words` finds them,
    do not; it is reached when the output has it too. Each word counts once a line. Raises `ValueError` where the numbers of lines differ.
    """
    wanted = reached = 0
    for source, reference, output in zip(sources, references, outputs, strict=True):
        asked = set(words(source)).intersection(words(reference)).difference(known_words)
        wanted += len(asked)
        reached += len(asked.intersection(words(output)))
    return Reaching(wanted, reached)
