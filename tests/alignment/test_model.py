"""The kernels against dense algebra, EM against its own promise, the intervals against drawn truth."""

from __future__ import annotations

import numpy as np
import pytest

from innominate.alignment import kernels, model
from innominate.alignment.scale import Scale
from innominate.alignment.why import explain
from tests.alignment.naive import dense_posterior
from tests.alignment.simulated import Drawn, draw


@pytest.fixture(scope="module")
def drawn() -> Drawn:
    return draw(7)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("missing", [0.0, 0.5, 0.95])
def test_smoothing_equals_the_dense_gaussian(seed: int, missing: float) -> None:
    rng = np.random.default_rng(seed)
    n, k = int(rng.integers(1, 14)), int(rng.integers(1, 6))
    z = rng.normal(size=(n, k))
    z[rng.random((n, k)) < missing] = np.nan
    spread = rng.uniform(0.2, 3.0, (n, k))
    loading, offset = rng.uniform(0, 1, k), rng.uniform(0.05, 1, k)
    innovation = rng.uniform(0.05, 1.0, n)
    mean, variance, lag = np.empty(n), np.empty(n), np.empty(max(n - 1, 1))
    offsets, cross, covariance, inner = np.empty(k), np.empty((n, k)), np.empty((k, k)), np.empty((n, 2))
    weight = np.where(np.isfinite(z), 1 / spread, 0.0)
    value = kernels.smooth(
        np.nan_to_num(z), weight, loading, offset, 0.9, innovation,
        mean, variance, lag, offsets, cross, covariance, inner,
    )  # fmt: skip
    value += 0.5 * np.log(weight[weight > 0] / (2 * np.pi)).sum()
    dense_mean, dense_covariance, _, _, likelihood = dense_posterior(z, spread, loading, offset, 0.9, innovation)
    np.testing.assert_allclose(mean, dense_mean[:n], atol=1e-9)
    np.testing.assert_allclose(offsets, dense_mean[n:], atol=1e-9)
    np.testing.assert_allclose(variance, np.diag(dense_covariance)[:n], atol=1e-9)
    np.testing.assert_allclose(cross, dense_covariance[:n, n:], atol=1e-9)
    np.testing.assert_allclose(covariance, dense_covariance[n:, n:], atol=1e-9)
    if n > 1:
        np.testing.assert_allclose(lag, np.diag(dense_covariance[:n, :n], 1), atol=1e-9)
    assert value == pytest.approx(likelihood, abs=1e-8)


def test_em_never_loses_likelihood(drawn: Drawn) -> None:
    found = model.estimate(model.prepare(drawn.panel))
    steps = np.diff(found.likelihood)
    assert len(steps) > 3
    assert (steps >= -1e-9 * np.abs(found.likelihood[-1])).all()


def test_em_finds_the_parameters_it_was_drawn_from(drawn: Drawn) -> None:
    found = model.estimate(model.prepare(drawn.panel))
    np.testing.assert_allclose(found.loading, drawn.parameters.loading, atol=0.1)
    np.testing.assert_allclose(found.noise, drawn.parameters.noise, rtol=0.1)
    np.testing.assert_allclose(found.offset, drawn.parameters.offset, atol=0.08)
    assert found.persistence == pytest.approx(drawn.parameters.persistence, abs=0.02)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    inside = []
    for seed in range(3):
        world = draw(100 + seed)
        evidence = model.prepare(world.panel)
        mean, variance = model.smooth(evidence, model.estimate(evidence))
        inside.append((np.abs(mean - world.theta) / np.sqrt(variance))[:, [0, 10, 20, 29]].ravel())
    away = np.concatenate(inside)
    assert (away < 1.6449).mean() == pytest.approx(0.90, abs=0.02)
    assert (away < 0.6745).mean() == pytest.approx(0.50, abs=0.03)


def test_why_sums_exactly_and_its_weights_are_those_of_the_dense_gaussian(drawn: Drawn) -> None:
    evidence = model.prepare(drawn.panel)
    parameters = model.estimate(evidence)
    scale = Scale(0.1, 1.3, 0.7, (1990, 2019))
    mean, _ = model.smooth(evidence, parameters)
    for pair, period in [(0, 0), (5, 29), (77, 14)]:
        answer = explain(drawn.panel, evidence, parameters, scale, pair, period)
        total = answer.contributions["contribution"].sum()
        assert total == pytest.approx((mean[pair, period] - 0.1) / 1.2, abs=1e-9)
        spread = parameters.noise + evidence.grid[evidence.bins[pair]]
        steps = parameters.innovation(mean.shape, evidence.first)[pair]
        _, _, gain, _, _ = dense_posterior(
            evidence.z[pair].astype(float), spread, parameters.loading, parameters.offset, parameters.persistence, steps
        )
        np.testing.assert_allclose(answer.contributions["weight"][:-1].to_numpy() * 1.2, gain[period], atol=1e-9)


def test_deleting_observations_at_random_widens_intervals_and_moves_means_within_them(drawn: Drawn) -> None:
    evidence = model.prepare(drawn.panel)
    parameters = model.estimate(evidence)
    mean, variance = model.smooth(evidence, parameters)
    rng = np.random.default_rng(3)
    z = np.where(rng.random(evidence.z.shape) < 0.4, np.nan, evidence.z).astype(np.float32)
    thinned = model.Evidence(z, evidence.bins, evidence.first, evidence.last, evidence.grid)
    less_mean, less_variance = model.smooth(thinned, parameters)
    assert (less_variance >= variance - 1e-12).all()
    assert (np.abs(less_mean - mean) < 1.645 * np.sqrt(less_variance)).mean() > 0.97


def test_order_of_pairs_changes_nothing(drawn: Drawn) -> None:
    evidence = model.prepare(drawn.panel)
    parameters = model.estimate(evidence)
    mean, _ = model.smooth(evidence, parameters)
    order = np.random.default_rng(5).permutation(len(mean))
    shuffled, _ = model.smooth(evidence.take(order), parameters)
    np.testing.assert_array_equal(shuffled, mean[order])
    again = model.estimate(evidence.take(order))
    np.testing.assert_allclose(again.loading, parameters.loading, rtol=1e-3)
