"""All that search knows of a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
Bools = NDArray[np.bool_]

# As in every tokenizer here; a test holds them equal.
PAD, UNK, BOS, EOS = 0, 1, 2, 3

State = TypeVar("State")


@dataclass(frozen=True)
class Constraints:
    """What may come next. A forbidden token has log-probability -inf; the others keep theirs, so scores stay the model's own.

    `never` holds for every row; `forbidden_tokens[i]` is forbidden in row `forbidden_rows[i]`; `forced` `(rows,)` is the only token a row
    may take, or -1.
    """

    never: tuple[int, ...] = (PAD, UNK, BOS)
    forbidden_rows: Ints | None = None
    forbidden_tokens: Ints | None = None
    forced: Ints | None = None


class Candidates(NamedTuple):
    """The best C tokens of each row, best first, and their log-probabilities in nats: both `(rows, C)`. `attention` `(rows, S)` says where
    each row looked, None for a model without; `asked` `(rows, M)` are the log-probabilities of the tokens that were asked for. What a model
    with a pointer generates has the `log_odds` `(rows,)` of generating against copying, until both are mixed."""

    tokens: Ints
    log_probs: Floats
    attention: Floats32 | None = None
    asked: Floats | None = None
    log_odds: Floats | None = None


class Distribution(NamedTuple):
    """All that a model says of the next token: `log_probs` `(rows, V)`; `attention` and `log_odds` as in `Candidates`."""

    log_probs: Floats32
    attention: Floats32 | None = None
    log_odds: Floats32 | None = None


class Stepper(Protocol[State]):
    """A model that says what may come next. `step` does not change the state it is given; `select` uses it up."""

    def start(self, src_ids: Ints, src_lengths: Ints) -> State:
        """The state before the first token, one row a sentence; `src_ids` `(B, S)`, padded at the end, `src_lengths` `(B,)` with eos. An
        ensemble finds behind a source what other readers make of it; search looks at nothing there."""

    def step(
        self,
        tokens: Ints,
        state: State,
        constraints: Constraints,
        count: int,
        asked: Ints | None = None,
        *,
        scored: bool = True,
    ) -> tuple[Candidates, State]:
        """Feeds `tokens` `(R,)` and returns the best `count` tokens of each row (fewer where the vocabulary is smaller), and what the model
        says of the tokens `asked` `(R, M)` whatever the constraints; -1 there asks nothing and has log-probability -inf. Where it is not
        `scored`, the log-probabilities may be off by a number of their row's own."""

    def select(self, state: State, rows: Ints) -> State:
        """The state of these rows. Rows may repeat or be left out, but every sentence that stays keeps the same number of rows, next to
        each other; sentences may come in any order. What was given, and the states it came from, are not to be used again: the new one may
        live in their memory."""


class Speaker(Stepper[State], Protocol[State]):
    """A stepper that can say everything it thinks."""

    def distribution(self, tokens: Ints, state: State) -> tuple[Distribution, State]:
        """Of all tokens, and the new state; as in `step`."""


def staying(rows: Ints, each: int) -> Ints:
    """The sentences `(B',)` of these rows, in their order, where every sentence had `each` rows next to each other."""
    owners = rows // each
    return owners[np.flatnonzero(np.diff(owners, prepend=-1))]
