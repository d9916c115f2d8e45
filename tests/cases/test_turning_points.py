"""The claims on signals, decoupling, substitution and analogues, on libraries and fits where the answer is known."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from innominate import Library, Study
from innominate.alignment import fit_panel
from innominate.alignment.change import changes
from innominate.analogues import Rate, Skill
from innominate.cases import Case, Finding
from innominate.cases.analogues import verdict_of
from innominate.cases.channel_substitution import verdict_of as substitution_verdict
from innominate.cases.decoupling_evidence import sanctions_by
from innominate.cases.spec import CaseSpec
from innominate.cases.theme_changes import ALL, THEMES, Moved, change
from innominate.errors import BadFile
from innominate.panel import Panel, Series
from innominate.signals import Response
from tests.analogues.synthetic import world
from tests.exchange.made import act
from tests.exchange.made import library as made_of
from tests.signals.synthetic import events, month


def judged(study: Study, test: str, with_: dict[str, Any], states: list[str]) -> Finding:
    """One claim put to its test; what it gives can be written, and every sentence's numbers exist."""
    raw = {
        "name": "t", "title": "T", "question": "?", "states": states, "years": list(study.years),
        "claims": [{"id": "one", "title": "One", "statement": "It is so.", "test": test, "with": with_}],
    }  # fmt: skip
    findings = Case(CaseSpec.model_validate(raw)).run(study)
    json.loads(findings.to_json())
    return findings.claims[0]


@pytest.fixture(scope="module")
def lifted(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return Study(events(tmp_path_factory.mktemp("e") / "l", lift=2.5, visits=2), (2010, 2013))


PAIRS = [["ARG", "AUS"], ["ARG", "BEL"], ["ARG", "CAN"], ["AUS", "BEL"], ["AUT", "BRA"]]


def test_signals_are_judged_on_their_day_and_beyond_it_are_too_early(lifted: Study) -> None:
    without = judged(lifted, "signals-with-substance", {"pairs": PAIRS}, ["ARG", "AUS"])
    assert without.verdict == "supported"
    assert without.number("own.net").low > 1.2  # type: ignore[operator]
    late = {"pairs": PAIRS, "date": date(2025, 9, 3)}
    early = judged(lifted, "signals-with-substance", late, ["ARG", "AUS"])
    assert early.verdict == "not testable"
    assert early.headline.text.startswith("Too early to say of 3 September 2025")
    assert early.parts[0].verdict == "not testable"
    assert {part.about: part.verdict for part in early.parts}["others"] == "supported"
    first = judged(lifted, "signals-with-substance", {"pairs": PAIRS, "date": month(0, 3)}, ["ARG", "AUS"])
    assert first.verdict == "not testable"
    assert first.headline.text.startswith("Nothing can be said of 3 January 2010")  # no past to forecast from
    seen = judged(lifted, "signals-with-substance", {"pairs": PAIRS, "date": month(30, 3)}, ["ARG", "AUS"])
    assert seen.verdict != "not testable"
    assert {number.key for number in seen.numbers} >= {"date.net", "own.net", "others.net"}


def test_signals_without_effect_are_not_supported(tmp_path: Path) -> None:
    study = Study(events(tmp_path / "l", seed=8, visits=2), (2010, 2013))
    assert judged(study, "signals-with-substance", {"pairs": PAIRS}, ["ARG", "AUS"]).verdict != "supported"


def fitted(shifts: dict[tuple[str, str], dict[str, float]], seed: int = 0) -> Study:
    """A study of ten states in three channels, one a theme, in which some pairs move from 2010 on."""
    codes = ("ARG", "BRA", "CHL", "CHN", "FRA", "GBR", "IND", "JPN", "KOR", "USA")
    a, b = np.triu_indices(len(codes), 1)
    years = np.arange(1995, 2021, dtype=np.int32)
    names = ("votes", "arms", "trade")
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(len(a), 1, 3)) + 0.3 * rng.normal(size=(len(a), len(years), 3))
    for k, (i, j) in enumerate(zip(a, b, strict=True)):
        for name, step in shifts.get((codes[i], codes[j]), {}).items():
            z[k, years > 2012, names.index(name)] += step
    panel = Panel(
        codes, a.astype(np.int32), b.astype(np.int32), years, "year", tuple(Series(name, f"s-{name}") for name in names),
        z.astype(np.float32), np.zeros(z.shape, dtype=np.float32), np.ones(z.shape[:2], dtype=bool),
    )  # fmt: skip
    library = Library.sample()
    made = Study(library, (1995, 2020))
    made._panel, made._alignment = panel, fit_panel(library, panel)
    return made


