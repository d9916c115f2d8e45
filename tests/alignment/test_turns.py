"""Turns: the ratio against dense likelihoods, planted turns found and dated, quiet pairs left alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from innominate.alignment import model, turns
from innominate.alignment.dating import dated_turns
from innominate.alignment.model import Evidence
from innominate.alignment.scale import Scale
from innominate.alignment.why import explain
from tests.alignment.naive import dense_posterior
from tests.alignment.simulated import Drawn, draw

SCALE = Scale(0.0, 1.0, 0.7, (1990, 2019))
WHEN = 15


@pytest.fixture(scope="module")
def drawn() -> Drawn:
    return draw(21, missing=0.1)


def _with_turn(drawn: Drawn, size: float, channels: tuple[int, ...], pairs: int = 60) -> Evidence:
    """A lasting change in some channels of the first pairs, to the friendly side, from period WHEN on."""
    evidence = model.prepare(drawn.panel)
    moved = []
    for k, channel in enumerate(evidence.channels):
        z = channel.z.copy()
        if k in channels:
            quiet = np.nanstd(np.diff(z[:pairs], axis=1), axis=1, keepdims=True)  # what is usual for the pair
            z[:pairs, WHEN:] += size * quiet
        moved.append(replace(channel, z=z))
    return replace(evidence, channels=tuple(moved))


@pytest.mark.parametrize("seed", range(8))
def test_the_ratio_of_speeds_is_that_of_the_dense_likelihoods(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, phi, t = 9, rng.uniform(0.5, 0.98), int(rng.integers(1, 9))
    z = rng.normal(size=n) + 3.0 * (np.arange(n) >= t)
    z[rng.random(n) < 0.2] = np.nan
    spread, scale, level = rng.uniform(0.1, 1.0, n), rng.uniform(0.3, 2.0), rng.uniform(0.05, 1.0)
    q, faster = 0.9 * (1 - phi**2), min(turns.FASTER, 1 / (0.9 * (1 - phi**2)))
    steps = np.r_[1.0, np.full(n - 1, 1 - phi**2)]
    mean, covariance, *_ = dense_posterior(z, spread, scale, level, phi, steps)
    direction = np.zeros(n + 1)
    direction[t], direction[t - 1] = 1.0, -phi
    m, v = direction @ mean, direction @ covariance @ direction
    up, down = turns.step_ratios(m, v, 1 / steps[t], q, faster)
    like = []
    for speed in (q, q * faster):
        like.append(dense_posterior(z, spread, scale, level, phi, np.r_[steps[:t], speed, steps[t + 1 :]])[4])
    assert 0.5 * (up + down) == pytest.approx(min(np.exp(like[1] - like[0]), turns.STRONGEST), rel=1e-6)
    assert (up > down) == (m > 0)


def test_planted_turns_are_found_dated_and_signed(drawn: Drawn) -> None:
    evidence = _with_turn(drawn, 5.0, (0, 2, 3, 4))
    found = turns.find_turns(evidence, drawn.parameters)
    table = dated_turns(drawn.panel, found, SCALE, 0.5)
    where = {
        (drawn.panel.states[a], drawn.panel.states[b]): k
        for k, (a, b) in enumerate(zip(drawn.panel.a, drawn.panel.b, strict=True))
    }
    year = int(drawn.panel.years[WHEN])
    planted = [
        row for row in table.iter_rows(named=True) if where[row["a"], row["b"]] < 60 and abs(row["year"] - year) <= 1
    ]
    assert len({(row["a"], row["b"]) for row in planted}) >= 0.8 * 60
    assert np.mean([row["year"] == year for row in planted]) > 0.85
    assert all(row["direction"] == "up" for row in planted if row["year"] == year)


def test_quiet_pairs_are_left_alone_and_one_channel_makes_no_turn(drawn: Drawn) -> None:
    alone = dated_turns(drawn.panel, turns.find_turns(model.prepare(drawn.panel), drawn.parameters), SCALE, 0.5)
    cells = drawn.panel.alive.size
    assert alone.height / cells < 0.005
    one = turns.find_turns(_with_turn(drawn, 50.0, (2,)), drawn.parameters)
    assert (one.up[:60, WHEN] > 0.5).mean() < 0.2


def test_the_smoothed_path_jumps_where_a_turn_is(drawn: Drawn) -> None:
    evidence = _with_turn(drawn, 5.0, (0, 2, 3, 4))
    found = turns.find_turns(evidence, drawn.parameters)
    slow, _ = model.smooth(evidence, drawn.parameters)
    fast, _ = model.smooth(evidence, drawn.parameters, found.pace)
    jump = [(path[:60, WHEN] - path[:60, WHEN - 1]).mean() for path in (slow, fast)]
    assert jump[1] > 1.1 * jump[0] > 0
    assert found.pace.mean() == pytest.approx(1.0, abs=0.15)


def test_why_stays_exact_with_turns(drawn: Drawn) -> None:
    evidence = _with_turn(drawn, 5.0, (0, 2, 3, 4))
    found = turns.find_turns(evidence, drawn.parameters)
    mean, variance = model.smooth(evidence, drawn.parameters, found.pace)
    for pair, period in ((3, WHEN), (400, 7)):
        answer = explain(drawn.panel, evidence, drawn.parameters, SCALE, pair, period, found.pace)
        assert answer.contributions["contribution"].sum() == pytest.approx(mean[pair, period], abs=1e-10)
        assert (answer.high - answer.low) / 2 / 1.6448536 == pytest.approx(np.sqrt(variance[pair, period]), rel=1e-6)


def test_adjacent_steps_to_one_side_are_one_turn(drawn: Drawn) -> None:
    shape = drawn.panel.alive.shape
    up, step = np.zeros(shape), np.zeros(shape)
    up[4, [8, 9, 12]], step[4, [8, 9, 12]] = [0.7, 0.9, 0.8], [0.5, 1.0, 0.6]
    made = turns.Turns(up, np.zeros(shape), step, np.full(shape, 1e-4), np.ones((1, *shape), dtype=np.float32))
    table = dated_turns(drawn.panel, made, SCALE, 0.5)
    assert table["year"].to_list() == [int(drawn.panel.years[9]), int(drawn.panel.years[12])]
    assert table["change"].to_list() == pytest.approx([1.5, 0.6])
    assert table["probability"].to_list() == pytest.approx([0.9, 0.8], abs=1e-6)


def test_order_of_pairs_changes_no_turn(drawn: Drawn) -> None:
    evidence = model.prepare(drawn.panel)
    found = turns.find_turns(evidence, drawn.parameters)
    order = np.random.default_rng(5).permutation(len(found.up))
    mixed = Evidence(
        tuple(channel.take(order) for channel in evidence.channels),
        evidence.first[order],
        evidence.last[order],
        evidence.grid,
    )
    np.testing.assert_array_equal(turns.find_turns(mixed, drawn.parameters).up, found.up[order])
