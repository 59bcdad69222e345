"""Ensembles of models that write the same tokens and read the same text in different ones."""

from __future__ import annotations

import json
import math
import pickle
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
import torch

from seqtool.decoding.plan import Sampling
from seqtool.errors import DataError, ModelError
from seqtool.model_dir import config_of, open_model_dir
from seqtool.models.build import build_model
from seqtool.recipe.schema import Recipe
from seqtool.runtime.ensemble import apart
from seqtool.runtime.torch_weights import save_model
from seqtool.text.glossary import Glossary
from seqtool.text.length_tokens import LENGTHS, PIECES, Bounds, length_ids
from seqtool.text.reading import Reader, joined
from seqtool.text.tokenizer import EOS, UNK, Tokenizer, Tokenizers, train_tokenizer
from seqtool.translator import Translator
from tests.cli.processes import Warm
from tests.number_words import number_pairs, small_recipe

PAIRS = number_pairs(25, 31)
LINES = [src for src, _ in PAIRS]
TARGETS = [tgt for _, tgt in PAIRS]
Runtime = Literal["onnx", "torch"]

both_runtimes = pytest.mark.parametrize("runtime", ["torch", pytest.param("onnx", marks=pytest.mark.slow)])


def tokenizer_of(kind: str, vocab_size: int, **settings: Any) -> Tokenizer:
    """One of the number words, of both languages."""
    lines = [line for pair in number_pairs(300, 9) for line in pair]
    asked = {"character_coverage": 1.0, "byte_fallback": False, "normalization": "nmt_nfkc", "sample_lines": 1000}
    return Tokenizer(train_tokenizer(lines, kind=kind, vocab_size=vocab_size, seed=1, **{**asked, **settings}))


@pytest.fixture(scope="module")
def tokenizers() -> dict[str, Tokenizer]:
    """Subwords, which all models write, and two more to read with."""
    lengths = tokenizer_of("unigram", 50, control=PIECES)
    return {"subwords": tokenizer_of("unigram", 60), "chars": tokenizer_of("char", 60), "lengths": lengths}


def write_model(
    path: Path, src: Tokenizer, tgt: Tokenizer, seed: int, *, longest: int = 60, task: str = "translation", **model: Any
) -> Path:
    """A model directory with weights nobody trained, and opinions."""
    plain = small_recipe(Path("unused"))
    recipe = Recipe.model_validate({**plain, "task": task, "model": {**plain["model"], **model}})  # type: ignore[dict-item]
    torch.manual_seed(seed)
    network = build_model(recipe.model, src.vocab_size, tgt.vocab_size)
    for parameter in network.parameters():
        parameter.data.mul_(3.0)
    bounds = Bounds(5, 9) if src.control(PIECES[0]) is not None else None
    both = Tokenizers(src, src if src is tgt else tgt, shared=src is tgt)
    save_model(path, dict(network.named_parameters()), both, config_of(recipe, longest, bounds))
    return path


