"""What cannot be combined in the training section, and with the model it trains."""

from __future__ import annotations

from collections.abc import Iterator

from seqtool.recipe.model_schema import ModelSection
from seqtool.recipe.problem import Problem
from seqtool.recipe.resolve import RECURRENT
from seqtool.recipe.training_schema import AveragingSection, NoiseSection, ScheduleSection, TrainingSection


def training_problems(training: TrainingSection, model: ModelSection) -> Iterator[Problem]:
    """Everything in this section that cannot work, with a model whose defaults are written out."""
    yield from _limit_problems(training)
    yield from _kind_problems(training)
    yield from _optimizer_problems(training)
    yield from _objective_problems(training, model)
    yield from _pointing_problems(training, model)
    yield from _idle_problems(training, model)


def _limit_problems(training: TrainingSection) -> Iterator[Problem]:
    limits = (training.max_steps, training.max_epochs, training.max_minutes)
    if all(limit is None for limit in limits) and training.patience is None:
        yield Problem(
            ("training.max_epochs", "training.max_steps", "training.max_minutes", "training.patience"),
            "training would never end",
            "set max_steps, max_epochs, max_minutes or patience",
        )
    schedule = training.schedule
    if schedule.kind in ("cosine", "linear") and all(limit is None for limit in limits):
        yield Problem(
            ("training.schedule.kind", "training.max_steps", "training.max_epochs", "training.max_minutes"),
            f"{schedule.kind} decays until training ends, and nothing says when that is",
            "set training.max_steps, training.max_epochs or training.max_minutes",
        )
    if training.max_steps is not None and schedule.warmup_steps >= training.max_steps:
        yield Problem(
            ("training.schedule.warmup_steps", "training.max_steps"),
            f"{schedule.warmup_steps} steps of warm-up in {training.max_steps} steps of training",
            "shorten the warm-up",
        )
    if training.scheduled_sampling > 0 and all(limit is None for limit in limits):
        yield Problem(
            ("training.scheduled_sampling", "training.max_steps", "training.max_epochs", "training.max_minutes"),
            "its share grows until training ends, and nothing says when that is",
            "set training.max_steps, training.max_epochs or training.max_minutes",
        )


# Keys that belong to some kinds, and those.
_OF_SCHEDULES = {
    "min_ratio": ("cosine", "linear", "plateau"),
    "factor": ("plateau",),
    "patience": ("plateau",),
}
_OF_AVERAGES = {"decay": ("ema",), "count": ("last", "best")}


def _kind_problems(training: TrainingSection) -> Iterator[Problem]:
    """Keys of another kind of schedule or average: a value that is not the default was meant to do something."""
    for name, section, default, kinds_of in (
        ("schedule", training.schedule, ScheduleSection(), _OF_SCHEDULES),
        ("averaging", training.averaging, AveragingSection(), _OF_AVERAGES),
    ):
        for key, kinds in kinds_of.items():
            value, kind = getattr(section, key), section.kind
            if kind in kinds or value == getattr(default, key):
                continue
            early = " (training.patience ends training early)" if key == "patience" else ""
            yield Problem(
                (f"training.{name}.{key}", f"training.{name}.kind"),
                f"{value:g} with kind {kind}, which has no {key}{early}",
                f"remove {key}, or use kind: {' or '.join(kinds)}",
            )
    wait = training.schedule.patience
    if training.schedule.kind == "plateau" and training.patience is not None and training.patience <= wait + 1:
        yield Problem(
            ("training.schedule.patience", "training.patience"),
            f"the rate falls after {wait + 1} validations that were no better, and training ends after {training.patience}",
            f"set training.patience to {wait + 2} or more, or null",
        )


def _optimizer_problems(training: TrainingSection) -> Iterator[Problem]:
    if training.precision == "fp16" and training.device == "cpu":
        yield Problem(
            ("training.precision", "training.device"), "fp16 needs cuda", "use precision: fp32 or bf16 on a cpu"
        )
    if training.optimizer.momentum > 0 and training.optimizer.kind != "sgd":
        yield Problem(
            ("training.optimizer.momentum", "training.optimizer.kind"),
            f"momentum is sgd's; {training.optimizer.kind} has beta1",
            "remove momentum, or use kind: sgd",
        )


