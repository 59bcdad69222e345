"""`seqtool init` in real processes: each kind of data becomes a recipe that runs, and nothing of anybody's is touched."""

from __future__ import annotations

import csv
import gzip
import json
import lzma
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from tests.cli.processes import PACKAGE_ROOT, Done, Warm, environment, seqtool
from tests.number_words import number_pairs, write_lines

PAIRS = number_pairs(160, 1)
ROWS = [{"id": number, "quelle": src, "ziel": tgt} for number, (src, tgt) in enumerate(PAIRS)]


def _text(folder: Path) -> list[str]:
    write_lines(folder / "a.de", [src for src, _ in PAIRS])
    write_lines(folder / "a.en", [tgt for _, tgt in PAIRS])
    return ["a.de", "a.en"]


def _tsv(folder: Path) -> list[str]:
    write_lines(folder / "a.tsv", [f"{src}\t{tgt}" for src, tgt in PAIRS])
    return ["a.tsv"]


def _tsv_with_header(folder: Path) -> list[str]:
    write_lines(folder / "a.tsv", ["id\tde\ten", *(f"{n}\t{src}\t{tgt}" for n, (src, tgt) in enumerate(PAIRS))])
    return ["a.tsv"]


def _csv(folder: Path) -> list[str]:
    with (folder / "a.csv").open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream)
        table.writerow(["src", "tgt"])
        table.writerows((f"{src}\n{src}", f'"{tgt}", {tgt}') for src, tgt in PAIRS)
    return ["a.csv"]


def _european_csv(folder: Path) -> list[str]:
    lines = ["Nr;de;en", *(f'{n};"{src};";{tgt}' for n, (src, tgt) in enumerate(PAIRS))]
    (folder / "a.csv").write_bytes("".join(f"{line}\r\n" for line in lines).encode("utf-8-sig"))
    return ["a.csv"]


def _jsonl(folder: Path) -> list[str]:
    lines = (json.dumps({"id": n, "translation": {"en": tgt, "de": src}}) + "\n" for n, (src, tgt) in enumerate(PAIRS))
    (folder / "a.jsonl.gz").write_bytes(gzip.compress("".join(lines).encode()))
    return ["a.jsonl.gz"]


def _parquet(folder: Path) -> list[str]:
    pq.write_table(pa.Table.from_pylist(ROWS), folder / "plain.parquet")
    (folder / "a.parquet.zst").write_bytes(zstandard.compress((folder / "plain.parquet").read_bytes()))
    (folder / "plain.parquet").unlink()
    return ["a.parquet.zst"]


def _packed_tsv(folder: Path) -> list[str]:
    (folder / "a.txt.xz").write_bytes(lzma.compress("".join(f"{src}\t{tgt}\n" for src, tgt in PAIRS).encode()))
    return ["a.txt.xz"]


def _folder(folder: Path) -> list[str]:
    inner = folder / "corpus #1"
    inner.mkdir()
    for role, some in (("train", PAIRS), ("dev", PAIRS[:9]), ("test", PAIRS[9:20])):
        write_lines(inner / f"{role}.de", [src for src, _ in some])
        write_lines(inner / f"{role}.en", [tgt for _, tgt in some])
    return ["corpus #1"]


def _saved(folder: Path) -> list[str]:
    table = datasets.Dataset.from_list([{"translation": {"de": src, "en": tgt}} for src, tgt in PAIRS])
    datasets.DatasetDict({"train": table, "validation": table.select(range(9))}).save_to_disk(folder / "saved")
    return ["saved"]


Maker = Callable[[Path], list[str]]

KINDS: list[tuple[Maker, dict[str, int]]] = [
    (_text, {}),
    (_tsv, {}),
    (_tsv_with_header, {}),
    (_csv, {}),
    (_european_csv, {}),
    (_jsonl, {}),
    (_parquet, {}),
    (_packed_tsv, {}),
    (_folder, {"train": 160, "valid": 9, "test": 11}),
    (_saved, {"valid": 9}),
]


def counts(done: Done) -> dict[str, int]:
    """The pairs by role, as `train --dry-run` counts them."""
    lines = (line.split() for line in done.out.splitlines() if " pairs" in line)
    return {words[0].rstrip(":"): int(words[1].replace(",", "")) for words in lines}


