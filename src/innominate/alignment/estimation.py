"""The parameters of a channel by expectation-maximisation.

Shumway and Stoffer 1982, Journal of Time Series Analysis 3: 253-264, with latent classes of pairs as in a finite mixture
(McLachlan and Peel 2000, Finite Mixture Models) and squared extrapolation (Varadhan and Roland 2008, Scandinavian
Journal of Statistics 35: 335-353).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from innominate.alignment import kernels
from innominate.alignment.evidence import ChannelEvidence, Evidence
from innominate.alignment.maximisation import maximise_observation, maximise_persistence
from innominate.alignment.parameters import (
    DISPERSIONS,
    FAINTEST,
    LARGEST,
    RAREST,
    ChannelParameters,
)

Array = NDArray[np.float64]

MOST_ROUNDS = 25  # of two EM steps and an extrapolation
SETTLED = 1e-3  # largest relative change of a parameter in one EM step, at which estimation stops
GAINED = 1e-5  # or the relative gain of likelihood in a round
PERSISTENCES = (0.9, 0.6)  # at the start, the slower one first
RACING = 7  # rounds after which the better start goes on alone
FEWER = 5  # times fewer pairs on which estimation starts
POLISHING = 4  # rounds on all pairs after that
LOUDNESS = (0.05, 0.6, 6.0)  # of the classes at the start: their variances in units of the channel's own
SHARES = (0.5, 0.35, 0.15)
VARIANCES, FACTORS = np.array([FAINTEST, LARGEST]), np.array(DISPERSIONS)


def estimate(
    evidence: Evidence, rows: NDArray[np.intp], progress: Callable[[str], None] = lambda channel: None
) -> tuple[ChannelParameters, ...]:
    """Parameters of every channel by EM on the pairs `rows`, from where EM on one in FEWER of them ends."""
    few, grid = rows[::FEWER], evidence.grid
    found = []
    for channel in evidence.channels:
        progress(channel.channel)
        start = from_best_start(channel.take(few), evidence.first[few], evidence.last[few], grid)
        found.append(
            estimate_channel(channel.take(rows), evidence.first[rows], evidence.last[rows], grid, start, POLISHING)
        )
    return tuple(found)


def from_best_start(
    channel: ChannelEvidence, first: NDArray[np.int64], last: NDArray[np.int64], grid: Array
) -> ChannelParameters:
    """Parameters by EM from the start that has the highest likelihood after some rounds (McLachlan and Peel 2000, 2.12).

    What moves fast and what is noise are hard to tell apart, and EM from a slow start stays where all that is fast is noise.
    """
    tried = [
        estimate_channel(channel, first, last, grid, beginning(channel, persistence), RACING)
        for persistence in PERSISTENCES
    ]
    best = max(tried, key=lambda one: one.likelihood[-1] if one.likelihood else 0.0)
    rest = estimate_channel(channel, first, last, grid, best, MOST_ROUNDS - RACING)
    return replace(rest, likelihood=(*best.likelihood, *rest.likelihood))


def beginning(channel: ChannelEvidence, persistence: float = PERSISTENCES[0]) -> ChannelParameters:
    """Parameters from which estimation starts."""
    seen = channel.z[np.isfinite(channel.z)]
    size = float(max(seen.var(), 0.01)) if len(seen) else 1.0
    loud = size * np.array(LOUDNESS)
    noise = np.repeat(0.3 * loud[:, None], len(channel.series), axis=1)
    return ChannelParameters(
        channel.channel,
        np.array(SHARES),
        np.sqrt(0.4 * loud),
        0.3 * loud,
        np.full(len(loud), persistence),
        noise,
        dispersion=np.ones_like(noise),
    )


def estimate_channel(
    channel: ChannelEvidence,
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    grid: Array,
    start: ChannelParameters | None = None,
    rounds: int = MOST_ROUNDS,
) -> ChannelParameters:
    """Maximum likelihood for one channel by EM, with squared extrapolation where that loses no likelihood.

    Parameters
    ----------
    start : parameters from which to start; by default :func:`beginning`
    """
    current = beginning(channel) if start is None else replace(start, likelihood=())

    def step(given: ChannelParameters) -> ChannelParameters:
        return em_step(channel, first, last, grid, given)

    for _ in range(rounds if np.isfinite(channel.z).any() else 0):
        one = step(current)
        two = step(one)
        leap = step(_extrapolated(current, one, two))
        track = two.likelihood
        better = leap.likelihood[-1] >= track[-1]
        gain = (leap.likelihood[-1] if better else track[-1]) - track[-2]
        settled = float(np.abs(two.free() - one.free()).max())
        current = replace(leap, likelihood=(*track, leap.likelihood[-1])) if better else two
        if settled < SETTLED or abs(gain) < GAINED * abs(track[-1]):
            break
    return current


def _extrapolated(zero: ChannelParameters, one: ChannelParameters, two: ChannelParameters) -> ChannelParameters:
    before, after = one.free() - zero.free(), two.free() - one.free()
    bend = after - before
    length = float(np.linalg.norm(bend))
    stride = max(float(np.linalg.norm(before)) / length, 1.0) if length > 0 else 1.0
    leap = zero.free() + 2 * stride * before + stride**2 * bend
    return replace(zero.at(leap), likelihood=())


def em_step(
    channel: ChannelEvidence,
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    grid: Array,
    current: ChannelParameters,
) -> ChannelParameters:
    """One EM iteration; appends the log-likelihood of the parameters it started from."""
    seen = kernels.seen_of(channel.z, channel.cell, first, last, current, grid)
    moments, steps, levels, likelihood = kernels.e_step(seen)
    scale, noise = current.scale.copy(), current.noise.copy()
    dispersion = np.broadcast_to(current.dispersion, noise.shape).copy()
    for g in range(len(scale)):
        scale[g] = maximise_observation(moments[g], grid, scale[g], noise[g], dispersion[g], VARIANCES, FACTORS)
    weights = np.maximum(levels[:, 0], RAREST * max(levels[:, 0].sum(), 1.0))
    held = levels[:, 0] > 0
    level = np.where(held, levels[:, 1] / np.where(held, levels[:, 0], 1.0), current.level)
    return ChannelParameters(
        current.channel,
        weights / weights.sum(),
        scale,
        np.clip(level, FAINTEST, LARGEST),
        np.array([maximise_persistence(one, before) for one, before in zip(steps, current.persistence, strict=True)]),
        noise,
        (*current.likelihood, float(likelihood)),
        dispersion,
    )
