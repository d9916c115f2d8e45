"""The maximisation step of EM: variances and persistence that expected moments want."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from innominate.alignment.parameters import BRIEFEST, STEADIEST

Array = NDArray[np.float64]

CLOSE = 1e-7  # in logarithms, at which a variance is found
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


def maximise_persistence(steps: Array, current: float) -> float:
    """Persistence of a path with stationary variance one: the best root of the likelihood's cubic, or an end of its range.

    Parameters
    ----------
    steps : (4,) sums over steps of E before^2, E after^2, E before after, and their number
    """
    before, after, product, count = (float(value) for value in steps)
    if not (count >= 1.0 and math.isfinite(before + after + product)):
        return current

    def loss(phi: float) -> float:
        q = 1 - phi**2
        return 0.5 * (math.log(q) + (after - 2 * phi * product + phi**2 * before) / (q * count))

    roots = np.roots([count, -product, before + after - count, -product])
    inside = [float(root.real) for root in roots if abs(root.imag) < 1e-9 and BRIEFEST < root.real < STEADIEST]
    return min((current, BRIEFEST, STEADIEST, *inside), key=loss)
