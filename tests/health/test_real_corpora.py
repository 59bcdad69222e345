"""Real text, where it is there: captions, everyday sentences without spaces, e-mails with their subjects."""

from __future__ import annotations

import json

import pytest

from seqtool.health.alignment import align
from tests.cli.processes import PACKAGE_ROOT
from tests.health.rows_of import both_rows, read_lines, slipped

REAL = PACKAGE_ROOT.parent / "shared" / "data"
LINES = 2500

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.slow,
    pytest.mark.skipif(not REAL.is_dir(), reason="the real corpora are not there"),
]


def pairs(name: str) -> tuple[list[str], list[str]]:
    folder = REAL / name
    if name == "aeslc":
        rows = [json.loads(line) for line in read_lines(folder / "train.jsonl")]
        return [row["body"] for row in rows], [row["subject"] for row in rows]
    src, tgt = {"multi30k": ("de", "en"), "enja": ("ja", "en")}[name]
    return read_lines(folder / f"train.{src}"), read_lines(folder / f"train.{tgt}")


@pytest.mark.parametrize(("name", "start", "near"), [("multi30k", 4000, 3), ("enja", 9000, 12), ("aeslc", 5000, 12)])
def test_only_what_slipped_is_said_to_have(name: str, start: int, near: int) -> None:
    src, tgt, kinds = both_rows(*(side[start : start + LINES] for side in pairs(name)))
    healthy = align(src, tgt, kinds)
    assert healthy.related
    assert [(one.first, one.stop, one.offset) for one in healthy.stretches] == [(0, LINES, 0)]
    place = LINES * 96 // 100
    src_lines, tgt_lines = slipped(LINES, place, -1)
    (slip,) = align(src.take(src_lines), tgt.take(tgt_lines), kinds).slips
    assert slip.offset == -1
    assert abs(slip.first - place) <= near
