"""Charts of turning points show the rows of the tables, all of them and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from innominate import Study
from innominate.brief import event_charts, exhibits
from innominate.cases import Case
from innominate.cases.spec import CaseSpec
from tests.analogues.synthetic import world
from tests.signals.synthetic import events


def plain(study: Study, test: str, with_: dict[str, Any], states: list[str]) -> dict[str, Any]:
    raw = {
        "name": "t", "title": "T", "question": "?", "states": states, "years": list(study.years),
        "claims": [{"id": "one", "title": "One", "statement": "It is so.", "test": test, "with": with_}],
    }  # fmt: skip
    found: dict[str, Any] = json.loads(Case(CaseSpec.model_validate(raw)).run(study).to_json())
    return found


@pytest.fixture(scope="module")
def summits(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    study = Study(events(tmp_path_factory.mktemp("e") / "l", lift=2.0), (2010, 2013))
    return plain(study, "signals-with-substance", {"pairs": [["ARG", "AUS"]]}, ["ARG", "AUS"])


def test_the_curve_is_that_of_the_other_pairs(summits: dict[str, Any]) -> None:
    rows = event_charts.curve_rows(summits, "one")
    table = next(one for one in summits["claims"][0]["tables"] if one["name"] == "signal_curve")
    kept = [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]
    assert rows == [row for row in kept if row["group"] == "all other pairs"]
    months = [row["month"] for row in rows if row["outcome"] == "material"]
    assert months == list(range(-3, 7))
    spec = event_charts.event_curve(summits, "one").to_dict()
    drawn = [layer["data"]["values"] for layer in spec["layer"]]
    assert [row for row in rows if row["outcome"] == "material"] in drawn
    assert f"month +1: {next(r['ratio'] for r in rows if r['month'] == 1 and r['outcome'] == 'material'):.2f}" in (
        event_charts.say_curve(summits, "one")
    )


def test_every_claim_of_this_kind_has_its_chart(summits: dict[str, Any], tmp_path: Path) -> None:
    past = plain(Study(world(tmp_path / "w"), (1975, 2005)), "analogues", {}, ["FRA", "GBR"])
    for findings in (summits, past):
        drawing = exhibits.all_exhibits(findings)["claims"]["one"]
        assert drawing.wide.startswith("<svg")
        assert drawing.says
        assert "NaN" not in drawing.spec


def test_intervals_show_every_row_and_nothing_where_there_is_none() -> None:
    rows = [
        {"name": "Trade", "value": -0.1, "low": -0.2, "high": 0.0},
        {"name": "Arms", "value": 0.1, "low": 0.05, "high": 0.2},
    ]
    spec = event_charts.intervals(rows, "change").to_dict()
    assert [row["name"] for row in spec["layer"][1]["data"]["values"]] == ["Trade", "Arms"]
    assert "Trade -0.10 [-0.20, +0.00]" in event_charts.say_rows(rows, "Change")
    event_charts.intervals([], "change").to_dict()
