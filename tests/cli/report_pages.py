"""Runs to report on, and what a page says."""

from __future__ import annotations

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

from tests.cli.training_runs import Trained

# What a stranger may have written into data, names and logs.
HOSTILE = [
    "<script>document.title='taken'</script>",
    "</style></svg><img src=x onerror=\"document.title='taken'\">",
    "{{ 7 * 7 }} {% raw %} [/bold] $x^2$",
    "a\u202eb\u2066c \x1b[31mred\x1b[0m \x07",
    "--!><iframe src='http://example.org/'></iframe>",
    "![x](http://example.org/x.png) javascript:document.title='taken'",
]
HOSTILE_NAME = "<img src=x onerror=alert(1)>"


class Page(HTMLParser):
    """The elements, attributes and text of a page, as a browser would see them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.extend(attrs)

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))


def tables(text: str, name: str) -> list[list[list[str]]]:
    """The rows of the tables of a class, as the text of their cells."""
    found = re.findall(rf'<table class="{name}".*?</table>', text, re.DOTALL)
    rows = [re.findall(r"<tr.*?</tr>", table, re.DOTALL) for table in found]
    cells = [[re.findall(r"<t[dh].*?</t[dh]>", row, re.DOTALL) for row in table] for table in rows]
    return [[[Page(cell).text.strip() for cell in row] for row in table] for table in cells]


def copied(trained: Trained, folder: Path, name: str = "numbers") -> Path:
    """The trained run under another name, and its prepared data beside it."""
    runs = folder / "runs"
    shutil.copytree(trained.run_dir.parent / "prepared", runs / "prepared")
    return Path(shutil.copytree(trained.run_dir, runs / name))


def hostile(trained: Trained, folder: Path) -> Path:
    """A run in which everything that is text is a stranger's."""
    run = copied(trained, folder, HOSTILE_NAME)
    for name in ("src", "tgt"):
        (folder / f"test.{name}").write_bytes("".join(f"{line}\n" for line in HOSTILE).encode())
    text = (run / "recipe.yaml").read_text("utf-8")
    test = f"  test:\n    src: {folder}/test.src\n    tgt: {folder}/test.tgt\n"
    text = re.sub(r"  test:\n    src: .*\n    tgt: .*\n", lambda _: test, text)
    (run / "recipe.yaml").write_text(f"# {HOSTILE[0]}\n{text}", "utf-8")
    with (run / "samples.txt").open("a", encoding="utf-8") as samples:
        samples.write("".join(f"step {9000 + n}\n  src  {t}\n  ref  {t}\n  hyp  {t}\n" for n, t in enumerate(HOSTILE)))
    line = {"kind": "train", "step": 400, "grad_norms": dict.fromkeys(HOSTILE, 1.0)}
    scores = {"kind": "valid", "step": 400, "loss": 1.0, "best": True, **dict.fromkeys(HOSTILE, 3.0)}
    with (run / "metrics.jsonl").open("a", encoding="utf-8") as metrics:
        metrics.write(f"{json.dumps(line)}\n{json.dumps(scores)}\nno metrics: {HOSTILE[0]}\n")
    (run / "result.json").write_text(json.dumps({"reason": HOSTILE[1]}), "utf-8")
    return run
