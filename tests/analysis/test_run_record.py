"""Run directories as they may be found: complete, torn, of a stranger, or none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seqtool.analysis.run_record import read_run
from seqtool.analysis.views import stories, view_of
from seqtool.errors import ModelError

TRAIN = {"kind": "train", "step": 10, "nll": 2.5, "grad_norms": {"encoder": 0.1, "generator": None}, "seconds": 3.0}
VALID = {"kind": "valid", "step": 12, "loss": 2.0, "perplexity": 7.39, "bleu": 11.0, "best": True, "seconds": 4.0}


def written(folder: Path, *lines: object, end: str = "\n") -> Path:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines) + end
    (folder / "metrics.jsonl").write_text(text, "utf-8")
    return folder


def test_what_a_run_notes_is_read(tmp_path: Path) -> None:
    record = read_run(written(tmp_path, TRAIN, VALID, {**VALID, "step": 20, "bleu": 9.0, "best": False}))
    assert record.series("train", "nll") == [(10, 2.5)]
    assert record.series("valid", "bleu") == [(12, 11.0), (20, 9.0)]
    assert record.part_norms() == {"encoder": [(10, 0.1)]}
    assert record.score_names() == ["bleu"]
    assert record.best is not None
    assert record.best["step"] == 12
    assert (record.last_step, record.seconds, record.torn, record.outcome) == (20, 4.0, 0, None)


def test_a_last_line_without_an_end_is_being_written(tmp_path: Path) -> None:
    record = read_run(written(tmp_path, TRAIN, '{"kind": "train", "st', end=""))
    assert (len(record.train), record.torn) == (1, 0)


@pytest.mark.parametrize(
    "line",
    [
        '{"kind": "train", "st',
        "[1, 2]",
        '{"kind": "train"}',
        '{"kind": "other", "step": 1}',
        '{"kind": "train", "step": "ten"}',
        '{"kind": "train", "step": -1}',
        '{"kind": "train", "step": true}',
        '{"kind": "train", "step": 1' + "0" * 30 + "}",
        "[" * 100_000,
        "\x00",
    ],
)
def test_a_line_that_is_no_line_of_metrics_is_counted_and_left_out(line: str, tmp_path: Path) -> None:
    record = read_run(written(tmp_path, TRAIN, line, VALID))
    assert (len(record.train), len(record.valid), record.torn) == (1, 1, 1)


@pytest.mark.parametrize("value", ["NaN", "Infinity", "null", "true", '"2"', "[1]", "1" + "0" * 400])
def test_a_value_that_is_no_number_is_no_point(value: str, tmp_path: Path) -> None:
    record = read_run(written(tmp_path, f'{{"kind": "train", "step": 1, "nll": {value}, "grad_norms": {value}}}'))
    assert (len(record.train), record.series("train", "nll"), record.part_norms()) == (1, [], {})


def test_samples_are_told_by_source_and_what_stays_the_same_once(tmp_path: Path) -> None:
    written(tmp_path, TRAIN)
    blocks = [(5, "x"), (10, "x"), (15, "y"), (20, "step 3")]
    text = "".join(f"step {step}\n  src  Ein Mann\n  ref  A man\n  hyp  {hyp}\n" for step, hyp in blocks)
    (tmp_path / "samples.txt").write_text(f"{text}step 25\n  src  Ein Ma", "utf-8")
    (story,) = stories(read_run(tmp_path))
    assert (story.src, story.ref) == ("Ein Mann", "A man")
    assert story.told == (("5–10", "x"), ("15", "y"), ("20", "step 3"))


def test_many_samples_are_thinned_but_for_the_first_and_the_last(tmp_path: Path) -> None:
    written(tmp_path, TRAIN)
    lines = (f"step {step}\n  src  a\n  ref  b\n  hyp  {step}\n" for step in range(1, 101))
    (tmp_path / "samples.txt").write_text("".join(lines), "utf-8")
    (story,) = stories(read_run(tmp_path))
    assert len(story.told) == 12
    assert (story.told[0], story.told[-1]) == (("1", "1"), ("100", "100"))


@pytest.mark.parametrize(
    ("files", "error_id"),
    [
        (None, "run.not-found"),
        ([], "run.foreign"),
        (["notes.txt"], "run.foreign"),
        (["manifest.json"], "run.foreign"),  # a model that was shipped without its run
    ],
)
def test_what_is_no_run_directory_is_told(files: list[str] | None, error_id: str, tmp_path: Path) -> None:
    path = tmp_path / "here"
    if files is not None:
        path.mkdir()
        for name in files:
            (path / name).write_text("{}", "utf-8")
    with pytest.raises(ModelError) as caught:
        read_run(path)
    assert caught.value.error_id == error_id
    assert str(path) in caught.value.message


def test_the_model_of_a_run_stands_for_it(tmp_path: Path) -> None:
    written(tmp_path, TRAIN)
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "manifest.json").write_text("{}", "utf-8")
    assert read_run(tmp_path / "model").path == tmp_path


def test_a_recipe_that_cannot_be_read_is_shown_as_it_is(tmp_path: Path) -> None:
    written(tmp_path, TRAIN)
    (tmp_path / "recipe.yaml").write_text("task: translation\nlerning: 3", "utf-8")
    record = read_run(tmp_path)
    assert record.recipe is None
    assert "lerning" in record.trouble
    assert record.recipe_text.endswith("lerning: 3")


def test_numbers_and_names_beyond_all_bounds_are_no_facts(tmp_path: Path) -> None:
    """What no run notes, but a stranger may: a page comes of it all the same."""
    huge = "1" + "0" * 400
    names = ", ".join(f'"layer{number}": 1.0' for number in range(5000))
    written(
        tmp_path,
        f'{{"kind": "valid", "step": 1, "loss": {huge}, "perplexity": {huge}, "bleu": {huge}, "chrf": 3, "best": true}}',
        f'{{"kind": "train", "step": 1, "grad_norms": {{{names}}}, "seconds": 1e299, "skipped": 1e299}}',
    )
    (tmp_path / "result.json").write_text(f'{{"reason": {huge}}}', "utf-8")
    record = read_run(tmp_path)
    view = view_of(0, record.name, record)
    assert dict(view.facts)["chrF, validation"] == "3.00"
    assert not [name for name, _ in view.facts if name.startswith(("BLEU", "perplexity"))]
    assert len(record.part_norms()) == 64
