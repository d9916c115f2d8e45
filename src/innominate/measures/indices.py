"""Similarity of two states' choices: agreement, S, kappa, pi, affinity and cosine, for all pairs at once.

Every measure is a function of the pair's joint table: how often (or with what weight) one state is at
level k while the other is at level l. All tables together are one matrix product, so that all pairs of a year cost
about as much as one.

References
----------
Signorino and Ritter 1999, International Studies Quarterly 43: 115-144 (S).
Häge 2011, Political Analysis 19: 287-305 (kappa and pi for foreign policy, weighted by distance).
Cohen 1968, Psychological Bulletin 70: 213-220 (weighted kappa). Scott 1955, Public Opinion Quarterly 19: 321-325 (pi).
Gartzke 1998, American Journal of Political Science 42: 1-27 (affinity: S on yes and no alone).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from innominate.errors import InputError

Matrix = NDArray[np.float64]
Measure = Literal["s", "kappa", "pi", "agreement", "affinity", "cosine"]
Distance = Literal["absolute", "squared"]

MEASURES: tuple[Measure, ...] = get_args(Measure)
DISTANCES: tuple[Distance, ...] = get_args(Distance)
VOTES = (-1.0, 0.0, 1.0)  # no, abstain, yes
_USUAL: dict[Measure, Distance] = {"s": "absolute", "affinity": "absolute", "kappa": "squared", "pi": "squared"}


@dataclass(frozen=True, slots=True)
class Similarity:
    """Similarity of all pairs.

    Attributes
    ----------
    value : (N, N) symmetric, at most 1; NaN on the diagonal and where it is unknown or not defined
    common : (N, N) number of questions that both states answered (for affinity: both with yes or no)
    """

    value: Matrix
    common: NDArray[np.int64]


def similarity(
    choices: Matrix,
    measure: Measure = "s",
    *,
    levels: Sequence[float] = VOTES,
    distance: Distance | None = None,
    weights: Matrix | None = None,
    min_common: int = 1,
) -> Similarity:
    """Similarity of the choices of all pairs of states.

    Parameters
    ----------
    choices : (N, R) level that each state chose on each question (resolution, or third state in a portfolio of
        alliances); NaN where it did not answer, which is never taken as a choice
    measure : with d the distance of two levels, o its (weighted) mean over the questions that both answered,

        - ``agreement``: share of identical choices
        - ``s``: 1 - 2 o / (largest possible d), between -1 and 1
        - ``kappa``: 1 - o / (mean d of two states that choose at random with the pair's own two distributions)
        - ``pi``: 1 - o / (the same, both with the average of the pair's two distributions)
        - ``affinity``: S over the questions on which both stand at the lowest or the highest level
        - ``cosine``: of the two vectors of choices

    levels : what can be chosen, in order
    distance : absolute or squared difference of levels; by default absolute for S and affinity, as Signorino and
        Ritter, and squared for kappa and pi, as Häge
    weights : (R,) of the questions, not negative (capabilities of third states, say); a question whose weight is NaN is
        left out; None: all alike
    min_common : pairs with fewer questions in common are unknown

    Returns
    -------
    Similarity. kappa and pi are not defined (NaN) where both states always make the same one choice, cosine where a
    state abstains throughout.
    """
    _check(choices, measure, levels, distance, weights)
    if weights is not None and np.isnan(weights).any():
        choices, weights = choices[:, ~np.isnan(weights)], weights[~np.isnan(weights)]
    if measure == "affinity":
        choices = np.where((choices == levels[0]) | (choices == levels[-1]), choices, np.nan)
    table = joint_table(choices, levels, weights)
    common = (table if weights is None else joint_table(choices, levels)).sum(axis=(0, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        if measure == "cosine":
            value = _cosine(table, np.asarray(levels, dtype=np.float64))
        else:
            value = _from_table(table, measure, _distances(levels, distance or _USUAL.get(measure, "absolute")))
    value[~np.isfinite(value) | (common < min_common)] = np.nan
    np.fill_diagonal(value, np.nan)
    return Similarity(value, common.astype(np.int64))


def joint_table(choices: Matrix, levels: Sequence[float], weights: Matrix | None = None) -> Matrix:
    """How often each pair stands at each two levels.

    Parameters
    ----------
    choices : (N, R), NaN where there is none
    levels : K levels
    weights : (R,) or None for counts

    Returns
    -------
    (K, K, N, N) weight of the questions on which the first state chose level k and the second level l
    """
    n, k = len(choices), len(levels)
    chosen = (choices[None, :, :] == np.asarray(levels, dtype=np.float64)[:, None, None]).astype(np.float64)
    flat = chosen.reshape(k * n, -1)
    product = (flat if weights is None else flat * weights) @ flat.T
    return np.ascontiguousarray(product.reshape(k, n, k, n).transpose(0, 2, 1, 3))


def _check(
    choices: Matrix, measure: str, levels: Sequence[float], distance: str | None, weights: Matrix | None
) -> None:
    if measure not in MEASURES:
        raise InputError(f"there is no measure {measure!r}; the measures are {', '.join(MEASURES)}")
    if distance is not None and distance not in DISTANCES:
        raise InputError(f"there is no distance {distance!r}; the distances are {', '.join(DISTANCES)}")
    if len(levels) < 2 or any(low >= high for low, high in pairwise(levels)):
        raise InputError("levels must be at least two numbers in rising order")
    strange = choices[~np.isnan(choices) & ~np.isin(choices, np.asarray(levels, dtype=np.float64))]
    if strange.size:
        raise InputError(f"choices hold {strange[0]:g}, which is none of the levels {', '.join(map(str, levels))}")
    if weights is not None and (weights.shape != choices.shape[1:] or (weights < 0).any() or np.isinf(weights).any()):
        raise InputError("weights must be one finite number a question, none negative")


def _distances(levels: Sequence[float], distance: Distance) -> Matrix:
    """(K, K) distances of the levels."""
    apart: Matrix = np.abs(np.subtract.outer(np.asarray(levels, float), np.asarray(levels, float)))
    return apart**2 if distance == "squared" else apart


def _from_table(table: Matrix, measure: Measure, apart: Matrix) -> Matrix:
    """(N, N) value of a measure from the joint tables (K, K, N, N)."""
    total = table.sum(axis=(0, 1))
    if measure == "agreement":
        return np.asarray(np.einsum("kkij->ij", table) / total)
    observed = np.tensordot(apart, table, axes=2) / total
    if measure in ("s", "affinity"):
        return np.asarray(1.0 - 2.0 * observed / apart.max())
    first = table.sum(axis=1) / total
    second = first.transpose(0, 2, 1)
    if measure == "pi":
        first = second = (first + second) / 2.0
    expected = (np.tensordot(apart, first, axes=1) * second).sum(axis=0)
    return np.asarray(1.0 - observed / expected)


def _cosine(table: Matrix, levels: Matrix) -> Matrix:
    """(N, N) cosine of the choices from the joint tables."""
    product = np.tensordot(np.outer(levels, levels), table, axes=2)
    length = np.tensordot(levels**2, table.sum(axis=1), axes=1)
    return np.asarray(product / np.sqrt(length * length.T))
