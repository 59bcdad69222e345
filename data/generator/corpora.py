"""All corpora together: building, writing, comparing."""

from __future__ import annotations

from pathlib import Path

from . import pairs, reports, unseen


def files() -> dict[str, bytes]:
    """Every file by its path under data/."""
    told = reports.files()
    return pairs.files() | told | unseen.files(told)


def write(contents: dict[str, bytes], out: Path) -> list[Path]:
    """Writes the files under a folder and returns their paths."""
    written = []
    for name, data in contents.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        written.append(path)
    return written


def differences(contents: dict[str, bytes], out: Path) -> list[str]:
    """The names of the files that are missing or differ."""
    return [name for name, data in contents.items() if not (out / name).is_file() or (out / name).read_bytes() != data]
