"""What a file of UN Comtrade does not tell apart, or not at all, is unknown and never nothing."""

from __future__ import annotations

import gzip
from pathlib import Path

import polars as pl
import pytest

from innominate.ledger import Library
from innominate.panel.coverage import flow_mask
from innominate.sources import import_file
from innominate.sources.comtrade import SOURCE, read_csv_form
from tests.sources.test_comtrade_files import given, held, row
from tests.sources.test_comtrade_revisions import CHILE, PERU, flows, numbered

CUSTOMS_UNION, BELGIUM_LUXEMBOURG, CZECHOSLOVAKIA, SOVIET_UNION, YUGOSLAVIA = 711, 58, 200, 810, 890


@pytest.mark.parametrize(
    ("area", "year", "figure", "unknown", "known"),
    [
        (CUSTOMS_UNION, 1990, None, {"ZAF", "BWA", "LSO", "SWZ", "NAM"}, {"ZMB"}),
        (BELGIUM_LUXEMBOURG, 1990, "BEL", {"LUX"}, {"NLD"}),
        (CZECHOSLOVAKIA, 1993, None, {"CZE", "SVK"}, {"POL"}),
        (CZECHOSLOVAKIA, 1990, "CSK", set(), {"POL"}),
        (SOVIET_UNION, 1985, "RUS", set(), {"POL"}),
        (SOVIET_UNION, 1992, "RUS", {"UKR", "KAZ", "EST"}, {"POL"}),
        (YUGOSLAVIA, 1985, "YUG", set(), {"ALB"}),
    ],
)
def test_states_inside_a_joint_area_are_unknown_where_the_rest_is_covered(
    tmp_path: Path, area: int, year: int, figure: str | None, unknown: set[str], known: set[str]
) -> None:
    rows = [(PERU, "X", area, 2e6), (PERU, "X", CHILE, 4e6), (PERU, "X", 0, 6e6)]
    path = numbered(tmp_path, "bulk.csv", *rows, year=year)
    expected = [("PER", "CHL", 4.0)] + ([] if figure is None else [("PER", figure, 2.0)])
    assert flows(path) == sorted(expected)
    tables = read_csv_form(path).tables
    lost = set(tables["acts"].filter(pl.col("value").is_null())["target"])
    assert unknown <= lost
    assert not lost & (known | {"CHL"})
    assert tables["coverage"]["scope"].to_list() == ["from:PER"]
    assert flow_mask("from:PER", {"PER": 0, **{code: k for k, code in enumerate(sorted(lost | known), 1)}})[0, 1:].all()


def test_a_member_with_a_row_of_its_own_is_told_apart(tmp_path: Path) -> None:
    rows = [(PERU, "X", 711, 2e6), (PERU, "X", 72, 1e6), (PERU, "X", CHILE, 4e6), (PERU, "X", 0, 7e6)]
    path = numbered(tmp_path, "bulk.csv", *rows)
    assert ("PER", "BWA", 1.0) in flows(path)
    lost = read_csv_form(path).tables["acts"].filter(pl.col("value").is_null())["target"].to_list()
    assert sorted(set(lost) & {"BWA", "ZAF", "LSO"}) == ["LSO", "ZAF"]


def test_an_area_in_which_nothing_was_traded_leaves_nothing_unknown(tmp_path: Path) -> None:
    rows = [(PERU, "X", 711, 0.0), (PERU, "X", CHILE, 4e6), (PERU, "X", 0, 4e6)]
    acts = read_csv_form(numbered(tmp_path, "bulk.csv", *rows)).tables["acts"]
    assert set(acts.filter(pl.col("value").is_null())["target"]) <= {"TWN", "LIE", "MCO"}


def test_trade_with_a_state_that_is_gone_is_not_told_apart(tmp_path: Path) -> None:
    """Where much of it stands under a state that no longer existed, nothing says with whom the reporter did not trade."""
    gone = [(PERU, "X", 278, 2e6), (PERU, "X", CHILE, 4e6), (PERU, "X", 0, 6e6)]
    assert read_csv_form(numbered(tmp_path, "late.csv", *gone, year=1995)).tables["coverage"].is_empty()
    assert read_csv_form(numbered(tmp_path, "then.csv", *gone, year=1985)).tables["coverage"].height == 1


def test_a_value_that_is_withheld_is_unknown_and_claims_nothing_of_the_world(tmp_path: Path) -> None:
    library = Library.create(tmp_path / "library")
    rows = [row("PER", "X", "CHL", ""), row("PER", "X", "KEN", "9900000"), row("PER", "X", "W00", "10000000")]
    import_file(library, given(tmp_path, "a.csv", *rows), SOURCE)
    assert held(library) == [("PER", "KEN", 2021, 9.9)]
    lost = library.query("SELECT target FROM acts WHERE value IS NULL ORDER BY 1")["target"].to_list()
    assert lost == ["CHL", "LIE", "MCO", "TWN"]
    rows[2] = row("PER", "X", "W00", "")
    assert read_csv_form(given(tmp_path, "b.csv", *rows)).tables["coverage"].is_empty()


@pytest.mark.parametrize(("west", "east"), [("", "2000000"), ("2000000", "")])
def test_of_two_codes_with_one_value_unknown_the_sum_is_unknown(tmp_path: Path, west: str, east: str) -> None:
    path = numbered(tmp_path, "a.csv", (PERU, "X", 276, 1.0), (PERU, "X", 280, 3.0), (PERU, "X", CHILE, 4e6))
    path.write_text(path.read_text().replace(",1.0\n", f",{west}\n").replace(",3.0\n", f",{east}\n"))
    assert flows(path) == [("PER", "CHL", 4.0)]
    assert "DEU" in read_csv_form(path).tables["acts"].filter(pl.col("value").is_null())["target"].to_list()


def test_bulk_files_are_separated_by_tabs(tmp_path: Path) -> None:
    plain = numbered(tmp_path, "a.csv", (PERU, "X", CHILE, 4e6), (PERU, "X", 0, 4e6))
    packed = tmp_path / "COMTRADE-FINAL-CA604202100H5.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes().replace(b",", b"\t")))
    library = Library.create(tmp_path / "library")
    assert import_file(library, packed).source == "comtrade"
    assert held(library) == [("PER", "CHL", 1990, 4.0)]
