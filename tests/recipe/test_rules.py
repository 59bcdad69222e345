"""Each combination that cannot work is found, and one step away from it nothing is."""

from __future__ import annotations

from typing import Any

import pytest

from seqtool.recipe.rules import CorpusLimits, corpus_limits, problems
from seqtool.recipe.schema import DataSection, Recipe

PAIRS = {"src": "a", "tgt": "b"}


def recipe(**sections: Any) -> Recipe:
    data = {"train": PAIRS, "valid": PAIRS, **sections.pop("data", {})}
    return Recipe.model_validate({"data": data, **sections})


def train(**section: Any) -> dict[str, Any]:
    return {"data": {"train": section}}


def model(**section: Any) -> dict[str, Any]:
    return {"model": section}


def training(**section: Any) -> dict[str, Any]:
    return {"training": section}


NO_LIMIT = {"max_steps": None, "max_epochs": None, "max_minutes": None, "patience": None}

# What does not work, the key to change first, what is said; and the nearest recipe that works.
RULES = [
    (train(tsv="x", csv="y", src="a", tgt="b"), "data.train.tsv", "tsv and csv together", train(tsv="x", src="a", tgt="b")),
    (train(tgt="b"), "data.train", "no src", train(src="a", tgt="b")),
    (train(src="a"), "data.train", "no tgt", train(src="a", tgt="b")),
    (train(jsonl="x", src="a"), "data.train", "no tgt", train(jsonl="x", src="a", tgt="b")),
    (train(src="", tgt="b"), "data.train.src", "an empty name", train(src=" ", tgt="b")),
    (train(src=[], tgt=["b"]), "data.train.src", "an empty name", train(src=["a"], tgt=["b"])),
    (train(src=["a", ""], tgt="b"), "data.train.src", "an empty name", train(src=["a", "c"], tgt="b")),
    (train(tsv="", src=1, tgt=2), "data.train.tsv", "an empty name", train(tsv="x", src=1, tgt=2)),
    (train(src=1, tgt="b"), "data.train.src", "a column number without tsv", train(tsv="x", src=1, tgt=2)),
    (train(csv="x", src="a", tgt=2), "data.train.tgt", "a column number without tsv", train(csv="x", src="a", tgt="b")),
    (train(jsonl="x", src=["a"], tgt="b"), "data.train", "a list of fields with jsonl", train(jsonl="x", src="a", tgt="b")),
    (train(**PAIRS, split="s"), "data.train.split", "split without hub or folder", train(**PAIRS, folder="x", split="s")),
    (train(**PAIRS, config="c"), "data.train.config", "config without hub", train(**PAIRS, hub="x", config="c")),
    (train(**PAIRS, folder="f", revision="r"), "data.train.revision", "revision without hub", train(**PAIRS, hub="x", revision="r")),
    ({"data": {"test": {"src": "a"}}}, "data.test", "no tgt", {"data": {"test": PAIRS}}),
    ({"run_dir": ""}, "run_dir", "an empty name", {"run_dir": "x"}),
    ({"tokenizer": {"model": ""}}, "tokenizer.model", "an empty name", {"tokenizer": {"model": "x"}}),
    (
        training(init_from={"src_vectors": ""}),
        "training.init_from.src_vectors",
        "an empty name",
        training(init_from={"src_vectors": "x"}),
    ),
    (
        model(attention={"kind": "dot"}, encoder={"hidden": 100}),
        "model.attention.kind",
        "decoder states of 512 with encoder outputs of 200",
        model(attention={"kind": "dot"}, encoder={"hidden": 512, "bidirectional": False}),
    ),
    (
        model(attention={"kind": "none"}, decoder={"input_feeding": True}),
        "model.decoder.input_feeding",
        "there is no attention",
        model(attention={"kind": "dot"}, decoder={"input_feeding": True}),
    ),
    (
        model(attention={"kind": "general", "size": 5}),
        "model.attention.size",
        "general attention has no inner size",
        model(attention={"kind": "scaled_dot", "size": 5}),
    ),
    (
        model(decoder={"kind": "gru", "activation": "relu"}),
        "model.decoder.activation",
        "relu with gru layers, which have no activation",
        model(decoder={"kind": "rnn", "activation": "relu"}),
    ),
    (
        model(encoder={"activation": "relu"}),
        "model.encoder.activation",
        "relu with lstm layers, which have no activation",
        model(encoder={"kind": "rnn", "activation": "relu"}),
    ),
    (
        {"model": {"tie": "all"}, "tokenizer": {"shared": False}},
        "model.tie",
        "two different vocabularies",
        {"model": {"tie": "target_output"}, "tokenizer": {"shared": False}},
    ),
    (
        model(tie="target_output", decoder={"readout": 100}),
        "model.decoder.readout",
        "features of 100 meet output vectors of 256",
        model(tie="target_output", decoder={"readout": 256}),
    ),
    (
        {"model": {"pointer": True}, "tokenizer": {"shared": False}},
        "model.pointer",
        "two different vocabularies",
        {"model": {"pointer": True}},
    ),
    *(
        (
            {"model": {"pointer": True}, "training": one},
            f"training.{next(iter(one))}",
            said,
            {"model": {}, "training": one},
        )
        for one, said in (
            ({"r_drop": 1.0}, "1.0 compares distributions over the vocabulary"),
            ({"scheduled_sampling": 0.2}, "0.2 guesses from the vocabulary"),
            ({"objective": "denoise"}, "denoise masks tokens with unk, which a pointer would copy"),
        )
    ),
    (
        {"model": {"attention": {"kind": "none"}}, "training": {"coverage": 1.0}},
        "training.coverage",
        "this model has no attention",
        {"model": {"attention": {"kind": "dot"}, "decoder": {"hidden": 512}}, "training": {"coverage": 1.0}},
    ),
    (
        {"training": {"coverage": 1.0, "backprop_steps": 5}},
        "training.backprop_steps",
        "coverage adds up over the whole target",
        {"training": {"coverage": 1.0}},
    ),
    (
        {"model": {"attention": {"coverage": True}}, "training": {"backprop_steps": 5}},
        "training.backprop_steps",
        "coverage adds up over the whole target",
        {"model": {"attention": {"coverage": True}}},
    ),
    (training(**NO_LIMIT), "training.max_epochs", "training would never end", training(**{**NO_LIMIT, "patience": 3})),
    (
        training(schedule={"kind": "cosine"}, max_epochs=None),
        "training.schedule.kind",
        "cosine decays until training ends",
        training(schedule={"kind": "cosine"}, max_epochs=None, max_steps=9),
    ),
    (
        training(schedule={"kind": "linear"}, max_epochs=None),
        "training.schedule.kind",
        "linear decays until training ends",
        training(schedule={"kind": "linear"}, max_epochs=None, max_minutes=9.0),
    ),
    (
        training(scheduled_sampling=0.2, max_epochs=None),
        "training.scheduled_sampling",
        "its share grows until training ends",
        training(scheduled_sampling=0.2, max_epochs=3),
    ),
    (
        {**training(guided_alignment=0.1), **model(attention={"kind": "none"})},
        "training.guided_alignment",
        "this model has none",
        {**training(guided_alignment=0.1), **model(attention={"kind": "additive"})},
    ),
    (
        training(guided_alignment=0.1, objective="denoise"),
        "training.guided_alignment",
        "words that were masked",
        training(guided_alignment=0.1, objective="translate"),
    ),
    (
        {**training(backprop_steps=8), **model(decoder={"kind": "transformer"})},
        "training.backprop_steps",
        "transformer layers read all positions at once",
        {**training(backprop_steps=8), **model(decoder={"kind": "gru"})},
    ),
    (
        training(backprop_steps=8, r_drop=1.0),
        "training.backprop_steps",
        "r_drop compares two passes",
        training(r_drop=1.0),
    ),
    (
        training(noise={"delete": 0.1}),
        "training.noise",
        "only objective: denoise makes noise",
        training(noise={"delete": 0.1}, objective="denoise"),
    ),
    (
        training(objective="denoise", best_metric="bleu"),
        "training.best_metric",
        "bleu of text that is not damaged",
        training(objective="denoise", metrics=["bleu"]),
    ),
    (
        {**training(compile=True), **model(decoder={"kind": "conv"}, attention={"kind": "additive"})},
        "training.compile",
        "lstm and conv layers beside additive attention are not made faster by it",
        {**training(compile=True), **model(decoder={"kind": "conv"}, attention={"kind": "dot"})},
    ),
    (
        training(compile=True),
        "training.compile",
        "lstm layers are not made faster by it",
        {**training(compile=True), **model(encoder={"kind": "conv"})},
    ),
    (
        training(init_from={"parts": ["encoder"]}),
        "training.init_from.parts",
        "parts of no model",
        training(init_from={"parts": ["encoder"], "model": "runs/a"}),
    ),
    (
        training(schedule={"warmup_steps": 10}, max_steps=10),
        "training.schedule.warmup_steps",
        "10 steps of warm-up in 10 steps of training",
        training(schedule={"warmup_steps": 9}, max_steps=10),
    ),
    (
        training(precision="fp16", device="cpu"),
        "training.precision",
        "fp16 needs cuda",
        training(precision="bf16", device="cpu"),
    ),
    (
        training(optimizer={"momentum": 0.9}),
        "training.optimizer.momentum",
        "momentum is sgd's; adamw has beta1",
        training(optimizer={"kind": "sgd", "momentum": 0.9}),
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "key", "said", "right"), RULES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_rule_fires_and_one_step_away_it_does_not(
    wrong: dict[str, Any], key: str, said: str, right: dict[str, Any]
) -> None:
    found = problems(recipe(**wrong))
    assert [problem.keys[0] for problem in found] == [key]
    assert said in found[0].message
    assert found[0].hint
    assert problems(recipe(**right)) == []


def test_defaults_work_together() -> None:
    assert problems(recipe()) == []
    assert problems(recipe(task="summarization")) == []


@pytest.mark.parametrize(
    ("task", "section", "limits"),
    [
        ("translation", {}, CorpusLimits(100, 100, 9.0, False)),
        ("summarization", {}, CorpusLimits(400, 100, None, True)),
        ("translation", {"max_src_tokens": 5, "max_length_ratio": 2.0}, CorpusLimits(5, 100, 2.0, False)),
        ("summarization", {"max_tgt_tokens": 5, "truncate_src": False}, CorpusLimits(400, 5, None, False)),
        ("translation", {"truncate_src": True}, CorpusLimits(100, 100, 9.0, True)),
    ],
)
def test_limits_depend_on_the_task_where_the_recipe_is_silent(
    task: str, section: dict[str, Any], limits: CorpusLimits
) -> None:
    data = DataSection.model_validate({"train": PAIRS, "valid": PAIRS, **section})
    assert corpus_limits(task, data) == limits
