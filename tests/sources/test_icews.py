"""ICEWS: four forms, four datasets, and what of them must not be mixed."""

from __future__ import annotations

import csv
import gzip
import io
import random
import re
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
from innominate.sources.cameo import quad_channel
from innominate.sources.icews import SOURCE, read_interstate, read_raw
from innominate.sources.icews_counts import read_conflict, read_quads
from innominate.sources.importing import recognise
from innominate.sources.peeking import peek
from tests.sources.examples.icews import EXAMPLES, raw_row
from tests.sources.mutation import DAMAGES, Damage, damaged, reads_or_refuses

FAST = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _acts(imported: Imported) -> pl.DataFrame:
    return conform("acts", imported.tables["acts"], "test")


def _covered(imported: Imported, dataset: str, day: date) -> bool:
    frame = imported.tables["coverage"].filter(pl.col("dataset") == dataset)
    return frame.filter(pl.col("first") <= day, pl.col("last") >= day).height > 0


@pytest.mark.parametrize(
    ("code", "channel"),
    [
        ("010", "verbal-cooperation"),
        ("057", "verbal-cooperation"),  # sign formal agreement
        ("06", "material-cooperation"),
        ("084", "material-cooperation"),  # return, release
        ("090", "verbal-conflict"),
        ("138", "verbal-conflict"),  # threaten with military force
        ("140", "material-conflict"),
        ("163", "material-conflict"),  # impose embargo or sanctions
        ("20", "material-conflict"),
    ],
)
def test_quad_classes_follow_the_cameo_codebook(code: str, channel: str) -> None:
    assert pl.DataFrame({"code": [code]}).select(quad_channel(pl.col("code"))).item() == channel


# --- the producer's files


@pytest.fixture(scope="module")
def raw(data_dir: Path) -> Imported:
    return read_raw(data_dir / "events" / "icews_raw_daily_30_days.zip")


@pytest.fixture(scope="module")
def raw_lines(data_dir: Path) -> list[dict[str, str]]:
    """The same rows read naively."""
    lines: list[dict[str, str]] = []
    with zipfile.ZipFile(data_dir / "events" / "icews_raw_daily_30_days.zip") as archive:
        for name in archive.namelist():
            text = io.TextIOWrapper(archive.open(name), encoding="utf-8", newline="")
            lines += csv.DictReader(text, delimiter="\t", quoting=csv.QUOTE_NONE)
    return lines


def test_raw_counts_agree_with_a_naive_reading(raw: Imported, raw_lines: list[dict[str, str]]) -> None:
    dependent = {"Hong Kong", "Western Sahara", "French Guiana", "Greenland", "Bermuda", "Puerto Rico", "Macao"}
    heads = (
        "Guterres|Stoltenberg|Juncker|Mogherini|Tusk|Barnier|Bachelet|Faki Mah|Gheit|Lagarde|Hahn|Almagro|Dombrovskis"
    )
    heads += "|Avramopoulos|Vestager|Azevedo"  # of international organisations in 2018
    presidents = {"Emmanuel Macron": "France"}
    for line in raw_lines:
        for side in ("Source", "Target"):
            line[f"{side} Country"] = presidents.get(line[f"{side} Name"], line[f"{side} Country"])
    between = [
        line
        for line in raw_lines
        if not any(re.search(heads, line[f"{side} Name"]) for side in ("Source", "Target"))
        if line["Source Country"]
        and line["Target Country"]
        and line["Source Country"] != line["Target Country"]
        and not {line["Source Country"], line["Target Country"]} & dependent
    ]
    stories = {
        tuple(line[name] for name in ("Event Date", "Source Country", "Target Country", "CAMEO Code", "Story ID"))
        for line in between
    }
    assert raw.rows == len(raw_lines) == 57165
    assert 0 <= len(stories) - raw.kept < 40  # the few rows of smaller dependencies that the list above lacks
    repeated = next(odd for odd in raw.oddities if "another sentence" in odd.reason)
    assert 0 <= len(between) - len(stories) - repeated.rows < 10
    assert raw.rows - raw.kept == sum(odd.rows for odd in raw.oddities if odd.refused)


def test_raw_knows_the_days_it_tells_in_full(raw: Imported) -> None:
    assert raw.part == "2018-10-25..2018-11-23"
    assert _covered(raw, "icews-raw", date(2018, 10, 25))
    assert not _covered(raw, "icews-raw", date(2018, 10, 22))  # late reports only
    assert not _covered(raw, "icews-raw", date(2018, 11, 24))
    assert raw.tables["acts"].filter(pl.col("start") == date(2018, 10, 22)).height > 0


