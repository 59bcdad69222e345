"""Terms that must appear: are they all there, and what do they cost?

    python -m benchmarks.glossary MODEL --src TEST.de --ref TEST.en [--lines 200] [--beam-size 5]

Takes the first lines whose reference has a word of at least four letters that the model's own translation lacks, and makes a glossary that
asks for it in that line: once a word chosen at random of those. Prints in how many lines the word then appears, and BLEU of these lines
without and with the glossary.
"""

from __future__ import annotations

import argparse
import random
import re
import tempfile
import time
from pathlib import Path

from benchmarks.machine import describe
from seqtool.metrics import score_corpus
from seqtool.text.glossary import Glossary
from seqtool.translator import Translator


def words(text: str) -> list[str]:
    """Whole words, as a reader sees them."""
    return re.findall(r"\w+", text)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--src", type=Path, required=True)
    parser.add_argument("--ref", type=Path, required=True)
    parser.add_argument("--lines", type=int, default=200)
    parser.add_argument("--beam-size", type=int, default=5)
    options = parser.parse_args()
    print(describe())
    sources, refs = (path.read_text("utf-8").split("\n")[:-1] for path in (options.src, options.ref))
    plain = Translator.load(options.model).with_search(beam_size=options.beam_size)
    own = [found.text for found in plain.translate(sources)]
    rng = random.Random(1)
    asked: dict[int, str] = {}
    for place, (text, ref) in enumerate(zip(own, refs, strict=True)):
        lacking = [word for word in words(ref) if len(word) >= 4 and word not in words(text)]
        if lacking and len(asked) < options.lines and sources.count(sources[place]) == 1:
            asked[place] = rng.choice(lacking)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "terms.tsv")
        path.write_text("".join(f"{sources[place]}\t{word}\n" for place, word in asked.items()), "utf-8")
        glossary = Glossary.read(path, plain.tokenizers.tgt)
    start = time.perf_counter()
    with_terms = plain.with_search(beam_size=options.beam_size, glossary=glossary)
    found = [one.text for one in with_terms.translate([sources[place] for place in asked])]
    seconds = time.perf_counter() - start
    there = sum(word in words(text) for word, text in zip(asked.values(), found, strict=True))
    chosen = [[refs[place] for place in asked]]
    before, after = (
        score_corpus(texts, chosen, ["bleu"])["bleu"].value for texts in ([own[place] for place in asked], found)
    )
    print(
        f"{there} of {len(asked)} terms are there; BLEU {before:.2f} without, {after:.2f} with; {len(asked) / seconds:.0f} lines/s"
    )
    for (place, word), text in list(zip(asked.items(), found, strict=True))[:5]:
        print(f"  {word}: {own[place]} -> {text}")


if __name__ == "__main__":
    main()
