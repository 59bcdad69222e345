"""Text of a stranger, wherever it may come from, does nothing: to a terminal, in a log, in JSON, in a message; through real commands."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from seqtool import manifest
from seqtool.recipe.schema import Recipe
from tests.cli.fuzz_models import seal
from tests.cli.fuzz_values import HOSTILE
from tests.cli.fuzzing import inert
from tests.cli.processes import Done, Warm
from tests.fuzz_bases import write_model
from tests.number_words import number_pairs, small_recipe

# As names of files, which hold neither a NUL nor a slash.
NAMES = [text.replace("\x00", "").replace("/", "_") for text in HOSTILE]
LINES = [text.replace("\n", " ") for text in HOSTILE]


def harmless(text: str) -> None:
    """Nothing but line ends and what appears as it is."""
    assert not {char for char in text if not inert(char) and char != "\n"}, ascii(text[:500])


def both_harmless(done: Done, code: int) -> None:
    assert done.code == code, done.err
    harmless(done.out)
    harmless(done.err)
    assert "Traceback" not in done.err


def refused(done: Done, code: int) -> None:
    """Said in one message, of which hostile text is a part, not one of its own."""
    both_harmless(done, code)
    errors = [line for line in done.err.splitlines() if line.startswith(("error[", "warning:", "hint:"))]
    assert [line[:5] for line in errors] in (["error", "hint:"], ["error"]), done.err


def write(path: Path, values: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(values, allow_unicode=True), "utf-8")


def test_keys_of_a_recipe(warm: Warm, tmp_path: Path) -> None:
    """All at once: of so few problems every one is shown."""
    write(tmp_path / "recipe.yaml", {**small_recipe(tmp_path), **dict.fromkeys(HOSTILE[:-2], 1)})
    write(tmp_path / "one.yaml", {**small_recipe(tmp_path), "\x00\x1b": 1})
    both_harmless(warm.seqtool("preprocess", "one.yaml", cwd=tmp_path), 2)
    done = warm.seqtool("preprocess", "recipe.yaml", cwd=tmp_path)
    both_harmless(done, 2)
    assert "<script>alert(1)</script>" in done.err, "as it was written"
    assert "[bold red]x[/]" in done.err
    changes = [f"model.{text}={text}".replace("\x00", "") for text in HOSTILE]
    both_harmless(warm.seqtool("preprocess", "one.yaml", *changes, cwd=tmp_path), 2)


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_values_of_a_recipe(text: str, warm: Warm, tmp_path: Path) -> None:
    """As a word of a list of choices, and as the name of a file that is not there."""
    values = small_recipe(tmp_path)
    write(tmp_path / "task.yaml", {**values, "task": text})
    both_harmless(warm.seqtool("preprocess", "task.yaml", cwd=tmp_path), 2)
    write(
        tmp_path / "path.yaml",
        {**values, "data": {"train": {"src": text, "tgt": text}, "valid": {"src": text, "tgt": text}}},
    )
    both_harmless(warm.seqtool("preprocess", "path.yaml", cwd=tmp_path), 2 if "\x00" in text else 3)


def test_names_of_files(warm: Warm, tmp_path: Path) -> None:
    for name in NAMES:
        (tmp_path / name).write_text("a b c d\n")
    named = [f"./{name}" for name in NAMES]
    scores = ["evaluate", "--ref", named[0], *named]
    both_harmless(warm.seqtool(*scores, cwd=tmp_path), 0)
    done = warm.seqtool(*scores, "--json", cwd=tmp_path)
    both_harmless(done, 0)
    assert done.out.count("\n") == 1
    assert [one["name"] for one in json.loads(done.out)["systems"]] == NAMES, "and the names are still what they were"
    for name in ("\x1b[31m", "a\u202eb", "x\nerror[bug]: y\nhint: z", "[/bold]"):
        refused(warm.seqtool("evaluate", "--ref", "missing", f"./x{name}", cwd=tmp_path), 3)
        refused(warm.seqtool("translate", "-m", f"./x{name}", cwd=tmp_path), 4)


@pytest.mark.parametrize("form", ["tsv", "csv", "jsonl"])
def test_names_of_columns(form: str, warm: Warm, tmp_path: Path) -> None:
    names = [text.replace("\t", " ") for text in LINES]
    if form == "jsonl":
        text = json.dumps(dict.fromkeys(names, "x")) + "\n"
    else:
        separator = "\t" if form == "tsv" else ","
        text = (
            separator.join(
                name.replace('"', "") if form == "tsv" else '"' + name.replace('"', '""') + '"' for name in names
            )
            + "\n"
        )
    (tmp_path / f"a.{form}").write_text(text, "utf-8")
    values: dict[str, Any] = small_recipe(tmp_path)
    section = {form: f"a.{form}", "src": "nothing", "tgt": names[0]}
    (tmp_path / "recipe.yaml").write_text(
        yaml.safe_dump({**values, "data": {"train": section, "valid": section}}), "utf-8"
    )
    done = warm.seqtool("preprocess", "recipe.yaml", cwd=tmp_path)
    refused(done, 3)
    assert "no field 'nothing'" in done.err


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_strings_of_a_model(text: str, random_model: Path, warm: Warm, tmp_path: Path) -> None:
    def changed(change: Callable[[dict[str, Any]], object], name: str, *, fitting: bool) -> None:
        model = tmp_path / "model"
        model.mkdir(exist_ok=True)
        for path in random_model.iterdir():
            (model / path.name).write_bytes(path.read_bytes())
        value = json.loads((model / name).read_bytes())
        change(value)
        (model / name).write_text(json.dumps(value), "utf-8")
        if fitting:
            seal(model)
        refused(warm.seqtool("translate", "-m", "model", cwd=tmp_path, stdin=b"eins\n"), 4)

    if HOSTILE.index(text) % 2:
        changed(lambda config: config.update({text: 1}), "config.json", fitting=True)
    else:
        changed(lambda config: config["model"]["encoder"].update(kind=text), "config.json", fitting=True)
    changed(lambda listed: listed["files"].update({text: 1}), manifest.NAME, fitting=False)


@pytest.fixture(scope="module")
def byte_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that can say every byte."""
    tokenizer = {"kind": "bpe", "vocab_size": 330, "byte_fallback": True, "normalization": "identity"}
    recipe = Recipe.model_validate(small_recipe(Path("unused"), tokenizer=tokenizer))
    return write_model(tmp_path_factory.mktemp("bytes") / "model", recipe, number_pairs(100, 9))


