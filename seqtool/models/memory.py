"""What a source sentence leaves behind for the decoder."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor


class Outline(NamedTuple):
    """The sentences of a source that is a document, which is then all that is called a sentence elsewhere: `vectors` `(batch, sentences,
    dim)`, `mask` `(batch, sentences)` bool, True = there is such a sentence, and `owner` `(batch, src_len)`, the sentence of each token."""

    vectors: Tensor
    mask: Tensor
    owner: Tensor

    def select(self, documents: Tensor) -> Outline:
        """The outlines of these documents, `(kept,)`, in this order."""
        return Outline(*(part.index_select(0, documents) for part in self))


class EncoderOutput(NamedTuple):
    """`memory` `(batch, src_len, memory_dim)`; `mask` `(batch, src_len)` bool, True = real token; `summary` `(batch, memory_dim)`,
    the whole sentence in one vector; `vectors` `(batch, src_len, embedding)`, those of the tokens, as the encoder read them; `outline`,
    where the encoder knows the sentences of a document."""

    memory: Tensor
    mask: Tensor
    summary: Tensor
    vectors: Tensor
    outline: Outline | None = None


class SentenceMemory(NamedTuple):
    """What attention keeps, once a sentence: `keys` `(batch, src_len, key_dim)`, `values` `(batch, src_len, memory_dim)`, both by head
    where there are several, and `mask` `(batch, src_len)` bool, True = real token; `outline`, whose vectors are keys, for an attention
    that looks at the sentences of a document, too."""

    keys: Tensor
    values: Tensor
    mask: Tensor
    outline: Outline | None = None

    def select(self, sentences: Tensor) -> SentenceMemory:
        """The memory of these sentences, `(kept,)`, in this order."""
        keys, values, mask = (part.index_select(0, sentences) for part in self[:3])
        return SentenceMemory(keys, values, mask, self.outline and self.outline.select(sentences))
