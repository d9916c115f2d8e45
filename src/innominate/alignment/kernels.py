"""Numba kernels: exact Gaussian smoothing of one pair in one channel, the E-step over all pairs, the sum over channels.

For one pair and channel, with path a first-order Markov process and a constant level,

    z[t] = scale path[t] + level + noise,   noise ~ N(0, 1 / weight[t]).

The posterior precision of the path given the level is tridiagonal (A), factorised once as L D L'; the level follows from
its Schur complement. Every moment that EM and the explanation need follows exactly, in time linear in the periods.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

Array = NDArray[np.float64]

CHUNKS = 64  # of pairs; sums are taken chunk by chunk in fixed order, so that threads change no bit
BUFFERS = 7  # rows of the work space of `smooth`: mean, variance, lag, cross, d, low, response


@njit(cache=True, nogil=True)
def smooth(
    z: Array, weight: Array, scale: float, level: float, persistence: float, innovation: Array, work: Array
) -> tuple[float, float, float]:
    """Exact posterior of one pair in one channel.

    Parameters
    ----------
    z, weight : (T,) observations and their precisions; weight 0 where unknown
    scale : spread of the moving part; level : prior variance of the lasting part
    persistence : correlation of the path over one period
    innovation : (T,) variance of the first value, then of the step into each period
    work : (BUFFERS, >= T), filled with the path's posterior mean, variance, covariance with the next, covariance with
        the level, then D and L of A, then inv(A) b for the level's coupling b

    Returns
    -------
    level's posterior mean and variance, and the log-likelihood without the terms of the weights alone
    """
    n = len(z)
    mean, variance, lag, cross = work[0], work[1], work[2], work[3]
    d, low, response = work[4], work[5], work[6]
    logdet, quadratic, total, linear = 0.0, 0.0, 0.0, 0.0
    previous = 0.0
    for t in range(n):
        w = weight[t]
        diag = 1.0 / innovation[t] + scale * scale * w
        logdet -= math.log(innovation[t])
        if t + 1 < n:
            diag += persistence * persistence / innovation[t + 1]
        off = -persistence / innovation[t]  # couples t - 1 and t
        b, r = scale * w * z[t], scale * w
        if t > 0:
            low[t - 1] = off / previous
            diag -= low[t - 1] * off
            b -= low[t - 1] * mean[t - 1]
            r -= low[t - 1] * response[t - 1]
        mean[t], response[t], d[t], previous = b, r, diag, diag
        logdet -= math.log(diag)
        total += w
        linear += w * z[t]
        quadratic += w * z[t] * z[t]
    mean[n - 1] /= d[n - 1]
    response[n - 1] /= d[n - 1]
    variance[n - 1] = 1.0 / d[n - 1]
    for t in range(n - 2, -1, -1):
        mean[t] = mean[t] / d[t] - low[t] * mean[t + 1]
        response[t] = response[t] / d[t] - low[t] * response[t + 1]
        lag[t] = -low[t] * variance[t + 1]
        variance[t] = 1.0 / d[t] + low[t] * low[t] * variance[t + 1]
    precision, rest, explained = 1.0 / level + total, linear, 0.0
    for t in range(n):
        precision -= scale * weight[t] * response[t]
        rest -= scale * weight[t] * mean[t]
        explained += scale * weight[t] * z[t] * mean[t]
    spread = 1.0 / precision
    lasting = spread * rest
    for t in range(n):
        mean[t] -= response[t] * lasting
        cross[t] = -response[t] * spread
        variance[t] += response[t] * response[t] * spread
        if t + 1 < n:
            lag[t] += response[t] * response[t + 1] * spread
    logdet -= math.log(level) + math.log(precision)
    return lasting, spread, 0.5 * (logdet - quadratic + explained + lasting * rest)


@njit(cache=True, nogil=True)
def covariance_row(work: Array, n: int, target: int, spread: float, row: Array) -> None:
    """Posterior covariance of path[target] with every path[t], from the work space of :func:`smooth`."""
    d, low, response = work[4], work[5], work[6]
    for t in range(n):
        row[t] = 0.0
    row[target] = 1.0
    for t in range(1, n):
        row[t] -= low[t - 1] * row[t - 1]
    row[n - 1] /= d[n - 1]
    for t in range(n - 2, -1, -1):
        row[t] = row[t] / d[t] - low[t] * row[t + 1]
    for t in range(n):
        row[t] += response[target] * response[t] * spread


@njit(cache=True, nogil=True)
def _weigh(z: NDArray[np.float32], cell: NDArray[np.uint16], inverse: Array, y: Array, weight: Array) -> int:
    """Observations of a pair as float64 and their precisions, 0 where unknown; returns how many are known."""
    count = 0
    for t in range(len(z)):
        if np.isfinite(z[t]):
            y[t] = z[t]
            weight[t] = inverse[cell[t]]
            count += 1
        else:
            y[t] = 0.0
            weight[t] = 0.0
    return count


@njit(cache=True, parallel=True)
def e_step(
    z: NDArray[np.float32],
    cell: NDArray[np.uint16],
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    inverse: Array,
    scale: float,
    level: float,
    persistence: float,
    innovation: Array,
) -> tuple[Array, Array, Array, float]:
    """Expected sufficient statistics of one channel over all pairs that have it.

    Parameters
    ----------
    z : (P, T) NaN unknown; cell : (P, T) which variance class an observation is of
    first, last : (P,) the periods, inclusive, in which both states exist
    inverse : (G,) precision of each variance class
    scale, level, persistence : see :func:`smooth`
    innovation : (P, T) variances of the steps of a path of unit variance

    Returns
    -------
    moments : (G, 4) count, sum E(z-o)^2, sum E(z-o)path, sum E path^2 by variance class, o the level
    steps : (4,) sums over steps of E before^2, E after^2, E before after, and their number
    levels : (2,) pairs, sum E o^2
    likelihood : log-likelihood
    """
    pairs, periods, g = len(z), z.shape[1], len(inverse)
    moments, steps, levels = np.zeros((CHUNKS, g, 4)), np.zeros((CHUNKS, 4)), np.zeros((CHUNKS, 2))
    likelihood = np.zeros(CHUNKS)
    for chunk in prange(CHUNKS):
        work, y, weight = np.empty((BUFFERS, periods)), np.empty(periods), np.empty(periods)
        mean, variance, lag, cross = work[0], work[1], work[2], work[3]
        for p in range(chunk * pairs // CHUNKS, (chunk + 1) * pairs // CHUNKS):
            low, n = first[p], last[p] - first[p] + 1
            if _weigh(z[p, low : low + n], cell[p, low : low + n], inverse, y, weight) == 0:
                continue
            lasting, spread, total = smooth(
                y[:n], weight[:n], scale, level, persistence, innovation[p, low : low + n], work
            )
            for t in range(n):
                square = mean[t] * mean[t] + variance[t]
                if t + 1 < n:
                    steps[chunk, 0] += square
                    steps[chunk, 2] += mean[t] * mean[t + 1] + lag[t]
                    steps[chunk, 3] += 1.0
                if t > 0:
                    steps[chunk, 1] += square
                if weight[t] > 0.0:
                    b = cell[p, low + t]
                    rest = y[t] - lasting
                    moments[chunk, b, 0] += 1.0
                    moments[chunk, b, 1] += rest * rest + spread
                    moments[chunk, b, 2] += rest * mean[t] - cross[t]
                    moments[chunk, b, 3] += square
                    total += 0.5 * math.log(weight[t] / (2.0 * math.pi))
            levels[chunk, 0] += 1.0
            levels[chunk, 1] += lasting * lasting + spread
            likelihood[chunk] += total
    return moments.sum(axis=0), steps.sum(axis=0), levels.sum(axis=0), likelihood.sum()


@njit(cache=True, parallel=True)
def add_channel(
    z: NDArray[np.float32],
    cell: NDArray[np.uint16],
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    inverse: Array,
    scale: float,
    level: float,
    persistence: float,
    innovation: Array,
    share: float,
    means: Array,
    variances: Array,
) -> None:
    """Add one channel's posterior to a weighted sum over channels, in place.

    ``means`` and ``variances`` (P, T) gain share × the excess scale path + level, and share² × its variance; the other
    arguments are those of :func:`e_step`.
    """
    pairs, periods = z.shape
    for chunk in prange(CHUNKS):
        work, y, weight = np.empty((BUFFERS, periods)), np.empty(periods), np.empty(periods)
        mean, variance, cross = work[0], work[1], work[3]
        for p in range(chunk * pairs // CHUNKS, (chunk + 1) * pairs // CHUNKS):
            low, n = first[p], last[p] - first[p] + 1
            _weigh(z[p, low : low + n], cell[p, low : low + n], inverse, y, weight)
            lasting, spread, _ = smooth(
                y[:n], weight[:n], scale, level, persistence, innovation[p, low : low + n], work
            )
            for t in range(n):
                means[p, low + t] += share * (scale * mean[t] + lasting)
                variances[p, low + t] += share**2 * (scale**2 * variance[t] + 2.0 * scale * cross[t] + spread)
