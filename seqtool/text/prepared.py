"""Token ids on disk: made once for a corpus and a tokenizer, then memory-mapped by every run that shares them.

A store is a directory named after a hash of everything it depends on. It appears complete or not at all, so a run that was killed while
preparing leaves nothing that a later one could mistake for a store.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import MISSING, asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from seqtool import fs, locks
from seqtool.errors import ModelError, ResourceError
from seqtool.recipe.rules import CorpusLimits, corpus_limits
from seqtool.recipe.schema import DataSection, TokenizerSection
from seqtool.text.corpus import Corpus, Ledger
from seqtool.text.given_tokenizer import given_tokenizers
from seqtool.text.length_tokens import Bounds
from seqtool.text.store_writer import Progress, StoreWriter, id_dtype
from seqtool.text.tokenizer import Tokenizers

# Part of every store's key: another number, and old stores are not found.
FORMAT = 1

_WAIT_SECONDS = 0.2
_MAX_FACTS = 1 << 20


class _Side:
    """The ids of one side of a split: one flat array, and where each line begins in it."""

    def __init__(self, folder: Path, name: str, dtype: DTypeLike) -> None:
        self.lengths: NDArray[np.int32] = _map(folder / f"{name}.lengths", np.int32)
        self._offsets: NDArray[np.int64] = _map(folder / f"{name}.offsets", np.int64)
        self._ids: NDArray[np.integer] = _map(folder / f"{name}.ids", dtype)
        ends = np.cumsum(self.lengths, dtype=np.int64)
        if (self.lengths < 0).any() or not np.array_equal(self._offsets, ends - self.lengths):
            raise ValueError("rows that do not follow one another")
        if len(self._ids) != int(ends[-1] if len(ends) else 0):
            raise ValueError("more or fewer ids than the rows have")

    @property
    def largest(self) -> int:
        return int(self._ids.max(initial=0))

    def row(self, index: int) -> NDArray[np.integer]:
        start = int(self._offsets[index])
        return self._ids[start : start + int(self.lengths[index])]


def _map(path: Path, dtype: DTypeLike) -> NDArray[Any]:
    if not path.stat().st_size:  # nothing cannot be mapped
        return np.empty(0, dtype)
    return np.asarray(np.memmap(path, dtype, mode="r"))


class PreparedSplit:
    """The token ids of N pairs, memory-mapped: reading a pair reads a few bytes of the disk, and many processes share the pages.

    `src_lengths` and `tgt_lengths` (N,) count tokens without bos and eos. Raises `ValueError` for files that do not fit together.
    """

    def __init__(self, folder: Path, split: str, src_dtype: DTypeLike, tgt_dtype: DTypeLike) -> None:
        self._src = _Side(folder, f"{split}.src", src_dtype)
        self._tgt = _Side(folder, f"{split}.tgt", tgt_dtype)
        self.src_lengths, self.tgt_lengths = self._src.lengths, self._tgt.lengths
        if len(self.src_lengths) != len(self.tgt_lengths):
            raise ValueError("one side has more rows than the other")

    def __len__(self) -> int:
        return len(self.src_lengths)

    @property
    def largest_ids(self) -> tuple[int, int]:
        """The largest id of a source and of a target: behind the vocabulary where unknown tokens were numbered. Reads all of them."""
        return self._src.largest, self._tgt.largest

    def src(self, index: int) -> NDArray[np.integer]:
        """The source ids of a pair, without bos and eos."""
        return self._src.row(index)

    def tgt(self, index: int) -> NDArray[np.integer]:
        """The target ids of a pair, without bos and eos."""
        return self._tgt.row(index)

    def gather(self, indices: Iterable[int]) -> tuple[list[NDArray[np.integer]], list[NDArray[np.integer]]]:
        """The rows of a batch: source ids and target ids, in the order of `indices`."""
        wanted = [int(index) for index in indices]
        return [self._src.row(index) for index in wanted], [self._tgt.row(index) for index in wanted]


@dataclass(frozen=True)
class Prepared:
    """Everything training needs to know of the data. `valid_text` is (source lines, target lines), complete and in order;
    `length_bounds` are None without length tokens."""

    train: PreparedSplit
    valid: PreparedSplit
    valid_text: tuple[list[str], list[str]]
    tokenizers: Tokenizers
    ledger: Ledger
    path: Path
    key: str
    length_bounds: Bounds | None = None


def prepare(
    data: DataSection,
    tok: TokenizerSection,
    *,
    root: Path,
    seed: int,
    task: str,
    points: bool = False,
    progress: Progress | None = None,
    threads: int = 2,
) -> Prepared:
    """Open the store of this data and tokenizer under `root`/prepared, and build it first where there is none. A model that `points` has
    a store of its own, with numbers for the tokens that the tokenizer does not know.

    `progress` is called with a stage (`tokenizer`, `train`, `valid`) and the number of pairs done. While another process builds the same
    store, this one waits for it. Raises `DataError` for a corpus that cannot be used, `ModelError` for a `tokenizer.model` that cannot, and
    `ResourceError` when the disk refuses.
    """
    limits = corpus_limits(task, data)
    train, valid = Corpus(data.train, "train"), Corpus(data.valid, "valid")
    given = _given(tok, points=points)
    meaning = {**_tokenizer_meaning(tok, seed, given), **({"points": True} if points else {})}
    key = _store_key(train, valid, limits, meaning)
    path = root / "prepared" / key[:16]
    found = _open(path, key, points=points)
    if found is not None:
        return found
    fs.make_dir(path.parent)
    with _alone(path.with_suffix(".lock")):
        found = _open(path, key, points=points)  # another process may have built it meanwhile
        if found is not None:
            return found
        if path.exists():
            fs.move_aside(path)
        with fs.commit_dir(path) as folder:
            writer = StoreWriter(folder, limits, progress or (lambda _stage, _count: None), threads, points=points)
            ledger = writer.write(train, valid, given or writer.train_tokenizers(train, tok, seed))
            _write_facts(folder, key, ledger, writer.length_bounds)
    found = _open(path, key, points=points)
    if found is None:
        raise ResourceError(
            "data.prepared", f"{path} changed while it was written", "is somebody else deleting or changing it?"
        )
    return found


def find_prepared(root: Path, key: str, *, points: bool) -> Prepared | None:
    """The store of this key under `root`/prepared, None where there is none or it is damaged. Nothing is made."""
    if not re.fullmatch("[0-9a-f]{64}", key):
        return None
    try:
        return _open(root / "prepared" / key[:16], key, points=points)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):  # of another version, or no store at all
        return None


def _given(tok: TokenizerSection, *, points: bool) -> Tokenizers | None:
    """The tokenizers that are not trained but taken. Raises `ModelError`."""
    given = given_tokenizers(Path(tok.model)) if tok.model is not None else None
    if points and given is not None and not given.shared:
        raise ModelError(
            "model.tokenizer",
            f"tokenizer.model {tok.model} has two vocabularies, and model.pointer copies tokens from one into the other",
            "take a shared tokenizer, or set model.pointer: false",
        )
    return given


def _write_facts(folder: Path, key: str, ledger: Ledger, bounds: Bounds | None) -> None:
    facts: dict[str, Any] = {"format": FORMAT, "key": key, "ledger": ledger.to_json()}
    if bounds is not None:
        facts["length_bounds"] = list(bounds)
    (folder / "facts.json").write_text(json.dumps(facts, indent=1) + "\n", "utf-8")


def _tokenizer_meaning(tok: TokenizerSection, seed: int, given: Tokenizers | None) -> dict[str, Any]:
    """What tells tokenizers apart: the bytes of those that were given, the settings of those that are trained."""
    if given is None:
        return {"tokenizer": tok.model_dump(exclude={"model"}), "seed": seed}
    return {"tokenizer": {name: hashlib.sha256(data).hexdigest() for name, data in given.files().items()}}


def _store_key(train: Corpus, valid: Corpus, limits: CorpusLimits, tokenizer: Mapping[str, Any]) -> str:
    """SHA-256 (hex) over all that a store depends on: content of the data, limits, tokenizers, and this format."""
    meaning = {
        "format": FORMAT,
        "train": train.fingerprint(),
        "valid": valid.fingerprint(),
        "limits": _meaning(limits),
        **tokenizer,
    }
    return hashlib.sha256(json.dumps(meaning, sort_keys=True).encode()).hexdigest()


def _meaning(limits: CorpusLimits) -> dict[str, Any]:
    """The limits, those that came later only where they say something: old stores keep their keys."""
    later = {one.name: one.default for one in fields(limits) if one.default is not MISSING}
    return {name: value for name, value in asdict(limits).items() if name not in later or value != later[name]}


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Hold the lock, waiting while a living process holds it."""
    with ExitStack() as stack:
        while True:
            try:
                stack.enter_context(locks.lock(lock))
                break
            except ResourceError as error:
                if error.error_id != "fs.locked":
                    raise
                time.sleep(_WAIT_SECONDS)
        yield


