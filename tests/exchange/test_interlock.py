"""Rings: planted ones are found, those of chance are not, and the null worlds keep what they promise to keep."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import polars as pl
import pytest

from innominate.errors import InputError
from innominate.exchange import cycles, interlocking
from innominate.exchange.kernels import fit_margins, swap_givers
from innominate.exchange.planted import chance_world

GROUP = ("AAX", "ABX", "ACX")


@pytest.mark.parametrize("seed", range(5))
def test_a_planted_ring_is_found(seed: int) -> None:
    found = interlocking(chance_world(seed, planted=0.8), GROUP, worlds=199)
    ring = next(one for one in found.rings if one.states == GROUP)
    assert ring.strength >= 0.8 - 1e-9
    assert ring.p <= 0.05
    assert ring.p_adjusted <= 0.05
    assert found.p is not None
    assert found.p <= 0.05
    assert found.triads == 30 * 29 * 28 // 3
    assert 1 <= found.as_strong < 30


def test_rings_of_chance_are_no_news() -> None:
    """Over worlds in which partners meet by chance, small p-values are as rare as they should be."""
    whole, single = [], []
    for seed in range(120):
        found = interlocking(chance_world(1000 + seed, dense=8), GROUP, worlds=99, seed=seed)
        whole.append(1.0 if found.p is None else found.p)  # without a ring there is nothing to take for news
        single.append(min([ring.p_adjusted for ring in found.rings], default=1.0))
    assert sum(p < 1.0 for p in whole) > 60
    # 5 % are expected; 12 % would be passed by chance in fewer than one of a hundred runs of 100
    assert np.mean(np.array(whole) <= 0.05) <= 0.12
    assert np.mean(np.array(single) <= 0.05) <= 0.12


def test_the_strength_of_a_ring_against_every_choice_of_kinds() -> None:
    draw = np.random.default_rng(0)
    for _ in range(60):
        by_kind = draw.random((3, 3, 3)) * (draw.random((3, 3, 3)) < 0.7)
        for ring in cycles.rings(3):
            ends = [*ring[1:], ring[0]]
            best = max(
                min(by_kind[kind, a, b] for kind, a, b in zip(choice, ring, ends, strict=True))
                for choice in product(range(3), repeat=len(ring))
                if len(set(choice)) > 1
            )
            got = float(cycles.strengths(cycles.strongest(by_kind), [ring])[0])
            assert got == pytest.approx(best)
            if best > 0:
                links = cycles.kinds_of(by_kind, ring)
                assert min(share for _, share in links) == pytest.approx(best)
                assert len({kind for kind, _ in links}) > 1


def test_rings_are_each_once() -> None:
    assert cycles.rings(3) == [(0, 1), (0, 2), (1, 2), (0, 1, 2), (0, 2, 1)]
    assert len(cycles.rings(6)) == 15 + 20 * 2


def test_rings_of_the_world_are_counted() -> None:
    draw = np.random.default_rng(1)
    by_kind = draw.random((2, 7, 7)) * (draw.random((2, 7, 7)) < 0.5)
    links = cycles.strongest(by_kind)
    rings = [ring for ring in cycles.rings(7) if len(ring) == 3]
    for bar in (0.1, 0.4, 0.7):
        expected = int((cycles.strengths(links, rings) >= bar).sum())
        assert cycles.triads_as_strong(by_kind, bar) == (expected, 7 * 6 * 5 // 3)


def test_null_worlds_keep_partners_and_totals() -> None:
    frame = chance_world(3).filter(pl.col("kind") == "arms").sort("value")
    states = sorted({*frame["giver"], *frame["receiver"]})
    givers = np.array([states.index(code) for code in frame["giver"]])
    receivers = np.array([states.index(code) for code in frame["receiver"]])
    amounts = frame["value"].to_numpy().copy()
    before = np.bincount(givers, minlength=len(states)), np.bincount(givers, amounts, len(states))
    taken = np.bincount(receivers, amounts, len(states))
    present = np.zeros((len(states), len(states)), dtype=bool)
    present[givers, receivers] = True
    ends = np.stack([np.searchsorted(amounts, amounts / 3), np.searchsorted(amounts, amounts * 3, "right") - 1], axis=1)
    moved = givers.copy()
    made = swap_givers(moved, receivers, ends, present, 50 * len(moved), np.array([7], dtype=np.uint64))
    assert made > len(moved)
    assert (moved != givers).mean() > 0.3
    assert not (moved == receivers).any()
    assert len(set(zip(moved, receivers, strict=True))) == len(moved)
    assert (np.bincount(moved, minlength=len(states)) == before[0]).all()
    assert (present.sum() == len(moved)) & present[moved, receivers].all()
    error = fit_margins(moved, receivers, amounts, before[1], taken, 12)
    assert np.bincount(receivers, amounts, len(states)) == pytest.approx(taken)
    left = np.abs(np.bincount(moved, amounts, len(states)) - before[1]).sum() / before[1].sum()
    assert error == pytest.approx(left)
    assert left < 0.15


def test_exchanged_worlds_are_all_equally_likely() -> None:
    """Of three givers and three receivers with one tie each, every pairing without self-gifts comes up alike."""
    counts: dict[tuple[int, ...], int] = {}
    givers, receivers = np.array([0, 1, 2]), np.array([3, 4, 5])
    window = np.array([[0, 2]] * 3)
    present = np.zeros((6, 6), dtype=bool)
    present[givers, receivers] = True
    state = np.array([1], dtype=np.uint64)
    for _ in range(6000):
        swap_givers(givers, receivers, window, present, 6, state)
        counts[tuple(givers)] = counts.get(tuple(givers), 0) + 1
    assert set(counts) == set(permutations(range(3)))
    assert max(counts.values()) < 1.25 * 1000
    assert min(counts.values()) > 0.75 * 1000


def test_seeds_decide_and_order_does_not() -> None:
    frame = chance_world(2, planted=0.6)
    one = interlocking(frame, GROUP, worlds=99, seed=5)
    assert one == interlocking(frame.sample(fraction=1.0, shuffle=True, seed=1), GROUP, worlds=99, seed=5)
    assert one != interlocking(frame, GROUP, worlds=99, seed=6)


def test_nothing_to_test() -> None:
    empty = interlocking(chance_world(0).clear(), GROUP, worlds=19)
    assert (empty.rings, empty.p, empty.index) == ((), None, 0.0)
    with pytest.raises(InputError, match="2 to 12"):
        interlocking(chance_world(0), GROUP[:1])
