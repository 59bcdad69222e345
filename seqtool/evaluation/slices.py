"""Where does a system fail, and for whom: scores of parts of the test set."""

from __future__ import annotations

import difflib
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from seqtool.errors import DataError, UsageError
from seqtool.evaluation.scoring import Resampling, score_system
from seqtool.evaluation.sets import Fields, Gold, Lines
from seqtool.evaluation.training_text import training_words
from seqtool.metrics import Score, Variant
from seqtool.metrics.bootstrap import most_drawn
from seqtool.metrics.frequency import score_by_frequency
from seqtool.metrics.paired import RESAMPLES
from seqtool.metrics.score import SACREBLEU_METRICS
from seqtool.metrics.words import words

LENGTH, FREQUENCY, FIELD = "length", "frequency", "field:"

# The least number of words in each bucket of source lengths.
_LENGTHS = (0, 1, 6, 11, 21, 31, 51, 101, 201, 501)
# More different values than this share slices: neighbouring numbers a quarter each, seldom texts one.
MOST_VALUES = 8
_QUARTERS = (1, 2, 3)
# Samples for intervals that come unasked; of fewer than the least the ends would be chance.
_SAMPLES, _FEWEST_SAMPLES = RESAMPLES["bs"], 40
_NONE = "(none)"
_EMPTY = "(empty)"

Group = tuple[str, list[int]]


@dataclass(frozen=True)
class Slices:
    """Lines of the test set to be scored apart; for slices of words rather than lines there are no groups, but their frequencies."""

    by: str
    groups: list[Group] | None
    frequencies: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Slice:
    """Part of the test set: how many lines (or words of the reference) it has, and the scores of each system on it, in their order."""

    label: str
    count: int
    scores: list[dict[str, Score]]


@dataclass(frozen=True)
class Slicing:
    """The slices of a test set by `by`; a line whose field is a list is in several."""

    by: str
    unit: Literal["lines", "words"]
    slices: list[Slice]


def needs_fields(by: str) -> bool:
    """Whether `--by` names a field of the test set."""
    return by not in (LENGTH, FREQUENCY)


def by_length(source: Sequence[str]) -> list[Group]:
    """Line numbers, from 0, by the number of words in the source."""
    found: dict[int, list[int]] = defaultdict(list)
    for number, line in enumerate(source):
        found[bisect_right(_LENGTHS, len(words(line))) - 1].append(number)
    ends = [f"-{start - 1}" for start in _LENGTHS[1:]] + ["+"]
    labels = ["0", *(f"{start}{end}" for start, end in zip(_LENGTHS[1:], ends[1:], strict=True))]
    return [(labels[bucket], found[bucket]) for bucket in sorted(found)]


def by_field(fields: Sequence[Fields], name: str) -> list[Group]:
    """Line numbers, from 0, by the value of a field (a dotted path reaches into objects).

    A list puts a line into the slice of each of its values. Where numbers have more than `MOST_VALUES` values, they are cut into quarters
    between different values; of other values the most frequent are kept and the rest are one slice. Lines without the field, or with
    null, are `(none)`. Raises `DataError` where no line has the field, or where its value is an object.
    """
    values = [_values(record, name, number) for number, record in enumerate(fields, 1)]
    if not any(values):
        raise _no_field(fields, name)
    flat = [value for several in values for value in several]
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in flat):
        groups = _numbers([[value for value in several if isinstance(value, int | float)] for several in values])
    else:
        groups = _labels([[_label(value) for value in several] for several in values])
    without = [number for number, several in enumerate(values) if not several]
    return [*groups, (_NONE, without)] if without else groups


def _values(record: Fields, name: str, line: int) -> list[object]:
    """The values of a field: several for a list, none where it is missing or null."""
    value: object = record
    rest = name
    while rest:
        if not isinstance(value, dict):
            return []
        key = rest if rest in value else rest.partition(".")[0]
        value, rest = value.get(key), "" if key == rest else rest.partition(".")[2]
    found = [one for one in (value if isinstance(value, list) else [value]) if one is not None]
    if any(isinstance(one, dict | list) for one in found):
        hint = (
            f"name a field in it, as {name}.KEY" if isinstance(value, dict) else "lists of texts and numbers are fine"
        )
        raise DataError("evaluate.field", f"--by {name}: in test line {line} it holds objects or lists", hint)
    return found


def _no_field(fields: Sequence[Fields], name: str) -> DataError:
    known = sorted({key[:40] for record in fields for key in record})
    near = get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known[:20])}"
    return DataError("evaluate.field", f"--by {name}: no line of the test set has a field {name!r}", hint)


