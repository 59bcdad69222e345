"""Each dropout option does what its name says, in training only, and an option that is ignored fails here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from seqtool.models.cells import SentenceDropout
from seqtool.models.seq2seq import Seq2Seq

OPTIONS = ("embedding", "layer", "output", "recurrent")

MakeModel = Callable[..., Seq2Seq]
every_option = pytest.mark.parametrize("option", OPTIONS)
with_and_without_feeding = pytest.mark.parametrize("feeding", [False, True], ids=["", "feeding"])


def make(make_model: MakeModel, option: str, p: float, feeding: bool = False) -> Seq2Seq:
    return make_model(both__layers=2, decoder__input_feeding=feeding, **{f"dropout__{option}": p})


def features(model: Seq2Seq, sample: Any) -> Tensor:
    result: Tensor = model.decoder(sample.tgt_in, model.encoder(sample.src, sample.src_mask))[0]
    return result


@every_option
@with_and_without_feeding
def test_it_changes_training_and_nothing_else(make_model: MakeModel, sample: Any, option: str, feeding: bool) -> None:
    plain, dropping = (make(make_model, option, p, feeding) for p in (0.0, 0.4))
    assert not torch.allclose(features(dropping, sample), features(dropping, sample)), "another draw each time"
    assert torch.equal(features(plain, sample), features(plain, sample))
    assert torch.equal(features(dropping.eval(), sample), features(plain, sample))


@every_option
def test_both_sides_are_dropped(make_model: MakeModel, sample: Any, option: str) -> None:
    model = make(make_model, option, 0.4)
    assert not torch.equal(*(model.encoder(sample.src, sample.src_mask).memory for _ in range(2)))
    model.encoder.eval()
    assert not torch.allclose(features(model, sample), features(model, sample))
    assert torch.equal(*(model.encoder(sample.src, sample.src_mask).memory for _ in range(2)))


@every_option
@with_and_without_feeding
def test_the_seed_decides(make_model: MakeModel, sample: Any, option: str, feeding: bool) -> None:
    """An interrupted training run goes on bit for bit because nothing but torch's generator is asked."""
    model = make(make_model, option, 0.4, feeding)
    results = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        results.append(features(model, sample))
    assert torch.equal(results[0], results[1])
    assert not torch.equal(results[0], results[2])


@every_option
def test_steps_of_a_search_drop_nothing(make_model: MakeModel, sample: Any, option: str) -> None:
    dropping, plain = make(make_model, option, 0.4).eval(), make(make_model, option, 0.0).eval()
    results = []
    for model in (dropping, plain):
        logits, _, _ = model.step(sample.tgt_in[:, 0], model.start(sample.src, sample.src_mask))
        results.append(logits)
    assert torch.equal(*results)


def test_an_embedding_loses_the_same_units_in_a_whole_sentence(make_model: MakeModel, sample: Any) -> None:
    for side in (make(make_model, "embedding", 0.4).encoder, make(make_model, "embedding", 0.4).decoder):
        vectors = side.embedding(sample.src)
        kept = vectors != 0
        assert torch.equal(kept, kept[:, :1].expand_as(kept))
        assert not torch.equal(kept[0], kept[2])
        torch.testing.assert_close(vectors[kept], (side.embedding.weight[sample.src] / 0.6)[kept])


@pytest.mark.parametrize("side", ["encoder", "decoder"])
def test_output_dropout_falls_on_the_last_thing_of_each_side(make_model: MakeModel, sample: Any, side: str) -> None:
    model = make(make_model, "output", 0.4)
    plain = make(make_model, "output", 0.0)
    if side == "encoder":
        dropped = model.encoder(sample.src, sample.src_mask).memory
        whole = plain.encoder(sample.src, sample.src_mask).memory
    else:
        source = plain.encoder(sample.src, sample.src_mask)
        dropped, whole = (one.decoder(sample.tgt_in, source)[0] for one in (model, plain))
    kept = dropped != 0
    assert torch.equal(kept, kept[:, :1].expand_as(kept)), "one mask a sentence"
    torch.testing.assert_close(dropped, whole / 0.6 * kept)


