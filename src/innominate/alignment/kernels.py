"""Numba kernels of the dynamic factor model: exact Gaussian smoothing of one pair, and the E-step over all pairs.

For one pair, with theta a first-order Markov path and a constant offset o[c] for every series c,

    z[t, c] = loading[c] theta[t] + o[c] + noise,   noise ~ N(0, noise_variance[c] + sampling_variance[t, c]).

The posterior precision of (theta, o) is a tridiagonal block A (time), a diagonal block (series) and their coupling B.
A is factorised once (L D L'), the offsets are solved from the Schur complement K = D_o - B' inv(A) B, and every moment
that EM and the explanation need follows exactly, at a cost linear in the number of periods.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

Array = NDArray[np.float64]

CHUNKS = 64  # of pairs; sums are taken chunk by chunk in fixed order, so that threads change no bit


@njit(cache=True, nogil=True)
def _factor(diag: Array, off: Array, low: Array, d: Array) -> None:
    """L D L' of a symmetric tridiagonal matrix: unit lower subdiagonal low (T-1), diagonal d (T)."""
    d[0] = diag[0]
    for t in range(1, len(diag)):
        low[t - 1] = off[t - 1] / d[t - 1]
        d[t] = diag[t] - low[t - 1] * off[t - 1]


@njit(cache=True, nogil=True)
def _solve(low: Array, d: Array, x: Array) -> None:
    """Solve in place for the columns of x (T, k)."""
    n, k = x.shape
    for t in range(1, n):
        for c in range(k):
            x[t, c] -= low[t - 1] * x[t - 1, c]
    for c in range(k):
        x[n - 1, c] /= d[n - 1]
    for t in range(n - 2, -1, -1):
        for c in range(k):
            x[t, c] = x[t, c] / d[t] - low[t] * x[t + 1, c]


@njit(cache=True, nogil=True)
def _invert(matrix: Array) -> float:
    """Invert a symmetric positive definite matrix in place; returns its log determinant."""
    n = matrix.shape[0]
    logdet = 0.0
    for j in range(n):
        pivot = matrix[j, j]
        for k in range(j):
            pivot -= matrix[j, k] * matrix[j, k]
        pivot = math.sqrt(pivot)
        logdet += 2.0 * math.log(pivot)
        matrix[j, j] = pivot
        for i in range(j + 1, n):
            s = matrix[i, j]
            for k in range(j):
                s -= matrix[i, k] * matrix[j, k]
            matrix[i, j] = s / pivot
    for j in range(n):  # invert the triangle in place
        matrix[j, j] = 1.0 / matrix[j, j]
        for i in range(j + 1, n):
            s = 0.0
            for k in range(j, i):
                s -= matrix[i, k] * matrix[k, j]
            matrix[i, j] = s / matrix[i, i]
    for i in range(n):
        for j in range(i + 1):
            s = 0.0
            for k in range(i, n):
                s += matrix[k, i] * matrix[k, j]
            matrix[i, j] = s
    for i in range(n):
        for j in range(i):
            matrix[j, i] = matrix[i, j]
    return logdet


@njit(cache=True, nogil=True)
def prior_precision(persistence: float, innovation: Array, diag: Array, off: Array) -> float:
    """Fill the tridiagonal prior precision of a path; returns its log determinant.

    innovation[0] is the variance of the first value, innovation[t] that of the step into t.
    """
    n = len(innovation)
    logdet = 0.0
    for t in range(n):
        logdet -= math.log(innovation[t])
        diag[t] = 1.0 / innovation[t]
        if t + 1 < n:
            diag[t] += persistence * persistence / innovation[t + 1]
            off[t] = -persistence / innovation[t + 1]
    return logdet


