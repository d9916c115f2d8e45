"""The claim that readouts dropped a formula, against a count of the presence table by hand."""

from __future__ import annotations

import csv
from datetime import date
from importlib.resources import files

import pytest

from innominate import Library, Study
from innominate.cases import Case, Finding
from innominate.cases.dropped_formula import dropped_formula
from innominate.cases.registry import claim_test
from innominate.cases.spec import ClaimSpec
from innominate.cases.view import View


def _judged(**given: object) -> Finding:
    spec = ClaimSpec(id="x", title="T", statement="S", test="dropped-formula", **{"with": given})  # type: ignore[arg-type]
    view = View(Study(Library.sample(), (2012, 2025)), Case.load("beijing-moscow-pyongyang").spec)
    return dropped_formula(spec, claim_test("dropped-formula").parameters.model_validate(given), view)


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    text = files("innominate.silence").joinpath("data", "denuclearisation_presence.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def test_numbers_are_counts_of_the_table(rows: list[dict[str, str]]) -> None:
    finding = _judged()
    for series, key in (("Xi-Kim", "xi-kim"), ("Xi-South Korean presidents", "xi-south-korean-presidents")):
        mine = [row for row in rows if row["series"] == series]
        assert finding.number(f"{key}.items").value == len(mine)
        assert finding.number(f"{key}.carrying").value == sum(row["present"] == "true" for row in mine)
        telegrams = [row for row in mine if row["kind"] == "telegram"]
        if telegrams:
            told = finding.number(f"{key}.kind.telegram")
            assert (told.value, told.of) == (sum(row["present"] == "true" for row in telegrams), len(telegrams))


def test_a_short_run_is_not_proof_and_the_press_may_be_late() -> None:
    kim, both = _judged(series=["Xi-Kim"]), _judged(noticed=date(2025, 9, 5))
    assert kim.verdict == "undecided"
    assert both.verdict == "undecided"  # one series of two leaves it open
    south = _judged(series=["Xi-South Korean presidents"], noticed=date(2025, 9, 5))
    assert south.verdict == "supported"
    assert any("before the press noticed" in one.text for one in south.evidence_against)
    assert any("abridge" in one.text for one in south.not_covered)
    assert south.confidence != "high"


def test_the_table_of_the_finding_holds_links_and_no_texts(rows: list[dict[str, str]]) -> None:
    table = _judged().tables[0]
    assert len(table.rows) == len(rows)
    assert table.columns == ("date", "series", "kind", "present", "link")
    assert all(str(row[4]).startswith("https://") for row in table.rows)
