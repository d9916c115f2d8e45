"""Joint memberships: the file's known size, zero against unknown, and both forms on arbitrary small files."""

from __future__ import annotations

import contextlib
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from innominate.errors import BadFile
from innominate.ledger import Imported
from innominate.ledger.schemas import conform
from innominate.sources.cow_igo import SOURCE
from innominate.sources.peeking import peek
from tests.sources.examples.cow_igo import EXAMPLES

READ = {form.name: form.read for form in SOURCE.forms}


@pytest.fixture(scope="module")
def counts(data_dir: Path) -> Imported:
    return READ["counts-parquet"](data_dir / "igo" / "cow_joint_igo_dyad_year.parquet")


def _values(imported: Imported, a: str, b: str) -> dict[int, float]:
    acts = imported.tables["acts"].filter((pl.col("source") == a) & (pl.col("target") == b))
    return {start.year: value for start, value in acts.select("start", "value").iter_rows()}


def test_every_row_is_kept_and_zeros_are_no_acts(counts: Imported, data_dir: Path) -> None:
    assert (counts.rows, counts.kept, counts.oddities) == (917695, 917695, ())
    provider = pl.read_parquet(data_dir / "igo" / "cow_joint_igo_dyad_year.parquet")
    acts = counts.tables["acts"]
    assert acts.height == provider.filter(pl.col("dyadigos") > 0).height
    assert acts["value"].sum() == provider["dyadigos"].sum()


def test_what_history_says(counts: Imported) -> None:
    france_germany = _values(counts, "DEU", "FRA")
    assert france_germany[1938] < france_germany[1960] < france_germany[2000]
    assert (
        france_germany[2000]
        == max(
            value
            for (value,) in counts.tables["acts"]
            .filter(pl.col("start") == date(2000, 1, 1))
            .select("value")
            .iter_rows()
        )
        or france_germany[2000] > 80
    )
    assert max(_values(counts, "KOR", "PRK")) == 2014
    assert min(_values(counts, "KOR", "PRK")) > 1948


def test_zero_is_covered_and_later_years_are_unknown(counts: Imported) -> None:
    seen = counts.tables["coverage"]
    assert (seen["first"].min(), seen["last"].max()) == (date(1816, 1, 1), date(2014, 12, 31))
    assert seen["scope"].str.starts_with("among:").all()
    in_1950 = seen.filter((pl.col("first") <= date(1950, 6, 1)) & (pl.col("last") >= date(1950, 6, 1)))
    assert in_1950.height == 1
    states = set(in_1950["scope"][0].removeprefix("among:").split())
    assert {"PRK", "KOR", "USA"} <= states
    assert "DDR" not in states  # in the system from 1954
    assert 1950 not in _values(counts, "PRK", "USA")  # both looked at, nothing in common: a zero


def test_the_original_form_counts_full_memberships_and_knows_what_is_missing(tmp_path: Path) -> None:
    read = READ["original-csv"](EXAMPLES["original-csv"].write(tmp_path))
    assert (read.rows, read.kept) == (4, 4)
    assert read.tables["acts"].select("source", "target", "start", "value").rows() == [
        ("CAN", "USA", date(1990, 1, 1), 2.0),
        ("CAN", "GBR", date(1990, 1, 1), None),  # missing for every organisation
        ("CAN", "USA", date(1992, 1, 1), 3.0),
    ]
    assert [(odd.rows, odd.refused) for odd in read.oddities] == [(2, False)]
    assert read.tables["coverage"].select("scope", "first", "last").rows() == [
        ("among:CAN GBR USA", date(1990, 1, 1), date(1990, 12, 31)),
        ("among:CAN USA", date(1992, 1, 1), date(1992, 12, 31)),
    ]


def test_pairs_that_do_not_stand_in_the_file_are_unknown(tmp_path: Path) -> None:
    example = EXAMPLES["counts-parquet"]
    read = READ["counts-parquet"](replace(example, rows=example.rows[:2]).write(tmp_path))
    assert sorted(read.tables["coverage"]["scope"]) == ["among:CAN USA", "among:GBR USA"]


def test_the_archive_reads_as_the_file(tmp_path: Path) -> None:
    plain = EXAMPLES["original-csv"].write(tmp_path)
    packed = tmp_path / "igo.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(plain, "dyadic_formatv3.csv")
    assert [form.name for form in SOURCE.forms if form.recognise(peek(packed))] == ["original-csv"]
    first, second = (READ["original-csv"](path).tables["acts"].drop("file") for path in (plain, packed))
    assert first.equals(second)


def test_a_code_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    path = EXAMPLES["original-csv"].with_value("AARO", 7, row=2).write(tmp_path)
    with pytest.raises(BadFile, match="none of") as caught:
        READ["original-csv"](path)
    assert caught.value.row == 4


CODES = {2: "USA", 20: "CAN", 200: "GBR", 220: "FRA"}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cells=st.dictionaries(
        st.tuples(st.sampled_from([(2, 20), (2, 200), (20, 220), (200, 220)]), st.integers(1950, 2014)),
        st.lists(st.sampled_from([-9, -1, 0, 1]), min_size=4, max_size=4),
        min_size=1,
    ),
    seed=st.randoms(use_true_random=False),
)
def test_counts_round_trip_in_any_order_of_rows(cells, seed, tmp_path: Path) -> None:
    rows = [(a * 1000 + b, a, "x", b, "y", year, *member) for ((a, b), year), member in cells.items()]
    seed.shuffle(rows)
    read = READ["original-csv"](replace(EXAMPLES["original-csv"], rows=tuple(rows)).write(tmp_path))
    acts = conform("acts", read.tables["acts"], "dyadic.csv")
    found = {
        (s, t, start.year): value
        for s, t, start, value in acts.select("source", "target", "start", "value").iter_rows()
    }
    meant = {}
    for ((a, b), year), member in cells.items():
        pair = (*sorted((CODES[a], CODES[b])), year)
        if set(member) == {-9}:
            meant[pair] = None
        elif member.count(1):
            meant[pair] = float(member.count(1))
    assert found == meant


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(form=st.sampled_from(sorted(EXAMPLES)), place=st.integers(0, 2000), byte=st.integers(0, 255))
def test_a_mutilated_file_raises_bad_file_or_nothing(form: str, place: int, byte: int, tmp_path: Path) -> None:
    path = EXAMPLES[form].write(tmp_path)
    content = bytearray(path.read_bytes())
    content[place % len(content)] = byte
    path.write_bytes(bytes(content))
    with contextlib.suppress(BadFile):
        conform("acts", READ[form](path).tables["acts"], path.name)
