"""Kernels of the recurrence model: forward-backward over the levels of one formula, and the gaps it leaves.

The model: :mod:`innominate.silence.recurrence`. A pattern is the ascending list of documents that carry a formula;
`exposure` and `clock` are cumulated before each document (n + 1 values).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from innominate.mixture import shares_of
from innominate.threads import in_parts

LEVELS = np.array([0.0004, 0.04, 0.12, 0.3, 0.55, 0.8, 0.93, 0.985])
LOG_MISS = np.log1p(-LEVELS)
SILENT_SHARE = 0.4  # a level below this share of the earlier one counts as silence
_PARTS = 32  # of the patterns; sums are taken part by part, so that threads change no bit
_SINGLES, _BLOCKS = 4, 4  # long gaps: so many single documents at either end, and blocks between


@njit(cache=True)
def allowed() -> Any:
    """Which levels count as still in use, seen from each level: (levels, levels) of 0 or 1."""
    out = np.zeros((len(LEVELS), len(LEVELS)))
    for k in range(len(LEVELS)):
        for j in range(len(LEVELS)):
            out[k, j] = 1.0 if (k == 0 or LEVELS[j] > SILENT_SHARE * LEVELS[k]) else 0.0
    return out


@njit(cache=True)
def _cut(first: int, stop: int, edges: Any) -> int:
    """Divide documents first…stop-1 into steps; `edges` receives their bounds, the number of steps is returned."""
    size = stop - first
    if size <= 2 * _SINGLES + _BLOCKS:
        for i in range(size + 1):
            edges[i] = first + i
        return size
    count = 0
    for i in range(_SINGLES + 1):
        edges[count] = first + i
        count += 1
    middle = size - 2 * _SINGLES
    for i in range(1, _BLOCKS):
        edges[count] = first + _SINGLES + (middle * i) // _BLOCKS
        count += 1
    for i in range(_SINGLES + 1):
        edges[count] = stop - _SINGLES + i
        count += 1
    return count - 1


@njit(cache=True)
def steps(hits: Any, exposure: Any, clock: Any) -> Any:
    """The steps of one pattern: every use is one, every gap a few.

    Parameters
    ----------
    hits : documents that carry the formula, ascending
    exposure : cumulated exposure before each document, n + 1 values
    clock : cumulated time before each document in mean steps, n + 1 values (the first step takes no time)

    Returns
    -------
    weight, time, hit : exposure and elapsed time of each step, and which use it is (-1: none)
    """
    n = len(exposure) - 1
    most = len(hits) + (len(hits) + 1) * (2 * _SINGLES + _BLOCKS)
    weight, time = np.empty(most), np.empty(most)
    hit = np.empty(most, dtype=np.int32)
    edges = np.empty(2 * _SINGLES + _BLOCKS + 2, dtype=np.int64)
    count = 0
    for i in range(len(hits) + 1):
        first = hits[i - 1] + 1 if i > 0 else 0
        stop = hits[i] if i < len(hits) else n
        parts = _cut(first, stop, edges)
        for part in range(parts):
            weight[count] = exposure[edges[part + 1]] - exposure[edges[part]]
            time[count] = clock[edges[part + 1]] - clock[edges[part]]
            hit[count] = -1
            count += 1
        if i < len(hits):
            weight[count] = exposure[stop + 1] - exposure[stop]
            time[count] = clock[stop + 1] - clock[stop]
            hit[count] = i
            count += 1
    return weight[:count], time[:count], hit[:count]


@njit(cache=True)
def forward_backward(weight: Any, time: Any, hit: Any, rate: float, redraw: Any, start: Any) -> Any:
    """Scaled forward-backward pass.

    Returns
    -------
    alpha, beta : (steps, levels), alpha normalised at each step and beta scaled by the same constants, so that
        alpha * beta is the posterior of the level
    emission : (steps, levels)
    log_likelihood
    """
    count, levels = len(weight), len(LEVELS)
    alpha, beta = np.empty((count, levels)), np.empty((count, levels))
    emission = np.empty((count, levels))
    scale = np.empty(count)
    loglik = 0.0
    for s in range(count):
        for k in range(levels):
            miss = np.exp(weight[s] * LOG_MISS[k])
            emission[s, k] = max(1.0 - miss, 1e-12) if hit[s] >= 0 else miss
        jump = 1.0 - np.exp(-rate * time[s])
        total = 0.0
        for k in range(levels):
            came = start[k] if s == 0 else (1.0 - jump) * alpha[s - 1, k] + jump * redraw[k]
            alpha[s, k] = came * emission[s, k]
            total += alpha[s, k]
        for k in range(levels):
            alpha[s, k] /= total
        scale[s] = total
        loglik += np.log(total)
    for k in range(levels):
        beta[count - 1, k] = 1.0
    for s in range(count - 2, -1, -1):
        jump = 1.0 - np.exp(-rate * time[s + 1])
        drawn = 0.0
        for k in range(levels):
            drawn += redraw[k] * emission[s + 1, k] * beta[s + 1, k]
        for k in range(levels):
            stayed = emission[s + 1, k] * beta[s + 1, k]
            beta[s, k] = ((1.0 - jump) * stayed + jump * drawn) / scale[s + 1]
    return alpha, beta, emission, scale, loglik


@njit(cache=True)
def _steady_values(hits: Any, exposure: Any, start: Any) -> Any:
    """Log of prior times likelihood of each level, if it never changes."""
    values = np.empty(len(LEVELS))
    for k in range(len(LEVELS)):
        missed, rate = exposure[-1], np.log1p(-LEVELS[k])
        values[k] = np.log(start[k] + 1e-300)
        for hit in hits:
            weight = exposure[hit + 1] - exposure[hit]
            missed -= weight
            values[k] += np.log(max(1.0 - np.exp(weight * rate), 1e-12))
        values[k] += missed * rate
    return values


@njit(cache=True)
def steady_likelihood(hits: Any, exposure: Any, start: Any) -> float:
    """Log likelihood of a pattern whose level never changes."""
    return shares_of(_steady_values(hits, exposure, start))


@njit(cache=True)
def dense(hits: Any) -> bool:
    """Whether three uses ever stand within five documents: only such a formula can be a switched one."""
    for i in range(2, len(hits)):  # noqa: SIM110 (compiled)
        if hits[i] - hits[i - 2] <= 5:
            return True
    return False


@njit(cache=True)
def weigh(hits: Any, exposure: Any, clock: Any, share: Any, rate: Any, redraw: Any, start: Any) -> Any:
    """Posterior of the three habits of one pattern, its log likelihood, and the posterior of each level if it never changes."""
    steady = _steady_values(hits, exposure, start[0])
    values = np.full(3, -1e300)
    values[0] = math.log(share[0]) + shares_of(steady)
    weight, time, hit = steps(hits, exposure, clock)
    for habit in (1, 2):
        if habit == 2 or dense(hits):
            loglik = forward_backward(weight, time, hit, rate[habit - 1], redraw[habit - 1], start[habit])[4]
            values[habit] = math.log(share[habit]) + loglik
    total = shares_of(values)
    return values, total, steady


def expect(rows: Any, bounds: Any, documents: Any, exposure: Any, clock: Any, share: Any, rate: Any, redraw: Any,
           start: Any) -> Any:  # fmt: skip
    """Expected habits, starts and redraws by level, elapsed time and log likelihood, summed over the patterns `rows`."""
    levels = len(LEVELS)
    habits, started = np.zeros((_PARTS, 3)), np.zeros((_PARTS, 3, levels))
    drawn, elapsed, loglik = np.zeros((_PARTS, 2, levels)), np.zeros((_PARTS, 2)), np.zeros(_PARTS)
    told = rows, bounds, documents, exposure, clock, share, rate, redraw, start
    in_parts(_expect, _PARTS, *told, habits, started, drawn, elapsed, loglik)
    return habits.sum(axis=0), started.sum(axis=0), drawn.sum(axis=0), elapsed.sum(axis=0), float(loglik.sum())


@njit(cache=True, nogil=True)
def _expect(begin: int, stop: int, stride: int, rows: Any, bounds: Any, documents: Any, exposure: Any, clock: Any, share: Any,
            rate: Any, redraw: Any, start: Any, habits: Any, started: Any, drawn: Any, elapsed: Any, loglik: Any) -> None:  # fmt: skip
    """Add what is expected of some parts of the patterns to their rows of the last five arguments."""
    for part in range(begin, stop, stride):
        for r in range(part, len(rows), _PARTS):
            hits = documents[bounds[rows[r]] : bounds[rows[r] + 1]]
            habit, value, steady = weigh(hits, exposure, clock, share, rate, redraw, start)
            loglik[part] += value
            for k in range(len(steady)):
                started[part, 0, k] += habit[0] * steady[k]
            weight, time, hit = steps(hits, exposure, clock)
            for h in range(3):
                habits[part, h] += habit[h]
                if h > 0 and habit[h] > 1e-6:
                    _count_changes(weight, time, hit, rate[h - 1], redraw[h - 1], start[h], habit[h], started[part, h],
                                   drawn[part, h - 1])  # fmt: skip
                    for s in range(1, len(time)):
                        elapsed[part, h - 1] += habit[h] * time[s]


@njit(cache=True)
def _count_changes(weight: Any, time: Any, hit: Any, rate: float, redraw: Any, start: Any, habit: float, started: Any,
                   drawn: Any) -> None:  # fmt: skip
    alpha, beta, emission, scale, _ = forward_backward(weight, time, hit, rate, redraw, start)
    for k in range(len(LEVELS)):
        started[k] += habit * alpha[0, k] * beta[0, k]
    for s in range(1, len(weight)):
        jump = 1.0 - np.exp(-rate * time[s])
        for k in range(len(LEVELS)):
            drawn[k] += habit * jump * redraw[k] * emission[s, k] * beta[s, k] / scale[s]
