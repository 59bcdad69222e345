"""Paired tests: sacrebleu's numbers, and what must be true of any such test."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sacrebleu.metrics import BLEU
from sacrebleu.significance import PairedTest as SacrebleuTest

from seqtool.errors import ResourceError
from seqtool.metrics import METRIC_NAMES, SUMMARY_METRICS, Variant, score_corpus
from seqtool.metrics.bootstrap import check_drawn
from seqtool.metrics.paired import Comparison, Kind, PairedTest, compare
from seqtool.metrics.rouge import rouge_of_lines
from tests.metrics.degraded import degraded, references
from tests.number_words import write_lines

LINES = 120
REFS = references(LINES)
SYSTEMS = [degraded(LINES, 0.1, 1), degraded(LINES, 0.1, 5), degraded(LINES, 0.4, 3)]
KINDS: list[Kind] = ["bs", "ar"]


def compared(systems: list[list[str]], name: str, test: PairedTest) -> list[Comparison]:
    return [row[name] for row in compare(systems, [REFS], [name], test, sources=REFS, variant=Variant())]


def printed_by_sacrebleu(options: list[str], folder: Path) -> tuple[list[list[str]], str]:
    """The numbers of each cell in the table of the sacrebleu command, and all it printed. (Its JSON cannot hold a bootstrap of chrF.)"""
    write_lines(folder / "ref", REFS)
    files = [str(write_lines(folder / f"{number}", system)) for number, system in enumerate(SYSTEMS)]
    line = [sys.executable, "-m", "sacrebleu", "ref", "-i", *files, *options, "-f", "latex", "--width", "6"]
    out = subprocess.run(line, cwd=folder, capture_output=True, check=True).stdout.decode()
    rows = out.partition("midrule")[2].partition("bottomrule")[0].strip().splitlines()
    return [row.split("&")[1:] for row in rows if "&" in row], out


@pytest.mark.parametrize(("kind", "resamples"), [("bs", 300), ("ar", 500)])
def test_the_numbers_are_those_of_the_sacrebleu_command(kind: Kind, resamples: int, tmp_path: Path) -> None:
    names = ["bleu", "chrf", "ter"]
    options = ["-m", *names, f"--paired-{kind}", f"--paired-{kind}-n", str(resamples)]
    (_, *theirs), out = printed_by_sacrebleu(options, tmp_path)
    test = PairedTest(kind, resamples)
    rows = compare(SYSTEMS, [REFS], names, test, variant=Variant())
    assert len(theirs) == len(rows) == 2
    for system, row, cells in zip(SYSTEMS[1:], rows, theirs, strict=True):
        scores = score_corpus(system, [REFS], names, bootstrap=resamples if kind == "bs" else 0)
        for name, cell in zip(names, cells, strict=True):
            value, *interval, p_value = re.findall(r"[0-9.]+", cell)
            assert f"{row[name].p_value:.4f}" == p_value
            assert f"{scores[name].value:.6f}" == value
            assert f" {test.signature(scores[name].signature)}\n" in out
            if name == "bleu" and kind == "bs":  # the interval comes from the same resamples
                mean, half = map(float, interval)
                assert (scores[name].low, scores[name].high) == pytest.approx((mean - half, mean + half), abs=2e-6)


def test_the_bootstrap_of_rouge_draws_the_lines_that_sacrebleu_draws() -> None:
    """The test of Koehn as sacrebleu runs it, written down again for a mean."""
    first, other = (rouge_of_lines(system, [REFS], ["rougeL"], stem=False)["rougeL"] for system in SYSTEMS[:2])
    drawn = np.random.default_rng(12345).choice(LINES, size=(400, LINES), replace=True)
    differences = np.abs((other - first)[drawn].mean(1))
    c = (differences - differences.mean() > abs((other - first).mean())).sum()
    (found,) = compared(SYSTEMS[:2], "rougeL", PairedTest("bs", 400))
    assert found.p_value == pytest.approx((c + 1) / 401, abs=1e-12)
    assert found.difference == pytest.approx((other - first).mean())


def test_randomization_of_rouge_swaps_the_lines_that_sacrebleu_swaps() -> None:
    first, other = (rouge_of_lines(system, [REFS], ["rouge1"], stem=False)["rouge1"] for system in SYSTEMS[:2])
    swapped = np.random.default_rng(12345).integers(2, size=(400, LINES), dtype=bool)
    differences = np.abs(np.where(swapped, other - first, first - other).mean(1))
    c = (differences > abs((other - first).mean())).sum()
    (found,) = compared(SYSTEMS[:2], "rouge1", PairedTest("ar", 400))
    assert found.p_value == pytest.approx((c + 1) / 401, abs=2 / 401)  # a tie may fall on either side of a rounding


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", [*METRIC_NAMES, *SUMMARY_METRICS])
def test_equal_systems_do_not_differ_and_a_bad_one_does(kind: Kind, name: str) -> None:
    worse = [f"{line} the the the the the" for line in SYSTEMS[0]]
    equal, bad = compared([SYSTEMS[0], SYSTEMS[0], worse], name, PairedTest(kind, 60))
    assert equal == Comparison(0.0, 1.0)
    assert bad.difference != 0.0
    assert bad.p_value == pytest.approx(1 / 61)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("lines", "least"), [(1, 1.0), (2, 0.5), (5, 0.0625)])
def test_few_lines_that_differ_show_nothing(kind: Kind, lines: int, least: float) -> None:
    """Half of the ways to swap one line have the whole difference, and sacrebleu's count calls that a proof."""
    other = ["nothing at all" if number < lines else line for number, line in enumerate(REFS)]
    (found,) = compared([REFS, other], "bleu", PairedTest(kind, 100))
    assert found.difference < 0
    assert least <= found.p_value <= 1.0


