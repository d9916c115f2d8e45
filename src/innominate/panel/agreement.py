"""Agreement in roll-call votes, measured against what each resolution's own split predicts.

A unanimous vote tells nothing about two states, a contested one much. For resolution r with choices x in {-1, 0, 1},
let c[i, r] = x[i, r] - mean over voters. The pair's agreement is the weighted correlation

    e[i, j] = sum_r c[i, r] c[j, r] / sum_r v[r]

over the resolutions in which both voted, v[r] being the variance of the vote: its expectation over pairs drawn from the
resolution's own voters is zero whatever the agenda, so that a changed agenda does not look like a changed friendship.
(Cf. chance-corrected agreement: Häge 2011, Political Analysis 19: 287-305.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

MIN_VARIANCE = 0.02  # of a vote: one dissenter in two hundred is no information on the pair
MIN_COMMON = 5  # resolutions with a split in which both voted, below which agreement is unknown


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement of all pairs in one period.

    Attributes
    ----------
    excess : (N, N) agreement beyond the resolutions' own splits, NaN where unknown
    variance : (N, N) its sampling variance, resolutions being the sample
    common : (N, N) contested resolutions in which both voted
    """

    excess: Matrix
    variance: Matrix
    common: Matrix


def agreement(choices: NDArray[np.float64]) -> Agreement:
    """Agreement of all pairs of states over the resolutions of one period.

    Parameters
    ----------
    choices : (N, R), +1 yes, 0 abstain, -1 no, NaN for no vote cast
    """
    voted = ~np.isnan(choices)
    voters = np.maximum(voted.sum(axis=0), 1)
    filled = np.where(voted, choices, 0.0)
    centred = np.where(voted, filled - filled.sum(axis=0) / voters, 0.0)
    variance = (centred**2).sum(axis=0) / voters
    contested = variance > MIN_VARIANCE
    centred, voted, variance = centred[:, contested], voted[:, contested].astype(float), variance[contested]
    weight = (voted * variance) @ voted.T
    common = voted @ voted.T
    known = common >= MIN_COMMON
    np.fill_diagonal(known, False)
    safe = np.where(known, weight, 1.0)
    excess = (centred @ centred.T) / safe
    # sum over r of (c_i c_j - e v_r)^2, expanded so that it stays a matter of three products
    squares = (centred**2) @ (centred**2).T
    cross = (centred * variance) @ centred.T
    spread = (voted * variance**2) @ voted.T
    noise = np.maximum(squares - 2 * excess * cross + excess**2 * spread, 0.0) / safe**2
    floor = spread / safe**2 * 0.05
    nan = np.full_like(excess, np.nan)
    return Agreement(np.where(known, excess, nan), np.where(known, np.maximum(noise, floor), nan), common)
