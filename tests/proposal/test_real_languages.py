"""Languages of real text, where it is there: captions, everyday sentences, e-mails and their subjects."""

from __future__ import annotations

import json
import random

import pytest

from seqtool.proposal.language import guess_language
from tests.cli.processes import PACKAGE_ROOT
from tests.health.rows_of import read_lines

REAL = PACKAGE_ROOT.parent / "shared" / "data"

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.slow,
    pytest.mark.skipif(not REAL.is_dir(), reason="the real corpora are not there"),
]

# How many of 100 samples of 1, 5 and 20 lines must be told rightly; none may be told wrongly.
TOLD = [
    ("multi30k/train.de", "de", (60, 98, 100)),
    ("multi30k/train.en", "en", (30, 98, 100)),
    ("enja/train.ja", "ja", (97, 100, 100)),
    ("enja/train.en", "en", (25, 98, 100)),
    ("aeslc/train.jsonl body", "en", (95, 100, 100)),
    ("aeslc/train.jsonl subject", "en", (0, 10, 70)),
]


@pytest.mark.parametrize(("name", "code", "least"), TOLD)
def test_no_sample_is_told_wrongly_and_few_lines_are_enough(name: str, code: str, least: tuple[int, int, int]) -> None:
    file, _, field = name.partition(" ")
    lines = read_lines(REAL / file)
    if field:
        lines = [json.loads(line)[field] for line in lines]
    rng = random.Random(1)
    for size, wanted in zip((1, 5, 20), least, strict=True):
        found = [guess_language(rng.sample(lines, size)).code for _ in range(100)]
        assert set(found) <= {code, None}
        assert found.count(code) >= wanted
