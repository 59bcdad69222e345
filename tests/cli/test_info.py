"""`seqtool info`: the machine, a model, a run; quick, and for scripts."""

from __future__ import annotations

import ast
import json
import re
import shutil
from pathlib import Path

import pytest
import yaml

from seqtool import __version__
from seqtool.cli.info_view import as_text
from seqtool.model_dir import add_files, open_model_dir
from seqtool.recipe.json_schema import json_schema
from tests.cli.processes import Warm, python, seqtool
from tests.cli.training_runs import STEPS, Trained


def test_the_machine_the_installation_and_the_default_model(trained: Trained, tmp_path: Path, warm: Warm) -> None:
    import torch

    facts = json.loads(warm.seqtool("info", "--json", cwd=tmp_path).out)
    assert facts["versions"]["seqtool"] == __version__
    assert facts["versions"]["torch"] == torch.__version__
    assert facts["device"] == ("cuda" if torch.cuda.is_available() else "cpu")
    assert facts["cores"] >= 1
    assert facts["threads"] == 1  # as the environment of tests has it
    assert facts["disk_free_bytes"] > 0
    assert facts["default_model"] is None
    assert json.loads(warm.seqtool("info", "--json", cwd=trained.folder).out)["default_model"] == "runs/numbers"
    assert json.loads(warm.seqtool("info", "--json", cwd=tmp_path, SEQTOOL_MODEL="m").out)["default_model"] == "m"
    done = warm.seqtool("info", cwd=tmp_path)
    assert f"  seqtool: {__version__}\n" in done.out
    assert "default model: none\n" in done.out


def test_info_is_quick_because_it_imports_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys; from seqtool.cli.app import app; from seqtool.cli.errors import run; code = run(app, ['info']); "
        "print(sorted({name.split('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    done = python("-c", code, cwd=tmp_path)
    assert not {"torch", "onnxruntime", "sacrebleu", "sentencepiece"} & set(ast.literal_eval(done.err))


def test_a_run_and_its_model(trained: Trained, warm: Warm) -> None:
    for form in (("-m", "runs/numbers"), ("runs/numbers",)):
        facts = json.loads(warm.seqtool("info", *form, "--json", cwd=trained.folder).out)
        assert facts["task"] == "translation"
        assert facts["run"]["finished"] is True
        assert facts["run"]["checkpoints"][-1] == STEPS
        assert facts["run"]["result"]["step"] == STEPS
        training = facts["training"]
        assert (training["step"], training["languages"], training["seed"]) == (STEPS, "de -> en", 1)
        assert training["ledger"]["read"] == 600
        assert training["data"]["test"] == ["test.de", "test.en"]
        assert training["scores"]["bleu"]["signature"].startswith("nrefs:1|")
        assert facts["graphs"] == {"fp32": False, "int8": False, "shortlist": False}
        assert facts["bytes"] == sum(facts["files"].values())
    text = warm.seqtool("info", "runs/numbers", cwd=trained.folder).out
    assert "\nparameters: " in text
    assert "\n    bleu:\n      value: " in text
    alone = json.loads(warm.seqtool("info", "runs/numbers/model", "--json", cwd=trained.folder).out)
    assert alone["training"] == facts["training"]


def test_the_recipe_is_shown(trained: Trained, warm: Warm, tmp_path: Path) -> None:
    """The resolved one, as an object, and a line a section for people; of a model alone with names instead of paths."""
    facts = json.loads(warm.seqtool("info", "-m", "runs/numbers", "--json", cwd=trained.folder).out)
    assert facts["recipe"] == yaml.safe_load((trained.run_dir / "recipe.yaml").read_text("utf-8"))
    assert facts["recipe"]["training"]["optimizer"]["kind"], "defaults are in it"
    text = warm.seqtool("info", "runs/numbers", cwd=trained.folder).out
    shown = text[text.index("\nrecipe:\n") + 1 :]
    assert re.search(
        r"\n  model: \{embedding: 24, tie: none, .*\}\n    encoder: \{kind: lstm, layers: 1, hidden: 16,", shown
    )
    assert "\n  task: translation\n" in shown
    assert shown.count("\n") < 40
    shutil.copytree(trained.run_dir / "model", tmp_path / "alone")
    alone = json.loads(warm.seqtool("info", "alone", "--json", cwd=tmp_path).out)["recipe"]
    assert alone["data"]["train"] == {"src": "train.de", "tgt": "train.en"}
    assert alone["model"] == facts["recipe"]["model"]


def test_a_recipe_of_a_stranger_is_shown_and_does_nothing(trained: Trained, warm: Warm, tmp_path: Path) -> None:
    run = Path(shutil.copytree(trained.run_dir, tmp_path / "run"))
    (run / "recipe.yaml").write_text(
        'task: "a\\e[2Jb\\u202e"\nnobody: {knows: [1, {a: .inf}], "}\\n": "\\n"}\n', "utf-8"
    )
    text = warm.seqtool("info", "run", cwd=tmp_path).out
    assert not {"\x1b", "\u202e"} & set(text)
    assert "\n  nobody: {knows: [1, {a: .inf}]," in text
    assert json.loads(warm.seqtool("info", "run", "--json", cwd=tmp_path).out)["recipe"]["nobody"]["knows"][0] == 1
    for broken in ("a: [", "- 1", "", "a: 1\na: 2\n", "[" * 10_000):
        (run / "recipe.yaml").write_text(broken, "utf-8")
        found = json.loads(warm.seqtool("info", "run", "--json", cwd=tmp_path).out)
        assert found["recipe"]["data"]["train"]["src"] == "train.de", "that of the model's record"