def _objective_problems(training: TrainingSection, model: ModelSection) -> Iterator[Problem]:
    if training.guided_alignment > 0 and model.attention.kind == "none":
        yield Problem(
            ("training.guided_alignment", "model.attention.kind"),
            "it guides attention, and this model has none",
            "remove guided_alignment, or choose an attention",
        )
    if training.guided_alignment > 0 and training.objective == "denoise":
        yield Problem(
            ("training.guided_alignment", "training.objective"),
            "words that were masked have nothing to be aligned with",
            "remove guided_alignment, or train to translate",
        )
    if training.objective == "denoise" and training.best_metric != "loss":
        yield Problem(
            ("training.best_metric", "training.objective"),
            f"{training.best_metric} of text that is not damaged says how well it is copied",
            "set best_metric: loss, that of restoring",
        )
    if training.backprop_steps is not None and model.decoder.kind not in RECURRENT:
        yield Problem(
            ("training.backprop_steps", "model.decoder.kind"),
            f"{model.decoder.kind} layers read all positions at once: there is no time to cut gradients off in",
            f"remove it, or use kind: {' or '.join(RECURRENT)}",
        )
    if training.backprop_steps is not None and training.r_drop > 0:
        yield Problem(
            ("training.backprop_steps", "training.r_drop"),
            "r_drop compares two passes over whole sentences",
            "remove one of the two",
        )


def _pointing_problems(training: TrainingSection, model: ModelSection) -> Iterator[Problem]:
    if training.coverage > 0 and model.attention.kind == "none":
        yield Problem(
            ("training.coverage", "model.attention.kind"),
            "it is about where the decoder looks, and this model has no attention",
            "remove coverage, or choose an attention",
        )
    if (training.coverage > 0 or model.attention.coverage) and training.backprop_steps is not None:
        yield Problem(
            ("training.backprop_steps", "training.coverage", "model.attention.coverage"),
            "coverage adds up over the whole target, and gradients would be cut off in it",
            "remove one of the two",
        )
    if not model.pointer:
        return
    for key, on, why in (
        ("r_drop", training.r_drop > 0, "compares distributions over the vocabulary, and a pointer goes beyond it"),
        (
            "scheduled_sampling",
            training.scheduled_sampling > 0,
            "guesses from the vocabulary, and a pointer goes beyond it",
        ),
        ("objective", training.objective == "denoise", "masks tokens with unk, which a pointer would copy"),
    ):
        if on:
            yield Problem(
                (f"training.{key}", "model.pointer"),
                f"{getattr(training, key)} {why}",
                f"remove {key}, or pointer: false",
            )


def _idle_problems(training: TrainingSection, model: ModelSection) -> Iterator[Problem]:
    """Options that would do nothing."""
    kinds = model.encoder.kind, model.decoder.kind
    # energies of additive attention are made in a loop, which a compiler takes apart
    additive = model.attention.kind == "additive"
    if training.compile and not {"conv", "transformer"} & {model.encoder.kind, "" if additive else model.decoder.kind}:
        beside = " beside additive attention" if kinds[1] in ("conv", "transformer") else ""
        yield Problem(
            ("training.compile", "model.encoder.kind", "model.decoder.kind"),
            f"{' and '.join(dict.fromkeys(kinds))} layers{beside} are not made faster by it",
            "remove it, or use kind: conv or transformer",
        )
    if training.objective == "translate" and training.noise != NoiseSection():
        yield Problem(
            ("training.noise", "training.objective"),
            "only objective: denoise makes noise",
            "remove noise, or set objective: denoise",
        )
    for name in ("model", "src_vectors", "tgt_vectors"):
        if getattr(training.init_from, name) == "":
            yield Problem((f"training.init_from.{name}",), "an empty name", "write a name, or remove the key")
    if training.init_from.parts is not None and training.init_from.model is None:
        yield Problem(
            ("training.init_from.parts", "training.init_from.model"),
            "parts of no model",
            "name the model: training.init_from.model",
        )
