"""Independent lists of states, and how they differ from the registry, state-year by state-year."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import polars as pl

from innominate import states
from innominate.errors import UnknownState
from innominate.states import System

#: (what is compared, our code or the oracle's label, ours, theirs, year)
Difference = tuple[str, str, str, str, int]

FIRST, LAST = 1816, 2024


def _years(start: dt.date, end: dt.date) -> range:
    return range(max(start.year, FIRST), min(end.year, LAST) + 1)


def _cow_years(data: Path) -> Iterator[tuple[int, str, int]]:
    for row in pl.read_parquet(data / "states/cow_states.parquet").iter_rows(named=True):
        start = dt.date(row["styear"], row["stmonth"], row["stday"])
        end = dt.date(row["endyear"], row["endmonth"], row["endday"])
        yield from ((row["ccode"], row["stateabb"], year) for year in _years(start, end))


def _gw_years(data: Path) -> Iterator[tuple[int, str, int]]:
    for row in pl.read_parquet(data / "states/gw_states.parquet").iter_rows(named=True):
        yield from ((row["gwcode"], row["stateabb"], year) for year in _years(row["startdate"], row["enddate"]))


def _isard_years(data: Path, file: str, number: str, abbrev: str) -> Iterator[tuple[int, str, int]]:
    for row in pl.read_parquet(data / f"states/{file}.parquet").iter_rows(named=True):
        start, end = dt.date.fromisoformat(row["start"]), dt.date.fromisoformat(row["end"])
        yield from ((int(row[number]), row[abbrev], year) for year in _years(start, end))


def _members(data: Path, oracle: str) -> set[tuple[int, str, int]]:
    readers: dict[str, Callable[[], Iterable[tuple[int, str, int]]]] = {
        "cow_states": lambda: _cow_years(data),
        "gw_states": lambda: _gw_years(data),
        "isard_cw_system": lambda: _isard_years(data, "isard_cw_system", "ccode", "cw_abb"),
        "isard_gw_system": lambda: _isard_years(data, "isard_gw_system", "gwcode", "gw_abb"),
    }
    return set(readers[oracle]())


MEMBERSHIP_ORACLES: tuple[tuple[str, str], ...] = (
    ("cow_states", "cow"),
    ("isard_cw_system", "cow"),
    ("gw_states", "gw"),
    ("isard_gw_system", "gw"),
)


def membership_differences(data: Path, oracle: str, system: str) -> set[Difference]:
    """Compare who is a member in each year; numbers are turned into codes at their year."""
    theirs: dict[int, dict[str, str]] = {}
    for number, abbrev, year in _members(data, oracle):
        code = states.resolve(number, year, system=system)  # type: ignore[arg-type]
        theirs.setdefault(year, {})[code] = abbrev
    found: set[Difference] = set()
    for year, listed in theirs.items():
        ours = set(states.members(system, year))  # type: ignore[arg-type]
        found |= {(oracle, code, "member", "", year) for code in ours - set(listed)}
        found |= {(oracle, code, "", listed[code], year) for code in set(listed) - ours}
    return found


#: column of the code list → naming system of ours
CODE_COLUMNS: tuple[tuple[str, System], ...] = (
    ("cown", "cow"),
    ("cowc", "cow-abbrev"),
    ("gwn", "gw"),
    ("iso3c", "iso3"),
    ("iso2c", "iso2"),
    ("iso3n", "m49"),
)


def _codes_of(row: dict[str, object]) -> dict[str, str]:
    """Resolve every identifier of one state-year of the code list."""
    found = {"name": _quiet(row["name"], int(str(row["year"])), "name")}
    for column, system in CODE_COLUMNS:
        value = row[column]
        if value is not None:
            found[column] = _quiet(value, int(str(row["year"])), system)
    return found


def _quiet(value: object, year: int, system: System) -> str:
    try:
        return states.resolve(value if isinstance(value, str) else int(str(value)), year, system=system)
    except UnknownState:
        return "none"


def code_differences(data: Path) -> set[Difference]:
    """Compare all identifiers of each state-year that the code list gives a COW or Gleditsch-Ward number."""
    columns = [column for column, _ in CODE_COLUMNS]
    frame = (
        pl.read_parquet(data / "states/codelist_panel.parquet")
        .rename({"country.name.en": "name"})
        .filter(pl.col("year").is_between(FIRST, LAST))
        .filter(pl.col("cown").is_not_null() | pl.col("gwn").is_not_null())
        .with_columns(pl.col("year", "cown", "gwn", "iso3n").cast(pl.Int64))
        .select("name", "year", *columns)
    )
    found: set[Difference] = set()
    for row in frame.iter_rows(named=True):
        codes = _codes_of(row)
        first = codes.get("cown") or codes["gwn"]
        found |= {
            (f"codelist_panel {column}", str(row["name"]), first, code, row["year"])
            for column, code in codes.items()
            if code != first
        }
    return found


def panel_differences(data: Path, file: str) -> set[Difference]:
    """Compare which COW number goes with which Gleditsch-Ward number in each state-year."""
    frame = pl.read_parquet(data / f"states/{file}.parquet").drop_nulls(["ccode", "gwcode"])
    found: set[Difference] = set()
    for row in frame.filter(pl.col("year").is_between(FIRST, LAST)).iter_rows(named=True):
        year = int(row["year"])
        cow, gw = _quiet(int(row["ccode"]), year, "cow"), _quiet(int(row["gwcode"]), year, "gw")
        if cow != gw:
            found.add((file, row["cw_name"] or row["gw_name"], cow, gw, year))
    return found
