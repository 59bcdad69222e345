"""What a run writes down for people and scripts, beside its checkpoints.

| file | holds |
|---|---|
| `metrics.jsonl` | one object a line: `{"kind": "train", ...}` every `log_every` steps, `{"kind": "valid", ...}` at each validation |
| `samples.txt` | sample translations of each validation |
| `train.log` | messages with the time they were said, also the error that ended it |
| `result.json` | how the run ended; there is none before it has |
| `tensorboard/` | the numbers of `metrics.jsonl` for TensorBoard, where the recipe asks for it |
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from seqtool import fs, locks
from seqtool.text.lines import clean_output
from seqtool.training.board import Board
from seqtool.training.events import StepInfo, Teller, Validation

RESULT = "result.json"


class Journal:
    """The written record of the run in `run_dir`; with a `board`, numbers go there too. Where the directory is `held`, everything that is
    noted raises `ResourceError` once it is gone, and so does `check`: nothing is written to another directory of its name."""

    def __init__(self, run_dir: Path, held: locks.Lock | None = None, board: Board | None = None) -> None:
        self._held = held
        self._board = board
        self._metrics = run_dir / "metrics.jsonl"
        self._samples = run_dir / "samples.txt"
        self._log = run_dir / "train.log"
        self._result = run_dir / RESULT

    def check(self) -> None:
        """Nothing, while the directory is there."""
        if self._held is not None:
            self._held.check()

    def forget_after(self, step: int) -> None:
        """Removes what was noted after a step: it is about to happen again."""
        if self._metrics.exists():
            fs.truncate_lines(self._metrics, lambda line: _step_of(line) <= step)
        if self._samples.exists():
            fs.truncate_lines(self._samples, _samples_until(step))
        if self._board is not None:
            self._board.begin_after(step)

    def message(self, text: str) -> None:
        """Notes a message with the time."""
        self.check()
        for line in text.splitlines():
            fs.append_line(self._log, f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} {clean_output(line)}")

    def steps(self, info: StepInfo, *, nll: float, tokens_per_second: float, seconds: float, skipped: int) -> None:
        """Notes the steps since the last such line: `nll` is their mean in nats a token, `seconds` the time of the whole run so far."""
        self._note(
            kind="train",
            step=info.step,
            epoch=info.epoch,
            nll=nll,
            perplexity=perplexity(nll),
            learning_rate=info.learning_rate,
            grad_norm=info.grad_norm,
            **({} if info.grad_norms is None else {"grad_norms": _rounded(info.grad_norms)}),
            skipped=skipped,
            tokens_per_second=round(tokens_per_second, 1),
            seconds=round(seconds, 3),
        )
        if self._board is not None:
            values = {
                "train/nll": nll,
                "train/perplexity": perplexity(nll),
                "train/learning_rate": info.learning_rate,
                "train/grad_norm": info.grad_norm,
                "train/tokens_per_second": tokens_per_second,
                **{f"grad_norm/{name}": norm for name, norm in (info.grad_norms or {}).items()},
            }
            self._board.scalars(values, info.step)

    def validation(self, validation: Validation, *, seconds: float) -> None:
        """Notes a validation and its samples."""
        self._note(
            kind="valid",
            step=validation.step,
            epoch=validation.epoch,
            loss=validation.loss,
            perplexity=validation.perplexity,
            **validation.scores,
            best=validation.best,
            **({} if validation.averaged is None else {"averaged": validation.averaged}),
            seconds=round(seconds, 3),
        )
        if self._board is not None:
            values = {"loss": validation.loss, "perplexity": validation.perplexity, **validation.scores}
            self._board.scalars({f"valid/{name}": value for name, value in values.items()}, validation.step)
        fs.append_line(self._samples, f"step {validation.step}")
        for sample in validation.samples:
            for name, text in (("src", sample.src), ("ref", sample.ref), ("hyp", sample.hyp)):
                fs.append_line(self._samples, f"  {name}  {clean_output(text)}")

    def sync(self) -> None:
        """Makes what was noted as durable as the checkpoint that is about to be written: it will not be noted again."""
        self.check()
        for path in (self._metrics, self._samples):
            fs.sync_file(path)

    def begin(self) -> None:
        """Forgets how the run ended: it goes on."""
        self.check()
        fs.remove_file(self._result)

    def result(self, facts: dict[str, object]) -> None:
        """Notes how the run ended."""
        fs.commit_json(self._result, facts)

    def _note(self, **facts: object) -> None:
        finite = {
            key: None if isinstance(value, float) and not math.isfinite(value) else value
            for key, value in facts.items()
        }
        self.check()
        fs.append_line(self._metrics, json.dumps(finite))


def _rounded(norms: dict[str, float]) -> dict[str, float | None]:
    """Four digits are enough for a picture; what is no finite number has none."""
    return {name: float(f"{norm:.4g}") if math.isfinite(norm) else None for name, norm in norms.items()}


def perplexity(nll: float) -> float:
    """exp(nll), infinite where that is too large for a float."""
    return math.exp(nll) if nll < 700 else math.inf


def _step_of(line: str) -> int:
    """The step of a line of metrics; a line that was not written to its end belongs to no step that counts."""
    try:
        return int(json.loads(line)["step"])
    except (ValueError, KeyError, TypeError):
        return 1 << 62


def _samples_until(step: int) -> Callable[[str], bool]:
    """Whether a line of samples belongs to a validation up to `step`; to be asked line by line, in order."""
    current = 0

    def keep(line: str) -> bool:
        nonlocal current
        if line.startswith("step ") and line[5:].strip().isdecimal():
            current = int(line[5:])
        return current <= step

    return keep


@dataclass(frozen=True)
class Noted:
    """Tells a person, and writes it down too."""

    journal: Journal
    teller: Teller

    def message(self, text: str) -> None:
        """See `Teller.message`."""
        self.journal.message(text)
        self.teller.message(text)

    def warning(self, text: str) -> None:
        """See `Teller.warning`."""
        self.journal.message(f"warning: {text}")
        self.teller.warning(text)
