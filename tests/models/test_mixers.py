"""Mixers by their papers' formulas: what a position becomes, from what it may see."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from seqtool.models import heads
from seqtool.models.heads import attend, join_heads, split_heads, weigh
from seqtool.models.mixers.convolution import Convolution
from seqtool.models.mixers.linear_recurrence import Backwards, BothDirections, LinearKind, LinearRecurrence
from seqtool.models.mixers.self_attention import SelfAttention

DIM, LENGTH = 4, 5
SIGMOID = torch.sigmoid


@pytest.fixture
def inputs() -> Tensor:
    return torch.randn(2, LENGTH, DIM, generator=torch.Generator().manual_seed(3))


def recurrence(kind: LinearKind) -> LinearRecurrence:
    torch.manual_seed(2)
    layer = LinearRecurrence(kind, DIM, forget_bias=1.0)
    with torch.no_grad():
        layer.gates.bias.add_(torch.randn(layer.gates.bias.shape))
    return layer


def one_step(kind: str, blocks: list[Tensor], x: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    """Output and state, as the papers write them."""
    if kind == "sru":
        f, r = SIGMOID(blocks[1]), SIGMOID(blocks[2])
        c = f * c + (1 - f) * blocks[0]
        return r * c + (1 - r) * x, c
    if kind == "ssru":
        f = SIGMOID(blocks[1])
        c = f * c + (1 - f) * blocks[0]
        return torch.relu(c), c
    if kind == "mingru":
        z = SIGMOID(blocks[1])
        c = (1 - z) * c + z * blocks[0]
        return c, c
    f, i = SIGMOID(blocks[1]), SIGMOID(blocks[2])
    c = f / (f + i) * c + i / (f + i) * blocks[0]
    return c, c


@pytest.mark.parametrize("kind", ["sru", "ssru", "mingru", "minlstm"])
@torch.no_grad()
def test_linear_recurrences_by_hand(kind: LinearKind, inputs: Tensor) -> None:
    layer = recurrence(kind)
    found = layer(inputs, None)
    state = torch.zeros(2, DIM)
    for position, x in enumerate(inputs.unbind(1)):
        out, state = one_step(kind, list(layer.gates(x).split(DIM, dim=-1)), x, state)
        torch.testing.assert_close(found[:, position], out)


@pytest.mark.parametrize(
    ("kind", "block", "sign"), [("sru", 1, 1), ("ssru", 1, 1), ("mingru", 1, -1), ("minlstm", 1, 1)]
)
def test_the_forget_bias_makes_a_state_last(kind: LinearKind, block: int, sign: int) -> None:
    for value in (0.0, 2.0):
        biases = LinearRecurrence(kind, DIM, forget_bias=value).gates.bias.split(DIM)
        assert [bias.unique().tolist() for bias in biases] == [
            [sign * value] if number == block and value else [0.0] for number in range(len(biases))
        ]


@torch.no_grad()
def test_directions(inputs: Tensor) -> None:
    """The second sentence has three tokens: it is read from its own last one."""
    mask = torch.tensor([[True] * 5, [True] * 3 + [False] * 2])
    layer, other = recurrence("ssru"), recurrence("ssru")
    behind = Backwards(layer)(inputs, mask)
    for row, length in ((0, 5), (1, 3)):
        torch.testing.assert_close(behind[row, :length], layer(inputs[row : row + 1, :length].flip(1), None).flip(1)[0])
    both = BothDirections(other, layer, dim=DIM)
    sides = torch.cat([other(inputs, mask), behind], -1)
    torch.testing.assert_close(both(inputs, mask), both.merge(sides))


@pytest.mark.parametrize(("kernel", "causal"), [(3, False), (5, False), (3, True), (2, True)])
@torch.no_grad()
def test_a_convolution_by_hand(kernel: int, causal: bool, inputs: Tensor) -> None:
    """torch's own convolution with the same weights; in the second sentence two positions are padding."""
    torch.manual_seed(1)
    layer = Convolution(DIM, kernel=kernel, causal=causal)
    layer.window.bias.normal_()
    mask = None if causal else torch.tensor([[True] * 5, [True] * 3 + [False] * 2])
    shown = inputs if mask is None else inputs * mask.unsqueeze(-1)
    before = kernel - 1 if causal else kernel // 2
    weight = layer.window.weight.view(2 * DIM, kernel, DIM).transpose(1, 2)
    wide = torch.nn.functional.pad(shown.transpose(1, 2), (before, kernel - 1 - before))
    halves = torch.nn.functional.conv1d(wide, weight, layer.window.bias)
    expected = halves[:, :DIM] * SIGMOID(halves[:, DIM:])
    torch.testing.assert_close(layer(inputs, mask), expected.transpose(1, 2))


