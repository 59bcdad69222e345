"""`seqtool export`, and models in ONNX Runtime: the same text as in torch, whatever the batch, without torch, or a refusal."""

from __future__ import annotations

import ast
import re
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import onnx
import pytest
import torch

from seqtool import fs
from tests.cli.processes import Done, Warm, python, running, wait_until
from tests.cli.test_bad_models import flip_a_bit, refused
from tests.cli.training_runs import Trained, write_recipe
from tests.number_words import number_pairs, write_lines

GRAPHS = [f"{part}.{precision}.onnx" for part in ("encoder", "step") for precision in ("fp32", "int8")]
CHECKED = (
    r"fp32 \(\d\.\d MB\): (\d+) of (\d+) lines as in torch, BLEU (\d+\.\d\d) \([+-]0\.\d\d\)\n"
    r"int8 \(\d\.\d MB\): BLEU (\d+\.\d\d) \([+-]\d+\.\d\d\)\n"
)


def test_export_writes_graphs_beside_the_rest_and_tells_how_they_compare(exported: Trained, trained: Trained) -> None:
    told = re.fullmatch(CHECKED, exported.done.out)
    assert told
    assert exported.done.err == ""
    assert told[1] == told[2] == "40", "the validation set of the recipe"
    assert float(told[3]) > 30
    assert abs(float(told[4]) - float(told[3])) < 5
    files = fs.verify_dir(exported.run_dir / "model")
    before = {path.name: path.read_bytes() for path in (trained.run_dir / "model").iterdir()}
    assert sorted(files) == sorted([*GRAPHS, "export.json", *(name for name in before if name != "manifest.json")])
    assert all(files[name].read_bytes() == before[name] for name in before.keys() - {"manifest.json", "README.md"})


@pytest.fixture
def model(trained: Trained, tmp_path: Path) -> Path:
    """A model without graphs and without a recipe beside it."""
    return Path(shutil.copytree(trained.run_dir / "model", tmp_path / "model"))


@pytest.mark.slow
def test_export_checks_with_the_text_it_is_given(model: Path, warm: Warm, tmp_path: Path) -> None:
    pairs = number_pairs(5, 1)
    write_lines(tmp_path / "src", ["", *(src for src, _ in pairs)])
    write_lines(tmp_path / "ref", ["", *(tgt for _, tgt in pairs)])
    alone = warm.seqtool("export", "-m", model, "--src", "src", cwd=tmp_path)
    assert re.fullmatch(r"fp32 \(\d\.\d MB\): 5 of 5 lines as in torch\nint8 \(\d\.\d MB\)\n", alone.out), (
        "no blank one"
    )
    again = warm.seqtool("export", "-m", model, "--src", "src", "--ref", "ref", cwd=tmp_path)
    told = re.fullmatch(CHECKED, again.out)
    assert told
    assert told[2] == "5"
    assert warm.seqtool("translate", "-m", model, "--precision", "int8", cwd=tmp_path, stdin=b"eins .\n").code == 0


def test_export_without_text_to_check_with_is_refused(model: Path, warm: Warm, tmp_path: Path) -> None:
    write_lines(tmp_path / "two", ["eins .", "zwei ."])
    write_lines(tmp_path / "three", ["one .", "two .", "three ."])
    write_lines(tmp_path / "blank", ["", " "])
    for code, options, said in (
        (2, [], "evaluate.test-set]: model has no recipe.yaml, so there is no valid set\nhint: give one with --src"),
        (2, ["--ref", "two"], "usage.ref]: --ref without --src"),
        (3, ["--src", "two", "--ref", "three"], "export.line-count]: two has 2 lines and three has 3\nhint: "),
        (3, ["--src", "blank"], "evaluate.blank]: blank: all 2 lines are blank\nhint: "),
        (3, ["--src", "nowhere"], "data.not-found]: nowhere does not exist"),
    ):
        done = warm.seqtool("export", "-m", "model", *options, cwd=tmp_path)
        assert (done.code, done.out) == (code, "")
        assert done.err.startswith(f"error[{said}")
    assert not list(model.glob("*.onnx"))


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_onnx_before_export_is_exit_code_4_with_the_command_to_run(
    precision: str, trained: Trained, warm: Warm, tmp_path: Path
) -> None:
    options = ("--runtime", "onnx", "--precision", precision)
    done = warm.seqtool("translate", "-m", trained.run_dir, *options, cwd=tmp_path, stdin=b"eins .\n")
    assert (done.code, done.out) == (4, "")
    assert done.err == (
        f"error[model.no-graphs]: {trained.run_dir}/model has no {precision} graphs for ONNX Runtime\n"
        f"hint: write them: seqtool export -m {trained.run_dir}/model\n"
    )


