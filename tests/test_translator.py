"""Text in, text out: one result for each line, in order, whatever the neighbours."""

from __future__ import annotations

import itertools
import pickle
from collections.abc import Iterator
from dataclasses import replace
from math import isnan
from pathlib import Path

import numpy as np
import pytest

from seqtool.decoding.hypothesis import Hypothesis, normalised
from seqtool.decoding.ngrams import has_loop
from seqtool.decoding.plan import Diversity, Sampling
from seqtool.decoding.stepper import EOS, Ints
from seqtool.model_dir import Reach
from seqtool.pair_scores import PairScorer
from seqtool.parts import Part, Parting
from seqtool.text.glossary import Glossary
from seqtool.text.tokenizer import Tokenizer, Tokenizers
from seqtool.translation import Counts
from seqtool.translator import Translator
from seqtool.wording import Wording
from tests.decoding.exhaustive import AnyRows
from tests.decoding.table_stepper import TableState, TableStepper
from tests.number_words import number_pairs
from tests.text.test_tokenizer import train

LINES = [src for src, _ in number_pairs(60, 77, longest=12)]


class AnySource(TableStepper):
    """Says what the first table holds, whatever the source."""

    def start(self, src_ids: Ints, src_lengths: Ints) -> TableState:
        return super().start(np.zeros_like(src_ids), src_lengths)


@pytest.fixture(scope="module")
def translator(random_model: Path) -> Translator:
    return Translator.load(random_model)


def test_one_translation_for_each_line_in_order(translator: Translator) -> None:
    found = list(translator.translate(iter(LINES)))
    assert [one.src for one in found] == LINES
    assert [one.text for one in found] == [translator.translate_window([line])[0].text for line in LINES]


@pytest.mark.parametrize("batch_size", [1, 3, 64])
def test_the_neighbours_of_a_line_do_not_matter(translator: Translator, batch_size: int) -> None:
    expected = {one.src: one for one in translator.translate(LINES)}
    other = translator.with_search(batch_size=batch_size)
    for order in (LINES, LINES[::-1], LINES[::7]):
        for found in other.translate(order):
            assert found.text == expected[found.src].text
            assert found.score == pytest.approx(expected[found.src].score, abs=1e-5)


