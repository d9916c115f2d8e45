"""Finite mixtures: from log weights of classes to their posterior shares, compiled for use in kernels."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def shares_of(values: NDArray[np.float64]) -> float:
    """Turn log weights into shares of their sum, in place; the log of the sum. Slot by slot: array expressions compile slowly."""
    best, total = -np.inf, 0.0
    for value in values:
        best = max(best, value)
    for k in range(len(values)):
        values[k] = math.exp(values[k] - best)
        total += values[k]
    for k in range(len(values)):
        values[k] /= total
    return best + math.log(total)
