"""Where nobody looked, or nobody tells, is unknown in exchange too: it is no year of nothing, and looking twice is no looking longer."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from innominate.exchange.flows import totals, yearly
from innominate.exchange.gains import read_gains
from innominate.exchange.seen import seen
from innominate.ledger import Library
from tests.exchange.made import STATES, act, covered, library


def _troops(receiver: str, *values: tuple[int, float | None]) -> list[dict[str, object]]:
    return [
        act("BEL", receiver, "troops-stationed", f"{year}-01-01", f"{year}-12-31", value=value, unit="persons")
        for year, value in values
    ]


def _totals(made: Library, first: int, last: int) -> dict[str, tuple[float, float, float]]:
    gains = read_gains(made, first, last)
    return {row[0]: row[1:] for row in totals(gains, yearly(gains)).select("receiver", "low", "value", "high").rows()}


def test_a_level_is_averaged_over_the_years_in_which_the_flow_was_looked_at(tmp_path: Path) -> None:
    """Belgium's troops in Brazil were looked at in ten years, those in Peru in five of them."""
    acts = _troops("BRA", (2003, 100.0)) + _troops("PER", *((year, 100.0) for year in range(2005, 2010)))
    claims = [
        covered("troops-stationed", "2000-01-01", "2004-12-31", "from:BEL to:BRA"),
        covered("troops-stationed", "2005-01-01", "2009-12-31", "from:BEL to:BRA PER"),
    ]
    made = library(tmp_path / "made", acts, claims)
    assert _totals(made, 2000, 2009) == {"BRA": (10.0, 10.0, 10.0), "PER": (100.0, 100.0, 100.0)}
    assert _totals(made, 2003, 2006) == {"BRA": (25.0, 25.0, 25.0), "PER": (100.0, 100.0, 100.0)}


def test_a_year_whose_number_is_withheld_is_no_year_of_nobody(tmp_path: Path) -> None:
    acts = _troops("BRA", (2018, 900.0), (2019, None), (2020, 300.0))
    made = library(
        tmp_path / "made", acts, [covered("troops-stationed", "2017-01-01", "2020-12-31", "from:BEL to:BRA")]
    )
    low, value, high = _totals(made, 2017, 2020)["BRA"]
    assert low == 300.0, "at least nobody in the year that is withheld"
    assert value == 400.0, "nobody in 2017, 900 and 300 in two other years that are known"
    assert high is None


@pytest.mark.parametrize("second", ["from:BEL", "from:BEL BRA"])
def test_what_two_files_looked_at_in_one_year_is_one_year(tmp_path: Path, second: str) -> None:
    acts = [
        act("BEL", "PER", "trade", "2020-01-01", "2020-12-31"),
        act("CHL", "PER", "trade", "2021-01-01", "2021-12-31"),
    ]
    claims = [
        covered("trade", "2021-01-01", "2021-12-31", "from:BEL"),
        covered("trade", "2021-01-01", "2021-12-31", second),
        covered("trade", "2020-01-01", "2021-12-31", "from:CHL"),
    ]
    gains = read_gains(library(tmp_path / "made", acts, claims), 2020, 2021)
    (looked,) = seen(gains, list(STATES)).values()
    share = dict(zip(STATES, looked.share[:, STATES.index("PER")], strict=True))
    assert (share["BEL"], share["CHL"], share["FRA"]) == (pytest.approx(365 / 731), 1.0, 0.0)
    assert share["BRA"] == (pytest.approx(365 / 731) if "BRA" in second else 0.0)
    assert (looked.first, looked.last, looked.part) == (2020, 2021, 1.0)


def test_levels_of_a_ledger_are_averaged_over_the_years_with_rows(tmp_path: Path) -> None:
    rows = [{**one, "dataset": "acts-csv/mine"} for one in _troops("BRA", (2003, 100.0), (2005, 300.0))]
    gains = read_gains(library(tmp_path / "made", rows), 2000, 2009)
    levels = totals(gains, yearly(gains)).filter("level")
    assert levels.filter(pl.col("receiver") == "BRA")["value"].to_list() == [200.0]


def test_registers_of_one_supplier_and_of_one_recipient_are_not_added_up(tmp_path: Path) -> None:
    names = ("sipri-arms", "sipri-arms/from-BEL", "sipri-arms/to-PER")
    acts = [act("BEL", "PER", "arms", "2020-01-01", "2020-12-31", value=7.0, dataset=name) for name in names]
    scopes = ("all", "from:BEL", "to:PER")
    claims = [covered("arms", "2020-01-01", "2020-12-31", *one) for one in zip(scopes, names, strict=True)]
    gains = read_gains(library(tmp_path / "made", acts, claims), 2020, 2020)
    assert dict(totals(gains, yearly(gains)).select("dataset", "value").rows()) == dict.fromkeys(names, 7.0)
    looked = {
        dataset: one.share.sum(axis=0)[STATES.index("PER")]
        for (_, dataset, _), one in seen(gains, list(STATES)).items()
    }
    others = len(STATES) - 1
    assert looked == {"sipri-arms": others, "sipri-arms/from-BEL": 1.0, "sipri-arms/to-PER": others}
