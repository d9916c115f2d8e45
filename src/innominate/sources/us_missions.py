"""Rank of the United States' diplomatic mission in every state, 1816-2024, by year.

The provider lists every member of the state system (Correlates of War or Gleditsch-Ward) in every year of its
membership with the lowest, highest, median and most frequent rank of the mission over the days of the year. The value is
the rank held on most days, on the provider's order: 8 embassy, 7 non-resident ambassador, 6 legation, 5 non-resident
envoy, 4 consulate in the capital, 3 non-resident consul, 2 liaison office, 1 interests section.

``None`` means that there was no formal mission, also for states that the State Department's guide does not know; it is
a known zero and becomes no act. Coverage is, year by year, the flow from the United States to the states listed; states
outside the system in that year (Germany in 1946-1954) are unknown.

Kept are all rows but the second code of one state in one year.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import polars as pl

from innominate.errors import BadFile
from innominate.ledger import Imported, Oddity
from innominate.sources.reading import INT, YEAR, Column, read_csv, refuse_duplicates
from innominate.sources.shaping import coverage_by_year, make_acts, one_code, resolve_states, year_span
from innominate.sources.spec import Form, Peek, Remote, Source

NAME = "us-missions"
RANKS = {
    "None": 0,
    "Interests": 1,
    "Liaison": 2,
    "Consul Nonresident": 3,
    "Consulate": 4,
    "Envoy Nonresident": 5,
    "Legation": 6,
    "Ambassador Nonresident": 7,
    "Embassy": 8,
}
_RANK = Column("text", choices=frozenset(RANKS))
_CONTENT = {"year": YEAR, "us_mission_min": _RANK, "us_mission_max": _RANK, "us_mission_mode": _RANK}


def read_cow(path: Path) -> Imported:
    """The yearly table over the Correlates of War system."""
    return _import(path, "cow")


def read_gw(path: Path) -> Imported:
    """The yearly table over the Gleditsch-Ward system, with or without microstates."""
    return _import(path, "gw")


def _import(path: Path, system: Literal["cow", "gw"]) -> Imported:
    code = f"country_code_{system}"
    table = read_csv(path, {code: INT, **_CONTENT})
    refuse_duplicates(table, (code, "year"), path.name)
    ranked = table.with_columns(
        pl.col("us_mission_mode").replace_strict(RANKS, return_dtype=pl.Float64).alias("value"),
        pl.col("us_mission_mode").alias("code"),
        _note().alias("note"),
    )
    hosts, oddities = resolve_states(ranked, {"target": code}, years="year", system=system, file=path.name)
    if (own := hosts.filter(pl.col("target") == "USA")).height:
        raise BadFile(path.name, "the United States are listed as their own host", int(own["row"][0]))
    single, again = one_code(hosts, ("target", "year"))
    changed = single.filter(pl.col("us_mission_min") != pl.col("us_mission_max"))
    oddities += [
        Oddity("the second code of a state in one year; the higher rank stands", again.height, True, _first(again)),
        Oddity("the rank changed in the year; the one held longest stands", changed.height, False, _first(changed)),
    ]
    acts = year_span(single.filter(pl.col("value") > 0)).with_columns(pl.lit("USA").alias("source"))
    return Imported(
        dataset=NAME,
        tables={
            "acts": make_acts(
                acts, dataset=NAME, file=path.name, unit="rank of mission", directed=True, channel="missions"
            ),
            "coverage": coverage_by_year(single, NAME, "missions", states=("target",), scope="from:USA to:"),
        },
        rows=table.height,
        kept=table.height - sum(odd.rows for odd in oddities if odd.refused),
        oddities=tuple(odd for odd in oddities if odd.rows),
    )


def _note() -> pl.Expr:
    """The ranks between which the mission moved in the year, if it did."""
    low, high = pl.col("us_mission_min"), pl.col("us_mission_max")
    return pl.when(low != high).then(
        pl.lit("between ") + low.str.to_lowercase() + pl.lit(" and ") + high.str.to_lowercase()
    )


def _first(frame: pl.DataFrame) -> tuple[int, ...]:
    return tuple(int(row) for row in frame["row"].head(5))


def _recognises(system: str, look: Peek) -> bool:
    return look.kind in ("text", "gzip") and look.has(f"country_code_{system}", *_CONTENT)


SOURCE = Source(
    name=NAME,
    title="U.S. Diplomatic Mission Status Data, version 0.1",
    producer="Brenton Kenkel, Vanderbilt University",
    home="https://brentonk.github.io/us_diplomatic_missions/",
    licence="CC BY 4.0",
    citation="Kenkel, Brenton. U.S. Diplomatic Mission Status Data, version 0.1. "
    "https://github.com/brentonk/us_diplomatic_missions",
    adapter_version=1,
    redistribution="figures",
    channels=("missions",),
    remotes=(
        Remote(
            url="https://raw.githubusercontent.com/brentonk/us_diplomatic_missions/v0.1/data/v0.1/"
            "mission_status_yearly_cow_v0.1.csv",
            name="mission_status_yearly_cow_v0.1.csv",
            form="yearly-cow-csv",
            sha256="d2186997b2c3f34f555e28a3ed2c8dd036d012c4040053b787cd3ef7e4efb6b1",
        ),
    ),
    forms=(
        Form(
            name="yearly-cow-csv",
            describes="mission_status_yearly_cow: one row for each state of the COW system and year",
            recognise=lambda look: _recognises("cow", look),
            read=read_cow,
        ),
        Form(
            name="yearly-gw-csv",
            describes="mission_status_yearly_gw or _gwm: the same for the Gleditsch-Ward system",
            recognise=lambda look: _recognises("gw", look),
            read=read_gw,
            preference=1,
        ),
    ),
    quirks=(
        "None means no formal mission, also for states that the State Department's guide does not mention; it is a known "
        "zero and becomes no act.",
        "Unofficial offices are no mission: the American Institute in Taiwan (from 1979) stands as None.",
        "Where the rank changed within a year, the rank held on most days stands and the note says between which ranks.",
        "West and united Germany, and North Yemen and Yemen, both have a row for 1990: the higher rank stands, the other "
        "row is refused and counted.",
        "States outside the state system in a year have no row and are unknown, as Germany in 1946-1954.",
        "'Nonresident' missions are accredited to a state and live in another.",
    ),
)
