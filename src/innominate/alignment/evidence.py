"""A panel as the kernels take it: one view of every channel, its sampling variances rounded to a logarithmic grid."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from innominate.panel import Panel

Array = NDArray[np.float64]

GRID_STEPS = 120  # of the sampling variance, log-spaced; a step is under 17 %
SMALLEST, LARGEST = 1e-4, 1e4
EM_PAIRS = 3000  # pairs on which the parameters are estimated, drawn by hash of their codes


def _nothing() -> NDArray[np.float32]:
    return np.empty((0, 0), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class ChannelEvidence:
    """One channel of a panel prepared for the kernels.

    Attributes
    ----------
    channel : its name
    series : places of its series in the panel
    z : (P, T) float32, NaN unknown; where two series see the same cell, the one with more pairs in that period stands
    cell : (P, T) variance class: place among the channel's series × G + place of the sampling variance in the grid
    partial : (P, T) variance of what the margins of both states miss, fitted on part of their partners as they are; see
        :func:`unseen_partners`. (0, 0): nothing, as in observations that are drawn and not measured
    """

    channel: str
    series: tuple[int, ...]
    z: NDArray[np.float32]
    cell: NDArray[np.uint16]
    partial: NDArray[np.float32] = field(default_factory=_nothing)

    def take(self, rows: NDArray[np.intp]) -> ChannelEvidence:
        """The same for some pairs."""
        partial = self.partial[rows] if self.partial.size else self.partial
        return ChannelEvidence(self.channel, self.series, self.z[rows], self.cell[rows], partial)


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
    usual = [usual_variance(panel.variance[:, :, place]) for place in places]
    for t in range(len(known)):
        for k in np.argsort(-known[t], kind="stable"):
            value, variance = panel.z[:, t, places[k]], usual[k][:, t]
            open_ = np.isnan(z[:, t]) & np.isfinite(value)
            if not open_.any():
                continue
            clipped = np.clip(variance[open_], SMALLEST, LARGEST)
            bins = np.where(variance[open_] > 0, np.rint(np.log(clipped / SMALLEST) / step) + 1, 0)
            z[open_, t] = value[open_]
            cell[open_, t] = k * size + bins.astype(np.uint16)
    return ChannelEvidence(name, places, z, cell, unseen_partners(panel, np.isfinite(z)))


def usual_variance(variance: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean of a pair's sampling variances up to each period, NaN where unknown.

    A variance that is told from the observation itself is small where little happened to be seen; weights by its inverse would
    pull a pair to the years in which it showed nothing. Nothing later enters, so that a forecast stays one.

    Parameters
    ----------
    variance : (P, T) NaN unknown
    """
    known = np.isfinite(variance)
    total = np.where(known, variance, 0.0).cumsum(axis=1, dtype=np.float64)
    return np.where(known, total / np.maximum(known.cumsum(axis=1), 1), np.nan).astype(np.float32)


def unseen_partners(panel: Panel, known: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Variance of a pair's excess because its states' margins were fitted on the partners that a dataset looks at only.

    A margin is a mean over n of the N states that exist; as a sample without replacement of excesses of unit spread, which a
    panel's are, it misses that over all N by a variance 1/n - 1/N (Cochran 1977, Sampling Techniques, 2.6). It lasts as the
    coverage does, so that more years do not lessen it.

    Parameters
    ----------
    known : (P, T) cells that the channel sees

    Returns
    -------
    (P, T) the sum over both states; in the years that do not see the pair its mean over those that do, 0 without any
    """
    pairs, states = len(panel.a), len(panel.states)
    places = np.concatenate([panel.a, panel.b])
    ends = csr_array((np.ones(2 * pairs, dtype=np.float32), (places, np.tile(np.arange(pairs), 2))), (states, pairs))
    seen, there = ends @ known.astype(np.float32), ends @ panel.alive.astype(np.float32)
    missed = 1.0 / np.maximum(seen, 1.0) - 1.0 / np.maximum(np.maximum(there, seen), 1.0)
    found = np.where(known, missed[panel.a] + missed[panel.b], 0.0).astype(np.float32)
    usual = found.sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return np.where(known, found, usual[:, None]).astype(np.float32)


def drawn_pairs(panel: Panel, most: int = EM_PAIRS) -> NDArray[np.intp]:
    """Places of at most `most` pairs, drawn by the hash of their codes: the same pairs whatever else is in the panel."""
    names = [f"{panel.states[i]}{panel.states[j]}" for i, j in zip(panel.a, panel.b, strict=True)]
    digests = np.array([int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest()) for name in names])
    return np.sort(np.argsort(digests, kind="stable")[:most])
