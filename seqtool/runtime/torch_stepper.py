"""A torch model as a `Stepper`."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from seqtool.decoding.stepper import Candidates, Constraints, Distribution, Floats, Floats32, Ints, staying
from seqtool.models.seq2seq import DecoderState, Said, Seq2Seq


class TorchState(NamedTuple):
    """A decoder's state of `rows` rows of `sentences` sentences."""

    decoder: DecoderState
    sentences: int
    rows: int


class TorchStepper:
    """Steps a `Seq2Seq` on its own device, without gradients and without dropout."""

    def __init__(self, model: Seq2Seq) -> None:
        self._model = model.eval()
        self._device = next(model.parameters()).device

    @torch.inference_mode()
    def start(self, src_ids: Ints, src_lengths: Ints) -> TorchState:
        """Encodes `(B, S)` ids; see `Stepper.start`."""
        lengths = self._tensor(src_lengths)
        mask = torch.arange(src_ids.shape[1], device=self._device) < lengths.unsqueeze(1)
        return TorchState(self._model.start(self._tensor(src_ids), mask), len(src_ids), len(src_ids))

    @torch.inference_mode()
    def step(
        self,
        tokens: Ints,
        state: TorchState,
        constraints: Constraints,
        count: int,
        asked: Ints | None = None,
        *,
        scored: bool = True,
    ) -> tuple[Candidates, TorchState]:
        """See `Stepper.step`."""
        said, decoder = self._model.say(self._tensor(tokens), state.decoder)
        logits = said.logits.float()  # (R, V)
        normaliser = logits.new_zeros(1, 1)
        if scored:  # before constraints: scores stay the model's own
            normaliser = torch.logsumexp(logits, dim=1, keepdim=True)
        answers = None if asked is None else self._answers(logits, normaliser, asked)
        self._constrain(logits, constraints)
        best, chosen = logits.topk(min(count, logits.shape[1]), dim=1)
        log_probs = (best - normaliser).double().cpu().numpy()
        odds = None if said.log_odds is None else said.log_odds.double().cpu().numpy()
        found = Candidates(chosen.cpu().numpy(), log_probs, _looked(said), answers, odds)
        return found, state._replace(decoder=decoder)

    @torch.inference_mode()
    def distribution(self, tokens: Ints, state: TorchState) -> tuple[Distribution, TorchState]:
        """Of all tokens, and the new state: what an ensemble averages."""
        said, decoder = self._model.say(self._tensor(tokens), state.decoder)
        log_probs = torch.log_softmax(said.logits.float(), dim=1).cpu().numpy()
        odds = None if said.log_odds is None else said.log_odds.float().cpu().numpy()
        return Distribution(log_probs, _looked(said), odds), state._replace(decoder=decoder)

    @torch.inference_mode()
    def select(self, state: TorchState, rows: Ints) -> TorchState:
        """See `Stepper.select`."""
        kept = staying(rows, state.rows // state.sentences)
        sentences = None if np.array_equal(kept, np.arange(state.sentences)) else self._tensor(kept)
        return TorchState(state.decoder.select(self._tensor(rows), sentences), len(kept), len(rows))

    def _answers(self, logits: Tensor, normaliser: Tensor, asked: Ints) -> Floats:
        found = (logits.gather(1, self._tensor(np.maximum(asked, 0))) - normaliser).double().cpu().numpy()
        return np.where(asked < 0, -np.inf, found)

    def _constrain(self, logits: Tensor, constraints: Constraints) -> None:
        if constraints.forced is not None:
            rows = np.flatnonzero(constraints.forced >= 0)
            at = self._tensor(rows), self._tensor(constraints.forced[rows])
            values = logits[at]
            logits[at[0]] = -math.inf
            logits[at] = values
        for token in constraints.never:
            logits[:, token] = -math.inf
        if constraints.forbidden_rows is not None and constraints.forbidden_tokens is not None:
            logits[self._tensor(constraints.forbidden_rows), self._tensor(constraints.forbidden_tokens)] = -math.inf

    def _tensor(self, array: Ints) -> Tensor:
        return torch.from_numpy(array).to(self._device)


def _looked(said: Said) -> Floats32 | None:
    return None if said.attention is None else said.attention.float().cpu().numpy()
