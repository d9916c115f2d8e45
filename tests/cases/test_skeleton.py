"""New case files are valid as they stand, for any states; what will not do is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from innominate import Case, InputError, states, write_brief
from innominate.cases.loading import faults
from innominate.cases.skeleton import skeleton, unfilled
from tests.cases.synthetic import study


def load(folder: Path, text: str) -> Case:
    path = folder / "made.yaml"
    path.write_text(text)
    assert faults(path) == []
    return Case.load(path)


def test_a_new_case_is_valid_and_says_what_was_asked(tmp_path: Path) -> None:
    case = load(tmp_path, skeleton("nordic", ["FIN", "SWE", "NOR"], (1995, 2022), since=2014, compare=[("GBR", "USA")], title='A "title": yes', question="Is it so?"))  # fmt: skip
    assert case.spec.states == ["FIN", "SWE", "NOR"]
    assert case.spec.comparisons == [["GBR", "USA"]]
    assert case.years == (1995, 2022)
    assert case.spec.title == 'A "title": yes'
    assert {one.test for one in case.spec.claims} == {"acts-as-allies", "treaties-in-force", "readings"}


def test_any_two_states_make_a_valid_case(tmp_path: Path) -> None:
    codes = states.alive(2000)
    for one, other in zip(codes[::9], codes[5::9], strict=False):
        assert load(tmp_path, skeleton("any", [one, other], (1990, 2020))).spec.states == [one, other]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"name": "My case"}, "a-z"),
        ({"states": ["FIN"]}, "2 to 12 states"),
        ({"states": ["FIN", "FIN"]}, "stands twice"),
        ({"years": (2018, 2020)}, "too few"),
        ({"since": 1990}, "since 1990"),
        ({"states": ["FIN", "SSD"], "years": (1980, 1990)}, "South Sudan did not exist"),
        ({"compare": [("SSD", "USA")], "years": (1980, 1990)}, "did not exist"),
    ],
)
def test_what_will_not_do_is_refused(changes: dict[str, object], says: str) -> None:
    arguments = {"name": "x", "states": ["FIN", "SWE"], "years": (1990, 2020)} | changes
    with pytest.raises(InputError, match=says):
        skeleton(**arguments)  # type: ignore[arg-type]


def test_every_test_stands_in_its_remarks() -> None:
    from innominate.cases import claim_tests

    text = skeleton("x", ["FIN", "SWE"], (1990, 2020))
    for name in claim_tests():
        assert f"#   {name}: " in text
    assert yaml.safe_load(text)["name"] == "x"


def test_all_faults_are_told(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    text = skeleton("x", ["FIN", "SWE"], (1990, 2020))
    path.write_text(
        text.replace("since:", "sinse:")
        .replace("claimed: closing-ranks", "claimed: nobody")
        .replace("signed: none", "signed: maybe")
    )
    found = faults(path)
    assert [one.split(":")[0] for one in found] == [
        "claims[0].with.sinse", "claims[0].with.since", "claims[1].with.signed", "claims[2].with",
    ]  # fmt: skip


def test_what_is_still_to_be_filled_in_is_told_and_left_out_of_the_brief(tmp_path: Path) -> None:
    text = skeleton("three", ["USA", "GBR", "AUS"], (1995, 2022))
    assert [line for _, line in unfilled(text)] == [
        line.strip() for line in text.splitlines() if "<" in line and "#" not in line
    ]
    assert len(unfilled(text)) == 4
    assert unfilled(text.replace("<", "").replace(">", "")) == []
    assert yaml.safe_load(text)["title"].startswith("The United States")
    case = load(tmp_path, skeleton("two", ["BRA", "CHL"], (2005, 2024)))
    found = Case(case.spec.model_copy(update={"claims": case.spec.claims[:1]})).run(study(tmp_path, {}))
    assert found.background == ""
    assert (
        "&lt;"
        not in write_brief(found, tmp_path / "brief.html")
        .read_text(encoding="utf-8")
        .split("<body>")[-1]
        .split("<svg")[0]
    )
