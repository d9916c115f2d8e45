"""Bayesian Poisson tensor factorisation by coordinate-ascent variational inference.

    counts[c] ~ Poisson(exposure[c] × sum_k prod_m theta_m[c_m, k]),   theta_m[d, k] ~ Gamma(alpha_m, alpha_m beta_m)

Schein, Paisley, Blei and Wallach 2015, "Bayesian Poisson tensor factorization for inferring multilateral relations from
sparse dyadic event counts", arXiv 1506.03493. An iteration allocates all counts once, in one pass over the non-zeros,
and then updates the gammas of each mode in turn; every step maximises the evidence lower bound (ELBO) in its block, so
the bound never falls.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, gammaln, polygamma

from innominate.blocs.exposed import Exposed, exposed, exposure_at
from innominate.blocs.kernels import (
    accumulators,
    aligned,
    allocation_pass,
    gather_parts,
    padded,
    update_gammas,
)
from innominate.blocs.layout import Layout, arrange
from innominate.blocs.tensor import Absent, CountTensor, Floats
from innominate.errors import InputError
from innominate.threads import in_parts

Precision = Literal["double", "single"]
_LEAST_ALPHA, _MOST_ALPHA = 5e-3, 1e2


@dataclass(frozen=True, slots=True)
class Settings:
    """How to fit.

    Attributes
    ----------
    components : K
    alpha : shape of the gamma priors; None learns one for each mode (empirical Bayes), as the scales beta always are
    tolerance : stop when the bound grew by less than this share of itself over the last `patience` iterations
    iterations : stop after so many at the latest
    starts : random starts, of which the one with the highest bound is kept
    precision : of the pass over the non-zeros; everything else is in double precision
    """

    components: int = 50
    alpha: float | None = None
    tolerance: float = 1e-6
    iterations: int = 2000
    starts: int = 1
    seed: int = 0
    precision: Precision = "double"
    patience: int = 5

    def __post_init__(self) -> None:
        if self.components < 1 or self.starts < 1 or self.iterations < 1:
            raise InputError("components, starts and iterations must be at least 1")
        if self.alpha is not None and not self.alpha > 0:
            raise InputError(f"alpha {self.alpha}: must be positive")
        if self.precision not in get_args(Precision):
            raise InputError(f"precision {self.precision!r}: the allowed values are {', '.join(get_args(Precision))}")


@dataclass(frozen=True, slots=True)
class Factorisation:
    """A fitted factorisation.

    Attributes
    ----------
    shape, rate : for each mode (D_m, K) parameters of the gamma posteriors
    alpha, beta : (M,) hyperparameters
    bounds : (iterations,) evidence lower bound after every iteration, all constants included
    converged : whether the tolerance was reached
    """

    shape: tuple[Floats, ...]
    rate: tuple[Floats, ...]
    alpha: Floats
    beta: Floats
    bounds: Floats
    converged: bool

    @property
    def means(self) -> tuple[Floats, ...]:
        """For each mode (D_m, K) posterior means."""
        return tuple(a / b for a, b in zip(self.shape, self.rate, strict=True))

    @property
    def bound(self) -> float:
        """The evidence lower bound reached."""
        return float(self.bounds[-1])


@dataclass(slots=True)
class Workspace:
    """The arrays that an iteration works on; stacked means all modes' rows one under the other (D rows in all).

    Attributes
    ----------
    factors : (D, width) geometric means by row scale, in the precision of the pass; log_scale (D,)
    shape, rate, mean, log_mean, sums : (D, K); allocated (D, width) sums of the pass
    moments : (D, 3) of :func:`~innominate.blocs.kernels.update_gammas`
    exposed_sums : for each mode (B, K)
    """

    layout: Layout
    exposed: Exposed
    factors: NDArray[np.floating]
    parts: NDArray[np.floating]
    scratch: NDArray[np.floating]
    allocated: Floats
    log_scale: Floats
    shape: Floats
    rate: Floats
    mean: Floats
    log_mean: Floats
    moments: Floats
    alpha: Floats
    beta: Floats
    exposed_sums: list[Floats]
    bounds: NDArray[np.int64]
    constant: float

    def rows(self, mode: int) -> slice:
        """Rows of one mode in the stacked arrays."""
        return slice(self.layout.offsets[mode], self.layout.offsets[mode + 1])


def prepare(tensor: CountTensor, settings: Settings, absent: Absent | None = None) -> Workspace:
    """Lay the non-zeros out and allocate all arrays; `absent` cells take no part."""
    if absent is not None:
        tensor = tensor.without(absent)
    seen = exposure_at(tensor)
    if (seen <= 0).any():
        raise InputError(f"{int((seen <= 0).sum())} counts lie in cells without exposure")
    kind = np.float64 if settings.precision == "double" else np.float32
    layout = arrange(tensor, kind)
    rows, width, modes = layout.offsets[-1], padded(settings.components, kind), len(tensor.shape)
    bounds = layout.bounds(width)
    shape, rate, mean, log_mean = (np.empty((rows, settings.components)) for _ in range(4))
    return Workspace(
        layout, exposed(tensor, absent), aligned((rows, width), kind),
        *accumulators(len(bounds) - 1, rows, width, kind), np.zeros((rows, width)), np.zeros(rows), shape, rate,
        mean, log_mean, np.zeros((rows, 3)), np.full(modes, settings.alpha or 0.1), np.ones(modes),
        [np.empty((len(tensor.exposure[0]), settings.components)) for _ in range(modes)], bounds,
        float(tensor.counts @ np.log(seen) - gammaln(tensor.counts + 1).sum()),
    )  # fmt: skip


def start(work: Workspace, seed: int) -> None:
    """Means in proportion to every row's counts, with a total near the data's and a tenth of noise that tells components apart."""
    layout, random = work.layout, np.random.default_rng(seed)
    components, modes = work.mean.shape[1], len(layout.offsets) - 1
    total = max(float(layout.marginals[work.rows(0)].sum()), 1.0)
    for mode in range(modes):
        rows = work.rows(mode)
        size = rows.stop - rows.start
        share = (layout.marginals[rows] + 0.5) / (layout.marginals[rows].sum() + 0.5 * size)
        share = share / np.maximum(work.exposed.weights[mode].sum(axis=0), 1e-3)
        work.mean[rows] = share[:, None] * random.gamma(100.0, 0.01, (size, components))
        work.exposed_sums[mode] = work.exposed.sums(mode, work.mean)
    expected = np.prod(work.exposed_sums, axis=0).sum()
    work.mean *= (total / max(float(expected), 1e-300)) ** (1 / modes)
    for mode in range(modes):
        work.exposed_sums[mode] = work.exposed.sums(mode, work.mean)
        work.beta[mode] = 1.0 / work.mean[work.rows(mode)].mean()
    top = work.mean.max(axis=1)
    work.factors[:, :components] = work.mean / top[:, None]
    work.log_scale[:] = np.log(top)


def iterate(work: Workspace, settings: Settings) -> float:
    """One iteration, in place. Returns the data's part of the bound for the state it started from."""
    data = allocate(work)
    for mode in range(len(work.layout.offsets) - 1):
        update_mode(work, mode)
        update_prior(work, mode, settings.alpha is None)
    return data


