"""Terminals of 80 and of 120 columns: nothing is cut off."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
from rich.console import Console

from innominate import Library, Study
from innominate.cli import exchange, libraries, silence, waterfall
from innominate.cli.holdings import show_holdings
from innominate.exchange import exchange as ask
from innominate.ledger.holdings import holdings
from tests.exchange.made import act, covered, library


def narrow(columns: int) -> Console:
    """A terminal of so many columns that keeps what it is told."""
    return Console(file=io.StringIO(), width=columns, highlight=False)


def lines(console: Console) -> list[str]:
    """What was told, line by line, none of them cut off."""
    file = console.file
    assert isinstance(file, io.StringIO)
    told = file.getvalue().splitlines()
    assert told
    assert not any("…" in line for line in told)
    assert max(map(len, told)) <= console.width
    return told


@pytest.mark.parametrize("columns", [80, 120])
def test_the_waterfall_has_one_line_a_channel(columns: int) -> None:
    fit = Study(Library.sample(), (2005, 2020)).alignment()
    console = narrow(columns)
    waterfall.show_why(console, fit.why("CHN", "RUS", 2015), fit)
    told = lines(console)
    channels = fit.why("CHN", "RUS", 2015).by_channel()
    assert sum("obs." in line for line in told) == channels.height - 1  # the origin of the scale is no observation
    assert all("█" in line for line in told if "obs." in line)
    console = narrow(columns)
    waterfall.show_standing(console, fit.standing(), fit)
    assert any(line.startswith("Europe, bilateral ") for line in lines(console))


@pytest.mark.parametrize("columns", [80, 120])
def test_exchange_cuts_no_amount_and_says_which_years_were_looked_at(tmp_path: Path, columns: int) -> None:
    made = library(
        tmp_path / "made",
        [
            act("BEL", "BRA", "arms", "2021-02-01", value=1054.2),
            act("BRA", "BEL", "verbal-cooperation", "2021-03-01", code="051"),
        ],
        [covered("arms", "2015-01-01", "2021-12-31")],
    )
    found = ask(made, ["BEL", "BRA"], 2020, 2024, worlds=19)
    console = narrow(columns)
    exchange._show(console, found)
    told = lines(console)
    assert any("1,054.2" in line for line in told)
    assert "2020-2021" in " ".join(told)
    assert any("BEL → BRA" in line for line in told)


def test_holdings_and_sources_cut_nothing() -> None:
    sample = Library.sample()
    console = narrow(80)
    show_holdings(console, sample, holdings(sample))
    lines(console)
    console = narrow(80)
    with mock.patch.object(libraries, "out", return_value=console):
        libraries.list_sources()
    told = lines(console)
    assert any(line.startswith("unga-votes") and " yes " in line for line in told)
    assert any(line.startswith("gsdb") and " no " in line for line in told)


@pytest.mark.parametrize("columns", [80, 120])
def test_a_phrase_that_fell_silent_has_room(columns: int) -> None:
    phrase = "the Committee will take into account the cumulative tightening of monetary policy"
    row: Any = SimpleNamespace(
        series="one", phrase=phrase, kind="dropped", last_used="2023-12-13", first_missed="2024-01-31", probability=0.942, run=17,
        returned=None,
    )  # fmt: skip
    console = narrow(columns)
    silence._show(console, [row], several=False)
    told = lines(console)
    assert len(told) <= 10
    assert "2024-01-31" in " ".join(told)
    assert "0.942" in " ".join(told)
