"""The measurement model: every channel a noisy view of a persistent excess, alignment their declared composite.

For pair p in channel c and period t,

    z[p,c,t] = x[p,c,t] + noise,          noise ~ N(0, noise[series] + sampling variance),
    x[p,c,t] = level[p,c] + s[c] path[p,c,t],   path a stationary first-order autoregression of unit variance,
    alignment[p,t] = mean over channels of x[p,c,t], on the scale of :mod:`innominate.alignment.scale`.

A lasting level keeps a pair where it was when a channel's data end, while the interval widens: nothing drifts because a
dataset stopped. Parameters by EM (Shumway and Stoffer 1982, Journal of Time Series Analysis 3: 253-264). Why an equally
weighted composite and not a factor with free loadings is in ``docs/decisions/0003``: the first common factor of behaviour
between states is attention, which enemies share with friends; unit weights on signed indicators are the robust
alternative (Dawes 1979, American Psychologist 34: 571-582). Commitments never enter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from innominate.alignment import kernels
from innominate.panel import Panel

Array = NDArray[np.float64]

GRID_STEPS = 120  # of the sampling variance, log-spaced; a step is under 17 %
SMALLEST, LARGEST = 1e-4, 1e4
EM_PAIRS = 3000  # pairs on which the parameters are estimated, drawn by hash of their codes
MOST_ROUNDS = 25  # of two EM steps and an extrapolation
SETTLED = 1e-3  # largest relative change of a parameter in one EM step, at which estimation stops
FAINTEST = 1e-4  # variances are not let below this, in squared spreads


@dataclass(frozen=True, slots=True)
class ChannelParameters:
    """How one channel behaves, in spreads over pairs.

    Attributes
    ----------
    channel : its name
    scale : standard deviation s of the moving part of the excess
    level : variance over pairs of the lasting part
    persistence : correlation of the moving part with itself one period earlier
    noise : (series of the channel,) variance of what neither the excess nor sampling explains
    likelihood : log-likelihood by iteration, of the pairs used
    """

    channel: str
    scale: float
    level: float
    persistence: float
    noise: Array
    likelihood: tuple[float, ...] = ()

    def free(self) -> Array:
        """The parameters as unbounded numbers: logarithms of the variances, log-odds of the persistence."""
        odds = np.log(self.persistence / (1 - self.persistence))
        return np.concatenate([[np.log(self.scale), np.log(self.level), odds], np.log(self.noise)])

    def at(self, free: Array) -> ChannelParameters:
        """The same channel at other parameters; see :meth:`free`."""
        bounded = np.clip(free, np.log(FAINTEST), 7.5)
        persistence = float(1 / (1 + np.exp(-bounded[2])))
        return replace(
            self,
            scale=float(np.exp(bounded[0])),
            level=float(np.exp(bounded[1])),
            persistence=persistence,
            noise=np.exp(bounded[3:]),
        )

    def precision(self, grid: Array) -> Array:
        """(series × G,) precision of an observation by variance class."""
        inverse: Array = 1.0 / (self.noise[:, None] + grid[None, :]).ravel()
        return inverse

    def innovation(self, shape: tuple[int, int], first: NDArray[np.int64]) -> Array:
        """(P, T) innovation variances of the unit path: 1 at each pair's first period, stationary afterwards."""
        steps = np.full(shape, 1.0 - self.persistence**2)
        steps[np.arange(shape[0]), first] = 1.0
        return steps


@dataclass(frozen=True, slots=True)
class ChannelEvidence:
    """One channel of a panel prepared for the kernels.

    Attributes
    ----------
    channel : its name
    series : places of its series in the panel
    z : (P, T) float32, NaN unknown; where two series see the same cell, the one with more pairs in that period stands
    cell : (P, T) variance class: place among the channel's series × G + place of the sampling variance in the grid
    """

    channel: str
    series: tuple[int, ...]
    z: NDArray[np.float32]
    cell: NDArray[np.uint16]

    def take(self, rows: NDArray[np.intp]) -> ChannelEvidence:
        """The same for some pairs."""
        return ChannelEvidence(self.channel, self.series, self.z[rows], self.cell[rows])


