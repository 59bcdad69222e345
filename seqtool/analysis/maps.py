"""Where a model looks for each token of an output, and what that token depends on: for its own outputs and for any other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from seqtool.decoding.stepper import Floats, Floats32
from seqtool.model_dir import open_model_dir
from seqtool.pair_scores import Pair
from seqtool.text.alignment import Link, word_links
from seqtool.translator import Translator

if TYPE_CHECKING:
    from seqtool.models.seq2seq import Seq2Seq


@dataclass(frozen=True)
class PairMap:
    """A source and an output in pieces, the eos of each with them; what the model says of each output token, in nats; `attention`, None
    where the model has none, and `saliency` (see `runtime.saliency`), both `(len(tgt), len(src))`. The first `lead` source pieces are none
    of its text."""

    src: tuple[str, ...]
    tgt: tuple[str, ...]
    text: str
    log_probs: tuple[float, ...]
    attention: Floats32 | None
    saliency: Floats
    lead: int = 0

    @property
    def links(self) -> list[Link] | None:
        """The word alignment that the attention makes, as `translate --details` has it; None without attention."""
        if self.attention is None:
            return None
        return word_links(self.src[self.lead : -1], self.tgt[:-1], self.attention[:, self.lead :])


@dataclass(frozen=True)
class Mapper:
    """A model that is opened to be looked into. It runs in torch: gradients are asked for."""

    translator: Translator
    network: Seq2Seq

    @classmethod
    def open(cls, path: Path, *, threads: int | None = None) -> Mapper:
        """Opens a model or run directory. Raises `ModelError`."""
        from seqtool.runtime.pointing import pointing
        from seqtool.runtime.torch_stepper import TorchStepper
        from seqtool.runtime.torch_weights import load_network

        opened = open_model_dir(path)
        network = load_network(opened, threads=threads)
        size = opened.tokenizers.tgt.vocab_size
        stepper = pointing(TorchStepper(network), size, points=opened.config.model.pointer)
        return cls(Translator.of(stepper, opened.tokenizers, opened.config), network)

    def of_output(self, line: str, rank: int = 0) -> list[PairMap]:
        """The maps of a line's parts (one, unless it is too long for the model) and what the model makes of them: the best hypothesis, or
        that of another `rank` from 0; none for a blank line."""
        return [self._map(pair) for pair in self.translator.pairs(line, rank)]

    def of_pair(self, src: str, tgt: str) -> PairMap:
        """The map of a given output. Raises `DataError` for a pair that goes beyond the positions the model learnt."""
        return self._map(self.translator.scorer.pairs([src], [tgt])[0])

    def _map(self, pair: Pair) -> PairMap:
        from seqtool.runtime.saliency import saliency

        found = self.translator.scorer.looked(pair)
        src, tgt = pair.pieces()
        return PairMap(
            tuple(src),
            tuple(tgt),
            pair.speaker.decode(pair.tgt),
            tuple(found.log_probs[0].tolist()),
            None if found.attention is None else found.attention[0],
            saliency(self.network, pair.src, pair.tgt),
            self.translator.scorer.lead,
        )
