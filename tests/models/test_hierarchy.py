"""A second reading, sentence by sentence: which tokens belong together, what attention makes of it, and where it ends."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from seqtool.models.attention import AttentionKind, build_attention
from seqtool.models.encoders.hierarchy import HierarchicalEncoder, sentence_means
from seqtool.models.memory import EncoderOutput, Outline, SentenceMemory
from seqtool.models.seq2seq import Seq2Seq
from tests.models.conftest import MakeModel, Sample

EOS, STOP, MARK = 3, 9, 10
ENDS = (EOS, STOP, MARK)
KINDS: tuple[AttentionKind, ...] = ("additive", "dot", "general", "scaled_dot", "multi_head")


def build(make_model: MakeModel, *, max_sentences: int = 4, **changes: Any) -> Seq2Seq:
    section = {"hidden": 2, "max_sentences": max_sentences}
    return make_model(sentence_ends=ENDS, hierarchy=section, **changes).eval()


def encoder_of(model: Seq2Seq) -> HierarchicalEncoder:
    assert isinstance(model.encoder, HierarchicalEncoder)
    return model.encoder


@pytest.mark.parametrize(
    ("row", "owners", "why"),
    [
        ([4, 5, STOP, 6, 7, STOP, EOS], [0, 0, 0, 1, 1, 1, 1], "the end mark is the last sentence's"),
        ([4, STOP, MARK, STOP, 5, EOS, 0], [0, 0, 0, 0, 1, 1, 1], "several marks in a row end one sentence"),
        ([4, 5, EOS, 0, 0, 0, 0], [0] * 7, "padding begins nothing"),
        ([STOP, 4, STOP, 5, STOP, 6, STOP], [0, 1, 1, 2, 2, 2, 2], "what follows the last of three belongs to it"),
    ],
)
def test_sentences_begin_behind_their_ends(row: list[int], owners: list[int], why: str, make_model: MakeModel) -> None:
    ids = torch.tensor([row])
    assert encoder_of(build(make_model, max_sentences=3)).owners(ids, ids > 0).tolist() == [owners], why


def test_a_sentence_is_the_mean_of_its_tokens() -> None:
    memory = torch.tensor([[[1.0, 2.0], [3.0, 6.0], [5.0, 5.0], [99.0, 99.0]]])
    members = torch.tensor([[[True, True, False, False], [False, False, True, False], [False] * 4]])
    assert sentence_means(memory, members).tolist() == [[[2.0, 4.0], [5.0, 5.0], [0.0, 0.0]]]


def outlined(dim: int) -> tuple[Outline, Tensor]:
    """Two documents of five tokens, of three and of two sentences, and the mask of their tokens."""
    owner = torch.tensor([[0, 0, 1, 2, 2], [0, 1, 1, 1, 1]])
    mask = torch.tensor([[True] * 5, [True, True, True, False, False]])
    return Outline(torch.randn(2, 3, dim), torch.tensor([[True] * 3, [True, True, False]]), owner), mask


@pytest.mark.parametrize("kind", KINDS)
def test_the_share_of_a_word_is_scaled_by_its_sentences_and_normalised_again(kind: AttentionKind) -> None:
    """Nallapati et al. 2016, section 2.4; with the paper's formula and not its logarithm. In each head, as there is one P_s."""
    torch.manual_seed(0)
    attention = build_attention(kind, 6, 6, 4, heads=2 if kind == "multi_head" else 1, sentence_dim=5)
    plain = build_attention(kind, 6, 6, 4, heads=2 if kind == "multi_head" else 1)
    plain.load_state_dict({k: v for k, v in attention.state_dict().items() if not k.startswith("sentences.")})
    outline, mask = outlined(5)
    memory = torch.randn(2, 5, 6)
    query = torch.randn(2, 3, 6)
    assert attention.sentences is not None
    remembered = attention.remember(EncoderOutput(memory, mask, memory[:, 0], memory, outline))
    contexts, shares = attention(query, remembered)
    keys = attention.sentences.keys(outline.vectors)
    scores = attention.sentences.scores(query, keys).masked_fill(~outline.mask.unsqueeze(1), -math.inf)
    of_sentences = torch.softmax(scores, -1)  # (B, T, M)
    scale = torch.stack([of_sentences[row][:, outline.owner[row]] for row in range(2)])
    before = plain.remember(EncoderOutput(memory, mask, memory[:, 0], memory))
    expected_context, expected = by_formula(plain, query, before, scale)
    torch.testing.assert_close(shares, expected)
    torch.testing.assert_close(contexts, expected_context)
    torch.testing.assert_close(attention(query, remembered, weights=False)[0], contexts)


