"""Dated texts as a source of the library: JSONL, CSV and Parquet files, and folders of text and HTML, into ``texts``.

The columns are known by their usual names (``text``/``content``/``body``, ``date``/``year``, and where there are any
``series``, ``issuer``/``author``, ``language``, ``about``, ``kind``, ``title``, ``url``). Whoever imports texts vouches for
them; no coverage is claimed.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import polars as pl

from innominate.errors import BadFile
from innominate.ledger import SCHEMAS, Imported, Oddity
from innominate.silence import documents, rules, scanning, tables
from innominate.sources.spec import Form, Peek, Source

DATASET = "texts"
TEXT_COLUMNS = ("text", "content", "body")
DATE_COLUMNS = ("date", "year")
_ISSUERS = ("issuer", "author", "country", "speaker")
_SERIES = ("series", "cat", "category")
_LANGUAGES = ("language", "lang")


def read_table(path: Path, name: str | None = None) -> Imported:
    """The texts of a CSV, JSONL or Parquet file; those without a series are the series `name`, by default the file's."""
    table = tables.read(path)
    raw = table.frame
    lower = {column.lower(): column for column in raw.columns}
    text, when = (_one_of(lower, names, path.name) for names in (TEXT_COLUMNS, DATE_COLUMNS))
    whose = next((lower[name] for name in (*_SERIES, *_ISSUERS) if name in lower), None)
    read = documents.from_table(table, path.name, rules.load(), text=text, date=when, series=whose)
    given = {name: _column(raw, lower, names) for name, names in
             (("issuer", _ISSUERS), ("series", _SERIES), ("language", _LANGUAGES), ("about", ("about",)))}  # fmt: skip
    place = {number: at for at, number in enumerate(table.numbers)}
    rows = [place[number] for number in read.texts["row"]]
    extra = {name: None if values is None else [values[row] for row in rows] for name, values in given.items()}
    return _imported(read, raw.height, path, name or path.stem, extra)


def read_folder(path: Path, name: str | None = None) -> Imported:
    """The texts of a folder of .txt, .md and .html files: the series `name`, by default the folder's.

    A folder below is a series of its own; where `name` tells the folder from another of its name, that of those below does.
    """
    read = documents.read(path, rules.load())
    own = name or path.stem
    above = f"{own}/" if "/" in own else ""
    series = [f"{above}{below}" if below else own for below in read.texts["series"]]
    return _imported(read, len(documents.pages(path)), path, own, {"series": series})


def _one_of(lower: dict[str, str], names: tuple[str, ...], file: str) -> str:
    for name in names:
        if name in lower:
            return lower[name]
    raise BadFile(file, f"lacks a column {' or '.join(names)}; it has {', '.join(list(lower.values())[:12])}")


def _column(raw: pl.DataFrame, lower: dict[str, str], names: tuple[str, ...]) -> list[Any] | None:
    found = next((lower[name] for name in names if name in lower), None)
    return None if found is None else raw[found].to_list()


def _imported(read: documents.Corpus, rows: int, path: Path, own: str, extra: dict[str, list[Any] | None]) -> Imported:
    texts = read.texts
    whose = _filled(texts["series"].to_list(), own, texts.height)  # one statement of two issuers is two documents
    columns: dict[str, Any] = {
        "issuer": _filled(extra.get("issuer"), own, texts.height),
        "series": _filled(extra.get("series"), own, texts.height),
        "about": _states(extra.get("about"), texts.height),
        "language": [
            str(given) if given else script(body)
            for given, body in zip(extra.get("language") or [None] * texts.height, texts["body"], strict=True)
        ],
    }
    table = texts.with_columns(**{name: pl.Series(name, values) for name, values in columns.items()})
    table = table.with_columns(
        doc_id=pl.Series([_identity(*each) for each in zip(whose, table["date"], table["body"], strict=True)]),
        about=pl.col("about").cast(pl.List(pl.String)),
        dataset=pl.lit(DATASET),
        file=pl.lit("/".join(path.resolve().parts[-2:])),
    ).unique("doc_id", keep="first", maintain_order=True)
    schema = SCHEMAS["texts"].columns
    table = table.select(pl.col(name).cast(kind) for name, kind in schema.items())
    lost = rows - table.height
    oddities = (Oddity("; ".join(read.remarks) or "the document stands twice", lost, True),) if lost else ()
    return Imported(DATASET, {"texts": table}, rows, table.height, own, oddities)


def _filled(values: list[Any] | None, otherwise: str, size: int) -> list[str]:
    return [str(value) if value not in (None, "") else otherwise for value in values or [None] * size]


def _states(values: list[Any] | None, size: int) -> list[list[str]]:
    """State codes of a list, or of a text that holds them with blanks or commas between."""
    out = []
    for value in values or [None] * size:
        parts = value.replace(",", " ").split() if isinstance(value, str) else list(value or [])
        out.append([str(part) for part in parts])
    return out


def script(body: str) -> str:
    """The language that the script of a text suggests: zh, ko, ru, en or other."""
    kinds = scanning.classes(scanning.codes_of([body[:4000]]))
    shares = {
        "zh": (kinds == scanning.HAN).sum() * 3,
        "ko": (kinds == scanning.HANGUL).sum() * 3,
        "ru": (kinds == scanning.CYRILLIC).sum(),
        "en": (kinds == scanning.LETTER).sum(),
    }
    best = max(shares, key=lambda name: int(shares[name]))
    return best if shares[best] else "other"


def _identity(series: str, when: Any, body: str) -> str:
    return hashlib.sha256(f"{series}\n{when}\n{body}".encode()).hexdigest()[:20]


def _has_columns(look: Peek) -> bool:
    lower = {column.lower() for column in look.columns}
    return bool(lower & set(TEXT_COLUMNS)) and bool(lower & set(DATE_COLUMNS))


def _is_lines(look: Peek) -> bool:
    head = look.head.lstrip()
    told = head[:8000].lower()
    return (
        look.kind == "text"
        and look.path.suffix.lower() in (".jsonl", ".ndjson", ".json")
        and head[:1] in "{["
        and any(f'"{name}"' in told for name in TEXT_COLUMNS)
        and any(f'"{name}"' in told for name in DATE_COLUMNS)
    )


def _is_table(look: Peek) -> bool:
    return (look.kind == "parquet" or look.path.suffix.lower() in (".csv", ".tsv", ".tab")) and _has_columns(look)


SOURCE = Source(
    name=DATASET,
    title="Dated texts of your own: statements, readouts, speeches, reports",
    producer="whoever wrote them",
    home="docs/silence.md",
    licence="that of the texts",
    citation="as their producers want",
    adapter_version=3,
    forms=(
        Form("table", "CSV or Parquet with the columns text and date", _is_table, read_table, preference=90, accumulates=True,
             read_as=read_table),
        Form("lines", "JSON objects, one a line, with text and date", _is_lines, read_table, preference=90, accumulates=True,
             read_as=read_table),
        Form("folder", "a folder of .txt and .html files", lambda look: False, read_folder, accumulates=True, read_as=read_folder),
    ),
    quirks=(
        "Documents without a date or without text are refused and counted; one that stands twice is taken once.",
        "Kinds of documents are told by the rules of innominate/silence/rules.yaml where no column names them.",
    ),
)  # fmt: skip
