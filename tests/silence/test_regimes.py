"""The forward-backward kernel against brute force: every path of levels written out."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from innominate.silence import recurrence, regimes


def brute(
    hits: list[int], weight: list[float], time: list[float], hazard: recurrence.Hazard
) -> tuple[float, np.ndarray]:
    """Likelihood, and posterior of the level at every document, under the drifting habit, by enumeration."""
    levels, size = len(recurrence.LEVELS), len(weight)
    rate, redraw, start = hazard.rate[1], hazard.redraw[1], hazard.start[2]
    total, posterior = 0.0, np.zeros((size, levels))
    for path in product(range(levels), repeat=size):
        value = start[path[0]]
        for d in range(size):
            if d:
                jump = 1 - np.exp(-rate * time[d])
                value *= (1 - jump) * (path[d] == path[d - 1]) + jump * redraw[path[d]]
            miss = (1 - recurrence.LEVELS[path[d]]) ** weight[d]
            value *= 1 - miss if d in hits else miss
        total += value
        for d in range(size):
            posterior[d, path[d]] += value
    return total, posterior / total


def brute_kept(hits: list[int], last: int, weight: list[float], time: list[float], hazard: recurrence.Hazard) -> float:
    """Probability that no document after `last` and before the next use was at a level that counts as silent."""
    levels, size = len(recurrence.LEVELS), len(weight)
    rate, redraw, start = hazard.rate[1], hazard.redraw[1], hazard.start[2]
    following = next((h for h in hits if h > last), size)
    kept = total = 0.0
    mask = regimes.allowed()
    for path in product(range(levels), repeat=size):
        value = start[path[0]]
        for d in range(size):
            if d:
                jump = 1 - np.exp(-rate * time[d])
                value *= (1 - jump) * (path[d] == path[d - 1]) + jump * redraw[path[d]]
            miss = (1 - recurrence.LEVELS[path[d]]) ** weight[d]
            value *= 1 - miss if d in hits else miss
        total += value
        kept += value * all(mask[path[last], path[d]] for d in range(last + 1, following))
    return kept / total


CASES = [([0, 1], 5), ([0, 2], 4), ([1, 2], 5)]


def arrays(size: int) -> tuple[list[float], list[float]]:
    rng = np.random.default_rng(size)
    return list(rng.uniform(0.4, 1.6, size)), [0.0, *rng.uniform(0.3, 2.0, size - 1)]


@pytest.mark.parametrize(("hits", "size"), CASES)
def test_forward_backward_is_the_sum_over_all_paths(hits: list[int], size: int) -> None:
    weight, time = arrays(size)
    hazard = recurrence.prior_hazard()
    likelihood, posterior = brute(hits, weight, time, hazard)
    which = np.full(size, -1, dtype=np.int32)
    which[hits] = np.arange(len(hits))
    emission = recurrence.emissions(np.array(weight), which)
    jumps = recurrence.jumps_of(np.array(time), float(hazard.rate[1]))
    alpha, beta, _, loglik = recurrence.forward_backward(emission, jumps, hazard.redraw[1], hazard.start[2])
    assert loglik == pytest.approx(np.log(likelihood), rel=1e-9)
    np.testing.assert_allclose(alpha * beta, posterior, atol=1e-9)


@pytest.mark.parametrize(("hits", "size"), CASES)
def test_gap_probability_is_the_sum_over_all_paths(hits: list[int], size: int) -> None:
    weight, time = arrays(size)
    prior = recurrence.prior_hazard()
    exposure, clock = np.concatenate([[0], np.cumsum(weight)]), np.concatenate([[0], np.cumsum(time)])
    share = np.array([1e-12, 1e-12, 1.0])  # drifting only
    result = recurrence.judge(np.array(hits, np.int32), exposure, clock, share, prior.rate, prior.redraw, prior.start)
    for i, hit in enumerate(hits):
        following = hits[i + 1] if i + 1 < len(hits) else size
        if following > hit + 1:
            expected = 1 - brute_kept(hits, hit, weight, time, prior)
            assert result[0][i + 1] == pytest.approx(expected, abs=1e-6)


def test_a_formula_of_thousands_of_documents_is_judged_where_no_habit_ever_takes_its_level() -> None:
    size, prior = 9000, recurrence.prior_hazard()
    rng = np.random.default_rng(1)
    hits = np.flatnonzero(rng.random(size) < np.where(np.arange(size) < 7000, 0.1, 0.0)).astype(np.int32)
    redraw, start = prior.redraw.copy(), prior.start.copy()
    redraw[0] = [0.7, 0.0, 0.0, 0.0, 0.0, 0.22, 0.04, 0.04]  # switched formulas: off, or on in nearly every document
    start[1] = [0.66, 0.0, 0.0, 0.0, 0.0, 0.12, 0.11, 0.11]
    clock = np.arange(size + 1.0)
    for found in recurrence.judge(hits, clock, clock, prior.share, prior.rate, redraw, start):
        assert np.isfinite(found).all()
    assert recurrence.judge(hits, clock, clock, prior.share, prior.rate, redraw, start)[0][-1] > 0.99


def test_steps_of_a_long_gap_keep_its_exposure_and_time() -> None:
    exposure = np.concatenate([[0], np.cumsum(np.linspace(0.5, 1.5, 300))])
    clock = np.concatenate([[0.0], np.arange(300.0)])
    weight, time, hit = regimes.steps(np.array([3, 200], np.int32), exposure, clock)
    assert weight.sum() == pytest.approx(exposure[-1])
    assert time.sum() == pytest.approx(clock[-1])
    assert (hit >= 0).sum() == 2
    assert len(weight) < 50


def probability_after(uses: int, missing: int, rate: float = 1.0, seed: int = 0) -> float:
    rng = np.random.default_rng(seed)
    hits = np.flatnonzero(rng.random(uses) < rate).astype(np.int32)
    size = int(hits[-1]) + 1 + missing
    prior = recurrence.prior_hazard()
    exposure, clock = np.arange(size + 1.0), np.concatenate([[0.0], np.arange(size)])
    return float(recurrence.judge(hits, exposure, clock, prior.share, prior.rate, prior.redraw, prior.start)[0][-1])


def test_longer_silence_and_steadier_use_are_stronger_evidence() -> None:
    values = [probability_after(12, missing) for missing in (1, 2, 4, 8)]
    assert values == sorted(values)
    assert values[-1] > 0.99
    assert probability_after(40, 4, rate=0.3) < probability_after(40, 4)


def test_where_nothing_changes_the_hazard_falls() -> None:
    rng = np.random.default_rng(5)
    rows = [np.flatnonzero(rng.random(60) < p).astype(np.int32) for p in rng.uniform(0.1, 0.95, 400)]
    rows = [row for row in rows if len(row) > 2]
    bounds = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
    documents = np.concatenate(rows)
    exposure, clock = np.arange(61.0), np.concatenate([[0.0], np.arange(60.0)])
    hazard = recurrence.estimate(np.arange(len(rows)), bounds, documents, exposure, clock)
    assert hazard.share[0] > 0.8
    group = np.zeros(len(rows), dtype=np.int64)
    probability = recurrence.judge_all(bounds, documents, group, exposure, clock, *recurrence.stacked((hazard,)))[0]
    assert (probability >= 0.9).sum() == 0
