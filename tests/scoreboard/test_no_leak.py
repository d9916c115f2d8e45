"""Nothing after a year is used in what is said of it: the future is replaced by garbage, and no bit moves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from innominate.scoreboard.truncated import AsOf, as_of
from tests.scoreboard.synthetic import FIRST, library

SCORED, NOW = (FIRST + 3, FIRST + 6), FIRST + 4


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scoreboard")


@pytest.fixture(scope="module")
def honest(folder: Path) -> AsOf:
    return as_of(library(folder / "honest", 1), SCORED)


@pytest.fixture(scope="module")
def poisoned(folder: Path) -> AsOf:
    return as_of(library(folder / "poisoned", 1, poisoned_after=NOW), SCORED)


def test_poisoning_the_future_moves_no_bit_of_the_past(honest: AsOf, poisoned: AsOf) -> None:
    past = honest.years <= NOW
    assert past.sum() == 2
    for name in ("score", "now", "ahead", "variance"):
        mine, theirs = getattr(honest, name), getattr(poisoned, name)
        assert mine[..., past].tobytes() == theirs[..., past].tobytes(), name
    moved = ~np.isclose(honest.score[:, ~past], poisoned.score[:, ~past], equal_nan=True)
    assert moved.any(axis=0).all()  # the poison does work where it may


def test_parameters_of_the_past_do_not_move_either(honest: AsOf, poisoned: AsOf) -> None:
    for y in np.flatnonzero(honest.years <= NOW):
        assert sorted(honest.parameters[y]) == sorted(poisoned.parameters[y])
        for name, found in honest.parameters[y].items():
            np.testing.assert_array_equal(found.free(), poisoned.parameters[y][name].free())


def test_treaties_do_not_enter_the_score(folder: Path, honest: AsOf) -> None:
    other = as_of(library(folder / "treaties", 1, treaties=77), SCORED)
    assert honest.score.tobytes() == other.score.tobytes()


def test_acts_are_what_the_scores_rest_on(folder: Path, honest: AsOf) -> None:
    other = as_of(library(folder / "other", 2), SCORED)
    alive = np.isfinite(honest.score)
    assert np.nanstd(honest.score) > 0.001
    assert not np.array_equal(honest.score[alive], other.score[alive])
