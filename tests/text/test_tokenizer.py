"""Tokenizers: deterministic training, bounded sampling, inert round trips, and errors with remedies."""

from __future__ import annotations

import io
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sentencepiece
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.errors import DataError, ModelError
from seqtool.text.tokenizer import BOS, EOS, PAD, UNK, Tokenizer, Tokenizers, _sample, train_tokenizer

KINDS = ("unigram", "bpe", "char", "word")
SYLLABLES = [
    "ka", "lo", "min", "ter", "su", "ra", "vel", "not", "ish", "pon", "de", "qui", "bar", "gle", "ho",
    "fyx", "zwe", "jul",
]  # fmt: skip


def sentences(count: int = 400) -> list[str]:
    """Sentences of a made-up language of some 300 words, the same every time."""
    rng = random.Random(7)
    words = ["the", "red", "cat", "house", *("".join(rng.choices(SYLLABLES, k=rng.randint(1, 3))) for _ in range(300))]
    return [" ".join(["the", "red", "cat", *rng.choices(words, k=rng.randint(2, 9))]) + "." for _ in range(count)]


def train(lines: list[str], **changes: Any) -> bytes:
    settings: dict[str, Any] = {
        "kind": "unigram",
        "vocab_size": 120,
        "character_coverage": 1.0,
        "byte_fallback": False,
        "normalization": "nmt_nfkc",
        "sample_lines": 10_000,
        "seed": 1,
    }
    return train_tokenizer(lines, **{**settings, **changes})


@pytest.fixture(scope="module")
def models() -> dict[str, Tokenizer]:
    # A word has no parts: all of them must have their place for the text to come back.
    return {
        kind: Tokenizer(train(sentences(), kind=kind, vocab_size=2000 if kind == "word" else 120)) for kind in KINDS
    }


@pytest.fixture(scope="module")
def bytes_model() -> Tokenizer:
    return Tokenizer(train(sentences(), kind="bpe", vocab_size=400, byte_fallback=True))


@pytest.mark.parametrize("kind", KINDS)
def test_known_text_comes_back(models: dict[str, Tokenizer], kind: str) -> None:
    model = models[kind]
    for line in sentences(50):
        ids = model.encode(line)
        assert ids
        assert not {PAD, UNK, BOS, EOS} & set(ids)
        assert model.decode(ids) == line


def test_kinds_cut_differently(models: dict[str, Tokenizer]) -> None:
    line = "the red house."
    assert models["char"].pieces(models["char"].encode(line)) == list("▁the▁red▁house.")
    assert models["word"].pieces(models["word"].encode("the red cat")) == ["▁the", "▁red", "▁cat"]
    assert models["word"].encode("houses") == [UNK]
    assert len(models["bpe"].encode(line)) < len(line)
    assert len({models[kind].model_bytes for kind in KINDS}) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_special_ids(models: dict[str, Tokenizer], kind: str) -> None:
    assert models[kind].pieces([0, 1, 2, 3]) == ["<pad>", "<unk>", "<s>", "</s>"]


@pytest.mark.parametrize("text", ["<s>", "</s>", "<pad>", "<unk>", "a</s>b", "<0x41>", "▁"])
def test_marks_in_the_text_are_text(models: dict[str, Tokenizer], bytes_model: Tokenizer, text: str) -> None:
    for model in (*models.values(), bytes_model):
        assert not {PAD, BOS, EOS} & set(model.encode(text))
    assert "A" not in bytes_model.decode(bytes_model.encode(text))


@settings(max_examples=150)
@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=40))
def test_any_text_can_be_encoded(models: dict[str, Tokenizer], bytes_model: Tokenizer, text: str) -> None:
    for model in (*models.values(), bytes_model):
        ids = model.encode(text)
        assert all(0 <= i < model.vocab_size for i in ids)
        assert not {PAD, BOS, EOS} & set(ids)
        model.decode(ids).encode()


@settings(max_examples=150)
@given(st.lists(st.integers(0, 399), max_size=30))
def test_any_ids_can_be_decoded(models: dict[str, Tokenizer], bytes_model: Tokenizer, ids: list[int]) -> None:
    for model in (*models.values(), bytes_model):
        known = [i % model.vocab_size for i in ids]
        text = model.decode(known)
        text.encode()
        assert "\n" not in text or model is bytes_model, "only raw bytes can spell a line end"
        assert text == model.decode([BOS, *known, EOS, PAD, PAD])


def test_byte_fallback_knows_every_character(models: dict[str, Tokenizer], bytes_model: Tokenizer) -> None:
    assert bytes_model.decode(bytes_model.encode("漢字 ümläut 🙂")) == "漢字 ümläut 🙂"
    assert UNK not in bytes_model.encode("漢")
    assert UNK in models["bpe"].encode("漢")


