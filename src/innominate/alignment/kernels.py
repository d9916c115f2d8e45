"""Numba kernels: exact Gaussian smoothing of one pair in one channel, the E-step over all pairs, the sum over channels.

For one pair and channel, with path a first-order Markov process and a constant level,

    z[t] = scale path[t] + level + noise,   noise ~ N(0, 1 / weight[t]).

The posterior precision of the path given the level is tridiagonal (A), factorised once as L D L'; the level follows from
its Schur complement. Every moment that EM and the explanation need follows exactly, in time linear in the periods.

Pairs differ: in most channels most are still and a few are restless. Scale, level, persistence and noise belong to one of a
few latent classes of pairs; which class a pair is of in a channel is inferred from what it shows there.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from innominate.mixture import shares_of
from innominate.threads import in_parts

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
        the level, then 1 / D and L of A, then inv(A) b for the level's coupling b

    Returns
    -------
    level's posterior mean and variance, and the log-likelihood without the terms of the weights alone
    """
    n = len(z)
    mean, variance, lag, cross = work[0], work[1], work[2], work[3]
    inverse, low, response = work[4], work[5], work[6]
    logdet, product, quadratic, total, linear = 0.0, 1.0, 0.0, 0.0, 0.0
    ahead = 1.0 / innovation[0]
    for t in range(n):
        w, now = weight[t], ahead
        diag = now + scale * scale * w
        if t + 1 < n:
            ahead = 1.0 / innovation[t + 1]
            diag += persistence * persistence * ahead
        b, r = scale * w * z[t], scale * w
        if t > 0:
            off = -persistence * now  # couples t - 1 and t
            low[t - 1] = off * inverse[t - 1]
            diag -= low[t - 1] * off
            b -= low[t - 1] * mean[t - 1]
            r -= low[t - 1] * response[t - 1]
        mean[t], response[t], inverse[t] = b, r, 1.0 / diag
        product *= innovation[t] * diag
        if not 1e-100 < product < 1e100:  # one logarithm for many periods
            logdet -= math.log(product)
            product = 1.0
        total += w
        linear += w * z[t]
        quadratic += w * z[t] * z[t]
    mean[n - 1] *= inverse[n - 1]
    response[n - 1] *= inverse[n - 1]
    variance[n - 1] = inverse[n - 1]
    for t in range(n - 2, -1, -1):
        mean[t] = mean[t] * inverse[t] - low[t] * mean[t + 1]
        response[t] = response[t] * inverse[t] - low[t] * response[t + 1]
        lag[t] = -low[t] * variance[t + 1]
        variance[t] = inverse[t] + low[t] * low[t] * variance[t + 1]
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
    logdet -= math.log(product) + math.log(level) + math.log(precision)
    return lasting, spread, 0.5 * (logdet - quadratic + explained + lasting * rest)


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


@njit(cache=True, nogil=True)
def weigh(z: NDArray[np.float32], cell: NDArray[np.uint16], inverse: Array, y: Array, weight: Array) -> float:
    """Observations of a pair as float64 and their precisions, 0 where unknown.

    Returns what the precisions alone add to the log-likelihood; NaN where nothing is known.
    """
    count, total, product = 0, 0.0, 1.0
    for t in range(len(z)):
        if np.isfinite(z[t]):
            y[t] = z[t]
            weight[t] = inverse[cell[t]]
            product *= weight[t]
            if not 1e-100 < product < 1e100:
                total += math.log(product)
                product = 1.0
            count += 1
        else:
            y[t] = 0.0
            weight[t] = 0.0
    return 0.5 * (total + math.log(product) - count * math.log(2.0 * math.pi)) if count > 0 else np.nan


@njit(cache=True, nogil=True)
def steps_of(persistence: float, pace: Array, n: int, steps: Array) -> None:
    """Innovation variances of a unit path: 1 at the first period, then the stationary step times the pace, if any.

    No step is wider than the path itself is: at most a turn makes a path forget where it was.
    """
    steps[0] = 1.0
    for t in range(1, n):
        steps[t] = min((1.0 - persistence * persistence) * (pace[t] if len(pace) > 0 else 1.0), 1.0)


