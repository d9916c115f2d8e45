"""Kernels that judge the pauses of one formula: was it silent for a while, or missing by chance?

Arguments as in :mod:`innominate.silence.regimes`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from innominate.lanes import LANES, at, total
from innominate.mixture import shares_of
from innominate.silence.regimes import (
    LEVELS,
    SILENT_SHARE,
    allowed,
    dense,
    emissions,
    forward_backward,
    jumps_of,
    steady_values,
    steps,
)
from innominate.threads import in_parts

EXPECTED = 0.15  # formulas expected in a document with less than this are no formulas of the series
PLENTY = 10  # unless used so many times before (after), and gone (come) with probability 0.9
SURELY = 0.5  # a formula owed with this probability is told when it lapses, however probable chance is
_LEVELS = LEVELS.reshape(1, LANES)
_EACH = np.eye(LANES)
_NEAR = 12  # documents on either side of a pause that a first look takes in
_LONG = 1000  # documents from which that look is a strict one: three uses, not two, and two nats of surprise, not one


@njit(cache=True)
def _moved(vector: Any, jump: float, anew: Any) -> Any:
    """How probable each level is after a step in which the level is drawn anew with probability `jump`."""
    return vector * (1.0 - jump) + anew * (jump * total(vector))


@njit(cache=True)
def _initial(first: int, jumps: Any, redraw: Any, start: Any, alpha: Any, beta: Any, emission: Any,
             scale: Any, mask: Any) -> float:  # fmt: skip
    """Posterior that the formula was in use through all steps before the first use at step `first`."""
    levels = len(LEVELS)
    kept = 0.0
    anew, came = at(redraw.reshape((1, levels)), 0), at(start.reshape((1, levels)), 0)
    for k in range(levels):
        vector = came * at(emission, 0) * at(mask, k) * (1.0 / scale[0])
        for s in range(1, first):
            moved = _moved(vector, jumps[s], anew)
            vector = moved * at(emission, s) * at(mask, k) * (1.0 / scale[s])
        moved = _moved(vector, jumps[first], anew)
        kept += total(moved * at(_EACH, k) * at(emission, first) * at(beta, first)) / scale[first]
    return kept


@njit(cache=True)
def _through(use: int, stop: int, jumps: Any, redraw: Any, alpha: Any, beta: Any, emission: Any,
             scale: Any, mask: Any) -> float:  # fmt: skip
    """Posterior that the formula was in use through all steps after the use at step `use` and before step `stop`."""
    levels, count = len(LEVELS), len(jumps)
    kept, anew = 0.0, at(redraw.reshape((1, levels)), 0)
    for k in range(levels):
        if alpha[use, k] < 1e-12:
            continue
        vector = at(_EACH, k) * alpha[use, k]
        for s in range(use + 1, stop):
            moved = _moved(vector, jumps[s], anew)
            vector = moved * at(emission, s) * at(mask, k) * (1.0 / scale[s])
        if stop == count:
            kept += total(vector)
            continue
        moved = _moved(vector, jumps[stop], anew)
        kept += total(moved * at(emission, stop) * at(beta, stop)) / scale[stop]
    return kept


@njit(cache=True)
def _judge_habit(
    hits: Any, emission: Any, time: Any, hit: Any, rate: float, redraw: Any, start: Any, mask: Any, look: Any,
    probability: Any, level: Any, owed: Any, tail: Any,
) -> float:  # fmt: skip
    """Fill in gap probabilities, levels and tail of one pattern under one changing habit; its log likelihood."""
    jump, jumps = 1.0 - math.exp(-rate), jumps_of(time, rate)
    alpha, beta, scale, loglik = forward_backward(emission, jumps, redraw, start)
    count, levels = len(time), len(LEVELS)
    step = np.empty(len(hits) + 1, dtype=np.int64)
    for s in range(count):
        if hit[s] >= 0:
            step[hit[s]] = s
    step[len(hits)] = count
    high, anew = at(_LEVELS, 0), at(redraw.reshape((1, levels)), 0)
    for i in range(len(hits)):
        now = at(alpha, step[i])
        level[i] += total(now * at(beta, step[i]) * high)
        owed[i] += total((now * (1.0 - jump) + anew * jump) * high)
        if (
            look[i + 1]
            and step[i + 1] - step[i] > 1
            and (owed[i] >= SURELY or _worth(step[i] + 1, step[i + 1], alpha, beta, SILENT_SHARE * level[i]))
        ):
            kept = _through(step[i], step[i + 1], jumps, redraw, alpha, beta, emission, scale, mask)
            probability[i + 1] = min(max(1.0 - kept, 0.0), 1.0)
    if look[0] and step[0] > 0 and _worth(0, step[0], alpha, beta, SILENT_SHARE * level[0]):
        kept = _initial(step[0], jumps, redraw, start, alpha, beta, emission, scale, mask)
        probability[0] = min(max(1.0 - kept, 0.0), 1.0)
    for k in range(levels):
        tail[k] = alpha[count - 1, k]
    return loglik


@njit(cache=True)
def _worth(first: int, stop: int, alpha: Any, beta: Any, below: float) -> bool:
    """Whether the formula may have been silent at any step of a gap at all: a quick look before the exact sum."""
    silent = np.zeros((1, len(LEVELS)))
    for k in range(len(LEVELS)):
        silent[0, k] = LEVELS[k] <= below or k == 0
    low = at(silent, 0)
    for s in range(first, stop):  # noqa: SIM110 (compiled)
        if total(at(alpha, s) * at(beta, s) * low) > 0.01:
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
    return judge_where(hits, exposure, clock, share, rate, redraw, start, np.ones(len(hits) + 1, dtype=np.bool_))


@njit(cache=True)
def judge_where(hits: Any, exposure: Any, clock: Any, share: Any, rate: Any, redraw: Any, start: Any, look: Any) -> Any:
    """:func:`judge` for the gaps of which `look` is true (uses + 1 values); the others are given 0."""
    levels, mask, uses = len(LEVELS), allowed(), len(hits)
    weight, time, hit = steps(hits, exposure, clock)
    emission, value = emissions(weight, hit), np.full(3, -1e300)
    value[0] = math.log(share[0]) + shares_of(steady_values(weight, hit, emission, start[0]))
    probability, level, owed, tail = (
        np.zeros((3, uses + 1)),
        np.zeros((3, uses)),
        np.zeros((3, uses)),
        np.zeros((3, levels)),
    )
    steady, nearest = min(uses / max(exposure[-1], 1e-9), LEVELS[-1]), 0
    for k in range(levels):
        if abs(LEVELS[k] - steady) < abs(LEVELS[nearest] - steady):
            nearest = k
    tail[0, nearest] = 1.0
    for i in range(uses):
        level[0, i] = owed[0, i] = steady
    for habit in (1, 2):
        if habit == 2 or dense(hits):
            loglik = _judge_habit(
                hits, emission, time, hit, rate[habit - 1], redraw[habit - 1], start[habit], mask, look,
                probability[habit], level[habit], owed[habit], tail[habit],
            )  # fmt: skip
            value[habit] = math.log(share[habit]) + loglik
    shares_of(value)
    return _mixed(value, probability), _mixed(value, level), _mixed(value, owed), _mixed(value, tail)


@njit(cache=True)
def _mixed(share: Any, rows: Any) -> Any:
    """Sum of `rows`, each times its share."""
    out = np.zeros(rows.shape[1])
    for k in range(rows.shape[0]):
        for i in range(rows.shape[1]):
            out[i] += share[k] * rows[k, i]
    return out


@njit(cache=True)
def _surprise(used: float, seen: float, pause: float) -> float:
    """-log of the predictive probability (Beta-binomial) of a pause after `used` of `seen` documents."""
    seen = max(seen, used)
    return math.lgamma(1 + seen - used) + math.lgamma(2 + seen + pause) - math.lgamma(1 + seen - used + pause) - math.lgamma(
        2 + seen
    )  # fmt: skip


@njit(cache=True)
def surprising(hits: Any, exposure: Any) -> Any:
    """Which pauses are longer than chance easily makes them, seen from the dozen documents before or after (uses + 1).

    A word that stood once or twice among them is no formula of the time, and no silence of it can be told.
    """
    size, low, high = len(exposure) - 1, 0, 0
    look = np.zeros(len(hits) + 1, dtype=np.bool_)
    fewest, least = (2, 1.0) if size < _LONG else (3, 2.0)
    carried = np.zeros(len(hits) + 1)  # exposure of the uses, cumulated: each counts once, whatever its document owed
    for i in range(len(hits)):
        carried[i + 1] = carried[i] + exposure[hits[i] + 1] - exposure[hits[i]]
    for i in range(len(hits)):
        while hits[low] <= hits[i] - _NEAR:
            low += 1
        following = hits[i + 1] if i + 1 < len(hits) else size
        uses = i - low + 1
        if following > hits[i] + 1 and uses >= fewest:
            missed = exposure[hits[i]] - exposure[max(hits[i] + 1 - _NEAR, 0)] - (carried[i] - carried[low])
            pause = exposure[following] - exposure[hits[i] + 1]
            # since the first use, which is no evidence itself
            young = exposure[hits[i]] - exposure[hits[low] + 1] - (carried[i] - carried[min(low + 1, i)])
            if _surprise(uses, uses + missed, pause) >= least or (
                size < _LONG and _surprise(uses - 1, uses - 1 + young, pause) >= least
            ):
                look[i + 1] = True
        while high < len(hits) and hits[high] < hits[i] + _NEAR:
            high += 1
        before = hits[i - 1] + 1 if i > 0 else 0
        uses = high - i
        if hits[i] > before and not look[i] and uses >= fewest:
            missed = exposure[min(hits[i] + _NEAR, size)] - exposure[hits[i] + 1] - (carried[high] - carried[i + 1])
            if _surprise(uses, uses + missed, exposure[hits[i]] - exposure[before]) >= least:
                look[i] = True
    return look


def judge_all(bounds: Any, documents: Any, group: Any, exposure: Any, clock: Any, share: Any, rate: Any, redraw: Any,
              start: Any) -> Any:  # fmt: skip
    """:func:`judge` over all patterns: flat probabilities (uses + 1 a pattern), levels, owed, and the tail of each.

    `group` names the hazard of each pattern; share, rate, redraw and start have one more axis, the group, in front.
    """
    patterns = len(bounds) - 1
    probability = np.zeros(len(documents) + patterns)
    level, owed = np.zeros(len(documents)), np.zeros(len(documents))
    tail = np.zeros((patterns, len(LEVELS)))
    told = bounds, documents, group, exposure, clock, share, rate, redraw, start
    in_parts(_judge_some, patterns, *told, probability, level, owed, tail)
    return probability, level, owed, tail


@njit(cache=True, nogil=True)
def _judge_some(begin: int, stop: int, stride: int, bounds: Any, documents: Any, group: Any, exposure: Any, clock: Any, share: Any,
                rate: Any, redraw: Any, start: Any, probability: Any, level: Any, owed: Any, tail: Any) -> None:  # fmt: skip
    """:func:`judge_all` for some patterns."""
    for i in range(begin, stop, stride):
        hits = documents[bounds[i] : bounds[i + 1]]
        look = surprising(hits, exposure)
        if hits[-1] < len(exposure) - 1 - _NEAR and not look.any():
            continue  # out of use, and no silence of it can be told from chance
        g = group[i]
        p, mean, due, end = judge_where(hits, exposure, clock, share[g], rate[g], redraw[g], start[g], look)
        probability[bounds[i + 1] + i] = p[len(hits)]
        for j in range(len(hits)):
            probability[bounds[i] + i + j], level[bounds[i] + j], owed[bounds[i] + j] = p[j], mean[j], due[j]
        for k in range(len(end)):
            tail[i, k] = end[k]


@njit(cache=True)
def collect(bounds: Any, documents: Any, size: int, probability: Any, level: Any, owed: Any, least: float) -> Any:
    most = len(probability)
    pattern, last, following = np.empty(most, np.int32), np.empty(most, np.int32), np.empty(most, np.int32)
    uses, chance, due, after = np.empty(most, np.int32), np.empty(most), np.empty(most), np.empty(most)
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
