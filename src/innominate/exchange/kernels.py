"""Compiled kernels of the null model of interlock: partners swapped at random inside a measure, totals kept."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@njit(cache=True)
def swap_givers(
    givers: Ints, receivers: Ints, window: Ints, present: NDArray[np.bool_], attempts: int, state: NDArray[np.uint64]
) -> int:
    """Exchange the givers of random pairs of ties of similar size (Maslov and Sneppen 2002), in place.

    Parameters
    ----------
    givers, receivers : (E,) of ties sorted by amount
    window : (E, 2) first and last tie whose amount is similar
    present : (N, N) which ties there are, kept up to date
    attempts : how many pairs are tried
    state : (1,) of the generator (splitmix64), moved on

    Returns
    -------
    How many exchanges were made. None makes a state its own partner or a tie twice.
    """
    ties, made = len(givers), 0
    for _ in range(attempts):
        one = int(_draw(state) * ties)
        low, high = window[one, 0], window[one, 1]
        two = low + int(_draw(state) * (high - low + 1))
        # a pair must be as likely in either order: accept with the odds of the way there against the way back
        back = window[two, 1] - window[two, 0] + 1
        if back > high - low + 1 and _draw(state) * back > high - low + 1:
            continue
        a, b, c, d = givers[one], receivers[one], givers[two], receivers[two]
        if a in (c, d) or b in (d, c) or present[a, d] or present[c, b]:
            continue
        present[a, b] = present[c, d] = False
        present[c, b] = present[a, d] = True
        givers[one], givers[two] = c, a
        made += 1
    return made


@njit(cache=True)
def _draw(state: NDArray[np.uint64]) -> float:
    """A number in [0, 1) (Steele, Lea and Flood 2014)."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    z = state[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return float(z >> np.uint64(11)) / 9007199254740992.0


@njit(cache=True)
def fit_margins(givers: Ints, receivers: Ints, amounts: Floats, given: Floats, taken: Floats, sweeps: int) -> float:
    """Scale amounts so that givers give and receivers receive what they should (Deming and Stephan 1940), in place.

    Parameters
    ----------
    givers, receivers, amounts : (E,)
    given, taken : (N,) totals wanted
    sweeps : over both margins; receivers' totals are exact at the end

    Returns
    -------
    What is left to give or given too much, as a part of everything given.
    """
    n = len(given)
    totals = np.empty(n)
    for _ in range(sweeps):
        totals[:] = 0.0
        for e in range(len(amounts)):
            totals[givers[e]] += amounts[e]
        for e in range(len(amounts)):
            amounts[e] *= given[givers[e]] / totals[givers[e]]
        totals[:] = 0.0
        for e in range(len(amounts)):
            totals[receivers[e]] += amounts[e]
        for e in range(len(amounts)):
            amounts[e] *= taken[receivers[e]] / totals[receivers[e]]
    totals[:] = 0.0
    for e in range(len(amounts)):
        totals[givers[e]] += amounts[e]
    return float(np.abs(totals - given).sum() / given.sum())
