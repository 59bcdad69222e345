"""Long sources read a piece at a time: what an encoder needs for one position no longer grows with the document."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from seqtool.models.memory import EncoderOutput


class ChunkedEncoder(nn.Module):
    """Any encoder, given pieces of `size` tokens, each as if there were no other; its memories stand one after the other again, so a
    decoder looks at all of them.

    The pieces of a batch are rows of a larger one, so self-attention takes `size` times the length of the source instead of its square.
    Positions begin anew in every piece. The summary is the mean of those of the pieces, each weighted by its tokens: of an encoder whose
    summary is a mean it is the mean over the whole source.
    """

    def __init__(self, inner: nn.Module, *, memory_dim: int, size: int) -> None:
        """`inner` makes memories of `memory_dim`."""
        super().__init__()
        self.inner = inner
        self.memory_dim, self.size = memory_dim, size

    def forward(self, src_ids: Tensor, src_mask: Tensor) -> EncoderOutput:
        """`src_ids` `(batch, src_len)`; `src_mask` of the same shape, True = real token, each row True from the left."""
        rows, length = src_ids.shape
        pieces = (length + self.size - 1) // self.size
        ids, mask = (self._cut(part, pieces) for part in (src_ids, src_mask))
        # a piece of padding alone is read as one token, which nobody asks for, so that no encoder has nothing to read
        inner: EncoderOutput = self.inner(ids, torch.cat([torch.ones_like(mask[:, :1]), mask[:, 1:]], dim=1))
        memory, vectors = (
            part.reshape(rows, pieces * self.size, -1)[:, :length] for part in (inner.memory, inner.vectors)
        )
        weights = mask.sum(1).view(rows, 1, pieces).to(inner.summary.dtype)
        summary = torch.bmm(weights, inner.summary.view(rows, pieces, -1)).squeeze(1) / weights.sum(2)
        return EncoderOutput(memory, src_mask, summary, vectors)

    def _cut(self, part: Tensor, pieces: int) -> Tensor:
        """`(batch, src_len)` -> `(batch x pieces, size)`, with zeros behind the end."""
        rows = part.shape[0]
        return F.pad(part, (0, self.size))[:, : pieces * self.size].reshape(rows * pieces, self.size)
