"""Tests of claims about gains, on ledgers and libraries whose answer is known."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from innominate import write_brief
from innominate.cases import Case, Finding
from innominate.cases.gains_evidence import rate_rose, share_rose
from innominate.cases.rise_in_rank import Rise, _though
from innominate.cases.shared_burden import overall
from innominate.cases.spec import CaseSpec
from innominate.errors import BadFile
from innominate.ledger import Imported
from tests.cases.synthetic import run, study
from tests.exchange.made import act, covered

HEADER = "source,target,channel,kind,start,value,value_low,value_high,unit,checked\n"


def _finding(
    folder: Path, test: str, rows: str = "", acts: list[dict[str, object]] = (), cover: list[dict[str, object]] = (), **parameters: object
) -> Finding:  # fmt: skip
    """One claim about Brazil, Chile and Peru, put to a ledger's rows and a library's acts."""
    made = study(folder, {})
    if acts:
        tables = {
            "acts": pl.DataFrame([{**one, "row": k + 2, "act_id": f"g{k}"} for k, one in enumerate(acts)], infer_schema_length=None),
            "coverage": pl.DataFrame(list(cover)),
        }  # fmt: skip
        imported = Imported("given", tables, len(acts), len(acts))  # type: ignore[arg-type]
        made.library.store(imported, file="g.csv", sha256="1" * 64, size=1, form="given/csv", adapter_version=1)
    ledgers = []
    if rows:
        path = folder / "acts.csv"
        path.write_text(HEADER + rows, encoding="utf-8")
        ledgers = [str(path)]
    claim = {"test": test, "with": parameters}
    finding = run(made, claim, ledgers=ledgers).claims[0]
    keys = {number.key for number in finding.numbers}
    assert len(keys) == len(finding.numbers)
    return finding


RING = (
    "BRA,CHL,arms,arms,2021-03-01,40,30,60,drones,2024-01-01\n"
    "CHL,PER,trade,energy,2021-05-01,10,,,thousand tonnes,2024-01-01\n"
    "PER,BRA,aid,money,2022-06-01,5,,,million USD,\n"
    "CHL,BRA,aid,food,2022-06-01,5,,,tonnes,2024-01-01\n"
    "PER,CHL,material-cooperation,labour,2022-06-01,900,,,persons,2024-01-01\n"
    "BRA,PER,material-cooperation,technology,2022-06-01,1,,,acts,2024-01-01\n"
)


def test_a_ring_on_record_that_chance_would_make_is_undecided(tmp_path: Path) -> None:
    found = _finding(tmp_path, "interlocking-gains", RING, since=2020, worlds=99)
    assert {part.about: part.verdict for part in found.parts} == {
        "BRA-CHL": "supported", "BRA-PER": "supported", "CHL-PER": "supported", "ring": "supported", "chance": "not testable",
    }  # fmt: skip
    assert found.verdict == "undecided"
    assert found.number("BRA-CHL.arms").value == 1
    amounts = {
        number.label: (number.low, number.value, number.high) for number in found.numbers if number.unit == "amount"
    }
    assert amounts["Brazil to Chile: arms (the case's ledger, drones)"] == (30, 40, 60)
    assert {row.about for row in found.rows} == {"BRA-CHL", "CHL-PER", "PER-BRA", "CHL-BRA", "PER-CHL", "BRA-PER"}
    checks = {check.name: check.passed for check in found.checks}
    assert checks["Rows compared with their sources"] is False  # five of six


def test_a_missing_direction_is_not_testable_and_meetings_do_not_count(tmp_path: Path) -> None:
    rows = RING.replace("PER,CHL,material-cooperation,labour", "PER,BRA,material-cooperation,labour")
    rows += "CHL,PER,visits,visit,2022-01-01,1,,,meetings,2024-01-01\n"
    found = _finding(tmp_path, "interlocking-gains", rows, since=2020, worlds=99)
    assert found.verdict == "not testable"
    assert next(part for part in found.parts if part.about == "CHL-PER").verdict == "not testable"


def test_a_ring_that_chance_partners_would_not_make_is_supported(tmp_path: Path) -> None:
    others = ("BEL", "CAN", "DEU", "FRA", "IND", "ITA", "MEX", "NLD", "NOR", "SWE", "ZAF")
    acts = []
    for channel, ring in (("arms", ("BRA", "CHL")), ("trade", ("CHL", "PER")), ("aid", ("PER", "BRA"))):
        for k, one in enumerate(others):
            for step in (1, 3, 4):
                acts.append(
                    act(one, others[(k + step) % len(others)], channel, "2021-01-01", value=8.0 + k, dataset="given")
                )
        acts.append(act(*ring, channel, "2021-01-01", value=9.0, dataset="given"))
        acts += [act(ring[0], others[2], channel, "2021-01-01", value=9.0, dataset="given"),
                 act(others[5], ring[1], channel, "2021-01-01", value=1.0, dataset="given")]  # fmt: skip
        third = ({"BRA", "CHL", "PER"} - set(ring)).pop()
        acts.append(act(third, ring[1], channel, "2021-01-01", value=0.5, dataset="given"))
        acts += [act(third, others[1], channel, "2021-01-01", value=0.7, dataset="given"),
                 act(others[1], third, channel, "2021-01-01", value=0.7, dataset="given")]  # fmt: skip
    cover = [covered(channel, "2000-01-01", "2024-12-31", dataset="given") for channel in ("arms", "trade", "aid")]
    found = _finding(tmp_path, "interlocking-gains", "", acts, cover, since=2020, worlds=499)
    assert found.verdict == "supported"
    assert found.number("ring.p").value <= 0.05  # type: ignore[operator]
    assert found.number("ring").value == pytest.approx(9 / 10.5)


PARTNERS = (
    "BRA,CHL,arms,arms,2021-03-01,,,,drones,2024-01-01\n" * 1
    + "".join(f"BRA,CHL,arms,technology,2021-0{k}-02,1,,,acts,2024-01-01\n" for k in range(1, 9))
    + "PER,CHL,trade,goods,2021-01-01,90,80,100,million USD,2024-01-01\n"
    + "BRA,CHL,trade,goods,2021-01-01,10,5,20,million USD,2024-01-01\n"
)


def test_complementary_partners(tmp_path: Path) -> None:
    asked = {"state": "CHL", "security": "BRA", "economy": "PER", "since": 2020}
    found = _finding(tmp_path, "complementary-partners", PARTNERS, **asked)
    verdicts = {part.about: part.verdict for part in found.parts}
    assert verdicts == {"security": "undecided", "economy": "supported"}  # one act of arms is too little
    more = "".join(f"BRA,CHL,arms,arms,2021-0{k}-03,1,,,acts,2024-01-01\n" for k in range(1, 7))
    (tmp_path / "b").mkdir()
    found = _finding(tmp_path / "b", "complementary-partners", PARTNERS + more, **asked)
    assert found.verdict == "supported"
    goods = next(number for number in found.numbers if "million USD" in number.label)
    assert (goods.low, goods.value, goods.high) == pytest.approx((5 / 105, 0.1, 20 / 100))
    (tmp_path / "c").mkdir()
    turned = {**asked, "security": "PER", "economy": "BRA"}
    assert _finding(tmp_path / "c", "complementary-partners", PARTNERS + more, **turned).verdict == "contradicted"


ACT = "{},CHL,trade,{},2021-0{}-05,1,,,acts,2024-01-01\n"  # giver, kind, month
ARMED = PARTNERS + "".join(f"BRA,CHL,arms,arms,2021-0{k}-03,1,,,acts,2024-01-01\n" for k in range(1, 7))
CASES = {  # what else is on record → the verdict on the economy, words of the headline
    "another kind comes from the other": (
        "".join(ACT.format("BRA", "energy", k) for k in range(1, 7)), "undecided", "energy from Brazil; goods from Peru"),
    "counts say the opposite of amounts": (
        "".join(ACT.format("BRA", "goods", k) for k in range(1, 10)), "undecided", "goods from neither clearly"),
    "one kind cannot be told": (ACT.format("PER", "food", 1), "undecided", "goods from Peru; food from neither clearly"),
    "one kind was not seen of both": (
        "PER,CHL,trade,energy,2021-01-01,90,,,tonnes,2024-01-01\n", "undecided", "cannot be laid at one door"),
    "all kinds agree": ("".join(ACT.format("PER", "energy", k) for k in range(1, 7)), "supported", "economy comes from Peru"),
}  # fmt: skip


@pytest.mark.parametrize(("rows", "verdict", "words"), CASES.values(), ids=CASES)
def test_a_half_is_no_surer_than_its_table(rows: str, verdict: str, words: str, tmp_path: Path) -> None:
    asked = {"state": "CHL", "security": "BRA", "economy": "PER", "since": 2020}
    found = _finding(tmp_path, "complementary-partners", ARMED + rows, **asked)
    assert {part.about: part.verdict for part in found.parts} == {"security": "supported", "economy": verdict}
    assert found.verdict == verdict
    assert words in found.headline.text


def test_a_total_of_both_ways_is_no_gift(tmp_path: Path) -> None:
    header = HEADER.replace("unit,", "unit,directed,")
    rows = "".join(f"BRA,CHL,arms,arms,2021-0{k}-01,1,,,acts,true,\n" for k in range(1, 7))
    rows += "CHL,PER,trade,goods,2021-01-01,990,,,million USD,false,\nBRA,CHL,trade,goods,2021-01-01,10,,,million USD,false,\n"
    (tmp_path / "acts.csv").write_text(header + rows, encoding="utf-8")
    claim = {
        "test": "complementary-partners",
        "with": {"state": "CHL", "security": "BRA", "economy": "PER", "since": 2020},
    }
    found = run(study(tmp_path, {}), claim, ledgers=[str(tmp_path / "acts.csv")]).claims[0]
    assert {part.about: part.verdict for part in found.parts}["economy"] == "undecided"
    assert any("nobody's gift" in sentence.text for sentence in found.evidence_for)


def _meetings(early: int, late: int, all_early: int, all_late: int) -> list[dict[str, object]]:
    made = []
    for first, own, whole in ((2011, early, all_early), (2021, late, all_late)):
        for k in range(whole):
            other = "CHL" if k < own else ("BEL", "CAN", "DEU")[k % 3]
            day = f"{first + k % 4}-02-01"
            made.append(
                act(
                    min("BRA", other),
                    max("BRA", other),
                    "visits",
                    day,
                    directed=False,
                    unit="meetings",
                    dataset="given",
                )
            )
    return made


@pytest.mark.parametrize(
    ("late", "verdict", "words"),
    [
        (20, "supported", "rose with Brazil;"),
        (1, "contradicted", "did not rise with Brazil"),
        (5, "undecided", "probably rose with Brazil, but not surely"),
        (3, "undecided", "did not clearly rise with Brazil"),
    ],
)
def test_high_level_exchange_rises_where_the_share_does(late: int, verdict: str, words: str, tmp_path: Path) -> None:
    acts = _meetings(4, late, 40, 40)
    acts += [act("CHL", "BRA", "arms", "2021-02-01", value=9.0, dataset="given"),
             act("BEL", "BRA", "arms", "2021-02-01", value=9.0, dataset="given"),
             act("BEL", "BRA", "arms", "2012-02-01", value=9.0, dataset="given")]  # fmt: skip
    cover = [covered(channel, "2000-01-01", "2024-12-31", dataset="given") for channel in ("visits", "arms")]
    found = _finding(
        tmp_path, "rise-in-rank", "", acts, cover, state="CHL", patrons=["BRA"], since=2021, before=[2011, 2014]
    )
    assert found.parts[0].verdict == verdict
    assert words in found.headline.text
    assert found.parts[1].verdict == "supported"  # Brazil came to need Chile's arms: 0 % then, half now
    assert found.verdict == verdict


def test_a_dataset_that_covers_little_of_a_span_is_not_judged(tmp_path: Path) -> None:
    cover = [covered("visits", "2000-01-01", "2021-12-31", dataset="given")]
    acts = [one for one in _meetings(4, 20, 40, 40) if str(one["start"]) < "2022"]
    found = _finding(
        tmp_path, "rise-in-rank", "", acts, cover, state="CHL", patrons=["BRA"], since=2021, before=[2011, 2014]
    )
    assert found.parts[0].verdict == "not testable"
    assert any("not judged" in item.text for item in (*found.evidence_for, *found.evidence_against))


def _burden(bearer: tuple[int, int], reliever: tuple[int, int]) -> str:
    rows = []
    for first, at in ((2012, 0), (2021, 1)):
        for year in (first, first + 1):
            rows.append(
                f"BRA,CHL,trade,goods,{year},{bearer[at]},{bearer[at] * 0.9},{bearer[at] * 1.1},million USD,2024-01-01"
            )
            rows.append(f"PER,CHL,trade,goods,{year},{reliever[at]},,,million USD,2024-01-01")
    return "\n".join(rows) + "\n"


@pytest.mark.parametrize(
    ("bearer", "reliever", "verdict"),
    [
        ((100, 50), (10, 60), "supported"),
        ((100, 150), (10, 60), "contradicted"),  # both give more
        ((100, 105), (10, 60), "undecided"),  # within the range of the amounts
        ((100, 50), (60, 10), "undecided"),  # both give less
    ],
)
def test_shared_burden(bearer: tuple[int, int], reliever: tuple[int, int], verdict: str, tmp_path: Path) -> None:
    asked = {"state": "CHL", "bearer": "BRA", "reliever": "PER", "since": 2021, "before": [2012, 2020]}
    found = _finding(tmp_path, "shared-burden", _burden(bearer, reliever), **asked)
    assert found.verdict == verdict
    label = "Brazil's part of goods (the case's ledger, million USD) by the two, now"
    share = next(number.value for number in found.numbers if number.label == label)
    assert share == pytest.approx(bearer[1] / (bearer[1] + reliever[1]))


def test_a_smaller_part_of_more_speaks_against_relief(tmp_path: Path) -> None:
    asked = {"state": "CHL", "bearer": "BRA", "reliever": "PER", "since": 2021, "before": [2012, 2020]}
    more = _finding(tmp_path, "shared-burden", _burden((100, 105), (10, 60)), **asked)
    assert any(one.text.startswith("Goods") for one in more.evidence_against)
    assert not any(one.text.startswith("Goods") for one in more.evidence_for)
    (tmp_path / "b").mkdir()
    less = _finding(tmp_path / "b", "shared-burden", _burden((100, 50), (10, 60)), **asked)
    assert any(one.text.startswith("Goods") for one in less.evidence_for)


def test_a_headline_names_the_measure_that_says_the_opposite() -> None:
    def rise(dataset: str, probability: float, covered: bool) -> Rise:
        return Rise("RUS", dataset, "events", (1.0, 2.0), None, (3, 3), (None, None), probability, covered)

    told = _though([rise("ledger", 0.99, True), rise("press", 0.01, False)], "supported")
    assert told == " (though press, covering less than half of a span, shows none)"
    assert _though([rise("ledger", 0.99, True), rise("press", 0.6, False)], "supported") == ""
    assert _though([rise("ledger", 0.5, True), rise("press", 0.01, False)], "undecided") == ""


def test_years_outside_coverage_are_not_zero(tmp_path: Path) -> None:
    acts = [act(giver, "CHL", "trade", f"{year}-01-01", f"{year}-12-31", value=5.0, dataset="given")
            for giver in ("BRA", "PER") for year in (2012, 2013)]  # fmt: skip
    cover = [covered("trade", "2000-01-01", "2014-12-31", dataset="given")]
    asked = {"state": "CHL", "bearer": "BRA", "reliever": "PER", "since": 2021, "before": [2012, 2020]}
    assert _finding(tmp_path, "shared-burden", "", acts, cover, **asked).verdict == "not testable"


def test_most_measures_decide_about_the_burden() -> None:
    assert overall(["supported", "undecided"]) == "supported"
    assert overall(["contradicted", "undecided", "undecided"]) == "undecided"
    assert overall(["not testable"]) == "not testable"


@pytest.mark.parametrize(("second", "verdict"), [(40.0, "supported"), (5.0, "contradicted")])
def test_divided_attention(second: float, verdict: str, tmp_path: Path) -> None:
    acts = []
    for year in range(2010, 2025):
        for channel in ("arms", "visits"):
            directed = channel == "arms"
            for target, value in (("DEU", 60.0), ("IND", second)):
                pair = ("CAN", target) if directed else tuple(sorted(("CAN", target)))
                acts.append(
                    act(*pair, channel, f"{year}-01-01", value=value, directed=directed, dataset="given", unit="units")
                )
    cover = [covered(channel, "2000-01-01", "2024-12-31", dataset="given") for channel in ("arms", "visits")]
    theatres = [{"name": "West", "states": ["DEU", "FRA"]}, {"name": "South", "states": ["IND"]}]
    asked = {"state": "CAN", "theatres": theatres, "since": 2020, "before": [2010, 2019]}
    found = _finding(tmp_path, "divided-attention", "", acts, cover, **asked)
    assert found.verdict == verdict
    assert found.number("0.now").value == pytest.approx(second / (60 + second))
    (tmp_path / "b").mkdir()
    military = [one for one in acts if one["channel"] == "arms"]
    assert _finding(tmp_path / "b", "divided-attention", "", military, cover[:1], **asked).verdict == "not testable"


def test_volumes_of_news_in_different_years_are_not_compared(tmp_path: Path) -> None:
    acts = [
        act(
            "CAN",
            target,
            "verbal-cooperation",
            f"{year}-01-01",
            value=value,
            dataset="press",
            unit="events",
            code="042",
        )
        for year in range(2010, 2025)
        for target, value in (("DEU", 60.0 if year < 2020 else 300.0), ("IND", 40.0 if year < 2020 else 30.0))
    ]
    cover = [covered("verbal-cooperation", "2000-01-01", "2024-12-31", dataset="press")]
    theatres = [{"name": "West", "states": ["DEU", "FRA"]}, {"name": "South", "states": ["IND"]}]
    asked = {"state": "CAN", "theatres": theatres, "since": 2020, "before": [2010, 2019]}
    found = _finding(tmp_path, "divided-attention", "", acts, cover, **asked)
    said = " ".join(one.text for one in (*found.evidence_for, *found.evidence_against))
    assert "2010–2019" in said
    assert "a year" not in said
    assert "than before" not in said


@pytest.mark.parametrize(
    ("test", "parameters"),
    [
        ("interlocking-gains", {"since": 2020, "worlds": 99}),
        ("complementary-partners", {"state": "CHL", "security": "BRA", "economy": "PER", "since": 2020}),
        ("rise-in-rank", {"state": "CHL", "patrons": ["BRA", "PER"], "since": 2020, "before": [2010, 2019]}),
        ("shared-burden", {"state": "CHL", "bearer": "BRA", "reliever": "PER", "since": 2020, "before": [2010, 2019]}),
        ("divided-attention", {"state": "CAN", "since": 2020, "before": [2010, 2019], "theatres": [
            {"name": "A", "states": ["DEU"]}, {"name": "B", "states": ["IND"]}]}),
    ],
)  # fmt: skip
def test_where_nothing_is_known_nothing_is_claimed(test: str, parameters: dict[str, object], tmp_path: Path) -> None:
    found = _finding(tmp_path, test, **parameters)
    assert found.verdict == "not testable"
    assert found.confidence == "low"
    assert found.headline.text


def test_probabilities_of_a_rise() -> None:
    assert rate_rose(4, 4, 4, 4) == pytest.approx(0.5, abs=0.01)
    assert rate_rose(0, 4, 40, 4) > 0.999
    assert rate_rose(8, 8, 4, 4) == pytest.approx(0.5, abs=0.06)
    assert share_rose(5, 50, 5, 50) == pytest.approx(0.5, abs=0.01)
    assert share_rose(5, 50, 30, 50) > 0.999
    assert share_rose(30, 50, 5, 50) < 0.001


CASE = """
name: small
title: A test
question: Is it so?
states: [BRA, CHL, PER]
years: [2010, 2024]
{more}
claims:
  - {{id: one, title: One, statement: It is so., test: interlocking-gains, with: {{since: 2020}}}}
