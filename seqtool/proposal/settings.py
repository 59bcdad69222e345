"""What a proposed recipe sets, each with the reason; all else is left to the defaults, which follow the size of the corpus."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from seqtool.proposal.proposal import Proposal
from seqtool.proposal.survey import Survey
from seqtool.proposal.task import Side
from seqtool.recipe.by_size import suggested

# A guard, not a plan: patience ends training before, on two cores. By pairs, in minutes; documents take twice as long.
_MINUTES = ((25_000, 30), (75_000, 60), (300_000, 240), (1_000_000, 720), (float("inf"), 1440))
# Pieces of a small vocabulary, on the safe side.
_CHARS_A_PIECE, _CHARS_A_PIECE_UNSPACED = 2.5, 1.2
_NEARLY_ALL = 0.99
_DEFAULT_LIMIT, _MOST_SRC, _MOST_TGT, _CUT = 100, 500, 300, 400
_COVERAGE = 0.9995
# A summary that takes this share of its words from the document is worth a model that can copy.
_COPIED = 0.4


@dataclass(frozen=True)
class Setting:
    """A value for a dotted key, and why."""

    key: str
    value: Any
    why: str


def settings(made: Proposal) -> list[Setting]:
    """In the order of the recipe's sections."""
    return [*_limits(made), *_tokenizer(made), *_model(made), *_training(made)]


def _limits(made: Proposal) -> list[Setting]:
    """Room for nearly all pairs, where the default limits would drop many."""
    found = []
    src, tgt = (_tokens(made.survey, side, which) for which, side in enumerate(made.sides))
    if made.task == "translation" and src > _DEFAULT_LIMIT:
        found.append(_longest(made, 0, src, _MOST_SRC))
    if tgt > _DEFAULT_LIMIT:
        found.append(_longest(made, 1, tgt, _MOST_SRC if made.task == "translation" else _MOST_TGT))
    if made.task == "summarization" and src > _CUT:
        share = max(0.01, _longer(made, 0, _CUT))
        why = f"in tokens; about {share:.0%} of the documents are longer and are cut; to read more takes longer"
        found.append(Setting("data.max_src_tokens", _CUT, why))
    return found


def _longest(made: Proposal, which: int, tokens: int, most: int) -> Setting:
    """The limit of a side of which 99% of the texts have so many tokens: never above `most`, which batches and memory have to hold."""
    key, texts = (("data.max_src_tokens", "sources"), ("data.max_tgt_tokens", "targets"))[which]
    if tokens <= most:
        why = f"in tokens; 99% of the {texts} have about {tokens} or fewer, and longer ones are left out"
        return Setting(key, tokens, why)
    share = max(0.01, _longer(made, which, most))
    return Setting(
        key, most, f"in tokens; about {share:.0%} of the {texts} are longer and are left out: split them, or raise it"
    )


def _longer(made: Proposal, which: int, tokens: int) -> float:
    """The share of the texts of a side that are about longer than so many tokens."""
    lengths = (made.survey.src_lengths, made.survey.tgt_lengths)[which]
    chars = tokens * _chars_a_piece(made.sides[which])
    return sum(count for length, count in lengths.items() if length > chars) / made.survey.pairs


def _chars_a_piece(side: Side) -> float:
    return _CHARS_A_PIECE if side.spaced else _CHARS_A_PIECE_UNSPACED


def _tokens(survey: Survey, side: Side, which: int) -> int:
    """About how many tokens nearly all texts of a side have at most, rounded up to fifties."""
    length = (survey.src_length, survey.tgt_length)[which](_NEARLY_ALL)
    return 50 * math.ceil(length / _chars_a_piece(side) / 50)


def _tokenizer(made: Proposal) -> list[Setting]:
    """A vocabulary must have room for every character, and for pieces beside them."""
    suggestion = next(each for each in suggested(made.pairs["train"], made.task) if each.key == "tokenizer.vocab_size")
    characters = made.survey.kinds_of_characters(1.0)
    if 2 * characters <= suggestion.value:
        return []
    common = made.survey.kinds_of_characters(_COVERAGE)
    why = f"of {characters:,} different characters {common:,} make up 99.95% of the text; the others become unknown"
    found = [Setting("tokenizer.character_coverage", _COVERAGE, why)]
    if 2 * common > suggestion.value:
        size = 1000 * math.ceil(2 * common / 1000)
        found.append(Setting("tokenizer.vocab_size", size, f"room for {common:,} characters and as many longer pieces"))
    return found


def _model(made: Proposal) -> list[Setting]:
    share = made.comparison.overlap
    if made.task != "summarization" or share < _COPIED:
        return []
    return [
        Setting("model.pointer", True, f"{share:.0%} of the summaries' words stand in their documents: it can copy")
    ]


def _training(made: Proposal) -> list[Setting]:
    pairs = made.pairs["train"]
    minutes = next(minutes for below, minutes in _MINUTES if pairs < below)
    minutes *= 2 if made.task == "summarization" else 1
    found = [Setting("training.seed", made.seed, "as you said")] if made.seed != 1 else []
    why = "the longest it may take; it ends before when validation gets no better"
    found.append(Setting("training.max_minutes", minutes, why))
    if made.task == "summarization":
        found.append(Setting("training.metrics", ["rouge1", "rouge2", "rougeL"], "computed at each validation"))
    elif made.sides[1].spaced:
        found.append(Setting("training.metrics", ["bleu", "chrf"], "computed at each validation"))
    else:
        why = "on characters: there are no spaces for BLEU's words"
        found.append(Setting("training.metrics", ["chrf"], why))
    return found
