"""Held-out cells: how well a factorisation tells counts that it was not shown, and the size that tells them best."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import polars as pl
from scipy.special import gammaln

from innominate.blocs.exposed import expected_counts, exposed, exposure_at
from innominate.blocs.factorisation import Factorisation, Settings, factorise
from innominate.blocs.tensor import Absent, CountTensor, Floats, Ints, whole_cells
from innominate.errors import InputError


@dataclass(frozen=True, slots=True)
class Heldout:
    """How well held-out cells were told.

    Attributes
    ----------
    log_likelihood : Poisson log-likelihood of all held-out cells, the empty ones included
    events : counts in them
    cells : number of held-out cells, where a cell names the modes of the mask
    """

    log_likelihood: float
    events: float
    cells: int

    @property
    def per_event(self) -> float:
        """Log-likelihood per held-out event."""
        return self.log_likelihood / max(self.events, 1.0)


def random_mask(
    tensor: CountTensor, share: float, seed: int, modes: Sequence[str] = ("source", "target", "period")
) -> Absent:
    """A random `share` of all cells of `modes`, to be held out with all entries of the other modes.

    Cells whose state acts on itself, and cells without exposure, are not among them.
    """
    if not 0 < share < 1:
        raise InputError(f"share {share}: must be between 0 and 1")
    places = tuple(tensor.mode(name) for name in modes)
    shape = [tensor.shape[m] for m in places]
    total = math.prod(shape)
    drawn = np.random.default_rng(seed).choice(total, size=max(1, round(share * total)), replace=False, shuffle=False)
    cells = np.stack(np.unravel_index(np.sort(drawn), shape), axis=1).astype(np.int32)
    if tensor.loops and set(tensor.loops) <= set(places):
        source, target = (places.index(m) for m in tensor.loops)
        cells = cells[cells[:, source] != cells[:, target]]
    seen = np.zeros(len(cells), dtype=bool)
    for block in range(len(tensor.exposure[0])):
        seen |= np.all([tensor.exposure[m][block][cells[:, i]] > 0 for i, m in enumerate(places)], axis=0)
    return Absent(places, cells[seen])


def score(tensor: CountTensor, absent: Absent, means: Sequence[Floats], floor: float = 1e-12) -> Heldout:
    """Poisson log-likelihood of the cells in `absent` under factors `means` (each D_m, K), whoever estimated them."""
    held = tensor.only(absent)
    stacked = np.ascontiguousarray(np.concatenate(means))
    everything, rest = exposed(tensor), exposed(tensor, absent)
    sums = [everything.sums(m, stacked) for m in range(len(means))]
    missing = everything.totals(0, stacked, sums) - rest.totals(0, stacked, sums)
    told = log_likelihood(held.counts, expected_counts(held, means), float((missing * means[0]).sum()), floor)
    return Heldout(told, held.total, len(absent.cells))


def log_likelihood(counts: Floats, rates: Floats, total: float | None = None, floor: float = 1e-12) -> float:
    """Poisson log-likelihood of counts (n,) under `rates` (n,), none below `floor`.

    total : the sum of rates over all cells, where empty cells are not among the n
    """
    rates = np.maximum(rates, floor)
    told = counts @ np.log(rates) - gammaln(counts + 1).sum()
    return float(told - (rates.sum() if total is None else total))


def score_rates(tensor: CountTensor, absent: Absent, rates: Callable[[Ints], Floats], floor: float = 1e-12) -> Heldout:
    """Poisson log-likelihood of the cells in `absent` under `rates`, which tells the expected counts of cells (n, M)."""
    cells = whole_cells(tensor, absent)
    cells = cells[exposure_at(tensor, cells) > 0]
    counts = counts_at(tensor, cells)
    return Heldout(log_likelihood(counts, rates(cells), floor=floor), float(counts.sum()), len(absent.cells))


class Posterior(Protocol):
    """Gamma posteriors of a factorisation, whoever estimated them: for each mode (D_m, K)."""

    @property
    def shape(self) -> tuple[Floats, ...]:
        """Their shapes."""

    @property
    def rate(self) -> tuple[Floats, ...]:
        """Their rates."""

    @property
    def means(self) -> tuple[Floats, ...]:
        """Their means."""


def predictive(
    tensor: CountTensor,
    absent: Absent,
    fits: Sequence[Posterior],
    *,
    draws: int = 32,
    seed: int = 0,
    floor: float = 1e-12,
) -> Heldout:
    """Log posterior predictive probability of the cells in `absent`: every cell's Poisson probability averaged over draws.

    `draws` from the posterior of each of `fits`, all with the same weight (Schein et al. 2015, section 5).
    """
    cells = whole_cells(tensor, absent)
    exposure = exposure_at(tensor, cells)
    cells, exposure = cells[exposure > 0], exposure[exposure > 0]
    counts, random = counts_at(tensor, cells), np.random.default_rng(seed)
    logs = np.full(len(cells), -np.inf)
    for fit in fits:
        for _ in range(draws):
            drawn = [random.standard_gamma(a) / b for a, b in zip(fit.shape, fit.rate, strict=True)]
            rate = np.maximum(expected_counts(tensor, drawn, cells), floor)
            np.logaddexp(logs, counts * np.log(rate) - rate, out=logs)
    told = logs.sum() - len(cells) * math.log(draws * len(fits)) - gammaln(counts + 1).sum()
    return Heldout(float(told), float(counts.sum()), len(absent.cells))


def counts_at(tensor: CountTensor, cells: Ints) -> Floats:
    """(n,) counts of cells (n, M), which may be empty."""
    have, want = (
        np.asarray(np.ravel_multi_index(tuple(each.T), tensor.shape), dtype=np.int64).reshape(-1)
        for each in (tensor.coordinates, cells)
    )
    place = np.minimum(np.searchsorted(have, want), max(len(have) - 1, 0))
    return np.where(have[place] == want, tensor.counts[place], 0.0) if len(have) else np.zeros(len(want))


def score_last_period(tensor: CountTensor, absent: Absent, weight: float = 1.0, floor: float = 1e-12) -> Heldout:
    """Log-likelihood of the cells in `absent` under the count of the last observed period before each, with margins.

    The rate is (count + `weight` × margins) / (1 + `weight`); where nothing was observed before, it is that of the margins.
    """
    usual = margins(tensor, absent)

    def rates(cells: Ints) -> Floats:
        implied, last = expected_counts(tensor, usual, cells), _last_count(tensor, absent, cells)
        return np.where(last >= 0, (np.maximum(last, 0) + weight * implied) / (1 + weight), implied)

    return score_rates(tensor, absent, rates, floor)


def _last_count(tensor: CountTensor, absent: Absent, cells: Ints) -> Floats:
    """(n,) count in the last observed period before each of `cells` (n, M), -1 where there is none."""
    period, seen = tensor.mode("period"), tensor.without(absent)
    before, found = cells.copy(), np.full(len(cells), -1.0)
    for _ in range(tensor.shape[period]):
        before[:, period] -= 1
        open_ = (found < 0) & (before[:, period] >= 0)
        if not open_.any():
            break
        rows = np.flatnonzero(open_)
        here = rows[~absent.covers(before[rows]) & (exposure_at(tensor, before[rows]) > 0)]
        found[here] = counts_at(seen, before[here])
    return found


def margins(tensor: CountTensor, absent: Absent | None = None) -> tuple[Floats, ...]:
    """Factors (each D_m, 1) of the product of margins: what every row's own activity predicts and nothing else.

    Fitted by maximum likelihood to the observed cells, so that absent ones cost nobody anything.
    """
    seen = tensor if absent is None else tensor.without(absent)
    reach, stacked = exposed(tensor, absent), np.ones((sum(tensor.shape), 1))
    offsets = reach.offsets
    sums = [reach.sums(m, stacked) for m in range(len(tensor.shape))]
    totals = [np.bincount(seen.coordinates[:, m], weights=seen.counts, minlength=n) for m, n in enumerate(tensor.shape)]
    for _ in range(30):
        for m, total in enumerate(totals):
            rows = slice(offsets[m], offsets[m + 1])
            stacked[rows, 0] = total / np.maximum(reach.totals(m, stacked, sums)[:, 0], 1e-300)
            sums[m] = reach.sums(m, stacked)
    return tuple(stacked[offsets[m] : offsets[m + 1]] for m in range(len(tensor.shape)))


def averaged(fits: Sequence[Posterior]) -> tuple[Floats, ...]:
    """Factors whose expected counts are the mean over several fits (from different starts, which end in different optima).

    Their components stand side by side, each with its share of the first mode.
    """
    every = [fit.means for fit in fits]
    joined = [np.concatenate([means[m] for means in every], axis=1) for m in range(len(every[0]))]
    joined[0] = joined[0] / len(fits)
    return tuple(joined)


def choose_size(
    tensor: CountTensor,
    sizes: Sequence[int],
    settings: Settings | None = None,
    *,
    share: float = 0.05,
    masks: int = 1,
    progress: Callable[[str], None] = lambda step: None,
) -> tuple[int, pl.DataFrame]:
    """The number of components that tells held-out cells best, and the score of each.

    Returns
    -------
    best : the size with the highest mean log-likelihood per event
    table : size, mask, per_event
    """
    base = settings or Settings()
    held = [random_mask(tensor, share, base.seed + 1000 + mask, _mask_modes(tensor)) for mask in range(masks)]
    rows = []
    for size in sizes:
        for mask, absent in enumerate(held):
            progress(f"{size} components, mask {mask + 1} of {masks}")
            fit: Factorisation = factorise(tensor, replace(base, components=size), absent)
            rows.append({"size": size, "mask": mask, "per_event": score(tensor, absent, fit.means).per_event})
    table = pl.DataFrame(rows)
    means = table.group_by("size").agg(pl.col("per_event").mean()).sort("per_event", "size", descending=[True, False])
    return int(means["size"][0]), table


def _mask_modes(tensor: CountTensor) -> tuple[str, ...]:
    usual = tuple(name for name in ("source", "target", "period") if name in tensor.modes)
    return usual if len(usual) >= 2 else tensor.modes
