"""ATOP: known treaties, the member-level file against the pair-by-year file, and arbitrary small files."""

from __future__ import annotations

import contextlib
import csv
import io
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from innominate.errors import BadFile
from innominate.ledger import Imported
from innominate.ledger.schemas import conform
from innominate.sources import atop
from innominate.sources.atop import SOURCE
from innominate.sources.importing import packaged_file
from innominate.sources.peeking import peek
from innominate.sources.treaties import SOURCE as TREATIES
from tests.sources.examples.atop import EXAMPLES, HEADER

READ = {form.name: form.read for form in SOURCE.forms}
KINDS = ["defence", "offence", "neutrality", "nonaggression", "consultation"]
MEMBERS = {2: "USA", 20: "CAN", 200: "GBR", 220: "FRA", 365: "RUS", 710: "CHN"}


@pytest.fixture(scope="module")
def members(data_dir: Path) -> Imported:
    return READ["member-csv"](data_dir / "formal" / "atop5_1m.csv")


@pytest.fixture(scope="module")
def pair_years(data_dir: Path) -> Imported:
    return READ["dyad-year-parquet"](data_dir / "formal" / "atop_dyad_year_1815_2018.parquet")


def _between(imported: Imported, a: str, b: str, kind: str = "defence") -> list[tuple[date, date | None]]:
    found = imported.tables["commitments"].filter((pl.col("a") == a) & (pl.col("b") == b) & pl.col(kind))
    return found.sort("start").select("start", "end").rows()


def _yearly(imported: Imported) -> pl.DataFrame:
    last = pl.col("end").dt.year().fill_null(2018)
    return (
        imported.tables["commitments"]
        .with_columns(pl.int_ranges(pl.col("start").dt.year(), last + 1).alias("year"))
        .explode("year")
        .group_by("a", "b", "year")
        .agg(pl.col(KINDS).any())
        .filter(pl.col("year") >= 1946)
    )


def test_rows_and_quirks(members: Imported, pair_years: Imported) -> None:
    assert (members.rows, members.kept) == (2510, 2499)
    assert [(odd.rows, odd.refused) for odd in members.oddities] == [(36, False), (1, True), (10, True), (26, False)]
    assert pair_years.rows == 273296
    assert pair_years.rows - pair_years.kept == sum(odd.rows for odd in pair_years.oddities)


def test_known_treaties(members: Imported) -> None:
    assert _between(members, "CHN", "PRK") == [(date(1961, 7, 11), None)]
    assert (date(1950, 2, 14), date(1980, 4, 11)) in _between(members, "CHN", "RUS")
    assert all(end is not None and end.year <= 1980 for _, end in _between(members, "CHN", "RUS"))
    assert any(end is None for _, end in _between(members, "CHN", "RUS", "nonaggression"))  # the treaty of 2001
    assert max(end for _, end in _between(members, "TWN", "USA") if end).year in (1979, 1980)
    assert None not in [end for _, end in _between(members, "TWN", "USA")]
    assert any(end is None for _, end in _between(members, "GRC", "TUR"))  # both in NATO
    assert _between(members, "FIN", "USA") == []
    assert any(start.year == 1947 for start, _ in _between(members, "CUB", "USA"))  # Rio
    assert any(end is None for _, end in _between(members, "JPN", "USA"))


def test_titles_of_ours_belong_to_the_treaties_that_the_file_numbers(members: Imported) -> None:
    """Told by what a reader can look up: who is in it, and when it was signed."""
    rows = members.tables["commitments"]
    known = {
        3755: ("Amity and Cooperation", date(1976, 2, 24), {"IDN", "MYS", "PHL", "SGP", "THA", "CHN"}),
        4980: ("Good-Neighbourliness", date(2001, 7, 16), {"CHN", "RUS"}),
        4940: ("Russia and DPRK", date(2000, 2, 9), {"PRK", "RUS"}),
        3925: ("Strategic Cooperation", date(1981, 11, 30), {"ISR", "USA"}),
        3740: ("Helsinki", date(1975, 8, 1), {"USA", "FRA", "CHE", "POL"}),
    }
    for number, (words, signed, states) in known.items():
        own = rows.filter(pl.col("treaty_id") == f"atop:{number}")
        assert words in own["title"][0]
        assert own["start"].min() == signed
        assert states <= {*own["a"], *own["b"]}
    ours = pl.read_csv(packaged_file(TREATIES), infer_schema_length=0)
    assert not set(atop._titles()["atopid"].cast(pl.String)) & set(ours["atop"])  # a treaty has one title
    assert rows.filter(pl.col("treaty_id") == "atop:3180")["title"].null_count() > 0


def test_the_nations_of_nato_in_2018(members: Imported) -> None:
    nato = members.tables["commitments"].filter((pl.col("treaty_id") == "atop:3180") & pl.col("end").is_null())
    states = set(nato["a"]) | set(nato["b"])
    assert len(states) == 29  # with Montenegro, before North Macedonia
    assert nato.select("a", "b").n_unique() == 29 * 28 // 2


def test_member_level_and_pair_by_year_agree(members: Imported, pair_years: Imported) -> None:
    """The same pairs in every year since 1946, but for those who signed before the lists of states have them."""
    from_members, from_pairs = _yearly(members), _yearly(pair_years)
    key = ["a", "b", "year"]
    for kind in KINDS:
        ours, theirs = from_members.filter(kind), from_pairs.filter(kind)
        assert theirs.join(ours, on=key, how="anti").height == 0
        more = ours.join(theirs, on=key, how="anti")
        young = {"KNA", "LKA", "CZE", "SVK", "BRN", "JOR", "TWN"}  # signed before they were in the list of states
        ending = {("YUG", 1992), ("CSK", 1993)}  # the year in which their number passed on
        told = [
            bool({a, b} & young) or bool({(a, year), (b, year)} & ending) or (a, b, year) == ("FRA", "GBR", 1956)
            for a, b, year in more.select(key).iter_rows()
        ]
        assert all(told), (kind, more)
        assert more.height < 70
    assert from_pairs.filter("defence").height > 63_000


