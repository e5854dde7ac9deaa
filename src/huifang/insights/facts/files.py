"""Parquet files of facts on disk: a file is there whole or not at all. Which are read, the manifest says."""

import os
import time
from collections.abc import Collection, Iterator
from datetime import date
from pathlib import Path
from uuid import uuid4

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

_STRAY_SECONDS = 3600.0
_PART = ".part"


def write(folder: Path, topic: str, table: pa.Table, *, first_day: date) -> str:
    """Write *table* durably as a new file of *topic*; its path within *folder*."""
    name = f"{topic}/month={first_day:%Y-%m}/{first_day.isoformat()}-{uuid4().hex}.parquet"
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    part = path.with_suffix(_PART)
    pq.write_table(table, part, compression="zstd", row_group_size=131_072)
    with part.open("rb") as written:
        os.fsync(written.fileno())
    part.rename(path)
    for parent in (path.parent, path.parent.parent, folder):
        _sync_folder(parent)
    return name


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove(folder: Path, name: str) -> None:
    """Remove a file that nobody reads any more."""
    (folder / name).unlink(missing_ok=True)


def strays(folder: Path, known: Collection[str]) -> Iterator[Path]:
    """Files of an hour ago or older that the manifest does not know: their writer died before its commit."""
    for path in folder.glob("*/month=*/*"):
        is_ours = path.suffix in {".parquet", _PART} and str(path.relative_to(folder)) not in known
        if is_ours and time.time() - path.stat().st_mtime > _STRAY_SECONDS:
            yield path
