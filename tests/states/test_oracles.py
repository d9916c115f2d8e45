"""The registry against independent lists, state-year by state-year: what differs is exactly what is explained."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl
import pytest

from innominate import states
from tests.states.oracles import (
    MEMBERSHIP_ORACLES,
    Difference,
    code_differences,
    membership_differences,
    panel_differences,
)

HERE = Path(__file__).parent


def explained(comparison: str) -> set[Difference]:
    """Expand the table of explained differences to state-years."""
    with (HERE / "explained.csv").open(encoding="utf-8", newline="") as lines:
        return {
            (row["comparison"], row["who"], row["ours"], row["theirs"], year)
            for row in csv.DictReader(lines)
            if row["comparison"].startswith(comparison)
            for year in range(int(row["first_year"]), int(row["last_year"]) + 1)
        }


@pytest.mark.parametrize(("oracle", "system"), MEMBERSHIP_ORACLES)
def test_members_of_every_year_are_those_of_the_oracle(data_dir: Path, oracle: str, system: str) -> None:
    assert membership_differences(data_dir, oracle, system) == explained(oracle)


def test_every_code_of_a_state_year_means_the_same_state(data_dir: Path) -> None:
    assert code_differences(data_dir) == explained("codelist_panel")


@pytest.mark.parametrize("file", ["isard_cw_gw_panel", "isard_gw_cw_panel"])
def test_cow_and_gw_numbers_of_a_state_year_agree(data_dir: Path, file: str) -> None:
    assert panel_differences(data_dir, file) == explained(file)


def test_whoever_votes_in_the_general_assembly_is_a_member_that_year(data_dir: Path) -> None:
    votes = pl.read_parquet(data_dir / "votes/unga_votes_1946_2024-06.parquet", columns=["ccode", "date"])
    cast = votes.select("ccode", year=pl.col("date").dt.year()).unique()
    codes = states.resolve_many(cast["ccode"], cast["year"], system="cow")
    assert codes.null_count() == 0
    voted = set(zip(codes, cast["year"], strict=True))
    seated = {(code, year) for year in range(1946, 2025) for code in states.un_members(year)}
    late = {("UN votes", code, "vote", "", year) for code, year in voted - seated}
    assert late == explained("UN votes")


@pytest.mark.parametrize(
    ("year", "count"), [(1945, 51), (1946, 55), (1955, 76), (1960, 99), (1970, 127), (1991, 166), (2011, 193)]
)
def test_number_of_un_members_at_the_end_of_a_year_is_the_un_s_own_figure(year: int, count: int) -> None:
    last = pl.date(year, 12, 31)
    seated = states.spans("un").filter((pl.col("start") <= last) & (pl.col("end").is_null() | (pl.col("end") >= last)))
    assert len(seated) == count


def test_size_of_the_cow_system_in_its_first_and_last_year_is_cow_s_own_figure() -> None:
    assert [len(states.members("cow", year)) for year in (1816, 2016)] == [23, 195]
