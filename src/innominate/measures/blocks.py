"""The inverse of a block-tridiagonal matrix, on its diagonal and next to it.

Blocks are the sessions; a block is dense over the states in the assembly, and two neighbours are tied state by state.
Messages run from both ends at once (one thread each), then every session is settled on its own. Plain loops instead of
LAPACK: they are as fast at this size, and do not fight other processes for the cores.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from innominate.threads import in_parts

Array = NDArray[np.float64]
Index = NDArray[np.int64]
Flags = NDArray[np.bool_]


@njit(cache=True, nogil=True)
def fill_blocks(
    begin: int,
    stop: int,
    stride: int,
    bounds: Index,
    held: Flags,
    own: Array,
    hold: float,
    factor: Array,
    blocks: Array,
) -> None:
    """Diagonal blocks: own curvature less what eliminating the session's resolutions takes off.

    Parameters
    ----------
    begin, stop, stride : sessions; bounds : (T+1,) first resolution of sessions
    held : (T, N) states in the assembly; own : (T, N); factor : (R, N, 3)
    hold : curvature of a force that keeps the session's points about their mean

    Outputs (filled)
    ----------------
    blocks : (T, N, N), zero for states that are not in the assembly
    """
    for t in range(begin, stop, stride):
        here = np.flatnonzero(held[t])
        n = len(here)
        block = np.full((n, n), -hold / n)
        column = np.empty(n)
        for i in range(n):
            block[i, i] += own[t, here[i]] + hold
        for r in range(bounds[t], bounds[t + 1]):
            for c in range(3):
                for i in range(n):
                    column[i] = factor[r, here[i], c]
                for i in range(n):
                    f = column[i]
                    if f != 0.0:
                        row = block[i]
                        for j in range(n):
                            row[j] -= f * column[j]
        _scatter(block, here, blocks[t])


@njit(cache=True)
def _scatter(block: Array, here: Index, whole: Array) -> None:
    for i in range(len(here)):
        for j in range(len(here)):
            whole[here[i], here[j]] = block[i, j]


@njit(cache=True)
def _gather(whole: Array, here: Index) -> Array:
    n = len(here)
    block = np.empty((n, n))
    for i in range(n):
        for j in range(n):
            block[i, j] = whole[here[i], here[j]]
    return block


@njit(cache=True)
def invert(block: Array) -> bool:
    """Invert a symmetric positive definite matrix (n, n) in place by elimination; False where it is not."""
    n = len(block)
    for k in range(n):
        pivot = block[k, k]
        if not pivot > 0.0:
            return False
        top = block[k]
        top[k] = 1.0
        for j in range(n):
            top[j] /= pivot
        for i in range(n):
            if i != k:
                row = block[i]
                f = row[k]
                row[k] = 0.0
                if f != 0.0:
                    for j in range(n):
                        row[j] -= f * top[j]
    return True


def pass_messages(held: Flags, tie: Array, blocks: Array, weights: Array) -> tuple[Array, Array, Flags]:
    """Eliminate the sessions from the first on, and from the last back.

    Parameters
    ----------
    held : (T, N); tie : (T, N) how strongly a state's point is tied to that of the session before (0: not)
    blocks : (T, N, N); weights : (T, N, 2) right-hand sides

    Returns
    -------
    (2, T, N, N) inverse of each block with the sessions before (after) it eliminated; (2, T, N, 2) solutions for it
    alone; (2,) whether all was positive definite
    """
    sessions, n = held.shape
    inverse = np.zeros((2, sessions, n, n))
    alone = np.zeros((2, sessions, n, 2))
    positive = np.ones(2, np.bool_)
    in_parts(_pass_messages, 2, held, tie, blocks, weights, inverse, alone, positive)
    return inverse, alone, positive


@njit(cache=True, nogil=True)
def _pass_messages(
    begin: int, stop: int, stride: int, held: Flags, tie: Array, blocks: Array, weights: Array, inverse: Array,
    alone: Array, positive: Flags,
) -> None:  # fmt: skip
    sessions = len(held)
    for way in range(begin, stop, stride):
        for count in range(sessions):
            t = count if way == 0 else sessions - 1 - count
            here = np.flatnonzero(held[t])
            block = _gather(blocks[t], here)
            right = weights[t].copy()
            if count > 0:
                earlier = t - 1 if way == 0 else t + 1
                link = tie[t] if way == 0 else tie[t + 1]
                _receive(link, here, inverse[way, earlier], alone[way, earlier], block, right)
            if not invert(block):
                positive[way] = False
                break
            _scatter(block, here, inverse[way, t])
            for i in range(len(here)):
                for j in range(len(here)):
                    for c in range(2):
                        alone[way, t, here[i], c] += block[i, j] * right[here[j], c]


@njit(cache=True)
def _receive(link: Array, here: Index, inverse: Array, alone: Array, block: Array, right: Array) -> None:
    """Take the neighbour's message into a block (n, n) and its right-hand side (N, 2)."""
    for i in range(len(here)):
        a = link[here[i]]
        if a != 0.0:
            for j in range(len(here)):
                block[i, j] -= a * link[here[j]] * inverse[here[i], here[j]]
            for c in range(2):
                right[here[i], c] += a * alone[here[i], c]


def settle(
    held: Flags, tie: Array, blocks: Array, inverse: Array, alone: Array, weights: Array
) -> tuple[Array, Array, Array]:
    """Variance of each point (T, N), covariance with the state's next one (T, N), and solutions (T, N, 2)."""
    sessions, n = held.shape
    variance, lag, solved = np.zeros((sessions, n)), np.zeros((sessions, n)), np.zeros((sessions, n, 2))
    in_parts(_settle, sessions, held, tie, blocks, inverse, alone, weights, variance, lag, solved)
    return variance, lag, solved


@njit(cache=True, nogil=True)
def _settle(
    begin: int, stop: int, stride: int, held: Flags, tie: Array, blocks: Array, inverse: Array, alone: Array,
    weights: Array, variance: Array, lag: Array, solved: Array,
) -> None:  # fmt: skip
    sessions = len(held)
    for t in range(begin, stop, stride):
        here = np.flatnonzero(held[t])
        block = _gather(blocks[t], here)
        right = weights[t].copy()
        if t > 0:
            _receive(tie[t], here, inverse[0, t - 1], alone[0, t - 1], block, right)
        if t + 1 < sessions:
            _receive(tie[t + 1], here, inverse[1, t + 1], alone[1, t + 1], block, right)
        invert(block)
        for i in range(len(here)):
            variance[t, here[i]] = block[i, i]
            for j in range(len(here)):
                for c in range(2):
                    solved[t, here[i], c] += block[i, j] * right[here[j], c]
                if t > 0:  # covariance with the session before: its inverse, forward, times the tie, times this one
                    lag[t - 1, here[i]] += inverse[0, t - 1, here[i], here[j]] * tie[t, here[j]] * block[j, i]
