"""The numbers are those of sacrebleu and rouge-score, digit for digit."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from rouge_score.rouge_scorer import RougeScorer
from sacrebleu.metrics import BLEU, CHRF, TER

from seqtool.metrics import Variant, score_corpus
from tests.metrics.sample_text import FIRST, HYPS, SECOND

REFERENCES = [pytest.param([FIRST], id="one reference"), pytest.param([FIRST, SECOND], id="two references")]


@pytest.mark.parametrize("refs", REFERENCES)
@pytest.mark.parametrize(
    ("name", "metric", "variant"),
    [
        ("bleu", BLEU(force=True), Variant()),
        ("bleu", BLEU(lowercase=True, tokenize="intl"), Variant("intl", lowercase=True)),
        ("bleu", BLEU(tokenize="char"), Variant("char")),
        ("chrf", CHRF(), Variant()),
        ("chrf", CHRF(lowercase=True), Variant(lowercase=True)),
        ("ter", TER(), Variant()),
    ],
)
def test_sacrebleu_says_the_same(name: str, metric: BLEU | CHRF | TER, variant: Variant, refs: list[list[str]]) -> None:
    found = score_corpus(HYPS, refs, [name], variant=variant)[name]
    assert found.value == pytest.approx(metric.corpus_score(HYPS, refs).score, abs=1e-9)
    assert found.signature == str(metric.get_signature())


@pytest.mark.parametrize("stem", [False, True])
@pytest.mark.parametrize("refs", REFERENCES)
def test_rouge_score_says_the_same(refs: list[list[str]], stem: bool) -> None:
    names = ["rouge1", "rouge2", "rougeL", "rougeLsum"]
    found = score_corpus(HYPS, refs, names, variant=Variant(stem=stem))
    scorer = RougeScorer(names, use_stemmer=stem)
    lines = [scorer.score_multi(list(line_refs), hyp) for hyp, *line_refs in zip(HYPS, *refs, strict=True)]
    for name in names:
        mean = sum(line[name].fmeasure for line in lines) / len(lines)
        assert found[name].value == pytest.approx(100 * mean, abs=1e-9)


def test_a_line_with_newlines_has_sentences_for_rougelsum() -> None:
    hyp, ref = "the cat sat\na dog barked", "a dog barked\nthe cat sat"
    scores = score_corpus([hyp], [[ref]], ["rougeL", "rougeLsum"])
    assert scores["rougeLsum"].value == pytest.approx(100)
    assert scores["rougeL"].value == pytest.approx(50)


@pytest.mark.parametrize(
    ("options", "variant"),
    [
        ([], Variant()),
        (["--lowercase", "--chrf-lowercase"], Variant(lowercase=True)),
        (["--tokenize", "none"], Variant("none")),
    ],
)
def test_the_sacrebleu_command_says_the_same(tmp_path: Path, options: list[str], variant: Variant) -> None:
    for name, lines in (("hyp", HYPS), ("a", FIRST), ("b", SECOND)):
        (tmp_path / name).write_text("".join(f"{line}\n" for line in lines), "utf-8")
    command = [sys.executable, "-m", "sacrebleu", "a", "b", "-i", "hyp", "-m", "bleu", "chrf", "-w", "6", *options]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
    found = score_corpus(HYPS, [FIRST, SECOND], ["bleu", "chrf"], variant=variant)
    for told, score in zip(json.loads(done.stdout), found.values(), strict=True):
        assert told["score"] == pytest.approx(score.value, abs=1e-6)
        assert told["signature"] == score.signature
