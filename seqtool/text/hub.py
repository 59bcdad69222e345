"""Data sets from a hub or a folder, through `datasets`, which is imported only when a recipe names one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from seqtool.errors import DataError, SeqtoolError
from seqtool.recipe.schema import CorpusSection
from seqtool.text.formats import column_of, open_corpus, text_field

Role = Literal["train", "valid", "test"]

_SPLITS = {"train": "train", "valid": "validation", "test": "test"}
_BATCH = 1000
# What is wrong then is told by whoever raised it.
_NOT_THE_DATAS = (MemoryError, SeqtoolError)


class DataSet:
    """One split of the data set a corpus section names: its own `split`, or the usual one of the role.

    Every method may raise `DataError`: no such data set, folder or split, or data that cannot be read.
    """

    def __init__(self, section: CorpusSection, role: Role) -> None:
        self._section = section
        self._role = role
        self._split = section.split or _SPLITS[role]
        self._where = f"data.{role}: {section.hub or section.folder}"

    def pairs(self, src: int | str, tgt: int | str) -> Iterator[tuple[str, str]]:
        """The pairs of fields, a dotted path reaching into a record."""
        table = self._load()
        columns = {column_of(str(name), table.column_names, self._where) for name in (src, tgt)}
        rows = table.select_columns(sorted(columns))
        for start in range(0, len(rows), _BATCH):
            batch = rows[start : start + _BATCH]
            for offset in range(len(next(iter(batch.values())))):
                record = {name: values[offset] for name, values in batch.items()}
                where = f"{self._where}: row {start + offset + 1}"
                yield text_field(record, str(src), where), text_field(record, str(tgt), where)

    def records(self) -> Iterator[dict[str, object]]:
        """The rows with all their columns."""
        table = self._load()
        for start in range(0, len(table), _BATCH):
            batch = table[start : start + _BATCH]
            for offset in range(len(next(iter(batch.values())))):
                yield {name: values[offset] for name, values in batch.items()}

    def fingerprint(self) -> str:
        """Changes with the data: of a folder, SHA-256 over its files; of a hub's data set, what `datasets` derives from its revision."""
        if self._section.folder is None:
            table = self._load()
            return f"{table._fingerprint} {len(table)}"
        digest = hashlib.sha256(self._split.encode())
        folder = Path(self._section.folder)
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            digest.update(f"\0{path.relative_to(folder)}\0{path.stat().st_size}\0".encode())
            with open_corpus(path) as stream:
                while block := stream.read(1 << 20):
                    digest.update(block)
        return digest.hexdigest()

    def _load(self) -> Any:
        import datasets

        datasets.disable_progress_bars()
        datasets.logging.set_verbosity_error()
        datasets.config.HF_DATASETS_TRUST_REMOTE_CODE = (
            False  # old versions would ask whether to run a script beside the data
        )
        section = self._section
        try:
            if section.hub is not None:
                return datasets.load_dataset(section.hub, section.config, split=self._split, revision=section.revision)
            return self._load_folder(Path(str(section.folder)))
        except _NOT_THE_DATAS:
            raise
        except Exception as error:  # of a script beside the data, of the network: they have no base of their own
            raise self._unreadable(error) from error

    def _load_folder(self, folder: Path) -> Any:
        import datasets

        if not folder.is_dir():
            hint = "check the path; a file goes under tsv:, csv:, jsonl: or parquet:"
            raise DataError("data.not-found", f"{self._where} is not a folder", hint)
        if (folder / "dataset_dict.json").exists():
            splits = datasets.load_from_disk(str(folder))
            if self._split not in splits:
                raise self._no_split(f"there are {', '.join(splits)}")
            return splits[self._split]
        if not (folder / "state.json").exists():
            # `null` and `NA` are words
            csv = {"keep_default_na": False} if any(folder.rglob("*.csv")) else {}
            return datasets.load_dataset(str(folder), split=self._split, **csv)
        single = datasets.load_from_disk(str(folder))
        if self._section.split not in (None, str(single.split)):
            raise self._no_split("it was saved as a single one, without other splits")
        return single

    def splits(self) -> list[str]:
        """The names of the splits there are; none where a single one was saved alone."""
        import datasets

        section = self._section
        if section.folder is None:
            try:
                return list(datasets.get_dataset_split_names(str(section.hub), section.config))
            except _NOT_THE_DATAS:
                raise
            except Exception as error:
                raise self._unreadable(error) from error
        if not (Path(section.folder) / "dataset_dict.json").exists():
            return []
        try:
            return list(datasets.load_from_disk(section.folder))
        except (OSError, ValueError) as error:
            raise self._unreadable(error) from error

    def _no_split(self, what_there_is: str) -> DataError:
        message = f"{self._where} has no split {self._split!r}: {what_there_is}"
        return DataError("data.split", message, f"name the one you mean with data.{self._role}.split")

    def _unreadable(self, error: Exception) -> DataError:
        cause = error.__cause__ or error
        first_line = str(cause).strip().partition("\n")[0]
        if "split" in first_line.lower() and isinstance(cause, ValueError):
            return self._no_split(first_line)
        if self._section.hub is None:
            hint = "a folder holds what `save_to_disk` wrote, or files of one kind (csv, jsonl or parquet) named after their split"
        else:
            hint = (
                "check the name, config and revision, and the network (HF_HUB_OFFLINE=1 uses what was fetched before)"
            )
        return DataError("data.data-set", f"{self._where}: {type(cause).__name__}: {first_line}", hint)
