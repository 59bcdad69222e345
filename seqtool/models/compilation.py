"""Faster training by code that torch compiles for a model."""

from __future__ import annotations

from seqtool.models.attention import AdditiveAttention
from seqtool.models.decoders.blocks import BlockDecoder
from seqtool.models.encoders.blocks import BlockEncoder
from seqtool.models.mixers.linear_recurrence import LinearRecurrence
from seqtool.models.seq2seq import Seq2Seq

# The compiler takes loops apart, so that their code would be made anew for every length: loops over positions, and over blocks of energies.
_LOOPS = (LinearRecurrence, AdditiveAttention)


def compile_parts(model: Seq2Seq) -> tuple[str, ...]:
    """Has the first use of `forward` of stacks of blocks compiled, for batches of all sizes. Returns the names of these stacks.

    Recurrent layers stay as they are: theirs are fused already, and compiled
    they would be taken apart, position by position. Parameters, their names, and `step`
    stay as they are.
    """
    compiled = []
    for name, part in model.named_modules():
        if isinstance(part, BlockEncoder | BlockDecoder) and not any(isinstance(one, _LOOPS) for one in part.modules()):
            part.compile(dynamic=True)
            compiled.append(name)
    return tuple(compiled)
