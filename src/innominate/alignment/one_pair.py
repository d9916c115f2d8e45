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
    work, lasting, odds : as :func:`innominate.alignment.kernels.smooth_classes` fills them
    """
    classes, n = len(found.share), len(z)
    work = np.empty((classes, kernels.BUFFERS + 3, n))
    lasting, odds = np.empty((classes, 2)), np.empty(classes)
    kernels.smooth_classes(
        z,
        cell,
        found.precision(grid),
        found.share,
        found.scale,
        found.level,
        found.persistence,
        pace,
        work,
        lasting,
        odds,
    )
    return work, lasting, odds