@dataclass(frozen=True, slots=True)
class Evidence:
    """A panel prepared for the kernels.

    Attributes
    ----------
    channels : one entry a channel
    first, last : (P,) first and last period, inclusive, in which both states exist
    grid : (G,) sampling variances
    """

    channels: tuple[ChannelEvidence, ...]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    grid: Array


def prepare(panel: Panel) -> Evidence:
    """A panel as the kernels take it; sampling variances are rounded to a logarithmic grid."""
    grid = np.concatenate([[0.0], np.geomspace(SMALLEST, LARGEST, GRID_STEPS)])
    first = panel.alive.argmax(axis=1).astype(np.int64)
    last = panel.alive.shape[1] - 1 - panel.alive[:, ::-1].argmax(axis=1).astype(np.int64)
    names = list(dict.fromkeys(series.channel for series in panel.series))
    return Evidence(tuple(_prepare_channel(panel, name, len(grid)) for name in names), first, last, grid)


def _prepare_channel(panel: Panel, name: str, size: int) -> ChannelEvidence:
    places = tuple(k for k, series in enumerate(panel.series) if series.channel == name)
    known = np.isfinite(panel.z[:, :, places]).sum(axis=0)  # (T, series of the channel)
    z = np.full(panel.z.shape[:2], np.nan, dtype=np.float32)
    cell = np.zeros(z.shape, dtype=np.uint16)
    step = np.log(LARGEST / SMALLEST) / (GRID_STEPS - 1)
    for t in range(len(known)):
        for k in np.argsort(-known[t], kind="stable"):
            value, variance = panel.z[:, t, places[k]], panel.variance[:, t, places[k]]
            open_ = np.isnan(z[:, t]) & np.isfinite(value)
            if not open_.any():
                continue
            clipped = np.clip(variance[open_], SMALLEST, LARGEST)
            bins = np.where(variance[open_] > 0, np.rint(np.log(clipped / SMALLEST) / step) + 1, 0)
            z[open_, t] = value[open_]
            cell[open_, t] = k * size + bins.astype(np.uint16)
    return ChannelEvidence(name, places, z, cell)


def drawn_pairs(panel: Panel, most: int = EM_PAIRS) -> NDArray[np.intp]:
    """Places of at most `most` pairs, drawn by the hash of their codes: the same pairs whatever else is in the panel."""
    names = [f"{panel.states[i]}{panel.states[j]}" for i, j in zip(panel.a, panel.b, strict=True)]
    digests = np.array([int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest()) for name in names])
    return np.sort(np.argsort(digests, kind="stable")[:most])


def estimate(
    evidence: Evidence, rows: NDArray[np.intp], progress: Callable[[str], None] = lambda channel: None
) -> tuple[ChannelParameters, ...]:
    """Parameters of every channel by EM on the pairs `rows`."""
    first, last = evidence.first[rows], evidence.last[rows]
    found = []
    for channel in evidence.channels:
        progress(channel.channel)
        found.append(estimate_channel(channel.take(rows), first, last, evidence.grid))
    return tuple(found)


