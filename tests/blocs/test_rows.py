"""Row arithmetic in vectors against NumPy, for widths that fill registers, do not, and exceed them, in both precisions."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit

from innominate.blocs.kernels import padded
from innominate.blocs.rows import dot_rows, multiply_rows, share_out

KINDS = [np.float64, np.float32]
COLUMNS = [1, 16, 40, 50, 130]


def table(kind: type, columns: int, rows: int = 9) -> np.ndarray:
    width = padded(columns, kind)
    made = np.zeros((rows, width), dtype=kind)
    made[:, :columns] = np.random.default_rng(columns).uniform(0.1, 1.0, (rows, columns))
    return made


def close(kind: type) -> float:
    return 1e-13 if kind is np.float64 else 1e-5


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("columns", COLUMNS)
def test_whole_lines_and_no_more(kind: type, columns: int) -> None:
    width = padded(columns, kind)
    assert width * np.dtype(kind).itemsize % 64 == 0
    assert columns <= width < columns + 64 // np.dtype(kind).itemsize


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("columns", COLUMNS)
@pytest.mark.parametrize("modes", [1, 2, 4])
def test_products_of_rows(kind: type, columns: int, modes: int) -> None:
    given, width = table(kind, columns), padded(columns, kind)
    rows = np.random.default_rng(modes).integers(0, 9, (5, modes)).astype(np.int32)

    @njit
    def run(out, given, rows):
        for which in range(len(rows)):
            multiply_rows(width, out, which + 1, given, rows, which)

    out = np.full((7, width), -1.0, dtype=kind)
    run(out, given, rows)
    np.testing.assert_allclose(out[1:6], given[rows].prod(axis=1), rtol=close(kind))
    assert (out[[0, 6]] == -1).all(), "rows beside were written"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("columns", COLUMNS)
def test_dot_products_of_rows(kind: type, columns: int) -> None:
    given, width = table(kind, columns), padded(columns, kind)

    @njit
    def run(given, i, j):
        return dot_rows(width, given, i, given, j)

    for i, j in ((0, 0), (2, 7), (8, 1)):
        assert run(given, i, j) == pytest.approx(
            float(given[i].astype(float) @ given[j].astype(float)), rel=close(kind)
        )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("columns", COLUMNS)
def test_a_fibre_is_shared_out_among_the_rows_of_all_modes(kind: type, columns: int) -> None:
    factors, width = table(kind, columns), padded(columns, kind)
    products = table(kind, columns)[::-1].copy()
    leaves = np.array([3, 3, 8, 0, 5], dtype=np.int32)  # a row twice, rows of other fibres around
    shares = np.array([0.5, 2.0, 1.5], dtype=kind)
    rows = np.array([[1, 1], [2, 7]], dtype=np.int32)

    @njit
    def run(sums):
        share_out(width, sums, factors, leaves, shares, 1, 1, 4, products, 4, rows, 1)

    sums = table(kind, columns)
    expected = sums.astype(float)
    for n, share in ((1, 0.5), (2, 2.0), (3, 1.5)):
        expected[leaves[n]] += share * products[4].astype(float)
    weight = products[4] * sum(s * factors[leaves[n]].astype(float) for n, s in ((1, 0.5), (2, 2.0), (3, 1.5)))
    for row in (2, 7):
        expected[row] += weight
    run(sums)
    np.testing.assert_allclose(sums, expected, rtol=close(kind))
