"""Kiel: aid to Ukraine by month, in million euros, from the donors that are followed."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from innominate.errors import BadFile
from innominate.ledger import Imported, conform
from innominate.sources.kiel_ukraine import read_months
from tests.sources.examples.kiel_ukraine import EXAMPLES
from tests.sources.mutation import DAMAGES, Damage, damaged, reads_or_refuses

FAST = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
EXAMPLE = EXAMPLES["month-csv"]


@pytest.fixture(scope="module")
def real(data_dir: Path) -> Imported:
    return read_months(data_dir / "aid" / "kiel_ukraine_support_tracker.csv")


@pytest.fixture(scope="module")
def acts(real: Imported) -> pl.DataFrame:
    return conform("acts", real.tables["acts"], "test")


def test_rows_are_accounted_for(real: Imported) -> None:
    assert real.rows == 1079
    assert [(odd.rows, odd.refused) for odd in real.oddities] == [(47, True)]  # institutions of the Union
    assert real.kept == 1079 - 47


def test_amounts_are_million_euros(acts: pl.DataFrame) -> None:
    # the producer reports about 115 thousand million euros from the United States, of which some 64 military
    usa = acts.filter(pl.col("source") == "USA")
    assert 105_000 < usa["value"].sum() < 125_000
    assert 60_000 < usa.filter(pl.col("code") == "military")["value"].sum() < 70_000
    assert set(acts["unit"]) == {"million EUR"}
    assert set(acts["code"]) == {"financial", "humanitarian", "military"}
    assert acts["target"].unique().to_list() == ["UKR"]
    assert acts["directed"].all()


def test_what_is_known_of_single_donors(acts: pl.DataFrame) -> None:
    assert acts.filter(pl.col("source") == "CHE", pl.col("code") == "military").height == 0  # neutral
    assert acts.filter(pl.col("source") == "CHN", pl.col("code") != "humanitarian").height == 0
    assert acts.filter(pl.col("source") == "HUN", pl.col("code") == "military").height == 0
    assert acts["start"].min() >= date(2022, 1, 1)  # type: ignore[operator]
    first = acts.row(0, named=True)
    assert (first["start"].day, (first["end"].replace(day=28) - first["start"]).days) == (1, 27)


def test_coverage_is_the_followed_donors_to_ukraine(real: Imported) -> None:
    row = real.tables["coverage"].row(0, named=True)
    donors, recipient = row["scope"].removeprefix("from:").split(" to:")
    assert recipient == "UKR"
    listed = donors.split()
    assert len(listed) == 41
    assert {"USA", "TUR", "TWN", "CHN"} <= set(listed)
    assert "BRA" not in listed  # not followed: unknown
    assert row["first"] <= date(2022, 2, 1)
    assert row["last"] >= date(2026, 4, 30)


def test_a_month_without_allocations_is_a_known_zero(tmp_path: Path) -> None:
    nothing = ("Peru", "PER", 2022, 7, 0, 0, 0, 0, 0.5, 0.5, 200.5, 0.1)
    imported = read_months(replace(EXAMPLE, rows=(*EXAMPLE.rows, nothing)).write(tmp_path))
    assert (imported.rows, imported.kept) == (4, 3)
    assert conform("acts", imported.tables["acts"], "f").select("act_id", "value").sort("act_id").rows() == [
        ("kiel-ukraine:2:financial", 1.0),
        ("kiel-ukraine:2:military", 2.0),
        ("kiel-ukraine:4:humanitarian", 250.0),
    ]
    assert imported.tables["coverage"]["last"].item() == date(2022, 7, 31)


@pytest.mark.parametrize(("column", "value"), [("total", 0.9), ("military", -0.1), ("month", 0), ("iso", "UKR")])
def test_what_cannot_be_is_refused_with_its_row(column: str, value: object, tmp_path: Path) -> None:
    with pytest.raises(BadFile) as caught:
        read_months(EXAMPLE.with_value(column, value).write(tmp_path))
    assert caught.value.row == 4


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["PER", "CHL", "EU", "BRA"]),
        st.integers(2022, 2024),
        st.integers(1, 12),
        st.tuples(*[st.integers(0, 5)] * 3),
    ),
    max_size=12,
    unique_by=lambda row: row[:3],
)


@FAST
@given(rows=ROWS, order=st.randoms())
def test_order_does_not_matter_and_rows_round_trip(
    rows: list[tuple[str, int, int, tuple[int, int, int]]], order: random.Random, tmp_path: Path
) -> None:
    lines = [("x", iso, year, month, sum(kinds), *kinds, 0, 0, 0, 0) for iso, year, month, kinds in rows]
    lines.append(("x", "ARG", 2023, 1, 1, 1, 0, 0, 0, 0, 0, 0))
    mixed = list(lines)
    order.shuffle(mixed)
    columns = ["source", "start", "code", "value"]
    one, other = (read_months(replace(EXAMPLE, rows=tuple(each)).write(tmp_path)).tables for each in (lines, mixed))
    assert one["acts"].select(columns).sort(columns).equals(other["acts"].select(columns).sort(columns))
    assert one["coverage"].equals(other["coverage"])
    assert one["acts"]["value"].sum() == 1000.0 * (1 + sum(sum(row[3]) for row in rows if row[0] != "EU"))


@FAST
@given(damages=DAMAGES)
def test_damaged_files_are_read_or_refused(damages: list[Damage], tmp_path: Path) -> None:
    path = EXAMPLE.write(tmp_path)
    path.write_bytes(damaged(path.read_bytes(), damages))
    reads_or_refuses(read_months, path)
