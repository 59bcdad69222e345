"""`seqtool evaluate`: which numbers come from which resampling."""

from __future__ import annotations

import re
from pathlib import Path

from tests.cli.processes import Warm
from tests.cli.test_evaluate_publication import LINES, answer, score_of
from tests.metrics.degraded import degraded, references
from tests.number_words import write_lines


def test_randomization_has_the_intervals_of_a_bootstrap_and_says_so(warm: Warm, tmp_path: Path) -> None:
    write_lines(tmp_path / "ref.en", references(LINES))
    for name, seed in (("good.en", 1), ("near.en", 5)):
        write_lines(tmp_path / name, degraded(LINES, 0.1, seed))
    asked = ("evaluate", "--ref", "ref.en", "good.en", "near.en", "--metrics", "chrf")
    plain = answer(warm.seqtool(*asked, "--bootstrap", "1000", "--json", cwd=tmp_path))
    done = warm.seqtool(*asked, "--paired", "ar", "--resamples", "50", cwd=tmp_path)
    _, good, near, _, *notes = done.out.splitlines()
    for name, row in (("good.en", good), ("near.en", near)):
        score = score_of(plain, name, "chrf")
        assert row.split("  ")[1].strip() == f"{score['value']:.2f} [{score['low']:.2f}, {score['high']:.2f}]"
    assert re.search(r"\] +\d\.\d{4}$", near)
    assert notes[1:] == [
        "p     paired approximate randomization against good.en, 50 resamples, seed 12345",
        "[ ]   95% bootstrap interval: each system alone, 1,000 resamples, seed 12345",
    ]
    fewer = warm.seqtool(*asked, "--paired", "ar", "--resamples", "50", "--bootstrap", "60", "--json", cwd=tmp_path)
    assert answer(fewer)["intervals"]["bootstrap"] == 60
    both = warm.seqtool(*asked, "--paired", "bs", "--resamples", "50", cwd=tmp_path).out
    assert both.endswith("\n[ ]   95% bootstrap interval: the same resamples as p\n")
