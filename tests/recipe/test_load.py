"""What a person reads when a recipe is wrong, and what overrides change."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqtool.errors import RecipeError
from seqtool.recipe.load import load_recipe
from seqtool.recipe.schema import Recipe

GOOD = "data: {train: {src: a.de, tgt: a.en}, valid: {src: b.de, tgt: b.en}}\n"

# id, line:column, the marked text, what is said: one row for each way to be wrong, on lines 2 and up of a recipe that begins with GOOD.
WRONG = [
    ("unknown-key", "3:3", "batch_token", "did you mean `batch_tokens`?", "training:\n  batch_token: 4096\n"),
    ("unknown-key", "2:12", "lr", "did you mean `training.optimizer.lr`?", "training: {lr: 1e-3}\n"),
    ("unknown-key", "2:1", "traning", "unknown key `traning` in the recipe; did you mean `training`?", "traning: {}\n"),
    ("unknown-key", "2:12", "beam-size", "did you mean `beam_size`?", "decoding: {beam-size: 3}\n"),
    ("unknown-key", "2:1", "<<", "unknown key `<<` in the recipe", "<<: {}\n"),
    ("unknown-key", "2:9", "zzz", "keys of model: preset, embedding, tie, encoder", "model: {zzz: 1}\n"),
    ("type", "2:26", "abc", "`training.batch_tokens` is `abc`; expected a whole number, at least 1", "training: {batch_tokens: abc}\n"),
    ("type", "2:18", "1.0", "`training.seed` is `1.0`; expected a whole number, at least 0", "training: {seed: 1.0}\n"),
    ("type", "2:21", "yes", "`tokenizer.shared` is `yes`; expected true or false", "tokenizer: {shared: yes}\n"),
    ("type", "2:29", "true", "`training.label_smoothing` is `true`; expected a number", "training: {label_smoothing: true}\n"),
    ("type", "3:3", "beam_size", "`decoding.beam_size` is nothing; expected a whole number", "decoding:\n  beam_size:\n"),
    ("type", "2:8", "[1]", "`model` is a list; expected a section: {preset, embedding, tie, ...}", "model: [1]\n"),
    ("type", "2:1", "model", "`model` is a list; expected a section", "model:\n- 1\n"),
    ("type", "2:10", "5", "`run_dir` is `5`; expected text or null", "run_dir: 5\n"),
    ("value", "2:25", "7", "expected a whole number, at least 8 and at most 1000000", "tokenizer: {vocab_size: 7}\n"),
    ("value", "2:29", "1", "expected a number, at least 0 and below 1", "training: {label_smoothing: 1}\n"),
    ("value", "2:25", ".inf", "expected a number, above 0 or null", "training: {max_minutes: .inf}\n"),
    ("value", "2:26", "3000000000", "at most 2147483647", "training: {batch_tokens: 3000000000}\n"),
    ("value", "2:25", "lsmt", "did you mean lstm?", "model: {encoder: {kind: lsmt}}\n"),
    ("value", "2:7", "nmt", "`task` is `nmt`; expected one of translation, summarization", "task: nmt\n"),
    ("duplicate-key", "3:1", "task", "`task` is here twice; the first is on line 2", "task: translation\ntask: summarization\n"),
    ("syntax", "3:1", " ", "a tab", "training:\n\tseed: 1\n"),
    ("syntax", "3:7", ":", "a `:` where none can be", "task: translation\n  seed: 1\n"),
    ("syntax", "2:11", "{", "a `{` that is not closed", "training: {seed: 1\n"),
    ("syntax", "2:7", "'", "a quote that is never closed", "task: 'translation\n"),
    ("syntax", "3:1", "---", "a second document", "task: translation\n---\ntask: translation\n"),
    ("syntax", "2:10", "*", "put the value in quotes", "run_dir: *.de\n"),
    ("syntax", "2:10", "*x", "nothing is called `&x`", "run_dir: *x\n"),
    ("syntax", "2:13", "F", "an escape that stands for no character", 'run_dir: "\\UFFFFFFFF"\n'),
    ("value", "2:10", '"\\0"', "text that no file name can have", 'run_dir: "\\0"\n'),
    ("value", "2:10", '"\\ud800"', "half a character", 'run_dir: "\\ud800"\n'),
    ("tag", "2:10", "!!python/name:os.system x", "recipes have none", "run_dir: !!python/name:os.system x\n"),
    ("key", "2:3", "[", "a key that is not plain text", "? [a]\n: 1\n"),
    ("encoding", "2:7", "\x1b", "U+001B", "task: \x1b[31m\n"),
    ("too-large", "2:49", "[", "nested deeper than 40 levels", f"run_dir: {'[' * 5000}\n"),
    ("combination", "2:27", "dot", "decoder states of 64 with", "model: {attention: {kind: dot}, decoder: {hidden: 64}}\n"),
]  # fmt: skip


def load(tmp_path: Path, text: str, *overrides: str) -> Recipe:
    path = tmp_path / "x.yaml"
    path.write_text(text, "utf-8", newline="")
    return load_recipe(path, overrides, cwd=Path("/work-dir"))


def complaint(tmp_path: Path, text: str, *overrides: str) -> RecipeError:
    with pytest.raises(RecipeError) as caught:
        load(tmp_path, text, *overrides)
    return caught.value


@pytest.mark.parametrize(("name", "position", "marked", "said", "text"), WRONG)
def test_a_mistake_is_shown_with_line_and_caret(
    tmp_path: Path, name: str, position: str, marked: str, said: str, text: str
) -> None:
    error = complaint(tmp_path, GOOD + text)
    first, shown, caret = error.message.split("\n")
    assert error.error_id == f"recipe.{name}"
    assert said in str(error)
    assert first.startswith(f"{tmp_path / 'x.yaml'}:{position}: ")
    assert len(caret) == shown.index("|") + 1 + int(position.split(":")[1]) + caret.count("^")
    assert caret.count("^") == len(marked)
    if marked.isprintable():
        assert shown[caret.index("^") :][: len(marked)] == marked


def test_all_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    error = complaint(tmp_path, f"{GOOD}training:\n  batch_token: 4096\n  max_epochs: 0\n", "decoding.beam_size=abc")
    assert (
        str(error)
        == f"""\
