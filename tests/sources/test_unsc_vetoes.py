"""Vetoes: numbers and cases that anybody can look up, and arbitrary small lists."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import date
from itertools import combinations
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from innominate.errors import BadFile
from innominate.ledger import Imported
from innominate.ledger.schemas import conform
from innominate.sources.unsc_vetoes import SOURCE
from tests.sources.examples.unsc_vetoes import EXAMPLES

READ = SOURCE.forms[0].read


@pytest.fixture(scope="module")
def vetoes(data_dir: Path) -> Imported:
    return READ(data_dir / "votes" / "unsc_vetoes_1946_sept2022.csv")


def test_rows(vetoes: Imported) -> None:
    assert (vetoes.rows, vetoes.kept) == (214, 214)
    assert vetoes.tables["resolutions"].height == 214
    assert vetoes.tables["votes"]["choice"].unique().to_list() == [-1]


def test_who_vetoed_how_often(vetoes: Imported) -> None:
    """By mid-2022, in the United Nations' own list: Russia 121, United States 82, UK 29, France 16, China 17."""
    count = dict(vetoes.tables["votes"].group_by("state").len().iter_rows())
    assert (count["RUS"], count["USA"], count["GBR"], count["FRA"]) == (121, 82, 29, 16)
    assert count["CHN"] == 17


def _acts(vetoes: Imported, a: str, b: str) -> list[date]:
    acts = vetoes.tables["acts"].filter((pl.col("source") == a) & (pl.col("target") == b))
    return acts.sort("start")["start"].to_list()


def test_joint_vetoes(vetoes: Imported) -> None:
    together = _acts(vetoes, "CHN", "RUS")
    assert together[0] == date(2007, 1, 12)  # Myanmar; the vetoed amendment of 10 September 1972 is not in the list
    assert {date(2007, 1, 12), date(2011, 10, 4), date(2022, 5, 26)} <= set(together)  # Myanmar, Syria, DPRK
    assert _acts(vetoes, "FRA", "GBR")[:2] == [date(1956, 10, 30)] * 2  # Suez
    assert _acts(vetoes, "RUS", "USA") == []
    assert vetoes.tables["acts"]["value"].unique().to_list() == [1.0]


def test_ukraine_2022(vetoes: Imported) -> None:
    cast = vetoes.tables["votes"].filter(pl.col("vote_id") == "S/2022/155")
    assert cast.select("state", "date").rows() == [("RUS", date(2022, 2, 25))]


def test_coverage_knows_who_sat_for_china_and_where_the_list_ends(vetoes: Imported) -> None:
    assert vetoes.tables["coverage"].select("scope", "first", "last").rows() == [
        ("among:CHN FRA GBR RUS USA", date(1946, 1, 17), date(1949, 12, 31)),
        ("among:FRA GBR RUS TWN USA", date(1950, 1, 1), date(1971, 10, 24)),
        ("among:CHN FRA GBR RUS USA", date(1971, 10, 25), date(2022, 7, 8)),
    ]


def test_drafts_named_by_their_meeting_are_numbered(tmp_path: Path) -> None:
    read = READ(EXAMPLES["list-csv"].write(tmp_path))
    assert read.tables["votes"].select("vote_id", "state").rows() == [
        ("S/PV.9", "RUS"),
        ("S/PV.9#2", "RUS"),
        ("S/900", "TWN"),
        ("S/9001", "FRA"),
        ("S/9001", "GBR"),
        ("S/9001", "USA"),
        ("S/2014/9", "CHN"),
        ("S/2014/9", "RUS"),
    ]
    assert read.tables["acts"].select("source", "target").rows() == [
        ("FRA", "GBR"),
        ("FRA", "USA"),
        ("GBR", "USA"),
        ("CHN", "RUS"),
    ]


@pytest.mark.parametrize(("column", "value"), [("member_veto1", "Germany"), ("member_veto2", "China"), ("year", 2013)])
def test_contradictions_are_refused(column: str, value: object, tmp_path: Path) -> None:
    path = EXAMPLES["list-csv"].with_value(column, value).write(tmp_path)
    with pytest.raises(BadFile) as caught:
        READ(path)
    assert caught.value.row == 6


_NAMES = {"China": "CHN", "France": "FRA", "Russia": "RUS", "UK": "GBR", "USA": "USA"}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    drafts=st.dictionaries(
        st.integers(1, 900),
        st.tuples(
            st.lists(st.sampled_from(sorted(_NAMES)), min_size=1, max_size=3, unique=True),
            st.dates(date(1992, 1, 1), date(2022, 1, 1)),
        ),
        min_size=1,
        max_size=12,
    ),
    seed=st.randoms(use_true_random=False),
)
def test_vetoes_round_trip_in_any_order_of_rows(drafts, seed, tmp_path: Path) -> None:
    rows, votes, pairs = [], set(), []
    for number, (members, day) in drafts.items():
        symbol = f"S/{number}"
        when = f"{day.month}/{day.day}/{day.year}"
        rows.append((day.year, symbol, "x", "", *members, *[""] * (3 - len(members)), when))
        codes = sorted(_NAMES[member] for member in members)
        votes |= {(symbol, code) for code in codes}
        pairs += [(*pair, day) for pair in combinations(codes, 2)]
    seed.shuffle(rows)
    read = READ(replace(EXAMPLES["list-csv"], rows=tuple(rows)).write(tmp_path))
    assert set(read.tables["votes"].select("vote_id", "state").rows()) == votes
    acts = conform("acts", read.tables["acts"], "vetoes.csv")
    assert sorted(acts.select("source", "target", "start").rows()) == sorted(pairs)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 1000), byte=st.integers(0, 255))
def test_a_mutilated_list_raises_bad_file_or_nothing(place: int, byte: int, tmp_path: Path) -> None:
    path = EXAMPLES["list-csv"].write(tmp_path)
    content = bytearray(path.read_bytes())
    content[place % len(content)] = byte
    path.write_bytes(bytes(content))
    with contextlib.suppress(BadFile):
        read = READ(path)
        conform("votes", read.tables["votes"], path.name)
        conform("resolutions", read.tables["resolutions"], path.name)
