"""`seqtool translate` at a real terminal: a prompt for somebody who types, a live line for files, and neither for pipes."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.cli.processes import OWN_TERMINAL, environment
from tests.cli.training_runs import Trained
from tests.number_words import number_pairs, write_lines

UP, INTERRUPT, END = "\x1b[A", "\x03", "\x04"
_CODES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


class Terminal:
    """A command at a terminal; with `piped`, its standard output is a pipe."""

    def __init__(self, process: subprocess.Popen[bytes], descriptor: int) -> None:
        self.process = process
        self._descriptor = descriptor
        self.shown = ""
        self._read = 0

    def type(self, text: str | bytes) -> None:
        os.write(self._descriptor, text if isinstance(text, bytes) else text.encode())

    def expect(self, text: str) -> str:
        """Waits until the text appears after what was waited for before; returns what came before it."""
        deadline = time.monotonic() + 60
        while text not in self.shown[self._read :]:
            assert self._more(deadline), f"no {text!r} in {self.shown[self._read :]!r}"
        place = self.shown.index(text, self._read)
        before = self.shown[self._read : place]
        self._read = place + len(text)
        return before

    def end(self) -> int:
        """Reads everything to the end of the process, and returns its exit code."""
        deadline = time.monotonic() + 60
        while self.process.poll() is None or select.select([self._descriptor], [], [], 0)[0]:
            if not self._more(deadline):
                break
        return self.process.wait(60)

    def _more(self, deadline: float) -> bool:
        while time.monotonic() < deadline:
            if not select.select([self._descriptor], [], [], 0.05)[0]:
                if self.process.poll() is not None:
                    return False
                continue
            with suppress(OSError):  # which says that nobody has the other end any more
                data = os.read(self._descriptor, 1 << 16)
                self.shown += _CODES.sub("", data.decode(errors="replace"))
                return bool(data)
            return False
        return False


@contextmanager
def terminal(cwd: Path, *arguments: str | Path, piped: bool = False, command: str = "translate") -> Iterator[Terminal]:
    ours, theirs = pty.openpty()
    line = [sys.executable, "-c", OWN_TERMINAL, command, *map(str, arguments)]
    env = environment(TERM="xterm", HOME=str(cwd), XDG_STATE_HOME=str(cwd / "state"))
    out = subprocess.PIPE if piped else theirs
    streams = {"stdin": theirs, "stdout": out, "stderr": theirs}
    with subprocess.Popen(line, cwd=cwd, env=env, start_new_session=True, **streams) as process:  # type: ignore[call-overload]
        os.close(theirs)
        try:
            yield Terminal(process, ours)
        finally:
            process.kill()
            os.close(ours)


def test_a_prompt_answers_each_line_and_remembers_it(trained: Trained, tmp_path: Path) -> None:
    with terminal(tmp_path, "-m", trained.run_dir) as screen:
        assert "one line, one translation; Ctrl-D ends" in screen.expect("> ")
        screen.type("eins zwei .\r")
        screen.expect("\none two .\r\n")
        screen.expect("> ")
        screen.type("\r")
        assert screen.expect("> ").strip() == "", "a blank line gets no answer"
        screen.type(UP)
        screen.expect("eins zwei .")
        screen.type("\r")
        screen.expect("\none two .\r\n")
        screen.expect("> ")
        screen.type("drei vier")
        screen.expect("drei vier")
        time.sleep(0.3)  # Python looks for signals while readline waits for a key, not while it draws one
        screen.type(INTERRUPT)
        screen.expect("> ")
        screen.type("fünf .\r")
        assert "three" not in screen.expect("\nfive .\r\n"), "the line was dropped"
        screen.expect("> ")
        screen.type(END)
        assert screen.end() == 0
        assert "Traceback" not in screen.shown
    assert (tmp_path / "state/seqtool/history").read_text("utf-8").splitlines() == ["eins zwei .", "fünf ."]
    with terminal(tmp_path, "-m", trained.run_dir, "-q") as screen:
        assert screen.expect("> ") == "", "-q"
        screen.type(f"{UP}{UP}\r")
        screen.expect("\none two .\r\n")
        screen.expect("> ")
        screen.type(END)
        assert screen.end() == 0


def test_a_prompt_for_a_summarizer_speaks_of_summaries(trained: Trained, tmp_path: Path) -> None:
    with terminal(tmp_path, "-m", trained.run_dir, command="summarize") as screen:
        assert "one line, one summary; Ctrl-D ends" in screen.expect("> ")
        screen.type(END)
        assert screen.end() == 0


def test_a_prompt_keeps_to_the_other_options(trained: Trained, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("no place for a history\n")
    options = ("--format", "jsonl", "--n-best", "2", "--prefix", "six")
    with terminal(tmp_path, "-m", trained.run_dir, *options) as screen:
        screen.expect("> ")
        screen.type("eins .\r")
        screen.expect("eins .\r\n")
        first = json.loads(screen.expect("\r\n> "))
        assert (first["line"], first["src"], len(first["hypotheses"])) == (1, "eins .", 2)
        assert first["text"].startswith("six ")
        screen.type(b"neun \xff .\r")
        screen.expect("\r\n")
        second = json.loads(screen.expect("\r\n> "))
        assert (second["line"], second["src"]) == (2, "neun \ufffd .")
        screen.type(END)
        assert screen.end() == 0


def test_a_command_that_gives_its_answers_to_a_pipe_has_no_prompt(trained: Trained, tmp_path: Path) -> None:
    with terminal(tmp_path, "-m", trained.run_dir, piped=True) as screen:
        screen.type("eins .\nzwei .\n")
        assert screen.process.stdout is not None
        assert screen.process.stdout.readline() == b"one .\n", "and does not wait for the end"
        screen.type(END)
        assert screen.end() == 0
        assert screen.process.stdout.read() == b"two .\n"
        assert "> " not in screen.shown
        assert "Ctrl-D" not in screen.shown
        assert "lines/s" in screen.shown
    assert not (tmp_path / "state").exists()


def test_json_lines_are_no_conversation(trained: Trained, tmp_path: Path) -> None:
    with terminal(tmp_path, "-m", trained.run_dir, "--field", "de") as screen:
        screen.type('{"de": "eins ."}\n')
        screen.expect("\none .\r\n")
        screen.type(END)
        assert screen.end() == 0
        assert "> " not in screen.shown


@pytest.mark.parametrize("quiet", [False, True])
@pytest.mark.parametrize(("shard", "count"), [((), 60), (("--shard", "1/2"), 30)], ids=["whole", "shard"])
def test_a_file_has_a_live_line_on_a_terminal(
    quiet: bool, shard: tuple[str, ...], count: int, trained: Trained, tmp_path: Path
) -> None:
    lines = [src for src, _ in number_pairs(60, 3)]
    write_lines(tmp_path / "in.txt", lines)
    options = ("--batch-size", "1", *shard, *(["-q"] if quiet else []))
    with terminal(tmp_path, "-m", trained.run_dir, "in.txt", *options, piped=True) as screen:
        assert screen.process.stdout is not None
        out = screen.process.stdout.read().decode()
        assert screen.end() == 0
        assert out.count("\n") == count
        assert "lines/s" not in out
        told = re.findall(r"\r(\d+) lines, [\d,]+ lines/s, (\d+) s left", screen.shown)
        assert bool(told) == (not quiet)
        if not quiet:
            assert told[0][0] == "16", "after the first window"