def estimate_channel(
    channel: ChannelEvidence, first: NDArray[np.int64], last: NDArray[np.int64], grid: Array
) -> ChannelParameters:
    """Maximum likelihood for one channel by EM, with squared extrapolation where that loses no likelihood.

    Varadhan and Roland 2008, Scandinavian Journal of Statistics 35: 335-353.
    """
    seen = channel.z[np.isfinite(channel.z)]
    size = float(max(seen.var(), 0.01)) if len(seen) else 1.0
    noise = np.full(len(channel.series), 0.3 * size)
    start = ChannelParameters(channel.channel, float(np.sqrt(0.4 * size)), 0.3 * size, 0.9, noise)

    def step(current: ChannelParameters) -> ChannelParameters:
        return em_step(channel, first, last, grid, current)

    for _ in range(MOST_ROUNDS if len(seen) else 0):
        one = step(start)
        two = step(one)
        leap = step(_extrapolated(start, one, two))
        track = two.likelihood
        taken = leap if leap.likelihood[-1] >= track[-1] else two
        moved = float(np.abs(taken.free() - two.free()).max()) if taken is leap else 0.0
        start = replace(taken, likelihood=(*track, leap.likelihood[-1]) if taken is leap else track)
        settled = float(np.abs(two.free() - one.free()).max())
        if max(settled, 0.1 * moved) < SETTLED:
            break
    return start


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
        current.scale,
        current.level,
        current.persistence,
        current.innovation(channel.z.shape, first),
    )
    scale, noise = _maximise_observation(moments.reshape(len(channel.series), len(grid), 4), grid, current)
    return ChannelParameters(
        current.channel,
        scale,
        max(float(levels[1] / max(levels[0], 1.0)), FAINTEST),
        _maximise_persistence(steps),
        noise,
        (*current.likelihood, float(likelihood)),
    )


def _maximise_observation(moments: Array, grid: Array, current: ChannelParameters) -> tuple[float, Array]:
    """Scale and noises: the exact conditional maxima, the scale first."""
    weight = 1.0 / (current.noise[:, None] + grid[None, :])
    square = float((weight * moments[:, :, 3]).sum())
    scale = max(float((weight * moments[:, :, 2]).sum()) / square, 1e-3) if square > 0 else current.scale
    noise = current.noise.copy()
    for k, (count, own, cross, path) in enumerate(moments.transpose(0, 2, 1)):
        residual = own - 2 * scale * cross + scale**2 * path

        def loss(log_noise: float, count: Array = count, residual: Array = residual) -> float:
            total = np.exp(log_noise) + grid
            return float(0.5 * (count * np.log(total) + residual / total).sum())

        if count.sum() > 0:
            bounds = (np.log(FAINTEST), np.log(50.0))
            best = minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-7})
            if best.fun <= loss(float(np.log(noise[k]))):
                noise[k] = float(np.exp(best.x))
    return scale, noise


def _maximise_persistence(steps: Array) -> float:
    """Persistence of a path with stationary variance one, from the moments of its steps."""
    before, after, product, count = (float(value) for value in steps)
    if count == 0:
        return 0.9

    def loss(phi: float) -> float:
        q = 1 - phi**2
        return 0.5 * (float(np.log(q)) + (after - 2 * phi * product + phi**2 * before) / (q * count))

    return float(minimize_scalar(loss, bounds=(0.05, 0.9995), method="bounded", options={"xatol": 1e-9}).x)


def smooth(evidence: Evidence, parameters: tuple[ChannelParameters, ...]) -> tuple[Array, Array]:
    """Posterior mean and variance of the composite for every pair and period.

    Returns
    -------
    mean, variance : (P, T) each, in spreads averaged over channels; NaN where a pair does not exist. A channel never
        seen for a pair contributes its prior: mean zero, full variance.
    """
    shape = evidence.channels[0].z.shape
    mean, variance = np.zeros(shape), np.zeros(shape)
    for channel, found in zip(evidence.channels, parameters, strict=True):
        kernels.add_channel(
            channel.z,
            channel.cell,
            evidence.first,
            evidence.last,
            found.precision(evidence.grid),
            found.scale,
            found.level,
            found.persistence,
            found.innovation(shape, evidence.first),
            1.0 / len(parameters),
            mean,
            variance,
        )
    periods = np.arange(shape[1])
    gone = (periods[None, :] < evidence.first[:, None]) | (periods[None, :] > evidence.last[:, None])
    mean[gone] = np.nan
    variance[gone] = np.nan
    return mean, variance
