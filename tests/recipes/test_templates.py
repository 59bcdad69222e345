"""Recipes for data sets of the hub that are not measured here: they train and are scored on a folder with the same columns and splits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import datasets
import pytest

from seqtool.recipe.load import load_recipe
from tests.cli.processes import PACKAGE_ROOT, seqtool

FOLDER = PACKAGE_ROOT / "recipes" / "templates"
# What the hub has: the data set, its config and its columns.
COLUMNS = {
    "cnn-dailymail": ("abisee/cnn_dailymail", "3.0.0", ("article", "highlights", "id")),
    "xsum": ("EdinburghNLP/xsum", None, ("document", "summary", "id")),
    "dialogsum": ("knkarthick/dialogsum", None, ("dialogue", "summary", "id", "topic")),
}
SIZES = {"train": 40, "validation": 12, "test": 6}
TINY = (
    "tokenizer.vocab_size=300",
    "model.embedding=16",
    "model.encoder.layers=1",
    "model.decoder.layers=1",
    "model.encoder.hidden=16",
    "model.decoder.hidden=16",
    "training.max_steps=2",
    "training.validate_every=2",
    "training.schedule.warmup_steps=1",
    "training.batch_tokens=2048",
    "training.device=cpu",
    "training.threads=1",
    "training.export=false",
    "decoding.max_length=12",
    "decoding.min_length=3",
)


def rows(split: str) -> Iterator[tuple[str, str]]:
    """Documents of several lines, with summaries of two, as news and dialogues have them."""
    lines = (PACKAGE_ROOT / "data/reports/train.jsonl").read_text("utf-8").splitlines()
    first = sum(list(SIZES.values())[: list(SIZES).index(split)])
    for line in lines[first : first + SIZES[split]]:
        row = json.loads(line)
        yield row["report"].replace(". ", ".\n#Person2#: "), row["headline"] + "\n" + row["headline"]


def write(folder: Path, columns: tuple[str, ...], kind: str) -> None:
    """A data-set folder: a file for each split, of the kind the template's header speaks of."""
    folder.mkdir()
    for split in SIZES:
        table = [dict(zip(columns, (*pair, "x1", "news"), strict=False)) for pair in rows(split)]
        getattr(datasets.Dataset.from_list(table), f"to_{kind}")(str(folder / f"{split}.{kind}"))


@pytest.fixture(autouse=True)
def _quiet() -> None:
    datasets.disable_progress_bars()


def test_each_template_names_the_data_set_and_its_columns() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(COLUMNS)
    for name, (hub, config, columns) in COLUMNS.items():
        data = load_recipe(FOLDER / f"{name}.yaml").data
        for section in (data.train, data.valid, data.test):
            assert section is not None
            assert (section.hub, section.config, section.src, section.tgt) == (hub, config, *columns[:2])


@pytest.mark.slow
@pytest.mark.parametrize("name", COLUMNS)
def test_a_template_trains_and_is_scored_on_a_folder_of_the_same_columns(name: str, tmp_path: Path) -> None:
    """Only the place is another: fields and splits are those the template names."""
    template = FOLDER / f"{name}.yaml"
    write(tmp_path / "set", COLUMNS[name][2], "csv" if "train.csv" in template.read_text("utf-8") else "parquet")
    places = [
        f"data.{role}.{key}"
        for role in ("train", "valid", "test")
        for key in ("hub=null", "config=null", f"folder={tmp_path / 'set'}")
    ]
    offline = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_CACHE": str(tmp_path / "cache")}
    done = seqtool("train", template, *places, *TINY, "run_dir=runs/tiny", cwd=tmp_path, **offline)
    assert done.code == 0, done.err
    assert "training pairs: 40 read, 40 kept\nvalidation pairs: 12\n" in done.err
    scored = seqtool("evaluate", "-m", "runs/tiny", "--json", cwd=tmp_path, **offline)
    assert scored.code == 0, scored.err
    (system,) = json.loads(scored.out)["systems"]
    assert {"rouge1", "rouge2", "rougeL"} <= system["scores"].keys()
