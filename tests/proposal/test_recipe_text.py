"""The recipe that is written: it says what was meant, whatever names are in it, and what it leaves open will be what it says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seqtool.errors import DataError
from seqtool.proposal.commit import Place, commit
from seqtool.proposal.proposal import Proposal, Wishes, propose
from seqtool.proposal.settings import settings as chosen
from seqtool.proposal.text_pairs import SideWishes
from seqtool.recipe.by_size import filled
from seqtool.recipe.load import load_recipe
from seqtool.text.corpus import Corpus
from seqtool.text.sized import sized
from tests.number_words import number_pairs, write_lines
from tests.proposal.sentences import SENTENCES
from tests.proposal.tables import rows


def quiet(stage: str, pairs: int) -> None:
    """Progress that nobody sees."""


def proposal(files: list[Path], folder: Path, wishes: Wishes | None = None) -> Proposal:
    return propose([str(file) for file in files], wishes or Wishes(SideWishes()), folder, quiet)


def jsonl(path: Path, src: str, tgt: str, count: int = 120) -> Path:
    return write_lines(path, [json.dumps({src: one, tgt: other}) for one, other in number_pairs(count, 1)])


def open_values(text: str) -> str:
    """The recipe with the `#` before its values taken away."""
    return re.sub(r"^#(?=(  )?[a-z_]+:)", "", text, flags=re.MULTILINE)


@pytest.mark.parametrize("task", ["translation", "summarization"])
def test_what_is_left_open_is_what_stands_behind_the_hash(task: str, tmp_path: Path) -> None:
    data = jsonl(tmp_path / "x.jsonl", "de", "en")
    wishes = Wishes(SideWishes(), task="summarization" if task == "summarization" else "translation")
    commit(proposal([data], tmp_path / "none", wishes), Place.beside(tmp_path / "recipe.yaml"), "runs/x", quiet)
    text = (tmp_path / "recipe.yaml").read_text("utf-8")
    (tmp_path / "all.yaml").write_text(open_values(text), "utf-8")
    left, written = load_recipe(tmp_path / "recipe.yaml"), load_recipe(tmp_path / "all.yaml")
    whole, reasons = sized(left)
    assert len(reasons) >= 10
    assert filled(written, 1)[1] == {}
    assert written == whole


AWKWARD = [
    "it's",
    'a "quoted" name',
    "# no comment",
    "a: b",
    "new\nline",
    "- x",
    "{x}",
    "null",
    "1e3",
    "  ",
    "déjà\u2028vu",
    "%",
    "~",
    "@x",
]


@pytest.mark.parametrize("name", AWKWARD)
def test_awkward_names_of_files_and_columns(name: str, tmp_path: Path) -> None:
    folder = tmp_path / f"folder {name}"
    folder.mkdir()
    data = jsonl(folder / f"train.{name}.jsonl", name, "other")
    valid = jsonl(folder / f"valid.{name}.jsonl", name, "other", 5)
    made = proposal([data, valid], tmp_path / "none", Wishes(SideWishes(name, "other"), test=0))
    commit(made, Place.beside(folder / f"{name}.yaml"), f"runs/{name}", quiet)
    recipe = load_recipe(folder / f"{name}.yaml")
    assert recipe.data.train.src == name
    assert recipe.run_dir == f"runs/{name}"
    assert list(Corpus(recipe.data.train, "train").pairs()) == number_pairs(120, 1)
    assert list(Corpus(recipe.data.valid, "valid").pairs()) == number_pairs(5, 1)


_columns = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=_columns)
def test_any_column_can_be_named(name: str, tmp_path: Path) -> None:
    files = [jsonl(tmp_path / f"{role}.jsonl", name, name + "2", 100) for role in ("train", "valid", "test")]
    made = proposal(files, tmp_path / "none", Wishes(SideWishes(name, name + "2")))
    recipe = tmp_path / "r.yaml"
    recipe.unlink(missing_ok=True)
    commit(made, Place.beside(recipe), "runs/x", quiet)
    loaded = load_recipe(recipe)
    assert (loaded.data.train.src, loaded.data.train.tgt) == (name, name + "2")
    assert list(Corpus(loaded.data.train, "train").pairs()) == number_pairs(100, 1)


def test_files_whose_names_are_not_utf_8(tmp_path: Path) -> None:
    """A recipe is UTF-8: `*` stands for the rest, where that means one file."""
    folder = tmp_path / "caf\udce9"
    folder.mkdir()
    for role, count in (("train", 120), ("valid", 7), ("test", 6)):
        pairs = number_pairs(count, count)
        write_lines(folder / f"{role}\udcff.de", [src for src, _ in pairs])
        write_lines(folder / f"{role}\udcff.en", [tgt for _, tgt in pairs])
    commit(proposal([folder], tmp_path / "none"), Place.beside(tmp_path / "r.yaml"), "runs/x", quiet)
    recipe = load_recipe(tmp_path / "r.yaml")
    assert recipe.data.train.src == str(tmp_path / "caf*/train*.de")
    assert list(Corpus(recipe.data.train, "train").pairs()) == number_pairs(120, 120)
    write_lines(folder / "train2.de", ["x"])
    with pytest.raises(DataError) as caught:
        proposal([folder / "train\udcff.de", folder / "train\udcff.en"], tmp_path / "none")
    assert caught.value.error_id == "data.name"
    assert "train2.de" in caught.value.message


def test_the_folder_and_the_recipe_together_hold_every_pair_once(tmp_path: Path) -> None:
    """With the other fields of each record, by which a test set can be sliced."""
    records = [
        {**row, "n": number, "when": None}
        for number, row in enumerate(rows([("de", "german"), ("en", "english"), ("kind", "label")]) * 3)
    ]
    data = write_lines(tmp_path / "x.jsonl", [json.dumps(record, indent=None) for record in records])
    commit(proposal([data], tmp_path / "none"), Place.beside(tmp_path / "r.yaml"), "runs/x", quiet)
    written = [
        line
        for role in ("train", "valid", "test")
        for line in (tmp_path / f"r-data/{role}.jsonl").read_text().splitlines()
    ]
    assert sorted(written) == sorted(data.read_text().splitlines())


def test_nulls_are_counted_as_empty_and_test_nothing(tmp_path: Path) -> None:
    """Also where they come first, or in most rows of another column."""
    pairs = number_pairs(200, 1)
    records = [
        {"note": None if n % 9 else "x", "de": None if n < 8 else src, "en": None if n % 20 == 9 else tgt}
        for n, (src, tgt) in enumerate(pairs)
    ]
    data = write_lines(tmp_path / "x.jsonl", [json.dumps(record) for record in records])
    made = proposal([data], tmp_path / "none")
    assert made.fields.names == ("de", "en")
    assert made.survey.empty == 18
    assert any("18 of 200 pairs have an empty side" in warning for warning in made.warnings)
    commit(made, Place.beside(tmp_path / "r.yaml"), "runs/x", quiet)
    for section in (load_recipe(tmp_path / "r.yaml").data.valid, load_recipe(tmp_path / "r.yaml").data.test):
        assert section is not None
        assert all(src and tgt for src, tgt in Corpus(section, "test").pairs())


def test_one_language_on_both_sides_is_remarked(tmp_path: Path) -> None:
    lines = [f"{SENTENCES['fr'][n % 3]} {n}\t{SENTENCES['fr'][(n + 1) % 3]} {n}" for n in range(120)]
    made = proposal(
        [write_lines(tmp_path / "x.tsv", lines)], tmp_path / "none", Wishes(SideWishes(), task="translation")
    )
    assert "both sides are French" in made.warnings[0]


def test_columns_of_other_tables_go_along(tmp_path: Path) -> None:
    table = rows([("de", "german"), ("en", "english"), ("kind", "label")]) * 3
    lines = ["\t".join(table[0]), *("\t".join(map(str, row.values())) for row in table)]
    data = write_lines(tmp_path / "x.tsv", lines)
    commit(proposal([data], tmp_path / "none"), Place.beside(tmp_path / "r.yaml"), "runs/x", quiet)
    assert json.loads((tmp_path / "r-data/test.jsonl").read_text().splitlines()[0]).keys() == {"de", "en", "kind"}


@pytest.mark.parametrize(
    ("pairs", "key", "value"),
    [
        ([(f"{n} " + "langer Satz " * 60, f"{n} " + "long sentence " * 60) for n in range(120)], "data.max_src_tokens", 300),
        ([(chr(0x4E00 + n * 9) + chr(0x4E01 + n * 11) * 9, f"sentence {n} of them") for n in range(1200)], "tokenizer.vocab_size", 5000),
        ([(f"the report of day {n} " + "says much " * 40, f"the report says {n}") for n in range(120)], "model.pointer", True),
        ([(f"the sentence {n} here", chr(0x3042 + n % 80) * 7 + str(n)) for n in range(120)], "training.metrics", ["chrf"]),
        ([(f"{n} und so weiter", f"{n} and so on") for n in range(120)], "training.max_minutes", 30),
    ],
)  # fmt: skip
def test_settings_that_follow_the_text(pairs: list[tuple[str, str]], key: str, value: object, tmp_path: Path) -> None:
    data = write_lines(tmp_path / "x.tsv", ["\t".join(pair) for pair in pairs])
    found = {each.key: each.value for each in chosen(proposal([data], tmp_path / "none"))}
    assert found[key] == value


def test_a_seed_is_training_s_too(tmp_path: Path) -> None:
    data = jsonl(tmp_path / "x.jsonl", "de", "en")
    commit(
        proposal([data], tmp_path / "none", Wishes(SideWishes(), seed=7)),
        Place.beside(tmp_path / "r.yaml"),
        "runs/x",
        quiet,
    )
    assert load_recipe(tmp_path / "r.yaml").training.seed == 7
