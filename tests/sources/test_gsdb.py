"""GSDB: cells of several states, organisations as senders, and cases that outlive a state."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from innominate.errors import BadFile
from innominate.ledger import Imported, conform
from innominate.sources.gsdb import MEMBERS, read_cases
from tests.sources.examples.gsdb import EXAMPLES
from tests.sources.mutation import DAMAGES, Damage, damaged, reads_or_refuses

FAST = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
EXAMPLE = EXAMPLES["cases-csv"]


@pytest.fixture(scope="module")
def real(data_dir: Path) -> Imported:
    return read_cases(data_dir / "sanctions" / "GSDB_V4.csv")


@pytest.fixture(scope="module")
def acts(real: Imported) -> pl.DataFrame:
    return conform("acts", real.tables["acts"], "test")


def _case(number: int, targets: str, senders: str, begin: int, end: int) -> tuple[object, ...]:
    return (number, targets, senders, begin, end, 1, "", 0, 0, 0, 0, 0, 0, 0, "other", "failed")


def _read(folder: Path, *cases: tuple[object, ...]) -> Imported:
    return read_cases(replace(EXAMPLE, rows=cases).write(folder))


def _pairs(imported: Imported) -> set[tuple[str, str, int, int]]:
    frame = conform("acts", imported.tables["acts"], "test")
    return set(frame.select("source", "target", pl.col("start").dt.year(), pl.col("end").dt.year()).iter_rows())


def test_rows_are_accounted_for(real: Imported) -> None:
    assert real.rows == 1547
    assert real.rows - real.kept == sum(odd.rows for odd in real.oddities if odd.refused)
    reasons = {odd.reason: odd.rows for odd in real.oddities}
    assert (
        reasons["the sender is no state (an organisation, or no state in those years)"] >= 88 + 18 + 17 + 15 - 4
    )  # UN, AU, Arab League, ECOWAS
    assert reasons["the European Union (Community) stands for its members of the year"] > 120


def test_coverage_is_all_pairs_over_the_years_of_the_file(real: Imported) -> None:
    row = real.tables["coverage"].row(0, named=True)
    assert (row["scope"], row["first"], row["last"]) == ("all", date(1949, 1, 1), date(2023, 12, 31))


def test_known_sanctions(acts: pl.DataFrame) -> None:
    def years(source: str, target: str) -> set[int]:
        pair = acts.filter(pl.col("source") == source, pl.col("target") == target)
        return {
            year
            for start, end in pair.select(pl.col("start").dt.year(), pl.col("end").dt.year()).iter_rows()
            for year in range(start, end + 1)
        }

    assert set(range(1963, 2023)) <= years("USA", "CUB")
    assert {2014, 2015, 2022, 2023} <= years("POL", "RUS")  # a member of the Union
    assert 2022 in years("RUS", "POL")
    assert 2022 in years("GBR", "RUS")
    assert 1982 in years("GBR", "ARG")
    assert 1982 not in years("ESP", "ARG")  # joined the Community in 1986
    assert years("USA", "PRK")
    assert not years("CHN", "RUS")


def test_states_that_changed_under_an_old_name(acts: pl.DataFrame) -> None:
    saigon = acts.filter((pl.col("source") == "VDR") | (pl.col("target") == "VDR"))
    assert saigon["end"].max() <= date(1976, 12, 31)  # type: ignore[operator]
    assert acts.filter(pl.col("source") == "USA", pl.col("target") == "VNM", pl.col("start") >= date(1976, 1, 1)).height
    yugoslavia = acts.filter((pl.col("source") == "YUG") | (pl.col("target") == "YUG"))
    assert yugoslavia["end"].max() <= date(1992, 12, 31)  # type: ignore[operator]
    assert acts.filter(pl.col("target") == "SRB", pl.col("source") == "USA", pl.col("start") > date(1992, 1, 1)).height


def test_every_case_is_in_force_for_whole_years_and_says_how(acts: pl.DataFrame) -> None:
    assert acts["directed"].all()
    assert (acts["value"] == 1.0).all()
    kinds = set(acts["code"].drop_nulls().str.split("+").explode())
    assert kinds == {"trade", "arms", "military", "financial", "travel", "other"}


def test_commas_inside_names_do_not_part_states(tmp_path: Path) -> None:
    imported = _read(
        tmp_path,
        _case(1, "Korea, North, Egypt, Arab Rep., Gambia, The", "United States", 2000, 2001),
        _case(2, "Congo, Democratic Republic of the, South Sudan", "Korea, South, South Africa", 2012, 2012),
    )
    assert _pairs(imported) == {
        ("USA", "PRK", 2000, 2001),
        ("USA", "EGY", 2000, 2001),
        ("USA", "GMB", 2000, 2001),
        *{(sender, target, 2012, 2012) for sender in ("KOR", "ZAF") for target in ("COD", "SSD")},
    }
    assert (imported.rows, imported.kept) == (2, 2)


def test_the_union_is_its_members_of_the_year(tmp_path: Path) -> None:
    pairs = _pairs(_read(tmp_path, _case(1, "Belarus", "EU, Norway", 2012, 2021)))
    assert ("HRV", "BLR", 2013, 2021) in pairs
    assert ("GBR", "BLR", 2012, 2020) in pairs
    assert ("NOR", "BLR", 2012, 2021) in pairs
    assert len(pairs) == 28 + 1
    assert MEMBERS.filter(pl.col("since") <= 1995).height == 15
    assert MEMBERS.filter(pl.col("until") > 2021).height == 27


def test_a_state_listed_beside_the_union_counts_once(tmp_path: Path) -> None:
    pairs = _pairs(_read(tmp_path, _case(1, "Belarus", "EU, Croatia", 2010, 2015)))
    assert [pair for pair in pairs if pair[0] == "HRV"] == [("HRV", "BLR", 2010, 2015)]


def test_a_member_does_not_sanction_itself(tmp_path: Path) -> None:
    pairs = _pairs(_read(tmp_path, _case(1, "Austria", "EU", 2000, 2000)))
    assert len(pairs) == 14
    assert all(source != target for source, target, *_ in pairs)


def test_organisations_are_refused_and_counted(tmp_path: Path) -> None:
    imported = _read(
        tmp_path,
        _case(1, "Peru", "UN", 2000, 2001),
        _case(2, "Western countries", "Chile", 2000, 2001),
        _case(3, "Peru", "Chile, NATO", 2000, 2001),
        _case(4, "Montenegro", "Chile", 1996, 2000),
        _case(5, "Montenegro", "Chile", 2002, 2009),
    )
    assert _pairs(imported) == {("CHL", "PER", 2000, 2001), ("CHL", "MNE", 2006, 2009)}
    assert (imported.rows, imported.kept) == (5, 2)
    assert {odd.reason: (odd.rows, odd.first) for odd in imported.oddities if odd.refused} == {
        "the sender is no state (an organisation, or no state in those years)": (1, (2,)),
        "the target is no state (a group, or no state in those years)": (2, (3, 5)),
    }


def test_a_case_that_ends_before_it_begins_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="ends before") as caught:
        _read(tmp_path, _case(1, "Peru", "Chile", 2000, 2001), _case(2, "Peru", "Chile", 2005, 2001))
    assert caught.value.row == 3


CASES = st.lists(
    st.tuples(
        st.sampled_from(["Peru", "Chile", "Korea, North", "Brazil, Peru", "UN"]),
        st.sampled_from(["Bolivia", "EEC", "Korea, South", "Bolivia, Ecuador", "NATO"]),
        st.integers(1950, 2000),
        st.integers(0, 10),
    ),
    min_size=1,
    max_size=8,
)


@FAST
@given(cases=CASES, order=st.randoms())
def test_the_order_of_rows_does_not_matter(
    cases: list[tuple[str, str, int, int]], order: random.Random, tmp_path: Path
) -> None:
    rows = [
        _case(number, target, sender, begin, begin + length)
        for number, (target, sender, begin, length) in enumerate(cases, 1)
    ]
    mixed = list(rows)
    order.shuffle(mixed)
    one, other = _read(tmp_path, *rows), _read(tmp_path, *mixed)
    assert _pairs(one) == _pairs(other)
    assert (one.rows, one.kept) == (other.rows, other.kept)
    assert one.rows - one.kept == sum(odd.rows for odd in one.oddities if odd.refused)


@FAST
@given(damages=DAMAGES)
def test_damaged_files_are_read_or_refused(damages: list[Damage], tmp_path: Path) -> None:
    path = EXAMPLE.write(tmp_path)
    path.write_bytes(damaged(path.read_bytes(), damages))
    reads_or_refuses(read_cases, path)
