"""Reading delimited files that are too large to hold: typed pieces, one after the other, in little memory."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, cast

import polars as pl

from innominate.errors import BadFile
from innominate.sources.contents import LARGEST, most_unpacked
from innominate.sources.reading import Column, require_columns, typed

_BLOCK = 1 << 23
_HEADER = 1 << 16
_END = "<end of file>"  # a line of these follows a file's own


class _Limited(io.RawIOBase):
    """A stream that gives at most `limit` bytes and then refuses the file; `tail` is a line of its own at the end."""

    def __init__(self, stream: IO[bytes], limit: int, name: str, tail: bytes = b"") -> None:
        self._stream, self._left, self._name, self._tail = stream, limit, name, tail
        self._last, self._ended = b"", False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            piece = self._stream.read(len(buffer))
        except (EOFError, zlib.error, zipfile.BadZipFile, OSError) as error:
            raise BadFile(self._name, f"the packed file is damaged or cut short ({error})") from None
        if not piece and self._tail:
            if not self._ended and self._last != b"\n":
                self._tail = b"\n" + self._tail
            piece, self._tail, self._ended = self._tail[: len(buffer)], self._tail[len(buffer) :], True
            self._left += len(piece)
        self._left, self._last = self._left - len(piece), piece[-1:]
        if self._left < 0:
            raise BadFile(self._name, "unpacks to more than is reasonable: refused")
        buffer[: len(piece)] = piece
        return len(piece)


@contextlib.contextmanager
def open_text(path: Path, tail: bytes = b"") -> Iterator[IO[bytes]]:
    """The bytes of a plain or gzipped file, or of the one ``.csv`` file in a zip archive; refuses what is damaged.

    ``tail`` follows them as a line of its own.
    """
    with contextlib.ExitStack() as stack:
        try:
            plain = stack.enter_context(path.open("rb"))
            magic = plain.read(4)
            plain.seek(0)
            packed, stream = _opened(path, magic, plain, stack)
        except (OSError, zipfile.BadZipFile) as error:
            raise BadFile(path.name, f"cannot be read ({error})") from None
        limit = most_unpacked(packed) if packed else LARGEST
        yield io.BufferedReader(_Limited(stream, limit, path.name, tail), _HEADER)


def _opened(path: Path, magic: bytes, plain: IO[bytes], stack: contextlib.ExitStack) -> tuple[int, IO[bytes]]:
    """Packed size (0: not packed) and the stream of the table in the file."""
    if magic[:2] == b"\x1f\x8b":
        return path.stat().st_size, cast(IO[bytes], stack.enter_context(gzip.open(plain)))
    if magic == b"PK\x03\x04":
        archive = stack.enter_context(zipfile.ZipFile(plain))
        tables = [name for name in archive.namelist() if name.lower().endswith(".csv") and "__MACOSX" not in name]
        if len(tables) != 1:
            raise BadFile(path.name, f"the archive holds {len(tables)} .csv files where one is expected")
        return max(archive.getinfo(tables[0]).compress_size, 1), stack.enter_context(archive.open(tables[0]))
    return 0, plain


def header(path: Path) -> tuple[list[str], str]:
    """The column names in the file's first line, and what separates them (a comma, a tab or a semicolon)."""
    with open_text(path) as stream:
        line = stream.readline(_HEADER)
    if not line.strip():
        raise BadFile(path.name, "the file is empty")
    try:
        text = line.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise BadFile(path.name, "not utf-8 text", 1) from None
    if "\x00" in text:
        raise BadFile(path.name, "not a text file (it holds NUL bytes)", 1)
    delimiter = max(",\t;", key=text.count)
    try:
        return next(csv.reader([text], delimiter=delimiter), []), delimiter
    except csv.Error as error:
        raise BadFile(path.name, f"not a readable header ({error})", 1) from None


def stream_csv(
    path: Path, columns: Mapping[str, Column], *, small: Collection[str] = (), missing: Sequence[str] = ("", "NA")
) -> Iterator[pl.DataFrame]:
    """The declared columns of a large delimited text file, piece by piece, each with ``row`` (1-based line).

    Parameters
    ----------
    path : plain, gzipped, or a zip archive with one ``.csv`` file
    columns : name → what it must hold; other columns are ignored
    small : further columns of whole numbers between -128 and 127, read as such without more ado
    missing : the spellings of a missing value
    """
    import pyarrow as pa

    names, delimiter = header(path)
    require_columns(frozenset(names), columns, path.name)
    faults: list[tuple[int | None, int, int]] = []
    kinds = {name: "int8" if name in small else "string" for name in names if name in columns or name in small}
    line, closed = 2, False
    tail = delimiter.join("0" if name in small else _END for name in names)
    with open_text(path, tail.encode()) as stream:
        try:
            for batch in _batches(stream, kinds, delimiter, missing, faults):
                piece = pl.from_arrow(batch)
                assert isinstance(piece, pl.DataFrame)
                if piece.height and not closed:
                    closed = _is_end(piece, small)
                    piece = piece.head(piece.height - closed)
                if faults or piece.height == 0:
                    continue
                numbered = piece.with_row_index("row", offset=line).with_columns(pl.col("row").cast(pl.Int64))
                yield typed(numbered, columns, path.name).hstack(numbered.select(sorted(small)))
                line += piece.height
        except pa.ArrowInvalid as error:
            raise BadFile(path.name, f"not a table separated by {delimiter!r} ({str(error).splitlines()[0]})") from None
    if faults:
        number, expected, actual = faults[0]
        raise BadFile(path.name, f"{actual} fields where the header has {expected}", number)
    if not closed:
        raise BadFile(path.name, "a quotation mark is never closed", line - 1)
    if line == 2:
        raise BadFile(path.name, "the file has a header and no rows")


def _is_end(piece: pl.DataFrame, small: Collection[str]) -> bool:
    """Whether the last row is the one put at the end: it is not where a quotation mark that is never closed took it in."""
    return any(piece[name][-1] == _END for name in piece.columns if name not in small)


def _batches(
    stream: IO[bytes],
    kinds: Mapping[str, str],
    delimiter: str,
    missing: Sequence[str],
    faults: list[tuple[int | None, int, int]],
) -> Iterator[Any]:
    """Arrow batches of the columns in `kinds` (name → Arrow type); lines of another length are noted in `faults`."""
    import pyarrow as pa
    from pyarrow import csv as arrow

    def note(row: arrow.InvalidRow) -> str:
        faults.append((row.number, row.expected_columns, row.actual_columns))
        return "skip"

    yield from arrow.open_csv(
        pa.PythonFile(stream, mode="r"),
        read_options=arrow.ReadOptions(use_threads=False, block_size=_BLOCK),
        parse_options=arrow.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=note),
        convert_options=arrow.ConvertOptions(
            include_columns=list(kinds),
            column_types={name: pa.type_for_alias(kind) for name, kind in kinds.items()},
            null_values=list(missing),
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    )
