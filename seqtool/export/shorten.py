"""A step whose last product is over few target tokens, which are chosen for each batch."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper

from seqtool.export.head import add_head
from seqtool.export.lexicon import learn_lexicon
from seqtool.runtime.onnx_session import open_session
from seqtool.runtime.onnx_stepper import OnnxStepper
from seqtool.runtime.shortlist import Shortlist
from seqtool.text.tokenizer import Tokenizers

# Pairs that a shortlist is learnt from, the most tokens of a side, and the most links of all pairs, which are held in memory (2 GB).
MAX_PAIRS, MAX_TOKENS, MAX_LINKS = 50_000, 60, 1 << 24


class Short(NamedTuple):
    """`pick`: `tokens` `(V',)` -> the generator's weights of these tokens, under the names that `step` takes them by. `step`: as any step,
    with those weights and `short.mask` `(B, V')`, which is added to the logits of a sentence's rows: 0, or -inf for what is not its own.
    Candidates are places among the chosen tokens."""

    pick: onnx.ModelProto
    step: onnx.ModelProto


# Of each kind of product: the inputs that belong to tokens, the axis of tokens in each, and its type in `pick`.
_PARTS = {
    "Gemm": {1: ("short.weight", 0, TensorProto.FLOAT), 2: ("short.bias", 0, TensorProto.FLOAT)},
    "MatMulIntegerToFloat": {
        1: ("short.weight", 1, TensorProto.INT8),
        3: ("short.scale", 0, TensorProto.FLOAT),
        5: ("short.zero", 0, TensorProto.INT8),
        6: ("short.bias", 0, TensorProto.FLOAT),
    },
}


def shorten(step: onnx.ModelProto) -> Short:
    """From a step's graph without a head, in fp32 or int8."""
    new = onnx.ModelProto()
    new.CopyFrom(step)
    generator = next(node for node in new.graph.node if node.output[0] == "logits")
    weights = {one.name: one for one in new.graph.initializer}
    pick_nodes, pick_weights, outputs = [], [], []
    for place, (name, axis, kind) in _PARTS[generator.op_type].items():
        if place >= len(generator.input):  # a bias of zeros is left out of the graph
            continue
        old = weights[generator.input[place]]
        pick_weights.append(old)
        pick_nodes.append(helper.make_node("Gather", [old.name, "tokens"], [name], axis=axis))
        shape = ["chosen" if number == axis else size for number, size in enumerate(old.dims)]
        outputs.append(helper.make_tensor_value_info(name, kind, shape))
        generator.input[place] = name
    generator.output[0] = "short.logits"
    _mask(new)
    new.graph.input.extend(outputs)
    _drop(new.graph, {one.name for one in pick_weights})
    add_head(new, None)
    tokens = helper.make_tensor_value_info("tokens", TensorProto.INT64, ["chosen"])
    graph = helper.make_graph(pick_nodes, "pick", [tokens], outputs, pick_weights)
    return Short(
        helper.make_model(graph, opset_imports=list(step.opset_import), ir_version=step.ir_version),
        new,
    )


def _mask(model: onnx.ModelProto) -> None:
    """`logits` = `short.logits` + the mask of each row's sentence."""
    graph = model.graph
    graph.initializer.extend(
        helper.make_tensor(name, TensorProto.INT64, [len(values)], values)
        for name, values in (("short.any", [-1]), ("short.axis", [1]))
    )
    nodes: list[NodeProto] = [
        helper.make_node("Shape", ["tokens"], ["short.rows"]),
        helper.make_node("Shape", ["short.mask"], ["short.size"], start=1),
        helper.make_node("Concat", ["short.rows", "short.size"], ["short.shape"], axis=0),
        helper.make_node("Reshape", ["short.logits", "short.shape"], ["short.grouped"]),  # (B, K, V')
        helper.make_node("Unsqueeze", ["short.mask", "short.axis"], ["short.each"]),
        helper.make_node("Add", ["short.grouped", "short.each"], ["short.masked"]),
        helper.make_node("Concat", ["short.any", "short.size"], ["short.flat"], axis=0),
        helper.make_node("Reshape", ["short.masked", "short.flat"], ["logits"]),
    ]
    graph.node.extend(nodes)
    graph.input.append(helper.make_tensor_value_info("short.mask", TensorProto.FLOAT, ["sentences", "chosen"]))
    logits = next(one for one in graph.output if one.name == "logits")
    logits.type.tensor_type.shape.dim[1].ClearField("dim_value")


def _drop(graph: onnx.GraphProto, names: set[str]) -> None:
    """Takes away weights that nothing in the graph uses any more."""
    used = {name for node in graph.node for name in node.input}
    kept = [one for one in graph.initializer if one.name not in names or one.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)


def short_stepper(encoder: onnx.ModelProto, short: Short, table: Shortlist) -> OnnxStepper:
    """Ready to run, with the encoder of the whole graphs."""
    sessions = (
        open_session(one.SerializeToString(), where="the new graphs") for one in (encoder, short.step, short.pick)
    )
    first, step, pick = sessions
    return OnnxStepper(first, step, short=(pick, table))


def learn_shortlist(tokenizers: Tokenizers, pairs: Iterable[tuple[str, str]]) -> Shortlist:
    """From training text, of which the first pairs are enough."""
    some = list(islice(pairs, MAX_PAIRS))
    rows = [
        [np.array(ids[:MAX_TOKENS], np.int64) for ids in tokenizer.encode_batch([pair[side] for pair in some])]
        for side, tokenizer in enumerate((tokenizers.src, tokenizers.tgt))
    ]
    links = np.cumsum([len(one) * len(other) for one, other in zip(*rows, strict=True)])
    enough = max(1, int(np.searchsorted(links, MAX_LINKS, side="right")))
    rows = [side[:enough] for side in rows]
    sizes = {"src_vocab": tokenizers.src.vocab_size, "tgt_vocab": tokenizers.tgt.vocab_size}
    lexicon = learn_lexicon(rows[0], rows[1], **sizes)
    return Shortlist(lexicon.always, lexicon.likely, sizes["tgt_vocab"])
