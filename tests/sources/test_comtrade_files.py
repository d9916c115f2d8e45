"""UN Comtrade's files as they come: website, API, bulk, the closed website; and several of them in one library."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from innominate.errors import BadFile
from innominate.exchange.flows import totals, yearly
from innominate.exchange.gains import read_gains
from innominate.ledger import Library
from innominate.panel import build
from innominate.sources import import_file
from innominate.sources.comtrade import SOURCE, read_csv_form, read_json_form
from tests.sources.examples.comtrade import EXAMPLES, HEADER

WEBSITE = (
    "typeCode", "freqCode", "refPeriodId", "refYear", "refMonth", "period", "reporterCode", "reporterISO", "reporterDesc",
    "flowCode", "flowDesc", "partnerCode", "partnerISO", "partnerDesc", "partner2Code", "classificationCode", "cmdCode",
    "customsCode", "mosCode", "motCode", "cifvalue", "fobvalue", "primaryValue", "isAggregate",
)  # fmt: skip
CLOSED = (
    "Classification,Year,Period,Period Desc.,Aggregate Level,Is Leaf Code,Trade Flow Code,Trade Flow,Reporter Code,Reporter,"
    "Reporter ISO,Partner Code,Partner,Partner ISO,2nd Partner Code,2nd Partner,2nd Partner ISO,Customs Proc. Code,Customs,"
    "Mode of Transport Code,Mode of Transport,Commodity Code,Commodity,Trade Value (US$),Flag"
)
Row = tuple[str, ...]


def row(reporter: str, flow: str, partner: str, value: str, period: str = "2021", goods: str = "TOTAL") -> Row:
    kind = "M" if len(period) == 6 else "A"
    return ("C", kind, period, reporter, flow, partner, "0", goods, "C00", "0", value)


def given(folder: Path, name: str, *rows: Row) -> Path:
    return replace(EXAMPLES["csv"], rows=rows, name=name).write(folder)


def held(library: Library, dataset: str = "comtrade/as-exports") -> list[tuple[object, ...]]:
    return library.query(
        """SELECT source, target, year("start"), value FROM acts WHERE dataset = ? AND value IS NOT NULL ORDER BY ALL""",
        [dataset],
    ).rows()


def record(reporter: tuple[int, str], flow: str, partner: tuple[int, str], value: int) -> dict[str, object]:
    full: dict[str, object] = dict.fromkeys(WEBSITE, "")
    return full | {
        "typeCode": "C", "freqCode": "A", "period": "2021", "reporterCode": reporter[0], "reporterISO": reporter[1],
        "flowCode": flow, "partnerCode": partner[0], "partnerISO": partner[1], "partner2Code": 0, "cmdCode": "TOTAL",
        "classificationCode": "H6", "customsCode": "C00", "motCode": 0, "primaryValue": value,
    }  # fmt: skip


def test_the_website_ends_rows_with_a_comma_and_writes_latin_1(tmp_path: Path) -> None:
    rows = [record((792, "TUR"), "X", (152, "CHL"), 3_000_000), record((792, "TUR"), "X", (0, "W00"), 3_000_000)]
    lines = [",".join(str(one[name]) for name in WEBSITE).replace(",TUR,,", ",TUR,Türkiye,") for one in rows]
    path = tmp_path / "TradeData.csv"
    path.write_bytes("\n".join([",".join(WEBSITE), *(f"{line}," for line in lines), ""]).encode("latin-1"))
    found = read_csv_form(path)
    assert found.tables["acts"].drop_nulls("value").select("source", "target", "value").rows() == [("TUR", "CHL", 3.0)]
    assert found.tables["coverage"]["scope"].to_list() == ["from:TUR"]
    cut = path.read_bytes().replace(b",3000000,,\n", b",3000000,,,9\n", 1)
    path.write_bytes(cut)
    with pytest.raises(BadFile, match="row 2"):
        read_csv_form(path)


@pytest.mark.parametrize("form", ["csv", "json"])
def test_areas_by_number_where_there_are_no_descriptions(tmp_path: Path, form: str) -> None:
    """842 and 251 are UN Comtrade's own numbers of the United States and France, 490, 568 and 577 are no states."""
    rows = [record((842, ""), "X", (area, ""), 1_000_000) for area in (251, 56, 490, 568, 577)]
    rows.append(record((842, ""), "X", (0, ""), 5_000_000))
    path = tmp_path / f"bulk.{form}"
    if form == "csv":
        names = [name for name in WEBSITE if "ISO" not in name and "Desc" not in name]
        path.write_text("\n".join([",".join(names), *(",".join(str(one[name]) for name in names) for one in rows)]))
    else:
        empty = [{key: None if value == "" else value for key, value in one.items()} for one in rows]
        path.write_text(json.dumps({"count": 6, "data": empty, "error": ""}))
    library = Library.create(tmp_path / "library")
    import_file(library, path, SOURCE)
    assert [flow[:2] for flow in held(library)] == [("USA", "BEL"), ("USA", "FRA")]
    wrong = path.read_text().replace("568", "1234")
    path.write_text(wrong)
    with pytest.raises(BadFile, match="unknown area 1234"):
        (read_csv_form if form == "csv" else read_json_form)(path)


