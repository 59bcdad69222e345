"""How fast seqtool translates beside CTranslate2 and JoeyNMT: the same lines, in turn within the same minutes.

    python -m benchmarks.decode MODEL --src TEST.de --ref TEST.en [--rounds 3] [--threads 2]
        [--ct2 "PYTHON benchmarks/decode_ctranslate2.py MODEL PIECES"] [--joey "PYTHON CONFIG.yaml"]

MODEL is a model or run directory with graphs for ONNX Runtime. Everyone translates in a process of its own. seqtool is measured in both
precisions, with a shortlist where the model has one, and for a round with torch, at beam 5 and greedy (`benchmarks.timed_translation`), and
leaves out the scores of greedy search, as `seqtool translate` does for text and as CTranslate2 does. CTranslate2's model is an int8
Transformer whose output length is pinned to the mean length of ours, eos included; its script prints JSON with `sentences_per_s`, the
median of three times, as ours does.
JoeyNMT translates with its own command, at the beam of its configuration, and logs how long it took. The price of everything that is not a
matrix product is measured on one thread: the products that the decoding needed, alone in ONNX Runtime, over the time of the decoding.
"""

from __future__ import annotations

import argparse
import gc
import json
import re
import shlex
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import onnx
import torch

from benchmarks.bare_products import Counting, encoder_seconds, step_seconds
from benchmarks.machine import describe, matrix_rate
from seqtool.metrics import score_corpus
from seqtool.model_dir import graph_names, open_model_dir
from seqtool.runtime.onnx_session import open_session
from seqtool.runtime.onnx_stepper import OnnxStepper
from seqtool.translator import Translator


@dataclass
class Tally:
    """Lines a second of each round, and what came out of the last."""

    speeds: list[float] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    @property
    def speed(self) -> float:
        """The median of the rounds."""
        return statistics.median(self.speeds)


def translate(arguments: Sequence[str], tally: Tally) -> None:
    """A round of ours, in a process of its own as the others are."""
    command = [sys.executable, "-m", "benchmarks.timed_translation", *arguments]
    done = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    tally.speeds.append(done["sentences_per_s"])
    tally.texts = done["texts"]


def ct2_speed(command: str, src: Path, beam: int, length: int) -> float:
    """Sentences a second, as its script says."""
    whole = [*shlex.split(command), str(src), "--beam", str(beam), "--length", str(length)]
    done = subprocess.run(whole, check=True, capture_output=True, text=True)
    return float(json.loads(done.stdout)["sentences_per_s"])


def joey_speed(command: str, src: Path) -> float:
    """Sentences a second of `joeynmt test`: its log says how many seconds it generated."""
    python, config = shlex.split(command)
    done = subprocess.run([python, "-m", "joeynmt", "test", config], check=True, capture_output=True, text=True)
    seconds = [float(found) for found in re.findall(r"Generation took ([0-9.]+)", done.stdout + done.stderr)]
    return sum(1 for _ in src.open()) / seconds[-1]


def products_share(model: Path, precision: str, lines: Sequence[str], beam: int) -> tuple[float, float]:
    """Seconds of the bare products and of the whole decoding, on one thread."""
    opened = open_model_dir(model)
    graphs = [opened.read(name) for name in graph_names(precision)]
    counting = [Counting(open_session(graph, where="graph")) for graph in graphs]
    plain = Translator.load(model, precision="fp32", threads=1).with_search(beam_size=beam, scored=False)
    watched = replace(plain, stepper=OnnxStepper(*counting), workers=1)
    gc.freeze()  # as the command line does
    list(watched.translate(lines))  # warms up, too
    calls = [session.calls.copy() for session in counting]
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        list(watched.translate(lines))
        seconds.append(time.perf_counter() - start)
    protos = [onnx.load_from_string(graph) for graph in graphs]
    return encoder_seconds(protos[0], calls[0]) + step_seconds(protos[1], calls[1]), statistics.median(seconds)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--src", type=Path, required=True)
    parser.add_argument("--ref", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--ct2", metavar="COMMAND")
    parser.add_argument("--joey", metavar="COMMAND")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print(describe(), flush=True)
    lines, refs = (path.read_text("utf-8").split("\n")[:-1] for path in (options.src, options.ref))
    for beam in (5, 1):
        print(f"beam {beam}, {len(lines):,} lines", flush=True)
        measure_beam(options, beam, lines, refs)


def measure_beam(options: argparse.Namespace, beam: int, lines: list[str], refs: list[str]) -> None:
    """All contestants at this beam size."""
    common = [str(options.model), str(options.src), "--beam", str(beam), "--threads", str(options.threads)]
    ours = {f"seqtool {precision}": [*common, "--precision", precision] for precision in ("int8", "fp32")}
    opened = open_model_dir(options.model)
    if opened.has_shortlist("int8"):
        ours["seqtool int8, shortlist"] = [*common, "--precision", "int8", "--shortlist"]
    with_torch = {"seqtool torch": [*common, "--runtime", "torch"]}
    tallies: dict[str, Tally] = {}
    rates = []
    for number in range(options.rounds):
        for name, arguments in {**ours, **(with_torch if number == 0 else {})}.items():
            translate(arguments, tallies.setdefault(name, Tally()))
        if options.ct2:
            tokenizer = opened.tokenizers.tgt
            texts = tallies["seqtool int8"].texts
            length = round(statistics.mean(len(ids) + 1 for ids in tokenizer.encode_batch(texts)))  # with the eos
            name = f"CTranslate2 int8 Transformer, {length} pieces"
            tallies.setdefault(name, Tally()).speeds.append(ct2_speed(options.ct2, options.src, beam, length))
        if options.joey and beam == 5 and number == 0:  # the beam of its configuration
            tallies.setdefault("JoeyNMT", Tally()).speeds.append(joey_speed(options.joey, options.src))
        rates.append(matrix_rate())
    for name, tally in tallies.items():
        told = f"  {name:36} {tally.speed:7,.1f} lines/s ({min(tally.speeds):,.1f}-{max(tally.speeds):,.1f})"
        if tally.texts:
            bleu = score_corpus(tally.texts, [refs], ["bleu"])["bleu"]
            same = sum(one == other for one, other in zip(tally.texts, tallies["seqtool torch"].texts, strict=True))
            told += f", BLEU {bleu.value:.2f}, {same:,} lines as torch"
        print(told)
    print(f"  matrix product {min(rates):.0f}-{max(rates):.0f} GFLOP/s")
    for precision in ("int8", "fp32"):
        bare, whole = products_share(options.model, precision, lines, beam)
        share = f"{bare:.2f} of {whole:.2f} s = {bare / whole:.0%}"
        print(f"  {precision}: the products alone take {share} of decoding on one thread", flush=True)


if __name__ == "__main__":
    main()