@njit(cache=True, nogil=True)
def smooth(
    z: Array,
    weight: Array,
    loading: Array,
    offset_variance: Array,
    persistence: float,
    innovation: Array,
    mean: Array,
    variance: Array,
    lag: Array,
    offset: Array,
    cross: Array,
    offset_covariance: Array,
    inner: Array,
) -> float:
    """Exact posterior of one pair.

    Parameters
    ----------
    z, weight : (T, S) observations and their precision given theta and offset; weight 0 where unknown
    loading, offset_variance : (S,)
    persistence : scalar; innovation : (T,), see :func:`prior_precision`

    Outputs (filled)
    ----------------
    mean, variance : (T,) of theta; lag : (T-1,) covariance of theta[t] and theta[t+1]
    offset : (S,) posterior means; cross : (T, S) covariance of theta[t] and offset[c]
    offset_covariance : (S, S); inner : (T, 2) L D L' of A, kept for the explanation

    Returns
    -------
    log-likelihood of the pair's observations, without the terms of the weights alone
    """
    n, k = z.shape
    diag, off, low, d = np.empty(n), np.empty(max(n - 1, 1)), np.empty(max(n - 1, 1)), np.empty(n)
    prior_logdet = prior_precision(persistence, innovation, diag, off)
    x = np.empty((n, k + 1))
    total, linear = np.zeros(k), np.zeros(k)
    quadratic = 0.0
    for t in range(n):
        b = 0.0
        for c in range(k):
            w = weight[t, c]
            x[t, c] = loading[c] * w
            diag[t] += loading[c] * loading[c] * w
            if w > 0.0:
                b += loading[c] * w * z[t, c]
                total[c] += w
                linear[c] += w * z[t, c]
                quadratic += w * z[t, c] * z[t, c]
        x[t, k] = b
    coupling = x.copy()
    _factor(diag, off, low, d)
    _solve(low, d, x)
    inner_logdet = 0.0
    for t in range(n):
        inner_logdet += math.log(d[t])
        inner[t, 0] = d[t]
        inner[t, 1] = low[t] if t < n - 1 else 0.0
    offset_logdet = _offsets(coupling, x, total, linear, offset_variance, offset_covariance, offset)
    _path(x, low, d, offset, offset_covariance, mean, variance, lag, cross)
    explained = 0.0
    for t in range(n):
        explained += coupling[t, k] * mean[t]
    for c in range(k):
        explained += linear[c] * offset[c]
        prior_logdet -= math.log(offset_variance[c])
    return 0.5 * (prior_logdet - inner_logdet - offset_logdet - quadratic + explained)


@njit(cache=True, nogil=True)
def _offsets(
    coupling: Array, x: Array, total: Array, linear: Array, prior: Array, covariance: Array, offset: Array
) -> float:
    n, k = coupling.shape[0], coupling.shape[1] - 1
    for c in range(k):
        for e in range(c + 1):
            s = 0.0
            for t in range(n):
                s += coupling[t, c] * x[t, e]
            covariance[c, e] = -s
            covariance[e, c] = -s
        covariance[c, c] += 1.0 / prior[c] + total[c]
    logdet = _invert(covariance)
    rest = linear.copy()
    for t in range(n):
        for c in range(k):
            rest[c] -= coupling[t, c] * x[t, k]
    for c in range(k):
        offset[c] = 0.0
        for e in range(k):
            offset[c] += covariance[c, e] * rest[e]
    return logdet


@njit(cache=True, nogil=True)
def _path(
    x: Array,
    low: Array,
    d: Array,
    offset: Array,
    covariance: Array,
    mean: Array,
    variance: Array,
    lag: Array,
    cross: Array,
) -> None:
    n, k = x.shape[0], x.shape[1] - 1
    for t in range(n):
        mean[t] = x[t, k]
        for c in range(k):
            mean[t] -= x[t, c] * offset[c]
            s = 0.0
            for e in range(k):
                s -= x[t, e] * covariance[e, c]
            cross[t, c] = s
    variance[n - 1] = 1.0 / d[n - 1]
    for t in range(n - 2, -1, -1):
        lag[t] = -low[t] * variance[t + 1]
        variance[t] = 1.0 / d[t] + low[t] * low[t] * variance[t + 1]
    for t in range(n):
        for c in range(k):
            variance[t] -= cross[t, c] * x[t, c]
            if t + 1 < n:
                lag[t] -= cross[t, c] * x[t + 1, c]


@njit(cache=True, nogil=True)
def inner_row(inner: Array, target: int, row: Array) -> None:
    """Row `target` of inv(A) from its L D L' factors (T, 2)."""
    n = inner.shape[0]
    for t in range(n):
        row[t] = 0.0
    row[target] = 1.0
    for t in range(1, n):
        row[t] -= inner[t - 1, 1] * row[t - 1]
    row[n - 1] /= inner[n - 1, 0]
    for t in range(n - 2, -1, -1):
        row[t] = row[t] / inner[t, 0] - inner[t, 1] * row[t + 1]


@njit(cache=True, nogil=True)
def solve_inner(inner: Array, x: Array) -> None:
    """inv(A) x in place for the columns of x (T, k), from the factors (T, 2)."""
    n = inner.shape[0]
    _solve(inner[: n - 1, 1].copy(), inner[:, 0].copy(), x)


@njit(cache=True, nogil=True)
def _weights(z: Array, bins: NDArray[np.uint8], inverse: Array, weight: Array, known: NDArray[np.bool_]) -> int:
    """Precision of every observation of a pair (0 where unknown); notes which series have any."""
    n, k = z.shape
    count = 0
    for c in range(k):
        known[c] = False
    for t in range(n):
        for c in range(k):
            if np.isfinite(z[t, c]):
                weight[t, c] = inverse[c, bins[t, c]]
                known[c] = True
                count += 1
            else:
                weight[t, c] = 0.0
    return count


