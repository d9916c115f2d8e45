"""Votes in an assembly from the alignment of pairs.

On every resolution each state has a leaning; leanings of a year are (I + pull × X / 2√N)³ g with g standard normal and X
the symmetric matrix of the pairs' excess, so that aligned states, and states with the same friends, lean the same way.
The leaning is cut into yes, abstention and no at the resolution's own shares.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from innominate.panel.agreement import Agreement, agreement
from innominate.worlds.laws import BallotLaw

Array = NDArray[np.float64]
POWER = 3
DRAWS = 12  # of states' positions, over which the pull is fitted
RANK_SHARE = 0.8  # of what is peculiar to votes that follows from the states' own positions, when the pull is fitted


def leanings(excess: Array, pull: float, resolutions: int, random: np.random.Generator) -> Array:
    """(N, R) leanings of all states on the resolutions of one period, each resolution of unit variance.

    Parameters
    ----------
    excess : (N, N) symmetric, diagonal zero
    """
    n = len(excess)
    step = excess * (pull / (2 * np.sqrt(n)))
    found: Array = random.standard_normal((n, resolutions))
    for _ in range(POWER):
        found = found + np.einsum("ij,jr->ir", step, found)  # no BLAS: the same bits on any number of threads
    found -= found.mean(axis=0)
    deviation: Array = found / np.maximum(found.std(axis=0), 1e-9)
    return deviation


def choices(lean: Array, law: BallotLaw, random: np.random.Generator) -> NDArray[np.int8]:
    """(N, R) votes: +1, 0, -1, and 9 where none was cast."""
    n, resolutions = lean.shape
    room = law.yes * (1 - law.yes) / max(float(law.yes_spread) ** 2, 1e-4) - 1
    yes: Array = np.clip(random.beta(law.yes * room, (1 - law.yes) * room, resolutions), 0.02, 0.98)
    no: Array = (1 - yes) * (1 - law.abstain)
    cast = np.where(lean > norm.ppf(1 - yes), 1, np.where(lean < norm.ppf(np.maximum(no, 1e-4)), -1, 0)).astype(np.int8)
    cast[random.random((n, resolutions)) < law.absent] = 9
    return cast


def drawn_agreement(excess: Array, law: BallotLaw, random: np.random.Generator) -> Agreement:
    """Agreement of all pairs over one period's resolutions."""
    return agreement_of(choices(leanings(excess, law.pull, law.resolutions, random), law, random))


def agreement_of(cast: NDArray[np.int8]) -> Agreement:
    """Agreement of all pairs in the choices of :func:`choices`."""
    return agreement(np.where(cast == 9, np.nan, cast.astype(np.float64)))


def outer(positions: Array) -> Array:
    """(N, N) agreement of states' positions (N, D), of unit variance over pairs, diagonal zero."""
    found: Array = np.einsum("id,jd->ij", positions, positions) / np.sqrt(positions.shape[1])
    np.fill_diagonal(found, 0.0)
    return found


def fit_pull(law: BallotLaw, goal: float, states: int = 120, seed: int = 0) -> BallotLaw:
    """The law with the pull at which agreement varies over pairs as much as `goal` (standard deviation, less sampling)."""

    def size(pull: float) -> float:
        found = []
        for k in range(DRAWS):  # one draw of positions can scatter much more or less than another
            random = np.random.default_rng([seed, k])
            half = np.triu(random.standard_normal((states, states)), 1)
            own = outer(random.standard_normal((states, 1)))
            excess = RANK_SHARE * own + (1 - RANK_SHARE**2) ** 0.5 * (half + half.T)
            one = drawn_agreement(excess, replace(law, pull=pull), random)
            known = np.isfinite(one.excess)
            found.append(float((one.excess[known] ** 2 - one.variance[known]).mean()))
        return float(max(sum(found) / len(found), 0.0) ** 0.5)

    low, high = 0.05, 8.0
    for _ in range(18):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if size(middle) < goal else (low, middle)
    return replace(law, pull=round(0.5 * (low + high), 4))