def test_the_validation_of_the_record_is_the_one_that_was_kept(trained: Trained) -> None:
    record = json.loads((trained.run_dir / "model/training.json").read_text("utf-8"))
    rows = [json.loads(line) for line in (trained.run_dir / "metrics.jsonl").read_text("utf-8").splitlines()]
    (kept,) = [row for row in rows if row["kind"] == "valid" and row["step"] == record["best_step"]]
    assert kept["best"] is True
    assert record["loss"] == kept["loss"]
    assert {name: one["value"] for name, one in record["scores"].items()} == {
        "bleu": kept["bleu"],
        "chrf": kept["chrf"],
    }


def test_the_card_of_a_run_shows_no_folders(trained: Trained) -> None:
    text = (trained.run_dir / "model/README.md").read_text("utf-8")
    assert "`train.de`" in text
    assert str(trained.folder) not in text
    assert "/tmp" not in text
    assert str(Path.home()) not in text.replace("`", "")


def test_graphs_and_what_was_found_when_they_were_checked(exported: Trained, warm: Warm) -> None:
    facts = json.loads(warm.seqtool("info", "runs/numbers", "--json", cwd=exported.folder).out)
    graphs = facts["graphs"]
    assert (graphs["fp32"], graphs["int8"], graphs["shortlist"]) == (True, True, False)
    check = graphs["check"]
    assert f"{check['same']} of {check['lines']} lines as in torch" in exported.done.out
    assert f"BLEU {check['scores']['int8']:.2f}" in exported.done.out
    card = (exported.run_dir / "model/README.md").read_text("utf-8")
    assert "`encoder.int8.onnx`" in card
    assert f"`int8` {check['scores']['int8']:.2f}" in card


def test_a_run_without_a_model_yet(tmp_path: Path, warm: Warm) -> None:
    (tmp_path / "run/checkpoints/step-000010").mkdir(parents=True)
    facts = json.loads(warm.seqtool("info", "run", "--json", cwd=tmp_path).out)
    assert facts["run"] == {"finished": False, "checkpoints": [10], "contains": ["checkpoints"]}


def test_a_model_without_a_record_is_described_all_the_same(random_model: Path, warm: Warm, tmp_path: Path) -> None:
    done = warm.seqtool("info", "-m", random_model, "--json", cwd=tmp_path)
    assert done.code == 0, done.err
    assert "training" not in json.loads(done.out)


def test_text_in_a_model_does_nothing_to_a_terminal(random_model: Path, warm: Warm, tmp_path: Path) -> None:
    model = Path(shutil.copytree(random_model, tmp_path / "model"))
    opened = open_model_dir(model)
    config = opened.config.model_copy(update={"seqtool": "1\x1b[2J\u202e\nrun: yes"})
    add_files(opened, {"config.json": config.model_dump_json().encode()})
    text = warm.seqtool("info", "model", cwd=tmp_path).out
    assert "version: 1\ufffd[2J\ufffd run: yes\n" in text
    assert "\x1b" not in warm.seqtool("info", "model", "--json", cwd=tmp_path).out


@pytest.mark.parametrize(
    ("arguments", "code", "error_id"),
    [
        (("a", "-m", "b"), 2, "usage.info"),
        (("nowhere",), 4, "model.not-found"),
    ],
)
def test_mistakes(arguments: tuple[str, ...], code: int, error_id: str, warm: Warm, tmp_path: Path) -> None:
    done = warm.seqtool("info", *arguments, cwd=tmp_path)
    assert done.code == code
    assert done.err.startswith(f"error[{error_id}]: ")
    assert done.out == ""


def test_a_damaged_model_is_found(random_model: Path, warm: Warm, tmp_path: Path) -> None:
    model = Path(shutil.copytree(random_model, tmp_path / "model"))
    weights = bytearray((model / "weights.safetensors").read_bytes())
    weights[-1] ^= 1
    (model / "weights.safetensors").write_bytes(weights)
    done = warm.seqtool("info", "model", cwd=tmp_path)
    assert (done.code, done.out) == (4, "")
    assert "weights.safetensors was changed" in done.err


def test_the_schema_for_editors(tmp_path: Path) -> None:
    assert json.loads(seqtool("info", "--schema", cwd=tmp_path).out) == json_schema()


def test_values_as_lines() -> None:
    facts = {
        "a_bytes": 1536,
        "seconds": 61.0,
        "on": True,
        "nothing": None,
        "empty": {},
        "some": ["x", "y"],
        "files": {"w": 1 << 20, "_x": 12},
        "deep": {"er": {"n": 1234567}},
    }
    assert as_text(facts).splitlines() == [
        *("a: 1.5 KiB", "seconds: 1m01s", "on: yes", "nothing: none", "some: x; y"),
        *("files:", "  w: 1.0 MiB", "   x: 12 bytes", "deep:", "  er:", "    n: 1,234,567"),
    ]
