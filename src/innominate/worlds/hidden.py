"""What hiding does to one pair: the level that is left at every share hidden, and the share from which it is missed."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtr

Array = NDArray[np.float64]

MISSED = 0.5  # probability of standing above the bar under which a pair is missed


@dataclass(frozen=True, slots=True)
class Hidden:
    """What hiding does to one pair.

    Attributes
    ----------
    a, b : the pair; years : over which its level is judged
    shares : (G,) shares hidden
    alignment, deviation : (G, D) its level in every draw, and the level's own standard deviation
    bar : level that allies reach; acts : how many could be concealed
    """

    a: str
    b: str
    years: tuple[int, ...]
    shares: Array
    alignment: Array
    deviation: Array
    bar: float
    acts: int

    def missed_under(self, bar: float) -> Array:
        """(G,) share of draws in which the pair is missed, with the bar at another level."""
        found: Array = (ndtr((self.alignment - bar) / self.deviation) < MISSED).mean(axis=1)
        return found

    @property
    def missed(self) -> Array:
        """(G,) share of draws in which the pair is missed."""
        return self.missed_under(self.bar)

    def limit(self) -> tuple[float | None, float | None, float | None]:
        """Smallest share at which it is missed in half of the draws, with a 90 % Monte Carlo interval; None: at no share."""
        reach = NormalDist().inv_cdf(0.95)
        n, p = self.alignment.shape[1], self.missed
        middle = (p + reach**2 / (2 * n)) / (1 + reach**2 / n)
        half = reach * np.sqrt(p * (1 - p) / n + reach**2 / (4 * n**2)) / (1 + reach**2 / n)
        return _crossing(self.shares, p), _crossing(self.shares, middle + half), _crossing(self.shares, middle - half)

    def at(self, share: float, bar: float | None = None) -> float:
        """Probability of being missed with a share hidden, and the bar where it is or at another level."""
        return float(np.interp(share, self.shares, self.missed_under(self.bar if bar is None else bar)))

    def table(self) -> pl.DataFrame:
        """share, missed, alignment (mean over draws), low, high (5 and 95 % of draws)."""
        low, high = np.quantile(self.alignment, [0.05, 0.95], axis=1)
        return pl.DataFrame(
            {
                "a": self.a, "b": self.b, "share": self.shares, "missed": self.missed,
                "alignment": self.alignment.mean(axis=1), "low": low, "high": high,
            }
        )  # fmt: skip


def _crossing(shares: Array, curve: Array) -> float | None:
    """The share at which a curve first reaches one half, interpolated; None where it never does."""
    reached = np.flatnonzero(curve >= MISSED)
    if not len(reached):
        return None
    k = int(reached[0])
    if k == 0:
        return float(shares[0])
    part = (MISSED - curve[k - 1]) / (curve[k] - curve[k - 1])
    return float(shares[k - 1] + part * (shares[k] - shares[k - 1]))