def test_an_unknown_token_is_shown(models: dict[str, Tokenizer]) -> None:
    assert models["unigram"].decode([UNK]).strip() == "⁇"
    assert models["unigram"].decode([]) == ""
    assert models["unigram"].decode([PAD, BOS, EOS]) == ""


@pytest.mark.parametrize("wrong", [-1, 120, 10**9, 2**40, -(2**40)])
def test_ids_outside_the_vocabulary_are_refused(models: dict[str, Tokenizer], wrong: int) -> None:
    for method in (models["unigram"].decode, models["unigram"].pieces):
        with pytest.raises(ModelError, match=f"token id {wrong} is outside the vocabulary of 120") as caught:
            method([5, wrong])
        assert caught.value.error_id == "model.token-id"
        assert "do not belong together" in caught.value.hint


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("kind", KINDS)
def test_batches_equal_single_lines(models: dict[str, Tokenizer], kind: str, threads: int) -> None:
    lines = [*sentences(40), "", "  ", "\ud800 lone", "a\0b\tc\x1b[31m"]
    assert models[kind].encode_batch(lines, threads) == [models[kind].encode(line) for line in lines]
    assert models[kind].encode_batch([], threads) == []


def test_blank_text_has_no_tokens(models: dict[str, Tokenizer]) -> None:
    assert all(model.encode(text) == [] for model in models.values() for text in ("", "   ", " \t "))


@pytest.mark.parametrize("kind", KINDS)
def test_training_is_deterministic(kind: str) -> None:
    assert train(sentences(), kind=kind) == train(sentences(), kind=kind)


def test_training_is_deterministic_across_processes(tmp_path: Path) -> None:
    """Hash seeds and addresses differ from process to process; the bytes may not."""
    script = (
        "import sys, hashlib; sys.path.insert(0, sys.argv[1]); import test_tokenizer as t\n"
        "print([hashlib.sha256(t.train(t.sentences(), kind=k)).hexdigest() for k in t.KINDS])"
    )
    command = [sys.executable, "-c", script, str(Path(__file__).parent)]
    runs = [subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path) for _ in range(2)]
    assert runs[0].stdout == runs[1].stdout
    assert runs[0].stdout.count(",") == len(KINDS) - 1
    assert runs[0].stderr == "", "the trainer talks"


def test_the_seed_chooses_the_sample() -> None:
    few = {"sample_lines": 40, "vocab_size": 60}
    one, again, other = (train(sentences(), seed=seed, **few) for seed in (1, 1, 2))
    assert one == again
    assert one != other
    assert train(sentences(), seed=1) == train(sentences(), seed=2), "without sampling the seed plays no part"


def test_each_setting_matters() -> None:
    plain = Tokenizer(train(sentences()))
    lines = [line.replace("cat", "Ｃat") for line in sentences()]
    assert plain.vocab_size == 120
    assert Tokenizer(train(sentences(), vocab_size=60)).vocab_size == 60
    folded, kept = (Tokenizer(train(lines, normalization=name)) for name in ("nmt_nfkc_cf", "identity"))
    assert folded.decode(folded.encode("The Ｃat.")) == "the cat."
    assert kept.decode(kept.encode("the Ｃat.")) == "the Ｃat."
    rare = [*sentences(), *["the ж."] * 2]
    assert UNK not in Tokenizer(train(rare)).encode("ж")
    assert UNK in Tokenizer(train(rare, character_coverage=0.995)).encode("ж")


@pytest.mark.parametrize("kind", KINDS)
def test_a_vocabulary_beyond_the_corpus_is_what_there_is(kind: str) -> None:
    model = Tokenizer(train(["a small text", "a smaller text"], kind=kind, vocab_size=8000))
    assert 4 < model.vocab_size < 200
    assert model.decode(model.encode("a small text")) == "a small text"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "lines", [[], [""], ["", "  ", "\t"], ["\x01\x02"]], ids=["none", "empty", "blank", "controls"]
)
def test_no_text_is_an_error(kind: str, lines: list[str]) -> None:
    with pytest.raises(DataError, match="no line with text") as caught:
        train(lines, kind=kind)
    assert caught.value.error_id == "data.empty"


