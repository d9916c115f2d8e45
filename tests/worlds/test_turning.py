"""What counts as a turn that is found."""

from __future__ import annotations

import numpy as np
import pytest

from innominate.alignment import fit_panel
from innominate.worlds import World
from innominate.worlds.seen import world_panel
from innominate.worlds.turning import (
    CLEAR,
    EDGE,
    NEAR,
    area_under,
    around,
    around_shown,
    planted_turns,
    share,
    turn_rows,
)


def test_a_mark_reaches_some_years_to_either_side_and_no_further() -> None:
    marks = np.zeros((2, 1, 12), dtype=bool)
    marks[0, 0, 5] = marks[1, 0, 0] = True
    wide = around(marks)
    assert np.flatnonzero(wide[0, 0]).tolist() == list(range(5 - NEAR, 5 + NEAR + 1))
    assert np.flatnonzero(wide[1, 0]).tolist() == list(range(NEAR + 1))
    assert np.flatnonzero(marks[0, 0]).tolist() == [5]


def test_a_change_that_shows_is_the_difference_of_the_years_after_and_before() -> None:
    path = np.r_[np.zeros(6), np.full(6, 0.8)][None]
    shown = around_shown(path)
    assert int(shown[0, 0].argmax()) == 6
    assert shown[0, 0, 6] == pytest.approx(0.8)
    assert np.array_equal(shown[1], -shown[0])


def test_planted_turns_are_the_steps_of_the_truth(world: World) -> None:
    planted = planted_turns(world)
    truth = world.latent.alignment.T
    for side, pair, t in np.argwhere(planted)[:50]:
        step = truth[pair, t] - truth[pair, t - 1]
        assert (step >= CLEAR) if side == 0 else (step <= -CLEAR)
    own = np.zeros(truth.shape, dtype=bool)
    latent = world.latent
    for t, pair, change in latent.turned:
        own[int(pair), int(t)] = abs(change) / latent.scale.unit > CLEAR + 0.3 and latent.alive[int(t) - 1, int(pair)]
    own[:, :EDGE] = False
    assert own.any()
    assert planted.any(axis=0)[own].mean() > 0.95


def test_turns_are_listed_where_they_were_planted_and_hardly_anywhere_else(world: World) -> None:
    fit = fit_panel(world.library(), world_panel(world))
    rows = {(measure, stratum): value for _, measure, stratum, value, _, _ in turn_rows(world, fit)}
    assert rows["planted turns found", "all"] > 0.15
    assert rows["listed turns that were planted", "all"] > 0.7
    assert rows["false alarms in a thousand pair-years", "all"] < 2.0
    assert rows["years of turns above other years in probability (AUC)", "all"] > 0.9
    assert rows["dated within a year", "all"] > 0.6


def test_shares_and_areas_of_nothing() -> None:
    none = np.zeros((1, 2), dtype=bool)
    assert np.isnan(share(~none, none))
    assert area_under(np.array([1.0, 2.0]), none[0]) is None
