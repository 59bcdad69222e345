"""The recipe: what a person may write, with every default and every limit.

Sections follow the pipeline: data, tokenizer, model, training, decoding. A key that is not here is an error. Combinations of keys that
cannot work are listed in `seqtool.recipe.rules`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

PositiveInt = Annotated[int, Field(ge=1, le=2**31 - 1)]
Count = Annotated[int, Field(ge=0, le=2**31 - 1)]
Probability = Annotated[float, Field(ge=0.0, lt=1.0)]
NonNegative = Annotated[float, Field(ge=0.0, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0.0, allow_inf_nan=False)]

Size = Annotated[int, Field(ge=1, le=65536)]
Layers = Annotated[int, Field(ge=1, le=64)]
LayerKind = Literal["rnn", "lstm", "gru", "conv", "transformer", "sru", "ssru", "mingru", "minlstm"]
AttentionKind = Literal["none", "additive", "dot", "general", "scaled_dot", "multi_head"]
PresetName = Literal[
    "rnn-tiny",
    "rnn-small",
    "rnn-base",
    "conv-tiny",
    "conv-small",
    "conv-base",
    "transformer-tiny",
    "transformer-small",
    "transformer-base",
    "hybrid-tiny",
    "hybrid-small",
    "hybrid-base",
]
PositionKind = Literal["none", "sinusoidal", "learned", "rotary"]
ScoreName = Literal["bleu", "chrf", "ter", "rouge1", "rouge2", "rougeL", "rougeLsum"]
BestMetric = Literal["loss", "bleu", "chrf", "rouge1", "rouge2", "rougeL", "rougeLsum"]


class Section(BaseModel):
    """A part of the recipe: no unknown keys, no silent conversions, never changed after it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, protected_namespaces=())


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


class DataSection(Section):
    """Pairs for training, validation and test, and what is dropped from the training pairs (lengths in tokens, without bos and eos)."""

    train: CorpusSection
    valid: CorpusSection
    test: CorpusSection | None = None
    max_src_tokens: PositiveInt | None = None
    max_tgt_tokens: PositiveInt | None = None
    max_length_ratio: Positive | None = None
    truncate_src: bool | None = None


class TokenizerSection(Section):
    """A SentencePiece model, trained on the training pairs; `shared` makes one for both sides."""

    kind: Literal["unigram", "bpe", "char", "word"] = "unigram"
    vocab_size: Annotated[int, Field(ge=8, le=1_000_000)] = 8000
    shared: bool = True
    character_coverage: Annotated[float, Field(ge=0.9, le=1.0)] = 1.0
    byte_fallback: bool = False
    normalization: Literal["identity", "nfkc", "nmt_nfkc", "nfkc_cf", "nmt_nfkc_cf"] = "nmt_nfkc"
    sample_lines: PositiveInt = 200_000


class LayersSection(Section):
    """A stack of layers of one `kind` and `hidden` units. What is left out takes the value that `seqtool.recipe.resolve` gives its kind.

    rnn, lstm, gru: `activation` (rnn only), `residual` connections between layers, `layer_norm` inside the cells, and `transitions`, the
    cells a state passes through at every position (deep transition; with several layers BiDeep, Miceli Barone et al. 2017). conv:
    `kernel`, the positions a convolution sees. transformer: `heads`, which divide `hidden`. These two and the linear recurrences (sru,
    ssru, mingru, minlstm) are blocks with residual connections: `norm` stands before each part or after it, `feed_forward` is the inner
    size of a block's last part (0: it has none), and `positions` say where a token stands; learned ones are known up to `max_positions`.
    """

    kind: LayerKind = "lstm"
    layers: Layers = 1
    hidden: Size = 256
    activation: Literal["tanh", "relu"] | None = None
    residual: bool | None = None
    layer_norm: bool | None = None
    transitions: Annotated[int, Field(ge=1, le=64)] | None = None
    kernel: Annotated[int, Field(ge=2, le=1024)] | None = None
    heads: Annotated[int, Field(ge=1, le=1024)] | None = None
    norm: Literal["pre", "post"] | None = None
    feed_forward: Annotated[int, Field(ge=0, le=65536)] | None = None
    positions: PositionKind | None = None
    max_positions: Size | None = None


class EncoderSection(LayersSection):
    """`hidden` of rnn, lstm and gru is the size of one direction. These and the linear recurrences read the source `bidirectional`, left to
    right, or, `reversed`, right to left."""

    bidirectional: bool | None = None
    reversed: bool | None = None


class DecoderSection(LayersSection):
    """`readout` is the size of the features the generator sees; by default `hidden`, or `embedding` where that is tied to the output.
    `input_feeding` (rnn, lstm, gru) lets the features of a position join the next one's input."""

    hidden: Size = 512
    input_feeding: bool | None = None
    readout: Size | None = None


