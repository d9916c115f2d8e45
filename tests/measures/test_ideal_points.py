"""Ideal points: what was simulated is found again, as surely as claimed, and by nothing but the votes."""

from __future__ import annotations

import numba
import numpy as np
import pytest

from innominate.errors import InputError
from innominate.measures import Settings, fit_ideal_points
from tests.measures.simulated import cast, simulate, turned


@pytest.fixture(scope="module")
def world():
    return simulate(0)


@pytest.fixture(scope="module")
def points(world):
    return fit_ideal_points(world.choices, world.session)


@pytest.mark.parametrize(
    "kind",
    [{}, {"absent": 0.6, "states": 90}, {"step": 0.15}, {"step": 0.01}, {"slope": 0.5}],
    ids=["plain", "mostly absent", "restless", "steady", "blunter than the prior"],
)
def test_recovery_and_coverage(kind):
    inside, close = [], []
    for seed in range(3):
        world = simulate(seed + 10, **kind)
        points = fit_ideal_points(world.choices, world.session)
        seen = points.votes > 0
        miss = np.abs(turned(points, world) - world.truth)[seen]
        inside.append((miss < 1.6449 * points.sd[seen]).mean())
        close.append(np.corrcoef(turned(points, world)[seen], world.truth[seen])[0, 1])
    assert 0.85 <= np.mean(inside) <= 0.95
    assert min(close) > 0.93


def test_scale(points):
    seen = points.votes > 0
    assert abs(points.mean[seen].mean()) < 1e-9
    assert np.mean(points.mean[seen] ** 2 + points.sd[seen] ** 2) == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("change", ["states", "resolutions", "yes for no", "threads"])
def test_what_must_not_matter(world, points, change):
    choices, session, states = world.choices, world.session, np.arange(world.choices.shape[0])
    if change == "states":
        states = np.random.default_rng(1).permutation(len(choices))
    if change == "resolutions":
        order = np.random.default_rng(1).permutation(len(session))
        choices, session = choices[:, order], session[order]
    if change == "yes for no":
        choices = -choices
    exact = change == "threads"
    numba.set_num_threads(numba.config.NUMBA_NUM_THREADS if exact else 1)
    again = fit_ideal_points(choices[states], session)
    numba.set_num_threads(1)
    for name in ("mean", "sd"):
        ours, theirs = getattr(points, name)[:, states], getattr(again, name)
        if exact:
            np.testing.assert_array_equal(theirs, ours)
        else:
            np.testing.assert_allclose(theirs, ours, atol=1e-6)


def test_sign(world, points):
    for state in (0, 1):
        anchored = fit_ideal_points(world.choices, world.session, anchor=state)
        there = anchored.mean[:, state][anchored.votes[:, state] > 0]
        assert there.mean() > 0
        np.testing.assert_allclose(np.abs(anchored.mean), np.abs(points.mean), atol=1e-9)
    silent = world.choices.copy()
    silent[3] = np.nan
    with pytest.raises(InputError, match="anchor"):
        fit_ideal_points(silent, world.session, anchor=3)
    assert np.isnan(fit_ideal_points(silent, world.session).mean[:, 3]).all()


def test_missing_votes_widen_intervals(world, points):
    state = int(np.flatnonzero((points.votes > 0).all(axis=0))[0])
    few, none = world.choices.copy(), world.choices.copy()
    sixth = np.flatnonzero(world.session == 6)
    few[state, sixth[5:]] = np.nan
    none[state, sixth] = np.nan
    sd = [fit_ideal_points(c, world.session).sd[5, state] for c in (world.choices, few, none)]
    assert sd[0] < sd[1] < sd[2]


def test_unanimous_resolutions_say_nothing(world, points):
    rng = np.random.default_rng(0)
    alike = np.where(rng.random((60, 20)) < 0.1, np.nan, 1.0)
    more = fit_ideal_points(np.hstack([alike, world.choices]), np.concatenate([np.repeat(4, 20), world.session]))
    np.testing.assert_array_equal(more.mean, points.mean)
    assert np.isnan(more.slope[:20]).all()
    with pytest.raises(InputError, match="contested"):
        fit_ideal_points(alike, np.repeat(4, 20))
    with pytest.raises(InputError, match="2, which is none of"):
        fit_ideal_points(alike + 1, np.repeat(4, 20))
    with pytest.raises(InputError, match="one session"):
        fit_ideal_points(alike, np.repeat(4, 19))
    with pytest.raises(InputError, match="settings"):
        fit_ideal_points(world.choices, world.session, settings=Settings(innovation=-1.0))


def test_small_and_odd_assemblies():
    rng = np.random.default_rng(0)
    blocs = np.where(np.arange(20)[:, None] < 3, -1.0, 1.0) * np.where(rng.random(60) < 0.5, 1.0, -1.0)
    gap = rng.integers(-1, 2, (30, 60)).astype(float)
    gap[5, 15:45] = np.nan
    few = np.array([[1.0, -1.0, 0.0], [1.0, 1.0, -1.0], [-1.0, -1.0, 1.0]])
    for choices, session in [
        (blocs, np.repeat([1, 2, 3], 20)),  # two blocs that never mix
        (gap, np.repeat([1, 5, 70, 75], 15)),  # nothing but noise, and a state that is away
        (few, np.array([1, 1, 1])),  # one session
    ]:
        points = fit_ideal_points(choices, session)
        assert np.isfinite(points.mean[points.votes > 0]).all()
        assert (points.sd[points.votes > 0] > 0).all()


def test_repeated_resolutions_show_that_all_have_moved():
    rng = np.random.default_rng(5)
    drift = 0.15 * np.arange(12)[:, None]
    truth = simulate(5, states=80).truth + drift
    place = np.arange(12 * 30)
    question = np.where(place % 30 < 15, place % 30, place)  # half the resolutions are put in every session
    slopes, middle, gap = rng.normal(size=360), rng.normal(-0.8, 0.8, 360), rng.uniform(0.3, 1.0, 360)
    session = 1 + place // 30
    choices = cast(rng, truth, session, slopes[question], middle[question], gap[question], 0.1)
    stay = np.isfinite(truth).all(axis=0)
    moved = []
    for which in (None, question):
        points = fit_ideal_points(choices, session, question=which)
        sign = np.sign(np.nansum(points.mean * (truth - np.nanmean(truth))))
        moved.append(sign * (points.mean[-1, stay] - points.mean[0, stay]).mean() * np.nanstd(truth))
    true = (truth[-1, stay] - truth[0, stay]).mean()
    assert abs(moved[0]) < 0.25 * true  # the steps of the states alone cannot tell
    assert 0.6 * true < moved[1] < 1.2 * true  # shrunk: the states' steps are independent a priori


@pytest.mark.parametrize("step", [0.01, 0.03, 0.15])
def test_the_variance_of_steps_is_found(step):
    world = simulate(3, step=step, states=120, resolutions=50)
    true = np.nanmean(np.diff(world.truth, axis=0) ** 2)
    found = fit_ideal_points(world.choices, world.session).innovation
    assert 0.7 < found / true < 1.5
