"""Datasets that look at flows one way: a pair is known only where both of its flows are, and then as the sum of the two.

What one state reports of its exports tells nothing of its imports. A flow that the part of a dataset that stands does not
know is taken from another part that does: the partner's mirror report of it. Two reports of one flow differ by how they
value it (freight and insurance, say), so the mirror's amounts are first brought to the level of the part that stands, by
the median ratio of the flows that both report in the period, where these are enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from innominate.panel.coverage import Mask, both_ways, flow_exposures
from innominate.panel.margins import Matrix
from innominate.panel.periods import Resolution
from innominate.panel.placing import with_places

FEWEST = 30  # flows that two parts must both report in a period before their levels are compared
Flow = tuple[Matrix, Mask]  # (N, N) sender by receiver: levels, known


@dataclass(frozen=True, slots=True)
class FlowParts:
    """Which part of a dataset each flow is taken from, in a period that is put together of several.

    Attributes
    ----------
    names : the parts, the one that knows most flows first
    of : (N, N) int8, sender by receiver, place of the flow's part in `names`; -1 where none knows it
    """

    names: tuple[str, ...]
    of: NDArray[np.int8]

    def part(self, sender: int, receiver: int) -> str | None:
        """The part that a flow is taken from, by the places of its states; None where none knows it."""
        place = int(self.of[sender, receiver])
        return None if place < 0 else self.names[place]


@dataclass(frozen=True, slots=True)
class Together:
    """The pairs of one period: (N, N) levels and known, symmetric, and where each flow is taken from."""

    level: Matrix
    known: Mask
    parts: FlowParts


def together(
    views: dict[str, tuple[pl.DataFrame, pl.DataFrame]],
    position: dict[str, int],
    first: int,
    last: int,
    resolution: Resolution,
    *,
    least: float,
    amounts: bool,
) -> dict[int, Together]:
    """Place of the period → the pairs of which some parts of one dataset together know both flows.

    Parameters
    ----------
    views : part → its rows of coverage, and its flows as of :func:`innominate.panel.cells.flow_cells`
    least : share of a period that must be covered
    amounts : whether levels are amounts, which two reports may value differently
    """
    periods = np.arange(first, last + 2)
    exposed, shown = {}, {}
    for name, (covered, own) in views.items():
        exposed[name] = flow_exposures(covered, position, first, last, resolution)
        placed = with_places(own, list(position), {"source": "i", "target": "j"})
        columns = tuple(placed[column].to_numpy() for column in ("i", "j", "level", "unknown"))
        shown[name] = columns, np.searchsorted(placed["period"].to_numpy(), periods)
    found = {}
    for t, bounds in enumerate(pairwise(range(len(periods)))):
        told = []
        for name, (columns, starts) in shown.items():
            here = slice(*(int(starts[bound]) for bound in bounds))
            i, j, level, gap = (column[here] for column in columns)
            flow = _flow(i, j, level, gap, exposed[name][t] >= least)
            if flow[1].any():
                told.append((name, flow))
        if told:
            found[t] = _combined(told, amounts)
    return found


def _flow(
    i: NDArray[np.int64], j: NDArray[np.int64], level: NDArray[np.float64], gap: NDArray[np.bool_], known: Mask
) -> Flow:
    amount = np.zeros(known.shape)
    amount[i, j] = level
    known[i[gap], j[gap]] = False
    return np.where(known, np.maximum(amount, 0.0), 0.0), known


def _combined(told: Sequence[tuple[str, Flow]], amounts: bool) -> Together:
    """The part that knows most flows stands; what it does not know is taken from the others."""
    ranked = sorted(told, key=lambda one: (-int(one[1][1].sum()), -float(one[1][0].sum()), one[0]))
    (_, stands), *others = ranked
    level, known = stands[0].copy(), stands[1].copy()
    of = np.where(known, 0, -1).astype(np.int8)
    for place, (_, (other, seen)) in enumerate(others, start=1):
        new = seen & ~known
        level[new] = other[new] * (_ratio(stands, (other, seen)) if amounts else 1.0)
        of[new] = place
        known |= new
    return Together(level + level.T, both_ways(known), FlowParts(tuple(name for name, _ in ranked), of))


def _ratio(stands: Flow, mirror: Flow) -> float:
    """Median ratio of what stands to what the mirror reports, over the flows that both report; 1 where they are few."""
    both = stands[1] & mirror[1] & (stands[0] > 0) & (mirror[0] > 0)
    if int(both.sum()) < FEWEST:
        return 1.0
    return float(np.exp(np.median(np.log(stands[0][both] / mirror[0][both]))))
