"""Where the ideal-point model starts: points that never move, and cut-points by the share of votes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from innominate.measures.ordinal import ABSENT, HIGH, LOW
from innominate.measures.roll_calls import RollCalls

Matrix = NDArray[np.float64]

_SHRINK = 20.0  # resolutions in common below which two states' correlation is shrunk


def starting_points(calls: RollCalls) -> Matrix:
    """(N,) first principal component of the states' votes over all sessions, mean 0 and variance 1.

    The sign is arbitrary but does not depend on the order of states or resolutions.
    """
    voted = calls.votes != ABSENT
    voters = voted.sum(axis=1)[:, None]
    filled = np.where(voted, calls.votes, 0).astype(np.float64)
    centred = np.where(voted, filled - filled.sum(axis=1, keepdims=True) / voters, 0.0)
    spread = np.sqrt((centred**2).sum(axis=1, keepdims=True) / voters)
    centred /= np.maximum(spread, 1e-6)  # unanimous where only a repetition is contested
    common = voted.astype(np.float64).T @ voted.astype(np.float64)
    _, vectors = np.linalg.eigh((centred.T @ centred) / np.maximum(common, _SHRINK))
    points = vectors[:, -1]
    points = (points - points.mean()) / max(float(points.std()), 1e-12)
    return np.asarray(points * (1.0 if (points**3).sum() >= 0 else -1.0))


def starting_questions(calls: RollCalls) -> tuple[Matrix, Matrix]:
    """(K,) lower and upper cut-points of questions on which all states are alike."""
    items = len(calls.cuts)
    tally = np.zeros((items, 3))
    for category in (LOW, 1, HIGH):
        np.add.at(tally[:, category], calls.item, (calls.votes == category).sum(axis=1))
    total = tally.sum(axis=1)
    lower = ndtri(tally[:, LOW] / total)
    upper = ndtri(1.0 - tally[:, HIGH] / total)
    return np.asarray(lower), np.asarray(np.where(calls.cuts == 2, upper, lower))
