"""Token vectors."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from seqtool.models.cells import SentenceDropout


class TokenEmbedding(nn.Module):
    """Vectors of tokens with dropout; `weight` `(vocab, dim)` may be shared with another embedding or a generator."""

    def __init__(self, weight: nn.Parameter, *, dropout: float) -> None:
        super().__init__()
        self.weight = weight
        self.dropout = SentenceDropout(dropout)

    @property
    def dim(self) -> int:
        """Size of a token's vector."""
        return self.weight.shape[1]

    def forward(self, ids: Tensor) -> Tensor:
        """`ids` `(batch, length)` -> `(batch, length, dim)`."""
        vectors: Tensor = self.dropout(F.embedding(ids, self.weight))
        return vectors

    def step(self, tokens: Tensor) -> Tensor:
        """`tokens` `(rows,)` -> `(rows, dim)`, without dropout: for decoding."""
        return F.embedding(tokens, self.weight)
