"""Ranks of United States missions: known breaks and openings of relations, zero against unknown, small files."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from innominate.errors import BadFile
from innominate.ledger import Imported, conform
from innominate.sources.us_missions import RANKS, SOURCE
from tests.sources.examples.us_missions import EXAMPLES, ROWS
from tests.sources.mutation import DAMAGES, Damage, damaged, reads_or_refuses

READ = {form.name: form.read for form in SOURCE.forms}
EXAMPLE = EXAMPLES["yearly-cow-csv"]
QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def missions(data_dir: Path) -> Imported:
    return READ["yearly-cow-csv"](data_dir / "diplomacy" / "us_mission_status_yearly_1816_2024.csv")


def _in(imported: Imported, host: str, year: int) -> list[str]:
    """The ranks stored for a host; [] is no mission where the host is covered."""
    there = (pl.col("target") == host) & (pl.col("start") == date(year, 1, 1))
    return imported.tables["acts"].filter(there)["code"].to_list()


def _covered(imported: Imported, year: int) -> set[str]:
    held = imported.tables["coverage"].filter(
        (pl.col("first") <= date(year, 1, 1)) & (pl.col("last") >= date(year, 12, 31))
    )
    assert held.height == 1
    return set(held["scope"][0].removeprefix("from:USA to:").split())


def test_rows_and_quirks_of_the_file(missions: Imported, data_dir: Path) -> None:
    raw = pl.read_csv(data_dir / "diplomacy" / "us_mission_status_yearly_1816_2024.csv", infer_schema=False)
    none = raw.filter(pl.col("us_mission_mode") == "None").height
    assert (missions.rows, missions.kept) == (raw.height, raw.height - 2) == (17302, 17300)  # Germany, Yemen in 1990
    acts = missions.tables["acts"]
    assert acts.height == raw.height - none - 2
    assert acts["value"].to_list() == [float(RANKS[rank]) for rank in acts["code"]]
    assert acts.filter(pl.struct("target", "start").is_duplicated()).height == 0


def test_relations_known_from_history(missions: Imported) -> None:
    assert [_in(missions, "CUB", year) for year in (1960, 1962, 1990, 2016)] == [
        ["Embassy"],
        [],
        ["Interests"],
        ["Embassy"],
    ]
    assert [_in(missions, "CHN", year) for year in (1960, 1974, 1980)] == [[], ["Liaison"], ["Embassy"]]
    assert [_in(missions, "TWN", year) for year in (1978, 1980)] == [["Embassy"], []]
    assert [_in(missions, "RUS", year) for year in (1890, 1925, 1934)] == [["Legation"], [], ["Embassy"]]
    assert [_in(missions, "IRN", year) for year in (1978, 1982)] == [["Embassy"], ["Interests"]]
    assert _in(missions, "GBR", 1950) == ["Embassy"]


def test_no_mission_is_a_zero_and_no_membership_unknown(missions: Imported) -> None:
    assert "PRK" in _covered(missions, 2000)
    assert _in(missions, "PRK", 2000) == []
    assert "BTN" in _covered(missions, 2000)
    assert _in(missions, "BTN", 2000) == []
    assert "DEU" not in _covered(missions, 1950)
    assert _in(missions, "DEU", 1990) == ["Embassy"]
    assert "EST" not in _covered(missions, 1960)
    assert missions.tables["coverage"].select(pl.col("first").min(), pl.col("last").max()).row(0) == (
        date(1816, 1, 1),
        date(2024, 12, 31),
    )


def test_a_change_within_the_year_is_noted(missions: Imported) -> None:
    cuba = missions.tables["acts"].filter((pl.col("target") == "CUB") & (pl.col("start") == date(2015, 1, 1)))
    assert cuba.select("code", "note").rows() == [("Interests", "between interests and embassy")]  # opened 20 July


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_the_example_by_hand(name: str, tmp_path: Path) -> None:
    read = READ[name](EXAMPLES[name].write(tmp_path))
    acts = conform("acts", read.tables["acts"], "missions.csv")
    assert acts.select("source", "target", "value", "code", "note", "row").rows() == [
        ("USA", "PER", 8.0, "Embassy", None, 2),
        ("USA", "CHL", 6.0, "Legation", "between interests and legation", 4),
    ]
    assert read.tables["coverage"]["scope"].to_list() == ["from:USA to:CHL KEN PER"]
    assert (read.rows, read.kept) == (3, 3)


def test_two_codes_of_one_state_and_an_unknown_rank(tmp_path: Path) -> None:
    west = ("GFR", "260", "W", "W", "1990", *["Legation"] * 4)
    united = ("GMY", "255", "G", "G", "1990", *["Embassy"] * 4)
    read = READ["yearly-cow-csv"](replace(EXAMPLE, rows=(*ROWS, west, united)).write(tmp_path))
    assert _in(read, "DEU", 1990) == ["Embassy"]
    assert [(odd.rows, odd.first) for odd in read.oddities if odd.refused] == [(1, (5,))]
    with pytest.raises(BadFile, match="row 4: column us_mission_mode: 'Palace' is none of"):
        READ["yearly-cow-csv"](EXAMPLE.with_value("us_mission_mode", "Palace").write(tmp_path))
    with pytest.raises(BadFile, match="row 4: the United States"):
        READ["yearly-cow-csv"](EXAMPLE.with_value("country_code_cow", "2").write(tmp_path))


_CODES = {"135": "PER", "155": "CHL", "501": "KEN", "740": "JPN"}


@QUICK
@given(
    ranks=st.dictionaries(
        st.tuples(st.sampled_from(sorted(_CODES)), st.integers(1970, 1980)), st.sampled_from(sorted(RANKS)), min_size=1
    ),
    seed=st.randoms(use_true_random=False),
)
def test_ranks_round_trip_in_any_order(ranks: dict[tuple[str, int], str], seed, tmp_path: Path) -> None:
    rows = [("X", code, "x", "x", str(year), *[rank] * 4) for (code, year), rank in ranks.items()]
    seed.shuffle(rows)
    read = READ["yearly-cow-csv"](replace(EXAMPLE, rows=tuple(rows)).write(tmp_path))
    for (code, year), rank in ranks.items():
        assert _in(read, _CODES[code], year) == ([rank] if rank != "None" else [])
        assert _CODES[code] in _covered(read, year)


@QUICK
@given(damages=DAMAGES)
def test_a_damaged_file_is_read_or_refused(damages: list[Damage], tmp_path: Path) -> None:
    path = tmp_path / "missions.csv"
    path.write_bytes(damaged(EXAMPLE.text().encode(), damages))
    reads_or_refuses(READ["yearly-cow-csv"], path)
