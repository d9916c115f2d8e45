"""China Vitae: engagements of China's leaders, undirected, with China's side covered only."""

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
from innominate.sources.china_vitae import read_engagements
from tests.sources.examples.china_vitae import EXAMPLES
from tests.sources.mutation import DAMAGES, Damage, damaged, reads_or_refuses

FAST = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
EXAMPLE = EXAMPLES["engagements-csv"]


@pytest.fixture(scope="module")
def real(data_dir: Path) -> Imported:
    return read_engagements(data_dir / "diplomacy" / "china_leader_engagements_2003_2018.parquet")


@pytest.fixture(scope="module")
def acts(real: Imported) -> pl.DataFrame:
    return conform("acts", real.tables["acts"], "test")


def _with(acts: pl.DataFrame, state: str) -> pl.DataFrame:
    return acts.filter((pl.col("source") == state) | (pl.col("target") == state))


def test_rows_are_accounted_for(real: Imported) -> None:
    assert real.rows == 5705
    refused = {odd.reason: odd.rows for odd in real.oddities}
    assert refused["the state did not exist on that day"] == 5  # Montenegro before June 2006
    assert refused["the party is a territory, no state"] == 3  # the Cook Islands
    assert 600 < refused["a call, letter, statement or headline, no meeting"] < 832
    assert real.kept == 5705 - sum(refused.values())
    assert real.kept >= 4401 + 472 - 30  # "met with the following" and "travelled to", as counted in the file


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("A was in Beijing Municipality and met with the following: B (Minister)", "meeting"),
        ("A met with President B. (Beijing Municipality)", "meeting"),
        ("A held talks with Prime Minister B.", "meeting"),
        ("A travelled to Peru, Lima", "journey"),
        ("A travelled to Peru, Lima and met with the following: B", "meeting"),
        ("A had a telephone conversation with President B, who met with C", None),
        ("A congratulates B on re-election", None),
        ("China opposes arms sales", None),
        ("A accepted credentials from new ambassadors", None),
        ("", None),
    ],
)
def test_meetings_are_told_from_headlines(text: str, code: str | None, tmp_path: Path) -> None:
    imported = read_engagements(EXAMPLE.with_value("text", text).write(tmp_path))
    found = imported.tables["acts"].filter(pl.col("row") == 4)["code"].to_list()
    assert found == ([code] if code else [])
    assert imported.rows - imported.kept == sum(odd.rows for odd in imported.oddities)


def test_every_act_is_a_pair_with_china_on_one_day(acts: pl.DataFrame) -> None:
    assert not acts["directed"].any()
    assert _with(acts, "CHN").height == acts.height
    assert (acts["source"] < acts["target"]).all()
    assert (acts["start"] == acts["end"]).all()


def test_known_meetings(acts: pl.DataFrame) -> None:
    korea = _with(acts, "PRK")
    assert korea.filter(pl.col("start").is_between(date(2018, 3, 25), date(2018, 3, 28))).height > 0  # Kim in Beijing
    assert korea.filter(pl.col("start").is_between(date(2018, 5, 7), date(2018, 5, 8))).height > 0  # Kim in Dalian
    # Xi's first journey as president went to Moscow
    moscow = _with(acts, "RUS").filter(pl.col("start").is_between(date(2013, 3, 22), date(2013, 3, 24)))
    assert moscow["note"].str.contains("Xi Jinping").any()
    assert _with(acts, "GBR").filter(pl.col("start").dt.year() == 2015).height > 3  # listed as England
    taiwan = _with(acts, "TWN")
    assert taiwan.filter(pl.col("start") == date(2015, 11, 7)).height == 1  # Xi and Ma in Singapore
    assert taiwan.filter(pl.col("start") == date(2016, 3, 5)).height == 0  # a warning, no meeting


def test_coverage_is_chinas_side_to_the_last_engagement(real: Imported) -> None:
    assert real.tables["coverage"].rows() == [
        ("china-vitae", "visits", "with:CHN", date(2003, 1, 1), date(2018, 12, 7)),
    ]


def test_both_formats_read_alike(tmp_path: Path) -> None:
    one, other = (read_engagements(each.write(tmp_path)) for each in EXAMPLES.values())
    kept = ["source", "target", "start", "value", "note"]
    assert one.tables["acts"].select(kept).equals(other.tables["acts"].select(kept))
    assert one.tables["acts"].select("source", "target").rows() == [("CHN", "PER"), ("CHN", "PRK"), ("CHN", "PER")]


def test_china_itself_and_organisations_are_refused_and_counted(tmp_path: Path) -> None:
    more = (
        ("01/07/12", "2012", "China", "B", "B met with C"),
        ("01/08/12", "2012", "European Union", "B", "B met with C"),
    )
    imported = read_engagements(replace(EXAMPLE, rows=(*EXAMPLE.rows, *more)).write(tmp_path))
    assert (imported.rows, imported.kept) == (5, 3)
    assert {(odd.reason, odd.rows) for odd in imported.oddities} == {
        ("the party is no state", 1),
        ("an engagement within China alone", 1),
    }


def test_a_date_outside_its_year_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="not in the year") as caught:
        read_engagements(EXAMPLE.with_value("year", "2013").write(tmp_path))
    assert caught.value.row == 4


ROWS = st.lists(
    st.tuples(
        st.dates(date(2003, 1, 1), date(2018, 12, 31)),
        st.sampled_from(["Peru", "England", "North Korea", "China"]),
        st.sampled_from(["A", "B"]),
    ),
    min_size=1,
    max_size=12,
    unique=True,
)


@FAST
@given(rows=ROWS, order=st.randoms())
def test_valid_rows_round_trip_in_any_order(
    rows: list[tuple[date, str, str]], order: random.Random, tmp_path: Path
) -> None:
    lines = [(day.strftime("%m/%d/%y"), str(day.year), country, leader, "met with X") for day, country, leader in rows]
    mixed = list(lines)
    order.shuffle(mixed)
    one, other = (read_engagements(replace(EXAMPLE, rows=tuple(each)).write(tmp_path)) for each in (lines, mixed))
    kept = ["source", "target", "start", "note"]
    assert one.tables["acts"].select(kept).sort(kept).equals(other.tables["acts"].select(kept).sort(kept))
    assert one.tables["coverage"].equals(other.tables["coverage"])
    codes = {"Peru": "PER", "England": "GBR", "North Korea": "PRK"}
    expected = {(codes[country], day, f"{leader}: met with X") for day, country, leader in rows if country != "China"}
    assert set(one.tables["acts"].select("target", "start", "note").iter_rows()) == expected


@FAST
@given(damages=DAMAGES)
def test_damaged_files_are_read_or_refused(damages: list[Damage], tmp_path: Path) -> None:
    path = EXAMPLE.write(tmp_path)
    path.write_bytes(damaged(path.read_bytes(), damages))
    reads_or_refuses(read_engagements, path)
