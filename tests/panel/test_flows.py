"""Trade as one side reports it: a pair is known where both of its flows are, from either side, and never by half."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import permutations
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from innominate.alignment.tracing import pair_rows
from innominate.ledger import Imported, Library
from innominate.panel import Panel, build
from innominate.panel.flows import together
from innominate.signals.study import _could
from innominate.sources import import_file
from innominate.sources.comtrade import SOURCE
from innominate.worlds.fitting import observed
from innominate.worlds.hiding import standing_parts
from tests.panel.levels import pair_levels
from tests.sources.examples.comtrade import EXAMPLES

BOTH = ("ARG", "BOL", "BRA", "CHL", "COL", "ECU", "PER")  # report exports and imports
EXPORTS_ONLY, NOTHING, SELLER_TOO = "URY", "KEN", "TZA"
STATES = (*BOTH, EXPORTS_ONLY, NOTHING, SELLER_TOO)
FREIGHT = 1.1


def true_flow(giver: str, receiver: str) -> int:
    """Million USD, free on board; made up."""
    return (
        10 + 7 * STATES.index(giver) + 3 * STATES.index(receiver) + (STATES.index(giver) * STATES.index(receiver)) % 5
    )


def reports() -> tuple[tuple[str, ...], ...]:
    rows = []
    for reporter in (*BOTH, EXPORTS_ONLY, SELLER_TOO):
        for flow in "XM" if reporter in BOTH else "X":
            told = {
                other: true_flow(reporter, other) if flow == "X" else FREIGHT * true_flow(other, reporter)
                for other in STATES
                if other != reporter
            }
            told["W00"] = sum(told.values())
            rows += [
                ("C", "A", "1990", reporter, flow, partner, "0", "TOTAL", "C00", "0", f"{value * 1e6:.0f}")
                for partner, value in told.items()
            ]
    return tuple(rows)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder = tmp_path_factory.mktemp("reports")
    library = Library.create(folder / "library")
    import_file(library, replace(EXAMPLES["csv"], rows=reports()).write(folder), SOURCE)
    return library


@pytest.fixture(scope="module")
def panel(library: Library) -> Panel:
    return build(library, (1990, 1990))


def test_half_of_a_pairs_trade_is_never_shown_as_the_whole(library: Library) -> None:
    levels = pair_levels(library, STATES, 1990)
    for a, b in permutations(STATES, 2):
        whole = true_flow(a, b) + true_flow(b, a)
        if {a, b} <= {*BOTH, EXPORTS_ONLY, SELLER_TOO}:
            assert levels[a, b] == pytest.approx(whole), "both say what they sold"
        elif {a, b} & {*BOTH}:
            assert levels[a, b] == pytest.approx(whole, rel=1e-6), "the mirror report, without its freight"
        else:
            assert levels[a, b] is None, "only one flow is told of"


def test_the_panel_knows_the_same_pairs(panel: Panel) -> None:
    z = panel.z[:, 0, 0]
    known = {(a, b) for a, b in permutations(STATES, 2) if a < b and np.isfinite(z[panel.pair(a, b)])}
    unknown = {tuple(sorted((NOTHING, other))) for other in (EXPORTS_ONLY, SELLER_TOO)}
    assert known == {(a, b) for a, b in permutations(STATES, 2) if a < b} - unknown
    assert not np.isfinite(z[panel.pair("KEN", "USA")])


def test_why_cites_the_report_that_each_flow_is_taken_from(library: Library, panel: Panel) -> None:
    assert panel.parts["trade", "comtrade", 1990] == "comtrade/as-exports"
    for a, b, parts in (
        ("BRA", "CHL", {("BRA", "comtrade/as-exports"), ("CHL", "comtrade/as-exports")}),
        ("BRA", "KEN", {("BRA", "comtrade/as-exports"), ("KEN", "comtrade/as-imports")}),
    ):
        rows = pair_rows(library, a, b, panel).behind("trade", "comtrade", 1990)
        assert {(row["source"], row["dataset"]) for row in rows} == parts
        stands = standing_parts(panel, a, b).filter(pl.col("years").list.contains(1990))
        assert {*stands.select("source", "dataset").rows()} == parts
    assert panel.select({"trade"}).flows == panel.flows


def test_what_a_world_is_fitted_to_holds_no_half_pairs(library: Library, tmp_path: Path) -> None:
    rows = tuple((*row[:2], "2000", *row[3:]) for row in reports())
    later = Library.create(tmp_path / "library")
    import_file(later, replace(EXAMPLES["csv"], rows=rows).write(tmp_path), SOURCE)
    found = observed(later, "trade", list(STATES))
    place = {code: k for k, code in enumerate(STATES)}
    year = int(np.argmax(found.known.any(axis=(1, 2))))
    assert found.known[year, place["BRA"], place["CHL"]]
    assert not found.known[year, place["BRA"], place["KEN"]]


def _view(scope: str, *flows: tuple[str, str, float | None]) -> tuple[pl.DataFrame, pl.DataFrame]:
    covered = pl.DataFrame({"scope": [scope], "first": [date(1990, 1, 1)], "last": [date(1990, 12, 31)]})
    columns = ["source", "target", "period", "level", "unknown"]
    told = [(a, b, 1990, value or 0.0, value is None) for a, b, value in flows]
    return covered, pl.DataFrame(told, schema=columns, orient="row")


def test_a_value_that_one_side_does_not_know_is_taken_from_the_other() -> None:
    position = {"BRA": 0, "CHL": 1, "PER": 2}
    views = {
        "made/sold": _view("from:BRA CHL PER", ("BRA", "CHL", None), ("CHL", "BRA", 3.0), ("PER", "BRA", None)),
        "made/bought": _view("to:CHL", ("BRA", "CHL", 5.0), ("PER", "CHL", 9.0)),
    }
    one = together(views, position, 1990, 1990, "year", least=0.9, amounts=True)[0]
    assert one.level[0, 1] == 8.0, "few flows are reported twice: no ratio is taken from them"
    assert one.level[1, 2] == 0.0, "Peru told of all it sold, and of nothing to Chile"
    assert one.known.astype(int).tolist() == [[0, 1, 0], [1, 0, 1], [0, 1, 0]]
    assert (one.parts.part(0, 1), one.parts.part(1, 0), one.parts.part(2, 0)) == ("made/bought", "made/sold", None)


def test_visits_of_which_a_ledger_tells_one_way_do_not_make_it_see_a_pair(tmp_path: Path) -> None:
    for scopes, seen in ((["from:BRA"], False), (["from:BRA", "to:BRA"], True)):
        library = Library.create(tmp_path / str(seen))
        covered = pl.DataFrame(
            {"dataset": "made", "channel": "visits", "scope": scopes, "first": date(1990, 1, 1), "last": date(1990, 12, 31)}
        )  # fmt: skip
        made = Imported("made", {"coverage": covered}, 2, 2)
        library.store(made, file="f", sha256="1", size=1, form="f", adapter_version=1)
        assert _could(library, pl.DataFrame(), "made", ("BRA-CHL", "CHL-PER")).tolist() == [seen, False]
