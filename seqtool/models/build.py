"""The table of what can be built: the only place that reads the recipe's model section."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypedDict, cast

import torch
from torch import nn

from seqtool.models.attention import Attention, build_attention
from seqtool.models.blocks import Norm
from seqtool.models.cells import CellKind, CellLayer, RecurrentLayer
from seqtool.models.decoders.blocks import BlockDecoder
from seqtool.models.decoders.lexical import LexicalDecoder
from seqtool.models.decoders.recurrent import RecurrentDecoder
from seqtool.models.deep_cells import DeepLayer
from seqtool.models.embedding import TokenEmbedding
from seqtool.models.encoders.blocks import BlockEncoder
from seqtool.models.encoders.chunks import ChunkedEncoder
from seqtool.models.encoders.hierarchy import HierarchicalEncoder
from seqtool.models.encoders.recurrent import RecurrentEncoder
from seqtool.models.generator import Generator, LexicalGenerator
from seqtool.models.mixers.convolution import Convolution
from seqtool.models.mixers.linear_recurrence import Backwards, BothDirections, LinearKind, LinearRecurrence
from seqtool.models.mixers.mixer import Mixer
from seqtool.models.mixers.self_attention import SelfAttention
from seqtool.models.pointer import Pointer
from seqtool.models.positions import LearnedPositions, Positions, SinusoidalPositions
from seqtool.models.seq2seq import Seq2Seq
from seqtool.recipe.model_schema import DecoderSection, EncoderSection, LayersSection, ModelSection
from seqtool.recipe.resolve import LINEAR, RECURRENT, resolved_model

_Encoder = RecurrentEncoder | BlockEncoder | ChunkedEncoder | HierarchicalEncoder


class _BlockOptions(TypedDict):
    dim: int
    feed_forward: int
    norm: Norm
    layer_dropout: float


def build_model(section: ModelSection, src_vocab: int, tgt_vocab: int, *, sentence_ends: Sequence[int] = ()) -> Seq2Seq:
    """A model with fresh weights, drawn from torch's global generator: seed it first. `sentence_ends` are the source's pieces that a
    sentence ends with, which only a hierarchy asks for."""
    section = resolved_model(section)
    tied_output = section.tie in ("target_output", "all")
    readout = section.decoder.readout or (section.embedding if tied_output else section.decoder.hidden)
    src_weight = _token_vectors(src_vocab, section.embedding)
    tgt_weight = src_weight if section.tie in ("source_target", "all") else _token_vectors(tgt_vocab, section.embedding)
    output_weight = tgt_weight if tied_output else _token_vectors(tgt_vocab, readout)
    words = (src_weight, section.dropout.src_word), (tgt_weight, section.dropout.tgt_word)
    embeddings = [TokenEmbedding(weight, dropout=section.dropout.embedding, word_dropout=p) for weight, p in words]
    make_decoder = _recurrent_decoder if section.decoder.kind in RECURRENT else _block_decoder
    encoder = _encoder(section, embeddings[0], src_vocab, sentence_ends)
    decoder: RecurrentDecoder | BlockDecoder | LexicalDecoder
    decoder = make_decoder(section, embeddings[1], encoder.memory_dim, readout)
    generator = Generator(output_weight)
    if section.lexical:
        decoder = LexicalDecoder(decoder, features_dim=readout, dim=section.embedding)
        generator = LexicalGenerator(output_weight, _token_vectors(tgt_vocab, section.embedding))
    pointer = Pointer(decoder.features_dim) if section.pointer else None
    return Seq2Seq(encoder, decoder, generator, pointer)


def _encoder(section: ModelSection, embedding: TokenEmbedding, vocab: int, sentence_ends: Sequence[int]) -> _Encoder:
    make = _recurrent_encoder if section.encoder.kind in RECURRENT else _block_encoder
    encoder: _Encoder = make(section, embedding)
    if section.encoder.chunk is not None:
        encoder = ChunkedEncoder(encoder, memory_dim=encoder.memory_dim, size=section.encoder.chunk)
    if section.hierarchy is None:
        return encoder
    return HierarchicalEncoder(
        encoder,
        memory_dim=encoder.memory_dim,
        vocab=vocab,
        sentence_ends=sentence_ends,
        hidden=section.hierarchy.hidden,
        max_sentences=section.hierarchy.max_sentences,
        recurrent_dropout=section.dropout.recurrent,
        output_dropout=section.dropout.output,
    )


def _recurrent_encoder(section: ModelSection, embedding: TokenEmbedding) -> RecurrentEncoder:
    part = section.encoder
    return RecurrentEncoder(
        embedding,
        _layer_maker(part, section),
        layers=part.layers,
        bidirectional=bool(part.bidirectional),
        backwards=bool(part.reversed),
        residual=bool(part.residual),
        layer_dropout=section.dropout.layer,
        output_dropout=section.dropout.output,
    )


def _recurrent_decoder(
    section: ModelSection, embedding: TokenEmbedding, memory_dim: int, readout: int
) -> RecurrentDecoder:
    part = section.decoder
    return RecurrentDecoder(
        embedding,
        _attention(section, memory_dim),
        _layer_maker(part, section),
        layers=part.layers,
        memory_dim=memory_dim,
        readout=readout,
        input_feeding=bool(part.input_feeding),
        residual=bool(part.residual),
        layer_dropout=section.dropout.layer,
        output_dropout=section.dropout.output,
    )


def _block_encoder(section: ModelSection, embedding: TokenEmbedding) -> BlockEncoder:
    part = section.encoder

    def mixer() -> Mixer:
        if part.kind not in LINEAR:
            return _mixer(part, section, causal=False)
        if part.bidirectional:
            ahead, behind = (_mixer(part, section, causal=True) for _ in range(2))
            return BothDirections(ahead, behind, dim=part.hidden)
        one = _mixer(part, section, causal=True)
        return Backwards(one) if part.reversed else one

    return BlockEncoder(
        embedding,
        mixer,
        _positions(part),
        layers=part.layers,
        output_dropout=section.dropout.output,
        pooling=section.attention.kind == "none",
        **_block_options(part, section),
    )


def _block_decoder(section: ModelSection, embedding: TokenEmbedding, memory_dim: int, readout: int) -> BlockDecoder:
    part = section.decoder
    return BlockDecoder(
        embedding,
        partial(_mixer, part, section, causal=True),
        partial(_attention, section, memory_dim),
        _positions(part),
        layers=part.layers,
        readout=readout,
        output_dropout=section.dropout.output,
        **_block_options(part, section),
    )


def _block_options(part: LayersSection, section: ModelSection) -> _BlockOptions:
    """What all blocks of a stack share."""
    assert part.norm is not None
    assert part.feed_forward is not None
    return {
        "dim": part.hidden,
        "feed_forward": part.feed_forward,
        "norm": part.norm,
        "layer_dropout": section.dropout.layer,
    }


def _mixer(part: LayersSection, section: ModelSection, *, causal: bool) -> Mixer:
    if part.kind == "transformer":
        assert part.heads is not None
        return SelfAttention(part.hidden, heads=part.heads, causal=causal, rotary=part.positions == "rotary")
    if part.kind == "conv":
        assert part.kernel is not None
        return Convolution(part.hidden, kernel=part.kernel, causal=causal)
    return LinearRecurrence(cast(LinearKind, part.kind), part.hidden, forget_bias=section.forget_bias)


def _positions(part: LayersSection) -> Positions | None:
    """Vectors to add; rotary positions are self-attention's own."""
    if part.positions == "learned":
        assert part.max_positions is not None
        return LearnedPositions(part.hidden, count=part.max_positions)
    return SinusoidalPositions(part.hidden) if part.positions == "sinusoidal" else None


