"""`seqtool evaluate`."""

from __future__ import annotations

from seqtool.cli import evaluate_options as ask
from seqtool.cli import options as shared
from seqtool.cli.terminal import Reporter


def evaluate(
    hypotheses: ask.Hypotheses = None,
    model: ask.Models = None,
    src: ask.Source = None,
    ref: ask.References = None,
    jsonl: ask.Jsonl = None,
    src_field: ask.SrcField = None,
    ref_field: ask.RefFields = None,
    train: ask.Train = None,
    metrics: ask.Metrics = None,
    baseline: ask.Baselines = None,
    tokenize: ask.Tokenize = "13a",
    lowercase: ask.Lowercase = False,
    stem: ask.Stem = False,
    bootstrap: ask.Bootstrap = 0,
    paired: ask.Paired = None,
    resamples: ask.Resamples = None,
    seed: ask.Seed = None,
    by: ask.By = None,
    worst: ask.Worst = None,
    best: ask.Best = None,
    diff: ask.Diff = None,
    line_metric: ask.LineMetric = None,
    form: ask.Form = "text",
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
    """Example: seqtool evaluate --ref test.en out.en other.en --paired bs

    Scores files, and models: on --src and --ref, on --jsonl, or on a recipe's test set. Several are compared with the first. Baselines
    say what a summarizer's score is worth.
    """
    from seqtool import evaluation
    from seqtool.cli import systems as chosen
    from seqtool.cli.resampling import resample
    from seqtool.cli.scores_noted import Noting
    from seqtool.cli.scores_out import check_form, render
    from seqtool.metrics import Variant, parse_baseline

    reporter, slices, variant = Reporter(quiet=quiet), by or [], Variant(tokenize, lowercase, stem)
    printed = check_form(form, json)
    baselines = [parse_baseline(name) for name in dict.fromkeys(baseline or [])]
    given = chosen.Given(hypotheses or [], model or [], src, ref or [], jsonl, src_field, ref_field or [])
    given = given.checked(baseline or [], reporter)
    given.check_translating(beam_size, batch_size, runtime, precision, device, threads)
    listing = chosen.lists_lines(worst, best, diff, line_metric)
    count = len(given.hyps) + len(given.models) + len(baselines)
    resampling = resample(count, paired, resamples, bootstrap, seed, diff=diff, sliced=bool(slices))
    noting = Noting.of(given, runtime=runtime, precision=precision, device=device)
    translators = chosen.load_all(given.models, runtime=runtime, precision=precision, device=device, threads=threads)
    translators = [one.with_search(beam_size=beam_size, batch_size=batch_size, scored=False) for one in translators]
    gold = given.gold(with_fields=any(map(evaluation.needs_fields, slices)))
    read = chosen.read_systems(given, translators, gold, reporter)
    names = evaluation.metric_names(metrics, chosen.task_of(translators, summaries=bool(baselines)))
    looked_at = bool(baseline or listing or set(slices) - {"frequency"})
    given.check_source(gold.source is not None, names, looked_at=looked_at)
    limits = evaluation.thresholds(fail_under or [], names)
    evaluation.check_resampling(resampling, names, len(gold.refs[0].lines))
    by_line = line_metric or evaluation.default_line_metric(names)
    lines = evaluation.ListedLines(by_line, worst or 0, best or 0, diff or 0)
    evaluation.check_variant(names, variant, by_line if listing else None)
    # Before a long translation, so that a test set whose parts do not belong together is found first.
    extra = evaluation.baseline_systems(baselines, gold.source, gold.refs) if gold.source else []
    groups = evaluation.find_slices(slices, gold, given.models, train or [])
    known = evaluation.seen_in_training(gold, given.models, train or [])
    systems = read()
    questions = evaluation.Questions(names, variant, resampling, groups, lines)
    report = evaluation.answer(questions, [*systems, *extra], gold, known)
    for warning in report.warnings:
        reporter.warning(warning)
    print(render(report, printed))
    if noting:
        noting.note(report.results[0], gold, translators[0].decoding.beam_size, reporter)
    evaluation.check_thresholds(report.results[: len(systems)], limits)
