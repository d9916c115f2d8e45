"""Numba kernels over all pairs of one channel: eight at a time under every class, the E-step, the sum over channels.

Pairs differ: in most channels most are still and a few are restless. Scale, level, persistence and noise belong to one of a
few latent classes of pairs; which class a pair is of in a channel is inferred from what it shows there.

Pairs are smoothed eight at a time (:mod:`innominate.alignment.smoothing`), all over the same periods. A path is stationary, so
that periods in which a pair does not exist, and nothing is seen of it, change nothing in those in which it does.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from innominate.alignment.parameters import ChannelParameters
from innominate.alignment.smoothing import BUFFERS, smooth
from innominate.lanes import LANES, at, least, like, logarithm, most, power, put
from innominate.threads import in_parts

Array = NDArray[np.float64]

CHUNKS = 16  # of pairs; sums are taken chunk by chunk in fixed order, so that threads change no bit
# rows of work besides those of `smooth`: observations, their precisions, precisions of the steps
SEEN, WEIGHT, HELD, ROWS = BUFFERS, BUFFERS + 1, BUFFERS + 2, BUFFERS + 3


class Seen(NamedTuple):
    """One channel as kernels take it: what is seen of every pair, and how pairs of each class behave.

    Attributes
    ----------
    z, cell : (P, T) observations, NaN unknown, and their variance classes
    first, last : (P,) the periods, inclusive, in which both states exist
    table : (cells + 1, G) precision of an observation by variance class and class of pairs; the last row, of what is unknown, 0
    share, scale, level, persistence : (G,) see :class:`innominate.alignment.parameters.ChannelParameters`
    """

    z: NDArray[np.float32]
    cell: NDArray[np.uint16]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    table: Array
    share: Array
    scale: Array
    level: Array
    persistence: Array


def seen_of(
    z: NDArray[np.float32],
    cell: NDArray[np.uint16],
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    found: ChannelParameters,
    grid: Array,
) -> Seen:
    """One channel at the parameters `found`; ``grid`` (B,) holds the sampling variances of the variance classes."""
    table = np.ascontiguousarray(np.pad(found.precision(grid), ((0, 0), (0, 1))).T)
    return Seen(z, cell, first, last, table, found.share, found.scale, found.level, found.persistence)


@njit(cache=True, nogil=True, error_model="numpy")
def steps_of(persistence, pace, rows, held):  # type: ignore[no-untyped-def]
    """Precisions of the steps of eight unit paths: 1 at the first period, then of the stationary step times the pace.

    No step is wider than the path itself is: at most a turn makes a path forget where it was.

    Parameters
    ----------
    pace : (P, T) factor, 1 up to the first period of a pair and beyond its last; or (P, 0): every path moves at its mean speed
    rows : (LANES,) places of the pairs
    held : (T, LANES), filled
    """
    still = 1.0 - persistence * persistence
    put(held, 0, like(held, 1.0))
    for t in range(1, len(held)):
        put(held, t, like(held, 1.0))
        if pace.shape[1] > 0:
            for lane in range(LANES):
                held[t, lane] = pace[rows[lane], t]
        put(held, t, 1.0 / least(at(held, t) * still, 1.0))


@njit(cache=True, nogil=True)
def look_at(seen, rows, work):  # type: ignore[no-untyped-def]
    """Observations of eight pairs as float64, and their precisions under every class, 0 where unknown.

    Parameters
    ----------
    seen : :class:`Seen`
    rows : (LANES,) places of the pairs
    work : (G, ROWS, T, LANES); observations are written for the first class only
    """
    z, cell, table = seen.z, seen.cell, seen.table
    blank, classes = len(table) - 1, table.shape[1]
    for t in range(z.shape[1]):
        for lane in range(LANES):
            p = rows[lane]
            known = np.isfinite(z[p, t])
            work[0, SEEN, t, lane] = z[p, t] if known else 0.0
            place = cell[p, t] if known else blank
            for g in range(classes):
                work[g, WEIGHT, t, lane] = table[place, g]


@njit(cache=True, nogil=True)
def smooth_classes(seen, rows, pace, work, lasting, odds, told):  # type: ignore[no-untyped-def]
    """Eight pairs in one channel under every class, and how probable each class is.

    Parameters
    ----------
    seen, rows : see :func:`look_at`
    pace : see :func:`steps_of`; without one `work` holds the steps already (:func:`room`)
    work : (G, ROWS, T, LANES): see :func:`smooth`, then observations (of the first class), precisions, precisions of the steps
    lasting : (G, 2, LANES) filled with the level's posterior mean and variance
    odds : (G, LANES) filled with the posterior probability of each class
    told : (1, LANES) filled with the log-likelihood, 0 where nothing is known (then classes keep their shares)
    """
    share, scale, level, persistence = seen.share, seen.scale, seen.level, seen.persistence
    look_at(seen, rows, work)
    for g in range(len(share)):
        if pace.shape[1] > 0:
            steps_of(persistence[g], pace, rows, work[g, HELD])
        mean, spread, likelihood = smooth(
            work[0, SEEN], work[g, WEIGHT], scale[g], level[g], persistence[g], work[g, HELD], work[g]
        )
        put(lasting[g], 0, mean)
        put(lasting[g], 1, spread)
        put(odds, g, likelihood + math.log(share[g]))
    best, total = at(odds, 0), like(odds, 0.0)
    for g in range(1, len(share)):
        best = most(best, at(odds, g))
    for g in range(len(share)):
        part = power(at(odds, g) - best)
        total += part
        put(odds, g, part)
    for g in range(len(share)):
        put(odds, g, at(odds, g) / total)
    put(told, 0, best + logarithm(total))


@njit(cache=True, nogil=True)
def room(persistence, pairs, periods):  # type: ignore[no-untyped-def]
    """Space for :func:`smooth_classes`: work with steps of mean speed, lasting, odds, told, rows; and a pace of nothing."""
    classes, rows = len(persistence), np.zeros(LANES, dtype=np.int64)
    work, steady = np.zeros((classes, ROWS, periods, LANES)), np.empty((pairs, 0), dtype=np.float32)
    for g in range(classes):
        steps_of(persistence[g], steady, rows, work[g, HELD])
    return work, np.empty((classes, 2, LANES)), np.empty((classes, LANES)), np.empty((1, LANES)), rows, steady


@njit(cache=True, nogil=True)
def eight(group, pairs, rows):  # type: ignore[no-untyped-def]
    """Write the places of the pairs of one group of eight, the last again where there are fewer; how many there are."""
    for lane in range(LANES):
        rows[lane] = min(group * LANES + lane, pairs - 1)
    return min(LANES, pairs - group * LANES)


def groups_of(pairs: int) -> int:
    """Groups of eight into which pairs are divided."""
    return -(-pairs // LANES)


def e_step(seen: Seen) -> tuple[Array, Array, Array, float]:
    """Expected sufficient statistics of one channel over all pairs that have it, by class of pairs.

    Returns
    -------
    moments : (G, cells, 4) count, sum E(z-o)^2, sum E(z-o)path, sum E path^2 by variance class, o the level
    steps : (G, 4) sums over steps of E before^2, E after^2, E before after, and their number
    levels : (G, 2) pairs, sum E o^2
    likelihood : log-likelihood
    """
    cells, classes = len(seen.table) - 1, len(seen.share)
    known = np.isfinite(seen.z).any(axis=1)
    some = seen._replace(z=seen.z[known], cell=seen.cell[known], first=seen.first[known], last=seen.last[known])
    moments, steps = np.zeros((CHUNKS, classes, cells, 4)), np.zeros((CHUNKS, classes, 4))
    levels, likelihood = np.zeros((CHUNKS, classes, 2)), np.zeros(CHUNKS)
    in_parts(_e_step, CHUNKS, some, moments, steps, levels, likelihood)
    return moments.sum(axis=0), steps.sum(axis=0), levels.sum(axis=0), float(likelihood.sum())


@njit(cache=True, nogil=True)
def _e_step(begin, stop, stride, seen, moments, steps, levels, likelihood):  # type: ignore[no-untyped-def]
    """Add the statistics of some chunks of pairs to their rows of the last four arguments."""
    pairs, periods = seen.z.shape
    groups, classes = (pairs + LANES - 1) // LANES, len(seen.share)
    work, lasting, odds, told, rows, steady = room(seen.persistence, pairs, periods)
    for chunk in range(begin, stop, stride):
        for group in range(chunk * groups // CHUNKS, (chunk + 1) * groups // CHUNKS):
            count = eight(group, pairs, rows)
            smooth_classes(seen, rows, steady, work, lasting, odds, told)
            likelihood[chunk] += told[0, :count].sum()
            for g in range(classes):
                for lane in range(count):
                    if odds[g, lane] >= 1e-12:
                        p = rows[lane]
                        _gather(
                            odds[g, lane], work[0, SEEN], work[g], lasting[g], lane, seen.cell[p], seen.first[p], seen.last[p],
                            moments[chunk, g], steps[chunk, g], levels[chunk, g],
                        )  # fmt: skip


@njit(cache=True, nogil=True)
def _gather(r, y, work, lasting, lane, cell, low, high, moments, steps, levels):  # type: ignore[no-untyped-def]
    """Add what one pair says of one class, of which it is with probability r."""
    level, spread = lasting[0, lane], lasting[1, lane]
    before, after, both, ahead = 0.0, 0.0, 0.0, 0.0
    for t in range(low, high + 1):
        mean = work[0, t, lane]
        square = mean * mean + work[1, t, lane]
        if t > low:
            before += ahead
            after += square
            both += work[0, t - 1, lane] * mean + work[2, t - 1, lane]
        ahead = square
        if work[WEIGHT, t, lane] > 0.0:
            b = cell[t]
            rest = y[t, lane] - level
            moments[b, 0] += r
            moments[b, 1] += r * (rest * rest + spread)
            moments[b, 2] += r * (rest * mean - work[3, t, lane])
            moments[b, 3] += r * square
    steps[0] += r * before
    steps[1] += r * after
    steps[2] += r * both
    steps[3] += r * (high - low)
    levels[0] += r
    levels[1] += r * (level * level + spread)


def add_channel(
    seen: Seen, pace: NDArray[np.float32], portion: float, means: Array, variances: Array, chances: Array
) -> None:
    """Add one channel's posterior to a weighted sum over channels, in place.

    ``means`` and ``variances`` (P, T) gain portion × the excess scale path + level, averaged over classes, and portion² ×
    its variance; ``chances`` (P, G) is filled with the probabilities of the classes; ``pace`` is (P, T) or (P, 0).
    """
    in_parts(_add_channel, groups_of(len(seen.z)), seen, pace, portion, means, variances, chances)


@njit(cache=True, nogil=True)
def _add_channel(begin, stop, stride, seen, pace, portion, means, variances, chances):  # type: ignore[no-untyped-def]
    """:func:`add_channel` for some groups of eight pairs."""
    scale, classes, (pairs, periods) = seen.scale, len(seen.share), seen.z.shape
    work, lasting, odds, told, rows, steady = room(seen.persistence, pairs, periods)
    mixed = np.empty((2, periods, LANES))
    for group in range(begin, stop, stride):
        count = eight(group, pairs, rows)
        smooth_classes(seen, rows, pace, work, lasting, odds, told)
        for t in range(periods):
            excess, square = like(mixed[0], 0.0), like(mixed[0], 0.0)
            for g in range(classes):
                chance, steady = at(odds, g), at(lasting[g], 0)
                own = scale[g] * at(work[g, 0], t) + steady
                spread = scale[g] ** 2 * at(work[g, 1], t) + 2.0 * scale[g] * at(work[g, 3], t) + at(lasting[g], 1)
                excess += chance * own
                square += chance * (own * own + spread)
            put(mixed[0], t, excess)
            put(mixed[1], t, square - excess * excess)
        for lane in range(count):
            p = rows[lane]
            for g in range(classes):
                chances[p, g] = odds[g, lane]
            for t in range(seen.first[p], seen.last[p] + 1):
                means[p, t] += portion * mixed[0, t, lane]
                variances[p, t] += portion**2 * mixed[1, t, lane]


def class_moments(seen: Seen, period: NDArray[np.int64]) -> tuple[Array, Array, Array]:
    """Posterior of one channel's excess at one period a pair, class by class: it is a mixture of Gaussians.

    ``period`` : (P,) places of the periods

    Returns
    -------
    means, variances, chances : (P, G) each
    """
    shape = len(seen.z), len(seen.share)
    means, variances, chances = np.empty(shape), np.empty(shape), np.empty(shape)
    in_parts(_class_moments, groups_of(len(seen.z)), seen, period, means, variances, chances)
    return means, variances, chances


@njit(cache=True, nogil=True)
def _class_moments(begin, stop, stride, seen, period, means, variances, chances):  # type: ignore[no-untyped-def]
    """:func:`class_moments` for some groups of eight pairs."""
    scale, classes, (pairs, periods) = seen.scale, len(seen.share), seen.z.shape
    work, lasting, odds, told, rows, steady = room(seen.persistence, pairs, periods)
    for group in range(begin, stop, stride):
        count = eight(group, pairs, rows)
        smooth_classes(seen, rows, steady, work, lasting, odds, told)
        for lane in range(count):
            p = rows[lane]
            t = period[p]
            for g in range(classes):
                chances[p, g] = odds[g, lane]
                means[p, g] = scale[g] * work[g, 0, t, lane] + lasting[g, 0, lane]
                moving = scale[g] ** 2 * work[g, 1, t, lane] + 2.0 * scale[g] * work[g, 3, t, lane]
                variances[p, g] = moving + lasting[g, 1, lane]
