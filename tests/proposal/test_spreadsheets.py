"""What spreadsheets export becomes a recipe that training can read: semicolons, tabs, quotes, byte order mark."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqtool.proposal.commit import Place, commit
from seqtool.proposal.proposal import Wishes, propose
from seqtool.proposal.text_pairs import SideWishes
from seqtool.recipe.load import load_recipe
from seqtool.text.corpus import Corpus
from tests.proposal.sentences import SENTENCES


def quiet(stage: str, pairs: int) -> None:
    """Progress that nobody sees."""


def sheet(path: Path, separator: str, count: int) -> Path:
    """With an id, source and target; all sources have the separator and quotes in them, and some are of two lines."""
    lines = [separator.join(("Nr", "Satz", "Sentence"))]
    for number in range(count):
        src, tgt = SENTENCES["de"][number % 3], SENTENCES["en"][number % 3]
        end = "\n" if number % 5 == 0 else " "
        lines.append(f'{number}{separator}"{src}{end}{separator} ""{number}"""{separator}"{tgt} {number}"')
    path.write_bytes("".join(f"{line}\r\n" for line in lines).encode("utf-8-sig"))
    return path


@pytest.mark.parametrize(
    ("separator", "name"), [(";", "csv"), ("\t", "csv"), ("\t", "tsv"), ("\t", "txt"), (",", "csv")]
)
def test_a_sheet_is_read_as_it_is_meant(separator: str, name: str, tmp_path: Path) -> None:
    """One that pairs are split off from, and three that the recipe names."""
    files = [
        sheet(tmp_path / f"{role}.{name}", separator, count)
        for role, count in (("train", 120), ("valid", 9), ("test", 8))
    ]
    for some, form, kept in ((files[:1], "jsonl", "one-data/train.jsonl"), (files, "csv", f"train.{name}")):
        recipe = tmp_path / ("one.yaml" if form == "jsonl" else "three.yaml")
        made = propose([str(file) for file in some], Wishes(SideWishes()), Place.beside(recipe).folder, quiet)
        assert made.fields.names == ("Satz", "Sentence")
        assert [side.code for side in made.sides] == ["de", "en"]
        commit(made, Place.beside(recipe), "runs/x", quiet)
        assert f"train: {{{form}: {kept}, src: Satz, tgt: Sentence}}" in recipe.read_text("utf-8")
        data = load_recipe(recipe).data
        assert data.test is not None
        pairs = [pair for section in (data.train, data.valid, data.test) for pair in Corpus(section, "train").pairs()]
        assert len(pairs) == (120 if form == "jsonl" else 137)
        assert (f'{SENTENCES["de"][0]} {separator} "0"', f"{SENTENCES['en'][0]} 0") in pairs
