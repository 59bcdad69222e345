"""SentencePiece models: trained, loaded, and used. The only module that knows sentencepiece.

Ids 0 to 3 are pad, unk, bos and eos in every model. Text such as `</s>` in the input is text: it is cut into ordinary pieces and never
becomes one of these.
"""

from __future__ import annotations

import io
import math
import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import sentencepiece as spm

from seqtool.errors import DataError, ModelError
from seqtool.text.subwords import Vocabulary

PAD, UNK, BOS, EOS = 0, 1, 2, 3
# The names of models in a directory: one for both sides, or one for each.
TOKENIZER_FILES = ("tokenizer.model", "tokenizer.src.model", "tokenizer.tgt.model")

# SentencePiece leaves out, without a word, training lines longer than a limit in bytes; longer ones (documents) are cut instead.
_CHUNK_CHARS = 4000
# The sums of EM are split by thread, so their rounding, and with it the model, depends on this number: never on the machine.
_TRAINING_THREADS = 4
_SURROGATE = re.compile("[\ud800-\udfff]")
_SENTENCE_END = re.compile("[.!?…‽。｡．！？؟۔।॥]['\"’”»›)\\]}」』）］】〉》]*$")
# Tab and NUL are separators inside the trainer, which leaves out lines that hold them.
_RESERVED = str.maketrans({"\t": " ", "\0": " "})


def train_tokenizer(
    lines: Iterable[str],
    *,
    kind: str,
    vocab_size: int,
    character_coverage: float,
    byte_fallback: bool,
    normalization: str,
    sample_lines: int,
    seed: int,
    control: Sequence[str] = (),
) -> bytes:
    """Train a model and return it serialized: the same bytes for the same lines, settings and seed, on any machine.

    Of more than `sample_lines` lines a uniform sample is used. `vocab_size` is an upper limit: a small corpus gives a smaller vocabulary.
    The pieces in `control` have ids and no text. Raises `DataError` for lines without text and for a vocabulary too small to hold the
    characters.
    """
    model = io.BytesIO()
    more: dict[str, Any] = {"control_symbols": list(control)} if control else {}
    try:
        spm.SentencePieceTrainer.train(
            sentence_iterator=iter(_sample(_chunks(lines), sample_lines, seed)),
            model_writer=model,
            model_type=kind,
            vocab_size=vocab_size,
            character_coverage=character_coverage,
            byte_fallback=byte_fallback,
            normalization_rule_name=normalization,
            hard_vocab_limit=False,
            max_sentence_length=4 * _CHUNK_CHARS,
            num_threads=_TRAINING_THREADS,
            pad_id=PAD,
            unk_id=UNK,
            bos_id=BOS,
            eos_id=EOS,
            minloglevel=2,
            **more,
        )
    except RuntimeError as error:
        raise _training_error(str(error), kind, vocab_size) from error
    return model.getvalue()


def _chunks(lines: Iterable[str]) -> Iterator[str]:
    """The lines with text in them, long ones cut at a space where there is one."""
    for line in lines:
        rest = _well_formed(line).translate(_RESERVED).strip()
        while len(rest) > _CHUNK_CHARS:
            cut = rest.rfind(" ", 1, _CHUNK_CHARS + 1)
            cut = cut if cut > 0 else _CHUNK_CHARS
            yield rest[:cut]
            rest = rest[cut:].lstrip()
        if rest:
            yield rest


def _sample(lines: Iterable[str], size: int, seed: int) -> list[str]:
    """A uniform sample of at most `size` lines, in one pass and holding no more (algorithm L: Li 1994, Reservoir-sampling algorithms of
    time complexity O(n(1 + log(N/n))))."""
    stream = iter(lines)
    kept = list(islice(stream, size))
    rng = random.Random(seed)
    log_weight = 0.0
    while len(kept) == size:
        log_weight += math.log(1.0 - rng.random()) / size
        skip = _skip(rng, math.exp(log_weight))
        line = next(islice(stream, skip, None), None)
        if line is None:
            break
        kept[rng.randrange(size)] = line
    return kept


def _skip(rng: random.Random, weight: float) -> int:
    """How many lines to pass over when each would be taken with probability `weight`."""
    if weight >= 1.0:
        return 0
    return min(int(math.log(1.0 - rng.random()) / math.log1p(-max(weight, 1e-300))), 2**62)


def _training_error(message: str, kind: str, vocab_size: int) -> DataError:
    needed = re.search(r"required_chars\. \d+ vs (\d+)", message)
    if needed:
        return DataError(
            "data.vocab-size",
            f"tokenizer.vocab_size {vocab_size} is too small: the characters of the training text alone need {needed[1]}",
            f"set tokenizer.vocab_size to {needed[1]} or more, or lower tokenizer.character_coverage (0.9995 for Chinese or Japanese)",
        )
    if "vocab_size) >= (0)" in message:
        return DataError(
            "data.vocab-size",
            f"tokenizer.vocab_size {vocab_size} is too small for a {kind} tokenizer with byte fallback, which takes 260",
            "set tokenizer.vocab_size above 260, or tokenizer.byte_fallback: false",
        )
    if "sentences_.empty()" in message or "all_chars_count" in message:
        return DataError(
            "data.empty",
            "the training text has no line with text in it",
            "check data.train: are the files and fields the right ones?",
        )
    return DataError(
        "data.tokenizer",
        f"no {kind} tokenizer of {vocab_size} pieces can be trained on this text: {message}",
        "look at the training text; a smaller tokenizer.vocab_size or tokenizer.sample_lines may help",
    )


def _well_formed(text: str) -> str:
    """Text without lone surrogates, which UTF-8 cannot hold."""
    return text if text.isascii() else _SURROGATE.sub("�", text)


