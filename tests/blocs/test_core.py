"""The sparse core, memberships through time, and what happens to blocs."""

from __future__ import annotations

import numpy as np
import pytest

from innominate.blocs.card import cards
from innominate.blocs.core import CoreSettings, fit_core
from innominate.blocs.exposed import exposed
from innominate.blocs.lives import lifecycle, turnover
from innominate.blocs.membership import Memberships, memberships
from innominate.blocs.planted import adjusted_rand, plant
from innominate.blocs.rowwise import tied_totals
from innominate.blocs.scoring import foremost, stability_score
from innominate.blocs.sizes import choose_blocs, thinned
from innominate.blocs.spectral import activity, partition, refined, ties
from innominate.errors import InputError


@pytest.fixture(scope="module")
def world():
    return plant(states=40, blocs=4, actions=3, periods=6, outside=0.1, acts=200, themed=False, seed=3)


@pytest.fixture(scope="module")
def fit(world):
    return fit_core(world.tensor, CoreSettings(4, themes=2, times=2, starts=4, iterations=120))


def test_planted_blocs_are_found(world, fit):
    """Ten times more inside than between, 200 acts a state."""
    assert adjusted_rand(world.bloc, foremost(fit)) >= 0.95


@pytest.mark.parametrize(("states", "blocs", "spread"), [(24, 3, 0.0), (60, 6, 0.8), (60, 3, 1.3), (120, 8, 0.8)])
def test_planted_blocs_are_found_whatever_the_sizes_of_states(states, blocs, spread):
    """Their number too (within one where states are few); volumes differ up to a factor of hundreds. Four times more inside."""
    for seed in (5, 6):
        world = plant(states=states, blocs=blocs, actions=2, periods=4, outside=0.25, acts=200, spread=spread, themed=False,
                      seed=seed)  # fmt: skip
        assert abs(choose_blocs(world.tensor)[0] - blocs) <= (states < 40)
        found = foremost(fit_core(world.tensor, CoreSettings(blocs, themes=1, times=1, seed=seed)))
        acts = np.bincount(world.tensor.coordinates[:, :2].ravel(), np.repeat(world.tensor.counts, 2), states)
        told = acts >= 30  # of others too few acts are seen
        assert adjusted_rand(world.bloc[told], found[told]) >= 0.95


def test_volume_alone_makes_no_blocs():
    """States of very different volume that deal with all alike are not sorted by it."""
    world = plant(
        states=40, blocs=4, actions=1, periods=3, inside=1, outside=1, acts=300, spread=1.2, themed=False, seed=2
    )
    table = ties(world.tensor)
    volume = table.sum(axis=1)
    for group in (partition(table, 2, share=0.25, filled=True), refined(table, partition(table, 2))):
        big = np.bincount(group, volume, 2) / volume.sum()
        assert big.max() < 0.9


def test_activities_reproduce_volumes_without_a_diagonal():
    table = ties(plant(states=12, spread=1.5, seed=3).tensor)
    active = activity(table)
    rates = np.outer(active, active)
    np.fill_diagonal(rates, 0)
    np.testing.assert_allclose(rates.sum(axis=1), table.sum(axis=1), rtol=1e-3)


def test_bound_never_falls(fit):
    assert (np.diff(fit.bounds) >= -1e-9 * abs(fit.bounds[-1])).all()


def test_expected_acts_are_the_counts(world, fit):
    """At the optimum of the core every act is expected once; expected totals agree with a dense sum."""
    dense = np.einsum("iq,jq,aq,tq->ijat", *fit.means)
    dense[np.arange(40), np.arange(40)] = 0
    assert dense.sum() == pytest.approx(fit.acts.sum(), rel=1e-9)
    assert fit.acts.sum() == pytest.approx(world.tensor.total, rel=0.01)


def test_totals_of_states_agree_with_a_plain_sum():
    random = np.random.default_rng(0)
    blocks, states, blocs = 2, 7, 3
    shape, means = random.gamma(2, 1, (states, blocs)), random.gamma(1, 1, (states, blocs))
    ties = random.gamma(1, 1, (blocks, blocs, blocs))
    senders, receivers = random.random((blocks, states)), random.random((blocks, states))
    now, found = means.copy(), np.empty_like(means)
    tied_totals(shape, 0.2, ties, senders, receivers, means, found)
    for i in range(states):
        for c in range(blocs):
            total = sum(
                senders[b, i] * ties[b, c, d] * receivers[b, j] * now[j, d] + receivers[b, i] * ties[b, d, c] * senders[b, j] * now[j, d]
                for b in range(blocks) for j in range(states) if j != i for d in range(blocs)
            )  # fmt: skip
            assert found[i, c] == pytest.approx(total)
        now[i] = shape[i] / (0.2 + found[i])
    np.testing.assert_allclose(means, now)


def test_number_of_blocs_is_chosen_by_heldout_likelihood(world):
    best, scores = choose_blocs(world.tensor)
    assert best == 4
    assert scores[4] > max(scores[3], scores[5])


