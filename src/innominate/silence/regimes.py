"""Kernels of the recurrence model: forward-backward over the levels of one formula, and the gaps it leaves.

The model: :mod:`innominate.silence.recurrence`. A pattern is the ascending list of documents that carry a formula;
`exposure` and `clock` are cumulated before each document (n + 1 values).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from innominate.lanes import LANES, at, least, like, most, power, put, total
from innominate.mixture import shares_of
from innominate.threads import in_parts

LEVELS = np.array([0.0004, 0.04, 0.12, 0.3, 0.55, 0.8, 0.93, 0.985])
LOG_MISS = np.log1p(-LEVELS)
_LOG_MISSES = LOG_MISS.reshape(1, LANES)  # levels are worked on side by side
SILENT_SHARE = 0.4  # a level below this share of the earlier one counts as silence
# beta of a level that is never drawn anew grows without bound where all that came before speaks against it
_MOST = 1e200
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
def emissions(weight: Any, hit: Any) -> Any:
    """(steps, levels) probability of what each step shows at each level."""
    out = np.empty((len(weight), len(LEVELS)))
    misses = at(_LOG_MISSES, 0)
    for s in range(len(weight)):
        miss = power(misses * weight[s])
        if hit[s] >= 0:
            put(out, s, most(1.0 - miss, 1e-12))
        else:
            put(out, s, miss)
    return out


@njit(cache=True)
def jumps_of(time: Any, rate: float) -> Any:
    """(steps,) probability that the level is drawn anew at some moment of each step."""
    out = np.empty(len(time))
    for s in range(len(time)):
        out[s] = 1.0 - math.exp(-rate * time[s])
    return out


@njit(cache=True)
def forward_backward(emission: Any, jumps: Any, redraw: Any, start: Any) -> Any:
    """Scaled forward-backward pass.

    Parameters
    ----------
    emission, jumps : of :func:`emissions` and :func:`jumps_of`
    redraw, start : (levels,) distribution of a level drawn anew, and of the first

    Returns
    -------
    alpha, beta : (steps, levels), alpha normalised at each step and beta scaled by the same constants, so that
        alpha * beta is the posterior of the level
    scale : (steps,) those constants
    log_likelihood
    """
    count, levels = len(jumps), len(LEVELS)
    alpha, beta = np.empty((count, levels)), np.empty((count, levels))
    scale = np.empty(count)
    loglik, product = 0.0, 1.0
    anew, before = at(redraw.reshape((1, levels)), 0), at(start.reshape((1, levels)), 0)
    for s in range(count):
        shown = before * at(emission, s)
        norm = total(shown)
        share = 1.0 / norm
        put(alpha, s, shown * share)
        if s + 1 < count:
            before = shown * ((1.0 - jumps[s + 1]) * share) + anew * jumps[s + 1]
        scale[s] = norm
        product *= norm
        if product < 1e-100:  # one logarithm for many steps
            loglik += math.log(product)
            product = 1.0
    ahead = like(beta, 1.0)
    put(beta, count - 1, ahead)
    for s in range(count - 2, -1, -1):
        jump, share = jumps[s + 1], 1.0 / scale[s + 1]
        stayed = at(emission, s + 1) * ahead
        ahead = least(stayed * ((1.0 - jump) * share) + jump * share * total(stayed * anew), _MOST)
        put(beta, s, ahead)
    return alpha, beta, scale, loglik + math.log(product)


@njit(cache=True)
def steady_values(weight: Any, hit: Any, emission: Any, start: Any) -> Any:
    """Log of prior times likelihood of each level, if it never changes."""
    values, missed = np.empty(len(LEVELS)), 0.0
    for s in range(len(weight)):
        missed += 0.0 if hit[s] >= 0 else weight[s]
    for k in range(len(LEVELS)):
        value, product = math.log(start[k] + 1e-300) + missed * LOG_MISS[k], 1.0
        for s in range(len(weight)):
            if hit[s] >= 0:
                product *= emission[s, k]
                if product < 1e-100:
                    value += math.log(product)
                    product = 1.0
        values[k] = value + math.log(product)
    return values


@njit(cache=True)
def dense(hits: Any) -> bool:
    """Whether three uses ever stand within five documents: only such a formula can be a switched one."""
    for i in range(2, len(hits)):  # noqa: SIM110 (compiled)
        if hits[i] - hits[i - 2] <= 5:
            return True
    return False


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
    levels = len(LEVELS)
    habit, begun, changed = np.empty(3), np.empty((3, levels)), np.empty((3, levels))
    for part in range(begin, stop, stride):
        for r in range(part, len(rows), _PARTS):
            hits = documents[bounds[rows[r]] : bounds[rows[r] + 1]]
            weight, time, hit = steps(hits, exposure, clock)
            emission = emissions(weight, hit)
            begun[0] = steady_values(weight, hit, emission, start[0])
            habit[0], habit[1] = math.log(share[0]) + shares_of(begun[0]), -1e300
            for h in (1, 2):
                if h == 2 or dense(hits):
                    jumps = jumps_of(time, rate[h - 1])
                    alpha, beta, scale, value = forward_backward(emission, jumps, redraw[h - 1], start[h])
                    habit[h] = math.log(share[h]) + value
                    _count_changes(alpha, beta, emission, jumps, redraw[h - 1], scale, begun[h], changed[h])
            loglik[part] += shares_of(habit)
            for h in range(3):
                habits[part, h] += habit[h]
                if h > 0 and habit[h] <= 1e-6:
                    continue
                for k in range(levels):
                    started[part, h, k] += habit[h] * begun[h, k]
                if h > 0:
                    for k in range(levels):
                        drawn[part, h - 1, k] += habit[h] * changed[h, k]
                    for s in range(1, len(time)):
                        elapsed[part, h - 1] += habit[h] * time[s]


@njit(cache=True)
def _count_changes(
    alpha: Any, beta: Any, emission: Any, jumps: Any, redraw: Any, scale: Any, begun: Any, changed: Any
) -> None:
    """Fill in how probable each level is at first, and how often each is expected to be drawn anew."""
    for k in range(len(LEVELS)):
        begun[k], changed[k] = alpha[0, k] * beta[0, k], 0.0
    for s in range(1, len(jumps)):
        share = jumps[s] / scale[s]
        for k in range(len(LEVELS)):
            changed[k] += share * redraw[k] * emission[s, k] * beta[s, k]