def _attention(section: ModelSection, memory_dim: int) -> Attention:
    part = section.attention
    assert part.kind is not None
    return build_attention(
        part.kind,
        section.decoder.hidden,
        memory_dim,
        part.size,
        part.heads or 1,
        coverage=part.coverage,
        sentence_dim=None if section.hierarchy is None else 2 * section.hierarchy.hidden,
    )


def _layer_maker(part: EncoderSection | DecoderSection, section: ModelSection) -> Callable[[int], CellLayer]:
    """torch's own layers where they can do what is asked: they are faster."""
    layer: Callable[..., CellLayer] = RecurrentLayer
    transitions = part.transitions or 1
    if part.layer_norm or transitions > 1:
        layer = partial(DeepLayer, transitions=transitions, layer_norm=bool(part.layer_norm))
    return partial(
        layer,
        cast(CellKind, part.kind),
        hidden=part.hidden,
        activation=part.activation or "tanh",
        recurrent_dropout=section.dropout.recurrent,
        forget_bias=section.forget_bias,
        orthogonal=section.orthogonal,
    )


def _token_vectors(vocab: int, dim: int) -> nn.Parameter:
    """Vectors of about length one, which serve an embedding and a generator alike."""
    return nn.Parameter(torch.randn(vocab, dim) * dim**-0.5)
