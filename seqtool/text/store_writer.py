"""Writes a prepared store: tokenizers, token ids, and what was dropped. Memory does not grow with the corpus."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from seqtool.errors import DataError
from seqtool.recipe.rules import CorpusLimits
from seqtool.recipe.schema import TokenizerSection
from seqtool.text.corpus import Corpus, Ledger
from seqtool.text.length_tokens import PIECES, Bounds, bounds_of, length_ids
from seqtool.text.own_tokens import own_rows
from seqtool.text.tokenizer import Tokenizer, Tokenizers, train_tokenizer
from seqtool.text.truncation import Truncation

Progress = Callable[[str, int], None]
Rows = list[list[int]]

# A chunk is encoded at once: enough sentences to keep every thread busy, few enough characters to bound memory when they are documents.
_CHUNK_PAIRS = 20_000
_CHUNK_CHARS = 4_000_000


def id_dtype(tokenizer: Tokenizer, *, points: bool = False) -> np.dtype[Any]:
    """The smallest type that holds every id of a tokenizer, and with `points` the numbers behind them."""
    return np.dtype(np.uint32 if points or tokenizer.vocab_size > 1 << 16 else np.uint16)


def _chunks(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[list[str], list[str]]]:
    """Source lines and target lines of some pairs at a time."""
    src_lines: list[str] = []
    tgt_lines: list[str] = []
    chars = 0
    for src, tgt in pairs:
        src_lines.append(src)
        tgt_lines.append(tgt)
        chars += len(src) + len(tgt)
        if len(src_lines) >= _CHUNK_PAIRS or chars >= _CHUNK_CHARS:
            yield src_lines, tgt_lines
            src_lines, tgt_lines, chars = [], [], 0
    if src_lines:
        yield src_lines, tgt_lines


class _SideWriter:
    """Appends rows of ids to the files of one side of a split: the ids one after another, the length of each row, and where it begins."""

    def __init__(self, stack: ExitStack, folder: Path, name: str, dtype: np.dtype[Any]) -> None:
        self._ids = stack.enter_context((folder / f"{name}.ids").open("wb"))
        self._lengths = stack.enter_context((folder / f"{name}.lengths").open("wb"))
        self._offsets = stack.enter_context((folder / f"{name}.offsets").open("wb"))
        self._dtype = dtype
        self._written = 0

    def add(self, rows: Sequence[Sequence[int]]) -> None:
        lengths = np.fromiter((len(row) for row in rows), np.int64, len(rows))
        total = int(lengths.sum())
        self._ids.write(np.fromiter(chain.from_iterable(rows), self._dtype, total).tobytes())
        self._lengths.write(lengths.astype(np.int32).tobytes())
        self._offsets.write((self._written + np.cumsum(lengths) - lengths).tobytes())
        self._written += total


class PairFilter:
    """Decides which training pairs are kept, by their tokens, and keeps the ledger."""

    def __init__(self, limits: CorpusLimits, truncation: Truncation | None = None) -> None:
        self.ledger = Ledger()
        self._limits, self._truncation = limits, truncation
        self._src_limit = f"source longer than {limits.max_src:,} tokens"
        self._tgt_limit = f"target longer than {limits.max_tgt:,} tokens"
        if limits.max_src == limits.max_tgt and not limits.truncate_src:
            self._src_limit = self._tgt_limit = f"longer than {limits.max_src:,} tokens"
        self._ratio = (
            f"with one side more than {limits.max_ratio:g} times as long" if limits.max_ratio is not None else ""
        )

    def keep(self, src_rows: Rows, tgt_rows: Rows) -> tuple[Rows, Rows]:
        """The rows of both sides that stay, sources cut where the recipe says so."""
        kept_src: Rows = []
        kept_tgt: Rows = []
        ledger = self.ledger
        for src, tgt in zip(src_rows, tgt_rows, strict=True):
            ledger.read += 1
            cut = self._truncation.of(src) if self._truncation is not None else src
            reason = self._reason(len(cut), len(tgt))
            if reason:
                ledger.add(reason)
                continue
            ledger.kept += 1
            ledger.cut += len(cut) < len(src)
            ledger.longer += self._limits.truncate_src and len(tgt) > len(src) - self._limits.length_tokens
            kept_src.append(cut)
            kept_tgt.append(tgt)
        return kept_src, kept_tgt

    def _reason(self, src: int, tgt: int) -> str:
        limits = self._limits
        if not src or not tgt:
            return "empty"
        if src > limits.max_src:
            return self._src_limit
        if tgt > limits.max_tgt:
            return self._tgt_limit
        if limits.max_ratio is not None and max(src, tgt) > limits.max_ratio * min(src, tgt):
            return self._ratio
        return ""


class StoreWriter:
    """Writes the files of a store into a folder. `progress` is called with a stage and the pairs done in it. For a model that `points`
    unknown tokens of a source are numbered (see `OwnTokens`). After `write`, `length_bounds` are those of the length tokens, where there
    are such."""

    def __init__(
        self, folder: Path, limits: CorpusLimits, progress: Progress, threads: int, *, points: bool = False
    ) -> None:
        self._folder = folder
        self._limits = limits
        self._progress = progress
        self._threads = threads
        self._points = points
        self._mark: list[int] = []
        self.length_bounds: Bounds | None = None

    def train_tokenizers(self, train: Corpus, tok: TokenizerSection, seed: int) -> Tokenizers:
        """Tokenizers for the training pairs, as the recipe wants them. Raises `DataError`."""
        try:
            return self._trained(train, tok, seed)
        except DataError as error:
            if error.error_id != "data.empty":
                raise
            raise DataError("data.empty", f"{train.describe()} has no line with text in it", error.hint) from None

    def _trained(self, train: Corpus, tok: TokenizerSection, seed: int) -> Tokenizers:
        settings = tok.model_dump(exclude={"model", "shared"})
        control = PIECES if self._limits.length_tokens else ()
        if tok.shared:
            both_sides = chain.from_iterable(self._counted(train))
            both = Tokenizer(train_tokenizer(both_sides, seed=seed, control=control, **settings))
            return Tokenizers(both, both, shared=True)
        sources = (pair[0] for pair in self._counted(train))
        src = Tokenizer(train_tokenizer(sources, seed=seed, control=control, **settings))
        tgt = Tokenizer(train_tokenizer((pair[1] for pair in self._counted(train)), seed=seed, **settings))
        return Tokenizers(src, tgt, shared=False)

    def _counted(self, corpus: Corpus) -> Iterator[tuple[str, str]]:
        for count, pair in enumerate(corpus.pairs()):
            if count % _CHUNK_PAIRS == 0:
                self._progress("tokenizer", count)
            yield pair

    def write(self, train: Corpus, valid: Corpus, tokenizers: Tokenizers) -> Ledger:
        """Write the tokenizers and both splits, and return the ledger of the training pairs."""
        for name, content in tokenizers.files().items():
            (self._folder / name).write_bytes(content)
        self._mark = length_ids(tokenizers.src)[1:2].tolist() if self._limits.length_tokens else []
        ledger = self._write_train(train, tokenizers)
        self._write_valid(valid, tokenizers)
        if self._limits.length_tokens:
            self.length_bounds = bounds_of(self._read("train.tgt.lengths", np.int32))
            for split in ("train", "valid"):
                self._write_lengths(split, tokenizers.src, self.length_bounds)
        return ledger

    def _write_lengths(self, split: str, tokenizer: Tokenizer, bounds: Bounds) -> None:
        """The length of each target as the first token of its source, where so far that of a medium one stands."""
        marked = self._read(f"{split}.src.lengths", np.int32) > 0
        classes = bounds.classes(self._read(f"{split}.tgt.lengths", np.int32))
        if marked.any():
            ids = np.memmap(self._folder / f"{split}.src.ids", id_dtype(tokenizer, points=self._points), mode="r+")
            ids[self._read(f"{split}.src.offsets", np.int64)[marked]] = length_ids(tokenizer)[classes[marked]]
            ids.flush()

    def _read(self, name: str, dtype: DTypeLike) -> NDArray[Any]:
        return np.fromfile(self._folder / name, dtype)

    def _write_train(self, train: Corpus, tokenizers: Tokenizers) -> Ledger:
        keeper = PairFilter(self._limits, self._truncation(tokenizers) if self._limits.truncate_src else None)
        ledger = keeper.ledger
        with ExitStack() as stack:
            src_writer, tgt_writer = self._writers(stack, "train", tokenizers)
            for src_lines, tgt_lines in _chunks(train.pairs()):
                src_rows, tgt_rows = keeper.keep(*self._rows(tokenizers, src_lines, tgt_lines))
                src_writer.add(src_rows)
                tgt_writer.add(tgt_rows)
                self._progress("train", ledger.read)
        if not ledger.kept:
            raise DataError(
                "data.empty",
                f"{train.describe()}: no pair is left to train on: {ledger.summary()}",
                "check the files and fields, or raise data.max_src_tokens, data.max_tgt_tokens or data.max_length_ratio",
            )
        return ledger

    def _write_valid(self, valid: Corpus, tokenizers: Tokenizers) -> None:
        """Every pair, in order and with its text: hypotheses are compared with it line by line. Ids beyond the limits are cut."""
        done, truncation = 0, self._truncation(tokenizers)
        with ExitStack() as stack:
            src_writer, tgt_writer = self._writers(stack, "valid", tokenizers)
            src_text = stack.enter_context((self._folder / "valid.src.txt").open("wb"))
            tgt_text = stack.enter_context((self._folder / "valid.tgt.txt").open("wb"))
            for src_lines, tgt_lines in _chunks(valid.pairs()):
                src_rows, tgt_rows = self._rows(tokenizers, src_lines, tgt_lines)
                src_writer.add([truncation.of(row) for row in src_rows])
                tgt_writer.add([row[: self._limits.max_tgt] for row in tgt_rows])
                src_text.writelines(f"{line}\n".encode() for line in src_lines)
                tgt_text.writelines(f"{line}\n".encode() for line in tgt_lines)
                done += len(src_lines)
                self._progress("valid", done)
        if not done:
            raise DataError("data.empty", f"{valid.describe()} has no pairs", "check the files and fields")

    def _rows(self, tokenizers: Tokenizers, src_lines: list[str], tgt_lines: list[str]) -> tuple[Rows, Rows]:
        """The ids of pairs; a source that has any has them after a length token."""
        src_rows = tokenizers.src.encode_batch(src_lines, self._threads)
        tgt_rows = tokenizers.tgt.encode_batch(tgt_lines, self._threads)
        if self._points:
            pairs = list(zip(src_lines, tgt_lines, strict=True))
            src_rows, tgt_rows = own_rows(tokenizers.src, pairs, src_rows, tgt_rows)
        return [[*self._mark, *row] if row else row for row in src_rows] if self._mark else src_rows, tgt_rows

    def _truncation(self, tokenizers: Tokenizers) -> Truncation:
        return Truncation(self._limits.truncate, self._limits.max_src, tokenizers.src)

    def _writers(self, stack: ExitStack, split: str, tokenizers: Tokenizers) -> tuple[_SideWriter, _SideWriter]:
        return (
            _SideWriter(stack, self._folder, f"{split}.src", id_dtype(tokenizers.src, points=self._points)),
            _SideWriter(stack, self._folder, f"{split}.tgt", id_dtype(tokenizers.tgt, points=self._points)),
        )
