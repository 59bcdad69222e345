"""Maps of pairs: what they say is what search and scoring say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from seqtool.analysis.maps import Mapper
from seqtool.analysis.scaling import by_row
from seqtool.errors import DataError
from seqtool.model_dir import open_model_dir
from seqtool.models.build import build_model
from seqtool.runtime.torch_weights import save_model

LINES = ["eins zwei drei .", "neun .", "acht fünf fünf sieben"]


@pytest.fixture(scope="module")
def mapper(random_model: Path) -> Mapper:
    return Mapper.open(random_model)


def changed(source: Path, path: Path, **model: object) -> Path:
    """A model directory with another architecture, its weights fresh."""
    opened = open_model_dir(source)
    section = opened.config.model.model_validate({**opened.config.model.model_dump(), **model})
    size = opened.tokenizers.src.vocab_size
    parameters = {name: one.detach() for name, one in build_model(section, size, size).named_parameters()}
    config = opened.config.model_copy(update={"model": section})
    save_model(path, parameters, opened.tokenizers, config)
    return path


def test_the_map_of_its_own_output_is_what_translating_with_details_tells(mapper: Mapper) -> None:
    translator = mapper.translator.with_search(details=True)
    for line, told in zip(LINES, translator.translate_window(LINES), strict=True):
        (found,) = mapper.of_output(line)
        output = told.outputs[0]
        assert output.attention is not None
        assert found.attention is not None
        assert found.tgt == tuple(piece for piece, _ in output.tokens)
        assert found.log_probs == pytest.approx([log_prob for _, log_prob in output.tokens], abs=1e-5)
        assert found.attention == pytest.approx(output.attention, abs=1e-6)
        assert found.links == list(output.links or ())
        assert found.text == output.text


def test_attention_sums_to_one_for_any_output(mapper: Mapper) -> None:
    for target in ("one two", "", "nothing that it would say itself : 7"):
        found = mapper.of_pair(LINES[0], target)
        assert found.attention is not None
        assert found.attention.shape == found.saliency.shape == (len(found.tgt), len(found.src))
        assert found.attention.sum(1) == pytest.approx(np.ones(len(found.tgt)), abs=1e-5)
        assert (found.src[-1], found.tgt[-1]) == ("</s>", "</s>")


def test_a_given_output_has_the_scores_of_scoring(mapper: Mapper) -> None:
    (scored,) = mapper.translator.score([LINES[2]], ["eight five"])
    found = mapper.of_pair(LINES[2], "eight five")
    assert list(zip(found.tgt, found.log_probs, strict=True)) == [
        (piece, pytest.approx(log_prob, abs=1e-6)) for piece, log_prob in scored.tokens
    ]


def test_a_rank_is_another_output_of_the_beam(mapper: Mapper) -> None:
    several = replace(mapper, translator=mapper.translator.with_search(n_best=3))
    outputs = several.translator.translate_window([LINES[0]])[0].outputs
    found = [several.of_output(LINES[0], rank)[0].text for rank in range(3)]
    assert found == [one.text for one in outputs]
    assert len(set(found)) > 1


def test_a_line_too_long_has_a_map_for_each_part_and_a_blank_one_none(mapper: Mapper) -> None:
    assert len(mapper.of_output(" ".join(LINES * 3))) > 1
    assert mapper.of_output("  ") == []


def test_without_attention_there_is_saliency(random_model: Path, tmp_path: Path) -> None:
    path = changed(random_model, tmp_path / "plain", attention={"kind": "none"})
    (found,) = Mapper.open(path).of_output(LINES[0])
    assert (found.attention, found.links) == (None, None)
    assert np.abs(found.saliency).max() > 0


def test_a_pointer_shows_words_that_are_in_no_vocabulary(random_model: Path, tmp_path: Path) -> None:
    path = changed(random_model, tmp_path / "pointer", pointer=True)
    found = Mapper.open(path).of_pair("eins Ω zwei", "one Ω")
    assert any("Ω" in piece for piece in found.src)
    assert any("Ω" in piece for piece in found.tgt)
    assert found.attention is not None
    assert found.attention.sum(1) == pytest.approx(np.ones(len(found.tgt)), abs=1e-5)
    assert all(np.isfinite(found.log_probs))


def test_what_goes_beyond_learned_positions_is_told(random_model: Path, tmp_path: Path) -> None:
    block = {"kind": "transformer", "hidden": 8, "heads": 2, "positions": "learned", "max_positions": 8}
    path = changed(random_model, tmp_path / "short", encoder=block, decoder=block, attention={"kind": "multi_head"})
    with pytest.raises(DataError, match="learnt 7 positions"):
        Mapper.open(path).of_pair(" ".join(LINES), "one")


def test_rows_are_scaled_each_by_its_own_largest_number() -> None:
    found = by_row(np.array([[0.5, -2.0, 1.0], [0.0, 0.0, 0.0], [1e-9, 0.0, 0.0]]))
    assert found.tolist() == [[0.25, -1.0, 0.5], [0.0, 0.0, 0.0], [1.0, 0.0, 0.0]]
