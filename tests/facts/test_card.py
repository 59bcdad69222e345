"""The model card and what it is made from: complete, inert, and no burden to directories that have none."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from seqtool.errors import ModelError
from seqtool.facts.card import card_text, refresh_card, write_card
from seqtool.facts.markdown import block, code
from seqtool.facts.model import count_parameters, model_facts
from seqtool.facts.record import CARD, RECORD, Scored, TrainingRecord, read_record
from seqtool.facts.scores import ModelScores, note_scores, weights_of
from seqtool.facts.wording import architecture, data_names, languages, published
from seqtool.model_dir import WEIGHTS, add_files, open_model_dir
from seqtool.recipe.load import load_recipe
from seqtool.recipe.schema import CorpusSection, Recipe
from tests.number_words import small_recipe

EVIL = "<script>alert(1)</script> [x](javascript:alert) `\u202e` ![i](http://a.b/c) | **b** \x1b[31m & <img src=x onerror=y> ```\n# h"
VALUES: dict[str, Any] = {
    "data": {"train": ["train.de", "train.en"]},
    "ledger": {"read": 600, "kept": 590, "dropped": {"empty": 10}, "cut": 0},
    "valid_pairs": 40,
    "data_hash": "ab" * 32,
    "languages": "de -> en",
    "parameters": 16600,
    "step": 60,
    "best_step": 40,
    "best_metric": "loss",
    "reason": "max_steps 60 reached",
    "seconds": 90.0,
    "loss": 1.25,
    "scores": {"bleu": {"value": 33.333, "signature": "nrefs:1|tok:13a"}},
    "seed": 7,
    "versions": {"seqtool": "0.1.0", "torch": "2.13.0"},
    "processor": "A Processor",
    "cores": 2,
    "device": "cpu",
    "recipe": "task: translation\n",
}


def record(**changes: Any) -> TrainingRecord:
    return TrainingRecord.model_validate({**VALUES, **changes})


@pytest.fixture
def model(random_model: Path, tmp_path: Path) -> Path:
    """A model directory to change."""
    return Path(shutil.copytree(random_model, tmp_path / "model"))


def test_the_card_has_what_a_reader_needs(model: Path) -> None:
    text = card_text(open_model_dir(model), record())
    for heading in ("What it does", "Limits", "How to use it", "Data", "Scores", "Files", "Training", "Recipe"):
        assert f"\n## {heading}\n" in text
    for fact in (
        *("`de -> en`", "`train.de`", "600 read, 590 kept, 10 `empty`", "validation pairs: 40", "ab" * 32),
        *("loss 1.2500", "`bleu` 33.33, `nrefs:1|tok:13a`", "16,600 parameters", "60 optimizer steps in 1.5 minutes"),
        *("seed 7", "`torch` `2.13.0`", "`A Processor`, 2 cores", "seqtool translate -m model"),
    ):
        assert fact in text, fact
    size = (model / WEIGHTS).stat().st_size
    assert f"| `{WEIGHTS}` | {size:,} |" in text


def test_a_summarizer_has_a_card_of_its_own(model: Path) -> None:
    opened = open_model_dir(model)
    config = opened.config.model_copy(update={"task": "summarization"})
    add_files(opened, {"config.json": (config.model_dump_json() + "\n").encode()})
    text = card_text(open_model_dir(model), record(languages=""))
    assert text.startswith("# A summarization model\n")
    assert "seqtool summarize -m model" in text


def test_text_of_strangers_means_nothing_in_the_card(model: Path) -> None:
    evil = {
        "data": {EVIL: [EVIL]},
        "ledger": {"read": 1, "kept": 0, "dropped": {EVIL: 1}},
        "scores": {EVIL: {"value": 1.0, "signature": EVIL}},
        "versions": {"seqtool": EVIL, EVIL: EVIL},
        **dict.fromkeys(("data_hash", "languages", "best_metric", "reason", "processor", "device", "recipe"), EVIL),
    }
    text = card_text(open_model_dir(model), record(**evil))
    assert not {"\x1b", "\u202e"} & set(text)
    html = MarkdownIt("commonmark").enable("table").render(text)
    plain = MarkdownIt("commonmark").enable("table").render(card_text(open_model_dir(model), record()))
    for tag in ("<script", "<img", "<a ", "<strong"):
        assert tag not in html
    assert html.count("<h1") == 1
    assert html.count("<h2") == plain.count("<h2")
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize("text", ["a", "`", "``a`", "a|b", " ", "", "\n\n# a", "a``", "\\`"])
def test_a_code_span_shows_what_it_is_given(text: str) -> None:
    html = MarkdownIt("commonmark").render(code(text))
    shown = " ".join(text.split()) or "(empty)"
    assert html.replace("<code>", "").replace("</code>", "") == f"<p>{shown}</p>\n"


def test_a_code_block_is_not_left_early() -> None:
    html = MarkdownIt("commonmark").render(block("a: 1\n  b: |\n````\n# h\n", "yaml"))
    assert html == '<pre><code class="language-yaml">a: 1\n  b: |\n````\n# h\n</code></pre>\n'


def test_the_card_comes_into_the_manifest_and_goes_with_the_directory(model: Path) -> None:
    assert read_record(open_model_dir(model)) is None
    assert write_card(open_model_dir(model), record())
    opened = open_model_dir(model)
    assert {CARD, RECORD} <= opened.files.keys()
    assert read_record(opened) == record()
    before = (model / CARD).read_bytes()
    assert not write_card(opened, record(seconds=91.0, processor="Another"))
    assert (model / CARD).read_bytes() == before
    assert write_card(opened, record(step=61))
    assert "61 optimizer steps" in (model / CARD).read_text("utf-8")


def test_a_card_is_refreshed_with_what_is_there_now(model: Path) -> None:
    refresh_card(open_model_dir(model))
    assert not (model / CARD).exists()  # a model of an older version has no record to make one from
    write_card(open_model_dir(model), record())
    add_files(open_model_dir(model), {"encoder.fp32.onnx": b"12345"})
    refresh_card(open_model_dir(model))
    assert "| `encoder.fp32.onnx` | 5 |" in (model / CARD).read_text("utf-8")


def test_a_card_takes_over_the_scores_that_are_noted_beside_its_run(model: Path) -> None:
    write_card(open_model_dir(model), record())
    assert "No score on a test set is recorded" in (model / CARD).read_text("utf-8")
    assert "test_how" not in (model / RECORD).read_text("utf-8"), "other versions can read it"
    scores = {"bleu": Scored(value=12.25, signature="nrefs:1")}
    noted = ModelScores(
        test_set="/secret/test.en",
        lines=1000,
        scores=scores,
        beam_size=5,
        runtime="onnx",
        precision="fp32",
        date="2026-01-02T03:04:05+0000",
        seqtool="0.1.0",
        weights=weights_of(model.parent),
    )
    before = (model / "manifest.json").read_bytes()
    note_scores(model.parent, noted)
    assert (model / "manifest.json").read_bytes() == before, "noting touches nothing that is shipped"
    refresh_card(open_model_dir(model))
    text = (model / CARD).read_text("utf-8")
    assert "On the test set (`1,000 lines, beam 5, onnx fp32, 2026-01-02`):\n\n- `bleu` 12.25, `nrefs:1`\n" in text
    assert "No score on a test set" not in text
    assert "secret" not in text
    assert not write_card(open_model_dir(model), record())  # the same model: what was noted stays
    assert model_facts(model)["training"]["test"]["bleu"]["signature"] == "nrefs:1"
    (model.parent / "scores.json").write_text(noted.model_copy(update={"weights": "0" * 64}).model_dump_json(), "utf-8")
    write_card(open_model_dir(model), record(step=61))
    assert "No score on a test set" in (model / CARD).read_text("utf-8"), "those of another model are not this one's"


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"{", b'{"format": 2}', b"[" * 100_000, json.dumps({**VALUES, "step": -1}).encode(), b" " * (5 << 20)],
    ids=["nothing", "a list", "half", "another format", "deep", "a wrong value", "huge"],
)
def test_a_record_that_cannot_be_understood_is_an_error_of_the_model(data: bytes, model: Path) -> None:
    add_files(open_model_dir(model), {RECORD: data})
    with pytest.raises(ModelError) as caught:
        model_facts(model)
    assert caught.value.error_id == "model.record"
    assert RECORD in caught.value.message


def test_parameters_are_counted_from_the_header(model: Path) -> None:
    from seqtool.runtime.torch_weights import load_network

    opened = open_model_dir(model)
    network = load_network(opened)
    assert model_facts(model)["parameters"] == sum(one.numel() for one in network.parameters())


@pytest.mark.parametrize("header", [b"{}[", b"[]", b'{"a": 1}', b'{"a": {"shape": [-1]}}', b'{"a": {"shape": [1.5]}}'])
def test_a_header_that_is_none_is_an_error_of_the_model(header: bytes) -> None:
    with pytest.raises(ModelError, match="no safetensors"):
        count_parameters(len(header).to_bytes(8, "little") + header, "weights.safetensors")


def test_a_recipe_is_published_without_folders(tmp_path: Path) -> None:
    secret = tmp_path / "secret-folder"
    values = small_recipe(secret, tokenizer={"model": str(secret / "other/tokenizer.model")})
    (tmp_path / "recipe.yaml").write_text(json.dumps(values), "utf-8")
    recipe = load_recipe(tmp_path / "recipe.yaml")
    text = published(recipe)
    assert "secret-folder" not in text
    assert str(tmp_path) not in text
    (tmp_path / "published.yaml").write_text(text, "utf-8")
    again = load_recipe(tmp_path / "published.yaml")
    assert again.training == recipe.training
    assert again.model == recipe.model


CORPORA = [
    ({"src": "/a/train.de", "tgt": "/a/train.en.gz"}, ["train.de", "train.en.gz"], "de -> en"),
    (
        {"src": ["/a/x.de", "/a/y.de"], "tgt": ["/a/x.pt_BR", "/a/y.pt_BR"]},
        ["x.de", "y.de", "x.pt_BR", "y.pt_BR"],
        "de -> pt_BR",
    ),
    ({"src": "/a/src.txt", "tgt": "/a/tgt.txt"}, ["src.txt", "tgt.txt"], ""),
    ({"tsv": "/a/p.tsv", "src": 1, "tgt": 2}, ["tsv p.tsv", "src=1", "tgt=2"], ""),
    (
        {"jsonl": "/a/p.jsonl", "src": "translation.de", "tgt": "translation.en"},
        ["jsonl p.jsonl", "src=translation.de", "tgt=translation.en"],
        "de -> en",
    ),
    ({"hub": "who/what", "src": "de", "tgt": "en"}, ["hub who/what", "src=de", "tgt=en"], "de -> en"),
    ({"src": "/a/mono.en"}, ["mono.en"], ""),
]


@pytest.mark.parametrize(("section", "names", "pair"), CORPORA)
def test_a_corpus_is_named_without_folders_and_its_languages_by_its_names(
    section: dict[str, Any], names: list[str], pair: str
) -> None:
    corpus = CorpusSection.model_validate(section)
    assert data_names(corpus) == names
    assert languages(corpus) == pair


def test_an_architecture_in_a_few_words() -> None:
    recipe = Recipe.model_validate(small_recipe(Path("x")))
    assert architecture(recipe.model)[0].startswith("encoder: lstm, 1 layer of 16")
    pointing = recipe.model.model_copy(update={"pointer": True})
    assert architecture(pointing)[-1].endswith(", pointer")