def test_the_other_systems_and_their_order_change_nothing() -> None:
    test = PairedTest("ar", 200)
    first, one, two = SYSTEMS
    assert compared([first, one, two], "chrf", test) == compared([first, two, one], "chrf", test)[::-1]
    (there,), (back,) = compared([first, one], "rouge2", test), compared([one, first], "rouge2", test)
    assert (back.difference, back.p_value) == pytest.approx((-there.difference, there.p_value))


@pytest.mark.parametrize("kind", KINDS)
def test_the_seed_is_the_seed(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SACREBLEU_SEED", "77")  # what is in the environment is nobody's choice
    found = {seed: compared(SYSTEMS[:2], "bleu", PairedTest(kind, 200, seed)) for seed in (12345, 2, 3)}
    assert found[12345] == compared(SYSTEMS[:2], "bleu", PairedTest(kind, 200))
    assert len({one.p_value for (one,) in found.values()}) > 1
    intervals = [score_corpus(SYSTEMS[0], [REFS], ["bleu"], bootstrap=50, seed=seed)["bleu"] for seed in (12345, 2)]
    assert intervals[0].low != intervals[1].low
    assert [f"seed:{seed}|" in one.signature for one, seed in zip(intervals, (12345, 2), strict=True)] == [True, True]


@pytest.mark.parametrize("bootstrap", [0, 50])
def test_the_signature_is_the_one_of_the_sacrebleu_test(bootstrap: int) -> None:
    systems = [(str(number), system) for number, system in enumerate(SYSTEMS)]
    theirs = SacrebleuTest(systems, {"b": BLEU()}, [REFS], "ar", 20, n_ar_confidence=bootstrap or -1)()[0]
    own = score_corpus(SYSTEMS[0], [REFS], ["bleu"], bootstrap=bootstrap)["bleu"].signature
    assert PairedTest("ar", 20).signature(own) == str(theirs["BLEU"])
    rouge = score_corpus(SYSTEMS[0], [REFS], ["rougeL"], bootstrap=bootstrap)["rougeL"].signature
    assert "|ar:20|seed:12345|type:rougeL|" in PairedTest("ar", 20).signature(rouge)
    assert PairedTest("bs", 20).signature(own) == own


def test_more_resamples_than_memory_are_refused() -> None:
    with pytest.raises(ResourceError, match=r"1,000,000 resamples of 120 lines would take about 9 GB") as caught:
        compared(SYSTEMS, "bleu", PairedTest("bs", 1_000_000))
    assert "ask for 833,333 or fewer" in caught.value.hint


def test_randomization_takes_less_memory_than_a_bootstrap() -> None:
    check_drawn(10_000, 11_490, "ar")
    with pytest.raises(ResourceError, match=r"10,000 resamples of 11,490 lines would take about 8 GB"):
        check_drawn(10_000, 11_490, "bs")
    with pytest.raises(ResourceError, match=r"10,000 resamples of 90,000 lines would take about 9 GB") as caught:
        check_drawn(10_000, 90_000, "ar")
    assert "ask for 8,000 or fewer" in caught.value.hint
