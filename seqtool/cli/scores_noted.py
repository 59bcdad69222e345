"""What `seqtool evaluate` notes beside a run: the scores of its model on the test set of its recipe."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from seqtool import __version__
from seqtool.cli.systems import Given
from seqtool.cli.terminal import Reporter
from seqtool.errors import SeqtoolError

if TYPE_CHECKING:
    from seqtool.evaluation import Gold, Result
    from seqtool.runtime.open import Precision, RuntimeName


@dataclass(frozen=True)
class Noting:
    """A run whose model is about to be scored, and what the model and its runtime are at that moment."""

    run: Path
    weights: str
    runtime: str
    precision: str

    @classmethod
    def of(cls, given: Given, *, runtime: RuntimeName | None, precision: Precision, device: str) -> Noting | None:
        """None where anything else than one run's model on its own test set is scored. Raises `ModelError`."""
        if given.hyps or given.own_set or len(given.models) != 1:
            return None
        from seqtool.facts.scores import run_of, weights_of
        from seqtool.model_dir import open_model_dir
        from seqtool.runtime.open import runtime_of

        run = run_of(given.models[0])
        if run is None:
            return None
        chosen = runtime_of([open_model_dir(run)], runtime, precision, device)
        return cls(run, weights_of(run), chosen if device == "cpu" else f"{chosen} on {device}", precision)

    def note(self, result: Result, gold: Gold, beam_size: int, reporter: Reporter) -> None:
        """Notes them, or says in a line why not: the scores were told, and that is what was asked for."""
        from seqtool.facts.record import Scored
        from seqtool.facts.scores import SCORES, ModelScores, note_scores

        finite = {name: one for name, one in result.scores.items() if math.isfinite(one.value)}
        found = ModelScores(
            test_set=gold.refs[0].name[:10_000],
            lines=len(gold.refs[0].lines),
            scores={name: Scored(value=float(one.value), signature=one.signature) for name, one in finite.items()},
            beam_size=beam_size,
            runtime=self.runtime,
            precision=self.precision,
            date=time.strftime("%Y-%m-%dT%H:%M:%S%z"),
            seqtool=__version__,
            weights=self.weights,
        )
        try:
            note_scores(self.run, found)
        except (SeqtoolError, OSError) as error:
            why = error.message if isinstance(error, SeqtoolError) else error
            reporter.warning(f"the scores were not noted beside the run: {why}")
        else:
            reporter.info(f"noted in {self.run / SCORES}")
