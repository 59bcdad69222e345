"""Documents read twice: word by word, and then sentence by sentence (Nallapati et al. 2016, section 2.4)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from seqtool.models.blocks import masked_mean
from seqtool.models.cells import RecurrentLayer, SentenceDropout
from seqtool.models.memory import EncoderOutput, Outline
from seqtool.models.positions import LearnedPositions
from seqtool.models.reversal import reorder, reversal


class HierarchicalEncoder(nn.Module):
    """Any encoder of words, and above it a bidirectional GRU over the sentences it finds, of which a decoder's attention reads the outline.

    A sentence is given to the GRU as the mean of what the encoder says of its tokens: it needs nothing to be learnt, and gradients reach
    all of them. To what comes out learned positions of sentences are added. What a sentence then is within its document is projected and
    added to all its words, and its mean to the summary: a word's context may be more than the encoder of words could see, which, where
    it reads in chunks, is little.
    """

    def __init__(
        self,
        words: nn.Module,
        *,
        memory_dim: int,
        vocab: int,
        sentence_ends: Sequence[int],
        hidden: int,
        max_sentences: int,
        recurrent_dropout: float,
        output_dropout: float,
    ) -> None:
        """`words` makes memories of `memory_dim` of ids below `vocab`, of which `sentence_ends` end a sentence; what follows the last of
        `max_sentences` belongs to it. `hidden` is the size of the GRU in one direction."""
        super().__init__()
        self.words = words
        self.memory_dim, self.sentence_dim, self.max_sentences = memory_dim, 2 * hidden, max_sentences
        ends = torch.zeros(vocab, dtype=torch.bool)
        ends[list(sentence_ends)] = True
        self.register_buffer("ends", ends, persistent=False)  # the tokenizer's, in whose file it is
        self.ahead, self.behind = (
            RecurrentLayer("gru", memory_dim, hidden, recurrent_dropout=recurrent_dropout) for _ in range(2)
        )
        self.positions = LearnedPositions(2 * hidden, count=max_sentences)
        self.inside = nn.Linear(2 * hidden, memory_dim)
        nn.init.xavier_uniform_(self.inside.weight)
        nn.init.zeros_(self.inside.bias)
        self.output_dropout = SentenceDropout(output_dropout)

    def forward(self, src_ids: Tensor, src_mask: Tensor) -> EncoderOutput:
        """`src_ids` `(batch, src_len)`; `src_mask` of the same shape, True = real token, each row True from the left."""
        source: EncoderOutput = self.words(src_ids, src_mask)
        owner = self.owners(src_ids, src_mask)
        count = owner[:, -1] + 1  # padding belongs to the last one
        places = torch.arange(self.max_sentences, device=src_ids.device)
        means = sentence_means(source.memory, (owner.unsqueeze(1) == places.unsqueeze(1)) & src_mask.unsqueeze(1))
        vectors = self.output_dropout(self._read(means, count) + self.positions(places))
        outline = Outline(vectors, places < count.unsqueeze(1), owner)
        inside = self.inside(vectors)
        memory = source.memory + self._of_words(inside, owner)
        summary = source.summary + masked_mean(inside, outline.mask)
        return EncoderOutput(memory, src_mask, summary, source.vectors, outline)

    def owners(self, src_ids: Tensor, src_mask: Tensor) -> Tensor:
        """The sentence of each token, counted from 0: `(batch, src_len)`. One begins behind what ends a sentence, but not with another such
        token, as in `?!`, and not with padding."""
        ends = self.get_buffer("ends")[src_ids]
        begins = ends[:, :-1] & ~ends[:, 1:] & src_mask[:, 1:]
        first = torch.zeros_like(src_ids[:, :1])
        return torch.cat([first, begins.cumsum(1)], dim=1).clamp(max=self.max_sentences - 1)

    def _read(self, sentences: Tensor, count: Tensor) -> Tensor:
        """Both directions, of which the second meets the empty places behind the `count` `(batch,)` sentences last, too."""
        order = reversal(count, self.max_sentences)
        behind = reorder(self.behind.outputs(reorder(sentences, order)), order)
        return torch.cat([self.ahead.outputs(sentences), behind], dim=-1)

    def _of_words(self, sentences: Tensor, owner: Tensor) -> Tensor:
        """Of each word, the vector of its sentence: `(batch, sentences, dim)` -> `(batch, src_len, dim)`."""
        rows = torch.arange(owner.shape[0], device=owner.device).unsqueeze(1) * self.max_sentences
        found = sentences.flatten(0, 1).index_select(0, (owner + rows).flatten())
        return found.view(owner.shape[0], owner.shape[1], sentences.shape[-1])


def sentence_means(memory: Tensor, members: Tensor) -> Tensor:
    """The mean of each sentence's tokens: `memory` `(batch, src_len, dim)`, `members` `(batch, sentences, src_len)` bool -> `(batch,
    sentences, dim)`, zeros where there is no such sentence."""
    return torch.bmm(members.to(memory.dtype), memory) / members.sum(2, keepdim=True).clamp(min=1)
