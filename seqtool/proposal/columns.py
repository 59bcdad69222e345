"""Which column is the source and which the target: as somebody said, by their names, else by what is in them."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from seqtool.errors import DataError, UsageError
from seqtool.proposal.names import DOCUMENTS, SIDES, SUMMARIES, column_language, is_other, language_name, last_part
from seqtool.proposal.profile import Column, compare, script_of
from seqtool.proposal.text_pairs import SideWishes, ordered_sides

# Texts this many times as long as others are what those summarize.
LONGER = 2.0


@dataclass(frozen=True)
class Choice:
    """Source and target column, why these, and the task where names say it."""

    src: str
    tgt: str
    why: str
    task: str | None = None


def choose_columns(columns: Sequence[Column], wishes: SideWishes, where: str) -> Choice:
    """The columns to learn from. Raises `DataError` where there are no two texts or one that was typed is not there, `UsageError` where
    there are too many languages to choose from."""
    typed = tuple(_named(wish, columns, where) for wish in wishes)
    both = [column for column in typed if column is not None]
    if len(both) == 2:
        if both[0].name == both[1].name:
            raise UsageError("usage.init", f"--src and --tgt are both {both[0].name}", "name two columns")
        guessed = _by_sides(both) or _by_languages(both) or _by_summary(both)
        task = guessed.task if guessed is not None and guessed.src == both[0].name else None
        return Choice(both[0].name, both[1].name, "as you said", task)
    texts = [column for column in columns if _is_text(column)]
    if typed[0] is not None or typed[1] is not None:
        return _with_one_typed(typed, texts, columns, where)
    if len(texts) < 2:
        raise _too_few(columns, where)
    return _by_sides(texts) or _by_languages(texts, strict=True) or _by_summary(texts) or _by_values(texts)


def _named(wish: str | None, columns: Sequence[Column], where: str) -> Column | None:
    if wish is None:
        return None
    for column in columns:
        if column.name == wish:
            return column
    names = [column.name for column in columns]
    inside = [name for name in names if name.rpartition(".")[2] == wish]
    if len(inside) == 1:
        return next(column for column in columns if column.name == inside[0])
    near = difflib.get_close_matches(wish, names, 1)
    hint = f"did you mean {near[0]}?" if near else "name one of them"
    listed = ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
    raise DataError("data.field", f"{where}: no column {wish!r}: there are {listed}", hint)


def _with_one_typed(
    typed: Sequence[Column | None], texts: Sequence[Column], columns: Sequence[Column], where: str
) -> Choice:
    """The other one is that which goes best with it."""
    known = typed[0] or typed[1]
    assert known is not None
    others = [column for column in texts if column.name != known.name]
    if not others:
        raise _too_few(columns, where)
    best = max(others, key=lambda column: compare(known.values, column.values).affinity)
    src, tgt = (known, best) if typed[0] is not None else (best, known)
    return Choice(src.name, tgt.name, f"{known.name} as you said, and {best.name} goes best with it")


def _too_few(columns: Sequence[Column], where: str) -> DataError:
    """Says of each column what it is."""
    shown = [f"{column.name} ({'text' if _is_text(column) else _reason(column)})" for column in columns[:12]]
    listed = ", ".join(shown) + (", ..." if len(columns) > 12 else "")
    message = f"{where}: no two columns of text: {listed or 'there are no columns'}"
    return DataError("data.columns", message, _advice(columns))


def _advice(columns: Sequence[Column]) -> str:
    if len(columns) == 1 and columns[0].kind == "text":
        return "columns are separated by tabs, in CSV also by commas or semicolons"
    if any(column.others == "lists" for column in columns):
        return (
            "what is in lists has no names: write a JSON object for each pair, or name two columns with --src and --tgt"
        )
    return "name them if they are there: --src COLUMN --tgt COLUMN"


def _is_text(column: Column) -> bool:
    """Whether there is text to learn from. `id` may be Indonesian, and `no` Norwegian: then it has words."""
    meant = not is_other(column.name) or (column_language(column.name) is not None and column.words > 2)
    return meant and column.kind == "text"


def _reason(column: Column) -> str:
    return "by its name no text" if column.kind == "text" else column.kind


def _by_sides(columns: Sequence[Column]) -> Choice | None:
    names = {last_part(column.name): column.name for column in reversed(columns)}
    for src, tgt in SIDES:
        if src in names and tgt in names:
            return Choice(names[src], names[tgt], "by their names")
    return None


def _by_languages(columns: Sequence[Column], *, strict: bool = False) -> Choice | None:
    """Two languages; of records with both in one field the order says nothing, of columns it says which is the source."""
    found = {column.name: code for column in columns if (code := column_language(column.name)) is not None}
    if len(set(found.values())) < 2:
        return None
    if len(found) > 2 and strict:
        message = f"more than two languages: {', '.join(found)}"
        raise UsageError("usage.init", message, "say which two: --src COLUMN --tgt COLUMN")
    (src, code), (tgt, other) = itertools.islice(found.items(), 2)
    if "." in src and ordered_sides(code, other) != (code, other):
        src, tgt, code, other = tgt, src, other, code
    why = f"by their names: {language_name(code)} and {language_name(other)}"
    return Choice(src, tgt, why, "translation")


def _by_summary(columns: Sequence[Column]) -> Choice | None:
    """A summary by its name, and the document by its name or as the longest of the others."""
    names = {last_part(column.name): column for column in reversed(columns)}
    tgt = next((names[name] for name in SUMMARIES if name in names), None)
    if tgt is None:
        return None
    rest = [column for column in columns if column.name != tgt.name]
    src = next((names[name] for name in DOCUMENTS if name in names), None)
    if src is not None:
        return Choice(src.name, tgt.name, "by their names", "summarization")
    longest = max(rest, key=lambda column: column.length, default=None)
    if longest is None or longest.length < LONGER * tgt.length:
        return None
    why = f"{tgt.name} by its name, and {longest.name} is the longest text beside it"
    return Choice(longest.name, tgt.name, why, "summarization")


def _by_values(texts: Sequence[Column]) -> Choice:
    """The two whose rows go together best, the longer one first where it is much longer."""
    pairs = list(itertools.combinations(texts, 2))
    src, tgt = max(pairs, key=lambda pair: compare(pair[0].values, pair[1].values).affinity)
    why = "the only two columns of text" if len(pairs) == 1 else "the two texts that go together best"
    if compare(src.values, tgt.values).ratio < 1 / LONGER and script_of(src.texts) == script_of(tgt.texts):
        src, tgt = tgt, src
        why += ", the longer one first"
    return Choice(src.name, tgt.name, why)
