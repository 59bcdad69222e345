"""The model section of a recipe."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from seqtool.recipe.base import Probability, Section

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
    right, or, `reversed`, right to left. With `chunk` any kind reads pieces of so many tokens, each as if it stood alone."""

    bidirectional: bool | None = None
    reversed: bool | None = None
    chunk: Annotated[int, Field(ge=2, le=65536)] | None = None


class DecoderSection(LayersSection):
    """`readout` is the size of the features the generator sees; by default `hidden`, or `embedding` where that is tied to the output.
    `input_feeding` (rnn, lstm, gru) lets the features of a position join the next one's input."""

    hidden: Size = 512
    input_feeding: bool | None = None
    readout: Size | None = None


class AttentionSection(Section):
    """`size`: the inner size of additive, scaled_dot and multi_head, by default `hidden` of the decoder. `heads` (multi_head) divide it.
    With `coverage` the scores know how much each source token has been looked at (See et al. 2017, equation 11; of rnn, lstm, gru)."""

    kind: AttentionKind | None = None
    size: Size | None = None
    heads: Annotated[int, Field(ge=1, le=1024)] | None = None
    coverage: bool = False


class HierarchySection(Section):
    """A second reading of the source, sentence by sentence, by a bidirectional GRU of `hidden` units a direction; what is behind the last
    of `max_sentences` belongs to it. A sentence ends with a piece that ends in `.`, `!`, `?` or the like."""

    hidden: Size = 128
    max_sentences: Annotated[int, Field(ge=2, le=4096)] = 32


class DropoutSection(Section):
    """Shares of units set to zero: in embeddings; between layers, or in what each part of a block adds; in what encoder and decoder give
    out; and, of rnn, lstm and gru, in hidden-to-hidden weights (`recurrent`). Each mask is drawn once a sentence, for all its positions.
    `src_word` and `tgt_word` are shares of tokens whose whole vector is set to zero (Sennrich and Zhang 2019, section 3.2)."""

    embedding: Probability = 0.2
    layer: Probability = 0.2
    output: Probability = 0.2
    recurrent: Probability = 0.0
    src_word: Probability = 0.0
    tgt_word: Probability = 0.0


class ModelSection(Section):
    """The network. `embedding` is the size of token vectors; `tie` says which of source, target and output share them. A `preset` sets
    sizes and kinds, which are then written out in the resolved recipe. `lexical` adds what the source words looked at say by themselves
    (Nguyen and Chiang 2018). With `pointer` a token may also be copied from the source, one that is in no vocabulary among them (See et al.
    2017). With `hierarchy` the decoder looks at the sentences of a document and at their words (Nallapati et al. 2016, section 2.4)."""

    preset: PresetName | None = None
    embedding: Size = 256
    tie: Literal["none", "source_target", "target_output", "all"] = "none"
    encoder: EncoderSection = EncoderSection()
    decoder: DecoderSection = DecoderSection()
    attention: AttentionSection = AttentionSection()
    dropout: DropoutSection = DropoutSection()
    forget_bias: Annotated[float, Field(ge=-10.0, le=10.0)] = 1.0
    orthogonal: bool = True
    lexical: bool = False
    pointer: bool = False
    hierarchy: HierarchySection | None = None
