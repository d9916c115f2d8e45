"""What a pair's own past foretells: a Poisson model whose rate drifts, in closed form.

    y[p,t] ~ Poisson(e[t] rate[p,t]),   rate[p,1] ~ Gamma(shape, shape / mean),

where e[t] is what all pairs share in period t and the Gamma posterior of the rate is discounted by ``discount`` in every
period (Harvey and Fernandes 1989, Journal of Business & Economic Statistics 7: 407-417). One-step predictions are negative
binomial; the mean does not move with the horizon while its uncertainty grows. The three parameters are fitted by maximum
likelihood over pairs.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import gammaln

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

FITTED_ON = 50_000  # cells (pairs × periods); the pairs are drawn by hash of their keys
WARM = 2  # periods known before the likelihood counts: the prior's error is not the drift's


@dataclass(frozen=True, slots=True)
class Drift:
    """Parameters shared by all pairs.

    Attributes
    ----------
    discount : share of the evidence on a rate that is kept over one period, in (0, 1]
    shape, mean : of the Gamma prior of a pair's rate
    """

    discount: float
    shape: float
    mean: float


@dataclass(frozen=True, slots=True)
class Filtered:
    """The rate of every pair given its own past.

    Attributes
    ----------
    drift : the parameters
    common : (T,) e[t], mean one over known periods; 0 where nobody is covered
    shape, rate : (P, T) Gamma posterior of the rate after period t, from y up to t
    length : (P, T) periods known so far
    """

    drift: Drift
    common: Array
    shape: Array
    rate: Array
    length: NDArray[np.int64]


def common_volume(y: Array, known: Flags) -> Array:
    """(T,) acts of all pairs that are known whenever anybody is, relative to their mean; 0 in periods nobody covers.

    Two-way multiplicative effects of a Poisson table are its margins, so this is the period effect of a Poisson regression
    with pair and period effects.
    """
    open_ = known.any(axis=0)
    steady = known[:, open_].all(axis=1)
    rows = steady if steady.any() else np.ones(len(y), dtype=bool)
    total = np.where(open_, y[rows].sum(axis=0), 0.0)
    size = total[open_].mean() if open_.any() else 0.0
    return total / size if size > 0 else open_.astype(float)


def filtered(y: Array, known: Flags, common: Array, drift: Drift) -> Filtered:
    """Forward pass over all pairs at once."""
    pairs, periods = y.shape
    shape, rate = np.empty((pairs, periods)), np.empty((pairs, periods))
    a = np.full(pairs, drift.shape)
    b = np.full(pairs, drift.shape / drift.mean)
    for t in range(periods):
        if t:
            a, b = a * drift.discount, b * drift.discount
        a = a + np.where(known[:, t], y[:, t], 0.0)
        b = b + np.where(known[:, t], common[t], 0.0)
        shape[:, t], rate[:, t] = a, b
    return Filtered(drift, common, shape, rate, np.cumsum(known, axis=1))


def log_likelihood(y: Array, known: Flags, common: Array, drift: Drift) -> float:
    """Log-likelihood of the one-step predictions, negative binomial, from each pair's second known period on."""
    state = filtered(y, known, common, drift)
    a = state.shape[:, :-1] * drift.discount
    b = state.rate[:, :-1] * drift.discount
    e, count = common[None, 1:], y[:, 1:]
    counts = known[:, 1:] & (state.length[:, :-1] >= WARM) & (e > 0)
    a, b, count = a[counts], b[counts], count[counts]
    e = np.broadcast_to(e, counts.shape)[counts]
    inside = (
        gammaln(a + count) - gammaln(a) - gammaln(count + 1) + a * np.log(b / (b + e)) + count * np.log(e / (b + e))
    )
    return float(inside.sum())


def fit(keys: tuple[str, ...], y: Array, known: Flags, common: Array) -> Filtered:
    """Fit the parameters on about :data:`FITTED_ON` cells and filter all pairs.

    Parameters
    ----------
    keys : P pairs; which are fitted on depends on their hash alone
    y, known : (P, T)
    common : (T,) from :func:`common_volume`, of these pairs or of more
    """
    digest = [hashlib.blake2b(key.encode(), digest_size=8).digest() for key in keys]
    rows = np.sort(np.argsort(np.array(digest), kind="stable")[: max(FITTED_ON // y.shape[1], 50)])
    own, seen = y[rows], known[rows]
    mean = max(float(own[seen].mean()), 1e-3) if seen.any() else 1.0

    def loss(free: Array) -> float:
        return -log_likelihood(own, seen, common, _drift(free, mean))

    start = np.array([2.0, -1.0, 0.0])
    best = minimize(loss, start, method="Nelder-Mead", options={"xatol": 0.02, "fatol": 0.5, "maxiter": 120})
    return filtered(y, known, common, _drift(best.x, mean))


def _drift(free: Array, mean: float) -> Drift:
    bounded = np.clip(free, -6.0, 6.0)
    return Drift(float(1 / (1 + np.exp(-bounded[0]))), float(np.exp(bounded[1])), float(mean * np.exp(bounded[2])))


@dataclass(frozen=True, slots=True)
class Windows:
    """Every window that could follow every period of every pair.

    Attributes
    ----------
    expected, observed : (P, T) sums over the window that follows period t: forecast from before t, and what came
    weight : (P, T) of a window in a common ratio: the inverse of its variance over its mean (quasi-score)
    valid : (P, T) the pair is known throughout, and long enough before
    """

    expected: Array
    observed: Array
    weight: Array
    valid: Flags


def windows(y: Array, known: Flags, state: Filtered, *, after: tuple[int, int], lead: int, history: int) -> Windows:
    """Forecasts for windows around every period, made at the end of the period `lead` + 1 before it.

    Parameters
    ----------
    after : first and last period of the window, relative to the period (0: the period itself)
    lead : periods just before it that the forecast may not see (anticipation)
    history : periods that must be known up to the forecast
    """
    pairs, periods = y.shape
    first, last = after
    expected, observed = np.full(y.shape, np.nan), np.full(y.shape, np.nan)
    weight, valid = np.zeros(y.shape), np.zeros(y.shape, dtype=bool)
    total = np.concatenate([np.zeros((pairs, 1)), np.cumsum(y, axis=1)], axis=1)
    seen = np.concatenate([np.zeros((pairs, 1), dtype=int), np.cumsum(known, axis=1)], axis=1)
    volume = np.concatenate([[0.0], np.cumsum(state.common)])
    for t in range(periods):
        origin, low, high = t - 1 - lead, t + first, t + last + 1
        if origin < 0 or low <= origin or high > periods:
            continue
        a, b = state.shape[:, origin], state.rate[:, origin]
        mean = a / b * (volume[high] - volume[low])
        between = seen[:, high] - seen[:, origin + 1]  # a forecast over a gap in coverage is none
        valid[:, t] = (
            (between == high - origin - 1) & known[:, origin] & (state.length[:, origin] >= history) & (mean > 0)
        )
        shape = a * state.drift.discount ** (0.5 * (low + high - 1) - origin)
        expected[:, t], observed[:, t] = mean, total[:, high] - total[:, low]
        weight[:, t] = 1.0 / (1.0 + mean / shape)
    return Windows(expected, observed, weight, valid)
