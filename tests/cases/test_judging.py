"""The three tests on studies where the answer is known, about states that no packaged case names."""

from __future__ import annotations

from pathlib import Path

import pytest

from innominate.cases.findings import Finding
from innominate.cases.provenance import rows_behind
from innominate.cases.treaties_in_force import pattern_verdict
from tests.cases.synthetic import NATO, STATES, Tie, run, study, treaty
from tests.exchange.made import act, library

ALLIES = {"test": "acts-as-allies", "with": {"since": 2022, "before": {"first": 2012, "last": 2021}}}


def three(alignment: float, **about: float) -> dict[str, Tie]:
    return {key: Tie(alignment, **about) for key in ("BRA-CHL", "BRA-PER", "CHL-PER")}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ties", "verdict"),
    [
        (three(1.5), "supported"),
        (three(0.1), "contradicted"),
        (three(0.7), "undecided"),
        (three(1.5, sd=3.0), "undecided"),
        (three(1.5, channels=2), "not testable"),
        (three(1.5, since=2030), "not testable"),
        (three(1.5) | {"BRA-PER": Tie(0.1)}, "contradicted"),
        (three(1.5) | {"BRA-PER": Tie(0.75)}, "undecided"),
        (three(1.5) | {"BRA-PER": Tie(1.5, channels=1)}, "not testable"),
        (three(1.5) | {"BRA-PER": Tie(1.5, channels=1), "CHL-PER": Tie(0.1)}, "contradicted"),
        ({key: Tie(0.845) for key in three(0)}, "undecided"),  # each 0.926: together perhaps only 0.78
    ],
)
def test_acts_as_allies(tmp_path: Path, ties: dict[str, Tie], verdict: str) -> None:
    assert run(study(tmp_path, ties), ALLIES).claims[0].verdict == verdict


def test_a_joint_treaty_contradicts_the_claim_that_there_is_none(tmp_path: Path) -> None:
    pacts = [treaty(a, b, "1990-01-01", name="joint") for a, b in (("BRA", "CHL"), ("BRA", "PER"), ("CHL", "PER"))]
    claim = {**ALLIES, "with": {**ALLIES["with"], "joint_treaty": "absent"}}  # type: ignore[dict-item]
    assert run(study(tmp_path / "with", three(1.5), pacts), claim).claims[0].verdict == "contradicted"
    assert run(study(tmp_path / "none", three(1.5)), claim).claims[0].verdict == "supported"
    unknown = study(tmp_path / "unknown", three(1.5), covered=("1900-01-01", "1950-12-31"))
    assert run(unknown, claim).claims[0].verdict == "not testable"


def test_evidence_against_is_always_given_and_goes_by_its_sign(tmp_path: Path) -> None:
    high = run(study(tmp_path / "high", three(1.5)), ALLIES).claims[0]
    low = run(study(tmp_path / "low", three(-0.5)), ALLIES).claims[0]
    assert high.evidence_against
    assert low.evidence_against
    assert any("what raises it" in one.text for one in high.evidence_for)
    assert any("what lowers it" in one.text for one in low.evidence_against)
    assert not any("what raises it" in one.text for one in low.evidence_for)


def test_one_decisive_channel_costs_confidence(tmp_path: Path) -> None:
    firm = run(study(tmp_path / "many", three(1.5)), ALLIES).claims[0]
    thin = run(study(tmp_path / "few", three(1.0, sd=0.02, channels=3)), ALLIES).claims[0]
    assert thin.verdict == firm.verdict == "supported"
    failed = {check.name for check in thin.checks if not check.passed}
    assert {"Enough channels", "One channel less"} <= failed
    assert thin.confidence == "low"


def test_a_channel_that_tips_only_the_joint_bound_is_said_to(tmp_path: Path) -> None:
    found = run(study(tmp_path, three(4.46, sd=2.0)), ALLIES).claims[0]
    assert found.verdict == "supported"
    check = next(check for check in found.checks if check.name == "One channel less")
    assert not check.passed
    assert "would change the verdict" not in check.detail.text
    assert "though the pair itself stays where it is: Brazil–Chile without its" in check.detail.text


