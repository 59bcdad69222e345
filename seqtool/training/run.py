"""A whole training run: data, model, loop, validation, checkpoints, and the model directory at the end."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

from seqtool import fs, manifest
from seqtool.errors import UsageError
from seqtool.recipe.load import dump_recipe
from seqtool.recipe.rules import validation_metrics
from seqtool.recipe.schema import Recipe
from seqtool.text.prepared import Prepared
from seqtool.text.sized import sized
from seqtool.training.allocator import keep_few_kernels, keep_freed_memory
from seqtool.training.assemble import assemble
from seqtool.training.board import Board
from seqtool.training.checkpoint import checkpoints, remove_old, save_checkpoint
from seqtool.training.describe import describe_model
from seqtool.training.divergence import Divergence
from seqtool.training.ending import noting_its_end
from seqtool.training.events import Live, Observer, Outcome, StepInfo
from seqtool.training.exporting import export_graphs, search_as_asked
from seqtool.training.journal import Journal, Noted
from seqtool.training.keeper import Keeper
from seqtool.training.limits import FINISHED, check_budget, live_of, reason_to_stop, share_done, time_over, warm_up_only
from seqtool.training.loop import Pace
from seqtool.training.progress import Progress
from seqtool.training.resume import resume, settings_of
from seqtool.training.run_dir import held_run_dir
from seqtool.training.settle import prepared_of, recorded_settings, settled
from seqtool.training.signals import Interrupted, Signals
from seqtool.training.speed import Speed
from seqtool.training.start import start_from
from seqtool.training.validate import Judgement
from seqtool.training.watched import Unheard, Watched, why_unheard

# Seconds between two live lines.
_LIVE_SECONDS = 0.5


def train(recipe: Recipe, *, restart: bool, observer: Observer, finish: bool = False) -> Outcome:
    """Trains what the recipe says, or goes on where an interrupted run stopped; `restart` moves an old run aside first. `finish` ends an
    interrupted run where it is, as if a limit had been reached.

    Raises `DataError`, `ModelError` (a checkpoint that does not fit), `ResourceError` (disk, a second run in the same directory),
    `DivergedError`, `UsageError` (nothing to finish), and `Terminated` after a signal, when everything has been saved.
    """
    assert recipe.run_dir is not None, "the loader fills it in"
    run_dir = Path(recipe.run_dir)
    board = Board(run_dir) if recipe.training.tensorboard else None
    signals = Signals()
    keep_few_kernels()
    keep_freed_memory()
    if finish and not checkpoints(run_dir / "checkpoints"):
        raise UsageError(
            "train.finish", f"nothing was trained in {run_dir} yet", "leave out --finish, or name its recipe"
        )
    fs.make_dir(run_dir)
    with (
        signals.watching(),
        held_run_dir(run_dir, restart=restart, say=observer.message) as held,
        noting_its_end(Journal(run_dir, held, board)) as journal,
    ):
        with signals.ending("stopped while preparing the data; nothing was trained yet"):
            recipe, reasons = sized(recipe, recorded_settings(run_dir / "checkpoints"))
            prepared = prepared_of(recipe, observer)
            recipe = settled(recipe, prepared, observer, reasons)
        journal.message(f"training pairs: {prepared.ledger.summary()}")
        resolved = dump_recipe(recipe, reasons)
        with why_unheard():
            return _Run(recipe, resolved, prepared, journal, Watched(observer), signals, finish=finish).finish()


class _Run:
    """The consumer of the training loop: saving, telling, validating, stopping. `resolved` is the recipe as it is written down."""

    def __init__(
        self,
        recipe: Recipe,
        resolved: str,
        prepared: Prepared,
        journal: Journal,
        observer: Observer,
        signals: Signals,
        *,
        finish: bool,
    ) -> None:
        self._at_once = FINISHED if finish else ""
        self._recipe, self._training = recipe, recipe.training
        self._prepared, self._journal, self._observer, self._signals = prepared, journal, observer, signals
        self._noted = Noted(journal, observer)
        self._say, self._warn = self._noted.message, self._noted.warning
        assert recipe.run_dir is not None
        run_dir = Path(recipe.run_dir)
        self._checkpoints, self._model_dir = run_dir / "checkpoints", run_dir / "model"
        self._parts = assemble(recipe, prepared)
        self._divergence = Divergence(self._parts.model, self._checkpoints, self._model_dir)
        self._keeper = Keeper(
            self._parts,
            prepared,
            metrics=validation_metrics(recipe.task, recipe.training),
            best_metric=recipe.training.best_metric,
            batch_tokens=self._parts.batch_tokens,
        )
        self._say(f"{self._parts.parameters:,} parameters on {self._parts.device}")
        never = warm_up_only(self._training, self._parts.total_steps)
        if never:
            self._warn(never)
        if self._parts.compiled:
            self._say(f"{' and '.join(self._parts.compiled)}: compiled at the first step, which takes a while")
        settings = settings_of(recipe, prepared.key, prepared.tokenizers)
        self._progress = self._resumed(settings) or self._begun(settings)
        fs.commit_text(run_dir / "recipe.yaml", resolved)
        self._started = time.monotonic() - self._progress.seconds
        self._speed = Speed()
        self._shown = self._looked = 0.0

    def finish(self) -> Outcome:
        """Trains to the end, and exports what was kept."""
        outcome = self._trained()
        searching = search_as_asked(self._model_dir, self._recipe.decoding)
        if searching is not None:
            self._say(searching)
        if self._training.export:
            with self._signals.ending("stopped while writing the ONNX graphs; the model is complete"):
                told = export_graphs(self._model_dir, self._prepared.valid_text, again=searching is not None)
            for line in (told or "").splitlines():
                self._say(line)
        describe_model(self._recipe, self._prepared, outcome, self._parts, again=searching is not None)
        return outcome

    def _trained(self) -> Outcome:
        reason = reason_to_stop(self._training, self._progress) or self._at_once
        if reason and self._progress.validated_step == self._step:
            again = "raise that limit to go on, or start anew with --restart"
            self._say(f"finished: {reason}" if reason == FINISHED else f"already trained: {reason}; {again}")
            if self._progress.best is None:  # its model is gone
                self._progress = replace(self._progress, best=self._kept_again(), best_step=self._step)
            outcome = self._progress.outcome(reason, self._training.best_metric)
            # A run may have been killed just before it did this.
            remove_old(self._checkpoints, self._training.keep_checkpoints)
            self._journal.result(asdict(outcome))
            return outcome
        self._journal.begin()
        with self._saving_when_interrupted():
            if self._due(self._training.validate_every) and self._progress.validated_step < self._step:
                self._validate()
            steps = self._parts.loop.steps(self._progress.position, self._pace)
            while not reason:
                self._after(next(steps))
                reason = reason_to_stop(self._training, self._progress)
            first = self._progress.validated_step == 0
            if self._progress.validated_step < self._step:
                self._validate()
        self._save()
        check_budget(self._training, self._progress, only=first, took=self._looked)
        outcome = self._progress.outcome(reason, self._training.best_metric)
        self._journal.result(asdict(outcome))
        self._say(f"finished: {reason}")
        if outcome.skipped:
            self._warn(
                f"{outcome.skipped:,} of {self._step:,} steps were skipped: their gradients were no finite numbers"
            )
        return outcome

    @property
    def _step(self) -> int:
        return self._progress.position.step

    def _pace(self, step: int) -> Pace:
        training, progress = self._training, self._progress
        rate = self._parts.schedule.rate(step, progress.drops, time_over(training, progress.seconds))
        return Pace(rate, share_done(training, progress, self._parts.total_steps), step % training.log_every == 0)

    def _begun(self, settings: dict[str, object]) -> Progress:
        """The very beginning."""
        start_from(self._training.init_from, self._parts.model, self._prepared.tokenizers, self._say)
        return Progress(settings=settings)

    def _resumed(self, settings: dict[str, object]) -> Progress | None:
        """Progress of the newest checkpoint, its tensors loaded; None when the run begins."""
        parts = self._parts
        progress = resume(
            self._checkpoints,
            parts.model,
            parts.updater,
            settings,
            self._noted,
            averager=parts.averager,
        )
        self._journal.forget_after(progress.position.step if progress else 0)
        if progress is None:
            return None
        self._say(f"going on after step {progress.position.step:,}")
        if progress.best is not None and not (self._model_dir / manifest.NAME).exists():
            self._warn(f"{self._model_dir} is gone: it will be written again")
            return replace(progress, best=None, stalled=0)
        return progress

    def _after(self, info: StepInfo) -> None:
        """Everything that follows a step, in the order that lets an interrupted run do it all again."""
        self._progress = self._progress.after_step(info, time.monotonic() - self._started)
        self._speed.add(info.tokens)
        if self._parts.averager is not None:
            self._parts.averager.after_step()
        if not info.finite:
            self._skipped(info)
        if self._due(self._training.log_every):
            self._note_steps(info)
        elif time.monotonic() - self._shown > _LIVE_SECONDS:
            self._show(self._live(info))
        if self._signals.number:
            raise Interrupted
        best = self._due(self._training.validate_every) and self._validate()
        # Which model is the best belongs to the model that was kept.
        if best or self._due(self._training.checkpoint_every):
            self._save()

    def _due(self, every: int) -> bool:
        return self._step > 0 and self._step % every == 0

    def _skipped(self, info: StepInfo) -> None:
        if self._progress.skipped_run == 1:
            self._warn(f"step {info.step:,}: gradients are no finite numbers; the step was skipped")
        self._divergence.check_gradients(self._progress)

    def _note_steps(self, info: StepInfo) -> None:
        live, progress = self._live(info), self._progress
        self._journal.steps(
            info,
            nll=progress.window_mean,
            tokens_per_second=live.tokens_per_second,
            seconds=progress.seconds,
            skipped=progress.skipped,
        )
        self._progress = replace(progress, window_nll=0.0, window_tokens=0)
        self._speed = Speed()
        self._show(live)

    def _live(self, info: StepInfo) -> Live:
        return live_of(info, self._training, self._progress, self._parts.total_steps, self._speed.tokens_per_second())

    def _show(self, live: Live) -> None:
        self._shown = time.monotonic()
        self._observer.live(live)

    def _validate(self) -> bool:
        """Judges the model, keeps it if it is the best so far, which it returns, and lets patience and plateau know."""
        self._divergence.check_weights(self._progress)
        started = time.monotonic()
        with self._keeper.undoing(), self._signals.droppable(), self._divergence.of_outputs(self._progress):
            judgement = self._keeper.look()
        value = judgement.value(self._training.best_metric)
        best = self._progress.improves(value)
        if best:
            self._journal.check()
            self._keeper.keep(self._model_dir)
        self._progress = self._progress.after_validation(
            value, plateau_patience=self._training.schedule.patience, seconds=time.monotonic() - self._started
        )
        self._looked = time.monotonic() - started
        self._speed.pause(self._looked)
        self._report(judgement, best=best, seconds=self._looked)
        return best

    def _kept_again(self) -> float:
        """Writes the model as it is, of a step that was validated before: nobody else is told. Returns its value."""
        judgement = self._keeper.look(again=True)
        self._keeper.keep(self._model_dir)
        return judgement.value(self._training.best_metric)

    def _report(self, judgement: Judgement, *, best: bool, seconds: float) -> None:
        averaging = self._parts.averager is not None
        validation = judgement.told(self._progress.position, best=best, seconds=seconds, averaging=averaging)
        self._journal.validation(validation, seconds=self._progress.seconds)
        self._observer.validated(validation)

    def _save(self) -> None:
        self._divergence.check_weights(self._progress)
        parts = self._parts
        self._journal.sync()
        keep = self._training.keep_checkpoints
        save_checkpoint(self._checkpoints, self._progress, parts.model, parts.updater, keep, parts.averager)

    @contextmanager
    def _saving_when_interrupted(self) -> Iterator[None]:
        try:
            yield
        except (Interrupted, Unheard):
            self._save()
            if not self._signals.number:
                raise
            hint = f"the same command goes on from here; `seqtool train {self._recipe.run_dir}/recipe.yaml --finish` ends it"
            raise self._signals.end(f"saved after step {self._step:,}", hint) from None
