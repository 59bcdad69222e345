"""Pointing at source tokens beside generating target tokens (See et al. 2017)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from seqtool.models.embedding import UNK
from seqtool.models.mixture import Mixture

# A target's share of the attention counts as at least this: it may be exactly 0, whose logarithm has no gradient.
_LEAST_SHARE = 1e-30


class Pointer(nn.Module):
    """p(w) = g p_vocab(w) + (1 - g) sum of the attention at source positions that hold w, g = sigmoid(v . features + b) (See et al. 2017,
    equations 8 and 9; the features are made of context and decoder state).

    Tokens are numbered on behind the vocabulary where a source has tokens that are not in it: `tgt_out` and `src_ids` may hold such
    numbers, which only pointing can say.
    """

    def __init__(self, features_dim: int) -> None:
        super().__init__()
        self.generate = nn.Linear(features_dim, 1)
        nn.init.xavier_uniform_(self.generate.weight)
        nn.init.zeros_(self.generate.bias)

    def log_odds(self, features: Tensor) -> Tensor:
        """Of generating against copying: `features` `(.., features_dim)` -> `(..,)`."""
        odds: Tensor = self.generate(features)
        return odds.squeeze(-1)

    def mixture(self, features: Tensor, shares: Tensor) -> Mixture:
        """`features` `(positions, features_dim)` and `shares` `(positions,)` of the attention that the targets have."""
        odds = self.log_odds(features).float().unsqueeze(1)
        copied = shares.float().clamp(min=_LEAST_SHARE).log().unsqueeze(1)
        return Mixture(F.logsigmoid(odds), F.logsigmoid(-odds) + copied)


def pointed_shares(attention: Tensor, src_ids: Tensor, tgt_out: Tensor) -> Tensor:
    """Of the attention `(batch, tgt_len, src_len)`, the sum over the source positions that hold each target `(batch, tgt_len)`."""
    same = src_ids.unsqueeze(1) == tgt_out.unsqueeze(2)  # (B, T, S)
    return (attention * same).sum(-1)


def known(ids: Tensor, vocab: int) -> Tensor:
    """The same ids, unk for those behind the vocabulary: what an embedding takes."""
    return torch.where(ids < vocab, ids, UNK)


def sayable(src_ids: Tensor, tgt_out: Tensor, vocab: int) -> Tensor:
    """`tgt_out` `(batch, tgt_len)`, with unk for what is neither in the vocabulary nor in `src_ids` `(batch, src_len)`, which was cut."""
    there = (src_ids.unsqueeze(1) == tgt_out.unsqueeze(2)).any(-1)
    return torch.where(there | (tgt_out < vocab), tgt_out, UNK)
