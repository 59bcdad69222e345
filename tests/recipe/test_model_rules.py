"""Models that cannot be built: each is found, with the key to change, the value and the remedy; one step away nothing is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from seqtool.errors import RecipeError
from seqtool.recipe.load import load_recipe
from seqtool.recipe.model_rules import model_problems
from seqtool.recipe.model_schema import ModelSection
from seqtool.recipe.rules import problems
from seqtool.recipe.schema import Recipe

Options = dict[str, Any]


def enc(**options: Any) -> Options:
    return {"encoder": options}


def dec(**options: Any) -> Options:
    return {"decoder": options}


def att(**options: Any) -> Options:
    return {"attention": options}


# What does not work, the key to change first, what is said, what is advised; and the nearest model that works.
RULES = [
    (
        enc(kind="lstm", heads=4),
        "encoder.heads", "4 with lstm layers, which have no heads", "kind: transformer",
        enc(kind="transformer", heads=4),
    ),
    (
        enc(kind="gru", kernel=3),
        "encoder.kernel", "gru layers, which have no kernel", "kind: conv",
        enc(kind="conv", kernel=3),
    ),
    (
        dec(kind="gru", norm="pre"),
        "decoder.norm", "gru layers, which have no norm", "remove norm",
        dec(kind="sru", norm="pre"),
    ),
    (
        dec(kind="ssru", layer_norm=True),
        "decoder.layer_norm", "true with ssru layers", "rnn or lstm or gru",
        dec(kind="lstm", layer_norm=True),
    ),
    (
        dec(kind="conv", transitions=2),
        "decoder.transitions", "2 with conv layers", "remove transitions",
        dec(kind="gru", transitions=2),
    ),
    (
        enc(kind="transformer", residual=True),
        "encoder.residual", "which have no residual", "remove residual",
        enc(kind="rnn", layers=2, residual=True),
    ),
    (
        enc(kind="conv", bidirectional=True),
        "encoder.bidirectional", "which have no bidirectional", "remove",
        enc(kind="mingru", bidirectional=True),
    ),
    (
        enc(kind="transformer", reversed=True),
        "encoder.reversed", "which have no reversed", "remove",
        enc(kind="minlstm", reversed=True),
    ),
    (
        dec(kind="transformer", input_feeding=True),
        "decoder.input_feeding", "which have no input_feeding", "remove",
        dec(kind="gru", input_feeding=True),
    ),
    (
        enc(kind="lstm", reversed=True, bidirectional=True),
        "encoder.reversed", "two directions read the source both ways", "remove reversed, or bidirectional",
        enc(kind="lstm", reversed=True, bidirectional=False),
    ),
    (
        enc(kind="transformer", hidden=256, heads=3),
        "encoder.heads", "3 heads do not divide 256 hidden units", "set model.encoder.heads to 8 or 16 or 32 or 64",
        enc(kind="transformer", hidden=256, heads=8),
    ),
    (
        {**dec(kind="transformer", hidden=30), **att(heads=6)},
        "decoder.heads", "4 heads do not divide 30 hidden units", "6 or 10 or 15 or 30",
        {**dec(kind="transformer", hidden=30, heads=6), **att(heads=6)},
    ),
    (
        enc(kind="transformer", hidden=6, heads=2, positions="rotary"),
        "encoder.positions", "2 heads of 6 units have 3 each", "heads of even size",
        enc(kind="transformer", hidden=8, heads=2, positions="rotary"),
    ),
    (
        enc(kind="conv", positions="rotary"),
        "encoder.positions", "which conv layers have not", "sinusoidal",
        enc(kind="conv", positions="learned"),
    ),
    (
        enc(kind="conv", max_positions=200),
        "encoder.max_positions", "sinusoidal positions have no end", "positions: learned",
        enc(kind="conv", positions="learned", max_positions=200),
    ),
    (
        enc(kind="conv", kernel=4),
        "encoder.kernel", "a kernel of 4 has no middle", "use 3 or 5",
        enc(kind="conv", kernel=5),
    ),
    (
        {**dec(kind="lstm", hidden=100), **att(kind="multi_head", heads=3)},
        "attention.heads", "3 heads do not divide an inner size of 100", "20 or 25 or 50",
        {**dec(kind="lstm", hidden=100), **att(kind="multi_head", heads=20)},
    ),
    (
        att(kind="additive", heads=2),
        "attention.heads", "additive attention has no heads", "kind: multi_head",
        att(kind="multi_head", heads=2),
    ),
    (
        att(kind="general", size=5),
        "attention.size", "general attention has no inner size", "remove size",
        att(kind="multi_head", size=8),
    ),
    (
        {**enc(kind="transformer", hidden=64), **dec(kind="gru", hidden=96), **att(kind="dot")},
        "attention.kind", "decoder states of 96 with encoder outputs of 64", "set model.decoder.hidden: 64",
        {**enc(kind="transformer", hidden=64), **dec(kind="gru", hidden=64), **att(kind="dot")},
    ),
    (
        {"preset": "rnn-small", **enc(kind="transformer")},
        "encoder.kind", "transformer contradicts preset rnn-small, which has lstm", "remove model.encoder.kind",
        {"preset": "rnn-small", **enc(kind="lstm")},
    ),
    (
        {"preset": "transformer-tiny", **dec(input_feeding=True)},
        "decoder.input_feeding", "true with transformer layers", "remove input_feeding",
        {"preset": "rnn-tiny", **dec(input_feeding=True)},
    ),
    (
        {"preset": "conv-tiny", **enc(heads=4)},
        "encoder.heads", "4 with conv layers", "kind: transformer",
        {"preset": "transformer-tiny", **enc(heads=4, norm="post")},
    ),
    (
        {**enc(kind="conv"), **dec(kind="ssru"), "dropout": {"recurrent": 0.2}},
        "dropout.recurrent", "0.2 with conv and ssru layers", "use kind: rnn or lstm or gru",
        {**enc(kind="conv"), **dec(kind="gru"), "dropout": {"recurrent": 0.2}},
    ),
    (
        {**enc(kind="conv"), **dec(kind="ssru"), "dropout": {"recurrent": 0.2}},
        "dropout.recurrent", "0.2 with conv and ssru layers", "use kind: rnn or lstm or gru",
        {**enc(kind="conv"), **dec(kind="ssru"), "hierarchy": {"hidden": 64}, "dropout": {"recurrent": 0.2}},
    ),
    (
        {"embedding": 30, **enc(hidden=20, residual=True)},
        "encoder.residual", "one layer of 40 cannot be joined to vectors of 30", "add layers",
        {"embedding": 40, **enc(hidden=20, residual=True)},
    ),
    (enc(kind="conv", kernel=2), "encoder.kernel", "a kernel of 2 has no middle", "use 3", enc(kind="conv", kernel=3)),
    (
        {"lexical": True, **att(kind="none")},
        "lexical", "true with attention none, which looks at no source words", "choose an attention, or lexical: false",
        {"lexical": True, **att(kind="dot")},
    ),
    (
        {"pointer": True, **att(kind="none")},
        "pointer", "true with attention none, which looks at no source tokens", "choose an attention, or pointer: false",
        {"pointer": True, **att(kind="dot")},
    ),
    (
        att(kind="none", coverage=True),
        "attention.coverage", "true with attention none: it adds up where", "use an attention",
        att(kind="additive", coverage=True),
    ),
    (
        {**dec(kind="transformer"), **att(coverage=True)},
        "attention.coverage", "true with transformer layers: it adds up where", "model.decoder.kind: rnn or lstm or gru",
        {**dec(kind="gru"), **att(coverage=True)},
    ),
    (
        {"hierarchy": {"hidden": 64}, **att(kind="none")},
        "hierarchy", "attention none looks at no sentences", "choose an attention, or remove hierarchy",
        {"hierarchy": {"hidden": 64}, **att(kind="dot")},
    ),
    (
        {"preset": "hybrid-tiny", "embedding": 100},
        "embedding", "100 contradicts preset hybrid-tiny, which has 128", "remove model.embedding",
        {"preset": "hybrid-tiny", "dropout": {"layer": 0.3}},
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "key", "said", "advised", "right"), RULES, ids=[f"{one[1]}-{one[2]}" for one in RULES]
)
def test_a_rule_fires_and_one_step_away_it_does_not(
    wrong: Options, key: str, said: str, advised: str, right: Options
) -> None:
    found = list(model_problems(ModelSection.model_validate(wrong)))
    assert [problem.keys[0] for problem in found] == [f"model.{key}"]
    assert said in found[0].message
    assert advised in found[0].hint
    assert list(model_problems(ModelSection.model_validate(right))) == []


@pytest.mark.parametrize(("side", "tokens"), [("encoder", "src"), ("decoder", "tgt")])
def test_learned_positions_reach_as_far_as_the_training_pairs(side: str, tokens: str) -> None:
    """100 tokens is the default limit of a pair; each side has one mark more."""

    def found(count: int, **data: int) -> list[str]:
        model = {side: {"kind": "transformer", "positions": "learned", "max_positions": count}}
        corpora = {"train": {"src": "a", "tgt": "b"}, "valid": {"src": "a", "tgt": "b"}, **data}
        return [problem.message for problem in problems(Recipe.model_validate({"data": corpora, "model": model}))]

    assert found(101) == []
    assert found(100) == ["100 positions for pairs of up to 100 tokens and the end mark"]
    assert found(100, **{f"max_{tokens}_tokens": 99}) == []


def test_learned_positions_reach_as_far_as_a_chunk() -> None:
    """Of pairs that are cut into chunks; shorter pairs are one, and nothing is said of what no pair needs."""

    def found(count: int, chunk: int, **data: int) -> list[tuple[str, str]]:
        model = {"encoder": {"kind": "conv", "positions": "learned", "max_positions": count, "chunk": chunk}}
        corpora = {"train": {"src": "a", "tgt": "b"}, "valid": {"src": "a", "tgt": "b"}, "max_src_tokens": 400, **data}
        all_of = problems(Recipe.model_validate({"data": corpora, "model": model}))
        return [(one.message, one.hint) for one in all_of if one.keys[0] == "model.encoder.max_positions"]

    assert found(64, 64) == []
    said = "63 positions for chunks of 64 tokens"
    assert found(63, 64) == [(said, "set model.encoder.max_positions: 64, or model.encoder.chunk: 63")]
    assert found(63, 64, max_src_tokens=62) == []
    assert found(401, 500) == []
    assert found(400, 500)[0][0] == "400 positions for pairs of up to 400 tokens and the end mark"


OUT_OF_RANGE = [
    (enc(chunk=1), "model.encoder.chunk` is `1`; expected a whole number, at least 2", enc(chunk=2)),
    (
        {"hierarchy": {"hidden": 0}},
        "model.hierarchy.hidden` is `0`; expected a whole number, at least 1",
        {"hierarchy": {"hidden": 1}},
    ),
    (
        {"hierarchy": {"max_sentences": 0}},
        "model.hierarchy.max_sentences` is `0`; expected a whole number, at least 2",
        {"hierarchy": {"max_sentences": 2}},
    ),
    (
        {"hierarchy": {"max_sentences": 1}},
        "model.hierarchy.max_sentences` is `1`; expected a whole number, at least 2",
        {"hierarchy": {"max_sentences": 4096}},
    ),
    ({"hierarchy": 128}, "model.hierarchy` is `128`; expected a section", {"hierarchy": {}}),
]


@pytest.mark.parametrize(("wrong", "said", "right"), OUT_OF_RANGE, ids=[one[1][:40] for one in OUT_OF_RANGE])
def test_readings_that_cannot_be_are_refused_with_key_value_and_what_may_be(
    wrong: Options, said: str, right: Options, tmp_path: Path
) -> None:
    path = tmp_path / "recipe.yaml"
    recipe = {"data": {role: {"src": "a", "tgt": "b"} for role in ("train", "valid")}}
    path.write_text(yaml.safe_dump({**recipe, "model": wrong}), "utf-8")
    with pytest.raises(RecipeError, match=re.escape(said)):
        load_recipe(path)
    path.write_text(yaml.safe_dump({**recipe, "model": right}), "utf-8")
    load_recipe(path)
