"""Lengths in tokens and what training will drop: of all pairs where that is quick, else of a sample of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import numpy as np

from seqtool.errors import DataError
from seqtool.health.finding import SIDES, Finding, Level, rate
from seqtool.health.lengths import Lengths, measured
from seqtool.recipe.by_size import filled
from seqtool.recipe.rules import corpus_limits, learnt_data
from seqtool.recipe.schema import Recipe
from seqtool.text.corpus import Corpus, Ledger
from seqtool.text.given_tokenizer import given_tokenizers
from seqtool.text.length_tokens import PIECES
from seqtool.text.store_writer import PairFilter
from seqtool.text.tokenizer import Tokenizer, Tokenizers, train_tokenizer
from seqtool.text.truncation import Truncation

# So many pairs and characters are tokenized, evenly spread over the corpus.
SAMPLE_PAIRS = 20_000
_SAMPLE_CHARS = 6_000_000
_CHUNK_PAIRS = 1000
# A larger share of dropped pairs is more likely a mistake than a choice.
_MUCH_DROPPED = 0.2

Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Tokens:
    """Lengths in tokens of both sides, and the ledger of what training drops; `exact` where all pairs were read and the tokenizer is the
    very one of training."""

    lengths: list[Lengths]
    ledger: Ledger
    exact: bool


def count_tokens(recipe: Recipe, pairs: int, chars: int) -> Tokens | None:
    """Tokenizes training pairs, of which there are so many, with so many characters, with the recipe's tokenizer: the given one, else one
    that is trained on them here. None where none can be trained on them. Raises `ModelError` for a given one that cannot be used."""
    recipe = filled(recipe, pairs)[0]
    step = max(-(-pairs // SAMPLE_PAIRS), -(-chars // _SAMPLE_CHARS))
    sample = _sample(Corpus(learnt_data(recipe).train, "train"), step)
    whole = len(sample) == pairs
    try:
        tokenizers = _tokenizers(recipe, sample)
    except DataError:  # training would say the same, and says it better there
        return None
    limits = corpus_limits(recipe.task, recipe.data)
    truncation = Truncation(limits.truncate, limits.max_src, tokenizers.src) if limits.truncate_src else None
    keeper = PairFilter(limits, truncation)
    counts: tuple[list[int], list[int]] = ([], [])
    rest = iter(sample)
    while some := list(islice(rest, _CHUNK_PAIRS)):
        src = tokenizers.src.encode_batch([one for one, _ in some])
        tgt = tokenizers.tgt.encode_batch([other for _, other in some])
        for side, rows in zip(counts, (src, tgt), strict=True):
            side.extend(map(len, rows))
        keeper.keep(src, tgt)
    lengths = measured(
        "train", "tokens", {side: np.array(one, np.int64) for side, one in zip(SIDES, counts, strict=True)}
    )
    exact = whole and (recipe.tokenizer.model is not None or recipe.tokenizer.sample_lines >= 2 * pairs)
    return Tokens(lengths, keeper.ledger, exact)


def _sample(corpus: Corpus, step: int) -> Pairs:
    """Every so manieth pair."""
    found: Pairs = []
    with suppress(DataError):  # which is told elsewhere; what was read before is looked at
        for pair in islice(corpus.pairs(), 0, None, step):
            found.append(pair)
    return found


def _tokenizers(recipe: Recipe, sample: Pairs) -> Tokenizers:
    tok = recipe.tokenizer
    if tok.model is not None:
        return given_tokenizers(Path(tok.model))
    settings = tok.model_dump(exclude={"model", "shared"})
    control = PIECES if recipe.data.length_tokens else ()
    seed = recipe.training.seed
    if tok.shared:
        both = Tokenizer(train_tokenizer(chain.from_iterable(sample), seed=seed, control=control, **settings))
        return Tokenizers(both, both, shared=True)
    src = Tokenizer(train_tokenizer((one for one, _ in sample), seed=seed, control=control, **settings))
    tgt = Tokenizer(train_tokenizer((other for _, other in sample), seed=seed, **settings))
    return Tokenizers(src, tgt, shared=False)


def dropped(tokens: Tokens) -> Iterator[Finding]:
    """The ledger as a finding."""
    ledger = tokens.ledger
    about = "" if tokens.exact else "estimated on a sample: "
    message = f"{about}training keeps {rate(ledger.kept, ledger.read)} of the pairs ({ledger.summary()})"
    level: Level = "warning" if ledger.drop_rate > _MUCH_DROPPED else "ok"
    advice = (
        "raise data.max_src_tokens, data.max_tgt_tokens or data.max_length_ratio, unless that is meant"
        if level != "ok"
        else ""
    )
    numbers = {"read": ledger.read, "kept": ledger.kept, "cut": ledger.cut, **ledger.dropped}
    yield Finding("data.ledger", level, "train", message, advice, {**numbers, "exact": int(tokens.exact)})
