"""Scalars for TensorBoard, an extra: the numbers of `metrics.jsonl` once more, where its viewer looks for them."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from seqtool.errors import ResourceError

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

FOLDER = "tensorboard"


class Board:
    """Writes into `tensorboard/` of a run directory. What was written after the step a run goes on from is taken back, by the viewer's own
    means: a mark that makes it forget those steps. Raises `ResourceError` where the extra is not installed."""

    def __init__(self, run_dir: Path) -> None:
        if importlib.util.find_spec("tensorboard") is None:
            raise ResourceError(
                "extra.tensorboard",
                "training.tensorboard is true, and tensorboard is not installed",
                "pip install 'seqtool[tensorboard]', or set training.tensorboard=false",
            )
        self._folder = run_dir / FOLDER
        self._writer: SummaryWriter | None = None

    def begin_after(self, step: int) -> None:
        """Opens a file of events for the steps behind this one. Raises `ResourceError` where that is not possible."""
        from torch.utils.tensorboard import SummaryWriter

        from seqtool.writing import refused

        try:
            self._writer = SummaryWriter(str(self._folder), purge_step=step + 1)
        except OSError as error:
            raise refused(self._folder, error) from error

    def scalars(self, values: Mapping[str, float | None], step: int) -> None:
        """Writes finite values by name, on the disk when this returns."""
        assert self._writer is not None, "begun before"
        for name, value in values.items():
            if value is not None and math.isfinite(value):
                self._writer.add_scalar(name, value, step)
        self._writer.flush()
