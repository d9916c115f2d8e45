"""Poisson factorisation with a sparse core: bloc of senders × bloc of receivers × theme × time is one readable component.

    counts[i, j, a, t] ~ Poisson(exposure × sum_q core_q theta[i, from_q] theta[j, to_q] phi[a, theme_q] psi[t, time_q])

States have one membership vector theta, whether they send or receive (Schein, Zhou, Blei and Wallach 2016, Bayesian
Poisson Tucker decomposition, arXiv 1606.01855). Only the Q entries of the core that the data use are kept, so an
iteration costs as much as one of a factorisation with Q components (after Hood and Schein 2024, the ALL0CORE
decomposition, arXiv 2403.06153; here entries are found by fitting a full core without time and dropping what stays
empty, and not by sampling their places).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import gammaln

from innominate.blocs.exposed import exposure_at
from innominate.blocs.factorisation import gamma_shape
from innominate.blocs.kernels import (
    accumulators,
    aligned,
    allocation_pass,
    gather_parts,
    roomy,
    update_gammas,
)
from innominate.blocs.layout import Layout, arrange
from innominate.blocs.rowwise import tied_totals
from innominate.blocs.spectral import partition, refined, ties
from innominate.blocs.tensor import CountTensor, Floats, Ints, from_arrays
from innominate.errors import InputError
from innominate.threads import in_parts

_CORE_ALPHA = 0.1
_LEANING = 0.8  # share of a state's start that lies in its group


@dataclass(frozen=True, slots=True)
class CoreSettings:
    """How to fit a sparse core.

    Attributes
    ----------
    blocs, themes, times : columns of theta, phi and psi
    least_share : core entries with a smaller share of all acts are dropped
    tolerance, iterations, seed : as in :class:`~innominate.blocs.factorisation.Settings`; climbing on for long wins little
        of the bound, and blocs drift to follow single big pairs
    starts : from groups found in three ways in turn (:mod:`innominate.blocs.spectral`), each with noise; the one with the highest
        bound is kept
    """

    blocs: int = 10
    themes: int = 4
    times: int = 3
    least_share: float = 5e-4
    tolerance: float = 1e-4
    iterations: int = 80
    starts: int = 3
    seed: int = 0

    def __post_init__(self) -> None:
        if min(self.blocs, self.themes, self.times, self.starts, self.iterations) < 1:
            raise InputError("blocs, themes, times, starts and iterations must be at least 1")


@dataclass(frozen=True, slots=True)
class Gammas:
    """Gamma posteriors of one table: shape and rate (D, C), prior alpha and beta."""

    shape: Floats
    rate: Floats
    alpha: float
    beta: float

    @property
    def mean(self) -> Floats:
        """(D, C) posterior means."""
        return self.shape / self.rate


@dataclass(frozen=True, slots=True)
class CoreFit:
    """A fitted sparse core.

    Attributes
    ----------
    states : theta (N, blocs)
    others : phi, psi … of the remaining modes in order, each (D_m, C_m)
    core : (Q, 1)
    places : (Q, M) int32: columns that every core entry joins (from, to, theme, time)
    acts : (Q,) expected acts of every entry
    bounds : evidence lower bound after every iteration of the last stage
    """

    states: Gammas
    others: tuple[Gammas, ...]
    core: Gammas
    places: Ints
    acts: Floats
    bounds: Floats
    converged: bool

    @property
    def means(self) -> tuple[Floats, ...]:
        """For each mode (D_m, Q) posterior means spread over the core entries; their products are the expected counts."""
        tables = [self.states.mean, self.states.mean, *(each.mean for each in self.others)]
        spread = [table[:, self.places[:, m]] for m, table in enumerate(tables)]
        spread[0] = spread[0] * self.core.mean[:, 0]
        return tuple(spread)


@dataclass(slots=True)
class _Table:
    """One table of gammas while fitting, all (D, C); moments (D, 3)."""

    alpha: float
    beta: float
    shape: Floats
    rate: Floats
    mean: Floats
    log_mean: Floats
    moments: Floats

    def update(self, sums: Floats, totals: Floats, learn: bool = True) -> None:
        """New posterior from allocated counts and exposed totals, then the prior that suits it best."""
        scratch, scale = np.empty_like(self.mean), np.empty(len(self.mean))
        update_gammas(np.ascontiguousarray(sums), np.ascontiguousarray(totals), self.alpha, self.beta, self.shape, self.rate,
                      self.mean, self.log_mean, scratch, scale, self.moments)  # fmt: skip
        mean, log_mean, _ = self.moments.sum(axis=0) / self.mean.size
        if learn:
            self.alpha = gamma_shape(math.log(mean) - log_mean)
        self.beta = 1.0 / mean

    def bound(self) -> float:
        """Entropy of the posterior and its expected log prior."""
        mean, log_mean, entropy = self.moments.sum(axis=0)
        prior = self.mean.size * (self.alpha * math.log(self.alpha * self.beta) - math.lgamma(self.alpha))
        return float(entropy + prior + (self.alpha - 1) * log_mean - self.alpha * self.beta * mean)

    def done(self) -> Gammas:
        """The table as a result."""
        return Gammas(self.shape.copy(), self.rate.copy(), self.alpha, self.beta)


def _table(mean: Floats, alpha: float = 0.1) -> _Table:
    log_mean = np.log(np.maximum(mean, 1e-300))
    return _Table(alpha, 1.0 / mean.mean(), mean.copy(), np.ones_like(mean), mean, log_mean, np.zeros((len(mean), 3)))


@dataclass(slots=True)
class _Work:
    """States, other modes and core under way; `weights` as in the tensor's exposure."""

    layout: Layout
    weights: tuple[Floats, ...]
    states: _Table
    others: list[_Table]
    core: _Table
    places: Ints
    constant: float

    def sums(self) -> tuple[Floats, list[Floats]]:
        """Exposed pairs of states (B, blocs, blocs), without those of a state and itself, and sums (B, C) of the others."""
        theta = self.states.mean
        senders, receivers = self.weights[0] @ theta, self.weights[1] @ theta
        alone = np.einsum("bi,ic,id->bcd", self.weights[0] * self.weights[1], theta, theta, optimize=True)
        pairs = np.maximum(senders[:, :, None] * receivers[:, None, :] - alone, 0.0)
        return pairs, [self.weights[m + 2] @ table.mean for m, table in enumerate(self.others)]


