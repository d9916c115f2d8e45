"""Multinational exercises: counts of the real file, single exercises known from elsewhere, and the parser's promises."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from innominate.errors import BadFile
from innominate.sources.mme import read
from tests.sources.examples.mme import EXAMPLES

EXAMPLE = EXAMPLES["participants-csv"]


@pytest.fixture(scope="module")
def imported(data_dir: Path):  # type: ignore[no-untyped-def]
    return read(data_dir / "military/mme-v7-long.csv")


def test_rows_are_all_accounted_for(imported) -> None:  # type: ignore[no-untyped-def]
    assert imported.rows == 13_818
    assert imported.kept + sum(odd.rows for odd in imported.oddities if odd.refused) == imported.rows
    reasons = {odd.reason: odd.rows for odd in imported.oddities}
    assert reasons["the party is no state"] == 211  # 208 unnamed, NATO twice, the Baltic States


def test_known_exercises_are_there(imported) -> None:  # type: ignore[no-untyped-def]
    acts = imported.tables["acts"]

    def together(a: str, b: str, year: int) -> int:
        pair = (pl.col("source") == a) & (pl.col("target") == b) & (pl.col("start").dt.year() == year)
        return acts.filter(pair).height

    assert together("CHN", "RUS", 2005) >= 1  # Peace Mission 2005, the first large Sino-Russian exercise
    assert together("KOR", "USA", 1990) >= 1  # Team Spirit
    assert acts.filter((pl.col("source") == "PRK") | (pl.col("target") == "PRK")).height <= 3


def test_an_exercise_of_n_states_is_n_choose_two_acts(tmp_path: Path) -> None:
    acts = read(EXAMPLE.write(tmp_path)).tables["acts"]
    assert sorted(acts.filter(pl.col("code") == "mme1").select("source", "target").rows()) == [
        ("CAN", "GBR"),
        ("CAN", "USA"),
        ("GBR", "USA"),
    ]
    other = acts.filter(pl.col("code") == "mme2")
    assert other.select("start", "end").row(0) == (date(1992, 1, 1), date(1992, 12, 31))


def test_impossible_days_are_refused_with_their_row(tmp_path: Path) -> None:
    with pytest.raises(BadFile) as caught:
        read(EXAMPLE.with_value("s.month", "2", 1).with_value("s.day", "30", 1).write(tmp_path))
    assert caught.value.row == 3


@settings(max_examples=25, deadline=None)
@given(st.permutations(list(EXAMPLE.rows)))
def test_order_of_rows_changes_no_act(rows: list[tuple[str, ...]]) -> None:
    columns = ["source", "target", "start", "end", "code"]
    with tempfile.TemporaryDirectory() as folder:
        plain = read(EXAMPLE.write(Path(folder))).tables["acts"].select(columns).sort(columns)
        mixed = (
            read(replace(EXAMPLE, rows=tuple(rows)).write(Path(folder))).tables["acts"].select(columns).sort(columns)
        )
    assert plain.equals(mixed)


@settings(max_examples=60, deadline=None)
@given(st.binary(min_size=1, max_size=6), st.floats(0, 1))
def test_damage_raises_nothing_but_a_clear_error(noise: bytes, where: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = EXAMPLE.write(Path(folder))
        content = path.read_bytes()
        cut = int(where * len(content))
        path.write_bytes(content[:cut] + noise + content[cut:])
        try:
            read(path)
        except BadFile as error:
            assert path.name in str(error)
