"""The mass of a box: closed forms, a naive oracle, rare boxes, an honest error."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from innominate.readings.mass import box_mass, draw, factor

INF = np.inf


def equicorrelated(m: int, rho: float) -> np.ndarray:
    return np.full((m, m), rho) + (1 - rho) * np.eye(m)


@pytest.mark.parametrize(("mean", "sd", "low"), [(0.0, 1.0, 0.3), (1.0, 2.0, -1.0), (0.0, 1.0, 6.0), (0.0, 1.0, 30.0)])
def test_one_bound_is_the_normal_tail(mean: float, sd: float, low: float) -> None:
    found = box_mass(np.array([mean]), np.array([[sd**2]]), np.array([low]), np.array([INF]))
    assert found.value == pytest.approx(norm.sf(low, mean, sd), rel=1e-9)
    assert found.relative < 1e-9


@pytest.mark.parametrize("rho", [-0.6, 0.0, 0.5, 0.95])
def test_two_of_a_pair_rise_together(rho: float) -> None:
    closed = 0.25 + np.arcsin(rho) / (2 * np.pi)  # Sheppard 1899
    found = box_mass(np.zeros(2), equicorrelated(2, rho), np.zeros(2), np.full(2, INF))
    assert found.value == pytest.approx(closed, rel=5e-3)
    assert abs(found.value - closed) < 5 * max(found.error, 1e-6)


@pytest.mark.parametrize("m", [3, 6, 12])
def test_orthants_of_exchangeable_changes(m: int) -> None:
    found = box_mass(np.zeros(m), equicorrelated(m, 0.5), np.zeros(m), np.full(m, INF))
    assert found.value == pytest.approx(
        1 / (m + 1), rel=0.01
    )  # the largest of m + 1 independent is the last with 1/(m+1)


def test_boxes_agree_with_another_integrator() -> None:
    rng = np.random.default_rng(3)
    root = rng.standard_normal((4, 4))
    covariance, mean = root @ root.T, rng.standard_normal(4)
    low, high = mean - rng.uniform(0.2, 2, 4), mean + rng.uniform(0.2, 2, 4)
    other = multivariate_normal(mean, covariance).cdf(high, lower_limit=low)
    assert box_mass(mean, covariance, low, high).value == pytest.approx(other, rel=0.01)


def test_a_rare_box_is_found_where_plain_draws_find_nothing() -> None:
    found = box_mass(np.zeros(5), equicorrelated(5, 0.0), np.full(5, 4.0), np.full(5, INF))
    assert found.value == pytest.approx(norm.sf(4.0) ** 5, rel=1e-6)
    assert found.value < 1e-20


def test_a_feature_that_others_determine_is_judged_with_them() -> None:
    weights = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]])
    covariance = weights @ weights.T
    both = box_mass(np.zeros(3), covariance, np.array([0.0, 0.0, -INF]), np.full(3, INF))
    assert both.value == pytest.approx(0.25, rel=1e-6)
    more = box_mass(np.zeros(3), covariance, np.zeros(3), np.full(3, INF))
    assert more.value == pytest.approx(0.125, rel=0.02)
    assert (factor(covariance)[2, 2]) == 0.0


def test_conditions_are_judged_inside_the_box() -> None:
    covariance = np.eye(3)
    found = box_mass(
        np.zeros(3), covariance, np.array([2.0, -INF, -INF]), np.full(3, INF), [lambda y: y[:, 1] > y[:, 2]]
    )
    assert found.value == pytest.approx(0.5 * norm.sf(2.0), rel=0.02)
    assert found.steps[0] == pytest.approx(norm.sf(2.0), rel=1e-9)
    assert found.steps[-1] == found.value


def test_the_error_told_is_the_error_made() -> None:
    rng = np.random.default_rng(0)
    covered = []
    for seed in range(60):
        m = int(rng.integers(3, 9))
        found = box_mass(
            np.zeros(m), equicorrelated(m, 0.5), np.full(m, 0.0), np.full(m, INF), seed=seed, most=32, tolerance=0.0
        )
        covered.append(abs(found.value - 1 / (m + 1)) <= 1.645 * found.error)
    assert 0.75 <= np.mean(covered) <= 1.0  # 90 % asked for; a lattice does rather better than its spread says


def test_draws_keep_to_their_bounds_and_means() -> None:
    covariance = equicorrelated(2, 0.7)
    drawn = draw(np.zeros(2), covariance, np.array([1.0, -INF]), np.full(2, INF), (), 2048, seed=0)
    weight = drawn.weights[:, -1] / drawn.weights[:, -1].sum()
    assert drawn.features[:, 0].min() >= 1.0
    inverse_mills = norm.pdf(1.0) / norm.sf(1.0)
    assert weight @ drawn.features == pytest.approx([inverse_mills, 0.7 * inverse_mills], rel=0.02)


def test_the_same_seed_gives_the_same_mass() -> None:
    arguments = (np.zeros(4), equicorrelated(4, 0.3), np.full(4, 0.5), np.full(4, INF))
    assert box_mass(*arguments, seed=4) == box_mass(*arguments, seed=4)
    assert box_mass(*arguments, seed=4) != box_mass(*arguments, seed=5)
    assert box_mass(np.zeros(0), np.zeros((0, 0)), np.zeros(0), np.zeros(0)).value == 1.0