def translated(folder: Trained, warm: Warm, lines: list[str], *options: str) -> list[str]:
    stdin = "".join(f"{line}\n" for line in lines).encode()
    done = warm.seqtool("translate", "-m", "runs/numbers", *options, cwd=folder.folder, stdin=stdin)
    assert done.code == 0, done.err
    return done.out.split("\n")[:-1]


def test_fp32_says_what_torch_says(exported: Trained, warm: Warm, number_corpus: Path) -> None:
    lines = (number_corpus / "test.de").read_text("utf-8").splitlines()
    torch = translated(exported, warm, lines, "--runtime", "torch")
    assert len(set(torch)) > 25
    assert translated(exported, warm, lines, "--runtime", "onnx") == torch
    assert translated(exported, warm, lines) == torch
    int8 = translated(exported, warm, lines, "--precision", "int8")
    assert sum(one == two for one, two in zip(int8, torch, strict=True)) >= 34, "nearly the same"


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_neither_batch_size_nor_order_changes_the_text(precision: str, exported: Trained, warm: Warm) -> None:
    lines = [src for src, _ in number_pairs(60, 5, longest=9)]
    options = ("--runtime", "onnx", "--precision", precision, "--batch-size")
    one, seven, many = (translated(exported, warm, lines, *options, size) for size in ("1", "7", "64"))
    assert one == seven == many
    assert translated(exported, warm, lines[::-1], *options, "7") == one[::-1]
    assert translated(exported, warm, lines[3:4], *options, "64") == one[3:4]


@pytest.mark.parametrize("name", GRAPHS)
def test_one_flipped_bit_is_exit_code_4_when_that_file_is_needed(
    name: str, exported: Trained, warm: Warm, tmp_path: Path
) -> None:
    model = Path(shutil.copytree(exported.run_dir / "model", tmp_path / "model"))
    for seed in range(2):
        flip_a_bit(model / name, seed)
        for precision in ("fp32", "int8"):
            options = ("translate", "-m", model, "--precision", precision)
            done = warm.seqtool(*options, cwd=tmp_path, stdin=b"eins .\n")
            if precision in name:
                refused(done, str(model / name))
            else:
                assert (done.code, done.err) == (0, "")
    assert warm.seqtool("translate", "-m", model, "--runtime", "torch", cwd=tmp_path, stdin=b"eins .\n").code == 0


@pytest.mark.parametrize("name", GRAPHS)
def test_a_truncated_graph_is_exit_code_4(name: str, exported: Trained, warm: Warm, tmp_path: Path) -> None:
    model = Path(shutil.copytree(exported.run_dir / "model", tmp_path / "model"))
    (model / name).write_bytes((model / name).read_bytes()[:-9])
    refused(warm.seqtool("translate", "-m", model, cwd=tmp_path, stdin=b"eins .\n"), name)


def sealed(model: Path, change: Callable[[Path], None]) -> None:
    """Changes a model directory and writes the manifest that fits."""
    with fs.commit_dir(model) as part:
        for path in model.iterdir():
            if path.name != "manifest.json":
                shutil.copy(path, part)
        change(part)


