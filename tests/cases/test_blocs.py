"""The tests of claims about groups and blocs, on libraries in which the answer was planted."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path

import numpy as np
import pytest

from innominate import Study
from innominate.brief import blocs as section
from innominate.cases.findings import Finding
from innominate.cases.registry import claim_test
from innominate.cases.spec import CaseSpec
from innominate.cases.view import View
from innominate.cases.wording import show
from innominate.ledger import Library
from tests.blocs import libraries
from tests.blocs.libraries import FIRST, LAST, STATES

YEARS = (FIRST, LAST)


def judged(made: Library, test: str, **parameters: object) -> Finding:
    claim = {
        "id": "one",
        "title": "One",
        "statement": "It is so.",
        "test": test,
        "with": {"years": list(YEARS), **parameters},
    }
    spec = CaseSpec.model_validate(
        {
            "name": "t",
            "title": "T",
            "question": "Q?",
            "states": list(STATES[:3]),
            "years": list(YEARS),
            "claims": [claim],
        }
    )
    found = claim_test(test)
    return found.run(
        spec.claims[0], found.parameters.model_validate(spec.claims[0].parameters), View(Study(made, YEARS), spec)
    )


def drilled(folder: Path, seed: int, triple: float) -> Finding:
    made = libraries.library(folder)
    libraries.exercises(made, libraries.drills(seed, triple=triple, events=300))
    return judged(made, "trilateral-cooperation", evidence=["exercises"], blocs=["GCC"], placebos=20)


def test_three_at_a_time(tmp_path: Path) -> None:
    found = drilled(tmp_path, 2, 0.08)
    assert found.verdict == "supported"
    assert found.number("group.exercises.joint").value > found.number("group.exercises.expected").high
    assert found.evidence_against
    assert {row.channel for row in found.rows} == {"exercises"}
    assert not next(check for check in found.checks if check.name == "Enough kinds").passed


def test_chance_is_rarely_taken_for_concert(tmp_path: Path) -> None:
    """Supported means nine chances in ten: where there is nothing, one in ten is the most to be expected."""
    verdicts = [drilled(tmp_path / str(seed), seed, 0.0).verdict for seed in range(12)]
    assert verdicts.count("supported") <= 3


def test_never_together_is_held_against_the_claim_and_unseen_is_not(tmp_path: Path) -> None:
    rows = libraries.drills(3, triple=0.0)
    rows[rows[:, :3].all(axis=1), 0] = False
    made = libraries.library(tmp_path)
    libraries.exercises(made, rows)
    found = judged(made, "trilateral-cooperation", placebos=20)
    assert found.verdict == "contradicted"
    assert [part.verdict for part in found.parts] == ["contradicted", *["not testable"] * 4]
    empty = judged(libraries.library(tmp_path / "empty"), "trilateral-cooperation", placebos=20)
    assert empty.verdict == "not testable"
    assert empty.numbers == ()


def churned(folder: Path, share: float) -> Library:
    """The first three lead a camp whose members change; ten others vote as one throughout."""
    made = libraries.library(folder)
    choices = libraries.blocs_of_votes(5, share)
    random = np.random.default_rng(9)
    fixed = ("ARE", "BHR", "KWT", "OMN", "QAT", "SAU", "IRQ", "JOR", "LBN", "SYR", "YEM", "SDN")
    for year, table in choices.items():
        line = random.choice((-1, 1), table.shape[1])
        noisy = random.random((len(fixed), table.shape[1])) < 0.05
        choices[year] = np.concatenate([table, np.where(noisy, -line, line)])
    libraries.votes(made, choices, (*STATES, *fixed))
    return made


@pytest.mark.parametrize(("share", "verdict"), [(0.3, "supported"), (0.0, None)])
def test_a_circle_that_turns_over(tmp_path: Path, share: float, verdict: str | None) -> None:
    found = judged(churned(tmp_path, share), "bloc-churn", peers={"GCC": list(YEARS)}, size=12)
    assert (found.verdict == "supported") == (verdict == "supported")
    assert found.number("group.votes").low <= found.number("group.votes").value <= found.number("group.votes").high
    assert found.evidence_against


def test_turnover_without_votes_is_not_testable(tmp_path: Path) -> None:
    found = judged(libraries.library(tmp_path), "bloc-churn", peers={"GCC": list(YEARS)})
    assert found.verdict == "not testable"
    assert found.confidence == "low"


@pytest.mark.parametrize(
    ("test", "wrong", "says"),
    [("trilateral-cooperation", {"blocs": ["Nato"]}, "no bloc 'Nato'"), ("bloc-churn", {"peers": {"Nato": [2012, 2013]}}, "not 'Nato'"),
     ("bloc-churn", {"peers": {}}, "name blocs")],
)  # fmt: skip
def test_unknown_blocs_are_refused(tmp_path: Path, test: str, wrong: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        judged(libraries.library(tmp_path), test, **wrong)


@pytest.fixture(scope="module")
def dealings(tmp_path_factory: pytest.TempPathFactory) -> View:
    """Two circles of eight that deal with themselves, in enough events for a section of the brief."""
    made = libraries.library(tmp_path_factory.mktemp("dealings"))
    pairs = list(itertools.combinations(STATES[:16], 2))
    chance = np.array([0.5 if (STATES.index(a) < 8) == (STATES.index(b) < 8) else 0.03 for a, b in pairs])
    libraries.weeks(made, np.random.default_rng(1).random((300, len(pairs))) < chance, pairs)
    spec = CaseSpec.model_validate(
        {"name": "t", "title": "T", "question": "Q?", "states": list(STATES[:3]), "years": list(YEARS),
         "claims": [{"id": "one", "title": "One", "statement": "So.", "test": "treaties-in-force", "with": {"signed": "some"}}]}
    )  # fmt: skip
    return View(Study(made, YEARS), spec)


def test_the_section_shows_numbers_of_the_findings(dealings: View) -> None:
    from innominate.brief.templating import environment
    from innominate.cases.bloc_tables import bloc_tables

    tables = bloc_tables(dealings)
    plain = json.loads(
        json.dumps(
            {
                "claims": [],
                "tables": [{"name": t.name, "title": t.title, "columns": t.columns, "rows": t.rows} for t in tables],
            }
        )
    )
    shown = section.section(plain)
    assert shown is not None
    text = environment().from_string('{% import "parts.html" as parts %}{% include "blocs.html" %}').render(blocs=shown)
    marked = re.findall(r'data-table="(\w+)" data-row="(\d+)" data-column="(\w+)" data-value="([^"]*)">([^<]*)<', text)
    assert len(marked) > 40
    rows = {
        table["name"]: [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]
        for table in plain["tables"]
    }
    for table, row, column, value, words in marked:
        exact = rows[table][int(row)][column]
        assert float(value) == exact
        assert words in {show(exact, unit) for unit in ("count", "share", "expected", "alignment", "probability")}
    first = {row["state"]: row["bloc"] for row in rows["bloc_timeline"] if row["period"] == f"{FIRST}-Q2"}
    together = [first[state] for state in STATES[:8]]
    assert max(together.count(bloc) for bloc in set(together)) >= 3
    assert section.section({"claims": [], "tables": []}) is None


def test_few_events_make_no_section(tmp_path: Path) -> None:
    from innominate.cases.bloc_tables import bloc_tables

    made = libraries.library(tmp_path)
    libraries.weeks(made, np.ones((5, 1), dtype=bool), [STATES[:2]])  # type: ignore[list-item]
    spec = CaseSpec.model_validate(
        {"name": "t", "title": "T", "question": "Q?", "states": list(STATES[:3]), "years": list(YEARS),
         "claims": [{"id": "one", "title": "One", "statement": "So.", "test": "treaties-in-force", "with": {"signed": "some"}}]}
    )  # fmt: skip
    assert bloc_tables(View(Study(made, YEARS), spec)) == ()


def test_the_study_finds_the_same_blocs_and_keeps_them(dealings: View) -> None:
    from innominate.blocs import find_blocs

    study = dealings.study
    found = study.blocs(blocs=2, resolution="year")
    assert found is study.blocs(blocs=2, resolution="year")
    assert found.table().equals(find_blocs(study.library, study.years, blocs=2, resolution="year").table())
