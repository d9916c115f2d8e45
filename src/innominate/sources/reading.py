"""Reading providers' files strictly: every value has its declared type, or one error names file, row and reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

import polars as pl

from innominate.errors import BadFile
from innominate.sources.contents import decode, parquet_rows, read_bytes
from innominate.sources.records import after_lines, fields_of, line_of, row_lines

ColumnKind = Literal["text", "int", "float", "year", "date", "flag"]

FIRST_YEAR, LAST_YEAR = 1400, 2100


@dataclass(frozen=True, slots=True)
class Column:
    """What one column of a provider's file must hold.

    Attributes
    ----------
    kind : text, int, float, year (a whole number 1400-2100), date (ISO, or `date_format`), flag (0/1)
    required : whether the file must have the column at all (an absent optional column is read as all null)
    null : whether single values may be missing
    low, high : inclusive bounds of numbers
    choices : the values allowed
    date_format : strptime format of a date column
    """

    kind: ColumnKind
    required: bool = True
    null: bool = False
    low: float | None = None
    high: float | None = None
    choices: frozenset[str | int] | None = None
    date_format: str = "%Y-%m-%d"


TEXT, INT, FLOAT, YEAR, DATE = Column("text"), Column("int"), Column("float"), Column("year"), Column("date")
TEXT_OR_NULL, INT_OR_NULL, FLOAT_OR_NULL = (
    Column("text", null=True),
    Column("int", null=True),
    Column("float", null=True),
)


def read_csv(
    path: Path,
    columns: Mapping[str, Column],
    *,
    delimiter: str = ",",
    encoding: str = "utf-8",
    skip_lines: int = 0,
    missing: Sequence[str] = ("", "NA"),
    quoted: bool = True,
) -> pl.DataFrame:
    """The declared columns of a delimited text file (gzipped or not), plus ``row``.

    Parameters
    ----------
    path : the file
    columns : name → what it must hold; other columns are ignored
    delimiter, encoding, skip_lines : of the format; the header is the first line after `skip_lines`
    missing : the spellings of a missing value
    quoted : whether double quotes enclose values (False: they are characters like any other)

    Returns
    -------
    Frame with the declared columns, typed, and ``row``: the 1-based line on which the record begins.
    """
    return parse_csv(
        read_bytes(path),
        path.name,
        columns,
        delimiter=delimiter,
        encoding=encoding,
        skip_lines=skip_lines,
        missing=missing,
        quoted=quoted,
    )


def parse_csv(
    content: bytes,
    name: str,
    columns: Mapping[str, Column],
    *,
    delimiter: str = ",",
    encoding: str = "utf-8",
    skip_lines: int = 0,
    missing: Sequence[str] = ("", "NA"),
    quoted: bool = True,
) -> pl.DataFrame:
    """The same as :func:`read_csv` for content at hand."""
    text = decode(content, name, encoding)
    if "\x00" in text[: 1 << 16]:
        raise BadFile(name, "not a text file (it holds NUL bytes)")
    header = _header(text, delimiter, skip_lines, quoted)
    require_columns(frozenset(header), columns, name)
    twice = [column for column in columns if header.count(column) > 1]
    if twice:
        raise BadFile(name, f"the column {twice[0]!r} stands twice", skip_lines + 1)
    raw, faults = _parse(
        text, name, delimiter, skip_lines, missing, quoted, [column for column in header if column in columns]
    )
    numbers = row_lines(text, name, delimiter, skip_lines, quoted, raw.height + len(faults))
    if faults:
        number, expected, actual = faults[0]
        raise BadFile(name, f"{actual} fields where the header has {expected}", line_of(number, numbers, skip_lines))
    if raw.height == 0:
        raise BadFile(name, "the file has a header and no rows")
    rows = pl.Series("row", numbers or range(skip_lines + 2, skip_lines + 2 + raw.height), dtype=pl.Int64)
    return typed(raw.insert_column(0, rows), columns, name)


def _parse(
    text: str,
    name: str,
    delimiter: str,
    skip_lines: int,
    missing: Sequence[str],
    quoted: bool,
    wanted: Sequence[str],
) -> tuple[pl.DataFrame, list[tuple[int | None, int, int]]]:
    """The columns `wanted`, at least one, as text; and number, fields due and fields found of the records left out."""
    import pyarrow as pa
    from pyarrow import csv

    faults: list[tuple[int | None, int, int]] = []

    def note(row: csv.InvalidRow) -> str:
        faults.append((row.number, row.expected_columns, row.actual_columns))
        return "skip"

    try:
        table = csv.read_csv(
            pa.BufferReader(text.encode("utf-8")),
            read_options=csv.ReadOptions(use_threads=False, skip_rows=skip_lines, block_size=1 << 24),
            parse_options=csv.ParseOptions(
                delimiter=delimiter,
                quote_char='"' if quoted else False,
                newlines_in_values=quoted,
                invalid_row_handler=note,
            ),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(wanted, pa.string()),
                include_columns=list(dict.fromkeys(wanted)),
                null_values=list(missing),
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )
    except (pa.ArrowInvalid, pa.ArrowKeyError) as error:
        raise BadFile(name, f"not a table of text separated by {delimiter!r} ({error})") from None
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame, faults


def _header(text: str, delimiter: str, skip_lines: int, quoted: bool) -> list[str]:
    start = after_lines(text, skip_lines)
    stop = text.find("\n", start)
    line = text[start:stop] if stop >= 0 else text[start:]
    return fields_of(line, delimiter) if quoted else line.rstrip("\r").split(delimiter)


@cache
def own_table(name: str) -> pl.DataFrame:
    """A table of our own that comes with the package: a CSV file of ``sources/data``, dates read as dates."""
    return pl.read_csv((files("innominate.sources") / "data" / name).read_bytes(), try_parse_dates=True)


def read_parquet(path: Path, columns: Mapping[str, Column]) -> pl.DataFrame:
    """The declared columns of a Parquet file, plus ``row``: the 1-based record."""
    raw = parquet_rows(path, lambda present: _wanted(present, columns, path.name))
    raw = raw.drop("row", strict=False).with_row_index("row", offset=1).with_columns(pl.col("row").cast(pl.Int64))
    return typed(raw, columns, path.name)


def _wanted(present: Sequence[str], columns: Mapping[str, Column], name: str) -> list[str]:
    require_columns(frozenset(present), columns, name)
    return [column for column in present if column in columns and column != "row"]


def require_columns(present: frozenset[str], columns: Mapping[str, Column], name: str) -> None:
    """Refuse a file that lacks a required column, naming the likeliest renamed one."""
    absent = [column for column, rule in columns.items() if rule.required and column not in present]
    if not absent:
        return
    from rapidfuzz import process

    near = process.extractOne(absent[0], sorted(present - columns.keys()), score_cutoff=60)
    hint = f"; is {near[0]!r} the same under another name?" if near else ""
    raise BadFile(name, f"lacks the column {', '.join(map(repr, absent))}{hint}", 1)


def typed(raw: pl.DataFrame, columns: Mapping[str, Column], name: str) -> pl.DataFrame:
    """`raw` with its declared columns checked and typed; see :func:`read_csv`."""
    series = [raw["row"]]
    for column, rule in columns.items():
        if column not in raw.columns:
            series.append(pl.Series(column, [None] * raw.height, dtype=_dtype(rule)))
            continue
        values = _convert(raw[column], rule)
        _refuse_first(raw, raw[column].is_not_null() & values.is_null(), column, f"is no {_noun(rule)}", name)
        _check_rule(raw, values, rule, column, name)
        series.append(values)
    return pl.DataFrame(series)


def _check_rule(raw: pl.DataFrame, values: pl.Series, rule: Column, column: str, name: str) -> None:
    if not rule.null:
        empty = raw.filter(values.is_null())
        if empty.height:
            raise BadFile(name, f"column {column} is empty", int(empty["row"][0]))
    low, high = (FIRST_YEAR, LAST_YEAR) if rule.kind == "year" else (rule.low, rule.high)
    if low is not None:
        _refuse_first(raw, (values < low).fill_null(False), column, f"is below {low}", name)
    if high is not None:
        _refuse_first(raw, (values > high).fill_null(False), column, f"is above {high}", name)
    if rule.kind == "float":
        _refuse_first(raw, (~values.is_finite()).fill_null(False), column, "is not finite", name)
    if rule.choices is not None:
        allowed = sorted(rule.choices, key=str)
        wrong = (~values.is_in(allowed)).fill_null(False)
        _refuse_first(raw, wrong, column, f"is none of {', '.join(map(str, allowed))}", name)


def _refuse_first(raw: pl.DataFrame, wrong: pl.Series, column: str, reason: str, name: str) -> None:
    if wrong.any():
        first = raw.filter(wrong)
        raise BadFile(name, f"column {column}: {str(first[column][0])[:60]!r} {reason}", int(first["row"][0]))


def _convert(values: pl.Series, rule: Column) -> pl.Series:
    if values.dtype in (pl.Categorical, pl.Enum):
        values = values.cast(pl.String)
    if rule.kind == "text":
        return values.cast(pl.String, strict=False)
    if rule.kind == "date":
        if values.dtype == pl.String:
            return values.str.strip_chars().str.to_date(rule.date_format, strict=False)
        return values.cast(pl.Date, strict=False)
    if values.dtype == pl.String:
        values = values.str.strip_chars()
    number = values.cast(pl.Float64, strict=False)
    if rule.kind == "float":
        return number
    if rule.kind == "flag":
        return pl.select(pl.when(number.is_in([0.0, 1.0])).then(number == 1.0)).to_series().alias(values.name)
    whole = pl.select(pl.when(number == number.round()).then(number)).to_series()
    return whole.cast(pl.Int64, strict=False).alias(values.name)


def _dtype(rule: Column) -> pl.DataType:
    kinds: dict[str, pl.DataType] = {
        "text": pl.String(),
        "float": pl.Float64(),
        "date": pl.Date(),
        "flag": pl.Boolean(),
    }
    return kinds.get(rule.kind, pl.Int64())


def _noun(rule: Column) -> str:
    return {
        "int": "whole number",
        "year": "year",
        "float": "number",
        "flag": "0 or 1",
        "date": f"date ({rule.date_format})",
    }.get(rule.kind, "text")


def refuse_duplicates(frame: pl.DataFrame, key: Sequence[str], name: str) -> None:
    """Refuse a file in which the same `key` stands twice, naming the second row."""
    twice = frame.filter(~pl.struct(key).is_first_distinct())
    if twice.height:
        shown = ", ".join(f"{column} {twice[column][0]}" for column in key)
        raise BadFile(name, f"the row for {shown} stands twice", int(twice["row"][0]))
