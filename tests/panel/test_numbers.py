"""Margins, agreement and links against the definitions written out slowly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from innominate.panel.agreement import MIN_VARIANCE, agreement
from innominate.panel.events import CONFLICT, Levels, conflict_excess, less_attention
from innominate.panel.links import Excess, amounts, beyond, counts, shares
from innominate.panel.margins import MIN_DEGREE, RIDGE, spread, two_way


def _symmetric(rng: np.random.Generator, n: int, density: float) -> tuple[np.ndarray, np.ndarray]:
    values = rng.normal(size=(n, n))
    values = values + values.T
    known = rng.random((n, n)) < density
    known = known | known.T
    np.fill_diagonal(known, False)
    return values, known


@pytest.mark.parametrize("density", [0.4, 0.8, 1.0])
def test_margins_are_least_squares_on_known_cells(density: float) -> None:
    rng = np.random.default_rng(1)
    values, known = _symmetric(rng, 25, density)
    rows, cols = np.nonzero(np.triu(known))
    design = np.zeros((len(rows), 26))
    design[:, 25] = 1.0
    design[np.arange(len(rows)), rows] = 1.0
    design[np.arange(len(rows)), cols] = 1.0
    best = np.linalg.lstsq(design, values[rows, cols], rcond=None)[0]
    np.testing.assert_allclose(two_way(values, known).fitted[rows, cols], design @ best, atol=2e-3)


@pytest.mark.parametrize("density", [0.02, 0.1, 0.5, 1.0])
def test_margins_solve_their_normal_equations(density: float) -> None:
    rng = np.random.default_rng(3)
    values, known = _symmetric(rng, 60, density)
    known[:5] = known[:, :5] = False  # states of which nothing is known
    margins = two_way(values, known)
    degree = known.sum(axis=1)
    if np.median(degree[degree > 0]) < MIN_DEGREE:
        assert not margins.effects.any()
        return
    rest = np.where(known, values - margins.fitted, 0.0).sum(axis=1)
    np.testing.assert_allclose(rest, RIDGE * margins.effects, atol=1e-8)


def test_what_unknown_cells_hold_changes_nothing() -> None:
    rng = np.random.default_rng(2)
    values, known = _symmetric(rng, 20, 0.5)
    garbage = np.where(known, values, 1e6)
    np.testing.assert_array_equal(two_way(values, known).fitted, two_way(garbage, known).fitted)


def test_a_star_keeps_its_ties() -> None:
    known = np.zeros((10, 10), dtype=bool)
    known[0, 1:] = known[1:, 0] = True
    values = np.zeros((10, 10))
    values[0, 1:] = values[1:, 0] = np.arange(9.0)
    excess = values - two_way(values, known).fitted
    assert excess[0, 9] - excess[0, 1] == pytest.approx(8.0)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_agreement_equals_its_definition(seed: int) -> None:
    rng = np.random.default_rng(seed)
    choices = rng.choice([-1.0, 0.0, 1.0, np.nan], size=(7, 30), p=[0.3, 0.2, 0.4, 0.1])
    figures = agreement(choices)
    mean, variance = np.nanmean(choices, axis=0), np.nanvar(choices, axis=0)
    for i, j in [(0, 1), (2, 5), (6, 3)]:
        both = ~np.isnan(choices[i]) & ~np.isnan(choices[j]) & (variance > MIN_VARIANCE)
        product = (choices[i] - mean)[both] * (choices[j] - mean)[both]
        e = product.sum() / variance[both].sum()
        assert figures.excess[i, j] == pytest.approx(e)
        assert figures.common[i, j] == both.sum()
        noise = ((product - e * variance[both]) ** 2).sum() / variance[both].sum() ** 2
        assert figures.variance[i, j] == pytest.approx(noise, rel=1e-9) or figures.variance[i, j] > noise


def test_a_unanimous_year_says_nothing_and_agenda_does_not_look_like_friendship() -> None:
    assert np.isnan(agreement(np.ones((6, 40))).excess).all()
    rng = np.random.default_rng(4)
    easy = rng.choice([1.0, 0.0], size=(60, 400), p=[0.9, 0.1])  # nearly everybody agrees on nearly everything
    hard = rng.choice([1.0, -1.0], size=(60, 400), p=[0.5, 0.5])
    upper = np.triu_indices(60, 1)
    for choices in (easy, hard):
        assert abs(agreement(choices).excess[upper].mean()) < 0.03


def test_too_few_common_votes_are_unknown() -> None:
    choices = np.full((5, 20), np.nan)
    choices[:4] = np.random.default_rng(0).choice([-1.0, 1.0], size=(4, 20))
    choices[4, :3] = 1.0
    assert np.isnan(agreement(choices).excess[4]).all()
    assert np.isfinite(agreement(choices).excess[0, 1])


def test_links_leave_unknown_unknown_and_zero_known() -> None:
    rng = np.random.default_rng(6)
    level = rng.poisson(2.0, size=(12, 12)).astype(float)
    level = level + level.T
    known = np.ones((12, 12), dtype=bool)
    np.fill_diagonal(known, False)
    known[3, 4] = known[4, 3] = False
    for link in (counts, amounts):
        excess = link(level, known)
        assert np.isnan(excess.value[3, 4])
        assert np.isfinite(excess.value[known]).all()
    none = np.zeros((12, 12))
    share = shares(
        none, np.where(known, 1.0, 0.0) * (np.arange(12)[:, None] != 7) * (np.arange(12)[None, :] != 7), known
    )
    assert np.isnan(share.value[7]).all(), "no event at all is no share of anything"


def test_counts_have_poisson_noise() -> None:
    rng = np.random.default_rng(8)
    n = 40
    effect = rng.normal(scale=0.3, size=n)
    rate = np.exp(2.5 + effect[:, None] + effect[None, :])
    known = ~np.eye(n, dtype=bool)
    upper = np.triu_indices(n, 1)
    scores = []
    for _ in range(20):
        draw = np.zeros((n, n))
        draw[upper] = rng.poisson(rate[upper])
        excess = counts(draw + draw.T, known)
        scores.append(excess.value[upper] / np.sqrt(excess.variance[upper]))
    assert np.concatenate(scores).std() == pytest.approx(1.0, abs=0.12)


def test_spread_needs_enough_pairs() -> None:
    known = np.zeros((4, 4), dtype=bool)
    known[0, 1] = known[1, 0] = True
    assert np.isnan(spread(np.ones((4, 4)), known))
    everybody = ~np.eye(6, dtype=bool)
    assert spread(np.zeros((6, 6)), everybody) == 1.0, "a year without a single war is known, not unknown"


def test_beyond_is_the_residual_of_a_regression_through_nought() -> None:
    rng = np.random.default_rng(11)
    other = rng.normal(size=(9, 9))
    value = 0.7 * other + rng.normal(scale=0.2, size=(9, 9))
    other[2, 3] = np.nan  # unknown: nothing is taken out there
    value[4, 5] = np.nan
    left = beyond(Excess(value, np.full((9, 9), 0.1)), Excess(other, np.full((9, 9), 0.3)))
    both = np.isfinite(other) & np.isfinite(value)
    slope = np.linalg.lstsq(other[both][:, None], value[both], rcond=None)[0][0]
    np.testing.assert_allclose(left.value[both], value[both] - slope * other[both], atol=1e-12)
    np.testing.assert_allclose(left.variance[both], 0.1 + slope**2 * 0.3)
    assert left.value[2, 3] == value[2, 3]
    assert np.isnan(left.value[4, 5])
    against = beyond(Excess(-other, np.zeros((9, 9))), Excess(other, np.zeros((9, 9))))
    np.testing.assert_array_equal(against.value, -other)  # less cooperation where there is conflict is no attention


def test_enemies_in_the_news_do_not_come_out_as_friends() -> None:
    rng = np.random.default_rng(12)
    n, upper = 30, np.triu_indices(30, 1)
    known = ~np.eye(n, dtype=bool)
    attention = np.exp(rng.normal(scale=1.0, size=len(upper[0])))
    friendly = rng.random(len(attention)) < 0.5
    rates = {
        "verbal-cooperation": 20 * attention * np.where(friendly, 1.6, 1.0),
        "verbal-conflict": 8 * attention * np.where(friendly, 0.6, 1.0),
        "material-conflict": 4 * attention * np.where(friendly, 0.6, 1.0),
    }
    levels: Levels = {}
    for name, rate in rates.items():
        level = np.zeros((n, n))
        level[upper] = rng.poisson(rate)
        levels[name, "made"] = {0: (level + level.T, known)}
    plain = {0: counts(*levels["verbal-cooperation", "made"][0])}
    left = less_attention(plain, conflict_excess(levels, "made"))

    def told(excess: Excess) -> float:
        found = excess.value[upper]
        return float((found[friendly][:, None] > found[~friendly][None, :]).mean())

    assert told(plain[0]) < 0.7
    assert told(left[0]) > 0.85
    assert conflict_excess(levels, "another") == {}
    del levels[CONFLICT[1], "made"]
    untouched = less_attention(plain, conflict_excess(levels, "made"))
    np.testing.assert_array_equal(untouched[0].value, plain[0].value)
