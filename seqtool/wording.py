"""Hypotheses as text: those of a line's parts joined, with pieces and word links where details are wanted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from seqtool.decoding.hypothesis import Hypothesis, normalised
from seqtool.decoding.stepper import EOS, Floats32
from seqtool.parts import Part
from seqtool.text.alignment import word_count, word_links, word_offsets
from seqtool.text.lines import clean_output
from seqtool.text.own_tokens import OwnTokens
from seqtool.text.tokenizer import Tokenizer, Tokenizers
from seqtool.translation import Output

NOTHING = Output("", 0.0, 0.0)
# Kana, Han and their punctuation, full-width signs among them.
_UNSPACED = re.compile("[\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff01-\uffef\U00020000-\U0003ffff]")


@dataclass(frozen=True)
class Wording:
    """How hypotheses are put into words. The first `lead` tokens of a source are none of its text."""

    tokenizers: Tokenizers
    length_penalty: float
    details: bool
    lead: int = 0

    def outputs(self, parts: Sequence[tuple[Part, Sequence[Hypothesis]]]) -> tuple[Output, ...]:
        """The outputs of a line from its parts and the hypotheses for each: the best are joined with the best, the second with the second,
        and so on. What is joined has a score of its own, and is sorted by it."""
        if not parts:
            return (NOTHING,)
        sources = [part for part, _ in parts]
        # parts may have fewer hypotheses than asked for; the shortest list decides
        ranks = zip(*(found for _, found in parts), strict=False)
        found = [self._output(sources, together) for together in ranks]
        return tuple(found if len(parts) == 1 else sorted(found, key=lambda one: -one.score))

    def _output(self, sources: Sequence[Part], together: Sequence[Hypothesis]) -> Output:
        speaker = sources[0].own or self.tokenizers.tgt  # the parts of a line share their own tokens
        text = clean_output(joined([speaker.decode(one.tokens) for one in together]))
        log_prob = sum(one.log_prob for one in together)
        score = together[0].score
        if len(together) > 1:
            score = normalised(log_prob, sum(len(one.tokens) + 1 for one in together), self.length_penalty)
            score += sum(one.score - self._by_length(one) for one in together)  # penalties of coverage add up
        if not self.details:
            return Output(text, log_prob, score)
        tokens = [token for one in together for token in named(speaker, one.tokens, one.token_log_probs)]
        attention = self._seen(together[0]) if len(together) == 1 else None
        return Output(text, log_prob, score, tuple(tokens), self._links(sources, together), attention)

    def _by_length(self, one: Hypothesis) -> float:
        """Its score but for what coverage cost it."""
        return normalised(one.log_prob, len(one.tokens) + 1, self.length_penalty)

    def _seen(self, one: Hypothesis) -> Floats32 | None:
        """Where the model looked in the text."""
        return None if one.attention is None else one.attention[:, self.lead :]

    def _links(self, sources: Sequence[Part], together: Sequence[Hypothesis]) -> tuple[tuple[int, int], ...] | None:
        """Which source word each target word comes from; words are counted through all parts."""
        if any(one.attention is None for one in together):
            return None
        reader, speaker = (sources[0].own or one for one in (self.tokenizers.src, self.tokenizers.tgt))
        src_pieces = [reader.pieces(part.ids[self.lead : -1].tolist()) for part in sources]
        links: list[tuple[int, int]] = []
        tgt_words = 0
        for pieces, src_words, one in zip(src_pieces, word_offsets(src_pieces), together, strict=True):
            looked = self._seen(one)
            assert looked is not None
            tgt_pieces = speaker.pieces(one.tokens)
            found = word_links(pieces, tgt_pieces, looked)
            links.extend((src + src_words, tgt + tgt_words) for src, tgt in found)
            tgt_words += word_count(tgt_pieces)
        return tuple(links)


def joined(texts: Sequence[str]) -> str:
    """The texts of a line's parts, with a space between two unless Chinese or Japanese writes none there."""
    line = ""
    for text in texts:
        spaced = line and text and not (_UNSPACED.match(line[-1]) or _UNSPACED.match(text[0]))
        line += f" {text}" if spaced else text
    return line


def named(
    speaker: Tokenizer | OwnTokens, ids: Sequence[int], log_probs: Sequence[float]
) -> tuple[tuple[str, float], ...]:
    """The pieces of an output and its eos, each with its log-probability."""
    return tuple(zip(speaker.pieces([*ids, EOS]), log_probs, strict=True))
