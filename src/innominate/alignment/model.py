"""The dynamic factor model of alignment: parameters by expectation-maximisation, paths by exact smoothing.

A linear Gaussian state-space model per pair with parameters shared by all pairs (Shumway and Stoffer 1982, Journal of
Time Series Analysis 3: 253-264, for EM; the offsets are random effects). Commitments never enter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from innominate.alignment import kernels
from innominate.panel import Panel

Array = NDArray[np.float64]

GRID_STEPS = 120  # of the sampling variance, log-spaced; a step is under 10 %
SMALLEST, LARGEST = 1e-4, 1e4
EM_PAIRS = 4000  # pairs on which the parameters are estimated, drawn by hash of their codes
MOST_ITERATIONS = 60
TOLERANCE = 1e-5  # relative gain of the log-likelihood per iteration
LOADING_PRIOR = (0.4, 0.25)  # mean and standard deviation of a loading before data: every channel is expected to tell


@dataclass(frozen=True, slots=True)
class Parameters:
    """What all pairs share. theta has prior mean 0 and variance 1.

    Attributes
    ----------
    loading : (S,) change of each series (in its spreads over pairs) for one unit of theta, not negative
    noise : (S,) variance of what neither theta nor sampling explains, year by year
    offset : (S,) variance over pairs of the constant offsets
    persistence : correlation of theta with itself one period earlier
    likelihood : log-likelihood by iteration, of the pairs used
    """

    loading: Array
    noise: Array
    offset: Array
    persistence: float
    likelihood: tuple[float, ...] = ()

    def innovation(self, shape: tuple[int, int], first: NDArray[np.int64]) -> Array:
        """(P, T) innovation variances: 1 at each pair's first period, stationary afterwards."""
        steps = np.full(shape, 1.0 - self.persistence**2)
        steps[np.arange(shape[0]), first] = 1.0
        return steps


@dataclass(frozen=True, slots=True)
class Evidence:
    """A panel prepared for the kernels.

    Attributes
    ----------
    z : (P, T, S) float32; bins : (P, T, S) place of the sampling variance in `grid`
    first, last : (P,) first and last period, inclusive, in which both states exist
    grid : (G,) sampling variances
    """

    z: NDArray[np.float32]
    bins: NDArray[np.uint8]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    grid: Array

    def take(self, rows: NDArray[np.intp]) -> Evidence:
        """The same for some pairs."""
        return Evidence(self.z[rows], self.bins[rows], self.first[rows], self.last[rows], self.grid)


def prepare(panel: Panel) -> Evidence:
    """A panel as the kernels take it; sampling variances are rounded to a logarithmic grid (steps under 10 %)."""
    grid = np.concatenate([[0.0], np.geomspace(SMALLEST, LARGEST, GRID_STEPS)])
    logs = np.log(np.clip(panel.variance, SMALLEST, LARGEST, dtype=np.float32) / np.float32(SMALLEST))
    step = np.log(LARGEST / SMALLEST) / (GRID_STEPS - 1)
    bins = np.where(panel.variance > 0, np.rint(np.nan_to_num(logs / step)) + 1, 0).astype(np.uint8)
    first = panel.alive.argmax(axis=1).astype(np.int64)
    last = panel.alive.shape[1] - 1 - panel.alive[:, ::-1].argmax(axis=1).astype(np.int64)
    return Evidence(np.ascontiguousarray(panel.z), np.ascontiguousarray(bins), first, last, grid)


def drawn_pairs(panel: Panel, most: int = EM_PAIRS) -> NDArray[np.intp]:
    """Places of at most `most` pairs, drawn by the hash of their codes: the same pairs whatever else is in the panel."""
    names = [f"{panel.states[i]}{panel.states[j]}" for i, j in zip(panel.a, panel.b, strict=True)]
    digests = np.array([int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest()) for name in names])
    return np.sort(np.argsort(digests, kind="stable")[:most])


