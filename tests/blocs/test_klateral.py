"""Tests of joint action against enumeration, and their calibration where there are nothing but pairs."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from innominate.blocs.groups import shuffled
from innominate.blocs.interaction import _moves, no_three_way, pairwise_chain, pairwise_chance, together
from innominate.errors import InputError


def margins(table):
    cube = np.asarray(table).reshape(2, 2, 2)
    return tuple(cube.sum(axis=axis).ravel().tolist() for axis in range(3))


def test_three_parties_are_tested_exactly():
    """Against all tables with the same pairwise margins, each weighted by its multinomial coefficient."""
    table = np.array([2, 1, 1, 1, 2, 1, 1, 2])
    weights = {}
    for cells in itertools.product(range(5), repeat=7):
        last = int(table.sum()) - sum(cells)
        if 0 <= last <= 5 and margins([*cells, last]) == margins(table):
            weights[last] = weights.get(last, 0) + 1 / math.prod(math.factorial(n) for n in (*cells, last))
    total = sum(weights.values())
    values, chances = no_three_way(table)
    assert dict(zip(values.tolist(), chances.tolist(), strict=True)) == pytest.approx(
        {v: w / total for v, w in weights.items()}
    )


def test_chain_agrees_with_the_exact_test():
    table = np.array([40, 9, 8, 4, 7, 3, 5, 6])
    values, chances = no_three_way(table)
    drawn = pairwise_chain(table, 3, 300_000, 0)
    assert drawn.mean() == pytest.approx(values @ chances, abs=0.05)
    assert (drawn >= 6).mean() == pytest.approx(chances[values >= 6].sum(), abs=0.02)


def test_moves_keep_all_pairs():
    for parties in (3, 4, 5):
        for move in _moves(parties):
            table = np.zeros(1 << parties)
            np.add.at(table, move[:, 0], move[:, 1])
            cube = table.reshape((2,) * parties)
            for kept in itertools.combinations(range(parties), 2):
                assert not cube.sum(axis=tuple(a for a in range(parties) if a not in kept)).any()


def chained(random, events, parties, strength=0.5):
    """Events in which each party follows the one before: nothing but pairwise ties."""
    rows = np.zeros((events, parties), dtype=bool)
    rows[:, 0] = random.random(events) < 0.3
    for party in range(1, parties):
        rows[:, party] = random.random(events) < np.where(rows[:, party - 1], strength, 0.15)
    return rows


@pytest.mark.parametrize("parties", [3, 4])
def test_pairs_alone_are_rarely_called_joint(parties):
    random = np.random.default_rng(1)
    small = [together(chained(random, 400, parties), steps=40_000, seed=n).p_value < 0.05 for n in range(60)]
    assert np.mean(small) <= 0.12


def test_joint_acts_are_found():
    random = np.random.default_rng(2)
    for parties in (3, 4):
        alone = random.random((600, parties)) < 0.15
        alone[:25] = True
        found = together(alone, steps=60_000)
        assert found.p_value < 0.01
        assert found.joint > found.high


def test_large_groups_by_simulation():
    random = np.random.default_rng(3)
    rows = chained(random, 4000, 9)
    chance = pairwise_chance(rows, 5, 0)
    assert chance == pytest.approx(chained(random, 200_000, 9).sum(axis=1).__ge__(5).mean(), rel=0.25)
    assert together(rows, 5).p_value > 0.01
    rows[:60] = True
    assert together(rows, 8).p_value < 0.01


def test_shuffles_keep_each_pairs_weeks_in_its_quarter():
    random = np.random.default_rng(4)
    strata = np.repeat(np.arange(6), 12)
    apart = random.random((72, 3)) < 0.3
    joint, drawn = shuffled(apart, strata, np.array([[0, 1, 2]]), 400, 0)
    assert (drawn >= joint).mean() > 0.02
    same = np.repeat(random.random((72, 1)) < 0.3, 3, axis=1)
    joint, drawn = shuffled(same, strata, np.array([[0, 1, 2]]), 400, 0)
    assert joint == same[:, 0].sum()
    assert (drawn < joint).all()


def test_two_parties_are_no_group():
    with pytest.raises(InputError, match="three or more"):
        together(np.ones((5, 2), dtype=bool))
