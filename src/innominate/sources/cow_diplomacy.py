"""Diplomatic missions between states, 1817-2005, every fifth year or so (Correlates of War Diplomatic Exchange 2006.1).

``DR_at_1`` is the level at which the second state is represented in the first, so the act goes from the second state
(sender) to the first (host). Levels: 1 chargé d'affaires, 2 minister, 3 ambassador, 9 other; the code keeps them. 0 is
"no evidence of representation", a known zero that becomes no act.

A 9 tells of a mission without its level: the act has no value. In the years for which the file tells no level at all
(1950, 1955, 1960 and 1965: every mission is a 9) the value is 1, a mission of any level, which compares within the year.

Coverage is one row for each year in the file, among the states that it lists in that year; the years between are
unknown.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from innominate.ledger import Imported, Oddity
from innominate.sources.mirroring import check_mirror
from innominate.sources.reading import INT, YEAR, Column, read_csv, refuse_duplicates
from innominate.sources.shaping import coverage_by_year, make_acts, one_code, resolve_states, year_span
from innominate.sources.spec import Form, Peek, Remote, Source

NAME = "cow-diplomacy"
OTHER, MISSING = 9, -9
LEVELLESS = (1950, 1955, 1960, 1965)  # years in which every mission in the file is a 9
_LEVEL = Column("int", choices=frozenset({0, 1, 2, 3, OTHER, MISSING}))
_COLUMNS = {"ccode1": INT, "ccode2": INT, "year": YEAR, "DR_at_1": _LEVEL, "DR_at_2": _LEVEL}


def read(path: Path) -> Imported:
    """``Diplomatic_Exchange_2006v1.csv``, every pair in both directions (or once)."""
    table = read_csv(path, _COLUMNS)
    refuse_duplicates(table, ("ccode1", "ccode2", "year"), path.name)
    both_ways = check_mirror(table, [("DR_at_1", "DR_at_2")], path.name)
    named, oddities = resolve_states(table, {"a": "ccode1", "b": "ccode2"}, years="year", system="cow", file=path.name)
    one = named.filter(pl.col("a") == pl.col("b"))
    pairs = named.filter(pl.col("a") != pl.col("b"))
    sent, again = one_code(_valued(_sent(pairs, both_ways)), ("source", "target", "year"))
    lost = again.filter(~pl.col("row").is_in(sent["row"].implode())).unique("row", maintain_order=True)
    acts = year_span(sent)
    oddities += [
        Oddity("both codes are the same state here", one.height, True, _first(one)),
        Oddity("the second code of a state in one year; the higher level stands", lost.height, True, _first(lost)),
        *_valueless(sent),
    ]
    return Imported(
        dataset=NAME,
        tables={
            "acts": make_acts(
                acts,
                dataset=NAME,
                file=path.name,
                unit="rank of mission",
                directed=True,
                channel="missions",
                key=("source", "target"),
            ),
            "coverage": coverage_by_year(pairs, NAME, "missions", states=("a", "b")),
        },
        rows=table.height,
        kept=table.height - sum(odd.rows for odd in oddities if odd.refused),
        oddities=tuple(odd for odd in oddities if odd.rows),
    )


def _sent(pairs: pl.DataFrame, both_ways: bool) -> pl.DataFrame:
    """Sender, host, year and level of every mission that the file tells of."""
    hosted = pairs.select("row", "year", pl.col("b").alias("source"), pl.col("a").alias("target"), level="DR_at_1")
    if both_ways:
        return hosted.filter(pl.col("level") != 0)
    kept = pairs.select("row", "year", pl.col("a").alias("source"), pl.col("b").alias("target"), level="DR_at_2")
    return pl.concat([hosted, kept]).filter(pl.col("level") != 0)


def _valued(sent: pl.DataFrame) -> pl.DataFrame:
    """Add ``value`` (the level, or 1 in years without levels), ``code`` and ``note``."""
    bare = (pl.col("level") == OTHER) & pl.col("year").is_in(LEVELLESS)
    told = pl.col("level").is_between(1, 3)
    return sent.with_columns(
        pl.when(told).then(pl.col("level").cast(pl.Float64)).when(bare).then(pl.lit(1.0)).alias("value"),
        pl.when(pl.col("level") != MISSING).then(pl.col("level").cast(pl.String)).alias("code"),
        pl.when(bare)
        .then(pl.lit("a mission; no levels in this year"))
        .when(pl.col("level") == OTHER)
        .then(pl.lit("a mission of another or unknown level"))
        .alias("note"),
    )


def _valueless(sent: pl.DataFrame) -> list[Oddity]:
    other = sent.filter(pl.col("value").is_null() & pl.col("code").is_not_null())
    bare = sent.filter(pl.col("value").is_not_null() & (pl.col("level") == OTHER))
    missing = sent.filter(pl.col("code").is_null())
    return [
        Oddity("a mission of another or unknown level, stored without a value", other.height, False, _first(other)),
        Oddity("a mission in a year without levels, stored with the value 1", bare.height, False, _first(bare)),
        Oddity("representation missing, stored without a value", missing.height, False, _first(missing)),
    ]


def _first(frame: pl.DataFrame) -> tuple[int, ...]:
    return tuple(int(row) for row in frame["row"].head(5))


def _recognise(look: Peek) -> bool:
    return look.kind in ("text", "gzip") and look.has("ccode1", "ccode2", "year", "DR_at_1", "DR_at_2")


SOURCE = Source(
    name=NAME,
    title="Correlates of War Diplomatic Exchange, version 2006.1",
    producer="Reşat Bayer, Koç University, Correlates of War project",
    home="https://correlatesofwar.org/data-sets/diplomatic-exchange/",
    licence="not stated by the producer; free for research with citation",
    citation="Bayer, Reşat. 2006. Diplomatic Exchange Data set, v2006.1. https://correlatesofwar.org",
    adapter_version=1,
    redistribution="ask",
    channels=("missions",),
    remotes=(
        Remote(
            url="https://correlatesofwar.org/wp-content/uploads/Diplomatic_Exchange_2006v1.csv",
            name="Diplomatic_Exchange_2006v1.csv",
            form="dyad-year-csv",
        ),
    ),
    forms=(
        Form(
            name="dyad-year-csv",
            describes="Diplomatic_Exchange_2006v1.csv",
            recognise=_recognise,
            read=read,
        ),
    ),
    quirks=(
        "Only some years are covered (1817, 1824, 1827, 1832, 1836, 1840, every fifth from 1844 to 1914, from 1920 to "
        "1940 and from 1950 to 2005): the years between are unknown, not zero.",
        "Every pair stands in both directions: the two rows must agree and each mission is taken once.",
        "0 means that no evidence of representation was found: it is a known zero and becomes no act.",
        "9 is a mission of another or unknown level: it is stored without a value.",
        "In 1950, 1955, 1960 and 1965 the file tells no levels, every mission is a 9: these are stored with the value 1.",
        "West and united Germany, and North Yemen and Yemen, both have rows for 1990: of two missions between the same "
        "states the higher level stands; the other row is refused and counted, as is a row between the two codes.",
    ),
)
