"""How sure the points are when nothing else is known for certain: the joint posterior of all states and questions.

A factorised posterior takes the questions as given when it judges the states, and is too sure. Here the curvature of
the log-posterior in all points and all questions' parameters together is inverted exactly. Questions touch the states
of their own session only, so eliminating them leaves one dense block of states a session, and the random walks tie
each block to the next along the diagonal: a block-tridiagonal system, whose inverse is needed on its diagonal and
next to it (cf. Giordano, Broderick and Jordan 2018, Journal of Machine Learning Research 19(51): linear response).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit
from numpy.typing import NDArray

from innominate.measures.blocks import fill_blocks, pass_messages, settle
from innominate.measures.ordinal import ABSENT, averaged, propensity
from innominate.measures.roll_calls import RollCalls
from innominate.threads import in_parts

if TYPE_CHECKING:
    from innominate.measures.irt import Posterior

Matrix = NDArray[np.float64]

_RIDGE = 1e-9


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """Joint uncertainty of the points.

    Attributes
    ----------
    variance : (T, N) of each point
    lag : (T, N) covariance of each point with the state's next one
    standardised : (T, N) variance of each point once all points are brought to mean 0 and mean square 1
    """

    variance: Matrix
    lag: Matrix
    standardised: Matrix


def joint_uncertainty(calls: RollCalls, q: Posterior, slope_precision: float) -> Uncertainty:
    """Uncertainty of all points under the joint posterior, at the points and questions of `q`.

    Far from the optimum the observed curvature need not be positive definite; then the expected one is used, and
    lastly no outward force.
    """
    for observed, hold in ((True, q.hold), (False, q.hold), (False, max(q.hold, 0.0))):
        sure = _solve(calls, q, slope_precision, observed, hold)
        if sure is not None:
            return sure
    raise ArithmeticError("the curvature of the log-posterior is not positive definite")


def _solve(calls: RollCalls, q: Posterior, slope_precision: float, observed: bool, hold: float) -> Uncertainty | None:
    own, factor = _eliminated(calls, q, slope_precision, observed)
    held = calls.entered | calls.stepped
    tie = np.where(calls.stepped, 1.0 / q.steps, 0.0)
    own += np.where(held, 1.0 / q.steps, 0.0)
    own[:-1] += tie[1:]
    weights = _functionals(calls, q)
    blocks = np.zeros((*own.shape, own.shape[1]))
    in_parts(fill_blocks, len(own), calls.bounds, held, own, hold, factor, blocks)
    inward, carried, positive = pass_messages(held, tie, blocks, weights)
    if not positive.all():
        return None
    variance, lag, solved = settle(held, tie, blocks, inward, carried, weights)
    return Uncertainty(variance, lag, _standardised(q.mean, variance, solved, weights))


def _functionals(calls: RollCalls, q: Posterior) -> Matrix:
    """(T, N, 2) weights by which the points make up their mean and their scale."""
    seen = calls.cast > 0
    weights = np.zeros((*q.mean.shape, 2))
    weights[:, :, 0] = seen / seen.sum()
    weights[:, :, 1] = np.where(seen, q.mean, 0.0) / (q.mean[seen] ** 2).sum()
    return weights


def _eliminated(calls: RollCalls, q: Posterior, slope_precision: float, observed: bool) -> tuple[Matrix, Matrix]:
    """(T, N) curvature of the points, and (R, N, 3) F such that eliminating resolution r takes F[r] F[r]' off it."""
    rows, n = calls.votes.shape
    own, cross, curved = np.zeros(q.mean.shape), np.zeros((rows, n, 3)), np.zeros((rows, 6))
    in_parts(
        _curvature, len(own), calls.votes, calls.bounds, calls.item, calls.cuts, q.slope, q.lower, q.upper, q.spread,
        q.mean, q.variance, observed, own, cross, curved,
    )  # fmt: skip
    total = np.zeros((len(calls.cuts), 6))
    np.add.at(total, calls.item, curved)
    square = total[:, [0, 1, 3, 1, 2, 4, 3, 4, 5]].reshape(-1, 3, 3)
    square[:, 0, 0] += slope_precision
    square[:, 1, 1] += _RIDGE
    square[:, 2, 2] += np.where(calls.cuts == 2, _RIDGE, 1.0)
    root = np.linalg.inv(np.linalg.cholesky(square))
    return own, np.matmul(cross, root.transpose(0, 2, 1)[calls.item])


@njit(cache=True, nogil=True)
def _curvature(
    begin: int,
    stop: int,
    stride: int,
    votes: NDArray[np.int8],
    bounds: NDArray[np.int64],
    item: NDArray[np.int64],
    cuts: NDArray[np.int8],
    slope: Matrix,
    lower: Matrix,
    upper: Matrix,
    spread: Matrix,
    mean: Matrix,
    variance: Matrix,
    observed: bool,
    own: Matrix,
    cross: Matrix,
    curved: Matrix,
) -> None:
    """Curvature by point (T, N), by point and its resolution's slope and cut-points (R, N, 3), and by these (R, 6)."""
    for t in range(begin, stop, stride):
        for r in range(bounds[t], bounds[t + 1]):
            k = item[r]
            b = slope[k]
            for j in range(votes.shape[1]):
                category = votes[r, j]
                if category == ABSENT:
                    continue
                x = mean[t, j]
                _, spread_eta = propensity(category, spread[k], b, x, variance[t, j])
                gl, gu, ll, uu, lu = averaged(category, b * x, spread_eta, lower[k], upper[k])
                by_lower, by_upper = ll + lu, uu + lu
                w = by_lower + by_upper
                own[t, j] += b * b * w
                cross[r, j, 0] = b * x * w + (gl + gu if observed else 0.0)
                curved[r, 0] += x * x * w
                if cuts[k] == 1:
                    cross[r, j, 1] = -b * w
                    curved[r, 1] -= x * w
                    curved[r, 2] += w
                else:
                    cross[r, j, 1], cross[r, j, 2] = -b * by_lower, -b * by_upper
                    curved[r, 1] -= x * by_lower
                    curved[r, 2] += ll
                    curved[r, 3] -= x * by_upper
                    curved[r, 4] += lu
                    curved[r, 5] += uu


def _standardised(mean: Matrix, variance: Matrix, solved: Matrix, weights: Matrix) -> Matrix:
    """Variance of the points less their mean and divided by their scale, to first order."""
    between = np.einsum("tna,tnb->ab", weights, solved)
    taken = 2.0 * (solved[:, :, 0] + mean * solved[:, :, 1])
    return np.asarray(variance - taken + between[0, 0] + 2.0 * mean * between[0, 1] + mean**2 * between[1, 1])
