"""What a teacher says of the training sources, for a student to learn (Kim and Rush 2016, sequence-level knowledge distillation)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from seqtool.errors import DataError
from seqtool.model_dir import open_model_dir
from seqtool.recipe.schema import DistillSection, Recipe
from seqtool.synthesis.blocks import Block, Pair, originals, texts, windows
from seqtool.synthesis.job import Job, Watcher, open_translator
from seqtool.synthesis.origin import model_digest, survey
from seqtool.text.corpus import Corpus
from seqtool.translator import Translator


def distillation(recipe: Recipe, watcher: Watcher) -> Job:
    """`n_best` pairs for each training source, in the order of the corpus, then, with `keep_original`, the training pairs themselves.

    Raises `ModelError` for a teacher that cannot be opened and `DataError` for a corpus that cannot be read or is empty.
    """
    section = recipe.distill
    assert section is not None, "the command has looked"
    corpus = Corpus(recipe.data.train, "train")
    digests = [model_digest(open_model_dir(Path(one))) for one in teachers(section)]
    found = survey(corpus.pairs())
    if not found.filled:
        raise DataError("data.empty", f"{corpus.describe()} has no pairs", "check the files and fields")
    facts: dict[str, object] = {
        "command": "distill",
        "distill.teacher": digests,
        "data.train": found.sha256,
        "distill.n_best": section.n_best,
        "distill.beam_size": section.beam_size,
        "distill.keep_original": section.keep_original,
    }
    pairs = found.rows * (section.n_best + section.keep_original)
    return Job(pairs, facts, partial(_blocks, recipe, section, corpus, watcher))


def teachers(section: DistillSection) -> list[str]:
    """The directories of the teacher's models."""
    return [section.teacher] if isinstance(section.teacher, str) else section.teacher


def _blocks(recipe: Recipe, section: DistillSection, corpus: Corpus, watcher: Watcher) -> Iterator[Block]:
    translator = open_translator(teachers(section), recipe, beam_size=section.beam_size, n_best=section.n_best)
    for window in windows(corpus.pairs(), translator.window_lines):
        sources = [src for src, _ in window]
        yield Block(len(sources) * section.n_best, partial(_taught, translator, sources, section.n_best))
    watcher.translated(translator)
    if section.keep_original:
        yield from originals(corpus)


def _taught(translator: Translator, sources: list[str], n_best: int) -> list[Pair]:
    return [(one.src, text) for one in translator.translate_window(sources) for text in texts(one, n_best)]
