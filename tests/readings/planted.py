"""Panels drawn from the measurement model with paths set by hand, so that what happened is known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from innominate import Library, Study
from innominate.alignment import fit_panel
from innominate.panel import Panel, Series
from innominate.readings import Expectation, Quantity, Span

STATES = ("BEL", "BRA", "CAN", "CHL", "FRA", "MEX", "NLD", "PER", "ZAF")
CHANNELS = ("votes", "conflict-share", "arms", "war", "trade", "sanctions")
YEARS = (2000, 2019)
EARLY, LATE = Span(2001, 2006), Span(2013, 2018)
Array = NDArray[np.float64]


def study(
    paths: dict[str, Array] | None = None, seed: int = 0, noise: float = 0.3, **unknown: tuple[int, int]
) -> Study:
    """A study in which every pair wanders, and some follow the paths given (excess in all channels, by year).

    ``unknown``: channel (with _ for -) → years in which it saw nobody.
    """
    rng = np.random.default_rng(seed)
    rows, cols = np.triu_indices(len(STATES), 1)
    periods = np.arange(YEARS[0], YEARS[1] + 1, dtype=np.int32)
    shape = (len(rows), len(periods), len(CHANNELS))
    x = wandering(rng, shape, scale=0.8, level=0.5, persistence=0.9)
    for p, (a, b) in enumerate(zip(rows, cols, strict=True)):
        path = (paths or {}).get(f"{STATES[a]}-{STATES[b]}")
        if path is not None:
            x[p] = np.asarray(path)[:, None]
    z = (x + noise * rng.standard_normal(shape)).astype(np.float32)
    for name, (first, last) in unknown.items():
        z[:, (periods >= first) & (periods <= last), CHANNELS.index(name.replace("_", "-"))] = np.nan
    panel = Panel(
        STATES, rows.astype(np.int32), cols.astype(np.int32), periods, "year",
        tuple(Series(name, f"made-{name}") for name in CHANNELS), z, np.where(np.isfinite(z), 0, np.nan).astype(np.float32),
        np.ones(shape[:2], dtype=bool),
    )  # fmt: skip
    made = Study(Library.sample(), YEARS)
    made._panel, made._alignment = panel, fit_panel(made.library, panel)
    return made


def wandering(
    rng: np.random.Generator, shape: tuple[int, int, int], scale: float, level: float, persistence: float
) -> Array:
    """A lasting level and a stationary autoregression for every pair and channel."""
    moving = np.empty(shape)
    moving[:, 0] = rng.standard_normal((shape[0], shape[2]))
    for t in range(1, shape[1]):
        moving[:, t] = persistence * moving[:, t - 1] + np.sqrt(1 - persistence**2) * rng.standard_normal(
            (shape[0], shape[2])
        )
    return scale * moving + np.sqrt(level) * rng.standard_normal((shape[0], 1, shape[2]))


def step(before: float, after: float, year: int = 2010) -> Array:
    """A path that changes in one year."""
    return np.where(np.arange(YEARS[0], YEARS[1] + 1) < year, before, after).astype(float)


def expects(what: str, shape: str, than: str | None = None, margin: float = 0.0, **more: float) -> Expectation:
    """An expectation over the usual spans."""
    other = Quantity.parse(than) if than else None
    return Expectation(Quantity.parse(what), shape, EARLY, LATE, other, margin, **more)  # type: ignore[arg-type]
