"""Militarised interstate disputes by pair and year, Gibler, Miller and Little's re-evaluation of the COW list.

The file lists directed dyad-years: a dispute of two states stands twice, once from each side. Both rows become one
undirected act of value 1 for each dispute, pair and year; its code is the higher of the two states' hostility levels
(1 no militarised action, 2 threat, 3 display, 4 use of force, 5 war), its note the number of the dispute. Two states
on the same side of a dispute have no dispute with one another.

Kept are all rows that led to an act and, in the full dyad-year table, the rows of pairs without a dispute (known zeros).
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from innominate.ledger import Imported, Oddity
from innominate.sources.contents import read_table_bytes
from innominate.sources.mirroring import check_mirror
from innominate.sources.reading import INT, YEAR, Column, parse_csv, read_parquet, refuse_duplicates, typed
from innominate.sources.shaping import coverage, make_acts, resolve_states, year_span
from innominate.sources.spec import Form, Peek, Source

NAME = "gml-mid"
_SIDE = Column("int", null=True, choices=frozenset({0, 1}))
_HOSTILITY = Column("int", null=True, low=1, high=5)
_COLUMNS = {
    "dispnum": Column("int", null=True, low=1),
    "ccode1": INT,
    "ccode2": INT,
    "year": YEAR,
    "sidea1": _SIDE,
    "sidea2": _SIDE,
    "hostlev1": _HOSTILITY,
    "hostlev2": _HOSTILITY,
}
_IN_DISPUTE = ("sidea1", "sidea2", "hostlev1", "hostlev2")


def read_parquet_form(path: Path) -> Imported:
    """The directed dyad-year table as Parquet."""
    return _import(read_parquet(path, _COLUMNS), path.name)


def read_csv_form(path: Path) -> Imported:
    """The provider's CSV (``gml-ddy-disputes``, ``gml-ndy-disputes`` or the full ``gml-ddy``), also in its zip archive."""
    name, content = read_table_bytes(path, *_COLUMNS)
    return _import(parse_csv(content, name, _COLUMNS, missing=("", "NA", "-9")), path.name)


def _import(table: pl.DataFrame, file: str) -> Imported:
    disputes = table.filter(pl.col("dispnum").is_not_null())
    disputes = typed(disputes, {**_COLUMNS, **{name: Column("int") for name in _IN_DISPUTE}}, file)
    refuse_duplicates(disputes, ("dispnum", "ccode1", "ccode2", "year"), file)
    check_mirror(disputes, [("sidea1", "sidea2"), ("hostlev1", "hostlev2")], file, by=("dispnum", "year"))
    allies = disputes.filter(pl.col("sidea1") == pl.col("sidea2"))
    oddities = []
    if allies.height:
        rows = tuple(int(row) for row in allies["row"].head(5))
        oddities.append(Oddity("both states are on the same side of the dispute", allies.height, True, rows))
    found, outside = resolve_states(
        disputes.filter(pl.col("sidea1") != pl.col("sidea2")),
        {"source": "ccode1", "target": "ccode2"},
        years="year",
        system="cow",
        file=file,
    )
    oddities += outside
    low, high = pl.min_horizontal("ccode1", "ccode2"), pl.max_horizontal("ccode1", "ccode2")
    pairs = found.filter(pl.struct("dispnum", "year", low.alias("low"), high.alias("high")).is_first_distinct())
    acts = year_span(pairs)
    acts = acts.with_columns(
        pl.lit(1.0).alias("value"),
        pl.max_horizontal("hostlev1", "hostlev2").cast(pl.String).alias("code"),
        pl.concat_str(pl.lit("dispute "), pl.col("dispnum")).alias("note"),
    )
    first, last = table.select(pl.col("year").min().alias("first"), pl.col("year").max().alias("last")).row(0)
    return Imported(
        dataset=NAME,
        tables={
            "acts": make_acts(acts, dataset=NAME, file=file, unit="disputes", directed=False, channel="disputes"),
            "coverage": coverage(NAME, "disputes", date(first, 1, 1), date(last, 12, 31)),
        },
        rows=table.height,
        kept=table.height - sum(odd.rows for odd in oddities if odd.refused),
        oddities=tuple(oddities),
    )


def _recognise(look: Peek) -> bool:
    if look.kind == "zip":
        return any("gml-ddy-disputes" in member.lower() for member in look.members)
    return look.has(*_COLUMNS)


SOURCE = Source(
    name=NAME,
    title="Gibler-Miller-Little Militarized Interstate Disputes, dyad-years",
    producer="Douglas M. Gibler, Steven V. Miller and Erin K. Little",
    home="https://internationalconflict.ua.edu/data-download/",
    licence="not stated by the producers; free for research with citation",
    citation="Gibler, Douglas M., Steven V. Miller, and Erin K. Little. 2016. An Analysis of the Militarized Interstate "
    "Dispute (MID) Dataset, 1816-2001. International Studies Quarterly 60(4): 719-730.",
    adapter_version=1,
    redistribution="ask",
    channels=("disputes",),
    forms=(
        Form(
            name="dyad-year-csv",
            describes="dyad-year disputes of GML MID 2 as CSV or in the producers' zip archive",
            recognise=lambda look: look.kind != "parquet" and _recognise(look),
            read=read_csv_form,
        ),
        Form(
            name="dyad-year-parquet",
            describes="the same table as Parquet",
            recognise=lambda look: look.kind == "parquet" and _recognise(look),
            read=read_parquet_form,
            preference=1,
        ),
    ),
    quirks=(
        "A dispute of two states stands twice, once from each side: both rows become one act; rows of which one side is "
        "missing or tells another story refuse the file.",
        "Two states on the same side of a dispute have no dispute with one another: such rows are refused and counted.",
        "The full dyad-year table has rows without a dispute number: these are zeros and become no act.",
        "Coverage runs from the first to the last year in the file; version 2 of the data ends in 2010.",
        "The zip archive has no address that is known to be stable: download it from the producers' page.",
    ),
)
