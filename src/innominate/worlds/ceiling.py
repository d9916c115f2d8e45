"""The best detector there can be: one that knows every parameter of the world except whether the pair is allied.

Activity and nearness of every pair are known; what is left is :mod:`innominate.worlds.evidence` at each level of alignment.
Where the pair is allied, the share concealed lowers what is seen, and the detector knows that share too. Its posterior odds
are the likelihood ratio averaged over the world's own distribution of alignment (Neyman and Pearson 1933).

Lasting levels are left out: their likelihood is an orthant probability over the years.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from innominate.worlds.evidence import evidence
from innominate.worlds.laws import ChannelLaw

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel of some pairs, as the detector knows it.

    Attributes
    ----------
    law : its law; seen : (K, T) what is seen; mean : (K, T) expected logarithm at alignment nought
    """

    law: ChannelLaw
    seen: Array
    mean: Array


@dataclass(frozen=True, slots=True)
class Agreeing:
    """Agreement in votes of some pairs: seen (K, T) around level + slope × x, residuals with covariance rest (T, T).

    mean : (K, T) x at alignment nought; loading : of x on alignment; taste : (T, T) covariance of what is peculiar to it
    """

    seen: Array
    mean: Array
    loading: float
    level: float
    slope: float
    taste: Array
    rest: Array

    def likelihood(self, theta: Array, hidden: float) -> Array:
        """(K, G) log-likelihood at every theta; votes cannot be hidden."""
        covariance = self.slope**2 * self.taste + self.rest
        inverse = np.linalg.inv(covariance)
        constant = -0.5 * np.linalg.slogdet(2 * np.pi * covariance)[1]
        expected = self.level + self.slope * (self.mean[:, None, :] + self.loading * theta[None, :, None])
        off = self.seen[:, None, :] - expected
        return np.asarray(constant - 0.5 * np.einsum("kgt,ts,kgs->kg", off, inverse, off))


def likelihood(channel: Channel, theta: Array, hidden: float) -> Array:
    """(K, G) log-likelihood of what is seen at every theta, with a share `hidden` concealed."""
    law = channel.law
    everywhere = np.ones(channel.seen.shape, dtype=bool)
    return evidence(law, channel.seen, everywhere, channel.mean, law.spread * law.loading * theta, hidden)


def log_odds(
    channels: list[Channel], votes: Agreeing | None, theta: Array, prior: Array, bar: float, hidden: float
) -> Array:
    """(K,) log posterior odds that a pair is allied; minus infinity where no alignment that occurs reaches the bar.

    Parameters
    ----------
    theta : (G,) grid of alignment; prior : (G,) its distribution in the world; bar : theta from which a pair is allied
    hidden : share of the cooperation of allies that is concealed, which the detector knows
    """
    allied = theta >= bar
    if not allied.any():
        return np.full(_pairs(channels, votes), -np.inf)
    near, rest = theta[allied], theta[~allied]
    yes = sum((likelihood(one, near, hidden) for one in channels), start=np.zeros((_pairs(channels, votes), len(near))))
    no = sum((likelihood(one, rest, 0.0) for one in channels), start=np.zeros((_pairs(channels, votes), len(rest))))
    if votes is not None:
        yes, no = yes + votes.likelihood(near, hidden), no + votes.likelihood(rest, 0.0)
    with np.errstate(divide="ignore"):
        weights = np.log(prior)
    found: Array = logsumexp(yes + weights[allied], axis=1) - logsumexp(no + weights[~allied], axis=1)
    return found


def _pairs(channels: list[Channel], votes: Agreeing | None) -> int:
    return len(channels[0].seen) if channels else len(votes.seen) if votes is not None else 0