def test_files_of_the_website_that_was_closed(tmp_path: Path) -> None:
    path = tmp_path / "comtrade.csv"
    line = "H4,2016,{period},2016,0,0,{number},{flow},604,Peru,PER,{partner},,,,,,,,{goods},All,{value},0"
    rows = [
        line.format(period=2016, number=2, flow="Export", partner="152,Chile,CHL", goods="TOTAL", value=91128858),
        line.format(period=2016, number=2, flow="Export", partner='899,"Areas, nes",', goods="TOTAL", value=1000),
        line.format(period=2016, number=2, flow="Export", partner="0,World,WLD", goods="TOTAL", value=91129858),
        line.format(period=2016, number=3, flow="Re-Export", partner="152,Chile,CHL", goods="TOTAL", value=5),
        line.format(period=201602, number=1, flow="Import", partner="152,Chile,CHL", goods="27", value=2000000),
    ]
    path.write_text("\n".join([CLOSED, *rows]))
    library = Library.create(tmp_path / "library")
    import_file(library, path, SOURCE)
    assert held(library) == [("PER", "CHL", 2016, 91.128858)]
    assert held(library, "comtrade-goods/as-imports-hs2-monthly") == [("CHL", "PER", 2016, 2.0)]
    assert library.query("SELECT scope FROM coverage")["scope"].to_list() == ["from:PER"]
    path.write_text("\n".join([CLOSED, rows[0].replace("Export", "Barter")]))
    with pytest.raises(BadFile, match=r"row 2: column Trade Flow: 'Barter'"):
        read_csv_form(path)


def test_months_are_not_added_to_the_year_that_holds_them(tmp_path: Path) -> None:
    library = Library.create(tmp_path / "library")
    months = [row("PER", "X", "CHL", "1000000", f"2021{month:02d}") for month in range(1, 13)]
    import_file(library, given(tmp_path, "both.csv", row("PER", "X", "CHL", "12000000"), *months), SOURCE)
    assert held(library) == [("PER", "CHL", 2021, 12.0)]
    assert len(held(library, "comtrade/as-exports-monthly")) == 12


def test_chapters_are_not_added_to_the_headings_in_them(tmp_path: Path) -> None:
    rows = [row("PER", "X", "CHL", "8000000", goods=goods) for goods in ("27", "2701", "270112")]
    acts = read_csv_form(given(tmp_path, "goods.csv", *rows)).tables["acts"]
    assert acts.group_by("dataset").len()["len"].to_list() == [1, 1, 1]