def _allocate(work: _Work) -> tuple[Floats, float]:
    """Allocate counts to core entries: (D, Q) sums by stacked row, and the data's part of the bound."""
    layout, entries = work.layout, len(work.places)
    width = roomy(entries, np.float64)
    logs = [work.states.log_mean, work.states.log_mean, *(table.log_mean for table in work.others)]
    factors, scale = aligned((layout.offsets[-1], width), np.float64), np.empty(layout.offsets[-1])
    for m, table in enumerate(logs):
        rows = slice(layout.offsets[m], layout.offsets[m + 1])
        spread = table[:, work.places[:, m]] + (work.core.log_mean[:, 0] if m == 0 else 0.0)
        scale[rows] = spread.max(axis=1)
        factors[rows, :entries] = np.exp(spread - scale[rows, None])
    bounds = layout.bounds(width)
    parts, scratch = accumulators(len(bounds) - 1, len(factors), width, np.float64)
    told, sums = np.zeros(len(bounds) - 1), np.empty(factors.shape)
    in_parts(allocation_pass(width), len(told), layout.fibre_rows, layout.fibre_start, layout.leaf_rows, layout.counts, factors,
             parts, scratch, told, bounds, operations=len(layout.counts) * width)  # fmt: skip
    gather_parts(parts, factors, layout.offsets[layout.leaf], layout.offsets[layout.leaf + 1], sums)
    return sums[:, :entries], float(told.sum() + layout.marginals @ scale)


def _collapse(table: Floats, places: Ints, columns: int) -> Floats:
    """Add (…, Q) up by the column that each core entry joins: (…, C)."""
    joined = np.zeros((len(places), columns))
    joined[np.arange(len(places)), places] = 1.0
    return np.asarray(table @ joined)


def _entry_totals(work: _Work, without: int | None = None) -> Floats:
    """(B, Q) exposed totals of every core entry, leaving out one of the other modes."""
    pairs, sums = work.sums()
    totals = pairs[:, work.places[:, 0], work.places[:, 1]]
    for m, each in enumerate(sums):
        if m != without:
            totals = totals * each[:, work.places[:, m + 2]]
    return totals


