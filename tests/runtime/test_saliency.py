"""Gradient times input: against finite differences, for every way through a network."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from seqtool.decoding.stepper import BOS, EOS
from seqtool.models.build import build_model
from seqtool.models.seq2seq import Seq2Seq
from seqtool.recipe.model_schema import ModelSection
from seqtool.runtime.saliency import saliency

VOCAB = 13
SRC, TGT = [6, 4, 9, 5, 11], [7, 12, 6]  # each source id once: its row of the table is that position's alone
STEP = 1e-5
LSTM: dict[str, Any] = {"kind": "lstm", "hidden": 8}
BLOCK: dict[str, Any] = {"kind": "transformer", "hidden": 8, "layers": 2, "heads": 2}

MODELS: dict[str, dict[str, Any]] = {
    "additive": {"attention": {"kind": "additive"}},
    "none": {"attention": {"kind": "none"}},
    "unrolled": {"decoder": {**LSTM, "input_feeding": True}, "attention": {"kind": "general"}},
    "covering": {"attention": {"kind": "additive", "coverage": True}},
    "transformer": {"encoder": BLOCK, "decoder": BLOCK},
    "conv and ssru": {"encoder": {"kind": "conv", "hidden": 8}, "decoder": {"kind": "ssru", "hidden": 8}},
    "blocks without attention": {"encoder": BLOCK, "decoder": BLOCK, "attention": {"kind": "none"}},
    "lexical": {"lexical": True},
    "chunks": {"encoder": {**LSTM, "chunk": 4}},
    "sentences": {"hierarchy": {"hidden": 4, "max_sentences": 4}},
    "pointer": {"pointer": True, "tie": "source_target"},
}


def network(changes: dict[str, Any]) -> Seq2Seq:
    torch.manual_seed(3)
    section = {"embedding": 6, "encoder": LSTM, "decoder": LSTM, **changes}
    model = build_model(ModelSection.model_validate(section), VOCAB, VOCAB, sentence_ends=[EOS, 9])
    return model.double().eval()


def log_probs(model: Seq2Seq, src: list[int], tgt: list[int]) -> torch.Tensor:
    ids = torch.tensor([[*src, EOS]])
    ends = torch.tensor([[BOS, *tgt]]), torch.tensor([[*tgt, EOS]])
    return model.log_probs(ids, torch.ones_like(ids, dtype=torch.bool), *ends)[0]


@pytest.mark.parametrize("name", MODELS)
def test_a_number_is_the_slope_of_the_log_probability_as_a_vector_grows(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """gradient . input = d/da log p(.. a e ..) at a = 1. The embedding of the source is changed, and of the decoder nothing."""
    monkeypatch.setattr(torch.Tensor, "float", torch.Tensor.double)  # log-probabilities in the precision of the weights
    model = network(MODELS[name])
    found = saliency(model, SRC, TGT)
    assert found.shape == (len(TGT) + 1, len(SRC) + 1)
    encoder = model.encoder
    for part in ("words", "inner"):  # the encoder inside that of documents or of chunks
        encoder = getattr(encoder, part, encoder)
    table = torch.nn.Parameter(encoder.embedding.weight.detach().clone())
    encoder.embedding.weight = table  # tied to nothing any more
    for place, token in enumerate([*SRC, EOS]):
        values, row = [], table[token].detach().clone()
        for scale in (1 + STEP, 1 - STEP):
            with torch.no_grad():
                table[token] = scale * row
            values.append(log_probs(model, SRC, TGT))
        with torch.no_grad():
            table[token] = row
        slope = ((values[0] - values[1]) / (2 * STEP)).numpy()
        assert found[:, place] == pytest.approx(slope, abs=1e-7), place
    assert np.abs(found).max() > 1e-3, "nothing depends on anything"


def test_a_tied_table_of_the_decoder_takes_no_part() -> None:
    tied = network({"tie": "all"})
    alone = network({"tie": "target_output"})
    with torch.no_grad():
        for name, parameter in alone.named_parameters():
            same = "decoder.embedding.weight" if name == "generator.weight" else name
            known = dict(tied.named_parameters())
            parameter.copy_(known.get(same, known["encoder.embedding.weight"]))
    assert log_probs(tied, SRC, TGT).numpy() == pytest.approx(log_probs(alone, SRC, TGT).numpy())
    assert saliency(tied, SRC, TGT) == pytest.approx(saliency(alone, SRC, TGT))


def test_unknown_tokens_behind_the_vocabulary_are_looked_at_too() -> None:
    """What points at a number behind the vocabulary has gradients, through the attention."""
    model = network({"pointer": True, "tie": "source_target"})
    found = saliency(model, [6, VOCAB, 9], [VOCAB])
    assert np.isfinite(found).all()
    assert np.abs(found[0]).max() > 0


def test_nothing_is_left_behind_in_the_model() -> None:
    model = network({})
    before = log_probs(model, SRC, TGT)
    first = saliency(model, SRC, TGT)
    assert np.array_equal(first, saliency(model, SRC, TGT))
    assert torch.equal(before, log_probs(model, SRC, TGT))
    assert all(parameter.grad is None for parameter in model.parameters())
