"""Small models and ragged batches for the tests of this room."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import pytest
import torch
from torch import Tensor

from seqtool.models.build import build_model
from seqtool.models.seq2seq import Seq2Seq
from seqtool.recipe.model_schema import ModelSection

SRC_VOCAB, TGT_VOCAB = 11, 13

MakeModel = Callable[..., Seq2Seq]


class Sample(NamedTuple):
    """A batch as tensors: masks are bool, True = real token."""

    src: Tensor
    src_mask: Tensor
    tgt_in: Tensor
    tgt_out: Tensor
    tgt_mask: Tensor


def _ragged(lengths: list[int], vocab: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    mask = torch.arange(max(lengths)) < torch.tensor(lengths).unsqueeze(1)
    ids = torch.randint(4, vocab, mask.shape, generator=generator)
    return ids * mask, mask


@pytest.fixture
def sample() -> Sample:
    """Four sentences of different lengths, one of a single token, on each side."""
    generator = torch.Generator().manual_seed(5)
    src, src_mask = _ragged([6, 1, 4, 3], SRC_VOCAB, generator)
    tgt_in, tgt_mask = _ragged([3, 5, 1, 4], TGT_VOCAB, generator)
    tgt_out, _ = _ragged([3, 5, 1, 4], TGT_VOCAB, generator)
    return Sample(src, src_mask, tgt_in, tgt_out, tgt_mask)


@pytest.fixture
def make_model() -> MakeModel:
    """Builds a small model with weights drawn from `seed`: `make_model(both__kind="gru", attention__size=4, tie="all")` sets
    `encoder.kind` and `decoder.kind`, `attention.size` and `tie`. Dropout is off unless asked for."""
    return _make_model


def _make_model(
    *,
    seed: int = 1,
    src_vocab: int = SRC_VOCAB,
    tgt_vocab: int = TGT_VOCAB,
    sentence_ends: Sequence[int] = (),
    **changes: Any,
) -> Seq2Seq:
    values: dict[str, Any] = {
        "embedding": 5,
        "encoder": {"hidden": 3},
        "decoder": {"hidden": 6},
        "attention": {},
        "dropout": {"embedding": 0.0, "layer": 0.0, "output": 0.0, "recurrent": 0.0},
    }
    for key, value in changes.items():
        section, _, name = key.rpartition("__")
        for part in ("encoder", "decoder") if section == "both" else (section,):
            (values[part] if part else values)[name] = value
    torch.manual_seed(seed)
    return build_model(ModelSection.model_validate(values), src_vocab, tgt_vocab, sentence_ends=sentence_ends)