@njit(cache=True, nogil=True)
def smooth_classes(
    z: NDArray[np.float32],
    cell: NDArray[np.uint16],
    inverse: Array,
    share: Array,
    scale: Array,
    level: Array,
    persistence: Array,
    pace: Array,
    work: Array,
    lasting: Array,
    odds: Array,
) -> float:
    """One pair in one channel under every class, and how probable each class is.

    Parameters
    ----------
    z, cell : (n,) observations, NaN unknown, and their variance classes
    inverse : (G, cells) precision of an observation by class of pairs and variance class
    share, scale, level, persistence : (G,)
    pace : (n,) factor on the stationary step into each period, or empty
    work : (G, BUFFERS + 3, >= n): see :func:`smooth`, then observations, precisions, innovation variances
    lasting : (G, 2) filled with the level's posterior mean and variance
    odds : (G,) filled with the posterior probability of each class

    Returns
    -------
    log-likelihood, 0 where nothing is known (then classes keep their shares)
    """
    n = len(z)
    for g in range(len(share)):
        y, weight, steps = work[g, BUFFERS], work[g, BUFFERS + 1], work[g, BUFFERS + 2]
        steps_of(persistence[g], pace, n, steps)
        alone = weigh(z, cell, inverse[g], y[:n], weight[:n])
        lasting[g, 0], lasting[g, 1], total = smooth(
            y[:n], weight[:n], scale[g], level[g], persistence[g], steps[:n], work[g]
        )
        odds[g] = math.log(share[g]) + (total + alone if alone == alone else 0.0)
    return shares_of(odds)


def e_step(
    z: NDArray[np.float32],
    cell: NDArray[np.uint16],
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    inverse: Array,
    share: Array,
    scale: Array,
    level: Array,
    persistence: Array,
) -> tuple[Array, Array, Array, float]:
    """Expected sufficient statistics of one channel over all pairs that have it, by class of pairs.

    Parameters
    ----------
    z : (P, T) NaN unknown; cell : (P, T) which variance class an observation is of
    first, last : (P,) the periods, inclusive, in which both states exist
    inverse, share, scale, level, persistence : see :func:`smooth_classes`

    Returns
    -------
    moments : (G, cells, 4) count, sum E(z-o)^2, sum E(z-o)path, sum E path^2 by variance class, o the level
    steps : (G, 4) sums over steps of E before^2, E after^2, E before after, and their number
    levels : (G, 2) pairs, sum E o^2
    likelihood : log-likelihood
    """
    classes, cells = inverse.shape
    moments, steps = np.zeros((CHUNKS, classes, cells, 4)), np.zeros((CHUNKS, classes, 4))
    levels, likelihood = np.zeros((CHUNKS, classes, 2)), np.zeros(CHUNKS)
    told = z, cell, first, last, inverse, share, scale, level, persistence
    in_parts(_e_step, CHUNKS, *told, moments, steps, levels, likelihood)
    return moments.sum(axis=0), steps.sum(axis=0), levels.sum(axis=0), float(likelihood.sum())


