"""Options of `seqtool translate` that say how to search: each changes the output as its help says."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from seqtool.model_dir import open_model_dir
from seqtool.text.tokenizer import Tokenizers
from tests.cli.processes import Done, Warm
from tests.cli.training_runs import Trained
from tests.number_words import number_pairs, write_lines

LINES = [src for src, _ in number_pairs(24, 8)]

Objects = list[dict[str, Any]]


@dataclass(frozen=True)
class Asking:
    """Translates `LINES`, or others, with more options."""

    warm: Warm
    run_dir: Path
    folder: Path
    tokenizers: Tokenizers

    def run(self, *options: str | Path, lines: Sequence[str] = LINES) -> Done:
        stdin = "".join(f"{line}\n" for line in lines).encode()
        return self.warm.seqtool("translate", "-m", self.run_dir, *options, cwd=self.folder, stdin=stdin)

    def texts(self, *options: str | Path, lines: Sequence[str] = LINES) -> list[str]:
        done = self.run(*options, lines=lines)
        assert done.code == 0, done.err
        return done.out.split("\n")[:-1]

    def objects(self, *options: str | Path, lines: Sequence[str] = LINES) -> Objects:
        return [json.loads(line) for line in self.texts("--format", "jsonl", "--details", *options, lines=lines)]

    def src_tokens(self) -> list[int]:
        """How many tokens each of `LINES` has."""
        return [len(ids) for ids in self.tokenizers.src.encode_batch(LINES)]


@pytest.fixture(scope="module")
def asking(trained: Trained, warm: Warm, tmp_path_factory: pytest.TempPathFactory) -> Asking:
    opened = open_model_dir(trained.run_dir)
    assert opened.config.decoding.beam_size == 3
    return Asking(warm, trained.run_dir, tmp_path_factory.mktemp("asking"), opened.tokenizers)


@pytest.fixture(scope="module")
def plain(asking: Asking) -> Objects:
    """What becomes of `LINES` without any option."""
    return asking.objects()


def pieces(one: dict[str, Any], place: int = 0) -> list[str]:
    """The tokens of a hypothesis without the eos."""
    return [piece for piece, _ in one["hypotheses"][place]["tokens"][:-1]]


def lengths(objects: Objects) -> list[int]:
    return [len(pieces(one)) for one in objects]


def test_n_best_is_so_many_different_ones(asking: Asking, plain: Objects) -> None:
    """A wider beam may find something better first; of the beam's own width the best is the same."""
    for one, alone in zip(asking.objects("--n-best", "3"), plain, strict=True):
        assert len({tuple(pieces(one, place)) for place in range(3)}) == len(one["hypotheses"]) == 3
        assert one["hypotheses"][0] == alone["hypotheses"][0]
    rows = [line.split("\t") for line in asking.texts("--n-best", "5", "--format", "tsv")]
    assert {len(row) for row in rows} == {10}, "text and score of each"


@pytest.mark.parametrize("penalty", [0.0, 0.7, 2.0])
def test_length_penalty_is_the_power_of_the_length(penalty: float, asking: Asking) -> None:
    for one in asking.objects("--length-penalty", str(penalty), "--n-best", "2"):
        for place, found in enumerate(one["hypotheses"]):
            assert found["score"] == pytest.approx(found["log_prob"] / (len(pieces(one, place)) + 1) ** penalty)


def test_coverage_penalty_is_what_was_left_unread(asking: Asking, plain: Objects) -> None:
    found = asking.objects("--coverage-penalty", "0.5")
    for one in found:
        (best,) = one["hypotheses"]
        covered = [sum(column) for column in zip(*best["attention"], strict=True)]
        unread = sum(math.log(min(share, 1.0)) for share in covered if share > 0)
        assert best["score"] == pytest.approx(best["log_prob"] / len(best["tokens"]) + 0.5 * unread, abs=0.02)
    assert [one["text"] for one in found] != [one["text"] for one in plain]


def test_lengths_are_limited_in_tokens(asking: Asking, plain: Objects) -> None:
    free = lengths(plain)
    assert min(free) < 9
    assert max(free) > 12
    assert min(lengths(asking.objects("--min-length", "9"))) == 9
    assert max(lengths(asking.objects("--max-length", "5"))) == 5
    ratios = zip(lengths(asking.objects("--min-length-ratio", "1.2")), asking.src_tokens(), strict=True)
    assert all(length >= 1.2 * src for length, src in ratios)
    assert any(length < 1.2 * src for length, src in zip(free, asking.src_tokens(), strict=True))
    short = [int(0.1 * src) + 10 for src in asking.src_tokens()]  # 10 is the recipe's max_length_extra
    limited = lengths(asking.objects("--max-length-ratio", "0.1"))
    assert all(length <= most for length, most in zip(limited, short, strict=True))
    assert any(length > most for length, most in zip(free, short, strict=True))


