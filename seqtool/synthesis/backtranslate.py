"""Sources for target text, by a model of the reverse direction (Sennrich et al. 2016), marked by a tag (Caswell et al. 2019)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from seqtool.errors import DataError
from seqtool.model_dir import open_model_dir
from seqtool.recipe.schema import BacktranslateSection, Recipe
from seqtool.synthesis.blocks import Block, Pair, originals, windows
from seqtool.synthesis.job import Job, Watcher, open_translator
from seqtool.synthesis.origin import model_digest, survey
from seqtool.text.corpus import Corpus
from seqtool.text.formats import find_files, text_lines
from seqtool.translator import Translator


def backtranslation(recipe: Recipe, watcher: Watcher) -> Job:
    """A pair for each line of text, in their order, then the training pairs `upsample` times.

    The tag is plain text, which the tokenizer cuts like any other; it learns from these very pairs, so a tag that half of them begin with
    soon is a piece of its own. Raises `ModelError` for a model that cannot be opened and `DataError` for text or a corpus that cannot be
    read or is empty.
    """
    section = recipe.backtranslate
    assert section is not None, "the command has looked"
    corpus = Corpus(recipe.data.train, "train")
    digest = model_digest(open_model_dir(Path(section.model)))
    patterns = [section.text] if isinstance(section.text, str) else section.text
    text = survey((line,) for line in _lines(patterns))
    if not text.filled:
        message = f"backtranslate.text ({', '.join(patterns)}) has no lines with text"
        raise DataError("data.empty", message, "name files that have a sentence of the target language in each line")
    found = survey(corpus.pairs())
    facts: dict[str, object] = {
        "command": "backtranslate",
        "backtranslate.model": digest,
        "backtranslate.text": text.sha256,
        "data.train": found.sha256,
        "backtranslate.tag": section.tag,
        "backtranslate.beam_size": section.beam_size,
        "backtranslate.upsample": section.upsample,
    }
    pairs = text.rows + found.rows * section.upsample
    return Job(pairs, facts, partial(_blocks, recipe, section, patterns, watcher))


def _lines(patterns: list[str]) -> Iterator[str]:
    """The lines of all files, in the order in which they are named."""
    for pattern in patterns:
        for path in find_files(pattern):
            yield from text_lines(path)


def _blocks(recipe: Recipe, section: BacktranslateSection, patterns: list[str], watcher: Watcher) -> Iterator[Block]:
    translator = open_translator([section.model], recipe, beam_size=section.beam_size)
    for window in windows(_lines(patterns), translator.window_lines):
        yield Block(len(window), partial(_translated_back, translator, window, section.tag))
    watcher.translated(translator)
    for _ in range(section.upsample):
        yield from originals(Corpus(recipe.data.train, "train"))


def _translated_back(translator: Translator, lines: list[str], tag: str) -> list[Pair]:
    """Nothing is put before a translation that is empty: the pair is dropped, as one with an empty side, and not learnt."""
    mark = f"{tag} " if tag else ""
    return [(mark + one.text if one.text else "", one.src) for one in translator.translate_window(lines)]
