"""Held-out scores against dense sums, and their baselines."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import poisson

from innominate.blocs.counting import shortest_holding
from innominate.blocs.exposed import expected_counts
from innominate.blocs.factorisation import Settings, factorise
from innominate.blocs.heldout import averaged, margins, predictive, random_mask, score, score_last_period, score_rates
from innominate.blocs.peer import Peer, find_peer
from innominate.blocs.planted import plant
from innominate.blocs.scoring import MASKS, heldout_score, plain_counts
from innominate.blocs.telling import learnt_weights, parts_of, predictor
from innominate.blocs.tensor import Absent, from_arrays, whole_cells
from innominate.errors import InputError
from innominate.scoreboard import blocs as task
from tests.blocs import libraries


@pytest.fixture(scope="module")
def tensor():
    return plain_counts(plant(states=14, blocs=2, actions=3, periods=5, acts=150, seed=4).tensor)


def dense(tensor):
    table = np.zeros(tensor.shape)
    table[tuple(tensor.coordinates.T)] = tensor.counts
    return table


@pytest.mark.parametrize("kind", list(MASKS))
def test_scores_are_those_of_every_cell(tensor, kind):
    absent = random_mask(tensor, 0.1, 0, MASKS[kind])
    fit = factorise(tensor, Settings(3, iterations=60), absent)
    table, cells = dense(tensor), tuple(whole_cells(tensor, absent).T)
    rates = np.einsum("ik,jk,ak,tk->ijat", *fit.means)
    assert score(tensor, absent, fit.means).log_likelihood == pytest.approx(poisson.logpmf(table, rates)[cells].sum())
    assert score(tensor, absent, fit.means).events == table[cells].sum()
    sharp = replace(fit, shape=tuple(a * 1e7 for a in fit.shape), rate=tuple(b * 1e7 for b in fit.rate))
    assert predictive(tensor, absent, [sharp], draws=2).log_likelihood == pytest.approx(
        score(tensor, absent, fit.means).log_likelihood, rel=1e-3
    )


def test_margins_are_reproduced(tensor):
    rates = np.einsum("ik,jk,ak,tk->ijat", *margins(tensor))
    for m in range(4):
        others = tuple(n for n in range(4) if n != m)
        np.testing.assert_allclose(rates.sum(axis=others), dense(tensor).sum(axis=others), rtol=1e-6, atol=1e-9)


def test_last_period_looks_back_to_what_was_observed():
    """One pair of four periods, the last two held out: both are told by the second."""
    tensor = from_arrays(np.array([[0, 1, 0, 0], [0, 1, 0, 1], [0, 1, 0, 2], [1, 0, 0, 3]]), np.array([4.0, 6, 5, 2]), (2, 2, 1, 4),
                         modes=("source", "target", "action", "period"))  # fmt: skip
    absent = random_mask(tensor, 0.5, 0)
    absent = replace(absent, cells=np.array([[0, 1, 2], [0, 1, 3]], dtype=np.int32))
    rates = np.einsum("ik,jk,ak,tk->ijat", *margins(tensor, absent))[0, 1, 0]
    expected = sum(poisson.logpmf(count, (6 + rates[t]) / 2) for count, t in ((5, 2), (0, 3)))
    assert score_last_period(tensor, absent).log_likelihood == pytest.approx(expected)


def test_blocs_are_told_better_than_baselines(tensor):
    found = heldout_score(tensor, Settings(4, starts=2), share=0.05, masks=2)
    assert found["task"] == "blocs-held-out"
    beside = {"mean over starts", "one start", "product of margins", "last period", "one component"}
    assert set(found["baselines"]) == beside
    assert found["value"] > found["baselines"]["product of margins"]
    assert found["n"] > 0


def test_acts_of_whole_years_are_held_out_by_the_year(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task, "COMPONENTS", 2)
    monkeypatch.setattr(task, "STARTS", 1)
    made = libraries.library(tmp_path)
    libraries.yearly(made, np.random.default_rng(5).poisson(3.0, (30, 30, 6)))
    rows = task.blocs(made, "blocs-held-out", 0, lambda step: None)
    assert [row.metric.partition("/")[2] for row in rows] == ["dyad-years", "cells", "dyads"]
    assert all(row.n > 0 and np.isfinite(row.value) for row in rows)


def test_so_few_events_that_none_is_held_out_are_told(tmp_path: Path) -> None:
    made, counts = libraries.library(tmp_path), np.zeros((12, 12, 6), dtype=int)
    counts[0, 1, 0] = counts[2, 3, 5] = 1
    libraries.yearly(made, counts)
    with pytest.raises(InputError, match=r"none of 2 events is in the \d+ dyad-years held out"):
        task.blocs(made, "blocs-held-out", 0, lambda step: None)


@pytest.mark.parametrize(
    ("days", "finest", "found"),
    [(0, "month", "month"), (30, "month", "month"), (31, "month", "quarter"), (0, "quarter", "quarter"),
     (91, "month", "quarter"), (92, "quarter", "year"), (365, "month", "year"), (4000, "month", "year")],
)  # fmt: skip
def test_periods_are_the_shortest_that_no_act_outlasts(days: int, finest: str, found: str) -> None:
    assert shortest_holding(days, finest) == found


def test_parts_of_the_predictor_are_what_they_are_called():
    """Two states, three periods; A to B in the second is hidden: its mirror and both neighbours are seen."""
    rows = np.array([[0, 1, 0, 0], [0, 1, 0, 1], [0, 1, 0, 2], [1, 0, 0, 1]])
    labels = [["A", "B"], ["A", "B"], ["x"], ["1", "2", "3"]]
    exposure = [np.ones((1, 2)), np.ones((1, 2)), np.ones((1, 1)), np.array([[0.5, 1.0, 1.0]])]
    tensor = from_arrays(rows, np.array([3.0, 9, 5, 7]), (2, 2, 1, 3), modes=("source", "target", "action", "period"),
                         labels=labels, exposure=exposure, loops=(0, 1))  # fmt: skip
    absent = Absent((0, 1, 3), np.array([[0, 1, 1]], dtype=np.int32))
    means = tuple(np.random.default_rng(m).gamma(1, 1, (n, 2)) for m, n in enumerate(tensor.shape))
    usual = tuple(each[:, :1] for each in means)
    cell, mirror = np.array([[0, 1, 0, 1]], dtype=np.int32), np.array([[1, 0, 0, 1]], dtype=np.int32)
    found = parts_of(tensor.without(absent), absent, means, usual, cell)[0]
    expected = [
        expected_counts(tensor, each, where)[0] for each, where in ((means, cell), (means, mirror), (usual, cell))
    ]
    np.testing.assert_allclose(found, [*expected, 7, (3 + 5) / 1.5])
    both = Absent((0, 1, 3), np.array([[0, 1, 1], [1, 0, 1], [0, 1, 0], [0, 1, 2]], dtype=np.int32))
    hidden = parts_of(tensor.without(both), both, means, usual, cell)[0]
    np.testing.assert_allclose(hidden, [*expected, expected[1], expected[0]])


def test_weights_are_those_of_maximum_likelihood():
    random = np.random.default_rng(0)
    parts = random.gamma(1, 1, (40_000, 3))
    counts = random.poisson(parts @ [0.6, 0.0, 0.3]).astype(float)
    weights = learnt_weights(counts, parts)
    assert weights == pytest.approx([0.6, 0.0, 0.3], abs=0.02)
    rates = parts @ weights
    gradient = (parts * (counts / rates - 1)[:, None]).mean(axis=0)
    assert gradient[[0, 2]] == pytest.approx([0, 0], abs=1e-3)
    assert gradient[1] < 1e-3


@pytest.mark.parametrize("kind", list(MASKS))
def test_the_predictor_sees_nothing_hidden_and_learns_what_mirrors(kind):
    """Half of the acts have a mirror image. Told better than by the fits alone; other counts in hidden cells change no rate."""
    world = plant(states=16, blocs=2, actions=2, periods=6, acts=150, seed=9).tensor
    mirrored = np.concatenate([world.coordinates, world.coordinates[:, [1, 0, 2, 3]]])
    counts = np.concatenate([world.counts, world.counts])
    tensor = plain_counts(
        from_arrays(mirrored, counts, world.shape, modes=world.modes, labels=world.labels, loops=(0, 1))
    )
    absent = random_mask(tensor, 0.05, 3, MASKS[kind])
    settings = Settings(3, starts=2, iterations=60, seed=1)
    found = predictor(tensor, absent, settings)
    fits = [factorise(tensor, replace(settings, starts=1, seed=1 + n), absent) for n in range(2)]
    alone = score(tensor, absent, averaged(fits)).per_event
    assert score_rates(tensor, absent, found.rates).per_event > alone + 0.05
    assert found.weights[3] > 0.3
    cells = whole_cells(tensor, absent)
    fake = replace(tensor, counts=np.where(absent.covers(tensor.coordinates), 50.0, tensor.counts))
    np.testing.assert_array_equal(predictor(fake, absent, settings).rates(cells), found.rates(cells))
    same = score_rates(tensor, absent, lambda rows: expected_counts(tensor, averaged(fits), rows)).log_likelihood
    assert same == pytest.approx(score(tensor, absent, averaged(fits)).log_likelihood)


def test_a_peer_is_scored_on_the_same_masks(tensor):
    """A stand-in that gives back our own fit gets our own figure."""
    settings = Settings(3, seed=5, iterations=50)
    found = heldout_score(tensor, settings, masks=2, share=0.05,
                          peers={"same": lambda given, absent, seed: [factorise(given, settings, absent)]})  # fmt: skip
    assert found["baselines"]["same"] == pytest.approx(found["baselines"]["mean over starts"])


def test_the_peer_is_absent_unless_named(monkeypatch, tmp_path: Path):
    monkeypatch.delenv("INNOMINATE_BPTF", raising=False)
    assert find_peer() is None
    monkeypatch.setenv("INNOMINATE_BPTF", str(tmp_path))
    with pytest.raises(InputError, match="no folder bptf"):
        find_peer()
    with pytest.raises(InputError, match="no exposure"):
        Peer(str(tmp_path), "python").fit(plant(states=6, seed=1).tensor)


def test_plain_counts_drop_what_nobody_observed():
    tensor = plant(states=8, periods=4, seed=1).tensor
    exposure = [np.ones_like(each) for each in tensor.exposure]
    exposure[3][0, 1] = 0
    keep = tensor.coordinates[:, 3] != 1
    gap = replace(tensor, coordinates=tensor.coordinates[keep], counts=tensor.counts[keep], exposure=tuple(exposure))
    plain = plain_counts(gap)
    assert plain.labels[3] == ("2000", "2002", "2003")
    assert plain.total == gap.total
    assert plain.loops is None
    assert plain.coordinates[:, 3].max() == 2
