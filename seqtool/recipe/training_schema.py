"""The training section of a recipe."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from seqtool.recipe.base import Count, NonNegative, Positive, PositiveInt, Probability, Section

ScoreName = Literal["bleu", "chrf", "ter", "rouge1", "rouge2", "rougeL", "rougeLsum"]
BestMetric = Literal["loss", "bleu", "chrf", "rouge1", "rouge2", "rougeL", "rougeLsum"]

Part = Literal["embeddings", "encoder", "decoder", "generator"]


class OptimizerSection(Section):
    """`betas` and `eps` are Adam's, `momentum` is SGD's. `weight_decay`, decoupled with adamw and an L2 term with the others, is that of
    matrices; vectors of tokens have `embedding_decay` (by default the same), biases and normalisations have `vector_decay`."""

    kind: Literal["adam", "adamw", "sgd"] = "adamw"
    lr: Positive = 0.001
    beta1: Probability = 0.9
    beta2: Probability = 0.999
    eps: Positive = 1e-8
    weight_decay: NonNegative = 0.0
    embedding_decay: NonNegative | None = None
    vector_decay: NonNegative = 0.0
    momentum: Probability = 0.0


class ScheduleSection(Section):
    """Learning rate over optimizer steps. `cosine` and `linear` fall until training ends, at the last step or, with `max_minutes`, the last
    minute. `min_ratio`, of `lr`, is where they end and where plateau stops; `factor` and `patience` (validations) are plateau's."""

    kind: Literal["constant", "inverse_sqrt", "cosine", "linear", "plateau"] = "constant"
    warmup_steps: Count = 0
    min_ratio: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    factor: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.5
    patience: Count = 1


class AveragingSection(Section):
    """Mean parameters, kept instead of the last ones where they validate better: `ema` follows every step with `decay`; `last` and `best`
    are means over the last, or best, `count` validated models."""

    kind: Literal["none", "ema", "last", "best"] = "none"
    decay: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.998
    count: Annotated[int, Field(ge=2, le=64)] = 5


class NoiseSection(Section):
    """What `objective: denoise` does to a sentence before it is to be restored: a share of tokens is replaced by one mask for each span,
    of lengths around `span` (Lewis et al. 2020), a share `delete` is left out, and tokens change places within `shuffle` of each other."""

    mask: Probability = 0.35
    span: Annotated[float, Field(ge=1.0, le=100.0)] = 3.0
    delete: Probability = 0.0
    shuffle: Annotated[int, Field(ge=0, le=1000)] = 0


class InitFromSection(Section):
    """Where weights come from before the first step: `parts` of another `model` (a model or run directory), and vectors of tokens from
    text files of word2vec or GloVe."""

    model: str | None = None
    parts: list[Part] | None = None
    src_vectors: str | None = None
    tgt_vectors: str | None = None


class TrainingSection(Section):
    """`precision` is that of the products: bf16 is faster than fp32 also on a CPU, if it has AVX512-BF16 or AMX; `auto` is bf16 where that
    is so, else fp32. `compile` lets torch compile stacks of conv and transformer layers.
    `batch_tokens` is the most padded tokens of a batch on either side, `auto` as many as the corpus and the memory at hand take;
    `*_every` counts optimizer steps, `patience` validations. The first limit reached of `max_steps`, `max_epochs` and `max_minutes` ends
    training; then, with `export`, graphs for ONNX Runtime are written into the model. With `tensorboard` scalars are written for it, too.

    Regularisation: `subword_sampling` cuts every sentence anew in each epoch (unigram: Kudo 2018, its smoothing; bpe: Provilkov et al.
    2020, the share of merges left out); `r_drop` is the weight of the divergence between two passes with different dropout (Wu et al.
    2021); `scheduled_sampling` the share of target inputs that are the model's own guesses at the end of training (Bengio et al. 2015);
    `guided_alignment` the weight of the attention's agreement with a word aligner (Chen et al. 2016); `coverage` that of looking again
    where the decoder has looked before (See et al. 2017). `backprop_steps` cuts gradients of a recurrent decoder off after so many target
    tokens. `objective: denoise` learns to restore the target from itself under `noise`."""

    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 1
    objective: Literal["translate", "denoise"] = "translate"
    noise: NoiseSection = NoiseSection()
    init_from: InitFromSection = InitFromSection()
    batch_tokens: PositiveInt | Literal["auto"] = 4096
    accumulate: Annotated[int, Field(ge=1, le=4096)] = 1
    optimizer: OptimizerSection = OptimizerSection()
    schedule: ScheduleSection = ScheduleSection()
    averaging: AveragingSection = AveragingSection()
    clip_norm: NonNegative = 1.0
    label_smoothing: Probability = 0.1
    subword_sampling: Probability = 0.0
    r_drop: NonNegative = 0.0
    scheduled_sampling: Probability = 0.0
    guided_alignment: NonNegative = 0.0
    coverage: NonNegative = 0.0
    backprop_steps: PositiveInt | None = None
    max_steps: PositiveInt | None = None
    max_epochs: PositiveInt | None = 20
    max_minutes: Positive | None = None
    patience: PositiveInt | None = 5
    best_metric: BestMetric = "loss"
    metrics: list[ScoreName] | None = None
    validate_every: PositiveInt = 500
    checkpoint_every: PositiveInt = 500
    keep_checkpoints: PositiveInt = 2
    log_every: PositiveInt = 50
    device: Literal["auto", "cpu", "cuda"] = "auto"
    precision: Literal["auto", "fp32", "bf16", "fp16"] = "fp32"
    compile: bool = False
    threads: Annotated[int, Field(ge=1, le=1024)] | None = None
    tensorboard: bool = False
    export: bool = True
