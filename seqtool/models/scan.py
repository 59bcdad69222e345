"""A linear recurrence over time: state_t = decay_t * state_{t-1} + added_t, from a state of zeros.

Everything that needs a product of matrices is done before it, for all positions at once, so this is all of a linear recurrence that is
left to do in order. On a GPU it is a parallel scan of log2(T) steps (Blelloch 1990; Martin and Cundy 2018); on a CPU, where T steps of one
fused operation on what is in cache are less work than log2(T) passes over everything, a loop. Both ways, and the gradient, which is the
same recurrence from the end, are one function of autograd.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch._higher_order_ops.scan import scan


def linear_scan(decay: Tensor, added: Tensor) -> Tensor:
    """All states: `decay` and `added` `(batch, length, dim)` -> the same shape."""
    if torch.compiler.is_exporting():  # a loop over any length, for a graph
        start = torch.zeros_like(added[:, 0])
        # over the first dimension: where another one is of what comes out has changed between releases of torch
        states: Tensor = scan(_one_position, start, (decay.transpose(0, 1), added.transpose(0, 1)))[1]
        return states.transpose(0, 1)
    found: Tensor = _LinearScan.apply(decay, added)  # type: ignore[no-untyped-call]
    return found


def _one_position(state: Tensor, position: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    decay, added = position
    state = decay * state + added
    return state, state.clone()  # what is carried on and what is kept may not be one tensor


class _LinearScan(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, decay: Tensor, added: Tensor) -> Tensor:
        states = _states(decay, added)
        ctx.save_for_backward(decay, states)
        return states

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor]:
        decay, states = ctx.saved_tensors
        # what a state gets from its own output and from the next state: decay_{t+1} * grad_{t+1}
        later = torch.cat([decay[:, 1:], torch.zeros_like(decay[:, :1])], dim=1)
        grad_added = _states(later, grad, backwards=True)
        before = torch.cat([torch.zeros_like(states[:, :1]), states[:, :-1]], dim=1)
        return grad_added * before, grad_added


def _states(decay: Tensor, added: Tensor, *, backwards: bool = False) -> Tensor:
    by_device = in_order if added.device.type == "cpu" else in_parallel
    return by_device(decay, added, backwards=backwards)


def in_order(decay: Tensor, added: Tensor, *, backwards: bool = False) -> Tensor:
    """The recurrence position by position, from the last one where it runs `backwards`."""
    states = torch.empty_like(added)
    order = range(added.shape[1])
    state: Tensor | None = None
    for position in reversed(order) if backwards else order:
        out = states[:, position]
        if state is None:
            out.copy_(added[:, position])
        else:
            torch.addcmul(added[:, position], decay[:, position], state, out=out)
        state = out
    return states


def in_parallel(decay: Tensor, added: Tensor, *, backwards: bool = False) -> Tensor:
    """The recurrence in log2(length) steps: after each, a position knows twice as many before it."""
    if backwards:
        return in_parallel(decay.flip(1), added.flip(1)).flip(1)
    span = 1
    while span < added.shape[1]:
        added = torch.cat([added[:, :span], torch.addcmul(added[:, span:], decay[:, span:], added[:, :-span])], dim=1)
        decay = torch.cat([decay[:, :span], decay[:, span:] * decay[:, :-span]], dim=1)
        span *= 2
    return added
