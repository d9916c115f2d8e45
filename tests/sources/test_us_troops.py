"""United States troops abroad: the file's own numbers, known deployments, unknown against zero, small files."""

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
from innominate.sources.us_troops import SOURCE
from tests.sources.examples.us_troops import EXAMPLES, ROWS
from tests.sources.mutation import DAMAGES, Damage, damaged, reads_or_refuses

READ = SOURCE.forms[0].read
EXAMPLE = EXAMPLES["country-year-csv"]
QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def troops(data_dir: Path) -> Imported:
    return READ(data_dir / "military" / "troopdata-rebuild-country-year.csv")


def _in(imported: Imported, host: str, year: int) -> list[float | None]:
    """The numbers stored for a host; [] is a zero where the host is covered."""
    there = (pl.col("target") == host) & (pl.col("start") == date(year, 1, 1))
    return imported.tables["acts"].filter(there)["value"].to_list()


def _covered(imported: Imported, year: int) -> set[str]:
    held = imported.tables["coverage"].filter(
        (pl.col("first") <= date(year, 1, 1)) & (pl.col("last") >= date(year, 12, 31))
    )
    assert held.height == 1
    assert held["scope"][0].startswith("from:USA to:")
    return set(held["scope"][0].removeprefix("from:USA to:").split())


def test_rows_and_quirks_of_the_file(troops: Imported, data_dir: Path) -> None:
    raw = pl.read_csv(data_dir / "military" / "troopdata-rebuild-country-year.csv", infer_schema=False)
    places = raw.filter((pl.col("ccode").cast(pl.Int64) >= 1000) | (pl.col("countryname") == "Puerto Rico"))
    assert troops.rows == raw.height == 13135
    counts = {odd.reason: (odd.rows, odd.refused) for odd in troops.oddities}
    assert counts["the host is a territory or another place that is no state"] == (places.height, True)
    assert counts["the United States themselves"] == (75, True)
    assert counts["a second spelling of the same host with 0 beside the first"] == (29, False)
    assert troops.rows - troops.kept == sum(rows for rows, refused in counts.values() if refused)
    assert set(troops.tables["acts"]["source"]) == {"USA"}
    assert troops.tables["acts"].filter(pl.col("value") == 0).height == 0


def test_deployments_known_from_history(troops: Imported) -> None:
    assert 500_000 < _in(troops, "VDR", 1968)[0] < 550_000  # type: ignore[operator]
    assert 90_000 < _in(troops, "AFG", 2011)[0] < 110_000  # type: ignore[operator]
    assert 200_000 < _in(troops, "DEU", 1985)[0] < 280_000  # type: ignore[operator]
    assert 25_000 < _in(troops, "KOR", 2010)[0] < 40_000  # type: ignore[operator]
    assert _in(troops, "CUB", 1990)[0] > 1_000  # type: ignore[operator]  # Guantánamo


def test_vietnam_until_1975_is_the_south(troops: Imported) -> None:
    acts = troops.tables["acts"]
    assert acts.filter((pl.col("target") == "VNM") & (pl.col("start") < date(1976, 1, 1))).height == 0
    assert "VNM" not in _covered(troops, 1968)  # nothing is known of the North
    assert "VDR" in _covered(troops, 1968)
    assert "VNM" in _covered(troops, 1990)


def test_zero_unknown_and_outside(troops: Imported) -> None:
    assert "PRK" in _covered(troops, 1970)
    assert _in(troops, "PRK", 1970) == []
    assert "IRN" in _covered(troops, 1990)
    assert _in(troops, "IRN", 1990) == []
    for host, year in (("AFG", 2022), ("IRQ", 2023), ("SYR", 2022), ("KWT", 2004)):
        assert _in(troops, host, year) == [None], (host, year)
        assert host in _covered(troops, year)
    assert "KWT" not in _covered(troops, 1955)  # not independent
    assert "EST" not in _covered(troops, 1952)
    assert troops.tables["coverage"]["first"].min() == date(1950, 1, 1)
    assert troops.tables["coverage"]["last"].max() == date(2024, 12, 31)


def test_hosts_spelled_twice_count_once(troops: Imported) -> None:
    assert len(_in(troops, "CZE", 2013)) == 1
    assert len(_in(troops, "MMR", 2024)) == 1
    doubled = troops.tables["acts"].filter(pl.struct("target", "start").is_duplicated())
    assert doubled.height == 0


def test_the_years_without_reports_are_marked(troops: Imported) -> None:
    noted = troops.tables["acts"].filter(pl.col("note") == "interpolated by the provider")
    assert set(noted["start"].dt.year()) == {1951, 1952}


def test_the_example_by_hand(tmp_path: Path) -> None:
    read = READ(EXAMPLE.write(tmp_path))
    acts = conform("acts", read.tables["acts"], "troops.csv")
    assert acts.select("source", "target", "start", "end", "value", "row").rows() == [
        ("USA", "PER", date(1990, 1, 1), date(1990, 12, 31), 12.0, 5)
    ]
    assert read.tables["coverage"]["scope"].to_list() == ["from:USA to:KEN PER"]
    assert (read.rows, read.kept) == (4, 2)


def test_a_missing_number_is_unknown_and_a_second_number_refused(tmp_path: Path) -> None:
    read = READ(EXAMPLE.with_value("troops_ad", "NA").write(tmp_path))
    assert read.tables["acts"].select("target", "value").rows() == [("PER", None)]
    again = ("Peru (Republic)", *ROWS[3][1:])
    with pytest.raises(BadFile, match="row 6: the row for ccode 135, year 1990 stands twice"):
        READ(replace(EXAMPLE, rows=(*ROWS, again)).write(tmp_path))
    with pytest.raises(BadFile, match="row 5: column troops_ad: '-4' is below 0"):
        READ(EXAMPLE.with_value("troops_ad", "-4").write(tmp_path))


def test_either_number_of_germany_is_germany(tmp_path: Path) -> None:
    for number in ("255", "260"):
        row = ("Germany", "1995", number, "DEU", "Europe", "90000", "0", "0")
        read = READ(replace(EXAMPLE, rows=(*ROWS, row)).write(tmp_path))
        assert _in(read, "DEU", 1995) == [90000.0]


_HOSTS = {"PER": "135", "KEN": "501", "JPN": "740", "POL": "290"}


@QUICK
@given(
    numbers=st.dictionaries(
        st.tuples(st.sampled_from(sorted(_HOSTS)), st.integers(1970, 1980)), st.integers(0, 9999), min_size=1
    ),
    seed=st.randoms(use_true_random=False),
)
def test_numbers_round_trip_in_any_order(numbers: dict[tuple[str, int], int], seed, tmp_path: Path) -> None:
    rows = [(host, str(year), _HOSTS[host], host, "x", str(n), "0", "0") for (host, year), n in numbers.items()]
    seed.shuffle(rows)
    read = READ(replace(EXAMPLE, rows=tuple(rows)).write(tmp_path))
    found = read.tables["acts"].select("target", pl.col("start").dt.year(), "value").iter_rows()
    assert {(host, year): value for host, year, value in found} == {key: n for key, n in numbers.items() if n}
    for host, year in numbers:
        assert host in _covered(read, year)


@QUICK
@given(damages=DAMAGES)
def test_a_damaged_file_is_read_or_refused(damages: list[Damage], tmp_path: Path) -> None:
    path = tmp_path / "troops.csv"
    path.write_bytes(damaged(EXAMPLE.text().encode(), damages))
    reads_or_refuses(READ, path)
