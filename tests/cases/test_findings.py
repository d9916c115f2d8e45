"""Findings: the same bytes twice, nothing but finite numbers, sentences that say what the numbers say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from innominate import write_brief
from innominate.cases import Findings
from innominate.cases.wording import sentence
from tests.cases.synthetic import YEARS, run, study, treaty
from tests.cases.test_judging import ALLIES, BOTH, FRIENDS, gap_claim, nato_treaty, three

CLAIMS = [
    {"id": "allies", "title": "Allies?", "statement": "They are.", **ALLIES},
    {"id": "gap", "title": "Gap?", "statement": "It is.", **gap_claim()},
    {"id": "signed", "title": "Signed?", "statement": "Some.", "test": "treaties-in-force", "with": {"signed": "some"}},
]


def findings(folder: Path) -> Findings:
    """Findings with every test in them."""
    pacts = [*BOTH, *nato_treaty(), treaty("BEL", "FRA", "1950-01-01", name="lesser", defence=False, neutrality=True)]
    made = study(folder, FRIENDS | three(1.2, sd=0.3), pacts)
    return run(made, CLAIMS[0], claims=CLAIMS, comparisons=[["BEL", "FRA"]], years=list(YEARS))


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    return findings(tmp_path_factory.mktemp("findings"))


def test_the_same_bytes_twice(found: Findings, tmp_path: Path) -> None:
    assert findings(tmp_path).to_json() == found.to_json()


def test_json_is_strict_and_sorted(found: Findings, tmp_path: Path) -> None:
    text = found.to_json().decode()
    plain = json.loads(text, parse_constant=lambda name: pytest.fail(name))
    assert json.dumps(plain, sort_keys=True, ensure_ascii=False, indent=1) + "\n" == text
    assert str(tmp_path.parent) not in text
    assert plain["library"] == {**plain["library"], "name": "small-library", "sample": False}


def test_every_sentence_says_what_its_numbers_say(found: Findings) -> None:
    for claim in found.claims:
        told = [claim.headline, claim.detail, *claim.evidence_for, *claim.evidence_against, *claim.not_covered]
        told += [part.sentence for part in claim.parts]
        for one in told:
            assert sentence(one.pattern, claim.numbers) == one
            assert "{" not in one.text


def test_numbers_are_labelled_sourced_and_ordered(found: Findings) -> None:
    for claim in found.claims:
        keys = [number.key for number in claim.numbers]
        assert len(set(keys)) == len(keys)
        for number in claim.numbers:
            assert number.label
            assert number.source
            if number.low is not None and number.high is not None and number.value is not None:
                assert number.low - 1e-9 <= number.value <= number.high + 1e-9


def test_unknown_is_not_zero_in_the_coverage_table(tmp_path: Path) -> None:
    ties = three(1.0, channels=3)
    rows = next(t for t in run(study(tmp_path, ties), ALLIES).tables if t.name == "coverage").records()
    by_channel = {row["channel"]: row["status"] for row in rows if row["key"] == "BRA-PER" and row["year"] == 2020}
    assert by_channel["arms"] == "nothing recorded"
    assert by_channel["trade"] == "unknown"


def test_sources_on_which_nothing_rests_are_told_apart(tmp_path: Path) -> None:
    made = study(tmp_path, three(1.2), [*BOTH])
    by_claim = {
        claim["id"]: {one.dataset: one.used for one in run(made, claim).sources} for claim in (CLAIMS[0], CLAIMS[2])
    }
    assert by_claim["allies"] == {"drills": True, "pacts": True}
    assert by_claim["signed"] == {"drills": False, "pacts": True}
    page = write_brief(run(made, CLAIMS[2]), tmp_path / "brief.html").read_text(encoding="utf-8")
    assert "nothing here rests on: drills" in page
