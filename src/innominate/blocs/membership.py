"""Membership of every state in every bloc through time, with its uncertainty.

Given the core, themes and times of a :class:`~innominate.blocs.core.CoreFit`, each state's memberships are let free in every
period. Their posterior borrows from neighbouring periods with a weight that falls geometrically, and from the state's
membership over the whole span with the weight of one period: a gamma with shape and rate

    a[i, c, t] = sum_s delta^|t - s| z[i, c, s] / phi + a0[i, c],     b[i, c, t] = sum_s delta^|t - s| r[i, c, s] / phi + b0[i, c]

with z the acts allocated to the bloc and r what they would be at membership one (local likelihood, as in the discounting
of Harvey and Fernandes 1989, but the same in both directions of time). News repeat themselves, so counts scatter more than a
Poisson's: phi is their dispersion (Pearson's), and widens the intervals. delta and phi are those under which every period's
counts are told best from the other periods. Reported is the *share* of a state's expected acts that goes through each bloc.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import gammaln

from innominate.blocs.core import CoreFit
from innominate.blocs.rowwise import bloc_counts
from innominate.blocs.tensor import CountTensor, Floats
from innominate.errors import InputError

_DELTAS = (0.0, 0.2, 0.4, 0.6, 0.75, 0.85, 0.92, 0.97)


@dataclass(frozen=True, slots=True)
class Memberships:
    """Blocs through time.

    Attributes
    ----------
    states, periods : labels
    names : of the blocs, after their three foremost members
    shape, rate : (T, N, C) gamma posteriors; weight (T, N, C) acts per unit of membership
    acts : (T, N) acts of each state
    draws : (S, T, N, C) float32 posterior draws of shares, which sum to 1 over blocs
    delta : persistence from period to period
    dispersion : phi, how many times more than a Poisson's the counts scatter
    """

    states: tuple[str, ...]
    periods: tuple[str, ...]
    names: tuple[str, ...]
    shape: Floats
    rate: Floats
    weight: Floats
    acts: Floats
    draws: np.ndarray
    delta: float
    dispersion: float

    def table(self, level: float = 0.9) -> pl.DataFrame:
        """Columns state, period, bloc, membership, low, high: mean share and its central interval; acts of the state in the period.

        acts is null where the period was not observed: there memberships are told by other periods alone.
        """
        tail = (1 - level) / 2
        mean = self.draws.mean(axis=0, dtype=np.float64)
        low, high = np.quantile(self.draws, [tail, 1 - tail], axis=0)
        low, high = (
            np.minimum(low, mean),
            np.maximum(high, mean),
        )  # where nearly all draws are 0, the mean is above 95 %
        periods, states, blocs = (axis.ravel() for axis in np.indices(low.shape))
        return (
            pl.DataFrame(
                {
                    "state": np.asarray(self.states)[states],
                    "period": np.asarray(self.periods)[periods],
                    "bloc": np.asarray(self.names)[blocs],
                    "membership": mean.ravel(),
                    "low": low.ravel().astype(np.float64),
                    "high": high.ravel().astype(np.float64),
                    "acts": np.where((self.acts.sum(axis=1, keepdims=True) > 0), self.acts, np.nan)[periods, states],
                }
            )
            .with_columns(pl.col("acts").fill_nan(None))
            .sort("state", "period", "bloc")
        )

    def together(self, states: Sequence[str], level: float = 0.9) -> pl.DataFrame:
        """Co-membership of a set of states in every period.

        Returns
        -------
        period; probability that all have the same foremost bloc; overlap, the chance that one act of each, drawn at
        random, all go through the same bloc, with its interval; usual, the mean overlap of random sets of that size
        """
        places = self._places(states)
        first = self.draws[:, :, places].argmax(axis=3)
        same = (first == first[:, :, :1]).all(axis=2).mean(axis=0)
        overlap = self.draws[:, :, places].prod(axis=2, dtype=np.float64).sum(axis=2)
        low, high = np.quantile(overlap, [(1 - level) / 2, (1 + level) / 2], axis=0)
        return pl.DataFrame(
            {
                "period": self.periods,
                "probability": same,
                "overlap": overlap.mean(axis=0),
                "low": low,
                "high": high,
                "usual": self._usual(len(places)),
            }
        )

    def _usual(self, size: int, sets: int = 400) -> Floats:
        busy = np.flatnonzero(self.acts.sum(axis=0) >= np.median(self.acts.sum(axis=0)))
        random = np.random.default_rng(0)
        chosen = np.stack([random.choice(busy, min(size, len(busy)), replace=False) for _ in range(sets)])
        return np.asarray(self.draws.mean(axis=0)[:, chosen].prod(axis=2).sum(axis=2).mean(axis=1), dtype=np.float64)

    def _places(self, states: Sequence[str]) -> list[int]:
        unknown = sorted(set(states) - set(self.states))
        if unknown or len(set(states)) < 2:
            raise InputError(f"no acts of {', '.join(unknown)}" if unknown else "name two states or more")
        return [self.states.index(state) for state in dict.fromkeys(states)]


def memberships(tensor: CountTensor, fit: CoreFit, *, draws: int = 200, seed: int = 0, sweeps: int = 3) -> Memberships:
    """Memberships through time of the states of `tensor`, whose last mode is the period."""
    if tensor.modes[-1] != "period":
        raise InputError("the last mode must be the period")
    order = np.argsort(tensor.coordinates[:, -1], kind="stable")
    coordinates, counts = tensor.coordinates[order], tensor.counts[order]
    first = np.searchsorted(coordinates[:, -1], np.arange(tensor.shape[-1] + 1)).astype(np.int64)
    rest, stacked = _rest(tensor, fit)
    rows = coordinates.copy()
    rows[:, 2:] += stacked
    overall = fit.states.mean
    moving = np.repeat(overall[None], tensor.shape[-1], axis=0)
    allocated = np.empty_like(moving)
    delta, dispersion = 0.0, 1.0
    for sweep in range(sweeps):
        bloc_counts(rows, counts, first, np.ascontiguousarray(moving), rest, fit.places, allocated)
        weight = _weights(tensor, fit, moving)
        if sweep == 0:  # later allocations already follow each period's own memberships
            delta, dispersion = _persistence(allocated, weight, overall)
        shape, rate = _posterior(allocated, weight, overall, delta, dispersion)
        moving = shape / rate
    usual = np.divide(
        weight.sum(axis=0), np.count_nonzero(weight, axis=0), where=weight.any(axis=0), out=np.zeros_like(overall)
    )
    known = np.where(weight > 0, weight, usual)
    acts = np.stack([np.bincount(part, minlength=tensor.shape[0] * tensor.shape[-1], weights=counts) for part in (
        coordinates[:, -1] * tensor.shape[0] + coordinates[:, 0], coordinates[:, -1] * tensor.shape[0] + coordinates[:, 1])]
    ).sum(axis=0).reshape(tensor.shape[-1], tensor.shape[0])  # fmt: skip
    shares = _draw(shape, rate, known, draws, seed)
    return Memberships(tensor.labels[0], tensor.labels[-1], _names(tensor.labels[0], (moving * known).sum(axis=0)), shape, rate,
                       known, acts, shares, delta, dispersion)  # fmt: skip


def _rest(tensor: CountTensor, fit: CoreFit) -> tuple[Floats, np.ndarray]:
    """(R, Q) stacked rows of the modes other than states, the core in the first; and first rows of each."""
    tables = [np.exp(_log_mean(each.shape, each.rate))[:, fit.places[:, m + 2]] for m, each in enumerate(fit.others)]
    tables[0] = tables[0] * np.exp(_log_mean(fit.core.shape, fit.core.rate))[:, 0]
    starts = np.concatenate([[0], np.cumsum([len(table) for table in tables])])[:-1].astype(np.int32)
    return np.ascontiguousarray(np.concatenate(tables)), starts


def _log_mean(shape: Floats, rate: Floats) -> Floats:
    from scipy.special import digamma

    return np.asarray(digamma(shape) - np.log(rate))


def _weights(tensor: CountTensor, fit: CoreFit, moving: Floats) -> Floats:
    """(T, N, C): expected acts of a state through a bloc in a period if its membership there were one."""
    blocs, out = moving.shape[2], np.zeros_like(moving)
    for block in range(len(tensor.exposure[0])):
        entry = fit.core.mean[:, 0].copy()
        for m, each in enumerate(fit.others[:-1]):
            entry *= (tensor.exposure[m + 2][block] @ each.mean)[fit.places[:, m + 2]]
        by_period = tensor.exposure[-1][block][:, None] * fit.others[-1].mean[:, fit.places[:, -1]] * entry
        senders, receivers = tensor.exposure[0][block], tensor.exposure[1][block]
        for t in np.flatnonzero(tensor.exposure[-1][block]):
            ties = np.zeros((blocs, blocs))
            np.add.at(ties, (fit.places[:, 0], fit.places[:, 1]), by_period[t])
            sent, received = senders[:, None] * moving[t], receivers[:, None] * moving[t]
            out[t] += senders[:, None] * ((received.sum(axis=0) - received) @ ties.T)
            out[t] += receivers[:, None] * ((sent.sum(axis=0) - sent) @ ties)
    return out


def _prior(weight: Floats, overall: Floats) -> tuple[Floats, Floats]:
    """Shape and rate (N, C) of the membership over the whole span, worth one period's exposure."""
    seen = np.maximum((weight > 0).sum(axis=0), 1)
    rate = np.maximum(weight.sum(axis=0) / seen, 1e-9)
    return np.maximum(rate * overall, 1e-3), rate


