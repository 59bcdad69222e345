"""What the README tells people to type works: what `make quickstart` runs is in the Makefile, everything else is run here."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.processes import PACKAGE_ROOT, python, seqtool, shell

README = (PACKAGE_ROOT / "README.md").read_text("utf-8")
MAKEFILE = (PACKAGE_ROOT / "Makefile").read_text("utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def by_make(block: str) -> bool:
    """Whether a block installs, or is what `make quickstart` does: too long for a test."""
    return "pip install" in block or block.startswith(("make ", "seqtool train recipes/quickstart.yaml\n"))


def makefile_lines() -> set[str]:
    """The Makefile's commands as a person would type them."""
    names = {"$(PYTHON)": "python3", "$(BIN)": ".venv/bin", "@": ""}
    lines = (line.strip() for line in MAKEFILE.splitlines() if line.startswith("\t"))
    return {re.sub("|".join(map(re.escape, names)), lambda found: names[found[0]], line) for line in lines}


def test_the_blocks_of_the_quickstart_are_what_make_does() -> None:
    typed = [line for block in BLOCKS if by_make(block) for line in block.splitlines()]
    targets = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))
    for line in typed:
        if line.startswith("make "):
            assert line.removeprefix("make ") in targets
        elif not line.startswith("source "):
            assert line in makefile_lines()
    assert len(typed) == 8


@pytest.mark.slow
def test_all_other_blocks_run(tmp_path: Path) -> None:
    """In order, in one folder, as somebody who reads from top to bottom would have it, with a model of a few steps."""
    for name in ("data", "recipes"):
        (tmp_path / name).symlink_to(PACKAGE_ROOT / name)
    small = ("model.embedding=64", "model.encoder.hidden=64", "model.decoder.hidden=96", "training.batch_tokens=512")
    quick = (*small, "training.max_steps=700", "training.metrics=[]", "training.threads=1")
    done = seqtool("train", "recipes/quickstart.yaml", *quick, cwd=tmp_path)
    assert done.code == 0, done.err
    blocks = [block for block in BLOCKS if not by_make(block)]
    assert len(blocks) == 10
    for block in blocks:
        ran = shell(f"set -eu; {block}", tmp_path)
        assert ran.code == 0, f"{block}\n{ran.err}"
        assert "Traceback" not in ran.err
    (program,) = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    ran = python("-W", "ignore::ResourceWarning", "-c", program, cwd=tmp_path)
    assert ran.code == 0, ran.err
    assert ran.out.count("\n") == 100


def test_every_recipe_is_in_the_table() -> None:
    recipes = {path.name for path in (PACKAGE_ROOT / "recipes").glob("*.yaml")}
    assert set(re.findall(r"^\| `recipes/(.*?)` \|", README, re.MULTILINE)) == recipes


def test_the_exit_codes_are_listed() -> None:
    listed = re.search(r"^Exit codes: (.*?)\n\n", README, re.MULTILINE | re.DOTALL)
    assert listed
    assert re.findall(r"\b\d+\b", listed[1]) == [*map(str, range(8)), "129", "130", "141", "143"]


def test_nothing_is_left_to_fill_in() -> None:
    assert "@@" not in README
