"""Planted blocs in matrices of alignment: found from a stated signal on, their number, their moves, and none in noise."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from innominate.blocs.aligned import NONE, AlignedBlocs, affiliation, chosen
from innominate.blocs.planted import adjusted_rand

Array = NDArray[np.float64]
SIZES = (9, 8, 7)
STATES = 40


def plant(
    signal: float, periods: int, seed: int, moves: tuple[int, int] | None = None
) -> tuple[Array, NDArray[np.int64]]:
    """Alignments (T, N, N) of unit spread, `signal` higher inside three blocs, and the blocs (T, N), -1 none.

    moves : a state of the first bloc and the period from which it is in the second
    """
    random = np.random.default_rng(seed)
    bloc = np.repeat(np.r_[np.repeat(np.arange(3), SIZES), np.full(STATES - sum(SIZES), -1)][None], periods, axis=0)
    if moves is not None:
        bloc[moves[1] :, moves[0]] = 1
    y = np.empty((periods, STATES, STATES))
    for t in range(periods):
        noise = np.triu(random.normal(size=(STATES, STATES)), 1)
        same = (bloc[t][:, None] == bloc[t][None]) & (bloc[t] >= 0)[:, None]
        y[t] = noise + noise.T + signal * same
        np.fill_diagonal(y[t], np.nan)
    return y, bloc


@pytest.mark.parametrize("seed", range(3))
def test_planted_blocs_and_their_number_are_found_from_a_signal_of_two_spreads(seed: int) -> None:
    y, bloc = plant(2.0, 1, seed)
    found = chosen(y, np.zeros_like(y), most=4, seed=seed)
    member = bloc[0] >= 0
    assert (found.shares[0].sum(axis=0) > 2.0)[:-1].sum() == 3
    assert adjusted_rand(bloc[0][member], found.foremost[0][member]) >= 0.95
    alone = found.shares[0][~member][:, -1]
    assert alone.mean() > 0.8
    together = found.together()[0]
    same = (bloc[0][:, None] == bloc[0][None]) & member[:, None]
    np.fill_diagonal(same, False)
    assert together[same].mean() > 0.9 > 0.1 > together[~same & ~np.eye(STATES, dtype=bool)].mean()


def test_faint_blocs_need_more_periods() -> None:
    scores = []
    for periods in (1, 12):
        y, bloc = plant(0.8, periods, 1)
        found = affiliation(y, np.zeros_like(y), 3, seed=0)
        member = bloc[-1] >= 0
        scores.append(adjusted_rand(bloc[-1][member], found.foremost[-1][member]))
    assert scores[0] < 0.6
    assert scores[1] >= 0.95


def test_no_blocs_are_found_in_noise() -> None:
    y, _ = plant(0.0, 4, 3)
    found = chosen(y, np.zeros_like(y), most=4, seed=0)
    assert found.shares[:, :, :-1].sum() < 0.1 * STATES * 4


def test_a_move_is_dated() -> None:
    y, _ = plant(2.0, 10, 5, moves=(0, 6))
    found = affiliation(y, np.zeros_like(y), 3, seed=0)
    mates = found.together()[:, 0]
    first, second = mates[:, 1:9].mean(axis=1), mates[:, 9:17].mean(axis=1)
    assert ((first > second) == (np.arange(10) < 6)).all()


def test_what_is_known_badly_counts_little() -> None:
    """A pair whose errors are huge may show anything."""
    y, bloc = plant(2.5, 1, 2)
    sampling = np.zeros_like(y)
    y[0, 0, 20:], sampling[0, 0, 20:] = 9.0, 400.0
    y[0, 20:, 0], sampling[0, 20:, 0] = 9.0, 400.0
    found = affiliation(y, sampling, 3, seed=0)
    member = bloc[0] >= 0
    assert adjusted_rand(bloc[0][member], found.foremost[0][member]) == 1.0


def test_the_table_has_all_probabilities() -> None:
    y, _ = plant(2.0, 2, 0)
    found = affiliation(y, np.zeros_like(y), 3, seed=0)
    blocs = AlignedBlocs(tuple(f"S{k:02d}" for k in range(STATES)), np.array([2000, 2003], dtype=np.int32), found)
    table = blocs.table()
    assert set(table["bloc"]) <= {"A", "B", "C", NONE}
    whole = table.group_by("state", "year").agg(pl.col("probability").sum())
    assert whole["probability"].to_numpy() == pytest.approx(1.0)
    assert blocs.together("S00", "S01")["probability"].min() > 0.9  # type: ignore[operator]
