"""The house: imports point down only, and each kind of outside thing has one place."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.processes import PACKAGE_ROOT, python

PACKAGE = PACKAGE_ROOT / "seqtool"

# Rooms by floor, the lowest first. A room may import from floors below its own, and from itself.
FLOORS = [
    {"errors", "workers"},
    {"manifest", "recipe", "writing"},
    {"renames"},
    {"fs", "locks", "resumable"},
    {"text", "metrics", "batching"},
    {"models", "decoding", "health"},
    {"model_dir", "proposal", "translation"},
    {"runtime"},
    {"parts"},
    {"wording"},
    {"searching"},
    {"pair_scores"},
    {"translator", "evaluation"},
    {"facts"},
    {"export"},
    {"training", "analysis"},
    {"synthesis"},
    {"cli"},
    {"__main__", "__init__"},  # the package gives the translator its short name
]
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}

# Outside packages, and the only places that may import them.
ONLY_IN = [
    ("yaml", r"recipe/.*"),
    ("pydantic", r"recipe/.*|model_dir\.py|facts/.*"),
    ("sentencepiece", r"text/tokenizer\.py"),
    ("datasets", r"text/hub\.py"),
    ("pyarrow", r"text/.*"),
    ("sacrebleu", r"metrics/.*"),
    ("rouge_score", r"metrics/.*"),
    ("safetensors", r"runtime/.*|training/.*"),
    ("rich", r"cli/.*"),
    ("typer", r"cli/.*"),
    ("torch", r"models/.*|runtime/.*|training/.*|export/.*"),
    (
        "numpy",
        r"batching\.py|text/.*|decoding/.*|runtime/.*|(parts|pair_scores|searching|transl.*)\.py|training/.*|metrics/.*|export/.*"
        r"|analysis/.*|health/.*",
    ),
    ("matplotlib", r"analysis/.*"),
    ("jinja2", r"analysis/.*"),
    ("markupsafe", r"analysis/.*"),
    ("onnx", r"export/.*"),
    ("onnxscript", r"export/.*"),
    ("onnxruntime", r"runtime/.*|export/.*"),
    ("click", "nowhere"),
    ("pickle", "nowhere"),
    ("marshal", "nowhere"),
    ("shelve", "nowhere"),
]
LAZY = {
    "torch",
    "numpy",
    "onnx",
    "onnxruntime",
    "onnxscript",
    "sacrebleu",
    "rouge_score",
    "sentencepiece",
    "datasets",
    "pyarrow",
    "rich",
    "yaml",
    "pydantic",
    "matplotlib",
    "jinja2",
}

SOURCES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted((PACKAGE_ROOT / "tests").rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def imported(tree: ast.AST) -> Iterator[str]:
    """Full names of all modules imported anywhere in a file, relative imports excluded: there are none."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import"
            module = node.module or ""
            yield from (f"{module}.{alias.name}" for alias in node.names)


