"""How likely what a pair shows in one channel is, at every level of what it shows beyond both states' activity.

The logarithm of what happens is Gaussian around its mean, with the pair's own taste through time; counts are Poisson, amounts
are censored from below and bounded from above. The taste is integrated out by Laplace's approximation (Rasmussen and Williams
2006, Gaussian Processes for Machine Learning, 3.4). A year in which nobody looked says nothing: unknown is not zero.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.special import digamma, polygamma

from innominate.threads import in_parts
from innominate.worlds.concealing import EVENNESS
from innominate.worlds.laws import ChannelLaw

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

STEPS = 40  # Newton steps
LONGEST, LONGEST_CENSORED = 2.0, 20.0  # of a Newton step, in logarithms; amounts bend little
SETTLED = 1e-5  # logarithms
FAR = 30.0
HALF_LOG_TAU = 0.5 * math.log(2 * math.pi)
UNBOUNDED = 700.0  # logarithm no amount reaches


def taste_covariance(law: ChannelLaw, periods: int) -> Array:
    """(T, T) covariance over time of what is peculiar to a pair, in units of x."""
    apart = np.abs(np.subtract.outer(np.arange(periods), np.arange(periods)))
    found: Array = law.taste**2 * (law.lasting + (1 - law.lasting) * law.persistence**apart)
    return found


def still_showing(law: ChannelLaw, hidden: float) -> tuple[float, float]:
    """Mean and variance of the logarithm of the share that shows where a share `hidden` is concealed."""
    if law.public or hidden == 0:
        return 0.0, 0.0
    if law.kind == "count":
        return float(np.log(max(1 - hidden, 1e-12))), 0.0
    rest, whole = EVENNESS * (1 - hidden), EVENNESS
    return float(digamma(rest) - digamma(whole)), float(polygamma(1, rest) - polygamma(1, whole))


def evidence(
    law: ChannelLaw, seen: Array, known: Mask, mean: Array, shifts: Array, hidden: float, restless: float = 0.0
) -> Array:
    """(K, G) log-likelihood of what K pairs show.

    Parameters
    ----------
    law : of the channel
    seen, known : (K, T) what is seen, and whether anybody looked; mean : (K, T) expected logarithm
    shifts : (G,) added to it
    hidden : share concealed
    restless : variance of the logarithm that is new every year, beside the law's noise
    """
    periods = seen.shape[1]
    shift, blur = still_showing(law, hidden)
    covariance = law.spread**2 * taste_covariance(law, periods)
    counted = law.kind == "count"
    covariance = covariance + ((law.noise**2 if counted else 0.0) + restless) * np.eye(periods)
    found = np.empty((len(seen), len(shifts)))
    least = math.log(law.least) if law.least > 0 else -UNBOUNDED
    in_parts(
        _evidence, max(1, len(seen)), np.ascontiguousarray(seen), np.ascontiguousarray(known), np.ascontiguousarray(mean),
        np.ascontiguousarray(shifts), covariance, counted, (law.noise, least, min(law.highest, UNBOUNDED), shift, blur), found,
        operations=found.size * periods**3,
    )  # fmt: skip
    return found


@njit(cache=True, nogil=True)
def _log_ndtr(x: float) -> float:
    """Logarithm of the normal distribution function."""
    if x > -8.0:
        return math.log(0.5 * math.erfc(-x / math.sqrt(2.0)))
    z = 1.0 / (x * x)
    return -0.5 * x * x - math.log(-x) - HALF_LOG_TAU + math.log1p(-z + 3 * z * z - 15 * z**3 + 105 * z**4)


@njit(cache=True, nogil=True)
def _mills(x: float, below: float) -> float:
    """Density over distribution function, whose logarithm is `below`."""
    return math.exp(min(max(-0.5 * x * x - HALF_LOG_TAU - below, -UNBOUNDED), UNBOUNDED))


@njit(cache=True, nogil=True)
def _poisson(y: float, f: float, highest: float, shift: float) -> tuple[float, float, float]:
    """Log-likelihood, its gradient and minus its curvature of a count at logarithm f, of which a part still shows."""
    level = min(max(f, -FAR), min(highest, FAR)) + shift
    rate = math.exp(level)
    told = y * level - rate - math.lgamma(y + 1)
    if f < min(highest, FAR):
        return told, y - rate, max(rate, 1e-10)
    return told, 0.0, 1e-10


@njit(cache=True, nogil=True)
def _censored(
    y: float, f: float, noise: float, least: float, highest: float, shift: float, blur: float
) -> tuple[float, float, float]:
    """The same of an amount that is lognormal around f, not recorded below the law's least, and never above its most."""
    if y > 0 and y >= math.exp(highest) * (1 - 1e-9):
        over = (f - min(FAR, highest)) / noise
        told = _log_ndtr(over)
        more = _mills(over, told)
        return told, more / noise, max(more * (more + over) / noise**2, 1e-10)
    if y > 0:
        variance = noise * noise + blur
        off = math.log(y) - shift - f
        return -HALF_LOG_TAU - 0.5 * math.log(variance) - 0.5 * off * off / variance, off / variance, 1.0 / variance
    u = (least - f) / noise
    told = _log_ndtr(u)
    ratio = _mills(u, told)
    return told, -ratio / noise, max(ratio * (ratio + u) / noise**2, 1e-10)


