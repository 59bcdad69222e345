"""Token vectors."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from seqtool.models.cells import SentenceDropout

# As in every tokenizer here; a test holds them equal.
UNK = 1


class WordDropout(SentenceDropout):
    """Dropout of whole vectors, drawn for every position (Sennrich and Zhang 2019, section 3.2)."""

    def forward(self, inputs: Tensor) -> Tensor:
        """`inputs` `(batch, length, dim)`; the result has the same shape."""
        mask = self.mask(inputs.shape[0], inputs.shape[1], inputs)
        return inputs if mask is None else inputs * mask.unsqueeze(2)


class TokenEmbedding(nn.Module):
    """Vectors of tokens, with dropout of units and of whole tokens; `weight` `(vocab, dim)` may be shared with another embedding or a
    generator."""

    def __init__(self, weight: nn.Parameter, *, dropout: float, word_dropout: float = 0.0) -> None:
        super().__init__()
        self.weight = weight
        self.dropout = SentenceDropout(dropout)
        self.word_dropout = WordDropout(word_dropout)

    @property
    def dim(self) -> int:
        """Size of a token's vector."""
        return self.weight.shape[1]

    def forward(self, ids: Tensor) -> Tensor:
        """`ids` `(batch, length)` -> `(batch, length, dim)`."""
        vectors: Tensor = self.word_dropout(self.dropout(F.embedding(ids, self.weight)))
        return vectors

    def step(self, tokens: Tensor) -> Tensor:
        """`tokens` `(rows,)` -> `(rows, dim)`, without dropout: for decoding."""
        return F.embedding(tokens, self.weight)
