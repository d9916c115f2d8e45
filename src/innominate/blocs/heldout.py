"""Held-out cells: how well a factorisation tells counts that it was not shown, and the size that tells them best."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from scipy.special import gammaln

from innominate.blocs.exposed import expected_counts, exposed
from innominate.blocs.factorise import Factorisation, Settings, factorise
from innominate.blocs.tensor import Absent, CountTensor, Floats
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
    expected = np.maximum(expected_counts(held, means), floor)
    told = float(held.counts @ np.log(expected) - gammaln(held.counts + 1).sum())
    stacked = np.ascontiguousarray(np.concatenate(means))
    everything, rest = exposed(tensor), exposed(tensor, absent)
    sums = [everything.sums(m, stacked) for m in range(len(means))]
    missing = everything.totals(0, stacked, sums) - rest.totals(0, stacked, sums)
    return Heldout(told - float((missing * means[0]).sum()), held.total, len(absent.cells))


def averaged(fits: Sequence[Factorisation]) -> tuple[Floats, ...]:
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
