"""A torch model as two ONNX graphs: the encoder, and one step of the decoder.

Both are traced from the modules that train, so that every architecture is exported the same way. What a decoder carries from step to step
is a tree of tensors; its leaves become inputs and outputs named `memory.N` (they belong to the sentences and never change) and `state.N`
(they belong to the rows).
"""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from typing import Any, NamedTuple

import onnx
import torch
from torch import Tensor, nn
from torch.export import Dim
from torch.utils import _pytree as pytree

from seqtool.export.fold import fold_products
from seqtool.export.prune import all_graphs
from seqtool.export.recurrent_nodes import translations
from seqtool.models.encoders.chunks import ChunkedEncoder
from seqtool.models.seq2seq import Seq2Seq

# Sizes of the example that is traced: all different, so that no two dimensions are taken for one. None is 0 or 1, which a graph would
# keep for ever; so of an encoder that reads in chunks the source has several.
_SENTENCES, _BEAM, _LENGTH, _STEPS, _CHUNKS = 3, 2, 7, 5, 4


class Graphs(NamedTuple):
    """`encoder`: `src_ids` `(B, S)`, `src_lengths` `(B,)` -> leaves. `step`: `tokens` `(B, K)`, `rows` `(B x K,)`, leaves -> `logits`
    `(B x K, V)`, `attention` `(B x K, S)` where the model has it, `log_odds` `(B x K,)` where it has a pointer, and `new.N` for each
    `state.N`; the old state is read at `rows` first."""

    encoder: onnx.ModelProto
    step: onnx.ModelProto


class _Start(nn.Module):
    """The encoder with everything that is computed once a sentence."""

    def __init__(self, model: Seq2Seq) -> None:
        super().__init__()
        self.model = model

    def forward(self, src_ids: Tensor, src_lengths: Tensor) -> tuple[Tensor, ...]:
        mask = torch.arange(src_ids.shape[1], device=src_ids.device) < src_lengths.unsqueeze(1)
        return tuple(_leaves(self.model.start(src_ids, mask)))


