"""What is read off a machine, from files that look like its own."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from seqtool.facts.machine import commit_of, this_machine, threads, versions

X86 = "processor\t: 0\nmodel name\t: A Processor\nflags\t\t: fpu avx2 avx512_bf16 amx_bf16 sse\n"
ARM = "processor\t: 0\nFeatures\t: fp asimd bf16 i8mm\n"
OLD = "processor\t: 0\nmodel name\t: An Old One\nflags\t\t: fpu sse\n"
MEMORY = "MemTotal:       16384 kB\nMemFree:        1 kB\nMemAvailable:   8192 kB\n"


def machine_in(folder: Path, cpu: str) -> Path:
    """A root directory whose /proc says this."""
    (folder / "proc").mkdir()
    (folder / "proc/cpuinfo").write_text(cpu, "utf-8")
    (folder / "proc/meminfo").write_text(MEMORY, "utf-8")
    return folder


@pytest.mark.parametrize(
    ("cpu", "flags", "bf16"),
    [(X86, ("avx2", "avx512_bf16", "amx_bf16"), True), (ARM, ("asimd", "i8mm", "bf16"), True), (OLD, (), False)],
)
def test_instructions_that_matter_are_found(cpu: str, flags: tuple[str, ...], bf16: bool, tmp_path: Path) -> None:
    machine = this_machine(machine_in(tmp_path, cpu))
    assert (machine.flags, machine.bf16) == (flags, bf16)
    assert (machine.memory, machine.memory_free) == (16384 * 1024, 8192 * 1024)
    assert machine.cores >= 1


def test_gpus_are_found_by_their_driver(tmp_path: Path) -> None:
    root = machine_in(tmp_path, X86)
    assert this_machine(root).gpus == ()
    card = root / "proc/driver/nvidia/gpus/0000:01:00.0"
    card.mkdir(parents=True)
    (card / "information").write_text("Model: \t\t A Card\nIRQ:   \t\t 5\n", "utf-8")
    assert this_machine(root).gpus == ("A Card",)


def test_a_machine_that_says_nothing_is_no_error(tmp_path: Path) -> None:
    machine = this_machine(tmp_path)
    assert (machine.flags, machine.memory, machine.gpus) == ((), None, ())


def test_this_machine_agrees_with_torch_about_bfloat16() -> None:
    from seqtool.training.device import multiplies_in_bf16

    assert this_machine().bf16 == multiplies_in_bf16()


def test_versions_are_those_of_the_packages() -> None:
    import numpy
    import torch

    found = versions()
    assert list(found)[:2] == ["seqtool", "python"]
    assert found["torch"] == torch.__version__
    assert found["numpy"] == numpy.__version__


def test_threads_are_what_the_environment_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert threads() == 3
    monkeypatch.setenv("OMP_NUM_THREADS", "many")
    assert threads() == this_machine().cores


def test_the_commit_is_that_of_the_checkout_its_branch_and_its_work_tree(tmp_path: Path) -> None:
    def git(*arguments: str, cwd: Path) -> str:
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        return subprocess.run(
            ["git", *identity, *arguments], cwd=cwd, capture_output=True, text=True, check=True
        ).stdout.strip()

    checkout, tree = tmp_path / "checkout", tmp_path / "tree"
    checkout.mkdir()
    assert commit_of(checkout) == ""
    git("init", "-q", cwd=checkout)
    git("commit", "-q", "--allow-empty", "-m", "one", cwd=checkout)
    head = git("rev-parse", "HEAD", cwd=checkout)
    git("worktree", "add", "-q", "-b", "other/branch", str(tree), cwd=checkout)
    assert commit_of(checkout) == commit_of(tree) == head
    git("pack-refs", "--all", cwd=checkout)
    assert commit_of(checkout) == commit_of(tree) == head
    git("checkout", "-q", "--detach", cwd=checkout)
    assert commit_of(checkout) == head