def _update(work: _Work) -> float:
    """One iteration; returns the data's part of the bound for the state it started from."""
    allocated, data = _allocate(work)
    offsets, core = work.layout.offsets, work.core
    _update_states(work, allocated)
    for m, table in enumerate(work.others):
        totals = work.weights[m + 2].T @ (_entry_totals(work, without=m) * core.mean[:, 0])
        columns, places = table.mean.shape[1], work.places[:, m + 2]
        table.update(
            _collapse(allocated[offsets[m + 2] : offsets[m + 3]], places, columns), _collapse(totals, places, columns)
        )
    core.update(allocated[: offsets[1]].sum(axis=0)[:, None], _entry_totals(work).sum(axis=0)[:, None], learn=False)
    return data


def _update_states(work: _Work, allocated: Floats) -> None:
    """States one after the other: each one's exposure depends on the memberships of all the others."""
    offsets, theta = work.layout.offsets, work.states
    blocs = theta.mean.shape[1]
    sums = _collapse(allocated[: offsets[1]], work.places[:, 0], blocs)
    sums += _collapse(allocated[offsets[1] : offsets[2]], work.places[:, 1], blocs)
    ties = np.zeros((len(work.weights[0]), blocs, blocs))
    rest = np.broadcast_to(work.core.mean[:, 0], (len(ties), len(work.places)))
    for m, table in enumerate(work.others):
        rest = rest * (work.weights[m + 2] @ table.mean)[:, work.places[:, m + 2]]
    for block in range(len(ties)):
        np.add.at(ties[block], (work.places[:, 0], work.places[:, 1]), rest[block])
    totals = np.empty_like(theta.mean)
    means = theta.mean.copy()
    tied_totals(theta.alpha + sums, theta.alpha * theta.beta, ties, work.weights[0], work.weights[1], means, totals)
    theta.update(sums, totals)


def _rest_of_bound(work: _Work) -> float:
    bound = work.constant - float((_entry_totals(work).sum(axis=0) * work.core.mean[:, 0]).sum())
    return bound + work.states.bound() + work.core.bound() + sum(table.bound() for table in work.others)


def _climb(work: _Work, settings: CoreSettings, progress: Callable[[str], None]) -> tuple[Floats, bool]:
    _update(work)
    rest, bounds = _rest_of_bound(work), list[float]()
    for iteration in range(settings.iterations):
        bounds.append(rest + _update(work))
        rest = _rest_of_bound(work)
        if iteration % 20 == 0:
            progress(f"core of {len(work.places)}, iteration {iteration}")
        if iteration >= 5 and bounds[-1] - bounds[-6] <= 5 * settings.tolerance * abs(bounds[-1]):
            return np.array(bounds), True
    return np.array(bounds), False


def _acts(work: _Work) -> Floats:
    return np.asarray(_entry_totals(work).sum(axis=0) * work.core.mean[:, 0])


def _pruned(work: _Work, least: float) -> _Work:
    """Without the core entries whose share of the expected acts is below `least`."""
    acts = _acts(work)
    keep = acts >= least * acts.sum()
    core = replace(
        work.core, **{name: getattr(work.core, name)[keep] for name in ("shape", "rate", "mean", "log_mean", "moments")}
    )
    return replace(work, core=core, places=work.places[keep])


def _constant(tensor: CountTensor) -> float:
    return float(tensor.counts @ np.log(exposure_at(tensor)) - gammaln(tensor.counts + 1).sum())


def _grid(*sizes: int) -> Ints:
    return (
        np.stack(np.meshgrid(*[np.arange(n) for n in sizes], indexing="ij"), axis=-1)
        .reshape(-1, len(sizes))
        .astype(np.int32)
    )


def _leaning(tensor: CountTensor, settings: CoreSettings) -> list[Floats]:
    """Memberships (N, blocs) to start from: most of each state in one group, groups found in up to three ways."""
    table = ties(tensor)
    plain = partition(table, settings.blocs)
    found = (
        [plain]
        if settings.starts == 1
        else [plain, refined(table, partition(table, settings.blocs, share=0.25, filled=True))]
    )
    if settings.starts > 2:
        found.append(refined(table, plain))
    rest = (1 - _LEANING) / settings.blocs
    return [np.where(np.arange(settings.blocs) == group[:, None], _LEANING + rest, rest) for group in found]


