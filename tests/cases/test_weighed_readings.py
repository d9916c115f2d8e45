"""The test ``readings`` of claims: verdicts on planted panels, both sides, faults in the file, what the sample can say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from innominate import BadFile, Case, Library, Study
from innominate.brief.exhibits import all_exhibits
from innominate.cases import Findings
from innominate.cases.spec import CaseSpec
from innominate.cases.wording import sentence
from tests.readings.planted import STATES, YEARS, step, study

RISE = {
    "id": "rise",
    "title": "It rises",
    "rationale": "It should.",
    "expects": [{"what": "alignment BRA-CHL", "is": "rises"}, {"what": "security BRA-CHL", "is": "rises"}],
}
FALL = {
    "id": "fall",
    "title": "It falls",
    "rationale": "It should.",
    "expects": [{"what": "alignment BRA-CHL", "is": "falls"}],
}
FLAT = {
    "id": "flat",
    "title": "It stays",
    "rationale": "It should.",
    "expects": [{"what": "alignment BRA-CHL", "is": "flat"}],
}
PLANTED = {"BRA-CHL": step(0.0, 1.5), "BRA-PER": step(1.0, 1.0)}


def claim(claimed: str, *readings: dict[str, object], **changes: object) -> dict[str, object]:
    with_ = {"claimed": claimed, "early": [2001, 2006], "late": [2013, 2018], "readings": list(readings)}
    return {"id": "one", "title": "One", "statement": "It is so.", "test": "readings", "with": with_ | changes}


def run(made: Study, *claims: dict[str, object]) -> Findings:
    raw = {"name": "test", "title": "A test", "question": "Is it so?", "states": ["BRA", "CHL", "PER"],
           "years": list(YEARS), "claims": [{**one, "id": f"c{k}"} for k, one in enumerate(claims)]}  # fmt: skip
    return Case(CaseSpec.model_validate(raw)).run(made)


@pytest.fixture(scope="module")
def found() -> Findings:
    rivals = (RISE, FALL, FLAT)
    return run(study(PLANTED), claim("rise", *rivals), claim("fall", *rivals), claim("rise", RISE, FALL, channels=7))


def test_what_was_planted_is_supported_and_its_rival_contradicted(found: Findings) -> None:
    assert [one.verdict for one in found.claims] == ["supported", "contradicted", "not testable"]
    assert found.claims[0].number("rise.probability").value > 0.9  # type: ignore[operator]
    assert found.claims[0].number("fall.factor").value == pytest.approx(0.0, abs=1e-3)
    assert found.claims[2].confidence == "low"
    assert "Too little was looked at" in found.claims[2].headline.text


def test_the_masses_told_make_the_factors_told(found: Findings) -> None:
    one = found.claims[0]
    for row in one.tables[0].records():
        if row["reading"] != "none":
            assert row["factor"] == pytest.approx(row["posterior"] / row["prior"])  # type: ignore[operator]
            assert row["low"] <= row["factor"] <= row["high"]  # type: ignore[operator]
    total = sum(row["probability"] or 0.0 for row in one.tables[0].records())  # type: ignore[misc]
    assert total == pytest.approx(1.0)


def test_factors_of_single_expectations_multiply_to_the_readings(found: Findings) -> None:
    one = found.claims[0]
    rows = [row for row in one.tables[1].records() if row["reading"] == "rise"]
    assert len(rows) == 2
    product = rows[0]["factor_given_those_before"] * rows[1]["factor_given_those_before"]  # type: ignore[operator]
    assert product == pytest.approx(one.number("rise.factor").value, rel=1e-6)


def test_evidence_goes_to_the_side_of_its_number(found: Findings) -> None:
    supported, contradicted = found.claims[:2]
    assert any("rises by at least 0.1" in text.text for text in supported.evidence_for)
    assert any("falls by at least 0.1" in text.text for text in contradicted.evidence_against)
    assert not any("falls" in text.text for text in contradicted.evidence_for)


def test_every_sentence_says_what_its_numbers_say(found: Findings) -> None:
    for one in found.claims:
        told = [
            one.headline,
            one.detail,
            *one.evidence_for,
            *one.evidence_against,
            *(part.sentence for part in one.parts),
        ]
        for text in told:
            assert sentence(text.pattern, one.numbers).text == text.text


def test_no_state_is_wired_in() -> None:
    assert not {"CHN", "RUS", "PRK"} & set(STATES)


def test_the_same_bytes_twice() -> None:
    asked = claim("rise", RISE, FALL)
    assert run(study(PLANTED), asked).to_json() == run(study(PLANTED), asked).to_json()


GOOD = """
name: mine
title: Mine
question: Is it so?
states: [BRA, CHL]
years: [1990, 2020]
claims:
  - id: one
    title: One
    statement: It is so.
    test: readings
    with:
      claimed: closer
      early: [2000, 2005]
      late: [2015, 2020]
      readings:
        - id: closer
          title: Closer
          rationale: They say so.
          expects:
            - {what: security BRA-CHL, is: rises, by: 0.1}
            - {what: alignment BRA-CHL, is: leads, than: alignment BRA-PER}
        - id: further
          title: Further
          rationale: Others say so.
          expects:
            - {what: arms BRA>CHL, is: falls}
            - {what: commitment BRA-CHL, is: unsigned, late: [2018, 2020]}
