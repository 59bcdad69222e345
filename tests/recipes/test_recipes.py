"""The recipes shipped here: they load, they run on what their headers say, and the headers say what a reader needs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from seqtool.recipe.load import load_recipe
from tests.cli.processes import PACKAGE_ROOT, Warm, seqtool

FOLDER = PACKAGE_ROOT / "recipes"
TEMPLATES = sorted((FOLDER / "templates").glob("*.yaml"))
RECIPES = sorted(path for path in FOLDER.rglob("*.yaml") if path not in TEMPLATES)
SHIPPED = [path for path in RECIPES if path.name.startswith("quickstart")]
CORPORA = PACKAGE_ROOT.parent / "shared" / "data"
# By the name of what a recipe trains on: the folder, and what a dry run counts in it.
COUNTS = {
    "Multi30k": ("multi30k", "train: 29,000 pairs\nvalid: 1,014 pairs\ntest: 1,000 pairs\n"),
    "AESLC": ("aeslc", "train: 14,436 pairs\nvalid: 1,960 pairs\ntest: 1,906 pairs\n"),
    "small_parallel_enja": ("enja", "train: 50,000 pairs\nvalid: 500 pairs\ntest: 500 pairs\n"),
}


def header(path: Path) -> str:
    """The comment a recipe begins with."""
    found = re.match(r"(?:#.*\n)+", path.read_text("utf-8"))
    assert found, f"{path.name} has no header"
    return found[0]


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.name)
def test_a_recipe_loads_and_its_header_has_command_score_signature_time_and_machine(path: Path) -> None:
    load_recipe(path)
    text = header(path)
    assert f"seqtool train {path.relative_to(PACKAGE_ROOT)}" in text
    assert re.search(r"BLEU \d+\.\d|ROUGE-L \d\d\.\d", text)
    assert "nrefs:1|" in text
    assert re.search(r"\d minutes", text)
    assert re.search(r"\d+ GFLOP/s", text)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_loads_and_its_header_has_commands_and_says_that_it_was_verified_and_not_trained(path: Path) -> None:
    recipe = load_recipe(path)
    text = header(path)
    assert text.startswith("# Template: ")
    command = f"seqtool train {path.relative_to(PACKAGE_ROOT)}"
    assert text.count(command) == 2  # from the hub, and from a folder
    for role in ("train", "valid", "test"):
        section = getattr(recipe.data, role)
        assert f'"data.{role}={{folder: DIR, src: {section.src}, tgt: {section.tgt}}}"' in text
    said = " ".join(text.replace("\n#", "").split())
    assert (
        "Verified on a local data-set folder with the same columns and splits (tests/recipes/test_templates.py)."
        in said
    )
    assert "Not trained: there is no measured score" in said
    assert not re.search(r"Reached|(?:BLEU|ROUGE)[-\w]* \d|nrefs:|GFLOP|minutes", text)


def test_a_template_points_cuts_long_sources_and_is_scored_with_rouge() -> None:
    for recipe in map(load_recipe, TEMPLATES):
        assert recipe.task == "summarization"
        assert recipe.model.pointer
        assert recipe.data.truncate_src
        assert recipe.training.metrics == ["rouge1", "rouge2", "rougeL"]


def test_the_recipes_of_papers_share_what_the_comparison_of_them_says_they_share() -> None:
    """Data, pieces, budget, batches and search; how fast a model learns is its own affair."""
    papers = [load_recipe(path) for path in RECIPES if path.parent.name == "papers"]
    recipes = [recipe for recipe in papers if recipe.task == "translation"]
    assert len({repr(recipe.model) for recipe in recipes}) == len(recipes)
    training = (
        "seed",
        "batch_tokens",
        "max_minutes",
        "max_epochs",
        "max_steps",
        "patience",
        "validate_every",
        "best_metric",
    )
    shared = {
        repr((recipe.data, recipe.tokenizer, recipe.decoding, [getattr(recipe.training, name) for name in training]))
        for recipe in recipes
    }
    assert len(shared) == 1


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_a_recipe_on_shipped_data_counts_what_it_would_train_on(path: Path, tmp_path: Path) -> None:
    done = seqtool("train", path, "--dry-run", cwd=tmp_path)
    assert done.code == 0, done.err
    assert re.search(r"^train: (7|14),000 pairs$", done.out, re.MULTILINE)
    assert not list(tmp_path.iterdir())


@pytest.mark.corpus
@pytest.mark.skipif(not CORPORA.is_dir(), reason="the corpora are not there")
def test_recipes_run_on_local_files_with_the_overrides_of_their_headers(tmp_path: Path, warm: Warm) -> None:
    for path in RECIPES:
        overrides = re.findall(r'"(data\.\w+=\{[^"]*\})"', header(path))
        if not overrides:
            continue
        assert len(overrides) == 3
        ((folder, counts),) = (COUNTS[name] for name in COUNTS if name in header(path))
        local = [one.replace("CORPUS", str(CORPORA / folder)) for one in overrides]
        done = warm.seqtool("train", path, "--dry-run", *local, cwd=tmp_path)
        assert done.code == 0, done.err
        assert counts in done.out
