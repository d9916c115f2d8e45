"""The nearest past cases, and how often something followed them.

Nearest neighbours with one case a unit (Cover and Hart 1967, IEEE Transactions on Information Theory 13: 21-27); the
estimate leans on the base rate with the weight of some cases, so that few neighbours cannot shout.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from innominate.analogues.cases import Cases
from innominate.analogues.kernels import apart, nearest_cases
from innominate.chances import beta_above, beta_quantile
from innominate.threads import in_parts

Floats = NDArray[np.float32]
Places = NDArray[np.int64]

NEIGHBOURS = 50
LOOKED = 250  # nearest units from which the neighbours of each question are taken
APART = 120  # of them kept where triads that share a pair count once
LEAN = 10.0  # cases that the base rate is worth
CHUNK = 200


@dataclass(frozen=True, slots=True)
class Rate:
    """How often something followed the analogues.

    Attributes
    ----------
    outcome, horizon : what, within how many years
    cases, followed : neighbours to which the question applies, and those in which it followed
    rate, low, high : estimate that leans on the base rate, central 90 % interval (Beta)
    base, of : base rate of all past cases in touch, and how many they are
    above : probability that the rate is above the base rate
    """

    outcome: str
    horizon: int
    cases: int
    followed: int
    rate: float
    low: float
    high: float
    base: float
    of: int
    above: float


def scaled(cases: Cases, reference: Cases) -> Floats:
    """Features with the continuous ones in spreads of the reference cases, long tails drawn in (asinh)."""
    size = (
        reference.features[:, : cases.continuous].std(axis=0) if len(reference.features) else np.ones(cases.continuous)
    )
    found = cases.features.copy()
    found[:, : cases.continuous] = np.arcsinh(found[:, : cases.continuous] / np.maximum(size, 1e-6))
    return found


def neighbours(query: Cases, reference: Cases, *, gap: int, most: int = LOOKED) -> tuple[Places, Floats]:
    """(Q, most) places of the nearest reference cases, one a unit, nearest first (-1: no more), and their distances.

    Triads that share a pair with a nearer one are passed over: they are the same episode seen again.

    Parameters
    ----------
    gap : years that must lie between a reference case and the query: what followed it was known by then
    """
    names, unit = np.unique(reference.unit, return_inverse=True)
    shared = 2 if query.members.shape[1] == 3 else query.members.shape[1]
    most = min(most, len(names))
    rows = np.full((len(query.year), most), -1, dtype=np.int64)
    distances = np.full(rows.shape, np.inf, dtype=np.float32)
    if not most:
        return rows, distances
    features, asked = scaled(reference, reference), scaled(query, reference)
    for start in range(0, len(rows), CHUNK):
        part = slice(start, start + CHUNK)
        distance = np.empty((len(asked[part]), len(names)), dtype=np.float32)
        row = np.empty(distance.shape, dtype=np.int64)
        in_parts(
            nearest_cases, len(distance), asked[part], query.members[part], query.year[part] - gap, features, reference.members,
            unit.astype(np.int64), reference.year, len(names), shared, distance, row,
        )  # fmt: skip
        order = _smallest(distance, most)
        rows[part] = np.take_along_axis(row, order, axis=1)
        distances[part] = np.take_along_axis(distance, order, axis=1)
    if shared == 2 and query.members.shape[1] == 3:
        kept = np.empty((len(rows), min(APART, most)), dtype=np.int64)
        apart(rows, reference.members, kept.shape[1], kept)
        distances = _of(distances, rows, kept)
        rows = kept
    return rows, np.sqrt(distances)


def _of(distances: Floats, rows: Places, kept: Places) -> Floats:
    """Distances of the neighbours kept, infinite where there is none."""
    found = np.full(kept.shape, np.inf, dtype=np.float32)
    for q in range(len(rows)):
        at = np.flatnonzero(np.isin(rows[q], kept[q][kept[q] >= 0]) & (rows[q] >= 0))
        found[q, : len(at)] = distances[q, at]
    return found


def _smallest(distance: Floats, most: int) -> Places:
    """(Q, most) places of the smallest values of every row, smallest first; equal values in the order of their places."""
    if most < distance.shape[1]:
        bound = np.partition(distance, most - 1, axis=1)[:, most - 1 : most]
        distance = np.where(distance <= bound, distance, np.inf)
        width = int((distance < np.inf).sum(axis=1).max(initial=0))
        if width < most:  # fewer can be reached than are asked for
            return np.argsort(distance, axis=1, kind="stable")[:, :most].astype(np.int64)
        part = np.sort(np.argpartition(distance, min(width, distance.shape[1] - 1), axis=1)[:, :width], axis=1)
        inner = np.argsort(np.take_along_axis(distance, part, axis=1), axis=1, kind="stable")[:, :most]
        return np.take_along_axis(part, inner, axis=1).astype(np.int64)
    return np.argsort(distance, axis=1, kind="stable").astype(np.int64)


def base_rate(reference: Cases, outcome: str, horizon: int, until: int) -> tuple[float, int]:
    """Share of the reference cases up to a year in which something followed, and how many they are."""
    asked = reference.open_[outcome][horizon] & (reference.year <= until)
    count = int(asked.sum())
    return (float(reference.followed[outcome][horizon][asked].mean()) if count else float("nan")), count


def chosen(rows: Places, reference: Cases, outcome: str, horizon: int, most: int = NEIGHBOURS) -> Places:
    """The first `most` of one query's neighbours to which a question applies."""
    known = rows[rows >= 0]
    return known[reference.open_[outcome][horizon][known]][:most]


def rate(rows: Places, reference: Cases, outcome: str, horizon: int, until: int) -> Rate | None:
    """How often something followed one query's neighbours; None where no past case tells."""
    base, of = base_rate(reference, outcome, horizon, until)
    own = chosen(rows, reference, outcome, horizon)
    if not of or not len(own):
        return None
    yes = int(reference.followed[outcome][horizon][own].sum())
    a, b = yes + LEAN * base + 1e-9, len(own) - yes + LEAN * (1 - base) + 1e-9
    low, high = beta_quantile(np.array([0.05, 0.95]), a, b)
    above = float(beta_above(base, a, b))
    return Rate(outcome, horizon, len(own), yes, a / (a + b), float(low), float(high), base, of, above)
