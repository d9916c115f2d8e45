"""The forecast against a naive loop and against simulation; windows against sums written out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import nbinom

from innominate.signals.forecast import Drift, common_volume, filtered, fit, log_likelihood, windows


def made(seed: int = 0, pairs: int = 300, periods: int = 60, discount: float = 0.9) -> tuple[np.ndarray, np.ndarray]:
    """Counts whose rates drift a little, and everything known."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(2.0, 2.0, pairs)
    y = np.empty((pairs, periods))
    for t in range(periods):
        y[:, t] = rng.poisson(rate)
        rate *= rng.gamma(200.0, 1 / 200.0, pairs)
    return y, np.ones(y.shape, dtype=bool)


def test_filter_and_likelihood_equal_a_loop_over_single_counts() -> None:
    y, known = made(pairs=4, periods=9)
    known[1, 3:5] = known[2, 0] = False
    y = np.where(known, y, 0.0)
    drift, common = Drift(0.8, 1.5, 2.0), np.linspace(0.5, 1.5, 9)
    state = filtered(y, known, common, drift)
    total = 0.0
    for p in range(4):
        a, b, seen = drift.shape, drift.shape / drift.mean, 0
        for t in range(9):
            if t:
                a, b = 0.8 * a, 0.8 * b
            if known[p, t]:
                if seen >= 2:
                    total += nbinom.logpmf(y[p, t], a, b / (b + common[t]))
                a, b, seen = a + y[p, t], b + common[t], seen + 1
            assert state.shape[p, t] == pytest.approx(a)
            assert state.rate[p, t] == pytest.approx(b)
    assert log_likelihood(y, known, common, drift) == pytest.approx(total)


def test_windows_equal_sums_written_out() -> None:
    y, known = made(pairs=3, periods=20)
    known[0, 9] = False
    y = np.where(known, y, 0.0)
    state = filtered(y, known, common_volume(y, known), Drift(0.9, 1.0, 4.0))
    found = windows(y, known, state, after=(1, 3), lead=1, history=2)
    for p in range(3):
        for t in range(20):
            origin = t - 2
            inside = origin >= 1 and t + 3 < 20
            fine = inside and known[p, origin : t + 4].all() and known[p, : origin + 1].sum() >= 2
            assert found.valid[p, t] == fine
            if fine:
                mean = state.shape[p, origin] / state.rate[p, origin]
                assert found.expected[p, t] == pytest.approx(mean * state.common[t + 1 : t + 4].sum())
                assert found.observed[p, t] == y[p, t + 1 : t + 4].sum()


def test_the_fit_prefers_the_drift_that_made_the_data_and_forecasts_without_bias() -> None:
    y, known = made(seed=3)
    keys = tuple(f"P{k:03d}" for k in range(len(y)))
    common = common_volume(y, known)
    state = fit(keys, y, known, common)
    best = log_likelihood(y, known, common, state.drift)
    for other in (0.3, 0.6, 0.9999):
        assert best > log_likelihood(y, known, common, Drift(other, state.drift.shape, state.drift.mean))
    found = windows(y, known, state, after=(1, 3), lead=1, history=6)
    assert found.observed[found.valid].sum() / found.expected[found.valid].sum() == pytest.approx(1.0, abs=0.03)


def test_a_forecast_does_not_see_what_comes_after_its_origin() -> None:
    y, known = made(pairs=20, periods=24)
    keys = tuple(f"P{k}" for k in range(20))
    common = np.ones(24)
    drift = fit(keys, y, known, common).drift
    later = y.copy()
    later[:, 12:] *= 50
    for one, two in zip(
        *(windows(z, known, filtered(z, known, common, drift), after=(1, 2), lead=1, history=2).expected[:, :14].T
          for z in (y, later)), strict=True,
    ):  # fmt: skip
        assert np.array_equal(one, two, equal_nan=True)
