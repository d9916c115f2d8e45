"""Turns: years in which a pair moves faster than it otherwise does, in several channels at once and in one direction.

Steps of the paths come at two speeds, quiet and turn (FASTER times the quiet variance). In a turn every channel takes part
with probability JOINING, and those that do move towards the same side, up or down. Given the smoothed path, the step into a
period has posterior N(m, V) in a channel; the exact ratio of the data's likelihood with a fast step to that with a quiet one
is

    ratio = (1 / sqrt(k (1 - a V))) exp(a m^2 / (2 (1 - a V))),   a = (1 - 1/k) / q,

for the quiet posterior and k = FASTER, one where the channel saw nothing; it is parted into up and down by the posterior of the
fast step. Ratios multiply over channels, and the probability of a turn follows from its prior rate. Speeds are relative to
the class of the pair in that channel (:mod:`innominate.alignment.parameters`), so that what is news for a still pair is not for a
restless one. Probabilities and paths are iterated a few times (a smoothing counterpart of the collapsed filter of Kim 1994,
Journal of Econometrics 60: 1-22). Given the resulting speeds smoothing is linear in the observations, and why stays exact.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from innominate.alignment.composite import portions
from innominate.alignment.evidence import Evidence
from innominate.alignment.kernels import BUFFERS, smooth_classes
from innominate.alignment.parameters import ChannelParameters
from innominate.threads import in_parts

Array = NDArray[np.float64]
Floats = NDArray[np.float32]

FASTER = 16.0  # times the quiet variance of a step
RATE = 0.02  # of turns per pair and year before data
JOINING = 0.4  # chance that a channel takes part in a turn
STRONGEST = 30.0  # likelihood ratio beyond which one channel counts no more: no channel makes a turn by itself
UNLIKELY = 1e-3  # probability of a class below which it is passed over
ROUNDS = 2  # of smoothing and weighing


@dataclass(frozen=True, slots=True)
class Turns:
    """Turns of every pair.

    Attributes
    ----------
    up, down : (P, T) probability of a turn into the period, towards and away from alignment; 0 at a pair's first period
    step, variance : (P, T) posterior mean and variance of the composite's change into the period, in spreads averaged over
        channels
    pace : (K, P, T) float32, factor on the stationary step variance of every channel, 1 on average
    """

    up: Array
    down: Array
    step: Array
    variance: Array
    pace: Floats

    @classmethod
    def none(cls, channels: int, shape: tuple[int, int]) -> Turns:
        """Nobody turned, and every path moves at its mean speed."""
        still = np.zeros(shape)
        return cls(still, still, still, still, np.ones((channels, *shape), dtype=np.float32))


def quiet_factor(rate: float) -> float:
    """Quiet speed in units of the mean speed, so that the mean stays what was estimated."""
    return 1.0 / (1.0 + rate * JOINING * (FASTER - 1.0))


@njit(cache=True, nogil=True)
def _below(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


@njit(cache=True, nogil=True)
def step_ratios(m: float, v: float, steps: float, q: float, faster: float) -> tuple[float, float]:
    """Likelihood with a fast step over likelihood with a quiet one, for a turn upwards and one downwards.

    Parameters
    ----------
    m, v : posterior mean and variance of the step, found with prior variance `steps`
    q : quiet variance of the step; faster : times it in a turn
    """
    if faster <= 1.0:
        return 1.0, 1.0
    information = max(1.0 / v - 1.0 / steps, 0.0)
    a = (1.0 - 1.0 / faster) / q
    own = 1.0 / (information + 1.0 / q)  # the step's posterior had the step been quiet
    fast = 1.0 / (information + 1.0 / (q * faster))  # and had it been a turn
    moved, rest = own * m / v, 1.0 - a * own
    ratio = math.exp(min(0.5 * a * moved * moved / rest, 50.0)) / math.sqrt(faster * rest)
    upward = _below(math.sqrt(fast) * m / v)
    return min(ratio, STRONGEST) * 2.0 * upward, min(ratio, STRONGEST) * 2.0 * (1.0 - upward)


@njit(cache=True, nogil=True)
def _channel_ratios(  # type: ignore[no-untyped-def]
    begin, stop, stride, z, cell, first, last, inverse, share, scale, level, persistence, pace, quiet, portion, step,
    spread, rising, falling,
):  # fmt: skip
    """Fill `rising` and `falling` (P, T) with one channel's ratios; add its change to `step`, the variance to `spread`.

    For the pairs ``range(begin, stop, stride)``; see :func:`innominate.alignment.kernels.add_channel`.
    """
    classes, periods = len(share), z.shape[1]
    work, moving = np.empty((classes, BUFFERS + 3, periods)), np.empty(periods)
    lasting, odds = np.empty((classes, 2)), np.empty(classes)
    for p in range(begin, stop, stride):
        low, n = first[p], last[p] - first[p] + 1
        for t in range(n):
            moving[t] = pace[p, low + t]
        smooth_classes(
            z[p, low : low + n], cell[p, low : low + n], inverse, share, scale, level, persistence, moving[:n],
            work, lasting, odds,
        )  # fmt: skip
        for t in range(1, n):
            up, down, mean, square = 0.0, 0.0, 0.0, 0.0
            for g in range(classes):
                if odds[g] < UNLIKELY:
                    continue
                phi, q = persistence[g], quiet * (1.0 - persistence[g] ** 2)
                lag = work[g, 2, t - 1]
                m = work[g, 0, t] - phi * work[g, 0, t - 1]
                v = work[g, 1, t] + phi**2 * work[g, 1, t - 1] - 2.0 * phi * lag
                one, two = step_ratios(m, v, work[g, BUFFERS + 2, t], q, min(FASTER, 1.0 / q))
                up += odds[g] * one
                down += odds[g] * two
                change = scale[g] * (work[g, 0, t] - work[g, 0, t - 1])
                mean += odds[g] * change
                square += odds[g] * (change * change + scale[g] ** 2 * (work[g, 1, t] + work[g, 1, t - 1] - 2.0 * lag))
            rising[p, low + t], falling[p, low + t] = up, down
            step[p, low + t] += portion * mean
            spread[p, low + t] += portion**2 * (square - mean * mean)


def find_turns(
    evidence: Evidence, parameters: tuple[ChannelParameters, ...], *, per_year: int = 1, rounds: int = ROUNDS
) -> Turns:
    """Turns of every pair, and the pace at which its channels then move.

    Parameters
    ----------
    per_year : periods in a year, over which the yearly rate of turns is spread
    """
    shape, rate = evidence.channels[0].z.shape, RATE / per_year
    pace = np.ones((len(parameters), *shape), dtype=np.float32)
    ratios = np.ones((len(parameters), 2, *shape), dtype=np.float32)
    up, down = np.zeros(shape), np.zeros(shape)
    for _ in range(rounds):
        step, spread = np.zeros(shape), np.zeros(shape)
        odds = np.full((2, *shape), math.log(0.5 * rate / (1.0 - rate)))
        shares = portions([channel.channel for channel in evidence.channels])
        for k, (channel, found, portion) in enumerate(zip(evidence.channels, parameters, shares, strict=True)):
            in_parts(
                _channel_ratios,
                len(channel.z),
                channel.z,
                channel.cell,
                evidence.first,
                evidence.last,
                found.precision(evidence.grid),
                found.share,
                found.scale,
                found.level,
                found.persistence,
                pace[k],
                quiet_factor(rate),
                portion,
                step,
                spread,
                ratios[k, 0],
                ratios[k, 1],
            )
            odds += np.log1p(JOINING * (ratios[k] - 1.0))
        up, down = np.exp(odds - np.logaddexp(0.0, np.logaddexp(odds[0], odds[1])))
        for k in range(len(parameters)):
            joined = up * _joining(ratios[k, 0]) + down * _joining(ratios[k, 1])
            pace[k] = _paces(joined, rate)
    periods = np.arange(shape[1])
    outside = (periods[None, :] <= evidence.first[:, None]) | (periods[None, :] > evidence.last[:, None])
    up[outside] = down[outside] = 0.0
    return Turns(up, down, step, spread, pace)


def _joining(ratio: Floats) -> Array:
    """Probability that a channel takes part in a turn, given that there is one and what the channel shows."""
    joined: Array = JOINING * ratio / (1.0 + JOINING * (ratio - 1.0))
    return joined


def _paces(joined: Array, rate: float) -> Array:
    """Factor on the step variance: the harmonic mean of quiet and fast, weighted by the probability of a fast step."""
    pace: Array = quiet_factor(rate) / ((1.0 - joined) + joined / FASTER)
    return pace
