"""Parquet files of a library: written aside, named by content, swept when nothing names them."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import polars as pl

from innominate.ledger.manifest import sync_folder
from innominate.ledger.schemas import TableName

_ASIDE = ".aside-"


@dataclass(frozen=True, slots=True)
class Staged:
    """A file written aside, and where it will stand (relative to the library's folder)."""

    table: TableName
    aside: Path
    name: str


def stage(folder: Path, label: str, tables: Mapping[TableName, pl.DataFrame]) -> list[Staged]:
    """Write `tables` aside as Parquet files; they are no part of the library until published."""
    staged: list[Staged] = []
    safe = re.sub(r"[^A-Za-z0-9.-]+", "_", label)
    try:
        for table, frame in tables.items():
            home = folder / table
            home.mkdir(parents=True, exist_ok=True)
            aside = home / f"{_ASIDE}{os.getpid()}-{uuid4().hex}.parquet"
            staged.append(Staged(table, aside, ""))
            frame.write_parquet(aside, compression="zstd", statistics=True)
            with aside.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()[:12]
                os.fsync(stream.fileno())
            staged[-1] = Staged(table, aside, f"{table}/{safe}--{digest}.parquet")
    except BaseException:
        discard(staged)
        raise
    return staged


def readable(path: Path) -> bool:
    """Whether a Parquet file can be read from its first row to its last."""
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as file:
            return bool(sum(piece.num_rows for piece in file.iter_batches(use_threads=False)) == file.metadata.num_rows)
    except Exception:  # Arrow raises several unrelated kinds for a damaged file
        return False


def publish(folder: Path, staged: Iterable[Staged]) -> dict[str, str]:
    """Give the files their names: table → name. They count only once a manifest lists them."""
    names: dict[str, str] = {}
    for item in staged:
        os.replace(item.aside, folder / item.name)
        sync_folder((folder / item.name).parent)
        names[item.table] = item.name
    return names


def discard(staged: Iterable[Staged]) -> None:
    """Remove what was written aside and never published."""
    for item in staged:
        item.aside.unlink(missing_ok=True)


def sweep(folder: Path, keep: set[str]) -> None:
    """Remove the files that no manifest names, and what dead processes left aside. Call it under the library's lock."""
    for path in folder.glob("*/*.parquet"):
        if path.name.startswith("."):
            continue
        if str(path.relative_to(folder)) not in keep:
            path.unlink(missing_ok=True)
    for path in [*folder.glob(f"*/{_ASIDE}*"), *folder.glob(".library.json.*")]:
        found = re.search(r"(?:aside-|json\.)(\d+)[-.]", path.name)
        if found is None or not _alive(int(found.group(1))):
            path.unlink(missing_ok=True)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
