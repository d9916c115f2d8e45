"""Ledgers kept by hand: what they may say, what they must say, and what they never say."""

from __future__ import annotations

import csv
import io
import random
import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from innominate.errors import BadFile, InputError
from innominate.ledger import CHANNELS, Imported, Library, conform
from innominate.sources import import_file
from innominate.sources.acts_csv import DIRECTED, SOURCE, read_ledger
from innominate.sources.importing import recognise
from innominate.sources.peeking import peek
from tests.conftest import ROOT
from tests.sources.examples.acts_csv import EXAMPLES
from tests.sources.mutation import DAMAGES, Damage, damaged, reads_or_refuses

FAST = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _read(folder: Path, text: str, name: str = "ledger.csv") -> Imported:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_ledger(path)


def _acts(imported: Imported) -> pl.DataFrame:
    return conform("acts", imported.tables["acts"], "test")


def test_the_example_of_the_documentation(tmp_path: Path) -> None:
    text = re.search(r"```csv\n(.*?)```", (ROOT / "docs" / "acts-csv.md").read_text(encoding="utf-8"), re.DOTALL)
    assert text is not None
    imported = _read(tmp_path, text.group(1), "summits.csv")
    acts = _acts(imported)
    assert acts.select("source", "target", "start", "end", "channel").rows() == [
        ("CHN", "PRK", date(2018, 3, 26), date(2018, 3, 26), "visits"),
        ("PRK", "RUS", date(2023, 9, 13), date(2023, 9, 13), "visits"),
        ("PRK", "RUS", date(2024, 6, 19), date(2024, 6, 19), "visits"),
    ]
    assert acts["note"][0] == "first meeting, Beijing https://example.org/1"
    assert acts["row"].to_list() == [4, 5, 6]
    assert set(acts["dataset"]) == {"acts-csv/summits"}
    assert imported.tables["coverage"].rows() == [
        ("acts-csv/summits", "visits", "among:CHN RUS PRK", date(2014, 1, 1), date(2024, 12, 31))
    ]


def test_documentation_names_every_column_that_is_read() -> None:
    from innominate.sources.acts_csv import _COLUMNS

    text = (ROOT / "docs" / "acts-csv.md").read_text(encoding="utf-8")
    assert all(f"`{column}`" in text for column in _COLUMNS)


def test_without_a_claim_there_is_no_coverage(tmp_path: Path) -> None:
    imported = _read(tmp_path, "# comment\nsource,target,channel,date\nPeru,Chile,visits,2001\n")
    assert "coverage" not in imported.tables
    assert _acts(imported).select("start", "end").row(0) == (date(2001, 1, 1), date(2001, 12, 31))


def test_values_units_and_direction(tmp_path: Path) -> None:
    text = "source,target,channel,date,value,unit,directed\n" + "\n".join(
        (
            "Peru,Chile,aid,2001-02,2.5,,",
            "Peru,Chile,visits,2001-02,,dinners,",
            "Peru,Chile,visits,2001-02,3,,YES",
            "Peru,Chile,aid,2001-02,4,,no",
        )
    )
    frame = _acts(_read(tmp_path, text)).select("source", "target", "directed", "value", "unit", "start", "end")
    february = (date(2001, 2, 1), date(2001, 2, 28))
    assert frame.rows() == [
        ("PER", "CHL", True, 2.5, "million EUR", *february),
        ("CHL", "PER", False, None, "dinners", *february),
        ("PER", "CHL", True, 3.0, "meetings", *february),
        ("CHL", "PER", False, 4.0, "million EUR", *february),
    ]


def test_an_absent_value_column_counts_one(tmp_path: Path) -> None:
    assert _acts(_read(tmp_path, "source,target,channel,date\nPeru,Chile,visits,2001\n"))["value"].item() == 1.0


