"""The maximisation step of EM: variances and persistence that expected moments want."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from innominate.alignment.parameters import BRIEFEST, STEADIEST

Array = NDArray[np.float64]

CLOSE = 1e-7  # in logarithms, at which a variance is found
TIGHT = 1e-14  # at which a persistence is
MOST_STEPS = 60


@njit(cache=True, nogil=True)
def maximise_variance(
    now: float, least: float, most: float, unit: Array, rest: Array, count: Array, residual: Array
) -> float:
    """The factor x in least…most of the variances x unit + rest that expected residuals want; `now` where none is better.

    A root of the derivative by the logarithm of x, by Newton's steps from `now`, halving where they leave the bracket.

    Parameters
    ----------
    unit, rest, count, residual : (B,) by variance class; residuals are sums of squares over `count` observations
    """
    low, high = math.log(least), math.log(most)
    start = min(max(math.log(now), low), high)
    x = start
    for _ in range(MOST_STEPS):
        slope, bend, factor = 0.0, 0.0, math.exp(x)
        for b in range(len(unit)):
            total = factor * unit[b] + rest[b]
            part, misfit = factor * unit[b] / total, residual[b] / total
            slope += part * (count[b] - misfit)
            bend += part * (1.0 - part) * (count[b] - misfit) + part * part * misfit
        if slope > 0.0:
            high = x
        else:
            low = x
        step = -slope / bend if bend > 0.0 else math.inf
        if not low < x + step < high:
            step = 0.5 * (low + high) - x
        x += step
        if abs(step) < CLOSE:
            break
    before, after = 0.0, 0.0
    for b in range(len(unit)):
        one, two = math.exp(start) * unit[b] + rest[b], math.exp(x) * unit[b] + rest[b]
        before += count[b] * math.log(one) + residual[b] / one
        after += count[b] * math.log(two) + residual[b] / two
    return math.exp(x) if after <= before else now


@njit(cache=True, nogil=True)
def maximise_observation(
    moments: Array, grid: Array, scale: float, noise: Array, dispersion: Array, variances: Array, factors: Array
) -> float:
    """Scale, noises and dispersions of one class: conditional maxima one after the other (Meng and Rubin 1993, Biometrika 80).

    Parameters
    ----------
    moments : (series × B, 4) see :func:`innominate.alignment.kernels.e_step`; grid : (B,) sampling variances
    scale : as it is; noise, dispersion : (series,) as they are, overwritten
    variances, factors : (2,) least and most of noises and squared scale, and of dispersions

    Returns
    -------
    the scale
    """
    size = len(grid)
    ones = np.ones(size)
    square, cross = 0.0, 0.0
    for k in range(len(noise)):
        for b in range(size):
            weight = 1.0 / (noise[k] + dispersion[k] * grid[b])
            square += weight * moments[k * size + b, 3]
            cross += weight * moments[k * size + b, 2]
    if square > 0.0:
        scale = min(max(cross / square, math.sqrt(variances[0])), math.sqrt(variances[1]))
    count, residual, rest = np.zeros(size), np.zeros(size), np.zeros(size)
    for k in range(len(noise)):
        seen, spread = 0.0, 0.0
        for b in range(size):
            held = moments[k * size + b]
            count[b] = held[0]
            residual[b] = held[1] - 2.0 * scale * held[2] + scale**2 * held[3] if held[0] > 0.0 else 0.0
            rest[b] = dispersion[k] * grid[b]
            seen += held[0]
            spread += held[0] * grid[b]
        if seen > 0.0:
            noise[k] = maximise_variance(noise[k], variances[0], variances[1], ones, rest, count, residual)
        if spread > 0.0:
            rest[:] = noise[k]
            dispersion[k] = maximise_variance(dispersion[k], factors[0], factors[1], grid, rest, count, residual)
    return scale


@njit(cache=True, nogil=True)
def maximise_persistence(steps: Array, current: float) -> float:
    """Persistence of a path with stationary variance one: the best root of the likelihood's cubic, or an end of its range.

    Parameters
    ----------
    steps : (4,) sums over steps of E before^2, E after^2, E before after, and their number
    """
    before, after, product, count = steps[0], steps[1], steps[2], steps[3]
    if not (count >= 1.0 and math.isfinite(before + after + product)):
        return current
    best, least = current, _loss(current, before, after, product, count)
    ends = _turning(count, -product, before + after - count)
    low = BRIEFEST
    for end in (ends[0], ends[1], STEADIEST):
        high = min(max(end, low), STEADIEST)
        root = _root(low, high, count, -product, before + after - count, -product)
        for phi in (low, root, high):
            loss = _loss(phi, before, after, product, count)
            if loss < least:
                best, least = phi, loss
        low = high
    return best


@njit(cache=True, nogil=True)
def _loss(phi: float, before: float, after: float, product: float, count: float) -> float:
    """Minus the expected log-likelihood of a step, without what no persistence changes."""
    q = 1.0 - phi**2
    return 0.5 * (math.log(q) + (after - 2.0 * phi * product + phi**2 * before) / (q * count))


@njit(cache=True, nogil=True)
def _turning(a: float, b: float, c: float) -> tuple[float, float]:
    """Where a x³ + b x² + c x + … turns, a > 0, in ascending order; twice one place where it does not."""
    rest = b * b - 3.0 * a * c
    far = math.sqrt(rest) if rest > 0.0 else 0.0
    return (-b - far) / (3.0 * a), (-b + far) / (3.0 * a)


@njit(cache=True, nogil=True)
def _root(low: float, high: float, a: float, b: float, c: float, d: float) -> float:
    """The root of a x³ + b x² + c x + d between two places from one of which to the other it rises or falls; else an end."""
    x = low
    at_low, at_high = ((a * low + b) * low + c) * low + d, ((a * high + b) * high + c) * high + d
    if at_low * at_high >= 0.0:
        return low if abs(at_low) < abs(at_high) else high
    x = 0.5 * (low + high)
    for _ in range(MOST_STEPS):
        value, slope = ((a * x + b) * x + c) * x + d, (3.0 * a * x + 2.0 * b) * x + c
        if value * at_low > 0.0:
            low = x
        else:
            high = x
        step = -value / slope if slope != 0.0 else math.inf
        if not low < x + step < high:
            step = 0.5 * (low + high) - x
        x += step
        if abs(step) < TIGHT:
            break
    return x
