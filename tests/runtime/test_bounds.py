"""What a model directory asks for is bounded by what it holds, and its graphs read nothing but themselves."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper
from safetensors.torch import load_file, save_file

from seqtool.errors import ModelError
from seqtool.model_dir import open_model_dir
from seqtool.runtime.onnx_session import open_session
from seqtool.runtime.torch_weights import load_network
from tests.cli.fuzz_models import seal


def changed(model: Path, place: Path, **encoder: Any) -> Path:
    """A copy with these keys in the encoder's section, and a manifest that fits."""
    copy = Path(shutil.copytree(model, place / "model"))
    config = json.loads((copy / "config.json").read_bytes())
    config["model"]["encoder"].update(encoder)
    (copy / "config.json").write_text(json.dumps(config))
    seal(copy)
    return copy


@pytest.mark.parametrize(
    "encoder",
    [
        {"hidden": 65536},  # 137 GB
        {"layers": 64, "hidden": 4096},
        {"layers": 64, "transitions": 64, "hidden": 1},  # small, and thousands of them
        {"kind": "transformer", "hidden": 16, "heads": 2, "feed_forward": 65536},
    ],
)
def test_no_memory_for_more_than_the_weights_can_fill(
    encoder: dict[str, Any], random_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    empty = torch.nn.Parameter.__new__
    opened = open_model_dir(changed(random_model, tmp_path, **encoder))

    def counted(cls: Any, data: torch.Tensor, *more: Any) -> Any:
        made.append(data.numel())
        return empty(cls, data, *more)

    monkeypatch.setattr(torch.nn.Parameter, "__new__", counted)
    with pytest.raises(ModelError) as caught:
        load_network(opened)
    assert caught.value.error_id == "model.mismatch"
    assert sum(made) <= 2 * opened.files["weights.safetensors"].stat().st_size + (1 << 17)


@pytest.mark.parametrize(
    ("change", "error_id"),
    [
        (lambda tensor: tensor.fill_(float("nan")), "model.not-finite"),
        (lambda tensor: tensor.index_fill_(0, torch.tensor([0]), float("inf")), "model.not-finite"),
        (lambda tensor: tensor.to(torch.int64), "model.mismatch"),
        (lambda tensor: tensor.to(torch.float64), "model.mismatch"),
        (lambda tensor: tensor.unsqueeze(0).clone(), "model.mismatch"),
    ],
)
def test_weights_are_finite_floats_of_the_right_shapes(
    change: Any, error_id: str, random_model: Path, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(random_model, tmp_path / "model"))
    tensors = load_file(copy / "weights.safetensors")
    name = sorted(tensors)[0]
    save_file({**tensors, name: change(tensors[name])}, copy / "weights.safetensors")
    seal(copy)
    with pytest.raises(ModelError) as caught:
        load_network(open_model_dir(copy))
    assert caught.value.error_id == error_id
    assert name in caught.value.message


def test_half_precision_is_read(random_model: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(random_model, tmp_path / "model"))
    tensors = {name: tensor.half() for name, tensor in load_file(copy / "weights.safetensors").items()}
    save_file(tensors, copy / "weights.safetensors")
    seal(copy)
    assert {one.dtype for one in load_network(open_model_dir(copy)).parameters()} == {torch.float32}


@pytest.mark.parametrize(("name", "size"), [("config.json", (1 << 20) + 1), ("tokenizer.model", (256 << 20) + 1)])
def test_files_that_are_too_large_are_not_read(name: str, size: int, random_model: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(random_model, tmp_path / "model"))
    listed = json.loads((copy / "manifest.json").read_bytes())
    listed["files"][name]["size"] = size
    (copy / "manifest.json").write_text(json.dumps(listed))
    with (copy / name).open("r+b") as stream:
        stream.truncate(size)  # a hole: it takes no disk, and would take memory
    with pytest.raises(ModelError) as caught:
        open_model_dir(copy)
    assert caught.value.error_id == "model.too-large"


def graph(location: str | None) -> bytes:
    """`y = x + c`, with the value of c here or in another file."""
    c = helper.make_tensor("c", TensorProto.FLOAT, [1], [1.0])
    if location is not None:
        c.ClearField("float_data")
        c.data_location = TensorProto.EXTERNAL
        c.external_data.add(key="location", value=location)
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy")
    made = helper.make_graph([helper.make_node("Add", ["x", "c"], ["y"])], "g", [x], [y], [c])
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    return bytes(model.SerializeToString())


@pytest.mark.parametrize("location", ["values", "../values", "/etc/passwd", "/dev/zero"])
def test_a_graph_reads_no_other_file(location: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "values").write_bytes(b"\0" * 4)
    assert open_session(graph(None), where="here").get_inputs()[0].name == "x"
    with pytest.raises(ModelError, match="names another file"):
        open_session(graph(location), where="here")


def test_what_no_machine_can_hold_is_a_lack_of_memory() -> None:
    x = helper.make_tensor_value_info("x", TensorProto.INT64, [1])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [None])
    made = helper.make_graph([helper.make_node("ConstantOfShape", ["x"], ["y"])], "g", [x], [y])
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    session = open_session(model.SerializeToString(), where="here")
    assert session.run(["y"], {"x": np.array([3])})[0].shape == (3,)
    with pytest.raises(MemoryError):
        session.run(["y"], {"x": np.array([1 << 50])})


def test_exported_graphs_never_look_as_if_they_named_a_file() -> None:
    """The word that is searched for is no name that torch or the export give."""
    assert b"location" in graph("x")
    assert b"location" not in graph(None)
    assert onnx.load_model_from_string(graph("x")).graph.initializer[0].external_data[0].key == "location"