def test_states_are_those_of_the_day(tmp_path: Path) -> None:
    text = "source,target,channel,date\nSoviet Union,Yugoslavia,visits,1971-09-22\nRUS,Serbia,visits,2019-01-17\n"
    assert _acts(_read(tmp_path, text)).select("source", "target").rows() == [("RUS", "YUG"), ("RUS", "SRB")]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Peru,Chile,visit,2001", "did you mean visits"),
        ("Peru,Chile,astrology,2001", "the channels are"),
        ("Peru,Chilly,visits,2001", "Chile"),
        ("Peru,CHI,visits,2001", "CHI"),
        ("Peru,2,visits,2001", "'2'"),
        ("Peru,South Sudan,visits,2001", "South Sudan"),
        ("Peru,Peru,visits,2001", "both PER"),
        ("Peru,Chile,visits,01/02/2001", "no date"),
        ("Peru,Chile,visits,2001-13", "no date"),
        ("Peru,Chile,visits,0001", "no date"),
        ("Peru,Chile,visits,", "neither"),
        ("Peru,,visits,2001", "empty"),
        ("Peru,Chile", "fields"),
    ],
)
def test_a_wrong_row_refuses_the_file_and_says_why(line: str, reason: str, tmp_path: Path) -> None:
    text = f"# comment\nsource,target,channel,date\nPeru,Chile,visits,2001\n{line}\n"
    with pytest.raises(BadFile, match=re.escape(reason)) as caught:
        _read(tmp_path, text)
    assert caught.value.row == 4
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("columns", "line", "reason"),
    [
        ("start,end", "2002-01-01,2001-01-01", "ends before"),
        ("date,start", "2001,2001", "both a date and a start"),
        ("date,value", "2001,many", "is no number"),
        ("date,value", "2001,NaN", "finite"),
        ("date,directed", "2001,perhaps", "neither yes nor no"),
        ("date,value", "2001,-500", "-500 is below zero, which visits cannot be"),
        ("date,value_low", "2001,-1", "range's low: -1 is below zero"),
        ("date,note", '2001,"open', "quotation mark is never closed"),
    ],
)
def test_more_wrong_rows(columns: str, line: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=reason) as caught:
        _read(tmp_path, f"source,target,channel,{columns}\nPeru,Chile,visits,{line}\n")
    assert caught.value.row == 2


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        ("channel=visits first=2001 last=2002", "lacks scope"),
        ("channel=visit scope=all first=2001 last=2002", "did you mean visits"),
        ("channel=visits scope=everyone first=2001 last=2002", "no scope"),
        ("channel=visits scope=among: first=2001 last=2002", "no scope"),
        ("channel=visits scope=among:Peru first=2001 last=2002", "scope"),
        ("channel=visits scope=all first=2002 last=2001", "runs from"),
        ("channel=visits scope=all first=2001 last=someday", "runs from"),
        ("channel=visits scope=all first=2001 last=2002 until=2003", "until"),
    ],
)
def test_a_wrong_claim_refuses_the_file(claim: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=reason) as caught:
        _read(tmp_path, f"# coverage: {claim}\nsource,target,channel,date\nPeru,Chile,visits,2001\n")
    assert caught.value.row == 1


def test_claims_add_up_and_take_flows_and_datasets(tmp_path: Path) -> None:
    text = (
        "# coverage: channel=aid scope=from:DEU FRA to:UKR first=2022-02 last=2022 dataset=embassy\n"
        "#coverage: scope=with:CHN last=2024-06 channel=visits first=2014\n"
        "source,target,channel,date,dataset\nGermany,Ukraine,aid,2022-03-01,embassy\nChina,Peru,visits,2016-11-19,\n"
    )
    imported = _read(tmp_path, text)
    assert imported.tables["coverage"].rows() == [
        ("acts-csv/embassy", "aid", "from:DEU FRA to:UKR", date(2022, 2, 1), date(2022, 12, 31)),
        ("acts-csv/ledger", "visits", "with:CHN", date(2014, 1, 1), date(2024, 6, 30)),
    ]
    conform("coverage", imported.tables["coverage"], "f")
    assert _acts(imported)["dataset"].to_list() == ["acts-csv/embassy", "acts-csv/ledger"]


