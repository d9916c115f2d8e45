"""Eight numbers at a time: the same as one by one, and as the functions of the standard library."""

import math

import numpy as np
import pytest
from numba import njit
from numpy.typing import NDArray
from scipy.special import ndtr

from innominate.lanes import (
    LANES,
    at,
    below,
    exponent,
    least,
    like,
    logarithm,
    mantissa,
    most,
    power,
    put,
    root,
    unless_zero,
)

Array = NDArray[np.float64]


@njit
def _worked_out(x, y, out):  # type: ignore[no-untyped-def]
    total = like(x, 0.0)
    for t in range(len(x)):
        a, b = at(x, t), at(y, t)
        total += a * 2.0 - 1.0 / b
        found = (
            a + b - a * b, power(a), below(a), root(b), logarithm(b), mantissa(b) + exponent(b), least(most(a, 0.5), b),
            unless_zero(most(a, 0.0), b), total,
        )  # fmt: skip
        for k in range(len(found)):
            put(out[k], t, found[k])


@pytest.fixture(scope="module")
def numbers() -> tuple[Array, Array]:
    rng = np.random.default_rng(0)
    return 6.0 * rng.normal(size=(100, LANES)), np.exp(20.0 * rng.normal(size=(100, LANES)))


def test_lanes_are_eight_times_one(numbers: tuple[Array, Array]) -> None:
    x, y = numbers
    several = np.empty((9, *x.shape))
    _worked_out(x, y, several)
    for lane in range(LANES):
        single = np.empty((9, len(x)))
        _worked_out(np.ascontiguousarray(x[:, lane]), np.ascontiguousarray(y[:, lane]), single)
        np.testing.assert_allclose(several[:, :, lane], single, rtol=1e-13)


def test_functions_are_those_of_the_standard_library(numbers: tuple[Array, Array]) -> None:
    x, y = numbers
    out = np.empty((9, *x.shape))
    _worked_out(x, y, out)
    np.testing.assert_allclose(out[1], np.exp(x), rtol=1e-15)
    np.testing.assert_allclose(out[2], ndtr(x), atol=5e-16)
    np.testing.assert_allclose(out[4], np.log(y), rtol=1e-15, atol=1e-16)
    whole = np.floor(np.log2(y))
    np.testing.assert_allclose(out[5], y / 2.0**whole + whole, rtol=1e-15)
    np.testing.assert_array_equal(out[6], np.minimum(np.maximum(x, 0.5), y))
    np.testing.assert_array_equal(out[7], np.where(x > 0, x, y))
    np.testing.assert_allclose(out[8], np.cumsum(2 * x - 1 / y, axis=0), rtol=1e-9)


def test_powers_far_out_stay_numbers() -> None:
    x = np.array([[-1e9, -800.0, -700.0, 0.0, 1e-300, 700.0, 800.0, math.inf]])
    out = np.empty((9, 1, LANES))
    _worked_out(x, np.ones((1, LANES)), out)
    assert np.isfinite(out[1]).all()
    assert out[1, 0, 3] == out[1, 0, 4] == 1.0
    assert (out[2] >= 0).all()
    assert (out[2] <= 1).all()
