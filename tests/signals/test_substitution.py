"""Substitution on panels where the answer is planted."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from innominate import InputError, Library
from innominate.ledger import Imported
from innominate.panel import Panel, Series
from innominate.signals import find_cuts, responses
from innominate.signals.substitution import MATCHES, beyond

CODES = tuple(sorted(
    ["ARG", "AUS", "AUT", "BEL", "BRA", "CAN", "CHE", "CHL", "CHN", "COL", "DEU", "DNK", "EGY", "ESP", "FIN", "FRA", "GBR", "IND", "ITA", "JPN", "KEN", "MAR", "MEX", "NGA", "NLD", "NOR"]
))  # fmt: skip
YEARS = np.arange(1990, 2021, dtype=np.int32)


def cut_library(folder: Path, seed: int = 0, kind: str = "sanctions") -> Library:
    """Ninety cuts against ten targets at random years."""
    rng = np.random.default_rng(seed)
    rows = []
    for k in range(90):
        target = CODES[k % 10]
        source = CODES[10 + int(rng.integers(16))]
        year = int(rng.integers(1997, 2014))
        rows.append({
            "act_id": f"c{k}", "source": source, "target": target, "start": date(year, 1, 1), "end": date(year, 12, 31),
            "channel": kind, "directed": True, "value": 1.0, "unit": kind, "dataset": "cuts", "file": "cuts.csv", "row": k + 2,
        })  # fmt: skip
    library = Library.create(folder)
    imported = Imported("cuts", {"acts": pl.DataFrame(rows)}, 90, 90)
    library.store(imported, file="cuts.csv", sha256="0" * 64, size=1, form="cuts/csv", adapter_version=1)
    return library


def panel(library: Library, rises: float, seed: int = 1) -> Panel:
    """Noise in every channel; trade falls by one spread after a cut, arms rise by `rises`."""
    rng = np.random.default_rng(seed)
    a, b = np.triu_indices(len(CODES), 1)
    shape = (len(a), len(YEARS), 4)
    z = (0.5 * rng.normal(size=shape) + rng.normal(size=(len(a), 1, 4))).astype(np.float32)
    places = {(CODES[i], CODES[j]): k for k, (i, j) in enumerate(zip(a, b, strict=True))}
    for one, two, year, _ in find_cuts(library, "sanctions").iter_rows():
        z[places[one, two], year - 1990 :, 2] -= 1.0
        z[places[one, two], year - 1990 :, 1] += rises
    series = tuple(Series(name, f"set-{name}") for name in ("votes", "arms", "trade", "sanctions"))
    return Panel(
        CODES, a.astype(np.int32), b.astype(np.int32), YEARS, "year", series, z, np.zeros(shape, dtype=np.float32),
        np.ones(shape[:2], dtype=bool),
    )  # fmt: skip


def test_a_planted_rise_and_fall_are_found(tmp_path: Path) -> None:
    library = cut_library(tmp_path / "l")
    found = {one.channel: one for one in responses(panel(library, rises=0.5), library)}
    assert set(found) == {"votes", "arms", "trade"}  # the cut channel itself is left out
    assert found["arms"].change == pytest.approx(0.5, abs=0.15)  # its standard error is 0.05
    assert found["arms"].low > 0.3
    assert found["arms"].adjusted < 0.02
    assert found["trade"].high < -0.7
    assert found["votes"].adjusted > 0.1


def test_without_a_rise_false_alarms_keep_to_their_rate(tmp_path: Path) -> None:
    library = cut_library(tmp_path / "l")
    alarms = [min(one.adjusted for one in responses(panel(library, 0.0, seed), library)) <= 0.1 for seed in range(30)]
    assert sum(alarms) <= 8  # nominal 3; ten targets are few for a bootstrap


def test_comparisons_are_the_nearest_written_out() -> None:
    rng = np.random.default_rng(0)
    change, before, trend = (rng.normal(size=(40, 3)) for _ in range(3))
    pool = rng.random((40, 3)) < 0.7
    rows, times = np.array([1, 5, 9]), np.array([0, 2, 2])
    found = beyond(change, before, trend, pool, rows, times)
    for k, (row, time) in enumerate(zip(rows, times, strict=True)):
        others = [p for p in range(40) if pool[p, time]]
        sd = before[others, time].std(), trend[others, time].std()
        near = sorted(
            (p for p in others if p != row),
            key=lambda p: (
                ((before[p, time] - before[row, time]) / sd[0]) ** 2
                + ((trend[p, time] - trend[row, time]) / sd[1]) ** 2
            ),
        )[:MATCHES]
        assert found[k] == pytest.approx(change[row, time] - change[near, time].mean())


def test_a_cut_is_new_only_after_quiet_years(tmp_path: Path) -> None:
    library = Library.create(tmp_path / "l")
    years = (2000, 2003, 2011)
    rows = [
        {"act_id": f"c{y}", "source": "USA", "target": "IRN", "start": date(y, 1, 1), "end": date(y + 1, 12, 31),
         "channel": "sanctions", "directed": True, "value": 1.0, "unit": "x", "dataset": "c", "file": "c.csv", "row": y}
        for y in years
    ]  # fmt: skip
    imported = Imported("c", {"acts": pl.DataFrame(rows)}, 3, 3)
    library.store(imported, file="c.csv", sha256="0" * 64, size=1, form="c/csv", adapter_version=1)
    assert find_cuts(library, "sanctions").rows() == [("IRN", "USA", 2000, "IRN"), ("IRN", "USA", 2011, "IRN")]


def test_an_unknown_cut_is_refused() -> None:
    with pytest.raises(InputError, match="sanctions, disputes"):
        find_cuts(Library.sample(), "votes")
