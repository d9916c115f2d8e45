"""What channels say of one another: noise of the same acts, and liveliness where a channel never looked."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from innominate.alignment import model
from innominate.alignment.across import kindred
from innominate.alignment.composite import portions
from innominate.alignment.model import ChannelEvidence, ChannelParameters, Composite, Evidence

Array = NDArray[np.float64]

PAIRS, PERIODS = 1500, 12
KINDRED = ("verbal-cooperation", "conflict-share")


def path(random: np.random.Generator, scale: Array) -> Array:
    """(P, T) a lasting level and a moving part, both of a pair's own scale."""
    moving = np.empty((PAIRS, PERIODS))
    moving[:, 0] = random.standard_normal(PAIRS)
    for t in range(1, PERIODS):
        moving[:, t] = 0.9 * moving[:, t - 1] + np.sqrt(1 - 0.81) * random.standard_normal(PAIRS)
    return scale[:, None] * (moving + random.standard_normal((PAIRS, 1)))


def parameters(channel: str, scales: Array, noise: float) -> ChannelParameters:
    """Classes of equal shares, the truth of `path`."""
    count = len(scales)
    return ChannelParameters(
        channel, np.full(count, 1 / count), scales, scales**2, np.full(count, 0.9), np.full((count, 1), noise)
    )


def evidence(names: tuple[str, ...], seen: list[Array]) -> Evidence:
    """Observations of every channel without stated sampling variance."""
    channels = tuple(
        ChannelEvidence(name, (k,), z.astype(np.float32), np.zeros(z.shape, dtype=np.uint16))
        for k, (name, z) in enumerate(zip(names, seen, strict=True))
    )
    first = np.zeros(PAIRS, dtype=np.int64)
    return Evidence(channels, first, first + PERIODS - 1, np.zeros(1))


def inside(found: Composite, truth: Array, beside: bool, rows: Array) -> float:
    """Share of the truth in 90 % intervals."""
    variance = found.variance if beside else found.variance - found.beside
    return float((np.abs(found.mean - truth) <= 1.645 * np.sqrt(variance))[rows].mean())


def test_only_channels_that_count_the_same_acts_are_kindred() -> None:
    names = ["votes", "verbal-cooperation", "material-cooperation", "conflict-share", "arms", "trade"]
    assert kindred(names) == [(1, 2), (1, 3), (2, 3)]


def test_noise_that_channels_share_widens_the_interval() -> None:
    random = np.random.default_rng(1)
    scales = np.array([0.5])
    paths = [path(random, np.full(PAIRS, 0.5)) for _ in KINDRED]
    one = random.standard_normal((PAIRS, PERIODS))
    other = 0.8 * one + 0.6 * random.standard_normal((PAIRS, PERIODS))
    seen = [paths[0] + one, paths[1] + other]
    told = tuple(parameters(name, scales, 1.0) for name in KINDRED)
    found = model.compose(evidence(KINDRED, seen), told)
    truth = sum(share * own for share, own in zip(portions(KINDRED), paths, strict=True))
    assert isinstance(truth, np.ndarray)
    assert found.across.noise[0, 1] == pytest.approx(0.8, abs=0.06)
    everything = np.ones(PAIRS, dtype=bool)
    assert inside(found, truth, True, everything) == pytest.approx(0.9, abs=0.025)
    assert inside(found, truth, False, everything) < 0.86
    apart = model.compose(
        evidence(("votes", "arms"), seen), tuple(parameters(n, scales, 1.0) for n in ("votes", "arms"))
    )
    assert not apart.beside.any()


def test_a_pair_still_elsewhere_is_taken_for_still_where_nobody_looked() -> None:
    random = np.random.default_rng(2)
    names = ("votes", "igo", "arms")
    restless = np.arange(PAIRS) % 2 == 1
    scale = np.where(restless, 1.2, 0.15)
    paths = [path(random, scale) for _ in names]
    seen = [own + 0.2 * random.standard_normal((PAIRS, PERIODS)) for own in paths]
    never = np.arange(PAIRS) >= PAIRS // 2
    seen[2][never] = np.nan
    told = tuple(parameters(name, np.array([0.15, 1.2]), 0.04) for name in names)
    found = model.compose(evidence(names, seen), told)
    truth = sum(share * own for share, own in zip(portions(names), paths, strict=True))
    assert isinstance(truth, np.ndarray)
    for lively in (False, True):
        rows = never & (restless == lively)
        assert inside(found, truth, True, rows) == pytest.approx(0.9, abs=0.05)
    assert inside(found, truth, False, never & ~restless) > 0.98
    assert inside(found, truth, False, never & restless) < 0.86
    assert not found.beside[~never].any()


def test_what_all_pairs_said_holds_for_one() -> None:
    """A pair taken by itself, with what all pairs said of noise and liveliness, has the interval it had among them."""
    random = np.random.default_rng(3)
    names = ("votes", *KINDRED)
    seen = [path(random, np.full(PAIRS, 0.5)) + random.standard_normal((PAIRS, PERIODS)) for _ in names]
    seen[1][: PAIRS // 3] = np.nan
    told = tuple(parameters(name, np.array([0.2, 0.8]), 1.0) for name in names)
    whole = evidence(names, seen)
    found = model.compose(whole, told)
    rows = np.array([0, 7, PAIRS - 1])
    part = Evidence(tuple(one.take(rows) for one in whole.channels), whole.first[rows], whole.last[rows], whole.grid)
    alone = model.compose(part, told, across=found.across)
    np.testing.assert_allclose(alone.variance, found.variance[rows], rtol=1e-9)
    assert found.beside[0].any()
    assert not np.allclose(model.compose(part, told).variance, found.variance[rows])
