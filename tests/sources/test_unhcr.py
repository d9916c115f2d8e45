"""UNHCR: refugees by origin and asylum, and what an absent row means."""

from __future__ import annotations

import random
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from innominate.errors import BadFile
from innominate.ledger import Imported, conform
from innominate.sources.importing import recognise
from innominate.sources.peeking import peek
from innominate.sources.unhcr import SOURCE, read_copy, read_download
from tests.sources.examples.unhcr import EXAMPLES
from tests.sources.mutation import DAMAGES, Damage, damaged, reads_or_refuses

FAST = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def real(data_dir: Path) -> Imported:
    return read_copy(data_dir / "aid" / "unhcr_population.parquet")


def _value(imported: Imported, origin: str, asylum: str, year: int) -> float | None:
    found = conform("acts", imported.tables["acts"], "test").filter(
        pl.col("source") == origin, pl.col("target") == asylum, pl.col("start") == date(year, 1, 1)
    )
    return None if found.height == 0 else found["value"].item()


def _reported(imported: Imported, asylum: str, year: int) -> bool:
    row = imported.tables["coverage"].filter(pl.col("first") == date(year, 1, 1))
    return row.height == 1 and asylum in row["scope"].item().removeprefix("to:").split()


def test_rows_are_accounted_for(real: Imported) -> None:
    assert real.rows == 138_893
    assert real.rows - real.kept == sum(odd.rows for odd in real.oddities if odd.refused)
    assert {odd.reason for odd in real.oddities if not odd.refused} == {
        "filed under a later state's name: Yugoslavia, Czechoslovakia"
    }


def test_known_refugee_populations(real: Imported) -> None:
    assert 2.4e6 < (_value(real, "SYR", "TUR", 2015) or 0) < 2.6e6
    assert (_value(real, "UKR", "POL", 2021) or 0) < 1e4
    assert (_value(real, "UKR", "POL", 2022) or 0) > 9e5
    assert 1e6 < (_value(real, "RWA", "COD", 1994) or 0) < 1.5e6
    assert 2e6 < (_value(real, "AFG", "PAK", 1985) or 0) < 3.5e6


def test_stocks_stand_for_the_whole_year_and_run_from_origin_to_asylum(real: Imported) -> None:
    acts = conform("acts", real.tables["acts"], "test")
    assert acts["directed"].all()
    assert (acts["start"].dt.month() == 1).all()
    assert (acts["end"].dt.month() == 12).all()
    assert acts["value"].min() == 5.0  # 1 to 4 are rounded away
    assert acts["value"].null_count() == 0


def test_federations_that_are_gone_are_put_back(real: Imported) -> None:
    acts = conform("acts", real.tables["acts"], "test")
    assert acts.filter(pl.col("source") == "SRB", pl.col("start") < date(1992, 1, 1)).height == 0
    assert acts.filter(pl.col("target") == "YUG").height > 20
    assert acts.filter(pl.col("source") == "CSK").height > 20
    assert acts.filter(pl.col("source") == "CZE", pl.col("start") < date(1993, 1, 1)).height == 0


def test_a_country_with_many_of_unknown_origin_is_not_covered(real: Imported) -> None:
    assert not _reported(real, "CHN", 1951)
    assert _reported(real, "TUR", 2015)
    assert _reported(real, "PAK", 1985)
    # every refugee of 1951 is of unknown origin: nothing is known of any pair
    assert real.tables["coverage"]["first"].min() > date(1951, 1, 1)


def test_zero_inside_and_unknown_outside(real: Imported) -> None:
    assert _reported(real, "DEU", 2020)
    assert _value(real, "DNK", "DEU", 2020) is None  # no row: a known zero (or fewer than five)
    assert _value(real, "NOR", "DEU", 2020) is None  # a row of asylum-seekers only
    assert not _reported(real, "USA", 1960)
    assert _value(real, "CUB", "USA", 1960) is None  # unknown
    coverage = real.tables["coverage"]
    assert coverage.filter(pl.col("first") == date(2026, 1, 1)).height == 0


