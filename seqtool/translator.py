"""Text in, text out, in order.

Lines are taken in windows, sorted by length into batches, searched, and put back in order. A line too long for the model is split (or, for
summaries, cut); a blank line never reaches the model.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch

from seqtool.batching import collate, pad, plan_decoding
from seqtool.decoding.beam import beam_search
from seqtool.decoding.greedy import greedy_search
from seqtool.decoding.hypothesis import Hypothesis, normalised
from seqtool.decoding.rules import LengthLimit
from seqtool.decoding.stepper import EOS
from seqtool.model_dir import LoadedModel, load_model
from seqtool.models.seq2seq import Seq2Seq
from seqtool.recipe.schema import DecodingSection
from seqtool.runtime.torch_stepper import TorchStepper
from seqtool.text.lines import clean_output
from seqtool.text.tokenizer import Tokenizer, Tokenizers

# Where a line too long may be split: after the end of a sentence, else at a space.
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])\s*")
_SPACE = re.compile(r"\s+")

# Padded source tokens of a decoding batch at the most; with long lines it makes batches smaller than `batch_size`.
_BATCH_TOKENS = 1 << 14


@dataclass(frozen=True)
class Output:
    """One hypothesis as text: `log_prob` in nats with the eos, `score` normalised by length, higher is better."""

    text: str
    log_prob: float
    score: float


@dataclass(frozen=True)
class Translation:
    """What became of one line; `outputs` are best first and never empty."""

    src: str
    outputs: tuple[Output, ...]

    @property
    def text(self) -> str:
        """The best output."""
        return self.outputs[0].text

    @property
    def score(self) -> float:
        """The score of the best output."""
        return self.outputs[0].score


@dataclass
class Counts:
    """What happened to lines so far."""

    lines: int = 0
    blank: int = 0
    split: int = 0
    cut: int = 0


@dataclass
class Translator:
    """A model with its tokenizers and search settings."""

    model: Seq2Seq
    tokenizers: Tokenizers
    decoding: DecodingSection
    task: str
    max_src_tokens: int
    n_best: int = 1
    threads: int = 1
    counts: Counts = field(default_factory=Counts)

    @classmethod
    def load(cls, path: Path, *, device: str = "cpu", threads: int | None = None) -> Translator:
        """Opens a model or run directory. Raises `ModelError`."""
        if threads is not None:
            torch.set_num_threads(threads)
        loaded: LoadedModel = load_model(path, device=device)
        config = loaded.config
        return cls(
            loaded.model,
            loaded.tokenizers,
            config.decoding,
            config.task,
            config.max_src_tokens,
            threads=torch.get_num_threads(),
        )

    def with_search(
        self,
        *,
        beam_size: int | None = None,
        batch_size: int | None = None,
        length_penalty: float | None = None,
        n_best: int = 1,
    ) -> Translator:
        """The same model with other search settings; None keeps what the model directory says."""
        asked = {"beam_size": beam_size, "batch_size": batch_size, "length_penalty": length_penalty}
        changes = {name: value for name, value in asked.items() if value is not None}
        return replace(self, decoding=self.decoding.model_copy(update=changes), n_best=n_best, counts=Counts())

    def translate(self, lines: Iterable[str]) -> Iterator[Translation]:
        """Translates lines as they come, a window of sixteen batches at a time; results are in order."""
        window: list[str] = []
        for line in lines:
            window.append(line)
            if len(window) == self.window_lines:
                yield from self.translate_window(window)
                window = []
        yield from self.translate_window(window)

    @property
    def window_lines(self) -> int:
        """Lines sorted together: more means less padding and a longer wait."""
        return 16 * self.decoding.batch_size

    def translate_window(self, lines: Sequence[str]) -> list[Translation]:
        """Translates these lines together."""
        parts = [self._parts(line) for line in lines]
        flat = [ids for line_parts in parts for ids in line_parts]
        found = iter(self._search(flat))
        self.counts.lines += len(lines)
        translations = []
        for line, line_parts in zip(lines, parts, strict=True):
            translations.append(Translation(line, self._join([next(found) for _ in line_parts])))
        return translations

    def score(self, sources: Sequence[str], targets: Sequence[str]) -> list[float]:
        """Log-probability of each target given its source, in nats with the eos: what search would have summed for the same tokens."""
        src = [np.array(ids, np.int64) for ids in self.tokenizers.src.encode_batch(sources, self.threads)]
        tgt = [np.array(ids, np.int64) for ids in self.tokenizers.tgt.encode_batch(targets, self.threads)]
        return self.score_ids(src, tgt)

    def score_ids(self, src: Sequence[np.ndarray], tgt: Sequence[np.ndarray]) -> list[float]:
        """`score` on token ids without bos and eos."""
        lengths = np.array([max(len(one), len(other)) for one, other in zip(src, tgt, strict=True)], np.int64)
        results = np.zeros(len(src))
        device = next(self.model.parameters()).device
        for batch in plan_decoding(lengths, self.decoding.batch_size, _BATCH_TOKENS):
            arrays = collate([src[i] for i in batch], [tgt[i] for i in batch])
            src_mask = np.arange(arrays.src.shape[1]) < arrays.src_lengths[:, None]
            tensors = [
                torch.from_numpy(part).to(device) for part in (arrays.src, src_mask, arrays.tgt_in, arrays.tgt_out)
            ]
            log_probs = self.model.log_probs(*tensors).double().cpu().numpy()
            real = np.arange(log_probs.shape[1]) < arrays.tgt_lengths[:, None]
            results[batch] = (log_probs * real).sum(1)
        return [float(one) for one in results]

    def _parts(self, line: str) -> list[np.ndarray]:
        """The ids of a line in pieces the model can take; none for a blank line."""
        ids = self.tokenizers.src.encode(line) if line.strip() else []
        if not ids:
            self.counts.blank += 1
            return []
        if len(ids) <= self.max_src_tokens:
            return [np.array([*ids, EOS], np.int64)]
        if self.task == "summarization":
            self.counts.cut += 1
            return [np.array([*ids[: self.max_src_tokens], EOS], np.int64)]
        self.counts.split += 1
        return [np.array([*part, EOS], np.int64) for part in split_ids(line, self.tokenizers.src, self.max_src_tokens)]

    def _search(self, sources: Sequence[np.ndarray]) -> list[list[Hypothesis]]:
        stepper = TorchStepper(self.model)
        limit = LengthLimit(self.decoding.max_length_ratio, self.decoding.max_length_extra)
        penalty = self.decoding.length_penalty
        results: list[list[Hypothesis]] = [[] for _ in sources]
        lengths = np.array([len(ids) for ids in sources], np.int64)
        for batch in plan_decoding(lengths - 1, self.decoding.batch_size, _BATCH_TOKENS):
            src = pad([sources[i] for i in batch])
            if self.decoding.beam_size == 1 and self.n_best == 1:
                found = greedy_search(stepper, src, lengths[batch], limit=limit, length_penalty=penalty)
            else:
                found = beam_search(
                    stepper,
                    src,
                    lengths[batch],
                    beam_size=max(self.decoding.beam_size, self.n_best),
                    n_best=self.n_best,
                    limit=limit,
                    length_penalty=penalty,
                )
            for index, hypotheses in zip(batch.tolist(), found, strict=True):
                results[index] = hypotheses
        return results

    def _join(self, parts: Sequence[Sequence[Hypothesis]]) -> tuple[Output, ...]:
        """The outputs of a line from those of its parts: the best with the best, the second with the second, and so on."""
        if not parts:
            return (Output("", 0.0, 0.0),)
        outputs = []
        for together in zip(
            *parts, strict=False
        ):  # parts may have fewer hypotheses than asked for; the shortest list decides
            texts = [self.tokenizers.tgt.decode(part.tokens) for part in together]
            log_prob = sum(part.log_prob for part in together)
            tokens = sum(len(part.tokens) + 1 for part in together)
            score = normalised(log_prob, tokens, self.decoding.length_penalty)
            outputs.append(Output(clean_output(" ".join(texts)), log_prob, score))
        return tuple(outputs)


def split_ids(line: str, tokenizer: Tokenizer, most: int) -> list[list[int]]:
    """The ids of `line` in parts of at most `most` tokens, split after sentences where that is enough, else at spaces, else anywhere."""
    parts: list[list[int]] = []
    for sentence in _SENTENCE_END.split(line):
        ids = tokenizer.encode(sentence)
        if len(ids) <= most:
            parts.append(ids)
            continue
        for words in _fitting(_SPACE.split(sentence), tokenizer, most):
            parts.extend(words[first : first + most] for first in range(0, len(words), most))
    return _packed([part for part in parts if part], most)


def _fitting(words: Sequence[str], tokenizer: Tokenizer, most: int) -> Iterator[list[int]]:
    """Runs of words that together take at most `most` tokens; a longer word is alone."""
    run: list[int] = []
    for ids in tokenizer.encode_batch(list(words)):
        if run and len(run) + len(ids) > most:
            yield run
            run = []
        run = run + ids
    yield run


def _packed(parts: Sequence[list[int]], most: int) -> list[list[int]]:
    """Neighbouring parts joined while they fit: fewer, longer inputs keep more context."""
    packed: list[list[int]] = []
    for part in parts:
        if packed and len(packed[-1]) + len(part) <= most:
            packed[-1] = packed[-1] + part
        else:
            packed.append(part)
    return packed