def _started(tensor: CountTensor, settings: CoreSettings, columns: list[int], leaning: Floats, seed: int) -> _Work:
    """A full core over noise around every row's share of the counts, states leaning to their groups."""
    layout, random = arrange(tensor), np.random.default_rng(seed)
    states = layout.marginals[: tensor.shape[0]] + layout.marginals[layout.offsets[1] : layout.offsets[2]] + 0.5
    theta = _table((states / states.mean())[:, None] * leaning * random.gamma(20.0, 0.05, leaning.shape))
    others = [_table(random.gamma(20.0, 0.05, (tensor.shape[m + 2], n))) for m, n in enumerate(columns)]
    places = _grid(settings.blocs, settings.blocs, *columns)
    core = random.gamma(20.0, 0.05, (len(places), 1))
    core[places[:, 0] == places[:, 1]] *= 3.0  # states deal with their like more often than not
    work = _Work(layout, tensor.exposure, theta, others, _table(core, _CORE_ALPHA), places, _constant(tensor))
    scale = tensor.total / max(float(_acts(work).sum()), 1e-300)
    work.core = _table(work.core.mean * scale, _CORE_ALPHA)
    return work


def fit_core(
    tensor: CountTensor, settings: CoreSettings | None = None, progress: Callable[[str], None] = lambda step: None
) -> CoreFit:
    """Fit a sparse core to a tensor whose first two modes are the same states.

    First without the last mode (time), with a full core, from several starts; the best one's entries that stay empty are
    dropped. Then every entry is joined with every column of time, refitted, and pruned again.
    """
    chosen = settings or CoreSettings()
    if tensor.loops != (0, 1) or tensor.labels[0] != tensor.labels[1]:
        raise InputError("the first two modes must be the same states, source and target")
    timed = len(tensor.shape) > 3 or "period" in tensor.modes[2:]
    flat = _without_last(tensor) if timed else tensor
    columns = [chosen.themes] * (len(flat.shape) - 2)
    best: tuple[float, _Work] | None = None
    leaning = _leaning(flat, chosen)
    for attempt in range(chosen.starts):
        work = _started(flat, chosen, columns, leaning[attempt % len(leaning)], chosen.seed + attempt)
        bounds, _ = _climb(work, chosen, progress)
        if best is None or bounds[-1] > best[0]:
            best = (float(bounds[-1]), work)
    assert best is not None
    work = _pruned(best[1], chosen.least_share)
    if timed:
        work = _with_time(tensor, work, chosen)
        _climb(work, replace(chosen, iterations=40), progress)
        work = _pruned(work, chosen.least_share)
    bounds, converged = _climb(work, chosen, progress)
    return CoreFit(work.states.done(), tuple(table.done() for table in work.others), work.core.done(), work.places, _acts(work),
                   bounds, converged)  # fmt: skip


def _without_last(tensor: CountTensor) -> CountTensor:
    exposure = [each.copy() for each in tensor.exposure[:-1]]
    exposure[0] *= tensor.exposure[-1].sum(axis=1, keepdims=True)
    return from_arrays(tensor.coordinates[:, :-1], tensor.counts, tensor.shape[:-1], modes=tensor.modes[:-1],
                       labels=tensor.labels[:-1], exposure=exposure, loops=tensor.loops)  # fmt: skip


def _with_time(tensor: CountTensor, work: _Work, settings: CoreSettings) -> _Work:
    """Every core entry joined with every column of time; the columns start from noise around the volume of each period."""
    random, volume = (
        np.random.default_rng(settings.seed),
        np.bincount(tensor.coordinates[:, -1], tensor.counts, tensor.shape[-1]),
    )
    seen = tensor.exposure[-1].sum(axis=0)
    share = (volume + 0.5) / np.maximum(seen, 1e-3) / (volume.sum() / max(seen.sum(), 1e-3))
    share[seen <= 0] = 1.0
    times = _table(share[:, None] * random.gamma(20.0, 0.05, (tensor.shape[-1], settings.times)), 0.5)
    places = np.repeat(work.places, settings.times, axis=0)
    places = np.column_stack([places, np.tile(np.arange(settings.times), len(work.places))]).astype(np.int32)
    core = np.repeat(work.core.mean, settings.times, axis=0) / settings.times
    core *= random.gamma(20.0, 0.05, core.shape)
    return _Work(arrange(tensor), tensor.exposure, work.states, [*work.others, times], _table(core, _CORE_ALPHA), places,
                 _constant(tensor))  # fmt: skip
