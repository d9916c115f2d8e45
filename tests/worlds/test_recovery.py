"""What is found again of worlds whose truth is known."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.special import ndtr

from innominate.alignment import fit_panel, model
from innominate.alignment.fit import AlignmentFit
from innominate.errors import InputError
from innominate.scoreboard.simulated import draw
from innominate.worlds import Settings, World, packaged_laws, simulate
from innominate.worlds.calibration import Ranks, calibrate, strata_table, usual_strata
from innominate.worlds.power import power_table
from innominate.worlds.recovery import Recovery, exchange_rows, matched, recover
from innominate.worlds.seen import _error, noiseless, world_panel
from innominate.worlds.turning import area_under


@pytest.fixture(scope="module")
def staggered(tmp_path_factory: pytest.TempPathFactory) -> World:
    settings = Settings(states=30, periods=20, seed=7, turns=0.02)
    return simulate(settings, tmp_path_factory.mktemp("recovery") / "world")


@pytest.fixture(scope="module")
def fit(staggered: World) -> AlignmentFit:
    return fit_panel(staggered.library(), world_panel(staggered))


@pytest.fixture(scope="module")
def found(staggered: World) -> Recovery:
    return recover(staggered, draws=2, replicates=6, parts=("alignment", "turns", "exchange"))


def test_ranks_are_uniform_with_known_and_with_estimated_parameters(fit: AlignmentFit, staggered: World) -> None:
    size = np.minimum(staggered.latent.size[staggered.latent.a], staggered.latent.size[staggered.latent.b])
    strata = usual_strata(fit.evidence, fit.panel.years, size)
    for estimated in (False, True):
        ranks = calibrate(fit.evidence, fit.parameters, replicates=8, seed=3, estimated=estimated)
        table = strata_table(ranks, strata)
        assert table.height >= 8
        assert table["corrected"].min() > 0.01, table  # type: ignore[operator]
        whole = table.row(0, named=True)
        assert whole["inside90"] == pytest.approx(0.9, abs=0.02)
        assert whole["inside50"] == pytest.approx(0.5, abs=0.03)


def test_the_test_of_ranks_notices_intervals_that_are_too_narrow(fit: AlignmentFit) -> None:
    """With every noise believed a sixth of what it is, the ranks pile up at both ends."""
    told = tuple(replace(one, noise=one.noise / 6, level=one.level / 6) for one in fit.parameters)
    rows = []
    for seed in (1, 2, 3):
        drawn, truth = draw(fit.evidence, fit.parameters, seed)
        mean, variance = model.smooth(drawn, told)
        rows.append(ndtr((truth - mean) / np.sqrt(variance))[:, -1])
    ranks = Ranks(np.array(rows), np.full((len(rows), len(rows[0])), mean.shape[1] - 1), False)
    table = strata_table(ranks, {})
    assert table["p"][0] < 1e-6


def test_recovery_table(found: Recovery) -> None:
    """The table in one place: a figure that falls below these bounds is an estimator that got worse."""
    assert found.value("alignment", "rank correlation with the truth without noise") > 0.86
    assert found.value("alignment", "rank correlation with the truth behind the acts") > 0.35
    assert found.value("alignment", "unnamed allies above other pairs without a treaty (AUC)") > 0.7
    turns = found.rows.filter(pl.col("measure") == "mean error of the date, years").row(0, named=True)
    assert turns["cases"] >= 10
    assert turns["value"] < 0.5 * turns["chance"]
    assert found.calibration["corrected"].min() > 0.01  # type: ignore[operator]
    for name, least in (("truth without noise", 0.86), ("truth behind the acts", 0.84)):
        assert least < found.value("alignment", f"{name} inside 90 %") < 0.95
        strata = found.rows.filter(pl.col("measure") == f"{name} inside 90 %")["stratum"]
        assert {stratum.split(":")[0] for stratum in strata} == {"all", "decade", "coverage", "smaller state"}


def test_a_world_of_other_laws_is_judged_by_them(tmp_path: Path) -> None:
    """Trade follows nearness only: what its acts show without noise is drawn by the same laws, not by the package's."""
    laws = packaged_laws()
    other = replace(laws, channels=laws.channels | {"trade": replace(laws.channels["trade"], spread=0.0)})
    settings = Settings(states=25, periods=6, seed=2, coverage="full", texts=False)
    made = simulate(settings, tmp_path / "w", laws=other)
    again = world_panel(simulate(settings, tmp_path / "again", laws=other, replicate=1))
    place = [series.channel for series in again.series].index("trade")
    shown = noiseless(made, ["trade"], 1).excess[0]
    np.testing.assert_array_equal(shown, np.nan_to_num(again.z[:, :, place]))


