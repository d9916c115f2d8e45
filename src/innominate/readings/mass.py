"""The mass of a multivariate normal inside a box, with its Monte Carlo error, however rare the box.

Sequential conditioning (Geweke, Hajivassiliou and Keane; Genz 1992, Journal of Computational and Graphical Statistics 1:
141-149): features are drawn one after the other, each from its normal given those before and cut to its bounds, and the
mass is the mean product of the probabilities of the cuts. A box of mass 1e-12 costs no more than one of mass one half.
Points are a randomly shifted lattice (Richtmyer), so that the spread over shifts is an honest standard error. Conditions
that are not bounds are judged on the drawn features, each point with its weight.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

Array = NDArray[np.float64]
Condition = Callable[[Array], NDArray[np.bool_]]

SHIFTS = 12  # independent randomisations, from whose spread the error is told
POINTS = 512  # of the lattice, a randomisation; doubled until the error is small enough
MOST_POINTS = 16384
TOLERANCE = 0.02  # relative standard error asked for
SINGULAR = 1e-9  # share of a feature's variance left by the others, below which it is theirs


@dataclass(frozen=True, slots=True)
class Mass:
    """A probability and how well it was computed.

    Attributes
    ----------
    value : the mass
    error : its Monte Carlo standard error
    steps : mass that is left after each bound in turn, and then after each condition
    """

    value: float
    error: float
    steps: tuple[float, ...] = ()

    @property
    def relative(self) -> float:
        """Standard error of the logarithm of the mass; infinite where no point fell inside."""
        return self.error / self.value if self.value > 0 else float("inf")


@dataclass(frozen=True, slots=True)
class Draws:
    """Weighted draws from a normal cut to a box.

    Attributes
    ----------
    features : (N, m); weights : (N, steps) mass left of each point after each bound and condition
    """

    features: Array
    weights: Array


def box_mass(
    mean: Array,
    covariance: Array,
    low: Array,
    high: Array,
    conditions: Sequence[Condition] = (),
    *,
    seed: int = 0,
    tolerance: float = TOLERANCE,
    most: int = MOST_POINTS,
) -> Mass:
    """Mass of ``low <= features <= high`` and of all conditions.

    Parameters
    ----------
    mean : (m,); covariance : (m, m), may be singular
    low, high : (m,), infinite where free; the free ones are only there to be judged by conditions
    conditions : functions of (N, m) features → (N,) whether they hold
    seed : of the shifts; most : points of a randomisation beyond which a larger error is put up with
    """
    if not len(mean):
        return Mass(1.0, 0.0)
    points = min(POINTS, most)
    while True:
        drawn = draw(mean, covariance, low, high, conditions, points, seed)
        sums = drawn.weights.reshape(SHIFTS, points, -1).mean(axis=1)
        value = float(sums[:, -1].mean())
        error = float(sums[:, -1].std(ddof=1) / np.sqrt(SHIFTS))
        if error <= tolerance * value or points >= most:
            return Mass(value, error, tuple(float(one) for one in sums.mean(axis=0)))
        points *= 4


def draw(
    mean: Array,
    covariance: Array,
    low: Array,
    high: Array,
    conditions: Sequence[Condition],
    points: int,
    seed: int,
) -> Draws:
    """Draws of the features inside the bounds, with their weights; arguments as in :func:`box_mass`.

    There are SHIFTS × points of them, randomisation after randomisation.
    """
    m = len(mean)
    root = factor(covariance)
    uniform = (_kept if points <= POINTS else lattice)(m, points, seed)
    total = uniform.shape[1]
    scores, found = np.zeros((m, total)), np.empty((m, total))
    weight, steps = np.ones(total), []
    bounded = np.flatnonzero(np.isfinite(low) | np.isfinite(high))
    tail = int(bounded.max()) + 1 if len(bounded) else 0  # from here on nothing is bounded
    for k in range(tail):
        centre = mean[k] + root[k, :k] @ scores[:k]
        spread = root[k, k]
        free = np.isinf(low[k]) and np.isinf(high[k])
        if spread == 0.0:
            weight = weight * ((centre >= low[k] - 1e-9) & (centre <= high[k] + 1e-9))
        elif free:
            scores[k] = ndtri(uniform[k])
        else:
            share, scores[k] = _cut((low[k] - centre) / spread, (high[k] - centre) / spread, uniform[k])
            weight = weight * share
        found[k] = centre + spread * scores[k]
        if not free:
            steps.append(weight)
    scores[tail:] = ndtri(uniform[tail:])
    found[tail:] = mean[tail:, None] + root[tail:] @ scores
    features = found.T
    for condition in conditions:
        weight = weight * condition(features)
        steps.append(weight)
    return Draws(features, np.stack(steps, axis=1) if steps else np.ones((total, 1)))


def _cut(low: Array, high: Array, uniform: Array) -> tuple[Array, Array]:
    """Probability of a standard normal between two bounds, and a draw from it; precise in both tails."""
    upper = low > 0  # turned round, so that the tail is the lower one
    a, b = np.where(upper, -high, low), np.where(upper, -low, high)
    below, above = ndtr(a), ndtr(b)
    share = above - below
    score = ndtri(np.clip(below + uniform * share, 1e-300, 1 - 1e-16))
    return share, np.where(upper, -score, score)


def factor(covariance: Array) -> Array:
    """(m, m) lower triangular root; a row's diagonal is 0 where the rows before determine it."""
    m = len(covariance)
    root = np.zeros((m, m))
    for k in range(m):
        rest = covariance[k:, k] - root[k:, :k] @ root[k, :k]
        if rest[0] > SINGULAR * max(covariance[k, k], 1e-300):
            root[k, k] = np.sqrt(rest[0])
            root[k + 1 :, k] = rest[1:] / root[k, k]
    return root


def lattice(dimensions: int, points: int, seed: int) -> Array:
    """(dimensions, SHIFTS × points) of shifted Richtmyer lattices, folded (baker's transform), in the open unit cube."""
    steps = np.sqrt(_primes(dimensions))
    offset = np.random.default_rng(seed).random((SHIFTS, dimensions))
    raw = (np.arange(1, points + 1) * steps[:, None, None] + offset.T[:, :, None]) % 1.0
    folded: Array = np.clip(np.abs(2 * raw - 1), 1e-12, 1 - 1e-12).reshape(dimensions, -1)
    folded.flags.writeable = False
    return folded


_kept = lru_cache(maxsize=16)(lattice)


@lru_cache(maxsize=8)
def _primes(count: int) -> Array:
    found: list[int] = []
    number = 2
    while len(found) < count:
        if all(number % prime for prime in found if prime * prime <= number):
            found.append(number)
        number += 1
    return np.array(found, dtype=np.float64)
