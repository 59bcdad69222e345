"""Tables as aligned text, as Markdown and as LaTeX. Whatever is in a cell appears, and does nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from seqtool.cli.terminal import inert


@dataclass(frozen=True)
class Table:
    """`head` and `rows` have a cell for each column; columns in `words` are text, the others numbers. Below stand notes: what, and what of
    it. Text has no caption: what it says is plain where a table is alone on a screen."""

    title: str
    head: list[str]
    rows: list[list[str]]
    words: frozenset[int]
    notes: list[tuple[str, str]] = field(default_factory=list)
    caption: str = ""


def one_line(text: str) -> str:
    """Inert text without line ends."""
    return inert(text).replace("\n", " ")


def as_text(tables: Sequence[Table], _warnings: Sequence[str]) -> str:
    """For a terminal, where warnings are on the other stream."""
    return "\n\n".join(_text_table(table) for table in tables)


def _text_table(table: Table) -> str:
    from rich.cells import cell_len

    rows = [[one_line(cell) for cell in row] for row in (table.head, *table.rows)]
    widths = [max(cell_len(row[column]) for row in rows) for column in range(len(table.head))]
    lines = [f"{one_line(table.title)}:"] if table.title else []
    for row in rows if table.rows else []:
        gaps = [" " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)]
        cells = [
            f"{cell}{gap}" if column in table.words else f"{gap}{cell}"
            for column, (cell, gap) in enumerate(zip(row, gaps, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    if not table.rows:
        lines.append("none")
    if table.notes:
        width = max(len(name) for name, _ in table.notes)
        lines += ["", *(f"{one_line(name).ljust(width)}  {one_line(text)}" for name, text in table.notes)]
    return "\n".join(lines)


# Beside these, a dot after www and the like would make a link of a file's name.
_MARKDOWN = re.compile(r"[\\`*_\[\]<>|~:@$#&]|(?<=www)\.", re.IGNORECASE)


def _markdown(text: str) -> str:
    """Text that Markdown shows as it is."""
    return _MARKDOWN.sub(lambda found: f"\\{found[0]}", one_line(text)).strip()


def _markdown_code(text: str) -> str:
    """The same for a signature, which is easier to copy as code."""
    return _markdown(text) if "`" in text else f"`{one_line(text)}`"


def as_markdown(tables: Sequence[Table], warnings: Sequence[str]) -> str:
    """GitHub's tables, with notes and warnings as lists."""
    parts = [_markdown_table(table) for table in tables]
    if warnings:
        parts.append("\n".join(f"- Warning: {_markdown(warning)}" for warning in warnings))
    return "\n\n".join(parts)


def _markdown_table(table: Table) -> str:
    lines = [f"{_markdown(table.title)}:", ""] if table.title else []
    if not table.rows:
        return "\n".join([*lines, "none"])
    marks = [":--" if column in table.words else "--:" for column in range(len(table.head))]
    rows = [[_markdown(cell) for cell in row] for row in (table.head, *table.rows)]
    lines += [f"| {' | '.join(row)} |" for row in [rows[0], marks, *rows[1:]]]
    if table.notes:
        lines += ["", *(f"- {_markdown(name)}: {_markdown_code(text)}" for name, text in table.notes)]
    return "\n".join(lines)


_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "^": r"\textasciicircum{}",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "%": r"\%",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "`": r"\textasciigrave{}",
    '"': r"{\char34}",  # babel makes it active in some languages
}
# No dashes from hyphens, no quotes from apostrophes or commas: what LaTeX makes of two beside each other.
_LIGATURES = re.compile("([-',])(?=\\1)")
_NEGATIVE = re.compile(r"-(?=\d)")
# What LaTeX's own fonts have, beside ASCII: Latin letters and the marks that seqtool writes.
_BEYOND_LATIN = re.compile("[^\0-\u017f\u2013\u2014\u2018\u2019\u201c\u201d\u2026]")


def _latex(text: str) -> str:
    """Text that LaTeX shows as it is, also at the beginning of a row, where a bracket or star would belong to the row's end before it."""
    plain = one_line(text).strip()
    apart = _LIGATURES.sub("\\1\0", plain)  # a control that no inert text has
    escaped = "".join(_LATEX.get(character, character) for character in apart).replace("\0", "{}")
    return ("{}" if plain.startswith(("[", "*")) else "") + escaped


def _latex_number(text: str) -> str:
    """A cell of numbers, in which a minus is one."""
    return _NEGATIVE.sub("$-$", _latex(text))


def as_latex(tables: Sequence[Table], warnings: Sequence[str]) -> str:
    """Floating tables with the rules of booktabs; what is to be known of the numbers stands in comments."""
    written = "\n".join(_latex_table(table) for table in tables)
    parts = ["% \\usepackage{booktabs}"]
    if other := _BEYOND_LATIN.search(written):
        parts.append(f"% U+{ord(other[0]):04X} and the like: for XeLaTeX or LuaLaTeX, and a font that has them")
    return "\n".join([*parts, *(f"% warning: {one_line(warning)}" for warning in warnings), written])


def _latex_table(table: Table) -> str:
    last = len(table.head) - 1
    caption = table.caption or table.title
    wide = r"p{0.6\linewidth}"  # whole sentences stand in the last column
    columns = ["l" if column in table.words else "r" for column in range(len(table.head))]
    if last in table.words:
        columns[last] = wide
    forms = [_latex if column in table.words else _latex_number for column in range(len(table.head))]
    lines_of_cells = [
        list(map(_latex, table.head)),
        *([form(cell) for form, cell in zip(forms, row, strict=True)] for row in table.rows),
    ]
    rows = [" & ".join(cells) + r" \\" for cells in lines_of_cells]
    if not table.rows:
        rows.append(rf"\multicolumn{{{len(table.head)}}}{{l}}{{none}} \\")
    lines = [
        r"\begin{table}",
        r"\centering",
        *([rf"\caption{{{_latex(caption[:1].upper() + caption[1:])}}}"] if caption else []),
        rf"\begin{{tabular}}{{{''.join(columns)}}}",
        *(r"\toprule", rows[0], r"\midrule", *rows[1:], r"\bottomrule", r"\end{tabular}"),
    ]
    if table.notes:
        notes = "\\\\\n".join(map(_latex_note, table.notes))
        lines += [r"\par\smallskip", r"{\raggedright\footnotesize", notes + r"\par}"]
    return "\n".join([*lines, r"\end{table}"])


def _latex_note(note: tuple[str, str]) -> str:
    text = _latex(note[1]).replace(_LATEX["|"], _LATEX["|"] + r"\allowbreak{}")
    return rf"{_latex(note[0])}: \texttt{{{text}}}"


FORMATS: dict[str, Callable[[Sequence[Table], Sequence[str]], str]] = {
    "text": as_text,
    "markdown": as_markdown,
    "latex": as_latex,
}
