"""The UCDP/PRIO Armed Conflict Dataset: who is known to have fought whom, and on whose side."""

from __future__ import annotations

import zipfile
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from innominate.errors import BadFile
from innominate.ledger import Imported, conform
from innominate.sources.peeking import peek
from innominate.sources.ucdp_conflict import SOURCE
from tests.sources.examples.ucdp_conflict import EXAMPLES, ROWS
from tests.sources.mutation import DAMAGES, Damage, damaged, reads_or_refuses

READ = SOURCE.forms[0].read
EXAMPLE = EXAMPLES["conflict-year-csv"]
QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def conflicts(data_dir: Path) -> Imported:
    return READ(data_dir / "conflict" / "UcdpPrioConflict_v24_1.csv")


def _years(imported: Imported, channel: str, source: str, target: str) -> list[int]:
    pair = (pl.col("source") == source) & (pl.col("target") == target) & (pl.col("channel") == channel)
    return sorted(imported.tables["acts"].filter(pair)["start"].dt.year().unique())


def test_rows_and_quirks_of_the_file(conflicts: Imported) -> None:
    assert (conflicts.rows, conflicts.kept) == (2686, 2683)
    assert [(odd.rows, odd.refused) for odd in conflicts.oddities] == [(3, True), (111, False)]
    assert conflicts.tables["coverage"].select("channel", "scope", "first", "last").rows() == [
        (channel, "all", date(1946, 1, 1), date(2023, 12, 31)) for channel in ("troop-support", "war")
    ]


def test_the_korean_war(conflicts: Imported) -> None:
    years = [1950, 1951, 1952, 1953]
    assert _years(conflicts, "troop-support", "CHN", "PRK") == years
    assert _years(conflicts, "troop-support", "USA", "KOR") == years
    assert _years(conflicts, "troop-support", "TUR", "KOR") == years
    assert _years(conflicts, "war", "KOR", "PRK") == [1949, *years]  # the border fighting of 1949 counts
    assert set(years) <= set(_years(conflicts, "war", "PRK", "USA"))
    assert _years(conflicts, "war", "CHN", "KOR") == years
    assert not set(years) & set(_years(conflicts, "war", "CHN", "USA"))  # supporters of two sides: no act of their own
    assert _years(conflicts, "troop-support", "USA", "TUR") == []  # nor of one side
    assert _years(conflicts, "troop-support", "PRK", "CHN") == []


def test_other_wars(conflicts: Imported) -> None:
    assert _years(conflicts, "war", "ARG", "GBR") == [1982]
    assert _years(conflicts, "war", "RUS", "UKR") == [2022, 2023]  # 2014-2021 is an intrastate conflict in UCDP's terms
    assert {1977, 1978} <= set(_years(conflicts, "troop-support", "CUB", "ETH"))
    assert {1977, 1978} <= set(_years(conflicts, "troop-support", "YMD", "ETH"))
    assert set(range(2015, 2021)) <= set(_years(conflicts, "troop-support", "RUS", "SYR"))
    assert 1991 in _years(conflicts, "troop-support", "FRA", "KWT")
    assert 1991 in _years(conflicts, "war", "IRQ", "USA")
    assert 2003 in _years(conflicts, "war", "AUS", "IRQ")
    assert 1968 in _years(conflicts, "troop-support", "KOR", "VDR")
    assert 1956 in _years(conflicts, "war", "EGY", "FRA")
    assert _years(conflicts, "war", "RUS", "USA") == []


