"""A stack of recurrent layers over the source, in one or two directions."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from seqtool.models.cells import CellLayer, SentenceDropout
from seqtool.models.embedding import TokenEmbedding
from seqtool.models.memory import EncoderOutput
from seqtool.models.reversal import reorder, reversal


class RecurrentEncoder(nn.Module):
    """Reads a source sentence; padding never changes a result.

    Padding is at the end, so a left-to-right layer meets it after every real position. The right-to-left layer runs left to right over
    sentences that were reversed within their length. That keeps both on torch's fused kernels, which packed sequences do not.
    """

    def __init__(
        self,
        embedding: TokenEmbedding,
        make_layer: Callable[[int], CellLayer],
        *,
        layers: int,
        bidirectional: bool,
        backwards: bool = False,
        residual: bool = False,
        layer_dropout: float,
        output_dropout: float,
    ) -> None:
        """`make_layer(input_size)` gives one layer in one direction; `backwards`, where it is the only one, is from the last token to the
        first (Sutskever et al. 2014, section 3.3). `residual` adds a layer's input to its output where both have one size (Wu et al. 2016,
        section 3.1); what dropout took from the input is added all the same."""
        super().__init__()
        self.backwards = backwards
        self.residual = residual
        self.embedding = embedding
        self.forward_layers = nn.ModuleList()
        self.backward_layers = nn.ModuleList()
        size = embedding.dim
        for _ in range(layers):
            layer = make_layer(size)
            self.forward_layers.append(layer)
            if bidirectional:
                self.backward_layers.append(make_layer(size))
            size = layer.hidden * (2 if bidirectional else 1)
        self.memory_dim = size
        self.layer_dropout = SentenceDropout(layer_dropout)
        self.output_dropout = SentenceDropout(output_dropout)

    def forward(self, src_ids: Tensor, src_mask: Tensor) -> EncoderOutput:
        """`src_ids` `(batch, src_len)`; `src_mask` of the same shape, True = real token, each row True from the left."""
        lengths = src_mask.sum(1)
        reverse = reversal(lengths, src_ids.shape[1])
        hidden = vectors = self.embedding(src_ids)
        if self.backwards:
            hidden = reorder(hidden, reverse)
        for index, ahead in enumerate(self.forward_layers):
            inputs = self.layer_dropout(hidden) if index else hidden
            outputs = _run(ahead, inputs)
            if self.backward_layers:
                behind = reorder(_run(self.backward_layers[index], reorder(inputs, reverse)), reverse)
                outputs = torch.cat([outputs, behind], dim=-1)
            hidden = hidden + outputs if self.residual and hidden.shape[-1] == outputs.shape[-1] else outputs
        if self.backwards:
            hidden = reorder(hidden, reverse)
        hidden = self.output_dropout(hidden)
        return EncoderOutput(hidden, src_mask, self._summary(hidden, lengths), vectors)

    def _summary(self, memory: Tensor, lengths: Tensor) -> Tensor:
        """The last layer's output at the last token it reads, in each direction: `(batch, memory_dim)`."""
        if self.backwards:
            return memory[:, 0]
        last = memory[torch.arange(memory.shape[0], device=memory.device), lengths - 1]
        if not self.backward_layers:
            return last
        half = self.memory_dim // 2
        return torch.cat([last[:, :half], memory[:, 0, half:]], dim=-1)


def _run(layer: nn.Module, inputs: Tensor) -> Tensor:
    assert isinstance(layer, CellLayer)
    return layer.outputs(inputs)
