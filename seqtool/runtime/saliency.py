"""Which source tokens an output token depends on: gradient times input, through whatever the network is made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn

from seqtool.decoding.stepper import BOS, EOS, Floats
from seqtool.models.embedding import TokenEmbedding
from seqtool.models.seq2seq import Seq2Seq


def saliency(model: Seq2Seq, src_ids: Sequence[int], tgt_ids: Sequence[int]) -> Floats:
    """What each source token gives to the log-probability of each output token, in nats: `(tgt_len + 1, src_len + 1)`, with the eos of
    each; both ids are without bos and eos.

    A number is the dot product of a token's vector, as the encoder reads it, and the gradient there (Shrikumar et al. 2016, section 2;
    for translation Ding, Xu and Koehn 2019): the change to first order if the vector were not there, so it may be negative, too. The model
    must be in evaluation mode: dropout would be another one for every call.
    """
    src = torch.tensor([[*src_ids, EOS]])
    tgt_in, tgt_out = torch.tensor([[BOS, *tgt_ids]]), torch.tensor([[*tgt_ids, EOS]])
    with torch.enable_grad(), _caught_vectors(model.encoder) as vectors:
        mask = torch.ones_like(src, dtype=torch.bool)
        log_probs = model.traced_log_probs(src, mask, tgt_in, tgt_out)[0]
        rows = [_products(log_prob, vectors[0], src.shape[1]) for log_prob in log_probs.unbind()]
    found: Floats = np.array(rows, np.float64)
    return found


@contextmanager
def _caught_vectors(encoder: nn.Module) -> Iterator[list[Tensor]]:
    """The vectors that the encoder's embedding gives out, as beginnings of the graph: what is tied to them has no part in gradients."""
    caught: list[Tensor] = []

    def catch(_module: nn.Module, _inputs: object, output: Tensor) -> Tensor:
        caught.append(output.detach().requires_grad_())
        return caught[-1]

    (embedding,) = (module for module in encoder.modules() if isinstance(module, TokenEmbedding))
    handle = embedding.register_forward_hook(catch)
    try:
        yield caught
    finally:
        handle.remove()


def _products(log_prob: Tensor, vectors: Tensor, length: int) -> list[float]:
    """One row. An encoder that reads chunks has the tokens in several rows, one after the other, and padding behind the last."""
    (gradient,) = torch.autograd.grad(log_prob, vectors, retain_graph=True)
    products: list[float] = (gradient * vectors.detach()).sum(-1).flatten()[:length].tolist()
    return products