def test_gains_are_not_the_sum_of_both_reports(tmp_path: Path) -> None:
    """What Peru says it sold, what Chile says it bought, the months of it and what it was made of are four measures of one flow."""
    library = Library.create(tmp_path / "library")
    rows = [row("PER", "X", "CHL", "12000000"), row("CHL", "M", "PER", "13000000")]
    rows += [row("PER", "X", "CHL", "9000000", goods=goods) for goods in ("27", "2701")]
    rows.append(row("PER", "X", "CHL", "1000000", "202101"))
    rows += [row("PER", "X", "W00", "12000000"), row("CHL", "M", "W00", "13000000")]
    import_file(library, given(tmp_path, "a.csv", *rows), SOURCE)
    gains = read_gains(library, 2021, 2021)
    flows = totals(gains, yearly(gains)).filter(pl.col("value").is_not_null())
    assert dict(flows.select("dataset", "value").rows()) == {
        "comtrade/as-exports": 12.0, "comtrade/as-imports": 13.0, "comtrade/as-exports-monthly": 1.0,
        "comtrade-goods/as-exports-2": 9.0, "comtrade-goods/as-exports-4": 9.0,
    }  # fmt: skip
    assert sorted(gains.coverage["dataset"]) == ["comtrade/as-exports", "comtrade/as-imports"]


def test_what_two_files_hold_is_stored_once(tmp_path: Path) -> None:
    library = Library.create(tmp_path / "library")
    import_file(
        library, given(tmp_path, "a.csv", row("PER", "X", "CHL", "1000000"), row("PER", "X", "KEN", "5000000")), SOURCE
    )
    second = import_file(
        library, given(tmp_path, "b.csv", row("PER", "X", "CHL", "1000000"), row("CHL", "X", "KEN", "2000000")), SOURCE
    )
    assert held(library) == [("CHL", "KEN", 2021, 2.0), ("PER", "CHL", 2021, 1.0), ("PER", "KEN", 2021, 5.0)]
    assert second.entry is not None
    assert (second.entry.kept, second.entry.refused) == (1, 1)


def test_a_file_with_everything_of_another_replaces_it(tmp_path: Path) -> None:
    library = Library.create(tmp_path / "library")
    import_file(library, given(tmp_path, "old.csv", row("PER", "X", "CHL", "1000000")), SOURCE)
    new = given(tmp_path, "new.csv", row("PER", "X", "CHL", "1500000"), row("PER", "X", "KEN", "1000000"))
    assert import_file(library, new, SOURCE).verdict == "replaced"
    assert held(library) == [("PER", "CHL", 2021, 1.5), ("PER", "KEN", 2021, 1.0)]


def test_two_values_of_one_flow_refuse_the_second_file_and_lose_nothing(tmp_path: Path) -> None:
    library = Library.create(tmp_path / "library")
    import_file(
        library, given(tmp_path, "a.csv", row("PER", "X", "CHL", "1000000"), row("PER", "X", "KEN", "5000000")), SOURCE
    )
    before = held(library)
    with pytest.raises(BadFile, match=r"b\.csv, row 3: .*PER → CHL.*a\.csv"):
        import_file(
            library, given(tmp_path, "b.csv", row("USA", "X", "KEN", "7"), row("PER", "X", "CHL", "1500000")), SOURCE
        )
    assert held(library) == before


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ([("PER", "KEN"), ("CHL", "KEN"), ("USA", "KEN"), ("FRA", "KEN")],
         [("CHE", "KEN"), ("NOR", "KEN"), ("IND", "KEN"), ("DEU", "KEN")]),
        ([("PER", "CHL")], [("PER", "KEN")]),
    ],
)  # fmt: skip
def test_a_file_of_others_never_replaces_what_is_stored(
    tmp_path: Path, one: list[tuple[str, str]], two: list[tuple[str, str]]
) -> None:
    """As many reporters, or the same reporter with another partner: nothing of the first file is lost."""
    library = Library.create(tmp_path / "library")
    for name, flows in (("one.csv", one), ("two.csv", two)):
        import_file(library, given(tmp_path, name, *(row(a, "X", b, "1000000") for a, b in flows)), SOURCE)
    assert [flow[:2] for flow in held(library)] == sorted([*one, *two])


