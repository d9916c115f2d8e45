"""What the votes leave open, settled by the prior: where each session lies on the axis, and the scale.

Adding c[t] to all points of session t, and b c[t] to the cut-points of its resolutions, changes no probability of a
vote. Only the steps of the states that stay from session to session, and resolutions that are put to the vote again,
tie the sessions together. Given everything else, the best shifts solve one small linear system.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from innominate.measures.roll_calls import RollCalls

if TYPE_CHECKING:
    from innominate.measures.irt import Posterior

Matrix = NDArray[np.float64]

_EAGER, _LOOSEST = 0.25, 0.25  # how fast the hold follows, and how far it may push outwards


def recentre(calls: RollCalls, q: Posterior, pull: Matrix, weight: Matrix) -> None:
    """Shift every session to where the steps of the states, and repeated resolutions, want it.

    Parameters
    ----------
    q : brought up to date
    pull, weight : (R,) first and minus second derivative of each resolution's log-likelihood when all its propensities
        rise together
    """
    system, want = _steps(calls, q)
    shift = np.zeros(len(q.slope))
    size = np.diff(calls.starts)
    repeated = np.flatnonzero(size[calls.item] > 1)
    again, total = _repeats(calls, q, repeated, pull, weight)
    spring = q.slope[calls.item[repeated]]
    if repeated.size:
        np.add.at(want, calls.session[repeated], spring * pull[repeated])
        held = again[calls.item[repeated]]
        np.add.at(want, calls.session[repeated], -spring * weight[repeated] * held)
        system += _springs(calls, repeated, spring, weight, total)
    move = np.linalg.solve(system, want)
    by_item = np.zeros(len(q.slope))
    by_item[calls.item] = move[calls.session]
    if repeated.size:
        mean_move = np.zeros(len(q.slope))
        np.add.at(mean_move, calls.item[repeated], weight[repeated] * move[calls.session[repeated]])
        several = size > 1
        by_item[several] = mean_move[several] / total[several]
        shift[several] = -again[several]
    q.mean += move[:, None]
    _shift_cuts(q, by_item, shift)


def standardise(calls: RollCalls, q: Posterior, typical: float) -> None:
    """Mean 0 and mean square 1 over all points with votes.

    The prior of the slopes may want another scale than this one, and pull at it in every round; rescaling alone would
    then wear away the steps, of which the votes say little. So a force, ``q.hold``, keeps the points of each session
    together (or apart) just so much that there is nothing left to rescale.

    Parameters
    ----------
    q : brought up to date
    typical : information of the votes on a typical point
    """
    seen = calls.cast > 0
    centre = float(q.mean[seen].mean())
    scale = float(np.sqrt(((q.mean[seen] - centre) ** 2 + q.variance[seen]).mean()))
    q.mean -= centre
    _shift_cuts(q, np.full(len(q.slope), -centre), np.zeros(len(q.slope)))
    q.mean /= scale
    q.variance /= scale**2
    q.lag /= scale**2
    q.slope *= scale
    q.spread *= np.array([scale**2, scale, 1.0, scale, 1.0, 1.0])
    q.hold = max(q.hold + _EAGER * typical * (scale - 1.0), -_LOOSEST * typical)


def from_centre(calls: RollCalls, points: Matrix) -> Matrix:
    """(T, N) points less the mean of their session's."""
    held = calls.entered | calls.stepped
    centre = np.where(held, points, 0.0).sum(axis=1) / held.sum(axis=1)
    return np.asarray(np.where(held, points - centre[:, None], 0.0))


def _steps(calls: RollCalls, q: Posterior) -> tuple[Matrix, Matrix]:
    """(T, T) precision that the states' priors put on the shifts, and (T,) the gradient at no shift."""
    precision = np.where(calls.entered | calls.stepped, 1.0 / q.steps, 0.0)
    gap = q.mean - q.centre
    gap[1:] = np.where(calls.stepped[1:], np.diff(q.mean, axis=0), gap[1:])
    tie = np.where(calls.stepped, precision, 0.0).sum(axis=1)
    strain = (precision * gap).sum(axis=1)
    back = np.where(calls.stepped, precision * gap, 0.0).sum(axis=1)
    system = np.diag(precision.sum(axis=1))
    later = np.arange(1, len(tie))
    system[later - 1, later - 1] += tie[1:]
    system[later, later - 1] = system[later - 1, later] = -tie[1:]
    want = -strain
    want[:-1] += back[1:]
    return system, want


def _repeats(
    calls: RollCalls, q: Posterior, repeated: NDArray[np.int64], pull: Matrix, weight: Matrix
) -> tuple[Matrix, Matrix]:
    """(K,) pull over weight, and weight, of the questions put more than once."""
    pulled, total = np.zeros(len(q.slope)), np.zeros(len(q.slope))
    np.add.at(pulled, calls.item[repeated], pull[repeated])
    np.add.at(total, calls.item[repeated], weight[repeated])
    return pulled / np.maximum(total, 1e-12), np.maximum(total, 1e-12)


def _springs(calls: RollCalls, repeated: NDArray[np.int64], spring: Matrix, weight: Matrix, total: Matrix) -> Matrix:
    """(T, T) precision that repeated resolutions put on the shifts."""
    sessions = len(calls.labels)
    items, place = np.unique(calls.item[repeated], return_inverse=True)
    load = np.zeros((len(items), sessions))
    np.add.at(load, (place, calls.session[repeated]), spring * weight[repeated])
    stiff = np.zeros(sessions)
    np.add.at(stiff, calls.session[repeated], spring**2 * weight[repeated])
    return np.asarray(np.diag(stiff) - (load / total[items, None]).T @ load)


def _shift_cuts(q: Posterior, move: Matrix, shift: Matrix) -> None:
    """Cut-points and their covariance when the points of a question's states move; `shift` is added to the cut-points."""
    s = q.spread
    q.lower += q.slope * move + shift
    q.upper += q.slope * move + shift
    s[:, 2] += move * (2.0 * s[:, 1] + move * s[:, 0])
    s[:, 5] += move * (2.0 * s[:, 3] + move * s[:, 0])
    s[:, 4] += move * (s[:, 1] + s[:, 3] + move * s[:, 0])
    s[:, 1] += move * s[:, 0]
    s[:, 3] += move * s[:, 0]
