"""Other kinds of layers, from the recipe to the text: trained, exported, translated and refused by real commands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.processes import Warm
from tests.cli.training_runs import write_recipe
from tests.number_words import number_pairs

TRAINING = {
    "batch_tokens": 512,
    "max_steps": 400,
    "max_epochs": None,
    "validate_every": 400,
    "checkpoint_every": 200,
    "optimizer": {"kind": "adam", "lr": 0.005},
    "schedule": {"kind": "inverse_sqrt", "warmup_steps": 50},
    "threads": 1,
}
BLOCKS = {"kind": "transformer", "layers": 2, "hidden": 32, "heads": 4, "feed_forward": 64}
LEARNED = {
    **BLOCKS,
    "positions": "learned",
    "max_positions": 101,
}  # as many as the longest pair that is taken, and a mark
MODELS: dict[str, dict[str, Any]] = {
    "transformer": {"embedding": 32, "encoder": LEARNED, "decoder": LEARNED, "attention": {"heads": 2}},
    "hybrid": {
        "embedding": 24,
        "encoder": {**BLOCKS, "norm": "post"},
        "decoder": {"kind": "ssru", "layers": 1, "hidden": 32},
        "attention": {"kind": "scaled_dot"},
    },
}


@pytest.fixture(scope="module", params=[pytest.param(name, marks=pytest.mark.slow) for name in MODELS])
def run(request: Any, number_corpus: Path, warm: Warm, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a finished run of `recipe.yaml`."""
    folder = tmp_path_factory.mktemp(request.param)
    model = {**MODELS[request.param], "dropout": {"embedding": 0.0, "layer": 0.1, "output": 0.0}}
    write_recipe(folder, number_corpus, model=model, training=TRAINING)
    done = warm.seqtool("train", "recipe.yaml", cwd=folder)
    assert done.code == 0, done.err
    assert "of 40 lines as in torch" in done.err
    return folder


def test_it_has_learned_and_says_the_same_in_any_batch_and_runtime(run: Path, warm: Warm) -> None:
    pairs = number_pairs(60, 7)
    source = "".join(f"{src}\n" for src, _ in pairs).encode()
    texts = {}
    for precision in ("fp32", "int8"):
        for size in ("1", "7", "64"):
            options = ("-m", "runs/numbers", "--precision", precision, "--batch-size", size)
            texts[precision, size] = warm.seqtool("translate", *options, stdin=source, cwd=run).out
        assert texts[precision, "1"] == texts[precision, "7"] == texts[precision, "64"]
    torch = warm.seqtool("translate", "-m", "runs/numbers", "--runtime", "torch", stdin=source, cwd=run)
    assert texts["fp32", "64"] == torch.out
    right = sum(one == tgt for one, (_, tgt) in zip(torch.out.splitlines(), pairs, strict=True))
    assert right >= 30


def test_a_line_beyond_all_positions_is_split_and_stays_a_line(run: Path, warm: Warm) -> None:
    """1,000 words are more tokens than training saw, or than there are learned positions."""
    words = " ".join(src.removesuffix(" .") for src, _ in number_pairs(300, 3))
    assert len(words.split()) > 800
    done = warm.seqtool("translate", "-m", "runs/numbers", stdin=f"eins .\n{words}\nzwei .\n".encode(), cwd=run)
    assert done.code == 0
    assert len(done.out.splitlines()) == 3
    assert len(done.out.splitlines()[1].split()) > 200
    assert "1 line longer than the" in done.err


def test_positions_that_were_never_learnt_are_refused(run: Path, warm: Warm) -> None:
    """Where there are such: the hybrid's have no end."""
    learned = run.name.startswith("transformer")
    options = ("translate", "-m", "runs/numbers", "--max-length-ratio", "400", "--min-length")
    assert warm.seqtool(*options, "101", stdin=b"eins .\n", cwd=run).code == (2 if learned else 0)
    most = warm.seqtool(*options, "100", stdin=b"eins .\n", cwd=run)
    assert most.code == 0
    long = " ".join(tgt for _, tgt in number_pairs(60, 3))
    prefixed = warm.seqtool("translate", "-m", "runs/numbers", "--prefix", long, stdin=b"eins .\n", cwd=run)
    assert prefixed.code == (2 if learned else 0)
    if learned:
        assert re.match(
            r"error\[usage\.prefix\]: --prefix: \d+ tokens, and the model learnt 100 positions ", prefixed.err
        )
    (run / "src").write_text("eins .\n", "utf-8")
    (run / "tgt").write_text(f"{long}\n", "utf-8")
    scored = warm.seqtool("score", "-m", "runs/numbers", "src", "tgt", cwd=run)
    assert scored.code == (3 if learned else 0)
    if learned:
        assert "and the model learnt 100 positions: " in scored.err
        assert long[:50] in scored.err


REFUSED = [
    (["model.encoder.heads=3"], "model.encoder.heads: 3 with lstm layers, which have no heads", "use kind: transformer"),
    (
        ["model.encoder={kind: transformer, hidden: 30, heads: 4}"],
        "model.encoder.heads: 4 heads do not divide 30 hidden units",
        "set model.encoder.heads to 6 or 10 or 15 or 30",
    ),
    (
        ["model.preset=rnn-tiny"],
        "model.embedding: 24 contradicts preset rnn-tiny, which has 128",
        "remove model.embedding",
    ),
    (
        ["model.decoder={kind: conv, hidden: 32, positions: learned, max_positions: 50}", "model.attention.kind=multi_head"],
        "model.decoder.max_positions: 50 positions for pairs of up to 100 tokens and the end mark",
        "set model.decoder.max_positions: 101, or data.max_tgt_tokens: 49",
    ),
    (
        ["model.encoder={kind: conv, hidden: 32}", "model.attention.kind=dot"],
        "model.attention.kind: dot attention compares decoder states of 24 with encoder outputs of 32",
        "set model.decoder.hidden: 32",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("overrides", "said", "advised"), REFUSED, ids=[one[1][:50] for one in REFUSED])
def test_what_cannot_be_built_is_exit_code_2_and_says_what_to_change(
    overrides: list[str], said: str, advised: str, number_corpus: Path, warm: Warm, tmp_path: Path
) -> None:
    write_recipe(tmp_path, number_corpus)
    done = warm.seqtool("train", "recipe.yaml", *overrides, cwd=tmp_path)
    assert done.code == 2
    assert said in done.err
    assert advised in done.err
    assert not (tmp_path / "runs").exists()


def test_a_preset_is_shown_written_out(number_corpus: Path, warm: Warm, tmp_path: Path) -> None:
    write_recipe(tmp_path, number_corpus, model={"preset": "hybrid-tiny"})
    done = warm.seqtool("train", "recipe.yaml", "--dry-run", "-v", cwd=tmp_path)
    assert done.code == 0, done.err
    assert "    kind: transformer\n" in done.out
    assert "    kind: ssru\n" in done.out
    assert "  embedding: 128\n" in done.out
