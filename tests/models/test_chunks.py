"""Sources in pieces: each is read as if it stood alone, and together they are the memory of the whole."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from seqtool.models.encoders.chunks import ChunkedEncoder
from tests.models.conftest import MakeModel, Sample

KINDS: dict[str, dict[str, Any]] = {
    "recurrent": {"encoder__kind": "gru", "encoder__layers": 2},
    "reversed": {"encoder__reversed": True},
    "transformer": {"encoder__kind": "transformer", "encoder__hidden": 8, "encoder__positions": "learned"},
    "pooled": {"encoder__kind": "conv", "encoder__hidden": 8, "attention__kind": "none"},
    "linear": {"encoder__kind": "sru", "encoder__hidden": 8},
}
every_kind = pytest.mark.parametrize("kind", KINDS)


def encoder(make_model: MakeModel, kind: str, chunk: int | None) -> Any:
    return make_model(**KINDS[kind], encoder__chunk=chunk).eval().encoder


@every_kind
def test_a_piece_is_read_as_if_it_stood_alone(kind: str, make_model: MakeModel, sample: Sample) -> None:
    """Four tokens a piece: the first sentence is two pieces, of which the second has two tokens; the others are one and padding."""
    chunked, plain = encoder(make_model, kind, 4), encoder(make_model, kind, None)
    found = chunked(sample.src, sample.src_mask)
    for row, length in enumerate([6, 1, 4, 3]):
        for first in range(0, length, 4):
            piece = sample.src[row : row + 1, first : min(first + 4, length)]
            alone = plain(piece, torch.ones_like(piece, dtype=torch.bool))
            torch.testing.assert_close(found.memory[row, first : first + piece.shape[1]], alone.memory[0])
            torch.testing.assert_close(found.vectors[row, first : first + piece.shape[1]], alone.vectors[0])
    assert torch.equal(found.mask, sample.src_mask)


@every_kind
def test_what_fits_into_one_piece_is_read_as_ever(kind: str, make_model: MakeModel, sample: Sample) -> None:
    plain = encoder(make_model, kind, None)(sample.src, sample.src_mask)
    real = sample.src_mask
    for chunk in (6, 7, 50):
        found = encoder(make_model, kind, chunk)(sample.src, sample.src_mask)
        torch.testing.assert_close(found.memory[real], plain.memory[real])
        torch.testing.assert_close(found.summary, plain.summary)
        assert found.memory.shape == plain.memory.shape


def test_the_summary_weighs_pieces_by_their_tokens(make_model: MakeModel, sample: Sample) -> None:
    """Then the summary of an encoder whose summary is a mean is the mean of all that stands in memory."""
    found = encoder(make_model, "linear", 4)(sample.src, sample.src_mask)
    for row, length in enumerate([6, 1, 4, 3]):
        torch.testing.assert_close(found.summary[row], found.memory[row, :length].mean(0))


@every_kind
def test_pieces_of_padding_alone_are_numbers_and_change_nothing(
    kind: str, make_model: MakeModel, sample: Sample
) -> None:
    """Two tokens a piece: of the second sentence, two pieces are padding. Neither it nor gradients may become NaN."""
    model = make_model(**KINDS[kind], encoder__chunk=2)
    wide = torch.nn.functional.pad(sample.src, (0, 5)), torch.nn.functional.pad(sample.src_mask, (0, 5))
    found, padded = model.eval().encoder(sample.src, sample.src_mask), model.encoder(*wide)
    assert padded.memory.isfinite().all()
    torch.testing.assert_close(padded.memory[:, :6][sample.src_mask], found.memory[sample.src_mask])
    torch.testing.assert_close(padded.summary, found.summary)
    model.train().losses(*wide, *sample[2:], smoothing=0.1).loss.backward()
    assert all(one.grad is None or one.grad.isfinite().all() for one in model.parameters())


def test_positions_begin_anew_in_every_piece(make_model: MakeModel) -> None:
    reader = encoder(make_model, "transformer", 3)
    row = torch.tensor([[4, 5, 6, 4, 5, 6]])
    memory = reader(row, row > 0).memory
    torch.testing.assert_close(memory[:, :3], memory[:, 3:])
    assert reader.inner.positions is not None


def test_its_size_is_the_recipes(make_model: MakeModel) -> None:
    reader = encoder(make_model, "recurrent", 5)
    assert isinstance(reader, ChunkedEncoder)
    assert (reader.size, reader.memory_dim) == (5, 6)


def test_a_hierarchy_reads_the_sentences_of_all_pieces(make_model: MakeModel, sample: Sample) -> None:
    """A sentence may go over the border of a piece, and the last piece makes a difference to the first."""
    model = make_model(
        encoder__kind="transformer", encoder__hidden=8, encoder__chunk=2, sentence_ends=(9,),
        hierarchy={"hidden": 2, "max_sentences": 4},
    ).eval()  # fmt: skip
    ids = torch.tensor([[4, 5, 6, 9, 7, 8]])
    found = model.encoder(ids, ids > 0)
    assert found.outline.owner.tolist() == [[0, 0, 0, 0, 1, 1]]
    other = torch.tensor([[4, 5, 6, 9, 7, 10]])
    after = model.encoder(other, other > 0)
    assert torch.equal(
        model.encoder.words(ids, ids > 0).memory[:, :2], model.encoder.words(other, other > 0).memory[:, :2]
    )
    assert not torch.allclose(found.memory[:, 0], after.memory[:, 0])
