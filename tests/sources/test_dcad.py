"""Defence cooperation agreements: the file's known size and quirks, known agreements, arbitrary small files."""

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
from innominate.sources.dcad import SOURCE
from innominate.sources.peeking import peek
from tests.sources.examples.dcad import EXAMPLES

READ = {form.name: form.read for form in SOURCE.forms}


@pytest.fixture(scope="module")
def agreements(data_dir: Path) -> Imported:
    return READ["main-csv"](data_dir / "formal" / "DCAD-v1.0-main.csv")


def _in_force(imported: Imported, a: str, b: str, on: date) -> int:
    acts = imported.tables["acts"].filter((pl.col("source") == a) & (pl.col("target") == b))
    return acts.filter((pl.col("start") <= on) & (pl.col("end") >= on)).height


def test_rows_and_quirks(agreements: Imported) -> None:
    assert (agreements.rows, agreements.kept, agreements.tables["acts"].height) == (1871, 1824, 1824)
    told = sorted((odd.rows, odd.refused) for odd in agreements.oddities)
    assert told == sorted([(1, False), (44, True), (184, False), (1, True), (2, False), (2, True)])
    assert agreements.rows - agreements.kept == sum(odd.rows for odd in agreements.oddities if odd.refused)


def test_what_history_says(agreements: Imported) -> None:
    """The new framework for defence of India and the United States, 28 June 2005; Russia and South Korea, 1990s."""
    assert (
        _in_force(agreements, "IND", "USA", date(2005, 6, 28))
        == _in_force(agreements, "IND", "USA", date(2005, 6, 27)) + 1
    )
    assert _in_force(agreements, "KOR", "RUS", date(1998, 1, 1)) > 0
    assert _in_force(agreements, "PRK", "USA", date(2000, 1, 1)) == 0
    venezuela = agreements.tables["acts"].filter((pl.col("source") == "BOL") & (pl.col("target") == "VEN"))
    assert date(2006, 5, 26) in venezuela["start"].to_list()  # the number says Bolivia twice


def test_level_and_coverage(agreements: Imported) -> None:
    acts = agreements.tables["acts"]
    assert acts["value"].unique().to_list() == [1.0]
    assert acts["start"].min() >= date(1980, 1, 1)
    assert acts["end"].max() == date(2010, 12, 31)
    seen = agreements.tables["coverage"].row(0, named=True)
    assert (seen["scope"], seen["first"], seen["last"]) == ("all", date(1980, 1, 1), date(2010, 12, 31))


def test_which_date_counts(tmp_path: Path) -> None:
    read = READ["main-csv"](EXAMPLES["main-csv"].write(tmp_path))
    assert (read.rows, read.kept) == (5, 4)
    assert read.tables["acts"].select("source", "target", "start", "end", "code").rows() == [
        ("CAN", "USA", date(1985, 5, 6), date(2010, 12, 31), "PROCUREMENT"),
        ("GBR", "USA", date(1990, 1, 1), date(1996, 12, 31), "DCA"),
        ("CAN", "CSK", date(1992, 2, 3), date(1998, 12, 31), "DCA"),
        ("ITA", "USA", date(2000, 1, 1), date(2006, 12, 31), "TREX"),
    ]


def test_the_archive_reads_as_the_file(tmp_path: Path) -> None:
    plain = EXAMPLES["main-csv"].write(tmp_path)
    packed = tmp_path / "dca.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(plain, "kinne_dca/DCAD-v1.0-main.csv")
        archive.writestr("kinne_dca/DCAD-v1.0-dyadic.csv", "other")
    assert [form.name for form in SOURCE.forms if form.recognise(peek(packed))] == ["main-zip"]
    first, second = READ["main-csv"](plain), READ["main-zip"](packed)
    assert first.tables["acts"].drop("file").equals(second.tables["acts"].drop("file"))


def test_a_date_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    path = EXAMPLES["main-csv"].with_value("signMonth", 2, row=2).with_value("signDay", 31, row=2).write(tmp_path)
    with pytest.raises(BadFile, match="does not exist") as caught:
        READ["main-csv"](path)
    assert caught.value.row == 4


_NUMBERS = {2: ("USA", "USA"), 20: ("CAN", "CAN"), 200: ("UKG", "GBR"), 220: ("FRN", "FRA")}
_AGREEMENTS = st.lists(
    st.tuples(
        st.permutations(sorted(_NUMBERS)),
        st.dates(date(1980, 1, 1), date(2005, 12, 31)),
        st.none() | st.integers(0, 1500),
        st.integers(2006, 2010),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(agreements=_AGREEMENTS, seed=st.randoms(use_true_random=False))
def test_agreements_round_trip_in_any_order_of_rows(agreements, seed, tmp_path: Path) -> None:
    rows, meant = [], []
    for k, ((one, other, *_), signed, wait, until) in enumerate(agreements):
        force = date.fromordinal(signed.toordinal() + wait) if wait is not None else None
        parts = (force.day, force.month, force.year) if force else ("", "", "")
        head = (one, _NUMBERS[one][0], other, _NUMBERS[other][0], signed.day, signed.month, signed.year)
        rows.append((*head, *parts, "general", "DCA", "", 0, max(until, force.year if force else 0), f"X-{k}"))
        pair = sorted((_NUMBERS[one][1], _NUMBERS[other][1]))
        meant.append((*pair, force or signed))
    seed.shuffle(rows)
    read = READ["main-csv"](replace(EXAMPLES["main-csv"], rows=tuple(rows)).write(tmp_path))
    acts = conform("acts", read.tables["acts"], "agreements.csv")
    assert sorted(acts.select("source", "target", "start").rows()) == sorted(meant)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 1000), byte=st.integers(0, 255))
def test_a_mutilated_file_raises_bad_file_or_nothing(place: int, byte: int, tmp_path: Path) -> None:
    path = EXAMPLES["main-csv"].write(tmp_path)
    content = bytearray(path.read_bytes())
    content[place % len(content)] = byte
    path.write_bytes(bytes(content))
    with contextlib.suppress(BadFile):
        conform("acts", READ["main-csv"](path).tables["acts"], path.name)
