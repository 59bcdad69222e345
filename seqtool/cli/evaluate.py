"""`seqtool evaluate`."""

from __future__ import annotations

from seqtool.cli import evaluate_options as ask
from seqtool.cli import options as shared
from seqtool.cli.terminal import Reporter


def evaluate(
    hypotheses: ask.Hypotheses = None,
    model: shared.ModelOption = None,
    src: ask.Source = None,
    ref: ask.References = None,
    metrics: ask.Metrics = None,
    baseline: ask.Baselines = None,
    tokenize: ask.Tokenize = "13a",
    lowercase: ask.Lowercase = False,
    stem: ask.Stem = False,
    bootstrap: ask.Bootstrap = 0,
    json: ask.Json = False,
    fail_under: ask.FailUnder = None,
    beam_size: shared.BeamSizeOption = None,
    batch_size: shared.BatchSizeOption = None,
    runtime: shared.RuntimeOption = None,
    precision: shared.PrecisionOption = "fp32",
    device: shared.DeviceOption = "cpu",
    threads: shared.ThreadsOption = None,
    quiet: shared.QuietOption = False,
) -> None:
    """Example: seqtool evaluate --ref test.en out.en

    Scores files against references, or a model: on --src and --ref, or on its recipe's test set. Baselines say what a summarizer's
    score is worth.
    """
    from seqtool import evaluation
    from seqtool.cli.scores_out import as_json, as_table
    from seqtool.cli.systems import check_combination, check_source, from_files, from_model
    from seqtool.metrics import Variant, parse_baseline

    hyps, refs, variant = hypotheses or [], ref or [], Variant(tokenize, lowercase, stem)
    baselines = [parse_baseline(name) for name in baseline or []]
    check_combination(hyps, model, src, refs, baseline or [])
    reporter = Reporter(quiet=quiet)
    if hyps:
        asked = from_files(hyps, refs, src, summaries=bool(baselines))
    else:
        from seqtool.cli.loading import load

        path = shared.choose_model(model, reporter)
        loaded = load([path], runtime=runtime, precision=precision, device=device, threads=threads)
        translator = loaded.with_search(beam_size=beam_size, batch_size=batch_size, scored=False)
        asked = from_model(path, translator, src, refs, reporter)
    names = evaluation.metric_names(metrics, asked.task)
    check_source(asked.source is not None, names, baseline or [], files=bool(hyps))
    limits = evaluation.thresholds(fail_under or [], names)
    evaluation.check_variant(names, variant)
    # Before a long translation, so that a source and references that do not belong together are found first.
    extra = evaluation.baseline_systems(baselines, asked.source, asked.refs) if asked.source else []
    systems = asked.systems()
    results = [
        evaluation.score_system(one, asked.refs, names, source=asked.source, bootstrap=bootstrap, variant=variant)
        for one in (*systems, *extra)
    ]
    for note in evaluation.notes(results):
        reporter.warning(note)
    print(as_json(results) if json else as_table(results))
    evaluation.check_thresholds(results[: len(systems)], limits)
