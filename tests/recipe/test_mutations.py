"""Whatever is in a recipe and on the command line, the answer is a recipe or a message: 500 broken recipes.

A thousand more go through a command in `tests/cli/test_fuzz.py`."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seqtool.errors import RecipeError
from seqtool.recipe.load import dump_recipe, load_recipe

RECIPES = [
    """\
# seqtool train this.yaml
task: translation
run_dir: runs/small
data:
  train: {src: corpus/train.de, tgt: corpus/train.en}
  valid: {src: corpus/val.de, tgt: corpus/val.en}
  test:  {src: [corpus/test.de], tgt: corpus/*.en}
tokenizer: {kind: unigram, vocab_size: 8000, shared: true}
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
    jsonl: "dialogues/*.jsonl.gz"
    src: dialogue
    tgt: 'summary'
  valid: *rows
  max_length_ratio: .inf
tokenizer:
  kind: bpe          # pieces
  vocab_size: 0x1000
training:
  optimizer: {kind: adamw, lr: 1e-3, betas: [0.9, 0.98]}
  max_steps: 10_000
  max_epochs: ~
  device: >-
    cpu
""",
    """\
data: {train: {tsv: a.tsv, src: 1, tgt: 2}, valid: {hub: "opus", src: t.de, tgt: t.en, split: 'dev'}}
model: {attention: {kind: dot}, tie: all, dropout: {embedding: 0.3, layer: .2}}
training:
  schedule: {kind: cosine, warmup_steps: 4000, min_ratio: 0}
  precision: bf16
""",
]

ODD = [
    *("", " ", "\t", "\0", "\x1b[31m", "\x85", "\u2028", "\ufeff", "\ud800", "\udcff", "é", "日本", "𝕏", "\u202e", "\r", "\r\n"),
    *("no", "~", "null", "1e999", "-1", "0o14", "010", ".nan", "2024-01-01", "9" * 5000, "0x" + "f" * 500, "1:30", "<<: *rows"),
    *("[", "]", "{", "}", "- ", "? ", ": ", "#", "&a ", "*a", "*rows", "!!python/object:os.system ", "!x ", "%YAML 1.1", "---", "..."),
    *("'", '"', "|", ">", "\\", '"\\ud800"', '"\\UFFFFFFFF"', '"\\0"', "@", "`", ",", "[" * 2000, "{a: " * 100, "- " * 100),
]  # fmt: skip
PATHS = [
    "task",
    "data",
    "data.train",
    "data.train.src",
    "data.test.tgt",
    "model.encoder.kind",
    "model.dropout",
    "training.lr",
    "run_dir",
]


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A realistic recipe after one to six accidents."""
    text = draw(st.sampled_from(RECIPES))
    for _ in range(draw(st.integers(1, 6))):
        text = draw(st.sampled_from([_change_line, _change_character, _change_indent]))(draw, text)
    return text


def _change_line(draw: st.DrawFn, text: str) -> str:
    lines = text.split("\n")
    first, second = (draw(st.integers(0, len(lines) - 1)) for _ in range(2))
    match draw(st.sampled_from(["delete", "duplicate", "swap"])):
        case "delete":
            del lines[first]
        case "duplicate":
            lines.insert(second, lines[first])
        case _:
            lines[first], lines[second] = lines[second], lines[first]
    return "\n".join(lines)


def _change_character(draw: st.DrawFn, text: str) -> str:
    at, gone = draw(st.integers(0, len(text))), draw(st.integers(0, 12))
    return text[:at] + draw(st.sampled_from(ODD) | st.text(max_size=3)) + text[at + gone :]


def _change_indent(draw: st.DrawFn, text: str) -> str:
    lines = text.split("\n")
    at = draw(st.integers(0, len(lines) - 1))
    lines[at] = " " * draw(st.integers(0, 9)) + lines[at].lstrip()
    return "\n".join(lines)


overrides = st.lists(
    st.builds(
        "{}{}{}".format,
        st.sampled_from(PATHS) | st.text("abc._ \0", max_size=6),
        st.sampled_from(["=", "=", "=", "", ".", ".x=", "=="]),
        st.sampled_from(ODD) | st.sampled_from(["3", "{src: a, tgt: b}", "[a, b]", "x.de"]) | st.text(max_size=5),
    ),
    max_size=2,
)


@settings(max_examples=500, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(text=mutated(), changes=overrides, noise=st.tuples(st.integers(0, 400), st.binary(max_size=3)) | st.none())
def test_a_broken_recipe_gives_a_recipe_or_a_message(
    tmp_path_factory: pytest.TempPathFactory, text: str, changes: list[str], noise: tuple[int, bytes] | None
) -> None:
    path = tmp_path_factory.getbasetemp() / "mutated.yaml"
    data = text.encode("utf-8", "surrogatepass")
    if noise is not None:
        data = data[: noise[0]] + noise[1] + data[noise[0] :]
    path.write_bytes(data)
    try:
        recipe = load_recipe(path, changes)
    except RecipeError as error:
        _check_message(error)
    else:
        path.write_text(dump_recipe(recipe), "utf-8")
        assert load_recipe(path) == recipe


def _check_message(error: RecipeError) -> None:
    """A message has a stable id, says something, and cannot harm a terminal."""
    assert error.error_id.startswith("recipe.")
    assert error.message
    unsafe = {char for char in str(error) if not char.isprintable() and char != "\n"}
    assert not unsafe


def test_random_bytes_give_a_message(tmp_path: Path) -> None:
    @settings(max_examples=100, derandomize=True, deadline=None, database=None)
    @given(st.binary(max_size=60))
    def attempt(data: bytes) -> None:
        path = tmp_path / "noise.yaml"
        path.write_bytes(data)
        with pytest.raises(RecipeError) as caught:
            load_recipe(path)
        _check_message(caught.value)

    attempt()
