"""The models of `benchmarks.train_peers` in the words of seqtool, JoeyNMT and OpenNMT-py, and the training each of them asks for.

rnn: a BiLSTM layer of 256 + 256, an LSTM decoder of 512, embeddings of 256 not tied, additive attention, dropout 0.3.

transformer: 3 + 3 layers of 256, 4 heads, 1,024 inner units, normalisation before each part, one table of vectors for source, target and
output, dropout 0.2, label smoothing 0.1. Where units are dropped is each program's own: the peers do so at each position anew, and inside
attention (OpenNMT-py 0.1) and feed-forward parts too; seqtool drops the same units of a sentence at every position, and none in there. The
peers' warm-up takes 400 updates; seqtool refuses one that is longer than its training, and has a constant rate of that size instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

ModelName = Literal["rnn", "transformer"]
FUSED, FEEDING, BF16 = "seqtool", "seqtool, input feeding", "seqtool, bf16"


@dataclass(frozen=True)
class Settings:
    """A model and what its training adds to that of all models, in one program's words. `every` updates are a window: so many that the
    windows of all programs take about the same time."""

    model: Mapping[str, object]
    training: Mapping[str, object]
    every: int


def seqtool_rnn(*, feeding: bool) -> dict[str, object]:
    return {
        "embedding": 256,
        "tie": "none",
        "encoder": {"kind": "lstm", "layers": 1, "hidden": 256, "bidirectional": True},
        "decoder": {"kind": "lstm", "layers": 1, "hidden": 512, "input_feeding": feeding},
        "attention": {"kind": "additive"},
        "dropout": {"embedding": 0.3, "layer": 0.3, "output": 0.3},
    }


def seqtool_transformer() -> dict[str, object]:
    part = {"kind": "transformer", "layers": 3, "hidden": 256, "heads": 4, "feed_forward": 1024, "norm": "pre"}
    return {
        "embedding": 256,
        "tie": "all",
        "encoder": part,
        "decoder": dict(part),
        "attention": {"kind": "multi_head", "heads": 4},
        "dropout": {"embedding": 0.2, "layer": 0.2, "output": 0.2},
    }


RNN_TRAINING = {"optimizer": {"kind": "adam", "lr": 0.001}, "label_smoothing": 0.0}
TRANSFORMER_TRAINING = {
    "optimizer": {"kind": "adam", "lr": 0.0001, "beta2": 0.98},
    "label_smoothing": 0.1,
}
SEQTOOL: dict[ModelName, dict[str, Settings]] = {
    "rnn": {
        FUSED: Settings(seqtool_rnn(feeding=False), RNN_TRAINING, every=8),
        FEEDING: Settings(seqtool_rnn(feeding=True), RNN_TRAINING, every=4),
        BF16: Settings(seqtool_rnn(feeding=False), {**RNN_TRAINING, "precision": "bf16"}, every=12),
    },
    "transformer": {
        FUSED: Settings(seqtool_transformer(), TRANSFORMER_TRAINING, every=6),
        BF16: Settings(seqtool_transformer(), {**TRANSFORMER_TRAINING, "precision": "bf16"}, every=9),
    },
}


def joey_rnn() -> dict[str, object]:
    def part(hidden: int, **settings: object) -> dict[str, object]:
        embeddings = {"embedding_dim": 256, "scale": False, "dropout": 0.3}
        sizes = {"hidden_size": hidden, "num_layers": 1, "dropout": 0.3}
        return {"type": "recurrent", "rnn_type": "lstm", "embeddings": embeddings, **sizes, **settings}

    decoder = part(512, hidden_dropout=0.3, input_feeding=True, init_hidden="bridge", attention="bahdanau")
    encoder = part(256, bidirectional=True)
    return {"tied_embeddings": False, "tied_softmax": False, "encoder": encoder, "decoder": decoder}


def joey_transformer() -> dict[str, object]:
    def part() -> dict[str, object]:
        embeddings = {"embedding_dim": 256, "scale": True, "dropout": 0.2}
        sizes = {"hidden_size": 256, "ff_size": 1024, "num_layers": 3, "num_heads": 4, "dropout": 0.2}
        return {"type": "transformer", "embeddings": embeddings, **sizes, "layer_norm": "pre", "activation": "relu"}

    xavier = {"initializer": "xavier_uniform", "bias_initializer": "zeros", "embed_initializer": "xavier_uniform"}
    return {**xavier, "tied_embeddings": True, "tied_softmax": True, "encoder": part(), "decoder": part()}


JOEY: dict[ModelName, Settings] = {
    "rnn": Settings(
        joey_rnn(),
        {
            "learning_rate": 0.001,
            "scheduling": "decaying",  # it must have one, and its plateau fails with today's torch; this one waits 1,000 epochs
            "decaying_step_size": 1000,
        },
        every=1,
    ),
    "transformer": Settings(
        joey_transformer(),
        {
            "adam_betas": [0.9, 0.98],
            "learning_rate": 0.0015625,  # OpenNMT-py's peak: 0.5 / sqrt(256 * 400)
            "scheduling": "warmupinversesquareroot",
            "learning_rate_warmup": 400,
            "label_smoothing": 0.1,
        },
        every=1,
    ),
}
OPENNMT: dict[ModelName, Settings] = {
    "rnn": Settings(
        {
            "encoder_type": "brnn",
            "decoder_type": "rnn",
            "rnn_type": "LSTM",
            "enc_layers": 1,
            "dec_layers": 1,
            "enc_hid_size": 512,  # of both directions together
            "dec_hid_size": 512,
            "hidden_size": 512,
            "word_vec_size": 256,
            "global_attention": "mlp",
            "input_feed": 1,
            "dropout": [0.3],
        },
        {"learning_rate": 0.001},
        every=2,
    ),
    "transformer": Settings(
        {
            "encoder_type": "transformer",
            "decoder_type": "transformer",
            "position_encoding": True,
            "enc_layers": 3,
            "dec_layers": 3,
            "heads": 4,
            "hidden_size": 256,
            "word_vec_size": 256,
            "transformer_ff": 1024,
            "share_embeddings": True,
            "share_decoder_embeddings": True,
            "dropout": [0.2],
            "attention_dropout": [0.1],
            "param_init": 0,
            "param_init_glorot": True,
        },
        {
            "adam_beta2": 0.98,
            "decay_method": "noam",
            "warmup_steps": 400,
            "learning_rate": 0.5,
            "label_smoothing": 0.1,
        },
        every=2,
    ),
}
