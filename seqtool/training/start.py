"""What a model begins with: parts of another model, and vectors of tokens that somebody else has trained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import nn

from seqtool.errors import ModelError
from seqtool.model_dir import ModelDir, open_model_dir
from seqtool.models.seq2seq import Seq2Seq
from seqtool.recipe.training_schema import InitFromSection, Part
from seqtool.runtime.torch_weights import load_network
from seqtool.text.tokenizer import Tokenizer, Tokenizers
from seqtool.text.vectors import read_vectors

PARTS: tuple[Part, ...] = ("embeddings", "encoder", "decoder", "generator")
_OF_TOKENS = ("embeddings", "generator")


def start_from(section: InitFromSection, model: Seq2Seq, tokenizers: Tokenizers, say: Callable[[str], None]) -> None:
    """Puts everything that is asked for into a fresh model, and says what. Raises `ModelError` and `DataError` where something does not
    fit."""
    if section.model is not None:
        parts = tuple(section.parts or PARTS)
        count = _take_parts(open_model_dir(Path(section.model)), parts, model, tokenizers)
        say(f"{', '.join(parts)} from {section.model}: {count:,} parameters")
    named = dict(model.named_parameters(remove_duplicate=False))
    for key, path, room, side in (
        ("src_vectors", section.src_vectors, "encoder", tokenizers.src),
        ("tgt_vectors", section.tgt_vectors, "decoder", tokenizers.tgt),
    ):
        if path is not None:
            weight = next(one for name, one in named.items() if part_of(name) == "embeddings" and name.startswith(room))
            told = f"training.init_from.{key}"
            found = _take_vectors(Path(path), side, weight, told)
            say(f"{told}: {found:,} of {side.vocab_size:,} pieces have vectors in {path}")


def part_of(name: str) -> Part:
    """The part a parameter belongs to, by its name."""
    if ".embedding." in name:
        return "embeddings"
    if name.startswith("pointer."):
        return "generator"  # it says what the generator does not
    return next(part for part in PARTS if name.startswith(part))


def _take_parts(opened: ModelDir, parts: Sequence[Part], model: Seq2Seq, tokenizers: Tokenizers) -> int:
    """Copies the parameters of these parts; returns how many numbers. Names count once for each place they are tied to, so that the two
    models may be tied in different ways."""
    if any(part in _OF_TOKENS for part in parts):
        _check_vocabularies(opened, parts, tokenizers)
    theirs = dict(load_network(opened).named_parameters(remove_duplicate=False))
    taken: set[nn.Parameter] = set()
    for name, parameter in model.named_parameters(remove_duplicate=False):
        if part_of(name) not in parts:
            continue
        other = theirs.get(name)
        if other is None or other.shape != parameter.shape:
            there = "it has no such parameter" if other is None else f"there it is {tuple(other.shape)}"
            raise ModelError(
                "model.mismatch",
                f"training.init_from.model {opened.path}: {name} is {tuple(parameter.shape)} here, and {there}",
                "make the model sections agree, or name the parts that do in training.init_from.parts",
            )
        with torch.no_grad():
            parameter.copy_(other)
        taken.add(parameter)
    return sum(parameter.numel() for parameter in taken)


def _check_vocabularies(opened: ModelDir, parts: Sequence[Part], tokenizers: Tokenizers) -> None:
    sides = ["src", "tgt"] if "embeddings" in parts else ["tgt"]
    for side in sides:
        mine, its = (getattr(both, side).model_bytes for both in (tokenizers, opened.tokenizers))
        if mine != its:
            raise ModelError(
                "model.vocabulary",
                f"training.init_from.model {opened.path} has another {'source' if side == 'src' else 'target'} vocabulary, "
                f"and {' and '.join(part for part in parts if part in _OF_TOKENS)} mean its pieces",
                f"set tokenizer.model: {opened.path}, or training.init_from.parts: [encoder, decoder]",
            )


@torch.no_grad()
def _take_vectors(path: Path, tokenizer: Tokenizer, weight: torch.Tensor, key: str) -> int:
    """Puts vectors into the rows of their pieces, scaled so that they are as long, on average, as what was there: a network begins with
    small ones. Returns how many."""
    pieces = {piece: row for row, piece in enumerate(tokenizer.pieces(range(tokenizer.vocab_size)))}
    rows, vectors = read_vectors(path, pieces, weight.shape[1], key=key)
    index = torch.from_numpy(rows).to(weight.device)
    new = torch.from_numpy(vectors).to(weight.device)
    scale = weight[index].norm(dim=1).mean() / new.norm(dim=1).mean().clamp_min(1e-12)
    weight.index_copy_(0, index, new * scale)
    return len(rows)
