"""A few target tokens for each sentence: those that its source tokens may become (Jean et al. 2015, section 3.3).

The last product is computed for the tokens of all sentences of a batch together, and each sentence chooses among its own, so that what it
says does not depend on the others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from seqtool.decoding.stepper import Bools, Floats32, Ints
from seqtool.errors import ModelError

Array = NDArray[Any]


# Graphs look for the best tokens in groups of so many neighbours.
SHORT_WIDTH = 16


@dataclass(frozen=True)
class Chosen:
    """The target tokens `(V',)` of a batch in ascending order, the last repeated until they are two groups or more of `SHORT_WIDTH`, the
    generator's weights for them by name, and 0 or -inf for what each sentence may say: `mask` `(B, V')`."""

    tokens: Ints
    weights: dict[str, Array]
    mask: Floats32

    @property
    def feed(self) -> dict[str, Array]:
        """What a step's graph takes."""
        return {**self.weights, "short.mask": self.mask}

    def select(self, sentences: Ints, moved: Ints) -> Chosen:
        """For these sentences `(B',)`, in the memory of the old ones; the tokens stay. See `closed_up`."""
        return replace(self, mask=closed_up(self.mask, sentences, moved))

    def places(self, tokens: Ints) -> tuple[Ints, Bools]:
        """Where tokens are among the chosen, and which of them are there at all; both of the shape of `tokens`."""
        places = np.minimum(np.searchsorted(self.tokens, tokens), len(self.tokens) - 1)
        return places, self.tokens[places] == tokens


def closed_up(part: Array, sentences: Ints, moved: Ints) -> Array:
    """`part` `(B, ...)` at these sentences `(B',)`, each once, without another copy: those in the places `moved` come from elsewhere."""
    if len(moved):
        part[moved] = part[sentences[moved]]
    return part[: len(sentences)]


class Shortlist:
    """Target tokens `always` `(F,)` and `likely` `(V_src, N)`, -1 for none; there are `vocab_size` in all."""

    def __init__(self, always: Ints, likely: Ints, vocab_size: int) -> None:
        self._always, self._likely, self._size = always, likely, vocab_size

    def to_bytes(self) -> bytes:
        """For a file that `read` takes."""
        return save({"always": self._always, "likely": self._likely, "vocab_size": np.array([self._size])})

    @classmethod
    def read(cls, data: bytes, *, where: str) -> Shortlist:
        """Raises `ModelError` naming `where` for bytes that are no shortlist."""
        try:
            parts = load(data)
            always, likely, size = (parts[name].astype(np.int64) for name in ("always", "likely", "vocab_size"))
            fits = always.ndim == 1 and likely.ndim == 2 and size.shape == (1,)
            largest = max(int(one.max(initial=0)) for one in (always, likely))
            if not fits or largest >= int(size[0]) or min(int(always.min()), int(likely.min()) + 1) < 0:
                raise ValueError("tokens outside the vocabulary")
        except (SafetensorError, KeyError, ValueError, TypeError, OverflowError) as error:
            hint = "write it again: seqtool export --shortlist"
            raise ModelError("model.corrupt", f"{where} is no shortlist: {error}", hint) from error
        return cls(always, likely, int(size[0]))

    def fits(self, src_vocab: int, tgt_vocab: int) -> bool:
        """Whether it is one for vocabularies of these sizes."""
        return (len(self._likely), self._size) == (src_vocab, tgt_vocab)

    def choose(self, src_ids: Ints, src_lengths: Ints) -> tuple[Ints, Floats32]:
        """The tokens and the mask of `Chosen` for these sentences."""
        allowed = self.allowed(src_ids, src_lengths)
        tokens = np.flatnonzero(allowed.any(axis=0))
        missing = max(-len(tokens) % SHORT_WIDTH, 2 * SHORT_WIDTH - len(tokens))
        mask = np.where(allowed[:, tokens], np.float32(0), np.float32(-np.inf))
        mask = np.pad(mask, ((0, 0), (0, missing)), constant_values=-np.inf)
        return np.pad(tokens, (0, missing), mode="edge"), mask

    def allowed(self, src_ids: Ints, src_lengths: Ints) -> Bools:
        """What each sentence of `src_ids` `(B, S)` may say: `(B, V)`; `src_lengths` `(B,)` count real ids."""
        allowed = np.zeros((len(src_ids), self._size + 1), np.bool_)  # the last column takes the -1
        real = np.arange(src_ids.shape[1]) < src_lengths[:, None]
        likely = np.where(real[..., None], self._likely[src_ids], -1)  # (B, S, N)
        allowed[np.arange(len(src_ids))[:, None], likely.reshape(len(src_ids), -1)] = True
        allowed[:, self._always] = True
        return allowed[:, :-1]
