"""Held-out scores against dense sums, and their baselines."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import poisson

from innominate.blocs.factorisation import Settings, factorise
from innominate.blocs.heldout import margins, predictive, random_mask, score, score_last_period
from innominate.blocs.peer import Peer, find_peer
from innominate.blocs.planted import plant
from innominate.blocs.scoring import MASKS, heldout_score, plain_counts
from innominate.blocs.tensor import from_arrays, whole_cells
from innominate.errors import InputError


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
    assert set(found["baselines"]) == {"one start", "product of margins", "last period", "one component"}
    assert found["value"] > found["baselines"]["product of margins"]
    assert found["n"] > 0


def test_a_peer_is_scored_on_the_same_masks(tensor):
    """A stand-in that gives back our own fit gets our own figure."""
    settings = Settings(3, seed=5, iterations=50)
    found = heldout_score(tensor, settings, masks=2, share=0.05,
                          peers={"same": lambda given, absent, seed: [factorise(given, settings, absent)]})  # fmt: skip
    assert found["baselines"]["same"] == pytest.approx(found["value"])


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
