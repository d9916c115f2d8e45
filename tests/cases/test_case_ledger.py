"""The tables of dated acts that come with a case: they parse, they hang together, and every row names what it rests on."""

from __future__ import annotations

import csv
import re
from calendar import monthrange
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import polars as pl
import pytest

from innominate import states
from innominate.cases.case import PACKAGED
from innominate.ledger import CHANNELS
from innominate.sources.acts_csv import read_ledger

COLUMNS = [
    *("act_id", "source", "target", "start", "end", "channel", "kind", "directed"),
    *("value", "value_low", "value_high", "unit"),
    *("publisher", "title", "published", "url", "checked", "status", "note"),
]
KINDS = {
    *("arms", "troops", "money", "energy", "food", "labour", "technology"),
    *("cover", "recognition", "visit", "treaty", "statement", "vote", "trade"),
}
STATUSES = {"checked", "source not seen", "disputed"}
FIRST, LAST = date(2014, 1, 1), date(2026, 12, 31)
ANNOUNCED = timedelta(days=7)  # a page may announce what takes place within the week
NOT_ADDITIVE = ", not additive"  # one of several counts of the same flow
AMOUNTS = {"energy", "food", "labour", "money", "trade", "troops"}
TABLES = sorted(PACKAGED.rglob("acts*.csv"))
Row = dict[str, str]


def read(path: Path) -> list[Row]:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines))


def test_the_case_has_its_table() -> None:
    assert any(path.name == "acts-russia.csv" for path in TABLES)


@pytest.fixture(params=TABLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def table(request: pytest.FixtureRequest) -> Path:
    path = request.param
    assert isinstance(path, Path)
    return path


def last_day(told: str) -> date | None:
    """The last day of a day, month or year in ISO notation, or None of nothing."""
    if not told:
        return None
    year, *rest = (int(part) for part in told.split("-"))
    month = rest[0] if rest else 12
    return date(year, month, rest[1] if len(rest) == 2 else monthrange(year, month)[1])


def faults(rows: list[Row], wrong: dict[str, bool]) -> list[str]:
    assert len(wrong) == len(rows), "identifiers must be unique"
    return sorted(name for name, fault in wrong.items() if fault)


def test_columns_and_identifiers(table: Path) -> None:
    rows = read(table)
    assert list(rows[0]) == COLUMNS
    assert not [row["act_id"] for row in rows if None in row or None in row.values()]
    ids = Counter(row["act_id"] for row in rows)
    assert not [name for name, count in ids.items() if count > 1]
    assert not [name for name in ids if not re.fullmatch(r"[a-z]{2}-[a-z]{2}-[a-z0-9]+(-[a-z0-9]+)*", name)]


def test_states_exist_on_the_first_day(table: Path) -> None:
    rows = read(table)
    days = [date.fromisoformat(row["start"]) for row in rows]
    for column in ("source", "target"):
        codes = pl.Series([row[column] for row in rows])
        found = states.resolve_many(codes, pl.Series(days), system="iso3")
        assert found.to_list() == codes.to_list()
    assert not [row["act_id"] for row in rows if row["source"] == row["target"]]


def test_vocabulary(table: Path) -> None:
    rows = read(table)
    wrong = {
        row["act_id"]: row["channel"] not in CHANNELS
        or row["kind"] not in KINDS
        or row["directed"] not in ("true", "false")
        or row["status"] not in STATUSES
        for row in rows
    }
    assert not faults(rows, wrong)


def test_dates(table: Path) -> None:
    rows = read(table)

    def fault(row: Row) -> bool:
        start, end = date.fromisoformat(row["start"]), date.fromisoformat(row["end"])
        told = last_day(row["published"])
        return not FIRST <= start <= end <= LAST or (told is not None and told < start - ANNOUNCED)

    assert not faults(rows, {row["act_id"]: fault(row) for row in rows})


def test_values_lie_inside_their_range(table: Path) -> None:
    rows = read(table)

    def fault(row: Row) -> bool:
        given = [float(row[name]) for name in ("value_low", "value", "value_high") if row[name]]
        return given != sorted(given) or any(number < 0 for number in given) or not row["unit"]

    assert not faults(rows, {row["act_id"]: fault(row) for row in rows})


def test_every_row_names_its_source_and_says_whether_it_was_seen(table: Path) -> None:
    rows = read(table)

    def fault(row: Row) -> bool:
        address = urlsplit(row["url"])
        named = all(row[name].strip() for name in ("publisher", "title", "note"))
        seen = row["status"] != "source not seen"
        if row["checked"]:
            date.fromisoformat(row["checked"])
        return (
            not named or address.scheme not in ("http", "https") or not address.netloc or seen != bool(row["checked"])
        )

    assert not faults(rows, {row["act_id"]: fault(row) for row in rows})
    unseen = sum(row["status"] == "source not seen" for row in rows)
    assert unseen < 0.15 * len(rows)


def test_a_checked_row_was_published_by_the_day_of_the_check(table: Path) -> None:
    assert not [row["act_id"] for row in read(table) if row["checked"] and row["published"] > row["checked"]]


def test_notes_are_short(table: Path) -> None:
    assert not [row["act_id"] for row in read(table) if len(row["note"].split()) > 25]


def test_no_act_stands_twice(table: Path) -> None:
    same = ("source", "target", "start", "end", "channel", "kind", "unit", "value", "value_low", "value_high")
    acts = Counter(tuple(row[name] for name in same) for row in read(table))
    assert not [act for act, count in acts.items() if count > 1]


def test_no_act_stands_in_two_tables() -> None:
    by_folder: dict[Path, Counter[tuple[str, ...]]] = {}
    same = ("source", "target", "start", "end", "channel", "kind", "url")
    for path in TABLES:
        seen = {tuple(row[name] for name in same) for row in read(path)}
        by_folder.setdefault(path.parent, Counter()).update(seen)
    assert not [act for counted in by_folder.values() for act, times in counted.items() if times > 1]


def test_amounts_that_may_be_added_do_not_overlap() -> None:
    """Counts of one flow in one unit lie in disjoint spans, unless the unit says that they are not to be added."""
    path = next(path for path in TABLES if path.name == "acts-russia.csv")
    spans: dict[tuple[str, ...], list[tuple[str, str, str]]] = {}
    for row in read(path):
        if row["kind"] in AMOUNTS and row["value"] and not row["unit"].endswith(NOT_ADDITIVE):
            key = (row["source"], row["target"], row["kind"], row["unit"])
            spans.setdefault(key, []).append((row["start"], row["end"], row["act_id"]))
    clashes = []
    for found in spans.values():
        latest = ""
        for start, end, name in sorted(found):
            clashes += [name] if start <= latest else []
            latest = max(latest, end)
    assert not clashes


def test_it_is_an_ordinary_ledger_for_the_import(table: Path) -> None:
    rows = read(table)
    imported = read_ledger(table)
    acts = imported.tables["acts"]
    assert imported.kept == acts.height == len(rows)
    assert "coverage" not in imported.tables, "a chosen list of acts says nothing about what is not on it"
    known = acts.filter(acts["value"].is_not_null())
    assert known.height == sum(bool(row["value"]) for row in rows)
    assert acts["directed"].sum() == sum(row["directed"] == "true" for row in rows)
