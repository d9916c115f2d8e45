"""Our own table of treaties: facts that anybody can look up, and the parser on arbitrary small tables."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from innominate import states
from innominate.errors import BadFile
from innominate.ledger import Imported
from innominate.ledger.schemas import conform
from innominate.sources.atop import SOURCE as ATOP
from innominate.sources.treaties import SOURCE, family_name
from tests.sources.examples.treaties import EXAMPLES

READ = SOURCE.forms[0].read
ATOP_FORMS = {form.name: form.read for form in ATOP.forms}
TABLE = Path(str(resources.files("innominate"))) / str(SOURCE.packaged)


@pytest.fixture(scope="module")
def table() -> Imported:
    return READ(TABLE)


def _members(table: Imported, family: str, on: date) -> set[str]:
    frame = table.tables["commitments"].filter(pl.col("treaty_id").str.starts_with(f"{family}:"))
    frame = frame.filter((pl.col("start") <= on) & (pl.col("end").is_null() | (pl.col("end") >= on)))
    return set(frame["a"]) | set(frame["b"])


@pytest.mark.parametrize(
    ("family", "on", "count"),
    [
        ("nato", date(1950, 1, 1), 12),
        ("nato", date(1953, 1, 1), 14),
        ("nato", date(1955, 12, 31), 15),
        ("nato", date(1990, 1, 1), 16),
        ("nato", date(1999, 12, 31), 19),
        ("nato", date(2005, 1, 1), 26),
        ("nato", date(2018, 1, 1), 29),
        ("nato", date(2021, 1, 1), 30),
        ("nato", date(2023, 6, 1), 31),
        ("nato", date(2025, 1, 1), 32),
        ("warsaw", date(1960, 1, 1), 8),
        ("warsaw", date(1975, 1, 1), 7),
        ("warsaw", date(1991, 1, 1), 6),
        ("csto", date(1995, 1, 1), 9),
        ("csto", date(2003, 1, 1), 6),
        ("csto", date(2010, 1, 1), 7),
        ("csto", date(2025, 1, 1), 6),
        ("eu", date(2019, 1, 1), 28),
        ("eu", date(2021, 1, 1), 27),
        ("weu", date(2000, 1, 1), 10),
        ("gcc", date(2020, 1, 1), 6),
        ("sahel", date(2024, 1, 1), 3),
        ("rio", date(2024, 1, 1), 23 - 6),
        ("seato", date(1960, 1, 1), 8),
    ],
)
def test_number_of_members(table: Imported, family: str, on: date, count: int) -> None:
    assert len(_members(table, family, on)) == count


def test_members_by_name(table: Imported) -> None:
    assert _members(table, "csto", date(2025, 6, 1)) == {"ARM", "BLR", "KAZ", "KGZ", "RUS", "TJK"}
    assert _members(table, "warsaw", date(1980, 1, 1)) == {"BGR", "CSK", "DDR", "HUN", "POL", "ROU", "RUS"}
    assert {"URY", "USA"} <= _members(table, "rio", date(2021, 1, 1))
    assert not {"CUB", "MEX", "VEN", "NIC", "BOL", "ECU"} & _members(table, "rio", date(2021, 1, 1))
    assert not {"MLI", "BFA", "NER"} & _members(table, "ecowas", date(2025, 6, 1))


def test_what_binds_nobody_is_recorded_but_no_commitment(table: Imported) -> None:
    titles = set(table.tables["commitments"]["title"])
    assert not {title for title in titles if "AUKUS" in title or "Qatar" in title}
    assert [(odd.rows, odd.refused) for odd in table.oddities] == [(table.rows - table.kept, True)]


def test_every_treaty_is_cited_and_its_parties_exist(table: Imported) -> None:
    frame = conform("commitments", table.tables["commitments"], TABLE.name)
    assert frame["citation"].null_count() == 0
    assert frame["citation"].str.len_chars().min() > 8
    for code, start in frame.select(pl.col("a"), "start").unique().iter_rows():
        assert states.exists(code, start.year), (code, start)


def test_completeness_is_claimed_for_recent_years_only(table: Imported) -> None:
    assert table.tables["coverage"].select("scope", "first", "last").rows() == [
        ("all", date(2019, 1, 1), date(2026, 6, 30))
    ]


def test_pairs_of_overlapping_spells(tmp_path: Path) -> None:
    read = READ(EXAMPLES["table-csv"].write(tmp_path))
    assert (read.rows, read.kept) == (4, 3)
    assert read.tables["commitments"].select(
        "treaty_id", "a", "b", "start", "end", "defence", "nonaggression"
    ).rows() == [
        ("lake:lake-1950=atop:9001", "AUT", "CHE", date(1956, 3, 1), date(1999, 12, 31), True, True),
        ("lake:lake-1950=atop:9001", "CHE", "ITA", date(2020, 1, 1), None, True, False),
    ]


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("end", "1949-01-01", "ends before"),
        ("end", "2050-01-01", "beyond"),
        ("family", "Lake: 1", "other signs"),
        ("member", "DDR", "did not exist"),
    ],
)
def test_slips_of_the_pen_are_refused_with_their_row(column: str, value: Any, reason: str, tmp_path: Path) -> None:
    path = EXAMPLES["table-csv"].with_value(column, value, row=2).write(tmp_path)
    with pytest.raises(BadFile, match=reason) as caught:
        READ(path)
    assert caught.value.row == 4


_SPELLS = st.dictionaries(
    st.sampled_from(["CHE", "AUT", "ITA", "FRA"]),
    st.tuples(st.dates(date(1960, 1, 1), date(2020, 1, 1)), st.none() | st.integers(0, 2000)),
    min_size=1,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spells=_SPELLS, seed=st.randoms(use_true_random=False))
def test_a_pair_is_bound_while_both_are_parties(
    spells: dict[str, tuple[date, int | None]], seed, tmp_path: Path
) -> None:
    lives = {
        code: (start, date.fromordinal(start.toordinal() + n) if n is not None else None)
        for code, (start, n) in spells.items()
    }
    rows = [
        ("lake", "lake-1960", "Lake", code, str(start), str(end or ""), 1, 0, 0, 0, 0, 1, "", "Gazette", "")
        for code, (start, end) in lives.items()
    ]
    seed.shuffle(rows)
    read = READ(replace(EXAMPLES["table-csv"], rows=tuple(rows)).write(tmp_path))
    found = {(a, b): (s, e) for a, b, s, e in read.tables["commitments"].select("a", "b", "start", "end").iter_rows()}
    meant = {}
    for a in lives:
        for b in lives:
            start = max(lives[a][0], lives[b][0])
            ends = [end for end in (lives[a][1], lives[b][1]) if end]
            if a < b and (not ends or start <= min(ends)):
                meant[a, b] = (start, min(ends, default=None))
    assert found == meant


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 1000), byte=st.integers(0, 255))
def test_a_mutilated_table_raises_bad_file_or_nothing(place: int, byte: int, tmp_path: Path) -> None:
    path = EXAMPLES["table-csv"].write(tmp_path)
    content = bytearray(path.read_bytes())
    content[place % len(content)] = byte
    path.write_bytes(bytes(content))
    with contextlib.suppress(BadFile):
        conform("commitments", READ(path).tables["commitments"], path.name)


def test_a_treaty_of_two_that_atop_holds_too_names_it(table: Imported, data_dir: Path) -> None:
    """Else it is counted and listed twice, on two dates."""
    atop = ATOP_FORMS["member-csv"](data_dir / "formal" / "atop5_1m.csv").tables["commitments"]
    two = atop.with_columns(pl.len().over("treaty_id").alias("pairs")).filter(pl.col("pairs") == 1)
    two = two.filter(pl.col("end").is_null() | (pl.col("end") >= date(1950, 1, 1)))  # agreements of the war are others
    ours = table.tables["commitments"].with_columns(pl.len().over("treaty_id").alias("pairs"))
    alone = ours.filter(pl.col("pairs") == 1, ~pl.col("treaty_id").str.contains("=atop:"))
    met = alone.join(two, on=["a", "b"], suffix="_atop")
    # signed or in force within three years of one another; ATOP's date is that of the signature
    near = met.filter((pl.col("start") - pl.col("start_atop")).dt.total_days().is_between(-31, 3 * 365))
    assert near.select("treaty_id", "treaty_id_atop").rows() == []


def test_what_is_noted_of_both_parties_is_told_once(table: Imported) -> None:
    noted = table.tables["commitments"]["citation"].drop_nulls().str.split(" | ").list.last().str.split("; ")
    assert noted.list.len().max() > 2  # type: ignore[operator]
    assert (noted.list.len() == noted.list.n_unique()).all()


def test_every_family_has_a_name_for_people(table: Imported) -> None:
    families = set(table.tables["commitments"]["treaty_id"].str.split(":").list.first())
    assert all(family_name(family) != family for family in families), families
    assert family_name("us-bilateral") == "US, bilateral"
    assert family_name("my-own") == "my-own"
