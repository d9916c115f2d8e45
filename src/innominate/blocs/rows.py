"""Arithmetic on whole rows of factors, in vectors of one cache line.

Written as plain loops, the pass over non-zeros asks before every row whether two rows overlap, and goes through rows whose
length is no multiple of sixteen one number at a time. Here a row is so many vectors, its width is known when a kernel is
compiled, and sums stay in registers over a fibre: half as many instructions. LLVM splits a vector into what the processor has.

Every function is for use in compiled kernels only. `width` is a constant of the kernel and fills whole lines (:func:`lanes`);
tables are contiguous (n, width) arrays of float64 or float32; row numbers are not checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic
from numpy.typing import DTypeLike

LINE = 64  # bytes
_IN_REGISTERS = 4  # lines of sums held at a time: eight of the sixteen registers of AVX2
_MATHS = ("contract", "reassoc", "nsz", "arcp")
_INDEX = ir.IntType(64)


def lanes(kind: DTypeLike) -> int:
    """Numbers of a kind in a line."""
    return LINE // np.dtype(kind).itemsize


class Rows:
    """A table of rows inside a function that is being generated: where a row starts, and its lines."""

    def __init__(self, context: Any, builder: Any, width: int, kind: Any, value: Any) -> None:
        self.builder, self.width, self.size = builder, width, kind.dtype.bitwidth // 8
        self.lanes = LINE // self.size
        if width % self.lanes or kind.ndim != 2 or kind.layout != "C":
            raise TypeError(f"rows of {width} in {kind}: a contiguous table whose rows fill whole lines is wanted")
        self.count = width // self.lanes
        self.line = ir.VectorType(context.get_value_type(kind.dtype), self.lanes)
        self.data = context.make_array(kind)(context, builder, value).data

    def at(self, row: Any) -> Any:
        """Pointer to a row."""
        row = row if row.type == _INDEX else self.builder.sext(row, _INDEX)
        return self.builder.gep(self.data, [self.builder.mul(row, _INDEX(self.width))], inbounds=True)

    def load(self, row: Any, line: int) -> Any:
        """One line of the row at a pointer."""
        return self.builder.load(self._place(row, line), align=self.size)

    def store(self, row: Any, line: int, value: Any) -> None:
        """Write one line of the row at a pointer."""
        self.builder.store(value, self._place(row, line), align=self.size)

    def add(self, row: Any, line: int, value: Any) -> None:
        """Add to one line of the row at a pointer."""
        self.store(row, line, plus(self.builder, self.load(row, line), value))

    def filled(self, number: Any) -> Any:
        """A line full of one number."""
        none = ir.Constant(self.line, ir.Undefined)
        first = self.builder.insert_element(none, number, ir.IntType(32)(0))
        return self.builder.shuffle_vector(first, none, ir.Constant(ir.VectorType(ir.IntType(32), self.lanes), None))

    def zeros(self) -> Any:
        """A line of zeros."""
        return ir.Constant(self.line, None)

    def blocks(self) -> Iterator[range]:
        """Lines of a row, as many at a time as registers hold."""
        for first in range(0, self.count, _IN_REGISTERS):
            yield range(first, min(first + _IN_REGISTERS, self.count))

    def _place(self, row: Any, line: int) -> Any:
        first = self.builder.gep(row, [_INDEX(line * self.lanes)], inbounds=True)
        return self.builder.bitcast(first, self.line.as_pointer())


def plus(builder: Any, a: Any, b: Any) -> Any:
    """Sum of two lines."""
    return builder.fadd(a, b, flags=_MATHS)


def times(builder: Any, a: Any, b: Any) -> Any:
    """Product of two lines."""
    return builder.fmul(a, b, flags=_MATHS)


def _variables(builder: Any, values: Iterable[Any]) -> list[Any]:
    """Variables that start as `values`, which LLVM keeps in registers."""
    made = []
    for value in values:
        made.append(cgutils.alloca_once(builder, value.type))
        builder.store(value, made[-1])
    return made


def _entry(context: Any, builder: Any, kind: Any, value: Any, at: Any) -> Any:
    """One entry of a vector."""
    return builder.load(builder.gep(context.make_array(kind)(context, builder, value).data, [at], inbounds=True))


def _line_up(context: Any, builder: Any, kind: Any, value: Any, row: Any) -> tuple[Any, Any]:
    """Pointer to the first entry of a row of a contiguous matrix, and the number of its columns."""
    matrix = context.make_array(kind)(context, builder, value)
    columns = cgutils.unpack_tuple(builder, matrix.shape)[1]
    return builder.gep(matrix.data, [builder.mul(row, columns)], inbounds=True), columns


@intrinsic(prefer_literal=True)
def multiply_rows(typing, width, out, place, table, rows, which):  # type: ignore[no-untyped-def]
    """``out[place] = product of table[rows[which, m]] over m``; rows (n, M) int32, M ≥ 1."""

    def generate(context, builder, sig, args):  # type: ignore[no-untyped-def]
        made, given = (Rows(context, builder, sig.args[0].literal_value, sig.args[n], args[n]) for n in (1, 3))
        first, modes = _line_up(context, builder, sig.args[4], args[4], args[5])
        into = made.at(args[2])
        for lines in given.blocks():
            row = given.at(builder.load(first))
            products = _variables(builder, (given.load(row, line) for line in lines))
            with cgutils.for_range_slice(builder, _INDEX(1), modes, _INDEX(1)) as (mode, _):
                row = given.at(builder.load(builder.gep(first, [mode], inbounds=True)))
                for line, product in zip(lines, products, strict=True):
                    builder.store(times(builder, builder.load(product), given.load(row, line)), product)
            for line, product in zip(lines, products, strict=True):
                made.store(into, line, builder.load(product))
        return context.get_dummy_value()

    return types.void(width, out, types.int64, table, rows, types.int64), generate


@intrinsic(prefer_literal=True)
def dot_rows(typing, width, a, i, b, j):  # type: ignore[no-untyped-def]
    """``sum(a[i] * b[j])``."""

    def generate(context, builder, sig, args):  # type: ignore[no-untyped-def]
        left, right = (Rows(context, builder, sig.args[0].literal_value, sig.args[n], args[n]) for n in (1, 3))
        x, y = left.at(args[2]), right.at(args[4])
        sums = [left.zeros(), left.zeros()]  # two, so that one need not wait for the other
        for line in range(left.count):
            product = times(builder, left.load(x, line), right.load(y, line))
            sums[line % 2] = plus(builder, sums[line % 2], product)
        total, size = plus(builder, *sums), left.lanes
        while size > 1:
            size //= 2
            none = ir.Constant(total.type, ir.Undefined)
            low, high = (ir.Constant(ir.VectorType(ir.IntType(32), size), list(range(n, n + size))) for n in (0, size))
            total = plus(builder, *(builder.shuffle_vector(total, none, half) for half in (low, high)))
        return builder.extract_element(total, ir.IntType(32)(0))

    return a.dtype(width, a, types.int64, b, types.int64), generate


@intrinsic(prefer_literal=True)
def share_out(typing, width, sums, factors, leaves, shares, start, first, last, products, place, rows, which):  # type: ignore[no-untyped-def]
    """Add the allocations of one fibre to the sums of all modes.

    For its non-zeros n in first…last - 1, with s = shares[n - start] and p = products[place]::

        sums[leaves[n]] += s × p
        sums[rows[which, m]] += p × (sum over n of s × factors[leaves[n]])    for every m
    """

    def generate(context, builder, sig, args):  # type: ignore[no-untyped-def]
        constant = sig.args[0].literal_value
        to, table, made = (Rows(context, builder, constant, sig.args[n], args[n]) for n in (1, 2, 8))
        product = made.at(args[9])
        others, modes = _line_up(context, builder, sig.args[10], args[10], args[11])
        for lines in table.blocks():
            weights = _variables(builder, (table.zeros() for _ in lines))
            with cgutils.for_range_slice(builder, args[6], args[7], _INDEX(1)) as (n, _):
                leaf = _entry(context, builder, sig.args[3], args[3], n)
                share = to.filled(_entry(context, builder, sig.args[4], args[4], builder.sub(n, args[5])))
                row, into = table.at(leaf), to.at(leaf)
                for line, weight in zip(lines, weights, strict=True):
                    more = times(builder, share, table.load(row, line))
                    builder.store(plus(builder, builder.load(weight), more), weight)
                for line in lines:
                    to.add(into, line, times(builder, share, made.load(product, line)))
            totals = [
                times(builder, builder.load(w), made.load(product, n)) for n, w in zip(lines, weights, strict=True)
            ]
            with cgutils.for_range(builder, modes) as loop:
                into = to.at(builder.load(builder.gep(others, [loop.index], inbounds=True)))
                for line, total in zip(lines, totals, strict=True):
                    to.add(into, line, total)
        return context.get_dummy_value()

    whole = types.int64
    return types.void(width, sums, factors, leaves, shares, whole, whole, whole, products, whole, rows, whole), generate
