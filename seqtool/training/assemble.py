"""A recipe and its prepared data to the parts of a run."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from seqtool.batching import Pairs
from seqtool.errors import DataError
from seqtool.model_dir import ModelConfig, config_of
from seqtool.models.build import build_model
from seqtool.models.compilation import compile_parts
from seqtool.models.seq2seq import Seq2Seq
from seqtool.recipe.rules import corpus_limits
from seqtool.recipe.schema import Recipe
from seqtool.recipe.training_schema import TrainingSection
from seqtool.runtime.pointing import pointing
from seqtool.runtime.torch_stepper import TorchStepper
from seqtool.text.aligner import train_aligner
from seqtool.text.epochs import Epochs, held_out
from seqtool.text.noise import Noise
from seqtool.text.prepared import Prepared
from seqtool.text.tokenizer import EOS, Tokenizer
from seqtool.training.averaging import Averager, build_averager
from seqtool.training.device import check_precision, choose_device
from seqtool.training.limits import total_steps
from seqtool.training.loop import BatchPlan, TrainingLoop
from seqtool.training.objective import Objective, Precision
from seqtool.training.optimizer import Updater
from seqtool.training.schedule import Schedule
from seqtool.translator import Translator


@dataclass(frozen=True)
class Parts:
    """What a run is made of; `valid` are the pairs it is judged by, `total_steps` is the last step there can be, None when only time or
    patience ends it; `averager` is None without averaging; `compiled` are the parts of the model whose first use is compiled."""

    model: Seq2Seq
    valid: Pairs
    updater: Updater
    loop: TrainingLoop
    schedule: Schedule
    translator: Translator
    config: ModelConfig
    averager: Averager | None
    compiled: tuple[str, ...]
    batch_tokens: int
    total_steps: int | None
    device: str

    @property
    def parameters(self) -> int:
        """How many numbers the model has learnt."""
        return sum(parameter.numel() for parameter in self.model.parameters())


def assemble(recipe: Recipe, prepared: Prepared) -> Parts:
    """A fresh model with everything around it; the seed decides its weights. Raises `ResourceError` and `DataError`."""
    training = recipe.training
    device = choose_device(training.device)
    check_precision(training.precision, device)
    if training.threads is not None:
        torch.set_num_threads(training.threads)
    torch.manual_seed(training.seed)
    tokenizers = prepared.tokenizers
    sizes = tokenizers.src.vocab_size, tokenizers.tgt.vocab_size
    model = build_model(recipe.model, *sizes, sentence_ends=_sentence_ends(recipe, tokenizers.src)).to(device)
    updater = Updater(model, training.optimizer, clip_norm=training.clip_norm, scale=training.precision == "fp16")
    assert isinstance(training.batch_tokens, int), "auto is settled before"
    assert training.precision != "auto", "here too"
    compiled = compile_parts(model) if training.compile else ()
    drawn = epochs(recipe, prepared)
    plan = BatchPlan(drawn.pairs, training.batch_tokens, training.accumulate, training.seed)
    total = total_steps(training, 0 if training.max_epochs is None else len(plan.updates(0)))
    longest = int(prepared.train.src_lengths.max())
    config = config_of(recipe, longest, prepared.length_bounds)
    stepper = pointing(TorchStepper(model), tokenizers.tgt.vocab_size, points=recipe.model.pointer)
    return Parts(
        model=model,
        valid=held_out(prepared.valid, _noise(training), training.seed),
        updater=updater,
        loop=TrainingLoop(model, updater, plan, objective(training, drawn, training.precision)),
        schedule=Schedule(
            kind=training.schedule.kind,
            peak=training.optimizer.lr,
            warmup_steps=training.schedule.warmup_steps,
            min_ratio=training.schedule.min_ratio,
            factor=training.schedule.factor,
            total_steps=total,
        ),
        translator=Translator.of(stepper, tokenizers, config),
        config=config,
        averager=build_averager(
            training.averaging.kind, model, decay=training.averaging.decay, count=training.averaging.count
        ),
        compiled=compiled,
        batch_tokens=training.batch_tokens,
        total_steps=total,
        device=device,
    )


def _sentence_ends(recipe: Recipe, tokenizer: Tokenizer) -> list[int]:
    """The source's. Raises `DataError` for a hierarchy of documents in which nothing ends a sentence."""
    found = tokenizer.sentence_ends()
    if recipe.model.hierarchy is not None and found == [EOS]:
        raise DataError(
            "data.no-sentences",
            "model.hierarchy: no piece of the source tokenizer ends in `.`, `!`, `?` or the like, so a document is one sentence",
            "remove model.hierarchy, or train the tokenizer on text with punctuation",
        )
    return found


def epochs(recipe: Recipe, prepared: Prepared) -> Epochs:
    """The training pairs as each epoch sees them. Raises `ModelError`."""
    training = recipe.training
    return Epochs(
        prepared.train,
        prepared.tokenizers,
        sampling=training.subword_sampling,
        noise=_noise(training),
        seed=training.seed,
        limits=corpus_limits(recipe.task, recipe.data),
    )


def _noise(training: TrainingSection) -> Noise | None:
    return Noise(**training.noise.model_dump()) if training.objective == "denoise" else None


def objective(training: TrainingSection, drawn: Epochs, precision: Precision) -> Objective:
    """What an update lowers. The aligner, where there is one, is learnt from the first epoch's pairs: the same whenever it is made."""
    return Objective(
        label_smoothing=training.label_smoothing,
        precision=precision,
        r_drop=training.r_drop,
        scheduled_sampling=training.scheduled_sampling,
        guided_alignment=training.guided_alignment,
        aligner=train_aligner(drawn.pairs(0)) if training.guided_alignment > 0 else None,
        coverage=training.coverage,
        backprop_steps=training.backprop_steps,
    )
