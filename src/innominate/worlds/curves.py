"""Log-likelihoods of pairs as curves over one number, and what several of them say of alignment and nearness together.

In every channel what a pair shows depends on alignment and nearness through one number, the expected logarithm. So each
pair's log-likelihood is a curve, computed once on even nodes and read off between them by cubics; beyond the nodes it goes on
as a parabola. The curves of pairs that show the same are one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from innominate.threads import in_parts
from innominate.worlds.evidence import evidence
from innominate.worlds.laws import ChannelLaw

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Places = NDArray[np.intp]

ACTIVE, WIDE = 4.5, 4.5  # reach of the nodes: standard deviations of activity, and of what a pair shows beyond it
ABOVE = 3.0  # logarithms by which they pass the most that was seen
FINE, FINEST = 0.55, 0.3  # distance of nodes: of the taste's standard deviation, and at least, in logarithms
TURNS, FARTHEST, CLOSE = 30, 1.5, 1e-5  # Newton steps for a pair, the longest, and when it is at its mode
FLATTEST = 1e-6  # curvature that a curve has at least


@dataclass(frozen=True, slots=True)
class Curves:
    """Log-likelihoods of one channel.

    Attributes
    ----------
    low, step : first node and distance of nodes, in the channel's logarithms
    row : (P,) which curve is each pair's; -1: nobody looked at it
    value : (R, G) the curves
    loading, nearness : what the expected logarithm gains with each unit of alignment and of nearness
    """

    low: float
    step: float
    row: Places
    value: Array
    loading: float
    nearness: float


def curves_of(law: ChannelLaw, seen: Array, known: Mask, hidden: float = 0.0, restless: float = 0.0) -> Curves:
    """The curves of one channel of acts.

    Parameters
    ----------
    seen, known : (P, T) what pairs show, and whether anybody looked; see :func:`innominate.worlds.evidence.evidence`
    """
    looked = known.any(axis=1)
    shows = np.where(known, seen, -1.0)[looked]
    distinct, row = np.unique(shows, axis=0, return_inverse=True)
    reach = ACTIVE * law.activity + WIDE * abs(law.spread)
    step = max(FINE * abs(law.spread) * law.taste, FINEST)
    highest = max(law.base + reach, float(np.log(max(seen.max(), 1.0))) + ABOVE)
    nodes = np.asarray(np.arange(law.base - reach, highest + 2 * step, step), dtype=np.float64)
    value = evidence(law, np.maximum(distinct, 0.0), distinct >= 0, np.zeros(distinct.shape), nodes, hidden, restless)
    places = np.full(len(seen), -1, dtype=np.intp)
    places[looked] = row.ravel()
    return Curves(float(nodes[0]), step, places, concave(value), law.spread * law.loading, law.spread * law.nearness)


def concave(value: Array) -> Array:
    """(R, G) without the bumps that an approximation makes far from its mode.

    A Gaussian seen through a log-concave likelihood leaves a log-concave one (Prékopa 1973), so from the top outwards
    slopes only steepen.
    """
    rows, top, slope = np.arange(len(value)), value.argmax(axis=1), np.diff(value, axis=1)
    after = np.arange(slope.shape[1]) >= top[:, None]
    falls = np.minimum(np.minimum.accumulate(np.where(after, slope, np.inf), axis=1), 0.0)
    rises = np.maximum(np.maximum.accumulate(np.where(after, -np.inf, slope)[:, ::-1], axis=1)[:, ::-1], 0.0)
    summed = np.zeros_like(value)
    summed[:, 1:] = np.cumsum(np.where(after, falls, rises), axis=1)
    return np.asarray(summed + (value[rows, top] - summed[rows, top])[:, None])


@dataclass(frozen=True, slots=True)
class Modes:
    """Where the pairs most probably are, given what is expected of them.

    Attributes
    ----------
    place : (P, 2) alignment and nearness, standardised; deviation : (P, 2) their standard deviations
    evidence : (P,) logarithm of the integral over both (Laplace)
    slope : (P, C) gradient by the expected logarithm of each channel; bend : (P, C, C) minus its curvature
    """

    place: Array
    deviation: Array
    evidence: Array
    slope: Array
    bend: Array


def modes(channels: list[Curves], mean: Array, start: Array) -> Modes:
    """Newton's method for every pair, both latents standard normal.

    Parameters
    ----------
    mean : (C, P) expected logarithm at alignment and nearness nought; start : (P, 2)
    """
    pairs, n = mean.shape[1], len(channels)
    found = Modes(start.copy(), np.ones((pairs, 2)), np.zeros(pairs), np.zeros((pairs, n)), np.zeros((pairs, n, n)))
    in_parts(
        _modes, pairs, *_stacked(channels), mean,
        found.place, found.deviation, found.evidence, found.slope, found.bend, operations=pairs * n * 1000,
    )  # fmt: skip
    return found


def together(channels: list[Curves], mean: Array, variance: Array, theta: Array, near: Array) -> Array:
    """(P, A, B) sum over channels of log-likelihoods at every alignment and nearness.

    Parameters
    ----------
    mean, variance : (C, P) expected logarithm at nought, and how uncertain it is; theta : (A,); near : (B,)
    """
    pairs = mean.shape[1]
    found = np.zeros((pairs, len(theta), len(near)))
    in_parts(
        _together, max(pairs, 1), *_stacked(channels), mean, variance, theta, near, found,
        operations=found.size * len(channels) * 20,
    )  # fmt: skip
    return found


def _stacked(channels: list[Curves]) -> tuple[Array, Places, Places, Array]:
    """Values one after the other, (C, 2) where each begins and how many nodes it has, (C, P) rows, (C, 4) figures."""
    begins = np.cumsum([0, *(one.value.size for one in channels)])[:-1]
    shape = np.array([(begin, one.value.shape[1]) for begin, one in zip(begins, channels, strict=True)], dtype=np.intp)
    figures = np.array([(one.low, one.step, one.loading, one.nearness) for one in channels])
    values = np.concatenate([one.value.ravel() for one in channels])
    return values, shape, np.stack([one.row for one in channels]), figures


@njit(cache=True, nogil=True)
def _read(values: Array, begin: int, nodes: int, x: float) -> tuple[float, float, float]:
    """Value, first and second derivative of a curve at x, in distances of nodes."""
    i = min(max(math.floor(x), 1), nodes - 3)
    u = x - i
    p0, p1, p2, p3 = values[begin + i - 1], values[begin + i], values[begin + i + 1], values[begin + i + 2]
    c1, c2, c3 = (-2 * p0 - 3 * p1 + 6 * p2 - p3) / 6, (p0 - 2 * p1 + p2) / 2, (-p0 + 3 * p1 - 3 * p2 + p3) / 6
    at = min(max(u, -1.0), 2.0)
    beyond = u - at
    value, slope, bend = p1 + at * (c1 + at * (c2 + at * c3)), c1 + at * (2 * c2 + 3 * at * c3), 2 * c2 + 6 * at * c3
    if beyond == 0.0:
        return value, slope, bend
    bend = min(bend, 0.0)
    return value + beyond * (slope + 0.5 * bend * beyond), slope + bend * beyond, bend


@njit(cache=True, nogil=True)
def _modes(
    first: int, stop: int, every: int, values: Array, shape: Places, rows: Places, figures: Array, mean: Array,
    place: Array, deviation: Array, told: Array, slope: Array, bend: Array,
) -> None:  # fmt: skip
    n = len(rows)
    d1, d2 = np.zeros(n), np.zeros(n)
    for p in range(first, stop, every):
        x = best_x = place[p, 0]
        y = best_y = place[p, 1]
        best, hxx, hyy, hxy = -np.inf, 1.0, 1.0, 0.0
        for turn in range(TURNS):
            f, gx, gy, hxx, hyy, hxy = -0.5 * (x * x + y * y), -x, -y, 1.0, 1.0, 0.0
            for c in range(n):
                d1[c] = d2[c] = 0.0
                if rows[c, p] < 0:
                    continue
                low, step, loading, nearness = figures[c]
                begin = shape[c, 0] + rows[c, p] * shape[c, 1]
                at = (mean[c, p] + loading * x + nearness * y - low) / step
                value, e, h = _read(values, begin, shape[c, 1], at)
                d1[c], d2[c] = e / step, max(-h / step**2, FLATTEST)
                f += value
                gx, gy = gx + loading * d1[c], gy + nearness * d1[c]
                hxx, hyy, hxy = (
                    hxx + loading**2 * d2[c],
                    hyy + nearness**2 * d2[c],
                    hxy + loading * nearness * d2[c],
                )
            if f < best - 1e-9 and turn < TURNS - 5:
                x, y = 0.5 * (x + best_x), 0.5 * (y + best_y)
                continue
            best, best_x, best_y = f, x, y
            det = hxx * hyy - hxy * hxy
            dx, dy = (hyy * gx - hxy * gy) / det, (hxx * gy - hxy * gx) / det
            if max(abs(dx), abs(dy)) < CLOSE or turn == TURNS - 1:
                break
            size = min(1.0, FARTHEST / max(abs(dx), abs(dy)))
            x, y = x + size * dx, y + size * dy
        det = hxx * hyy - hxy * hxy
        place[p, 0], place[p, 1] = best_x, best_y
        deviation[p, 0], deviation[p, 1] = math.sqrt(hyy / det), math.sqrt(hxx / det)
        told[p] = best - 0.5 * math.log(det)
        for c in range(n):
            slope[p, c] = d1[c]
            for d in range(n):
                u = (hyy * figures[d, 2] - hxy * figures[d, 3]) / det
                v = (hxx * figures[d, 3] - hxy * figures[d, 2]) / det
                shared = (figures[c, 2] * u + figures[c, 3] * v) * d2[c] * d2[d]
                bend[p, c, d] = (d2[c] if c == d else 0.0) - shared


@njit(cache=True, nogil=True)
def _together(
    first: int, stop: int, every: int, values: Array, shape: Places, rows: Places, figures: Array, mean: Array,
    variance: Array, theta: Array, near: Array, found: Array,
) -> None:  # fmt: skip
    for p in range(first, min(stop, len(found)), every):
        for c in range(len(rows)):
            if rows[c, p] < 0:
                continue
            low, step, loading, nearness = figures[c]
            begin = shape[c, 0] + rows[c, p] * shape[c, 1]
            for i in range(len(theta)):
                for j in range(len(near)):
                    at = (mean[c, p] + loading * theta[i] + nearness * near[j] - low) / step
                    value, e, h = _read(values, begin, shape[c, 1], at)
                    room = 1.0 + max(-h, 0.0) / step**2 * variance[c, p]
                    found[p, i, j] += value + 0.5 * variance[c, p] * (e / step) ** 2 / room - 0.5 * math.log(room)