def test_rows_behind_are_those_of_the_pairs_and_years(tmp_path: Path) -> None:
    rows = run(study(tmp_path, three(1.5)), ALLIES).claims[0].rows
    assert [(row.about, row.file, row.count, row.refs) for row in rows] == [
        ("BRA-CHL", "drills.csv", 1, (7,)),
        ("CHL-PER", "drills.csv", 1, (4,)),
    ]


def test_rows_of_channels_that_had_no_say_are_not_listed(tmp_path: Path) -> None:
    acts = [act("BRA", "CHL", channel, "2020-01-01") | {"row": 2} for channel in ("arms", "refugees", "aid")]
    held = library(tmp_path / "l", [{**one, "act_id": f"x{k}"} for k, one in enumerate(acts)])
    asked = {"keys": ["BRA-CHL"], "first": 2019, "last": 2021}
    assert [row.channel for row in rows_behind(held, **asked, channels={"arms", "aid"})] == ["aid", "arms"]  # type: ignore[arg-type]
    assert [row.channel for row in rows_behind(held, **asked, channels={"votes"})] == []  # type: ignore[arg-type]


def gap_claim(state: str = "BRA", **changes: object) -> dict[str, object]:
    with_ = {
        "state": state,
        "peers": ["BEL", "FRA", "CAN", "IND"],
        "years": {"first": 2015, "last": 2024},
        "draws": 400,
    }
    return {"test": "substance-over-form", "with": with_ | changes}


def nato_treaty() -> list[dict[str, object]]:
    return [treaty(a, b, "1949-04-04", name="nato") for k, a in enumerate(NATO) for b in NATO[k + 1 :]]


FRIENDS = {f"BRA-{code}": Tie(1.5) for code in ("CHL", "IND", "MEX", "PER", "ZAF")}


def test_a_state_that_does_much_and_signs_nothing(tmp_path: Path) -> None:
    made = study(tmp_path, FRIENDS, nato_treaty())
    found = run(made, gap_claim(peers=["BEL", "FRA", "CAN", "DEU"])).claims[0]
    assert found.verdict == "supported"
    assert found.number("BRA.share").value == pytest.approx(1.0)
    assert found.number("BRA.unnamed").value == pytest.approx(5.0)
    assert found.number("BEL.share").value == pytest.approx(0.0)
    assert run(made, gap_claim("FRA", peers=["BRA", "IND", "CAN", "DEU"])).claims[0].verdict == "contradicted"


def test_the_same_state_once_it_signs(tmp_path: Path) -> None:
    signed = [treaty("BRA", code, "2000-01-01") for code in ("CHL", "IND", "MEX", "PER", "ZAF")]
    found = run(study(tmp_path, FRIENDS, nato_treaty() + signed), gap_claim()).claims[0]
    assert found.verdict == "contradicted"
    assert found.number("BRA.share").value == 0.0


def test_a_gap_that_the_data_cannot_tell(tmp_path: Path) -> None:
    unsure = {f"BRA-{code}": Tie(0.7, sd=0.5) for code in ("CHL",)} | {f"{a}-ZAF": Tie(0.7, sd=0.5) for a in NATO}
    found = run(study(tmp_path, unsure, nato_treaty()), gap_claim(peers=["BEL", "FRA", "CAN", "DEU"])).claims[0]
    assert found.verdict == "undecided"


def test_equal_gaps_are_not_called_larger(tmp_path: Path) -> None:
    idle = gap_claim(peers=["IND", "MEX", "PER", "ZAF"])
    ties = FRIENDS | {f"{a}-{b}": Tie(1.5) for a, b in (("CHL", "IND"), ("CHL", "MEX"), ("CHL", "PER"), ("CHL", "ZAF"))}
    found = run(study(tmp_path, ties), idle).claims[0]  # nobody signs anything: every gap is whole
    assert found.verdict == "contradicted"
    assert found.number("rank").value == 1
    assert found.number("shared").value == 4
    assert "shared with 4 of them" in found.headline.text
    assert "larger one" not in found.detail.text