def test_two_ledgers_add_up_and_a_corrected_one_replaces(tmp_path: Path) -> None:
    library = Library.create(tmp_path / "library")
    for name, count in (("one", 2), ("two", 1), ("one", 3)):
        path = tmp_path / f"{name}.csv"
        rows = "".join(f"Peru,Chile,visits,200{number}\n" for number in range(count))
        path.write_text("source,target,channel,date\n" + rows)
        import_file(library, path, SOURCE)
    counted = library.query("SELECT dataset, count(*) AS n FROM acts GROUP BY 1 ORDER BY 1").rows()
    assert counted == [("acts-csv/one", 3), ("acts-csv/two", 1)]


def test_it_is_recognised_by_its_columns_below_the_comments(tmp_path: Path) -> None:
    path = EXAMPLES["ledger-csv"].write(tmp_path)
    assert recognise(peek(path), [SOURCE]) is not None
    path.write_text("source,target,weight\na,b,1\n")
    assert recognise(peek(path), [SOURCE]) is None


def test_directed_channels_are_channels() -> None:
    assert set(DIRECTED) <= set(CHANNELS)


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["Peru", "CHL", "North Korea"]),
        st.sampled_from(["Brazil", "ARG"]),
        st.sampled_from(["visits", "aid"]),
        st.dates(date(1950, 1, 1), date(2020, 12, 31)),
        st.floats(0, 1e6),
        st.text(st.characters(exclude_categories=["C", "Z"]), max_size=5),
    ),
    min_size=1,
    max_size=10,
    unique_by=lambda row: row[:4],
)


@FAST
@given(rows=ROWS, order=st.randoms())
def test_valid_rows_round_trip_in_any_order(
    rows: list[tuple[str, str, str, date, float, str]], order: random.Random, tmp_path: Path
) -> None:
    def read(lines: list[tuple[str, str, str, date, float, str]]) -> set[tuple[object, ...]]:
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["source", "target", "channel", "date", "value", "note"])
        writer.writerows(lines)
        acts = _acts(_read(tmp_path, stream.getvalue()))
        return set(acts.select("source", "target", "channel", "start", "value", "note").iter_rows())

    codes = {"Peru": "PER", "CHL": "CHL", "North Korea": "PRK", "Brazil": "BRA", "ARG": "ARG"}
    expected = set()
    for source, target, channel, day, value, note in rows:
        pair = (codes[source], codes[target])
        pair = pair if channel == "aid" else (min(pair), max(pair))
        expected.add((*pair, channel, day, value, note if note not in ("", "NA") else None))
    mixed = list(rows)
    order.shuffle(mixed)
    assert read(rows) == read(mixed) == expected


@FAST
@given(damages=DAMAGES)
def test_damaged_ledgers_are_read_or_refused(damages: list[Damage], tmp_path: Path) -> None:
    path = EXAMPLES["ledger-csv"].write(tmp_path)
    path.write_bytes(damaged(path.read_bytes(), damages))
    reads_or_refuses(read_ledger, path)


def test_kinds_ranges_and_sources_are_carried(tmp_path: Path) -> None:
    text = (
        "act_id,source,target,channel,start,end,kind,value,value_low,value_high,unit,publisher,title,url,date_published,"
        "checked,note\n"
        'a1,Peru,Chile,trade,2001-02,,Oil,,20,30,tonnes,Ministry,"Exports, 2001",https://e.org/1,2001-03-01,2002-01-05,fuel\n'
        "a2,Peru,Chile,aid,2001-03-01,,food,5,,8,tonnes,,,https://e.org/2,,page gone,\n"
        "a3,Chile,Peru,visits,2001-04-01,,communiqué,1,,,,,,,,,\n"
    )
    acts = _acts(_read(tmp_path, text))
    assert acts["act_id"].to_list() == ["acts-csv/ledger:a1", "acts-csv/ledger:a2", "acts-csv/ledger:a3"]
    assert acts.select("kind", "low", "value", "high").rows() == [
        ("energy", 20.0, None, 30.0),
        ("food", None, 5.0, 8.0),
        ("communiqué", None, 1.0, None),
    ]
    assert acts["citation"].to_list() == [
        "Ministry, “Exports, 2001”, 2001-03-01, https://e.org/1",
        "https://e.org/2, check: page gone",
        None,
    ]
    assert acts["checked"].to_list() == [date(2002, 1, 5), None, None]


