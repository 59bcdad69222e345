"""The recipe: what a person may write, with every default and every limit.

Sections follow the pipeline: data, tokenizer, model, training, decoding. A key that is not here is an error. Combinations of keys that
cannot work are listed in `seqtool.recipe.rules`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from seqtool.recipe.base import Count, NonNegative, Positive, PositiveInt, Section
from seqtool.recipe.model_schema import ModelSection
from seqtool.recipe.training_schema import TrainingSection


class CorpusSection(Section):
    """Where pairs come from.

    Without one of the format keys, `src` and `tgt` are two line-aligned text files. With `tsv`, `csv`, `jsonl` or `parquet` (a path) or
    `hub` (a data set's name) or `folder` (a local data-set folder) they name the fields: a column number from 1, or a name; `a.b`
    reaches into a record. A path may hold `*` and may be a list; a file may end in `.gz`, `.xz` or `.zst`.
    """

    src: int | str | list[str] | None = None
    tgt: int | str | list[str] | None = None
    tsv: str | list[str] | None = None
    csv: str | list[str] | None = None
    jsonl: str | list[str] | None = None
    parquet: str | list[str] | None = None
    hub: str | None = None
    folder: str | None = None
    config: str | None = None
    split: str | None = None
    revision: str | None = None


Length = Literal["short", "medium", "long"]
Truncate = Literal["head", "head_tail", "sentences"]


class DataSection(Section):
    """Pairs for training, validation and test, and what is dropped from the training pairs (lengths in tokens, without bos and eos). With
    `truncate_src` a longer source is cut instead, and `truncate` says what of it is kept: the first tokens, the first three quarters and
    the last quarter, or whole sentences from the beginning. With `length_tokens` each source begins with a token that says whether its
    target is short, medium or long."""

    train: CorpusSection
    valid: CorpusSection
    test: CorpusSection | None = None
    max_src_tokens: PositiveInt | None = None
    max_tgt_tokens: PositiveInt | None = None
    max_length_ratio: Positive | None = None
    truncate_src: bool | None = None
    truncate: Truncate = "head"
    length_tokens: bool = False


class TokenizerSection(Section):
    """A SentencePiece model, trained on the training pairs; `shared` makes one for both sides. With `model` it is not trained but taken,
    from a SentencePiece file or from a model or run directory."""

    model: str | None = None
    kind: Literal["unigram", "bpe", "char", "word"] = "unigram"
    vocab_size: Annotated[int, Field(ge=8, le=1_000_000)] = 8000
    shared: bool = True
    character_coverage: Annotated[float, Field(ge=0.9, le=1.0)] = 1.0
    byte_fallback: bool = False
    normalization: Literal["identity", "nfkc", "nmt_nfkc", "nfkc_cf", "nmt_nfkc_cf"] = "nmt_nfkc"
    sample_lines: PositiveInt = 200_000


class DecodingSection(Section):
    """Beam search. A hypothesis' score is its log-probability divided by (tokens + 1) ** length_penalty, plus `coverage_penalty` times what
    it left unread of the source (Wu et al. 2016, equation 14); output has at most `max_length_ratio` times the source's tokens plus
    `max_length_extra` and at most `max_length`, and at least `min_length` and `min_length_ratio` times the source's; and it
    has at least `min_words` words, as spaces divide it, and at most `max_words`; no `no_repeat_ngram_size` tokens in a row come twice (0:
    they may)."""

    beam_size: Annotated[int, Field(ge=1, le=256)] = 5
    length_penalty: Annotated[float, Field(ge=0.0, le=10.0)] = 1.0
    batch_size: PositiveInt = 64
    max_length_ratio: Positive = 2.0
    max_length_extra: Count = 10
    max_length: PositiveInt | None = None
    min_length: Count = 0
    min_length_ratio: NonNegative = 0.0
    min_words: Count = 0
    max_words: PositiveInt | None = None
    coverage_penalty: NonNegative = 0.0
    no_repeat_ngram_size: Count = 0


class DistillSection(Section):
    """`seqtool distill`: `teacher`, a model or several of one target vocabulary, translates the training sources with `beam_size`; the
    student learns from its `n_best` translations and, with `keep_original`, from the references too (Kim and Rush 2016)."""

    teacher: str | list[str]
    n_best: Annotated[int, Field(ge=1, le=256)] = 1
    beam_size: Annotated[int, Field(ge=1, le=256)] = 5
    keep_original: bool = False


class BacktranslateSection(Section):
    """`seqtool backtranslate`: `model`, of the reverse direction, translates `text`, files with a target sentence a line, into sources that
    begin with `tag` (Caswell et al. 2019); the training pairs are read `upsample` times beside them."""

    model: str
    text: str | list[str]
    tag: str = "<BT>"
    beam_size: Annotated[int, Field(ge=1, le=256)] = 5
    upsample: Annotated[int, Field(ge=1, le=1000)] = 1


class Recipe(Section):
    """A whole recipe."""

    task: Literal["translation", "summarization"] = "translation"
    run_dir: str | None = None
    data: DataSection
    tokenizer: TokenizerSection = TokenizerSection()
    model: ModelSection = ModelSection()
    training: TrainingSection = TrainingSection()
    decoding: DecodingSection = DecodingSection()
    distill: DistillSection | None = None
    backtranslate: BacktranslateSection | None = None