def test_arrivals_are_not_taken_for_populations(data_dir: Path) -> None:
    assert recognise(peek(data_dir / "aid" / "unhcr_flows.parquet"), [SOURCE]) is None
    match = recognise(peek(data_dir / "aid" / "unhcr_population.parquet"), [SOURCE])
    assert match is not None
    assert match[1].name == "population-parquet"


def test_the_download_reads_like_the_copy_plain_and_zipped(tmp_path: Path) -> None:
    plain = EXAMPLES["download-csv"].write(tmp_path)
    packed = tmp_path / "download.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("footnotes.csv", "a,b\n1,2\n")
        archive.write(plain, "population.csv")
    for path in (plain, packed):
        match = recognise(peek(path), [SOURCE])
        assert match is not None
        assert match[1].name == "download-csv"
        imported = match[1].read(path)
        assert (imported.rows, imported.kept) == (3, 2)
        assert _value(imported, "PER", "CHL", 2010) == 120.0
        assert imported.tables["acts"]["row"].to_list() == [16, 18]  # the header is line 15
        assert _reported(imported, "CHL", 2010)  # 4 % of unknown origin


def test_a_header_with_blanks_and_a_dash_for_nothing_said(tmp_path: Path) -> None:
    example = EXAMPLES["download-csv"].with_value("Refugees under UNHCR's mandate", "-")
    example = replace(example, header=tuple(f"{name} " for name in example.header))
    imported = read_download(example.write(tmp_path))
    assert _value(imported, "CHL", "PER", 2011) is None
    assert imported.tables["acts"].filter(pl.col("source") == "CHL").height == 1  # looked, does not know
    assert any(odd.reason == "the number of refugees is not given" for odd in imported.oddities)


def test_faults_name_the_line_of_the_file(tmp_path: Path) -> None:
    path = EXAMPLES["download-csv"].with_value("Refugees under UNHCR's mandate", "-9").write(tmp_path)
    with pytest.raises(BadFile) as caught:
        read_download(path)
    assert caught.value.row == 18


ROWS = st.lists(
    st.tuples(
        st.integers(1995, 1998),
        st.sampled_from(["PER", "CHL", "UNK", "XXA", "NAM"]),
        st.sampled_from(["PER", "CHL", "BRA"]),
        st.integers(0, 50),
    ),
    min_size=1,
    max_size=20,
    unique_by=lambda row: row[:3],
)


@FAST
@given(rows=ROWS, order=st.randoms())
def test_order_does_not_matter_and_rows_round_trip(
    rows: list[tuple[int, str, str, int]], order: random.Random, tmp_path: Path
) -> None:
    def read(lines: list[tuple[int, str, str, int]]) -> Imported:
        full = tuple((year, "x", "x", coo, "y", "y", coa, count, 0, 0) for year, coo, coa, count in lines)
        return read_copy(replace(EXAMPLES["population-parquet"], rows=full).write(tmp_path))

    mixed = list(rows)
    order.shuffle(mixed)
    one, other = read(rows), read(mixed)
    columns = ["start", "source", "target", "value"]
    assert one.tables["acts"].select(columns).sort(columns).equals(other.tables["acts"].select(columns).sort(columns))
    assert one.tables["coverage"].equals(other.tables["coverage"])
    expected = {
        (date(year, 1, 1), coo, coa, float(count))
        for year, coo, coa, count in rows
        if coo not in ("UNK", "XXA") and coo != coa and count > 0
    }
    assert set(one.tables["acts"].select(columns).iter_rows()) == expected


@FAST
@given(damages=DAMAGES)
def test_damaged_downloads_are_read_or_refused(damages: list[Damage], tmp_path: Path) -> None:
    path = EXAMPLES["download-csv"].write(tmp_path)
    path.write_bytes(damaged(path.read_bytes(), damages))
    reads_or_refuses(read_download, path)
