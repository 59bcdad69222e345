"""Validation and test pairs out of a corpus: no source in two parts, and the same choice again when the corpus has grown.

A source's hash, a number from 0 to 1, decides: the test set takes sources from the lower end, the validation set from the upper end. When
lines are appended the ends become shorter at most, so that nothing ever goes from one of the two into the other.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from seqtool.errors import DataError
from seqtool.proposal.names import Role
from seqtool.text.normal_form import normal_form

# Fewer pairs than this are no corpus: a part of them says nothing about the rest.
FEWEST = 100
MOST_BY_DEFAULT = 2000
# What is split off by default is at most this share; below so many pairs this one, else the other.
_SMALL, _SMALL_SHARE, _SHARE = 1000, 0.1, 0.05

_SPACE = 2**64


def place_of(src: str, seed: int) -> int | None:
    """Where a source lies, from 0 to 2**64 - 1; None for one without letters or digits, which always stays in training."""
    form = normal_form(src)
    if not form:
        return None
    key = seed.to_bytes(8, "big", signed=True)
    return int.from_bytes(
        hashlib.blake2b(form.encode("utf-8", "surrogatepass"), digest_size=8, key=key).digest(), "big"
    )


@dataclass
class Groups:
    """Pairs by the place of their source, counted over a whole corpus. Groups with a pair whose target is empty cannot test anything."""

    seed: int
    pairs: int = 0
    counts: Counter[int] = field(default_factory=Counter)
    useless: set[int] = field(default_factory=set)

    def watch(self, pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        """Hands pairs on, and counts them."""
        for src, tgt in pairs:
            self.pairs += 1
            place = place_of(src, self.seed)
            if place is not None:
                self.counts[place] += 1
                if not tgt.strip():
                    self.useless.add(place)
            yield src, tgt


@dataclass(frozen=True)
class Split:
    """The places that are a validation or test set; all others are for training."""

    seed: int
    roles: Mapping[int, Role]

    def role_of(self, src: str) -> Role:
        """The part a source is in."""
        place = place_of(src, self.seed)
        return "train" if place is None else self.roles.get(place, "train")


def default_share(pairs: int) -> float:
    """What is split off of so many pairs for one part: 5%, at most 2,000 pairs, and 10% of a small corpus. Of a large one it is halved as
    often as it takes, so that it stays the same while the corpus grows a little."""
    share = _SMALL_SHARE if pairs < _SMALL else _SHARE
    while share * pairs > MOST_BY_DEFAULT:
        share /= 2
    return share


def plan_split(groups: Groups, wanted: Mapping[Role, int | None], where: str) -> Split:
    """Which sources become validation and test sets: `wanted` has the number of pairs by role, None the default. A part ends with the
    source that makes it full, so that a repeated one may make it a little larger. Raises `DataError` for a corpus too small for that."""
    if groups.pairs < FEWEST:
        message = f"{where} has {groups.pairs:,} pair{'' if groups.pairs == 1 else 's'}, and validation and test pairs are to be split off"
        hint = f"at least {FEWEST} pairs are needed for that, and some thousands to learn from; or name files for valid and test"
        raise DataError("data.too-few", message, hint)
    share = default_share(groups.pairs)
    roles: dict[int, Role] = {}
    for role, number in wanted.items():
        room = round(share * groups.pairs) if number is None else number
        ends = list(_taken(groups, room, role, share if number is None else None))
        taken = sum(groups.counts[place] for place in ends)
        if taken < (1 if number is None else number):
            message = (
                f"{where}: {taken:,} of {groups.pairs:,} pairs can be split off for --{role}, and {room:,} are wanted"
            )
            hint = "ask for less than two fifths; a source that comes again and again stays in training"
            raise DataError("data.too-few", message, hint)
        roles |= dict.fromkeys(ends, role)
    return Split(groups.seed, roles)


def _taken(groups: Groups, room: int, role: Role, share: float | None) -> Iterator[int]:
    """Places from the role's end, up to the middle, until there is no room; with `share` those of this share of the whole range, and one
    at least. A source that would fill a large part of the room by itself stays in training."""
    taken = 0
    most = max(2, room // 4)
    half = (place for place in groups.counts if (place >= _SPACE // 2) == (role == "valid"))
    for place in sorted(half, reverse=role == "valid"):
        distance = (_SPACE - place if role == "valid" else place) / _SPACE
        if (taken >= room) if share is None else (distance >= share and taken > 0):
            return
        if groups.counts[place] <= most and place not in groups.useless:
            taken += groups.counts[place]
            yield place