def test_what_a_library_shows_is_a_share_of_what_passed(tmp_path: Path) -> None:
    """With all that is concealed on detours or late, no flow shows more than itself, and the rest is told by itself."""
    for modes in ((0.0, 0.0, 1.0), (0.0, 1.0, 0.0)):
        settings = Settings(30, 12, 0.8, 5, coverage="full", modes=modes, texts=False)
        made = simulate(settings, tmp_path / f"{modes[1]}", channels=("trade", "arms"))
        rows = {(measure, stratum): value for _, measure, stratum, value, *_ in exchange_rows(made)}
        for (measure, _), value in rows.items():
            assert 0.0 < value <= 1.0 + 1e-9 or "detour" in measure
        assert rows["trade that the library shows", "pairs without concealment"] == pytest.approx(1.0, abs=1e-6)
        assert rows["trade that the library shows", "allies without a treaty"] < 0.9
        assert any("detour" in measure for measure, _ in rows)


def test_the_truth_without_noise_is_a_mean_over_draws(tmp_path: Path) -> None:
    """More draws, less noise: two means over many draws are closer than two over few; and votes are not the same twice."""
    made = simulate(Settings(states=16, periods=4, seed=1, texts=False), tmp_path / "w")
    channels = ["trade", "exercises", "votes"]
    few, many = noiseless(made, channels, 2), noiseless(made, channels, 4)
    assert many.composite == pytest.approx(many.excess.mean(axis=0))
    first = noiseless(made, channels, 1)
    assert (few.error >= 0).all()
    gap = (few.composite - many.composite).std()  # half of the four draws are the same two
    assert gap == pytest.approx(np.sqrt(few.error.mean() - many.error.mean()), rel=0.35)
    assert np.abs(first.excess - many.excess).mean() > np.abs(few.excess - many.excess).mean() > 0


def test_channels_that_share_acts_err_together(tmp_path: Path) -> None:
    """A mean of two channels that always show the same varies as one of them does, not half as much."""
    drawn = np.random.default_rng(2).normal(size=(8, 2, 40, 3))
    drawn[:, 1] = drawn[:, 0]
    kept = [tmp_path / f"{k}.npy" for k in range(8)]
    for file, z in zip(kept, drawn, strict=True):
        np.save(file, z)
    both = _error(kept, drawn.mean(axis=0), np.full((2, 40, 3), 0.5 / 8))
    assert both == pytest.approx(drawn[:, 0].var(axis=0, ddof=1) / 8)


def test_area_under_the_curve_by_counting() -> None:
    random = np.random.default_rng(0)
    score, true = random.normal(size=60).round(1), random.random(60) < 0.3
    naive = np.mean([(s > o) + 0.5 * (s == o) for s in score[true] for o in score[~true]])
    assert area_under(score, true) == pytest.approx(naive)
    assert area_under(score, np.zeros(60, dtype=bool)) is None


def test_a_silence_counts_as_found_in_its_words_and_near_its_date() -> None:
    planted = pl.DataFrame(
        {
            "series": ["s"],
            "kind": ["dropped"],
            "phrase": ["They called for the full implementation."],
            "first_missed": [date(2010, 5, 1)],
        }
    )
    hit = {
        "series": "s",
        "kind": "dropped",
        "phrase": "called for the full implementation",
        "first_missed": date(2010, 6, 1),
    }
    for change, expected in (
        ({}, True),
        ({"series": "t"}, False),
        ({"kind": "appeared"}, False),
        ({"phrase": "an exchange of students"}, False),
        ({"first_missed": date(2014, 6, 1)}, False),
    ):
        assert matched(planted, pl.DataFrame([hit | change])) == [expected]


@pytest.mark.filterwarnings("error:Mean of empty slice")
def test_the_smallest_world_has_a_table_too(tmp_path: Path) -> None:
    """Eight states in two years: nothing fails, and what no case tells is unknown."""
    found = recover(simulate(Settings(states=8, periods=2, seed=1), tmp_path / "w"), draws=2, replicates=1)
    assert found.calibration.columns[:3] == ["stratum", "group", "ranks"]
    assert found.rows.filter(pl.col("cases") == 0).is_empty()
    assert found.rows["value"].is_finite().all()
    json.dumps(found.plain(), allow_nan=False)


def test_questions_that_cannot_be_asked(staggered: World) -> None:
    asked: dict[str, tuple[str, dict[str, object]]] = {
        "an unknown part": ("the allowed values are alignment", {"parts": ("bogus",)}),
        "a part that is no list": ("the allowed values are alignment", {"parts": "turns"}),
        "no draw": ("at least 1", {"draws": 0}),
        "no panel": ("at least 1", {"replicates": 0}),
    }
    for reason, options in asked.values():
        with pytest.raises(InputError, match=reason):
            recover(staggered, **options)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="the allowed values are votes"):
        power_table((0.0,), sets=("bogus",))
    with pytest.raises(InputError, match=r"conceal 0\.5: a list"):
        power_table(0.5)  # type: ignore[arg-type]
