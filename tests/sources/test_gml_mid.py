"""Militarised disputes: the file's own numbers, disputes known from history, and arbitrary small files."""

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
from innominate.sources.gml_mid import SOURCE
from tests.sources.examples.gml_mid import EXAMPLES, ROWS
from tests.sources.mutation import DAMAGES, Damage, damaged, reads_or_refuses

READ = {form.name: form.read for form in SOURCE.forms}
CSV, PARQUET = EXAMPLES["dyad-year-csv"], EXAMPLES["dyad-year-parquet"]
QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def disputes(data_dir: Path) -> Imported:
    return READ["dyad-year-parquet"](data_dir / "conflict" / "gml_mid_directed_dyad_year.parquet")


def _between(imported: Imported, a: str, b: str, year: int) -> list[tuple[str, str]]:
    pair = (pl.col("source") == a) & (pl.col("target") == b) & (pl.col("start") == date(year, 1, 1))
    return imported.tables["acts"].filter(pair).select("note", "code").rows()


def test_two_directed_rows_make_one_act(disputes: Imported) -> None:
    acts = disputes.tables["acts"]
    assert (disputes.rows, disputes.kept, acts.height, disputes.oddities) == (9284, 9284, 9284 // 2, ())
    assert acts["value"].unique().to_list() == [1.0]
    assert not acts["directed"].any()
    assert set(acts["code"]) <= {"1", "2", "3", "4", "5"}


def test_disputes_known_from_history(disputes: Imported) -> None:
    assert ("dispute 61", "4") in _between(disputes, "CUB", "USA", 1962)  # the missile crisis
    assert _between(disputes, "ARG", "GBR", 1982)  # the Falklands
    assert _between(disputes, "GBR", "ISL", 1973)  # the cod war
    assert _between(disputes, "CHN", "RUS", 1969)  # Zhenbao island
    assert _between(disputes, "FRA", "GBR", 1898)  # Fashoda
    assert ("dispute 258", "5") in _between(disputes, "DEU", "GBR", 1939)  # the world war
    assert _between(disputes, "GBR", "USA", 1982) == []  # allies
    assert _between(disputes, "CAN", "GBR", 1940) == []  # on the same side


def test_coverage_is_everybody_from_1816_to_2010(disputes: Imported) -> None:
    assert disputes.tables["coverage"].rows() == [("gml-mid", "disputes", "all", date(1816, 1, 1), date(2010, 12, 31))]


@pytest.mark.parametrize("example", [CSV, PARQUET], ids=["csv", "parquet"])
def test_the_example_by_hand(example, tmp_path: Path) -> None:
    read = READ["dyad-year-csv" if example is CSV else "dyad-year-parquet"](example.write(tmp_path))
    acts = conform("acts", read.tables["acts"], "disputes")
    assert acts.select("source", "target", "start", "value", "code", "note").rows() == [
        ("CHL", "PER", date(1990, 1, 1), 1.0, "4", "dispute 7"),
        ("KEN", "UGA", date(1991, 1, 1), 1.0, "5", "dispute 8"),
    ]
    assert (read.rows, read.kept) == (4, 4)


def test_states_on_the_same_side_have_no_dispute(tmp_path: Path) -> None:
    allies = [(9, 740, 750, 1991, 1, 1, 3, 3, 0, 1), (9, 750, 740, 1991, 1, 1, 3, 3, 0, 1)]
    read = READ["dyad-year-parquet"](replace(PARQUET, rows=(*ROWS, *allies)).write(tmp_path))
    assert (read.rows, read.kept, read.tables["acts"].height) == (6, 4, 2)
    assert [(odd.rows, odd.refused, odd.first) for odd in read.oddities] == [(2, True, (5, 6))]


def test_pairs_without_a_dispute_are_zeros(tmp_path: Path) -> None:
    peace = ("NA", "135", "501", "1993", *["NA"] * 6)
    read = READ["dyad-year-csv"](replace(CSV, rows=(*CSV.rows, peace)).write(tmp_path))
    assert (read.rows, read.kept, read.tables["acts"].height) == (5, 5, 2)
    assert read.tables["coverage"]["last"].to_list() == [date(1993, 12, 31)]


def test_half_a_dispute_or_two_stories_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="row 3: most pairs stand in both directions"):
        READ["dyad-year-parquet"](replace(PARQUET, rows=(*ROWS[2:], ROWS[0])).write(tmp_path))
    with pytest.raises(BadFile, match="do not say the same"):
        READ["dyad-year-parquet"](PARQUET.with_value("hostlev1", 2).write(tmp_path))
    with pytest.raises(BadFile, match="row 2: column hostlev1"):
        READ["dyad-year-csv"](CSV.with_value("hostlev1", "6", 0).write(tmp_path))
    with pytest.raises(BadFile, match="row 2: column hostlev2 is empty"):
        READ["dyad-year-csv"](CSV.with_value("hostlev2", "NA", 0).write(tmp_path))


def test_a_table_of_undirected_pairs_gives_the_same(tmp_path: Path) -> None:
    both = READ["dyad-year-parquet"](PARQUET.write(tmp_path)).tables["acts"]
    once = READ["dyad-year-parquet"](replace(PARQUET, rows=ROWS[::2]).write(tmp_path)).tables["acts"]
    shown = ["source", "target", "start", "code", "note"]
    assert once.select(shown).equals(both.select(shown))


_CODES = {135: "PER", 155: "CHL", 501: "KEN", 740: "JPN", 750: "IND"}
_DISPUTES = st.dictionaries(
    st.tuples(st.integers(1, 99), st.sets(st.sampled_from(sorted(_CODES)), min_size=2, max_size=2).map(tuple)),
    st.tuples(st.integers(1, 5), st.integers(1, 5)),
    min_size=1,
    max_size=12,
)


@QUICK
@given(disputes=_DISPUTES, seed=st.randoms(use_true_random=False))
def test_disputes_round_trip_in_any_order(disputes: dict, seed, tmp_path: Path) -> None:
    rows, expected = [], set()
    for (number, (a, b)), (ours, theirs) in disputes.items():
        rows.append((number, a, b, 1990, 1, 0, ours, theirs, 0, 1))
        rows.append((number, b, a, 1990, 0, 1, theirs, ours, 0, 1))
        expected.add((*sorted((_CODES[a], _CODES[b])), str(max(ours, theirs)), f"dispute {number}"))
    seed.shuffle(rows)
    acts = READ["dyad-year-parquet"](replace(PARQUET, rows=tuple(rows)).write(tmp_path)).tables["acts"]
    assert set(acts.select("source", "target", "code", "note").iter_rows()) == expected
    assert acts.height == len(disputes)


@QUICK
@given(damages=DAMAGES)
def test_a_damaged_file_is_read_or_refused(damages: list[Damage], tmp_path: Path) -> None:
    path = tmp_path / "disputes.csv"
    path.write_bytes(damaged(CSV.text().encode(), damages))
    reads_or_refuses(READ["dyad-year-csv"], path)
