"""Chances from special functions, against the distributions of scipy.stats."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from innominate import chances

SHARES = np.linspace(0.01, 0.99, 25)


@pytest.mark.parametrize(("a", "b"), [(0.5, 0.5), (0.5, 7.5), (30.5, 2.5), (400.0, 900.0)])
def test_beta(a: float, b: float) -> None:
    np.testing.assert_allclose(chances.beta_quantile(SHARES, a, b), stats.beta.ppf(SHARES, a, b), rtol=1e-9)
    np.testing.assert_allclose(chances.beta_above(SHARES, a, b), stats.beta.sf(SHARES, a, b), rtol=1e-9, atol=1e-300)


@pytest.mark.parametrize(("shape", "rate"), [(0.5, 3.0), (12.5, 0.25), (900.5, 10.0)])
def test_gamma(shape: float, rate: float) -> None:
    scaled = stats.gamma(shape, scale=1.0 / rate)
    np.testing.assert_allclose(chances.gamma_quantile(SHARES, shape, rate), scaled.ppf(SHARES), rtol=1e-9)
    grid = scaled.mean() * SHARES * 3
    np.testing.assert_allclose(chances.gamma_above(grid, shape, rate), scaled.sf(grid), rtol=1e-9, atol=1e-300)


@pytest.mark.parametrize("bar", [-3.0, 0.0, 1.5])
def test_normal(bar: float) -> None:
    means, deviations = np.array([-1.0, 0.0, 2.0]), np.array([0.1, 1.0, 4.0])
    expected = stats.norm.sf(bar, means, deviations)
    np.testing.assert_allclose(chances.normal_above(bar, means, deviations), expected, rtol=1e-12, atol=1e-300)
