"""How fast CTranslate2 translates a file, for `benchmarks.decode`; runs in an environment of its own, with its two packages alone.

    pip install ctranslate2==4.8.5 sentencepiece
    python benchmarks/decode_ctranslate2.py MODEL PIECES SRC [--beam 5] [--length 15]

MODEL is a converted model (`ct2-opennmt-py-converter --quantization int8`, say), PIECES its SentencePiece model. Outputs have exactly
`--length` tokens: a model that was trained for a moment is as fast as a good one, and its text is nothing to compare. Two workers of one
thread, batches of 32 sentences, tokenizing and detokenizing included. Prints JSON: `sentences_per_s`, the median of three times.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from pathlib import Path

import ctranslate2
import sentencepiece


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("pieces")
    parser.add_argument("src", type=Path)
    parser.add_argument("--beam", type=int, default=5)
    parser.add_argument("--length", type=int, default=15)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int, default=32)
    options = parser.parse_args()
    pieces = sentencepiece.SentencePieceProcessor(model_file=options.pieces)
    translator = ctranslate2.Translator(
        options.model, device="cpu", compute_type="int8", inter_threads=options.threads, intra_threads=1
    )
    lines = options.src.read_text("utf-8").split("\n")[:-1]
    search = {"beam_size": options.beam, "max_batch_size": options.batch, "length_penalty": 1.0}
    pinned = {"min_decoding_length": options.length, "max_decoding_length": options.length}
    speeds = []
    for _ in range(3):
        start = time.perf_counter()
        found = translator.translate_batch(pieces.encode(lines, out_type=str), **search, **pinned)
        texts = [pieces.decode(one.hypotheses[0]) for one in found]
        speeds.append(len(texts) / (time.perf_counter() - start))
    print(json.dumps({"sentences_per_s": statistics.median(speeds), "speeds": speeds}))


if __name__ == "__main__":
    main()
