"""UN Comtrade: both sides' reports kept apart, totals counted once, coverage only where it is earned."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from innominate.errors import BadFile
from innominate.ledger import Library
from innominate.panel import build
from innominate.panel.coverage import flow_mask
from innominate.sources import import_file
from innominate.sources.comtrade import SOURCE, read_csv_form, read_json_form
from tests.panel.levels import pair_levels
from tests.sources.examples.comtrade import EXAMPLES, HEADER, ROWS

EXAMPLE = EXAMPLES["csv"]


def _json(folder: Path, rows: object = None) -> Path:
    path = folder / "answer.json"
    records = [dict(zip(HEADER, row, strict=True)) for row in ROWS] if rows is None else rows
    path.write_text(json.dumps({"elapsedTime": "0.1 secs", "count": 6, "data": records, "error": ""}))
    return path


def test_both_reports_of_one_flow_are_kept_apart(tmp_path: Path) -> None:
    acts = read_csv_form(EXAMPLE.write(tmp_path)).tables["acts"]
    flow = acts.filter((pl.col("source") == "PER") & (pl.col("target") == "CHL")).sort("dataset")
    assert flow.select("dataset", "value", "code").rows() == [
        ("comtrade-goods/as-imports-2", 1.0, "27"),
        ("comtrade/as-exports", 12.5, "TOTAL"),
        ("comtrade/as-imports", 13.1, "TOTAL"),
    ]
    assert acts["target"].is_in(["W00"]).any() is False
    assert acts.filter(pl.col("code") == "TOTAL").select("start", "end").unique().rows() == [
        (date(2021, 1, 1), date(2021, 12, 31))
    ]


def test_coverage_only_where_the_partners_account_for_the_world(tmp_path: Path) -> None:
    """Peru's two partners make up its exports; Chile's one partner is a seventh of its imports."""
    coverage = read_csv_form(EXAMPLE.write(tmp_path)).tables["coverage"]
    assert coverage.select("dataset", "scope").rows() == [("comtrade/as-exports", "from:PER")]
    flows = flow_mask("from:PER", {"CHL": 0, "KEN": 1, "PER": 2})
    assert np.argwhere(flows).tolist() == [[2, 0], [2, 1]]


def test_a_panel_never_adds_the_two_reports(tmp_path: Path) -> None:
    states = ("ARG", "BRA", "CHL", "COL", "ECU", "PER", "URY", "BOL")
    rows = []
    for k, a in enumerate(states):
        for flow in ("X", "M"):
            told = [(b, 10 ** (6 + (k + m) % 3)) for m, b in enumerate(states) if b != a]
            rows += [("C", "A", "2010", a, flow, b, "0", "TOTAL", "C00", "0", str(value)) for b, value in told]
            rows.append(("C", "A", "2010", a, flow, "W00", "0", "TOTAL", "C00", "0", str(sum(v for _, v in told))))
    levels = []
    for name, own in (("both", rows), ("once", [row for row in rows if row[4] == "X"])):
        library = Library.create(tmp_path / name)
        import_file(library, replace(EXAMPLE, rows=tuple(own), name=f"{name}.csv").write(tmp_path), SOURCE)
        panel = build(library, (2010, 2010))
        assert [series.name for series in panel.series] == ["trade@comtrade"]
        levels.append(pair_levels(library, states, 2010))
        assert np.isfinite(panel.z[panel.pair("ARG", "USA"), 0, 0]) == (name == "both"), (
            "who buys nothing was looked at"
        )
    assert levels[0] == levels[1]
    assert None not in levels[0].values()


def test_json_and_csv_give_the_same(tmp_path: Path) -> None:
    one, two = read_csv_form(EXAMPLE.write(tmp_path)), read_json_form(_json(tmp_path))
    same = ["source", "target", "start", "end", "value", "code", "dataset"]
    assert one.tables["acts"].select(same).equals(two.tables["acts"].select(same))
    assert one.tables["coverage"].equals(two.tables["coverage"])
    assert (one.rows, one.kept) == (two.rows, two.kept) == (6, 4)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "not JSON"),
        ("[]", "no list called data"),
        ('{"data": []}', "no records"),
        ('{"data": [{"typeCode": "C"}]}', "lacks the column"),
    ],
)
def test_bad_json_is_refused(tmp_path: Path, content: str, reason: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(content)
    with pytest.raises(BadFile, match=reason):
        read_json_form(path)


def test_json_without_descriptions_says_which_row(tmp_path: Path) -> None:
    records = [dict(zip(HEADER, row, strict=True)) for row in ROWS]
    records[1]["reporterISO"] = None  # type: ignore[assignment]
    with pytest.raises(BadFile, match=r"row 2: column reporterISO is empty"):
        read_json_form(_json(tmp_path, records))


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("period", "202113", "no year or month"),
        ("primaryValue", "-1", "below 0"),
        ("freqCode", "Q", "is none of A, M"),
        ("reporterISO", "Atlantis", "unknown state"),
    ],
)
def test_wrong_values_are_refused(tmp_path: Path, column: str, value: str, reason: str) -> None:
    changed = EXAMPLE.with_value(column, value)
    if column == "period":
        changed = changed.with_value("freqCode", "M")
    with pytest.raises(BadFile, match=reason):
        read_csv_form(changed.write(tmp_path))


def test_months_breakdowns_groups_and_other_flows(tmp_path: Path) -> None:
    rows = (
        ("C", "M", "202202", "PER", "X", "CHL", "0", "TOTAL", "C00", "0", "1000000"),
        ("C", "M", "202202", "PER", "X", "CHL", "152", "TOTAL", "C00", "0", "1000000"),
        ("C", "M", "202202", "PER", "RX", "CHL", "0", "TOTAL", "C00", "0", "1000000"),
        ("C", "M", "202202", "PER", "X", "S19", "0", "TOTAL", "C00", "0", "1000000"),
    )
    found = read_csv_form(replace(EXAMPLE, rows=rows).write(tmp_path))
    assert found.tables["acts"].select("start", "end").rows() == [(date(2022, 2, 1), date(2022, 2, 28))]
    assert found.kept == 1
    assert sorted(odd.rows for odd in found.oddities) == [1, 1, 1]
    assert found.tables["coverage"].height == 0


def test_recognised_by_its_columns(tmp_path: Path) -> None:
    from innominate.sources.peeking import peek

    for path, form in ((EXAMPLE.write(tmp_path), "csv"), (_json(tmp_path), "json")):
        assert [one.name for one in SOURCE.forms if one.recognise(peek(path))] == [form]