@pytest.mark.parametrize("causal", [False, True])
@torch.no_grad()
def test_self_attention_by_hand(causal: bool, inputs: Tensor) -> None:
    """Each head by the formula, for one sentence of five and one of three."""
    torch.manual_seed(1)
    layer = SelfAttention(DIM, heads=2, causal=causal, rotary=False)
    mask = None if causal else torch.tensor([[True] * 5, [True] * 3 + [False] * 2])
    found = layer(inputs, mask)
    for row, length in ((0, 5), (1, 5 if causal else 3)):
        x = inputs[row, :length]
        query, key, value = layer.projections(x).split(DIM, -1)
        heads = []
        for part in (slice(0, 2), slice(2, 4)):
            scores = query[:, part] @ key[:, part].T / 2**0.5
            if causal:
                scores = scores.masked_fill(torch.ones(length, length).triu(1).bool(), float("-inf"))
            heads.append(scores.softmax(-1) @ value[:, part])
        torch.testing.assert_close(found[row, :length], layer.output(torch.cat(heads, -1)))


@torch.no_grad()
def test_rotary_positions_make_order_matter(inputs: Tensor) -> None:
    torch.manual_seed(1)
    turned, plain = (
        SelfAttention(DIM, heads=2, causal=False, rotary=True),
        SelfAttention(DIM, heads=2, causal=False, rotary=False),
    )
    turned.load_state_dict(plain.state_dict())
    torch.testing.assert_close(plain(inputs.flip(1), None).flip(1), plain(inputs, None))
    assert not torch.allclose(turned(inputs.flip(1), None).flip(1), turned(inputs, None), atol=1e-4)


@pytest.mark.parametrize("causal", [False, True])
@torch.no_grad()
def test_plain_products_are_the_fused_attention(causal: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = torch.Generator().manual_seed(1)
    query, keys, values = (split_heads(torch.randn(2, 5, 6, generator=generator), 3) for _ in range(3))
    mask = None if causal else torch.tensor([[True] * 5, [True] * 2 + [False] * 3])
    weights = weigh(query, keys, mask, causal=causal)
    assert weights.shape == (2, 3, 5, 5)
    assert not (weights.triu(1) if causal else weights[1, :, :, 2:]).any()
    plain = attend(query, keys, values, mask, causal=causal)
    calls: list[bool] = []
    fused = heads.F.scaled_dot_product_attention
    monkeypatch.setattr(heads.F, "scaled_dot_product_attention", lambda *a, **k: calls.append(True) or fused(*a, **k))
    torch.testing.assert_close(attend(query, keys, values, mask, causal=causal), plain)
    assert not calls, "short sentences on a CPU are plain products"
    monkeypatch.setattr(heads, "_PLAIN_PRODUCTS", 24)
    torch.testing.assert_close(attend(query, keys, values, mask, causal=causal), plain)
    assert calls
    torch.testing.assert_close(split_heads(join_heads(query), 3), query)


@torch.no_grad()
def test_closed_gates_are_no_division_by_nothing(inputs: Tensor) -> None:
    """Both gates of minLSTM may be too small to be a number."""
    layer = recurrence("minlstm")
    layer.gates.bias[DIM:] = -200.0
    assert layer(inputs, None).isfinite().all()
