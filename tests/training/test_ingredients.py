"""Everything a recipe can add to training, in real runs: none is ignored, all go together, and a run goes on with them bit for bit."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from seqtool.errors import ModelError, Terminated, UsageError
from seqtool.recipe.load import load_recipe
from seqtool.recipe.rules import problems
from seqtool.recipe.schema import Recipe
from seqtool.training.assemble import assemble
from seqtool.training.device import multiplies_in_bf16
from seqtool.training.events import Live
from seqtool.training.run import train
from seqtool.training.settle import prepared_of
from tests.number_words import small_recipe
from tests.training.watching import Watcher

# By dotted key. Each changes what is learnt.
INGREDIENTS: list[dict[str, Any]] = [
    {"training.subword_sampling": 0.3},
    {"training.r_drop": 1.0},
    {"training.scheduled_sampling": 0.9},
    {"training.guided_alignment": 0.5},
    {"training.backprop_steps": 2},
    {"training.objective": "denoise"},
    {"training.label_smoothing": 0.3},
    {"training.optimizer.weight_decay": 0.5},
    {"training.optimizer.embedding_decay": 0.5},
    {"training.optimizer.vector_decay": 0.5},
    {"model.dropout.src_word": 0.3},
    {"model.dropout.tgt_word": 0.3},
    {"model.dropout.recurrent": 0.3},
    {"model.lexical": True},
    {"model.pointer": True},
    {"model.pointer": True, "training.backprop_steps": 2},
    {"model.attention.coverage": True},
    {"training.coverage": 1.0},
]
TOGETHER: dict[str, Any] = {
    "training.subword_sampling": 0.3,
    "training.r_drop": 0.5,
    "training.scheduled_sampling": 0.2,
    "training.guided_alignment": 0.1,
    "training.averaging": {"kind": "ema", "decay": 0.9},
    "training.optimizer.weight_decay": 0.1,
    "training.schedule": {"kind": "linear", "warmup_steps": 5},
    "model.dropout": {"src_word": 0.1, "tgt_word": 0.1, "recurrent": 0.1},
    "model.lexical": True,
}


class Killer(Watcher):
    """Ends the process at step 25, as `kill` does."""

    def live(self, live: Live) -> None:
        if live.info.step == 25:
            os.kill(os.getpid(), signal.SIGTERM)


def recipe(corpus: Path, run_dir: Path, changes: dict[str, Any]) -> Recipe:
    values: dict[str, Any] = small_recipe(corpus, run_dir=str(run_dir))
    values["training"]["optimizer"]["kind"] = "adamw"
    for key, value in changes.items():
        *sections, name = key.split(".")
        inner = values
        for section in sections:
            inner = inner.setdefault(section, {})
        inner[name] = value
    found = Recipe.model_validate(values)
    assert not problems(found)
    return found


def run(corpus: Path, run_dir: Path, **changes: Any) -> Watcher:
    watcher = Watcher()
    train(recipe(corpus, run_dir, changes), restart=False, observer=watcher)
    return watcher


def weights(run_dir: Path, step: int) -> dict[str, torch.Tensor]:
    return load_file(run_dir / f"checkpoints/step-{step:06d}/weights.safetensors")


@pytest.fixture(scope="module")
def plain(number_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, torch.Tensor]:
    path = tmp_path_factory.mktemp("plain") / "a"
    run(number_corpus, path, **{"training.max_steps": 20})
    return weights(path, 20)


@pytest.mark.parametrize("changes", INGREDIENTS, ids=lambda changes: next(iter(changes)))
def test_none_is_ignored(
    changes: dict[str, Any], plain: dict[str, torch.Tensor], number_corpus: Path, tmp_path: Path
) -> None:
    watcher = run(number_corpus, tmp_path / "a", **{**changes, "training.max_steps": 20})
    found = weights(tmp_path / "a", 20)
    assert any(name not in plain or not torch.equal(found[name], plain[name]) for name in found)
    assert watcher.validations[-1].loss < 3.2, "and it learns"


def test_all_together_go_on_bit_for_bit(number_corpus: Path, tmp_path: Path) -> None:
    run(number_corpus, tmp_path / "whole", **TOGETHER)
    with pytest.raises(Terminated):
        train(recipe(number_corpus, tmp_path / "parts", TOGETHER), restart=False, observer=Killer())
    watcher = run(number_corpus, tmp_path / "parts", **TOGETHER)
    assert any("going on after step 25" in text for text in watcher.messages)
    for name in ("weights", "optimizer", "averages"):
        whole, parts = (
            load_file(tmp_path / one / f"checkpoints/step-000060/{name}.safetensors") for one in ("whole", "parts")
        )
        assert whole.keys() == parts.keys()
        assert all(torch.equal(whole[key], parts[key]) for key in whole), name


def test_pairs_are_cut_anew_in_every_epoch(number_corpus: Path, tmp_path: Path) -> None:
    """An epoch's tokens are counted by its cuts, which differ."""
    run(
        number_corpus,
        tmp_path / "a",
        **{"training.subword_sampling": 0.1, "training.log_every": 1, "training.max_steps": 120},
    )
    noted = [json.loads(line) for line in (tmp_path / "a/metrics.jsonl").read_text().splitlines()]
    epochs = [one["epoch"] for one in noted if one["kind"] == "train"]
    updates = [epochs.count(epoch) for epoch in sorted(set(epochs))[:-1]]
    assert len(updates) >= 2
    plain = run(number_corpus, tmp_path / "b", **{"training.log_every": 1, "training.max_steps": 60})
    assert plain.validations
    assert updates[0] > [
        json.loads(line)["epoch"] for line in (tmp_path / "b/metrics.jsonl").read_text().splitlines()
    ].count(1)


