"""What `benchmarks.train_kinds` compares: models of the same size, and a table that says so."""

from __future__ import annotations

import pytest

from benchmarks.train_kinds import (
    KINDS,
    LARGEST,
    REFERENCE,
    TOLERANCE,
    VOCAB_SIZE,
    matching_size,
    parameters,
    section_of,
    spread,
)
from seqtool.models.build import build_model
from seqtool.recipe.model_rules import model_problems


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_as_many_parameters_as_the_lstm(kind: str) -> None:
    section, _sizes = section_of(kind, VOCAB_SIZE)
    target = parameters(section_of(REFERENCE, VOCAB_SIZE)[0], VOCAB_SIZE)
    assert abs(parameters(section, VOCAB_SIZE) - target) <= TOLERANCE * target
    assert (section.encoder.kind, section.decoder.kind) == (kind, kind)
    assert list(model_problems(section)) == []


def test_parameters_are_those_of_the_model_that_is_built() -> None:
    section, _sizes = section_of(REFERENCE, 100)
    assert parameters(section, 100) == sum(
        parameter.numel() for parameter in build_model(section, 100, 100).parameters()
    )


@pytest.mark.parametrize(
    ("target", "size"),
    [
        (1000, 8),  # the least
        (16300, 160),  # 163 rounded down
        (16500, 168),  # and up
        (100 * LARGEST, LARGEST),  # the largest
    ],
)
def test_the_nearest_multiple_of_8_is_found(target: int, size: int) -> None:
    assert matching_size(lambda size: 200 + 100 * size if target < 2000 else 100 * size, target) == size


@pytest.mark.parametrize("target", [100, 200 * LARGEST])
def test_what_no_size_reaches_is_refused(target: int) -> None:
    with pytest.raises(ValueError, match="no size from 8 to 4096 gives about"):
        matching_size(lambda size: 100 * size, target)


def test_a_spread_is_median_least_and_greatest() -> None:
    assert spread([3000.4, 1000.0, 2000.0]) == "2,000 (1,000-3,000)"
    assert spread([1.234], 2) == "1.23 (1.23-1.23)"