"""


def test_the_good_file_is_good(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(GOOD)
    assert Case.load(path).name == "mine"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("is: rises", "is: rizes", ("readings[0].expects[0].is", "did you mean 'rises'")),
        ("security BRA-CHL", "securty BRA-CHL", ("readings[0].expects[0]", "did you mean 'security'")),
        ("security BRA-CHL", "security BRA-CHI", ("readings[0].expects[0]", "CHI")),
        ("security BRA-CHL", "security BRA CHL", ("readings[0].expects[0]", "is no quantity")),
        (", than: alignment BRA-PER", "", ("readings[0].expects[1]", "needs another quantity")),
        ("is: rises, by: 0.1", "is: rises, than: alignment BRA-PER", ("expects[0]", "takes no other")),
        ("by: 0.1", "bye: 0.1", ("expects[0].bye", "did you mean 'by'")),
        ("by: 0.1", "by: much", ("expects[0].by", "'much'")),
        ("is: rises, by: 0.1", "is: above", ("expects[0]", "needs a 'level'")),
        ("arms BRA>CHL", "security BRA>CHL", ("readings[1].expects[0]", "no flow of")),
        ("is: unsigned, late: [2018, 2020]", "is: rises", ("readings[1].expects[1]", "signed")),
        ("[2018, 2020]", "[1995, 1999]", ("with", "not before the late")),
        ("claimed: closer", "claimed: nearer", ("with", "no reading 'nearer'")),
        ("id: further", "id: closer", ("with", "stands twice")),
        ("id: further", "id: none", ("with", "none")),
        ("late: [2015, 2020]", "late: [2004, 2020]", ("with", "not before late")),
        ("          rationale: They say so.\n", "", ("readings[0].rationale", "missing")),
    ],
)
def test_faults_name_file_key_and_reason(tmp_path: Path, old: str, new: str, says: tuple[str, ...]) -> None:
    path = tmp_path / "mine.yaml"
    assert old in GOOD
    path.write_text(GOOD.replace(old, new, 1))
    with pytest.raises(BadFile) as error:
        Case.load(path)
    message = str(error.value)
    assert message.startswith("mine.yaml: claims[0].with")
    assert "\n" not in message
    for words in says:
        assert words in message


@pytest.mark.parametrize("name", ["beijing-moscow-pyongyang", "tehran-damascus"])
def test_the_sample_is_too_small_to_weigh_readings(name: str, sample_study: Study) -> None:
    case = Case.load(name)
    asked = sample_study if case.years == sample_study.years else Study(sample_study.library, case.years)
    only = [one for one in case.spec.claims if one.test == "readings"]
    assert only
    found = Case(case.spec.model_copy(update={"claims": only})).run(asked)
    assert {one.verdict for one in found.claims} == {"not testable"}
    none = found.claims[0].number("none.probability")
    assert none.value is None  # nothing was judged, so none of them is no answer either
    assert not all_exhibits(json.loads(found.to_json()))["claims"]


def test_the_full_library_weighs_them(full_library: Library) -> None:
    case = Case.load("tehran-damascus")
    only = [one for one in case.spec.claims if one.test == "readings"]
    found = Case(case.spec.model_copy(update={"claims": only})).run(Study(full_library, case.years)).claims[0]
    assert found.verdict == "supported"
    for row in found.tables[0].records():
        assert row["left_out"] == 0
        assert row["prior_error"] <= 0.05 * row["prior"]  # type: ignore[operator]
    assert {one.name for one in found.tables} == {"readings", "expectations", "sensitivity", "diagnostic", "turning"}
    assert found.rows