def swapped(folder: Path) -> None:
    """Each graph under the name of the other."""
    for precision in ("fp32", "int8"):
        one, two = folder / f"encoder.{precision}.onnx", folder / f"step.{precision}.onnx"
        first = one.read_bytes()
        one.write_bytes(two.read_bytes())
        two.write_bytes(first)


def of_another_size(folder: Path) -> None:
    """An encoder whose vectors have one number less than the step takes."""
    path = folder / "encoder.fp32.onnx"
    graph = onnx.load(path)
    name = next(one.name for one in graph.graph.output if len(one.type.tensor_type.shape.dim) == 3)
    cut = onnx.helper.make_node("Slice", [f"whole.{name}", "from", "to", "axis"], [name])
    for node in graph.graph.node:
        node.output[:] = [f"whole.{name}" if output == name else output for output in node.output]
    graph.graph.node.append(cut)
    for constant, value in (("from", 0), ("to", -1), ("axis", 2)):
        graph.graph.initializer.append(onnx.helper.make_tensor(constant, onnx.TensorProto.INT64, [1], [value]))
    output = next(one for one in graph.graph.output if one.name == name)
    output.type.tensor_type.shape.dim[2].dim_value -= 1
    onnx.save(graph, path)


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "encoder.fp32.onnx").write_bytes(b"garbage"),
        lambda folder: (folder / "step.fp32.onnx").write_bytes(b""),
        lambda folder: (folder / "step.fp32.onnx").write_bytes(bytes(5000)),
        lambda folder: (folder / "step.fp32.onnx").write_bytes((folder / "step.fp32.onnx").read_bytes()[:30_000]),
        lambda folder: (folder / "step.fp32.onnx").unlink(),
        swapped,
        of_another_size,
    ],
    ids=["text", "empty", "zeros", "half", "none", "swapped", "another-size"],
)
def test_what_is_no_graph_under_a_manifest_of_its_own_is_exit_code_4(
    change: Callable[[Path], None], exported: Trained, warm: Warm, tmp_path: Path
) -> None:
    model = Path(shutil.copytree(exported.run_dir / "model", tmp_path / "model"))
    sealed(model, change)
    refused(warm.seqtool("translate", "-m", model, "--runtime", "onnx", cwd=tmp_path, stdin=b"eins .\n"), "export")


def test_onnx_never_imports_torch(exported: Trained) -> None:
    code = (
        "import sys; from seqtool.cli.app import app; from seqtool.cli.errors import run; "
        "code = run(app, sys.argv[1:]); print(sorted(sys.modules), file=sys.stderr); sys.exit(code)"
    )
    options = ("--details", "--format", "jsonl", "--precision", "int8", "--no-repeat-ngram", "3")
    done = python("-c", code, "translate", "-m", exported.run_dir, *options, cwd=exported.folder, stdin=b"eins .\n")
    assert done.code == 0
    assert '"text": "one ."' in done.out
    modules = set(ast.literal_eval(done.err))
    assert "onnxruntime" in modules
    assert not {"torch", "onnx", "onnxscript", "datasets", "sacrebleu", "rich", "pandas"} & modules


@pytest.fixture
def exporting(number_corpus: Path, tmp_path: Path) -> Path:
    """A folder with a recipe of 30 steps that exports."""
    path = write_recipe(tmp_path, number_corpus)
    text = path.read_text("utf-8")
    assert "  export: false\n" in text
    path.write_text(text.replace("  export: false\n", "  export: true\n").replace("max_steps: 300", "max_steps: 30"))
    return tmp_path


def written(run_dir: Path) -> list[str]:
    return sorted(path.name for path in run_dir.glob("model/*.onnx"))


