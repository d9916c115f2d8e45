"""The claim that enough could be hidden, judged in a world where what pairs do is known."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from innominate import Study
from innominate.brief.hiding import hiding, say_hiding
from innominate.cases import Case
from innominate.cases.findings import Findings
from innominate.cases.spec import CaseSpec
from innominate.cases.wording import show
from innominate.worlds import Settings, simulate


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    settings = Settings(states=190, periods=4, seed=5, coverage="full", texts=False)
    made = simulate(settings, tmp_path_factory.mktemp("claim") / "world")
    return Study(made.library(), (settings.first, settings.last))


@pytest.fixture(scope="module")
def pairs(study: Study) -> list[list[str]]:
    """The pair most above the bar, and the one most below."""
    ranked = study.alignment().year(study.years[1])
    return [[ranked["a"][k], ranked["b"][k]] for k in (0, -1)]


def _run(study: Study, pairs: list[list[str]], **more: object) -> Findings:
    claim = {
        "id": "one", "title": "One", "statement": "It could be hidden.", "test": "concealment-limit",
        "with": {"pairs": pairs, "since": study.years[0], "draws": 20, **more},
    }  # fmt: skip
    raw = {
        "name": "test", "title": "A test", "question": "Could it be?", "states": pairs[0], "years": list(study.years),
        "claims": [claim],
    }  # fmt: skip
    return Case(CaseSpec.model_validate(raw)).run(study)


def test_a_pair_far_above_the_bar_is_not_missed_and_one_below_it_is_not_testable(
    study: Study, pairs: list[list[str]]
) -> None:
    found = _run(study, pairs, share=0.1).claims[0]
    by_pair = {part.about: part.verdict for part in found.parts}
    high, low = ("-".join(sorted(pair)) for pair in pairs)
    assert by_pair[high] == "contradicted"
    assert by_pair[low] == "not testable"
    assert found.verdict == "contradicted"
    assert found.number(f"{high}.missed").value == 0.0
    assert any("UN Comtrade" in one.text for one in found.not_covered)
    rows = [row for table in found.tables for row in table.records()]
    assert {row["key"] for row in rows} == {high}
    levels = [row["alignment"] for row in rows]
    assert levels[0] > levels[-1]  # type: ignore[operator]


def test_verdicts_follow_the_share(study: Study) -> None:
    """Contradicted at the shares at which nearly no draw misses the pair, supported where nearly all do."""
    ranked = study.alignment().year(study.years[1]).filter(pl.col("alignment") > study.alignment().scale.quartile + 0.2)
    near = [[row["a"], row["b"]] for row in ranked.tail(12).iter_rows(named=True)]
    rows = pl.DataFrame(_run(study, near).claims[0].tables[0].records())
    safe = rows.filter((pl.col("missed") <= 0.02) & (pl.col("share") > 0)).group_by("key").agg(pl.col("share").max())
    lost = rows.filter((pl.col("missed") >= 0.98) & (pl.col("share") < 1)).group_by("key").agg(pl.col("share").min())
    key, low, high = safe.join(lost, on="key", suffix="_lost").sort("key").row(0)
    verdicts = [_run(study, [key.split("-")], share=share).claims[0].verdict for share in (low, high)]
    assert verdicts == ["contradicted", "supported"]


def test_the_same_findings_twice(study: Study, pairs: list[list[str]]) -> None:
    one, two = (_run(study, pairs[:1]).to_json() for _ in range(2))
    assert one == two
    assert json.loads(one)["claims"][0]["test"] == "concealment-limit"


def test_the_chart_of_the_brief_shows_the_table(study: Study, pairs: list[list[str]]) -> None:
    plain = _run(study, pairs[:1]).to_dict()
    table = plain["claims"][0]["tables"][0]
    chart = hiding(plain, "one").to_dict()
    values = chart["layer"][0]["data"]["values"]
    assert [row["alignment"] for row in values] == [row[table["columns"].index("alignment")] for row in table["rows"]]
    assert chart["layer"][1]["data"]["values"] == [{"bar": plain["quartile"]}]
    assert show(values[0]["alignment"], "alignment") in say_hiding(plain, "one")


def test_nothing_to_hide_is_not_testable(tmp_path: Path) -> None:
    settings = Settings(states=20, periods=4, seed=5, coverage="full", texts=False)
    made = simulate(settings, tmp_path / "votes", channels=["votes", "igo"])
    study = Study(made.library(), (settings.first, settings.last))
    ranked = study.alignment().year(settings.last)
    found = _run(study, [[ranked["a"][0], ranked["b"][0]]], channels=1)
    assert found.claims[0].verdict == "not testable"
