"""How to search, and what is asked of single sentences."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from seqtool.decoding.rules import LengthLimit
from seqtool.decoding.stepper import BOS, EOS, PAD, Bools, Ints
from seqtool.decoding.words import WordTable

Tokens = Sequence[int]


@dataclass(frozen=True)
class Scoring:
    """The score of a finished hypothesis: its log-probability divided by tokens ** `length_penalty`, plus `coverage_penalty` times the sum
    over source tokens, the eos among them, of log(min(attention received, 1)). The second lowers outputs that left some of it unread
    (Wu et al. 2016, equation 14); a model without attention has none. Live hypotheses compete by their log-probabilities alone."""

    length_penalty: float = 1.0
    coverage_penalty: float = 0.0


@dataclass(frozen=True)
class Diversity:
    """The beam in `groups` of equal size. A token costs a group `strength` nats for every time an earlier group took it at the same step
    (Vijayakumar et al. 2016, Hamming diversity). It costs in the choice only: scores stay the model's own."""

    groups: int = 1
    strength: float = 0.0

    def __post_init__(self) -> None:
        if not math.isfinite(self.strength):
            raise ValueError(f"a strength of {self.strength}: nothing can be compared with it")


@dataclass(frozen=True)
class Sampling:
    """Tokens are drawn: probabilities are taken to the power 1 / `temperature`, the best `top_k` stay (0: all), and of these the fewest
    that together have at least `top_p` of the probability. `seed` and the number of a sentence decide every draw."""

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    seed: int = 1

    def __post_init__(self) -> None:
        _check(self.temperature > 0, f"temperature is {self.temperature}; it must be above 0")
        _check(self.top_k >= 0, f"top_k is {self.top_k}; it must be at least 1, or 0 for the whole vocabulary")
        _check(0 < self.top_p <= 1, f"top_p is {self.top_p}; it must be above 0 and at most 1")


@dataclass(frozen=True)
class SearchPlan:
    """How to search. A beam narrower than `n_best` is widened to it. `no_repeat_ngram_size` n allows no n tokens in a row twice in one
    output (0: anything). With `keep_attention` hypotheses say where the model looked. With `give_up_loops` greedy search ends a
    hypothesis that runs in circles (`has_loop`): it will be searched again. Where it is not `scored` greedy search leaves log-probabilities
    and scores out: they are not a number."""

    beam_size: int = 5
    n_best: int = 1
    scoring: Scoring = Scoring()
    limit: LengthLimit = field(default_factory=LengthLimit)
    no_repeat_ngram_size: int = 0
    diversity: Diversity = Diversity()
    sampling: Sampling | None = None
    keep_attention: bool = False
    give_up_loops: bool = False
    scored: bool = True

    def __post_init__(self) -> None:
        _check(self.beam_size >= 1 and self.n_best >= 1, "beam_size and n_best must be at least 1")
        groups = self.diversity.groups
        _check(groups >= 1, f"diversity groups are {groups}; there must be at least 1")
        _check(self.width % groups == 0, f"a beam of {self.width} cannot be divided into {groups} groups of equal size")
        _check(groups == 1 or self.sampling is None, "sampling has no beam to divide into groups; use one or the other")

    @property
    def width(self) -> int:
        """Hypotheses kept of a sentence."""
        return max(self.beam_size, self.n_best)

    @property
    def rows(self) -> int:
        """Hypotheses of a sentence that grow at the same time."""
        return self.n_best if self.sampling is not None else self.width

    @property
    def looks(self) -> bool:
        """Whether anything reads the attention."""
        return self.keep_attention or self.scoring.coverage_penalty != 0


@dataclass(frozen=True)
class Requests:
    """What is asked of the B sentences of a batch, one entry a sentence; None asks nothing.

    `prefixes` are the tokens an output starts with. `phrases` are token sequences it must contain, each as often as it is listed and
    without sharing tokens; `inside` `(V,)` are the tokens that go on with the word before them, which a phrase may not be followed by, or
    it is none. `words` says what tokens do to words, which limits on words need, and `own` `(B, O)` which of the tokens that a source has
    for itself, behind the vocabulary, go on with the word before them. `never` are tokens that are never said, beside those that no model
    says. `numbers` `(B,)` tell sentences apart when sampling, wherever in whichever batch they are (line numbers); without them it is
    their place in the batch.
    """

    prefixes: Sequence[Tokens] | None = None
    phrases: Sequence[Sequence[Tokens]] | None = None
    numbers: Ints | None = None
    inside: Bools | None = None
    words: WordTable | None = None
    never: tuple[int, ...] = ()
    own: Bools | None = None

    def of(self, sentences: Ints) -> Requests:
        """What is asked of these sentences `(B',)` of the batch."""
        chosen = sentences.tolist()
        prefixes = None if self.prefixes is None else [self.prefixes[one] for one in chosen]
        phrases = None if self.phrases is None else [self.phrases[one] for one in chosen]
        numbers = sentences if self.numbers is None else self.numbers[sentences]
        own = None if self.own is None else self.own[sentences]
        return Requests(prefixes, phrases, numbers, self.inside, self.words, self.never, own)

    def checked(self, count: int) -> Requests:
        """The same. Raises `ValueError` unless there is one entry for each of `count` sentences, and all can be said."""
        given = {"prefixes": self.prefixes, "phrases": self.phrases, "numbers": self.numbers, "own": self.own}
        for name, entries in given.items():
            _check(
                entries is None or len(entries) == count, f"{name} must have one entry for each of {count} sentences"
            )
        phrases = [phrase for each in self.phrases or () for phrase in each]
        _check(all(len(phrase) for phrase in phrases), "a phrase without tokens cannot be asked for")
        for tokens in (*(self.prefixes or ()), *phrases):
            _check(not {PAD, BOS, EOS} & set(tokens), f"pad, bos and eos cannot be asked for: {list(tokens)}")
        return self

    @property
    def phrase_tokens(self) -> list[int] | None:
        """How many tokens the phrases of each sentence have together, None without phrases."""
        if self.phrases is None:
            return None
        return [sum(map(len, each)) for each in self.phrases]

    @property
    def has_phrases(self) -> bool:
        """Whether any sentence must contain something."""
        return any(self.phrases or ())


def _check(fine: bool, message: str) -> None:
    if not fine:
        raise ValueError(message)
