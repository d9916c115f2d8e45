"""Sparse tensors of counts, with what could have been counted: exposure, and cells that nobody looked at."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from innominate.errors import InputError

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Absent:
    """Cells that were not observed: they are neither zeros nor counts.

    Attributes
    ----------
    modes : the modes (s of them) that the cells name; every entry of the other modes is absent with them
    cells : (n, s) int32, without duplicates
    """

    modes: tuple[int, ...]
    cells: Ints

    def covers(self, coordinates: Ints) -> NDArray[np.bool_]:
        """Which of `coordinates` (Z, M) are absent."""
        if not len(self.cells) or not len(coordinates):
            return np.zeros(len(coordinates), dtype=bool)
        named = coordinates[:, list(self.modes)]
        shape = [int(max(named[:, m].max(), self.cells[:, m].max())) + 1 for m in range(len(self.modes))]
        found: NDArray[np.bool_] = np.isin(_linear(named, shape), _linear(self.cells, shape))
        return found


@dataclass(frozen=True, slots=True)
class CountTensor:
    """Counts of acts by M modes, stored as coordinates.

    Attributes
    ----------
    modes : names of the modes, e.g. source, target, action, period
    labels : for each mode its D_m labels
    coordinates : (Z, M) int32, sorted, without duplicates
    counts : (Z,) float64, positive
    exposure : for each mode (B, D_m): the exposure of a cell is the sum over the B blocks of the product of its modes'
        weights. Parts of a dataset that see different states in different periods are one block each; plain counts have
        one block of ones
    loops : two modes that have the same labels and in which a cell on the diagonal cannot occur (nobody acts on itself)
    outside : acts left out because no coverage claims to have seen their cell
    """

    modes: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]
    coordinates: Ints
    counts: Floats
    exposure: tuple[Floats, ...]
    loops: tuple[int, int] | None = None
    outside: float = 0.0

    @property
    def shape(self) -> tuple[int, ...]:
        """D_1 … D_M."""
        return tuple(len(names) for names in self.labels)

    @property
    def total(self) -> float:
        """Number of acts."""
        return float(self.counts.sum())

    def mode(self, name: str) -> int:
        """Place of the mode called `name`."""
        if name not in self.modes:
            raise InputError(f"there is no mode {name!r}; the modes are {', '.join(self.modes)}")
        return self.modes.index(name)

    def without(self, absent: Absent) -> CountTensor:
        """The same tensor without the counts in `absent` cells."""
        keep = ~absent.covers(self.coordinates)
        return replace(self, coordinates=self.coordinates[keep], counts=self.counts[keep])

    def only(self, absent: Absent) -> CountTensor:
        """The same tensor with nothing but the counts in `absent` cells."""
        keep = absent.covers(self.coordinates)
        return replace(self, coordinates=self.coordinates[keep], counts=self.counts[keep])


def from_arrays(
    coordinates: NDArray[np.integer],
    counts: NDArray[np.number],
    shape: Sequence[int],
    *,
    modes: Sequence[str] | None = None,
    labels: Sequence[Sequence[str]] | None = None,
    exposure: Sequence[Floats] | None = None,
    loops: tuple[int, int] | None = None,
) -> CountTensor:
    """A tensor from coordinates (Z, M) and counts (Z,), in any order; duplicate coordinates are added up."""
    coordinates = np.asarray(coordinates)
    values = np.asarray(counts, dtype=np.float64)
    _check(coordinates, values, shape, loops)
    linear = _linear(coordinates, shape)
    if linear.size > 1 and not (linear[1:] > linear[:-1]).all():
        order = np.argsort(linear, kind="stable")
        linear, values, coordinates = linear[order], values[order], coordinates[order]
        first = np.flatnonzero(np.r_[True, linear[1:] != linear[:-1]])
        values, coordinates = np.add.reduceat(values, first), coordinates[first]
    positive = values > 0
    names = tuple(modes or (f"mode{m}" for m in range(len(shape))))
    return CountTensor(
        names,
        tuple(tuple(names) for names in labels or [[str(d) for d in range(size)] for size in shape]),
        np.ascontiguousarray(coordinates[positive], dtype=np.int32),
        values[positive],
        tuple(np.asarray(each, dtype=np.float64) for each in exposure or [np.ones((1, size)) for size in shape]),
        loops,
    )


def _check(
    coordinates: NDArray[np.integer], counts: Floats, shape: Sequence[int], loops: tuple[int, int] | None
) -> None:
    if len(shape) < 2 or coordinates.ndim != 2 or coordinates.shape != (len(counts), len(shape)):
        raise InputError(f"coordinates {coordinates.shape} do not fit {len(counts)} counts of a tensor {tuple(shape)}")
    if not np.isfinite(counts).all() or (counts < 0).any():
        raise InputError("counts must be finite and not negative")
    if len(counts) and ((coordinates < 0).any() or (coordinates.max(axis=0) >= np.asarray(shape)).any()):
        raise InputError(f"a coordinate lies outside the tensor {tuple(shape)}")
    if loops and (coordinates[:, loops[0]] == coordinates[:, loops[1]]).any():
        raise InputError(f"a cell has the same entry in the modes {loops[0]} and {loops[1]}, which cannot occur")


def _linear(coordinates: NDArray[np.integer], shape: Sequence[int]) -> NDArray[np.int64]:
    if math.prod(int(size) for size in shape) >= 2**63:
        raise InputError(f"a tensor {tuple(shape)} has too many cells to be numbered")
    linear = coordinates[:, 0].astype(np.int64)
    for m in range(1, len(shape)):
        linear *= int(shape[m])
        linear += coordinates[:, m]
    return linear


def absent_loops(tensor: CountTensor) -> Absent | None:
    """The diagonal of a tensor in which nobody acts on itself."""
    if tensor.loops is None:
        return None
    states = np.arange(tensor.shape[tensor.loops[0]], dtype=np.int32)
    return Absent(tensor.loops, np.stack([states, states], axis=1))


def whole_cells(tensor: CountTensor, absent: Absent) -> Ints:
    """(n, M) every cell of the tensor that is absent, entries of the modes that `absent` does not name spelt out."""
    others = [m for m in range(len(tensor.shape)) if m not in absent.modes]
    if not others:
        return np.ascontiguousarray(absent.cells[:, np.argsort(absent.modes)])
    grid = np.indices([tensor.shape[m] for m in others], dtype=np.int32).reshape(len(others), -1).T
    cells = np.empty((len(absent.cells) * len(grid), len(tensor.shape)), dtype=np.int32)
    cells[:, list(absent.modes)] = np.repeat(absent.cells, len(grid), axis=0)
    cells[:, others] = np.tile(grid, (len(absent.cells), 1))
    return cells