@njit(cache=True, parallel=True)
def e_step(
    z: NDArray[np.float32],
    bins: NDArray[np.uint8],
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    grid: Array,
    loading: Array,
    noise: Array,
    offset_variance: Array,
    persistence: float,
    innovation: Array,
) -> tuple[Array, Array, Array, Array]:
    """Expected sufficient statistics over all pairs.

    Parameters
    ----------
    z : (P, T, S) NaN unknown; bins : (P, T, S) place of the sampling variance in `grid` (G,)
    first, last : (P,) the periods, inclusive, in which both states exist
    loading, noise, offset_variance : (S,); persistence : scalar; innovation : (P, T)

    Returns
    -------
    moments : (S, G, 4) count, sum E(z-o)^2, sum E(z-o)theta, sum E theta^2 by sampling variance
    paths : (P, T, 3) E theta^2, E theta theta_next, and E theta, for the steps
    offsets : (S, 2) count of pairs that have the series, sum E o^2
    likelihood : (CHUNKS,) log-likelihood
    """
    pairs, periods, k = z.shape
    g = len(grid)
    inverse = np.empty((k, g))
    for c in range(k):
        for b in range(g):
            inverse[c, b] = 1.0 / (noise[c] + grid[b])
    moments = np.zeros((CHUNKS, k, g, 4))
    offsets = np.zeros((CHUNKS, k, 2))
    likelihood = np.zeros(CHUNKS)
    paths = np.full((pairs, periods, 3), np.nan)
    for chunk in prange(CHUNKS):
        known = np.zeros(k, np.bool_)
        for p in range(chunk * pairs // CHUNKS, (chunk + 1) * pairs // CHUNKS):
            low, n = first[p], last[p] - first[p] + 1
            weight = np.empty((n, k))
            y = z[p, low : low + n].astype(np.float64)
            count = _weights(y, bins[p, low : low + n], inverse, weight, known)
            if count == 0:
                continue
            mean, variance, lag = np.empty(n), np.empty(n), np.empty(max(n - 1, 1))
            offset, cross, covariance, inner = np.empty(k), np.empty((n, k)), np.empty((k, k)), np.empty((n, 2))
            steps = innovation[p, low : low + n].copy()
            total = smooth(
                y,
                weight,
                loading,
                offset_variance,
                persistence,
                steps,
                mean,
                variance,
                lag,
                offset,
                cross,
                covariance,
                inner,
            )
            for t in range(n):
                paths[p, low + t, 0] = mean[t] * mean[t] + variance[t]
                paths[p, low + t, 2] = mean[t]
                if t + 1 < n:
                    paths[p, low + t, 1] = mean[t] * mean[t + 1] + lag[t]
                for c in range(k):
                    if weight[t, c] > 0.0:
                        b = bins[p, low + t, c]
                        rest = y[t, c] - offset[c]
                        moments[chunk, c, b, 0] += 1.0
                        moments[chunk, c, b, 1] += rest * rest + covariance[c, c]
                        moments[chunk, c, b, 2] += rest * mean[t] - cross[t, c]
                        moments[chunk, c, b, 3] += mean[t] * mean[t] + variance[t]
                        total += 0.5 * math.log(weight[t, c] / (2.0 * math.pi))
            for c in range(k):
                if known[c]:
                    offsets[chunk, c, 0] += 1.0
                    offsets[chunk, c, 1] += offset[c] * offset[c] + covariance[c, c]
            likelihood[chunk] += total
    return moments.sum(axis=0), paths, offsets.sum(axis=0), likelihood


@njit(cache=True, parallel=True)
def smooth_all(
    z: NDArray[np.float32],
    bins: NDArray[np.uint8],
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    grid: Array,
    loading: Array,
    noise: Array,
    offset_variance: Array,
    persistence: float,
    innovation: Array,
) -> tuple[Array, Array]:
    """Posterior mean and variance of theta, (P, T) each, NaN where the pair does not exist; see :func:`e_step`."""
    pairs, periods, k = z.shape
    g = len(grid)
    inverse = np.empty((k, g))
    for c in range(k):
        for b in range(g):
            inverse[c, b] = 1.0 / (noise[c] + grid[b])
    means, variances = np.full((pairs, periods), np.nan), np.full((pairs, periods), np.nan)
    for chunk in prange(CHUNKS):
        known = np.zeros(k, np.bool_)
        for p in range(chunk * pairs // CHUNKS, (chunk + 1) * pairs // CHUNKS):
            low, n = first[p], last[p] - first[p] + 1
            weight = np.empty((n, k))
            y = z[p, low : low + n].astype(np.float64)
            _weights(y, bins[p, low : low + n], inverse, weight, known)
            mean, variance, lag = np.empty(n), np.empty(n), np.empty(max(n - 1, 1))
            offset, cross, covariance, inner = np.empty(k), np.empty((n, k)), np.empty((k, k)), np.empty((n, 2))
            steps = innovation[p, low : low + n].copy()
            smooth(
                y,
                weight,
                loading,
                offset_variance,
                persistence,
                steps,
                mean,
                variance,
                lag,
                offset,
                cross,
                covariance,
                inner,
            )
            means[p, low : low + n] = mean
            variances[p, low : low + n] = variance
    return means, variances
