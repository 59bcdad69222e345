"""Names, options, intervals, notes and errors of scores."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

import pytest
from sacrebleu.metrics import BLEU

from seqtool.errors import DataError, ResourceError, SeqtoolError, UsageError
from seqtool.metrics import METRIC_NAMES, Score, Variant, expand_names, score_corpus
from tests.metrics.sample_text import FIRST, HYPS, SECOND


def _one(name: str, *, bootstrap: int = 0, variant: Variant | None = None) -> Score:
    return score_corpus(HYPS, [FIRST], [name], bootstrap=bootstrap, variant=variant or Variant())[name]


def test_scores_come_in_the_order_asked_for_each_once() -> None:
    assert expand_names(["chrf", "rouge", "rouge1", "bleu", "chrf"]) == ["chrf", "rouge1", "rouge2", "rougeL", "bleu"]
    assert list(score_corpus(HYPS, [FIRST], ["rougeL", "ter", "bleu"])) == ["rougeL", "ter", "bleu"]


@pytest.mark.parametrize("name", METRIC_NAMES)
def test_a_perfect_system_reaches_the_end_of_the_scale(name: str) -> None:
    refs = [line for line in FIRST if line]
    assert score_corpus(refs, [refs], [name])[name].value == pytest.approx(0 if name == "ter" else 100)


@pytest.mark.parametrize("name", METRIC_NAMES)
def test_a_system_that_says_nothing_scores_nothing(name: str) -> None:
    score = score_corpus([""] * len(FIRST), [FIRST], [name], bootstrap=10)[name]
    assert score.value == (100 if name == "ter" else 0)
    assert score.low == score.high == score.value


@pytest.mark.parametrize(
    ("name", "variant"),
    [
        ("bleu", Variant("char")),
        ("bleu", Variant(lowercase=True)),
        ("chrf", Variant(lowercase=True)),
        ("rouge1", Variant(stem=True)),
        ("rouge2", Variant(stem=True)),
        ("rougeL", Variant(stem=True)),
        ("rougeLsum", Variant(stem=True)),
    ],
)
def test_each_option_changes_value_and_signature(name: str, variant: Variant) -> None:
    plain, changed = _one(name), _one(name, variant=variant)
    assert plain.value != changed.value
    assert plain.signature != changed.signature


def test_the_better_reference_of_each_line_counts() -> None:
    both = score_corpus(HYPS, [FIRST, SECOND], ["bleu", "rouge"])
    for refs in (FIRST, SECOND):
        for name, score in score_corpus(HYPS, [refs], ["bleu", "rouge"]).items():
            assert both[name].value > score.value
    assert all(score.signature.startswith("nrefs:2|") for score in both.values())


@pytest.mark.parametrize("name", METRIC_NAMES)
def test_an_interval_holds_the_value_and_is_the_same_every_time(name: str) -> None:
    first, again = _one(name, bootstrap=150), _one(name, bootstrap=150)
    assert first == again
    assert first.low is not None
    assert first.high is not None
    assert 0 <= first.low < first.value < first.high
    assert "bs:150|seed:12345" in first.signature
    assert first.value == _one(name).value


def test_the_interval_of_bleu_is_sacrebleus() -> None:
    metric = BLEU(force=True)
    theirs = metric.corpus_score(HYPS, [FIRST], n_bootstrap=200)
    ours = _one("bleu", bootstrap=200)
    assert ours.low == pytest.approx(theirs._mean - theirs._ci, abs=1e-9)
    assert ours.high == pytest.approx(theirs._mean + theirs._ci, abs=1e-9)


def test_more_lines_make_the_interval_of_rouge_narrower() -> None:
    few = score_corpus(HYPS, [FIRST], ["rouge1"], bootstrap=300)["rouge1"]
    many = score_corpus(HYPS * 16, [FIRST * 16], ["rouge1"], bootstrap=300)["rouge1"]
    widths = [(score.high or 0) - (score.low or 0) for score in (few, many)]
    assert widths[0] / widths[1] == pytest.approx(4, rel=0.25)  # the square root of 16


def test_an_interval_stays_on_the_scale() -> None:
    # The first hypothesis is perfect: mean plus half width of the resampled scores is above 100.
    scores = score_corpus([FIRST[0], FIRST[1]], [[FIRST[0], SECOND[1]]], ["bleu", "chrf"], bootstrap=50)
    for score in scores.values():
        assert score.low is not None
        assert score.high is not None
        assert 0 <= score.low <= score.value <= score.high <= 100


@pytest.mark.parametrize(
    ("line", "noted"),
    [
        ("Ein Mann schläft über der Tür.", False),  # umlauts split words, but most letters stay
        ("Мужчина спит на диване.", True),
        ("男の人がソファで寝ている。", True),
        ("plain English", False),
    ],
)
def test_text_that_rouge_cannot_see_is_noted(line: str, noted: bool) -> None:
    score = score_corpus([line], [[line]], ["rouge1"])["rouge1"]
    assert bool(score.note) == noted
    assert not noted or "keeps only a-z and 0-9" in score.note


@pytest.mark.parametrize(
    ("line", "tokenize", "noted"),
    [
        ("男の人がソファで寝ている。", "13a", True),
        ("男の人がソファで寝ている。", "intl", True),
        ("男の人がソファで寝ている。", "char", False),
        ("一个男人在沙发上睡觉。", "13a", True),
        ("一个男人在沙发上睡觉。", "zh", False),
        ("ผู้ชายคนหนึ่งนอนบนโซฟา", "13a", True),
        ("GPT是一个语言模型的名字。", "13a", True),
        ("男 の 人 が ソファ で 寝 て いる 。", "13a", False),  # somebody has put spaces there
        ("한 남자가 소파에서 자고 있다.", "13a", False),
        ("The sign says 出口 in Japanese.", "13a", False),
        ("plain English", "13a", False),
    ],
)
def test_bleu_of_words_that_nothing_takes_apart_is_noted(line: str, tokenize: str, noted: bool) -> None:
    scores = score_corpus([line], [[line], [line]], ["bleu", "chrf"], variant=Variant(tokenize))
    assert bool(scores["bleu"].note) == noted
    assert not noted or scores["bleu"].note.endswith("use --tokenize zh, ja-mecab or char")
    assert not scores["chrf"].note


ERRORS: list[tuple[Sequence[str], Sequence[Sequence[str]], list[str], Variant, type[SeqtoolError], str]] = [
    (["a"], [["a", "b"]], ["bleu"], Variant(), DataError, "1 hypotheses and 2 lines in the reference"),
    (["a"], [["a"], []], ["bleu"], Variant(), DataError, "1 hypotheses and 0 lines in reference 2"),
    ([], [[]], ["bleu"], Variant(), DataError, "no lines to score"),
    (["a"], [], ["bleu"], Variant(), DataError, "no reference"),
    (["a"], [["a"]], ["blue"], Variant(), UsageError, "no metric is called 'blue'\nhint: did you mean bleu?"),
    (["a"], [["a"]], ["ROUGEL"], Variant(), UsageError, "did you mean rougeL?"),
    (["a"], [["a"]], ["xyz"], Variant(), UsageError, "metrics are bleu, chrf, ter, rouge1"),
    (["a"], [["a"]], ["bleu"], Variant("13b"), UsageError, "no tokenizer is called '13b'\nhint: did you mean 13a?"),
    (["a"], [["a"]], ["bleu"], Variant("xyz"), UsageError, "sacrebleu's are none, zh, 13a"),
]


@pytest.mark.parametrize(("hyps", "refs", "names", "variant", "kind", "text"), ERRORS)
def test_errors_name_what_is_wrong(
    hyps: Sequence[str],
    refs: Sequence[Sequence[str]],
    names: list[str],
    variant: Variant,
    kind: type[SeqtoolError],
    text: str,
) -> None:
    with pytest.raises(kind) as caught:
        score_corpus(hyps, refs, names, variant=variant)
    assert text in str(caught.value)


@pytest.mark.parametrize("samples", [-1, 1])
def test_a_bootstrap_of_one_sample_is_refused(samples: int) -> None:
    with pytest.raises(UsageError, match="1000 is usual"):
        score_corpus(HYPS, [FIRST], ["bleu"], bootstrap=samples)


def test_a_tokenizer_that_is_not_installed_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sacrebleu.tokenizers.tokenizer_ja_mecab.MeCab", None)
    with pytest.raises(ResourceError, match="needs packages") as caught:
        score_corpus(HYPS, [FIRST], ["bleu"], variant=Variant("ja-mecab"))
    assert caught.value.hint == "pip install 'sacrebleu[ja]'"


def test_a_tokenizer_that_cannot_be_fetched_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise SystemExit(1)

    monkeypatch.setattr("sacrebleu.tokenizers.tokenizer_spm.download_file", refuse)
    monkeypatch.setattr("sacrebleu.tokenizers.tokenizer_spm.SACREBLEU_DIR", "/nonexistent")
    with pytest.raises(ResourceError, match="flores200 cannot be had") as caught:
        score_corpus(HYPS, [FIRST], ["bleu"], variant=Variant("flores200"))
    assert "needs the network" in caught.value.hint


def test_importing_metrics_imports_neither_library() -> None:
    code = "import sys, seqtool.metrics; print([name for name in ('sacrebleu', 'rouge_score', 'numpy', 'torch') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout.strip() == b"[]"
