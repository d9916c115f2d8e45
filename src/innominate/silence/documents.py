"""Dated texts from a CSV, JSONL or Parquet file, a folder of text or HTML files, or a frame."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from innominate.errors import BadFile, InputError
from innominate.silence import cleaning, dating
from innominate.silence.rules import Rules

LARGEST = 20_000_000  # characters of one document
_TITLES = ("title", "headline", "subject", "titre", "标题", "제목", "заголовок")
_LINKS = ("url", "link", "href", "source_url")
_FOLDER = (".txt", ".md", ".html", ".htm", ".xhtml")
_HTML_DATE = re.compile(
    r"""<(?:meta|time)[^>]{0,200}?(?:published_time|datePublished|pubdate|publishdate|"date"|datetime=)[^>]{0,120}?"""
    r"""(\d{4}-\d{2}-\d{2})""",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Corpus:
    """Documents ready to be measured, ordered by series, date and place in the file.

    Attributes
    ----------
    texts : columns ``series, date, title, body, own, kind, url, row, issuer``; `own` is the body with passages set apart blanked
    remarks : what was set aside and why, in plain sentences
    """

    texts: pl.DataFrame
    remarks: tuple[str, ...]


def read(
    path: Path,
    rules: Rules,
    *,
    text: str = "text",
    date: str = "date",
    series: str | None = None,
    issuer: str | None = None,
    language: str | None = None,
) -> Corpus:
    """The documents of a file or folder; see :func:`from_frame`."""
    path = Path(path)
    if path.is_dir():
        return _corpus(_folder(path, language), path.name, rules)
    if not path.exists():
        raise BadFile(path.name, "there is no such file or folder")
    raw, first = table(path, language)
    return from_table(raw, path.name, rules, text=text, date=date, series=series, issuer=issuer, first=first)


def table(path: Path, language: str | None = None) -> tuple[pl.DataFrame, int]:
    """The rows of a CSV, JSONL or Parquet file as they stand, and the number that its first row bears in messages."""
    suffix = path.suffix.lower()
    if suffix in (".parquet", ".pq"):
        return _parquet(path), 1
    if suffix in (".jsonl", ".ndjson", ".json"):
        return _json(path, language), 1
    if suffix in (".csv", ".tsv", ".tab"):
        return _csv(path, language), 2
    raise BadFile(path.name, "not a .csv, .jsonl or .parquet file, nor a folder of .txt and .html files")


def from_table(
    raw: pl.DataFrame,
    name: str,
    rules: Rules,
    *,
    text: str,
    date: str,
    series: str | None = None,
    issuer: str | None = None,
    first: int = 1,
) -> Corpus:
    """The documents of rows that were read already; `first`: the number that the first row bears in messages."""
    return _corpus(_records(raw, name, text, date, series, issuer, first), name, rules)


def from_frame(
    frame: Any,
    rules: Rules,
    *,
    text: str = "text",
    date: str = "date",
    series: str | None = None,
    issuer: str | None = None,
) -> Corpus:
    """The documents of a Polars (or pandas) frame.

    Parameters
    ----------
    frame : one row a document
    rules : kinds and passages, see :mod:`innominate.silence.rules`
    text, date : names of the columns with the text and the date
    series : name of the column that tells series apart; None: all documents are one series
    issuer : name of the column that says who speaks; None: unknown
    """
    if not isinstance(frame, pl.DataFrame):
        try:
            frame = pl.DataFrame(frame)
        except Exception:
            raise InputError(f"documents must be a data frame, not {type(frame).__name__}") from None
    return _corpus(_records(frame, "the frame", text, date, series, issuer, 1), "the frame", rules)


# series date title body kind url row issuer
Record = tuple[str, date | None, str | None, str, str | None, str | None, int, str | None]


def _records(
    raw: pl.DataFrame, name: str, text: str, when: str, series: str | None, issuer: str | None, first: int
) -> list[Record]:
    for column in (text, when, *([series] if series else []), *([issuer] if issuer else [])):
        if column not in raw.columns:
            raise BadFile(name, f"lacks the column {column!r}; it has {', '.join(raw.columns[:12])}")
    lower = {column.lower(): column for column in raw.columns}
    title = next((lower[name] for name in _TITLES if name in lower and lower[name] not in (text, when, series)), None)
    link = next((lower[name] for name in _LINKS if name in lower and lower[name] not in (text, when, series)), None)
    kind = lower.get("kind") if lower.get("kind") not in (text, when, series) else None
    out: list[Record] = []
    for number, row in enumerate(raw.iter_rows(named=True), start=first):
        body = row[text]
        if body is not None and not isinstance(body, str):
            raise BadFile(name, f"column {text}: {str(body)[:40]!r} is no text", number)
        out.append(
            (
                "" if series is None or row[series] is None else str(row[series]),
                _date(row[when], name, when, number),
                _text(row, title),
                body or "",
                _text(row, kind),
                _text(row, link),
                number,
                _text(row, issuer),
            )
        )
    return out


def _text(row: dict[str, Any], column: str | None) -> str | None:
    return None if column is None or row[column] in (None, "") else str(row[column])


def _date(value: Any, name: str, column: str, number: int) -> date | None:
    try:
        return dating.parse(value)
    except ValueError as error:
        raise BadFile(name, f"column {column}: {error} (write {dating.FORMATS})", number) from None


def _corpus(records: list[Record], name: str, rules: Rules) -> Corpus:
    remarks: list[str] = []
    kept: list[tuple[Any, ...]] = []
    undated, empty, whole = [], [], []
    for series, when, title, body, kind, url, row, issuer in records:
        if len(body) > LARGEST:
            raise BadFile(name, f"a document of {len(body):,} characters is an archive: split it by date", row)
        words = cleaning.clean(body)
        if not any(char.isalnum() for char in words[:10000]) and not any(map(str.isalnum, words)):
            empty.append(row)
        elif when is None:
            undated.append(row)
        else:
            own, all_of_it = rules.split(words)
            if all_of_it:
                whole.append(row)
            kept.append((series, when, title, words, own, kind or rules.kind_of(title, words), url, row, issuer))
    for rows, what in (
        (undated, "without a date set aside"),
        (empty, "without text set aside"),
        (whole, "of questions, dissents or frames alone kept whole"),
    ):
        if rows:
            remarks.append(_remark(rows, what))
    if not kept:
        raise BadFile(name, "holds no dated document with text")
    schema = {"series": pl.String, "date": pl.Date, "title": pl.String, "body": pl.String, "own": pl.String,
              "kind": pl.String, "url": pl.String, "row": pl.Int64, "issuer": pl.String}  # fmt: skip
    texts = pl.DataFrame(kept, schema=schema, orient="row").sort("series", "date", "row")
    single = texts.unique(["series", "date", "body"], keep="first", maintain_order=True)
    if single.height < texts.height:
        remarks.append(
            f"{texts.height - single.height} documents stand twice (same series, date and text): counted once"
        )
    return Corpus(single, tuple(remarks))


def _remark(rows: list[int], what: str) -> str:
    one = len(rows) == 1
    named = f"row{'s' * (not one)} {', '.join(map(str, rows[:5]))}{'…' * (len(rows) > 5)}"
    return f"{len(rows)} document{'s' * (not one)} {what} ({named})"


def _parquet(path: Path) -> pl.DataFrame:
    try:
        frame = pl.read_parquet(path)
    except Exception as error:  # Polars raises several unrelated kinds for a damaged file
        raise BadFile(path.name, f"not a readable Parquet file ({str(error).splitlines()[0]})") from None
    if frame.height == 0:
        raise BadFile(path.name, "the file has no rows")
    return frame


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadFile(path.name, f"cannot be read ({error.strerror or error})") from None
    if not content.strip():
        raise BadFile(path.name, "the file is empty")
    return content


def _json(path: Path, language: str | None) -> pl.DataFrame:
    text = cleaning.decode(_content(path), path.name, language)
    rows: list[dict[str, Any]] = []
    if text.lstrip().startswith("["):
        try:
            rows = json.loads(text)
        except json.JSONDecodeError as error:
            raise BadFile(path.name, f"not JSON ({error.msg})", error.lineno) from None
    else:
        for number, line in enumerate(text.split("\n"), start=1):
            if not line.strip():
                continue
            try:
                rows.append(json.loads(line))
            except json.JSONDecodeError as error:
                raise BadFile(path.name, f"not a JSON object a line ({error.msg})", number) from None
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise BadFile(path.name, "not a JSON object", number)
    if not rows:
        raise BadFile(path.name, "the file has no rows")
    names = list(dict.fromkeys(name for row in rows for name in row))
    return pl.DataFrame({name: pl.Series(name, [row.get(name) for row in rows], strict=False) for name in names})


def _csv(path: Path, language: str | None) -> pl.DataFrame:
    text = cleaning.decode(_content(path), path.name, language)
    if "\x00" in text[: 1 << 16]:
        raise BadFile(path.name, "not a text file (it holds NUL bytes)")
    csv.field_size_limit(sys.maxsize)
    header = text.partition("\n")[0]
    delimiter = max(",\t;", key=header.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise BadFile(path.name, f"not a table of text separated by {delimiter!r} ({error})") from None
    rows = [row for row in rows if row]
    for number, row in enumerate(rows, start=1):
        if len(row) != len(rows[0]):
            raise BadFile(path.name, f"{len(row)} fields where the header has {len(rows[0])}", number)
    if len(rows) < 2:
        raise BadFile(path.name, "the file has a header and no rows")
    return pl.DataFrame(
        {name: [row[i] for row in rows[1:]] for i, name in enumerate(rows[0])}, schema=dict.fromkeys(rows[0], pl.String)
    )


def pages(path: Path) -> list[Path]:
    """The text and HTML files below a folder, in order."""
    return sorted(file for file in path.rglob("*") if file.suffix.lower() in _FOLDER and file.is_file())


def _folder(path: Path, language: str | None) -> list[Record]:
    return list(_files(path, language))


def _files(path: Path, language: str | None) -> Iterator[Record]:
    found = pages(path)
    if not found:
        raise BadFile(path.name, f"the folder holds no {', '.join(_FOLDER)} file")
    for number, file in enumerate(found, start=1):
        name = str(file.relative_to(path))
        body = cleaning.decode(file.read_bytes(), name, language)
        page = file.suffix.lower() not in (".txt", ".md")
        stated = _HTML_DATE.search(body[:20000]) if page else None
        try:
            when = dating.in_name(file.stem) or (dating.parse(stated[1]) if stated else None)
        except ValueError as error:
            raise BadFile(name, str(error)) from None
        title = re.search(r"<title[^>]*>([^<]{1,300})", body[:20000], re.IGNORECASE) if page else None
        series = "" if file.parent == path else str(file.parent.relative_to(path))
        words = cleaning.strip_html(body) if page else body
        yield series, when, title[1].strip() if title else file.stem, words, None, name, number, None