WEST = {"state": "CHN", "partners": {"the West": ["USA", "GBR", "FRA"], "Japan": ["JPN"]}, "peers": ["IND", "BRA", "ARG", "CHL"], "channels": 1}  # fmt: skip


@pytest.mark.parametrize(("step", "verdict"), [(-2.0, "supported"), (2.0, "contradicted"), (0.0, None)])
def test_decoupling_follows_what_was_planted(step: float, verdict: str | None) -> None:
    moves = {tuple(sorted(("CHN", other))): {"trade": step, "votes": step} for other in ("USA", "GBR", "FRA", "JPN")}
    finding = judged(fitted(moves), "decoupling", WEST, ["CHN", "USA"])  # type: ignore[arg-type]
    assert finding.verdict == verdict if verdict else finding.verdict != "supported"
    if step:
        parts = {part.about: part.verdict for part in finding.parts}
        assert parts["theme.economy"] == parts["theme.diplomacy"] == verdict
        assert parts["theme.security"] == "undecided"
    total = finding.number("change").value
    assert total == pytest.approx(sum(finding.number(f"theme.{theme}").value or 0.0 for theme in THEMES))


def test_a_change_that_one_channel_made_is_told_as_such() -> None:
    moves = {("CHN", "USA"): {"trade": -3.0}}
    partners = {"the USA": ["USA"], "France": ["FRA"]}
    finding = judged(fitted(moves), "decoupling", {**WEST, "partners": partners}, ["CHN", "USA"])  # type: ignore[arg-type]
    by_channel = {
        name: finding.number(f"group.the-usa.channel.{name}").value or 0.0 for name in ("votes", "arms", "trade")
    }
    assert sum(by_channel.values()) == pytest.approx(finding.number("group.the-usa").value)
    assert (
        "Mostly one channel: trade" in next(one for one in finding.parts if one.about == "group.the-usa").sentence.text
    )
    assert not next(check for check in finding.checks if check.name == "Several channels").passed
    said = [one.text for one in finding.evidence_against]
    unclear = next(text for text in said if text.startswith("No clear change"))
    assert "France" in unclear
    assert "security" in unclear
    assert not any("France" in one.text for one in finding.evidence_for)
    assert any("which of the two moved" in one.text for one in finding.not_covered)


def test_a_change_is_the_difference_of_the_fitted_path_and_its_variance_that_of_the_posterior() -> None:
    made = fitted({("CHN", "USA"): {"trade": -1.0}})
    fit = made.alignment()
    path = fit.pair("CHN", "USA")
    found = change(fit, "CHN-USA", 2010, 2020)
    assert found is not None
    by_year = dict(path.select("year", "alignment").iter_rows())
    assert found.mean[ALL] == pytest.approx(by_year[2020] - by_year[2010], abs=1e-6)
    pair = fit.panel.pair("CHN", "USA")  # the parts by channel are held to dense algebra where they are made
    assert found.variance[ALL] == pytest.approx(sum(one.variance for one in changes(fit, pair, 15, 25)), rel=1e-9)
    assert found.variance[ALL] == pytest.approx(sum(found.variance[theme] for theme in THEMES))
    assert change(fit, "CHN-USA", 1980, 2020) is None
    assert change(fit, "CHN-XKX", 2010, 2020) is None


def skill(low: float, high: float) -> Skill:
    return Skill("joint war", 10, 100, 20, 1960, 2000, (low + high) / 2, low, high, 0.0, -0.1, 0.1)


def a_rate(above: float) -> Rate:
    return Rate("joint war", 10, 50, 5, 0.1, 0.05, 0.2, 0.05, 1000, above)


@pytest.mark.parametrize(
    ("rate", "skilled", "verdict"),
    [
        (a_rate(0.95), skill(0.02, 0.1), "supported"),
        (a_rate(0.95), skill(-0.02, 0.1), "undecided"),
        (a_rate(0.95), None, "undecided"),
        (a_rate(0.05), skill(0.02, 0.1), "contradicted"),
        (a_rate(0.05), skill(-0.02, 0.1), "undecided"),
        (None, skill(0.02, 0.1), "not testable"),
    ],
)
def test_only_analogies_that_foretold_decide(rate: Rate | None, skilled: Skill | None, verdict: str) -> None:
    assert verdict_of(rate, skilled) == verdict


def test_analogues_in_a_world(tmp_path: Path) -> None:
    study = Study(world(tmp_path / "l"), (1975, 2005))
    precedent = {"states": ["ARG", "BRA"], "year": 1955}
    finding = judged(study, "analogues", {"states": ["FRA", "GBR"], "precedent": precedent}, ["FRA", "GBR"])
    assert finding.verdict == "undecided"  # nothing was planted that an analogy could foretell
    assert any("foretell" in one.text for one in finding.evidence_against)
    assert 0 <= finding.number("precedent").value <= 1  # type: ignore[operator]
    assert {table.name for table in finding.tables} == {"analogues", "analogue_fan", "analogue_path"}