def allocate(work: Workspace) -> float:
    """Allocate all counts to components; returns the sum of count × log expected count."""
    layout, logs = work.layout, np.zeros(len(work.bounds) - 1)
    told = layout.fibre_rows, layout.fibre_start, layout.leaf_rows, layout.counts, work.factors
    width = work.factors.shape[1]
    in_parts(allocation_pass(width), len(logs), *told, work.parts, work.scratch, logs, work.bounds,
             operations=len(layout.counts) * width)  # fmt: skip
    gather_parts(work.parts, work.factors, layout.offsets[layout.leaf], layout.offsets[layout.leaf + 1], work.allocated)
    return float(logs.sum() + layout.marginals @ work.log_scale)


def update_mode(work: Workspace, mode: int) -> None:
    """Update the gammas of one mode from the allocated counts."""
    rows, components = work.rows(mode), work.mean.shape[1]
    totals = work.exposed.totals(mode, work.mean, work.exposed_sums)
    update_gammas(work.allocated[rows, :components], totals, work.alpha[mode], work.beta[mode], work.shape[rows],
                  work.rate[rows], work.mean[rows], work.log_mean[rows], work.factors[rows], work.log_scale[rows],
                  work.moments[rows])  # fmt: skip
    work.exposed_sums[mode] = work.exposed.sums(mode, work.mean)


