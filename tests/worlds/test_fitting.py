"""The figures of a world from data whose figures are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from innominate.worlds import packaged_laws
from innominate.worlds.ballots import drawn_agreement, fit_pull, leanings, outer
from innominate.worlds.fitting import Busy, Seen, _law, busy, correlations, moments, principal_factors, two_factors

STATES, PERIODS = 150, 8


def drawn(base: float, activity: float, spread: float, noise: float, kind: str, seed: int = 0) -> Seen:
    """Levels of all pairs with a lasting excess: Poisson, amounts above one, or whole numbers."""
    random = np.random.default_rng(seed)
    own = activity * random.standard_normal(STATES)
    half = np.triu(random.standard_normal((STATES, STATES)), 1)
    expected = base + own[:, None] + own[None, :] + spread * (half + half.T)
    levels = []
    for _ in range(PERIODS):
        wild = np.triu(random.standard_normal((STATES, STATES)), 1)
        amount = np.exp(expected + noise * (wild + wild.T))
        if kind == "count":
            table = np.triu(random.poisson(amount), 1).astype(float)
            amount = table + table.T
        levels.append(np.floor(amount) if kind == "level" else np.where(amount >= 1.0, amount, 0.0))
    known = np.broadcast_to(~np.eye(STATES, dtype=bool), (PERIODS, STATES, STATES))
    return Seen(np.where(known, levels, 0.0), known)


def test_moments_are_the_variances_of_logarithms() -> None:
    found = moments(drawn(-0.5, 0.5, 0.6, 0.4, "count"), counted=True)
    assert found.shared == pytest.approx(0.25, abs=0.1)
    assert found.later == pytest.approx(2 * 0.25 + 0.36, abs=0.15)
    assert found.itself == pytest.approx(2 * 0.25 + 0.36 + 0.16, abs=0.15)


@pytest.mark.parametrize(
    ("channel", "kind", "truth"),
    [
        ("exercises", "count", (-0.5, 0.6, 0.7, 0.4)),
        ("trade", "amount", (1.0, 0.8, 0.9, 0.4)),
        ("missions", "level", (-0.5, 0.6, 0.8, 0.0)),
    ],
)
def test_laws_are_found_again(channel: str, kind: str, truth: tuple[float, float, float, float]) -> None:
    paths = {"verbal-cooperation": (0.5, 0.5, 0.9)}
    law = _law(channel, drawn(*truth, kind), Busy(0.3, (0.5,)), paths)
    base, activity, spread, noise = truth
    whole = np.sqrt(2 * activity**2 + spread**2 + noise**2)
    assert np.sqrt(2 * law.activity**2 + law.spread**2 + law.noise**2) == pytest.approx(whole, rel=0.15)
    assert law.base == pytest.approx(base, abs=0.3)
    assert law.activity == pytest.approx(activity, rel=0.35)
    assert law.noise == pytest.approx(noise, abs=0.25)


def test_factors_of_what_moves_together_are_found_again() -> None:
    truth = np.array([[0.8, 0.0], [0.7, 0.2], [0.6, -0.3], [0.1, 0.7], [0.0, 0.8], [0.2, 0.6], [0.5, 0.5]])
    correlation = truth @ truth.T
    np.fill_diagonal(correlation, 1.0)
    found = principal_factors(correlation, 2)
    off = ~np.eye(len(truth), dtype=bool)
    assert (found @ found.T)[off] == pytest.approx((truth @ truth.T)[off], abs=0.01)
    assert (principal_factors(np.ones((4, 4)), 2) ** 2).sum(axis=1).max() <= 1.0 + 1e-12


def test_kindred_channels_share_habits() -> None:
    """Two channels of the same busy states, two of others: the first two share what the last two do not."""
    seen = {}
    for name, seed in (("verbal-conflict", 1), ("material-conflict", 1), ("exercises", 2), ("arms", 3)):
        random = np.random.default_rng(seed)
        own = 1.2 * random.standard_normal(STATES)
        table = np.random.default_rng(len(seen) + 10).poisson(np.exp(-0.5 + own[:, None] + own[None, :]))
        half = np.triu(table, 1).astype(float)
        known = ~np.eye(STATES, dtype=bool)
        seen[name] = Seen((half + half.T)[None], known[None])
    found = busy(seen)
    habits = {name: np.array(one.habits) for name, one in found.items()}
    assert habits["verbal-conflict"] @ habits["material-conflict"] > 0.6
    assert abs(habits["exercises"] @ habits["arms"]) < 0.3


def test_two_factors_are_told_apart_by_their_signs() -> None:
    names = ["trade", "exercises", "igo", "missions", "disputes", "war", "votes"]
    truth = {
        "trade": (0.6, 0.5), "exercises": (0.7, 0.3), "igo": (0.5, 0.6), "missions": (0.4, 0.5), "disputes": (0.4, -0.7),
        "war": (0.3, -0.6), "votes": (0.8, 0.1),
    }  # fmt: skip
    load = np.array([truth[name] for name in names])
    found = two_factors(names, load @ load.T)
    told = np.array([found[name] for name in names])
    off = ~np.eye(len(names), dtype=bool)
    assert (told @ told.T)[off] == pytest.approx((load @ load.T)[off], abs=0.01)
    assert (told[:, 0] >= 0).all()
    assert np.array_equal(np.sign(told[:, 1]), np.sign(load[:, 1]))
    for name in names:  # signs leave a small turn of the two factors free
        assert found[name] == pytest.approx(truth[name], abs=0.2)


def test_correlations_skip_what_is_unknown() -> None:
    random = np.random.default_rng(0)
    a = random.standard_normal(500)
    b = a + random.standard_normal(500)
    holes = b.copy()
    holes[:250] = np.nan
    found = correlations({"x": a, "y": holes, "z": np.zeros(500)})
    assert found[0, 1] == pytest.approx(np.corrcoef(a[250:], b[250:])[0, 1])
    assert found[0, 2] == 0.0


def test_the_pull_gives_agreement_its_spread() -> None:
    law = fit_pull(replace(packaged_laws().ballots, pull=1.0), 0.25)
    sizes = []
    for seed in range(1, 9):  # positions drawn anew: one draw's agreement varies much more or less than another's
        random = np.random.default_rng(seed)
        half = np.triu(random.standard_normal((120, 120)), 1)
        excess = 0.8 * outer(random.standard_normal((120, 1))) + 0.6 * (half + half.T)
        one = drawn_agreement(excess, law, random)
        known = np.isfinite(one.excess)
        sizes.append(np.sqrt((one.excess[known] ** 2 - one.variance[known]).mean()))
    assert np.mean(sizes) == pytest.approx(0.25, abs=0.04)


def test_aligned_states_lean_the_same_way() -> None:
    excess = np.zeros((40, 40))
    excess[0, 1] = excess[1, 0] = 3.0
    excess[2, 3] = excess[3, 2] = -3.0
    lean = leanings(excess, 3.0, 20_000, np.random.default_rng(0))
    together = np.corrcoef(lean)
    assert together[0, 1] > 0.3
    assert together[2, 3] < -0.3
    assert abs(together[4, 5]) < 0.1
