"""The choice of channels: against plain loops, and whether intervals hold what other channels would have shown."""

from __future__ import annotations

import numpy as np
import pytest

from innominate.alignment.choice import OWN, WIDEST, choice_variance, effective_number
from innominate.alignment.composite import portions
from innominate.alignment.why import Z90
from innominate.ledger import CHANNELS

MEASURED = [name for name, channel in CHANNELS.items() if channel.measured]


def _moments(x: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sums of w^2 x, w^2 x^2 and w x over channels of x (K, P, T)."""
    square = weights[:, None, None] ** 2
    return (square * x).sum(axis=0), (square * x**2).sum(axis=0), (weights[:, None, None] * x).sum(axis=0)


def test_equals_plain_loops() -> None:
    rng = np.random.default_rng(1)
    weights = np.array(portions(MEASURED))
    x = rng.normal(size=(len(weights), 9, 4)) * rng.gamma(2.0, size=(1, 9, 1))
    seen = np.arange(9) < 7
    first, second, mean = _moments(x, weights)
    mean[8, 2] = np.nan  # a pair that does not exist then
    found = choice_variance(first, second, mean, weights, seen)
    free = 1 / sum(w**4 for w in weights) * sum(w**2 for w in weights) ** 2 - 1
    for t in range(4):
        own = [
            sum(w**2 * (value - mean[p, t]) ** 2 for w, value in zip(weights, x[:, p, t], strict=True))
            / (1 - sum(w**2 for w in weights))
            for p in range(9)
        ]
        usual = np.mean(own[:7])
        for p in range(9):
            if not (p == 8 and t == 2):
                expected = (OWN * own[p] + (1 - OWN) * usual) * free / (free - 2)
                assert found[p, t] == pytest.approx(expected)
    assert np.isnan(found[8, 2])


@pytest.mark.parametrize("unlike", [0.0, 0.5])
def test_intervals_hold_what_all_channels_would_show_and_err_to_caution(unlike: float) -> None:
    rng = np.random.default_rng(2)
    weights = np.array(portions(MEASURED))
    truth = rng.normal(size=(4000, 1))
    spread = np.exp(unlike * rng.normal(size=(1, 4000, 1)))  # how peculiar the channels of a pair are
    x = truth[None] + spread * rng.normal(size=(len(weights), 4000, 1))
    first, second, mean = _moments(x, weights)
    deviation = np.sqrt(choice_variance(first, second, mean, weights, np.ones(4000, dtype=bool)))
    inside = float((np.abs(mean - truth) <= Z90 * deviation).mean())
    assert 0.88 <= inside <= 0.95


def test_few_channels_are_no_reason_for_confidence() -> None:
    rng = np.random.default_rng(3)
    widths = []
    for count in (14, 6, 3, 2):
        weights = np.full(count, 1.0 / count)
        x = rng.normal(size=(count, 3000, 1))
        first, second, mean = _moments(x, weights)
        widths.append(float(choice_variance(first, second, mean, weights, np.ones(3000, dtype=bool)).mean()))
        assert widths[-1] <= 1.1 * WIDEST / count
    assert widths == sorted(widths)
    assert effective_number(np.full(5, 0.2)) == pytest.approx(5.0)
    alone = choice_variance(*_moments(rng.normal(size=(1, 5, 2)), np.ones(1)), np.ones(1), np.ones(5, dtype=bool))
    np.testing.assert_array_equal(alone, 0.0)  # one channel cannot tell how unlike channels are
