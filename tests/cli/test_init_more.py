"""`seqtool init` on data that says little or the wrong thing, and on what other programs write."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.processes import Warm
from tests.number_words import write_lines
from tests.proposal.sentences import SENTENCES


def sentences(code: str, count: int = 120) -> list[str]:
    """So many lines in a language, no two the same."""
    return [f"{SENTENCES[code][number % 3]} {number}" for number in range(count)]


def test_languages_are_told_from_the_text_where_names_say_nothing(tmp_path: Path, warm: Warm) -> None:
    write_lines(
        tmp_path / "p.tsv", [f"{src}\t{tgt}" for src, tgt in zip(sentences("nl"), sentences("sv"), strict=True)]
    )
    done = warm.seqtool("init", "p.tsv", cwd=tmp_path)
    assert done.code == 0, done.err
    assert "\nlanguages: Dutch (by its words " in done.err
    text = (tmp_path / "recipe.yaml").read_text("utf-8")
    assert text.startswith("# Dutch-Swedish translation, from p")
    assert "\nrun_dir: runs/p-nl-sv\n" in text


def test_files_whose_text_is_in_another_language_than_their_name_says(tmp_path: Path, warm: Warm) -> None:
    write_lines(tmp_path / "src.de", sentences("en"))
    write_lines(tmp_path / "src.en", sentences("de"))
    done = warm.seqtool("init", "src.de", "src.en", cwd=tmp_path)
    assert done.code == 0, done.err
    told = "warning: src.de looks English and src.en German: are the two exchanged?"
    assert told in done.err
    assert f"# - {told}" in (tmp_path / "recipe.yaml").read_text("utf-8")


def test_a_run_goes_where_none_is_and_no_recipe_beside_it_sends_another(tmp_path: Path, warm: Warm) -> None:
    """It is called after the recipe, or after the data where the recipe has no name of its own."""
    write_lines(tmp_path / "a.de", sentences("de"))
    write_lines(tmp_path / "a.en", sentences("en"))
    (tmp_path / "runs/a-de-en").mkdir(parents=True)
    (tmp_path / "by-hand.yaml").write_text("# mine\nrun_dir: 'runs/third'  # like this\n")
    (tmp_path / "fourth.yml").write_text("data: {}\n")
    (tmp_path / "other.yaml").write_text("run_dir: elsewhere/fourth\n")
    wanted = {
        "recipe.yaml": "runs/a-de-en-2",
        "mine 2.yaml": "runs/mine-2",
        "a-de-en-2.yaml": "runs/a-de-en-2-2",
        "third.yaml": "runs/third-2",
        "fourth.yaml": "runs/fourth-2",
    }
    for name, run_dir in wanted.items():
        assert warm.seqtool("init", "a.de", "a.en", "-o", name, cwd=tmp_path).code == 0
        assert f"\nrun_dir: {run_dir}\n" in (tmp_path / name).read_text()


def test_what_is_split_off_says_which_lines_it_is_from(tmp_path: Path, warm: Warm) -> None:
    """What `check` names by its place in a part is found in the files it came from."""
    for code in ("nl", "sv"):
        write_lines(tmp_path / f"p.{code}", sentences(code))
    done = warm.seqtool("init", "p.nl", "p.sv", "--test", "0", cwd=tmp_path)
    assert done.code == 0, done.err
    found = {}
    for role in ("train", "valid"):
        rows = [json.loads(line) for line in (tmp_path / f"recipe-data/{role}.jsonl").read_text("utf-8").splitlines()]
        assert [row["line"] for row in rows] == sorted(row["line"] for row in rows)
        found |= {row["line"]: row["nl"] for row in rows}
    assert found == dict(enumerate(sentences("nl"), 1))


def test_a_limit_that_cuts_says_what_it_leaves_out(tmp_path: Path, warm: Warm) -> None:
    """Half of the texts are longer than what batches can hold."""
    pairs = [(src, tgt) for src, tgt in zip(sentences("de", 200), sentences("en", 200), strict=True)]
    long = [(f"{src} " * 40, f"{tgt} " * 40) for src, tgt in pairs[100:]]
    write_lines(tmp_path / "p.tsv", ["\t".join(pair) for pair in [*pairs[:100], *long]])
    done = warm.seqtool("init", "p.tsv", "--task", "translation", cwd=tmp_path)
    assert done.code == 0, done.err
    text = (tmp_path / "recipe.yaml").read_text("utf-8")
    assert "max_tgt_tokens: 500" in text
    assert "99% of the targets" not in text
    assert "about 50% of the targets are longer and are left out" in text