def update_prior(work: Workspace, mode: int, learn_alpha: bool) -> None:
    """Give one mode the prior that maximises the bound: the scale always, the shape where it is learned."""
    entries = work.mean[work.rows(mode)].size
    mean, log_mean, _ = work.moments[work.rows(mode)].sum(axis=0) / entries
    if learn_alpha:
        work.alpha[mode] = gamma_shape(math.log(mean) - log_mean)
    work.beta[mode] = 1.0 / mean


def gamma_shape(spread: float) -> float:
    """The shape a with log a − digamma(a) = `spread` (Minka 2002), kept between 0.005 and 100."""
    shape = (3 - spread + math.sqrt((spread - 3) ** 2 + 24 * spread)) / (12 * spread) if spread > 0 else _MOST_ALPHA
    for _ in range(5):
        slope = 1 / shape - polygamma(1, shape)
        step = (math.log(shape) - digamma(shape) - spread) / slope
        shape = max(shape - step, shape / 4)
    return float(min(max(shape, _LEAST_ALPHA), _MOST_ALPHA))


def prior_bound(work: Workspace) -> float:
    """The part of the bound that does not depend on single counts: expected total and gammas against their priors."""
    last = len(work.layout.offsets) - 2
    sums = [each for m, each in enumerate(work.exposed_sums)]
    bound = -float((work.exposed.totals(last, work.mean, sums) * work.mean[work.rows(last)]).sum()) + work.constant
    for mode in range(last + 1):
        entries = work.mean[work.rows(mode)].size
        mean, log_mean, entropy = work.moments[work.rows(mode)].sum(axis=0)
        alpha, beta = work.alpha[mode], work.beta[mode]
        bound += entropy + entries * (alpha * math.log(alpha * beta) - math.lgamma(alpha))
        bound += (alpha - 1) * log_mean - alpha * beta * mean
    return bound


def _silent(step: str) -> None:
    """Say nothing about progress."""


def climb(
    work: Workspace, settings: Settings, until: float = math.inf, progress: Callable[[str], None] = _silent
) -> tuple[Floats, bool]:
    """Iterate until the bound stands still (or exceeds `until`); returns the bounds and whether it converged."""
    iterate(work, settings)
    rest, bounds = prior_bound(work), list[float]()
    for iteration in range(settings.iterations):
        bounds.append(rest + iterate(work, settings))
        rest = prior_bound(work)
        if iteration % 20 == 0:
            progress(f"iteration {iteration}")
        back = len(bounds) - 1 - settings.patience
        if bounds[-1] >= until or (
            back >= 0 and bounds[-1] - bounds[back] <= settings.tolerance * settings.patience * abs(bounds[-1])
        ):
            return np.array(bounds), True
    return np.array(bounds), False


def finish(work: Workspace, bounds: Floats, converged: bool) -> Factorisation:
    """The state of a workspace as a result."""
    modes = range(len(work.layout.offsets) - 1)
    return Factorisation(
        tuple(work.shape[work.rows(m)].copy() for m in modes),
        tuple(work.rate[work.rows(m)].copy() for m in modes),
        work.alpha.copy(),
        work.beta.copy(),
        bounds,
        converged,
    )


def factorise(
    tensor: CountTensor,
    settings: Settings | None = None,
    absent: Absent | None = None,
    progress: Callable[[str], None] = _silent,
) -> Factorisation:
    """Fit `tensor`, leaving the cells in `absent` out; of several starts the one with the highest bound."""
    chosen = settings or Settings()
    best: Factorisation | None = None
    work = prepare(tensor, chosen, absent)
    for attempt in range(chosen.starts):
        work.alpha[:] = chosen.alpha or 0.1
        start(work, chosen.seed + attempt)
        bounds, converged = climb(work, chosen, progress=progress)
        if best is None or bounds[-1] > best.bound:
            best = finish(work, bounds, converged)
    assert best is not None
    return best
