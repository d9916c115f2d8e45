"""Areas, precisions and rank correlations against their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from innominate.scoreboard.blocks import interval, resampled
from innominate.scoreboard.ranking import rank, rank_correlation


def naive_auc(score: np.ndarray, hit: np.ndarray) -> float:
    wins = [1.0 if p > n else 0.5 if p == n else 0.0 for p in score[hit] for n in score[~hit]]
    return float(np.mean(wins))


def naive_precision(score: np.ndarray, hit: np.ndarray) -> float:
    """Sum over thresholds of precision × gain in recall."""
    total, before = 0.0, 0.0
    for threshold in sorted(set(score), reverse=True):
        above = score >= threshold
        recall = hit[above].sum() / hit.sum()
        total += (recall - before) * hit[above].mean()
        before = recall
    return total


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("levels", [2, 5, 1000])
def test_against_the_definitions(seed: int, levels: int) -> None:
    rng = np.random.default_rng(seed)
    score = rng.integers(0, levels, size=60).astype(float)
    hit = rng.random(60) < 0.2
    hit[:2] = True, False
    found = rank(score, hit)
    assert found.auc == pytest.approx(naive_auc(score, hit), abs=1e-12)
    assert found.precision == pytest.approx(naive_precision(score, hit), abs=1e-12)
    assert found.lift == pytest.approx(found.precision / hit.mean(), abs=1e-12)
    other = rng.normal(size=60)
    assert rank_correlation(score, other) == pytest.approx(spearmanr(score, other).statistic, abs=1e-12)


def test_the_oracle_the_fool_and_the_liar() -> None:
    rng = np.random.default_rng(0)
    hit = rng.random(40000) < 0.05
    oracle = rank(hit.astype(float), hit)
    assert (oracle.auc, oracle.precision) == (1.0, 1.0)
    assert rank(-hit.astype(float), hit).auc == 0.0
    constant = rank(np.zeros(len(hit)), hit)
    assert (constant.auc, constant.lift) == (0.5, pytest.approx(1.0))
    chance = rank(rng.random(len(hit)), hit)
    assert chance.auc == pytest.approx(0.5, abs=0.02)
    assert chance.lift == pytest.approx(1.0, abs=0.1)


def test_blocks_of_years_are_consecutive_and_the_interval_covers_the_mean() -> None:
    places = resampled(20, seed=3, block=4, draws=50)
    steps = (np.diff(places.reshape(50, 5, 4), axis=2) % 20) == 1
    assert steps.all()
    values = np.random.default_rng(1).normal(size=20)
    values[3] = np.nan
    found = interval(values, np.ones(20), resampled(20, 0))
    assert found.low < found.value < found.high
    assert found.value == pytest.approx(np.nanmean(values))