def test_a_model_that_learnt_to_restore_text_goes_on_to_translate(number_corpus: Path, tmp_path: Path) -> None:
    """Denoising on the target side, then the same recipe format with its tokenizer and weights."""
    english = {"src": str(number_corpus / "train.en")}
    held = {"src": str(number_corpus / "valid.en")}
    run(number_corpus, tmp_path / "lm", **{"training.objective": "denoise", "data.train": english, "data.valid": held})
    both = {"training.init_from.model": str(tmp_path / "lm"), "training.init_from.parts": ["decoder", "generator"]}
    with pytest.raises(ModelError, match="has another target vocabulary"):
        run(number_corpus, tmp_path / "a", **both)
    tuned = run(number_corpus, tmp_path / "b", **both, **{"tokenizer.model": str(tmp_path / "lm")})
    assert any("decoder, generator from" in text for text in tuned.messages)


@pytest.mark.filterwarnings("ignore:.*torch.jit.script_method:DeprecationWarning")
def test_stacks_of_blocks_are_compiled_when_it_is_asked_for(number_corpus: Path, tmp_path: Path) -> None:
    """The work is done at the first step, which this test does not make."""
    block = {"model.encoder": {"kind": "transformer", "hidden": 16}}
    for asked, compiled in ((True, ("encoder",)), (False, ())):
        made = recipe(number_corpus, tmp_path / "a", {**block, "training.compile": asked})
        assert assemble(made, prepared_of(made, Watcher())).compiled == compiled


def test_an_automatic_precision_is_what_the_processor_can(number_corpus: Path, tmp_path: Path) -> None:
    run(number_corpus, tmp_path / "a", **{"training.precision": "auto", "training.max_steps": 5})
    expected = "bf16" if multiplies_in_bf16() else "fp32"
    assert load_recipe(tmp_path / "a/recipe.yaml").training.precision == expected


def test_two_given_vocabularies_cannot_share_their_vectors(number_corpus: Path, tmp_path: Path) -> None:
    few = {"training.max_steps": 2}
    run(number_corpus, tmp_path / "two", **few, **{"tokenizer.shared": False})
    with pytest.raises(
        UsageError, match=r"model.tie all shares vectors between two vocabularies, which tokenizer.model \S+two has"
    ):
        run(number_corpus, tmp_path / "a", **few, **{"tokenizer.model": str(tmp_path / "two"), "model.tie": "all"})


def test_what_restores_texts_reads_the_target_side_alone(number_corpus: Path, tmp_path: Path) -> None:
    """The same weights and losses whether the source side is named or not."""
    alone = {f"data.{role}": {"src": str(number_corpus / f"{role}.en")} for role in ("train", "valid")}
    denoise = {"training.objective": "denoise", "training.max_steps": 20}
    found = []
    for name, data in (("both", {}), ("alone", alone)):
        watcher = run(number_corpus, tmp_path / name, **denoise, **data)
        found.append((watcher.validations[-1].loss, load_file(tmp_path / name / "model/weights.safetensors")))
    (loss, weights), (other, twin) = found
    assert loss == other
    assert all(torch.equal(weights[key], twin[key]) for key in twin)


def test_what_restores_texts_is_judged_by_restoring(number_corpus: Path, tmp_path: Path) -> None:
    """With more damage the same weights are worse at it; scores of whole texts are not asked for unless the recipe does."""
    still = {"training.max_steps": 1, "training.validate_every": 1, "training.optimizer": {"kind": "sgd", "lr": 1e-30}}
    trained_on = {"training.objective": "denoise", "training.max_steps": 200, "training.metrics": None}
    first = run(number_corpus, tmp_path / "a", **trained_on)
    assert first.validations[-1].scores == {}
    same = {"training.init_from.model": str(tmp_path / "a"), "tokenizer.model": str(tmp_path / "a"), **still}
    losses = [
        run(
            number_corpus,
            tmp_path / f"b{share}",
            **{"training.objective": "denoise", "training.noise.mask": share, **same},
        )
        .validations[-1]
        .loss
        for share in (0.05, 0.9)
    ]
    assert losses[0] < losses[1] - 0.1


@pytest.mark.parametrize("asked", ["auto", "left open"])
def test_batches_that_seqtool_chooses_hold_the_longest_sentence(
    asked: str, number_corpus: Path, tmp_path: Path
) -> None:
    for side, word in (("de", "eins"), ("en", "one")):
        lines = (number_corpus / f"train.{side}").read_text()
        (tmp_path / f"train.{side}").write_text(f"{lines}{' '.join([word] * 1500)}\n")
    values = recipe(number_corpus, tmp_path / "a", {"training.max_steps": 1}).model_dump(exclude_unset=True)
    train_files = {side: str(tmp_path / f"train.{lang}") for side, lang in (("src", "de"), ("tgt", "en"))}
    values["data"] |= {"train": train_files, "max_src_tokens": 4000, "max_tgt_tokens": 4000}
    del values["training"]["batch_tokens"]
    if asked == "auto":
        values["training"]["batch_tokens"] = "auto"
    train(Recipe.model_validate(values), restart=False, observer=Watcher())
    resolved = (tmp_path / "a/recipe.yaml").read_text()
    chosen = load_recipe(tmp_path / "a/recipe.yaml").training.batch_tokens
    assert isinstance(chosen, int)
    assert chosen > 1024
    assert ("# the longest training sentence has so many tokens" in resolved) == (asked == "left open")


def test_batches_smaller_than_the_longest_sentence_are_refused(number_corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match=r"training.batch_tokens 4 is below the longest training sentence, which has \d+ tokens"
    ):
        run(number_corpus, tmp_path / "a", **{"training.batch_tokens": 4})
