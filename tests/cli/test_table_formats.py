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
    "a--b ''c'' ,,d,, ---",
    "}{ \\ ^^M \\end{tabular} \\def\\x{#1}",
    "$&%#_~^{}\\",
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
    notes = [line for line in lines if line.startswith("%")]
    assert notes[0] == "% \\usepackage{booktabs}"
    assert notes[1].startswith("% U+FFFD and the like: for XeLaTeX or LuaLaTeX")
    assert notes[2:] == ["% warning: of 100% \\input{x} \\end"]
    rows = lines[lines.index(r"\midrule") + 1 : lines.index(r"\bottomrule")]
    assert len(rows) == len(HOSTILE)
    for text, row in zip(HOSTILE, rows, strict=True):
        assert row.endswith(r" \\")
        assert not row.startswith(("[", "*")), "they would be an argument of the row before"
        first, number, last = re.split(r" (?<!\\)& ", row.removesuffix(r" \\"))
        assert (read_latex(first), number, read_latex(last)) == (shown(text), "1.00", shown(text))
        assert not re.search("--|''|,,", row), "no dash from hyphens, and no quotes"
    assert r"\caption{Lines of a\textbar{}b\_c}" in lines


# All commands that a table may have, with how many arguments in braces each has.
_KNOWN = {
    **dict.fromkeys(("begin", "end", "caption", "texttt"), 1),
    **dict.fromkeys(
        ("centering", "toprule", "midrule", "bottomrule", "par", "smallskip", "raggedright", "footnotesize"), 0
    ),
    **dict.fromkeys(("allowbreak", "linewidth", "char"), 0),
    **dict.fromkeys((name for name in _COMMANDS if name != "char34"), 0),
    "multicolumn": 3,
}


def compiles(text: str) -> None:
    """What LaTeX would stumble over, by reading: braces, environments, columns, commands, special characters. Not a TeX, but strict."""
    body = "\n".join(line for line in text.split("\n") if not line.startswith("%"))
    opened: list[str] = []
    depth, columns, cells = 0, 0, 1
    tokens = re.findall(r"\\[a-zA-Z]+|\\\\|\\.|[{}&]|\$-\$|[^\\{}&$]+|.", body, re.DOTALL)
    for place, token in enumerate(tokens):
        if token == "{":
            depth += 1
        elif token == "}":
            depth -= 1
            assert depth >= 0
        elif token == "&":
            cells += 1
        elif token == "\\\\":
            assert not opened or opened[-1] == "table" or cells == columns
            cells = 1
        elif re.fullmatch(r"\\[a-zA-Z]+", token):
            assert token[1:] in _KNOWN, token
            if _KNOWN[token[1:]]:
                assert tokens[place + 1] == "{", token
            if token == r"\multicolumn":
                cells += int(tokens[place + 2]) - 1
            if token == r"\begin":
                opened.append(tokens[place + 2])
                if tokens[place + 2] == "tabular":
                    spec = re.match(r"\{((?:[lr]|p\{0\.6\\linewidth\})+)\}", "".join(tokens[place + 4 :]))
                    assert spec
                    columns = len(re.sub(r"\{.*?\}", "", spec[1]))
            elif token == r"\end":
                assert opened.pop() == tokens[place + 2]
        elif token.startswith("\\"):
            assert token[1] in "{}$&#_%", token
        else:
            assert token == "$-$" or not re.search(r"[$#_%^~]", token), token
    assert (depth, opened) == (0, [])


@pytest.mark.parametrize("name", HOSTILE)
def test_a_table_of_a_system_with_any_name_compiles(name: str) -> None:
    scores = Table(
        "", ["System", name], [[name, "1.00"], ["b", "2"]], frozenset({0}), [(name, name), ("p", name)], name
    )
    empty = Table(name, [name, "text"], [], frozenset({1}))
    compiles(FORMATS["latex"]([scores, empty, TABLE], [name]))


def test_a_negative_number_has_a_minus_and_a_name_a_hyphen() -> None:
    latex = FORMATS["latex"]([Table("", ["", "x"], [["a-1", "-1.50 [-2.00, 3.10]"]], frozenset({0}))], [])
    assert r"a-1 & $-$1.50 [$-$2.00, 3.10] \\" in latex
    compiles(latex)


def test_text_that_only_unicode_engines_set_is_said() -> None:
    tables = [Table("", ["", "x"], [[name, "1"]], frozenset({0})) for name in ("naïve – Łódź …", "名", "😀")]
    said = [FORMATS["latex"]([table], []).split("\n")[1] for table in tables]
    assert said[0] == r"\begin{table}"
    assert [one[:10] for one in said[1:]] == ["% U+540D a", "% U+1F600 "]


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