def test_raw_provenance_names_file_and_line(raw: Imported, data_dir: Path) -> None:
    act = _acts(raw).filter(pl.col("code") == "190").row(0, named=True)
    archive, member = act["file"].split("/")
    with zipfile.ZipFile(data_dir / "events" / archive) as opened:
        fields = opened.read(member).decode().split("\n")[act["row"] - 1].split("\t")
    assert act["act_id"] == f"icews-raw:{fields[1]}:{fields[0]}"
    assert fields[6] == "190"


def test_the_same_event_has_the_same_name_in_a_daily_file_and_in_the_archive(
    raw: Imported, data_dir: Path, tmp_path: Path
) -> None:
    with zipfile.ZipFile(data_dir / "events" / "icews_raw_daily_30_days.zip") as archive:
        content = archive.read("20181111-icews-events.tab")
    plain, packed = tmp_path / "plain.tab", tmp_path / "packed.tab.gz"
    plain.write_bytes(content)
    packed.write_bytes(gzip.compress(content))
    one, other = read_raw(plain), read_raw(packed)
    assert one.part == other.part == "2018-11-11"
    ids = _acts(one)["act_id"]
    assert ids.to_list() == _acts(other)["act_id"].to_list()
    assert ids.is_in(_acts(raw)["act_id"].implode()).mean() > 0.99


# --- the extracts


@pytest.fixture(scope="module")
def interstate(data_dir: Path) -> Imported:
    return read_interstate(data_dir / "events" / "icews_interstate_2018_2023.csv.gz")


def test_interstate_rows_and_codeless_events(interstate: Imported) -> None:
    assert interstate.rows == 598_873
    acts = _acts(interstate)
    assert interstate.kept == acts.height == 579_553
    codeless = next(odd for odd in interstate.oddities if odd.reason.startswith("no CAMEO code"))
    assert 60 <= codeless.rows <= 71  # 71 in the file, one or two of them of dependencies
    assert acts.filter(pl.col("code").str.len_chars() == 2).height == codeless.rows


@pytest.mark.parametrize(
    ("part", "inside", "outside"),
    [
        ("ICEWS18", date(2018, 6, 12), date(2018, 11, 1)),
        ("ICEWSraw", date(2018, 11, 1), date(2019, 4, 1)),
        ("ICEWS21", date(2021, 8, 31), date(2021, 9, 1)),
        ("ICEWS22top999", date(2022, 2, 24), date(2022, 9, 1)),
        ("ICEWS22Q4", date(2022, 10, 11), date(2022, 10, 10)),
        ("ICEWS23", date(2023, 4, 10), date(2023, 4, 11)),
    ],
)
def test_interstate_parts_are_datasets_with_their_own_days(
    interstate: Imported, part: str, inside: date, outside: date
) -> None:
    assert _covered(interstate, f"icews-interstate/{part}", inside)
    assert not _covered(interstate, f"icews-interstate/{part}", outside)


def test_interstate_months_that_are_missing_are_covered_by_no_part(interstate: Imported) -> None:
    coverage = interstate.tables["coverage"]
    for gap in (date(2019, 6, 1), date(2020, 3, 1), date(2021, 10, 1), date(2022, 9, 15)):
        assert coverage.filter(pl.col("first") <= gap, pl.col("last") >= gap).height == 0


def test_only_the_part_of_frequent_actors_is_limited_to_states_that_occur(interstate: Imported) -> None:
    scopes = dict(interstate.tables["coverage"].select("dataset", pl.col("scope").str.slice(0, 6)).unique().iter_rows())
    assert {name for name, scope in scopes.items() if scope != "all"} == {"icews-interstate/ICEWS22top999"}


def test_history_shows_in_the_interstate_events(interstate: Imported) -> None:
    acts = _acts(interstate)
    summit = acts.filter(pl.col("start") == date(2018, 6, 12), pl.col("source") == "USA", pl.col("target") == "PRK")
    assert (summit["channel"] == "verbal-cooperation").sum() > 20  # Singapore
    invasion = acts.filter(pl.col("channel") == "material-conflict", pl.col("start").dt.strftime("%Y-%m") == "2022-03")
    assert invasion.group_by("source", "target").len().sort("len").row(-1)[:2] == ("RUS", "UKR")
    january = acts.filter(pl.col("start") == date(2018, 1, 1)).row(0, named=True)
    assert january["directed"]
    assert january["value"] == 1.0


