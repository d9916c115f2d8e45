"""What a file holds, unpacked and decoded: the bytes of plain, gzipped and zipped files, their text, the rows of Parquet files.

What cannot be opened, unpacked or decoded is refused with one error that names file, line and reason.
"""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import IO

import polars as pl

from innominate.errors import BadFile

LARGEST = 4 * 1024**3  # bytes a packed file may unpack to
PACKED_RATIO = 250  # and how many times its own size, once beyond the first FREE bytes
FREE = 64 * 1024**2


def read_bytes(path: Path, name: str | None = None, *, blank: bool = False) -> bytes:
    """The content of a plain or gzipped file, refusing what unpacks beyond reason.

    name : of the file in messages, by default its own; blank : whether nothing but white space will do
    """
    name = name or path.name
    try:
        with path.open("rb") as stream:
            packed = stream.read(2) == b"\x1f\x8b"
        content = _gunzip(path, name) if packed else path.read_bytes()
    except OSError as error:
        raise BadFile(name, f"cannot be read ({error.strerror or error})") from None
    if not blank and not content.strip():
        raise BadFile(name, "the file is empty")
    return content


def _gunzip(path: Path, name: str) -> bytes:
    with gzip.open(path) as stream:
        return _limited(stream, path.stat().st_size, name)


def most_unpacked(packed: int) -> int:
    """Bytes to which a file of `packed` bytes may unpack."""
    return min(LARGEST, max(FREE, packed * PACKED_RATIO))


def _limited(stream: IO[bytes] | gzip.GzipFile, packed: int, name: str) -> bytes:
    limit = most_unpacked(packed)
    pieces, total = [], 0
    try:
        while piece := stream.read(1 << 22):
            total += len(piece)
            if total > limit:
                raise BadFile(name, f"unpacks to more than {limit // 2**20} MiB from {packed} bytes: refused")
            pieces.append(piece)
    except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, OSError) as error:
        raise BadFile(name, f"the packed file is damaged or cut short ({error})") from None
    return b"".join(pieces)


def read_zip(path: Path, suffix: str) -> Iterator[tuple[str, bytes]]:
    """Name and content of every member ending in `suffix`, in order of name, without unpacking to disk.

    An archive with absolute names or names that climb out of it is refused whole.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError) as error:
        raise BadFile(path.name, f"not a readable zip archive ({error})") from None
    with archive:
        for name in archive.namelist():
            if name.startswith(("/", "\\")) or ".." in PurePosixPath(name.replace("\\", "/")).parts or ":" in name:
                raise BadFile(path.name, f"the archive holds a name outside itself ({name!r}): refused")
        members = sorted(name for name in archive.namelist() if name.endswith(suffix))
        if not members:
            raise BadFile(path.name, f"the archive holds no {suffix} file")
        for name in members:
            info = archive.getinfo(name)
            try:
                with archive.open(info) as stream:
                    yield name, _limited(stream, max(info.compress_size, 1), f"{path.name}/{name}")
            except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
                raise BadFile(f"{path.name}/{name}", f"the packed file is damaged ({error})") from None


def read_table_bytes(path: Path, *columns: str) -> tuple[str, bytes]:
    """Name and content of a delimited file: the file itself (gzipped or not), or the one in a zip that has `columns`."""
    with path.open("rb") as stream:
        packed = stream.read(4) == b"PK\x03\x04"
    if not packed:
        return path.name, read_bytes(path)
    for name, content in read_zip(path, ".csv"):
        header = content.partition(b"\n")[0].decode("latin-1")
        if all(column in header for column in columns):
            return f"{path.name}/{name}", content
    raise BadFile(path.name, f"the archive holds no table with the columns {', '.join(columns)}")


def decode(content: bytes, name: str, encoding: str = "utf-8") -> str:
    """`content` as text; a byte that does not fit the encoding is named with its line."""
    try:
        return content.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        byte, line = misfit(error)
        raise BadFile(name, f"not {encoding} text (byte {byte})", line) from None


def misfit(error: UnicodeDecodeError) -> tuple[str, int]:
    """The byte that does not fit an encoding, as 0xff, and its line."""
    content: bytes = error.object
    return f"0x{content[error.start]:02x}", content.count(b"\n", 0, error.start) + 1


def parquet_rows(
    path: Path, wanted: Callable[[Sequence[str]], Sequence[str]] = lambda present: present
) -> pl.DataFrame:
    """The rows of a Parquet file, at least one, with the columns `wanted` among those present."""
    # by Arrow: Polars panics, past all `except`, on some damaged files
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(path)
        table = file.read(list(wanted(file.schema_arrow.names)), use_threads=False)
        table.validate(full=True)
        frame = pl.from_arrow(table)
    except BadFile:
        raise
    except Exception as error:  # Arrow raises several unrelated kinds for a damaged file
        why = (str(error).splitlines() or ["damaged"])[0]
        raise BadFile(path.name, f"not a readable Parquet file ({why})") from None
    assert isinstance(frame, pl.DataFrame)
    if frame.height == 0:
        raise BadFile(path.name, "the file has no rows")
    return frame
