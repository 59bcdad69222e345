"""A model in two ONNX graphs as a `Stepper`, run by ONNX Runtime without torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from seqtool.decoding.stepper import Bools, Candidates, Constraints, Distribution, Floats, Floats32, Ints, staying
from seqtool.errors import ModelError
from seqtool.runtime.shortlist import Chosen, Shortlist, closed_up

Array = NDArray[Any]

# What a step may tell beside its candidates.
_TOLD = ("attention", "log_odds")
_LARGEST_GROUP = 1 << 16


class Session(Protocol):
    """What is used of an `onnxruntime.InferenceSession`."""

    def get_inputs(self) -> Sequence[Any]:
        """Inputs, each with a `name` and a `shape`."""

    def get_outputs(self) -> Sequence[Any]:
        """Outputs, each with a `name` and a `shape`."""

    def run(self, output_names: Sequence[str], feed: dict[str, Array]) -> list[Array]:
        """Values of the outputs."""


class OnnxState(NamedTuple):
    """`memory` belongs to the sentences, `layers` to the rows of the last step; `rows` `(R,)` says which of those each row continues.
    `chosen` are the target tokens of a shortlist."""

    memory: tuple[Array, ...]
    layers: tuple[Array, ...]
    rows: Ints
    sentences: int
    chosen: Chosen | None = None


@dataclass(frozen=True)
class Names:
    """Names of the values that are carried along, which of attention and log-odds are `told`, the size of the vocabulary (None: it
    varies), and how many tokens are in its first group."""

    memory: tuple[str, ...]
    layers: tuple[str, ...]
    told: tuple[str, ...]
    vocab_size: int | None
    first_group: int

    @classmethod
    def of(cls, encoder: Session, step: Session) -> Names:
        """Reads them from the graphs. Raises `ModelError` when they do not fit together."""
        made = {one.name: one for one in encoder.get_outputs() if one.name.startswith(("memory.", "state."))}
        leaves = list(made)
        inputs = {one.name: one for one in step.get_inputs()}
        outputs = {one.name: one for one in step.get_outputs()}
        layers = tuple(name for name in leaves if name.startswith("state."))
        news = {name.replace("state", "new") for name in layers}
        if (
            not {*leaves, "tokens", "rows", "count", "barred", "asked", "scored"} <= inputs.keys()
            or not {"logits", "best", "log_probs", *news} <= outputs.keys()
            or not all(_fitting(one.shape, inputs[name].shape) for name, one in made.items())
            or not _in_groups(inputs["barred"].shape, outputs["logits"].shape)
        ):
            raise _unfit()
        memory = tuple(name for name in leaves if name.startswith("memory."))
        size = outputs["logits"].shape[1]
        vocab_size = size if isinstance(size, int) else None
        told = tuple(name for name in _TOLD if name in outputs)
        return cls(memory, layers, told, vocab_size, inputs["barred"].shape[0])


class OnnxStepper:
    """Steps two graphs. It may be used by several threads at once: sessions share weights, and a state belongs to its search.

    With `short`, a third graph gives the generator's weights for the tokens that a batch may say; a sentence says only what its shortlist
    has, and log-probabilities are relative to that.
    """

    def __init__(self, encoder: Session, step: Session, *, short: tuple[Session, Shortlist] | None = None) -> None:
        self._encoder, self._step, self._short = encoder, step, short
        self._names = Names.of(encoder, step)
        news = [name.replace("state", "new") for name in self._names.layers]
        self._carried = [*self._names.told, *news]

    def start(self, src_ids: Ints, src_lengths: Ints) -> OnnxState:
        """Encodes `(B, S)` ids; see `Stepper.start`."""
        names = self._names
        feed = {"src_ids": src_ids, "src_lengths": src_lengths}
        leaves = self._encoder.run([*names.memory, *names.layers], feed)
        if not all(one.ndim and len(one) == len(src_ids) for one in leaves):
            raise _unfit()
        cut = len(names.memory)
        rows = _as_they_are(len(src_ids))
        chosen = self._choose(src_ids, src_lengths)
        return OnnxState(tuple(leaves[:cut]), tuple(leaves[cut:]), rows, len(src_ids), chosen)

    def _choose(self, src_ids: Ints, src_lengths: Ints) -> Chosen | None:
        if self._short is None:
            return None
        pick, shortlist = self._short
        tokens, mask = shortlist.choose(src_ids, src_lengths)
        names = [one.name for one in pick.get_outputs()]
        weights = dict(zip(names, pick.run(names, {"tokens": tokens}), strict=True))
        return Chosen(tokens, weights, mask)

    def step(
        self,
        tokens: Ints,
        state: OnnxState,
        constraints: Constraints,
        count: int,
        asked: Ints | None = None,
        *,
        scored: bool = True,
    ) -> tuple[Candidates, OnnxState]:
        """See `Stepper.step`. More candidates are taken than are wanted, by as many as may be forbidden."""
        forced, chosen = constraints.forced, state.chosen
        size = self._names.vocab_size if chosen is None else len(chosen.tokens)
        barred, constraints = self._bar(constraints, chosen)
        most = count + spare(constraints, len(tokens))
        questions = _questions(len(tokens), asked, forced)
        places, there = (questions, questions >= 0) if chosen is None else chosen.places(questions)
        most = most if size is None else min(most, size)
        feed = self._feed(tokens, state, most, np.maximum(places, 0), barred, scored=scored)
        best, log_probs, answers, *carried = self._step.run(["best", "log_probs", "answers", *self._carried], feed)
        if best.shape != log_probs.shape or best.shape[:1] != tokens.shape or answers.shape != questions.shape:
            raise _unfit()
        attention, odds, new = self._unpack(carried, state)
        best = best if chosen is None else chosen.tokens[best]
        if questions.size:
            answers = np.where(there, answers.astype(np.float64), -np.inf)
        if forced is not None:
            best, log_probs = _forced(best, log_probs, forced, answers[:, -1])
        found = allowed(best, log_probs.astype(np.float64), constraints, count)
        told = None if asked is None else answers[:, : asked.shape[1]]
        return Candidates(*found, attention, told, None if odds is None else odds.astype(np.float64)), new

    def distribution(self, tokens: Ints, state: OnnxState) -> tuple[Distribution, OnnxState]:
        """Of all tokens, and the new state: what an ensemble averages."""
        barred = np.zeros(self._names.first_group, np.bool_)
        feed = self._feed(tokens, state, 1, _questions(len(tokens), None, None), barred, scored=True)
        logits, normaliser, *carried = self._step.run(["logits", "normaliser", *self._carried], feed)
        attention, odds, new = self._unpack(carried, state)
        return Distribution(logits - normaliser, attention, odds), new

    def select(self, state: OnnxState, rows: Ints) -> OnnxState:
        """See `Stepper.select`. Rows are only noted: the next step reads the old state at them."""
        kept = staying(rows, len(state.rows) // state.sentences)
        moved = np.flatnonzero(kept != _as_they_are(len(kept)))
        memory, chosen = state.memory, state.chosen
        if len(kept) < state.sentences or len(moved):
            memory = tuple(closed_up(part, kept, moved) for part in memory)
            chosen = None if chosen is None else chosen.select(kept, moved)
        if state.rows is not _as_they_are(len(state.rows)):
            rows = state.rows[rows]
        return OnnxState(memory, state.layers, rows, len(kept), chosen)

    def _bar(self, constraints: Constraints, chosen: Chosen | None) -> tuple[Bools, Constraints]:
        """What the graph leaves out itself, and the constraints without that."""
        width = self._names.first_group
        first = range(width) if chosen is None else tuple(chosen.tokens[:width].tolist())
        barred, rest = _barred(constraints.never, first)
        others = constraints.forbidden_rows, constraints.forbidden_tokens, constraints.forced
        return barred, Constraints(rest, *others)

    def _feed(
        self, tokens: Ints, state: OnnxState, count: int, asked: Ints, barred: Bools, *, scored: bool
    ) -> dict[str, Array]:
        names = self._names
        given = zip((*names.memory, *names.layers), (*state.memory, *state.layers), strict=True)
        return {
            "tokens": tokens.reshape(state.sentences, -1),
            "rows": state.rows,
            "count": np.array([count]),
            "barred": barred,
            "asked": asked,
            "scored": np.array(scored),
            **dict(given),
            **({} if state.chosen is None else state.chosen.feed),
        }

    def _unpack(self, carried: list[Array], state: OnnxState) -> tuple[Floats32 | None, Floats32 | None, OnnxState]:
        attention, odds = (dict(zip(self._names.told, carried, strict=False)).get(name) for name in _TOLD)
        layers = tuple(carried[len(self._names.told) :])
        rows = _as_they_are(len(state.rows))
        return attention, odds, OnnxState(state.memory, layers, rows, state.sentences, state.chosen)


@lru_cache(maxsize=1024)
def _as_they_are(count: int) -> Ints:
    """The rows of a state in their order."""
    rows: Ints = np.arange(count)
    rows.setflags(write=False)
    return rows


@lru_cache(maxsize=64)
def _barred(never: tuple[int, ...], first: Sequence[int]) -> tuple[Bools, tuple[int, ...]]:
    """Which of the first tokens may not be said, and which others."""
    return np.isin(first, never), tuple(token for token in never if token not in first)


def _unfit() -> ModelError:
    return ModelError("model.graphs", "its ONNX graphs do not fit together", "write them again: seqtool export")


def _in_groups(barred: Sequence[Any], logits: Sequence[Any]) -> bool:
    """Whether the first group of tokens has a size, one that there is memory for, and logits are of rows and tokens."""
    sized = len(barred) == 1 and isinstance(barred[0], int) and 0 < barred[0] <= _LARGEST_GROUP
    return sized and len(logits) == 2


def _fitting(made: Sequence[Any], taken: Sequence[Any]) -> bool:
    """Whether two shapes agree in the sizes that are fixed in both."""
    pairs = zip(made, taken, strict=False)
    fixed = [(one, two) for one, two in pairs if isinstance(one, int) and isinstance(two, int)]
    return len(made) == len(taken) and all(one == two for one, two in fixed)


def spare(constraints: Constraints, rows: int) -> int:
    """How many of a row's best tokens may be forbidden."""
    most = 0
    if constraints.forbidden_rows is not None and len(constraints.forbidden_rows):
        most = int(np.bincount(constraints.forbidden_rows, minlength=rows).max())
    return len(constraints.never) + most


