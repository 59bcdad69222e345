"""The whole of it: files and wishes in, a proposal out, nothing written."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from seqtool.errors import DataError, UsageError
from seqtool.proposal.columns import choose_columns
from seqtool.proposal.layout import Layout, find_layout
from seqtool.proposal.names import Role
from seqtool.proposal.profile import Comparison, compare
from seqtool.proposal.source import Field, Source
from seqtool.proposal.split import FEWEST, Groups, Split, plan_split
from seqtool.proposal.survey import Survey, surveyed
from seqtool.proposal.table import Table
from seqtool.proposal.task import Side, Task, misnamed, side_of, task_by_names, task_by_texts
from seqtool.proposal.text_pairs import SideWishes

Progress = Callable[[str, int], None]

# With fewer pairs than this, training works and little is learnt.
FEW = 1000


@dataclass(frozen=True)
class Wishes:
    """What was typed; None is to be guessed. `valid` and `test` are numbers of pairs to split off."""

    sides: SideWishes
    task: Task | None = None
    config: str | None = None
    valid: int | None = None
    test: int | None = None
    seed: int = 1


@dataclass(frozen=True)
class Fields:
    """What the recipe calls source and target, the names they are known by, and why these; `typed` is whether somebody said which is
    which."""

    src: Field
    tgt: Field
    names: tuple[str, str]
    why: str
    task: Task | None = None
    table: Table | None = None
    typed: bool = False


@dataclass(frozen=True)
class Proposal:
    """What will stand in the recipe. `split` says how to split off what is not given; without it nothing is written but the recipe.
    `pairs` are those of each role, after splitting."""

    layout: Layout
    fields: Fields
    task: Task
    task_why: str
    sides: tuple[Side, Side]
    comparison: Comparison
    survey: Survey
    pairs: dict[Role, int]
    split: Split | None = None
    seed: int = 1
    warnings: list[str] = field(default_factory=list)

    @property
    def labels(self) -> tuple[str, str]:
        """What messages call the two sides: files, or columns of a table."""
        source, (src, tgt) = self.layout.train, self.fields.names
        if source.kind == "text":
            return source.paths[0].name, source.paths[1].name
        return f"column {src}", f"column {tgt}"

    @property
    def parts(self) -> list[Role]:
        """The roles whose pairs are written into files of their own."""
        order: tuple[Role, ...] = ("train", "valid", "test")
        written = set() if self.split is None else {"train", *self.split.roles.values()}
        return [role for role in order if role in written]

    @property
    def name(self) -> str:
        """What a run may be called: the data's name, and the languages where they are known."""
        codes = [side.code for side in self.sides]
        if self.task == "summarization" or None in codes:
            return self.layout.name
        tail = f"{codes[0]}-{codes[1]}"
        return self.layout.name if self.layout.name.endswith(tail) else f"{self.layout.name}-{tail}"


def propose(files: Sequence[str], wishes: Wishes, folder: Path, progress: Progress) -> Proposal:
    """Looks at the data, all of it. Raises `DataError` for data that cannot be trained on, `UsageError` for what was typed, and where
    something has to be split off and its `folder` is there already."""
    layout = find_layout(files, wishes.sides, wishes.config)
    wanted = _wanted(layout, wishes)
    if wanted:
        check_free(folder)
    fields = _fields(layout, wishes.sides)
    survey, groups = Survey(), Groups(wishes.seed)
    pairs = layout.train.pairs(fields.src, fields.tgt, "train")
    watched = groups.watch(pairs) if wanted else pairs
    for _ in surveyed(watched, survey, lambda count: progress("train", count)):
        pass
    if not survey.sample:
        hint = "check the files and columns"
        raise DataError("data.empty", f"{layout.train.describe()} has no pair with text on both sides", hint)
    counts: dict[Role, int] = {"train": survey.pairs}
    for role, source in layout.sources()[1:]:
        counts[role] = _counted(source, fields, role, progress)
    split = plan_split(groups, wanted, layout.train.describe()) if wanted else None
    if split is not None:
        counts |= _sizes(split, groups, wanted)
    sources, targets = zip(*survey.sample, strict=True)
    sides = side_of(fields.names[0], sources), side_of(fields.names[1], targets)
    found = compare(sources, targets)
    task, why = _task(wishes.task, fields, found, sides)
    made = Proposal(layout, fields, task, why, sides, found, survey, counts, split, wishes.seed)
    made.warnings.extend(_warnings(made))
    return made