@njit(cache=True, nogil=True)
def _e_step(  # type: ignore[no-untyped-def]
    begin, stop, stride, z, cell, first, last, inverse, share, scale, level, persistence, moments, steps, levels,
    likelihood,
):  # fmt: skip
    """Add the statistics of some chunks of pairs to their rows of the last four arguments."""
    pairs, periods = z.shape
    classes = len(share)
    steady = np.empty(0)
    work = np.empty((classes, BUFFERS + 3, periods))
    lasting, odds = np.empty((classes, 2)), np.empty(classes)
    for chunk in range(begin, stop, stride):
        for p in range(chunk * pairs // CHUNKS, (chunk + 1) * pairs // CHUNKS):
            low, n = first[p], last[p] - first[p] + 1
            seen = False
            for t in range(low, low + n):
                seen = seen or np.isfinite(z[p, t])
            if not seen:
                continue
            likelihood[chunk] += smooth_classes(
                z[p, low : low + n], cell[p, low : low + n], inverse, share, scale, level, persistence, steady,
                work, lasting, odds,
            )  # fmt: skip
            for g in range(classes):
                r = odds[g]
                if r < 1e-12:
                    continue
                mean, variance, lag, cross = work[g, 0], work[g, 1], work[g, 2], work[g, 3]
                y, weight = work[g, BUFFERS], work[g, BUFFERS + 1]
                for t in range(n):
                    square = mean[t] * mean[t] + variance[t]
                    if t + 1 < n:
                        steps[chunk, g, 0] += r * square
                        steps[chunk, g, 2] += r * (mean[t] * mean[t + 1] + lag[t])
                        steps[chunk, g, 3] += r
                    if t > 0:
                        steps[chunk, g, 1] += r * square
                    if weight[t] > 0.0:
                        b = cell[p, low + t]
                        rest = y[t] - lasting[g, 0]
                        moments[chunk, g, b, 0] += r
                        moments[chunk, g, b, 1] += r * (rest * rest + lasting[g, 1])
                        moments[chunk, g, b, 2] += r * (rest * mean[t] - cross[t])
                        moments[chunk, g, b, 3] += r * square
                levels[chunk, g, 0] += r
                levels[chunk, g, 1] += r * (lasting[g, 0] * lasting[g, 0] + lasting[g, 1])


def add_channel(
    z: NDArray[np.float32],
    cell: NDArray[np.uint16],
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    inverse: Array,
    share: Array,
    scale: Array,
    level: Array,
    persistence: Array,
    pace: NDArray[np.float32],
    portion: float,
    means: Array,
    variances: Array,
    chances: Array,
) -> None:
    """Add one channel's posterior to a weighted sum over channels, in place.

    ``means`` and ``variances`` (P, T) gain portion × the excess scale path + level, averaged over classes, and portion² ×
    its variance; ``chances`` (P, G) is filled with the probabilities of the classes; ``pace`` is (P, T) or (P, 0); the other
    arguments are those of :func:`e_step`.
    """
    told = z, cell, first, last, inverse, share, scale, level, persistence
    in_parts(_add_channel, len(z), *told, pace, portion, means, variances, chances)


@njit(cache=True, nogil=True)
def _add_channel(  # type: ignore[no-untyped-def]
    begin, stop, stride, z, cell, first, last, inverse, share, scale, level, persistence, pace, portion, means,
    variances, chances,
):  # fmt: skip
    """:func:`add_channel` for some pairs."""
    classes, periods = len(share), z.shape[1]
    work, moving = np.empty((classes, BUFFERS + 3, periods)), np.empty(min(periods, pace.shape[1]))
    lasting, odds = np.empty((classes, 2)), np.empty(classes)
    for p in range(begin, stop, stride):
        low, n = first[p], last[p] - first[p] + 1
        for t in range(min(n, len(moving))):
            moving[t] = pace[p, low + t]
        smooth_classes(
            z[p, low : low + n], cell[p, low : low + n], inverse, share, scale, level, persistence, moving[:n],
            work, lasting, odds,
        )  # fmt: skip
        for g in range(classes):
            chances[p, g] = odds[g]
        for t in range(n):
            excess, square = 0.0, 0.0
            for g in range(classes):
                own = scale[g] * work[g, 0, t] + lasting[g, 0]
                spread = scale[g] ** 2 * work[g, 1, t] + 2.0 * scale[g] * work[g, 3, t] + lasting[g, 1]
                excess += odds[g] * own
                square += odds[g] * (own * own + spread)
            means[p, low + t] += portion * excess
            variances[p, low + t] += portion**2 * (square - excess * excess)


def class_moments(
    z: NDArray[np.float32],
    cell: NDArray[np.uint16],
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    inverse: Array,
    share: Array,
    scale: Array,
    level: Array,
    persistence: Array,
    period: NDArray[np.int64],
) -> tuple[Array, Array, Array]:
    """Posterior of one channel's excess at one period a pair, class by class: it is a mixture of Gaussians.

    ``period`` : (P,) places of the periods; the other arguments are those of :func:`e_step`.

    Returns
    -------
    means, variances, chances : (P, G) each
    """
    shape = len(z), len(share)
    means, variances, chances = np.empty(shape), np.empty(shape), np.empty(shape)
    told = z, cell, first, last, inverse, share, scale, level, persistence
    in_parts(_class_moments, len(z), *told, period, means, variances, chances)
    return means, variances, chances


@njit(cache=True, nogil=True)
def _class_moments(  # type: ignore[no-untyped-def]
    begin, stop, stride, z, cell, first, last, inverse, share, scale, level, persistence, period, means, variances,
    chances,
):  # fmt: skip
    """:func:`class_moments` for some pairs."""
    classes, periods = len(share), z.shape[1]
    steady = np.empty(0)
    work = np.empty((classes, BUFFERS + 3, periods))
    lasting, odds = np.empty((classes, 2)), np.empty(classes)
    for p in range(begin, stop, stride):
        low, n = first[p], last[p] - first[p] + 1
        smooth_classes(
            z[p, low : low + n], cell[p, low : low + n], inverse, share, scale, level, persistence, steady,
            work, lasting, odds,
        )  # fmt: skip
        for g in range(classes):
            chances[p, g] = odds[g]
        t = period[p] - low
        for g in range(classes):
            means[p, g] = scale[g] * work[g, 0, t] + lasting[g, 0]
            variances[p, g] = scale[g] ** 2 * work[g, 1, t] + 2.0 * scale[g] * work[g, 3, t] + lasting[g, 1]