@pytest.mark.parametrize(
    ("kind", "changes", "needed"),
    [
        ("unigram", {"vocab_size": 10}, r"need \d+"),  # fewer pieces than letters
        ("bpe", {"vocab_size": 10}, r"need \d+"),
        ("unigram", {"vocab_size": 100, "byte_fallback": True}, r"need 2\d\d"),  # 256 bytes do not fit
        ("char", {"vocab_size": 100, "byte_fallback": True}, "260"),
        ("word", {"vocab_size": 100, "byte_fallback": True}, "260"),
    ],
)
def test_a_vocabulary_that_is_too_small(kind: str, changes: dict[str, Any], needed: str) -> None:
    with pytest.raises(DataError, match=needed) as caught:
        train(sentences(), kind=kind, **changes)
    assert caught.value.error_id == "data.vocab-size"
    assert f"tokenizer.vocab_size {changes['vocab_size']} is too small" in caught.value.message
    assert "tokenizer.vocab_size" in caught.value.hint


def test_the_named_size_is_enough() -> None:
    with pytest.raises(DataError) as caught:
        train(sentences(), vocab_size=10)
    enough = int(caught.value.message.rsplit(" ", 1)[1])
    assert Tokenizer(train(sentences(), vocab_size=enough)).vocab_size == enough


@pytest.mark.parametrize("separator", ["\t", "\0"])
def test_lines_with_separators_are_used(separator: str) -> None:
    """SentencePiece alone would leave them out, without a word."""
    model = Tokenizer(train([f"zebra{separator}zebra"] * 20))
    assert UNK not in model.encode("zebra")


def test_long_documents_are_used() -> None:
    """SentencePiece alone would leave out lines beyond 4,192 bytes."""
    model = Tokenizer(train([" ".join(sentences(400)), "q" * 9001]))
    assert UNK not in model.encode("the red house. q")


@given(st.lists(st.integers(), max_size=60, unique=True), st.integers(1, 30), st.integers(0, 5))
def test_a_sample_is_drawn_from_the_lines(numbers: list[int], size: int, seed: int) -> None:
    lines = [str(number) for number in numbers]
    kept = _sample(iter(lines), size, seed)
    assert len(kept) == min(size, len(lines))
    assert len(set(kept)) == len(kept)
    assert set(kept) <= set(lines)
    if len(lines) <= size:
        assert kept == lines


def test_a_sample_is_uniform() -> None:
    """Each of 20 lines is in a sample of 5 with probability 1/4: over 4,000 samples 1,000 times, give or take 27."""
    counts = dict.fromkeys(map(str, range(20)), 0)
    for seed in range(4000):
        for line in _sample(counts, 5, seed):
            counts[line] += 1
    assert all(abs(count - 1000) < 5 * 27 for count in counts.values())


@pytest.mark.parametrize("damage", ["empty", "noise", "cut", "text", "no UTF-8"])
def test_bytes_that_are_no_model(models: dict[str, Tokenizer], damage: str) -> None:
    good = models["unigram"].model_bytes
    noise, strange = bytes(range(256)) * 9, good.replace("▁".encode(), b"\xff\xfe\xfd")
    data = {"empty": b"", "noise": noise, "cut": good[: len(good) // 2], "text": b"hello", "no UTF-8": strange}[damage]
    with pytest.raises(ModelError, match="is not a SentencePiece model") as caught:
        Tokenizer(data)
    assert caught.value.error_id == "model.tokenizer"


def test_a_model_with_other_special_ids() -> None:
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(sentences()), model_writer=model, vocab_size=60, minloglevel=2
    )
    with pytest.raises(ModelError, match=r"\(-1, 0, 1, 2\), not \(0, 1, 2, 3\)"):
        Tokenizer(model.getvalue())


def test_files_come_back(models: dict[str, Tokenizer]) -> None:
    src, tgt = models["unigram"], models["bpe"]
    shared = Tokenizers(src, src, shared=True)
    assert shared.files() == {"tokenizer.model": src.model_bytes}
    back = Tokenizers.from_files({**shared.files(), "other.bin": b""})
    assert back.shared
    assert back.src is back.tgt
    assert back.src.model_bytes == src.model_bytes
    separate = Tokenizers.from_files(Tokenizers(src, tgt, shared=False).files())
    assert not separate.shared
    assert (separate.src.model_bytes, separate.tgt.model_bytes) == (src.model_bytes, tgt.model_bytes)


def test_missing_files_are_named(models: dict[str, Tokenizer]) -> None:
    with pytest.raises(ModelError, match=r"tokenizer\.tgt\.model") as caught:
        Tokenizers.from_files({"tokenizer.src.model": models["char"].model_bytes})
    assert caught.value.error_id == "model.missing"


def test_sentencepiece_is_known_here_only() -> None:
    package = Path(sys.modules["seqtool"].__file__ or "").parent
    users = [path.name for path in package.rglob("*.py") if "import sentencepiece" in path.read_text("utf-8")]
    assert users == ["tokenizer.py"]
