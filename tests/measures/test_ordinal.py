"""The arithmetic below the ideal points, against SciPy and dense matrices."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import erfcx, log_ndtr, ndtr

from innominate.measures import irt, response
from innominate.measures.gauge import recentre
from innominate.measures.ordinal import HIGH, LOW, MIDDLE, averaged, derivatives, hazard
from innominate.measures.roll_calls import arrange
from tests.measures.simulated import simulate


def test_hazard():
    x = np.concatenate([np.linspace(-9.5, 9.5, 2001), [12.0, 30.0, 1e4]])
    ours = np.array([hazard(float(value)) for value in x])
    np.testing.assert_allclose(ours, np.sqrt(2 / np.pi) / erfcx(x / np.sqrt(2)), rtol=2e-8, atol=2e-9)


def _log_probability(category, eta, lower, upper):
    a, b = lower - eta, upper - eta
    if category == LOW:
        return log_ndtr(a)
    if category == HIGH:
        return log_ndtr(-b)
    return np.log(ndtr(b) - ndtr(a)) if a + b < 0 else np.log(ndtr(-a) - ndtr(-b))


@pytest.mark.parametrize("eta", [-6.0, -2.5, -0.3, 0.0, 0.7, 2.0, 6.5])
@pytest.mark.parametrize("gap", [0.05, 0.7, 3.0])
@pytest.mark.parametrize("category", [LOW, MIDDLE, HIGH])
def test_derivatives(category, gap, eta):
    lower, upper, h = -0.2, -0.2 + gap, 1e-4

    def at(dl, du):
        return _log_probability(category, eta, lower + dl, upper + du)

    gl, gu, ll, uu, lu = derivatives(category, eta, lower, upper)
    here = at(0, 0)
    numeric = [
        (at(h, 0) - at(-h, 0)) / (2 * h),
        (at(0, h) - at(0, -h)) / (2 * h),
        -(at(h, 0) - 2 * here + at(-h, 0)) / h**2,
        -(at(0, h) - 2 * here + at(0, -h)) / h**2,
        -(at(h, h) - at(h, -h) - at(-h, h) + at(-h, -h)) / (4 * h**2),
    ]
    np.testing.assert_allclose([gl, gu, ll, uu, lu], numeric, rtol=1e-4, atol=1e-4)


def test_averages():
    eta, variance = 0.4, 0.09
    nodes, weights = np.polynomial.hermite_e.hermegauss(15)
    for category in (LOW, MIDDLE, HIGH):
        each = np.array([derivatives(category, eta + 0.3 * node, -0.5, 0.3) for node in nodes])
        exact = weights @ each / weights.sum()
        np.testing.assert_allclose(averaged(category, eta, variance, -0.5, 0.3), exact, atol=2e-4)


def _settled(**kwargs):
    world = simulate(0, **kwargs)
    calls = arrange(world.choices, world.session)
    settings = irt.Settings()
    q = irt._start(calls, settings)
    irt._Run(calls, q, settings, None).sweep(estimate=True)
    return calls, q


def test_joint_uncertainty_is_the_dense_inverse():
    calls, q = _settled(sessions=5, states=12, resolutions=15)
    found = response.joint_uncertainty(calls, q, 1.0)
    own, factor = response._eliminated(calls, q, 1.0, True)
    sessions, n = q.mean.shape
    held = (calls.entered | calls.stepped).ravel()
    precision = np.zeros((sessions * n, sessions * n))
    for t in range(sessions):
        at = slice(t * n, t * n + n)
        part = factor[calls.bounds[t] : calls.bounds[t + 1]]
        precision[at, at] += np.diag(own[t]) - np.einsum("rnc,rmc->nm", part, part)
        inside = held[at]
        precision[at, at] += q.hold * (np.diag(inside) - np.outer(inside, inside) / inside.sum())
        for j in range(n):
            here, before, tie = t * n + j, (t - 1) * n + j, 1.0 / q.steps[t, j]
            if calls.entered[t, j]:
                precision[here, here] += tie
            if calls.stepped[t, j]:
                precision[[here, before], [here, before]] += tie
                precision[[here, before], [before, here]] -= tie
    covariance = np.zeros_like(precision)
    covariance[np.ix_(held, held)] = np.linalg.inv(precision[np.ix_(held, held)])
    np.testing.assert_allclose(found.variance.ravel(), np.diag(covariance), atol=1e-12)
    blocks = covariance.reshape(sessions, n, sessions, n)
    for t in range(sessions - 1):
        stays = calls.stepped[t + 1]
        np.testing.assert_allclose(found.lag[t, stays], np.diag(blocks[t, :, t + 1])[stays], atol=1e-12)
    weights = response._functionals(calls, q).reshape(-1, 2)
    project = np.eye(sessions * n) - np.outer(np.ones(sessions * n), weights[:, 0])
    project -= np.outer(q.mean.ravel(), weights[:, 1])
    expected = np.diag(project @ covariance @ project.T)
    np.testing.assert_allclose(found.standardised.ravel()[held], expected[held], atol=1e-12)


def test_moving_the_sessions_changes_no_probability():
    calls, q = _settled(sessions=5, states=12, resolutions=15)
    q.mean += np.linspace(-1, 1, 5)[:, None]  # and the cut-points with them
    rise = np.linspace(-1, 1, 5)[calls.session] * q.slope[calls.item]
    q.lower[calls.item], q.upper[calls.item] = q.lower[calls.item] + rise, q.upper[calls.item] + rise

    def propensity():
        return q.slope[calls.item, None] * q.mean[calls.session] - q.lower[calls.item, None]

    before, zero = propensity(), np.zeros(len(calls.item))
    recentre(calls, q, zero, zero)
    np.testing.assert_allclose(propensity(), before, atol=1e-9)
    steps = np.where(calls.stepped[1:], np.diff(q.mean, axis=0), 0.0).sum(axis=1)
    assert np.abs(steps).max() < 1.0  # the sessions lie together again
