"""Numba kernel: for every query, how near each unit ever came, and in which of its cases."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Whole = NDArray[np.int64]


@njit(cache=True)
def apart(rows: Whole, members: Whole, most: int, found: Whole) -> None:
    """From each query's neighbours, nearest first, those that share no two members with a nearer one taken.

    Parameters
    ----------
    rows : (Q, K) places of cases, -1: no more; members : (R, M)
    found : (Q, most), filled; -1: no more
    """
    for q in range(len(rows)):
        taken = 0
        for k in range(rows.shape[1]):
            row = rows[q, k]
            if row < 0 or taken == most:
                break
            free = True
            for j in range(taken):
                common = 0
                for m in range(members.shape[1]):
                    for n in range(members.shape[1]):
                        if members[row, m] == members[found[q, j], n]:
                            common += 1
                if common >= 2:
                    free = False
                    break
            if free:
                found[q, taken] = row
                taken += 1
        for k in range(taken, most):
            found[q, k] = -1


@njit(cache=True, nogil=True)
def nearest_cases(
    begin: int,
    stop: int,
    stride: int,
    query: Floats,
    query_members: Whole,
    cutoff: Whole,
    features: Floats,
    members: Whole,
    unit: Whole,
    year: Whole,
    units: int,
    shared: int,
    distance: Floats,
    row: Whole,
) -> None:
    """Squared distance from each query to the nearest case of each unit, and that case.

    Parameters
    ----------
    begin, stop, stride : queries to answer (see :func:`innominate.threads.in_parts`)
    query : (Q, D); query_members : (Q, M); cutoff : (Q,) the last year of the cases that may be used
    features : (R, D); members : (R, M); unit : (R,) in 0 … units - 1; year : (R,)
    shared : cases that share at least so many members with the query are left out
    distance, row : (Q, units), filled; infinite and -1 where a unit has no case that may be used
    """
    for q in range(begin, stop, stride):
        for u in range(units):
            distance[q, u] = np.inf
            row[q, u] = -1
        for r in range(len(features)):
            if year[r] > cutoff[q]:
                continue
            common = 0
            for m in range(members.shape[1]):
                for n in range(members.shape[1]):
                    if members[r, m] == query_members[q, n]:
                        common += 1
            if common >= shared:
                continue
            total = np.float32(0.0)
            for d in range(features.shape[1]):
                gap = features[r, d] - query[q, d]
                total += gap * gap
            if total < distance[q, unit[r]]:
                distance[q, unit[r]] = total
                row[q, unit[r]] = r
