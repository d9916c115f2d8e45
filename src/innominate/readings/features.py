"""Expectations as bounds on linear features of the strands, and as conditions on drawn trajectories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from innominate.readings.ground import Ground
from innominate.readings.mass import Condition
from innominate.readings.reading import JOINTLY, RECORDED, Expectation, Quantity, Span
from innominate.readings.strands import Key

Array = NDArray[np.float64]
INF = float("inf")


@dataclass(frozen=True, slots=True)
class Features:
    """Linear features of the strands, bounded or free, and conditions on them.

    Attributes
    ----------
    keys : S strands
    weights : (m, S, T) of every strand's years in every feature
    offset : (m,)
    low, high : (m,) bounds, infinite where free
    conditions : on drawn features
    order : the expectations in the order in which bounds, then conditions, take them
    """

    keys: tuple[Key, ...]
    weights: Array
    offset: Array
    low: Array
    high: Array
    conditions: tuple[Condition, ...]
    order: tuple[Expectation, ...]

    def holds(self, drawn: Array) -> dict[Expectation, NDArray[np.bool_]]:
        """(N,) whether each expectation holds in drawn features (N, m)."""
        bounded = self.order[: len(self.order) - len(self.conditions)]
        inside = (drawn >= self.low) & (drawn <= self.high)
        found = {one: inside[:, k] for k, one in enumerate(bounded)}
        joint = self.order[len(bounded) :]
        return found | {one: condition(drawn) for one, condition in zip(joint, self.conditions, strict=True)}

    def moments(self, ground: Ground, after: bool) -> tuple[Array, Array]:
        """(m,) mean and (m, m) covariance of the features, before or after the data."""
        m = len(self.offset)
        mean, covariance = self.offset.copy(), np.zeros((m, m))
        for place, key in enumerate(self.keys):
            own, spread = ground.moments(key, after)
            weights = self.weights[:, place]
            mean += weights @ own
            covariance += weights @ spread @ weights.T
        return mean, covariance


Row = dict[Quantity, Array]  # what a feature takes of each quantity's years


def features(ground: Ground, expectations: Sequence[Expectation]) -> Features:
    """The features of expectations that are all testable on `ground`; those on records are not among them."""
    linear = [one for one in expectations if one.shape not in JOINTLY and one.shape not in RECORDED]
    joint = [one for one in expectations if one.shape in JOINTLY]
    rows: list[Row] = []
    low, high = [], []
    for one in linear:
        row, below, above = _bounded(ground, one)
        rows.append(row)
        low.append(below)
        high.append(above)
    conditions = []
    drawn: dict[tuple[Quantity, Span], slice] = {}  # trajectories that conditions judge
    for one in joint:
        span = Span(one.early.first, one.late.last)
        for quantity in one.quantities:
            if (quantity, span) not in drawn:
                places = ground.places(span)
                drawn[quantity, span] = slice(len(rows), len(rows) + len(places))
                rows += [{quantity: _unit(ground, place)} for place in places]
        own, other = (drawn[quantity, span] for quantity in one.quantities)
        conditions.append(_condition(one, own, other))
    low += [-INF] * (len(rows) - len(low))
    high += [INF] * (len(rows) - len(high))
    return _composed(ground, rows, np.array(low), np.array(high), tuple(conditions), (*linear, *joint))


def _unit(ground: Ground, place: int) -> Array:
    row = np.zeros(len(ground.years))
    row[place] = 1.0
    return row


def _composed(
    ground: Ground,
    rows: list[Row],
    low: Array,
    high: Array,
    conditions: tuple[Condition, ...],
    order: tuple[Expectation, ...],
) -> Features:
    quantities = list(dict.fromkeys(quantity for row in rows for quantity in row))
    measures = {quantity: measure for quantity in quantities if (measure := ground.measure(quantity)) is not None}
    keys = list(dict.fromkeys(key for q, measure in measures.items() for key in ground.keys(q, measure)))
    place = {key: k for k, key in enumerate(keys)}
    weights = np.zeros((len(rows), len(keys), len(ground.years)))
    offset = np.zeros(len(rows))
    for k, row in enumerate(rows):
        for quantity, taken in row.items():
            measure = measures[quantity]
            offset[k] += float(taken @ np.nan_to_num(measure.offset))
            for key, weight in zip(ground.keys(quantity, measure), measure.weights.values(), strict=True):
                weights[k, place[key]] += weight * taken
    return Features(tuple(keys), weights, offset, low, high, conditions, order)


def _average(ground: Ground, quantity: Quantity, span: Span, sign: float = 1.0) -> Array:
    """(T,) weights that give the mean of a quantity over the years of a span in which it is defined."""
    measure = ground.measure(quantity)
    assert measure is not None  # testable
    places = ground.places(span)
    places = places[np.isfinite(measure.offset[places])]
    row = np.zeros(len(ground.years))
    row[places] = sign / len(places)
    return row


def _bounded(ground: Ground, one: Expectation) -> tuple[Row, float, float]:
    """The feature of an expectation that is linear, and its bounds."""

    def change(quantity: Quantity, sign: float = 1.0) -> Array:
        return _average(ground, quantity, one.late, sign) + _average(ground, quantity, one.early, -sign)

    margin = one.margin
    bounds: dict[str, tuple[float, float]] = {
        "rises": (margin, INF), "falls": (-INF, -margin), "flat": (-margin, margin), "does-not-rise": (-INF, margin),
        "does-not-fall": (-margin, INF), "above": (one.level, INF), "below": (-INF, one.level), "larger": (margin, INF),
        "rises-more": (margin, INF),
    }  # fmt: skip
    if one.shape in ("above", "below"):
        return {one.what: _average(ground, one.what, one.late)}, *bounds[one.shape]
    if one.than is None:
        return {one.what: change(one.what)}, *bounds[one.shape]
    if one.shape == "larger":
        own, other = _average(ground, one.what, one.late), _average(ground, one.than, one.late, -1.0)
    else:
        own, other = change(one.what), change(one.than, -1.0)
    row = {one.what: own}
    row[one.than] = row.get(one.than, np.zeros_like(other)) + other
    return row, *bounds[one.shape]


def _condition(one: Expectation, own: slice, other: slice) -> Condition:
    """An expectation about how two trajectories move together."""

    def holds(drawn: Array) -> NDArray[np.bool_]:
        a, b = np.diff(drawn[:, own], axis=1), np.diff(drawn[:, other], axis=1)
        if one.shape in ("moves-with", "moves-apart"):
            together = correlation(a, b)
            return together >= one.margin if one.shape == "moves-with" else together <= one.margin
        ahead = lead(a, b, one.lag)
        return ahead >= one.margin if one.shape == "leads" else ahead <= -one.margin

    return holds


def correlation(a: Array, b: Array) -> Array:
    """(N,) correlation of two series of changes (N, T - 1) about zero: a common trend counts as moving together."""
    product: Array = (a * b).sum(axis=1) / np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1) + 1e-300)
    return product


def lead(a: Array, b: Array, lag: int) -> Array:
    """(N,) how far the changes `a` go before the changes `b`: antisymmetric, nought when they go at the same time."""
    length = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1)) + 1e-300
    total = np.zeros(len(a))
    for step in range(1, min(lag, a.shape[1] - 1) + 1):
        total += (a[:, :-step] * b[:, step:]).sum(axis=1) - (b[:, :-step] * a[:, step:]).sum(axis=1)
    found: Array = total / length
    return found