def test_blank_lines_stay_blank_and_never_reach_the_model(
    translator: Translator, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = ["", "eins .", "   ", "\t", "zwei .", "\u3000"]
    found = translator.translate_window(lines)
    assert [bool(one.text) for one in found] == [False, True, False, False, True, False]
    monkeypatch.delattr(type(translator.stepper), "start")
    assert [one.text for one in translator.translate_window(["", " "])] == ["", ""]


def test_lines_are_read_a_window_at_a_time(translator: Translator) -> None:
    few = translator.with_search(batch_size=1)
    taken: list[str] = []

    def source() -> itertools.chain[str]:
        for line in itertools.cycle(LINES):
            taken.append(line)
            yield line

    next(few.translate(source()))
    assert len(taken) == few.window_lines == 16


def test_n_best_is_sorted_and_begins_with_the_best(translator: Translator) -> None:
    best = translator.translate_window(LINES[:5])
    several = translator.with_search(n_best=3).translate_window(LINES[:5])
    for one, more in zip(best, several, strict=True):
        scores = [output.score for output in more.outputs]
        assert len(scores) == 3
        assert scores == sorted(scores, reverse=True)
        assert more.outputs[0].text == one.text


def test_more_hypotheses_than_the_beam_widen_it(translator: Translator) -> None:
    found = translator.with_search(beam_size=1, n_best=4).translate_window(LINES[:2])
    assert [len(one.outputs) for one in found] == [4, 4]


@pytest.mark.parametrize(
    "change", [{"beam_size": 1}, {"length_penalty": 0.0}, {"max_length_extra": 1}, {"max_length_ratio": 0.5}]
)
def test_no_search_setting_is_ignored(translator: Translator, change: dict[str, float]) -> None:
    other = replace(translator, decoding=translator.decoding.model_copy(update=change))
    assert [one.outputs for one in other.translate(LINES)] != [one.outputs for one in translator.translate(LINES)]


def test_the_score_is_the_normalised_log_probability(translator: Translator) -> None:
    for one in translator.translate(LINES[:10]):
        tokens = translator.tokenizers.tgt.encode(one.text)
        if translator.tokenizers.tgt.decode(tokens) == one.text:
            assert one.score <= 0.0
    alpha = 0.4
    found = translator.with_search(length_penalty=alpha).translate_window(LINES[:3])
    for one in found:
        lengths = range(1, 100)
        assert any(one.score == pytest.approx(normalised(one.outputs[0].log_prob, n, alpha)) for n in lengths)


def test_score_is_what_the_search_summed(translator: Translator) -> None:
    """The model's own hypotheses, scored as given targets, have the log-probabilities the search gave them, token by token."""
    parting = Parting(translator.tokenizers, translator.max_src_tokens)
    parts = [part for parts in parting.parts(LINES[:20], None, Counts(), 1) for part in parts]
    found = [one.hypotheses[0] for one in translator._searching.search(parts)]
    size = translator.decoding.batch_size
    scorer = PairScorer(
        translator.stepper, translator.tokenizers, Reach(), (), None, points=False, workers=1, batch_size=size
    )
    again = scorer.score_ids([part.ids[:-1].tolist() for part in parts], [one.tokens for one in found])
    for one, other in zip(found, again, strict=True):
        assert sum(other) == pytest.approx(one.log_prob, abs=1e-4)
        assert other == pytest.approx(one.token_log_probs, abs=1e-4)


def test_scores_of_pairs_do_not_depend_on_the_batch(translator: Translator) -> None:
    targets = [tgt for _, tgt in number_pairs(60, 77, longest=12)]
    together = [one.log_prob for one in translator.score(LINES, targets)]
    alone = [translator.score([src], [tgt])[0].log_prob for src, tgt in zip(LINES, targets, strict=True)]
    assert together == pytest.approx(alone, abs=1e-4)
    assert all(value < 0 for value in together)


def test_lines_come_in_and_go_out_one_by_one(translator: Translator) -> None:
    found = translator.translate(line for line in LINES[:3])
    assert isinstance(found, Iterator)
    assert [one.src for one in found] == LINES[:3]
    assert list(translator.translate([])) == []


@pytest.mark.parametrize(
    "search",
    [
        {"n_best": 2, "beam_size": 4, "diversity": Diversity(2, 3.0), "details": True},
        {"sampling": Sampling(temperature=2.0, seed=5), "n_best": 2},
        {"glossary": Glossary([("eins", (5, 6))]), "length_penalty": 0.3, "batch_size": 7},
    ],
)
def test_it_can_be_pickled(search: dict[str, object], random_model: Path) -> None:
    """For worker processes: the same text from the same search settings, whatever was done with it before."""
    one = Translator.load(random_model, runtime="torch", threads=1).with_search(**search)  # type: ignore[arg-type]
    other = pickle.loads(pickle.dumps(one))
    assert other.decoding == one.decoding
    assert (other.n_best, other.sampling, other.diversity, other.details) == (
        *(one.n_best, one.sampling, one.diversity, one.details),
    )
    expected = one.translate_window(LINES[:12])
    assert other.translate_window(LINES[:12]) == expected
    assert pickle.loads(pickle.dumps(one)).translate_window(LINES[:12]) == expected, "lines are counted from 0 again"
    plain = Translator.load(random_model, runtime="torch").translate_window(LINES[:12])
    assert [found.outputs for found in expected] != [found.outputs for found in plain]


def test_one_that_was_not_loaded_cannot_be_pickled(translator: Translator) -> None:
    made = Translator(translator.stepper, translator.tokenizers, translator.decoding, "translation", 20)
    with pytest.raises(TypeError, match="loaded from a directory"):
        pickle.dumps(made)


@pytest.fixture
def circling(translator: Translator) -> Translator:
    """A model that says `two` without end where a line begins with `zwei`, and `one` once for all others."""
    one, two = (translator.tokenizers.tgt.encode(word)[0] for word in ("one", "two"))
    size = translator.tokenizers.tgt.vocab_size
    probs = np.full((size, 1, size, size), 1e-6)  # (first source id, position, last token, next token)
    probs[:, :, :, one] = 0.9
    probs[:, :, one, one], probs[:, :, one, EOS] = 0.01, 0.9
    zwei = translator.tokenizers.src.encode("zwei")[0]
    assert zwei != translator.tokenizers.src.encode("eins")[0]
    probs[zwei, :, :, two], probs[zwei, :, :, EOS], probs[zwei, :, :, one] = 0.9, 1e-6, 0.01
    stepper = AnyRows(np.log(probs / probs.sum(-1, keepdims=True)))
    return Translator(stepper, translator.tokenizers, translator.decoding, "translation", 20)


def test_what_runs_in_circles_is_searched_again_and_counted(circling: Translator) -> None:
    long_one = " . ".join(["zwei eins drei vier fünf sechs"] * 3)
    lines = ["eins .", "zwei .", "drei .", "zwei eins .", long_one]
    for batch_size in (1, 2, 64):
        again = circling.with_search(batch_size=batch_size, details=True)
        found = list(again.translate(lines))
        assert again.counts.split == 1
        assert again.counts.loops == 3, "a line in parts is one line"
        assert found[0].outputs == found[2].outputs
        for one in found[:4]:
            pieces = [piece for piece, _ in one.outputs[0].tokens]
            assert not has_loop([pieces.index(piece) for piece in pieces])
        blocked = circling.with_search(batch_size=batch_size, no_repeat_ngram_size=3, details=True)
        assert list(blocked.translate(lines))[1:2] == found[1:2]
        assert blocked.counts.loops == 0, "there is nothing to search again"


def test_what_the_source_says_over_and_over_is_no_circle(circling: Translator) -> None:
    """As the zeros of a large number, where tokens are characters."""
    (found,) = circling.translate(["zwei " * 4 + "."])
    assert has_loop(found.outputs[0].text.split())
    assert circling.counts.loops == 0
    begun = circling.translate_window(["eins ."], ["one one one one"])
    assert has_loop(begun[0].outputs[0].text.split())
    assert circling.counts.loops == 0


def test_what_coverage_costs_the_parts_it_costs_the_line(translator: Translator) -> None:
    wording = Wording(translator.tokenizers, 1.0, details=False)
    part = Part(np.array([5, EOS]), (), [], 0)
    whole = Hypothesis((5, 6), -3.0, -1.0, (-1.0, -1.0, -1.0))
    unread = replace(whole, score=-1.25)
    plain, costly = (wording.outputs([(part, [one]), (part, [one])])[0].score for one in (whole, unread))
    assert plain == pytest.approx(-1.0)
    assert costly == pytest.approx(-1.5)


def test_a_line_in_parts_is_aligned_to_its_words(translator: Translator) -> None:
    """However its words are spaced, and where one word is too long."""
    lines = [
        " ".join(["eins zwei drei ."] * 12),
        "  eins   zwei\u3000drei . " * 9,
        "eins zwei " * 3 + "drei" * 40 + " vier fünf " * 9,
        "neun \u6570\u5b57 \u0661 acht. " * 9,
    ]
    detailed = translator.with_search(details=True, n_best=2)
    for found in detailed.translate(lines):
        for one in found.outputs:
            assert one.links
            assert one.attention is None, "each part has its own"
            assert max(src for src, _ in one.links) < len(found.src.split())
            assert max(tgt for _, tgt in one.links) < len(one.text.split())
            assert sum(log_prob for _, log_prob in one.tokens) == pytest.approx(one.log_prob)
    assert detailed.counts.split == len(lines)


def test_greedy_search_can_leave_out_its_scores(translator: Translator) -> None:
    scored = list(translator.with_search(beam_size=1).translate(LINES))
    unscored = list(translator.with_search(beam_size=1, scored=False).translate(LINES))
    assert [one.text for one in unscored] == [one.text for one in scored]
    assert all(
        isnan(one.score) and not isnan(other.score) for one, other in zip(unscored, scored, strict=True) if other.text
    )
    # a beam compares by scores, and details have them
    beam = translator.with_search(beam_size=2, scored=False).translate(LINES)
    detailed = translator.with_search(beam_size=1, scored=False, details=True).translate(LINES)
    drawn = translator.with_search(beam_size=1, scored=False, n_best=3, sampling=Sampling()).translate(LINES[:5])
    assert not any(isnan(output.score) for one in (*beam, *detailed, *drawn) for output in one.outputs)


def test_nothing_a_model_says_can_add_a_line_or_an_escape(translator: Translator) -> None:
    """With byte fallback a model can say any byte: here newline, return, escape, a bidi control and half a character."""
    lines = ["eins zwei drei vier fünf sechs .", "one two three four five six ."] * 50
    tokenizer = Tokenizer(train(lines, kind="bpe", vocab_size=300, byte_fallback=True))
    evil = "a\nb\r\x1b[2Jc\u202ed".encode() + b"\xe2\x82"
    pieces = tokenizer.pieces(range(tokenizer.vocab_size))
    said = [pieces.index(f"<0x{byte:02X}>") for byte in evil]
    table = np.full((1, len(said) + 1, len(pieces), len(pieces)), -50.0)
    for place, token in enumerate([*said, EOS]):
        table[0, place, :, token] = -0.1
    tokenizers = Tokenizers(tokenizer, tokenizer, shared=True)
    stub = replace(translator, stepper=AnySource(table), tokenizers=tokenizers, max_src_tokens=1000)
    longer = stub.with_search(beam_size=1, max_length_extra=100)
    (found,) = longer.translate_window(["eins ."])
    assert found.text.isprintable()
    assert found.text.replace(" ", "") == "ab[2Jcd\ufffd\ufffd"
