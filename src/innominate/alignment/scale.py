"""The scale people read: 0 is the median pair of states, 1 the median pair of NATO members, over stated years.

The reference is a fixed list of NATO's members and their accession dates that comes with the package. What a library
holds about treaties never enters: changing it moves no alignment.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from innominate.panel import Panel

Array = NDArray[np.float64]

REFERENCE_YEARS = (1990, 2019)  # well covered, and after the bipolar world; used as far as the panel reaches
FEWEST_YEARS = 5


@dataclass(frozen=True, slots=True)
class Scale:
    """An affine map from theta to alignment.

    Attributes
    ----------
    zero, one : theta of the median pair of states, and of the median NATO pair
    quartile : alignment of the lower quartile of NATO pairs
    years : first and last reference year, inclusive
    of_nato : whether there are NATO pairs in them; else the 90th and 80th percentiles of all pairs stand in
    """

    zero: float
    one: float
    quartile: float
    years: tuple[int, int]
    of_nato: bool = True

    @property
    def unit(self) -> float:
        """theta per unit of alignment."""
        return self.one - self.zero

    def alignment(self, theta: Array) -> Array:
        """theta on the scale people read."""
        return (theta - self.zero) / self.unit

    @property
    def one_is(self) -> str:
        """What stands at 1, in words."""
        return "median pair of NATO members" if self.of_nato else "90th percentile of pairs, there being no NATO pair"

    @property
    def label(self) -> str:
        """The scale in words."""
        first, last = self.years
        return f"0 = median pair of states, 1 = {self.one_is}, {first}-{last}"


@cache
def nato_spells() -> tuple[tuple[str, str, int, int | None], ...]:
    """Pairs of members of NATO: a, b, first full year, last year (None: still), from the table in the package."""
    from innominate.sources import packaged_file
    from innominate.sources.treaties import SOURCE

    table = SOURCE.forms[0].read(packaged_file(SOURCE)).tables["commitments"]
    rows = table.filter(table["treaty_id"].str.starts_with("nato:")).select("a", "b", "start", "end").rows()
    return tuple((a, b, start.year + 1, None if end is None else end.year) for a, b, start, end in rows)


def nato_pairs(panel: Panel) -> NDArray[np.bool_]:
    """(P, T): both states are members of NATO in that period."""
    years = panel.years
    place = {code: k for k, code in enumerate(panel.states)}
    pairs = {(int(a), int(b)): k for k, (a, b) in enumerate(zip(panel.a, panel.b, strict=True))}
    both = np.zeros((len(panel.a), len(years)), dtype=bool)
    for a, b, start, end in nato_spells():
        pair = pairs.get((place.get(a, -1), place.get(b, -1)))
        if pair is not None:
            both[pair] |= (years >= start) & (years <= (end or 9999))
    return both


def _observed(panel: Panel) -> NDArray[np.bool_]:
    """(P,) pairs that any channel ever looked at: the others show nothing but the prior, and are no reference."""
    seen = np.asarray(np.isfinite(panel.z).any(axis=(1, 2)))
    return seen if seen.any() else np.ones(len(seen), dtype=bool)


def reference_scale(panel: Panel, theta: Array) -> Scale:
    """The scale of a fitted panel.

    Parameters
    ----------
    theta : (P, T) posterior means, NaN where a pair does not exist
    """
    years = panel.years
    seen = np.asarray(np.isfinite(panel.z).any(axis=(0, 2)))  # in other years levels are merely carried over
    if not seen.any():
        seen = np.ones(len(years), dtype=bool)
    inside = seen & (years >= REFERENCE_YEARS[0]) & (years <= REFERENCE_YEARS[1])
    if len(set(years[inside])) < FEWEST_YEARS:
        inside = seen
    known = np.isfinite(theta) & inside[None, :] & _observed(panel)[:, None]
    nato = nato_pairs(panel) & known
    zero = float(np.median(theta[known]))
    if nato.any():
        one, low = (float(value) for value in np.quantile(theta[nato], [0.5, 0.25]))
    else:  # before 1949, or among states that hold no NATO pair: the most aligned tenth stands in
        one, low = (float(value) for value in np.quantile(theta[known], [0.9, 0.8]))
    if one - zero < 1e-6:
        one, low = zero + float(theta[known].std()), zero + 0.5 * float(theta[known].std())
    span = years[inside]
    return Scale(zero, one, (low - zero) / (one - zero), (int(span.min()), int(span.max())), bool(nato.any()))