def by_formula(attention: Any, query: Tensor, memory: SentenceMemory, scale: Tensor) -> tuple[Tensor, Tensor]:
    """Contexts and weights: P_w(j) P_s(s(j)) over its sum; heads are looked at one by one."""
    if not hasattr(attention, "heads"):
        _, of_words = attention(query, memory)
        shares = of_words * scale / (of_words * scale).sum(-1, keepdim=True)
        return shares @ memory.values, shares
    queries = attention.query(query).chunk(attention.heads, -1)
    contexts, weights = [], []
    for head, part in enumerate(queries):
        scores = part @ memory.keys[:, head].transpose(1, 2) * part.shape[-1] ** -0.5
        of_words = torch.softmax(scores.masked_fill(~memory.mask.unsqueeze(1), -math.inf), -1)
        weights.append(of_words * scale / (of_words * scale).sum(-1, keepdim=True))
        contexts.append(weights[-1] @ memory.values[:, head])
    return torch.cat(contexts, -1), torch.stack(weights).mean(0)


@pytest.mark.parametrize("kind", KINDS)
def test_a_sentence_without_share_hides_its_words(kind: AttentionKind) -> None:
    torch.manual_seed(0)
    attention = build_attention(kind, 6, 6, None, heads=2 if kind == "multi_head" else 1, sentence_dim=6)
    outline, mask = outlined(6)
    source = EncoderOutput(torch.randn(2, 5, 6), mask, torch.zeros(2, 6), torch.zeros(2, 5, 6), outline)
    only_last = outline._replace(mask=torch.tensor([[False, False, True], [False, True, False]]))
    _, shares = attention(torch.randn(2, 3, 6), attention.remember(source._replace(outline=only_last)))
    assert not shares[0, :, :3].any()
    assert not shares[1, :, [0, 3, 4]].any()
    torch.testing.assert_close(shares.sum(-1), torch.ones(2, 3))


def document(sample: Sample) -> tuple[Tensor, Tensor]:
    """The sample's sources with ends in them: three, one, two and two sentences."""
    ids = sample.src.clone()
    ids[0] = torch.tensor([4, STOP, 5, MARK, 6, STOP])
    ids[2, 1], ids[3, 0] = MARK, STOP
    return ids, sample.src_mask


def test_what_ends_a_sentence_makes_a_difference(make_model: MakeModel, sample: Sample) -> None:
    ids, mask = document(sample)
    model = build(make_model)
    one = build(make_model)
    encoder_of(one).get_buffer("ends").zero_()
    assert not torch.allclose(model(ids, mask, sample.tgt_in), one(ids, mask, sample.tgt_in))
    torch.testing.assert_close(model(ids, mask, sample.tgt_in)[1], one(ids, mask, sample.tgt_in)[1])  # of one token


def test_a_word_knows_the_sentences_around_its_own(make_model: MakeModel, sample: Sample) -> None:
    """Also where the words' encoder sees a window of three: the last sentence changes what is said of the first word."""
    ids, mask = document(sample)
    model = build(make_model, encoder__kind="conv", encoder__kernel=3, encoder__hidden=6)
    other = ids.clone()
    other[0, 5] = 7
    before, after = (model.encoder(one, mask) for one in (ids, other))
    words = [model.encoder.words(one, mask).memory[0, 0] for one in (ids, other)]
    assert torch.equal(*words)
    assert not torch.allclose(before.memory[0, 0], after.memory[0, 0])
    torch.testing.assert_close(before.memory[1:], after.memory[1:])


@pytest.mark.parametrize(("count", "alike"), [(2, True), (3, False)])
def test_what_follows_the_last_sentence_that_is_read_joins_it(count: int, alike: bool, make_model: MakeModel) -> None:
    """Of three sentences the second and third are one where two are read."""
    model = encoder_of(build(make_model, max_sentences=count))
    ids = torch.tensor([[4, STOP, 5, STOP, 6, STOP]])
    outline = model(ids, ids > 0).outline
    assert outline.mask.sum() == count
    assert outline.vectors.shape == (1, count, 4)
    assert bool(outline.owner[0, 3] == outline.owner[0, 4]) == alike


def test_sentences_have_places(make_model: MakeModel, sample: Sample) -> None:
    ids, mask = document(sample)
    model = build(make_model)
    before = model(ids, mask, sample.tgt_in)
    with torch.no_grad():
        encoder_of(model).positions.weight[2] += 1
    after = model(ids, mask, sample.tgt_in)
    assert not torch.allclose(before[0], after[0])
    torch.testing.assert_close(before[1:], after[1:])  # documents of two sentences and one


def test_its_sizes_are_the_recipes(make_model: MakeModel) -> None:
    model = build(make_model, max_sentences=7)
    weights = dict(model.named_parameters())
    assert weights["encoder.positions.weight"].shape == (7, 4)
    assert weights["encoder.ahead.weight_hh"].shape == (6, 2)
    assert weights["decoder.attention.sentences.key.weight"].shape == (6, 4)
    assert not any("ends" in name for name in model.state_dict()), "the tokenizer has them"


def test_dropout_of_recurrent_weights_and_of_outputs_reaches_it(make_model: MakeModel, sample: Sample) -> None:
    ids, mask = document(sample)
    for key in ("dropout__recurrent", "dropout__output"):
        model = build(make_model, **{key: 0.5}).train()
        encoder_of(model).words.eval()
        torch.manual_seed(3)
        one, two = (model.encoder(ids, mask).outline.vectors for _ in range(2))
        assert not torch.equal(one, two), key
