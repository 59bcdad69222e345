"""`seqtool info`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from seqtool.cli.info_view import as_text
from seqtool.cli.options import choose_model
from seqtool.cli.terminal import Reporter
from seqtool.errors import ModelError, UsageError

Run = Annotated[Path | None, typer.Argument(metavar="RUN", help="A model or run directory, the same as -m.")]
Model = Annotated[Path | None, typer.Option("-m", "--model", metavar="DIR", help="A model or run directory.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]
Schema = Annotated[bool, typer.Option("--schema", help="The recipe's JSON Schema, for editors, and nothing else.")]


def info(run: Run = None, model: Model = None, as_json: Json = False, schema: Schema = False) -> None:
    """Example: seqtool info -m runs/quickstart

    Says what a model or run is, how it was made and how good it is; without one, what this machine and this installation are.
    """
    if run is not None and model is not None:
        raise UsageError("usage.info", f"two models, {run} and {model}: which is it?", "name one")
    if schema:
        from seqtool.recipe.json_schema import json_schema

        print(json.dumps(json_schema(), indent=1, ensure_ascii=False))
        return
    path = run if run is not None else model
    facts = _here() if path is None else _of(path)
    # what is not UTF-8 in a path, or half a character in a file, is escaped
    print(json.dumps(facts) if as_json else as_text(facts))


def _of(path: Path) -> dict[str, Any]:
    from seqtool.facts.model import model_facts

    return model_facts(path)


def _here() -> dict[str, Any]:
    """Machine, versions, and the model that a command without -m would take."""
    from seqtool.facts.machine import disk_free, this_machine, threads, versions

    machine = this_machine()
    try:
        default: str | None = str(choose_model(None, Reporter(quiet=True)))
    except ModelError:
        default = None
    return {
        "versions": versions(),
        "device": "cuda" if machine.gpus else "cpu",
        "gpus": list(machine.gpus),
        "system": machine.system,
        "processor": machine.processor,
        "cores": machine.cores,
        "threads": threads(),
        "cpu_flags": list(machine.flags),
        "bf16": machine.bf16,
        "memory_bytes": machine.memory,
        "memory_free_bytes": machine.memory_free,
        "working_directory": str(Path.cwd()),
        "disk_free_bytes": disk_free(Path.cwd()),
        "default_model": default,
    }