@pytest.fixture(scope="module")
def quads(data_dir: Path) -> Imported:
    return read_quads(data_dir / "events" / "icews_quad_dyad_year_2002_2014.parquet")


def test_quads_hold_every_ordered_pair_of_152_states(quads: Imported) -> None:
    assert quads.rows == quads.kept == 152 * 151 * 13
    scope = quads.tables["coverage"]["scope"].unique().item()
    assert len(scope.removeprefix("among:").split()) == 152
    assert "TWN" not in scope
    assert not quads.oddities
    assert _acts(quads)["value"].sum() == pytest.approx(6.7e6, rel=0.01)


def test_history_shows_in_the_quads(quads: Imported) -> None:
    acts = _acts(quads).filter(pl.col("channel") == "material-conflict")

    def most(year: int) -> tuple[str, str]:
        found = acts.filter(pl.col("start").dt.year() == year).sort("value").row(-1, named=True)
        return found["source"], found["target"]

    assert most(2003) == ("USA", "IRQ")
    assert most(2006) == ("ISR", "LBN")
    georgia = acts.filter(pl.col("source") == "RUS", pl.col("target") == "GEO").sort("value").row(-1, named=True)
    assert georgia["start"].year == 2008


@pytest.fixture(scope="module")
def conflict(data_dir: Path) -> Imported:
    return read_conflict(data_dir / "events" / "icews_conflict_dyad_month_1991_2013.csv.gz")


def test_conflict_says_nothing_on_cooperation(conflict: Imported) -> None:
    assert conflict.rows == 648_728
    assert set(conflict.tables["coverage"]["channel"]) == {"verbal-conflict", "material-conflict"}
    assert set(_acts(conflict)["channel"]) == {"verbal-conflict", "material-conflict"}
    assert set(_acts(conflict)["code"]) == {str(root) for root in range(10, 21)}


def test_conflict_keeps_the_thin_years_apart(conflict: Imported) -> None:
    assert _covered(conflict, "icews-conflict/before-1995", date(1994, 12, 31))
    assert not _covered(conflict, "icews-conflict", date(1994, 12, 31))
    assert _covered(conflict, "icews-conflict", date(2013, 12, 31))
    assert not _covered(conflict, "icews-conflict", date(2014, 1, 1))


@pytest.mark.parametrize(
    ("source", "target", "month"),
    [("USA", "AFG", "2001-10"), ("USA", "IRQ", "2003-03"), ("ISR", "LBN", "2006-07"), ("RUS", "GEO", "2008-08")],
)
def test_wars_began_in_the_month_in_which_fighting_peaks(
    conflict: Imported, source: str, target: str, month: str
) -> None:
    pair = _acts(conflict).filter(pl.col("source") == source, pl.col("target") == target, pl.col("code") == "19")
    assert pair.sort("value").row(-1, named=True)["start"] == date.fromisoformat(f"{month}-01")


def test_cow_abbreviations_are_read_as_cow(conflict: Imported) -> None:
    # AUS is Austria and AUL Australia with COW; SLO is Slovakia and SLV Slovenia
    acts = _acts(conflict)
    australia = acts.filter(pl.col("source") == "AUS", pl.col("target") == "IDN").height
    austria = acts.filter(pl.col("source") == "AUT", pl.col("target") == "IDN").height
    assert australia > 10 * max(austria, 1)


# --- the parsers


@st.composite
def raw_rows(draw: st.DrawFn) -> list[tuple[object, ...]]:
    countries = st.sampled_from(["Peru", "Chile", "North Korea", "Hong Kong", ""])
    count = draw(st.integers(1, 12))
    return [
        raw_row(
            event,
            draw(st.sampled_from(["2018-03-01", "2018-03-02"])),
            draw(countries),
            draw(countries),
            draw(st.sampled_from(["010", "0231", "190"])),
            draw(st.integers(1, 2)),
        )
        for event in range(1, count + 1)
    ]


