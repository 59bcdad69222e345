"""Other segmentations of the same text: drawn with the right frequencies, and the same ones for the same seed in any process."""

from __future__ import annotations

import math
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from seqtool.text import subwords
from seqtool.text.subwords import Vocabulary, resample
from seqtool.text.tokenizer import UNK, Tokenizer
from tests.text.test_tokenizer import sentences, train

STRENGTH = {"unigram": 0.2, "bpe": 0.2}
KINDS = sorted(STRENGTH)
LINES = [*sentences(60), "", "日本 red 漢 cat", "  two  spaces ", "a\udc80b", "</s> <unk>"]


def sampled(model: Tokenizer, lines: list[str], strength: float, seed: int) -> list[list[int]]:
    """Lines cut in ways drawn at random."""
    return list(resample(model.encode_batch(lines), model.vocabulary(), strength, seed))


@pytest.fixture(scope="module")
def models() -> dict[str, Tokenizer]:
    return {kind: Tokenizer(train(sentences(), kind=kind)) for kind in (*KINDS, "word", "char")}


@pytest.mark.parametrize("kind", KINDS)
def test_samples_spell_the_same_text(models: dict[str, Tokenizer], kind: str) -> None:
    model = models[kind]
    plain, drawn = model.encode_batch(LINES), sampled(model, LINES, STRENGTH[kind], 1)
    assert [model.decode(row) for row in drawn] == [model.decode(row) for row in plain]
    assert [row.count(UNK) for row in drawn] == [row.count(UNK) for row in plain]
    assert sum(a != b for a, b in zip(plain, drawn, strict=True)) > 20


def test_bytes_stay_what_they_are() -> None:
    model = Tokenizer(train(sentences(), kind="bpe", vocab_size=400, byte_fallback=True))
    drawn = sampled(model, ["漢字 the red house"] * 20, 0.5, 1)
    assert {model.decode(row) for row in drawn} == {"漢字 the red house"}
    assert len({tuple(row) for row in drawn}) > 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_gives_one_sample_whatever_was_drawn_before(models: dict[str, Tokenizer], kind: str) -> None:
    model = models[kind]
    first = sampled(model, LINES, STRENGTH[kind], 1)
    other = sampled(model, LINES, STRENGTH[kind], 2)
    assert sampled(model, LINES, STRENGTH[kind], 1) == first
    assert other != first


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_gives_one_sample_in_any_process(models: dict[str, Tokenizer], kind: str, tmp_path: Path) -> None:
    """SentencePiece's own generator does not, whatever its seed."""
    path = tmp_path / "model"
    path.write_bytes(models[kind].model_bytes)
    program = (
        "import sys; from pathlib import Path; from seqtool.text.tokenizer import Tokenizer;"
        "from tests.text.test_subwords import sampled;"
        f"print(sampled(Tokenizer(Path(sys.argv[1]).read_bytes()), {sentences(5)!r}, {STRENGTH[kind]}, 7))"
    )
    root = Path(__file__).parents[2]
    said = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, cwd=root, check=True
    )
    assert said.stdout.strip() == str(sampled(models[kind], sentences(5), STRENGTH[kind], 7))


@pytest.mark.parametrize(("kind", "none"), [("unigram", 60.0), ("bpe", 1e-12)])
def test_without_noise_it_is_the_plain_segmentation(models: dict[str, Tokenizer], kind: str, none: float) -> None:
    plain = models[kind].encode_batch(LINES)
    drawn = sampled(models[kind], LINES, none, 1)
    same = sum(a == b for a, b in zip(plain, drawn, strict=True))
    assert same == len(LINES) or (kind == "unigram" and same > len(LINES) - 5), "but for segmentations of equal score"


@pytest.mark.parametrize(("kind", "little", "much"), [("unigram", 1.0, 0.01), ("bpe", 0.05, 0.5)])
def test_strength_makes_pieces_shorter(models: dict[str, Tokenizer], kind: str, little: float, much: float) -> None:
    tokens = [sum(map(len, sampled(models[kind], LINES, strength, 1))) for strength in (little, much)]
    assert tokens[0] < tokens[1]


