"""The documentation and the code say the same: pages that are generated are fresh, commands exist, links lead somewhere."""

from __future__ import annotations

import importlib.util
import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import typer

from seqtool.cli.app import app
from tests.cli.processes import PACKAGE_ROOT, python

DOCS = PACKAGE_ROOT / "docs"
PAGES = sorted(path for path in DOCS.rglob("*.md") if path.name != "zoo.md")
TASKS = {"train-your-own", "compare-systems", "summarize", "ship-a-model", "resume-after-a-crash"}


@pytest.fixture(scope="module")
def messages() -> ModuleType:
    """The part of the generator that finds messages in the code."""
    spec = importlib.util.spec_from_file_location("docs_messages", DOCS / "generator/messages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look themselves up
    spec.loader.exec_module(module)
    return module


def test_generated_pages_are_what_the_code_says(tmp_path: Path) -> None:
    done = python(DOCS / "generate.py", "--check", cwd=tmp_path)
    assert done.code == 0, done.err


def test_a_stale_page_and_a_message_without_a_meaning_are_found(tmp_path: Path) -> None:
    copied = Path(shutil.copytree(DOCS, tmp_path / "docs"))
    page = copied / "reference/recipe.md"
    page.write_text(page.read_text("utf-8").replace("beam_size", "beam"), "utf-8")
    stale = python(copied / "generate.py", "--check", cwd=tmp_path)
    assert (stale.code, stale.err.count("\n")) == (1, 1)
    assert "docs/reference/recipe.md is not what the code says" in stale.err
    table = copied / "generator/messages.yaml"
    lines = [line for line in table.read_text("utf-8").splitlines() if not line.startswith("data.csv:")]
    table.write_text("\n".join([*lines, 'data.gone: ["a", "b"]', ""]), "utf-8")
    lacking = python(copied / "generate.py", "--check", cwd=tmp_path)
    assert lacking.code == 1
    assert "data.csv: no entry" in lacking.err
    assert "data.gone: an entry in messages.yaml, and nothing says it" in lacking.err


MODULE = """
KINDS = {1: ("table.one", "x"), 2: ("table.two", "x")}

def plain():
    raise DataError("plain.id", "x")

def chosen(flag):
    name = "chosen.one" if flag else "chosen.two"
    return Complaint(name, "x")

def looked_up(number):
    name, hint = KINDS.get(number, ("table.else", "x"))
    return ResourceError(name, "x", hint)

def told(text, name):
    raise UsageError(name, text)

def caller(name):
    told("x", "told.id")
    told("x", name)

caller_of_caller = lambda: None

def outer():
    caller("outer.id")

def again(error):
    raise ModelError(error.error_id, "x")
"""


def test_ids_are_found_wherever_they_are_written(messages: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text(MODULE, "utf-8")
    found = messages.message_ids(tmp_path)
    codes = {"plain.id": "3", "chosen.one": "2", "chosen.two": "2", "told.id": "2", "outer.id": "2"}
    tables = dict.fromkeys(("table.one", "table.two", "table.else"), "5")
    assert found == {name: [code] for name, code in (codes | tables).items()}


def test_an_id_that_cannot_be_read_off_is_an_error(messages: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text("def f(a):\n    raise DataError(a.lower(), 'x')\n", "utf-8")
    with pytest.raises(messages.Undescribed, match="which id"):
        messages.message_ids(tmp_path)


def commands(text: str) -> Iterator[list[str]]:
    """The arguments of every `seqtool` on a page: in shell blocks, without what here-documents hold, and in the text."""
    for block in re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        block = re.sub(r"<<'(\w+)'.*?^\1$", "", block, flags=re.MULTILINE | re.DOTALL).replace("\\\n", " ")
        yield from (found for line in block.splitlines() for found in in_line(line))
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    yield from (found for line in re.findall(r"`(seqtool [a-z][^`]*)`", prose) for found in in_line(line))


def in_line(line: str) -> Iterator[list[str]]:
    """The arguments of each `seqtool` in a line of shell."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split = True
    words: list[str] = []
    for word in [*lexer, "|"]:
        if set(word) <= set("|&;"):
            if words[:1] == ["seqtool"]:
                yield words[1:]
            words = []
        elif set(word) <= set("<>") or words[-1:] in (["<"], [">"]):
            words.append(word) if set(word) <= set("<>") else words.pop()
        else:
            words.append(word)


def check_command(arguments: list[str]) -> None:
    """Parses a command line as seqtool does, and runs nothing; N stands for a number."""
    arguments = ["2" if one == "N" else one for one in arguments]
    group = typer.main.get_command(app)
    context = group.make_context("seqtool", arguments[:1], resilient_parsing=True)
    name, command, _ = group.resolve_command(context, arguments[:1])  # type: ignore[attr-defined]
    if command is None:
        raise typer.BadParameter(f"no command {arguments[0]}")
    command.make_context(name, arguments[1:], parent=context)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_exists_with_its_options(page: Path) -> None:
    there = {command.name for command in app.registered_commands}
    for arguments in commands(page.read_text("utf-8")):
        if "--help" in arguments or len(arguments) == 1:
            assert arguments[0] in there | {"COMMAND"}  # a command is only mentioned
        else:
            check_command(arguments)


def test_a_command_that_does_not_exist_is_found() -> None:
    page = "```sh\ncat a | seqtool translate -m runs/a --beam-size 4 < in > out; seqtool train r.yaml a=1\n```\n`seqtool info`"
    found = list(commands(page))
    assert found == [["translate", "-m", "runs/a", "--beam-size", "4"], ["train", "r.yaml", "a=1"], ["info"]]
    for arguments in found:
        check_command(arguments)
    for wrong in (["translate", "--bean-size", "4"], ["trian", "r.yaml"], ["train"]):
        with pytest.raises(typer.TyperException):
            check_command(wrong)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text("utf-8")
    for target in re.findall(r"\]\(([^)]+)\)", text):
        path, _, anchor = target.partition("#")
        there = page if not path else page.parent / path
        assert there.exists(), target
        assert not anchor or anchor in anchors(there.read_text("utf-8")), target


def anchors(text: str) -> set[str]:
    """What a link may point to on a page: its headings, in the spelling of those who show Markdown."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_index_has_every_page_and_every_task_its_page() -> None:
    index = (DOCS / "README.md").read_text("utf-8")
    pages = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")} - {"README.md"}
    assert pages <= set(re.findall(r"\]\(([^)#]+)\)", index))
    assert {f"{name}.md" for name in TASKS} <= pages


def test_pages_of_tasks_are_short() -> None:
    for name in TASKS:
        assert len((DOCS / f"{name}.md").read_text("utf-8").splitlines()) <= 80
