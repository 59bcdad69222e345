"""A model directory's graphs: traced, given a head, rounded, and checked against the torch model on sample lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import onnx

from seqtool.errors import DataError, ModelError
from seqtool.export.calibrate import watched
from seqtool.export.graphs import stepper_of, with_head
from seqtool.export.quantize import quantize
from seqtool.export.shorten import learn_shortlist, short_stepper, shorten
from seqtool.export.trace import Graphs, trace
from seqtool.facts.card import refresh_card
from seqtool.facts.record import CHECK
from seqtool.metrics import score_corpus
from seqtool.model_dir import SHORTLIST, ModelDir, add_files, graph_names, open_model_dir, short_names
from seqtool.runtime.onnx_stepper import OnnxStepper
from seqtool.runtime.pointing import pointing
from seqtool.runtime.torch_stepper import TorchStepper
from seqtool.runtime.torch_weights import load_network
from seqtool.translator import Translator

# Lines the graphs are compared on, and the share of them, one at least, that may come out another way in fp32: two orders of summing differ
# by 1e-6, which decides between hypotheses that are as good.
SAMPLE_LINES, TOLERATED = 300, 0.02


@dataclass(frozen=True)
class Check:
    """What the sample lines said: of `lines`, `same` in fp32 are word for word torch's; `scores` are BLEU of `torch`, `fp32`, `int8` and,
    with a shortlist, `shortlist` (in int8), None without references; `sizes` are bytes by precision."""

    lines: int
    same: int
    scores: dict[str, float] | None
    sizes: dict[str, int]

    def describe(self) -> str:
        """All of it in a few lines."""
        size = {precision: f"{bytes_ / 1e6:.1f} MB" for precision, bytes_ in self.sizes.items()}
        told = [f"fp32 ({size['fp32']}): {self.same:,} of {self.lines:,} lines as in torch", f"int8 ({size['int8']})"]
        if self.scores is None:
            return "\n".join(told)
        for place, (name, base) in enumerate((("fp32", "torch"), ("int8", "fp32"))):
            sep = ", " if place == 0 else ": "
            told[place] += f"{sep}BLEU {self.scores[name]:.2f} ({self.scores[name] - self.scores[base]:+.2f})"
        if "shortlist" in self.scores:
            difference = self.scores["shortlist"] - self.scores["int8"]
            told.append(f"int8 with shortlist: BLEU {self.scores['shortlist']:.2f} ({difference:+.2f})")
        return "\n".join(told)


def export(
    path: Path,
    sources: Sequence[str],
    references: Sequence[str] | None = None,
    shortlist_pairs: Iterable[tuple[str, str]] | None = None,
) -> Check:
    """Writes the fp32 and int8 graphs of a model directory into it, and with `shortlist_pairs` (training text) a shortlist learnt from
    them. Some of the `sources` calibrate int8 and check everything.

    Raises `DataError` without lines, `ModelError` when fp32 says something else than torch, and what reading and writing raise.
    """
    opened = open_model_dir(path)
    sample = [place for place, line in enumerate(sources) if line.strip()][:SAMPLE_LINES]
    if not sample:
        raise DataError("export.no-lines", "no lines to calibrate int8 on", "give source text with --src")
    lines = [sources[place] for place in sample]
    network = load_network(opened)
    texts = {"torch": _texts(opened, TorchStepper(network), lines)}
    bare, texts["fp32"] = _calibrated(opened, trace(network), lines)
    same = sum(one == other for one, other in zip(texts["torch"], texts["fp32"], strict=True))
    if len(lines) - same > max(1, TOLERATED * len(lines)):
        message = f"{opened.path}: fp32 graphs say the same as torch for {same} of {len(lines)} lines only"
        raise ModelError("export.differs", message, "use it with --runtime torch, and please report this")
    vocab_size = opened.tokenizers.tgt.vocab_size
    whole = {precision: with_head(graphs, vocab_size) for precision, graphs in bare.items()}
    texts["int8"] = _texts(opened, stepper_of(whole["int8"]), lines)
    files = {name: one.SerializeToString() for precision in whole for name, one in _named(precision, whole[precision])}
    sizes = {precision: sum(len(files[name]) for name in graph_names(precision)) for precision in whole}
    if shortlist_pairs is not None:
        table = learn_shortlist(opened.tokenizers, shortlist_pairs)
        shorts = {precision: shorten(graphs.step) for precision, graphs in bare.items()}
        texts["shortlist"] = _texts(opened, short_stepper(whole["int8"].encoder, shorts["int8"], table), lines)
        files |= {SHORTLIST: table.to_bytes()}
        for precision, short in shorts.items():
            step, pick = short_names(precision)
            files |= {step: short.step.SerializeToString(), pick: short.pick.SerializeToString()}
    scores = None
    if references is not None:
        refs = [references[place] for place in sample]
        scores = {name: score_corpus(hyps, [refs], ["bleu"])["bleu"].value for name, hyps in texts.items()}
    check = Check(len(lines), same, scores, sizes)
    add_files(opened, {**files, CHECK: (json.dumps(asdict(check), indent=1) + "\n").encode()})
    refresh_card(open_model_dir(path))
    return check


def _calibrated(opened: ModelDir, fp32: Graphs, lines: Sequence[str]) -> tuple[dict[str, Graphs], list[str]]:
    """fp32 and int8 graphs without heads, and what the former say, which the latter's scales were taken from."""
    encoder, step = (watched(graph) for graph in with_head(fp32, opened.tokenizers.tgt.vocab_size))
    texts = _texts(opened, OnnxStepper(encoder, step), lines)
    int8 = Graphs(quantize(fp32.encoder, encoder.largest), quantize(fp32.step, step.largest))
    return {"fp32": fp32, "int8": int8}, texts


def _texts(opened: ModelDir, stepper: Any, lines: Sequence[str]) -> list[str]:
    points = opened.config.model.pointer
    stepper = pointing(stepper, opened.tokenizers.tgt.vocab_size, points=points)
    translator = Translator.of(stepper, opened.tokenizers, opened.config)
    return [found.text for found in translator.translate(lines)]


def _named(precision: str, graphs: Graphs) -> list[tuple[str, onnx.ModelProto]]:
    return list(zip(graph_names(precision), graphs, strict=True))