def estimate(evidence: Evidence, progress: Callable[[int, float], None] = lambda step, gain: None) -> Parameters:
    """Parameters by EM, maximising the likelihood of the pairs given (with a weak prior on the loadings).

    Parameters
    ----------
    evidence : of the pairs to learn from
    progress : called after every iteration with its number and the relative gain
    """
    k = evidence.z.shape[2]
    current = Parameters(np.full(k, 0.5), np.full(k, 0.5), np.full(k, 0.3), 0.95)
    for step in range(MOST_ITERATIONS):
        current = em_step(evidence, current)
        track = current.likelihood
        if step:
            gain = (track[-1] - track[-2]) / abs(track[-2])
            progress(step, gain)
            if 0 <= gain < TOLERANCE:
                break
    return current


def log_prior(parameters: Parameters) -> float:
    """Log density of the prior on the loadings, up to a constant."""
    mean, sd = LOADING_PRIOR
    return float(-0.5 * (((parameters.loading - mean) / sd) ** 2).sum())


def em_step(evidence: Evidence, current: Parameters) -> Parameters:
    """One EM iteration; appends the log posterior of the parameters it started from."""
    innovation = current.innovation(evidence.z.shape[:2], evidence.first)
    moments, paths, offsets, likelihood = kernels.e_step(
        evidence.z,
        evidence.bins,
        evidence.first,
        evidence.last,
        evidence.grid,
        current.loading,
        current.noise,
        current.offset,
        current.persistence,
        innovation,
    )
    loading, noise = _maximise_series(moments, evidence.grid, current)
    counts = np.maximum(offsets[:, 0], 1.0)
    return Parameters(
        loading,
        noise,
        np.clip(offsets[:, 1] / counts, 1e-4, None),
        _maximise_persistence(paths, evidence),
        (*current.likelihood, float(likelihood.sum()) + log_prior(current)),
    )


def _maximise_series(moments: Array, grid: Array, current: Parameters) -> tuple[Array, Array]:
    """Loading and noise of every series: the exact conditional maxima, the loading first."""
    mean, sd = LOADING_PRIOR
    loading, noise = current.loading.copy(), current.noise.copy()
    for c, (count, own, cross, square) in enumerate(moments.transpose(0, 2, 1)):
        if count.sum() == 0:
            continue
        weight = 1.0 / (noise[c] + grid)
        loading[c] = max(((weight * cross).sum() + mean / sd**2) / ((weight * square).sum() + 1 / sd**2), 0.0)
        residual = own - 2 * loading[c] * cross + loading[c] ** 2 * square

        def loss(log_noise: float, count: Array = count, residual: Array = residual) -> float:
            total = np.exp(log_noise) + grid
            return float(0.5 * (count * np.log(total) + residual / total).sum())

        found = minimize_scalar(loss, bounds=(np.log(1e-3), np.log(50.0)), method="bounded", options={"xatol": 1e-6})
        if found.fun <= loss(np.log(noise[c])):
            noise[c] = float(np.exp(found.x))
    return loading, noise


def _maximise_persistence(paths: Array, evidence: Evidence) -> float:
    """Persistence of a path with stationary variance one."""
    periods = np.arange(paths.shape[1])
    inside = np.isfinite(paths[:, :, 0])
    leading = inside & (periods[None, :] < evidence.last[:, None])
    trailing = inside & (periods[None, :] > evidence.first[:, None])
    before, after = paths[:, :, 0][leading].sum(), paths[:, :, 0][trailing].sum()
    product, count = paths[:, :, 1][leading].sum(), leading.sum()
    if count == 0:
        return 0.95

    def loss(phi: float) -> float:
        q = 1 - phi**2
        return float(0.5 * (count * np.log(q) + (after - 2 * phi * product + phi**2 * before) / q) / count)

    return float(minimize_scalar(loss, bounds=(0.2, 0.9995), method="bounded", options={"xatol": 1e-8}).x)


def smooth(evidence: Evidence, parameters: Parameters) -> tuple[Array, Array]:
    """Posterior mean and variance of theta for every pair and period, (P, T) each; NaN where the pair does not exist."""
    innovation = parameters.innovation(evidence.z.shape[:2], evidence.first)
    mean, variance = kernels.smooth_all(
        evidence.z,
        evidence.bins,
        evidence.first,
        evidence.last,
        evidence.grid,
        parameters.loading,
        parameters.noise,
        parameters.offset,
        parameters.persistence,
        innovation,
    )
    return mean, variance
