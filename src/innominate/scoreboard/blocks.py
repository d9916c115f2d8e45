"""Uncertainty over years: a bootstrap of blocks of consecutive years, since neighbouring years share their outcomes.

Politis and Romano 1992, in LePage and Billard (eds), Exploring the Limits of Bootstrap: 263-270 (circular blocks).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

BLOCK = 5  # years, as long as the longest horizon of the tasks
DRAWS = 2000
TAILS = (5.0, 95.0)  # a central 90 % interval


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over years and its central 90 % interval; NaN where no year has a value."""

    value: float
    low: float
    high: float

    def as_dict(self) -> dict[str, float | None]:
        """value, low and high; None for NaN."""
        return {name: plain(getattr(self, name)) for name in ("value", "low", "high")}


def plain(value: float) -> float | None:
    """A number as JSON has it: NaN is None."""
    return float(value) if np.isfinite(value) else None


def resampled(years: int, seed: int, block: int = BLOCK, draws: int = DRAWS) -> NDArray[np.intp]:
    """(draws, years) places of years, drawn in circular blocks of consecutive years."""
    rng = np.random.default_rng(seed)
    starts = rng.integers(0, years, size=(draws, -(-years // block)))
    places = (starts[:, :, None] + np.arange(block)) % years
    return np.ascontiguousarray(places.reshape(draws, -1)[:, :years])


def weighted(values: Array, weights: Array) -> float:
    """Weighted mean of the known values; NaN where there is none."""
    known = np.isfinite(values) & (weights > 0)
    return float(values[known] @ weights[known] / weights[known].sum()) if known.any() else float("nan")


def interval(values: Array, weights: Array, places: NDArray[np.intp]) -> Interval:
    """Weighted mean over years with its interval.

    Parameters
    ----------
    values : (Y,) one a year, NaN where there is none
    weights : (Y,) of the years
    places : (draws, Y) from :func:`resampled`
    """
    known = np.isfinite(values)
    if not known.any():
        return Interval(float("nan"), float("nan"), float("nan"))
    weight = np.where(known, weights, 0.0)
    product = np.where(known, values, 0.0) * weight
    total = weight[places].sum(axis=1)
    drawn = product[places].sum(axis=1)[total > 0] / total[total > 0]
    low, high = np.percentile(drawn, TAILS)
    return Interval(weighted(values, weights), float(low), float(high))