def _wanted(layout: Layout, wishes: Wishes) -> dict[Role, int | None]:
    """The parts to split off, the test set first: it is the one that must not change."""
    wanted: dict[Role, int | None] = {}
    asked: tuple[tuple[Role, Source | None, int | None], ...] = (
        ("test", layout.test, wishes.test),
        ("valid", layout.valid, wishes.valid),
    )
    for role, source, number in asked:
        if source is not None and number is not None:
            message = f"--{role} {number}, but {source.describe()} is the {role} set already"
            raise UsageError("usage.init", message, f"remove --{role}, or name only the training files")
        if source is None and number != 0:
            wanted[role] = number
    return wanted


def _fields(layout: Layout, sides: SideWishes) -> Fields:
    """The columns of a table; of text files, the names that tell them apart."""
    source = layout.train
    if source.kind == "text":
        names = source.sides or ("src", "tgt")
        typed = layout.typed or None not in sides
        why = "as you said" if typed else "by the names of the files"
        return Fields("", "", names, why, task_by_names(*names), typed=typed)
    table = Table(source, sides)
    choice = choose_columns(table.columns, sides, source.describe())
    task: Task | None = None
    if choice.task is not None:
        task = "summarization" if choice.task == "summarization" else "translation"
    columns = table.field(choice.src), table.field(choice.tgt)
    return Fields(*columns, (choice.src, choice.tgt), choice.why, task, table, None not in sides)


def _counted(source: Source, fields: Fields, role: Role, progress: Progress) -> int:
    """The pairs of a set that is given, all of them read, so that training will not stumble over them."""
    count = 0
    for count, _ in enumerate(source.pairs(fields.src, fields.tgt, role), 1):
        if count % 10_000 == 0:
            progress(role, count)
    if not count:
        raise DataError(
            "data.empty", f"{source.describe()} has no pairs", "name a file with pairs in it, or leave it out"
        )
    return count


def _sizes(split: Split, groups: Groups, wanted: dict[Role, int | None]) -> dict[Role, int]:
    sizes: dict[Role, int] = dict.fromkeys(wanted, 0)
    for place, role in split.roles.items():
        sizes[role] += groups.counts[place]
    return {"train": groups.pairs - sum(sizes.values()), **sizes}


def _task(typed: Task | None, fields: Fields, found: Comparison, sides: tuple[Side, Side]) -> tuple[Task, str]:
    if typed is not None:
        return typed, "as you said"
    if fields.task is not None:
        return fields.task, f"the names {fields.names[0]} and {fields.names[1]} say so"
    return task_by_texts(found, sides)


def _warnings(made: Proposal) -> list[str]:
    """What to think about before training for an hour."""
    found = misnamed(made.sides, made.labels)
    if made.task == "translation" and made.sides[0].code is not None and made.sides[0].code == made.sides[1].code:
        found.append(f"both sides are {made.sides[0].name}: one language is rewritten then, not translated")
    if made.pairs["train"] < FEW:
        few = f"{made.pairs['train']:,} training pairs are few: a model needs some thousands to learn a language"
        found.append(
            few + (f", and with fewer than {FEWEST} it learns nothing" if made.pairs["train"] < FEWEST else "")
        )
    if made.survey.empty > 0.05 * made.survey.pairs:
        found.append(
            f"{made.survey.empty:,} of {made.survey.pairs:,} pairs have an empty side; training leaves them out"
        )
    ratio = made.survey.src_lengths.total() and made.survey.tgt_length(0.5) / max(1, made.survey.src_length(0.5))
    if made.sides[0].script == made.sides[1].script and ratio >= 3:
        found.append(
            f"targets are {ratio:.0f} times as long as sources: are they the wrong way round? --src and --tgt say"
        )
    same = sum(src == tgt for src, tgt in made.survey.sample)
    if same > 0.2 * len(made.survey.sample):
        found.append(f"{same / len(made.survey.sample):.0%} of the pairs have the same text on both sides")
    return found


def check_free(path: Path) -> None:
    """Raises `UsageError` where something is already: nothing is ever overwritten."""
    if os.path.lexists(path):
        what = "a folder" if path.is_dir() else "there already"
        raise UsageError(
            "usage.exists",
            f"{path} is {what}; seqtool init overwrites nothing",
            "name another file with -o RECIPE, or move this away",
        )
