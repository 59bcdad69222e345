"""The table of what can be built: the only place that reads the recipe's model section."""

from __future__ import annotations

from functools import partial

import torch
from torch import nn

from seqtool.models.attention import build_attention
from seqtool.models.cells import RecurrentLayer
from seqtool.models.decoders.recurrent import RecurrentDecoder
from seqtool.models.embedding import TokenEmbedding
from seqtool.models.encoders.recurrent import RecurrentEncoder
from seqtool.models.generator import Generator
from seqtool.models.seq2seq import Seq2Seq
from seqtool.recipe.schema import DecoderSection, EncoderSection, ModelSection


def build_model(section: ModelSection, src_vocab: int, tgt_vocab: int) -> Seq2Seq:
    """A model with fresh weights, drawn from torch's global generator: seed it first."""
    encoder_section, decoder_section = section.encoder, section.decoder
    tied_output = section.tie in ("target_output", "all")
    readout = decoder_section.readout or (section.embedding if tied_output else decoder_section.hidden)
    src_weight = _token_vectors(src_vocab, section.embedding)
    tgt_weight = src_weight if section.tie in ("source_target", "all") else _token_vectors(tgt_vocab, section.embedding)
    output_weight = tgt_weight if tied_output else _token_vectors(tgt_vocab, readout)
    encoder = RecurrentEncoder(
        TokenEmbedding(src_weight, dropout=section.dropout.embedding),
        _layer_maker(encoder_section, section),
        layers=encoder_section.layers,
        bidirectional=encoder_section.bidirectional,
        layer_dropout=section.dropout.layer,
        output_dropout=section.dropout.output,
    )
    attention = build_attention(
        section.attention.kind, decoder_section.hidden, encoder.memory_dim, section.attention.size
    )
    decoder = RecurrentDecoder(
        TokenEmbedding(tgt_weight, dropout=section.dropout.embedding),
        attention,
        _layer_maker(decoder_section, section),
        layers=decoder_section.layers,
        memory_dim=encoder.memory_dim,
        readout=readout,
        input_feeding=decoder_section.input_feeding,
        layer_dropout=section.dropout.layer,
        output_dropout=section.dropout.output,
    )
    return Seq2Seq(encoder, decoder, Generator(output_weight))


def _layer_maker(part: EncoderSection | DecoderSection, section: ModelSection) -> partial[RecurrentLayer]:
    return partial(
        RecurrentLayer,
        part.kind,
        hidden=part.hidden,
        activation=part.activation,
        recurrent_dropout=section.dropout.recurrent,
        forget_bias=section.forget_bias,
        orthogonal=section.orthogonal,
    )


def _token_vectors(vocab: int, dim: int) -> nn.Parameter:
    """Vectors of about length one, which serve an embedding and a generator alike."""
    return nn.Parameter(torch.randn(vocab, dim) * dim**-0.5)
