"""A whole training run: data, model, loop, validation, checkpoints, and the model directory at the end."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

from seqtool import fs, manifest
from seqtool.errors import DivergedError
from seqtool.recipe.load import dump_recipe
from seqtool.recipe.rules import validation_metrics
from seqtool.recipe.schema import Recipe
from seqtool.runtime.torch_weights import save_model
from seqtool.text.prepared import Prepared, prepare
from seqtool.training.allocator import keep_few_kernels, keep_freed_memory
from seqtool.training.assemble import assemble
from seqtool.training.checkpoint import checkpoints, save_checkpoint
from seqtool.training.events import Live, Observer, Outcome, StepInfo, Validation
from seqtool.training.exporting import export_graphs
from seqtool.training.journal import Journal
from seqtool.training.limits import reason_to_stop, seconds_left
from seqtool.training.progress import Progress
from seqtool.training.resume import resume, settings_of
from seqtool.training.signals import Interrupted, Signals
from seqtool.training.speed import Speed
from seqtool.training.validate import Judgement, judge

# Steps in a row without finite gradients before the run is given up.
MOST_SKIPPED = 10

# Seconds between two live lines.
_LIVE_SECONDS = 0.5


def train(recipe: Recipe, *, restart: bool, observer: Observer) -> Outcome:
    """Trains what the recipe says, or goes on where an interrupted run stopped; `restart` moves an old run aside first.

    Raises `DataError`, `ModelError` (a checkpoint that does not fit), `ResourceError` (disk, a second run in the same directory),
    `DivergedError`, and `Terminated` after a signal, when everything has been saved.
    """
    assert recipe.run_dir is not None, "the loader fills it in"
    run_dir = Path(recipe.run_dir)
    signals = Signals()
    keep_few_kernels()
    keep_freed_memory()
    fs.make_dir(run_dir)
    with signals.watching(), _locked(run_dir, restart=restart, observer=observer):
        journal = Journal(run_dir)
        try:
            with signals.droppable():
                prepared = _prepared(recipe, run_dir.parent, observer)
        except Interrupted:
            raise signals.end("stopped while preparing the data; nothing was trained yet") from None
        journal.message(f"training pairs: {prepared.ledger.summary()}")
        return _Run(recipe, run_dir, prepared, journal, observer, signals).finish()


@contextmanager
def _locked(run_dir: Path, *, restart: bool, observer: Observer) -> Iterator[None]:
    """Holds the run directory; a run that is alive is never moved aside, and neither is nothing."""
    lock = run_dir / ".lock"
    with fs.lock(lock):
        if not restart or list(run_dir.iterdir()) == [lock]:
            yield
            return
        observer.message(f"the old run is now {fs.move_aside(run_dir)}")
    fs.make_dir(run_dir)
    with fs.lock(lock):
        yield


def _prepared(recipe: Recipe, root: Path, observer: Observer) -> Prepared:
    prepared = prepare(
        recipe.data,
        recipe.tokenizer,
        root=root,
        seed=recipe.training.seed,
        task=recipe.task,
        progress=observer.stage,
        threads=recipe.training.threads or os.cpu_count() or 1,
    )
    observer.prepared(prepared.ledger, len(prepared.valid))
    return prepared


class _Run:
    """The consumer of the training loop: saving, telling, validating, stopping."""

    def __init__(
        self,
        recipe: Recipe,
        run_dir: Path,
        prepared: Prepared,
        journal: Journal,
        observer: Observer,
        signals: Signals,
    ) -> None:
        self._training = recipe.training
        self._prepared, self._journal, self._observer, self._signals = prepared, journal, observer, signals
        self._checkpoints, self._model_dir = run_dir / "checkpoints", run_dir / "model"
        self._parts = assemble(recipe, prepared)
        self._metrics = validation_metrics(recipe.task, recipe.training)
        count = sum(parameter.numel() for parameter in self._parts.model.parameters())
        self._say(f"{count:,} parameters on {self._parts.device}")
        settings = settings_of(recipe, prepared.key)
        self._progress = self._resumed(settings) or Progress(settings=settings)
        fs.commit_text(run_dir / "recipe.yaml", dump_recipe(recipe))
        self._started = time.monotonic() - self._progress.seconds
        self._speed = Speed()
        self._shown = 0.0

    def finish(self) -> Outcome:
        """Trains to the end, and exports what was kept."""
        outcome = self._trained()
        if self._training.export:
            try:
                with self._signals.droppable():
                    told = export_graphs(self._model_dir, self._prepared.valid_text)
            except Interrupted:
                raise self._signals.end("stopped while writing the ONNX graphs; the model is complete") from None
            for line in (told or "").splitlines():
                self._say(line)
        return outcome

    def _trained(self) -> Outcome:
        reason = reason_to_stop(self._training, self._progress)
        if reason and self._progress.validated_step == self._step:
            self._say(f"already trained: {reason}; raise that limit to go on, or start anew with --restart")
            return self._outcome(reason)
        with self._saving_when_interrupted():
            if self._due(self._training.validate_every) and self._progress.validated_step < self._step:
                self._validate()
            steps = self._parts.loop.steps(self._progress.position, self._learning_rate)
            reason = reason_to_stop(self._training, self._progress)
            while not reason:
                self._after(next(steps))
                reason = reason_to_stop(self._training, self._progress)
            if self._progress.validated_step < self._step:
                self._validate()
        self._save()
        outcome = self._outcome(reason)
        self._journal.result(asdict(outcome))
        self._say(f"finished: {reason}")
        return outcome

    @property
    def _step(self) -> int:
        return self._progress.position.step

    def _learning_rate(self, step: int) -> float:
        return self._parts.schedule.rate(step, self._progress.drops)

    def _seconds(self) -> float:
        return time.monotonic() - self._started

    def _resumed(self, settings: dict[str, object]) -> Progress | None:
        """Progress of the newest checkpoint, its tensors loaded; None when the run begins."""
        parts = self._parts
        progress = resume(self._checkpoints, parts.model, parts.updater, settings, self._observer)
        self._journal.forget_after(progress.position.step if progress else 0)
        if progress is None:
            return None
        self._say(f"going on after step {progress.position.step:,}")
        if progress.best is not None and not (self._model_dir / manifest.NAME).exists():
            self._observer.warning(f"{self._model_dir} is gone: the next validation writes it again")
            return replace(progress, best=None, stalled=0)
        return progress

    def _after(self, info: StepInfo) -> None:
        """Everything that follows a step, in the order that lets an interrupted run do it all again."""
        self._progress = self._progress.after_step(info, self._seconds())
        self._speed.add(info.tokens)
        self._check_finite(info)
        if self._due(self._training.log_every):
            self._note_steps(info)
        elif time.monotonic() - self._shown > _LIVE_SECONDS:
            self._show(info)
        if self._signals.number:
            raise Interrupted
        if self._due(self._training.validate_every):
            self._validate()
        if self._due(self._training.checkpoint_every):
            self._save()

    def _due(self, every: int) -> bool:
        return self._step > 0 and self._step % every == 0

    def _check_finite(self, info: StepInfo) -> None:
        in_a_row = self._progress.skipped_run
        if in_a_row == 1:
            self._observer.warning(f"step {info.step:,}: gradients are no finite numbers; the step was skipped")
        if in_a_row >= MOST_SKIPPED:
            kept = checkpoints(self._checkpoints)
            where = f"the last checkpoint is {kept[-1]}" if kept else "there was no checkpoint yet"
            raise DivergedError(
                "training.diverged",
                f"gradients were no finite numbers {in_a_row} steps in a row, up to step {info.step:,}; {where}",
                "lower training.optimizer.lr, lengthen training.schedule.warmup_steps, or use precision fp32 or bf16",
            )

    def _note_steps(self, info: StepInfo) -> None:
        live, progress = self._show(info), self._progress
        self._journal.steps(
            info,
            nll=progress.window_mean,
            tokens_per_second=live.tokens_per_second,
            seconds=progress.seconds,
            skipped=progress.skipped,
        )
        self._progress = replace(progress, window_nll=0.0, window_tokens=0)
        self._speed = Speed()

    def _show(self, info: StepInfo) -> Live:
        progress, training = self._progress, self._training
        left = seconds_left(training, progress, self._parts.total_steps, progress.seconds / max(1, self._step))
        live = Live(info, _exp(progress.window_mean), self._speed.tokens_per_second(), left)
        self._shown = time.monotonic()
        self._observer.live(live)
        return live

    def _validate(self) -> None:
        """Judges the model, keeps it if it is the best so far, and lets patience and plateau know."""
        started = time.monotonic()
        parts = self._parts
        with self._signals.droppable():
            judgement = judge(
                parts.model,
                parts.translator,
                self._prepared,
                metrics=self._metrics,
                batch_tokens=self._training.batch_tokens,
            )
        value = judgement.value(self._training.best_metric)
        best = self._progress.improves(value)
        if best:
            parameters = {name: one.detach().cpu() for name, one in parts.model.named_parameters()}
            save_model(self._model_dir, parameters, self._prepared.tokenizers, parts.config)
        self._progress = self._progress.after_validation(
            value, plateau_patience=self._training.schedule.patience, seconds=self._seconds()
        )
        self._report(judgement, best=best, seconds=time.monotonic() - started)
        self._speed.pause(time.monotonic() - started)

    def _report(self, judgement: Judgement, *, best: bool, seconds: float) -> None:
        position = self._progress.position
        validation = Validation(
            step=position.step,
            epoch=position.epoch + (position.update > 0),
            loss=judgement.loss,
            perplexity=judgement.perplexity,
            scores=judgement.scores,
            samples=judgement.samples,
            best=best,
            seconds=seconds,
        )
        self._journal.validation(validation, seconds=self._progress.seconds)
        self._observer.validated(validation)

    def _save(self) -> None:
        parts = self._parts
        save_checkpoint(self._checkpoints, self._progress, parts.model, parts.updater, self._training.keep_checkpoints)

    @contextmanager
    def _saving_when_interrupted(self) -> Iterator[None]:
        try:
            yield
        except Interrupted:
            self._save()
            error = self._signals.end(f"saved after step {self._step:,}")
            self._journal.message(error.message)
            raise error from None

    def _outcome(self, reason: str) -> Outcome:
        progress, metric = self._progress, self._training.best_metric
        best = progress.best if progress.best is not None else math.nan
        return Outcome(
            reason, self._step, progress.best_step, metric, -best if metric == "loss" else best, progress.seconds
        )

    def _say(self, text: str) -> None:
        self._journal.message(text)
        self._observer.message(text)


def _exp(nll: float) -> float:
    return math.exp(nll) if nll < 700 else math.inf