@pytest.mark.parametrize("size", [1, 2, 3])
def test_no_n_tokens_in_a_row_come_twice(size: int, asking: Asking) -> None:
    lines = ["eins eins eins eins eins .", "zwei drei zwei drei zwei drei .", "acht acht acht ."]

    def repeated(objects: Objects) -> int:
        runs = [[tuple(pieces(one)[at:][:size]) for at in range(len(pieces(one)) - size + 1)] for one in objects]
        return sum(len(run) - len(set(run)) for run in runs)

    assert repeated(asking.objects(lines=lines)) > 0
    assert repeated(asking.objects("--no-repeat-ngram", str(size), lines=lines)) == 0


def test_draws_are_decided_by_the_seed_and_the_number_of_the_line(asking: Asking) -> None:
    sample = ("--sample", "--temperature", "2")
    drawn = asking.texts(*sample)
    for size in ("1", "7"):
        assert asking.texts(*sample, "--seed", "1", "--batch-size", size) == drawn
    neighbours = ["acht acht ." if number % 3 else line for number, line in enumerate(LINES)]
    assert asking.texts(*sample, lines=neighbours)[::3] == drawn[::3], "others around the same lines"
    moved = asking.texts(*sample, lines=["eins .", *LINES])[1:]
    other = asking.texts(*sample, "--seed", "2")
    for different in (moved, other):
        assert sum(one == two for one, two in zip(drawn, different, strict=True)) < 6
    several = asking.objects(*sample, "--n-best", "4")
    assert all(len(one["hypotheses"]) == 4 for one in several)
    assert drawn != asking.texts()


def test_draws_keep_to_temperature_top_k_and_top_p(asking: Asking) -> None:
    blocked = ("--no-repeat-ngram", "3")  # draws that run in circles are not drawn again, and searches are
    greedy = asking.texts("--beam-size", "1", *blocked)
    for few in (["--top-k", "1"], ["--top-p", "1e-9"], ["--temperature", "1e-6"]):
        assert asking.texts("--sample", *few, *blocked) == greedy

    def mean(*options: str) -> float:
        """The mean log-probability of a drawn token."""
        found = [one["hypotheses"][0]["tokens"] for one in asking.objects("--sample", *options)]
        return sum(log_prob for tokens in found for _, log_prob in tokens) / sum(map(len, found))

    free = mean("--temperature", "3")
    assert mean() > free + 0.5
    assert mean("--temperature", "3", "--top-k", "3") > free + 0.5
    assert mean("--temperature", "3", "--top-p", "0.3") > free + 0.5


def test_groups_avoid_each_others_words(asking: Asking) -> None:
    three = ("--groups", "3", "--n-best", "3")
    apart = asking.objects(*three, "--diversity", "50")
    alike = asking.objects(*three, "--diversity", "0")

    def first_tokens(one: dict[str, Any]) -> set[str]:
        return {pieces(one, place)[0] for place in range(len(one["hypotheses"]))}

    assert all(len(first_tokens(one)) == 3 for one in apart)
    assert any(len(first_tokens(one)) < 3 for one in alike)
    again = asking.objects(*three, "--diversity", "50", "--batch-size", "1")
    assert [[two["text"] for two in one["hypotheses"]] for one in again] == [
        [two["text"] for two in one["hypotheses"]] for one in apart
    ]


def terms_present(texts: Sequence[str], terms: dict[str, str]) -> bool:
    """Whether each line says each term at least as often as its source does."""
    return all(
        f" {text} ".count(f" {target} ") >= f" {line} ".count(f" {source} ")
        for line, text in zip(LINES, texts, strict=True)
        for source, target in terms.items()
    )


def test_terms_of_a_glossary_are_in_every_line_where_they_occur(asking: Asking) -> None:
    terms = {"eins": "ten", "zwei drei": "six six", "fünf": "five"}
    path = write_lines(asking.folder / "terms.tsv", ["# a comment", "", *map("\t".join, terms.items())])
    found = asking.texts("--glossary", path)
    assert terms_present(found, terms)
    assert not terms_present(asking.texts(), terms)
    touched = [any(f" {source} " in f" {line} " for source in terms) for line in LINES]
    untouched = [(one, two) for one, two, hit in zip(found, asking.texts(), touched, strict=True) if not hit]
    assert untouched
    assert all(one == two for one, two in untouched)
    many = [f"wort{number}\tone two" for number in range(10_000)]
    write_lines(path, [*many, *map("\t".join, terms.items())])
    assert asking.texts("--glossary", path, "--batch-size", "7") == found


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["# nothing", ""], "terms.tsv: no term in it"),
        (["eins\tone", "zwei\tдва"], "terms.tsv:2: the model has no tokens for 'два'"),
        (["eins one"], "terms.tsv:1: 1 column, not 2"),
        (["", "eins\tone", "eins\ttwo"], "terms.tsv:3: 'eins' is to be 'two', and in line 2 'one'"),
        (None, "terms.tsv does not exist"),
    ],
)
def test_a_glossary_that_cannot_be_used_is_exit_code_3(
    lines: list[str] | None, said: str, asking: Asking, tmp_path: Path
) -> None:
    if lines is not None:
        write_lines(tmp_path / "terms.tsv", lines)
    done = asking.run("--glossary", tmp_path / "terms.tsv")
    assert (done.code, done.out) == (3, "")
    assert done.err.startswith("error[data.")
    assert f"{tmp_path}/{said}" in done.err
    assert "\nhint: " in done.err


