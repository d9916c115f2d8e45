"""None of them: the trajectories that fit no reading, as a rival of all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from innominate.readings.features import Features, features
from innominate.readings.ground import Ground
from innominate.readings.mass import POINTS, SHIFTS, Mass, draw
from innominate.readings.reading import RECORDED, Expectation, Quantity

Array = NDArray[np.float64]
NONE = "none"
SMALLEST = 1e-3  # prior mass of what fits no reading, below which there is nothing left to be none of them


def joint_features(ground: Ground, readings: Sequence[Sequence[Expectation]]) -> Features:
    """The features of all that some readings expect, each expectation once."""
    every = dict.fromkeys(one for each in readings for one in each if one.shape not in RECORDED)
    return features(ground, list(every))


def unread_mass(
    ground: Ground,
    readings: Sequence[Sequence[Expectation]],
    after: bool,
    seed: int = 0,
    push: Array | None = None,
    points: int = POINTS,
) -> Mass:
    """Mass of the trajectories that fit none of some readings, before or after the data.

    Parameters
    ----------
    readings : what was tested of each
    push : (m,) by how much the :func:`joint_features` are moved
    points : of a randomisation
    """
    made = joint_features(ground, readings)
    records = list(dict.fromkeys(one for each in readings for one in each if one.shape in RECORDED))
    total = SHIFTS * points
    holds: dict[Expectation, NDArray[np.bool_]] = _recorded(ground, records, after, seed, total)
    if len(made.offset):
        mean, covariance = made.moments(ground, after)
        free = np.full(len(mean), np.inf)
        mean = mean if push is None else mean + push
        holds |= made.holds(draw(mean, covariance, -free, free, (), points, seed).features)
    read = np.zeros(total, dtype=bool)
    for each in readings:
        read |= np.all([holds[one] for one in each], axis=0)
    shares = 1.0 - read.reshape(SHIFTS, -1).mean(axis=1)
    return Mass(float(shares.mean()), float(shares.std(ddof=1) / np.sqrt(SHIFTS)))


def _recorded(
    ground: Ground, records: Sequence[Expectation], after: bool, seed: int, total: int
) -> dict[Expectation, NDArray[np.bool_]]:
    """(N,) whether each expectation about a commitment is met, in draws; one commitment is never both signed and not."""
    uniform: dict[Quantity, Array] = {}
    found = {}
    for k, one in enumerate(records):
        drawn = uniform.setdefault(one.what, np.random.default_rng([seed, k]).random(total))
        mass = ground.records.masses(one)[after].value
        found[one] = drawn < mass if one.shape == "unsigned" else drawn >= 1 - mass
    return found