def allowed(best: Ints, log_probs: Floats, constraints: Constraints, count: int) -> tuple[Ints, Floats]:
    """The first `count` of the candidates `(R, C)` of each row that are not forbidden; forbidden ones follow with -inf where there are too
    few others."""
    rows, tokens = constraints.forbidden_rows, constraints.forbidden_tokens
    if not constraints.never and (rows is None or not len(rows)):
        return best[:, :count], log_probs[:, :count]
    taken = np.zeros(best.shape, np.bool_)
    for token in constraints.never:
        taken |= best == token
    if rows is not None and tokens is not None and len(rows):
        width = int(best.max(initial=0)) + int(tokens.max(initial=0)) + 1
        own = np.arange(len(best))[:, None] * width + best
        taken |= np.isin(own, rows * width + tokens)
    hit = np.flatnonzero(taken.any(axis=1))
    if not len(hit):
        return best[:, :count], log_probs[:, :count]
    order = np.argsort(taken[hit], axis=1, kind="stable")  # those that may be said first, still the best first
    log_probs = np.where(taken, -np.inf, log_probs)
    best = best.copy()
    best[hit] = np.take_along_axis(best[hit], order, axis=1)
    log_probs[hit] = np.take_along_axis(log_probs[hit], order, axis=1)
    return best[:, :count], log_probs[:, :count]


def _questions(rows: int, asked: Ints | None, forced: Ints | None) -> Ints:
    """The tokens whose log-probabilities are needed, `(R, M)`: those asked for, then the forced ones; -1 for none."""
    parts = [] if asked is None else [asked]
    if forced is not None:
        parts.append(forced[:, None])
    return np.concatenate(parts, axis=1) if parts else np.zeros((rows, 0), np.int64)


def _forced(best: Ints, log_probs: Floats32, forced: Ints, told: Floats) -> tuple[Ints, Floats32]:
    """The forced token of a row before all others, which become impossible."""
    rows = np.flatnonzero(forced >= 0)
    best, log_probs = best.copy(), log_probs.copy()
    log_probs[rows] = -np.inf
    best[rows, 0], log_probs[rows, 0] = forced[rows], told[rows]
    return best, log_probs
