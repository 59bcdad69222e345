"""`seqtool report RUN RUN`: samples and worst lines of several runs beside each other, where they are of the same lines."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.cli.processes import Warm
from tests.cli.report_pages import HOSTILE, copied, tables
from tests.cli.training_runs import Trained

OPTIONS = ("--lines", "1", "--max-lines", "12", "-o", "page.html", "-q")


@pytest.fixture
def runs(trained: Trained, tmp_path: Path) -> tuple[Path, Path]:
    """Two runs on the same data."""
    first = copied(trained, tmp_path, "first")
    return first, Path(shutil.copytree(first, first.with_name("second")))


def test_samples_and_worst_lines_of_the_same_sources_are_in_one_table(
    runs: tuple[Path, Path], warm: Warm, tmp_path: Path
) -> None:
    told = (runs[1] / "samples.txt").read_text("utf-8")
    other = re.sub(r"(?m)^  hyp  .*", f"  hyp  other {HOSTILE[0]}", told)
    (runs[1] / "samples.txt").write_text(f"{other}step 300\n  src  of\n  ref  its\n  hyp  own\n", "utf-8")
    done = warm.seqtool("report", *runs, *OPTIONS, cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    page = (tmp_path / "page.html").read_text("utf-8")
    samples, worst = tables(page, "runs")
    assert samples[0] == worst[0] == ["source", "reference", "first", "second"]
    blocks = re.findall(r"  src  (.+)\n  ref  (.+)\n  hyp  (.*)", told)
    last = {src: (ref, hyp) for src, ref, hyp in blocks}
    assert len(samples) == 1 + len(last)
    for src, ref, one, other in samples[1:]:
        assert ref == last[src][0]
        assert one.startswith(last[src][1] or "(nothing)")
        assert re.search(r" steps? ([\d,]+–)?300$", one)
        assert other.startswith(f"other {HOSTILE[0]} steps 60–300"), "what stayed the same"
    assert "<script>" not in page
    assert page.count(">own<") == 1, "a sample that one run has is told below"
    assert len(worst) == 1 + 2 * 10
    for place, row in zip(worst[1::2], worst[2::2], strict=True):
        assert re.fullmatch(r"line \d+ of test · \d+ source tokens", place[0])
        assert row[2] == row[3], "the same model"
        assert re.search(r" chrF [\d.]+$", row[2])
    scores = [float(row[2].rpartition(" ")[2]) for row in worst[2::2]]
    assert scores == sorted(scores)
    assert "lines of its own" not in page


def test_runs_on_other_lines_have_lists_of_their_own(runs: tuple[Path, Path], warm: Warm, tmp_path: Path) -> None:
    text = (runs[1] / "recipe.yaml").read_text("utf-8")
    (runs[1] / "recipe.yaml").write_text(re.sub(r"/test\.(de|en)", r"/valid.\1", text), "utf-8")
    (runs[1] / "samples.txt").write_text("step 300\n  src  of\n  ref  its\n  hyp  own\n", "utf-8")
    done = warm.seqtool("report", *runs, *OPTIONS, cwd=tmp_path)
    assert done.code == 0, done.err
    page = (tmp_path / "page.html").read_text("utf-8")
    assert tables(page, "runs") == []
    assert page.count('<div class="where">line ') == 20
    assert page.count("<details open>") == 2, "nothing is beside them, so they are not folded"


def test_a_phone_gets_cards_and_a_screen_columns_of_one_width() -> None:
    """What the browser's test sees, where there is a browser."""
    import seqtool.analysis

    css = (Path(seqtool.analysis.__file__).parent / "templates/report.css").read_text("utf-8")
    phone = css[css.index("@media (max-width: 40rem)") : css.index("@media print")]
    assert "table.runs, .runs tbody, .runs tr, .runs td { display: block; }" in phone
    assert "table.runs { min-width: 0; }" in phone
    assert "content: attr(data-head)" in phone
    assert ".runs th, .runs td { overflow-wrap: anywhere; }" in css
