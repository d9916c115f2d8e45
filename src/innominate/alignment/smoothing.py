"""Exact Gaussian smoothing of one pair in one channel, or of eight, as compiled kernels.

For one pair and channel, with path a first-order Markov process and a constant level,

    z[t] = scale path[t] + level + noise,   noise ~ N(0, 1 / weight[t]).

The posterior precision of the path given the level is tridiagonal (A), factorised once as L D L'; the level follows from
its Schur complement. Every moment that EM and the explanation need follows exactly, in time linear in the periods.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from innominate.lanes import at, exponent, like, logarithm, mantissa, put, unless_zero

Array = NDArray[np.float64]

BUFFERS = 7  # rows of the work space of `smooth`: mean, variance, lag, cross, d, low, response
_SPLIT = 8  # periods after which powers of two are taken out of a product, so that it stays a number


@njit(cache=True, nogil=True, error_model="numpy")
def smooth(z, weight, scale, level, persistence, held, work):  # type: ignore[no-untyped-def]
    """Exact posterior of one pair in one channel, or of eight.

    Parameters
    ----------
    z, weight : (T,) or (T, LANES) observations and their precisions; weight 0 where unknown
    scale : spread of the moving part; level : prior variance of the lasting part
    persistence : correlation of the path over one period
    held : (T,) or (T, LANES) precision of the first value, then of the step into each period
    work : (>= BUFFERS, T) or (>= BUFFERS, T, LANES), filled with the path's posterior mean, variance, covariance with the next,
        covariance with the level, then 1 / D and L of A, then inv(A) b for the level's coupling b

    Returns
    -------
    level's posterior mean and variance, and the log-likelihood; each a number or Lanes
    """
    n = len(z)
    mean, variance, lag, cross = work[0], work[1], work[2], work[3]
    inverse, low, response = work[4], work[5], work[6]
    none = like(z, 0.0)
    determinant, powers, precisions, more = none + 1.0, none, none + 1.0, none
    total, linear, quadratic, ahead = none, none, none, at(held, 0)
    for t in range(n):
        seen, w, now = at(z, t), at(weight, t), ahead
        coupling = w * scale
        diag, b, r = now + coupling * scale, coupling * seen, coupling
        if t + 1 < n:
            ahead = at(held, t + 1)
            diag += ahead * (persistence * persistence)
        if t > 0:
            off = now * -persistence  # couples t - 1 and t
            below = off * at(inverse, t - 1)
            diag -= below * off
            b -= below * at(mean, t - 1)
            r -= below * at(response, t - 1)
            put(low, t - 1, below)
        put(mean, t, b)
        put(response, t, r)
        put(inverse, t, 1.0 / diag)
        total += w
        linear += w * seen
        quadratic += w * seen * seen
        determinant *= diag
        precisions *= now * unless_zero(w * (0.5 / math.pi), 1.0)
        if t % _SPLIT == 0:
            powers += exponent(determinant)
            more += exponent(precisions)
            determinant, precisions = mantissa(determinant), mantissa(precisions)
    precision, rest, explained = total + 1.0 / level, linear, none
    m, r, v = none, none, none
    for t in range(n - 1, -1, -1):
        d, coupling = at(inverse, t), at(weight, t) * scale
        if t + 1 < n:
            below = at(low, t)
            put(lag, t, below * v * -1.0)
            m, r, v = d * at(mean, t) - below * m, d * at(response, t) - below * r, d + below * below * v
        else:
            m, r, v = d * at(mean, t), d * at(response, t), d
        put(mean, t, m)
        put(response, t, r)
        put(variance, t, v)
        precision -= coupling * r
        rest -= coupling * m
        explained += coupling * at(z, t) * m
    spread = 1.0 / precision
    lasting = spread * rest
    r = at(response, 0)
    for t in range(n):
        put(mean, t, at(mean, t) - r * lasting)
        put(cross, t, r * spread * -1.0)
        put(variance, t, at(variance, t) + r * r * spread)
        if t + 1 < n:
            after = at(response, t + 1)
            put(lag, t, at(lag, t) + r * after * spread)
            r = after
    logarithms = logarithm(determinant * precision * level / precisions) + (powers - more) * math.log(2.0)
    return lasting, spread, 0.5 * (explained + lasting * rest - quadratic - logarithms)


@njit(cache=True, nogil=True)
def covariance_row(work: Array, n: int, target: int, spread: float, row: Array) -> None:
    """Posterior covariance of path[target] with every path[t], from the work space of :func:`smooth`."""
    inverse, low, response = work[4], work[5], work[6]
    for t in range(n):
        row[t] = 0.0
    row[target] = 1.0
    for t in range(1, n):
        row[t] -= low[t - 1] * row[t - 1]
    row[n - 1] *= inverse[n - 1]
    for t in range(n - 2, -1, -1):
        row[t] = row[t] * inverse[t] - low[t] * row[t + 1]
    for t in range(n):
        row[t] += response[target] * response[t] * spread