@njit(cache=True, nogil=True)
def _observe(
    seen: Array, known: Mask, mean: Array, g: Array, counted: bool, figures: tuple[float, float, float, float, float],
    slope: Array, bend: Array,
) -> float:  # fmt: skip
    """Log-likelihood of one pair's years around the field g; gradient and minus curvature go into `slope` and `bend`."""
    noise, least, highest, shift, blur = figures
    told = 0.0
    for t in range(len(g)):
        slope[t] = bend[t] = 0.0
        if not known[t]:
            continue
        if counted:
            one, slope[t], bend[t] = _poisson(seen[t], mean[t] + g[t], highest, shift)
        else:
            one, slope[t], bend[t] = _censored(seen[t], mean[t] + g[t], noise, least, highest, shift, blur)
        told += one
    return told


@njit(cache=True, nogil=True)
def _factor(covariance: Array, root: Array, lower: Array) -> float:
    """Cholesky factor of I + root covariance root into `lower`; half the logarithm of the determinant."""
    half = 0.0
    for i in range(len(root)):
        for j in range(i + 1):
            x = root[i] * covariance[i, j] * root[j] + (1.0 if i == j else 0.0)
            for m in range(j):
                x -= lower[i, m] * lower[j, m]
            lower[i, j] = math.sqrt(x) if i == j else x / lower[j, j]
        half += math.log(lower[i, i])
    return half


@njit(cache=True, nogil=True)
def _solve(lower: Array, v: Array) -> None:
    """Put the solution of ``lower lower' x = v`` into v."""
    n = len(v)
    for i in range(n):
        for m in range(i):
            v[i] -= lower[i, m] * v[m]
        v[i] /= lower[i, i]
    for i in range(n - 1, -1, -1):
        for m in range(i + 1, n):
            v[i] -= lower[m, i] * v[m]
        v[i] /= lower[i, i]


@njit(cache=True, nogil=True)
def _begin(seen: Array, mean: Array, highest: float, g: Array) -> None:
    """Start where each count puts its own rate: from rates far too low, steps would overshoot into those beyond the most."""
    for t in range(len(g)):
        own = min(math.log(seen[t] + 0.5), highest - 0.1)
        g[t] = own - mean[t] if seen[t] > 0 or mean[t] > own else 0.0


@njit(cache=True, nogil=True)
def _evidence(
    first: int, stop: int, step: int, seen: Array, known: Mask, mean: Array, shifts: Array, covariance: Array, counted: bool,
    figures: tuple[float, float, float, float, float], found: Array,
) -> None:  # fmt: skip
    n = covariance.shape[0]
    longest = LONGEST if counted else LONGEST_CENSORED
    slope, bend, v, b, lower = np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n), np.zeros((n, n))
    for k in range(first, min(stop, len(seen)), step):
        g = np.zeros(n)  # what the field is above its mean
        for q in range(len(shifts)):
            at = mean[k] + shifts[q]
            if counted:
                _begin(seen[k], at, figures[2], g)
            for _ in range(STEPS):
                _observe(seen[k], known[k], at, g, counted, figures, slope, bend)
                root = np.sqrt(bend)
                _factor(covariance, root, lower)
                for t in range(n):
                    b[t] = bend[t] * g[t] + slope[t]
                for i in range(n):
                    v[i] = 0.0
                    for j in range(n):
                        v[i] += covariance[i, j] * b[j]
                    v[i] *= root[i]
                _solve(lower, v)
                for t in range(n):
                    b[t] -= root[t] * v[t]
                largest = 0.0
                for i in range(n):
                    x = -g[i]
                    for j in range(n):
                        x += covariance[i, j] * b[j]
                    x = min(max(x, -longest), longest)
                    g[i] += x
                    largest = max(largest, abs(x))
                if largest < SETTLED:
                    break
            told = _observe(seen[k], known[k], at, g, counted, figures, slope, bend)
            half = _factor(covariance, np.sqrt(bend), lower)
            quadratic = 0.0  # at the mode, inverse(covariance) (f - mean) is the slope
            for t in range(n):
                quadratic += g[t] * slope[t]
            found[k, q] = told - 0.5 * quadratic - half