def test_after_the_data_end_nothing_is_claimed(members: Imported) -> None:
    seen = members.tables["coverage"].row(0, named=True)
    assert (seen["first"], seen["last"], seen["scope"]) == (date(1815, 1, 1), date(2018, 12, 31), "all")
    assert members.tables["commitments"]["end"].max() <= date(2018, 12, 31)


def test_yugoslavia_is_cut_where_its_number_passes_to_serbia(members: Imported) -> None:
    spells = members.tables["commitments"].filter((pl.col("a") == "YUG") | (pl.col("b") == "YUG"))
    assert spells["end"].null_count() == 0
    assert spells["end"].max() == date(1992, 4, 26)


def test_overlap_and_one_sided_promises(tmp_path: Path) -> None:
    read = READ["member-csv"](EXAMPLES["member-csv"].write(tmp_path))
    rows = read.tables["commitments"].select("a", "b", "start", "end", *KINDS).rows()
    assert rows == [
        ("CAN", "USA", date(1951, 3, 8), date(1960, 2, 29), True, False, False, True, True),  # a leap year's February
        ("GBR", "USA", date(1961, 1, 1), None, True, False, False, False, True),
    ]
    assert [(odd.rows, odd.refused) for odd in read.oddities] == [(1, False)]


def test_runs_of_years_become_spells(tmp_path: Path) -> None:
    read = READ["dyad-year-parquet"](EXAMPLES["dyad-year-parquet"].write(tmp_path))
    assert read.tables["commitments"].select("a", "b", "start", "end", "defence").rows() == [
        ("CAN", "USA", date(1950, 1, 1), date(1951, 12, 31), True),
        ("CAN", "USA", date(1955, 1, 1), date(1955, 12, 31), True),
        ("FRA", "GBR", date(2018, 1, 1), None, False),
    ]


def test_the_archive_reads_as_the_file(tmp_path: Path) -> None:
    plain = EXAMPLES["member-csv"].write(tmp_path)
    packed = tmp_path / "atop.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(plain, "ATOP 5.1 (.csv)/atop5_1m.csv")
        archive.writestr("ATOP 5.1 (.csv)/atop5_1a.csv", "other")
    assert [form.name for form in SOURCE.forms if form.recognise(peek(packed))] == ["member-zip"]
    columns = ["treaty_id", "a", "b", "start", "end", *KINDS, "row"]
    frames = [READ[form](path).tables["commitments"].select(columns) for form, path in _both(plain, packed)]
    assert frames[0].equals(frames[1])


def _both(plain: Path, packed: Path) -> list[tuple[str, Path]]:
    return [("member-csv", plain), ("member-zip", packed)]


def test_the_alliance_level_file_is_refused_with_the_way_out(data_dir: Path) -> None:
    path = data_dir / "formal" / "atop-alliance-level.csv"
    assert [form.name for form in SOURCE.forms if form.recognise(peek(path))] == ["alliance-csv"]
    with pytest.raises(BadFile, match=r"atop5_1m\.csv"):
        READ["alliance-csv"](path)


def _write(path: Path, rows: list[tuple[Any, ...]]) -> Path:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(rows)
    path.write_text(stream.getvalue())
    return path


_SPELL = st.tuples(st.integers(1950, 1980), st.integers(1, 12), st.integers(1, 28), st.integers(0, 30), st.booleans())


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    spells=st.dictionaries(st.sampled_from(sorted(MEMBERS)), _SPELL, min_size=1), seed=st.randoms(use_true_random=False)
)
def test_a_pair_is_committed_while_both_are_members(
    spells: dict[int, tuple[int, int, int, int, bool]], seed, tmp_path: Path
) -> None:
    rows, lives = [], {}
    for code, (year, month, day, length, open_ended) in spells.items():
        exit_ = (0, 0, 0) if open_ended else (year + length + 1, month, day)
        rows.append((9001, code, year, month, day, *exit_, 0, 1, 0, 0, 0, 0))
        lives[MEMBERS[code]] = (date(year, month, day), date.max if open_ended else date(*exit_))
    seed.shuffle(rows)
    read = READ["member-csv"](_write(tmp_path / "members.csv", rows))
    stored = conform("commitments", read.tables["commitments"], "members.csv")
    found = {
        (a, b): (start, end or date.max) for a, b, start, end in stored.select("a", "b", "start", "end").iter_rows()
    }
    meant = {
        (a, b): (max(lives[a][0], lives[b][0]), min(lives[a][1], lives[b][1]))
        for a in lives
        for b in lives
        if a < b and max(lives[a][0], lives[b][0]) <= min(lives[a][1], lives[b][1])
    }
    assert found == meant


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(form=st.sampled_from(sorted(EXAMPLES)), place=st.integers(0, 3000), byte=st.integers(0, 255))
def test_a_mutilated_file_raises_bad_file_or_nothing(form: str, place: int, byte: int, tmp_path: Path) -> None:
    path = EXAMPLES[form].write(tmp_path)
    content = bytearray(path.read_bytes())
    content[place % len(content)] = byte
    path.write_bytes(bytes(content))
    with contextlib.suppress(BadFile):
        conform("commitments", READ[form](path).tables["commitments"], path.name)
