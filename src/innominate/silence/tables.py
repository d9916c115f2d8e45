"""Rows of CSV, JSONL and Parquet files as they stand, with the number that each bears in messages."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from innominate.errors import BadFile
from innominate.silence import cleaning
from innominate.sources.contents import parquet_rows, read_bytes

_HALF = re.compile(r"\\u[dD][89a-fA-F]")  # of a character beyond the first 65,536, which JSON writes in two


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of a file.

    Attributes
    ----------
    frame : the rows as they stand; a column whose values are not all texts may hold plain objects
    numbers : for every row the line at which it begins (CSV, where the header is line 1, and JSON a line) or its record
        (Parquet, JSON lists)
    """

    frame: pl.DataFrame
    numbers: Sequence[int]


def read(path: Path, language: str | None = None) -> Table:
    """The rows of a CSV, JSONL or Parquet file; anything else, or a damaged one, raises BadFile."""
    suffix = path.suffix.lower()
    if suffix in (".parquet", ".pq"):
        frame = parquet_rows(path)
        return Table(frame, range(1, frame.height + 1))
    if suffix in (".jsonl", ".ndjson", ".json"):
        return _json(path, language)
    if suffix in (".csv", ".tsv", ".tab"):
        return _csv(path, language)
    raise BadFile(path.name, "not a .csv, .jsonl or .parquet file, nor a folder of .txt and .html files")


def _json(path: Path, language: str | None) -> Table:
    text = cleaning.decode(read_bytes(path), path.name, language)
    rows: list[Any]
    if text.lstrip().startswith("["):
        rows = _parsed(text, path.name, None, "not JSON")
        numbers = list(range(1, len(rows) + 1))
    else:
        lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
        rows = [_parsed(line, path.name, number, "not a JSON object a line") for number, line in lines]
        numbers = [number for number, _ in lines]
    for number, row in zip(numbers, rows, strict=True):
        if not isinstance(row, dict):
            raise BadFile(path.name, "not a JSON object", number)
    if not rows:
        raise BadFile(path.name, "the file has no rows")
    if _HALF.search(text):
        _refuse_halves(rows, numbers, path.name)
    names = list(dict.fromkeys(name for row in rows for name in row))
    return Table(pl.DataFrame([_column(name, [row.get(name) for row in rows]) for name in names]), numbers)


def _parsed(text: str, name: str, number: int | None, what: str) -> Any:
    """`text` as JSON; the numbers that are none (NaN, Infinity) are missing values."""
    try:
        return json.loads(text, parse_constant=lambda _: None)
    except json.JSONDecodeError as error:
        raise BadFile(name, f"{what} ({error.msg})", error.lineno if number is None else number) from None
    except (RecursionError, ValueError) as error:
        why = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise BadFile(name, f"{what} ({why})", number) from None


def _refuse_halves(rows: list[dict[str, Any]], numbers: list[int], name: str) -> None:
    for number, row in zip(numbers, rows, strict=True):
        try:
            json.dumps(row, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise BadFile(name, "holds half a character (a surrogate such as \\ud800 alone)", number) from None


def _column(name: str, values: list[Any]) -> pl.Series:
    texts = all(value is None or isinstance(value, str) for value in values)
    return pl.Series(name, values, dtype=pl.String if texts else pl.Object)


def _csv(path: Path, language: str | None) -> Table:
    text = cleaning.decode(read_bytes(path), path.name, language)
    if "\x00" in text:
        raise BadFile(path.name, "not a text file (it holds NUL bytes)", text.count("\n", 0, text.index("\x00")) + 1)
    rows, numbers = _fields(text, path.name)
    for number, row in zip(numbers, rows, strict=True):
        if len(row) != len(rows[0]):
            raise BadFile(path.name, f"{len(row)} fields where the header has {len(rows[0])}", number)
    if len(rows) < 2:
        raise BadFile(path.name, "the file has a header and no rows")
    twice = [name for name, times in Counter(rows[0]).items() if times > 1 and name.strip()]
    if twice:
        raise BadFile(path.name, f"two columns are called {twice[0]!r}", numbers[0])
    columns = {name: [row[i] for row in rows[1:]] for i, name in enumerate(rows[0])}
    return Table(pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)), numbers[1:])


def _fields(text: str, name: str) -> tuple[list[list[str]], list[int]]:
    """The fields of every row that is not blank, the header's first, and the line at which the row begins."""
    csv.field_size_limit(sys.maxsize)
    header = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(",\t;", key=header.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    numbers: list[int] = []
    line = 1
    try:
        for row in lines:
            if row:
                rows.append(row)
                numbers.append(line)
            line = lines.line_num + 1
    except csv.Error as error:
        raise BadFile(name, f"not a table of text separated by {delimiter!r} ({error})", line) from None
    return rows, numbers
