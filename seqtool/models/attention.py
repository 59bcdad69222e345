"""Attention: where a decoder looks in the source.

Keys are projected once a sentence. A query may be all target positions of a sentence in training or its K hypotheses in decoding: both are
`(batch, queries, hidden)`, so keys are never copied for a hypothesis.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor, nn

from seqtool.models.additive_energies import additive_energies
from seqtool.models.heads import attend, join_heads, split_heads, weigh
from seqtool.models.memory import EncoderOutput, Outline, SentenceMemory

AttentionKind = Literal["none", "additive", "dot", "general", "scaled_dot", "multi_head"]

# Over the sentences of a document there is one distribution, of keys whose size is their own. Kinds that cannot have that, and what they
# have instead:
_OVER_SENTENCES: dict[AttentionKind, AttentionKind] = {"dot": "general", "multi_head": "scaled_dot"}


class Attention(nn.Module):
    """Scores, normalises and averages: the subclasses say how a query and a key make a score.

    With coverage the score of a source token also depends on how much it has been looked at: a product of that and of what a learned vector
    says of the query, but where a subclass knows better.
    With an attention over `sentences`, those of a document, which is asked the same, the share of a word is scaled by that of its sentence
    and all are normalised again: P(j) = P_w(j) P_s(s(j)) / sum_k P_w(k) P_s(s(k)) (Nallapati et al. 2016, section 2.4).
    """

    # Whether it makes a difference what it is asked.
    reads_query = True

    def __init__(self, memory_dim: int, cover: nn.Linear | None = None) -> None:
        super().__init__()
        self.context_dim = memory_dim
        self.cover = cover
        self.sentences: Attention | None = None

    def remember(self, source: EncoderOutput) -> SentenceMemory:
        """What the queries will need of these sentences, computed once."""
        return SentenceMemory(self.keys(source.memory), source.memory, source.mask, self.outline(source.outline))

    def outline(self, outline: Outline | None) -> Outline | None:
        """The same with keys for vectors, None for an attention that knows no sentences."""
        if self.sentences is None or outline is None:
            return None
        return outline._replace(vectors=self.sentences.keys(outline.vectors))

    def keys(self, memory: Tensor) -> Tensor:
        """What queries are compared with: `(batch, src_len, memory_dim)` -> `(batch, src_len, key_dim)`."""
        return memory

    def scores(self, query: Tensor, keys: Tensor) -> Tensor:
        """Unnormalised scores `(batch, queries, src_len)`."""
        return torch.bmm(query, keys.transpose(1, 2))

    def covered_scores(self, query: Tensor, keys: Tensor, coverage: Tensor) -> Tensor:
        """`scores` where the source has been looked at so much: `coverage` `(batch, queries, src_len)`, sums of weights."""
        assert self.cover is not None
        seen: Tensor = coverage * self.cover(query)
        return self.scores(query, keys) + seen

    def scale(self, query: Tensor, outline: Outline) -> Tensor:
        """log P_s(s(j)) of every word j, `(batch, queries, src_len)`: added to a score, it multiplies what softmax makes of it."""
        assert self.sentences is not None
        scores = self.sentences.scores(query, outline.vectors).masked_fill(~outline.mask.unsqueeze(1), -math.inf)
        owner = outline.owner.unsqueeze(1).expand(-1, query.shape[1], -1)
        return torch.log_softmax(scores, dim=-1).gather(2, owner)

    def forward(
        self, query: Tensor, memory: SentenceMemory, *, weights: bool = True, coverage: Tensor | None = None
    ) -> tuple[Tensor, Tensor | None]:
        """Contexts and weights of `query` `(batch, queries, hidden)`: `(batch, queries, context_dim)`, and `(batch, queries, src_len)`
        that are exactly 0 at padding; None where no `weights` are wanted. `coverage` `(batch, queries, src_len)` are the sums of the
        weights before, for an attention that was built to read them."""
        keys = memory.keys
        scores = self.scores(query, keys) if coverage is None else self.covered_scores(query, keys, coverage)
        if memory.outline is not None:
            scores = scores + self.scale(query, memory.outline)
        scores = scores.masked_fill(~memory.mask.unsqueeze(1), -math.inf)
        shares = torch.softmax(scores, dim=-1)  # (B, T, S)
        return torch.bmm(shares, memory.values), shares if weights else None


class DotAttention(Attention):
    """score = query . memory (Luong et al. 2015, eq. 8, dot); both have the same size."""


class GeneralAttention(Attention):
    """score = query . W memory (Luong et al. 2015, eq. 8, general)."""

    def __init__(self, query_dim: int, memory_dim: int, cover: nn.Linear | None = None) -> None:
        super().__init__(memory_dim, cover)
        self.key = nn.Linear(memory_dim, query_dim, bias=False)

    def keys(self, memory: Tensor) -> Tensor:
        """Memory in the query's space."""
        projected: Tensor = self.key(memory)
        return projected


