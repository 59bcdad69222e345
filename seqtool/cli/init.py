"""`seqtool init`."""

from __future__ import annotations

from seqtool.cli import init_options as options
from seqtool.cli.options import QuietOption
from seqtool.cli.terminal import Reporter


def init(
    files: options.Files = None,
    output: options.Out = "recipe.yaml",
    src: options.Side = None,
    tgt: options.Side = None,
    task: options.Task = None,
    run_dir: options.RunDir = None,
    config: options.Config = None,
    valid: options.Valid = None,
    test: options.Test = None,
    seed: options.Seed = 1,
    print_: options.Print = False,
    quiet: QuietOption = False,
) -> None:
    """Example: seqtool init pairs.jsonl -o recipe.yaml

    Looks at data and writes a recipe that runs as it stands: columns, task, languages and sizes are guessed, and validation and test pairs
    split off into a folder beside the recipe where they are not given. Nothing is overwritten.
    """
    from seqtool.cli.init_view import Progress, ask, place_of, show
    from seqtool.proposal.commit import commit
    from seqtool.proposal.proposal import Wishes, propose
    from seqtool.proposal.run_name import free_run_dir
    from seqtool.proposal.text_pairs import SideWishes

    reporter = Reporter(quiet=quiet)
    asked = files or ask(reporter)
    place = place_of(output, printed=print_)
    progress = Progress(reporter)
    wishes = Wishes(SideWishes(src, tgt), task, config, valid, test, seed)
    made = propose(asked, wishes, place.folder, progress)
    run = run_dir or free_run_dir(place.recipe, made.name)
    text = commit(made, place, run, progress)
    reporter.line("")
    show(reporter, made, place, run)
    if place.printed:
        print(text, end="")