class AttentionSection(Section):
    """`size`: the inner size of additive, scaled_dot and multi_head, by default `hidden` of the decoder. `heads` (multi_head) divide it."""

    kind: AttentionKind | None = None
    size: Size | None = None
    heads: Annotated[int, Field(ge=1, le=1024)] | None = None


class DropoutSection(Section):
    """Shares of units set to zero: in embeddings; between layers, or in what each part of a block adds; in what encoder and decoder give
    out; and, of rnn, lstm and gru, in hidden-to-hidden weights (`recurrent`)."""

    embedding: Probability = 0.2
    layer: Probability = 0.2
    output: Probability = 0.2
    recurrent: Probability = 0.0


class ModelSection(Section):
    """The network. `embedding` is the size of token vectors; `tie` says which of source, target and output share them. A `preset` sets
    sizes and kinds, which are then written out in the resolved recipe."""

    preset: PresetName | None = None
    embedding: Size = 256
    tie: Literal["none", "source_target", "target_output", "all"] = "none"
    encoder: EncoderSection = EncoderSection()
    decoder: DecoderSection = DecoderSection()
    attention: AttentionSection = AttentionSection()
    dropout: DropoutSection = DropoutSection()
    forget_bias: Annotated[float, Field(ge=-10.0, le=10.0)] = 1.0
    orthogonal: bool = True


class OptimizerSection(Section):
    """`betas` and `eps` are Adam's, `momentum` is SGD's, `weight_decay` is decoupled with adamw and an L2 term with the others."""

    kind: Literal["adam", "adamw", "sgd"] = "adamw"
    lr: Positive = 0.001
    beta1: Probability = 0.9
    beta2: Probability = 0.999
    eps: Positive = 1e-8
    weight_decay: NonNegative = 0.0
    momentum: Probability = 0.0


class ScheduleSection(Section):
    """Learning rate over optimizer steps. `min_ratio`, of `lr`, is where cosine ends and plateau stops; `factor` and `patience`
    (validations) are plateau's."""

    kind: Literal["constant", "inverse_sqrt", "cosine", "plateau"] = "constant"
    warmup_steps: Count = 0
    min_ratio: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    factor: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.5
    patience: Count = 1


class TrainingSection(Section):
    """`precision` is that of the products: bf16 is faster than fp32 also on a CPU, if it has AVX512-BF16 or AMX.
    `batch_tokens` is the most padded tokens of a batch on either side; `*_every` counts optimizer steps, `patience` validations. The
    first limit reached of `max_steps`, `max_epochs` and `max_minutes` ends training; then, with `export`, graphs for ONNX Runtime are
    written into the model."""

    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 1
    batch_tokens: PositiveInt = 4096
    accumulate: Annotated[int, Field(ge=1, le=4096)] = 1
    optimizer: OptimizerSection = OptimizerSection()
    schedule: ScheduleSection = ScheduleSection()
    clip_norm: NonNegative = 1.0
    label_smoothing: Probability = 0.1
    max_steps: PositiveInt | None = None
    max_epochs: PositiveInt | None = 20
    max_minutes: Positive | None = None
    patience: PositiveInt | None = 5
    best_metric: BestMetric = "loss"
    metrics: list[ScoreName] | None = None
    validate_every: PositiveInt = 500
    checkpoint_every: PositiveInt = 500
    keep_checkpoints: PositiveInt = 2
    log_every: PositiveInt = 50
    device: Literal["auto", "cpu", "cuda"] = "auto"
    precision: Literal["fp32", "bf16", "fp16"] = "fp32"
    threads: Annotated[int, Field(ge=1, le=1024)] | None = None
    export: bool = True


class DecodingSection(Section):
    """Beam search. A hypothesis' score is its log-probability divided by (tokens + 1) ** length_penalty, plus `coverage_penalty` times what
    it left unread of the source (Wu et al. 2016, equation 14); output has at most `max_length_ratio` times the source's tokens plus
    `max_length_extra` and at most `max_length`, and at least `min_length` and `min_length_ratio` times the source's; no
    `no_repeat_ngram_size` tokens in a row come twice (0: they may)."""

    beam_size: Annotated[int, Field(ge=1, le=256)] = 5
    length_penalty: Annotated[float, Field(ge=0.0, le=10.0)] = 1.0
    batch_size: PositiveInt = 64
    max_length_ratio: Positive = 2.0
    max_length_extra: Count = 10
    max_length: PositiveInt | None = None
    min_length: Count = 0
    min_length_ratio: NonNegative = 0.0
    coverage_penalty: NonNegative = 0.0
    no_repeat_ngram_size: Count = 0


class Recipe(Section):
    """A whole recipe."""

    task: Literal["translation", "summarization"] = "translation"
    run_dir: str | None = None
    data: DataSection
    tokenizer: TokenizerSection = TokenizerSection()
    model: ModelSection = ModelSection()
    training: TrainingSection = TrainingSection()
    decoding: DecodingSection = DecodingSection()
