"""Text that nobody should send, and everybody does: what `translate`, `summarize` and training make of it, in real processes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from seqtool.model_dir import WEIGHTS, open_model_dir, write_model_dir
from tests.cli.processes import Warm
from tests.number_words import number_pairs, small_recipe

# Bodies, and why they are here.
BODIES = [
    ("empty", ""),
    ("spaces of all kinds", " \t\u00a0\u3000 "),
    ("a word", "eins"),
    ("a letter", "e"),
    ("a full stop", "."),
    ("a word that is too long", "zwei" * 3000),
    ("a hundred thousand words", "eins zwei drei vier fünf " * 20_000),
    ("a script without spaces", "東京は日本の首都です。" * 30),
    ("another alphabet", "Текст статьи ١٢٣ 🤖 ."),
    ("written from right to left", "\u202eeins\u2066 שלום عليكم zwei ."),
    ("HTML", '<html><p class="x">eins &amp; <b>zwei</b><br/>drei</p><script>alert(1)</script> ' * 20),
    ("control characters", "eins \x1b[31m zwei \x07\x00\x7f drei \x9b2J\u2028 vier\x85 ."),
    ("a lone carriage return", "eins\rzwei\x0bdrei\x0c ."),
    ("what the tokenizer calls its own", "<s> <pad> </s> <unk> <short> <0x0A> \u2581eins ⁇ ."),
    ("combining marks without end", "e" + "\u0301" * 2000),
    ("not a character", "eins \ufffe\uffff\ufdd0 zwei ."),
]
MODELS = ("translation", "summarization")
BLANK = {"empty", "spaces of all kinds"}
QUICK = ("--beam-size", "1", "--max-length", "12")


@pytest.fixture(scope="module")
def models(random_model: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A model of either task; what it says means nothing."""
    opened = open_model_dir(random_model)
    paths = {}
    for task in MODELS:
        paths[task] = tmp_path_factory.mktemp(task) / "model"
        config = opened.config.model_copy(update={"task": task})
        write_model_dir(paths[task], opened.read(WEIGHTS), opened.tokenizers, config)
    return paths


@pytest.mark.parametrize("command", ["translate", "summarize"])
@pytest.mark.parametrize("task", MODELS)
def test_no_line_is_lost_and_nothing_odd_comes_out(
    command: str, task: str, models: dict[str, Path], warm: Warm, tmp_path: Path
) -> None:
    """As lines and as fields of objects; what does not fit is split or cut, and counted once."""
    lines = "".join(f"{body}\n" for _, body in BODIES).encode()
    records = "".join(f"{json.dumps({'n': number, 'body': body})}\n" for number, (_, body) in enumerate(BODIES))
    text = warm.seqtool(command, "-m", models[task], *QUICK, cwd=tmp_path, stdin=lines)
    fields = ("--format", "jsonl", "--field", "body")
    objects = warm.seqtool(command, "-m", models[task], *QUICK, *fields, cwd=tmp_path, stdin=records.encode())
    found = [json.loads(line) for line in objects.out.split("\n")[:-1]]
    assert [one["n"] for one in found] == list(range(len(BODIES)))
    assert [one["body"] for one in found] == [body for _, body in BODIES]
    for outputs in (text.out.split("\n")[:-1], [one["text"] for one in found]):
        assert len(outputs) == len(BODIES)
        for (why, _), output in zip(BODIES, outputs, strict=True):
            assert (output == "") >= (why in BLANK), why
            assert output.isprintable(), why
    done = (
        "cut"
        if task == "summarization"
        else {"translate": "translated", "summarize": "summarized"}[command] + " in parts"
    )
    for one in (text, objects):
        assert one.code == 0
        assert f" tokens the model knows: {done}\n" in one.err
        assert one.err.count("\n") <= 2, "the other warning is of circles"
        assert "Traceback" not in one.err


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"title": "eins"}', "standard input:2: "),
        ('{"body": 7}', "standard input:2: "),
        ('{"body": ["eins"]}', "standard input:2: "),
        ("<p>eins</p>", "standard input:2: not JSON"),
    ],
)
@pytest.mark.parametrize("command", ["translate", "summarize"])
def test_what_has_no_body_is_refused_by_its_line(
    command: str, line: str, said: str, models: dict[str, Path], warm: Warm, tmp_path: Path
) -> None:
    stdin = f'{{"body": "eins ."}}\n{line}\n'.encode()
    done = warm.seqtool(command, "-m", models["summarization"], "--field", "body", cwd=tmp_path, stdin=stdin)
    assert done.code == 3
    assert done.out.count("\n") <= 1
    assert said in done.err
    assert "\nhint: " in done.err


