"""What real datasets call states: each value resolves in its year, or is listed with the reason why not."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl
import pytest

from innominate import states
from innominate.states import System
from tests.states.agreement import PAIRS, Disagreement, disagreements
from tests.states.provider_columns import COLUMNS, Column

HERE = Path(__file__).parent

#: rows in which the provider itself says two things
PROVIDERS_OWN: dict[Disagreement, str] = {
    ("dcad", "EGY", "EGY", "652", "SYR"): "Egypt's abbreviation beside Syria's number",
    ("dcad", "VEN", "VEN", "145", "BOL"): "Venezuela's abbreviation beside Bolivia's number",
    ("us missions", "817", "VDR", "Vietnam", "VNM"): "the Department of State calls South Vietnam Vietnam",
    ("voeten 2025", "Yugoslavia", "SRB", "YUG", "YUG"): "YUG beside COW 345 until today",
}


def _unresolved(column: str) -> set[tuple[str, str, str]]:
    with (HERE / "unresolved.csv").open(encoding="utf-8", newline="") as lines:
        return {
            (row["value"], row["first_year"], row["last_year"])
            for row in csv.DictReader(lines)
            if row["column"] == column
        }


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.label)
def test_every_value_resolves_or_is_listed(data_dir: Path, column: Column) -> None:
    rows = column.read(data_dir)
    system: System = column.system  # type: ignore[assignment]
    left = rows.filter(states.resolve_many(rows["value"], rows["year"], system=system).is_null())
    spans = left.group_by("value").agg(first=pl.col("year").min(), last=pl.col("year").max())
    found = {tuple("" if cell is None else str(cell) for cell in row) for row in spans.iter_rows()}
    assert found == _unresolved(column.label)


@pytest.mark.parametrize(("label", "year", "columns"), PAIRS, ids=lambda part: part if isinstance(part, str) else "")
def test_names_and_numbers_of_a_row_mean_one_state(
    data_dir: Path, label: str, year: str | None, columns: tuple[tuple[str, System], ...]
) -> None:
    assert disagreements(data_dir, label, year, columns) <= set(PROVIDERS_OWN)


def test_every_listed_disagreement_is_still_there(data_dir: Path) -> None:
    found = set().union(*(disagreements(data_dir, *pair) for pair in PAIRS))
    assert found == set(PROVIDERS_OWN)


def test_every_exception_belongs_to_a_column() -> None:
    with (HERE / "unresolved.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert {row["column"] for row in rows} <= {column.label for column in COLUMNS}
    assert all(row["reason"] for row in rows)
