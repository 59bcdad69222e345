"""A training that is killed anywhere has lost nothing, and ends like one that nobody disturbed, bit for bit.

The whole of it (every content of the disk gone on from, more random kills) is `python -m benchmarks.kills --points`.
"""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.forks import Forks
from benchmarks.kills import COMMAND, Campaign, Tally
from benchmarks.survival import RUN, STEPS, checked, copied, differences, outcome
from seqtool import fs
from seqtool.model_dir import open_model_dir
from tests.cli.processes import python

KILLS = 50


@pytest.fixture(scope="module")
def forks() -> Iterator[Forks]:
    with Forks() as found:
        yield found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("crashes")


@pytest.fixture(scope="module")
def campaign(forks: Forks, folder: Path) -> Campaign:
    """With an undisturbed run."""
    return Campaign(forks, folder, Tally(seed=3))


@pytest.fixture
def tally(campaign: Campaign) -> Tally:
    """What happens in one test."""
    campaign.tally = Tally(seed=3)
    return campaign.tally


def all_is_well(tally: Tally) -> None:
    assert tally.lost == []
    assert tally.differing == []


@pytest.mark.slow
def test_random_kills_lose_nothing(campaign: Campaign, tally: Tally) -> None:
    while tally.kills < KILLS:
        campaign.random_run(min(10, KILLS - tally.kills), random.Random(f"{tally.seed} {tally.runs}"))
    all_is_well(tally)
    assert tally.runs >= KILLS // 10


@pytest.mark.slow
@pytest.mark.parametrize("steps", [False, True], ids=["names are exchanged at once", "names are exchanged in steps"])
def test_a_kill_at_any_operation_on_files_loses_nothing(campaign: Campaign, tally: Tally, steps: bool) -> None:
    """While data is prepared, a checkpoint or the best model is written, an old checkpoint removed, or a line noted; and a power cut then.
    Each moment is looked at; of those which leave something new, one in ten is gone on from."""
    campaign.points(steps=steps, power=not steps, every=30 if steps else 10)
    all_is_well(tally)
    assert tally.points > 200
    assert tally.states >= (3 if steps else 8)


@pytest.mark.slow
def test_a_kill_while_graphs_are_added_to_a_model_leaves_it_with_all_or_none(
    campaign: Campaign, forks: Forks, folder: Path
) -> None:
    exporting = (*COMMAND, "training.export=true")
    run = copied(folder / "whole", folder / "exporting")
    model = run / RUN / "model"
    before, left = {name: path.read_bytes() for name, path in fs.verify_dir(model).items()}, []
    del before["README.md"]  # which says what graphs there are
    for moment in forks.points(*exporting, cwd=run):
        assert checked(run) == STEPS, moment
        opened = open_model_dir(model)
        graphs = {opened.has_graphs(precision) for precision in ("fp32", "int8")}
        assert len(graphs) == 1, moment
        assert {name: (model / name).read_bytes() for name in before} == before, moment
        left.append((graphs.pop(), moment.what))
    assert [graphs for graphs, _ in left] == sorted(graphs for graphs, _ in left), "once they are there, they stay"
    assert len({graphs for graphs, _ in left}) == 2
    assert differences(outcome(run), {**campaign.expected, **outcome(run)}) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_at_an_operation_on_files_saves_and_loses_nothing(
    campaign: Campaign, forks: Forks, folder: Path, number: signal.Signals
) -> None:
    for place in random.Random(int(number)).sample(range(90, 300), 3):
        run = copied(folder / "case", folder / "signalled")
        done = forks.run(*COMMAND, cwd=run, signal_at=(place, number))
        assert (done.code, "Traceback" in done.said) == (128 + number, False), done.said
        assert f"saved after step {checked(run)}\n" in done.said
        assert forks.run(*COMMAND, cwd=run).code == 0
        others = [name for name in differences(outcome(run), campaign.expected) if not name.startswith("step-")]
        assert others == [], "the checkpoint of the signal's step is kept beside the last, which is the same"
        weights = f"step-{STEPS:06d}/weights.safetensors"
        assert outcome(run)[weights] == campaign.expected[weights]


_TOLD = """
import sys
from pathlib import Path
from benchmarks.doubles import Double
from seqtool import fs
told = []
Double(told.append).install()
for _ in range(2):
    with fs.commit_dir(Path("model")) as part:
        fs.commit_bytes(part / "weights", b"1234")
sys.stdout.write(" ".join(what.split()[0] for what in told))
"""


def test_the_double_tells_every_operation_on_a_directory_that_is_written(tmp_path: Path) -> None:
    done = python("-c", _TOLD, cwd=tmp_path)
    assert done.code == 0, done.err
    told = done.out.split()
    file = ["open", "write", "half-written", "fsync", "replace", "fsync", "unlink"]
    filled = ["mkdir", "mkdir", *file, "fsync", *file]
    assert told == [*filled, "rename", "fsync", *filled, "rename", "exchange", "fsync", "unlink", "unlink", "rmdir"]
