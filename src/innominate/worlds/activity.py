"""How busy states are in every channel, estimated from all pairs of a library at once.

The expected logarithm of what passes between two states is the channel's base and both states' activity; alignment and
nearness are the pair's own. Activities of one state go together across channels as the laws say (size and habits), which is
what tells how busy it is where acts are rare. All pairs are fitted jointly: each pair's alignment and nearness at their most
probable values, Newton's method for activities and bases (penalised likelihood; Breslow and Clayton 1993, JASA 88: 9-25).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from innominate.worlds.curves import Curves, Modes, modes
from innominate.worlds.laws import HABITS, ChannelLaw

Array = NDArray[np.float64]
Places = NDArray[np.intp]

BASE = 1.5  # standard deviation of a library's base around that of the laws, in logarithms
LEAST_OWN = 1e-3  # share of activity beyond size and habits that is at least the channel's own
ROUNDS, SMALLEST, LONGEST = 40, 0.05, 2.0  # Newton steps; gain in log-likelihood that ends them; the longest


@dataclass(frozen=True, slots=True)
class Activity:
    """What is expected of every pair before alignment and nearness.

    Attributes
    ----------
    state : (N, C) activity of every state, in logarithms; base : (C,)
    mean, variance : (C, P) expected logarithm of every pair and how uncertain it is
    modes : where the pairs then most probably are
    """

    state: Array
    base: Array
    mean: Array
    variance: Array
    modes: Modes


def activity_covariance(laws: Sequence[ChannelLaw]) -> Array:
    """(C, C) covariance over channels of one state's activity: see :func:`innominate.worlds.deeds.activity`."""
    habits = np.zeros((len(laws), HABITS))
    for place, law in enumerate(laws):
        habits[place, : len(law.habits)] = law.habits
    own = np.maximum(1.0 - (habits**2).sum(axis=1), LEAST_OWN)
    beyond = habits @ habits.T + np.diag(own)
    scale, common = (np.array([getattr(law, name) for law in laws]) for name in ("activity", "common"))
    left = np.sqrt(1.0 - common)
    found = np.outer(scale, scale) * (np.sqrt(np.outer(common, common)) + np.outer(left, left) * beyond)
    return np.asarray(found + 1e-6 * np.eye(len(laws)))


def estimate_activity(
    laws: Sequence[ChannelLaw], curves: list[Curves], totals: Array, a: Places, b: Places, states: int
) -> Activity:
    """Fit activities and bases.

    Parameters
    ----------
    laws : of C channels of acts; curves : theirs, and after them those of channels without activity (votes)
    totals : (C, N) mean level per partner looked at, from which the search starts; NaN where nobody looked
    a, b : (P,) places of the two states of each pair
    """
    n, width = len(laws), states * len(laws)
    base = np.array([law.base for law in laws])
    inner = np.linalg.inv(activity_covariance(laws))
    penalty = np.zeros((width + n, width + n))
    for i in range(states):
        penalty[i * n : (i + 1) * n, i * n : (i + 1) * n] = inner
    penalty[width:, width:] = np.eye(n) / BASE**2
    x = np.concatenate([_start(laws, totals).ravel(), np.zeros(n)])
    place = np.zeros((len(a), 2))
    mean = np.zeros((len(curves), len(a)))

    def at(x: Array) -> tuple[float, Modes]:
        own = x[:width].reshape(states, n)
        mean[:n] = (base + x[width:])[:, None] + (own[a] + own[b]).T
        found = modes(curves, mean, place)
        return float(found.evidence.sum() - 0.5 * x @ penalty @ x), found

    value, found = at(x)
    matrix = penalty
    for _ in range(ROUNDS if n else 0):  # votes alone have nothing to do with activity
        place = found.place
        slope, matrix = _system(found.slope[:, :n], found.bend[:, :n, :n], a, b, states)
        matrix += penalty
        move = np.linalg.solve(matrix, slope - penalty @ x)
        size = min(1.0, LONGEST / max(float(np.abs(move).max()), 1e-12))
        higher, better = at(x + size * move)
        while higher < value and size > 1e-3:
            size *= 0.5
            higher, better = at(x + size * move)
        if higher < value:
            break
        gain, x, value, found = higher - value, x + size * move, higher, better
        if gain < SMALLEST:
            break
    at(x)  # the means once more, where the last step was not taken
    covariance = np.asarray(np.linalg.inv(matrix), dtype=np.float64)
    spread = _uncertainty(covariance, a, b, states, n)
    own = x[:width].reshape(states, n)
    return Activity(own, base + x[width:], mean[:n].copy(), spread, found)


def _start(laws: Sequence[ChannelLaw], totals: Array) -> Array:
    """(N, C) logarithms of what states do over the average, no further apart than the laws allow."""
    found = np.zeros(totals.T.shape)
    for place, law in enumerate(laws):
        level = totals[place]
        known = np.isfinite(level)
        if not known.any() or not level[known].any():
            continue
        middle = float(level[known].mean())
        own = np.where(known, np.log((np.where(known, level, 0.0) + 0.1 * middle) / (1.1 * middle)), 0.0)
        own = np.where(known, own - own[known].mean(), 0.0)
        found[:, place] = own * min(1.0, law.activity / max(float(own[known].std()), 1e-3))
    return found


def _system(slope: Array, bend: Array, a: Places, b: Places, states: int) -> tuple[Array, Array]:
    """Gradient and curvature by activities (state by state) and bases, from those by pairs' expected logarithms."""
    n = slope.shape[1]
    width = states * n
    values, vectors = np.linalg.eigh(bend)
    bend = np.einsum("pij,pj,pkj->pik", vectors, np.maximum(values, 1e-6), vectors)
    gradient, own = np.zeros((states, n)), np.zeros((states, n, n))
    for ends in (a, b):
        np.add.at(gradient, ends, slope)
        np.add.at(own, ends, bend)
    blocks = np.zeros((states, n, states, n))
    blocks[a, :, b, :] = bend
    blocks[b, :, a, :] = bend
    blocks[np.arange(states), :, np.arange(states), :] += own
    matrix = np.zeros((width + n, width + n))
    matrix[:width, :width] = blocks.reshape(width, width)
    matrix[:width, width:] = own.reshape(width, n)
    matrix[width:, :width] = own.reshape(width, n).T
    matrix[width:, width:] = bend.sum(axis=0)
    return np.concatenate([gradient.ravel(), slope.sum(axis=0)]), matrix


def _uncertainty(covariance: Array, a: Places, b: Places, states: int, n: int) -> Array:
    """(C, P) variance of both activities and the base together."""
    found = np.empty((n, len(a)))
    for c in range(n):
        one, two, base = a * n + c, b * n + c, states * n + c
        twice = covariance[one, two] + covariance[one, base] + covariance[two, base]
        found[c] = covariance[one, one] + covariance[two, two] + covariance[base, base] + 2 * twice
    return found