def test_the_example_by_hand(tmp_path: Path) -> None:
    read = READ(EXAMPLE.write(tmp_path))
    acts = conform("acts", read.tables["acts"], "conflicts.csv").sort("channel", "source", "target")
    assert acts.select("channel", "source", "target", "start", "directed", "value", "code").rows() == [
        ("troop-support", "BRA", "PER", date(1990, 1, 1), True, 1.0, None),
        ("troop-support", "GHA", "KEN", date(1991, 1, 1), True, 1.0, None),
        ("troop-support", "UGA", "KEN", date(1991, 1, 1), True, 1.0, None),
        ("war", "BRA", "CHL", date(1990, 1, 1), False, 1.0, "2"),
        ("war", "CHL", "PER", date(1990, 1, 1), False, 1.0, "2"),
    ]
    assert (read.rows, read.kept, read.oddities) == (3, 3, ())


def test_the_zip_archive_of_the_provider(tmp_path: Path) -> None:
    plain = READ(EXAMPLE.write(tmp_path)).tables["acts"]
    path = tmp_path / "archive.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.csv", "nothing,here\n1,2\n")
        archive.writestr("ucdp-prio-acd-241.csv", EXAMPLE.text())
    assert SOURCE.forms[0].recognise(peek(path))
    assert READ(path).tables["acts"].drop("file").equals(plain.drop("file"))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.csv", "nothing,here\n1,2\n")
    with pytest.raises(BadFile, match=r"archive\.zip: the archive holds no table"):
        READ(path)


def test_what_cannot_be_is_refused(tmp_path: Path) -> None:
    for column, value in (
        ("gwno_a", "155 and 135"),
        ("gwno_b_2nd", "Brazil"),
        ("year", "1945"),
        ("intensity_level", "3"),
    ):
        with pytest.raises(BadFile, match=f"row 2: column {column}"):
            READ(EXAMPLE.with_value(column, value, 0).write(tmp_path))


def test_a_party_outside_its_lifetime_is_left_out_and_counted(tmp_path: Path) -> None:
    read = READ(EXAMPLE.with_value("gwno_a_2nd", "500, 626", 1).write(tmp_path))  # South Sudan in 1991
    assert [(odd.rows, odd.refused, odd.first) for odd in read.oddities] == [(1, False, (3,))]
    supporters = read.tables["acts"].filter(pl.col("target") == "KEN")["source"].to_list()
    assert supporters == ["UGA"]


_CODES = {135: "PER", 140: "BRA", 155: "CHL", 501: "KEN", 750: "IND", 740: "JPN"}


@QUICK
@given(
    wars=st.lists(st.permutations(sorted(_CODES)).map(lambda codes: tuple(codes[:4])), min_size=1, max_size=6),
    seed=st.randoms(use_true_random=False),
)
def test_wars_round_trip_in_any_order(wars: list[tuple[int, ...]], seed, tmp_path: Path) -> None:
    expected: Counter[tuple[str, str, str]] = Counter()
    rows = []
    for number, (a, a_2nd, b, b_2nd) in enumerate(wars):
        parties = (str(a), str(a_2nd), str(b), str(b_2nd))
        rows.append((str(number), "x", "x", "x", "x", "x", "2001", "1", "2", *parties, "", "24.1"))
        expected.update([("troop-support", _CODES[a_2nd], _CODES[a]), ("troop-support", _CODES[b_2nd], _CODES[b])])
        for one, other in ((a, b), (a_2nd, b), (b_2nd, a)):
            expected["war", *sorted((_CODES[one], _CODES[other]))] += 1
    seed.shuffle(rows)
    acts = READ(replace(EXAMPLE, rows=tuple(rows)).write(tmp_path)).tables["acts"]
    assert Counter(acts.select("channel", "source", "target").iter_rows()) == expected
    assert acts["act_id"].is_unique().all()


@QUICK
@given(damages=DAMAGES)
def test_a_damaged_file_is_read_or_refused(damages: list[Damage], tmp_path: Path) -> None:
    path = tmp_path / "conflicts.csv"
    path.write_bytes(damaged(EXAMPLE.text().encode(), damages))
    reads_or_refuses(READ, path)


def test_the_example_has_a_row_of_each_kind() -> None:
    assert {row[8] for row in ROWS} == {"2", "3", "4"}