def test_unigram_segmentations_come_as_often_as_they_are_probable() -> None:
    """Against all segmentations of a word, written out."""
    scores = {"▁": -1.0, "a": -2.0, "b": -2.5, "▁a": -2.2, "ab": -2.8, "▁ab": -3.5, "aba": -6.0}
    vocabulary = Vocabulary(
        ["<pad>", "<unk>", "<s>", "</s>", *scores], [0.0] * 4 + list(scores.values()), [False] * 4 + [True] * 7
    )

    def ways(rest: str) -> Iterator[tuple[str, ...]]:
        if not rest:
            yield ()
        for piece in scores:
            if rest.startswith(piece):
                yield from ((piece, *others) for others in ways(rest[len(piece) :]))

    weights = {way: math.exp(0.5 * sum(scores[piece] for piece in way)) for way in ways("▁abaab")}
    draws = 20_000
    word = [vocabulary.ids[piece] for piece in "▁abaab"]
    found = Counter(tuple(vocabulary.pieces[i] for i in row) for row in resample([word] * draws, vocabulary, 0.5, 3))
    assert found.keys() <= weights.keys()
    for way, weight in weights.items():
        share = weight / sum(weights.values())
        assert abs(found[way] / draws - share) < 5 * math.sqrt(share / draws), way


def test_merges_are_left_out_as_often_as_by_sentencepiece(models: dict[str, Tokenizer]) -> None:
    """Its generator cannot be seeded for good, so this compares frequencies, widely enough never to fail by chance."""
    model, draws = models["bpe"], 3000
    text = "houserminter"
    theirs = Counter(
        tuple(model._processor.encode(text, out_type=int, enable_sampling=True, nbest_size=-1, alpha=0.2))
        for _ in range(draws)
    )
    ours = Counter(map(tuple, sampled(model, [text] * draws, 0.2, 1)))
    assert len(ours) > 5
    for way in ours | theirs:
        assert abs(ours[way] - theirs[way]) < 8 * math.sqrt(max(ours[way], theirs[way])), model.pieces(way)


def test_what_is_remembered_changes_nothing(models: dict[str, Tokenizer], monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in KINDS:
        with monkeypatch.context() as patch:
            drawn = sampled(models[kind], LINES, 0.3, 1)
            patch.setattr("seqtool.text.subwords._REMEMBERED_ROWS", 1)
            assert sampled(models[kind], LINES, 0.3, 1) == drawn


def test_long_words_are_cut_too(models: dict[str, Tokenizer]) -> None:
    """Hundreds of characters without a space, whose segmentations have probabilities too small for a float."""
    text = "kaloterminsu" * 100
    for kind in KINDS:
        rows = sampled(models[kind], [text], 0.9 if kind == "unigram" else 0.2, 1)
        assert models[kind].decode(rows[0]) == text


def test_which_vocabularies_have_other_segmentations(models: dict[str, Tokenizer]) -> None:
    assert {kind: model.vocabulary().divisible for kind, model in models.items()} == {
        "unigram": True, "bpe": True, "word": False, "char": False,
    }  # fmt: skip
    assert {kind: models[kind].vocabulary().ranked for kind in KINDS} == {"unigram": False, "bpe": True}


def test_a_piece_that_no_merges_make_is_not_taken_apart() -> None:
    """One that somebody has defined, in a tokenizer that was given."""
    pieces = ["<pad>", "<unk>", "<s>", "</s>", "<sep>", "ab", *"ab<sep>", "\u2581"]
    scores = [0.0] * 5 + [-float(number) for number in range(len(pieces) - 5)]
    vocabulary = Vocabulary(pieces, scores, [False] * 4 + [True] * (len(pieces) - 4))
    assert vocabulary.ranked
    row = [pieces.index(one) for one in ("\u2581", "ab", "<sep>", "ab")]
    cut = [next(iter(resample([row], vocabulary.of_merges(), 0.5, seed))) for seed in range(20)]
    assert all(pieces.index("<sep>") in one for one in cut)
    assert len({tuple(one) for one in cut}) > 1, "and the others are"
    assert all("".join(pieces[i] for i in one) == "\u2581ab<sep>ab" for one in cut)


def test_what_merges_make_is_as_it_was(models: dict[str, Tokenizer]) -> None:
    for kind in ("bpe", "unigram"):
        vocabulary = models[kind].vocabulary()
        assert vocabulary.of_merges() == vocabulary


@pytest.mark.parametrize("kind", ["unigram", "bpe"])
def test_long_words_are_not_remembered(
    kind: str, models: dict[str, Tokenizer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Documents of a script without spaces are such, and would never come back."""
    line = "".join(sentences()[0].split()) * 20
    expected = sampled(models[kind], [line] * 3, 0.2, 1)
    monkeypatch.setattr(subwords, "_REMEMBERED_PIECES", 10**6)
    assert sampled(models[kind], [line] * 3, 0.2, 1) == expected
    monkeypatch.undo()
    cutter = (subwords._Merges if kind == "bpe" else subwords._Lattices)(models[kind].vocabulary(), 0.2)
    word = tuple(models[kind].encode(line))
    assert len(word) > 32
    cutter.draw(word, random.Random(1))
    assert not (cutter._results if kind == "bpe" else cutter._lattices)  # type: ignore[union-attr]
