"""What this machine can do with the access pattern of the pass over non-zeros, and what it can do in registers.

The roof for memory reads and adds to the same rows in the same order as the pass does, with the same vectors, one addition an
entry and nothing that waits for anything; the roof for arithmetic multiplies and adds in registers.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba import get_num_threads, njit, prange, types
from numba.extending import intrinsic

from innominate.blocs.rows import Rows

_MATHS = {"reassoc", "contract", "nsz", "arcp"}


@dataclass(frozen=True, slots=True)
class Work:
    """What one pass does: floating-point operations, and bytes read from and written to rows."""

    flops: float
    bytes: float


def pass_work(nonzeros: int, fibres: int, modes: int, width: int, size: int) -> Work:
    """Operations and bytes of a pass: by non-zero a dot product and two updates, by fibre a product and the other modes' sums."""
    flops = nonzeros * (6 * width + 3) + fibres * width * ((modes - 2) + 1 + (modes - 1))
    moved = (nonzeros + fibres * (modes - 1)) * 3 * width * size  # a row read, a row read and written
    return Work(flops, moved)


@intrinsic(prefer_literal=True)
def _add_row(typing, width, sums, factors, row):
    """sums[row] += factors[row]"""

    def generate(context, builder, sig, args):
        into, table = (Rows(context, builder, sig.args[0].literal_value, sig.args[n], args[n]) for n in (1, 2))
        here, there = table.at(args[3]), into.at(args[3])
        for lines in table.blocks():
            for line in lines:
                into.add(there, line, table.load(here, line))
        return context.get_dummy_value()

    return types.void(width, sums, factors, types.int64), generate


def rows_roof(width: int) -> Callable[..., None]:
    """Reads every row that the pass reads and adds it to every row that the pass adds to, in the same order."""

    @njit(nogil=True)
    def run(begin, stop, stride, fibre_rows, fibre_start, leaf_rows, factors, parts, bounds):
        for part in range(begin, stop, stride):
            sums = parts[part]
            sums[:] = 0.0
            for fibre in range(bounds[part], bounds[part + 1]):
                for n in range(fibre_start[fibre], fibre_start[fibre + 1]):
                    _add_row(width, sums, factors, leaf_rows[n])
                for m in range(fibre_rows.shape[1]):
                    _add_row(width, sums, factors, fibre_rows[fibre, m])

    return run


@njit(parallel=True, fastmath=_MATHS)
def _multiply_add(start, rounds, out):
    for thread in prange(out.shape[0]):
        a = start + np.arange(64.0)
        for _ in range(rounds):
            for k in range(64):
                a[k] = a[k] * 0.999 + 0.001
        out[thread] = a.sum()


def arithmetic_roof() -> float:
    """Measured flop/s of multiply-adds on data that stays in the first cache or registers, all threads."""
    threads = get_num_threads()
    out, rounds = np.zeros(threads), 1_000_000
    _multiply_add(1.0, 10, out)
    best = min(_timed(lambda: _multiply_add(1.0, rounds, out)) for _ in range(5))
    return threads * rounds * 64 * 2 / best


def _timed(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start
