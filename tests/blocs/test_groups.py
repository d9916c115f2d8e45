"""Groups that act k at a time: found where planted, not where there are only pairs, against counts made row by row."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from innominate import Study, blocs
from innominate.blocs.occasions import occasions, weeks
from innominate.errors import InputError
from innominate.ledger import Library
from tests.blocs import libraries
from tests.blocs.libraries import FIRST, LAST, STATES

YEARS = (FIRST, LAST)
THREE = list(STATES[:3])


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Library:
    made = libraries.library(tmp_path_factory.mktemp("planted"))
    libraries.exercises(made, libraries.drills(1, triple=0.05))
    libraries.statements(made, libraries.drills(4, triple=0.05, events=400))
    libraries.votes(made, libraries.blocs_of_votes(1, 0.1))
    pairs = list(itertools.combinations(STATES[:8], 2))
    random = np.random.default_rng(2)
    met = random.random((200, len(pairs))) < 0.1
    together = [n for n, pair in enumerate(pairs) if set(pair) <= set(THREE)]
    met[np.ix_(np.arange(0, 200, 10), together)] = True
    libraries.weeks(made, met, pairs)
    return made


def test_the_public_functions_can_be_called_twice(planted: Library) -> None:
    for _ in range(2):
        assert blocs.klateral(planted, THREE, "exercises", YEARS).test is not None
        assert callable(blocs.cards)
        assert callable(blocs.counts)
        assert callable(blocs.factorise)
        assert callable(blocs.lifecycle)


def test_exercises_and_votes_are_those_of_the_rows(planted: Library) -> None:
    rows = libraries.drills(1, triple=0.05)
    rows = rows[rows.sum(axis=1) >= 2]  # an exercise of one is no act between two
    seen = occasions(planted, "exercises", YEARS).took_part(THREE)
    assert np.array_equal(seen.sum(axis=0), rows[:, :3].sum(axis=0))
    assert seen.all(axis=1).sum() == rows[:, :3].all(axis=1).sum()
    joint = against = 0
    for table in libraries.blocs_of_votes(1, 0.1).values():
        for r in range(table.shape[1]):
            side = np.sign(table[3:, r].sum())
            against += side != 0
            joint += side != 0 and (table[:3, r] == -side).all()
    took_part = occasions(planted, "votes", YEARS).took_part(THREE)
    assert len(took_part) == against
    assert took_part.all(axis=1).sum() == joint


def test_a_statement_of_several_publishers_is_one_occasion(planted: Library) -> None:
    rows = libraries.drills(4, triple=0.05, events=400)
    rows = rows[rows.sum(axis=1) >= 2]  # nobody states anything jointly alone
    seen = occasions(planted, "statements", YEARS).took_part(THREE)
    assert np.array_equal(seen.sum(axis=0), rows[:, :3].sum(axis=0))
    assert seen.all(axis=1).sum() == rows[:, :3].all(axis=1).sum()


def test_weeks_of_three_are_counted(planted: Library) -> None:
    active, threes, named = weeks(planted, YEARS).of(THREE)
    assert named == tuple(THREE)
    assert active[:, threes[0]].all(axis=1).sum() >= 20


def test_what_was_planted_is_found_and_stands_out(planted: Library) -> None:
    told = {answer.found.evidence: answer for answer in blocs.answers(planted, THREE, YEARS, groups=30)}
    for kind in ("exercises", "statements", "meetings"):
        assert told[kind].beyond, told[kind].reading
        assert told[kind].placebo.significant <= 0.1
    assert told["conflict"].found.test is None
    assert told["conflict"].found.years is None
    assert told["conflict"].reading == "unknown: no data on dated acts of conflict in this library"


def test_others_do_not_stand_out(planted: Library) -> None:
    others = blocs.answers(planted, STATES[4:7], YEARS, evidence=["exercises"], groups=30)
    assert not others[0].beyond


def test_where_nothing_is_on_record_coverage_says_what_that_means(planted: Library) -> None:
    after = blocs.klateral(planted, THREE, "exercises", (LAST + 2, LAST + 5))
    assert (after.years, after.verdict) == (None, f"unknown: exercises are covered from {FIRST} to {LAST}")
    strangers = blocs.klateral(planted, ["FIN", "NZL", "SWE"], "exercises", (FIRST, LAST + 5))
    assert strangers.verdict == f"no exercises in {FIRST}–{LAST} by Finland, New Zealand, Sweden"
    sample = {
        one.found.evidence: one.reading for one in blocs.answers(Library.sample(), ["CHN", "RUS", "PRK"], (2012, 2024))
    }
    assert sample["exercises"] == "unknown: no data on exercises in this library"
    assert sample["votes"] == "unknown: only yearly sums, no roll calls in this library"


def test_the_study_answers_the_same(planted: Library) -> None:
    ours = Study(planted, YEARS).together(THREE, evidence=["exercises"])
    assert ours[0].found == blocs.answers(planted, THREE, YEARS, evidence=["exercises"])[0].found


def test_bad_questions(planted: Library) -> None:
    with pytest.raises(InputError, match="allowed values"):
        blocs.klateral(planted, THREE, "gossip", YEARS)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="three members"):
        blocs.klateral(planted, THREE[:2], "votes", YEARS)


@pytest.mark.parametrize(("share", "low", "high"), [(0.0, -0.05, 0.1), (0.3, 0.2, 0.8)])
def test_turnover_of_the_circle_in_votes(tmp_path: Path, share: float, low: float, high: float) -> None:
    """Nobody moves: nothing beyond noise. Three states in ten change camp every year: much of the circle is replaced."""
    made = libraries.library(tmp_path)
    libraries.votes(made, libraries.blocs_of_votes(3, share))
    found = blocs.churn(blocs.near(blocs.roll_calls(made, YEARS), THREE, YEARS, draws=60), size=15)
    assert found is not None
    assert low < np.median(found.draws) < high
    assert found.inside.mean() > 0.9
    assert blocs.churn(blocs.near(blocs.roll_calls(made, YEARS), THREE, (FIRST, FIRST)), size=15) is None


def test_real_groups(full_library: Library) -> None:
    """The Gulf states meet several at a time; China, Russia and North Korea do no more than their pairs imply."""
    gulf = blocs.answers(full_library, blocs.GROUPS["GCC"], (2018, 2023), evidence=["meetings"], groups=30)[0]
    assert gulf.found.test is not None
    assert gulf.found.test.joint > 1.5 * gulf.found.test.high
    three = blocs.answers(full_library, ["CHN", "RUS", "PRK"], (1991, 2024), evidence=["votes", "meetings"], groups=30)
    assert not any(answer.beyond for answer in three)