@pytest.fixture(scope="module")
def models(tokenizers: dict[str, Tokenizer], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """One that reads subwords, one that reads characters."""
    folder, words = tmp_path_factory.mktemp("readers"), tokenizers["subwords"]
    return write_model(folder / "subwords", words, words, 5), write_model(
        folder / "chars", tokenizers["chars"], words, 6
    )


def load(runtime: Runtime, *paths: Path) -> Translator:
    if runtime == "onnx":
        from seqtool.export.export import export

        for path in paths:
            if not open_model_dir(path).has_graphs("fp32"):
                export(path, LINES)
    return Translator.load(*paths, runtime=runtime)


@both_runtimes
def test_each_model_reads_with_its_own_tokenizer(models: tuple[Path, Path], runtime: Runtime) -> None:
    """The probability of every token is the mean of what the models say alone, whichever comes first."""
    alone = [load(runtime, path).score(LINES, TARGETS) for path in models]
    for paths in (models, models[::-1]):
        together = load(runtime, *paths).score(LINES, TARGETS)
        for first, second, both in zip(*alone, together, strict=True):
            for (_, mine), (_, others), (_, found) in zip(first.tokens, second.tokens, both.tokens, strict=True):
                assert found == pytest.approx(math.log((math.exp(mine) + math.exp(others)) / 2), abs=1e-4)


@both_runtimes
def test_search_sums_what_the_models_say(models: tuple[Path, Path], runtime: Runtime) -> None:
    """Of each of several outputs, in any batch, whichever model comes first."""
    limits: dict[str, float] = {"max_length": 12, "max_length_ratio": 50, "beam_size": 4}
    both = load(runtime, *models).with_search(n_best=3, details=True, **limits)
    expected = list(both.translate(LINES))
    for found in expected:
        for output in found.outputs:
            assert sum(value for _, value in output.tokens) == pytest.approx(output.log_prob)
    others = [both.with_search(n_best=3, batch_size=size, **limits) for size in (1, 7)]
    others.append(load(runtime, *models[::-1]).with_search(n_best=3, **limits))
    for other in others:
        for one, two in zip(reversed(list(other.translate(LINES[::-1]))), expected, strict=True):
            assert [output.text for output in one.outputs] == [output.text for output in two.outputs]
            assert [output.score for output in one.outputs] == pytest.approx([o.score for o in two.outputs], abs=1e-5)
    alone = [[found.text for found in load(runtime, path).translate(LINES)] for path in models]
    assert [found.text for found in expected] not in alone


def test_outputs_are_drawn_and_constrained_as_of_one_model(models: tuple[Path, Path]) -> None:
    both = load("torch", *models)
    drawn = [both.with_search(n_best=3, sampling=Sampling(seed=7), batch_size=size) for size in (64, 1)]
    one, two = ([[o.text for o in found.outputs] for found in each.translate(LINES)] for each in drawn)
    assert one == two
    begun = both.translate_window(LINES, ["one two"] * len(LINES))
    assert all(found.text.startswith("one two") for found in begun)


def test_attention_is_that_of_who_reads_as_the_first(
    models: tuple[Path, Path], tokenizers: dict[str, Tokenizer], tmp_path: Path
) -> None:
    """The others looked at tokens that are not shown."""
    words = tokenizers["subwords"]
    blind = write_model(tmp_path / "blind", words, words, 9, attention={"kind": "none"})
    for paths in (models, models[::-1], (blind, models[1])):
        both = load("torch", *paths).with_search(details=True)
        for line, found in zip(LINES[:5], both.translate(LINES[:5]), strict=True):
            seen = found.outputs[0].attention
            assert (seen is None) == (blind in paths)
            if seen is not None:
                assert seen.shape[1] == len(both.tokenizers.src.encode(line)) + 1
                assert np.allclose(seen.sum(1), 1, atol=1e-4)


def test_a_line_is_split_until_all_can_read_its_parts(
    models: tuple[Path, Path], tokenizers: dict[str, Tokenizer], tmp_path: Path
) -> None:
    """Learnt positions end where a model's longest source ended."""
    chars, words = tokenizers["chars"], tokenizers["subwords"]
    placed: dict[str, Any] = {
        "embedding": 16,
        "encoder": {
            "kind": "transformer",
            "layers": 1,
            "hidden": 16,
            "heads": 2,
            "positions": "learned",
            "max_positions": 20,
        },
    }
    short = write_model(tmp_path / "short", chars, words, 8, longest=18, **placed)
    both = load("torch", models[0], short)
    assert both.max_src_tokens == 60
    for line in (" ".join(LINES[:2]), LINES[1] * 3, LINES[1].replace(" ", "") * 3):
        assert len(words.encode(line)) <= 60
        parts = both._parting.parts([line], None, both.counts, 1)[0]
        assert len(parts) > 1
        for part in parts:
            assert len(part.others[0]) <= 18
            assert list(part.others[0]) == chars.encode(words.decode(part.ids[:-1].tolist()))
        assert "".join(words.decode(part.ids[:-1].tolist()) for part in parts).replace(" ", "") == line.replace(" ", "")
    assert both.counts.split == 3
    assert len(list(both.translate([" ".join(LINES[:2])] * 3))) == 3
    with pytest.raises(DataError, match=r"a source of \d+ tokens, and the model learnt 19 positions: "):
        both.score([" ".join(LINES[:2])], TARGETS[:1])


def test_what_one_cannot_read_leaves_the_others_together(tokenizers: dict[str, Tokenizer], tmp_path: Path) -> None:
    """A single token may be more than another model can take: it is a part of its own, as it stands in the text."""
    words, chars, tgt = tokenizer_of("word", 60), tokenizer_of("char", 400, byte_fallback=True), tokenizers["subwords"]
    paths = [
        write_model(tmp_path / name, src, tgt, 3, longest=size)
        for name, src, size in (("words", words, 60), ("chars", chars, 18))
    ]
    both = load("torch", *paths)
    (parts,) = both._parting.parts([f"eins zwei {'neun' * 9}漢 drei vier"], None, both.counts, 1)
    texts = ["eins zwei", f"{'neun' * 9}漢", "drei", "vier"]
    assert [list(part.others[0]) for part in parts] == [chars.encode(text) for text in texts]


def test_one_token_may_be_more_than_another_model_can_read(tokenizers: dict[str, Tokenizer]) -> None:
    reader = Reader(tokenizers["chars"], most=4, reach=5)
    (row,) = reader.rows(["eins zwei"])
    assert len(row) == 10
    assert reader.kept(row) == row[:5]
    assert reader.cut(row) == row


def test_a_word_that_was_cut_is_read_as_it_stands_in_the_line(tokenizers: dict[str, Tokenizer], tmp_path: Path) -> None:
    """One model knows what is unknown to the other."""
    words, tgt = tokenizers["chars"], tokenizers["subwords"]
    bytes_too = tokenizer_of("char", 400, byte_fallback=True)
    paths = [
        write_model(tmp_path / name, src, tgt, 3, longest=size)
        for name, src, size in (("chars", words, 9), ("bytes", bytes_too, 60))
    ]
    both = load("torch", *paths)
    (parts,) = both._parting.parts(["neun漢neunneun"], None, both.counts, 1)
    assert len(parts) > 1
    assert any(UNK in part.ids for part in parts)
    assert "漢" in "".join(bytes_too.decode(part.others[0]) for part in parts)


def test_a_summary_is_of_what_each_model_keeps(tokenizers: dict[str, Tokenizer], tmp_path: Path) -> None:
    chars, words = tokenizers["chars"], tokenizers["subwords"]
    paths = [
        write_model(tmp_path / name, one, words, 4, longest=size, task="summarization")
        for name, one, size in (("words", words, 30), ("chars", chars, 12))
    ]
    both = load("torch", *paths)
    (part,) = both._parting.parts([" ".join(LINES[:2])], None, both.counts, 1)[0]
    assert part.others == (tuple(chars.encode(" ".join(LINES[:2]))[:12]),)
    assert both.counts.cut == 1
    # only the second has to cut: what the first reads, and a glossary looks for, is the line as it stands
    other = both.with_search(glossary=Glossary([("漢", (9,))]))
    (part,) = other._parting.parts([f"漢 {LINES[1]}"], None, both.counts, 1)[0]
    assert (part.phrases, both.counts.cut) == ([(9,)], 2)
    long, cut = (both.score([text], TARGETS[:1])[0].log_prob for text in (" ".join(LINES[:9]), " ".join(LINES[:8])))
    assert long == cut


def test_each_reading_begins_with_a_length_token_of_its_own(tokenizers: dict[str, Tokenizer], tmp_path: Path) -> None:
    words, marked = tokenizers["subwords"], tokenizers["lengths"]
    other = tokenizer_of("char", 70, control=PIECES)
    paths = [write_model(tmp_path / name, src, words, 4) for name, src in (("one", marked), ("two", other))]
    both = load("torch", *paths)
    for place, length in enumerate(LENGTHS):
        (part,) = both.with_search(length=length)._parting.parts(LINES[:1], None, both.counts, 1)[0]
        assert part.ids.tolist() == [length_ids(marked)[place], *marked.encode(LINES[0]), EOS]
        assert part.others == ((length_ids(other)[place], *other.encode(LINES[0])),)


def test_length_tokens_are_never_said_whoever_reads(tokenizers: dict[str, Tokenizer], tmp_path: Path) -> None:
    """Also where only the vocabulary of the target has them in common with a source."""
    marked, words = tokenizers["lengths"], tokenizers["subwords"]
    other = tokenizer_of("char", 70, control=PIECES)
    apart, without = (write_model(tmp_path / name, other, tgt, 4) for name, tgt in (("a", marked), ("b", words)))
    assert load("torch", apart)._never == tuple(length_ids(marked))
    assert load("torch", without)._never == ()


def test_a_model_that_copies_shares_its_source_tokenizer(
    models: tuple[Path, Path], tokenizers: dict[str, Tokenizer], tmp_path: Path
) -> None:
    words = tokenizers["subwords"]
    pointer = write_model(tmp_path / "pointer", words, words, 4, pointer=True)
    assert Translator.load(models[0], pointer).points
    with pytest.raises(ModelError) as caught:
        Translator.load(pointer, models[1])
    assert caught.value.error_id == "model.ensemble"
    assert str(pointer) in caught.value.message


def test_rows_come_apart_as_they_were_joined() -> None:
    rows = [((5, 6, 7), ((8,), (9, 5))), ((5,), ((), (7, 7, 7, 7))), ((6, 6), ((4, 8, 9), ()))]
    made = [joined(src, others) for src, others in rows]
    ids = np.zeros((3, 1 + max(map(len, made))), np.int64)
    for row, one in zip(ids, made, strict=True):
        row[: len(one)] = one
    lengths = np.array([len(src) + 1 for src, _ in rows])
    found = list(apart(ids, lengths, 3))
    for place, (src, others) in enumerate(rows):
        for (read, sizes), row in zip(found, (src, *others), strict=True):
            assert read[place, : sizes[place]].tolist() == [*row, EOS]
            assert not read[place, sizes[place] :].any()


def test_an_ensemble_of_readers_can_be_pickled_and_run_by_the_command(
    models: tuple[Path, Path], warm: Warm, tmp_path: Path
) -> None:
    both = load("torch", *models)
    expected = [found.text for found in both.translate(LINES)]
    again: Translator = pickle.loads(pickle.dumps(both))
    assert [found.text for found in again.translate(LINES)] == expected
    stdin = "".join(f"{line}\n" for line in LINES).encode()
    options = ("-m", models[0], "-m", models[1], "--runtime", "torch", "--format", "jsonl")
    done = warm.seqtool("translate", *options, cwd=tmp_path, stdin=stdin)
    assert done.code == 0, done.err
    assert [json.loads(line)["text"] for line in done.out.split("\n")[:-1]] == expected
    line = " ".join(LINES[:20]).encode() + b"\n"
    done = warm.seqtool("translate", *options, cwd=tmp_path, stdin=line)
    assert done.err.startswith("warning: 1 line longer than all models know: translated in parts\n")