@pytest.mark.parametrize("form", ["text", "tsv", "jsonl"])
def test_sources_and_hypotheses(form: str, byte_model: Path, warm: Warm, tmp_path: Path) -> None:
    """A prefix is what a model says first, so it can be made to say anything that its tokenizer can."""
    stdin = "".join(f"{line}\n" for line in LINES).encode()
    fields = "".join(json.dumps({"body": "eins", text: text}) + "\n" for text in HOSTILE).encode()
    options = ["-m", byte_model, "--format", form, "--max-length", "40", "--beam-size", "1"]
    both_harmless_lines(warm.seqtool("translate", *options, cwd=tmp_path, stdin=stdin), len(LINES))
    both_harmless_lines(warm.seqtool("translate", *options, "--field", "body", cwd=tmp_path, stdin=fields), len(LINES))
    for text in ("\x1b[31mred", "a\u202eb", "x\u2028y\u0085z", "one\rtwo", "[/bold]<script>"):
        done = warm.seqtool("translate", *options, "--prefix", text, cwd=tmp_path, stdin=b"eins\n")
        both_harmless_lines(done, 1)
        assert text[-1] in done.out, "it does say the rest"


def both_harmless_lines(done: Done, count: int) -> None:
    both_harmless(Done(done.code, done.out.replace("\t", " "), done.err), 0)
    assert done.out.count("\n") == count


def test_everything_that_a_run_writes(warm: Warm, tmp_path: Path) -> None:
    """Log, samples, metrics, recipe and results of a training on hostile text."""
    pairs = [*number_pairs(60, 4), *zip(LINES, LINES, strict=True)]
    values: dict[str, Any] = small_recipe(tmp_path)
    for name, rows in (("train", pairs), ("valid", pairs[::-1][:30])):
        for side, ending in ((0, "de"), (1, "en")):
            (tmp_path / f"{name}.{ending}").write_bytes("".join(f"{row[side]}\n" for row in rows).encode())
    values["data"] = {name: {"src": f"{name}.de", "tgt": f"{name}.en"} for name in ("train", "valid")}
    values["tokenizer"] = {"kind": "bpe", "vocab_size": 320, "shared": True}
    values["training"] |= {"max_steps": 2, "validate_every": 1, "checkpoint_every": 2, "log_every": 1, "threads": 1}
    values["run_dir"] = "runs/a\u202eb [/bold]\x1b[31m"
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump(values), "utf-8")
    done = warm.seqtool("train", "recipe.yaml", cwd=tmp_path)
    both_harmless(done, 0)
    run_dir = tmp_path / values["run_dir"]
    names = {"train.log", "samples.txt", "metrics.jsonl", "recipe.yaml", "result.json"}
    assert names <= {path.name for path in run_dir.iterdir()}
    for name in sorted(names):
        harmless((run_dir / name).read_bytes().decode())
    for path in [*run_dir.glob("checkpoints/*/*.json"), *run_dir.glob("model/*.json")]:
        harmless(path.read_bytes().decode())
