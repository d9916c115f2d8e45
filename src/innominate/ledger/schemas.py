"""The tables of a library, and the check that every frame passes before it is stored.

Dates are calendar dates, both ends inclusive. Codes of states are those of :mod:`innominate.states`.
Unknown is null plus coverage, never zero: an act with a null ``value`` says that the provider looked and does not know.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import polars as pl

from innominate.errors import BadFile, InputError

TableName = Literal["acts", "votes", "resolutions", "commitments", "texts", "figures", "coverage"]
TABLES: tuple[TableName, ...] = get_args(TableName)


@dataclass(frozen=True, slots=True)
class Schema:
    """Columns of one table.

    Attributes
    ----------
    columns : column name → Polars type, in stored order
    nullable : the columns that may be null
    key : columns that together name a row once (empty: rows need no key)
    """

    columns: dict[str, pl.DataType]
    nullable: frozenset[str]
    key: tuple[str, ...]


_TEXT, _DATE, _FLOAT, _FLAG, _ROW = pl.String(), pl.Date(), pl.Float64(), pl.Boolean(), pl.Int64()
_ORIGIN: dict[str, pl.DataType] = {"dataset": _TEXT, "file": _TEXT, "row": _ROW}

_CODES = "[A-Z][A-Z0-9]{2,}( [A-Z][A-Z0-9]{2,})*"
_SCOPE = f"^(all|(among|with|from|to):{_CODES}|from:{_CODES} to:{_CODES})$"

SCHEMAS: dict[TableName, Schema] = {
    # One dated, sourced record of what `source` did to, with or for `target`; undirected acts have source < target.
    "acts": Schema(
        {
            "act_id": _TEXT,
            "source": _TEXT,
            "target": _TEXT,
            "start": _DATE,
            "end": _DATE,
            "channel": _TEXT,
            "directed": _FLAG,
            "value": _FLOAT,
            "unit": _TEXT,
            "code": _TEXT,  # the provider's own code of the action, e.g. CAMEO "032"
            **_ORIGIN,
            "note": _TEXT,
            "kind": _TEXT,  # what the target gains, where the keeper of the row says so (innominate.ledger.gains)
            "low": _FLOAT,  # range of the value, where a source gives one or sources differ
            "high": _FLOAT,
            "citation": _TEXT,  # where the row was read: publisher, title, date, address
            "checked": _DATE,  # when somebody last compared the row with its source; null: not compared, or not known
        },
        frozenset({"value", "code", "note", "kind", "low", "high", "citation", "checked"}),
        ("act_id",),
    ),
    # choice: +1 yes, 0 abstain, -1 no; absent is no row.
    "votes": Schema(
        {"body": _TEXT, "vote_id": _TEXT, "date": _DATE, "state": _TEXT, "choice": pl.Int8(), **_ORIGIN},
        frozenset(),
        ("body", "vote_id", "state"),
    ),
    # A vote's date, title and issue may come from different files: join by (body, vote_id), taking what is not null.
    "resolutions": Schema(
        {"body": _TEXT, "vote_id": _TEXT, "date": _DATE, "title": _TEXT, "issue": _TEXT, **_ORIGIN},
        frozenset({"date", "title", "issue"}),
        ("body", "vote_id"),
    ),
    # Obligations of a treaty between a < b; end null: in force on the last day covered.
    "commitments": Schema(
        {
            "treaty_id": _TEXT,
            "title": _TEXT,
            "a": _TEXT,
            "b": _TEXT,
            "start": _DATE,
            "end": _DATE,
            "defence": _FLAG,
            "offence": _FLAG,
            "neutrality": _FLAG,
            "nonaggression": _FLAG,
            "consultation": _FLAG,
            "citation": _TEXT,
            **_ORIGIN,
        },
        frozenset({"title", "end", "citation"}),
        (),
    ),
    "texts": Schema(
        {
            "doc_id": _TEXT,
            "issuer": _TEXT,
            "series": _TEXT,
            "about": pl.List(pl.String()),
            "date": _DATE,
            "language": _TEXT,
            "kind": _TEXT,
            "title": _TEXT,
            "body": _TEXT,
            "url": _TEXT,
            **_ORIGIN,
        },
        frozenset({"title", "url", "kind"}),
        ("doc_id",),
    ),
    # Pair-by-year observations computed elsewhere (the embedded sample has agreement in votes so); where the rows
    # themselves are in the library, they are used instead.
    "figures": Schema(
        {
            "a": _TEXT,
            "b": _TEXT,
            "year": pl.Int32(),
            "channel": _TEXT,
            "value": _FLOAT,  # before two-way margins
            "variance": _FLOAT,  # sampling variance of value
            "count": _FLOAT,  # records behind it
            "dataset": _TEXT,
            "file": _TEXT,
        },
        frozenset(),
        ("a", "b", "year", "channel", "dataset"),
    ),
    # Which dataset could have seen whom, and when. A missing row inside coverage is a zero; outside it is unknown.
    # scope: "all" | "among:AAA BBB" (both states listed) | "with:AAA" (at least one) | flows "from:AAA BBB", "to:CCC",
    # "from:AAA BBB to:CCC" (from one of the listed to one of the listed); a flow's scope says nothing of the way back
    "coverage": Schema(
        {"dataset": _TEXT, "channel": _TEXT, "scope": _TEXT, "first": _DATE, "last": _DATE},
        frozenset(),
        (),
    ),
}


def empty(table: TableName) -> pl.DataFrame:
    """An empty frame with the columns of `table`."""
    return pl.DataFrame(schema=SCHEMAS[table].columns)


def conform(table: TableName, frame: pl.DataFrame, file: str) -> pl.DataFrame:
    """Check `frame` against the schema of `table` and return it with the columns in stored order.

    Missing nullable columns are added as null. Anything else that does not fit raises :class:`BadFile` naming
    `file`, the row where there is one, and the reason.
    """
    if table not in SCHEMAS:
        raise InputError(f"there is no table {table!r}; the tables are {', '.join(TABLES)}")
    schema = SCHEMAS[table]
    absent = [name for name in schema.columns if name not in frame.columns and name not in schema.nullable]
    if absent:
        raise BadFile(file, f"table {table} lacks the columns {', '.join(absent)}")
    frame = frame.with_columns(
        [pl.lit(None, dtype=kind).alias(name) for name, kind in schema.columns.items() if name not in frame.columns]
    )
    frame = pl.DataFrame([_typed(table, frame[name], kind, file) for name, kind in schema.columns.items()])
    for name in schema.columns:
        if name not in schema.nullable and (nulls := frame.filter(pl.col(name).is_null())).height:
            raise BadFile(file, f"table {table}: column {name} is empty", _row(nulls))
    _check_values(table, frame, file)
    if schema.key and (twice := frame.filter(pl.struct(schema.key).is_duplicated())).height:
        raise BadFile(file, f"table {table}: {', '.join(schema.key)} stand twice: {twice.row(0)[:3]}", _row(twice))
    return frame


def _typed(table: TableName, values: pl.Series, kind: pl.DataType, file: str) -> pl.Series:
    try:
        return values.cast(kind)
    except pl.exceptions.PolarsError:
        raise BadFile(file, f"table {table}: column {values.name} holds {values.dtype}, not {kind}") from None


def _row(frame: pl.DataFrame) -> int | None:
    return int(frame["row"][0]) if "row" in frame.columns and frame["row"][0] is not None else None


def _check_values(table: TableName, frame: pl.DataFrame, file: str) -> None:
    rules: dict[str, tuple[pl.Expr, str]] = {}
    if table == "acts":
        rules = {
            "a state acts on itself": (pl.col("source") == pl.col("target"), "source"),
            "an undirected act must have source < target": (
                ~pl.col("directed") & (pl.col("source") > pl.col("target")),
                "source",
            ),
            "the act ends before it starts": (pl.col("end") < pl.col("start"), "end"),
            "value is not a finite number": (~pl.col("value").is_finite(), "value"),
            "the range is not made of finite numbers": (
                ~(pl.col("low").is_finite().fill_null(True) & pl.col("high").is_finite().fill_null(True)),
                "low",
            ),
            "the range ends before it starts": (pl.col("high") < pl.col("low"), "high"),
            "value lies outside its range": (
                (pl.col("value") < pl.col("low")).fill_null(False)
                | (pl.col("value") > pl.col("high")).fill_null(False),
                "value",
            ),
        }
    elif table == "votes":
        rules = {"choice is none of -1, 0, 1": (~pl.col("choice").is_in([-1, 0, 1]), "choice")}
    elif table == "commitments":
        rules = {
            "a must come before b in the alphabet": (pl.col("a") >= pl.col("b"), "a"),
            "the commitment ends before it starts": (pl.col("end") < pl.col("start"), "end"),
        }
    elif table == "coverage":
        rules = {
            "coverage ends before it starts": (pl.col("last") < pl.col("first"), "last"),
            "not a scope": (~pl.col("scope").str.contains(_SCOPE), "scope"),
        }
    for reason, (broken, column) in rules.items():
        wrong = frame.filter(broken.fill_null(False))
        if wrong.height:
            raise BadFile(file, f"table {table}: {reason} ({column} = {wrong[column][0]})", _row(wrong))
