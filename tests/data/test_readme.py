"""What data/README.md says about the corpora is so."""

from __future__ import annotations

import json
import re

import pytest

from tests.data.conftest import DATA, SPLITS

README = (DATA / "README.md").read_text(encoding="utf-8")
Rows = dict[str, list[tuple[str, str]]]


def table_rows(columns: int) -> list[list[str]]:
    """The cells of all table lines with so many columns, without heads and rules."""
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in README.splitlines() if line[:2] == "| "]
    return [cells for cells in lines if len(cells) == columns and cells[0]]


def test_the_sentences_it_quotes_are_in_the_corpus(pairs: Rows) -> None:
    quoted = [(german, english) for _, german, english in table_rows(3)]
    assert len(quoted) > 10
    assert set(quoted) <= set(pairs["train"])


def test_the_report_it_quotes_is_in_the_corpus(reports: Rows) -> None:
    quote = " ".join(line.removeprefix(">").strip() for line in README.splitlines() if line.startswith(">"))
    found = re.fullmatch(r"\*\*report\*\* (.+) \*\*headline\*\* (.+)", re.sub(r" +", " ", quote))
    assert found is not None
    assert found.groups() in reports["train"]


@pytest.mark.parametrize("folder", ["de-en", "reports"])
def test_the_sizes_are_those_of_the_files(pairs: Rows, reports: Rows, folder: str) -> None:
    (cells,) = [cells for cells in table_rows(5) if cells[0].startswith(f"`{folder}/`")]
    rows = {"de-en": pairs, "reports": reports}[folder]
    assert [int(cell.replace(",", "")) for cell in cells[1:4]] == [len(rows[split]) for split in SPLITS]


def test_what_it_says_of_unseen_words_is_so() -> None:
    rows = [json.loads(line) for line in (DATA / "reports/unseen.jsonl").read_text("utf-8").splitlines()]
    assert f"`reports/unseen.jsonl` holds {len(rows)} more reports" in README
    strange, none = sum(len(row["unseen"]) for row in rows), sum(not row["unseen"] for row in rows)
    assert f"({strange} in all; {none} headlines have none)" in README
    shown = re.search(r"^    (\{.*), \.\.\.\}$", README, re.MULTILINE)
    assert shown
    assert json.loads(shown[1] + "}").items() <= next(row for row in rows if row["headline"] in shown[1]).items()


def one_word_off(lines: list[str], train: list[str]) -> float:
    """The share of lines that become one of train by changing a single word."""

    def gapped(line: str) -> set[str]:
        words = line.split()
        return {" ".join([*words[:i], "_", *words[i + 1 :]]) for i in range(len(words))}

    known = set().union(*map(gapped, train))
    return sum(not known.isdisjoint(gapped(line)) for line in lines) / len(lines)


def test_so_much_of_the_test_set_is_as_near_to_train_as_it_admits(pairs: Rows, reports: Rows) -> None:
    near = one_word_off([german for german, _ in pairs["test"]], [german for german, _ in pairs["train"]])
    assert near == pytest.approx(0.04, abs=0.015)  # "about 4 in 100"
    near = one_word_off([head for _, head in reports["test"]], [head for _, head in reports["train"]])
    assert near == pytest.approx(2 / 3, abs=0.08)  # "about 2 in 3"
