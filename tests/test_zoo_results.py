"""The table of papers' models: what stands in the documents and in the recipes' headers is what was measured."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from benchmarks.zoo import check_budget, run_all
from benchmarks.zoo_report import PICTURE, header, page, picture
from benchmarks.zoo_results import RECIPES, ROOT, Result, load_result, recipe_body, recipe_names, save_result
from benchmarks.zoo_stages import Plan
from tests.test_zoo import NAMES, result


def shipped() -> dict[str, Result]:
    folder = ROOT / "benchmarks" / "results" / "zoo"
    return {name: found for name in recipe_names() if (found := load_result(folder / f"{name}.json"))}


def test_all_recipes_were_measured_and_are_as_they_were_then() -> None:
    found = shipped()
    assert set(found) == set(recipe_names())
    assert [name for name, one in found.items() if one.recipe != recipe_body(name)] == []


def test_page_and_picture_are_what_the_results_say() -> None:
    found = shipped()
    assert (ROOT / "docs" / "zoo.md").read_text("utf-8") == page(recipe_names(), found)
    assert (ROOT / "docs" / PICTURE).read_text("utf-8") == picture(recipe_names(), found)


@pytest.mark.parametrize("name", recipe_names())
def test_a_header_says_what_was_measured(name: str) -> None:
    assert header(shipped()[name]) in (RECIPES / f"{name}.yaml").read_text("utf-8")


def test_results_of_other_precisions_are_not_put_side_by_side() -> None:
    one, other = result(NAMES[0], 9), result(NAMES[1], 9)
    assert one.training is not None
    exact = other.model_copy(update={"training": one.training.model_copy(update={"precision": "fp32"})})
    assert "All were trained in bf16." in page(NAMES, {NAMES[0]: one, NAMES[1]: other})
    with pytest.raises(SystemExit, match="trained in different precisions: bf16 and fp32"):
        page(NAMES, {NAMES[0]: one, NAMES[1]: exact})


def test_a_trial_of_another_budget_does_not_take_the_place_of_a_result(tmp_path: Path) -> None:
    """Nothing is measured, and what is there stays."""
    path = tmp_path / "benchmarks/results/zoo" / f"{NAMES[0]}.json"
    path.parent.mkdir(parents=True)
    save_result(path, result(NAMES[0], 9))
    before = path.read_bytes()
    asked = {"data": tmp_path, "work": tmp_path / "work", "minutes": 0.3, "threads": 2, "output": tmp_path}
    with pytest.raises(SystemExit, match=r"is of 12 minutes on 2 threads, not 0\.3 minutes .* name another --output"):
        run_all(argparse.Namespace(**asked, only=[NAMES[0]]))
    assert path.read_bytes() == before
    assert not (tmp_path / "work").exists()
    check_budget(Plan(tmp_path, tmp_path, 12, 2), tmp_path, [NAMES[0]])
    check_budget(Plan(tmp_path, tmp_path, 0.3, 2), tmp_path / "elsewhere", [NAMES[0]])
    check_budget(Plan(tmp_path, tmp_path, 0.3, 2), tmp_path, recipe_names())