def test_the_summary_is_dropped_with_the_memory(make_model: MakeModel, sample: Any) -> None:
    """The decoder starts from what it will later look at, not from units that were set to zero there."""
    encoded = make(make_model, "output", 0.4).encoder(sample.src, sample.src_mask)
    gone = (encoded.memory == 0).all(1)
    assert gone.any()
    assert torch.equal(encoded.summary == 0, gone)


@with_and_without_feeding
def test_layer_dropout_needs_layers_between(make_model: MakeModel, sample: Any, feeding: bool) -> None:
    model = make_model(decoder__input_feeding=feeding, dropout__layer=0.4)
    assert torch.equal(features(model, sample), features(model, sample))


@pytest.mark.parametrize(("option", "draws"), [("embedding", 1), ("layer", 2), ("output", 1)])
@with_and_without_feeding
def test_one_mask_for_all_positions_of_the_target(
    make_model: MakeModel, sample: Any, monkeypatch: pytest.MonkeyPatch, option: str, draws: int, feeding: bool
) -> None:
    """Three layers have two places between them; an unrolled decoder must not draw again at every step."""
    model = make_model(both__layers=3, decoder__input_feeding=feeding, **{f"dropout__{option}": 0.4})
    source = model.encoder(sample.src, sample.src_mask)
    drawn: list[bool] = []
    mask = SentenceDropout.mask

    def counted(self: SentenceDropout, rows: int, size: int, like: Tensor) -> Tensor | None:
        found = mask(self, rows, size, like)
        drawn.append(found is not None)
        return found

    monkeypatch.setattr(SentenceDropout, "mask", counted)
    model.decoder(sample.tgt_in, source)
    assert sum(drawn) == draws


def test_an_unrolled_decoder_draws_its_weights_once(make_model: MakeModel, sample: Any) -> None:
    """Steps that each drew their own would be noise in time, not a network with fewer connections."""
    model = make_model(decoder__input_feeding=True, dropout__recurrent=0.4)
    weights = []
    layer = model.decoder.layers[0]
    step = layer.step
    layer.step = lambda inputs, state, weight=None: weights.append(weight) or step(inputs, state, weight)
    model.decoder(sample.tgt_in, model.encoder(sample.src, sample.src_mask))
    assert len(weights) == sample.tgt_in.shape[1]
    assert all(weight is weights[0] for weight in weights)
    assert (weights[0] == 0).any()


def words(make_model: MakeModel, kind: str, **shares: float) -> Seq2Seq:
    return make_model(both__kind=kind, both__hidden=8, **{f"dropout__{side}_word": p for side, p in shares.items()})


@pytest.mark.parametrize("kind", ["gru", "transformer"])
@pytest.mark.parametrize("side", ["src", "tgt"])
def test_words_are_dropped_on_their_own_side_in_training_only(
    make_model: MakeModel, sample: Any, kind: str, side: str
) -> None:
    """Vectors as a whole, at each position by itself, and those that stay make up for them."""
    model, plain = words(make_model, kind, **{side: 0.4}), words(make_model, kind)
    dropped, other = (model.encoder, model.decoder) if side == "src" else (model.decoder, model.encoder)
    assert torch.equal(other.embedding(sample.src), other.embedding.weight[sample.src])
    ids = sample.src.repeat(50, 1)
    vectors, whole = dropped.embedding(ids), dropped.embedding.weight[ids]
    kept = (vectors != 0).all(2)
    assert torch.equal(kept, (vectors != 0).any(2))
    assert kept.float().mean().item() == pytest.approx(0.6, abs=0.06)
    assert not torch.equal(kept, kept[:, :1].expand_as(kept)), "not one draw a sentence"
    torch.testing.assert_close(vectors[kept], whole[kept] / 0.6)
    assert not torch.allclose(features(model, sample), features(model, sample))
    assert torch.equal(features(model.eval(), sample), features(plain, sample))
    logits = [one.step(sample.tgt_in[:, 0], one.start(sample.src, sample.src_mask))[0] for one in (model, plain.eval())]
    assert torch.equal(*logits)


def test_words_are_dropped_by_torchs_generator(make_model: MakeModel, sample: Any) -> None:
    model = words(make_model, "gru", src=0.4, tgt=0.4)
    results = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        results.append(features(model, sample))
    assert torch.equal(results[0], results[1])
    assert not torch.equal(results[0], results[2])
