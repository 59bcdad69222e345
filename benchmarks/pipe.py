"""A million lines through a pipe: all of them, in order, in memory that stops growing.

    python -m benchmarks.pipe MODEL SRC [--options "--beam-size 1"] [--after 50000]

Runs `seqtool translate -m MODEL OPTIONS < SRC` as a process, writes its output to SRC.out, and reads the process's resident memory
(VmRSS) ten times a second. Prints the number of lines on both sides, lines a second, and how much the memory grew after line `--after` of
the output. Of lines that stand in SRC several times it counts those that were not always translated alike: where lines are many and a line
was lost or exchanged, it is nearly all of them.
"""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path


class Memory(threading.Thread):
    """Resident memory of a process, in MiB, with the number of lines written so far beside each reading."""

    def __init__(self, pid: int, output: Path) -> None:
        super().__init__(daemon=True)
        self._status, self._output = Path(f"/proc/{pid}/status"), output
        self.readings: list[tuple[int, float]] = []

    def run(self) -> None:
        """Until the process is gone."""
        lines = place = 0
        while True:
            with self._output.open("rb") as stream:
                stream.seek(place)
                data = stream.read()
            place, lines = place + len(data), lines + data.count(b"\n")
            try:
                found = [line for line in self._status.read_text().splitlines() if line.startswith("VmRSS")]
            except OSError:
                return
            if not found:
                return
            self.readings.append((lines, int(found[0].split()[1]) / 1024))
            time.sleep(0.1)


def unlike(asked: Iterable[bytes], told: Iterable[bytes]) -> tuple[int, int]:
    """How many different lines were asked for more than once, and how many of those got more than one answer."""
    answers: dict[bytes, set[bytes]] = {}
    again: set[bytes] = set()
    for one, answer in zip(asked, told, strict=False):
        if one in answers:
            again.add(one)
        answers.setdefault(one, set()).add(answer)
    return len(again), sum(len(answers[one]) > 1 for one in again)


def main() -> None:
    """Runs, watches and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("src", type=Path)
    parser.add_argument("--options", default="")
    parser.add_argument("--after", type=int, default=50_000)
    options = parser.parse_args()
    output = options.src.with_name(options.src.name + ".out")
    command = [sys.executable, "-m", "seqtool", "translate", "-m", str(options.model), *shlex.split(options.options)]
    start = time.perf_counter()
    with output.open("wb") as out:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out)
        memory = Memory(process.pid, output)
        memory.start()
        assert process.stdin is not None
        with options.src.open("rb") as stream:
            while piece := stream.read(1 << 16):
                process.stdin.write(piece)
        process.stdin.close()
        code = process.wait()
    seconds = time.perf_counter() - start
    memory.join()
    src, out_lines = (path.read_bytes().split(b"\n") for path in (options.src, output))
    asked, told = len(src) - 1, len(out_lines) - 1
    print(f"exit code {code}; {asked:,} lines in, {told:,} lines out, {told / seconds:,.0f} lines/s")
    repeated, different = unlike(src, out_lines)
    print(f"{repeated:,} lines stand there several times; {different:,} of them were not always translated alike")
    then = [size for lines, size in memory.readings if lines >= options.after]
    peak = max(size for _, size in memory.readings)
    if then:
        print(
            f"at line {options.after:,}: {then[0]:.0f} MiB; afterwards at most {max(then):.0f} MiB; peak {peak:.0f} MiB"
        )


if __name__ == "__main__":
    main()