def tree(folder: Path) -> dict[str, bytes]:
    """All files below a folder."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(("make", "given"), KINDS, ids=[make.__name__.strip("_") for make, _ in KINDS])
def test_each_kind_of_data_becomes_a_recipe_that_runs(
    make: Maker, given: dict[str, int], tmp_path: Path, warm: Warm
) -> None:
    files = make(tmp_path)
    before = tree(tmp_path)
    done = warm.seqtool("init", *files, cwd=tmp_path)
    assert (done.code, done.out) == (0, ""), done.err
    assert "next:\n  seqtool check recipe.yaml" in done.err
    dry = warm.seqtool("train", "recipe.yaml", "--dry-run", cwd=tmp_path)
    assert dry.code == 0, dry.err
    found = counts(dry)
    new = sum(count for role, count in found.items() if role not in given)
    assert found == {**found, **given}
    assert found.keys() == {"train", "valid", "test"}
    assert new == (0 if "train" in given else len(PAIRS))
    assert {path: content for path, content in tree(tmp_path).items() if path in before} == before
    made = {path.name for path in tmp_path.iterdir()} - {Path(path).relative_to(tmp_path).parts[0] for path in before}
    assert made == ({"recipe.yaml"} if "train" in given else {"recipe.yaml", "recipe-data"})


@pytest.mark.parametrize(
    ("files", "code", "said"),
    [
        ("nowhere.tsv", 3, "error[data.not-found]: "),
        ("empty.tsv", 3, "error[data.empty]: "),
        ("binary.de", 3, "error[data.kind]: "),
        ("few.tsv", 3, "error[data.too-few]: few.tsv has 3 pairs"),
        ("a.de short.en", 3, "error[data.line-count]: "),
        ("a.de", 3, "error[data.one-side]: "),
        ("ids.tsv", 3, "error[data.columns]: ids.tsv: no two columns of text: 1 (ids), 2 (text)"),
        ("latin1.tsv", 3, "error[data.utf-8]: "),
        ("wide.tsv", 3, "error[data.fields]: "),
        ("header.csv", 3, "error[data.header]: "),
        ("broken.jsonl", 3, "broken.jsonl:2: not JSON"),
        ("a.tsv --src nowhere", 3, "error[data.field]: a.tsv: no column 'nowhere'"),
        ("a.tsv --src 1 --tgt 1", 2, "error[usage.init]: "),
        ("a.tsv --test 150", 3, "error[data.too-few]: "),
        ("a.tsv a.de", 2, "error[usage.init]: "),
        ("a.tsv --config x", 2, "error[usage.init]: --config goes with a data set of the hub"),
        ("a.tsv -o no/where.yaml", 2, "error[usage.init]: there is no folder no"),
        ("a.tsv -o .", 2, "error[usage.exists]: . is a folder"),
        ("a.tsv -o a.de", 2, "error[usage.exists]: a.de is there already"),
        ("a.tsv -o old.yaml", 2, "error[usage.exists]: old-data is a folder"),
        ("a.tsv --valid 0", 2, "error[usage]: "),
        ("folder --valid 5", 2, "error[usage.init]: --valid 5, but"),
        ("", 2, "error[usage]: no data was named"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(
    files: str, code: int, said: str, tmp_path: Path, warm: Warm
) -> None:
    _text(tmp_path)
    _tsv(tmp_path)
    write_lines(tmp_path / "short.en", ["x"])
    write_lines(tmp_path / "few.tsv", ["a b\tc d", "e f\tg h", "i j\tk l"])
    write_lines(tmp_path / "ids.tsv", [f"x{n}\t{src}" for n, (src, _) in enumerate(PAIRS)])
    write_lines(tmp_path / "wide.tsv", [*(f"{src}\t{tgt}" for src, tgt in PAIRS), "a\tb\tc"])
    write_lines(tmp_path / "header.csv", [f"{src} ja und nein,{tgt} yes and no" for src, tgt in PAIRS])
    write_lines(tmp_path / "broken.jsonl", ['{"src": "a", "tgt": "b"}', '{"src": '])
    (tmp_path / "latin1.tsv").write_bytes("für\tfor\n".encode("latin-1") * 100)
    (tmp_path / "binary.de").write_bytes(b"\0\1\2")
    (tmp_path / "empty.tsv").touch()
    (tmp_path / "old-data").mkdir()
    (tmp_path / "folder").mkdir()
    for name in ("train", "valid"):
        (tmp_path / f"folder/{name}.tsv").write_bytes((tmp_path / "a.tsv").read_bytes())
    before = tree(tmp_path)
    done = warm.seqtool("init", *files.split(), cwd=tmp_path)
    assert done.code == code, done.err
    assert said in done.err
    assert "hint: " in done.err
    assert not done.out
    assert tree(tmp_path) == before


@pytest.mark.parametrize("option", [["--print"], ["-o", "-"], ["--print", "-o", "recipe.yaml"]])
def test_what_is_printed_is_written_nowhere(option: list[str], tmp_path: Path, warm: Warm) -> None:
    """Not even the pairs that would be split off: the recipe says that they are not there, and where they would be."""
    _tsv(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    done = warm.seqtool("init", "a.tsv", *option, cwd=tmp_path)
    assert done.code == 0, done.err
    assert sorted(tmp_path.rglob("*")) == before
    assert "nothing was written; the recipe is on standard output" in done.err
    assert "without --print or -o - they are written, recipe-data/ (train.jsonl, valid.jsonl, test.jsonl)" in done.err
    assert "next:" not in done.err
    flat = done.out.replace("\n#   ", " ")
    assert f"# Only printed: the files in {tmp_path}/recipe-data are not there" in flat
    assert f"train: {{jsonl: {tmp_path}/recipe-data/train.jsonl, src: src, tgt: tgt}}" in done.out
    assert warm.seqtool("init", "a.tsv", "-q", cwd=tmp_path).code == 0
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/r.yaml").write_text(done.out)
    dry = warm.seqtool("train", "elsewhere/r.yaml", "--dry-run", cwd=tmp_path)
    assert sum(counts(dry).values()) == len(PAIRS)


def test_what_is_printed_of_a_whole_folder_runs_from_anywhere(tmp_path: Path, warm: Warm) -> None:
    _folder(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    done = warm.seqtool("init", "corpus #1", "--print", cwd=tmp_path)
    assert "next:\n  seqtool check RECIPE" in done.err
    assert "Only printed" not in done.out
    (tmp_path / "elsewhere/r.yaml").write_text(done.out)
    assert counts(warm.seqtool("train", "elsewhere/r.yaml", "--dry-run", cwd=tmp_path))["train"] == 160
    assert not (tmp_path / "recipe.yaml").exists()


def test_every_option_counts(tmp_path: Path, warm: Warm) -> None:
    _tsv_with_header(tmp_path)
    options = "--src en --tgt de --task summarization --run-dir runs/mine --valid 20 --test 0 --seed 3 -o mine.yaml"
    done = warm.seqtool("init", "a.tsv", *options.split(), "-q", cwd=tmp_path)
    assert (done.code, done.out) == (0, "")
    assert "next:" not in done.err
    text = (tmp_path / "mine.yaml").read_text("utf-8")
    assert "task: summarization\nrun_dir: runs/mine\n" in text
    assert "train: {jsonl: mine-data/train.jsonl, src: en, tgt: de}" in text
    assert "  seed: 3" in text
    assert {path.name for path in (tmp_path / "mine-data").iterdir()} == {"train.jsonl", "valid.jsonl", "manifest.json"}
    valid = (tmp_path / "mine-data/valid.jsonl").read_bytes()
    assert 20 <= valid.count(b"\n") <= 25
    other = warm.seqtool("init", "a.tsv", "--valid", "20", "--seed", "4", "-q", "-o", "other.yaml", cwd=tmp_path)
    assert other.code == 0
    assert (tmp_path / "other-data/valid.jsonl").read_bytes() != valid


def test_a_recipe_that_cannot_be_written_leaves_no_folder(tmp_path: Path, warm: Warm) -> None:
    """All of its name but the ending, after which the folder is called, is short enough."""
    _tsv(tmp_path)
    done = warm.seqtool("init", "a.tsv", "-o", f"r.{'y' * 254}", cwd=tmp_path)
    assert done.code == 5
    assert "error[fs.write]: cannot write" in done.err
    assert [path.name for path in tmp_path.iterdir()] == ["a.tsv"]


@pytest.mark.slow
def test_a_terminal_is_asked_where_the_data_is(tmp_path: Path) -> None:
    _text(tmp_path)
    ours, theirs = pty.openpty()
    line = [sys.executable, "-m", "seqtool", "init", "--print"]
    printed = (tmp_path / "printed.yaml").open("wb")
    with (
        printed,
        subprocess.Popen(line, cwd=tmp_path, stdin=theirs, stdout=printed, stderr=theirs, env=environment()) as process,
    ):
        os.close(theirs)
        os.write(ours, b"a.de 'a.en'\n")
        shown, deadline = b"", time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline:
            if select.select([ours], [], [], 0.1)[0]:
                try:
                    shown += os.read(ours, 65536)
                except OSError:
                    break
        assert process.wait(60) == 0, shown
    os.close(ours)
    assert b"Where is the data?" in shown
    assert b"> " in shown
    assert (tmp_path / "printed.yaml").read_text("utf-8").startswith("# "), "and no question"


@pytest.mark.slow
def test_from_json_lines_to_a_score_without_an_editor(tmp_path: Path, warm: Warm) -> None:
    """The shipped reports, as if somebody had them in one file."""
    lines = (PACKAGE_ROOT / "data/reports/train.jsonl").read_text("utf-8").splitlines()[:200]
    write_lines(tmp_path / "mine.jsonl", lines)
    assert seqtool("init", "mine.jsonl", "--valid", "20", "--test", "20", cwd=tmp_path).code == 0
    few = [
        "training.max_steps=4",
        "training.validate_every=4",
        "training.checkpoint_every=4",
        "model.encoder.hidden=16",
    ]
    small = ["model.decoder.hidden=16", "model.embedding=16", "training.export=false", "data.max_src_tokens=60"]
    trained = warm.seqtool("train", "recipe.yaml", *few, *small, "decoding.max_length=10", cwd=tmp_path)
    assert trained.code == 0, trained.err
    scored = warm.seqtool("evaluate", "-m", "runs/mine", "--json", cwd=tmp_path)
    assert scored.code == 0, scored.err
    scores = json.loads(scored.out)["systems"][0]["scores"]
    assert {"rouge1", "rougeL"} <= scores.keys()
