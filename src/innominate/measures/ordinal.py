"""The ordered probit of one vote: derivatives of its log-probability, exact and averaged over uncertainty.

A voter at x, asked a question of slope b with cut-points l <= u, has the propensity eta = b x + e, e standard normal,
and votes low (no) where eta < l, high (yes) where eta > u, in between (abstains) otherwise (Bailey, Strezhnev and
Voeten 2017, Journal of Conflict Resolution 61: 430-456; Johnson and Albert 1999, Ordinal Data Modeling, chapter 5).
All derivatives follow from the hazard of the normal distribution, h(x) = phi(x) / (1 - Phi(x)), whose own derivative
is h (h - x): hence a short table with cubic Hermite interpolation is exact to 1e-9 and needs neither exp nor erfc.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.special import erfcx

Array = NDArray[np.float64]

_EDGE, _PER_UNIT = 9.0, 32
_GRID = np.arange(-int(_EDGE) * _PER_UNIT, int(_EDGE) * _PER_UNIT + 2) / _PER_UNIT
_HAZARD = np.sqrt(2.0 / np.pi) / erfcx(_GRID / np.sqrt(2.0))
_NODE = math.sqrt(3.0)  # Gauss-Hermite with three nodes: weights 1/6, 2/3, 1/6 at -sqrt 3, 0, sqrt 3

LOW, MIDDLE, HIGH, ABSENT = 0, 1, 2, -1


@njit(cache=True)
def hazard(x: float) -> float:
    """phi(x) / (1 - Phi(x)), to about 1e-9; 0 below -9, where it is under 1e-17."""
    if x >= _EDGE:
        return x + 1.0 / (x + 2.0 / (x + 3.0 / (x + 4.0 / (x + 5.0 / x))))
    if x <= -_EDGE:
        return 0.0
    place = (x + _EDGE) * _PER_UNIT
    k = int(place)
    s = place - k
    left, right = _HAZARD[k], _HAZARD[k + 1]
    at = k / _PER_UNIT - _EDGE
    rise_left = left * (left - at) / _PER_UNIT
    rise_right = right * (right - at - 1.0 / _PER_UNIT) / _PER_UNIT
    curve = 2.0 * (left - right) + rise_left + rise_right
    return left + s * (rise_left + s * (right - left - rise_left - curve + s * curve))


@njit(cache=True)
def derivatives(category: int, eta: float, lower: float, upper: float) -> tuple[float, float, float, float, float]:
    """First and minus second derivatives of log P(category) by the cut-points.

    Returns
    -------
    by lower, by upper; minus the second by lower twice, by upper twice, by both. By eta: minus the sums.
    """
    if category == HIGH:
        b = upper - eta
        h = hazard(b)
        return 0.0, -h, 0.0, h * (h - b), 0.0
    if category == LOW:
        b = eta - lower
        h = hazard(b)
        return h, 0.0, h * (h - b), 0.0, 0.0
    a, b = lower - eta, upper - eta
    mirrored = a + b < 0.0
    if mirrored:
        a, b = -b, -a
    near, far = hazard(a), hazard(b)
    ratio = math.exp(0.5 * (a - b) * (a + b))
    fa = near / (1.0 - ratio * near / far) if near > 0.0 else 0.0
    fb = ratio * fa
    if mirrored:
        a, b, fa, fb = -b, -a, fb, fa
    return -fa, fb, fa * (fa - a), fb * (fb + b), -fa * fb


@njit(cache=True)
def averaged(
    category: int, eta: float, variance: float, lower: float, upper: float
) -> tuple[float, float, float, float, float]:
    """:func:`derivatives`, averaged over a normal eta with the given variance."""
    step = _NODE * math.sqrt(max(variance, 0.0))
    gl, gu, ll, uu, lu = 0.0, 0.0, 0.0, 0.0, 0.0
    for node in range(-1, 2):
        share = 2.0 / 3.0 if node == 0 else 1.0 / 6.0
        a, b, c, d, e = derivatives(category, eta + node * step, lower, upper)
        gl += share * a
        gu += share * b
        ll += share * c
        uu += share * d
        lu += share * e
    return gl, gu, ll, uu, lu


@njit(cache=True)
def propensity(
    category: int,
    spread: Array,
    slope: float,
    mean: float,
    variance: float,
) -> tuple[float, float]:
    """Uncertainty of a voter's propensity relative to the cut-point that matters for a category (both, for the middle).

    Parameters
    ----------
    spread : (6,) posterior covariance of a question: slope-slope, slope-lower, lower-lower, slope-upper, lower-upper,
        upper-upper
    mean, variance : of the voter's point

    Returns
    -------
    covariance of slope and cut-point; variance of the propensity less the cut-point
    """
    if category == HIGH:
        with_cut, of_cut = spread[3], spread[5]
    elif category == LOW:
        with_cut, of_cut = spread[1], spread[2]
    else:
        with_cut = 0.5 * (spread[1] + spread[3])
        of_cut = 0.25 * (spread[2] + spread[5] + 2.0 * spread[4])
    by_question = mean * mean * spread[0] - 2.0 * mean * with_cut + of_cut
    return with_cut, (slope * slope + spread[0]) * variance + by_question