@FAST
@given(rows=raw_rows(), order=st.randoms())
def test_the_order_of_rows_does_not_matter(
    rows: list[tuple[object, ...]], order: random.Random, tmp_path: Path
) -> None:
    mixed = list(rows)
    order.shuffle(mixed)
    example = EXAMPLES["raw-tab"]
    first = read_raw(replace(example, rows=tuple(rows)).write(tmp_path))
    second = read_raw(replace(example, rows=tuple(mixed)).write(tmp_path))
    assert _acts(first).drop("row").equals(_acts(second).drop("row"))
    assert first.tables["coverage"].equals(second.tables["coverage"])
    states = {"Peru": "PER", "Chile": "CHL", "North Korea": "PRK"}
    expected = {
        (str(row[1]), states[str(row[4])], states[str(row[10])], row[6], row[11])
        for row in rows
        if row[4] in states and row[10] in states and row[4] != row[10]
    }
    assert first.kept == len(expected)


@FAST
@given(damages=DAMAGES)
def test_damaged_raw_files_are_read_or_refused(damages: list[Damage], tmp_path: Path) -> None:
    path = EXAMPLES["raw-tab"].write(tmp_path)
    path.write_bytes(damaged(path.read_bytes(), damages))
    reads_or_refuses(read_raw, path)


@FAST
@given(damages=DAMAGES)
def test_damaged_counts_are_read_or_refused(damages: list[Damage], tmp_path: Path) -> None:
    path = EXAMPLES["conflict-month-csv"].write(tmp_path)
    path.write_bytes(damaged(path.read_bytes(), damages))
    reads_or_refuses(read_conflict, path)


def test_a_quotation_mark_in_a_name_is_a_character_like_any_other(tmp_path: Path) -> None:
    row = list(raw_row(1, "2018-03-01", "Peru", "Chile", "040"))
    row[2] = 'Juan "El'
    path = tmp_path / "quoted.tab"
    lines = ["\t".join(EXAMPLES["raw-tab"].header), "\t".join(map(str, row))]
    lines.append("\t".join(map(str, raw_row(2, "2018-03-01", "Chile", "Peru", "040"))))
    path.write_text("\n".join(lines) + "\n")
    acts = _acts(read_raw(path))
    assert acts.height == 2
    assert acts["note"][0].startswith('Juan "El')


def test_codes_without_their_leading_zero_are_refused(tmp_path: Path) -> None:
    path = EXAMPLES["raw-tab"].with_value("CAMEO Code", "40").write(tmp_path)
    with pytest.raises(BadFile, match="leading zero") as caught:
        read_raw(path)
    assert caught.value.row == 3


def test_an_archive_is_known_by_what_is_in_it(tmp_path: Path) -> None:
    content = EXAMPLES["raw-tab"].text()
    good, other = tmp_path / "good.zip", tmp_path / "other.zip"
    with zipfile.ZipFile(good, "w") as archive:
        archive.writestr("anything.tab", content)
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("20181025-icews-events.tab", "a\tb\n1\t2\n")
    match = recognise(peek(good), [SOURCE])
    assert match is not None
    assert match[1].name == "raw-tab"
    assert recognise(peek(other), [SOURCE]) is None
    assert read_raw(good).kept == 2


_HEADER = "date,source,source_country,event,target,target_country,dataset,cameo,intensity\n"


def test_heads_of_state_and_of_organisations_act_for_their_office(tmp_path: Path) -> None:
    rows = [
        ("2019-03-01", "Emmanuel Macron", "Andorra", "Germany", "Germany"),  # the president of France
        ("2019-03-02", "Emmanuel Macron", "Andorra", "France", "France"),  # within one state
        ("2019-03-03", "Foreign Affairs (Andorra)", "Andorra", "Spain", "Spain"),
        ("2019-03-04", "Josep Borrell", "Spain", "Portugal", "Portugal"),  # still foreign minister of Spain
        ("2020-03-04", "Josep Borrell", "Spain", "Portugal", "Portugal"),  # of the European Union
        ("2020-03-05", "China", "China", "Jens Stoltenberg", "Norway"),
    ]
    lines = [f"{day},{source},{a},Make a visit,{target},{b},ICEWS18,042,1.9\n" for day, source, a, target, b in rows]
    path = tmp_path / "extract.csv"
    path.write_text(_HEADER + "".join(lines), encoding="utf-8")
    found = read_interstate(path)
    assert sorted(_acts(found).select("source", "target").rows()) == [("AND", "ESP"), ("ESP", "PRT"), ("FRA", "DEU")]
    told = {odd.reason.split(":")[0]: (odd.rows, odd.refused) for odd in found.oddities}
    assert told["by or towards the head of an international organisation, filed under a state"] == (2, True)
    assert told["by a head of state whom the file puts under another state"] == (2, False)
