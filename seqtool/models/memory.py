"""What a source sentence leaves behind for the decoder."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor


class EncoderOutput(NamedTuple):
    """`memory` `(batch, src_len, memory_dim)`; `mask` `(batch, src_len)` bool, True = real token; `summary` `(batch, memory_dim)`,
    the whole sentence in one vector; `vectors` `(batch, src_len, embedding)`, those of the tokens, as the encoder read them."""

    memory: Tensor
    mask: Tensor
    summary: Tensor
    vectors: Tensor


class SentenceMemory(NamedTuple):
    """What attention keeps, once a sentence: `keys` `(batch, src_len, key_dim)`, `values` `(batch, src_len, memory_dim)`, both by head
    where there are several, and `mask` `(batch, src_len)` bool, True = real token."""

    keys: Tensor
    values: Tensor
    mask: Tensor

    def select(self, sentences: Tensor) -> SentenceMemory:
        """The memory of these sentences, `(kept,)`, in this order."""
        return SentenceMemory(*(part.index_select(0, sentences) for part in self))
