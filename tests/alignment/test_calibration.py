"""Simulation-based calibration: parameters drawn, data drawn from them, everything estimated anew, ranks uniform.

Talts et al. 2018, arXiv 1804.06788. One period a pair, so that ranks are independent.
"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from innominate.alignment import model
from tests.alignment.simulated import draw

WORLDS = 4


@pytest.fixture(scope="module")
def ranks() -> list[tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]]:
    """For every world the posterior probability below the truth, by pair; the period it is of; observations of the pair."""
    found = []
    for seed in range(WORLDS):
        world = draw(300 + seed)
        evidence = model.prepare(world.panel)
        mean, variance = model.smooth(evidence, model.estimate(evidence, np.arange(len(world.panel.a))))
        pairs = np.arange(len(mean))
        period = np.random.default_rng(seed).integers(0, mean.shape[1], len(mean))
        truth = world.composite[pairs, period]
        below = stats.norm.cdf((truth - mean[pairs, period]) / np.sqrt(variance[pairs, period]))
        found.append((below, period, np.isfinite(world.panel.z).sum(axis=(1, 2))))
    return found


def test_ranks_of_the_truth_are_uniform(ranks: list[tuple[NDArray[np.float64], ...]]) -> None:
    below = np.concatenate([one[0] for one in ranks])
    counts = np.histogram(below, bins=20, range=(0, 1))[0]
    assert stats.chisquare(counts).pvalue > 0.01


@pytest.mark.parametrize("level", [0.5, 0.9])
def test_coverage_holds_early_and_late_for_well_and_ill_covered_pairs(
    ranks: list[tuple[NDArray[np.float64], ...]], level: float
) -> None:
    below, period, seen = (np.concatenate([one[k] for one in ranks]) for k in range(3))
    inside = np.abs(below - 0.5) < level / 2
    for late in (False, True):
        for well in (False, True):
            mine = ((period >= 20) == late) & ((seen > np.median(seen)) == well)
            assert inside[mine].mean() == pytest.approx(level, abs=4 * np.sqrt(level * (1 - level) / mine.sum()))
