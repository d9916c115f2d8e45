"""The tasks on a small library: oracles, chance, persistence beside everything, the same figures every time."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from innominate.errors import InputError
from innominate.ledger import Library
from innominate.ledger.channels import Theme, channels_of
from innominate.scoreboard import scoreboard
from innominate.scoreboard.coverage import MODEL, coverage
from innominate.scoreboard.foretelling import filled, judge, pacts_ahead, since
from innominate.scoreboard.outcomes import defence_pacts, troop_support
from innominate.scoreboard.simulated import simulated
from innominate.scoreboard.truncated import AsOf, as_of, look_back, unfinished
from innominate.scoreboard.widths import Aim, Errors
from tests.alignment.simulated import draw
from tests.scoreboard.synthetic import FIRST, library

YEARS = (FIRST + 4, FIRST + 7)


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return library(tmp_path_factory.mktemp("tasks") / "library", 5)


@pytest.fixture(scope="module")
def known(held: Library) -> AsOf:
    return as_of(held, YEARS)


@pytest.fixture(scope="module")
def drawn() -> AsOf:
    return look_back(draw(3, states=60, periods=40, missing=0.2).panel, (2000, 2028))


def test_an_oracle_scores_one_and_chance_a_half(held: Library, known: AsOf) -> None:
    setting = pacts_ahead(known, defence_pacts(held, known.panel))
    assert setting.positive.any()
    truth = setting.positive.astype(float)
    chance = np.random.default_rng(0).random(truth.shape)
    rows = {row.metric: row for row in judge(setting, truth, {"chance": chance, "persistence": chance})}
    assert rows["auc"].value == 1.0
    assert rows["auc"].baselines["chance"] == pytest.approx(0.5, abs=0.1)
    assert rows["auc"].more["on_known"]["chance"]["ours"] == 1.0
    low, high = (rows["auc"].more["differences"]["chance"][end] for end in ("low", "high"))
    assert 0.3 < low <= high < 0.7


def test_a_theme_scores_as_a_library_of_its_channels_alone(held: Library, known: AsOf) -> None:
    found = 0
    for theme in get_args(Theme):
        own = set(channels_of(theme)) & set(known.names)
        if own:
            alone = look_back(known.panel.select(own), YEARS)
            np.testing.assert_allclose(known.theme(theme), alone.score, rtol=0, atol=1e-6)
            found += np.isfinite(alone.score).any()
        else:
            assert np.isnan(known.theme(theme)).all()
    assert found > 1


def test_outcomes_are_what_the_tables_say(held: Library, known: AsOf) -> None:
    pacts, troops = defence_pacts(held, known.panel), troop_support(held, known.panel)
    setting = pacts_ahead(known, pacts)
    a, b = (np.array(known.panel.states)[places] for places in (known.panel.a, known.panel.b))
    spells = {
        (row["a"], row["b"]): row["start"].year for row in held.query("SELECT * FROM commitments").iter_rows(named=True)
    }
    for pair in np.flatnonzero(setting.positive.any(axis=1) | setting.open.all(axis=1))[:400]:
        start = spells.get((str(a[pair]), str(b[pair])), 9999)
        for y, year in enumerate(int(year) for year in known.years):
            assert setting.open[pair, y] == (start > year)
            assert setting.positive[pair, y] == (start <= year + 5)
    sent = held.query("SELECT DISTINCT source, target, year(start) AS y FROM acts WHERE channel = 'troop-support'")
    assert troops.happens.sum() == sent.height


def test_unknown_pairs_stand_in_the_middle() -> None:
    values = np.array([[1.0], [np.nan], [3.0], [2.0], [np.nan]])
    asked = np.array([[True], [True], [True], [True], [False]])
    np.testing.assert_array_equal(filled(values, asked)[:4, 0], [1, 2, 3, 2])


def test_persistence_is_beside_every_score_and_the_figures_do_not_change(held: Library) -> None:
    tasks = ("new-pacts", "troops", "held-out-channel", "coverage", "persistence")
    first, second = (json.dumps([row.as_dict() for row in scoreboard(held, tasks, YEARS)]) for _ in range(2))
    assert first == second
    rows = json.loads(first)
    assert {row["task"] for row in rows} >= {"new-pacts", "troops", "troops-new", "held-out-channel", "coverage"}
    for row in rows:
        assert {"task", "metric", "value", "baselines", "low", "high", "n"} <= set(row)
        if row["task"] != "persistence" and not row["metric"].startswith("truth"):
            assert any(name.startswith("persistence") for name in row["baselines"]), row["metric"]
    named = {name for row in rows for name in row["baselines"]}
    assert {"S (votes)", "S (alliance portfolios)", "vote cosine", "joint IGOs", "kappa (votes)"} <= named


def test_years_before_the_first_are_not_judged(held: Library, known: AsOf) -> None:
    setting = since(pacts_ahead(known, defence_pacts(held, known.panel)), YEARS[0] + 2)
    assert not setting.open[:, :2].any()
    assert setting.open[:, 2:].any()


def test_next_years_observations_are_inside_where_the_model_is_true(drawn: AsOf) -> None:
    rows = {row.metric: row for row in coverage(drawn)}
    assert rows["inside-90/all"].value == pytest.approx(0.90, abs=0.015)
    assert rows["inside-50/all"].value == pytest.approx(0.50, abs=0.02)
    assert rows["inside-90/composite"].value == pytest.approx(0.90, abs=0.02)
    assert rows["inside-90/all"].baselines[MODEL] == pytest.approx(0.90, abs=0.015)
    assert rows["inside-50/all"].baselines[MODEL] == pytest.approx(0.50, abs=0.02)
    assert rows["inside-90/composite"].baselines[MODEL] == pytest.approx(0.90, abs=0.02)


def test_drawn_truth_is_inside(drawn: AsOf) -> None:
    rows = {row.metric: row for row in simulated(drawn, seed=4)}
    assert rows["truth-inside-90"].value == pytest.approx(0.90, abs=0.02)
    assert rows["truth-inside-50"].value == pytest.approx(0.50, abs=0.02)


def test_learnt_widths_are_the_quantiles_of_what_was_seen() -> None:
    rng = np.random.default_rng(2)
    stratum = np.repeat([0, 1], 5000)
    error = np.concatenate([rng.standard_t(2, size=5000), 0.1 * rng.normal(size=5000)])
    found = Errors.none(2).learn(error, stratum)
    for level in (0.5, 0.9):
        for part in (0, 1):
            expected = np.quantile(np.abs(error[stratum == part]), level)
            assert found.reach(level)[part] == pytest.approx(expected, rel=0.03)
    np.testing.assert_allclose(Errors.none(3).reach(0.9), 1.6449, atol=1e-4)
    each = found.reach(np.array([0.5, 0.9]))
    np.testing.assert_array_equal(each, [found.reach(0.5)[0], found.reach(0.9)[1]])


def test_intervals_keep_their_level_when_times_change() -> None:
    """Errors grow by a tenth every year: quantiles of the past fall behind for good, the level that adapts catches up."""
    rng = np.random.default_rng(3)
    stratum = np.zeros(2000, dtype=np.intp)
    errors, aim, adapted, plain = Errors.none(1), Aim.at(0.9, 1), [], []
    for year in range(50):
        error = np.abs(1.1**year * rng.normal(size=2000))
        adapted.append((error <= errors.reach(aim.asked)[0]).mean())
        plain.append((error <= errors.reach(0.9)[0]).mean())
        aim = aim.after(np.array([adapted[-1] * 2000]), np.array([2000.0]))
        errors = errors.learn(error, stratum)
    for decade in range(20, 50, 10):
        assert np.mean(adapted[decade : decade + 10]) == pytest.approx(0.9, abs=0.01)
        assert np.mean(plain[decade : decade + 10]) < 0.85
    np.testing.assert_array_equal(aim.after(np.zeros(1), np.zeros(1)).asked, aim.asked)


def test_the_last_point_of_a_filter(drawn: AsOf) -> None:
    """The score of a period equals smoothing a panel that ends there, with the parameters in use then."""
    from innominate.alignment import model

    y = 11
    t = drawn.scored[y]
    panel = drawn.panel
    cut = replace(
        panel,
        periods=panel.periods[: t + 1],
        z=panel.z[:, : t + 1],
        variance=panel.variance[:, : t + 1],
        alive=panel.alive[:, : t + 1],
    )
    evidence = model.prepare(cut)
    mean, _ = model.smooth(evidence, tuple(drawn.parameters[y][one.channel] for one in evidence.channels))
    np.testing.assert_allclose(drawn.score[:, y], mean[:, -1], atol=1e-9)


def test_amounts_known_only_later_are_left_out(tmp_path: Path) -> None:
    from datetime import date

    import polars as pl

    from tests.scoreboard import synthetic

    made = library(tmp_path / "long", 5)
    assert unfinished(made) == []
    act = synthetic._act("ARG", "BRA", "arms", "", date(2003, 1, 1), date(2006, 1, 1), 9.0) | {"dataset": "deals"}
    synthetic._store(made, "deals", {"acts": pl.DataFrame([act]), "coverage": synthetic._covered("deals", ("arms",))})
    assert unfinished(made) == ["arms"]


def test_faults_of_the_arguments_are_named(held: Library) -> None:
    with pytest.raises(InputError, match="the tasks are"):
        scoreboard(held, ["weather"])
    with pytest.raises(InputError, match="--peers"):
        scoreboard(held, ["ideal-points"])
