"""A recipe and its prepared data to the parts of a run."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from seqtool.errors import ResourceError
from seqtool.model_dir import ModelConfig, config_of
from seqtool.models.build import build_model
from seqtool.models.seq2seq import Seq2Seq
from seqtool.recipe.schema import Recipe
from seqtool.runtime.torch_stepper import TorchStepper
from seqtool.text.prepared import Prepared
from seqtool.training.limits import total_steps
from seqtool.training.loop import BatchPlan, TrainingLoop
from seqtool.training.optimizer import Updater
from seqtool.training.schedule import Schedule
from seqtool.translator import Translator


@dataclass(frozen=True)
class Parts:
    """What a run is made of; `total_steps` is the last step there can be, None when only time or patience ends it."""

    model: Seq2Seq
    updater: Updater
    loop: TrainingLoop
    schedule: Schedule
    translator: Translator
    config: ModelConfig
    total_steps: int | None
    device: str


def assemble(recipe: Recipe, prepared: Prepared) -> Parts:
    """A fresh model with everything around it; the seed decides its weights. Raises `ResourceError`."""
    training = recipe.training
    device = choose_device(training.device)
    check_precision(training.precision, device)
    if training.threads is not None:
        torch.set_num_threads(training.threads)
    torch.manual_seed(training.seed)
    tokenizers = prepared.tokenizers
    model = build_model(recipe.model, tokenizers.src.vocab_size, tokenizers.tgt.vocab_size).to(device)
    updater = Updater(model, training.optimizer, clip_norm=training.clip_norm, scale=training.precision == "fp16")
    plan = BatchPlan(prepared.train, training.batch_tokens, training.accumulate, training.seed)
    total = total_steps(training, len(plan.updates(0)))
    longest = int(prepared.train.src_lengths.max())
    config = config_of(recipe, longest)
    return Parts(
        model=model,
        updater=updater,
        loop=TrainingLoop(model, updater, plan, training.label_smoothing, training.precision),
        schedule=Schedule(
            kind=training.schedule.kind,
            peak=training.optimizer.lr,
            warmup_steps=training.schedule.warmup_steps,
            min_ratio=training.schedule.min_ratio,
            factor=training.schedule.factor,
            total_steps=total,
        ),
        translator=Translator(TorchStepper(model), tokenizers, recipe.decoding, recipe.task, longest, config.reach),
        config=config,
        total_steps=total,
        device=device,
    )


def check_precision(precision: str, device: str) -> None:
    """Raises `ResourceError` where products of this precision would be imitated, many times slower."""
    if device != "cpu" or precision == "fp32":
        return
    if precision == "fp16" or not multiplies_in_bf16():
        message = f"training.precision is {precision}, and this processor has no products in it"
        raise ResourceError("device.precision", message, "set training.precision=fp32")


def multiplies_in_bf16() -> bool:
    """Whether this processor has products in bfloat16 of its own."""
    able = torch.cpu.get_capabilities()
    return bool(able.get("avx512_bf16") or able.get("amx_bf16"))


def choose_device(wanted: str) -> str:
    """`cuda` or `cpu`. Raises `ResourceError` when a GPU is asked for and there is none."""
    available = torch.cuda.is_available()
    if wanted == "cuda" and not available:
        raise ResourceError("device.cuda", "training.device is cuda, and torch finds no GPU", "set training.device=cpu")
    return "cuda" if available and wanted != "cpu" else "cpu"
