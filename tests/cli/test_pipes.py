"""`seqtool translate` as a part of long pipes: every line, in order, at once and in little memory."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.cli.processes import Warm, running, shell
from tests.cli.training_runs import Trained
from tests.number_words import NUMBERS, write_lines

MEBIBYTE = 1 << 20
WORDS = sorted(NUMBERS)


def resident(process: subprocess.Popen[bytes], name: str = "VmRSS") -> int:
    """Bytes of memory a process holds, or with `VmHWM` held at most; 0 when it has ended."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return 1024 * sum(int(line.split()[1]) for line in status.splitlines() if line.startswith(f"{name}:"))


def numbered(count: int) -> Iterator[tuple[bytes, bytes]]:
    """Lines of one number word that say their number modulo ten, every hundredth blank, and what they become."""
    for number in range(count):
        word = WORDS[number % 10]
        yield (b"\n", b"\n") if number % 100 == 99 else (f"{word} .\n".encode(), f"{NUMBERS[word]} .\n".encode())


def feed(process: subprocess.Popen[bytes], lines: list[bytes]) -> threading.Thread:
    """Writes lines to a process while somebody else reads its answers."""

    def write() -> None:
        assert process.stdin is not None
        for first in range(0, len(lines), 100):
            process.stdin.write(b"".join(lines[first : first + 100]))
        process.stdin.close()

    thread = threading.Thread(target=write)
    thread.start()
    return thread


@pytest.mark.slow
def test_fifty_thousand_lines_come_out_in_order_and_memory_does_not_grow(exported: Trained) -> None:
    pairs = list(numbered(50_000))
    options = ("-m", exported.run_dir, "--runtime", "onnx", "--beam-size", "1")
    with running("translate", *options, cwd=exported.folder) as process:
        assert process.stdout is not None
        thread = feed(process, [src for src, _ in pairs])
        answers, held = [], 0
        for number, answer in enumerate(process.stdout, 1):
            answers.append(answer)
            if number == 25_000:
                held = resident(process)
            if (
                25_000 < number <= 35_000 and number % 1000 == 0
            ):  # from some line on the rest is in the pipe, and it may have ended
                assert resident(process) - held < 32 * MEBIBYTE
        thread.join()
        assert process.wait(60) == 0
    assert answers == [tgt for _, tgt in pairs]


def test_a_line_that_never_ends_is_exit_code_3_in_little_memory(exported: Trained) -> None:
    with running("translate", "-m", exported.run_dir, "--runtime", "onnx", cwd=exported.folder) as process:
        assert process.stdin is not None
        process.stdin.write(b"eins .\n")
        process.stdin.flush()
        assert process.stdout is not None
        assert process.stdout.readline() == b"one .\n"
        before = resident(process)
        with suppress(BrokenPipeError):
            for _ in range(40 * 16):  # 40 MiB, if it took them all
                os.write(process.stdin.fileno(), bytes(MEBIBYTE // 16))
                if process.poll() is None:
                    assert resident(process, "VmHWM") - before < 80 * MEBIBYTE
        assert process.stderr is not None
        said = process.stderr.read().decode()
        assert process.wait(60) == 3
        assert said.startswith("error[data.line-too-long]: standard input:2: a line of more than 16 MiB\nhint: ")


def test_a_lone_line_in_a_pipe_is_answered_before_the_end(exported: Trained) -> None:
    with running("translate", "-m", exported.run_dir, "--runtime", "onnx", cwd=exported.folder) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for src, tgt in numbered(20):
            process.stdin.write(src)
            process.stdin.flush()
            assert process.stdout.readline() == tgt
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
        assert process.stderr is not None
        assert process.stderr.read() == b""


def test_readers_that_leave_and_full_disks(exported: Trained, tmp_path: Path) -> None:
    write_lines(tmp_path / "in.txt", [src.decode().strip() for src, _ in numbered(30_000)])
    command = f'seqtool translate -m "{exported.run_dir}" --beam-size 1 --batch-size 2 in.txt'
    one = shell(f"{command} | head -1", tmp_path)
    assert (one.code, one.out.count("\n"), one.err) == (141, 1, "")
    none = shell(f"{command} | true", tmp_path)
    assert (none.code, none.out, none.err) == (141, "", "")
    full = shell(f"{command} > /dev/full", tmp_path)
    assert full.code == 5
    assert full.err.startswith("error[no-space]: No space left on device\nhint: ")
    assert "Traceback" not in full.err
    closed = shell(f"{command} >&-", tmp_path)
    assert closed.code == 5
    assert "Traceback" not in closed.err


def test_two_in_one_pipe(exported: Trained, tmp_path: Path) -> None:
    """The second takes the JSON lines of the first while they come."""
    model = f'-m "{exported.run_dir}"'
    line = f"printf 'eins .\\n\\nzwei .\\n' | seqtool translate {model} --format jsonl | seqtool translate {model} --field src"
    done = shell(line, tmp_path)
    assert (done.code, done.out, done.err) == (0, "one .\n\ntwo .\n", "")


def test_a_named_pipe_is_a_file(exported: Trained, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    model = f'-m "{exported.run_dir}"'
    done = shell(f"(printf 'eins .\\nzwei .\\n' > fifo) & seqtool translate {model} fifo", tmp_path)
    assert (done.code, done.out) == (0, "one .\ntwo .\n")
    refused = shell(f"seqtool translate {model} fifo --shard 1/2", tmp_path)
    assert refused.code == 2
    assert refused.err.startswith("error[usage.shard]: --shard 1/2 of fifo, which is a pipe or device")


@pytest.mark.slow
def test_a_line_of_a_hundred_thousand_words_is_one_line(exported: Trained, warm: Warm) -> None:
    text = " . ".join(["eins zwei drei vier"] * 25_000) + " .\neins .\n"
    done = warm.seqtool(
        "translate", "-m", exported.run_dir, "--beam-size", "1", cwd=exported.folder, stdin=text.encode()
    )
    assert done.code == 0, done.err
    long, short = done.out.split("\n")[:-1]
    assert short == "one ."
    assert len(long.split()) > 50_000
    assert "1 line longer than the" in done.err


def test_score_reads_pipes(trained: Trained, warm: Warm, tmp_path: Path) -> None:
    write_lines(tmp_path / "src.de", ["eins zwei .", "zwei ."])
    write_lines(tmp_path / "tgt.en", ["one two .", "two ."])
    model = ("-m", trained.run_dir)
    done = warm.seqtool("score", *model, "src.de", "/dev/stdin", cwd=tmp_path, stdin=b"one two .\ntwo .\n")
    assert (done.code, done.err) == (0, "")
    assert done.out == warm.seqtool("score", *model, "src.de", "tgt.en", cwd=tmp_path).out