def test_thinning_splits_every_count(world):
    kept, held = thinned(world.tensor, 0.2, 0)
    assert kept.total + held.total == world.tensor.total
    assert held.total / world.tensor.total == pytest.approx(0.2, abs=0.02)
    assert exposed(held).weights[0].sum() == pytest.approx(0.2 * exposed(world.tensor).weights[0].sum())


def test_memberships_are_shares_and_follow_a_state_that_moves(world):
    """A state deals with bloc 0 in the first half and with bloc 1 in the second."""
    tensor = world.tensor
    hosts = [np.flatnonzero(world.bloc == b)[:6] for b in (0, 1)]
    mover = int(np.flatnonzero(world.bloc == 2)[0])
    rows = tensor.coordinates[(tensor.coordinates[:, :2] != mover).all(axis=1)]
    counts = tensor.counts[(tensor.coordinates[:, :2] != mover).all(axis=1)]
    extra = np.array([[mover, j, 0, t] for t in range(6) for j in hosts[0 if t < 3 else 1]])
    from innominate.blocs.tensor import from_arrays

    moved = from_arrays(np.concatenate([rows, extra]), np.concatenate([counts, np.full(len(extra), 8.0)]), tensor.shape,
                        modes=tensor.modes, labels=tensor.labels, loops=(0, 1))  # fmt: skip
    fit = fit_core(moved, CoreSettings(4, themes=1, times=1, starts=3, iterations=60))
    found = memberships(moved, fit, draws=100)
    np.testing.assert_allclose(found.draws.sum(axis=3), 1, rtol=1e-5)
    blocs = [np.bincount(foremost(fit)[host], minlength=4).argmax() for host in hosts]
    mean = found.draws.mean(axis=0)[:, mover]
    assert mean[0, blocs[0]] > 0.6 > mean[0, blocs[1]]
    assert mean[5, blocs[1]] > 0.6 > mean[5, blocs[0]]
    table = found.table()
    assert table.columns == ["state", "period", "bloc", "membership", "low", "high", "acts"]
    assert (table["low"] <= table["membership"]).all()
    assert (table["membership"] <= table["high"]).all()
    inside = [tensor.labels[0][i] for i in hosts[0][:3]]
    mixed = [tensor.labels[0][hosts[0][0]], tensor.labels[0][hosts[1][0]], tensor.labels[0][hosts[0][1]]]
    together, apart = found.together(inside), found.together(mixed)
    assert together["probability"].min() > 0.9 > 0.1 > apart["probability"].max()
    assert (together["overlap"] > together["usual"]).all()
    with pytest.raises(InputError, match="no acts of XYZ"):
        found.together(["XYZ", inside[0]])


def shares(first, blocs):
    """Draws (1, T, N, C) in which each state has the given foremost bloc."""
    return np.eye(blocs, dtype=np.float32)[np.asarray(first)][None]


def test_births_mergers_splits_and_ends():
    first = [
        [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2],  # 2 splits, 0 and 1 merge, 3 is born
        [0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 3, 3],
        [0, 0, 0, 0, 0, 0, 0, 0, 3, 3, 3, 3],
    ]
    zeros = np.zeros((3, 12, 4))
    names = tuple(f"bloc {n}" for n in range(4))
    found = Memberships(tuple("ABCDEFGHIJKL"), ("1", "2", "3"), names, zeros, zeros, zeros, np.full((3, 12), 9.0),
                        shares(first, 4), 0.5, 1.0)  # fmt: skip
    events = {
        (row["period"], row["kind"], row["bloc"]): row["others"] for row in lifecycle(found).iter_rows(named=True)
    }
    assert events["2", "merger", "bloc 0"] == ["bloc 0", "bloc 1"]
    assert events["2", "split", "bloc 2"] == ["bloc 2", "bloc 3"]
    assert {("2", "end", "bloc 1"), ("3", "birth", "bloc 3")} <= set(events)
    assert not [key for key in events if key[0] == "3" and key[1] == "split"]
    change = {(row["period"], row["bloc"]): row["turnover"] for row in turnover(found).iter_rows(named=True)}
    assert change["3", "bloc 0"] == 0
    assert change["2", "bloc 0"] == pytest.approx(0.5)
    assert change["2", "bloc 1"] == 1


def test_cards_name_who_whom_what_and_when(world, fit):
    found = cards(world.tensor, fit.means, most=100)
    assert sum(card.share for card in found) == pytest.approx(1, abs=1e-6)
    assert sum(found[0].course) == pytest.approx(1)
    heavy = {world.bloc[world.tensor.labels[0].index(name)] for name, _ in found[0].top["source"][:3]}
    assert len(heavy) == 1


def test_starts_agree_where_blocs_are_clear(world):
    found = stability_score(world.tensor, CoreSettings(4, themes=1, times=1), runs=2)
    assert found["value"] >= 0.95 > 0.2 > found["baselines"]["shuffled"]
    assert found["halves"] > 0.8


def test_only_tensors_between_states_have_a_core(world):
    from dataclasses import replace

    with pytest.raises(InputError, match="must be the same states"):
        fit_core(replace(world.tensor, loops=None))
