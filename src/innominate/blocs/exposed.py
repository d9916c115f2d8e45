"""Expected totals: what every row of a mode would count if all its factors were one, over the cells that were observed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from innominate.blocs.kernels import absent_by_row, rates_at
from innominate.blocs.tensor import Absent, CountTensor, Floats, Ints, absent_loops
from innominate.errors import InputError

_PER_PART = 1 << 14


@dataclass(frozen=True, slots=True)
class _Gap:
    """Absent cells of one exposure block: rows (n, s) of the stacked factors, weights (M, n) without each mode in turn."""

    modes: tuple[int, ...]
    block: int
    rows: Ints
    weights: Floats


@dataclass(frozen=True, slots=True)
class Exposed:
    """Exposure of a tensor with its absent cells taken out.

    Attributes
    ----------
    offsets : (M+1,) first row of every mode in stacked factors
    weights : for each mode (B, D_m) exposure
    gaps : absent cells, by block
    """

    offsets: tuple[int, ...]
    weights: tuple[Floats, ...]
    gaps: tuple[_Gap, ...]

    def sums(self, mode: int, means: Floats) -> Floats:
        """(B, K) exposed sums of the rows of one mode; means (D, K) are stacked."""
        return np.asarray(self.weights[mode] @ means[self.offsets[mode] : self.offsets[mode + 1]])

    def totals(self, mode: int, means: Floats, sums: Sequence[Floats]) -> Floats:
        """(D_m, K): by row of `mode`, the sum over observed cells of exposure × the other modes' means."""
        rest = _product(sums, [mode])
        totals = self.weights[mode].T @ rest
        for gap in self.gaps:
            outside = _product(sums, [mode, *gap.modes])[gap.block]
            weights = self.weights[mode][gap.block][:, None]
            place = gap.modes.index(mode) if mode in gap.modes else 0
            by_row = self._by_row(gap, place, means)
            if mode in gap.modes:
                first = self.offsets[mode]
                totals -= weights * (by_row[first : self.offsets[mode + 1]] * outside)
            else:
                named = gap.modes[0]
                rows = slice(self.offsets[named], self.offsets[named + 1])
                inside = ((self.weights[named][gap.block][:, None] * by_row[rows]) * means[rows]).sum(axis=0)
                totals -= weights * (inside * outside)
        return np.maximum(totals, 0.0, out=totals)

    def _by_row(self, gap: _Gap, place: int, means: Floats) -> Floats:
        parts = max(1, min(32, len(gap.rows) // _PER_PART))
        out = np.empty((parts, *means.shape))
        absent_by_row(gap.rows, place, means, gap.weights[gap.modes[place]], out)
        return np.asarray(out.sum(axis=0))


def exposed(tensor: CountTensor, absent: Absent | None = None) -> Exposed:
    """The exposure of `tensor`, without its diagonal where nobody acts on itself, and without the cells `absent`."""
    offsets = tuple(int(n) for n in np.concatenate([[0], np.cumsum(tensor.shape)]))
    gaps = []
    diagonal = absent_loops(tensor)
    for each in (diagonal, absent):
        if each is None or not len(each.cells):
            continue
        cells = each.cells
        if each is absent and diagonal is not None:
            if not set(diagonal.modes) <= set(each.modes):
                raise InputError("absent cells must name both modes of the states, because nobody acts on itself")
            source, target = (each.modes.index(m) for m in diagonal.modes)
            cells = cells[cells[:, source] != cells[:, target]]
        gaps += _gaps(tensor.exposure, offsets, each.modes, cells)
    return Exposed(offsets, tensor.exposure, tuple(gaps))


def _gaps(weights: Sequence[Floats], offsets: Sequence[int], modes: tuple[int, ...], cells: Ints) -> list[_Gap]:
    gaps = []
    for block in range(len(weights[0])):
        factors = np.stack([weights[m][block][cells[:, i]] for i, m in enumerate(modes)])
        keep = (factors > 0).all(axis=0)
        if not keep.any():
            continue
        without = np.ones((len(weights), int(keep.sum())))
        for i, m in enumerate(modes):
            without[m] = np.delete(factors[:, keep], i, axis=0).prod(axis=0)
        rows = cells[keep] + np.asarray([offsets[m] for m in modes], dtype=np.int32)
        gaps.append(_Gap(modes, block, np.ascontiguousarray(rows, dtype=np.int32), without))
    return gaps


def _product(sums: Sequence[Floats], without: Sequence[int]) -> Floats:
    product = np.ones_like(sums[0])
    for m, each in enumerate(sums):
        if m not in without:
            product *= each
    return product


def exposure_at(tensor: CountTensor, coordinates: Ints | None = None) -> Floats:
    """(Z,) exposure of the cells at `coordinates`, by default those that hold counts."""
    cells = tensor.coordinates if coordinates is None else coordinates
    total = np.zeros(len(cells))
    for block in range(len(tensor.exposure[0])):
        each = np.ones(len(cells))
        for m, weights in enumerate(tensor.exposure):
            each *= weights[block][cells[:, m]]
        total += each
    return total


def expected_counts(tensor: CountTensor, means: Sequence[Floats], coordinates: Ints | None = None) -> Floats:
    """(Z,) exposure × sum over components of the product of `means` (D_m, K) at `coordinates`."""
    cells = tensor.coordinates if coordinates is None else coordinates
    offsets = np.concatenate([[0], np.cumsum([len(each) for each in means])])[:-1].astype(np.int32)
    out = np.empty(len(cells))
    rates_at(np.ascontiguousarray(cells + offsets, dtype=np.int32), np.ascontiguousarray(np.concatenate(means)), out)
    return np.asarray(out * exposure_at(tensor, cells))