def test_few_channels_are_named_in_the_headline(tmp_path: Path) -> None:
    few = run(study(tmp_path / "few", three(1.5, channels=3)), ALLIES).claims[0]
    many = run(study(tmp_path / "many", three(1.5)), ALLIES).claims[0]
    assert few.headline.text.startswith(
        "Seen through little more than UN General Assembly votes, share of conflict in events"
    )
    assert many.headline.text.startswith("Brazil")


@pytest.mark.parametrize(
    ("covered", "claim"),
    [
        (("1900-01-01", "1999-12-31"), gap_claim()),
        (("1900-01-01", "2024-12-31"), gap_claim("SSD")),
        (("1900-01-01", "2024-12-31"), gap_claim(years={"first": 2030, "last": 2035})),
    ],
)
def test_a_gap_is_not_testable_without_commitments_conduct_or_years(
    tmp_path: Path, covered: tuple[str, str], claim: dict[str, object]
) -> None:
    found = run(study(tmp_path, FRIENDS, nato_treaty(), covered=covered), claim).claims[0]
    assert found.verdict == "not testable"
    assert found.confidence == "low"


def treaty_claim(tmp_path: Path, signed: str, pacts: list[dict[str, object]], **options: object) -> Finding:
    made = study(tmp_path, {}, pacts, **options)
    return run(made, {"test": "treaties-in-force", "with": {"signed": signed}}).claims[0]


BOTH = [treaty("BRA", "CHL", "1961-07-11"), treaty("CHL", "PER", "2024-06-19")]


@pytest.mark.parametrize(
    ("signed", "verdict"), [("some", "supported"), ("all", "contradicted"), ("none", "contradicted")]
)
def test_two_pairs_of_three_are_signed(tmp_path: Path, signed: str, verdict: str) -> None:
    found = treaty_claim(tmp_path, signed, BOTH)
    assert found.verdict == verdict
    assert found.number("signed").value == 2
    assert found.number("BRA-CHL.since").value == 1961
    assert "What has no name is Brazil–Peru, and the group as a whole." in found.detail.text
    assert [(row.about, row.file, row.refs) for row in found.rows] == [
        ("BRA-CHL", "pacts.csv", (2,)),
        ("CHL-PER", "pacts.csv", (3,)),
    ]


def test_lapsed_and_lesser_treaties_are_no_defence_treaties(tmp_path: Path) -> None:
    pacts = [
        treaty("BRA", "CHL", "1961-07-11", "1996-09-10"),
        treaty("BRA", "PER", "2000-02-09", defence=False, consultation=True),
    ]
    found = treaty_claim(tmp_path, "none", pacts)
    assert found.verdict == "supported"
    against = " ".join(one.text for one in found.evidence_against)
    assert "ended" in against
    assert "lesser" in against


def test_treaties_outside_coverage_are_unknown(tmp_path: Path) -> None:
    found = treaty_claim(tmp_path, "none", [], covered=("1900-01-01", "2005-12-31"))
    assert found.verdict == "not testable"
    assert found.number("unknown").value == 3


@pytest.mark.parametrize(
    ("stands", "claimed", "verdict"),
    [
        (["signed", "signed"], "all", "supported"),
        (["signed", "disputed"], "all", "undecided"),
        (["signed", "unknown"], "none", "contradicted"),
        (["not signed", "disputed"], "some", "undecided"),
        (["signed", "not signed", "unknown"], "some", "supported"),
        (["signed", "signed"], "some", "contradicted"),
    ],
)
def test_patterns(stands: list[str], claimed: str, verdict: str) -> None:
    assert pattern_verdict(stands, claimed) == verdict  # type: ignore[arg-type]


def test_no_state_is_wired_in() -> None:
    assert not {"CHN", "RUS", "PRK"} & set(STATES)
