"""A translated set is judged by scores that say something of its text, and the page says by which."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from seqtool.analysis import judged, page
from seqtool.analysis.judged import Judged, judge_run
from seqtool.analysis.maps import Mapper
from seqtool.analysis.run_record import RunRecord
from seqtool.errors import ModelError
from seqtool.evaluation import Lines
from seqtool.metrics import Variant, score_corpus
from seqtool.translator import Translator
from tests.metrics.sample_text import FIRST, HYPS

JAPANESE = [
    "男の人がソファで寝ている。",
    "女の子が公園で遊んでいる。",
    "犬が雪の中を走っている。",
    "二人の男が外に立っている。",
]
JAPANESE_OUT = ["男がソファで寝ている。", "女の子が公園にいる。", "犬が雪を走る。", "二人の男が外にいる。"]
RUSSIAN = ["Мужчина спит на диване.", "Собака бежит по снегу.", "Девочка играет в парке."]
RUSSIAN_OUT = ["Мужчина спит.", "Собака бежит по снегу.", "Девочка в парке."]


class Model:
    """A translator whose outputs are given."""

    def __init__(self, task: str, outputs: list[str]) -> None:
        self.task, self._outputs = task, outputs
        self.tokenizers = SimpleNamespace(
            src=SimpleNamespace(encode_batch=lambda texts: [text.split() for text in texts])
        )

    def with_search(self, **_asked: object) -> Model:
        return self

    def translate(self, texts: list[str]) -> list[Any]:
        assert len(texts) == len(self._outputs)
        return [SimpleNamespace(text=text) for text in self._outputs]


def judge(patch: pytest.MonkeyPatch, outputs: list[str], refs: list[str], task: str = "translation") -> Judged:
    patch.setattr(Translator, "load", lambda *_, **__: Model(task, outputs))
    patch.setattr(judged, "recipe_set", lambda *_: (Lines("test.src", refs), Lines("test.tgt", refs)))
    return judge_run(Path("run"), "test", max_lines=100, progress=lambda *_: None)


def test_text_with_spaces_has_the_scores_of_evaluate(monkeypatch: pytest.MonkeyPatch) -> None:
    found = judge(monkeypatch, HYPS, FIRST)
    assert found.scores == score_corpus(HYPS, [FIRST], ["bleu", "chrf"])
    assert (found.line_metric, found.remarks) == ("chrf", ())


def test_text_without_spaces_has_bleu_of_characters_which_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    found = judge(monkeypatch, JAPANESE_OUT, JAPANESE)
    wanted = score_corpus(JAPANESE_OUT, [JAPANESE], ["bleu", "chrf"], variant=Variant("char"))
    assert found.scores == wanted
    assert wanted["bleu"].value > 20
    assert [bucket.scores for bucket in found.buckets] == [{name: score.value for name, score in wanted.items()}]
    (remark,) = found.remarks
    assert "BLEU is of characters" in remark


def test_what_rouge_cannot_see_is_judged_by_chrf(monkeypatch: pytest.MonkeyPatch) -> None:
    found = judge(monkeypatch, RUSSIAN_OUT, RUSSIAN, "summarization")
    assert found.line_metric == "chrf"
    assert list(found.scores) == ["chrf", "rouge1", "rouge2", "rougeL"]
    assert [line.number for line in found.worst] != [1, 2, 3], "they differ"
    (remark,) = found.remarks
    assert remark.startswith("Rouge-score keeps only a-z and 0-9")
    assert judge(monkeypatch, HYPS, FIRST, "summarization").line_metric == "rougeL"


def test_the_page_says_how_scores_are_to_be_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def no_maps(*_arguments: object, **_more: object) -> None:
        raise ModelError("model.none", "there is none", "make one")

    found = judge(monkeypatch, JAPANESE_OUT, JAPANESE)
    found = replace(found, remarks=(*found.remarks, "<script>alert(1)</script>"))
    monkeypatch.setattr(page, "judge_run", lambda *_, **__: found)
    monkeypatch.setattr(Mapper, "open", no_maps)
    (tmp_path / "model").mkdir()
    (tmp_path / "model/manifest.json").write_text("{}")
    text = page.build_page([RunRecord(tmp_path, "run")], say=lambda _: None, warn=lambda _: None)
    assert "<dt>BLEU of characters, valid</dt>" in text
    assert "BLEU of characters by source length" in text
    scores = text[text.index('<h2 id="scores">') :]
    assert f'<p class="note">{found.remarks[0]}</p>' in scores
    assert '<p class="note">&lt;script&gt;alert(1)&lt;/script&gt;</p>' in scores
