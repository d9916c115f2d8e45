"""Dated texts from a CSV, JSONL or Parquet file, a folder of text or HTML files, or a frame."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from innominate.errors import BadFile, InputError
from innominate.silence import cleaning, dating, markup, tables
from innominate.silence.rules import Rules
from innominate.sources.contents import read_bytes

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
    texts : columns ``series, date, title, body, own, kind, url, row, issuer``; `own` is the body with passages set apart
        blanked, `row` the line (CSV, JSON a line), record or file; documents of one day are ordered by the time of day
        where one is told
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
    table = tables.read(path, language)
    return from_table(table, path.name, rules, text=text, date=date, series=series, issuer=issuer)


def from_table(
    table: tables.Table,
    name: str,
    rules: Rules,
    *,
    text: str,
    date: str,
    series: str | None = None,
    issuer: str | None = None,
) -> Corpus:
    """The documents of rows that were read already."""
    return _corpus(_records(table, name, text, date, series, issuer), name, rules)


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
    table = tables.Table(frame, range(1, frame.height + 1))
    return _corpus(_records(table, "the frame", text, date, series, issuer), "the frame", rules)


class _Record(NamedTuple):
    series: str
    when: tuple[date, time | None] | None
    title: str | None
    body: str
    kind: str | None
    url: str | None
    row: int
    issuer: str | None
    file: str | None = None  # where every document is a file of its own


def _records(
    table: tables.Table, name: str, text: str, when: str, series: str | None, issuer: str | None
) -> list[_Record]:
    raw = table.frame
    for column in (text, when, *([series] if series else []), *([issuer] if issuer else [])):
        if column not in raw.columns:
            raise BadFile(name, f"lacks the column {column!r}; it has {', '.join(raw.columns[:12])}")
    lower = {column.lower(): column for column in raw.columns}
    title = next((lower[name] for name in _TITLES if name in lower and lower[name] not in (text, when, series)), None)
    link = next((lower[name] for name in _LINKS if name in lower and lower[name] not in (text, when, series)), None)
    kind = lower.get("kind") if lower.get("kind") not in (text, when, series) else None
    out: list[_Record] = []
    for number, row in zip(table.numbers, raw.iter_rows(named=True), strict=True):
        body = row[text]
        if body is not None and not isinstance(body, str):
            raise BadFile(name, f"column {text}: {str(body)[:40]!r} is no text", number)
        out.append(
            _Record(
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


def _date(value: Any, name: str, column: str, number: int) -> tuple[date, time | None] | None:
    try:
        return dating.moment(value)
    except ValueError as error:
        raise BadFile(name, f"column {column}: {error} (write {dating.FORMATS})", number) from None


_UNDATED, _EMPTY = "without a date set aside", "without text set aside"
_WHOLE = "of questions, dissents or frames alone kept whole"
_COLUMNS = {"series": pl.String, "date": pl.Date, "time": pl.Time, "title": pl.String, "body": pl.String,
            "own": pl.String, "kind": pl.String, "url": pl.String, "row": pl.Int64, "issuer": pl.String}  # fmt: skip


_BODY, _OWN = list(_COLUMNS).index("body"), list(_COLUMNS).index("own")


def _corpus(records: list[_Record], name: str, rules: Rules) -> Corpus:
    kept: list[tuple[Any, ...]] = []
    told: dict[str, list[_Record]] = {what: [] for what in (_UNDATED, _EMPTY, _WHOLE)}
    for record in records:
        row, what = _row(record, name, rules)
        kept += [row] if row else []
        if what:
            told[what].append(record)
    if not kept:
        raise BadFile(name, "holds no dated document with text")
    remarks = [_remark(some, what) for what, some in told.items() if some]
    cut = sum(row[_BODY] != row[_OWN] for row in kept)
    if cut:
        remarks.append(
            f"{cut} of {len(kept)} documents have questions, dissents or frames, which are not searched (`rules.yaml`)"
        )
    texts = pl.DataFrame(kept, schema=_COLUMNS, orient="row").sort("series", "date", "time", "row").drop("time")
    single = texts.unique(["series", "date", "body"], keep="first", maintain_order=True)
    if single.height < texts.height:
        remarks.append(
            f"{texts.height - single.height} documents stand twice (same series, date and text): counted once"
        )
    return Corpus(single, tuple(remarks))


def _row(record: _Record, name: str, rules: Rules) -> tuple[tuple[Any, ...] | None, str]:
    """A document as a row of :data:`_COLUMNS`, None where it is set aside, and what must be told of it, if anything."""
    if len(record.body) > LARGEST:
        reason = f"a document of {len(record.body):,} characters is an archive: split it by date"
        raise BadFile(record.file or name, reason, None if record.file else record.row)
    words = cleaning.clean(record.body)
    if not any(char.isalnum() for char in words[:10000]) and not any(map(str.isalnum, words)):
        return None, _EMPTY
    if record.when is None:
        return None, _UNDATED
    own, whole = rules.split(words)
    kind = record.kind or rules.kind_of(record.title, words)
    row = (record.series, *record.when, record.title, words, own, kind, record.url, record.row, record.issuer)
    return row, _WHOLE if whole else ""


def _remark(records: list[_Record], what: str) -> str:
    many = "s" * (len(records) > 1)
    named = ", ".join(record.file or str(record.row) for record in records[:5]) + "…" * (len(records) > 5)
    return f"{len(records)} document{many} {what} ({'' if records[0].file else f'row{many} '}{named})"


def pages(path: Path) -> list[Path]:
    """The text and HTML files below a folder, in order."""
    return sorted(file for file in path.rglob("*") if file.suffix.lower() in _FOLDER and file.is_file())


def _folder(path: Path, language: str | None) -> list[_Record]:
    return list(_files(path, language))


def _files(path: Path, language: str | None) -> Iterator[_Record]:
    found = pages(path)
    if not found:
        raise BadFile(path.name, f"the folder holds no {', '.join(_FOLDER)} file")
    for number, file in enumerate(found, start=1):
        name = str(file.relative_to(path))
        body = cleaning.decode(read_bytes(file, name, blank=True), name, language)
        page = file.suffix.lower() not in (".txt", ".md")
        stated = _HTML_DATE.search(body[:20000]) if page else None
        try:
            named = dating.in_name(file.stem)
            when = (named, None) if named else dating.moment(stated[1]) if stated else None
        except ValueError as error:
            raise BadFile(name, str(error)) from None
        title = re.search(r"<title[^>]*>([^<]{1,300})", body[:20000], re.IGNORECASE) if page else None
        series = "" if file.parent == path else str(file.parent.relative_to(path))
        words = markup.words(body) if page else body
        yield _Record(series, when, title[1].strip() if title else file.stem, words, None, name, number, None, name)
