"""Any encoder with any decoder with any attention: each is built, and does all that a model must.

Kinds have options of their own, which take turns from one combination to the next.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from seqtool.decoding.stepper import BOS, Constraints
from seqtool.export.graphs import stepper_of, with_head
from seqtool.export.trace import trace
from seqtool.models.build import build_model
from seqtool.models.seq2seq import Seq2Seq
from seqtool.recipe.model_rules import model_problems
from seqtool.recipe.model_schema import HierarchySection, ModelSection
from seqtool.recipe.resolve import LINEAR, RECURRENT
from seqtool.recipe.training_schema import OptimizerSection
from seqtool.runtime.torch_stepper import TorchStepper
from seqtool.training.checkpoint import checkpoints, load_state, save_checkpoint
from seqtool.training.loop import Position
from seqtool.training.optimizer import Updater
from seqtool.training.progress import Progress

WIDTH, VOCAB = 8, 13

Options = dict[str, Any]
BLOCK: list[Options] = [{}, {"norm": "post", "feed_forward": 10}, {"positions": "sinusoidal", "feed_forward": 0}]
CELLS: list[Options] = [{}, {"layer_norm": True}, {"residual": True, "transitions": 2}]
OPTIONS: dict[str, list[Options]] = {
    "rnn": [{}, {"activation": "relu"}, *CELLS[1:]],
    "lstm": CELLS,
    "gru": CELLS,
    "conv": [{}, {"kernel": 5, "norm": "post", "positions": "learned", "max_positions": 9}, {"positions": "none"}],
    "transformer": [
        {"heads": 2},
        {"heads": 1, "norm": "post", "positions": "learned", "max_positions": 9},
        {"heads": 4, "positions": "rotary"},
        {"heads": 8, "positions": "none", "feed_forward": 0},
    ],
    **dict.fromkeys(LINEAR, BLOCK),
}
DIRECTIONS: list[Options] = [{}, {"bidirectional": False}, {"reversed": True}]
ATTENTIONS: list[Options] = [
    {"kind": "none"},
    {"kind": "additive", "size": 5},
    {"kind": "dot"},
    {"kind": "general"},
    {"kind": "scaled_dot", "size": 6},
    {"kind": "multi_head", "heads": 2},
]


def combinations() -> Iterator[ModelSection]:
    for number, (encoder, decoder, attention) in enumerate(product(OPTIONS, OPTIONS, ATTENTIONS)):
        turn = number // len(ATTENTIONS) + number  # another one for each pair of kinds, too
        source: Options = {"kind": encoder, "layers": 2, "hidden": WIDTH, **_turn(OPTIONS[encoder], turn)}
        if encoder in (*RECURRENT, *LINEAR):
            source |= _turn(DIRECTIONS, turn // 4)
        if encoder in RECURRENT and source.get("bidirectional", True) and not source.get("reversed"):
            source["hidden"] = WIDTH // 2  # of either direction
        target: Options = {"kind": decoder, "layers": 2, "hidden": WIDTH, **_turn(OPTIONS[decoder], turn // 3)}
        if decoder in RECURRENT and attention["kind"] != "none":
            target["input_feeding"] = bool(turn % 2)
        yield ModelSection.model_validate(
            {
                "embedding": WIDTH if turn // 2 % 2 else 5,
                "tie": ["none", "all", "target_output"][turn % 3],
                "encoder": source,
                "decoder": target,
                "attention": attention,
                "dropout": {"embedding": 0.1, "layer": 0.1, "output": 0.1},
                "lexical": turn % 5 == 1 and attention["kind"] != "none",
            }
        )


def _turn(options: list[Options], turn: int) -> Options:
    return options[turn % len(options)]


def readings(sections: list[ModelSection]) -> Iterator[ModelSection]:
    """Each encoder in chunks, with a hierarchy, and with both; decoders and attentions, of which a hierarchy needs one, take turns."""
    kinds, looks = len(OPTIONS), len(ATTENTIONS)
    for number, (encoder, (chunk, hidden)) in enumerate(product(range(kinds), ((3, None), (None, 3), (2, 3)))):
        attention = number % looks if hidden is None else 1 + number % (looks - 1)
        section = sections[(encoder * kinds + number * 2 % kinds) * looks + attention]
        hierarchy = None if hidden is None else HierarchySection(hidden=hidden, max_sentences=3)
        source = section.encoder.model_copy(update={"chunk": chunk})
        yield section.model_copy(update={"encoder": source, "hierarchy": hierarchy})


def name_of(section: ModelSection) -> str:
    read = "-chunks" * (section.encoder.chunk is not None) + "-hierarchy" * (section.hierarchy is not None)
    return f"{section.encoder.kind}-{section.decoder.kind}-{section.attention.kind}{read}"


SECTIONS = list(combinations())
READINGS = list(readings(SECTIONS))
SENTENCE_ENDS, THOROUGH = (5, 8, 9, 11), pytest.mark.thorough


def _turn_of(section: ModelSection) -> int:
    """0 to 5. One of them holds every pair of encoder and decoder, of encoder and attention, and of decoder and attention."""
    kinds, looks = list(OPTIONS), [one["kind"] for one in ATTENTIONS]
    sides = kinds.index(section.encoder.kind) + kinds.index(section.decoder.kind)
    return (looks.index(section.attention.kind) - sides) % 6


def _of_all(each: int) -> Any:
    """All readings and combinations; of these one in `each` is for `make test`, the others for `make thorough`."""
    later = {name_of(one) for one in SECTIONS if _turn_of(one) % each}
    marked = [pytest.param(one, marks=[THOROUGH] * (name_of(one) in later)) for one in (*SECTIONS, *READINGS)]
    return pytest.mark.parametrize("section", marked, ids=name_of)


# Each kind of encoder, of decoder and of attention, at a few seconds each; all others are for `make thorough`.
TRACED = {
    *("rnn-minlstm-general", "lstm-transformer-scaled_dot", "gru-conv-dot", "conv-lstm-multi_head"),
    *("transformer-ssru-multi_head", "sru-rnn-additive", "ssru-gru-none", "mingru-sru-scaled_dot"),
    *("minlstm-mingru-multi_head", "transformer-transformer-multi_head"),
}


def build(section: ModelSection) -> Seq2Seq:
    torch.manual_seed(1)
    return build_model(section, VOCAB, VOCAB, sentence_ends=SENTENCE_ENDS)


def ragged(lengths: list[int], generator: torch.Generator) -> tuple[Tensor, Tensor]:
    mask = torch.arange(max(lengths)) < torch.tensor(lengths).unsqueeze(1)
    return torch.randint(4, VOCAB, mask.shape, generator=generator) * mask, mask


@pytest.fixture(scope="module")
def batch() -> list[Tensor]:
    """Source and its mask, target in and out, and its mask; one sentence is a single token."""
    generator = torch.Generator().manual_seed(5)
    source = ragged([6, 1, 4, 3], generator)
    (tgt_in, tgt_mask), (tgt_out, _) = (ragged([3, 5, 1, 4], generator) for _ in range(2))
    return [*source, tgt_in, tgt_out, tgt_mask]


def close(one: Tensor, other: Tensor) -> None:
    torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


def test_there_are_all_of_them() -> None:
    names = [name_of(section) for section in SECTIONS]
    assert len(set(names)) == len(names) == 9 * 9 * 6
    assert set(names) >= TRACED
    for place in range(3):
        assert len({name.split("-")[place] for name in TRACED}) == (9, 9, 6)[place]
    read = [name_of(section).split("-", 3) for section in READINGS]
    square = [name.split("-") for name, one in zip(names, SECTIONS, strict=True) if not _turn_of(one)]
    pairs = [{(name[one], name[other]) for name in square} for one, other in ((0, 1), (0, 2), (1, 2))]
    assert (len(square), *map(len, pairs)) == (81, 81, 54, 54)
    assert len(read) == 9 * 3
    for place in range(3):
        assert len({name[place] for name in read}) == (9, 9, 6)[place]


@_of_all(3)
def test_a_combination_is_a_recipe_and_works(section: ModelSection, batch: list[Tensor]) -> None:
    assert not list(model_problems(section))
    model = build(section).eval()
    with torch.no_grad():
        logits = model(*batch[:3])
        steps_say_what_all_positions_say(model, batch, logits)
        padding_changes_nothing(model, batch, logits)
        the_future_changes_nothing(model, batch, logits)
    every_parameter_learns(section, batch)


def steps_say_what_all_positions_say(model: Seq2Seq, batch: list[Tensor], logits: Tensor) -> None:
    src, mask, tgt_in, *_ = batch
    _, attention = model.decoder(tgt_in, model.encoder(src, mask))
    state = model.start(src, mask)
    for place, tokens in enumerate(tgt_in.unbind(1)):
        found, looked, state = model.step(tokens, state)
        close(found, logits[:, place])
        assert (looked is None) == (attention is None)
        if looked is not None:
            close(looked, attention[:, place])
            close(looked.sum(1), torch.ones(len(src)))
            assert not looked[~mask].any()


def padding_changes_nothing(model: Seq2Seq, batch: list[Tensor], logits: Tensor) -> None:
    src, mask, tgt_in, _, tgt_mask = batch
    noise = torch.where(mask, src, torch.full_like(src, 9))
    close(model(noise, mask, tgt_in), logits)
    for row in range(len(src)):
        length, tgt_length = int(mask[row].sum()), int(tgt_mask[row].sum())
        alone = model(src[row : row + 1, :length], mask[row : row + 1, :length], tgt_in[row : row + 1, :tgt_length])
        close(alone[0], logits[row, :tgt_length])


def the_future_changes_nothing(model: Seq2Seq, batch: list[Tensor], logits: Tensor) -> None:
    src, mask, tgt_in, *_ = batch
    for place in (1, 3):
        changed = tgt_in.clone()
        changed[:, place:] = 12
        after = model(src, mask, changed)
        close(after[:, :place], logits[:, :place])
        assert not torch.allclose(after[:, place], logits[:, place]), "but it does change what follows"


def every_parameter_learns(section: ModelSection, batch: list[Tensor]) -> None:
    model = build(section)
    model.losses(*batch, smoothing=0.1).loss.backward()
    dead = {name for name, one in model.named_parameters() if one.grad is None or not one.grad.any()}
    # a few relus may all be off, and what is below them with them
    relus = [side for side in ("encoder", "decoder") if getattr(section, side).activation == "relu"]
    excused = ("encoder.", "decoder.") if "decoder" in relus else ("encoder.",) if relus else ()
    assert not {name for name in dead if not name.startswith(excused)}, dead


@_of_all(6)
def test_a_resumed_combination_goes_on_as_if_nothing_had_been(
    section: ModelSection, batch: list[Tensor], tmp_path: Path
) -> None:
    model = build(section)
    updater = Updater(model, OptimizerSection(), clip_norm=1.0)
    step(model, updater, batch, 1)
    progress = Progress(settings={}, position=Position(1, 0, 1))
    save_checkpoint(tmp_path, progress, model, updater, 1)
    step(model, updater, batch, 2)
    other = build(section)
    with torch.no_grad():
        for parameter in other.parameters():
            parameter.zero_()
    resumed = Updater(other, OptimizerSection(), clip_norm=1.0)
    load_state(checkpoints(tmp_path)[0], other, resumed)
    step(other, resumed, batch, 2)
    for (name, one), two in zip(model.named_parameters(), other.parameters(), strict=True):
        assert torch.equal(one, two), name


@pytest.mark.parametrize(
    "section", [*(one for turn, one in enumerate(SECTIONS) if turn % 6 == turn // 6 % 6), *READINGS], ids=name_of
)
def test_a_combination_trains_in_bfloat16(section: ModelSection, batch: list[Tensor]) -> None:
    """Any encoder with any decoder: what autocast makes of their parts fits together, and is about the same."""
    exact = build(section).eval().losses(*batch, smoothing=0.1).loss
    model = build(section).eval()
    with torch.autocast("cpu", torch.bfloat16):
        loss = model.losses(*batch, smoothing=0.1).loss
    loss.backward()
    assert loss.item() == pytest.approx(exact.item(), rel=0.05)
    assert all(one.grad is None or one.grad.isfinite().all() for one in model.parameters())
    assert all(one.grad is None or one.grad.dtype == torch.float32 for one in model.parameters())


def step(model: Seq2Seq, updater: Updater, batch: list[Tensor], number: int) -> None:
    torch.manual_seed(number)
    model.train().losses(*batch, smoothing=0.1).loss.backward()
    _, finite, _ = updater.update(0.01)
    assert finite


def _marked() -> Iterator[Any]:
    traced = TRACED | {name_of(section) for section in READINGS[::9]}
    for section in (*SECTIONS, *READINGS):
        name = name_of(section)
        yield pytest.param(section, id=name, marks=pytest.mark.slow if name in traced else pytest.mark.thorough)


@pytest.mark.parametrize("section", list(_marked()))
def test_the_graphs_of_a_combination_say_what_torch_says(section: ModelSection, batch: list[Tensor]) -> None:
    """Step by step, with hypotheses reordered and a sentence gone; other lengths and numbers of sentences than were traced."""
    model = build(section).eval()
    ours, theirs = stepper_of(with_head(trace(copy.deepcopy(model)), VOCAB)), TorchStepper(model)
    src, lengths = batch[0].numpy(), batch[1].sum(1).numpy()
    one, other = ours.start(src, lengths), theirs.start(src, lengths)
    tokens = np.full(len(src), BOS)
    for rows in (
        [*np.arange(4).repeat(3)],
        [1, 1, 0, 3, 5, 5, 8, 7, 6, 9, 9, 9],
        [0, 0, 1, 8, 7, 6, 9, 10, 11],
        [*range(9)],
    ):
        mine, one = ours.step(tokens, one, Constraints(), 4)
        its, other = theirs.step(tokens, other, Constraints(), 4)
        np.testing.assert_allclose(mine.log_probs, its.log_probs, atol=1e-5)
        assert (mine.attention is None) == (its.attention is None)
        if mine.attention is not None and its.attention is not None:
            np.testing.assert_allclose(mine.attention, its.attention, atol=1e-5)
        kept = np.array(rows)
        one, other = ours.select(one, kept), theirs.select(other, kept)
        tokens = np.arange(len(rows)) * 7 % 9 + 4
