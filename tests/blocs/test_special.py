"""Special functions of the kernels against SciPy and NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit
from scipy.special import digamma, gammaln

from innominate.blocs.special import digamma_lgamma, weighted_logs


@pytest.mark.parametrize("spread", [1e-3, 1.0, 60.0, 300.0])
@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_weighted_logarithms(spread: float, kind: type) -> None:
    random, most = np.random.default_rng(7), 700 if kind is np.float64 else 80
    values = np.exp(random.normal(0, spread, 501).clip(-most, most)).astype(kind)
    weights = random.choice([0.0, 0.5, 1.0, 1.0, 2.0, 2.5, 3.0, 4.0, 1e6], 501)
    logs = np.log(values.astype(np.float64))
    told = weighted_logs(weights, values, np.empty(600))
    assert abs(told - weights @ logs) <= 1e-14 * (weights @ np.abs(logs))


def test_each_logarithm_to_two_units_in_the_last_place() -> None:
    random = np.random.default_rng(8)
    values = np.concatenate(
        [np.exp(random.uniform(-700, 700, 4000)), 1 + random.normal(0, 1e-4, 4000), [0.5**0.5, 2.0**0.5]]
    )
    logs = np.array([weighted_logs(np.ones(1), values[n : n + 1], np.empty(1)) for n in range(len(values))])
    assert (np.abs(logs - np.log(values)) <= 2 * np.spacing(np.abs(np.log(values)))).all()


@pytest.mark.parametrize("odd", [0.0, 1e-310])
def test_logarithms_of_numbers_without_a_whole_mantissa(odd: float) -> None:
    values = np.array([2.0, odd, 0.25])
    with np.errstate(divide="ignore"):
        expected = np.log(values).sum()
    assert weighted_logs(np.ones(3), values, np.empty(3)) == pytest.approx(float(expected))


@pytest.mark.parametrize("place", range(5))
def test_the_logarithm_of_what_is_no_number_is_none(place: int) -> None:
    values = np.array([2.0, 0.5, 3.0, 0.25, 1.0])
    values[place] = np.nan
    assert np.isnan(weighted_logs(np.ones(5), values, np.empty(5)))


def test_digamma_and_log_gamma() -> None:
    @njit
    def run(x):
        return digamma_lgamma(x)

    for x in np.concatenate([np.logspace(-8, 8, 50), [1.0, 2.0, 0.5]]):
        told = run(x)
        assert told[0] == pytest.approx(digamma(x), rel=1e-12, abs=1e-12)
        assert told[1] == pytest.approx(gammaln(x), rel=1e-12, abs=1e-12)