class _Step(nn.Module):
    """One step of the decoder on the leaves of its state."""

    def __init__(self, model: Seq2Seq, state: Any) -> None:
        super().__init__()
        self.model = model
        values, self.spec = pytree.tree_flatten(state)
        order = {id(leaf): number for number, leaf in enumerate(_leaves(state))}
        self.places = [None if value is None else order[id(value)] for value in values]

    def forward(self, tokens: Tensor, rows: Tensor, leaves: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        values = [None if place is None else leaves[place] for place in self.places]
        state = pytree.tree_unflatten(values, self.spec)
        said, new = self.model.say(tokens.flatten(), state.select(rows, None))
        own = {id(leaf) for leaf in leaves}
        changed = [leaf for leaf in _leaves(new) if id(leaf) not in own]
        return (*(one for one in said if one is not None), *changed)


def trace(model: Seq2Seq) -> Graphs:
    """The graphs of a model on the CPU, in fp32, without dropout."""
    model = Seq2Seq(model.encoder, model.decoder, model.generator.whole(), model.pointer).eval()
    chunks = [part.size for part in model.modules() if isinstance(part, ChunkedEncoder)]
    length = max([_LENGTH, *((_CHUNKS - 1) * size + 1 for size in chunks)])
    src_ids = torch.full((_SENTENCES, length), 4)
    lengths = torch.arange(length, length - _SENTENCES, -1)
    tokens, rows = torch.full((_SENTENCES, _BEAM), 4), torch.arange(_SENTENCES).repeat_interleave(_BEAM)
    with torch.no_grad(), _quiet():
        first = model.start(src_ids, torch.arange(length) < lengths.unsqueeze(1))
        names, sizes = _names(model, first), _sizes(model)
        start = _program(_Start(model), (src_ids, lengths), ({0: Dim.DYNAMIC, 1: Dim.DYNAMIC}, {0: Dim.DYNAMIC}))
        said, _ = model.say(tokens.flatten(), first.select(rows, None))
        # what the graph itself makes of the example: an exported module may carry something else than the one that trains
        made = zip(names, start.module()(src_ids, lengths), sizes, strict=True)
        leaves = tuple(
            leaf if name.startswith("memory") else _grown(leaf.index_select(0, rows), size) for name, leaf, size in made
        )
        example = (tokens, torch.arange(_SENTENCES * _BEAM), leaves)
        dynamic = tuple(dict.fromkeys(size.varying, Dim.DYNAMIC) for size in sizes)
        shapes = ({0: Dim.DYNAMIC, 1: Dim.DYNAMIC}, {0: Dim.DYNAMIC}, dynamic)
        step = _program(_Step(model, first), example, shapes)
        encoder, stepped = _graph(start), _graph(step)
    told = [name for name, one in said._asdict().items() if one is not None]
    results = [*told, *(_new(name) for name in names if name.startswith("state"))]
    _rename(encoder.graph, ["src_ids", "src_lengths"], names)
    _rename(stepped.graph, ["tokens", "rows", *names], results)
    for graph in (encoder, stepped):
        fold_products(graph)
    return Graphs(encoder, stepped)


def _names(model: Seq2Seq, state: Any) -> list[str]:
    """Names of the leaves of a state: those that a step hands on untouched belong to the sentences."""
    leaves = _leaves(state)
    _, _, after = model.step(torch.full((_SENTENCES,), 4), state)
    kept = [one is other for one, other in zip(leaves, _leaves(after), strict=True)]
    return [f"{'memory' if same else 'state'}.{number}" for number, same in enumerate(kept)]


def _new(name: str) -> str:
    return name.replace("state", "new")


def _leaves(state: Any) -> list[Tensor]:
    """The tensors of a state, each once, however often it is used."""
    found = {id(leaf): leaf for leaf in pytree.tree_leaves(state) if leaf is not None}
    return list(found.values())


class _Size(NamedTuple):
    """The dimensions of a leaf that are not fixed: all of them, and those that grow with every step."""

    varying: tuple[int, ...]
    growing: tuple[int, ...]


def _sizes(model: Seq2Seq) -> list[_Size]:
    """Found by trying: sentences, source and steps one more."""
    base, longer, larger = (_shapes(model, *sizes) for sizes in ((2, 2, 1), (2, 2, 2), (3, 3, 2)))
    return [
        _Size(_differing(one, third), _differing(one, other))
        for one, other, third in zip(base, longer, larger, strict=True)
    ]


def _shapes(model: Seq2Seq, sentences: int, length: int, steps: int) -> list[torch.Size]:
    src_ids = torch.full((sentences, length), 4)
    state = model.start(src_ids, torch.ones_like(src_ids, dtype=torch.bool))
    for _ in range(steps):
        _, _, state = model.step(src_ids[:, 0], state)
    return [leaf.shape for leaf in _leaves(state)]


def _differing(one: Sequence[int], other: Sequence[int]) -> tuple[int, ...]:
    return tuple(place for place, (size, wanted) in enumerate(zip(one, other, strict=True)) if size != wanted)


def _grown(leaf: Tensor, size: _Size) -> Tensor:
    """A leaf as it is after some steps; its numbers do not matter."""
    if not size.growing:
        return leaf
    shape = [_STEPS if place in size.growing else wide for place, wide in enumerate(leaf.shape)]
    return leaf.new_zeros(shape)


def _program(module: nn.Module, example: tuple[Any, ...], shapes: tuple[Any, ...]) -> torch.export.ExportedProgram:
    return torch.export.export(module.eval(), example, dynamic_shapes=shapes, strict=False)


def _graph(program: torch.export.ExportedProgram) -> onnx.ModelProto:
    exported = torch.onnx.export(
        program, dynamo=True, optimize=True, verbose=False, custom_translation_table=translations()
    )
    assert exported is not None  # only an export straight to a file returns nothing
    model = exported.model_proto
    _forget_places(model)
    return model


def _forget_places(model: onnx.ModelProto) -> None:
    """Takes away where, in whose folders, the code of each node stands."""
    del model.metadata_props[:]
    for part in (*all_graphs(model.graph), *model.functions):
        for one in (part, *part.node, *part.value_info):
            del one.metadata_props[:]
            one.doc_string = ""
    for graph in all_graphs(model.graph):
        for value in (*graph.input, *graph.output, *graph.initializer):
            del value.metadata_props[:]
            value.doc_string = ""


@contextmanager
def _quiet() -> Iterator[None]:
    """The exporter talks to standard output, logs what it does not optimize, and warns of its own future."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _rename(graph: onnx.GraphProto, inputs: Sequence[str], outputs: Sequence[str]) -> None:
    """Gives inputs and outputs these names, in their order."""
    assert (len(graph.input), len(graph.output)) == (len(inputs), len(outputs))
    new = {
        value.name: name
        for values, names in ((graph.input, inputs), (graph.output, outputs))
        for value, name in zip(values, names, strict=True)
    }
    for node in graph.node:
        for names in (node.input, node.output):
            names[:] = [new.get(name, name) for name in names]
    for value in (*graph.input, *graph.output, *graph.value_info):
        value.name = new.get(value.name, value.name)
