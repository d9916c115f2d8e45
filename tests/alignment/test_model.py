"""The kernels against dense algebra, EM against its own promise, the intervals against drawn truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numba import njit

from innominate.alignment import model, smoothing
from innominate.alignment.composite import portions
from innominate.alignment.evidence import unseen_partners
from innominate.alignment.model import ChannelEvidence, ChannelParameters, Evidence
from innominate.alignment.scale import Scale, reference_scale
from innominate.alignment.turns import find_turns
from innominate.alignment.why import explain
from innominate.lanes import LANES, put
from innominate.panel.margins import two_way
from tests.alignment.naive import dense_posterior
from tests.alignment.simulated import CHANNELS, SAMPLING, Array, Drawn, draw

Fitted = tuple[Evidence, tuple[ChannelParameters, ...]]


def _fit(drawn: Drawn) -> Fitted:
    evidence = model.prepare(drawn.panel)
    return evidence, model.estimate(evidence, np.arange(len(drawn.panel.a)))


@pytest.fixture(scope="module")
def drawn() -> Drawn:
    return draw(7)


@pytest.fixture(scope="module")
def fitted(drawn: Drawn) -> Fitted:
    return _fit(drawn)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("missing", [0.0, 0.5, 0.95, 1.0])
def test_smoothing_equals_the_dense_gaussian(seed: int, missing: float) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 16))
    z = rng.normal(size=n)
    z[rng.random(n) < missing] = np.nan
    spread, innovation = rng.uniform(0.2, 3.0, n), rng.uniform(0.05, 1.0, n)
    scale, level = rng.uniform(0.1, 1.0), rng.uniform(0.05, 1.0)
    weight = np.where(np.isfinite(z), 1 / spread, 0.0)
    work, row = np.empty((smoothing.BUFFERS, n)), np.empty(n)
    lasting, wide, value = smoothing.smooth(np.nan_to_num(z), weight, scale, level, 0.9, 1 / innovation, work)
    mean, covariance, _, _, likelihood = dense_posterior(z, spread, scale, level, 0.9, innovation)
    np.testing.assert_allclose(work[0], mean[:n], atol=1e-9)
    np.testing.assert_allclose(work[1], np.diag(covariance)[:n], atol=1e-9)
    np.testing.assert_allclose(work[3], covariance[:n, n], atol=1e-9)
    assert (lasting, wide) == (pytest.approx(mean[n], abs=1e-9), pytest.approx(covariance[n, n], abs=1e-9))
    np.testing.assert_allclose(work[2][: n - 1], np.diag(covariance[:n, :n], 1), atol=1e-9)
    smoothing.covariance_row(work, n, n // 2, wide, row)
    np.testing.assert_allclose(row, covariance[n // 2, :n], atol=1e-9)
    assert value == pytest.approx(likelihood, abs=1e-8)


def test_eight_pairs_are_smoothed_as_each_by_itself() -> None:
    rng = np.random.default_rng(3)
    z = rng.normal(size=(21, LANES))
    weight = np.where(rng.random(z.shape) < 0.4, 0.0, np.exp(4 * rng.normal(size=z.shape)))
    held = rng.uniform(1.0, 30.0, z.shape)
    work = np.empty((smoothing.BUFFERS, *z.shape))
    together = _first_lanes(z, weight, held, work)
    for lane in range(LANES):
        alone = np.empty((smoothing.BUFFERS, len(z)))
        own = [np.ascontiguousarray(one[:, lane]) for one in (z, weight, held)]
        told = smoothing.smooth(own[0], own[1], 0.7, 0.4, 0.9, own[2], alone)
        np.testing.assert_allclose(work[:4, :-1, lane], alone[:4, :-1], rtol=1e-10, atol=1e-13)
        np.testing.assert_allclose(together[:, lane], told, rtol=1e-10)


@njit
def _first_lanes(z, weight, held, work):  # type: ignore[no-untyped-def]
    out = np.empty((3, z.shape[1]))
    level, spread, likelihood = smoothing.smooth(z, weight, 0.7, 0.4, 0.9, held, work)
    put(out, 0, level)
    put(out, 1, spread)
    put(out, 2, likelihood)
    return out


@pytest.mark.parametrize("paced", [False, True])
def test_years_before_and_after_a_pair_change_nothing(drawn: Drawn, paced: bool) -> None:
    evidence = model.prepare(drawn.panel)
    _pairs, periods = evidence.channels[0].z.shape
    before, after = 5, 3
    pace = find_turns(evidence, drawn.parameters).pace if paced else None

    def longer(values: Array, fill: float) -> Array:
        out = np.full((*values.shape[:-1], before + periods + after), fill, dtype=values.dtype)
        out[..., before : before + periods] = values
        return out

    channels = tuple(
        replace(one, z=longer(one.z, np.nan), cell=longer(one.cell, 0), partial=np.empty((0, 0), dtype=np.float32))
        for one in evidence.channels
    )
    plain = tuple(replace(one, partial=np.empty((0, 0), dtype=np.float32)) for one in evidence.channels)
    padded = Evidence(channels, evidence.first + before, evidence.last + before, evidence.grid)
    short = model.smooth(replace(evidence, channels=plain), drawn.parameters, pace)
    long = model.smooth(padded, drawn.parameters, None if pace is None else longer(pace, 1.0))
    for one, other in zip(short, long, strict=True):
        np.testing.assert_allclose(other[:, before : before + periods], one, atol=1e-9)
        assert np.isnan(other[:, :before]).all()
        assert np.isnan(other[:, before + periods :]).all()


def test_em_never_loses_likelihood(fitted: Fitted) -> None:
    _, found = fitted
    for channel in found:
        steps = np.diff(channel.likelihood)
        assert len(steps) > 3
        assert (steps >= -1e-9 * np.abs(channel.likelihood[-1])).all(), channel.channel


def test_em_finds_the_parameters_it_was_drawn_from() -> None:
    drawn = draw(11, states=70)
    _, found = _fit(drawn)
    for channel, truth in zip(found, drawn.parameters, strict=True):
        assert channel.share == pytest.approx(truth.share, abs=0.06)
        whole = (
            channel.scale**2 + channel.level
        )  # what lasts and what moves slowly are hard to tell apart in thirty years
        assert whole == pytest.approx(truth.scale**2 + truth.level, rel=0.3)
        assert channel.persistence[2] == pytest.approx(truth.persistence[2], abs=0.15)
        sampling = SAMPLING * (CHANNELS.index(channel.channel) % 2)
        spread = channel.noise[:, 0] + channel.dispersion[:, 0] * sampling
        assert spread == pytest.approx(
            truth.noise[:, 0] + sampling, rel=0.2 if sampling else 0.4, abs=0.0 if sampling else 0.01
        )
        if sampling:
            assert channel.dispersion[:2, 0] == pytest.approx(1.0, abs=0.25)  # in the loudest it is lost in the noise


def test_a_pair_is_told_still_from_restless_by_what_it_shows(fitted: Fitted) -> None:
    evidence, parameters = fitted
    smoothed = model.smooth_channel(evidence, 2, parameters[2])
    quiet = np.nanstd(evidence.channels[2].z, axis=1)
    order = np.argsort(quiet)
    assert smoothed.chances[order[:50], 0].mean() > 0.9
    assert smoothed.chances[order[-50:], 2].mean() > 0.9
    np.testing.assert_allclose(smoothed.chances.sum(axis=1), 1.0, atol=1e-12)


def test_classes_are_weighed_by_their_dense_likelihoods(drawn: Drawn) -> None:
    found = drawn.parameters[2]
    evidence = model.prepare(drawn.panel)
    channel = evidence.channels[2]
    smoothed = model.smooth_channel(evidence, 2, found)
    for pair in (0, 9, 333):
        odds, means, squares = [], [], []
        for g in range(3):
            spread = 1 / found.precision(evidence.grid)[g][channel.cell[pair]]
            steps = np.r_[1.0, np.full(len(spread) - 1, 1 - found.persistence[g] ** 2)]
            mean, covariance, _, _, likelihood = dense_posterior(
                channel.z[pair].astype(float), spread, found.scale[g], found.level[g], found.persistence[g], steps
            )
            turn = np.r_[np.zeros(14), found.scale[g], np.zeros(len(spread) - 15), 1.0]
            odds.append(np.log(found.share[g]) + likelihood)
            means.append(turn @ mean)
            squares.append(means[-1] ** 2 + turn @ covariance @ turn)
        weight = np.exp(np.array(odds) - max(odds))
        weight /= weight.sum()
        np.testing.assert_allclose(smoothed.chances[pair], weight, atol=1e-9)
        assert smoothed.mean[pair, 14] == pytest.approx(weight @ means, abs=1e-9)
        assert smoothed.variance[pair, 14] == pytest.approx(weight @ squares - (weight @ means) ** 2, abs=1e-9)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    away, ended = [], []
    for seed in range(3):
        world = draw(100 + seed)
        mean, variance = model.smooth(*_fit(world))
        score = np.abs(mean - world.composite) / np.sqrt(variance)
        away.append(score[:, [0, 10, 19]].ravel())
        ended.append(score[:, [21, 29]].ravel())
    for scores in map(np.concatenate, (away, ended)):
        assert (scores < 1.6449).mean() == pytest.approx(0.90, abs=0.02)
        assert (scores < 0.6745).mean() == pytest.approx(0.50, abs=0.03)


def test_nothing_drifts_because_a_channel_ends() -> None:
    drawn = draw(8, missing=0.0)
    evidence, parameters = _fit(drawn)
    mean, variance = model.smooth(evidence, parameters)
    gone = np.isnan(evidence.channels[1].z[:, 20:]).all()
    assert gone
    high = np.argsort(-mean[:, 18])[:80]  # the most aligned pairs before the end
    drift = (mean[high, 25] - drawn.composite[high, 25]).mean()
    assert abs(drift) < 2.5 * np.sqrt(variance[high, 25].mean() / len(high)) + 0.02
    ended = model.smooth_channel(evidence, 1, parameters[1])
    assert (ended.variance[:, 25] > ended.variance[:, 15]).all()


def test_why_sums_exactly_and_its_weights_are_those_of_the_dense_gaussian(drawn: Drawn, fitted: Fitted) -> None:
    evidence, parameters = fitted
    scale = Scale(0.1, 1.3, 0.7, (1990, 2019))
    mean, variance = model.smooth(evidence, parameters)
    for pair, period in [(0, 0), (5, 29), (77, 14)]:
        answer = explain(drawn.panel, evidence, parameters, scale, pair, period)
        assert answer.contributions["contribution"].sum() == pytest.approx((mean[pair, period] - 0.1) / 1.2, abs=1e-11)
        assert (answer.high - answer.low) / 2 / 1.6448536 == pytest.approx(
            np.sqrt(variance[pair, period]) / 1.2, rel=1e-6
        )
        for channel, found, portion in zip(evidence.channels, parameters, portions(CHANNELS), strict=True):
            expected = _dense_weights(channel, found, evidence.grid, pair, period) * portion / 1.2
            own = answer.contributions.filter(answer.contributions["channel"] == channel.channel)
            np.testing.assert_allclose(own["weight"].to_numpy(), expected, atol=1e-10)


def _dense_weights(channel: ChannelEvidence, found: ChannelParameters, grid: Array, pair: int, period: int) -> Array:
    """Weights of the known observations: each class's dense gain, averaged with the classes' probabilities."""
    gains, odds = [], []
    for g in range(len(found.share)):
        spread = 1 / found.precision(grid)[g][channel.cell[pair]]
        steps = np.r_[1.0, np.full(len(spread) - 1, 1 - found.persistence[g] ** 2)]
        _, _, gain, _, likelihood = dense_posterior(
            channel.z[pair].astype(float), spread, found.scale[g], found.level[g], found.persistence[g], steps
        )
        gains.append(found.scale[g] * gain[period] + gain[-1])
        odds.append(np.log(found.share[g]) + likelihood)
    weight = np.exp(np.array(odds) - max(odds))
    return np.asarray((weight / weight.sum()) @ np.stack(gains))


def test_deleting_observations_at_random_widens_intervals_and_moves_means_within_them(fitted: Fitted) -> None:
    evidence, parameters = fitted
    mean, variance = model.smooth(evidence, parameters)
    rng = np.random.default_rng(3)
    thin = []
    for channel in evidence.channels:
        z = np.where(rng.random(channel.z.shape) < 0.4, np.nan, channel.z).astype(np.float32)
        thin.append(replace(channel, z=z))
    less_mean, less_variance = model.smooth(
        Evidence(tuple(thin), evidence.first, evidence.last, evidence.grid), parameters
    )
    assert (less_variance > variance).mean() > 0.9  # not always: with fewer data some pairs pass for stiller ones
    assert less_variance.mean() > 1.2 * variance.mean()
    assert (np.abs(less_mean - mean) < 1.645 * np.sqrt(less_variance)).mean() > 0.97


def test_margins_of_some_partners_miss_those_of_all_as_much_as_said(drawn: Drawn) -> None:
    """Excesses over margins that were fitted on some cells against those over margins that were fitted on all."""
    rng = np.random.default_rng(2)
    n, a, b = len(drawn.panel.states), drawn.panel.a, drawn.panel.b
    size = rng.random(n) ** 2
    errors = []
    for _ in range(40):
        values, cells = np.zeros((n, n)), np.zeros((n, n), dtype=bool)
        values[a, b] = rng.normal(size=len(a))
        cells[a, b] = known = rng.random(len(a)) < 0.25 + 0.7 * np.maximum(size[a], size[b])
        values, cells = values + values.T, cells | cells.T
        whole, part = two_way(values, ~np.eye(n, dtype=bool)), two_way(values, cells)
        panel = replace(drawn.panel, alive=np.ones((len(a), 1), dtype=bool))
        said = unseen_partners(panel, known[:, None])[:, 0]
        gap = (whole.fitted - part.fitted)[a, b]
        errors.append((gap[known] ** 2 / said[known]).mean())
    assert np.mean(errors) == pytest.approx(1.0, abs=0.15)
    everything = unseen_partners(replace(drawn.panel), np.ones((len(a), 30), dtype=bool))
    assert np.abs(everything).max() == 0.0


def test_sampling_variance_that_is_told_too_large_is_found_out(drawn: Drawn, fitted: Fitted) -> None:
    """Told four times what it is, the factor on it comes out near a quarter, and the noise as it was."""
    _, parameters = fitted
    told = replace(drawn.panel, variance=4 * drawn.panel.variance)
    again = model.prepare(told)
    k = CHANNELS.index("igo")
    found = model.estimate_channel(again.channels[k], again.first, again.last, again.grid)
    assert found.dispersion[:2, 0] == pytest.approx(parameters[k].dispersion[:2, 0] / 4, rel=0.25)
    assert found.noise[:2, 0] == pytest.approx(parameters[k].noise[:2, 0], rel=0.3, abs=0.01)
    assert (np.diff(found.likelihood) >= -1e-9 * abs(found.likelihood[-1])).all()


def test_order_of_pairs_changes_nothing(fitted: Fitted) -> None:
    evidence, parameters = fitted
    mean, _ = model.smooth(evidence, parameters)
    order = np.random.default_rng(5).permutation(len(mean))
    mixed = Evidence(
        tuple(channel.take(order) for channel in evidence.channels),
        evidence.first[order],
        evidence.last[order],
        evidence.grid,
    )
    np.testing.assert_array_equal(model.smooth(mixed, parameters)[0], mean[order])


def test_the_same_input_gives_the_same_bytes(drawn: Drawn, fitted: Fitted) -> None:
    first, second = fitted, _fit(drawn)
    assert all(a.noise.tobytes() == b.noise.tobytes() for a, b in zip(first[1], second[1], strict=True))
    assert model.smooth(*first)[0].tobytes() == model.smooth(*second)[0].tobytes()


def test_the_scale_is_read_off_years_in_which_somebody_looked(drawn: Drawn) -> None:
    """Levels carried over to years before any observation are no reference, however they differ."""
    panel = drawn.panel
    blind = panel.z.copy()
    blind[:, :4] = np.nan
    theta = np.where(panel.alive, np.random.default_rng(1).normal(size=panel.alive.shape), np.nan)
    moved = theta.copy()
    moved[:, :4] += 5.0
    one, two = (reference_scale(replace(panel, z=blind), path) for path in (theta, moved))
    assert one == two
    assert one.years[0] == panel.years[4]
    assert reference_scale(panel, moved) != reference_scale(panel, theta)
