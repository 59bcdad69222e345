"""One translation of a file, timed thrice in a process of its own, which prints JSON: `sentences_per_s`, the median, `speeds`, all three,
and `texts`.

    python -m benchmarks.timed_translation MODEL SRC --beam 5 [--precision int8] [--runtime torch] [--shortlist] [--threads 2] [--warm-up]
        [--length N]

Loading is left out; tokenizing and detokenizing are not. With `--warm-up` the file is translated once more before, which does not count.
With `--length` every output has so many tokens, so that models that would say more or less are compared by the step.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import time
from pathlib import Path

from seqtool.translator import Translator


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("src", type=Path)
    parser.add_argument("--beam", type=int, default=5)
    parser.add_argument("--precision", choices=["fp32", "int8"], default="fp32")
    parser.add_argument("--runtime", choices=["onnx", "torch"], default="onnx")
    parser.add_argument("--shortlist", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--warm-up", action="store_true")
    parser.add_argument("--length", type=int)
    options = parser.parse_args()
    lines = options.src.read_text("utf-8").split("\n")[:-1]
    loaded = Translator.load(
        options.model,
        precision=options.precision,
        runtime=options.runtime,
        shortlist=options.shortlist,
        threads=options.threads,
    )
    # text only, as `seqtool translate` writes it
    search = {"min_length": options.length, "max_length": options.length}
    translator = loaded.with_search(beam_size=options.beam, scored=False, **search)
    gc.freeze()  # as the command line does
    if options.warm_up:
        list(translator.translate(lines))
    speeds = []
    for _ in range(3):
        start = time.perf_counter()
        texts = [found.text for found in translator.translate(lines)]
        speeds.append(len(lines) / (time.perf_counter() - start))
    print(json.dumps({"sentences_per_s": statistics.median(speeds), "speeds": speeds, "texts": texts}))


if __name__ == "__main__":
    main()
