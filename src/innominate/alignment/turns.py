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

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from innominate.alignment.composite import portions
from innominate.alignment.evidence import Evidence
from innominate.alignment.kernels import HELD, eight, groups_of, room, seen_of, smooth_classes
from innominate.alignment.parameters import ChannelParameters
from innominate.lanes import LANES, at, below, least, like, most, power, put, root
from innominate.threads import in_parts

Array = NDArray[np.float64]
Floats = NDArray[np.float32]

FASTER = 16.0  # times the quiet variance of a step
RATE = 0.02  # of turns per pair and year before data
JOINING = 0.4  # chance that a channel takes part in a turn
STRONGEST = 30.0  # likelihood ratio beyond which one channel counts no more: no channel makes a turn by itself
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


@njit(cache=True, nogil=True, error_model="numpy")
def step_ratios(m, v, held, q, faster):  # type: ignore[no-untyped-def]
    """Likelihood with a fast step over likelihood with a quiet one, for a turn upwards and one downwards.

    Parameters
    ----------
    m, v : posterior mean and variance of the step, found with prior precision `held`; numbers or Lanes
    q : quiet variance of the step; faster : times it in a turn, more than 1
    """
    inverse = 1.0 / v
    information = most(inverse - held, 0.0)
    a = (1.0 - 1.0 / faster) / q
    slow, quick = information + 1.0 / q, information + 1.0 / (q * faster)
    both = 1.0 / (slow * quick)
    own, fast = quick * both, slow * both  # posterior variance of the step had it been quiet, and had it been a turn
    moved, lost = own * m * inverse, 1.0 / root((1.0 - a * own) * faster)
    weight = power(least(moved * lost * moved * lost * (0.5 * a * faster), 50.0)) * lost
    ratio = least(weight, STRONGEST) * 2.0
    upward = below(root(fast) * m * inverse)
    return ratio * upward, ratio * (1.0 - upward)


@njit(cache=True, nogil=True)
def _channel_ratios(  # type: ignore[no-untyped-def]
    begin, stop, stride, seen, pace, quiet, portion, step, spread, rising, falling
):
    """Fill `rising` and `falling` (P, T) with one channel's ratios; add its change to `step`, the variance to `spread`.

    For the groups of eight pairs ``range(begin, stop, stride)``; see :func:`innominate.alignment.kernels.add_channel`.
    """
    scale, persistence, classes, (pairs, periods) = seen.scale, seen.persistence, len(seen.share), seen.z.shape
    work, lasting, odds, told, rows, _ = room(persistence, pairs, periods)
    mixed = np.empty((4, periods, LANES))
    for group in range(begin, stop, stride):
        count = eight(group, pairs, rows)
        smooth_classes(seen, rows, pace, work, lasting, odds, told)
        for t in range(1, periods):
            none = like(mixed[0], 0.0)
            up, down, mean, square = none, none, none, none
            for g in range(classes):
                chance, phi = at(odds, g), persistence[g]
                q = quiet * (1.0 - phi**2)
                now, before, lag = at(work[g, 0], t), at(work[g, 0], t - 1), at(work[g, 2], t - 1)
                wide, narrow = at(work[g, 1], t), at(work[g, 1], t - 1)
                v = wide + phi**2 * narrow - 2.0 * phi * lag
                faster = min(FASTER, 1.0 / q)
                if faster > 1.0:
                    one, two = step_ratios(now - phi * before, v, at(work[g, HELD], t), q, faster)
                    up += chance * one
                    down += chance * two
                else:
                    up += chance
                    down += chance
                change = scale[g] * (now - before)
                mean += chance * change
                square += chance * (change * change + scale[g] ** 2 * (wide + narrow - 2.0 * lag))
            put(mixed[0], t, up)
            put(mixed[1], t, down)
            put(mixed[2], t, mean)
            put(mixed[3], t, square - mean * mean)
        for lane in range(count):
            p = rows[lane]
            for t in range(seen.first[p] + 1, seen.last[p] + 1):
                rising[p, t], falling[p, t] = mixed[0, t, lane], mixed[1, t, lane]
                step[p, t] += portion * mixed[2, t, lane]
                spread[p, t] += portion**2 * mixed[3, t, lane]


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
    chances = np.zeros((2, *shape))
    for _ in range(rounds):
        step, spread = np.zeros(shape), np.zeros(shape)
        shares = portions([channel.channel for channel in evidence.channels])
        for k, (channel, found, portion) in enumerate(zip(evidence.channels, parameters, shares, strict=True)):
            in_parts(
                _channel_ratios,
                groups_of(len(channel.z)),
                seen_of(channel.z, channel.cell, evidence.first, evidence.last, found, evidence.grid),
                pace[k],
                quiet_factor(rate),
                portion,
                step,
                spread,
                ratios[k, 0],
                ratios[k, 1],
            )
        in_parts(_weigh, shape[0], ratios, evidence.first, evidence.last, rate, quiet_factor(rate), chances, pace)
    return Turns(chances[0], chances[1], step, spread, pace)


@njit(cache=True, nogil=True)
def _weigh(begin, stop, stride, ratios, first, last, rate, quiet, chances, pace):  # type: ignore[no-untyped-def]
    """From the ratios of all channels to the probability of a turn, and from that to the pace of every channel.

    Where a channel takes part in a turn its ratio counts, elsewhere 1. The pace is the harmonic mean of quiet and fast, weighted by
    the probability of a fast step; outside the life of a pair nothing turns, and the pace is 1.

    Parameters
    ----------
    ratios : (K, 2, P, T) upwards and downwards; for the pairs ``range(begin, stop, stride)``
    first, last : (P,) first and last period, inclusive, of a pair
    rate : of turns per period before data; quiet : speed of a quiet step
    chances : (2, P, T) probability of a turn upwards and downwards, filled
    pace : (K, P, T), filled
    """
    channels, periods = len(ratios), ratios.shape[3]
    odds, joining = np.empty((2, periods)), np.empty(periods)
    for p in range(begin, stop, stride):
        low, high = first[p] + 1, last[p] + 1
        odds[:] = 0.5 * rate / (1.0 - rate)
        for k in range(channels):
            for side in range(2):
                for t in range(low, high):
                    odds[side, t] *= 1.0 + JOINING * (ratios[k, side, p, t] - 1.0)
        for side in range(2):
            for t in range(low, high):
                chances[side, p, t] = odds[side, t] / (1.0 + odds[0, t] + odds[1, t])
        for k in range(channels):
            joining[:] = 0.0
            for side in range(2):
                for t in range(low, high):
                    joined = JOINING * ratios[k, side, p, t]
                    joining[t] += chances[side, p, t] * joined / (1.0 - JOINING + joined)
            for t in range(low, high):
                pace[k, p, t] = quiet / (1.0 - joining[t] * (1.0 - 1.0 / FASTER))
