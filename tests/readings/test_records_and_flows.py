"""Commitments as a chain, the gap, flows: closed forms, coverage, planted flows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from innominate import Library, Study
from innominate.ledger import Imported
from innominate.readings import Quantity, Reading, Span, weigh
from innominate.readings.flows import standing
from innominate.readings.records import Chain, Records
from tests.cases.synthetic import library, treaty
from tests.readings.planted import STATES, YEARS, expects, study


def records(told: dict[int, bool]) -> Records:
    return Records(Chain(sign=0.1, end=0.2), {("BRA", "CHL"): told})


def mass(told: dict[int, bool], shape: str) -> tuple[float, float]:
    one = expects("commitment BRA-CHL", shape)  # early 2001-2006, late 2013-2018
    before, after = records(told).masses(one)
    return before.value, after.value


def test_the_mass_of_a_record_is_that_of_the_chain() -> None:
    unsigned = dict.fromkeys(range(2006, 2019), False)
    chain = np.array([[0.9, 0.1], [0.2, 0.8]])
    at_2013 = np.linalg.matrix_power(chain, 7)[0]
    assert mass(unsigned, "unsigned") == (pytest.approx(at_2013[0] * 0.9**5), 1.0)
    assert mass(unsigned, "signed") == (pytest.approx(at_2013[1] * 0.8**5), 0.0)
    signed = {year: year >= 2010 for year in range(2006, 2019)}
    assert mass(signed, "signed") == (pytest.approx(at_2013[1] * 0.8**5), 1.0)


def test_after_the_record_ends_the_chain_runs_on() -> None:
    told = dict.fromkeys(range(2006, 2016), False)  # late years 2016-2018 are unknown
    assert mass(told, "unsigned")[1] == pytest.approx(0.9**3)
    one = expects("commitment BRA-CHL", "unsigned")
    assert records(told).known(one)
    assert not records({2010: False}).known(one)  # where it started is unknown
    assert not records(dict.fromkeys(range(2000, 2010), False)).known(one)  # no late year is known


def with_treaties(folder: Path, pacts: list[dict[str, object]]) -> Study:
    made = study({})
    made._alignment = replace(made.alignment(), library=library(folder, pacts))
    return made


def test_a_signature_is_weighed_by_the_rate_of_signatures(tmp_path: Path) -> None:
    made = with_treaties(tmp_path, [treaty("BRA", "CHL", "2010-06-01"), treaty("BEL", "FRA", "1949-04-04")])
    signed = Reading("s", "S", "", (expects("commitment BRA-CHL", "signed"),))
    unsigned = Reading("u", "U", "", (expects("commitment BRA-CHL", "unsigned"),))
    found = weigh(made, [signed, unsigned])
    pairs, years = len(STATES) * (len(STATES) - 1) // 2, YEARS[1] - YEARS[0]
    rate = 1.5 / (
        (pairs - 1) * years - (2019 - 2010) + 1
    )  # one signature, half a one more, over the pair-years at risk
    assert found.ground.records.chain.sign == pytest.approx(rate)
    assert found.support("s").factor > 50
    assert found.support("u").factor == 0.0


def test_the_gap_is_alignment_over_what_is_usual_for_what_is_signed(tmp_path: Path) -> None:
    made = with_treaties(tmp_path, [treaty("BRA", "CHL", "1990-06-01"), treaty("BEL", "FRA", "1949-04-04")])
    fit = made.alignment()
    asked = expects("gap BRA-CHL", "above", level=0.0)
    held = weigh(made, [Reading("g", "G", "", (asked,))]).ground
    measure = held.measure(Quantity.parse("gap BRA-CHL"))
    assert measure is not None
    table = fit.table().filter(pl.col("year") == 2015)
    typical = table.filter(pl.col("committed"))["alignment"].median()
    at = int(np.flatnonzero(held.years == 2015)[0])
    assert measure.offset[at] == pytest.approx(-fit.scale.zero / fit.scale.unit - typical)


def flow_library(folder: Path, covered: tuple[int, int] = YEARS) -> Library:
    """Arms by year: Brazil gives Chile more and more, Peru gives nothing, everyone else gives everyone ten."""
    made = Library.create(folder / "flows")
    rows = []
    for year in range(YEARS[0], YEARS[1] + 1):
        for giver in STATES:
            for receiver in STATES:
                amount = 10.0 if giver != receiver and giver != "PER" else None
                if (giver, receiver) == ("BRA", "CHL"):
                    amount = 1.0 * 3.0 ** (year - YEARS[0])
                if amount is not None:
                    rows.append(
                        (f"{giver}{receiver}{year}", giver, receiver, date(year, 1, 1), date(year, 12, 31), amount)
                    )
    acts = pl.DataFrame(rows, schema=["act_id", "source", "target", "start", "end", "value"], orient="row").with_columns(
        pl.lit("arms").alias("channel"), pl.lit(True).alias("directed"), pl.lit("million TIV").alias("unit"),
        pl.lit("made").alias("dataset"), pl.lit("made.csv").alias("file"), pl.int_range(2, pl.len() + 2).alias("row"),
    )  # fmt: skip
    span = {"scope": "all", "first": date(covered[0], 1, 1), "last": date(covered[1], 12, 31)}
    tables = {"acts": acts, "coverage": pl.DataFrame([{"dataset": "made", "channel": "arms", **span}])}
    made.store(
        Imported("made", tables, acts.height, acts.height),  # type: ignore[arg-type]
        file="made.csv", sha256="0" * 64, size=1, form="made/csv", adapter_version=1,
    )  # fmt: skip
    return made


def with_flows(folder: Path, covered: tuple[int, int] = YEARS) -> Study:
    made = study({})
    found = Study(flow_library(folder, covered), YEARS)
    found._panel, found._alignment = made.panel(), made.alignment()
    return found


def test_flows_stand_among_the_flows_of_their_year(tmp_path: Path) -> None:
    made = with_flows(tmp_path)
    z = standing(made.library, made.panel(), "arms")
    place = {code: k for k, code in enumerate(made.panel().states)}
    known = np.isfinite(z[5])
    assert known.sum() == len(STATES) * (len(STATES) - 1)  # Peru's nothing is a known zero
    assert z[5][known].mean() == pytest.approx(0, abs=1e-9)
    assert z[5][known].std() == pytest.approx(1)
    rising = z[:, place["BRA"], place["CHL"]]
    assert np.all(np.diff(rising[:8]) > 0)
    assert np.all(z[:, place["PER"], place["CHL"]] < 0)


def test_what_no_dataset_covered_is_unknown(tmp_path: Path) -> None:
    made = with_flows(tmp_path, covered=(2000, 2010))
    z = standing(made.library, made.panel(), "arms")
    assert np.isfinite(z[10]).any()
    assert not np.isfinite(z[11:]).any()
    flow = weigh(made, [Reading("f", "F", "", (expects("arms BRA>CHL", "rises"),))]).supports[0]
    assert not flow.testable  # no late year was looked at


def test_a_planted_flow_is_found_and_its_reverse_is_not(tmp_path: Path) -> None:
    made = with_flows(tmp_path)
    found = weigh(made, [
        Reading("up", "Up", "", (expects("arms BRA>CHL", "rises", margin=0.25), expects("arms BRA>CHL", "larger", "arms CHL>BRA"))),
        Reading("down", "Down", "", (expects("arms BRA>CHL", "falls", margin=0.25),)),
    ])  # fmt: skip
    assert found.best() == "up"
    assert found.support("up").factor > 2
    assert found.support("down").factor < 0.01


def test_a_library_without_flows_leaves_them_out() -> None:
    found = weigh(study({}), [Reading("f", "F", "", (expects("arms BRA>CHL", "rises"),))])
    assert not found.supports[0].testable
    assert found.probabilities() == {}  # what nothing judged is unknown, not none of them


def test_spans_move() -> None:
    assert Span(2001, 2006).shifted(-2) == Span(1999, 2004)
    assert list(Span(2001, 2002).years) == [2001, 2002]
