"""`seqtool translate`."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from seqtool.cli import translate_options as ask
from seqtool.cli.options import BatchSizeOption, BeamSizeOption, QuietOption, ThreadsOption, choose_model
from seqtool.cli.terminal import Reporter

if TYPE_CHECKING:
    from seqtool.cli.lines_in import Input
    from seqtool.translator import Translator


def translate(
    files: ask.Files = None,
    model: ask.Models = None,
    output: ask.Output = None,
    resume: ask.Resume = False,
    shard: ask.ShardOption = None,
    beam_size: BeamSizeOption = None,
    n_best: ask.NBest = 1,
    batch_size: BatchSizeOption = None,
    length_penalty: ask.Penalty = None,
    coverage_penalty: ask.Coverage = None,
    min_length: ask.MinLength = None,
    max_length: ask.MaxLength = None,
    min_length_ratio: ask.MinRatio = None,
    max_length_ratio: ask.MaxRatio = None,
    no_repeat_ngram: ask.NoRepeat = None,
    sample: ask.Sample = False,
    temperature: ask.Temperature = 1.0,
    top_k: ask.TopK = 0,
    top_p: ask.TopP = 1.0,
    seed: ask.Seed = 1,
    groups: ask.Groups = 1,
    diversity: ask.Diversity = 0.5,
    glossary: ask.GlossaryOption = None,
    prefix: ask.Prefix = "",
    form: ask.FormatOption = ask.Format.text,
    details: ask.Details = False,
    field: ask.Field = None,
    runtime: ask.RuntimeOption = None,
    precision: ask.PrecisionOption = ask.PrecisionChoice.fp32,
    strict: ask.Strict = False,
    threads: ThreadsOption = None,
    quiet: QuietOption = False,
) -> None:
    """Example: seqtool translate -m runs/quickstart < in.txt > out.txt

    Translates text: one line in, one line out, in order.
    """
    from seqtool.cli.interactive import converse, is_wanted
    from seqtool.cli.lines_in import open_inputs
    from seqtool.cli.lines_out import report
    from seqtool.cli.search_choice import Choice
    from seqtool.translator import Translator

    choice = Choice(n_best, sample, temperature, top_k, top_p, seed, groups, diversity, details)
    choice.check(form.value, beam_size, resume=resume, output=output, glossary=glossary)
    reporter = Reporter(quiet=quiet)
    with ExitStack() as stack:
        given = open_inputs(stack, files or [], field=field, shard=shard, strict=strict)
        loaded = Translator.load(
            *(model or [choose_model(None, reporter)]),
            runtime=None if runtime is None else runtime.value,
            precision=precision.value,
            threads=threads,
        )
        translator = choice.apply(
            loaded,
            glossary,
            beam_size=beam_size,
            batch_size=batch_size,
            length_penalty=length_penalty,
            coverage_penalty=coverage_penalty,
            min_length=min_length,
            max_length=max_length,
            min_length_ratio=min_length_ratio,
            max_length_ratio=max_length_ratio,
            no_repeat_ngram_size=no_repeat_ngram,
        )
        if is_wanted(files, output):
            converse(translator, reporter)
        else:
            _translate_all(translator, given, form.value, prefix, output, resume, reporter)
    report(reporter, translator, given.invalid)


def _translate_all(
    translator: Translator,
    given: Input,
    form: str,
    prefix: str,
    output: Path | None,
    resume: bool,
    reporter: Reporter,
) -> None:
    from seqtool.cli.lines_out import Pace, translated_lines
    from seqtool.resumable import resumable_output

    with ExitStack() as stack:
        skip, out = 0, sys.stdout.buffer
        if output is not None:
            writer = stack.enter_context(resumable_output(output, resume=resume))
            if writer.complete:
                reporter.info(f"{output} is complete: {writer.lines_done:,} lines")
                return
            skip, out = writer.lines_done, writer
        pace = Pace(reporter, None if given.total is None else given.total - skip)
        for block in translated_lines(translator, given, form, prefix=prefix, skip=skip):
            out.write(block)
            out.flush()
            pace.add(block.count(b"\n"))
        pace.end()
