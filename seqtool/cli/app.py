"""The commands and how their help looks."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from seqtool import __version__
from seqtool.cli.attend import attend
from seqtool.cli.backtranslate import backtranslate
from seqtool.cli.check import check
from seqtool.cli.distill import distill
from seqtool.cli.evaluate import evaluate
from seqtool.cli.export import export
from seqtool.cli.info import info
from seqtool.cli.init import init
from seqtool.cli.preprocess import preprocess
from seqtool.cli.report import report
from seqtool.cli.score import score
from seqtool.cli.summarize import summarize
from seqtool.cli.train import train
from seqtool.cli.translate import translate

_SETTINGS = {"help_option_names": ["-h", "--help"]}


class ExampleFirst(TyperCommand):
    """A command whose help begins with its docstring's first paragraph, which is an example: that is what people look for."""

    def format_help(self, ctx: typer.Context, formatter: Any) -> None:  # type: ignore[override]
        """Example, usage, description, options."""
        _begin(self, ctx, formatter)
        self.format_options(ctx, formatter)


class ExampleFirstGroup(TyperGroup):
    """The same for all commands together."""

    def format_help(self, ctx: typer.Context, formatter: Any) -> None:  # type: ignore[override]
        """Example, usage, description, options and commands."""
        _begin(self, ctx, formatter)
        self.format_options(ctx, formatter)


def _begin(command: TyperCommand | TyperGroup, ctx: typer.Context, formatter: Any) -> None:
    example, description = _parts(command.help or "")
    formatter.write(f"{example}\n\n")
    command.format_usage(ctx, formatter)
    formatter.write_paragraph()
    formatter.write_text(description)


def _parts(text: str) -> tuple[str, str]:
    """Example and description of a command."""
    example, _, description = inspect.cleandoc(text).partition("\n\n")
    return example, description


# Plain help: rich takes longer to import than everything else together.
app = typer.Typer(
    cls=ExampleFirstGroup,
    add_completion=False,
    rich_markup_mode=None,
    context_settings=_SETTINGS,
)


@app.callback(invoke_without_command=True)
def _seqtool(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
) -> None:
    """Example: seqtool train recipes/quickstart.yaml

    Train, ship and trust your own machine-translation or summarization model. seqtool COMMAND --help says more of a command.
    """
    if version:
        print(f"seqtool {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())


def _add(name: str, command: Callable[..., None]) -> None:
    help_text = command.__doc__ or ""
    summary = _parts(help_text)[1].split("\n\n")[0]
    app.command(name, cls=ExampleFirst, help=help_text, short_help=summary, context_settings=_SETTINGS)(command)


# In the order in which they are used.
_add("init", init)
_add("check", check)
_add("preprocess", preprocess)
_add("train", train)
_add("distill", distill)
_add("backtranslate", backtranslate)
_add("translate", translate)
_add("summarize", summarize)
_add("evaluate", evaluate)
_add("score", score)
_add("report", report)
_add("attend", attend)
_add("export", export)
_add("info", info)
