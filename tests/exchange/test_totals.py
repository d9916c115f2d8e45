"""Totals, shares and what follows from them: against a calendar and a pencil, and under changes that must not matter."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from innominate.errors import InputError
from innominate.exchange import exchange, splits, telling
from innominate.exchange.flows import totals, yearly
from innominate.exchange.gains import read_gains
from innominate.ledger import Library
from tests.exchange import naive
from tests.exchange.made import STATES, act, covered, library, random_acts

CHANNELS = ("arms", "trade", "aid")
COVERED = [covered(channel, "2015-01-01", "2025-12-31") for channel in CHANNELS]
FOCUS = ("BEL", "BRA", "CAN")


def _ask(made: Library, states: tuple[str, ...] = FOCUS, first: int = 2017, last: int = 2021, **more: object):  # type: ignore[no-untyped-def]
    return exchange(made, states, first, last, worlds=19, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(4))
def test_totals_and_shares_are_those_of_a_calendar_and_a_pencil(seed: int, tmp_path: Path) -> None:
    acts = random_acts(seed)
    made = library(tmp_path / "made", acts, COVERED)
    flows = _ask(made).flows.filter(pl.col("acts") > 0)
    expected = naive.totals(acts, 2017, 2021)
    assert {row[:3] for row in flows.select("giver", "receiver", "kind").iter_rows()} == set(expected)
    shares = naive.shares(expected)
    for row in flows.iter_rows(named=True):
        key = (row["giver"], row["receiver"], row["kind"])
        for name in ("low", "value", "high", "acts"):
            want = expected[key][name]
            assert row[name] == (None if want is None else pytest.approx(want)), (key, name)
        for name, want in zip(("share_low", "share", "share_high"), shares[key], strict=True):
            assert row[name] == (None if want is None else pytest.approx(want)), (key, name)


def test_the_years_of_a_span_add_up_to_it(tmp_path: Path) -> None:
    made = library(tmp_path / "made", random_acts(7), COVERED)
    gains = read_gains(made, 2016, 2022)
    whole = totals(gains, yearly(gains)).select("giver", "receiver", "kind", "low", "value").sort(pl.all())
    parts = []
    for year in range(2016, 2023):
        one = read_gains(made, year, year)
        parts.append(totals(one, yearly(one)).select("giver", "receiver", "kind", "low", "value"))
    summed = pl.concat(parts).group_by("giver", "receiver", "kind").agg(pl.col("low").sum(), pl.col("value").sum())
    known = whole.filter(pl.col("value").is_not_null())
    both = known.join(summed, on=["giver", "receiver", "kind"], suffix="_summed")
    assert both.height == known.height > 50
    assert ((both["value"] - both["value_summed"]).abs() < 1e-9).all()
    assert ((both["low"] - both["low_summed"]).abs() < 1e-9).all()


def test_order_of_rows_and_states_does_not_matter(tmp_path: Path) -> None:
    acts = [{**row, "act_id": f"a{place}"} for place, row in enumerate(random_acts(3))]
    one = _ask(library(tmp_path / "one", acts, COVERED))
    mixed = list(acts)
    random.Random(1).shuffle(mixed)
    two = _ask(library(tmp_path / "two", mixed, COVERED), FOCUS[::-1])
    columns = ["giver", "receiver", "kind", "low", "value", "high", "share", "share_low", "share_high"]
    assert one.flows.select(columns).equals(two.flows.select(columns))
    assert one.asymmetry.equals(two.asymmetry)
    rings = [
        {frozenset(zip(ring.states, ring.kinds, strict=True)) for ring in each.interlock.rings} for each in (one, two)
    ]
    assert rings[0] == rings[1]
    assert one.interlock.index == pytest.approx(two.interlock.index)


def test_doubling_every_amount_leaves_shares_alone(tmp_path: Path) -> None:
    acts = random_acts(5)
    twice = [
        {**row, **{name: None if row[name] is None else 2 * row[name] for name in ("low", "value", "high")}}  # type: ignore[operator]
        for row in acts
    ]
    one, two = (_ask(library(tmp_path / name, some, COVERED)) for name, some in (("one", acts), ("two", twice)))
    for name in ("share", "share_low", "share_high"):
        assert ((one.flows[name] - two.flows[name]).abs().drop_nulls() < 1e-12).all()
    assert ((2 * one.flows["value"] - two.flows["value"]).abs().drop_nulls() < 1e-9).all()


def test_an_import_repeated_changes_nothing(tmp_path: Path) -> None:
    made = library(tmp_path / "made", random_acts(2), COVERED)
    before = _ask(made).to_dict()
    again = library(tmp_path / "made", random_acts(2), COVERED)
    assert _ask(again).to_dict() == before


def test_the_same_question_gives_the_same_answer(tmp_path: Path) -> None:
    made = library(tmp_path / "made", random_acts(2), COVERED)
    assert _ask(made, seed=3).to_dict() == _ask(made, seed=3).to_dict()


def test_unknown_is_not_zero(tmp_path: Path) -> None:
    acts = [act("BEL", "BRA", "arms", "2020-05-01", value=30.0), act("FRA", "BRA", "arms", "2020-05-01", value=None),
            act("FRA", "BRA", "arms", "2020-06-01", value=70.0)]  # fmt: skip
    seen = _ask(library(tmp_path / "seen", acts, [covered("arms", "2015-01-01", "2025-12-31")]), ("BEL", "BRA", "CAN"))
    row = seen.flows.filter((pl.col("giver") == "BEL") & (pl.col("receiver") == "BRA")).row(0, named=True)
    assert (row["share"], row["share_low"], row["share_high"]) == (0.3, None, 0.3)
    other = seen.flows.filter(pl.col("giver") == "FRA").row(0, named=True)
    assert (other["low"], other["value"], other["high"], other["share_high"]) == (70.0, 70.0, None, None)
    none = seen.flows.filter((pl.col("giver") == "CAN") & (pl.col("receiver") == "BRA")).row(0, named=True)
    assert (none["share"], none["acts"]) == (0.0, 0)  # looked at, and nothing given
    blind = _ask(library(tmp_path / "blind", acts), ("BEL", "BRA", "CAN"))
    assert blind.flows.filter(pl.col("giver") == "CAN").height == 0  # nobody looked
    assert blind.flows["share"].null_count() == blind.flows.height
    assert set(blind.flows["basis"]) == {"unseen"}


def test_a_source_that_sees_one_partner_gives_no_share(tmp_path: Path) -> None:
    acts = [
        act(min("CHL", state), max("CHL", state), "visits", "2018-03-01", directed=False)
        for state in STATES
        if state != "CHL"
    ]
    made = library(tmp_path / "made", acts, [covered("visits", "2015-01-01", "2025-12-31", "with:CHL")])
    found = _ask(made, ("CHL", "PER", "BRA"))
    to = {row["receiver"]: row for row in found.flows.filter(pl.col("giver") == "CHL").iter_rows(named=True)}
    assert to["PER"]["share"] is None  # only Chile's meetings are seen: hers with others are unknown
    back = found.flows.filter((pl.col("giver") == "PER") & (pl.col("receiver") == "CHL")).row(0, named=True)
    assert back["basis"] == "covered"
    assert back["share"] == pytest.approx(1 / 13)


def test_levels_are_averaged_over_the_years_covered(tmp_path: Path) -> None:
    acts = [act("BEL", "BRA", "troops-stationed", f"{year}-01-01", f"{year}-12-31", value=value, unit="persons")
            for year, value in ((2019, 100.0), (2020, 300.0))]  # fmt: skip
    made = library(tmp_path / "made", acts, [covered("troops-stationed", "2018-01-01", "2021-12-31")])
    assert _ask(made).flows.filter(pl.col("acts") > 0)["value"].item() == pytest.approx(
        100.0
    )  # (0 + 100 + 300 + 0) / 4


def test_what_two_do_together_stands_in_both_directions(tmp_path: Path) -> None:
    made = library(tmp_path / "made", [act("BEL", "BRA", "visits", "2019-02-01", directed=False)])
    ends = _ask(made).flows.select("giver", "receiver", "kind").rows()
    assert ends == [("BEL", "BRA", "recognition"), ("BRA", "BEL", "recognition")]


def test_sanctions_and_exercises_are_no_gains_whatever_they_are_called(tmp_path: Path) -> None:
    acts = [
        act("BEL", "BRA", channel, "2019-02-01", kind="goods")
        for channel in ("sanctions", "exercises", "material-conflict")
    ]
    assert _ask(library(tmp_path / "made", acts)).flows.height == 0


def test_common_units_and_running_totals_of_a_ledger(tmp_path: Path) -> None:
    hand = {"dataset": "acts-csv/x", "kind": "energy"}
    acts = [
        act("BEL", "BRA", "trade", "2019-02-01", value=2.0, unit="thousand tonnes", **hand),
        act("CAN", "BRA", "trade", "2019-02-01", value=7600.0, unit="barrels", **hand),
        act("BEL", "BRA", "arms", "2018-01-01", "2018-12-31", value=5.0, unit="shells, not additive", dataset="acts-csv/x"),
        act("BEL", "BRA", "arms", "2018-01-01", "2020-03-31", value=9.0, low=8.0, high=9.0, unit="shells, not additive", dataset="acts-csv/x"),
        act("BEL", "BRA", "arms", "2018-01-01", "2020-06-30", value=11.0, low=11.0, high=20.0, unit="shells, not additive", dataset="acts-csv/x"),
    ]  # fmt: skip
    flows = _ask(library(tmp_path / "made", acts)).flows
    oil = {row["giver"]: row for row in flows.filter(pl.col("unit") == "tonnes").iter_rows(named=True)}
    assert oil["BEL"]["value"] == 2000.0
    assert oil["CAN"]["value"] == pytest.approx(1000.0)
    assert oil["CAN"]["low"] == pytest.approx(7600 / 8.5)
    assert oil["CAN"]["share_high"] == pytest.approx(7600 / 7.2 / (7600 / 7.2 + 2000))
    shells = flows.filter(pl.col("unit") == "shells, not additive").row(0, named=True)
    assert (shells["low"], shells["value"], shells["high"], shells["acts"]) == (8.0, 10.0, 20.0, 3)
    counted = flows.filter((pl.col("kind") == "arms") & (pl.col("unit") == "acts")).row(0, named=True)
    assert (counted["value"], counted["basis"]) == (3.0, "recorded")


def test_splits_between_two_givers(tmp_path: Path) -> None:
    hand = {"dataset": "acts-csv/x"}
    acts = [
        act("BEL", "BRA", "arms", "2019-02-01", unit="drones", value=4.0, **hand),
        act("BEL", "BRA", "trade", "2019-02-01", value=10.0, low=5.0, high=20.0, **hand),
        act("CAN", "BRA", "trade", "2019-02-01", value=90.0, low=80.0, high=100.0, **hand),
    ]
    found = _ask(library(tmp_path / "made", acts))
    split = splits(found.flows, "BRA", "BEL", "CAN")
    goods = split.filter(pl.col("unit") == "million USD").row(0, named=True)
    assert (goods["part"], goods["part_low"], goods["part_high"]) == pytest.approx((0.1, 5 / 105, 20 / 100))
    assert split.filter(pl.col("unit") == "drones").height == 0  # Canada's drones are not known to be none
    arms = split.filter(pl.col("kind") == "arms").row(0, named=True)
    assert (arms["part"], arms["part_high"]) == (1.0, 1.0)
    assert 0.1 < arms["part_low"] < 0.3  # one act is little evidence
    assert telling(split).select("kind", "unit").rows() == [("goods", "million USD"), ("arms", "acts")]
    index = found.complementarity.filter(pl.col("themes") == "security-economy").row(0, named=True)
    assert index["index"] == pytest.approx(0.9)
    assert index["low"] == pytest.approx(arms["part_low"] - 0.2)


def test_who_loses_and_who_could_replace(tmp_path: Path) -> None:
    acts = [
        act("BEL", "BRA", "arms", "2019-02-01", value=60.0), act("FRA", "BRA", "arms", "2019-02-01", value=40.0),
        act("FRA", "CHL", "arms", "2019-02-01", value=30.0), act("ITA", "CHL", "arms", "2019-02-01", value=120.0),
        act("ITA", "BRA", "sanctions", "2019-01-01", "2022-01-01"),
    ]  # fmt: skip
    ends = [covered(channel, "2015-01-01", "2025-12-31") for channel in ("arms", "sanctions")]
    cut = _ask(library(tmp_path / "made", acts, ends)).what_if
    assert cut.select("removed", "loser", "giver", "loss").rows() == [
        ("BEL-BRA", "BRA", "BEL", 0.6),
        ("BEL", "BRA", "BEL", 0.6),
    ]
    assert cut["replacers"][0].to_list() == [
        {"state": "FRA", "gives": 30.0, "times": 0.5, "already": 0.4, "sanctions": False},
        {"state": "ITA", "gives": 120.0, "times": 2.0, "already": 0.0, "sanctions": True},
    ]


@pytest.mark.parametrize(
    ("states", "years", "reason"),
    [
        (("BEL",), (2017, 2018), "2 to 12 states"),
        (("BEL", "BEL"), (2017, 2018), "stands twice"),
        (("BEL", "Belgium"), (2017, 2018), "stands twice"),
        (("BEL", "Atlantis"), (2017, 2018), "Atlantis"),
        (("BEL", "BRA"), (2019, 2018), "run from 2019 to 2018"),
        (("BEL", "BRA"), (1500, 2018), "between 1816 and 2100"),
        (STATES, (2017, 2018), "2 to 12 states"),
    ],
)
def test_bad_questions(states: tuple[str, ...], years: tuple[int, int], reason: str, tmp_path: Path) -> None:
    made = library(tmp_path / "made", [])
    with pytest.raises(InputError, match=reason):
        exchange(made, states, *years)


def test_an_empty_library_answers_that_it_knows_nothing(tmp_path: Path) -> None:
    found = _ask(library(tmp_path / "made", []))
    assert found.flows.height == 0
    assert found.interlock.p is None
    assert any("unknown, not zero" in note for note in found.notes)
    assert found.to_dict()["flows"] == []


def test_years_by_default_are_the_ten_to_the_last_act(tmp_path: Path) -> None:
    made = library(tmp_path / "made", [act("BEL", "BRA", "arms", "2019-02-01")])
    assert exchange(made, ("BEL", "BRA"), worlds=19).years == (2010, 2019)
    assert date(2019, 2, 1).year == exchange(made, ("BEL", "BRA"), 2015, worlds=19).years[1]


def test_an_empty_side_of_a_range_is_open(tmp_path: Path) -> None:
    acts = [act("BEL", "BRA", "arms", "2019-02-01", value=5.0, low=5.0), act("CAN", "BRA", "arms", "2019-02-01", value=None, high=8.0),
            act("CHL", "BRA", "arms", "2019-02-01", value=None, low=2.0, high=4.0)]  # fmt: skip
    made = library(tmp_path / "made", acts, [covered("arms", "2015-01-01", "2025-12-31")])
    found = {row["giver"]: row for row in _ask(made).flows.filter(pl.col("acts") > 0).iter_rows(named=True)}
    assert [found["BEL"][name] for name in ("low", "value", "high")] == [5.0, 5.0, None]  # more than five
    assert [found["CAN"][name] for name in ("low", "value", "high")] == [0.0, None, 8.0]  # at most eight
    assert [found["CHL"][name] for name in ("low", "value", "high")] == [2.0, 3.0, 4.0]
    assert found["CHL"]["share_low"] is None  # Belgium's may be anything above five
    assert found["CHL"]["share_high"] == pytest.approx(4 / 9)
