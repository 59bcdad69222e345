"""Model directories after an accident, or as somebody made them who means harm, into the commands that open one.

Half of them get a manifest that fits what was done to them: only then is a file that was changed parsed at all.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import shutil
import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from seqtool import manifest
from tests.cli.fuzz_graphs import GRAPH_CHANGES
from tests.cli.fuzz_values import HOSTILE, changed, changed_bytes, changed_json
from tests.cli.fuzzing import Case, Maker

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_SRC = b"eins zwei .\nZug\n"
WEIGHTS = "weights.safetensors"
CORE = ("config.json", WEIGHTS, "tokenizer.model", "tokenizer.src.model", "tokenizer.tgt.model")


def _pick(rng: random.Random, folder: Path, ending: str = "") -> Path:
    """A file, those that are always read more often than graphs."""
    found = sorted(
        path for path in folder.iterdir() if path.name.endswith(ending) and path.is_file() and not path.is_symlink()
    )
    core = [path for path in found if path.name in CORE]
    return rng.choice(core if core and rng.random() < 0.6 else found)


def _any_bytes(rng: random.Random, folder: Path) -> str:
    path = _pick(rng, folder)
    path.write_bytes(changed_bytes(rng, path.read_bytes()))
    return f"bytes of {path.name}"


def _config(rng: random.Random, folder: Path) -> str:
    path = folder / "config.json"
    path.write_bytes(changed_json(rng, path.read_bytes()))
    return "config.json"


def _sizes(rng: random.Random, folder: Path) -> str:
    """A configuration that is right, and of another model, a gigantic one perhaps."""
    path = folder / "config.json"
    config = json.loads(path.read_bytes())
    model = config["model"]
    for _ in range(rng.randint(1, 3)):
        section = rng.choice([model, model["encoder"], model["decoder"], model["attention"]])
        numbers = [key for key, value in section.items() if isinstance(value, int) and not isinstance(value, bool)]
        words = [key for key, value in section.items() if isinstance(value, str | bool)]
        if numbers and (not words or rng.random() < 0.7):
            section[rng.choice(numbers)] = rng.choice([1, 2, 3, 8, 24, 64, 1024, 65536])
        elif words:
            key = rng.choice(words)
            kinds = [
                "lstm",
                "gru",
                "rnn",
                "conv",
                "transformer",
                "sru",
                "mingru",
                "none",
                "additive",
                "dot",
                "multi_head",
                "all",
            ]
            section[key] = not section[key] if isinstance(section[key], bool) else rng.choice(kinds)
    config["max_src_tokens"] = rng.choice([1, 2, 20, 2**31 - 1])
    path.write_text(json.dumps(config))
    return "sizes in config.json"


def _manifest(rng: random.Random, folder: Path) -> str:
    path = folder / manifest.NAME
    if rng.random() < 0.5:
        path.write_bytes(changed_json(rng, path.read_bytes()))
        return "manifest.json"
    value = json.loads(path.read_bytes())
    name = rng.choice(sorted(value["files"]))
    entry = value["files"].pop(name)
    hostile = ["../weights.safetensors", "/etc/passwd", "a/b", "..", "", "x" * 300, "manifest.json", *HOSTILE]
    value["files"] = {rng.choice(hostile): entry, **value["files"]}
    path.write_text(json.dumps(value))
    return "names in manifest.json"


def _header(rng: random.Random, folder: Path) -> str:
    """The header of safetensors: names, types, shapes and places of tensors."""
    path = _pick(rng, folder, ".safetensors")
    data = path.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    header: dict[str, Any] = json.loads(data[8 : 8 + size])
    name = rng.choice(sorted(header))
    tensor = header[name]
    match rng.randrange(7):
        case 0:
            tensor["dtype"] = rng.choice(
                ["F64", "F16", "BF16", "I64", "I32", "U8", "BOOL", "F8_E4M3", "C64", "X", "", "F32"]
            )
        case 1:
            tensor["shape"] = rng.choice(
                [[], [0], [-1], [2**63], [2**32, 2**32], [1] * 1000, [1, *tensor["shape"]], [10**30]]
            )
        case 2:
            tensor["data_offsets"] = [
                rng.choice([0, 1, 8, 2**40, 2**64, -1]),
                rng.choice([0, 4, len(data), 2**40, 2**64]),
            ]
        case 3:
            header = {(rng.choice(HOSTILE) if one == name else one): value for one, value in header.items()}
        case 4:
            header["__metadata__"] = rng.choice([{}, {"a": "b" * 100_000}, {"a": 1}, [], "x"])
        case 5:
            header = changed(rng, header)
        case _:
            del header[name]
    text = json.dumps(header).encode()
    length = rng.choice([len(text)] * 6 + [0, 1, len(text) + 1, 2**31, 2**63, 2**64 - 1])
    path.write_bytes(struct.pack("<Q", length) + text + data[8 + size :])
    return f"header of {path.name}"


def _values(rng: random.Random, folder: Path) -> str:
    """Numbers of the weights: enormous ones and such as are no numbers."""
    path = folder / "weights.safetensors"
    data = bytearray(path.read_bytes())
    start = 8 + struct.unpack("<Q", data[:8])[0]
    value = rng.choice([float("nan"), float("inf"), -float("inf"), 3e38, -3e38, 1e-42, 0.0])
    count = (len(data) - start) // 4
    for place in rng.sample(range(count), k=rng.choice([1, 5, count])):
        struct.pack_into("<f", data, start + 4 * place, value)
    path.write_bytes(data)
    return f"weights of {value}"


def _swap(rng: random.Random, folder: Path) -> str:
    """Two files under each other's name."""
    first, second = _pick(rng, folder), _pick(rng, folder)
    one, two = first.read_bytes(), second.read_bytes()
    first.write_bytes(two)
    second.write_bytes(one)
    return f"{first.name} and {second.name} swapped"