class Tokenizer:
    """A trained model: text to ids and back."""

    def __init__(self, model_bytes: bytes) -> None:
        """Raises `ModelError` when the bytes are not a SentencePiece model with the special ids of this package."""
        self.model_bytes = model_bytes
        self._processor = spm.SentencePieceProcessor()
        try:
            self._processor.LoadFromSerializedProto(model_bytes)
            self._processor.id_to_piece(list(range(self._processor.get_piece_size())))  # each is to be text
        except (RuntimeError, UnicodeDecodeError) as error:
            raise ModelError(
                "model.tokenizer",
                f"the tokenizer ({len(model_bytes):,} bytes) is not a SentencePiece model",
                "the file is damaged: take the model directory from its source again",
            ) from error
        self.vocab_size = int(self._processor.get_piece_size())
        found = tuple(int(getattr(self._processor, f"{name}_id")()) for name in ("pad", "unk", "bos", "eos"))
        if found != (PAD, UNK, BOS, EOS):
            raise ModelError(
                "model.tokenizer",
                f"the tokenizer has pad, unk, bos, eos = {found}, not {(PAD, UNK, BOS, EOS)}",
                "use one trained by seqtool, or by spm_train --pad_id=0 --unk_id=1 --bos_id=2 --eos_id=3",
            )

    def encode(self, text: str) -> list[int]:
        """The ids of a line, without bos and eos."""
        return list(self._processor.encode(_well_formed(text), out_type=int))

    def encode_batch(self, texts: Sequence[str], threads: int = 1) -> list[list[int]]:
        """The ids of many lines, each as `encode` gives them."""
        rows = self._processor.encode([_well_formed(text) for text in texts], out_type=int, num_threads=threads)
        return list(rows)

    def vocabulary(self) -> Vocabulary:
        """The pieces with their scores; those of text are neither special nor bytes."""
        model, ids = self._processor, range(self.vocab_size)
        special = (model.is_control, model.is_unknown, model.is_byte, model.is_unused)
        return Vocabulary(
            pieces=[str(model.id_to_piece(i)) for i in ids],
            scores=[float(model.get_score(i)) for i in ids],
            textual=[not any(test(i) for test in special) for i in ids],
        )

    def control(self, piece: str) -> int | None:
        """The id of a control piece, which no text becomes; None where there is no such."""
        found = int(self._processor.piece_to_id(piece))
        same = self._processor.id_to_piece(found) == piece
        return found if same and self._processor.is_control(found) else None

    def decode(self, ids: Sequence[int]) -> str:
        """The text of ids; pad, bos and eos have none, and unk is ` ⁇ `. Raises `ModelError` for an id that is not in the vocabulary."""
        return str(self._processor.decode([i for i in self._checked(ids) if i not in (PAD, BOS, EOS)]))

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """The pieces of ids, special ones included; `▁` stands for a space. Raises `ModelError` for an id that is not in the vocabulary."""
        return [str(self._processor.id_to_piece(i)) for i in self._checked(ids)]

    def cut(self, text: str) -> list[str]:
        """The pieces of a line, one for each id of `encode`; what is not in the vocabulary is there as it stands in the text."""
        return [str(piece) for piece in self._processor.encode(_well_formed(text), out_type=str)]

    def join(self, pieces: Sequence[str]) -> str:
        """The inverse of `cut`; marks of a space stay in pieces that are not in the vocabulary."""
        return str(self._processor.decode_pieces(list(pieces)))

    def sentence_ends(self) -> list[int]:
        """The ids of pieces that a sentence ends with, by their last characters: full stops and marks of several scripts, and quotes and
        brackets that close behind them. eos is one of them: it is the last sentence's."""
        pieces = self.pieces(range(self.vocab_size))
        return [EOS, *(number for number, piece in enumerate(pieces) if _SENTENCE_END.search(piece))]

    def _checked(self, ids: Sequence[int]) -> list[int]:
        plain = [int(i) for i in ids]
        if plain and not 0 <= min(plain) <= max(plain) < self.vocab_size:
            wrong = next(i for i in plain if not 0 <= i < self.vocab_size)
            raise ModelError(
                "model.token-id",
                f"token id {wrong} is outside the vocabulary of {self.vocab_size:,}",
                "the model and its tokenizer do not belong together",
            )
        return plain


@dataclass(frozen=True)
class Tokenizers:
    """The tokenizers of both sides: one and the same object when `shared`."""

    src: Tokenizer
    tgt: Tokenizer
    shared: bool

    def files(self) -> dict[str, bytes]:
        """File names and contents, for a model directory or a prepared store."""
        if self.shared:
            return {"tokenizer.model": self.src.model_bytes}
        return {"tokenizer.src.model": self.src.model_bytes, "tokenizer.tgt.model": self.tgt.model_bytes}

    @classmethod
    def from_files(cls, files: Mapping[str, bytes]) -> Tokenizers:
        """The inverse of `files`; other names are ignored. Raises `ModelError` when a file is missing or unusable."""
        if "tokenizer.model" in files:
            both = Tokenizer(files["tokenizer.model"])
            return cls(both, both, shared=True)
        missing = [name for name in ("tokenizer.src.model", "tokenizer.tgt.model") if name not in files]
        if missing:
            raise ModelError(
                "model.missing",
                f"no tokenizer: neither tokenizer.model nor {' and '.join(missing)}",
                "the directory is incomplete: copy it again as a whole",
            )
        return cls(Tokenizer(files["tokenizer.src.model"]), Tokenizer(files["tokenizer.tgt.model"]), shared=False)
