"""One pair in one channel under every class, for questions that are asked of single pairs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from innominate.alignment import kernels
from innominate.alignment.parameters import ChannelParameters

Array = NDArray[np.float64]
STEADY = np.empty(0)  # the pace of a path that moves at its mean speed throughout


def under_classes(
    z: NDArray[np.float32], cell: NDArray[np.uint16], found: ChannelParameters, grid: Array, pace: Array = STEADY
) -> tuple[Array, Array, Array]:
    """The posterior of one row under each class.

    Parameters
    ----------
    z, cell : (T,) observations, NaN unknown, and their variance classes
    pace : (T,) factor on the stationary step into each period, or empty

    Returns
    -------
    work, lasting, odds : as :func:`innominate.alignment.kernels.smooth_classes` fills them, without the axis of pairs
    """
    work, lasting, odds, told, rows, _ = kernels.room(found.persistence, 1, len(z))
    ends = np.zeros(1, dtype=np.int64), np.full(1, len(z) - 1)
    seen = kernels.seen_of(z[None, :], cell[None, :], *ends, found, grid)
    kernels.smooth_classes(seen, rows, pace[None, :].astype(np.float32), work, lasting, odds, told)
    work[:, kernels.SEEN] = work[0, kernels.SEEN]
    return np.ascontiguousarray(work[..., 0]), lasting[..., 0], odds[:, 0]