def room_of(path: Path) -> str:
    """The room a file is in; the package's own `__init__` is in none."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def top_level(tree: ast.Module) -> Iterator[str]:
    """Packages imported when the module is, not inside a function or for types only."""
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from (name.split(".")[0] for name in imported(ast.Module([node], [])))


@pytest.fixture(scope="module")
def trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text("utf-8")) for path in SOURCES}


def test_every_room_has_a_floor() -> None:
    assert {room_of(path) for path in SOURCES} - {"__init__"} <= FLOOR.keys()


def test_imports_point_down(trees: dict[Path, ast.Module]) -> None:
    wrong = []
    for path, tree in trees.items():
        for name in imported(tree):
            parts = name.split(".")
            if parts[0] != "seqtool" or parts[1].startswith("__"):  # __version__ is a name, not a room
                continue
            here, there = room_of(path), parts[1]
            if there != here and FLOOR[there] >= FLOOR[here]:
                wrong.append(f"{name_of(path)} imports {name}")
    assert not wrong


def test_the_package_itself_imports_nothing_until_it_is_asked(trees: dict[Path, ast.Module]) -> None:
    assert set(top_level(trees[PACKAGE / "__init__.py"])) <= {"__future__", "typing"}
    loaded = python(
        "-c",
        "import sys, seqtool; print([name for name in sys.modules if name.startswith('seqtool.')])",
        cwd=PACKAGE_ROOT,
    )
    assert loaded.out.strip() == "[]"


def test_only_build_reads_the_recipe_among_the_models(trees: dict[Path, ast.Module]) -> None:
    readers = {
        name_of(path)
        for path, tree in trees.items()
        if room_of(path) == "models" and any(name.startswith("seqtool.recipe") for name in imported(tree))
    }
    assert readers == {"models/build.py"}


@pytest.mark.parametrize("room", ["models", "decoding"])
def test_rooms_of_numbers_know_no_text_and_no_files(room: str, trees: dict[Path, ast.Module]) -> None:
    for path, tree in trees.items():
        if room_of(path) == room:
            rooms = {name.split(".")[1] for name in imported(tree) if name.startswith("seqtool.")}
            assert rooms <= {room, "recipe"}, name_of(path)
            assert not {"pathlib", "os", "io"} & {name.split(".")[0] for name in imported(tree)}, name_of(path)


@pytest.mark.parametrize(("package", "where"), ONLY_IN, ids=[package for package, _ in ONLY_IN])
def test_each_outside_thing_has_its_place(package: str, where: str, trees: dict[Path, ast.Module]) -> None:
    found = [
        name_of(path) for path, tree in trees.items() if any(name.split(".")[0] == package for name in imported(tree))
    ]
    assert all(re.fullmatch(where, name) for name in found), found
    assert bool(found) == (where != "nowhere"), "the table is out of date"


def test_commands_import_heavy_packages_inside_functions(trees: dict[Path, ast.Module]) -> None:
    for path, tree in trees.items():
        if room_of(path) in ("cli", "__main__", "errors"):
            assert not LAZY & set(top_level(tree)), name_of(path)


@pytest.mark.parametrize(
    "module",
    [
        "recipe.load",
        "text.corpus",
        "text.prepared",
        "metrics",
        "batching",
        "decoding.beam",
        "evaluation",
        "health.check",
    ],
)
def test_rooms_below_the_models_run_without_torch(module: str, tmp_path: Path) -> None:
    done = python("-c", f"import seqtool.{module}, sys; print('torch' in sys.modules)", cwd=tmp_path)
    assert (done.code, done.out) == (0, "False\n")


def test_only_commands_print(trees: dict[Path, ast.Module]) -> None:
    for path, tree in trees.items():
        calls = [
            node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        ]
        assert room_of(path) == "cli" or "print" not in calls, name_of(path)


def test_no_code_is_run_from_text_or_files(trees: dict[Path, ast.Module]) -> None:
    for path, tree in trees.items():
        calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        assert not calls & {"eval", "exec", "compile", "torch.load", "yaml.load", "importlib.import_module"}, name_of(
            path
        )


def test_no_room_for_odds_and_ends() -> None:
    names = {path.stem for path in SOURCES}
    assert not names & {"utils", "util", "helpers", "common", "misc"}


@pytest.mark.parametrize("path", SOURCES + TESTS, ids=lambda path: path.relative_to(PACKAGE_ROOT).as_posix())
def test_files_and_functions_are_short(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= 300
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            # a command's parameters are its list of options, which is as long as it is
            first = node.body[0].lineno if path.parent.name == "cli" else node.lineno
            assert (node.end_lineno or 0) - first < 50, node.name


def test_every_test_is_where_its_subject_is() -> None:
    """tests/ mirrors the package: each of its folders is a room, or holds tests of the shipped data and recipes."""
    rooms = {
        path.relative_to(PACKAGE_ROOT / "tests").parts[0]
        for path in TESTS
        if len(path.relative_to(PACKAGE_ROOT / "tests").parts) > 1
    }
    assert rooms <= FLOOR.keys() | {"data", "recipes"}
