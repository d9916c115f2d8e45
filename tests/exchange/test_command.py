"""The command, and what it writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from innominate import Study
from innominate.cli.commands import app
from innominate.errors import InputError
from tests.exchange.made import act, covered, library

LEDGER = """source,target,channel,kind,date,value,value_low,value_high,unit,publisher,title,url,checked
BRA,CHL,arms,arms,2021-03-01,40,30,60,drones,Gazette,Drones,https://example.org/1,2024-01-01
CHL,BRA,trade,energy,2021-03-02,,,,tonnes,Gazette,Oil,https://example.org/2,
"""


def test_json_has_what_the_documentation_promises(tmp_path: Path) -> None:
    made = library(
        tmp_path / "made",
        [act("BEL", "BRA", "arms", "2021-02-01", value=3.0)],
        [covered("arms", "2015-01-01", "2025-12-31")],
    )
    ledger = tmp_path / "shipments.csv"
    ledger.write_text(LEDGER)
    answer = tmp_path / "exchange.json"
    asked = ["exchange", "Brazil", "CHL", "BEL", "--since", "2020", "--until", "2022", "--library", str(made.folder)]
    asked += ["--acts", str(ledger), "--worlds", "19", "--json", str(answer), "--pictures", str(tmp_path / "pictures")]
    result = CliRunner().invoke(app, asked, catch_exceptions=False)
    assert result.exit_code == 0
    assert "Who gives what to whom" in result.output
    found = json.loads(answer.read_text())
    assert set(found) == {"states", "since", "until", "flows", "dependence", "asymmetry", "complementarity", "interlock",
                          "what_if", "by_year", "acts", "notes"}  # fmt: skip
    assert (found["states"], found["since"], found["until"]) == (["BRA", "CHL", "BEL"], 2020, 2022)
    drones = next(flow for flow in found["flows"] if flow["unit"] == "drones")
    assert (drones["giver"], drones["receiver"], drones["kind"]) == ("BRA", "CHL", "arms")
    assert (drones["low"], drones["value"], drones["high"], drones["acts"]) == (30, 40, 60, 1)
    assert (drones["first"], drones["last"]) == ("2021-03-01", "2021-03-01")
    assert drones["sources"][0]["citations"] == ["Gazette, “Drones”, https://example.org/1"]
    oil = next(flow for flow in found["flows"] if flow["unit"] == "tonnes")
    assert (oil["low"], oil["value"], oil["high"], oil["open"]) == (0, None, None, 1)
    tiv = next(row for row in found["dependence"] if row["unit"] == "million TIV" and row["giver"] == "BEL")
    assert (tiv["receiver"], tiv["share"], tiv["basis"]) == ("BRA", 1, "covered")
    assert {"links", "strength", "p", "p_adjusted", "expected"} == set(found["interlock"]["rings"][0])
    assert {path.name for path in (tmp_path / "pictures").glob("*.svg")} == {
        "exchange.svg", "dependence-BRA.svg", "dependence-CHL.svg", "dependence-BEL.svg"
    }  # fmt: skip
    assert "Brazil" in (tmp_path / "pictures" / "exchange.svg").read_text()


def test_the_study_asks_over_its_own_years(tmp_path: Path) -> None:
    study = Study(library(tmp_path / "made", [act("BEL", "BRA", "arms", "2021-02-01")]), (2015, 2023))
    assert study.exchange(["BEL", "BRA"], worlds=19).years == (2015, 2023)
    found = study.exchange(["BEL", "BRA"], since=2020, worlds=19)
    assert found.years == (2020, 2023)
    answer = tmp_path / "exchange.json"
    asked = ["exchange", "BEL", "BRA", "--since", "2020", "--worlds", "19", "--library", str(study.library.folder)]
    assert CliRunner().invoke(app, [*asked, "--json", str(answer)]).exit_code == 0
    assert (
        json.loads(answer.read_text())["until"]
        == Study(study.library).exchange(["BEL", "BRA"], since=2020, worlds=19).years[1]
    )
    assert any("in 2020–2023: unknown, not zero" in note for note in found.notes)
    with pytest.raises(InputError, match="none of the states asked about"):
        found.dependence("FRA")
    with pytest.raises(InputError, match="none of the states asked about"):
        found.between(giver="FRA")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["BEL"], "2 to 12 states"),
        (["BEL", "Atlantis"], "Atlantis"),
        (["BEL", "BRA", "--since", "2022", "--until", "2020"], "run from 2022 to 2020"),
        (["BEL", "BRA", "--acts", "nowhere.csv"], "no such file"),
        (["BEL", "BRA", "--library", "nowhere"], "nowhere"),
    ],
)
def test_faults_are_one_clear_error(arguments: list[str], reason: str) -> None:
    result = CliRunner().invoke(app, ["exchange", *arguments])
    assert isinstance(result.exception, InputError)
    assert reason in str(result.exception)


def test_a_file_that_is_no_ledger_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.csv"
    path.write_text("a,b\n1,2\n")
    result = CliRunner().invoke(app, ["exchange", "BEL", "BRA", "--acts", str(path)])
    assert "no ledger of acts" in str(result.exception)


def test_a_library_with_nothing_says_so() -> None:
    result = CliRunner().invoke(app, ["exchange", "CHN", "PRK", "--since", "2022", "--worlds", "19"])
    assert result.exit_code == 0
    assert "unknown, not zero" in result.output


def test_several_files_are_one_ledger_and_a_case_brings_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    head, one, two = LEDGER.splitlines()
    (folder / "acts-a.csv").write_text(f"{head}\n{one}\n")
    (folder / "acts-b.csv").write_text(f"{head}\n{two}\n")
    (tmp_path / "small.yaml").write_text(
        "name: small\ntitle: T\nquestion: Q?\nstates: [BRA, CHL]\nyears: [2010, 2022]\nclaims:\n"
        "  - {id: one, title: T, statement: S., test: interlocking-gains, with: {since: 2020}}\n"
    )
    files = ["--acts", str(folder / "acts-a.csv"), "--acts", str(folder / "acts-b.csv")]
    for asked in (files, ["--case", str(tmp_path / "small.yaml")]):
        answer = tmp_path / "answer.json"
        result = CliRunner().invoke(
            app, ["exchange", "BRA", "CHL", "--since", "2020", "--worlds", "19", "--json", str(answer), *asked]
        )
        assert result.exit_code == 0
        datasets = {flow["dataset"] for flow in json.loads(answer.read_text())["flows"]}
        assert datasets == {"acts-csv/small"}
    (tmp_path / "bare.yaml").write_text((tmp_path / "small.yaml").read_text().replace("small", "bare"))
    result = CliRunner().invoke(app, ["exchange", "BRA", "CHL", "--case", str(tmp_path / "bare.yaml")])
    assert "has no ledger" in str(result.exception)


def test_news_is_called_news_and_nobody_replaces_it(tmp_path: Path) -> None:
    acts = [act("BRA", "CHL", "arms", "2021-01-01", value=5.0), act("DEU", "PER", "arms", "2021-01-01", value=500.0),
            act("BRA", "CHL", "vetoes", "2021-03-01", value=1.0, unit="vetoes")]  # fmt: skip
    acts += [
        act(giver, "CHL", "verbal-cooperation", "2021-02-01", value=9.0, unit="events", code="042", dataset="press")
        for giver in ("BRA", "FRA")
    ]
    cover = [covered("arms", "2015-01-01", "2022-12-31"), covered("vetoes", "2015-01-01", "2022-12-31"),
             covered("verbal-cooperation", "2015-01-01", "2022-12-31", dataset="press")]  # fmt: skip
    made = library(tmp_path / "l", acts, cover)
    asked = [
        "exchange",
        "Brazil",
        "CHL",
        "--since",
        "2020",
        "--until",
        "2022",
        "--library",
        str(made.folder),
        "--worlds",
        "19",
    ]
    told = CliRunner().invoke(app, asked, env={"COLUMNS": "140"}).output
    assert "recognition (in news)" in told
    assert "1 veto " in told
    what_if = told[told.index("What if") :]
    assert "DEU (100.0×)" in what_if
    assert "news)" not in what_if
    assert "whether they would" in what_if
    assert "sums over these years" in told