error[recipe.invalid]: 3 problems in {tmp_path / "x.yaml"}

error[recipe.unknown-key]: {tmp_path / "x.yaml"}:3:3: unknown key `batch_token` in training; did you mean `batch_tokens`?
  3 |   batch_token: 4096
    |   ^^^^^^^^^^^

error[recipe.value]: {tmp_path / "x.yaml"}:4:15: `training.max_epochs` is `0`; expected a whole number, at least 1 or null
  4 |   max_epochs: 0
    |               ^

error[recipe.type]: on the command line: decoding.beam_size=abc: `decoding.beam_size` is `abc`; expected a whole number, at least 1 and \
at most 256
  decoding.beam_size=abc
                     ^^^"""
    )


def test_very_many_mistakes_are_counted(tmp_path: Path) -> None:
    error = complaint(tmp_path, GOOD + "".join(f"zz{i}: 1\n" for i in range(90)))
    assert error.message.startswith("90 problems in ")
    assert error.message.endswith("\n\nand 70 more")


@pytest.mark.parametrize(
    ("text", "only"),
    [
        ("task: translation\n", "no `data`"),
        ("", "no `data`"),
        ("data:\n", "no `data`"),
        ("data: {train: {src: a, tgt: b}}\n", "no `valid` in data"),
        ("data: {train: {src: a, tgt: b}, vald: {src: a, tgt: b}}\n", "did you mean `valid`"),
        ("data: {train: {src: a, tgt: b}, valid: {src: {}, tgt: b}}\n", "`data.valid.src` is a section"),
        (
            "data: {train: {src: a, tgt: b}, valid: {src: [a, 5], tgt: [b]}}\n",
            "item 2 of `data.valid.src` is `5`; expected text",
        ),
        (
            f"{GOOD}training: {{metrics: [bleu, rogue1]}}\n",
            "item 2 of `training.metrics` is `rogue1`; expected one of bleu,",
        ),
        (f"{GOOD}training: {{metrics: [bleu, 5]}}\n", "item 2 of `training.metrics` is `5`; expected one of bleu,"),
        (f"{GOOD}training: {{max_epochs: ~, patience: ~, max_step: 10}}\n", "did you mean `max_steps`"),
        (f"{GOOD}model: {{attention: {{kind: dot}}, encoder: {{bidirectional: 0}}}}\n", "expected true or false"),
        ("- data\n", "a recipe is made of sections"),
        ("data", "a recipe is made of sections"),
    ],
)
def test_one_mistake_causes_no_false_alarm(tmp_path: Path, text: str, only: str) -> None:
    error = complaint(tmp_path, text)
    assert only in error.message
    assert error.error_id != "recipe.invalid"


def test_rules_are_still_applied_beside_a_mistake(tmp_path: Path) -> None:
    error = complaint(tmp_path, f"{GOOD}decoding: {{beam_size: 0}}\ntraining: {{precision: fp16, device: cpu}}\n")
    assert "training.precision: fp16 needs cuda" in error.message
    assert "`decoding.beam_size` is `0`" in error.message


def test_what_is_not_utf8_is_located(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes("# \u00e4\nrun_dir: ä".encode() + b"\xe4\n")
    with pytest.raises(RecipeError, match=r"x\.yaml:2:11: this is not UTF-8") as caught:
        load_recipe(tmp_path / "x.yaml")
    assert "save the recipe as UTF-8" in caught.value.hint


def test_wide_characters_keep_the_caret_in_its_place(tmp_path: Path) -> None:
    error = complaint(tmp_path, "data: {train: {src: [日本, 5], tgt: a}, valid: {src: b, tgt: b}}")
    shown, caret = error.message.split("\n")[1:]
    assert caret.index("^") == shown.index("5]") + 2  # two characters of two columns


def test_a_long_line_is_shown_around_the_mistake(tmp_path: Path) -> None:
    error = complaint(tmp_path, f"{GOOD}model: {{{' ' * 5000}zzz: 1{' ' * 5000}}}\n")
    assert max(map(len, error.message.split("\n")[1:])) < 120
    assert "zzz: 1" in error.message.split("\n")[1]


@pytest.mark.parametrize(("size", "error_id"), [(1 << 20, "recipe.missing-key"), ((1 << 20) + 1, "recipe.too-large")])
def test_the_file_may_have_a_mebibyte(tmp_path: Path, size: int, error_id: str) -> None:
    assert complaint(tmp_path, "#" * size).error_id == error_id


def test_aliases_cannot_multiply(tmp_path: Path) -> None:
    bomb = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
    bomb += "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 12))
    assert complaint(tmp_path, bomb).error_id == "recipe.too-large"
    assert complaint(tmp_path, "a: &a [*a]\n").error_id == "recipe.syntax"


def test_a_file_that_is_not_there_is_looked_for(tmp_path: Path) -> None:
    (tmp_path / "multi30k.yaml").write_text(GOOD)
    table = [
        (tmp_path / "multi3k.yaml", "recipe.not-found", "no recipe at", "did you mean"),
        (tmp_path / "multi30k", "recipe.not-found", "no recipe at", "multi30k.yaml?"),
        (tmp_path, "recipe.not-found", "is a directory", "multi30k.yaml?"),
        (tmp_path / "no" / "x.yaml", "recipe.not-found", "no recipe at", "there is no such directory"),
        (tmp_path / "multi30k.yaml" / "x", "recipe.unreadable", "cannot read", "check the path"),
        (tmp_path / "a\0b", "recipe.unreadable", "null byte", "check the path"),
        (tmp_path / "\x1b[31m", "recipe.not-found", "no recipe at", "multi30k.yaml"),
    ]
    for path, error_id, message, hint in table:
        with pytest.raises(RecipeError) as caught:
            load_recipe(path)
        assert (caught.value.error_id, message in caught.value.message, hint in caught.value.hint) == (
            error_id,
            True,
            True,
        )
        assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("training: {metrics: [bleu, rogue1]}\n", "rouge1"),
        ("training: {init_from: {model: a, parts: [embedding]}}\n", "embeddings"),
        ("training: {best_metric: bleau}\n", "bleu"),
    ],
)
def test_a_word_that_is_nearly_right_is_guessed_also_in_a_list(tmp_path: Path, text: str, meant: str) -> None:
    assert complaint(tmp_path, GOOD + text).hint == f"did you mean {meant}?"


def test_a_run_directory_may_be_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    path = tmp_path / "x.yaml"
    path.write_text(GOOD + "run_dir: ~/runs/a\n", "utf-8")
    assert load_recipe(path).run_dir == f"{tmp_path}/runs/a"
    assert load_recipe(path, ["run_dir=runs/~b"]).run_dir == "runs/~b"
