"""Text files that belong together by their names: `train.de` and `train.en`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from seqtool.errors import DataError, UsageError
from seqtool.proposal.kinds import bare_name
from seqtool.proposal.names import DOCUMENTS, SIDES, SUMMARIES, file_side, language_code


class SideWishes(NamedTuple):
    """What was typed for `--src` and `--tgt`."""

    src: str | None = None
    tgt: str | None = None


class NamedPair(NamedTuple):
    """Source and target, what their names share, and what tells them apart."""

    src: Path
    tgt: Path
    key: str
    sides: tuple[str, str]


@dataclass(frozen=True)
class NamedPairs:
    """The pairs among files; `crowded` are files of more than two sides, between which names cannot choose; `notes` on what is left."""

    pairs: list[NamedPair]
    crowded: list[Path]
    notes: list[str]


def find_pairs(paths: Sequence[Path], wishes: SideWishes, *, strict: bool) -> NamedPairs:
    """Sorts text files by what their names share. Where `strict`, raises `DataError` for files without a counterpart, and `UsageError`
    where there are more than two sides and none was typed."""
    groups: dict[str, dict[str, Path]] = {}
    alone: list[Path] = []
    by_folder = _differ_by_folder(paths)
    for path in sorted(paths):
        side = file_side(bare_name(path))
        if side is None and wishes.src is not None:
            side = _wished_side(bare_name(path), wishes)
        if side is None:
            alone.append(path)
        else:
            key = f"{path.parent.name}/{side[1]}" if by_folder else side[1]
            groups.setdefault(key, {})[side[0]] = path
    pairs: list[NamedPair] = []
    crowded: list[Path] = []
    for key, sides in groups.items():
        folder = next(iter(sides.values())).parent.name
        chosen = _chosen_sides(f"{folder} {key}", sides, wishes)
        if chosen is not None:
            pairs.append(NamedPair(sides[chosen[0]], sides[chosen[1]], key, chosen))
        elif len(sides) > 2:
            crowded.extend(sides.values())
        else:
            alone.extend(sides.values())
    if strict:
        _check(groups, pairs, crowded, alone, wishes)
    notes = [f"{path.name} is not used: no counterpart" for path in alone] if pairs else []
    return NamedPairs(pairs, crowded, notes)


def _differ_by_folder(paths: Sequence[Path]) -> bool:
    """Whether there are files of one name, so that only their folders say which belong together: `train/src.txt` and `valid/src.txt`."""
    return len({path.name for path in paths}) < len(paths)


def _wished_side(name: str, wishes: SideWishes) -> tuple[str, str] | None:
    stem, _, ending = name.rpartition(".")
    return (ending, stem) if stem and ending in wishes else None


def _chosen_sides(where: str, sides: dict[str, Path], wishes: SideWishes) -> tuple[str, str] | None:
    """Which of the sides is the source, and which the target."""
    names = list(sides)
    src = None if wishes.src is None else _match(wishes.src, names)
    tgt = None if wishes.tgt is None else _match(wishes.tgt, names)
    if (wishes.src is not None and src is None) or (wishes.tgt is not None and tgt is None):
        return None
    if src is not None and tgt is not None:
        return src, tgt
    if len(names) != 2:
        return None
    if src is not None or tgt is not None:
        other = next(name for name in names if name not in (src, tgt))
        return (src or other, tgt or other)
    return ordered_sides(names[0], names[1], where)


def _match(wish: str, names: list[str]) -> str | None:
    """The side that was meant: by its name, or as a language."""
    code = language_code(wish)
    return next((name for name in names if name == wish or (code and language_code(name) == code)), None)


def ordered_sides(one: str, other: str, where: str = "") -> tuple[str, str]:
    """Source and target of two sides: as their names say, else as `de-en` in the file's name says, else English is the target."""
    for first, second in ((one, other), (other, one)):
        low = (first.lower(), second.lower())
        if low in SIDES or (low[0] in DOCUMENTS and low[1] in SUMMARIES):
            return first, second
    for first, second in ((one, other), (other, one)):
        if re.search(rf"(?<![A-Za-z]){re.escape(first)}[-_]?{re.escape(second)}(?![A-Za-z])", where, re.IGNORECASE):
            return first, second
    return (other, one) if language_code(one) == "en" else (one, other)


def _check(
    groups: dict[str, dict[str, Path]],
    pairs: list[NamedPair],
    crowded: list[Path],
    alone: list[Path],
    wishes: SideWishes,
) -> None:
    """Raises what is wrong with files that were all meant to be a corpus."""
    if pairs:
        return
    there = sorted({side for sides in groups.values() for side in sides} | {path.name for path in alone})
    for name, wish in zip(("--src", "--tgt"), wishes, strict=True):
        if wish is not None and _match(wish, there) is None:
            listed = ", ".join(there[:8])
            raise DataError("data.field", f"{name} {wish}: there is none: {listed}", "name two of them")
    if crowded:
        sides = ", ".join(sorted({side for one in groups.values() if len(one) > 2 for side in one}))
        hint = "say which two: --src SIDE --tgt SIDE, for example --src de --tgt en"
        raise UsageError("usage.init", f"more than two sides: {sides}", hint)
    only = alone[0]
    near = sorted(
        path.name
        for path in (only.parent.iterdir() if only.parent.is_dir() else [])
        if path != only and path.is_file() and bare_name(path).partition(".")[0] == bare_name(only).partition(".")[0]
    )
    beside = (
        f"{only.name} and its other side, for example {near[0]}"
        if near
        else "two files, line n of one with line n of the other"
    )
    raise DataError(
        "data.one-side", f"{', '.join(path.name for path in alone[:8])}: text without its other side", f"name {beside}"
    )
