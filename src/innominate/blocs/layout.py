"""How non-zeros lie in memory for the pass: sorted into fibres along the mode that makes them longest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from innominate.blocs.tensor import CountTensor, Floats, Ints

_PER_PART = 1 << 15  # non-zeros that make one more part worth its accumulator
_MOST_PARTS = 64
_MOST_ACCUMULATED = 48 << 20  # entries of all accumulators together


@dataclass(frozen=True, slots=True)
class Layout:
    """Non-zeros of a tensor in fibres along one mode, the leaf.

    Attributes
    ----------
    leaf : the mode in which the entries of a fibre differ
    offsets : (M+1,) first row of every mode in the stacked factors
    fibre_rows : (F, M-1) int32 stacked rows of the other modes; fibre_start (F+1,) int64
    leaf_rows : (Z,) int32 stacked rows of the leaf; counts (Z,)
    marginals : (D,) counts by stacked row
    """

    leaf: int
    offsets: tuple[int, ...]
    fibre_rows: Ints
    fibre_start: NDArray[np.int64]
    leaf_rows: Ints
    counts: NDArray[np.floating]
    marginals: Floats

    def bounds(self, width: int) -> NDArray[np.int64]:
        """First fibre of every part and the end; the number of parts follows from the data, not from the machine."""
        nonzeros = len(self.leaf_rows)
        most = min(_MOST_PARTS, max(1, _MOST_ACCUMULATED // (self.offsets[-1] * width)))
        parts = int(min(most, max(1, nonzeros // _PER_PART)))
        cuts = np.searchsorted(self.fibre_start, np.arange(1, parts) * (nonzeros / parts))
        return np.concatenate([[0], cuts, [len(self.fibre_start) - 1]]).astype(np.int64)


def arrange(tensor: CountTensor, precision: type[np.floating] = np.float64) -> Layout:
    """Sort the non-zeros of `tensor` into fibres along the mode that leaves the fewest of them."""
    shape, modes = tensor.shape, len(tensor.shape)
    offsets = tuple(int(n) for n in np.concatenate([[0], np.cumsum(shape)]))
    leaf = _leaf(tensor)
    others = [m for m in range(modes) if m != leaf]
    if leaf == modes - 1:  # already sorted so
        coordinates, counts = tensor.coordinates, tensor.counts
        keys = _keys(coordinates, others, shape)
    else:
        keys = _keys(tensor.coordinates, others, shape)
        order = np.argsort(keys * shape[leaf] + tensor.coordinates[:, leaf], kind="stable")
        keys, coordinates, counts = keys[order], tensor.coordinates[order], tensor.counts[order]
        del order
    start = np.flatnonzero(np.r_[np.ones(min(1, len(keys)), dtype=bool), keys[1:] != keys[:-1]])
    del keys
    marginals = [np.bincount(tensor.coordinates[:, m], weights=tensor.counts, minlength=shape[m]) for m in range(modes)]
    return Layout(
        leaf,
        offsets,
        np.stack([coordinates[start, m] + np.int32(offsets[m]) for m in others], axis=1),
        np.append(start, len(counts)).astype(np.int64),
        coordinates[:, leaf] + np.int32(offsets[leaf]),
        counts.astype(precision),
        np.concatenate(marginals),
    )


def _keys(coordinates: Ints, modes: list[int], shape: tuple[int, ...]) -> NDArray[np.int64]:
    keys = coordinates[:, modes[0]].astype(np.int64)
    for m in modes[1:]:
        keys *= shape[m]
        keys += coordinates[:, m]
    return keys


def _leaf(tensor: CountTensor) -> int:
    """The mode with the fewest fibres, estimated on the fibres whose key falls in a sample, if there are many."""
    modes = len(tensor.shape)
    fewest, best = np.inf, modes - 1
    for leaf in reversed(range(modes)):
        keys = _keys(tensor.coordinates, [m for m in range(modes) if m != leaf], tensor.shape)
        if len(keys) > 1 << 20:
            keys = keys[(keys * 0x9E3779B1) % 1021 < 32]
        fibres = len(np.unique(keys))
        if fibres < 0.98 * fewest:
            fewest, best = fibres, leaf
    return best
