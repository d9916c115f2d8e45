"""A first look at a file: what kind it is by its bytes, and what its header says."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from pathlib import Path

from innominate.errors import BadFile
from innominate.sources.records import fields_of
from innominate.sources.spec import Peek

_HEAD = 16 * 1024


def peek(path: Path) -> Peek:
    """Look at the beginning of `path`. Raises :class:`BadFile` only where it cannot be opened at all."""
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
    except OSError as error:
        raise BadFile(path.name, f"cannot be read ({error.strerror or error})") from None
    if not head.strip():
        return Peek(path, "empty")
    if head[:4] == b"PAR1":
        return Peek(path, "parquet", _parquet_columns(path))
    if head[:4] == b"PK\x03\x04":
        return Peek(path, "zip", members=_members(path))
    if head[:2] == b"\x1f\x8b":
        text = _gzip_head(path)
        return Peek(path, "gzip", _fields(text), text)
    if b"\x00" in head:
        return Peek(path, "other")
    text = head.decode("latin-1").removeprefix("\xef\xbb\xbf")
    return Peek(path, "text", _fields(text), text)


def unreadable(look: Peek) -> str:
    """What keeps a file from being read at all: it is empty, damaged, or text in no encoding that is read; else ""."""
    if look.kind == "empty":
        return "the file is empty"
    if look.kind == "gzip" and not look.head:
        return "the packed file is empty, damaged or cut short"
    if look.kind == "parquet" and not look.columns:
        return "not a readable Parquet file"
    if look.kind != "other":
        return ""
    with look.path.open("rb") as stream:
        mark = stream.read(2)
    return "UTF-16 text; save it as UTF-8" if mark in (b"\xff\xfe", b"\xfe\xff") else "no text (it holds NUL bytes)"


def _parquet_columns(path: Path) -> frozenset[str]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        return frozenset(parquet.read_schema(path).names)
    except (pa.ArrowInvalid, OSError):
        return frozenset()


def _members(path: Path) -> tuple[str, ...]:
    try:
        with zipfile.ZipFile(path) as archive:
            return tuple(archive.namelist())
    except (zipfile.BadZipFile, OSError):
        return ()


def member_head(path: Path, member: str) -> bytes:
    """The beginning of a file inside a zip archive; nothing where it cannot be opened."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(member) as stream:
            return stream.read(_HEAD)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, zlib.error, EOFError):
        return b""


def _gzip_head(path: Path) -> str:
    try:
        with gzip.open(path) as stream:
            return stream.read(_HEAD).decode("latin-1")
    except (OSError, EOFError, zlib.error):
        return ""


def _fields(text: str) -> frozenset[str]:
    line = text.splitlines()[0] if text else ""
    delimiter = max(",;\t|", key=line.count)
    return frozenset(field.strip() for field in fields_of(line, delimiter))
