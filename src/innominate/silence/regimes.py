"""Kernels of the recurrence model: forward-backward over the levels of one formula, and the gaps it leaves.

The model: :mod:`innominate.silence.recurrence`. A pattern is the ascending list of documents that carry a formula;
`exposure` and `clock` are cumulated before each document (n + 1 values).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, prange

LEVELS = np.array([0.0004, 0.04, 0.12, 0.3, 0.55, 0.8, 0.93, 0.985])
SILENT_SHARE = 0.4  # a level below this share of the earlier one counts as silence
EXPECTED = 0.15  # formulas expected in a document with less than this are no formulas of the series
PLENTY = 10  # unless used so many times before (after), and gone (come) with probability 0.9
SURELY = 0.6  # a formula owed with this probability is told when it lapses, however probable chance is
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
            miss = np.exp(weight[s] * np.log1p(-LEVELS[k]))
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
def _initial(first: int, time: Any, rate: float, redraw: Any, start: Any, alpha: Any, beta: Any, emission: Any,
             scale: Any, mask: Any) -> float:  # fmt: skip
    """Posterior that the formula was in use through all steps before the first use at step `first`."""
    levels = len(LEVELS)
    kept, vector = 0.0, np.empty(levels)
    for k in range(levels):
        for s in range(first):
            jump = 1.0 - np.exp(-rate * time[s])
            total = 0.0
            for j in range(levels):
                total += vector[j] if s > 0 else 0.0
            for j in range(levels):
                came = start[j] if s == 0 else (1.0 - jump) * vector[j] + jump * redraw[j] * total
                vector[j] = came * emission[s, j] * mask[k, j] / scale[s]
        jump = 1.0 - np.exp(-rate * time[first])
        total = 0.0
        for j in range(levels):
            total += vector[j]
        came = (1.0 - jump) * vector[k] + jump * redraw[k] * total
        kept += came * emission[first, k] / scale[first] * beta[first, k]
    return kept


@njit(cache=True)
def _through(at: int, stop: int, time: Any, rate: float, redraw: Any, alpha: Any, beta: Any, emission: Any,
             scale: Any, mask: Any) -> float:  # fmt: skip
    """Posterior that the formula was in use through all steps after the use at step `at` and before step `stop`."""
    levels, count = len(LEVELS), len(time)
    kept, vector = 0.0, np.empty(levels)
    for k in range(levels):
        if alpha[at, k] < 1e-12:
            continue
        for j in range(levels):
            vector[j] = 0.0
        vector[k] = alpha[at, k]
        for s in range(at + 1, stop):
            jump = 1.0 - np.exp(-rate * time[s])
            total = 0.0
            for j in range(levels):
                total += vector[j]
            for j in range(levels):
                came = (1.0 - jump) * vector[j] + jump * redraw[j] * total
                vector[j] = came * emission[s, j] * mask[k, j] / scale[s]
        total = 0.0
        for j in range(levels):
            total += vector[j]
        if stop == count:
            kept += total
            continue
        jump = 1.0 - np.exp(-rate * time[stop])
        for j in range(levels):
            came = (1.0 - jump) * vector[j] + jump * redraw[j] * total
            kept += came * emission[stop, j] / scale[stop] * beta[stop, j]
    return kept


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
    values = _steady_values(hits, exposure, start)
    best = values.max()
    return best + np.log(np.exp(values - best).sum())


@njit(cache=True)
def dense(hits: Any) -> bool:
    """Whether three uses ever stand within five documents: only such a formula can be a switched one."""
    return bool(np.any(hits[2:] - hits[: max(len(hits) - 2, 0)] <= 5))


@njit(cache=True)
def weigh(hits: Any, exposure: Any, clock: Any, share: Any, rate: Any, redraw: Any, start: Any) -> Any:
    """Posterior of the three habits of one pattern, and its log likelihood."""
    values = np.full(3, -1e300)
    values[0] = np.log(share[0]) + steady_likelihood(hits, exposure, start[0])
    weight, time, hit = steps(hits, exposure, clock)
    for habit in (1, 2):
        if habit == 2 or dense(hits):
            loglik = forward_backward(weight, time, hit, rate[habit - 1], redraw[habit - 1], start[habit])[4]
            values[habit] = np.log(share[habit]) + loglik
    best = values.max()
    values = np.exp(values - best)
    return values / values.sum(), best + np.log(values.sum())


@njit(cache=True)
def _judge_habit(hits: Any, weight: Any, time: Any, hit: Any, rate: float, redraw: Any, start: Any, mask: Any) -> Any:
    """Gap probabilities, levels and tail of one pattern under one changing habit."""
    alpha, beta, emission, scale, loglik = forward_backward(weight, time, hit, rate, redraw, start)
    count, levels = len(weight), len(LEVELS)
    at = np.empty(len(hits) + 1, dtype=np.int64)
    for s in range(count):
        if hit[s] >= 0:
            at[hit[s]] = s
    at[len(hits)] = count
    probability, level, owed = np.zeros(len(hits) + 1), np.zeros(len(hits)), np.zeros(len(hits))
    jump = 1.0 - np.exp(-rate)
    for i in range(len(hits)):
        for k in range(levels):
            level[i] += alpha[at[i], k] * beta[at[i], k] * LEVELS[k]
            owed[i] += ((1.0 - jump) * alpha[at[i], k] + jump * redraw[k]) * LEVELS[k]
        if at[i + 1] - at[i] > 1 and (
            owed[i] >= SURELY or _worth(at[i] + 1, at[i + 1], alpha, beta, SILENT_SHARE * level[i])
        ):
            kept = _through(at[i], at[i + 1], time, rate, redraw, alpha, beta, emission, scale, mask)
            probability[i + 1] = min(max(1.0 - kept, 0.0), 1.0)
    if at[0] > 0 and _worth(0, at[0], alpha, beta, SILENT_SHARE * level[0]):
        kept = _initial(at[0], time, rate, redraw, start, alpha, beta, emission, scale, mask)
        probability[0] = min(max(1.0 - kept, 0.0), 1.0)
    return probability, level, owed, alpha[count - 1].copy(), loglik


@njit(cache=True)
def _worth(first: int, stop: int, alpha: Any, beta: Any, below: float) -> bool:
    """Whether the formula may have been silent at any step of a gap at all: a quick look before the exact sum."""
    for s in range(first, stop):
        silent = 0.0
        for k in range(len(LEVELS)):
            if LEVELS[k] <= below or k == 0:
                silent += alpha[s, k] * beta[s, k]
        if silent > 0.01:
            return True
    return False


@njit(cache=True)
def judge(hits: Any, exposure: Any, clock: Any, share: Any, rate: Any, redraw: Any, start: Any) -> Any:
    """Every gap of one pattern.

    Returns
    -------
    probability : uses + 1 values, that of the gap before the first use, between uses, and after the last
    level : posterior mean level at every use
    owed : predicted probability that the document after each use carries it too
    tail : posterior of the level at the end of the series
    """
    levels, mask = len(LEVELS), allowed()
    weight, time, hit = steps(hits, exposure, clock)
    value = np.full(3, -1e300)
    value[0] = np.log(share[0]) + steady_likelihood(hits, exposure, start[0])
    uses = len(hits)
    probability, level = np.zeros((3, uses + 1)), np.zeros((3, uses))
    owed, tail = np.zeros((3, uses)), np.zeros((3, levels))
    steady = min(uses / max(exposure[-1], 1e-9), LEVELS[-1])
    level[0, :], owed[0, :] = steady, steady
    tail[0, np.argmin(np.abs(LEVELS - steady))] = 1.0
    for habit in (1, 2):
        if habit == 2 or dense(hits):
            p, mean, due, end, loglik = _judge_habit(
                hits, weight, time, hit, rate[habit - 1], redraw[habit - 1], start[habit], mask
            )
            probability[habit], level[habit], owed[habit], tail[habit] = p, mean, due, end
            value[habit] = np.log(share[habit]) + loglik
    value = np.exp(value - value.max())
    value /= value.sum()
    out, mean, due, end = np.zeros(uses + 1), np.zeros(uses), np.zeros(uses), np.zeros(levels)
    for habit in range(3):
        out += value[habit] * probability[habit]
        mean += value[habit] * level[habit]
        due += value[habit] * owed[habit]
        end += value[habit] * tail[habit]
    return out, mean, due, end


@njit(cache=True, parallel=True)
def expect(rows: Any, bounds: Any, documents: Any, exposure: Any, clock: Any, share: Any, rate: Any, redraw: Any,
           start: Any) -> Any:  # fmt: skip
    """Expected habits, starts and redraws by level, elapsed time and log likelihood, summed over the patterns `rows`."""
    levels, parts = len(LEVELS), 32
    habits, started, drawn = np.zeros((parts, 3)), np.zeros((parts, 3, levels)), np.zeros((parts, 2, levels))
    elapsed, loglik = np.zeros((parts, 2)), np.zeros(parts)
    for part in prange(parts):
        for r in range(part, len(rows), parts):
            hits = documents[bounds[rows[r]] : bounds[rows[r] + 1]]
            habit, value = weigh(hits, exposure, clock, share, rate, redraw, start)
            loglik[part] += value
            for h in range(3):
                habits[part, h] += habit[h]
            values = _steady_values(hits, exposure, start[0])
            values = np.exp(values - values.max())
            started[part, 0] += habit[0] * values / values.sum()
            weight, time, hit = steps(hits, exposure, clock)
            for h in (1, 2):
                if habit[h] > 1e-6:
                    _count_changes(weight, time, hit, rate[h - 1], redraw[h - 1], start[h], habit[h], started[part, h],
                                   drawn[part, h - 1])  # fmt: skip
                    elapsed[part, h - 1] += habit[h] * time[1:].sum()
    return habits.sum(axis=0), started.sum(axis=0), drawn.sum(axis=0), elapsed.sum(axis=0), loglik.sum()


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


@njit(cache=True, parallel=True)
def judge_all(bounds: Any, documents: Any, group: Any, exposure: Any, clock: Any, share: Any, rate: Any, redraw: Any,
              start: Any) -> Any:  # fmt: skip
    """:func:`judge` over all patterns: flat probabilities (uses + 1 a pattern), levels, owed, and the tail of each.

    `group` names the hazard of each pattern; share, rate, redraw and start have one more axis, the group, in front.
    """
    patterns = len(bounds) - 1
    probability = np.zeros(len(documents) + patterns)
    level, owed = np.zeros(len(documents)), np.zeros(len(documents))
    tail = np.zeros((patterns, len(LEVELS)))
    for i in prange(patterns):
        hits = documents[bounds[i] : bounds[i + 1]]
        if len(hits) < PLENTY and 50 * len(hits) < len(exposure) and not dense(hits):
            continue  # a handful of uses, far apart: no silence of it can be told from chance
        g = group[i]
        p, mean, due, end = judge(hits, exposure, clock, share[g], rate[g], redraw[g], start[g])
        probability[bounds[i] + i : bounds[i + 1] + i + 1] = p
        level[bounds[i] : bounds[i + 1]] = mean
        owed[bounds[i] : bounds[i + 1]] = due
        tail[i] = end
    return probability, level, owed, tail


@njit(cache=True)
def collect(bounds: Any, documents: Any, size: int, probability: Any, level: Any, owed: Any, least: float) -> Any:
    most = len(probability)
    pattern, last, following = np.empty(most, np.int32), np.empty(most, np.int32), np.empty(most, np.int32)
    uses, chance, due, after = np.empty(most, np.int32), np.empty(most), np.zeros(most), np.zeros(most)
    row = 0
    for i in range(len(bounds) - 1):
        first, stop = bounds[i], bounds[i + 1]
        used = 0
        for j in range(stop - first + 1):
            p = probability[first + i + j]
            due[row] = owed[first + j - 1] if j > 0 else 0.0
            missing = documents[first + j] > documents[first + j - 1] + 1 if 0 < j < stop - first else j > 0
            level_after = level[first + j] if first + j < stop else 0.0
            told = max(due[row], level_after) >= EXPECTED or (p >= 0.9 and stop - first >= 2 * PLENTY)
            if (p >= least and told) or (p > 0.0 and missing and due[row] >= SURELY):
                pattern[row], chance[row], uses[row] = i, p, used
                last[row] = documents[first + j - 1] if j > 0 else -1
                following[row] = documents[first + j] if first + j < stop else size
                after[row] = level_after
                row += 1
            used = 1 if p >= 0.5 else used + 1
    return (pattern[:row].copy(), last[:row].copy(), following[:row].copy(), chance[:row].copy(), due[:row].copy(),
            after[:row].copy(), uses[:row].copy())  # fmt: skip
