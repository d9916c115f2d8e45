"""The best possible detector against plain summation over its unknowns, and power that falls with concealment."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import gammaln, logsumexp, ndtr
from scipy.stats import norm

from innominate.worlds import packaged_laws
from innominate.worlds.ceiling import Agreeing, Channel, likelihood, log_odds
from innominate.worlds.evidence import taste_covariance
from innominate.worlds.laws import ChannelLaw
from innominate.worlds.power import Scores, power_of, scores

LAWS = packaged_laws().channels
DRAWS = 200_000


def naive(law: ChannelLaw, seen: np.ndarray, mean: np.ndarray, theta: float, hidden: float) -> float:
    """Log-likelihood by averaging over draws of taste and noise."""
    random = np.random.default_rng(0)
    periods = len(seen)
    root = np.linalg.cholesky(taste_covariance(law, periods))
    field = mean + law.spread * (law.loading * theta + random.standard_normal((DRAWS, periods)) @ root.T)
    if law.kind == "count":
        rate = np.minimum(np.exp(field + law.noise * random.standard_normal(field.shape)), law.most or np.inf) * (
            1 - hidden
        )
        told = (seen * np.log(rate) - rate - gammaln(seen + 1)).sum(axis=1)
    else:
        share = random.beta(20 * (1 - hidden), 20 * hidden, field.shape) if hidden else np.ones(field.shape)
        at = np.log(np.where(seen > 0, seen, 1.0)) - np.log(share)
        silent = np.log(ndtr((np.log(law.least) - field) / law.noise))
        told = np.where(seen > 0, norm.logpdf(at, field, law.noise), silent)
        if law.most and not hidden:
            told = np.where(seen >= law.most, np.log(ndtr((field - np.log(law.most)) / law.noise)), told)
        told = told.sum(axis=1)
    return float(logsumexp(told) - np.log(DRAWS))


@pytest.mark.parametrize("hidden", [0.0, 0.6])
@pytest.mark.parametrize("name", ["exercises", "trade", "verbal-cooperation", "arms"])
def test_likelihood_is_that_of_plain_summation(name: str, hidden: float) -> None:
    law = LAWS[name]
    seen = {"trade": [40.0, 0.0, 25.0], "arms": [0.0, 12.0, 0.0]}.get(name, [3.0, 0.0, 5.0])
    mean = np.full(3, {"trade": 3.0, "arms": 1.0}.get(name, 0.5))
    channel = Channel(law, np.array([seen]), mean[None])
    theta = np.array([-1.0, 0.5, 2.5])
    found = likelihood(channel, theta, hidden)[0]
    expected = np.array([naive(law, np.array(seen), mean, value, hidden) for value in theta])
    rough = hidden > 0 and law.kind == "amount"  # the share that shows is taken as lognormal there
    assert found - found[1] == pytest.approx(expected - expected[1], abs=0.25 if rough else 0.12)


@pytest.mark.parametrize("name", ["exercises", "trade"])
def test_likelihood_knows_that_nothing_grows_beyond_the_most(name: str) -> None:
    law = replace(LAWS[name], most=6.0)
    seen = np.array([6.0, 4.0, 6.0])
    theta = np.array([-1.0, 0.5, 2.5])
    found = likelihood(Channel(law, seen[None], np.full((1, 3), 1.2)), theta, 0.0)[0]
    expected = np.array([naive(law, seen, np.full(3, 1.2), value, 0.0) for value in theta])
    free = likelihood(Channel(replace(law, most=None), seen[None], np.full((1, 3), 1.2)), theta, 0.0)[0]
    off, without = (np.abs(one - one[1] - expected + expected[1]).max() for one in (found, free))
    assert off < (0.5 if law.kind == "count" else 0.12)  # of counts the likelihood bends sharply there
    assert without > 2 * off


def test_public_channels_are_not_thinned() -> None:
    law = LAWS["disputes"]
    channel = Channel(law, np.array([[1.0, 0.0]]), np.zeros((1, 2)))
    theta = np.array([0.0, 1.0])
    assert np.array_equal(likelihood(channel, theta, 0.0), likelihood(channel, theta, 0.9))
    open_law = Channel(replace(law, public=False), channel.seen, channel.mean)
    assert not np.allclose(likelihood(open_law, theta, 0.0), likelihood(open_law, theta, 0.9))


def test_odds_of_votes_alone_follow_the_normal_distribution() -> None:
    """One year, no taste: the odds are those of a normal observation."""
    votes = Agreeing(
        np.array([[0.4], [-0.2]]), np.zeros((2, 1)), 1.0, 0.0, 0.3, np.zeros((1, 1)), np.full((1, 1), 0.04)
    )
    theta, prior = np.array([0.0, 2.0]), np.array([0.9, 0.1])
    found = log_odds([], votes, theta, prior, 1.0, 0.0)
    expected = norm.logpdf([0.4, -0.2], 0.6, 0.2) - norm.logpdf([0.4, -0.2], 0.0, 0.2) + np.log(0.1 / 0.9)
    assert found == pytest.approx(expected)


def test_where_nobody_reaches_the_bar_nobody_is_told_an_ally() -> None:
    votes = Agreeing(np.zeros((3, 1)), np.zeros((3, 1)), 1.0, 0.0, 0.3, np.zeros((1, 1)), np.full((1, 1), 0.04))
    found = log_odds([], votes, np.array([0.0, 2.0]), np.array([0.9, 0.1]), 3.0, 0.0)
    assert np.isneginf(found).all()
    assert len(found) == 3


def test_power_counts_allies_above_the_alarm_level() -> None:
    allied = np.array([True] * 4 + [False] * 100)
    best = np.concatenate([[200.0, 150.0, 98.5, 1.0], np.arange(100.0)])
    one = Scores(allied, -best, best, best, best)
    assert power_of([one], "best")[0] == pytest.approx(0.75)  # alarm level 94.05
    assert power_of([one], "ours")[0] == pytest.approx(0.25)
    nobody = Scores(np.zeros(104, dtype=bool), best, best, best, best)
    assert np.isnan(power_of([nobody], "ours")).all()  # unknown, not nought
    silent = Scores(allied, best, best, best, np.full(104, np.nan))
    assert np.isnan(power_of([one, silent], "detector")).all()  # it said nothing, which is no miss


def test_a_few_cases_leave_an_error_however_many_are_caught() -> None:
    """Two of two caught is no certainty: Beta(2.5, 0.5) has the standard deviation sqrt(1.25 / 36)."""
    best = np.concatenate([[200.0, 150.0], np.arange(100.0)])
    few = Scores(np.array([True] * 2 + [False] * 100), best, best, best, best)
    assert power_of([few], "best") == (1.0, pytest.approx((1.25 / 36) ** 0.5))
    never = np.where(np.arange(102) < 2, 1.0, -np.inf)
    assert power_of([Scores(few.allied, never, never, never, never)], "best")[0] == 1.0


def test_concealment_takes_power_and_the_ceiling_stays_above() -> None:
    open_, hidden = ([scores("trade and arms", 6, 40, share, 0)] for share in (0.0, 0.9))
    power = {name: [power_of(one, name)[0] for one in (open_, hidden)] for name in ("ours", "best", "unaware")}
    assert power["best"][0] == power["unaware"][0] > 0.2
    assert power["unaware"][1] < power["unaware"][0]
    assert power["best"][1] >= power["unaware"][1]
    assert power["ours"][1] <= power["ours"][0] <= power["best"][0]
