"""What every fuzzed command has to keep to, and the count of what came of them.

A case is a function of its kind, a seed and a number, so any of them can be run again alone and a run can stop and go on.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.cli.processes import PACKAGE_ROOT, Done, environment

# No command here has more than a moment's work. These are seconds of the processor; nobody waits for a minute, either.
SECONDS = 5.0

# What a message may be about at each exit code.
FAMILIES = {
    2: ("recipe", "usage"),
    3: ("data",),
    4: ("model", "checkpoint", "export"),
    5: ("memory", "fs", "system", "no-space", "data.unreadable", "metrics"),
}
_ERROR = re.compile(r"^error\[([a-z.0-9-]+)\]: ", re.MULTILINE)


@dataclass(frozen=True)
class Case:
    """A command with its standard input, the exit codes that it may end with, and what else is to be seen of a command that ends well:
    `check` says what is wrong, or nothing. `why` is for who reads of a failure."""

    arguments: list[str]
    allowed: frozenset[int]
    why: str
    stdin: bytes = b""
    check: Callable[[str], str] = field(default=lambda out: "")


Maker = Callable[[random.Random, Path], Case]


@dataclass
class Tally:
    """How many cases ended with each exit code, those that broke a promise, and the longest of them all in seconds of the processor."""

    codes: Counter[int] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    slowest: float = 0.0


class Server:
    """The process that runs the commands; see `fuzz_server`."""

    def __init__(self) -> None:
        line = [sys.executable, "-m", "tests.cli.fuzz_server"]
        offline = environment(HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1")
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(line, stdin=pipe, stdout=pipe, cwd=PACKAGE_ROOT, env=offline)

    def run(self, case: Case, cwd: Path, scratch: Path) -> tuple[Done, float]:
        """What a command left, and the seconds of the processor it took. A negative exit code is the signal that ended it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        (scratch / "in").write_bytes(case.stdin)
        asked = {"arguments": case.arguments, "cwd": str(cwd), "scratch": str(scratch), "seconds": SECONDS}
        self._process.stdin.write(json.dumps(asked).encode() + b"\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        out, err = ((scratch / name).read_bytes() for name in ("out", "err"))
        return Done(answer["code"], out.decode(), err.decode()), answer["seconds"]

    def close(self) -> None:
        """Ends it."""
        self._process.communicate(timeout=60)


def run_cases(
    server: Server, kind: str, make: Maker, numbers: Iterable[int], *, seed: int, keep: Path | None = None
) -> Tally:
    """Runs cases and counts. The folders of those that broke a promise are kept under `keep`."""
    tally = Tally()
    with TemporaryDirectory(prefix="seqtool-fuzz-") as place:
        scratch = Path(place, "scratch")
        scratch.mkdir()
        for number in numbers:
            folder = Path(place, f"{kind}-{number}")
            folder.mkdir()
            case = make(random.Random(f"{seed} {kind} {number}"), folder)
            done, seconds = server.run(case, folder, scratch)
            tally.codes[done.code] += 1
            tally.slowest = max(tally.slowest, seconds)
            wrong = _wrong(case, done)
            if wrong:
                tally.broken.append(f"{kind} {number} of seed {seed} ({case.why}): {wrong}")
                if keep is not None:
                    shutil.copytree(folder, keep / folder.name, symlinks=True, dirs_exist_ok=True)
                    (keep / folder.name / "stdin").write_bytes(case.stdin)
            shutil.rmtree(folder)
    return tally


def _wrong(case: Case, done: Done) -> str:
    """The promise that a command broke; nothing when it broke none."""
    what = f"exit code {done.code}; {_brief(done.err)}; {' '.join(map(os.fsdecode, case.arguments))[:300]!a}"
    if done.code < 0:
        hung = -done.code in (signal.SIGALRM, signal.SIGPROF)
        return f"more than {SECONDS:g} s" if hung else f"ended by {signal.Signals(-done.code).name}: {what}"
    if done.code == 1 or "Traceback" in done.err:
        return f"a bug: {what}\n{_report(done.err)}"
    errors = _ERROR.findall(done.err)
    if done.code not in case.allowed:
        return f"not one of {sorted(case.allowed)}: {what}"
    if done.code == 0:
        return f"an error and exit code 0: {what}" if errors else case.check(done.out) or _harm(done)
    families = FAMILIES[done.code]
    if not errors or not any(errors[0] == one or errors[0].startswith(f"{one}.") for one in families):
        return f"not an error of {' or '.join(families)}: {what}"
    return _harm(done)


def _harm(done: Done) -> str:
    """Characters that may do something to a terminal."""
    for name, text in (("standard output", done.out), ("standard error", done.err)):
        found = {char for char in text if not inert(char) and char not in "\n\t"}
        if found:
            return f"{sorted(found)!a} on {name}: {_brief(text)}"
    return ""


def inert(char: str) -> bool:
    """Whether a character does nothing to a terminal but appear: no control, no line end, nothing that reorders, no half of a pair."""
    code = ord(char)
    moves = code < 0x20 or 0x7F <= code <= 0x9F or code in (0x61C, 0x200E, 0x200F, 0x2028, 0x2029)
    return not (moves or 0x202A <= code <= 0x202E or 0x2066 <= code <= 0x2069 or 0xD800 <= code <= 0xDFFF)


def _brief(text: str) -> str:
    return ascii(text if len(text) < 400 else f"{text[:200]} ... {text[-200:]}")


def _report(err: str) -> str:
    """The file that a bug is described in, which is of no more use afterwards."""
    found = re.search(r"details in (\S+)", err)
    if not found or not Path(found[1]).is_file():
        return ""
    text = Path(found[1]).read_text("utf-8")
    Path(found[1]).unlink()
    return text[-1500:]