def _numbers(values: Sequence[Sequence[int | float]]) -> list[Group]:
    flat = sorted(value for several in values for value in several)
    distinct = sorted(set(flat))
    starts = distinct[1:]
    if len(distinct) > MOST_VALUES:
        starts = sorted({max(distinct[1], flat[len(flat) * quarter // 4]) for quarter in _QUARTERS})
    found: dict[int, list[int]] = defaultdict(list)
    ranges: dict[int, list[int | float]] = defaultdict(list)
    for number, several in enumerate(values):
        for value in several:
            bucket = bisect_right(starts, value)
            ranges[bucket].append(value)
            if found[bucket][-1:] != [number]:
                found[bucket].append(number)
    return [(_range(min(ranges[bucket]), max(ranges[bucket])), found[bucket]) for bucket in sorted(found)]


def _range(low: int | float, high: int | float) -> str:
    return _label(low) if low == high else f"{_label(low)} to {_label(high)}"


def _labels(values: Sequence[Sequence[str]]) -> list[Group]:
    counts = Counter(label for several in values for label in set(several))
    ranked = sorted(counts, key=lambda label: (-counts[label], label))
    kept = ranked if len(ranked) <= MOST_VALUES else ranked[: MOST_VALUES - 1]
    other = f"other ({len(ranked) - len(kept)} values)"
    found: dict[str, list[int]] = {label: [] for label in kept}
    rest = []
    for number, several in enumerate(values):
        for label in set(several).intersection(kept):
            found[label].append(number)
        if set(several).difference(kept):
            rest.append(number)
    return [*found.items(), *([(other, rest)] if rest else [])]


def _label(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not value.is_integer():
        return f"{value:.6g}"
    return str(int(value)) if isinstance(value, float) else str(value) or _EMPTY


def find_groups(by: str, gold: Gold) -> list[Group]:
    """The lines of each slice by the length of the source or by a field; `field:length` is a field that is called so.

    Raises `UsageError` where the test set has no source, or is not in JSON lines, and as `by_field`.
    """
    if needs_fields(by):
        name = by.removeprefix(FIELD)
        if not name:
            raise UsageError("evaluate.by", f"--by {by}: no field is named", "length, frequency, or a field's name")
        if gold.fields is None:
            hint = "fields are those of a test set in JSON lines: give one with --jsonl FILE; or --by length, --by frequency"
            if near := difflib.get_close_matches(by, (LENGTH, FREQUENCY), 1):
                hint = f"did you mean --by {near[0]}?"
            raise UsageError("evaluate.by", f"--by {by}: the test set has no fields", hint)
        return by_field(gold.fields, name)
    if gold.source is None:
        hint = "add --src SRC, or --src-field FIELD where the test set is in JSON lines"
        raise UsageError("evaluate.by", "--by length is by the length of the source, and there is none", hint)
    return by_length(gold.source.lines)


def find_slices(by: Sequence[str], gold: Gold, models: Sequence[Path], train: Sequence[Path]) -> list[Slices]:
    """What `--by` asks for, each once. Raises as `training_words` and `find_groups`."""
    return [
        Slices(FREQUENCY, None, training_words(models, train))
        if one == FREQUENCY
        else Slices(one, find_groups(one, gold))
        for one in dict.fromkeys(by)
    ]


def slice_by_lines(
    by: str,
    groups: Sequence[Group],
    systems: Sequence[Lines],
    gold: Gold,
    names: Sequence[str],
    *,
    resampling: Resampling,
    variant: Variant,
) -> Slicing:
    """Scores of every system on every group of lines. Intervals come unasked, as far as there is memory for them: a part is smaller than
    the whole, and more easily lucky."""
    largest = max((len(numbers) for _, numbers in groups), default=0)
    resampling = replace(resampling, bootstrap=resampling.bootstrap or _unasked(names, largest))
    slices = []
    for label, numbers in groups:
        part = Gold([_part(ref, numbers) for ref in gold.refs], _part(gold.source, numbers) if gold.source else None)
        results = [
            score_system(_part(system, numbers), part, names, resampling=resampling, variant=variant)
            for system in systems
        ]
        slices.append(Slice(label, len(numbers), [result.scores for result in results]))
    return Slicing(by, "lines", slices)


def _unasked(names: Sequence[str], lines: int) -> int:
    """How many samples intervals that nobody asked for have: fewer where so many lines are too many, and none where too few are left."""
    if not set(names).intersection(SACREBLEU_METRICS):
        return _SAMPLES
    samples = min(_SAMPLES, most_drawn(lines))
    return samples if samples >= _FEWEST_SAMPLES else 0


def _part(lines: Lines, numbers: Sequence[int]) -> Lines:
    return Lines(lines.name, [lines.lines[number] for number in numbers])


def slice_by_frequency(
    counts: Mapping[str, int], systems: Sequence[Lines], gold: Gold, resampling: Resampling
) -> Slicing:
    """Word F1 of every system by how often training had a word; ranges of which the references have no word are left out."""
    refs, samples = [ref.lines for ref in gold.refs], resampling.bootstrap or _SAMPLES
    found = [score_by_frequency(one.lines, refs, counts, bootstrap=samples, seed=resampling.seed) for one in systems]
    slices = [
        Slice(buckets[0].label, buckets[0].words, [{one.score.name: one.score} for one in buckets])
        for buckets in zip(*found, strict=True)
        if buckets[0].words
    ]
    return Slicing(FREQUENCY, "words", slices)
