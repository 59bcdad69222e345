"""What systems are scored on: source, references, and what else is known of each line."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from seqtool.errors import DataError, UsageError
from seqtool.recipe.load import load_recipe
from seqtool.recipe.rules import learnt_data
from seqtool.recipe.schema import CorpusSection
from seqtool.text.corpus import Corpus
from seqtool.text.formats import find_files, open_input, text_field
from seqtool.text.lines import LineReader
from seqtool.text.records import parse_object

STDIN = Path("-")

Fields = dict[str, object]


@dataclass(frozen=True)
class Lines:
    """Lines and where they are from, for messages."""

    name: str
    lines: list[str]


@dataclass(frozen=True)
class Gold:
    """One or more sets of references, with their source where it is known, and with the fields of each line's JSON object where the set
    is in JSON lines."""

    refs: list[Lines]
    source: Lines | None = None
    fields: list[Fields] | None = None


def read_lines(path: Path) -> Lines:
    """A file, or standard input for `-`. Raises `DataError` when it is missing, empty, blank throughout, or not UTF-8."""
    if path == STDIN:
        lines = list(LineReader(sys.stdin.buffer, name="standard input", strict=True))
        return _checked(Lines("standard input", lines))
    with open_input(path) as stream:
        return _checked(Lines(str(path), list(LineReader(stream, name=str(path), strict=True))))


def _checked(read: Lines) -> Lines:
    hint = "is it the file you mean, and did the command that wrote it succeed?"
    if not read.lines:
        raise DataError("evaluate.empty", f"{read.name} is empty", hint)
    if not any(line.strip() for line in read.lines):
        raise DataError("evaluate.blank", f"{read.name}: all {len(read.lines):,} lines are blank", hint)
    return read


def check_aligned(one: Lines, other: Lines, error_id: str) -> None:
    """Raises `DataError` when they have different numbers of lines."""
    if len(one.lines) != len(other.lines):
        message = f"{one.name} has {len(one.lines):,} lines and {other.name} has {len(other.lines):,}"
        hint = "line n of one belongs to line n of the other: were both made from the same source?"
        raise DataError(error_id, message, hint)


def read_jsonl_set(path: Path, src_field: str | None, ref_fields: Sequence[str]) -> Gold:
    """A test set in JSON lines; without `src_field` its source is not known. Blank lines are nothing.

    Raises `DataError` naming file and line for what is not an object with these texts, and as `read_lines`.
    """
    numbered = list(_records(path))
    read = {
        field: [text_field(fields, field, f"{path}:{number}") for number, fields in numbered]
        for field in dict.fromkeys([*ref_fields, *([src_field] if src_field else [])])
    }
    refs = [_checked(Lines(f"{path} ({field})", read[field])) for field in ref_fields]
    source = _checked(Lines(f"{path} ({src_field})", read[src_field])) if src_field else None
    return Gold(refs, source, [fields for _, fields in numbered])


def _records(path: Path) -> Iterator[tuple[int, Fields]]:
    """The objects of a file, with their line numbers."""
    for number, line in enumerate(read_lines(path).lines, 1):
        if line.strip():
            yield number, parse_object(line, f"{path}:{number}")


def recipe_gold(path: Path, *, with_fields: bool) -> Gold:
    """The test set of a run's recipe; `with_fields` asks for those of its lines, which only JSON lines have. Raises as `recipe_set`."""
    source, ref = recipe_set(path, "test")
    section = _recipe_section(path, "test", "")
    if section.jsonl is None or not with_fields:
        return Gold([ref], source)
    patterns = section.jsonl if isinstance(section.jsonl, list) else [section.jsonl]
    files = [file for pattern in patterns for file in find_files(pattern)]
    return Gold([ref], source, [fields for file in files for _, fields in _records(file)])


def recipe_set(path: Path, split: Literal["valid", "test"]) -> tuple[Lines, Lines]:
    """Source and reference of a set in a run's recipe; `path` is the run directory or its model directory.

    Raises `UsageError` when there is no recipe or it names no such set, and what reading them raises.
    """
    corpus = Corpus(_recipe_section(path, split, "give one with --src SRC --ref REF"), split)
    pairs = list(corpus.pairs())
    where = corpus.describe()
    return _checked(Lines(where, [src for src, _ in pairs])), _checked(Lines(where, [tgt for _, tgt in pairs]))


def recipe_pairs(path: Path, split: Literal["train", "valid", "test"]) -> Iterator[tuple[str, str]]:
    """The pairs of a set in a run's recipe, one after the other. Raises as `recipe_set`."""
    hint = "keep the run directory together: the model is in its model/"
    yield from Corpus(_recipe_section(path, split, hint), split).pairs()


def has_local_training_set(path: Path) -> bool:
    """Whether a run's recipe is there and names training files, which can be read without asking a hub."""
    return bool(_recipes(path)) and load_recipe(_recipes(path)[0]).data.train.hub is None


def _recipes(path: Path) -> list[Path]:
    return [folder / "recipe.yaml" for folder in (path, path.parent) if (folder / "recipe.yaml").is_file()]


def _recipe_section(path: Path, split: Literal["train", "valid", "test"], hint: str) -> CorpusSection:
    found = _recipes(path)
    if not found:
        raise UsageError("evaluate.test-set", f"{path} has no recipe.yaml, so there is no {split} set", hint)
    section: CorpusSection | None = getattr(learnt_data(load_recipe(found[0])), split)
    if section is None:
        raise UsageError("evaluate.test-set", f"{found[0]} names no data.{split}", hint)
    return section
