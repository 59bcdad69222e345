"""`tokenizer.model`: tokenizers that are taken instead of trained."""

from __future__ import annotations

from pathlib import Path

from seqtool import manifest
from seqtool.errors import ModelError
from seqtool.text.tokenizer import TOKENIZER_FILES, Tokenizers

# Of 32,000 pieces it is under a megabyte; something else may be of any size.
_MAX_BYTES = 256 << 20
_HINT = "tokenizer.model is a SentencePiece file, or a model or run directory of seqtool"


def given_tokenizers(path: Path) -> Tokenizers:
    """The tokenizers of a model or run directory, one or two as it has them, or one for both sides from a SentencePiece file.

    Raises `ModelError`, naming `tokenizer.model`, for a path that is not there or cannot be read, a directory without tokenizers or with
    damaged ones, and a file that is no SentencePiece model with the special ids of this package.
    """
    try:
        files = _from_directory(path) if path.is_dir() else {"tokenizer.model": _read(path)}
        return Tokenizers.from_files(files)
    except OSError as error:
        what = (
            "does not exist" if isinstance(error, FileNotFoundError) else f"cannot be read: {error.strerror or error}"
        )
        raise ModelError("model.tokenizer", f"tokenizer.model: {path} {what}", _HINT) from error
    except ModelError as error:
        hint = f"{error.hint}; {_HINT}" if error.hint else _HINT
        raise ModelError(error.error_id, f"tokenizer.model: {path}: {error.message}", hint) from error


def _from_directory(path: Path) -> dict[str, bytes]:
    """The tokenizer files of a directory or, in a run directory, of its model; checked against the manifest where there is one."""
    for folder in (path, path / "model"):
        names = [name for name in TOKENIZER_FILES if (folder / name).exists()]
        if names:
            listed = (folder / manifest.NAME).exists()
            return {name: manifest.read_file(folder, name) if listed else _read(folder / name) for name in names}
    raise ModelError(
        "model.missing", f"no {TOKENIZER_FILES[0]} in it, nor {TOKENIZER_FILES[1]} and {TOKENIZER_FILES[2]}", ""
    )


def _read(path: Path) -> bytes:
    with path.open("rb") as stream:
        data = stream.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        raise ModelError("model.tokenizer", f"more than {_MAX_BYTES >> 20} MiB, which no tokenizer has", "")
    return data
