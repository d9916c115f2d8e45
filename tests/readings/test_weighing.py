"""Readings weighed where the answer is known, by closed forms, naive draws and planted paths."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from innominate import InputError, Study
from innominate.alignment import model
from innominate.alignment.composite import portions
from innominate.readings import Quantity, Reading, confusion, diagnostic, sensitivity, weigh, what_would_change
from innominate.readings.features import correlation, features, lead
from innominate.readings.ground import Ground
from innominate.readings.weighing import alone
from tests.readings.planted import EARLY, LATE, STATES, expects, step, study

RISING = {"BRA-CHL": step(0.0, 1.5), "BRA-PER": step(1.0, 1.0), "CHL-PER": step(0.5, 0.5)}


@pytest.fixture(scope="module")
def made() -> Study:
    return study(RISING)


def ground(made: Study, *expected: object, needed: int = 3) -> Ground:
    return Ground.of(made, [Reading("one", "One", "", tuple(expected))], needed)  # type: ignore[arg-type]


def trajectory(held: Ground, text: str, after: bool) -> tuple[np.ndarray, np.ndarray]:
    quantity = Quantity.parse(text)
    measure = held.measure(quantity)
    assert measure is not None
    mean, covariance = measure.offset.copy(), np.zeros((len(held.years),) * 2)
    for key, weight in zip(held.keys(quantity, measure), measure.weights.values(), strict=True):
        own, spread = held.moments(key, after)
        mean, covariance = mean + weight * own, covariance + weight**2 * spread
    return mean, covariance


def test_trajectories_after_the_data_are_those_of_the_fit(made: Study) -> None:
    held, fit = ground(made, expects("alignment BRA-CHL", "rises")), made.alignment()
    mean, covariance = trajectory(held, "alignment BRA-CHL", after=True)
    pair = fit.panel.pair("BRA", "CHL")
    steady, spread = model.smooth(fit.evidence, fit.parameters)  # at the mean speed, but averaged over classes
    sd = np.sqrt(spread[pair]) / fit.scale.unit
    assert np.abs(mean - fit.scale.alignment(steady[pair])).max() < 0.35 * sd.mean()
    assert np.sqrt(np.diag(covariance)) == pytest.approx(sd, rel=0.35)


def test_the_prior_mass_of_a_rise_is_that_of_a_gaussian_pair(made: Study) -> None:
    held = ground(made, expects("alignment BRA-CHL", "rises", margin=0.2))
    fit = made.alignment()
    years = held.years
    weight = ((years >= LATE.first) & (years <= LATE.last)) / 6 - ((years >= EARLY.first) & (years <= EARLY.last)) / 6
    apart = np.abs(years[:, None] - years[None, :])
    channels = [found.channel for found in fit.parameters]
    shares = dict(zip(channels, portions(channels), strict=True))
    variance = 0.0
    for (_, channel), strand in held.strands.items():
        moving = strand.prior.scale**2 * strand.prior.persistence**apart
        variance += float(shares[channel] ** 2 * (weight @ moving @ weight))
    sd = np.sqrt(variance) / fit.scale.unit
    before, _ = alone(held, expects("alignment BRA-CHL", "rises", margin=0.2))
    assert before.value == pytest.approx(norm.sf(0.2 / sd), rel=1e-6)


@pytest.mark.parametrize("after", [False, True])
def test_masses_agree_with_naive_draws_of_trajectories(made: Study, after: bool) -> None:
    held = ground(
        made, expects("alignment BRA-PER", "rises"), expects("alignment BRA-PER", "moves-with", "alignment CHL-PER"),
        expects("security BRA-PER", "larger", "security CHL-PER"),
    )  # fmt: skip
    rng, n = np.random.default_rng(1), 40000
    paths = {}
    for key in held.strands:
        own, spread = held.moments(key, after)
        paths[key] = own + rng.standard_normal((n, len(own))) @ np.linalg.cholesky(spread + 1e-10 * np.eye(len(own))).T

    def drawn(text: str) -> np.ndarray:
        quantity = Quantity.parse(text)
        measure = held.measure(quantity)
        assert measure is not None
        keys = zip(held.keys(quantity, measure), measure.weights.values(), strict=True)
        return measure.offset + sum(weight * paths[key] for key, weight in keys)

    years = held.years
    late, early = ((years >= span.first) & (years <= span.last) for span in (LATE, EARLY))
    own, other = drawn("alignment BRA-PER"), drawn("alignment CHL-PER")
    inside = (years >= EARLY.first) & (years <= LATE.last)
    rises = own[:, late].mean(1) - own[:, early].mean(1) >= 0
    together = [
        np.corrcoef(np.r_[a, -a], np.r_[b, -b])[0, 1] >= 0
        for a, b in zip(np.diff(own[:, inside]), np.diff(other[:, inside]), strict=True)
    ]
    larger = drawn("security BRA-PER")[:, late].mean(1) >= drawn("security CHL-PER")[:, late].mean(1)
    naive = (rises & np.array(together) & larger).mean()
    asked = (
        expects("alignment BRA-PER", "rises"), expects("alignment BRA-PER", "moves-with", "alignment CHL-PER"),
        expects("security BRA-PER", "larger", "security CHL-PER"),
    )  # fmt: skip
    held_by = weigh(made, [Reading("one", "One", "", asked)]).supports[0]
    mass = held_by.posterior if after else held_by.prior
    assert abs(mass.value - naive) < 4 * np.sqrt(naive * (1 - naive) / n + mass.error**2)


def test_what_was_planted_is_found(made: Study) -> None:
    readings = [
        Reading("rise", "Rise", "", (expects("alignment BRA-CHL", "rises", margin=0.1),)),
        Reading("fall", "Fall", "", (expects("alignment BRA-CHL", "falls", margin=0.1),)),
        Reading("flat", "Flat", "", (expects("alignment BRA-CHL", "flat", margin=0.1),)),
    ]
    found = weigh(made, readings)
    assert found.best() == "rise"
    assert found.probabilities()["rise"] > 0.99
    prior = sum(one.prior.value for one in found.supports)
    assert prior == pytest.approx(1.0, abs=1e-6)  # the three exclude each other and leave nothing out
    assert sum(one.posterior.value for one in found.supports) == pytest.approx(1.0, abs=1e-6)
    assert found.none_prior.value == 0.0
    assert found.none_factor == 0.0


def test_order_of_expectations_states_and_readings_does_not_matter(made: Study) -> None:
    asked = (expects("alignment BRA-PER", "does-not-rise", margin=0.3), expects("alignment CHL-PER", "above", level=0.2),
             expects("alignment BRA-PER", "leads", "alignment CHL-PER"))  # fmt: skip
    one = weigh(made, [Reading("x", "X", "", asked)]).supports[0]
    other = weigh(made, [Reading("x", "X", "", asked[::-1])]).supports[0]
    assert other.factor == pytest.approx(one.factor, rel=4 * (one.error + other.error) + 1e-9)
    assert Quantity.parse("alignment PER-BRA") == Quantity.parse("alignment BRA-PER")


def test_leading_is_following_the_other_way_round(made: Study) -> None:
    pairs = [("alignment BRA-CHL", "alignment BRA-PER"), ("alignment BRA-PER", "alignment BRA-CHL")]
    leads = weigh(made, [Reading("x", "X", "", (expects(pairs[0][0], "leads", pairs[0][1]),))]).supports[0]
    follows = weigh(made, [Reading("x", "X", "", (expects(pairs[1][0], "follows", pairs[1][1]),))]).supports[0]
    assert leads.prior.value == pytest.approx(0.5, abs=0.02)
    assert leads.posterior.value == pytest.approx(follows.posterior.value, abs=0.03)


def test_lead_and_correlation_of_changes() -> None:
    a, b = np.array([[0, 1, 0, 0.0]]), np.array([[0, 0, 1, 0.0]])
    assert lead(a, b, 2) > 0
    assert lead(a, b, 2) == -lead(b, a, 2)
    assert lead(a, a, 2) == 0
    assert correlation(a, a) == pytest.approx(1)
    assert correlation(a, -a) == pytest.approx(-1)


def test_time_turned_round_turns_rises_into_falls() -> None:
    forward, back = study({"BRA-CHL": step(0, 1)}, noise=0.2), study({"BRA-CHL": step(1, 0)}, noise=0.2)
    rise = weigh(forward, [Reading("x", "X", "", (expects("alignment BRA-CHL", "rises", margin=0.1),))]).supports[0]
    fall = weigh(back, [Reading("x", "X", "", (expects("alignment BRA-CHL", "falls", margin=0.1),))]).supports[0]
    assert rise.prior.value == pytest.approx(fall.prior.value, rel=0.1)
    assert rise.posterior.value > 0.99
    assert fall.posterior.value > 0.99


def test_expectations_that_exclude_each_other_are_refused(made: Study) -> None:
    asked = (expects("alignment BRA-CHL", "rises", margin=0.5), expects("alignment BRA-CHL", "falls", margin=0.5))
    with pytest.raises(InputError, match="no trajectory fits"):
        weigh(made, [Reading("x", "X", "", asked)])


def test_a_channel_that_ended_in_between_does_not_count() -> None:
    ended = study({"BRA-CHL": step(1.0, 1.0)}, arms=(2010, 2019))
    held = ground(ended, expects("alignment BRA-CHL", "rises"))
    assert held.yardsticks.dropped == {"arms"}
    assert "arms" not in held.measure(Quantity.parse("alignment BRA-CHL")).weights  # type: ignore[union-attr]
    assert "arms" in held.with_all_channels().measure(Quantity.parse("alignment BRA-CHL")).weights  # type: ignore[union-attr]
    weighed = weigh(ended, [Reading("x", "X", "", (expects("arms BRA-CHL", "rises"),))])
    assert not weighed.supports[0].testable
    assert weighed.supports[0].factor == 1.0


def test_too_few_channels_leave_an_expectation_out(made: Study) -> None:
    asked = (expects("alignment BRA-CHL", "rises", margin=0.1), expects("economy BRA-CHL", "rises"))
    assert len(weigh(made, [Reading("x", "X", "", asked)], needed=6).supports[0].tested) == 2
    few = weigh(made, [Reading("x", "X", "", asked)], needed=7).supports[0]
    assert [one.what.name for one in few.left_out] == ["alignment"]


def test_leaving_the_evidence_out_takes_the_support_away(made: Study) -> None:
    reading = Reading("rise", "Rise", "", (expects("alignment BRA-CHL", "rises", margin=0.3),))
    weighed = weigh(made, [reading])
    blind = weighed.again(
        weighed.ground.with_strands([one.without() for one in weighed.ground.strands.values()]), after_only=True
    )
    assert blind.supports[0].factor == pytest.approx(1.0, rel=1e-6)
    omissions = diagnostic(weighed, "rise")
    whole = [one for one in omissions if one.year is None]
    assert {one.channel for one in whole} == {name for _, name in weighed.ground.strands}
    for one in whole:  # recomputed by hand
        kept = [strand for strand in weighed.ground.strands.values() if strand.key[1] == one.channel]
        bare = weighed.again(weighed.ground.with_strands([strand.without() for strand in kept]), after_only=True)
        assert one.factors["rise"] == pytest.approx(bare.supports[0].factor, rel=1e-3)


def test_what_would_change_the_judgement_does() -> None:
    made = study({"BRA-CHL": step(0.0, 0.25)}, noise=0.1)
    readings = [
        Reading("rise", "Rise", "", (expects("alignment BRA-CHL", "rises", margin=0.1),)),
        Reading("not", "Not", "", (expects("alignment BRA-CHL", "does-not-rise", margin=0.1),)),
    ]
    weighed = weigh(made, readings)
    turning = next(one for one in what_would_change(weighed) if one.by is not None)
    assert (turning.now, turning.then) == ("rise", "not")
    mean, _ = trajectory(weighed.ground, "alignment BRA-CHL", after=True)
    years = weighed.ground.years
    change = (
        mean[(years >= LATE.first) & (years <= LATE.last)].mean()
        - mean[(years >= EARLY.first) & (years <= EARLY.last)].mean()
    )
    prior = weighed.supports[0].prior.value
    assert turning.by is not None
    assert turning.by == pytest.approx(
        -(change - 0.1), abs=0.35 * change
    )  # near the margin; not on it: prior masses differ
    assert 0 < prior < 0.5


def test_sensitivity_changes_one_thing_at_a_time(made: Study) -> None:
    weighed = weigh(made, [Reading("rise", "Rise", "", (expects("alignment BRA-CHL", "rises", margin=0.1),))])
    found = sensitivity(weighed)
    assert {one.name for one in found if one.kind == "channel dropped"} == {name for _, name in weighed.ground.strands}
    half = next(one for one in found if one.name == "halved")
    again = weigh(made, [weighed.readings[0].moved(margins=0.5)])
    assert half.factors["rise"] == pytest.approx(again.supports[0].factor, rel=0.02)
    assert all(one.best == "rise" for one in found if one.kind in ("margins", "windows"))


def test_readings_are_recovered_on_panels_drawn_from_them(made: Study) -> None:
    readings = [
        Reading("apart", "Apart", "", (expects("alignment BRA-CHL", "rises", margin=0.4), expects("alignment BRA-PER", "falls", margin=0.4))),
        Reading("joint", "Joint", "", (expects("alignment BRA-CHL", "rises", margin=0.4), expects("alignment BRA-PER", "rises", margin=0.4))),
    ]  # fmt: skip
    found = confusion(weigh(made, readings), panels=30)
    right = found.counts.filter(found.counts["drawn"] == found.counts["found"])
    assert dict(right.select("drawn", "panels").iter_rows())["apart"] >= 24
    assert dict(right.select("drawn", "panels").iter_rows())["joint"] >= 24


def test_on_panels_of_the_model_itself_factors_average_one(made: Study) -> None:
    readings = [Reading("rise", "Rise", "", (expects("alignment BRA-CHL", "rises", margin=0.1),)),
                Reading("both", "Both", "", (expects("alignment BRA-CHL", "does-not-rise"), expects("alignment BRA-PER", "above", level=0.1)))]  # fmt: skip
    found = confusion(weigh(made, readings), panels=200)
    for name, mean in found.factors.items():
        assert abs(mean - 1.0) < 4 * found.errors[name]


def test_the_same_study_gives_the_same_answer(made: Study) -> None:
    asked = [Reading("x", "X", "", (expects("alignment BRA-PER", "moves-with", "alignment CHL-PER"),))]
    assert weigh(made, asked, seed=3).table().equals(weigh(made, asked, seed=3).table())


def test_features_hold_where_bounds_do(made: Study) -> None:
    one = expects("alignment BRA-CHL", "flat", margin=0.2)
    made_of = features(ground(made, one), [one])
    holds = made_of.holds(np.array([[0.1], [0.3], [-0.2], [-0.5]]))
    assert holds[one].tolist() == [True, False, True, False]


def test_pairs_and_resolutions_that_do_not_fit_are_refused(made: Study) -> None:
    with pytest.raises(InputError, match="not in this panel"):
        weigh(made, [Reading("x", "X", "", (expects("alignment CHN-RUS", "rises"),))])
    with pytest.raises(InputError, match="no reading to weigh"):
        weigh(made, [])
    monthly = Study(made.library, made.years, resolution="month")
    with pytest.raises(InputError, match="year by year"):
        weigh(monthly, [Reading("x", "X", "", (expects("alignment BRA-CHL", "rises"),))])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("alignment", "is no quantity"),
        ("alignment BRA", "is no quantity"),
        ("alignmant BRA-CHL", "did you mean 'alignment'"),
        ("trade BRA-BRA", "two different states"),
        ("visits BRA>CHL", "no flow of 'visits'"),
        ("security BRA>CHL", "no flow of 'security'"),
        ("refugees BRA-CHL", "no quantity 'refugees'"),
    ],
)
def test_quantities_that_are_none(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        Quantity.parse(text)


def test_expectations_that_make_no_sense() -> None:
    with pytest.raises(InputError, match="needs another quantity"):
        expects("alignment BRA-CHL", "leads")
    with pytest.raises(InputError, match="takes no"):
        expects("alignment BRA-CHL", "rises", "alignment BRA-PER")
    with pytest.raises(InputError, match="signed"):
        expects("commitment BRA-CHL", "rises")
    with pytest.raises(InputError, match="not before the late"):
        replace(expects("alignment BRA-CHL", "rises"), late=EARLY)
    assert not {"CHN", "RUS", "PRK"} & set(STATES)
