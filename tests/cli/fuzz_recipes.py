"""Recipes after an accident, into `preprocess`."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

from tests.cli.fuzz_values import HOSTILE, changed_bytes
from tests.cli.fuzzing import Case, Maker
from tests.number_words import number_pairs
from tests.recipe.test_mutations import ODD, PATHS

RECIPES = [
    """\
# seqtool train this.yaml
task: translation
run_dir: runs/small
data:
  train: {src: corpus/train.de, tgt: corpus/train.en}
  valid: {src: corpus/valid.de, tgt: corpus/valid.en}
  max_src_tokens: 30
tokenizer: {kind: unigram, vocab_size: 60, shared: true}
model:
  embedding: 256
  encoder: {kind: lstm, layers: 1, hidden: 256, bidirectional: true}
  decoder: {kind: lstm, layers: 1, hidden: 512}
  attention: {kind: additive}
training: {batch_tokens: 4096, max_epochs: 20, patience: 5, seed: 1}
decoding: {beam_size: 5, length_penalty: 1.0}
""",
    """\
task: summarization
data:
  train: &rows
    jsonl: "corpus/*.jsonl"
    src: de
    tgt: 'en'
  valid: *rows
  max_length_ratio: 3e0
tokenizer:
  kind: bpe          # pieces
  vocab_size: 0x40
training:
  optimizer: {kind: adamw, lr: 1e-3, beta2: .98}
  max_steps: 10000
  max_epochs: ~
  device: >-
    cpu
""",
    """\
data: {train: {tsv: corpus/pairs.tsv, src: 1, tgt: 2}, valid: {csv: corpus/pairs.csv, src: de, tgt: en}}
tokenizer: {kind: bpe, vocab_size: 50, shared: false, normalization: nfkc}
model: {attention: {kind: dot}, tie: target_output, dropout: {embedding: 0.3, layer: .2}}
training:
  schedule: {kind: cosine, warmup_steps: 4000, min_ratio: 0}
""",
]
VALUES = [
    *ODD,
    *HOSTILE,
    "3",
    "{src: a, tgt: b}",
    "[a, b]",
    "corpus/train.de",
    "corpus/*.jsonl",
    "corpus",
    "2",
    "en",
    "5",
    "100000",
]


def write_corpus(folder: Path) -> None:
    """Sixty pairs in every format."""
    folder.mkdir()
    pairs = number_pairs(60, 5)
    for name, rows in (("train", pairs), ("valid", pairs[:9])):
        (folder / f"{name}.de").write_text("".join(f"{src}\n" for src, _ in rows))
        (folder / f"{name}.en").write_text("".join(f"{tgt}\n" for _, tgt in rows))
    (folder / "pairs.tsv").write_text("".join(f"{src}\t{tgt}\n" for src, tgt in pairs))
    (folder / "pairs.csv").write_text("de,en\n" + "".join(f'"{src}",{tgt}\n' for src, tgt in pairs[:9]))
    (folder / "pairs.jsonl").write_text("".join(json.dumps({"de": src, "en": tgt}) + "\n" for src, tgt in pairs))


def _change_line(rng: random.Random, text: str) -> str:
    lines = text.split("\n")
    first, second = rng.randrange(len(lines)), rng.randrange(len(lines))
    match rng.randrange(4):
        case 0:
            del lines[first]
        case 1:
            lines.insert(second, lines[first])
        case 2:
            lines[first], lines[second] = lines[second], lines[first]
        case _:
            lines[first] = " " * rng.randint(0, 9) + lines[first].lstrip()
    return "\n".join(lines)


def _change_text(rng: random.Random, text: str) -> str:
    at, gone = rng.randint(0, len(text)), rng.choice([0, 1, 1, 3, 12])
    return text[:at] + rng.choice(VALUES) + text[at + gone :]


def _change_value(rng: random.Random, text: str) -> str:
    """Another value behind one of the colons."""
    places = [place for place, char in enumerate(text) if char == ":"]
    if not places:
        return text
    start = rng.choice(places) + 1
    stop = next((place for place in range(start, len(text)) if text[place] in ",}\n"), len(text))
    return f"{text[:start]} {rng.choice(VALUES)}{text[stop:]}"


def _other_number(rng: random.Random, text: str) -> str:
    """A number for a number, a word for a word: what is seldom wrong."""
    found = list(re.finditer(r"(?<=: )([0-9]+|true|false|unigram|bpe|lstm|adamw|dot)(?=[,}\n])", text))
    if not found:
        return text
    place = rng.choice(found)
    words = [
        "true",
        "false",
        "unigram",
        "bpe",
        "lstm",
        "gru",
        "conv",
        "transformer",
        "adamw",
        "adam",
        "dot",
        "additive",
    ]
    numbers = ["1", "2", "3", "30", "50", "64", "70", "300", "65536", "0.5"]
    new = rng.choice(numbers if place[1].isdecimal() else words)
    return text[: place.start()] + new + text[place.end() :]


def _other_data(rng: random.Random, text: str) -> str:
    """Another file, or another field of it: of another length, of another kind, or not there."""
    found = list(re.finditer(r"corpus/[a-z*.]+|\b(de|en)\b|(?<=(?:src|tgt): )[12]", text))
    if not found:
        return text
    place = rng.choice(found)
    files = [
        f"corpus/{name}"
        for name in ("train.de", "train.en", "valid.de", "pairs.tsv", "pairs.csv", "pairs.jsonl", "none", "*")
    ]
    new = rng.choice(files if place[0].startswith("corpus") else ["de", "en", "1", "2", "3", "fr", "''"])
    return text[: place.start()] + new + text[place.end() :]


def _override(rng: random.Random) -> str:
    """One with which nothing is written outside: where the run is, is said last."""
    key = rng.choice([*PATHS, "tokenizer.vocab_size", "a.b", ""])
    return f"{key}{rng.choice(['=', '=', '=', '', '.', '.x=', '=='])}{rng.choice(VALUES)}"


def recipe_cases(corpus: Path) -> Maker:
    """Cases of `preprocess` on a broken recipe; `corpus` is what `write_corpus` wrote."""

    def make(rng: random.Random, folder: Path) -> Case:
        text = rng.choice(RECIPES)
        accidents = [_change_line, _change_text, _change_value, _change_value]
        for _ in range(rng.choice([1, 1, 1, 2, 3, 6])):
            text = rng.choice(accidents if rng.random() < 0.5 else [_other_number, _other_data])(rng, text)
        data = text.encode("utf-8", "surrogatepass")
        if rng.random() < 0.1:
            data = changed_bytes(rng, data)
        (folder / "corpus").symlink_to(corpus)
        (folder / "recipe.yaml").write_bytes(data)
        changes = [_override(rng) for _ in range(rng.choice([0, 0, 0, 0, 0, 1, 2]))]
        usable = [one for one in changes if "\0" not in one and not one.startswith("-")]  # no argument holds a NUL
        arguments = ["preprocess", "recipe.yaml", *usable, "run_dir=work/run"]
        return Case(arguments, frozenset({0, 2, 3, 4}), repr(text[:2000]))

    return make
