"""The table of what can be built: the only place that reads the recipe's model section."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import cast

import torch
from torch import nn

from seqtool.models.attention import Attention, build_attention
from seqtool.models.cells import CellKind, RecurrentLayer
from seqtool.models.decoders.recurrent import RecurrentDecoder
from seqtool.models.embedding import TokenEmbedding
from seqtool.models.encoders.recurrent import RecurrentEncoder
from seqtool.models.generator import Generator
from seqtool.models.seq2seq import Seq2Seq
from seqtool.recipe.resolve import resolved_model
from seqtool.recipe.schema import DecoderSection, EncoderSection, ModelSection


def build_model(section: ModelSection, src_vocab: int, tgt_vocab: int) -> Seq2Seq:
    """A model with fresh weights, drawn from torch's global generator: seed it first."""
    section = resolved_model(section)
    tied_output = section.tie in ("target_output", "all")
    readout = section.decoder.readout or (section.embedding if tied_output else section.decoder.hidden)
    src_weight = _token_vectors(src_vocab, section.embedding)
    tgt_weight = src_weight if section.tie in ("source_target", "all") else _token_vectors(tgt_vocab, section.embedding)
    output_weight = tgt_weight if tied_output else _token_vectors(tgt_vocab, readout)
    embeddings = [TokenEmbedding(weight, dropout=section.dropout.embedding) for weight in (src_weight, tgt_weight)]
    encoder = _recurrent_encoder(section, embeddings[0])
    attend = partial(_attention, section, encoder.memory_dim)
    decoder = _recurrent_decoder(section, embeddings[1], attend, encoder.memory_dim, readout)
    return Seq2Seq(encoder, decoder, Generator(output_weight))


def _recurrent_encoder(section: ModelSection, embedding: TokenEmbedding) -> RecurrentEncoder:
    part = section.encoder
    return RecurrentEncoder(
        embedding,
        _layer_maker(part, section),
        layers=part.layers,
        bidirectional=bool(part.bidirectional),
        backwards=bool(part.reversed),
        layer_dropout=section.dropout.layer,
        output_dropout=section.dropout.output,
    )


def _recurrent_decoder(
    section: ModelSection, embedding: TokenEmbedding, attend: Callable[[], Attention], memory_dim: int, readout: int
) -> RecurrentDecoder:
    part = section.decoder
    return RecurrentDecoder(
        embedding,
        attend(),
        _layer_maker(part, section),
        layers=part.layers,
        memory_dim=memory_dim,
        readout=readout,
        input_feeding=bool(part.input_feeding),
        layer_dropout=section.dropout.layer,
        output_dropout=section.dropout.output,
    )


def _attention(section: ModelSection, memory_dim: int) -> Attention:
    part = section.attention
    assert part.kind is not None
    return build_attention(part.kind, section.decoder.hidden, memory_dim, part.size)


def _layer_maker(part: EncoderSection | DecoderSection, section: ModelSection) -> partial[RecurrentLayer]:
    return partial(
        RecurrentLayer,
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
