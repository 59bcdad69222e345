"""`seqtool translate`."""

from __future__ import annotations

from contextlib import ExitStack

import typer

from seqtool.cli import options as shared
from seqtool.cli import translate_options as ask
from seqtool.cli.terminal import Reporter
from seqtool.cli.trade import trade_of


def translate(
    context: typer.Context,
    files: ask.Files = None,
    model: ask.Models = None,
    output: ask.Output = None,
    resume: ask.Resume = False,
    shard: ask.ShardOption = None,
    beam_size: shared.BeamSizeOption = None,
    n_best: ask.NBest = 1,
    batch_size: shared.BatchSizeOption = None,
    length_penalty: ask.Penalty = None,
    coverage_penalty: ask.Coverage = None,
    length: ask.LengthOption = None,
    min_length: ask.MinLength = None,
    max_length: ask.MaxLength = None,
    min_words: ask.MinWords = None,
    max_words: ask.MaxWords = None,
    min_length_ratio: ask.MinRatio = None,
    max_length_ratio: ask.MaxRatio = None,
    no_repeat_ngram: ask.NoRepeat = None,
    sample: ask.Sample = False,
    temperature: ask.Temperature = None,
    top_k: ask.TopK = None,
    top_p: ask.TopP = None,
    seed: ask.Seed = None,
    groups: ask.Groups = 1,
    diversity: ask.Diversity = None,
    glossary: ask.GlossaryOption = None,
    prefix: ask.Prefix = "",
    form: ask.FormatOption = ask.Format.text,
    details: ask.Details = False,
    field: ask.Field = None,
    runtime: shared.RuntimeOption = None,
    precision: shared.PrecisionOption = "fp32",
    shortlist: ask.Shortlist = False,
    strict: ask.Strict = False,
    device: shared.DeviceOption = "cpu",
    threads: shared.ThreadsOption = None,
    quiet: shared.QuietOption = False,
) -> None:
    """Example: seqtool translate -m runs/quickstart < in.txt > out.txt

    Translates text: one line in, one line out, in order.
    """
    from seqtool.cli.interactive import converse, is_wanted
    from seqtool.cli.lines_in import open_inputs
    from seqtool.cli.lines_out import Lines, report, write_all
    from seqtool.cli.loading import load
    from seqtool.cli.search_choice import Choice, check_prefix

    choice = Choice(n_best, sample, temperature, top_k, top_p, seed, groups, diversity, details, length)
    choice.check(form.value, beam_size, resume=resume, output=output, glossary=glossary)
    if shortlist:
        choice.check_shortlist(glossary, prefix)
    reporter, trade = Reporter(quiet=quiet), trade_of(context.info_name)
    with ExitStack() as stack:
        given = open_inputs(stack, files or [], field=field, shard=shard, strict=strict, count=reporter.live)
        models = model or [shared.choose_model(None, reporter)]
        loaded = load(models, runtime=runtime, precision=precision, device=device, shortlist=shortlist, threads=threads)
        sizes = {"beam_size": beam_size, "batch_size": batch_size, "no_repeat_ngram_size": no_repeat_ngram}
        lengths = {"min_length": min_length, "max_length": max_length, "min_words": min_words, "max_words": max_words}
        ratios = {"min_length_ratio": min_length_ratio, "max_length_ratio": max_length_ratio}
        penalties = {"length_penalty": length_penalty, "coverage_penalty": coverage_penalty}
        decoding = {**sizes, **lengths, **ratios, **penalties}
        translator = choice.apply(loaded, glossary, decoding, scored=form is not ask.Format.text)
        check_prefix(prefix, translator)
        if field is None and is_wanted(files, output):
            converse(translator, reporter, trade, form.value, prefix)
        else:
            write_all(Lines(translator, given, form.value, prefix), reporter, output, resume=resume)
    report(reporter, trade, translator, given.invalid)