"""


def test_ledgers_beside_a_case_belong_to_it(tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(CASE.format(more=""))
    assert Case.load(path).spec.ledgers == []
    (tmp_path / "small").mkdir()
    for name in ("acts-b.csv", "acts-a.csv", "other.csv"):
        (tmp_path / "small" / name).write_text(HEADER + RING)
    assert [Path(one).name for one in Case.load(path).spec.ledgers] == ["acts-a.csv", "acts-b.csv"]
    path.write_text(CASE.format(more="ledgers: [small/other.csv]"))
    assert [Path(one).name for one in Case.load(path).spec.ledgers] == ["other.csv", "acts-a.csv", "acts-b.csv"]
    path.write_text(CASE.format(more="ledgers: [small/none.csv]"))
    with pytest.raises(BadFile, match=r"ledgers\[0\]: there is no file 'small/none.csv'"):
        Case.load(path)


@pytest.mark.parametrize(
    ("test", "parameters", "reason"),
    [
        ("complementary-partners", "state: CHL, security: CHL, economy: PER, since: 2020", "three different states"),
        ("rise-in-rank", "state: CHL, patrons: [CHL], since: 2020, before: [2010, 2019]", "other than the state itself"),
        ("rise-in-rank", "state: CHL, patrons: [BRA], since: 2020, before: [2010, 2020]", "not before since"),
        ("shared-burden", "state: CHL, bearer: BRA, reliever: BRA, since: 2020, before: [2010, 2019]", "three different"),
        ("divided-attention", "state: CHL, theatres: [{name: a, states: [BRA]}, {name: b, states: [BRA]}], since: 2020, before: [2010, 2019]", "share no state"),
        ("interlocking-gains", "since: 2020, worlds: 3", "99"),
        ("interlocking-gains", "sinse: 2020", "did you mean 'since'"),
    ],
)  # fmt: skip
def test_faulty_parameters_are_named(test: str, parameters: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    text = CASE.format(more="").replace("interlocking-gains, with: {since: 2020}", f"{test}, with: {{{parameters}}}")
    path.write_text(text)
    with pytest.raises(BadFile, match=reason):
        Case.load(path)


def test_the_brief_draws_what_the_claims_found(tmp_path: Path) -> None:
    made = study(tmp_path, {})
    (tmp_path / "acts.csv").write_text(HEADER + RING + PARTNERS + _burden((100, 50), (10, 60)), encoding="utf-8")
    claims = [
        {"id": "ring", "test": "interlocking-gains", "with": {"since": 2020, "worlds": 99}},
        {"id": "parts", "test": "complementary-partners", "with": {"state": "CHL", "security": "BRA", "economy": "PER", "since": 2020}},
        {"id": "load", "test": "shared-burden", "with": {"state": "CHL", "bearer": "BRA", "reliever": "PER", "since": 2021, "before": [2012, 2020]}},
    ]  # fmt: skip
    whole = [{"title": "T", "statement": "S.", **claim} for claim in claims]
    raw = {"name": "test", "title": "A test", "question": "Is it so?", "states": ["BRA", "CHL", "PER"], "years": [2010, 2024],
           "claims": whole, "ledgers": [str(tmp_path / "acts.csv")]}  # fmt: skip
    findings = Case(CaseSpec.model_validate(raw)).run(made)
    page = write_brief(findings, tmp_path / "brief.html").read_text(encoding="utf-8")
    for claim, words in (
        ("ring", "Brazil to Chile: arms"),
        ("parts", "Part of Brazil"),
        ("load", "Part of Brazil in what Brazil and Peru give Chile: before"),
    ):
        assert 'aria-label="' in page
        assert words in page, claim
    assert any(source.dataset == "acts-csv/test" for source in findings.sources)
    assert findings.to_json() == Case(CaseSpec.model_validate(raw)).run(made).to_json()