def _missing(rng: random.Random, folder: Path) -> str:
    path = _pick(rng, folder)
    path.unlink()
    return f"{path.name} missing"


def _extra(rng: random.Random, folder: Path) -> str:
    name = rng.choice(
        [
            "pickle.pkl",
            "tokenizer.extra.model",
            "model.py",
            ".hidden",
            "encoder.fp16.onnx",
            "\x1b[31m",
            "tokenizer.json",
        ]
    )
    (folder / name).write_bytes(rng.randbytes(20))
    return f"{name!a} beside the others"


def _other_thing(rng: random.Random, folder: Path) -> str:
    """A link, a directory, a pipe or nothing where a file was."""
    path = _pick(rng, folder)
    target = folder.with_name("elsewhere")
    shutil.move(path, target)
    kind = rng.choice(["link", "loop", "device", "folder", "pipe", "empty", "dangling"])
    match kind:
        case "link":
            path.symlink_to(target)
        case "loop":
            path.symlink_to(path)
        case "device":
            path.symlink_to("/dev/zero")
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "empty":
            path.touch()
        case _:
            path.symlink_to(folder / "nothing")
    return f"{kind} for {path.name}"


def _graph(rng: random.Random, folder: Path) -> str:
    """A graph that ONNX can read, with something changed in it; without graphs, the configuration."""
    found = sorted(folder.glob("*.onnx"))
    if not found:
        return _config(rng, folder)
    import onnx

    path = rng.choice(found)
    model = onnx.load_model_from_string(path.read_bytes())
    said = rng.choice(GRAPH_CHANGES)(rng, model)
    path.write_bytes(model.SerializeToString())
    return f"{said} of {path.name}"


Change = Callable[[random.Random, Path], str]
CHANGES: Sequence[Change] = [
    *(_any_bytes, _any_bytes, _any_bytes, _config, _config, _sizes, _sizes, _manifest, _header, _header, _values),
    *(_swap, _missing, _extra, _other_thing, _graph, _graph),
]


def model_cases(models: Sequence[Path]) -> Maker:
    """Cases of the commands that open a model, each on a changed copy of one of these."""

    def make(rng: random.Random, folder: Path) -> Case:
        base = rng.choice(models)
        model = folder / "model"
        shutil.copytree(base, model)
        change = rng.choice(CHANGES)
        why = change(rng, model)
        fitting = change is not _manifest and rng.random() < 0.6
        if fitting:
            seal(model)
        (folder / "in.txt").write_bytes(_SRC)
        graphs = (base / "encoder.fp32.onnx").exists()
        arguments = _command(rng, graphs=graphs)
        sure = not fitting and _core_changed(base, model, weights=not graphs or "torch" in arguments)
        asks_for_more = {5} if change is _graph else set()  # a size in it may be beyond what the machine has
        return Case(
            arguments,
            frozenset({4} if sure else {0, 4} | asks_for_more),
            f"{why}{', sealed' * fitting}",
            _SRC,
            _two_lines(arguments[0]),
        )

    return make


def _command(rng: random.Random, *, graphs: bool) -> list[str]:
    runtime = rng.choice(["onnx", "onnx", "torch"]) if graphs else "torch"
    options = ["-m", "model", "--runtime", runtime]
    name = rng.choice(["translate"] * 6 + ["score", "evaluate"])
    if name == "score":
        return ["score", "in.txt", "in.txt", "-m", "model"]
    if runtime == "onnx":
        options += ["--precision", rng.choice(["fp32", "int8"])]
    if name == "evaluate":
        return ["evaluate", *options, "--src", "in.txt", "--ref", "in.txt"]
    options += ["--shortlist"] if runtime == "onnx" and rng.random() < 0.3 else []
    return ["translate", *options, "--beam-size", rng.choice("12"), "--max-length", "6"]


def _two_lines(command: str) -> Callable[[str], str]:
    def check(out: str) -> str:
        return "" if command == "evaluate" or out.count("\n") == 2 else f"2 lines in, {out.count(chr(10))} out"

    return check


def _core_changed(base: Path, model: Path, *, weights: bool) -> bool:
    """Whether a file that every command reads is another one, or not a file; `weights` says that they are read, too."""
    for name in CORE:
        if (base / name).exists() and (weights or name != WEIGHTS):
            path = model / name
            if path.is_symlink() or not path.is_file() or path.read_bytes() != (base / name).read_bytes():
                return True
    return False


def seal(folder: Path) -> None:
    """Writes the manifest that a directory would have, had it been written as it is; what no manifest can list stays unlisted."""
    path = folder / manifest.NAME
    if path.is_dir() and not path.is_symlink():
        return
    path.unlink(missing_ok=True)
    plain = [one for one in folder.iterdir() if one.is_file() and not one.is_symlink() and _NAME.fullmatch(one.name)]
    entries = {one.name: {"size": one.stat().st_size, "sha256": _digest(one)} for one in plain}
    path.write_text(json.dumps({"format": manifest.FORMAT, "files": entries}))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