def _kernel(periods: int, delta: float) -> Floats:
    apart = np.abs(np.subtract.outer(np.arange(periods), np.arange(periods)))
    return np.asarray(np.where(apart == 0, 1.0, delta**apart if delta > 0 else 0.0))


def _posterior(
    allocated: Floats, weight: Floats, overall: Floats, delta: float, dispersion: float
) -> tuple[Floats, Floats]:
    shape, rate = _prior(weight, overall)
    kernel = _kernel(len(allocated), delta) / dispersion
    shape, rate = shape / dispersion, rate / dispersion
    return np.einsum("ts,snc->tnc", kernel, allocated) + shape, np.einsum("ts,snc->tnc", kernel, weight) + rate


def _persistence(allocated: Floats, weight: Floats, overall: Floats) -> tuple[float, float]:
    """The persistence and dispersion under which each period is told best (negative binomial) from all the others."""
    best, told = (0.0, 1.0), -np.inf
    seen = weight * overall >= 1.0
    if not seen.any():
        return best
    counts, exposure = allocated[seen], weight[seen]
    for delta in _DELTAS:
        dispersion = 1.0
        for _ in range(3):
            shape, rate = _posterior(allocated, weight, overall, delta, dispersion)
            shape, rate = (
                np.maximum(shape[seen] - counts / dispersion, 1e-6),
                np.maximum(rate[seen] - exposure / dispersion, 1e-12),
            )
            mean = exposure * shape / rate
            scatter = (counts - mean) ** 2 / (mean + mean**2 / (dispersion * shape))
            dispersion = max(1.0, float(scatter.mean()))
        scaled, chance = counts / dispersion, np.log(rate) - np.log(rate + exposure / dispersion)
        logs = gammaln(shape + scaled) - gammaln(shape) - gammaln(scaled + 1) + shape * chance
        logs += scaled * np.log(-np.expm1(chance)) - math.log(dispersion)
        if (value := float(logs.sum())) > told:
            best, told = (delta, dispersion), value
    return best


def _draw(shape: Floats, rate: Floats, weight: Floats, draws: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    out = np.empty((draws, *shape.shape), dtype=np.float32)
    scale = weight / rate
    for each in range(draws):
        drawn = random.standard_gamma(shape) * scale
        total = drawn.sum(axis=2, keepdims=True)
        out[each] = np.divide(drawn, total, where=total > 0, out=np.full_like(drawn, 1.0 / shape.shape[2]))
    return out


def _names(states: Sequence[str], acts: Floats) -> tuple[str, ...]:
    """Two digits and the three states with the most expected acts in the bloc, the blocs in the order found."""
    return tuple(
        f"{c + 1:02d} " + "-".join(states[i] for i in np.argsort(-acts[:, c], kind="stable")[:3])
        for c in range(acts.shape[1])
    )
