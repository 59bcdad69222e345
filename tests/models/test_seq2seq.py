"""Whole models: the specification every combination of encoder, decoder and attention must meet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from seqtool.models.decoders.recurrent import RecurrentState
from seqtool.models.seq2seq import Seq2Seq

CELLS = [("rnn", "tanh"), ("rnn", "relu"), ("lstm", "tanh"), ("gru", "tanh")]
ATTENTIONS = ["none", "additive", "dot", "general", "scaled_dot"]

MakeModel = Callable[..., Seq2Seq]


def _combinations() -> Iterator[Any]:
    for kind, activation in CELLS:
        for layers in (1, 2):
            for bidirectional in (False, True):
                for attention in ATTENTIONS:
                    # Feeding the attention's result back needs an attention; the recipe's rules refuse the pair.
                    for feeding in (False,) if attention == "none" else (False, True):
                        options = {
                            "both__kind": kind,
                            "both__activation": activation,
                            "both__layers": layers,
                            "encoder__bidirectional": bidirectional,
                            "encoder__hidden": 3 if bidirectional else 6,  # dot compares memory with states of 6
                            "attention__kind": attention,
                            "decoder__input_feeding": feeding,
                        }
                        ways = f"{'bi' if bidirectional else 'uni'}{'-feed' if feeding else ''}"
                        yield pytest.param(options, id=f"{kind}-{activation}-{layers}-{attention}-{ways}")
        yield from _deep_combinations(kind, activation)


def _deep_combinations(kind: str, activation: str) -> Iterator[Any]:
    """Residual stacks of plain cells, of normalised ones, and of several at every position."""
    for norm, transitions in ((False, 1), (True, 1), (False, 2), (True, 3)):
        for feeding in (False, True):
            options = {
                "both__kind": kind,
                "both__activation": activation,
                "both__layers": 2,
                "both__residual": True,
                "both__layer_norm": norm,
                "both__transitions": transitions,
                "attention__kind": "additive",
                "decoder__input_feeding": feeding,
            }
            ways = f"{'-norm' if norm else ''}{'-feed' if feeding else ''}"
            yield pytest.param(options, id=f"{kind}-{activation}-residual-{transitions}{ways}")


every_combination = pytest.mark.parametrize("options", list(_combinations()))
TIES = ["none", "source_target", "target_output", "all"]


@pytest.fixture(autouse=True)
def enough_digits(request: pytest.FixtureRequest) -> Iterator[None]:
    """Dividing by the small spread of three units, cell after cell, makes the rounding of single precision visible."""
    params = request.node.callspec.params if hasattr(request.node, "callspec") else {}
    if params.get("options", {}).get("both__layer_norm"):
        torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def close(left: Tensor, right: Tensor) -> None:
    torch.testing.assert_close(left, right, rtol=1e-5, atol=1e-6)


def stepped(model: Seq2Seq, src: Tensor, src_mask: Tensor, tgt_in: Tensor) -> tuple[Tensor, Tensor | None]:
    """Logits and attention, one token at a time."""
    state = model.start(src, src_mask)
    logits, attentions = [], []
    for tokens in tgt_in.unbind(1):
        logit, attention, state = model.step(tokens, state)
        logits.append(logit)
        attentions.append(attention)
    return torch.stack(logits, 1), None if attentions[0] is None else torch.stack(attentions, 1)


@every_combination
def test_parallel_forward_equals_step_by_step(make_model: MakeModel, sample: Any, options: dict[str, Any]) -> None:
    model = make_model(**options).eval()
    features, attention = model.decoder(sample.tgt_in, model.encoder(sample.src, sample.src_mask))
    logits, step_attention = stepped(model, sample.src, sample.src_mask, sample.tgt_in)
    close(model.generator(features), logits)
    close(model(sample.src, sample.src_mask, sample.tgt_in), logits)
    assert (attention is None) == (step_attention is None) == (options["attention__kind"] == "none")
    if attention is not None:
        close(attention, step_attention)


@every_combination
def test_padding_changes_nothing(make_model: MakeModel, sample: Any, options: dict[str, Any]) -> None:
    """A sentence alone, in a batch, and in a batch with three more columns of padding."""
    model = make_model(**options).eval()
    wide = [torch.nn.functional.pad(part, (0, 3)) for part in (sample.src, sample.src_mask, sample.tgt_in)]
    narrow = [sample.src, sample.src_mask, sample.tgt_in]
    for src, mask, tgt_in in (wide, narrow):
        memory, _, summary, *_ = model.encoder(src, mask)
        logits = model(src, mask, tgt_in)
        for row in range(len(src)):
            length, tgt_length = int(sample.src_mask[row].sum()), int(sample.tgt_mask[row].sum())
            alone = src[row : row + 1, :length]
            real = torch.ones_like(alone, dtype=torch.bool)
            encoded = model.encoder(alone, real)
            close(memory[row, :length], encoded.memory[0])
            close(summary[row], encoded.summary[0])
            close(logits[row, :tgt_length], model(alone, real, tgt_in[row : row + 1, :tgt_length])[0])


@every_combination
def test_what_stands_at_padding_is_never_read(make_model: MakeModel, sample: Any, options: dict[str, Any]) -> None:
    model = make_model(**options).eval()
    noise = torch.where(sample.src_mask, sample.src, torch.full_like(sample.src, 9))
    assert not torch.equal(noise, sample.src)
    close(model(noise, sample.src_mask, sample.tgt_in), model(sample.src, sample.src_mask, sample.tgt_in))


@every_combination
def test_the_future_cannot_change_the_past(make_model: MakeModel, sample: Any, options: dict[str, Any]) -> None:
    model = make_model(**options).eval()
    before = model(sample.src, sample.src_mask, sample.tgt_in)
    for position in range(1, sample.tgt_in.shape[1]):
        changed = sample.tgt_in.clone()
        changed[:, position:] = 12
        after = model(sample.src, sample.src_mask, changed)
        close(after[:, :position], before[:, :position])
        assert not torch.allclose(after[:, position], before[:, position]), "but it does change what follows"


@every_combination
def test_every_parameter_learns(make_model: MakeModel, sample: Any, options: dict[str, Any]) -> None:
    """Three relu units may all be off for these few words, so only what three draws of the weights agree on is dead."""
    dead: set[str] | None = None
    for seed in (1, 2, 3):
        model = make_model(seed=seed, **options)
        model.losses(*sample, smoothing=0.1).loss.backward()
        grads = {name: part.grad for name, part in model.named_parameters()}
        assert all(grad is None or grad.isfinite().all() for grad in grads.values())
        unmoved = {name for name, grad in grads.items() if grad is None or not grad.any()}
        dead = unmoved if dead is None else dead & unmoved
        if not dead:
            break
    assert dead == set()
    assert bool(list(model.decoder.attention.parameters())) == (options["attention__kind"] not in ("none", "dot"))


@pytest.mark.parametrize("tie", TIES)
@pytest.mark.parametrize("feeding", [False, True])
def test_tied_models_meet_the_specification_too(make_model: MakeModel, sample: Any, tie: str, feeding: bool) -> None:
    model = make_model(tie=tie, decoder__input_feeding=feeding, src_vocab=13)
    logits, _ = stepped(model.eval(), sample.src, sample.src_mask, sample.tgt_in)
    close(model(sample.src, sample.src_mask, sample.tgt_in), logits)
    model.losses(*sample, smoothing=0.1).loss.backward()
    assert all(part.grad is not None and part.grad.any() for part in model.parameters())


@pytest.mark.parametrize("encoder", CELLS)
@pytest.mark.parametrize("decoder", CELLS)
def test_encoders_and_decoders_combine(
    make_model: MakeModel, sample: Any, encoder: tuple[str, str], decoder: tuple[str, str]
) -> None:
    """Other kinds, other depths and other sizes on the two sides."""
    model = make_model(
        encoder__kind=encoder[0],
        encoder__activation=encoder[1],
        encoder__layers=3,
        encoder__hidden=4,
        decoder__kind=decoder[0],
        decoder__activation=decoder[1],
        decoder__layers=2,
        decoder__hidden=7,
        decoder__readout=9,
        attention__kind="scaled_dot",
        attention__size=2,
    ).eval()
    logits, _ = stepped(model, sample.src, sample.src_mask, sample.tgt_in)
    assert logits.shape == (4, 5, 13)
    close(model(sample.src, sample.src_mask, sample.tgt_in), logits)


@pytest.mark.parametrize("attention", ATTENTIONS[1:])
def test_input_feeding_changes_the_result(make_model: MakeModel, sample: Any, attention: str) -> None:
    """The features of a step reach the next one: with the same weights but other first features, what follows differs."""
    model = make_model(decoder__input_feeding=True, attention__kind=attention).eval()
    state = model.start(sample.src, sample.src_mask)
    assert isinstance(state, RecurrentState)
    assert state.feed is not None
    assert not state.feed.any(), "nothing is fed to the first step"
    plain, _, _ = model.step(sample.tgt_in[:, 0], state)
    fed, _, _ = model.step(sample.tgt_in[:, 0], state._replace(feed=torch.ones_like(state.feed)))
    assert (plain - fed).abs().amin(dim=1).max() > 1e-4
    assert make_model(attention__kind=attention).start(sample.src, sample.src_mask).feed is None


@pytest.mark.parametrize("feeding", [False, True])
@pytest.mark.parametrize(("kind", "activation"), CELLS)
def test_hypotheses_share_the_memory_of_their_sentence(
    make_model: MakeModel, sample: Any, kind: str, activation: str, feeding: bool
) -> None:
    """Three rows a sentence, reordered among themselves and with a sentence gone, score as each prefix does alone."""
    model = make_model(both__kind=kind, both__activation=activation, decoder__input_feeding=feeding).eval()
    state = model.start(sample.src, sample.src_mask)
    _, _, state = model.step(torch.full((4,), 2), state)
    state = state.select(torch.arange(4).repeat_interleave(3), None)
    second = torch.arange(12) % 9 + 4
    _, _, state = model.step(second, state)
    rows = torch.tensor([2, 2, 0, 7, 6, 8, 10, 9, 9])  # sentence 1 leaves
    state = state.select(rows, torch.tensor([0, 2, 3]))
    logits, attention, _ = model.step(torch.full((9,), 5), state)
    assert attention is not None
    assert attention.shape == (9, 6)
    for index, row in enumerate(rows.tolist()):
        sentence = row // 3
        prefix = torch.tensor([[2, int(second[row]), 5]])
        one = slice(sentence, sentence + 1)
        close(logits[index], model(sample.src[one], sample.src_mask[one], prefix)[0, -1])


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.5])
def test_losses_by_hand(make_model: MakeModel, sample: Any, smoothing: float) -> None:
    """-log p of the target mixed with the mean of -log p over the vocabulary, summed over real positions only."""
    model = make_model().double().eval()
    logits = model(sample.src, sample.src_mask, sample.tgt_in).detach().numpy()
    loss = nll = 0.0
    for row, column in np.argwhere(sample.tgt_mask.numpy()):
        scores = logits[row, column]
        log_probs = scores - np.log(np.exp(scores).sum())
        target = log_probs[int(sample.tgt_out[row, column])]
        nll -= target
        loss -= (1 - smoothing) * target + smoothing * log_probs.mean()
    losses = model.losses(*sample, smoothing=smoothing)
    assert losses.loss.item() == pytest.approx(loss, rel=1e-12)
    assert losses.nll.item() == pytest.approx(nll, rel=1e-12)
    assert (losses.loss.item() == pytest.approx(losses.nll.item(), rel=1e-12)) == (smoothing == 0)


def test_log_probs_are_the_losses_token_by_token(make_model: MakeModel, sample: Any) -> None:
    model = make_model().double().eval()
    log_probs = model.log_probs(sample.src, sample.src_mask, sample.tgt_in, sample.tgt_out)
    assert log_probs.shape == sample.tgt_out.shape
    assert not log_probs.requires_grad
    assert (log_probs < 0).all()
    nll = model.losses(*sample, smoothing=0.0).nll.item()
    # log_probs are made in single precision, the type of what a person reads
    assert -log_probs[sample.tgt_mask].sum().item() == pytest.approx(nll, rel=1e-6)


@pytest.mark.parametrize("attention", ATTENTIONS[1:])
def test_weights_are_a_distribution_over_real_positions(make_model: MakeModel, sample: Any, attention: str) -> None:
    model = make_model(attention__kind=attention).eval()
    _, weights = model.decoder(sample.tgt_in, model.encoder(sample.src, sample.src_mask))
    assert weights.shape == (4, 5, 6)
    close(weights.sum(-1), torch.ones(4, 5))
    assert (weights >= 0).all()
    padding = ~sample.src_mask.unsqueeze(1).expand_as(weights)
    assert torch.equal(weights[padding], torch.zeros(int(padding.sum())))
    assert (weights[~padding] > 0).all()
    close(weights[1, :, 0], torch.ones(5))  # a source of one token has one place to look
