"""`data.length_tokens` and `--length`, from a recipe to a model that was moved: a summary is the first 1, 3 or 6 words of its document."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seqtool.model_dir import WEIGHTS, open_model_dir, write_model_dir
from seqtool.text.length_tokens import PIECES
from tests.cli.processes import Done, Warm
from tests.cli.training_runs import Trained, metrics, write_recipe
from tests.number_words import NUMBERS, write_lines

Ask = Callable[..., Done]
SIZES = {"short": 1, "medium": 3, "long": 6}


def documents(count: int, seed: int) -> tuple[list[str], list[str]]:
    """Eight words each, and of a third of them one word, of a third three, of a third six."""
    rng = random.Random(seed)
    rows = [rng.choices(sorted(NUMBERS), k=8) for _ in range(count)]
    sizes = [rng.choice(list(SIZES.values())) for _ in rows]
    summaries = [" ".join(NUMBERS[word] for word in row[:size]) for row, size in zip(rows, sizes, strict=True)]
    return [" ".join(row) for row in rows], summaries


TEXTS = documents(20, 9)[0]


@pytest.fixture(scope="module")
def run(warm: Warm, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    folder = tmp_path_factory.mktemp("lengths")
    for seed, (name, count) in enumerate((("train", 900), ("valid", 60), ("test", 20))):
        src, tgt = documents(count, seed)
        write_lines(folder / f"{name}.de", src)
        write_lines(folder / f"{name}.en", tgt)
    data = {name: {"src": f"{name}.de", "tgt": f"{name}.en"} for name in ("train", "valid", "test")}
    data["length_tokens"] = True  # type: ignore[assignment]
    tokenizer = {"kind": "word", "vocab_size": 60, "shared": True}
    write_recipe(folder, folder, task="summarization", data=data, tokenizer=tokenizer)
    done = warm.seqtool("train", "recipe.yaml", cwd=folder)
    assert done.code == 0, done.err
    return Trained(folder, done)


@pytest.fixture
def ask(run: Trained, warm: Warm, tmp_path: Path) -> Ask:
    """Runs a command on `TEXTS`, or on others."""

    def summarize(
        *options: str | Path, model: Path = run.run_dir, command: str = "summarize", lines: list[str] = TEXTS
    ) -> Done:
        stdin = "".join(f"{line}\n" for line in lines).encode()
        return warm.seqtool(command, "-m", model, *options, cwd=tmp_path, stdin=stdin)

    return summarize


def words(done: Done) -> list[int]:
    assert done.code == 0, done.err
    return [len(line.split()) for line in done.out.splitlines()]


def best(done: Done) -> list[dict[str, Any]]:
    assert done.code == 0, done.err
    return [json.loads(line)["hypotheses"][0] for line in done.out.splitlines()]


def test_training_says_what_to_do_with_the_model(run: Trained) -> None:
    assert run.done.err.endswith("\nnext: seqtool summarize -m runs/numbers < in.txt\n")


def test_a_length_is_chosen_and_medium_where_none_is(ask: Ask, run: Trained, tmp_path: Path) -> None:
    """All of it is in the model directory."""
    moved = shutil.copytree(run.run_dir / "model", tmp_path / "moved")
    for name, size in SIZES.items():
        done = ask("--length", name, model=moved)
        assert sum(length == size for length in words(done)) >= 18, name
        assert ask("--length", name, command="translate").out == done.out
    assert ask(model=moved).out == ask("--length", "medium").out
    config = json.loads((moved / "config.json").read_text())
    assert config["length_bounds"] == [1, 3]


def test_validation_reads_the_own_length_and_writes_medium(run: Trained) -> None:
    """With another length than the reference's its end would be a surprise."""
    losses = [one["loss"] for one in metrics(run.run_dir) if one["kind"] == "valid"]
    assert losses[-1] < 0.4
    samples = (run.run_dir / "samples.txt").read_text("utf-8")
    assert len(samples.splitlines()[-1].split("\t")[-1].split()) in (3, 4), "with its label"


