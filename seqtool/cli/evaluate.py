"""`seqtool evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seqtool.cli.options import BatchSizeOption, BeamSizeOption, ModelOption, QuietOption, ThreadsOption, choose_model
from seqtool.cli.terminal import Reporter

Hypotheses = Annotated[
    list[Path] | None, typer.Argument(metavar="HYP", help="Output of systems, one file each; - is standard input.")
]
References = Annotated[list[Path] | None, typer.Option("--ref", metavar="REF", help="References; may be repeated.")]
Source = Annotated[Path | None, typer.Option("--src", metavar="SRC", help="Translate this with the model first.")]
Metrics = Annotated[
    str | None,
    typer.Option(metavar="LIST", help="Of bleu, chrf, ter, rouge, rouge1, rouge2, rougeL, rougeLsum; with commas."),
]
Tokenize = Annotated[
    str, typer.Option(metavar="NAME", help="BLEU's tokenizer: 13a, none, intl, char, zh, ja-mecab ...")
]
Lowercase = Annotated[bool, typer.Option("--lowercase", help="BLEU and chrF without regard to case.")]
Stem = Annotated[bool, typer.Option("--stem", help="ROUGE on stems of English words.")]
Bootstrap = Annotated[int, typer.Option(min=0, max=100_000, metavar="N", help="95% intervals from N samples.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]
FailUnder = Annotated[
    list[str] | None,
    typer.Option(metavar="METRIC=NUMBER", help="End with exit code 7 when a score is worse; may be repeated."),
]


def evaluate(
    hypotheses: Hypotheses = None,
    model: ModelOption = None,
    src: Source = None,
    ref: References = None,
    metrics: Metrics = None,
    tokenize: Tokenize = "13a",
    lowercase: Lowercase = False,
    stem: Stem = False,
    bootstrap: Bootstrap = 0,
    json: Json = False,
    fail_under: FailUnder = None,
    beam_size: BeamSizeOption = None,
    batch_size: BatchSizeOption = None,
    threads: ThreadsOption = None,
    quiet: QuietOption = False,
) -> None:
    """Example: seqtool evaluate --ref test.en out.en

    Scores files against references, or a model: on --src and --ref, or on its recipe's test set.
    """
    from seqtool import evaluation
    from seqtool.cli.scores_out import as_json, as_table
    from seqtool.cli.systems import check_combination, from_files, from_model
    from seqtool.metrics import Variant

    hyps, refs, variant = hypotheses or [], ref or [], Variant(tokenize, lowercase, stem)
    check_combination(hyps, model, src, refs)
    reporter = Reporter(quiet=quiet)
    if hyps:
        asked = from_files(hyps, refs)
    else:
        from seqtool.translator import Translator

        path = choose_model(model, reporter)
        loaded = Translator.load(path, threads=threads)
        asked = from_model(path, loaded.with_search(beam_size=beam_size, batch_size=batch_size), src, refs, reporter)
    names = evaluation.metric_names(metrics, asked.task)
    limits = evaluation.thresholds(fail_under or [], names)
    evaluation.check_variant(names, variant)
    results = [
        evaluation.score_system(system, asked.refs, names, bootstrap=bootstrap, variant=variant)
        for system in asked.systems()
    ]
    for note in evaluation.notes(results):
        reporter.warning(note)
    print(as_json(results) if json else as_table(results))
    evaluation.check_thresholds(results, limits)
