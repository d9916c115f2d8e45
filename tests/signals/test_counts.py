"""Counts of acts by pair and period: what is not looked at, both ways, or not told, is unknown and not nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from innominate.signals.counts import WORDS, Counts, count
from tests.exchange.made import act, covered, library

EVENTS = [
    act("BEL", "BRA", "verbal-cooperation", "2018-05-01", value=4.0, unit="events"),
    act("BRA", "BEL", "verbal-cooperation", "2019-05-01", value=None, unit="events"),
    act("BEL", "CAN", "verbal-cooperation", "2020-05-01", value=2.0, unit="events"),
]


def counted(folder: Path, *scopes: str) -> Counts:
    claims = [covered("verbal-cooperation", "2018-01-01", "2020-12-31", scope) for scope in scopes]
    found = count(library(folder / "made", EVENTS, claims), "made", WORDS, "year")
    assert found is not None
    assert found.keys == ("BEL-BRA", "BEL-CAN")
    return found


def test_a_number_that_is_not_told_is_unknown(tmp_path: Path) -> None:
    found = counted(tmp_path, "all")
    assert found.known.tolist() == [[True, False, True], [True, True, True]]
    assert found.y.tolist() == [[4.0, 0.0, 0.0], [0.0, 0.0, 2.0]]


@pytest.mark.parametrize(("scopes", "known"), [(["from:BEL"], False), (["from:BEL", "to:BEL"], True)])
def test_what_is_looked_at_one_way_tells_nothing_of_a_pair(tmp_path: Path, scopes: list[str], known: bool) -> None:
    assert counted(tmp_path, *scopes).known[1].tolist() == [known] * 3
