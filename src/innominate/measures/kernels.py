"""Kernels of the ideal-point model: what the votes say of the states, of the questions, and the states' paths.

Votes lie in a dense matrix (rows: resolutions in order of session; columns: states), absences marked. Kernels begin with
``begin, stop, stride``: the sessions, questions or states that :func:`innominate.threads.in_parts` gives them.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from innominate.measures.ordinal import ABSENT, averaged, propensity

Array = NDArray[np.float64]
Index = NDArray[np.int64]
Votes = NDArray[np.int8]

_RIDGE = 1e-9  # keeps the information matrix of a question invertible where a cut-point runs away


@njit(cache=True, nogil=True)
def weigh_states(
    begin: int,
    stop: int,
    stride: int,
    votes: Votes,
    bounds: Index,
    item: Index,
    slope: Array,
    lower: Array,
    upper: Array,
    spread: Array,
    mean: Array,
    variance: Array,
    gradient: Array,
    information: Array,
) -> None:
    """What the votes of each session say of each state's point.

    Parameters
    ----------
    votes : (R, N) category or ABSENT; bounds : (T+1,) first row of sessions
    item : (R,) question of each row; slope, lower, upper : (K,); spread : (K, 6)
    mean, variance : (T, N) posterior of the points

    Outputs (filled)
    ----------------
    gradient, information : (T, N) expected first and minus second derivative of the log-likelihood by the point
    """
    n = mean.shape[1]
    for t in range(begin, stop, stride):
        for j in range(n):
            gradient[t, j] = 0.0
            information[t, j] = 0.0
        for r in range(bounds[t], bounds[t + 1]):
            k = item[r]
            b, s = slope[k], spread[k]
            for j in range(n):
                category = votes[r, j]
                if category == ABSENT:
                    continue
                x = mean[t, j]
                with_cut, spread_eta = propensity(category, s, b, x, variance[t, j])
                gl, gu, ll, uu, lu = averaged(category, b * x, spread_eta, lower[k], upper[k])
                w = ll + uu + 2.0 * lu
                gradient[t, j] -= b * (gl + gu) + w * (x * s[0] - with_cut)
                information[t, j] += (b * b + s[0]) * w


@njit(cache=True, nogil=True)
def update_items(
    begin: int,
    stop: int,
    stride: int,
    votes: Votes,
    rows: Index,
    starts: Index,
    session: Index,
    cuts: NDArray[np.int8],
    slope: Array,
    lower: Array,
    upper: Array,
    spread: Array,
    pace: Array,
    mean: Array,
    variance: Array,
    slope_precision: float,
    pull: Array,
    weight: Array,
) -> None:
    """One Newton step of the questions' parameters, and their posterior covariance.

    Parameters
    ----------
    votes : (R, N)
    rows : (R,) resolutions grouped by question, starts : (K+1,) where the groups begin; session : (R,)
    cuts : (K,) number of cut-points: 2, or 1 where only two categories occur (lower and upper are then the same)
    slope, lower, upper : (K,), spread : (K, 6) and pace : (K, 4), brought up to date; pace is the share of the Newton
        step taken, halved when the direction reverses, and the last step
    mean, variance : (T, N) posterior of the points; slope_precision : of the normal prior of slopes around 0

    Outputs (filled)
    ----------------
    pull, weight : (R,) first and minus second derivative of a resolution's log-likelihood when all its propensities
        rise together
    """
    for k in range(begin, stop, stride):
        b, s = slope[k], spread[k]
        g = np.zeros(3)
        h = np.zeros(6)
        g[0], h[0] = -b * slope_precision, slope_precision
        for entry in range(starts[k], starts[k + 1]):
            r = rows[entry]
            t = session[r]
            pull[r] = 0.0
            weight[r] = 0.0
            for j in range(votes.shape[1]):
                category = votes[r, j]
                if category == ABSENT:
                    continue
                x, v = mean[t, j], variance[t, j]
                _, spread_eta = propensity(category, s, b, x, v)
                gl, gu, ll, uu, lu = averaged(category, b * x, spread_eta, lower[k], upper[k])
                w = ll + uu + 2.0 * lu
                pull[r] -= gl + gu
                weight[r] += w
                g[0] -= x * (gl + gu) + w * v * b
                g[1] += gl
                g[2] += gu
                h[0] += (x * x + v) * w
                h[1] -= x * (ll + lu)
                h[2] += ll
                h[3] -= x * (uu + lu)
                h[4] += lu
                h[5] += uu
        _newton(k, cuts[k], g, h, slope, lower, upper, spread[k], pace[k])


@njit(cache=True)
def _newton(
    k: int, cuts: int, g: Array, h: Array, slope: Array, lower: Array, upper: Array, spread: Array, pace: Array
) -> None:
    """Step and covariance of one question from its gradient (3,) and information (6,), kept in order and in bounds."""
    s = np.empty(6)
    if cuts == 1:
        hc, hb, gc = h[2] + h[5] + 2.0 * h[4] + _RIDGE, h[1] + h[3], g[1] + g[2]
        det = h[0] * hc - hb * hb
        s[0], s[1], s[2] = hc / det, -hb / det, h[0] / det
        s[3], s[4], s[5] = s[1], s[2], s[2]
        db = s[0] * g[0] + s[1] * gc
        dl = s[1] * g[0] + s[2] * gc
        du = dl
    else:
        h2, h5 = h[2] + _RIDGE, h[5] + _RIDGE
        c0, c1, c3 = h2 * h5 - h[4] * h[4], h[3] * h[4] - h[1] * h5, h[1] * h[4] - h2 * h[3]
        det = h[0] * c0 + h[1] * c1 + h[3] * c3
        s[0], s[1], s[3] = c0 / det, c1 / det, c3 / det
        s[2] = (h[0] * h5 - h[3] * h[3]) / det
        s[4] = (h[1] * h[3] - h[0] * h[4]) / det
        s[5] = (h[0] * h2 - h[1] * h[1]) / det
        db = s[0] * g[0] + s[1] * g[1] + s[3] * g[2]
        dl = s[1] * g[0] + s[2] * g[1] + s[4] * g[2]
        du = s[3] * g[0] + s[4] * g[1] + s[5] * g[2]
    reverses = db * pace[1] + dl * pace[2] + du * pace[3] < 0.0
    pace[0] = max(0.5 * pace[0], 0.1) if reverses else min(1.1 * pace[0], 1.0)
    pace[1], pace[2], pace[3] = db, dl, du
    share = pace[0]
    step = share / max(1.0, max(abs(db), max(abs(dl), abs(du))))
    gap = upper[k] - lower[k]
    while cuts == 2 and gap + step * (du - dl) < 0.1 * gap:
        step *= 0.5
    slope[k] += step * db
    lower[k] += step * dl
    upper[k] += step * du
    for c in range(6):
        spread[c] += share * (s[c] - spread[c])


@njit(cache=True, nogil=True)
def smooth_paths(
    begin: int,
    stop: int,
    stride: int,
    first: Index,
    last: Index,
    innovation: Array,
    centre: float,
    gradient: Array,
    information: Array,
    mean: Array,
    variance: Array,
    lag: Array,
) -> None:
    """Posterior of every state's path given what its votes say (one Newton step; tridiagonal, exact).

    Parameters
    ----------
    first, last : (N,) sessions, inclusive, in which the state is in the assembly
    innovation : (T, N) prior variance of the first point, and of every step into a session after it
    centre : prior mean of the first point
    gradient, information : (T, N), see :func:`weigh_states`
    mean, variance : (T, N), brought up to date; lag : (T, N) covariance with the next session's point
    """
    for j in range(begin, stop, stride):
        f, size = first[j], last[j] - first[j] + 1
        d, low, x = np.empty(size), np.zeros(size), np.empty(size)
        for k in range(size):
            t = f + k
            d[k] = information[t, j] + 1.0 / innovation[t, j]
            if k + 1 < size:
                d[k] += 1.0 / innovation[t + 1, j]
            x[k] = information[t, j] * mean[t, j] + gradient[t, j]
        if size > 0:
            x[0] += centre / innovation[f, j]
        for k in range(1, size):
            off = -1.0 / innovation[f + k, j]
            low[k - 1] = off / d[k - 1]
            d[k] -= low[k - 1] * off
            x[k] -= low[k - 1] * x[k - 1]
        if size == 0:
            continue
        x[size - 1] /= d[size - 1]
        variance[f + size - 1, j] = 1.0 / d[size - 1]
        for k in range(size - 2, -1, -1):
            t = f + k
            x[k] = x[k] / d[k] - low[k] * x[k + 1]
            variance[t, j] = 1.0 / d[k] + low[k] * low[k] * variance[t + 1, j]
            lag[t, j] = -low[k] * variance[t + 1, j]
        for k in range(size):
            mean[f + k, j] += max(-2.0, min(2.0, x[k] - mean[f + k, j]))