class ScaledDotAttention(Attention):
    """score = (W_q query) . (W_k memory) / sqrt(size) (Vaswani et al. 2017, eq. 1, one head)."""

    def __init__(self, query_dim: int, memory_dim: int, size: int, cover: nn.Linear | None = None) -> None:
        super().__init__(memory_dim, cover)
        self.query = nn.Linear(query_dim, size, bias=False)
        self.key = nn.Linear(memory_dim, size, bias=False)
        self._scale = size**-0.5

    def keys(self, memory: Tensor) -> Tensor:
        """Memory in the inner space, already scaled; in a graph that is exported, in the queries' own space."""
        projected: Tensor = self.key(memory) * self._scale
        # (W_q q) . k = q . (W_q^T k): a product a sentence instead of one for every hypothesis at every step
        return projected @ self.query.weight if torch.compiler.is_exporting() else projected

    def scores(self, query: Tensor, keys: Tensor) -> Tensor:
        """Products of projected queries and keys."""
        if torch.compiler.is_exporting():
            return super().scores(query, keys)
        return super().scores(self.query(query), keys)


class AdditiveAttention(Attention):
    """score = v . tanh(W_q query + W_k memory + b) (Bahdanau et al. 2015, appendix A.1.2), with w times the coverage added inside (See et
    al. 2017, equation 11)."""

    def __init__(self, query_dim: int, memory_dim: int, size: int, cover: nn.Linear | None = None) -> None:
        super().__init__(memory_dim, cover)
        self.query = nn.Linear(query_dim, size, bias=False)
        self.key = nn.Linear(memory_dim, size)
        self.energy = nn.Linear(size, 1, bias=False)

    def keys(self, memory: Tensor) -> Tensor:
        """Memory in the inner space."""
        projected: Tensor = self.key(memory)
        return projected

    def scores(self, query: Tensor, keys: Tensor) -> Tensor:
        """Energies, in memory that does not grow with the product of both lengths."""
        return additive_energies(self.query(query), keys, self.energy.weight.squeeze(0))

    def covered_scores(self, query: Tensor, keys: Tensor, coverage: Tensor) -> Tensor:
        """See `Attention.covered_scores`."""
        assert self.cover is not None
        weight = self.cover.weight.squeeze(1)
        return additive_energies(self.query(query), keys, self.energy.weight.squeeze(0), coverage, weight)


