"""Tables for papers: what is in a file is shown and does nothing."""

from __future__ import annotations

import random
import re

import pytest
from markdown_it import MarkdownIt

from seqtool.cli.table_formats import FORMATS, Table

HOSTILE = [
    "[/bold]",
    "a|b",
    "R&D",
    "50% _of_ #1 {x} $y$ ^ ~",
    "\\input{/etc/passwd}",
    "\\\\[1cm]",
    "* star",
    '--- "so" `code` ```',
    "<script>alert(1)</script>",
    "[link](http://x.example) <http://y.example> www.z.example a@b.example",
    "![image](x)",
    "&lt;b&gt;",
    "~~struck~~ **bold**",
    "escape \x1b[31m red \x9b31m",
    "turned \u202e round \u2066",
    "two\nlines\rthree\u2028four",
    "% comment",
    "",
    "日本語 naïve ß",
]
TABLE = Table("lines of a|b_c", ["", "BLEU", "text"], [[text, "1.00", text] for text in HOSTILE], frozenset({0, 2}))


def shown(text: str) -> str:
    """What a reader is to see of a text in a cell."""
    one = re.sub(r"[\x00-\x1f\x7f-\x9f\u202e\u2066\u2028]", lambda found: " " if found[0] == "\n" else "\ufffd", text)
    return one.strip()


@pytest.mark.parametrize("form", FORMATS)
def test_no_control_leaves_a_table(form: str) -> None:
    out = FORMATS[form]([TABLE], ["warning of \x1b[31m a file\n\\end{document}"])
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]", out)


def test_a_terminal_shows_every_cell_on_its_line() -> None:
    lines = FORMATS["text"]([TABLE], []).split("\n")
    assert len(lines) == 2 + len(HOSTILE)
    for text, line in zip(HOSTILE, lines[2:], strict=True):
        assert re.sub(" +", " ", line).strip() == re.sub(" +", " ", f"{shown(text)} 1.00 {shown(text)}").strip()


def test_columns_are_as_wide_as_they_look() -> None:
    table = Table("", ["", "x"], [["日本", "1"], ["four", "10"]], frozenset({0}))
    assert FORMATS["text"]([table], []) == "       x\n日本   1\nfour  10"


def test_markdown_renders_to_a_table_with_the_texts_themselves() -> None:
    """By an implementation of GitHub's tables, struck text and links included."""
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    tokens = reader.parse(FORMATS["markdown"]([TABLE], ["a_b_c *d*"]))
    cells = [
        tokens[place + 1]
        for place, token in enumerate(tokens)
        if token.type in ("td_open", "th_open", "paragraph_open")
    ]
    title, *rest, warning = cells
    assert title.children is not None
    for cell in cells:
        assert {child.type for child in cell.children or []} <= {"text", "text_special"}, cell.content
    texts = ["".join(child.content for child in cell.children or []) for cell in rest]
    assert texts[:3] == ["", "BLEU", "text"]
    assert texts[3::3] == texts[5::3] == [shown(text) for text in HOSTILE]
    assert "".join(child.content for child in warning.children or []) == "Warning: a_b_c *d*"


_COMMANDS = {
    "textbackslash": "\\",
    "textasciicircum": "^",
    "textasciitilde": "~",
    "textless": "<",
    "textgreater": ">",
} | {
    "textbar": "|",
    "textasciigrave": "`",
    "char34": '"',
}


def read_latex(cell: str) -> str:
    """What LaTeX prints for an escaped text; a special character that is not escaped is an error."""
    out = re.sub(r"\\([{}$&#_%])", lambda found: f"\0{ord(found[1])}\0", cell)
    out = re.sub(r"\\([a-z]+\d*)(?:\{\})?", lambda found: f"\0{ord(_COMMANDS[found[1]])}\0", out)
    out = re.sub(r"\{(\0\d+\0)?\}", lambda found: found[1] or "", out)
    assert not re.search(r"[\\{}$&#_%^~]", out), cell
    return re.sub("\0(\\d+)\0", lambda found: chr(int(found[1])), out)


def test_latex_prints_the_texts_themselves() -> None:
    lines = FORMATS["latex"]([TABLE], ["of 100% \\input{x}\n\\end"]).split("\n")
    assert [line for line in lines if line.startswith("%")] == [lines[0], "% warning: of 100% \\input{x} \\end"]
    rows = lines[lines.index(r"\midrule") + 1 : lines.index(r"\bottomrule")]
    assert len(rows) == len(HOSTILE)
    for text, row in zip(HOSTILE, rows, strict=True):
        assert row.endswith(r" \\")
        assert not row.startswith(("[", "*")), "they would be an argument of the row before"
        first, number, last = re.split(r" (?<!\\)& ", row.removesuffix(r" \\"))
        assert (read_latex(first), number, read_latex(last)) == (shown(text), "1.00", shown(text))
        assert "--" not in row, "no dash from hyphens"
    assert r"\caption{Lines of a\textbar{}b\_c}" in lines


def test_random_texts_are_shown_as_they_are() -> None:
    rng, reader = random.Random(5), MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    parts = [*"ab \\`*_[]<>|~:@$#&!(){}.-+=\"'%^/1;é日\n\x1b\u202e", "www.", "http://", "&amp;", "--", "```"]
    texts = ["".join(rng.choices(parts, k=rng.randint(0, 14))) for _ in range(400)]
    table = Table("", ["a", "b"], [[text, "x"] for text in texts], frozenset({0, 1}))
    tokens = reader.parse(FORMATS["markdown"]([table], []))
    cells = [tokens[place + 1] for place, token in enumerate(tokens) if token.type == "td_open"][::2]
    latex = FORMATS["latex"]([table], []).split("\n")
    rows = latex[latex.index(r"\midrule") + 1 : latex.index(r"\bottomrule")]
    for text, cell, row in zip(texts, cells, rows, strict=True):
        assert {child.type for child in cell.children or []} <= {"text", "text_special"}, text
        assert "".join(child.content for child in cell.children or []) == shown(text)
        assert read_latex(row.removesuffix(r" & x \\")) == shown(text)


def test_notes_stand_below_the_tables() -> None:
    table = Table("", ["", "BLEU"], [["a", "1"]], frozenset({0}), [("BLEU", "nrefs:1|case:mixed")], "Scores")
    assert "\n\nBLEU  nrefs:1|case:mixed" in FORMATS["text"]([table], [])
    assert "\n\n- BLEU: `nrefs:1|case:mixed`" in FORMATS["markdown"]([table], [])
    latex = FORMATS["latex"]([table], [])
    assert r"BLEU: \texttt{nrefs:1\textbar{}\allowbreak{}case:mixed}\par}" in latex
    assert r"\caption{Scores}" in latex
    for name in ("table", "tabular"):
        assert latex.count(rf"\begin{{{name}}}") == latex.count(rf"\end{{{name}}}") == 1


@pytest.mark.parametrize("form", FORMATS)
def test_a_list_of_nothing_says_so(form: str) -> None:
    table = Table("greatest gains", ["line", "text"], [], frozenset({1}))
    out = FORMATS[form]([table], [])
    assert "none" in out
