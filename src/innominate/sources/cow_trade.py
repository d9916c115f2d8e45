"""Bilateral trade in goods 1870-2014, Correlates of War project, version 4.0.

``flow1`` is what the first state imports from the second, in million current US dollars, ``flow2`` the reverse; both
become acts directed from exporter to importer. Flows of zero are known zeros inside coverage and become no act; missing
flows (-9) become acts without a value.

Coverage is, year by year, among the states that appear in the file in that year. Pairs of two such states that have no
row in that year (the converted copy leaves out the pairs of which neither flow is known) are unknown, not zero: they too
become acts without a value, with row 0, because no row tells of them.

Kept are all rows except those whose two codes are one state (West and united Germany in 1990).
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from innominate.errors import BadFile
from innominate.ledger import Imported, Oddity
from innominate.sources.contents import read_table_bytes
from innominate.sources.mirroring import check_mirror
from innominate.sources.reading import INT, YEAR, Column, parse_csv, read_parquet, refuse_duplicates
from innominate.sources.shaping import coverage_by_year, make_acts, resolve_states, year_span
from innominate.sources.spec import Form, Peek, Remote, Source

NAME = "cow-trade"
MISSING = -9.0
_KEY = ("source", "target", "year")
_FLOW = Column("float", null=True, low=MISSING)
_COLUMNS = {"ccode1": INT, "ccode2": INT, "year": YEAR, "flow1": _FLOW, "flow2": _FLOW}


def read_csv_form(path: Path) -> Imported:
    """``Dyadic_COW_4.0.csv``, plain, gzipped or in the zip archive that the project serves."""
    name, content = read_table_bytes(path, *_COLUMNS)
    return _import(parse_csv(content, name, _COLUMNS), path.name)


def read_parquet_form(path: Path) -> Imported:
    """The same columns as Parquet, with every pair once or in both directions."""
    return _import(read_parquet(path, _COLUMNS), path.name)


def _import(table: pl.DataFrame, file: str) -> Imported:
    table = _checked(table, file)
    both_ways = check_mirror(table, [("flow1", "flow2")], file)
    named, oddities = resolve_states(table, {"a": "ccode1", "b": "ccode2"}, years="year", system="cow", file=file)
    one = named.filter(pl.col("a") == pl.col("b"))
    if one.height:
        rows = tuple(int(row) for row in one["row"].head(5))
        oddities.append(Oddity("both codes are the same state here", one.height, True, rows))
    pairs = named.filter(pl.col("a") != pl.col("b"))
    flows = _flows(pairs, both_ways).with_columns(pl.lit(None, pl.String).alias("note"))
    unknown = _untold(pairs)
    acts = year_span(pl.concat([flows.filter(pl.col("value").is_null() | (pl.col("value") > 0)), unknown]))
    if unknown.height:
        oddities.append(
            Oddity("flows of pairs that no row tells of: unknown, stored without a value", unknown.height, False)
        )
    return Imported(
        dataset=NAME,
        tables={
            "acts": make_acts(
                acts, dataset=NAME, file=file, unit="million USD", directed=True, channel="trade", key=_KEY
            ),
            "coverage": coverage_by_year(pairs, NAME, "trade", states=("a", "b")),
        },
        rows=table.height,
        kept=table.height - sum(odd.rows for odd in oddities if odd.refused),
        oddities=tuple(oddities),
    )


def _checked(table: pl.DataFrame, file: str) -> pl.DataFrame:
    """Flows with -9 as null; any other negative number, and a pair that stands twice in a year, refuse the file."""
    for column in ("flow1", "flow2"):
        wrong = table.filter((pl.col(column) < 0) & (pl.col(column) != MISSING))
        if wrong.height:
            raise BadFile(file, f"column {column}: {wrong[column][0]} is negative and not -9", int(wrong["row"][0]))
    refuse_duplicates(table, ("ccode1", "ccode2", "year"), file)
    known = [pl.when(pl.col(name) >= 0).then(pl.col(name)).alias(name) for name in ("flow1", "flow2")]
    return table.with_columns(known)


def _flows(pairs: pl.DataFrame, both_ways: bool) -> pl.DataFrame:
    """One row a flow: exporter, importer, year, value; of a file with both directions, each flow once."""
    imports = pairs.select("row", "year", pl.col("b").alias("source"), pl.col("a").alias("target"), value="flow1")
    if both_ways:
        return imports
    exports = pairs.select("row", "year", pl.col("a").alias("source"), pl.col("b").alias("target"), value="flow2")
    return pl.concat([imports, exports])


def _untold(pairs: pl.DataFrame) -> pl.DataFrame:
    """Both flows, without value, of every pair of states that appear in a year and have no row together in it."""
    appear = (
        pl.concat([pairs.select("year", state="a"), pairs.select("year", state="b")]).unique().sort("year", "state")
    )
    every = appear.rename({"state": "source"}).join(
        appear.rename({"state": "target"}), on="year", maintain_order="left_right"
    )
    told = pl.concat(
        [
            pairs.select("year", source="a", target="b"),
            pairs.select("year", source="b", target="a"),
        ]
    )
    left = every.filter(pl.col("source") != pl.col("target")).join(
        told, on=["year", "source", "target"], how="anti", maintain_order="left"
    )
    row, value = pl.lit(0, pl.Int64).alias("row"), pl.lit(None, pl.Float64).alias("value")
    return left.select(row, "year", "source", "target", value, note=pl.lit("no row tells of this pair"))


def _recognise(look: Peek) -> bool:
    if look.kind == "zip":
        return any(member.rpartition("/")[2].startswith("Dyadic_COW") for member in look.members)
    return look.has("ccode1", "ccode2", "year", "flow1", "flow2", "smoothflow1", "smoothflow2")


SOURCE = Source(
    name=NAME,
    title="Correlates of War Project Trade Data Set, version 4.0 (dyadic)",
    producer="Katherine Barbieri and Omar M. G. Keshk, Correlates of War project",
    home="https://correlatesofwar.org/data-sets/bilateral-trade/",
    licence="not stated by the producers; free for research with citation",
    citation="Barbieri, Katherine and Omar M. G. Keshk. 2016. Correlates of War Project Trade Data Set Codebook, "
    "Version 4.0. https://correlatesofwar.org; Barbieri, Katherine, Omar M. G. Keshk, and Brian Pollins. 2009. Trading "
    "Data: Evaluating our Assumptions and Coding Rules. Conflict Management and Peace Science 26(5): 471-491.",
    adapter_version=1,
    redistribution="ask",
    channels=("trade",),
    remotes=(
        Remote(
            url="https://correlatesofwar.org/wp-content/uploads/COW_Trade_4.0.zip",
            name="COW_Trade_4.0.zip",
            form="dyadic-csv",
        ),
    ),
    forms=(
        Form(
            name="dyadic-csv",
            describes="Dyadic_COW_4.0.csv, plain or in COW_Trade_4.0.zip",
            recognise=lambda look: look.kind != "parquet" and _recognise(look),
            read=read_csv_form,
        ),
        Form(
            name="dyadic-parquet",
            describes="the same columns as Parquet",
            recognise=lambda look: look.kind == "parquet" and _recognise(look),
            read=read_parquet_form,
            preference=1,
        ),
    ),
    quirks=(
        "-9 is missing: the flow becomes an act without a value; any other negative number refuses the file.",
        "Zero is a known zero and becomes no act.",
        "Pairs without a row although both states appear in the year are unknown: both flows become acts without a value "
        "and with row 0.",
        "A copy may list every pair in both directions: the two rows must agree and each flow is taken once.",
        "West Germany (260) and united Germany (255) both have rows for 1990, as have North Yemen (678) and Yemen (679): "
        "they are one state here, so their rows add up and a row between the two codes is refused.",
        "During the world wars few states appear; the others are outside coverage, not without trade.",
        "The smoothed flows are interpolated by the producers and not read.",
    ),
)