def response(adjusted: float, low: float, high: float) -> Response:
    return Response("arms", 50, 20, (low + high) / 2, low, high, 0.5, adjusted, -0.1, 0.1, 0.5)


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        ([], "not testable"),
        ([response(0.05, 0.1, 0.3), response(1.0, -0.2, 0.0)], "supported"),
        ([response(0.5, -0.1, 0.05), response(1.0, -0.2, 0.0)], "contradicted"),
        ([response(0.5, -0.1, 0.3), response(1.0, -0.2, 0.0)], "undecided"),
    ],
)
def test_substitution_is_judged_over_all_channels(found: list[Response], verdict: str) -> None:
    assert substitution_verdict(found) == verdict


def test_the_sample_is_too_small_for_some_and_says_so(sample_study: Study) -> None:
    case = Case.load("beijing-moscow-pyongyang")
    asked = {"signals-with-substance", "channel-substitution", "analogues", "decoupling"}
    only = [one for one in case.spec.claims if one.test in asked]
    findings = Case(case.spec.model_copy(update={"claims": only})).run(sample_study)
    by_test = {claim.test: claim for claim in findings.claims}
    assert by_test["signals-with-substance"].verdict == "not testable"
    assert by_test["channel-substitution"].verdict == "not testable"
    assert by_test["analogues"].verdict == "undecided"
    economy = next(part for part in by_test["decoupling"].parts if part.about == "theme.economy")
    assert economy.verdict == "not testable"


BAD = [
    ("signals-with-substance", {"months": 2}, "months"),
    ("signals-with-substance", {"date": "soon"}, "date"),
    ("signals-with-substance", {"states": ["CHN", "RUS"], "pairs": [["CHN", "RUS"]]}, "not both"),
    ("concealment-limit", {"since": 2015, "states": ["CHN", "RUS"], "pairs": [["CHN", "RUS"]]}, "not both"),
    ("decoupling", {**WEST, "peers": ["CHN", "IND", "BRA"]}, "own peer"),
    ("decoupling", {**WEST, "partners": {"x": ["CHN"]}}, "own partner"),
    ("channel-substitution", {"cut": "votes"}, "cut"),
    ("analogues", {"outcome": "peace"}, "outcome"),
    ("analogues", {"states": ["CHN", "RUS", "PRK", "USA"]}, "states"),
    (
        "analogues",
        {"states": ["CHN", "RUS"], "precedent": {"states": ["CHN", "RUS", "PRK"], "year": 1949}},
        "precedent",
    ),
]


@pytest.mark.parametrize(("test", "with_", "word"), BAD)
def test_bad_parameters_are_refused_in_one_line(tmp_path: Path, test: str, with_: dict[str, Any], word: str) -> None:
    path = tmp_path / "case.yaml"
    claim = {"id": "one", "title": "One", "statement": "So.", "test": test, "with": with_}
    case = {
        "name": "c",
        "title": "C",
        "question": "?",
        "states": ["CHN", "RUS"],
        "years": [1990, 2020],
        "claims": [claim],
    }
    path.write_text(json.dumps(case))
    with pytest.raises(BadFile, match=word) as raised:
        Case.load(path)
    assert "\n" not in str(raised.value)


def test_whose_sanctions_began_is_told_by_name_where_they_are_several(tmp_path: Path) -> None:
    acts = [act("CHN", "USA", "sanctions", f"20{15 + k}-01-01") for k in range(4)]
    acts += [act("USA", "CHN", "sanctions", f"20{15 + k}-06-01") for k in range(2)] + [
        act("USA", "CHN", "sanctions", "2001-01-01")
    ]
    acts += [act(code, "CHN", "sanctions", "2016-03-01") for code in ("FRA", "GBR", "JPN")]
    held = made_of(tmp_path / "l", acts)
    moved = Moved({}, {}, {"sanctions": -0.5}, {}, dict.fromkeys(("CHN-USA", "CHN-FRA", "CHN-GBR", "CHN-JPN")))  # type: ignore[arg-type]
    told = sanctions_by(held, moved, 2013, 2023)
    assert (
        told
        == "Sanctions between them that began after 2013: 4 by China, 2 by the United States and one each by 3 others."
    )
    quiet = Moved({}, {}, {"sanctions": 0.01}, {}, moved.pairs)
    assert sanctions_by(held, quiet, 2013, 2023) == ""
