"""The best detector there can be: one that knows every parameter of the world except whether the pair is allied.

For one pair and channel the logarithm of what happens is Gaussian around activity (known) and loading × alignment, with the
channel's own taste through time; counts are Poisson, amounts are censored from below. The likelihood at each level of
alignment is Laplace's approximation (Rasmussen and Williams 2006, Gaussian Processes for Machine Learning, 3.4). Where
the pair is allied, the share concealed lowers what is seen, and the detector knows that share too. Its posterior odds are
the likelihood ratio averaged over the world's own distribution of alignment (Neyman and Pearson 1933).

Lasting levels are left out: their likelihood is an orthant probability over the years.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, gammaln, log_ndtr, logsumexp, polygamma

from innominate.worlds.concealing import EVENNESS
from innominate.worlds.laws import ChannelLaw

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

Observe = Callable[[Array], tuple[Array, Array, Array]]  # log-likelihood, its gradient, minus its curvature

STEPS = 25  # Newton steps
LONGEST = 2.0  # of a Newton step, in logarithms
FAR = 30.0


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


def taste_covariance(law: ChannelLaw, periods: int) -> Array:
    """(T, T) covariance over time of what is peculiar to a pair, in units of x."""
    apart = np.abs(np.subtract.outer(np.arange(periods), np.arange(periods)))
    found: Array = law.taste**2 * (law.lasting + (1 - law.lasting) * law.persistence**apart)
    return found


def likelihood(channel: Channel, theta: Array, hidden: float) -> Array:
    """(K, G) log-likelihood of what is seen at every theta, with a share `hidden` concealed."""
    law = channel.law
    k, periods = channel.seen.shape
    shift, blur = (0.0, 0.0) if law.public or hidden == 0 else _shift(law, hidden)
    covariance = law.spread**2 * taste_covariance(law, periods)
    flat = np.repeat(channel.seen, len(theta), axis=0)
    mean = (channel.mean[:, None, :] + law.spread * law.loading * theta[None, :, None]).reshape(-1, periods)
    if law.kind == "count":
        covariance = covariance + law.noise**2 * np.eye(periods)
        found = _laplace(covariance, mean, lambda f: _poisson(flat, f, shift, min(FAR, law.highest)))
    else:
        found = _laplace(covariance, mean, lambda f: _censored(flat, f, law, shift, blur))
    return found.reshape(k, len(theta))


def _shift(law: ChannelLaw, hidden: float) -> tuple[float, float]:
    """Mean and variance of the logarithm of the share that still shows."""
    if law.kind == "count":
        return float(np.log(max(1 - hidden, 1e-12))), 0.0
    rest, all_ = EVENNESS * (1 - hidden), EVENNESS
    return float(digamma(rest) - digamma(all_)), float(polygamma(1, rest) - polygamma(1, all_))


def _poisson(y: Array, f: Array, shift: float, highest: float) -> tuple[Array, Array, Array]:
    """Log-likelihood, its gradient and minus its curvature of Poisson counts at logarithms f, of which a part still shows."""
    level = np.clip(f, -FAR, highest) + shift
    rate = np.exp(level)
    free = f < highest
    return (
        y * level - rate - gammaln(y + 1),
        np.where(free, y - rate, 0.0),
        np.where(free, np.maximum(rate, 1e-10), 1e-10),
    )


def _censored(y: Array, f: Array, law: ChannelLaw, shift: float, blur: float) -> tuple[Array, Array, Array]:
    """The same of amounts that are lognormal around f, not recorded below the law's least, and never above its most."""
    positive = y > 0
    variance = law.noise**2 + blur
    off = np.where(positive, np.log(np.where(positive, y, 1.0)) - shift, 0.0) - f
    told = -0.5 * np.log(2 * np.pi * variance) - 0.5 * off**2 / variance
    u = (np.log(law.least) - f) / law.noise
    ratio = np.exp(np.clip(-0.5 * u**2 - 0.5 * np.log(2 * np.pi) - log_ndtr(u), -700, 700))
    slope = -ratio / law.noise
    bend = np.maximum(ratio * (ratio + u) / law.noise**2, 1e-10)
    full = y >= np.exp(law.highest) * (1 - 1e-9)
    over = (f - min(FAR, law.highest)) / law.noise
    more = np.exp(np.clip(-0.5 * over**2 - 0.5 * np.log(2 * np.pi) - log_ndtr(over), -700, 700))
    return (
        np.where(full, log_ndtr(over), np.where(positive, told, log_ndtr(u))),
        np.where(full, more / law.noise, np.where(positive, off / variance, slope)),
        np.where(
            full, np.maximum(more * (more + over) / law.noise**2, 1e-10), np.where(positive, 1.0 / variance, bend)
        ),
    )


def _laplace(covariance: Array, mean: Array, observe: Observe) -> Array:
    """(B,) log evidence of a Gaussian field with a log-concave likelihood."""
    periods = mean.shape[1]
    g = np.zeros_like(mean)  # what the field is above its mean
    eye = np.eye(periods)
    for _ in range(STEPS):
        _, slope, bend = observe(mean + g)
        root = np.sqrt(bend)
        inner = eye + root[:, :, None] * covariance * root[:, None, :]
        b = bend * g + slope
        a = b - root * np.linalg.solve(inner, (root * (b @ covariance))[:, :, None])[:, :, 0]
        move = np.clip(a @ covariance - g, -LONGEST, LONGEST)
        g = g + move
        if np.abs(move).max() < 1e-6:
            break
    told, slope, bend = observe(mean + g)
    root = np.sqrt(bend)
    inner = eye + root[:, :, None] * covariance * root[:, None, :]
    quadratic = 0.5 * (g * slope).sum(axis=1)  # at the mode, inverse(covariance) (f - mean) is the slope
    found: Array = told.sum(axis=1) - quadratic - 0.5 * np.linalg.slogdet(inner)[1]
    return found


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
