"""Defaults that follow the size of the training corpus.

A small corpus wants a small vocabulary, whose pieces are all seen often, a narrow network, small batches and much dropout (Sennrich and
Zhang 2019, who gain most from the first three); a large one can fill more, and needs fewer epochs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from seqtool.recipe.resolve import RECURRENT, resolved_model
from seqtool.recipe.rules import problems
from seqtool.recipe.schema import Recipe


@dataclass(frozen=True)
class Suggestion:
    """A value for a dotted key of the recipe, and why."""

    key: str
    value: int | float
    reason: str


class _Size(NamedTuple):
    """What suits corpora of fewer than `below` pairs; `hidden` is that of a recurrent encoder, of one direction; other layers, which have
    one width for both, and the decoder have twice that."""

    below: float
    vocab: int
    embedding: int
    hidden: int
    dropout: float
    batch_tokens: int
    epochs: int


_SIZES = (
    _Size(25_000, 2_000, 128, 128, 0.3, 1024, 50),
    _Size(75_000, 5_000, 256, 192, 0.2, 2048, 30),
    _Size(300_000, 8_000, 256, 256, 0.2, 4096, 20),
    _Size(1_000_000, 16_000, 384, 384, 0.1, 8192, 12),
    _Size(float("inf"), 32_000, 512, 512, 0.1, 8192, 6),
)
LIMITS = tuple(size.below for size in _SIZES)  # pairs, above the last of which nothing changes any more
# Documents beside sentences: how many sentences one is worth, as text to learn pieces from, and its tokens with padding.
_SENTENCES = {"translation": 1, "summarization": 4}
_TOKENS = {"translation": 25, "summarization": 150}

# What `batch_tokens: auto` aims at: so many batches an epoch, for a small corpus has little but its passes, and the sizes within which it
# stays.
BATCHES, LEAST_TOKENS, MOST_TOKENS = 200, 512, 16_384

_WIDTHS = ("model.embedding", "model.encoder.hidden", "model.decoder.hidden")


def suggested(
    pairs: int, task: str, training: Mapping[str, Any] = MappingProxyType({}), encoder: str = RECURRENT[0]
) -> list[Suggestion]:
    """Values for so many training pairs of a task; `training` are the keys of that section which the recipe sets, and `encoder` is the kind
    of its layers."""
    size, text = _size(pairs), _size(pairs * _SENTENCES[task])
    shown = f"{pairs:,} pairs"
    # a few documents fill a batch that would hold many sentences
    batch_tokens = size.batch_tokens * (2 if task == "summarization" else 1)
    updates = _updates(pairs * _TOKENS[task], training.get("batch_tokens", batch_tokens), training.get("accumulate", 1))
    every = min(2000, max(100, round(updates / 100) * 100))
    width, less = f"{shown}: a width they can fill", f"{shown}: less data, more dropout"
    look = f"{shown}: about once an epoch, every 100 to 2,000 steps"
    return [
        Suggestion("tokenizer.vocab_size", text.vocab, f"{shown}: pieces that are all seen often"),
        Suggestion("model.embedding", size.embedding, width),
        Suggestion("model.encoder.hidden", size.hidden * (1 if encoder in RECURRENT else 2), width),
        Suggestion("model.decoder.hidden", 2 * size.hidden, width),
        *(Suggestion(f"model.dropout.{where}", size.dropout, less) for where in ("embedding", "layer", "output")),
        Suggestion("training.batch_tokens", batch_tokens, f"{shown}: less data, smaller batches"),
        Suggestion("training.max_epochs", size.epochs, f"{shown}: less data, more epochs; patience ends them earlier"),
        Suggestion("training.validate_every", every, look),
        Suggestion("training.checkpoint_every", every, look),
    ]


def _updates(tokens: int, batch_tokens: int | str, accumulate: int) -> float:
    """Updates of an epoch; `auto` chooses batches so that there are 200 of them, where that is within its limits."""
    if isinstance(batch_tokens, str):
        batch_tokens = min(MOST_TOKENS, max(LEAST_TOKENS, tokens // BATCHES))
    return tokens / batch_tokens / accumulate


def followers() -> set[str]:
    """The dotted keys whose defaults follow the corpus."""
    return {each.key for task in _TOKENS for each in suggested(1, task)}


def filled(
    recipe: Recipe, pairs: int, recorded: Mapping[str, Any] = MappingProxyType({})
) -> tuple[Recipe, dict[str, str]]:
    """The recipe with these values for keys it does not set, its model resolved, and why by dotted key; of keys that are `recorded` of a
    run that goes on, with the values there.

    With a preset the model's keys are the preset's. A vocabulary that is taken from elsewhere, or that words or characters make by
    themselves, has its own size. Widths are left alone where they would not go with a key that is set.
    """
    given = recipe.model_dump(exclude_unset=True)
    taken = [
        each if recorded.get(each.key) is None else Suggestion(each.key, recorded[each.key], "as the run was begun")
        for each in suggested(pairs, recipe.task, given.get("training", {}), recipe.model.encoder.kind)
        if _is_open(recipe, given, each.key)
    ]
    found = _with(given, taken)
    if problems(found):
        taken = [each for each in taken if each.key not in _WIDTHS]
        found = _with(given, taken)
    found = found.model_copy(update={"model": resolved_model(found.model)})
    return found, {each.key: each.reason for each in taken}


def _size(pairs: int) -> _Size:
    return next(size for size in _SIZES if pairs < size.below)


def _is_open(recipe: Recipe, given: dict[str, Any], key: str) -> bool:
    """Whether a key may be filled."""
    if key.startswith("model.") and "preset" in recipe.model.model_fields_set:
        return False
    tokenizer = recipe.tokenizer
    if key == "tokenizer.vocab_size" and (tokenizer.model is not None or tokenizer.kind in ("char", "word")):
        return False
    return key not in set(_keys(given, ""))


def _keys(values: dict[str, Any], prefix: str) -> Iterator[str]:
    for name, value in values.items():
        yield f"{prefix}{name}"
        if isinstance(value, dict):
            yield from _keys(value, f"{prefix}{name}.")


def _with(given: dict[str, Any], taken: list[Suggestion]) -> Recipe:
    """The recipe of these values."""
    values = given
    for each in taken:
        values = _set(values, each.key.split("."), each.value)
    return Recipe.model_validate(values)


def _set(values: dict[str, Any], path: list[str], value: int | float) -> dict[str, Any]:
    """A copy with one value set."""
    name, *rest = path
    return {**values, name: _set(values.get(name, {}), rest, value) if rest else value}
