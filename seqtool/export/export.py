"""A model directory's graphs: traced, given a head, rounded, and checked against the torch model on sample lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqtool.errors import DataError, ModelError
from seqtool.export.calibrate import watched
from seqtool.export.graphs import Graphs, fp32_graphs
from seqtool.export.quantize import quantize
from seqtool.metrics import score_corpus
from seqtool.model_dir import ModelDir, add_files, graph_names, open_model_dir
from seqtool.runtime.onnx_stepper import OnnxStepper
from seqtool.runtime.torch_stepper import TorchStepper
from seqtool.runtime.torch_weights import load_network
from seqtool.translator import Translator

# Lines the graphs are compared on, and the share of them that may come out another way in fp32: two orders of summing differ by 1e-6, which
# decides between hypotheses that are as good.
SAMPLE_LINES, TOLERATED = 300, 0.02


@dataclass(frozen=True)
class Check:
    """What the sample lines said: of `lines`, `same` in fp32 are word for word torch's; `scores` are BLEU by precision and of `torch`, None
    without references; `sizes` are bytes by precision."""

    lines: int
    same: int
    scores: dict[str, float] | None
    sizes: dict[str, int]

    def describe(self) -> str:
        """All of it in a few lines."""
        size = {precision: f"{bytes_ / 1e6:.1f} MB" for precision, bytes_ in self.sizes.items()}
        told = [f"fp32 ({size['fp32']}): {self.same:,} of {self.lines:,} lines as in torch"]
        if self.scores is None:
            return "\n".join([*told, f"int8 ({size['int8']})"])
        fp32, int8 = self.scores["fp32"], self.scores["int8"]
        told[0] += f", BLEU {fp32:.2f} ({fp32 - self.scores['torch']:+.2f})"
        return "\n".join([*told, f"int8 ({size['int8']}): BLEU {int8:.2f} ({int8 - fp32:+.2f})"])


def export(path: Path, sources: Sequence[str], references: Sequence[str] | None = None) -> Check:
    """Writes the fp32 and int8 graphs of a model directory into it. Some of the `sources` calibrate int8 and check both.

    Raises `DataError` without lines, `ModelError` when fp32 says something else than torch, and what reading and writing raise.
    """
    opened = open_model_dir(path)
    sample = [place for place, line in enumerate(sources) if line.strip()][:SAMPLE_LINES]
    if not sample:
        raise DataError("export.no-lines", "no lines to calibrate int8 on", "give source text with --src")
    network = load_network(opened)
    lines = [sources[place] for place in sample]
    fp32 = fp32_graphs(network, opened.tokenizers.tgt.vocab_size)
    watching = [watched(graph) for graph in fp32]
    texts = {
        "torch": _texts(opened, TorchStepper(network), lines),
        "fp32": _texts(opened, OnnxStepper(*watching), lines),
    }
    int8 = Graphs(*(quantize(graph, seen.largest) for graph, seen in zip(fp32, watching, strict=True)))
    texts["int8"] = _texts(opened, int8.stepper(), lines)
    same = sum(one == other for one, other in zip(texts["torch"], texts["fp32"], strict=True))
    if same < (1 - TOLERATED) * len(lines):
        message = f"{opened.path}: fp32 graphs say the same as torch for {same} of {len(lines)} lines only"
        raise ModelError("export.differs", message, "use it with --runtime torch, and please report this")
    files = _files({"fp32": fp32, "int8": int8})
    add_files(opened, files)
    scores = None
    if references is not None:
        refs = [references[place] for place in sample]
        scores = {name: score_corpus(hyps, [refs], ["bleu"])["bleu"].value for name, hyps in texts.items()}
    sizes = {precision: sum(len(files[name]) for name in graph_names(precision)) for precision in ("fp32", "int8")}
    return Check(len(lines), same, scores, sizes)


def _texts(opened: ModelDir, stepper: Any, lines: Sequence[str]) -> list[str]:
    config = opened.config
    translator = Translator(stepper, opened.tokenizers, config.decoding, config.task, config.max_src_tokens)
    return [found.text for found in translator.translate(lines)]


def _files(graphs: dict[str, Graphs]) -> dict[str, bytes]:
    return {
        name: graph.SerializeToString()
        for precision, pair in graphs.items()
        for name, graph in zip(graph_names(precision), pair, strict=True)
    }