@pytest.mark.slow
def test_train_writes_the_graphs_once_and_says_how_they_compare(exporting: Path, warm: Warm) -> None:
    done = warm.seqtool("train", "recipe.yaml", cwd=exporting)
    assert (done.code, done.out) == (0, "")
    assert re.search(r"\nfp32 \(\d\.\d MB\): \d+ of 40 lines as in torch, BLEU .*\nint8 \(\d\.\d MB\): BLEU ", done.err)
    assert "lines as in torch" in (exporting / "runs/numbers/train.log").read_text("utf-8")
    assert written(exporting / "runs/numbers") == sorted(GRAPHS)
    again = warm.seqtool("train", "recipe.yaml", cwd=exporting)
    assert again.code == 0
    assert "lines as in torch" not in again.err, "they are there"
    for path in exporting.glob("runs/numbers/model/*.onnx"):
        assert path.stat().st_size > 10_000


@pytest.mark.slow
@pytest.mark.parametrize("delay", [0.0, 1.0])
def test_train_that_is_ended_while_it_exports_does_that_the_next_time(
    delay: float, exporting: Path, warm: Warm
) -> None:
    run_dir = exporting / "runs/numbers"
    with running("train", "recipe.yaml", cwd=exporting) as process:
        wait_until(lambda: (run_dir / "result.json").exists(), process)
        time.sleep(delay)
        process.send_signal(signal.SIGTERM)
        err = process.communicate(timeout=60)[1].decode()
    assert process.returncode == 143
    last = "error[terminated]: stopped while writing the ONNX graphs; the model is complete"
    assert err.endswith(f"{last}\nhint: the same command goes on from here\n")
    assert written(run_dir) == []
    text: list[Done] = [warm.seqtool("translate", "-m", run_dir, cwd=exporting, stdin=b"eins .\n")]
    again = warm.seqtool("train", "recipe.yaml", cwd=exporting)
    assert again.code == 0
    assert "already trained" in again.err
    assert written(run_dir) == sorted(GRAPHS)
    text.append(warm.seqtool("translate", "-m", run_dir, "--runtime", "onnx", cwd=exporting, stdin=b"eins .\n"))
    assert text[0] == text[1]


def test_evaluate_and_score_compute_as_they_are_asked(exported: Trained, warm: Warm, tmp_path: Path) -> None:
    """int8 gives other numbers than fp32, and fp32 those of torch."""
    pairs = number_pairs(40, 3)
    write_lines(tmp_path / "src", [src for src, _ in pairs])
    write_lines(tmp_path / "ref", [tgt for _, tgt in pairs])
    model = ("-m", exported.run_dir)
    runtimes = ([], ["--runtime", "torch"], ["--precision", "int8"])
    own, torchs, int8 = (
        [float(one) for one in warm.seqtool("score", *model, "src", "ref", *options, cwd=tmp_path).out.split()]
        for options in runtimes
    )
    assert own == pytest.approx(torchs, abs=1e-4)
    assert 1e-4 < max(abs(one - other) for one, other in zip(own, int8, strict=True)) < 2
    for command in (("evaluate", "--src", "src", "--ref", "ref"), ("score", "src", "ref")):
        without = warm.seqtool(*command, "-m", exported.run_dir / "model", "--runtime", "onnx", cwd=tmp_path)
        assert without.code == 0, without.err
        refusals = (
            (["--runtime", "torch", "--precision", "int8"], "usage.precision"),
            (["--device", "cuda", "--precision", "int8"], "usage.device"),
        )
        for options, said in refusals:
            done = warm.seqtool(*command, *model, *options, cwd=tmp_path)
            assert (done.code, done.out) == (2, "")
            assert done.err.startswith(f"error[{said}]")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_exit_code_5(exported: Trained, warm: Warm) -> None:
    whole = ("translate", "-m", exported.run_dir, "--device", "cuda")
    done = warm.seqtool(*whole, cwd=exported.folder, stdin=b"eins .\n")
    assert (done.code, done.out) == (5, "")
    assert (
        done.err == "error[device.cuda]: --device cuda: torch finds no GPU\nhint: leave it out to compute on the CPU\n"
    )
