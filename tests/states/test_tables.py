"""The packaged tables refer to one another without loose ends."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter, defaultdict
from importlib import resources
from itertools import combinations

import pytest

from innominate.states.registry import registry
from innominate.states.spelling import fold


def table(name: str) -> list[dict[str, str]]:
    source = resources.files("innominate.states").joinpath("data", f"{name}.csv")
    return list(csv.DictReader(source.read_text(encoding="utf-8").splitlines()))


STATES, MEMBERSHIPS, ALIASES, SUCCESSORS = map(table, ("states", "memberships", "aliases", "successors"))
CODES = {row["code"] for row in STATES}


@pytest.mark.parametrize(
    ("rows", "column"),
    [(MEMBERSHIPS, "code"), (ALIASES, "code"), (SUCCESSORS, "code"), (SUCCESSORS, "successor")],
)
def test_every_code_is_a_state(rows: list[dict[str, str]], column: str) -> None:
    assert {row[column] for row in rows} <= CODES


@pytest.mark.parametrize("column", ["code", "name", "iso2", "m49"])
def test_identifiers_are_unique(column: str) -> None:
    counts = Counter(row[column] for row in STATES if row[column])
    assert [value for value, count in counts.items() if count > 1] == []


def test_names_stay_apart_when_folded() -> None:
    assert len({fold(row["name"]) for row in STATES}) == len(STATES)


def test_words_of_the_tables_are_those_of_the_types() -> None:
    assert {row["kind"] for row in STATES} == {"state", "observer", "territory"}
    assert {row["system"] for row in MEMBERSHIPS} == {"registry", "cow", "gw", "un"}
    assert {row["system"] for row in ALIASES} == {"name", "iso3", "iso2", "m49"}
    assert {row["kind"] for row in SUCCESSORS} == {"dissolved", "absorbed", "merged", "separated"}
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in CODES)


def test_spells_run_forwards_and_no_number_has_two_holders() -> None:
    holders = defaultdict(list)
    for row in MEMBERSHIPS:
        start = dt.date.fromisoformat(row["start"])
        end = dt.date.fromisoformat(row["end"]) if row["end"] else dt.date.max
        assert dt.date(1816, 1, 1) <= start <= end
        if row["number"]:
            holders[row["system"], row["number"]].append((start, end))
    for spells in holders.values():
        assert all(a[1] < b[0] or b[1] < a[0] for a, b in combinations(spells, 2))


def test_everything_exists_at_some_time() -> None:
    assert [code for code, spans in registry().existence.items() if not spans] == []


def test_undated_aliases_never_mean_two_states() -> None:
    known = registry().claims
    for system in ("name", "iso3", "iso2", "m49"):
        for key, uses in known[system].items():
            assert len({use.code for use in uses if use.span is None}) <= 1, (system, key)


def test_no_alias_repeats_what_the_folded_name_gives() -> None:
    seen = Counter((row["system"], row["alias"], row["code"], row["first_year"]) for row in ALIASES)
    assert [row for row, count in seen.items() if count > 1] == []


def test_successors_follow_within_their_own_existence() -> None:
    known = registry()
    for row in SUCCESSORS:
        date = dt.date.fromisoformat(row["date"])
        spans = known.existence[row["successor"]]
        assert any(span.start <= date + dt.timedelta(days=600) and date <= span.end for span in spans), row
        assert known.existence[row["code"]][0].start < date, row


@pytest.mark.parametrize("row", [row for row in STATES if row["kind"] == "state"], ids=lambda row: row["code"])
def test_a_state_that_has_ended_has_a_successor(row: dict[str, str]) -> None:
    known = registry()
    if known.existence[row["code"]][-1].end != dt.date.max:
        assert row["code"] in known.successors
