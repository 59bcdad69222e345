"""The pairs of an epoch: drawn anew for each, the same each time, and with lengths that are exact."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from seqtool.batching import Pairs, collate, plan_batches
from seqtool.errors import ModelError
from seqtool.recipe.rules import CorpusLimits
from seqtool.text import epochs
from seqtool.text.epochs import Epochs, held_out
from seqtool.text.noise import Noise
from seqtool.text.prepared import Prepared
from seqtool.text.tokenizer import UNK
from tests.text.preparing import prepare_in, write_corpus

LIMITS = CorpusLimits(max_src=100, max_tgt=100, max_ratio=9.0, truncate_src=False)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    folder = tmp_path_factory.mktemp("epochs")
    write_corpus(folder, train=120)
    return prepare_in(folder)


def epochs_of(
    store: Prepared, *, sampling: float = 0.0, noise: Noise | None = None, seed: int = 1, limits: CorpusLimits = LIMITS
) -> Epochs:
    return Epochs(store.train, store.tokenizers, sampling=sampling, noise=noise, seed=seed, limits=limits)


def rows(pairs: Pairs) -> tuple[list[list[int]], list[list[int]]]:
    src, tgt = pairs.gather(range(len(pairs.src_lengths)))
    return [row.tolist() for row in src], [row.tolist() for row in tgt]


def test_where_nothing_is_drawn_the_pairs_are_the_prepared_ones(store: Prepared) -> None:
    assert epochs_of(store).pairs(0) is store.train
    assert epochs_of(store).pairs(5) is store.train


def test_samples_spell_the_prepared_text(store: Prepared) -> None:
    plain, drawn = rows(store.train), rows(epochs_of(store, sampling=0.2).pairs(0))
    for side, tokenizer in enumerate((store.tokenizers.src, store.tokenizers.tgt)):
        assert list(map(tokenizer.decode, drawn[side])) == list(map(tokenizer.decode, plain[side]))
        assert drawn[side] != plain[side]


@pytest.mark.parametrize("options", [{"sampling": 0.2}, {"noise": Noise(mask=0.4, span=2.0)}], ids=str)
def test_an_epoch_depends_on_seed_and_number_alone(store: Prepared, options: dict[str, float]) -> None:
    first = rows(epochs_of(store, **options).pairs(3))  # type: ignore[arg-type]
    drawing = epochs_of(store, **options)  # type: ignore[arg-type]
    assert rows(drawing.pairs(4)) != first
    assert rows(drawing.pairs(3)) == first
    assert rows(epochs_of(store, **options, seed=2).pairs(3)) != first  # type: ignore[arg-type]


def test_the_sides_are_drawn_apart(store: Prepared) -> None:
    """Also where they are the same text."""
    same = replace(store, train=_Mirror(store))  # type: ignore[arg-type]
    src, tgt = rows(epochs_of(same, sampling=0.2).pairs(0))
    assert src != tgt


class _Mirror:
    """Pairs of a text with itself."""

    def __init__(self, store: Prepared) -> None:
        self.src = self.tgt = store.train.src
        self._length = len(store.train)
        self.largest_ids = store.train.largest_ids

    def __len__(self) -> int:
        return self._length


@pytest.mark.parametrize("sampling", [0.0, 0.2])
def test_noise_is_done_to_sources_alone(store: Prepared, sampling: float) -> None:
    clean = rows(epochs_of(store, sampling=sampling).pairs(0))
    src, tgt = rows(epochs_of(store, sampling=sampling, noise=Noise(mask=0.5)).pairs(0))
    assert tgt == clean[1]
    assert sum(UNK in row for row in src) > 100
    assert all(set(row) <= {UNK, *before} for row, before in zip(src, clean[0], strict=True)), "of the sampled ids"


@pytest.mark.parametrize("chunk", [7, 20_000])
def test_lengths_are_exact_and_rows_come_in_the_order_asked(
    store: Prepared, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(epochs, "_CHUNK_ROWS", chunk)
    pairs = epochs_of(store, sampling=0.2, noise=Noise(mask=0.3, span=2.0)).pairs(0)
    src, tgt = rows(pairs)
    assert pairs.src_lengths.tolist() == list(map(len, src))
    assert pairs.tgt_lengths.tolist() == list(map(len, tgt))
    some = pairs.gather(np.array([5, 119, 5]))
    assert [row.tolist() for row in some[0]] == [src[5], src[119], src[5]]
    assert {row.dtype for side in some for row in side} == {np.dtype(np.uint16)}
    for indices in plan_batches(pairs.src_lengths, pairs.tgt_lengths, batch_tokens=200, seed=1, epoch=0):
        batch = collate(*pairs.gather(indices))
        assert batch.src.size <= 200 >= batch.tgt_in.size


def test_a_sample_beyond_the_limit_is_the_prepared_row_again(store: Prepared) -> None:
    limits = replace(LIMITS, max_src=9, max_tgt=8)
    plain, free = rows(store.train), rows(epochs_of(store, sampling=0.05).pairs(0))
    held = rows(epochs_of(store, sampling=0.05, limits=limits).pairs(0))
    for side, limit in enumerate((9, 8)):
        long = [len(row) > limit for row in free[side]]
        assert True in long
        assert False in long
        for beyond, row, drawn, before in zip(long, held[side], free[side], plain[side], strict=True):
            assert row == (before if beyond else drawn)


def test_sources_that_may_be_cut_are(store: Prepared) -> None:
    limits = replace(LIMITS, max_src=9, truncate_src=True)
    free, held = (rows(epochs_of(store, sampling=0.05, limits=one).pairs(0)) for one in (LIMITS, limits))
    assert held[0] == [row[:9] for row in free[0]] != free[0]
    assert held[1] == free[1]
    both = epochs_of(store, sampling=0.05, limits=replace(limits, truncate="head_tail"))
    assert rows(both.pairs(0))[0] == [row if len(row) <= 9 else [*row[:7], *row[-2:]] for row in free[0]]


def test_a_tokenizer_of_words_cannot_sample(tmp_path: Path) -> None:
    write_corpus(tmp_path, train=50)
    store = prepare_in(tmp_path, tok={"kind": "word", "vocab_size": 100})
    with pytest.raises(ModelError, match=r"subword_sampling 0\.1: the tokenizer has words or characters") as caught:
        epochs_of(store, sampling=0.1)
    assert "kind unigram or bpe" in caught.value.hint
    assert epochs_of(store, noise=Noise(mask=0.5)).pairs(0) is not store.train


def test_what_is_held_out_is_damaged_too_and_always_alike(store: Prepared) -> None:
    assert held_out(store.valid, None, 1) is store.valid
    noise = Noise(mask=0.4, span=2.0)
    plain, first = rows(store.valid), rows(held_out(store.valid, noise, 1))
    assert rows(held_out(store.valid, noise, 1)) == first
    assert first[1] == plain[1]
    assert first[0] != plain[0]
    assert any(UNK in row for row in first[0])
    assert rows(held_out(store.valid, noise, 2)) != first