def test_a_null_is_a_blank_line_that_keeps_its_place(models: dict[str, Path], warm: Warm, tmp_path: Path) -> None:
    stdin = b'{"body": "eins ."}\n{"id": 2, "body": null}\n{"body": "eins ."}\n'
    model = ("-m", models["summarization"], "--field", "body")
    first, blank, third = warm.seqtool("summarize", *model, cwd=tmp_path, stdin=stdin).out.split("\n")[:-1]
    assert (first, blank) == (third, "")
    done = warm.seqtool("summarize", *model, "--format", "jsonl", cwd=tmp_path, stdin=stdin)
    one = json.loads(done.out.split("\n")[1])
    assert (one["id"], one["body"], one["line"], one["text"]) == (2, None, 2, "")


GOOD = [{"body": src, "summary": tgt} for src, tgt in number_pairs(60, 4)]
BAD = [
    {"body": "", "summary": "one"},
    {"body": "eins", "summary": ""},
    {"body": " \u3000", "summary": "\t"},
    {"body": None, "summary": "one"},
    {"body": "eins", "summary": None},
    {"body": "eins", "summary": "one two three four five six ."},  # longer than its body
    {"body": "eins zwei", "summary": "two " * 1000},
    {"body": BODIES[6][1], "summary": "one"},
    *({"body": body, "summary": body[:40]} for _, body in BODIES[7:]),
]


def test_training_counts_what_it_leaves_out_and_takes_the_rest(warm: Warm, tmp_path: Path) -> None:
    values: dict[str, Any] = small_recipe(tmp_path, task="summarization")
    sides = {"src": "body", "tgt": "summary"}
    for name, rows in (("train", [*GOOD, *BAD]), ("valid", [*BAD[:8], *GOOD[:3]])):
        text = "".join(f"{json.dumps(row)}\n" for row in rows)
        (tmp_path / f"{name}.jsonl").write_text(text, "utf-8")
    values["data"] = {name: {"jsonl": f"{name}.jsonl", **sides} for name in ("train", "valid")}
    values["data"] |= {"max_src_tokens": 40, "max_tgt_tokens": 40, "length_tokens": True, "truncate": "sentences"}
    values["tokenizer"] = {"kind": "unigram", "vocab_size": 260, "shared": True}
    values["training"] |= {"max_steps": 2, "validate_every": 2, "checkpoint_every": 2, "threads": 1}
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump(values, allow_unicode=True), "utf-8")
    done = warm.seqtool("train", "recipe.yaml", cwd=tmp_path)
    assert done.code == 0, done.err
    ledger = done.err.splitlines()[0]
    assert ledger.startswith(f"training pairs: {len(GOOD) + len(BAD)} read, ")
    assert " 5 empty" in ledger
    assert " target longer than 40 tokens" in ledger
    assert " sources cut" in ledger
    assert " longer than their sources" in ledger
    assert "validation pairs: 11\n" in done.err
    used = warm.seqtool("summarize", "-m", "runs/numbers", *QUICK, cwd=tmp_path, stdin="eins\n\n東京\n".encode())
    assert used.code == 0
    assert used.out.count("\n") == 3