def _open(path: Path, key: str, *, points: bool) -> Prepared | None:
    """The store at `path`, or None when there is none or it is damaged."""
    if not path.is_dir():
        return None
    try:
        return _read(path, key, points=points)
    # a stranger's file may say anything in place of what it should
    except (ModelError, KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return None


def _read(path: Path, key: str, *, points: bool) -> Prepared | None:
    """The store at `path`; None for that of another key. Raises `ModelError` and what is raised where a value is not what it should be."""
    files = fs.verify_dir(path)
    if files["facts.json"].stat().st_size > _MAX_FACTS:
        raise ValueError("more facts than there are")
    facts = json.loads(files["facts.json"].read_bytes())
    if facts["key"] != key:
        return None
    tokenizers = Tokenizers.from_files(
        {name: file.read_bytes() for name, file in files.items() if name.endswith(".model")}
    )
    both = tokenizers.src, tokenizers.tgt
    splits = [PreparedSplit(path, name, *(id_dtype(one, points=points) for one in both)) for name in ("train", "valid")]
    if not points and any(
        largest >= one.vocab_size for split in splits for largest, one in zip(split.largest_ids, both, strict=True)
    ):
        raise ValueError("ids behind the vocabulary")
    valid_text = _stored_lines(files["valid.src.txt"]), _stored_lines(files["valid.tgt.txt"])
    if {len(lines) for lines in valid_text} != {len(splits[1])}:
        raise ValueError("more or fewer lines of validation text than rows")
    return Prepared(
        train=splits[0],
        valid=splits[1],
        valid_text=valid_text,
        tokenizers=tokenizers,
        ledger=Ledger.from_json(facts["ledger"]),
        path=path,
        key=key,
        length_bounds=Bounds(*map(int, facts["length_bounds"])) if "length_bounds" in facts else None,
    )


def _stored_lines(path: Path) -> list[str]:
    return path.read_bytes().decode().split("\n")[:-1]