@pytest.mark.parametrize(
    ("columns", "line", "reason"),
    [
        ("kind", "enrgy", "did you mean energy"),
        ("value,low,high", "1,2,3", "outside its range, 2 to 3"),
        ("value,low", "1,2", "outside its range, 2 to open"),
        ("low,high", "3,2", "runs from 3 to 2"),
        ("value_low", "some", "no number"),
    ],
)
def test_wrong_kinds_and_ranges(columns: str, line: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=re.escape(reason)) as caught:
        _read(tmp_path, f"source,target,channel,date,{columns}\nPeru,Chile,aid,2001,{line}\n")
    assert caught.value.row == 2


def test_an_act_id_that_stands_twice_refuses_the_file(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="'a1' stands twice"):
        _read(tmp_path, "act_id,source,target,channel,date\na1,Peru,Chile,visits,2001\na1,Peru,Chile,visits,2002\n")


def test_files_of_one_name_in_two_folders_are_both_kept_and_corrected_in_place(tmp_path: Path) -> None:
    library, header = Library.create(tmp_path / "library"), "source,target,channel,date\nPeru,Chile,visits,"

    def held() -> list[tuple[str, int]]:
        acts = library.query("SELECT dataset, year(start) FROM acts ORDER BY ALL")
        return [(str(dataset).removeprefix("acts-csv/"), year) for dataset, year in acts.iter_rows()]

    files = {name: tmp_path / name / "visits.csv" for name in ("x", "y")}
    for number, path in enumerate([*files.values(), tmp_path / "y" / "visits.txt"]):
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{header}{2001 + number}\n")
    outcomes = [import_file(library, path, SOURCE) for path in files.values()]
    assert [outcome.verdict for outcome in outcomes] == ["stored", "stored"]
    assert [outcome.reason.partition(":")[0] for outcome in outcomes] == ["", "kept as acts-csv/y/visits"]
    assert [import_file(library, path, SOURCE).verdict for path in files.values()] == ["unchanged", "unchanged"]
    assert held() == [("visits", 2001), ("y/visits", 2002)]
    for name, year in (("y", 2005), ("x", 2004)):
        files[name].write_text(f"{header}{year}\n")
        assert import_file(Library.open(library.folder), files[name], SOURCE).verdict == "replaced"
    library = Library.open(library.folder)
    assert import_file(library, tmp_path / "y" / "visits.txt", SOURCE).verdict == "stored"
    assert set(held()) == {("visits", 2004), ("y/visits", 2005), (f"{tmp_path.name}/y/visits", 2003)}


def test_a_name_taken_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    library = Library.create(tmp_path / "library")
    stale = Library.open(library.folder)
    for number, (held, name) in enumerate(((library, "x"), (stale, "y"))):
        path = tmp_path / name / "visits.csv"
        path.parent.mkdir()
        path.write_text(f"source,target,channel,date\nPeru,Chile,visits,200{number}\n")
        if held is stale:
            with pytest.raises(InputError, match="visits was taken meanwhile"):
                import_file(held, path, SOURCE)
        else:
            import_file(held, path, SOURCE)
    assert Library.open(library.folder).query("SELECT year(start) FROM acts").rows() == [(2000,)]


@pytest.mark.parametrize(
    ("lines", "row", "reason"),
    [
        (['"a\nb"', "", '"a\r\nb"', "x"], 9, "Atlantis"),
        (['"a', "b", "c"], 3, "never closed"),
        (['"a', "b", '"c"', "d"], 3, "never closed"),
        (['"a\n""b', "c"], 3, "never closed"),
        (['a"b', '"c""d"'], 5, "Atlantis"),
        (['"a\nb"', "c,d"], 5, "7 fields where the header has 6"),
    ],
)
def test_lines_are_those_of_the_file_and_no_row_is_swallowed(
    lines: list[str], row: int, reason: str, tmp_path: Path
) -> None:
    rows = [note and f"Peru,Chile,visits,2001-01-{day:02d},1,{note}" for day, note in enumerate(lines, 1)]
    text = "\n".join(["# comment", "source,target,channel,date,value,note", *rows, "Peru,Atlantis,visits,2001,1,"])
    with pytest.raises(BadFile, match=reason) as caught:
        _read(tmp_path, text)
    assert caught.value.row == row