def test_every_output_begins_with_the_prefix_and_blank_lines_stay_blank(asking: Asking) -> None:
    found = asking.texts("--prefix", "six seven", lines=["", *LINES])
    assert found[0] == ""
    assert all(text.startswith("six seven ") for text in found[1:])
    assert all(one["text"].startswith("six") for one in asking.objects("--prefix", "six", "--sample"))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--n-best", "2"], "usage.n-best]: --n-best 2 with text"),
        (["--details"], "usage.details]: --details with text"),
        (["--resume"], "usage.resume]: --resume without -o"),
        (["--temperature", "2"], "usage.sample]: --temperature without --sample"),
        (["--top-k", "0"], "usage.sample]: --top-k without --sample"),
        (["--top-p", "1"], "usage.sample]: --top-p without --sample"),
        (["--seed", "1"], "usage.sample]: --seed without --sample"),
        (["--diversity", "1"], "usage.groups]: --diversity without --groups"),
        (["--groups", "2", "--diversity", "inf"], "usage.groups]: --diversity inf: no finite number"),
        (["--groups", "2", "--diversity", "nan"], "usage]: --diversity nan: it must be 0.0 or more"),
        (["--shortlist", "--prefix", "one"], "usage.shortlist]: --shortlist and --prefix"),
        (["--shortlist", "--glossary", "x.tsv"], "usage.shortlist]: --shortlist and --glossary"),
        (["--device", "cuda", "--precision", "int8"], "usage.device]: on cuda torch computes, in fp32"),
        (["--device", "cuda", "--runtime", "onnx"], "usage.device]: on cuda torch computes, in fp32"),
        (["--device", "cuda", "--shortlist"], "usage.device]: on cuda torch computes, in fp32"),
        (["--device", "tpu"], "usage]: --device tpu: it must be one of cpu, cuda"),
        (["--sample", "--groups", "3"], "usage.sample]: --sample and --groups"),
        (["--sample", "--glossary", "x.tsv"], "usage.sample]: --sample and --glossary"),
        (["--groups", "3", "--glossary", "x.tsv"], "usage.groups]: --glossary and --groups"),
        (["--sample", "--temperature", "0"], "usage.sample]: --temperature 0, --top-p 1"),
        (["--sample", "--temperature", "inf"], "usage.sample]: --temperature inf"),
        (["--sample", "--top-p", "1.5"], "usage.sample]: --temperature 1, --top-p 1.5"),
        (["--beam-size", "4", "--groups", "3"], "usage.groups]: a beam of 4 cannot be cut into 3 groups"),
        (["--groups", "300"], "usage.range]: --beam-size 300: "),  # a beam made for the groups
        (["--max-length-ratio", "0"], "usage.range]: --max-length-ratio 0.0: "),
        (["--no-repeat-ngram", "99999999999"], "usage.range]: --no-repeat-ngram 99999999999: "),
        (["--coverage-penalty", "inf"], "usage.range]: --coverage-penalty inf: "),
        (["--max-length-ratio", "1e300"], "usage]: --max-length-ratio 1e300: it must be "),
        (["--seed", "99999999999999999999"], "usage]: --seed 99999999999999999999: it must be "),
        (["--prefix", "два"], "usage.prefix]: --prefix 'два': the model has no tokens for it"),
        (["--field", ""], "usage.field]: --field names no field"),
        (["--shard", "1/2"], "usage.shard]: --shard 1/2 of standard input"),
        (["--shard", "3/2", "x.txt"], "usage.shard]: --shard 3/2: there is no part 3"),
        (["--runtime", "torch", "--precision", "int8"], "usage.precision]: torch runs in fp32, not int8"),
    ],
)
def test_what_cannot_be_is_exit_code_2_with_a_remedy(options: list[str], said: str, asking: Asking) -> None:
    done = asking.run(*options)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"error[{said}")
    assert "\nhint: " in done.err