class MultiHeadAttention(Attention):
    """Scaled products in several heads, each with values of its own (Vaswani et al. 2017, section 3.2.2); weights are the heads' mean.

    What reads the context projects it, which is the paper's W^O.
    """

    def __init__(self, query_dim: int, memory_dim: int, size: int, heads: int, cover: nn.Linear | None = None) -> None:
        super().__init__(size, cover)
        self.heads = heads
        self.query = nn.Linear(query_dim, size)
        self.key = nn.Linear(memory_dim, size)
        self.value = nn.Linear(memory_dim, size)
        for layer in (self.query, self.key, self.value):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def remember(self, source: EncoderOutput) -> SentenceMemory:
        """Keys and values by head: `(batch, heads, src_len, size / heads)`."""
        keys, values = (split_heads(layer(source.memory), self.heads) for layer in (self.key, self.value))
        return SentenceMemory(keys, values, source.mask, self.outline(source.outline))

    def forward(
        self, query: Tensor, memory: SentenceMemory, *, weights: bool = True, coverage: Tensor | None = None
    ) -> tuple[Tensor, Tensor | None]:
        """See `Attention.forward`."""
        queries = split_heads(self.query(query), self.heads)  # (B, H, T, D)
        bias = None if memory.outline is None else self.scale(query, memory.outline).unsqueeze(1)  # (B, 1, T, S)
        if coverage is not None:
            assert self.cover is not None
            seen = self.cover(query).transpose(1, 2).unsqueeze(-1) * coverage.unsqueeze(1)  # (B, H, T, S)
            bias = seen if bias is None else seen + bias
        if not weights:
            return join_heads(attend(queries, memory.keys, memory.values, memory.mask, bias=bias)), None
        shares = weigh(queries, memory.keys, memory.mask, bias=bias)  # (B, H, T, S)
        return join_heads(shares @ memory.values), shares.mean(1)


class NoAttention(Attention):
    """The same vector, the encoder's summary, at every position (Cho et al. 2014); there are no weights."""

    reads_query = False

    def remember(self, source: EncoderOutput) -> SentenceMemory:
        """The summary as a memory of one position."""
        one = source.summary.unsqueeze(1)
        return SentenceMemory(one, one, source.mask[:, :1])

    def forward(
        self,
        query: Tensor,
        memory: SentenceMemory,
        *,
        weights: bool = True,  # noqa: ARG002 - there are none
        coverage: Tensor | None = None,  # noqa: ARG002 - of nothing
    ) -> tuple[Tensor, Tensor | None]:
        """The summary for every query: `(batch, queries, memory_dim)`."""
        return memory.values.expand(-1, query.shape[1], -1), None


def build_attention(
    kind: AttentionKind,
    query_dim: int,
    memory_dim: int,
    size: int | None,
    heads: int = 1,
    *,
    coverage: bool = False,
    sentence_dim: int | None = None,
) -> Attention:
    """The attention of this kind between queries of `query_dim` and memories of `memory_dim`; `size` defaults to `query_dim`, and `heads`,
    of multi_head, divide it. With `coverage` it reads where it has been looked before. With `sentence_dim`, the size of a sentence's
    vector, it looks at sentences as well: in the same way, if it can."""
    inner = size or query_dim
    cover = _cover(kind, query_dim, inner, heads) if coverage else None
    makers: dict[AttentionKind, Callable[[], Attention]] = {
        "none": lambda: NoAttention(memory_dim),
        "dot": lambda: DotAttention(memory_dim, cover),
        "general": lambda: GeneralAttention(query_dim, memory_dim, cover),
        "scaled_dot": lambda: ScaledDotAttention(query_dim, memory_dim, inner, cover),
        "additive": lambda: AdditiveAttention(query_dim, memory_dim, inner, cover),
        "multi_head": lambda: MultiHeadAttention(query_dim, memory_dim, inner, heads, cover),
    }
    built = makers[kind]()
    if sentence_dim is not None:
        built.sentences = build_attention(_OVER_SENTENCES.get(kind, kind), query_dim, sentence_dim, size)
    return built


def _cover(kind: AttentionKind, query_dim: int, inner: int, heads: int) -> nn.Linear:
    """What coverage says; at first, nothing."""
    layer = nn.Linear(1, inner, bias=False) if kind == "additive" else nn.Linear(query_dim, heads, bias=False)
    nn.init.zeros_(layer.weight)
    return layer
