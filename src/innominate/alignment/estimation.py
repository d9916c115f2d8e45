"""The parameters of a channel by expectation-maximisation.

Shumway and Stoffer 1982, Journal of Time Series Analysis 3: 253-264, with latent classes of pairs as in a finite mixture
(McLachlan and Peel 2000, Finite Mixture Models) and squared extrapolation (Varadhan and Roland 2008, Scandinavian
Journal of Statistics 35: 335-353).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from innominate.alignment import kernels
from innominate.alignment.evidence import ChannelEvidence, Evidence
from innominate.alignment.maximisation import maximise_persistence, maximise_variance
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
    moments, steps, levels, likelihood = kernels.e_step(
        channel.z,
        channel.cell,
        first,
        last,
        current.precision(grid),
        current.share,
        current.scale,
        current.level,
        current.persistence,
    )
    found = [
        _maximise_observation(moments[g].reshape(len(channel.series), len(grid), 4), grid, current, g)
        for g in range(len(current.share))
    ]
    weights = np.maximum(levels[:, 0], RAREST * max(levels[:, 0].sum(), 1.0))
    held = levels[:, 0] > 0
    level = np.where(held, levels[:, 1] / np.where(held, levels[:, 0], 1.0), current.level)
    return ChannelParameters(
        current.channel,
        weights / weights.sum(),
        np.array([one.scale for one in found]),
        np.clip(level, FAINTEST, LARGEST),
        np.array([maximise_persistence(one, before) for one, before in zip(steps, current.persistence, strict=True)]),
        np.stack([one.noise for one in found]),
        (*current.likelihood, float(likelihood)),
        np.stack([one.dispersion for one in found]),
    )


@dataclass(frozen=True, slots=True)
class _Observed:
    """How the observations of one class arise: scale, and for each series of the channel noise and dispersion."""

    scale: float
    noise: Array
    dispersion: Array


def _maximise_observation(moments: Array, grid: Array, current: ChannelParameters, g: int) -> _Observed:
    """Scale, noises and dispersions of one class: conditional maxima one after the other (Meng and Rubin 1993, Biometrika 80)."""
    noise = current.noise[g].copy()
    dispersion = np.broadcast_to(current.dispersion, current.noise.shape)[g].copy()
    weight = 1.0 / (noise[:, None] + dispersion[:, None] * grid[None, :])
    square = float((weight * moments[:, :, 3]).sum())
    bounds = (np.sqrt(FAINTEST), np.sqrt(LARGEST))
    scale = float(np.clip((weight * moments[:, :, 2]).sum() / square, *bounds)) if square > 0 else current.scale[g]
    for k, (count, own, cross, path) in enumerate(moments.transpose(0, 2, 1)):
        held = count > 0
        if held.any():
            seen, sampling = count[held], grid[held]
            residual = (own - 2 * scale * cross + scale**2 * path)[held]
            rest = dispersion[k] * sampling
            noise[k] = maximise_variance(noise[k], FAINTEST, LARGEST, np.ones_like(rest), rest, seen, residual)
            if (sampling > 0).any():
                rest = np.full_like(sampling, noise[k])
                dispersion[k] = maximise_variance(dispersion[k], *DISPERSIONS, sampling, rest, seen, residual)
    return _Observed(scale, noise, dispersion)
