"""`seqtool init` on data that says little or the wrong thing, and on what other programs write."""

from __future__ import annotations

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
