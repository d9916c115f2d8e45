"""The hot loops of Poisson factorisation: one fused pass over the non-zeros, and the updates of a mode's gammas.

Non-zeros come sorted into fibres: runs that differ in one mode only, the leaf (:mod:`innominate.blocs.layout`). Within a
fibre the product of the other modes' rows is made once and kept in cache (Smith and Karypis 2015, SPLATT). Work is cut
into parts whose number follows from the data alone; each part has its own accumulator and the accumulators are added in
a fixed order, so results do not depend on the number of threads.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import DTypeLike, NDArray

from innominate.blocs.rows import LINE, dot_rows, lanes, multiply_rows, share_out
from innominate.blocs.special import digamma_lgamma, weighted_logs
from innominate.threads import in_parts

Table = NDArray[Any]

_MATHS = {"reassoc", "contract", "nsz", "arcp"}
_TOGETHER = 64  # fibres worked on at a time: their products stay in the first two caches
_RATES = 64  # parts in which expected counts are told


def padded(columns: int, kind: DTypeLike) -> int:
    """Number of columns stored for `columns` components: whole cache lines."""
    step = lanes(kind)
    return max(step, -(-columns // step) * step)


def roomy(columns: int, kind: DTypeLike) -> int:
    """:func:`padded` in steps of an eighth or so: where the number follows from the data, few widths have to be compiled."""
    step = max(lanes(kind), 1 << max(columns.bit_length() - 4, 0))
    return max(step, -(-columns // step) * step)


def aligned(shape: tuple[int, ...], kind: DTypeLike) -> NDArray[Any]:
    """Zeros that start on a cache line: a row of them never straddles two lines."""
    size = math.prod(shape) * np.dtype(kind).itemsize
    raw = np.zeros(size + LINE, dtype=np.uint8)
    start = -raw.ctypes.data % LINE
    return raw[start : start + size].view(kind).reshape(shape)


def accumulators(parts: int, rows: int, width: int, kind: DTypeLike) -> tuple[NDArray[Any], NDArray[Any]]:
    """What :func:`allocation_pass` needs to work in: sums by part (parts, rows, width), and scratch of each part."""
    return aligned((parts, rows, width), kind), aligned((parts, _TOGETHER, width), kind)


@cache
def allocation_pass(width: int) -> Callable[..., None]:
    """The pass for factors of `width` columns, compiled once for each width.

    The function returned allocates every count to the components in proportion to the product of the rows of its
    coordinates (Schein et al. 2015, equation 4), and adds the allocations up by row of every mode::

        in_parts(run, P, fibre_rows, fibre_start, leaf_rows, counts, factors, parts, scratch, logs, bounds)

    - fibre_rows (F, M-1) int32, leaf_rows (Z,) int32: rows of the stacked factors
    - fibre_start (F+1,) int64: first non-zero of every fibre; counts (Z,)
    - factors (D, width): stacked rows of all modes; columns beyond the components are 0
    - parts (P, D, width) out: sums by part; rows of the leaf mode still lack the factor of their own row
    - scratch (P, _TOGETHER, width), logs (P,) out: sum of count × log of the product; bounds (P+1,) fibres of each part

    _TOGETHER fibres are worked on at a time, first all their products and then all their sums: within each of the two steps
    nothing waits for anything, whereas each sum has to wait for a product, a division and what comes before it.
    """

    @njit(nogil=True, fastmath=_MATHS, cache=True, error_model="numpy")
    def run(  # type: ignore[no-untyped-def]
        begin_at, stop, stride, fibre_rows, fibre_start, leaf_rows, counts, factors, parts, scratch, logs, bounds
    ):
        for part in range(begin_at, stop, stride):
            sums, products = parts[part], scratch[part]
            sums[:] = 0.0
            log_sum, most = 0.0, 0
            for begin in range(bounds[part], bounds[part + 1], _TOGETHER):
                most = max(most, fibre_start[min(begin + _TOGETHER, bounds[part + 1])] - fibre_start[begin])
            shares, room = np.empty(most, dtype=factors.dtype), np.empty(most)
            for begin in range(bounds[part], bounds[part + 1], _TOGETHER):
                end = min(begin + _TOGETHER, bounds[part + 1])
                start, size = fibre_start[begin], fibre_start[end] - fibre_start[begin]
                for fibre in range(begin, end):
                    multiply_rows(width, products, fibre - begin, factors, fibre_rows, fibre)
                    for n in range(fibre_start[fibre], fibre_start[fibre + 1]):
                        shares[n - start] = dot_rows(width, products, fibre - begin, factors, leaf_rows[n])
                seen = counts[start : start + size]
                log_sum += weighted_logs(seen, shares, room)
                for n in range(size):
                    shares[n] = seen[n] / shares[n]
                for fibre in range(begin, end):
                    first, last = fibre_start[fibre], fibre_start[fibre + 1]
                    share_out(
                        width, sums, factors, leaf_rows, shares, start, first, last, products, fibre - begin,
                        fibre_rows, fibre,
                    )  # fmt: skip
            logs[part] = log_sum

    return run


def gather_parts(parts: Table, factors: Table, leaf_first: int, leaf_last: int, out: Table) -> None:
    """Add the parts up, in order: out (D, K) float64; rows of the leaf mode get the factor of their own row."""
    in_parts(_gather_parts, len(out), parts, factors, leaf_first, leaf_last, out, operations=parts.size)


@njit(nogil=True, cache=True, error_model="numpy")
def _gather_parts(begin, stop, stride, parts, factors, leaf_first, leaf_last, out):  # type: ignore[no-untyped-def]
    for row in range(begin, stop, stride):
        leaf = leaf_first <= row < leaf_last
        for k in range(out.shape[1]):
            total = 0.0
            for part in range(parts.shape[0]):
                total += parts[part, row, k]
            out[row, k] = total * factors[row, k] if leaf else total


def update_gammas(
    sums: Table, exposed: Table, alpha: float, beta: float, shape: Table, rate: Table, mean: Table, log_mean: Table,
    factors: Table, log_scale: Table, moments: Table,
) -> None:  # fmt: skip
    """Gamma posteriors of one mode from its allocated counts and exposed totals (Schein et al. 2015, equations 4-5).

    sums, exposed (D, K) in; shape, rate, mean, log_mean (D, K) out. factors (D, width) out: exp(log_mean), each row
    divided by its largest entry, whose log goes to log_scale (D,), so that small shapes cannot underflow.
    moments (D, 3) out: sums over the row of mean, of log_mean and of the gammas' entropy.
    """
    told = sums, exposed, alpha, beta, shape, rate, mean, log_mean, factors, log_scale, moments
    in_parts(_update_gammas, len(sums), *told, operations=16 * sums.size)


@njit(nogil=True, cache=True, error_model="numpy")
def _update_gammas(  # type: ignore[no-untyped-def]
    begin, stop, stride, sums, exposed, alpha, beta, shape, rate, mean, log_mean, factors, log_scale, moments
):
    components = sums.shape[1]
    for row in range(begin, stop, stride):
        means = logs = entropy = 0.0
        top = -np.inf
        for k in range(components):
            a = alpha + sums[row, k]
            b = alpha * beta + exposed[row, k]
            digamma, lgamma = digamma_lgamma(a)
            log_rate = math.log(b)
            shape[row, k], rate[row, k], mean[row, k] = a, b, a / b
            log_mean[row, k] = digamma - log_rate
            top = max(top, digamma - log_rate)
            means += a / b
            logs += digamma - log_rate
            entropy += a - log_rate + lgamma + (1.0 - a) * digamma
        for k in range(components):
            factors[row, k] = math.exp(log_mean[row, k] - top)
        log_scale[row] = top
        moments[row, 0], moments[row, 1], moments[row, 2] = means, logs, entropy


def absent_by_row(cells: Table, place: int, means: Table, weights: Table, out: Table) -> None:
    """Expected totals of cells that are not observed, summed by the row that each has in one of its modes.

    cells (n, s) int32 rows of `means`; place: which column of `cells` names the row that sums; means (D, K);
    weights (n,) exposure of each cell, without the mode of `place`; out (P, D, K): one accumulator a part.
    """
    told = cells, place, means, weights, out
    in_parts(_absent_by_row, len(out), *told, operations=len(cells) * means.shape[1])


@njit(nogil=True, cache=True, error_model="numpy")
def _absent_by_row(begin, stop, stride, cells, place, means, weights, out):  # type: ignore[no-untyped-def]
    count, parts, columns = cells.shape[0], out.shape[0], means.shape[1]
    for part in range(begin, stop, stride):
        sums = out[part]
        sums[:] = 0.0
        product = np.empty(columns)
        for n in range(part * count // parts, (part + 1) * count // parts):
            for k in range(columns):
                product[k] = weights[n]
            for m in range(cells.shape[1]):
                if m != place:
                    row = means[cells[n, m]]
                    for k in range(columns):
                        product[k] *= row[k]
            into = sums[cells[n, place]]
            for k in range(columns):
                into[k] += product[k]


def rates_at(rows: Table, means: Table, out: Table) -> None:
    """Sum over components of the product of the rows of each cell: rows (n, M) int32, means (D, K), out (n,)."""
    in_parts(_rates_at, _RATES, rows, means, out, operations=rows.shape[0] * means.shape[1])


@njit(nogil=True, cache=True, error_model="numpy")
def _rates_at(begin, stop, stride, rows, means, out):  # type: ignore[no-untyped-def]
    for part in range(begin, stop, stride):
        product = np.empty(means.shape[1])
        for n in range(part * rows.shape[0] // _RATES, (part + 1) * rows.shape[0] // _RATES):
            first = means[rows[n, 0]]
            for k in range(product.shape[0]):
                product[k] = first[k]
            for m in range(1, rows.shape[1]):
                row = means[rows[n, m]]
                for k in range(product.shape[0]):
                    product[k] *= row[k]
            total = 0.0
            for k in range(product.shape[0]):
                total += product[k]
            out[n] = total