def test_nothing_of_it_is_seen_outside(ask: Ask) -> None:
    """Not among tokens, however unlikely those drawn are, nor in alignment and attention."""
    ways = ("--format", "jsonl", "--details", "--length", "long")
    for one, text in zip(best(ask(*ways)), TEXTS, strict=True):
        assert {len(row) for row in one["attention"]} == {len(text.split()) + 1}, "and the end"
        links = [tuple(map(int, link.split("-"))) for link in one["alignment"].split()]
        assert all(src < 8 and tgt < 6 for src, tgt in links)
        assert sum(src == tgt for src, tgt in links) >= 4
    drawn = best(ask(*ways, "--sample", "--temperature", "50", "--batch-size", "1"))
    assert not {piece for one in drawn for piece, _ in one["tokens"]} & set(PIECES)


def test_glossary_and_limits_work_beside_it(ask: Ask, tmp_path: Path) -> None:
    write_lines(tmp_path / "terms.tsv", ["eins\tten ten"])
    found = ask("--length", "long", "--glossary", "terms.tsv", "--max-words", "7").out.splitlines()
    for text, line in zip(TEXTS, found, strict=True):
        assert line.count("ten ten") >= (1 if "eins" in text else 0)
    assert max(words(ask("--length", "long", "--max-words", "4"))) == 4


def test_each_part_of_a_long_line_has_it(ask: Ask, run: Trained, tmp_path: Path) -> None:
    """And a document that is cut keeps it. The longest source has eight words and the length token."""
    opened = open_model_dir(run.run_dir)
    assert opened.config.max_src_tokens == 9
    config = opened.config.model_copy(update={"task": "translation"})
    write_model_dir(tmp_path / "parts", opened.read(WEIGHTS), opened.tokenizers, config)
    long = [" ".join(TEXTS[:3])]
    parts = ask("--length", "short", model=tmp_path / "parts", command="translate", lines=long)
    assert words(parts) == [3]
    assert parts.err == "warning: 1 line longer than the 9 tokens the model knows: translated in parts\n"
    assert parts.out.split() == ask("--length", "short", lines=TEXTS[:3]).out.split()
    cut = ask("--length", "short", lines=long)
    assert cut.out == ask("--length", "short", lines=TEXTS[:1]).out


def test_a_score_is_that_of_the_search(ask: Ask, run: Trained, warm: Warm, tmp_path: Path) -> None:
    """After the token of the length that is asked for, medium where none is; of a document that is cut, by what is left of it."""
    lines = [*TEXTS, " ".join(TEXTS)]
    for length in ([], ["--length", "long"], ["--length", "short"]):
        found = best(ask("--format", "jsonl", *length, lines=lines))
        src, tgt = write_lines(tmp_path / "a", lines), write_lines(tmp_path / "b", [one["text"] for one in found])
        scored = warm.seqtool("score", "-m", run.run_dir, *length, src, tgt, cwd=tmp_path)
        assert [float(line) for line in scored.out.splitlines()] == pytest.approx(
            [one["log_prob"] for one in found], abs=1e-3
        )


def test_a_model_without_refuses_a_choice(ask: Ask, trained: Trained) -> None:
    refused = ask("--length", "short", model=trained.run_dir)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err == (
        "error[usage.length]: --length short: the model learnt no lengths to choose from\n"
        "hint: leave it out, or train a model with data.length_tokens: true\n"
    )
    assert ask("--length", "tiny").code == 2


def test_models_with_and_without_are_no_ensemble(ask: Ask, run: Trained, tmp_path: Path) -> None:
    opened = open_model_dir(run.run_dir)
    config = opened.config.model_copy(update={"length_bounds": None})
    write_model_dir(tmp_path / "plain", opened.read(WEIGHTS), opened.tokenizers, config)
    refused = ask("-m", tmp_path / "plain")
    assert refused.code == 4
    assert "error[model.ensemble]: " in refused.err
    assert "one has learnt length tokens and the other has not" in refused.err
    assert ask("-m", run.run_dir).out == ask().out
