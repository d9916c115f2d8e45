"""What a hidden cell is told by: factorisations from several starts, and what is seen around the cell.

    rate[c] = w_1 fits[c] + w_2 fits[mirror of c] + w_3 margins[c] + w_4 count[mirror of c] + w_5 mean count of the periods beside c

The mirror of a cell has source and target exchanged: much of what A does to B is reported as B's doing to A, which no product
of separate factors for senders and receivers can say. Counts are taken per exposure. Where the mirror is hidden too its expected
count stands in for it, and so does the cell's own for its neighbours in time. A component that lies
on hidden cells alone is held back by no data there, so an expectation more than three times those of the mirror,
where that is seen, and margins together is cut down to that. The weights are those of maximum Poisson likelihood
(non-negative, by expectation-maximisation) on cells like the hidden ones, which are hidden for this purpose from fits of their
own; the cells to be told take no part.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from innominate.blocs.exposed import expected_counts, exposure_at
from innominate.blocs.factorisation import Settings, factorise
from innominate.blocs.heldout import Posterior, averaged, counts_at, margins, random_mask
from innominate.blocs.tensor import Absent, CountTensor, Floats, Ints, whole_cells

PARTS = ("fits", "mirrored fits", "margins", "mirrored count", "periods beside")
_MOST_SHARE, _MOST_CELLS = 0.03, 60_000  # of cells hidden to learn weights from

_MOST_BEYOND = 3.0  # times mirror and margins together


@dataclass(frozen=True, slots=True)
class Predictor:
    """Tells hidden cells of a tensor.

    Attributes
    ----------
    seen : the tensor without its hidden cells; absent : those cells
    means : for each mode (D_m, n × K) factors whose expected counts are the mean over fits
    usual : for each mode (D_m, 1) factors of the margins
    weights : (5,) of :data:`PARTS`
    """

    seen: CountTensor
    absent: Absent
    means: tuple[Floats, ...]
    usual: tuple[Floats, ...]
    weights: Floats

    def rates(self, cells: Ints) -> Floats:
        """(n,) expected counts of cells (n, M)."""
        return parts_of(self.seen, self.absent, self.means, self.usual, cells) @ self.weights


def predictor(
    tensor: CountTensor,
    absent: Absent,
    settings: Settings | None = None,
    *,
    fits: Sequence[Posterior] | None = None,
    rehearsals: int = 2,
    progress: Callable[[str], None] = lambda step: None,
) -> Predictor:
    """Learn to tell the cells `absent` from all others.

    fits : factorisations without those cells, `settings.starts` of our own by default; rehearsals : fits that learn the weights
    """
    chosen = settings or Settings(starts=4, tolerance=1e-5)
    single, seen = replace(chosen, starts=1), tensor.without(absent)
    counts, parts = list[Floats](), list[Floats]()
    for n in range(rehearsals):
        progress(f"rehearsal {n + 1} of {rehearsals}")
        both, cells = _hidden_too(tensor, absent, chosen.seed + 5000 + n)
        fit = factorise(tensor, replace(single, seed=chosen.seed + 5000 + n), both)
        parts.append(parts_of(tensor.without(both), both, fit.means, margins(tensor, both), cells))
        counts.append(counts_at(seen, cells))
    if fits is None:
        progress(f"{chosen.starts} starts")
        fits = [factorise(tensor, replace(single, seed=chosen.seed + n), absent) for n in range(chosen.starts)]
    weights = learnt_weights(np.concatenate(counts), np.concatenate(parts))
    return Predictor(seen, absent, averaged(fits), margins(tensor, absent), weights)


def _hidden_too(tensor: CountTensor, absent: Absent, seed: int) -> tuple[Absent, Ints]:
    """More cells like the `absent` ones: all of both, and the new ones spelt out."""
    total = math.prod(tensor.shape[m] for m in absent.modes)
    share = min(_MOST_SHARE, _MOST_CELLS / total)
    more = random_mask(tensor, share, seed, [tensor.modes[m] for m in absent.modes])
    new = more.cells[~Absent(tuple(range(len(absent.modes))), absent.cells).covers(more.cells)]
    cells = whole_cells(tensor, Absent(absent.modes, new))
    both = Absent(absent.modes, np.concatenate([absent.cells, new]))
    return both, cells[exposure_at(tensor, cells) > 0]


def parts_of(
    seen: CountTensor, absent: Absent, means: Sequence[Floats], usual: Sequence[Floats], cells: Ints
) -> Floats:
    """(n, 5) what each of :data:`PARTS` expects in cells (n, M); parts that a tensor does not have repeat the fits."""
    fitted = expected_counts(seen, means, cells)
    table = np.stack([fitted] * len(PARTS), axis=1)
    table[:, 2] = expected_counts(seen, usual, cells)
    exposure = exposure_at(seen, cells)
    if {"source", "target"} <= set(seen.modes) and seen.labels[seen.mode("source")] == seen.labels[seen.mode("target")]:
        mirror, source, target = cells.copy(), seen.mode("source"), seen.mode("target")
        mirror[:, [source, target]] = cells[:, [target, source]]
        there = exposure_at(seen, mirror)
        scale = np.divide(exposure, there, where=there > 0, out=np.ones_like(there))
        table[:, 1] = np.where(there > 0, expected_counts(seen, means, mirror) * scale, fitted)
        known = ~absent.covers(mirror) & (there > 0)
        held = _MOST_BEYOND * (table[:, 2] + np.where(known, table[:, 1], 0.0))
        table[:, 0] = np.minimum(fitted, held)
        table[:, 1] = np.where(known, table[:, 1], np.minimum(table[:, 1], held))
        table[:, 3] = np.where(known, counts_at(seen, mirror) * scale, table[:, 1])
    if "period" in seen.modes:
        table[:, 4] = _beside(seen, absent, cells, exposure, fitted)
    return table


def _beside(seen: CountTensor, absent: Absent, cells: Ints, exposure: Floats, otherwise: Floats) -> Floats:
    """(n,) mean count per exposure of the observed periods next to each cell, by the cell's exposure."""
    period, counted, looked = seen.mode("period"), np.zeros(len(cells)), np.zeros(len(cells))
    for step in (-1, 1):
        near = cells.copy()
        near[:, period] += step
        rows = np.flatnonzero((near[:, period] >= 0) & (near[:, period] < seen.shape[period]))
        rows = rows[~absent.covers(near[rows])]
        counted[rows] += counts_at(seen, near[rows])
        looked[rows] += exposure_at(seen, near[rows])
    return np.where(looked > 0, counted / np.where(looked > 0, looked, 1.0) * exposure, otherwise)


def learnt_weights(counts: Floats, parts: Floats, rounds: int = 300) -> Floats:
    """(P,) non-negative weights under which counts (n,) are likeliest as Poisson of `parts` (n, P) @ weights."""
    totals = parts.sum(axis=0)
    weights = np.full(parts.shape[1], 1.0 / parts.shape[1])
    some = counts > 0
    counts, parts = counts[some], parts[some]
    for _ in range(rounds):
        shares = counts / np.maximum(parts @ weights, 1e-300)
        weights = weights * (shares @ parts) / np.maximum(totals, 1e-300)
    return np.asarray(weights)