def test_the_same_bytes_by_an_older_adapter_are_replaced_whole(tmp_path: Path) -> None:
    library = Library.create(tmp_path / "library")
    path = given(tmp_path, "a.csv", row("PER", "X", "CHL", "1000000"), row("PER", "X", "CHL", "9", goods="27"))
    older = tuple(
        replace(form, beside=None, read=lambda file: replace(read_csv_form(file), part="old")) for form in SOURCE.forms
    )
    import_file(library, path, replace(SOURCE, adapter_version=1, forms=older))
    import_file(library, path, SOURCE)
    assert held(library) == [("PER", "CHL", 2021, 1.0)]


def test_taiwan_is_unknown_and_not_nothing(tmp_path: Path) -> None:
    """It has no code: where all others of a reporter are covered, its flow is stored without a value."""
    rows = [row("PER", "X", "CHL", "9000000"), row("PER", "X", "S19", "1000000"), row("PER", "X", "W00", "10000000")]
    found = read_csv_form(given(tmp_path, "a.csv", *rows))
    assert found.tables["coverage"]["scope"].to_list() == ["from:PER"]
    own = found.tables["acts"].filter(pl.col("target") == "TWN")
    assert own.select("source", "value", "row").rows() == [("PER", None, 4)]


def test_no_coverage_where_much_goes_to_areas_not_specified(tmp_path: Path) -> None:
    rows = [row("PER", "X", "CHL", "9000000"), row("PER", "X", "_X", "1000000"), row("PER", "X", "W00", "10000000")]
    assert read_csv_form(given(tmp_path, "a.csv", *rows)).tables["coverage"].is_empty()


def test_areas_that_iso_gave_up_do_not_refuse_a_file(tmp_path: Path) -> None:
    rows = [row("PER", "X", area, "1000000") for area in ("CHL", "PUS", "ZA1", "_O", "X1")]
    found = read_csv_form(given(tmp_path, "a.csv", *rows, row("PER", "X", "BLX", "1000000", "1995")))
    assert found.tables["acts"]["target"].to_list() == ["CHL", "BEL"]


def test_whole_numbers_written_as_fractions_are_no_breakdown(tmp_path: Path) -> None:
    rows = [("C", "A", "2021", "PER", "X", "CHL", "0.0", "TOTAL", "C00", "0.0", "1000000")]
    assert read_csv_form(given(tmp_path, "a.csv", *rows)).kept == 1
    assert len(HEADER) == len(rows[0])


def test_a_panel_counts_flows_of_overlapping_files_once(tmp_path: Path) -> None:
    states = ("ARG", "BRA", "CHL", "COL", "ECU", "PER", "URY", "BOL")
    rows = []
    for k, a in enumerate(states):
        told = [(b, 10 ** (6 + (k + m) % 3)) for m, b in enumerate(states) if b != a]
        rows += [row(a, "X", b, str(value), "2010") for b, value in told]
        rows.append(row(a, "X", "W00", str(sum(v for _, v in told)), "2010"))
    z = []
    for name, files in (("once", [rows]), ("twice", [rows, [*rows[:3], row("KEN", "X", "PER", "1", "2012")]])):
        library = Library.create(tmp_path / name)
        for place, own in enumerate(files):
            import_file(library, given(tmp_path, f"{name}{place}.csv", *own), SOURCE)
        panel = build(library, (2010, 2010))
        pairs = [panel.pair(a, b) for m, a in enumerate(states) for b in states[m + 1 :]]
        z.append(panel.z[pairs, 0, 0])
    assert z[0] == pytest.approx(z[1], nan_ok=True, abs=1e-5)
