"""The measurement model: every channel a noisy view of a persistent excess, alignment their declared composite.

For pair p in channel c and period t, p being of class g in that channel,

    z[p,c,t] = x[p,c,t] + noise,          noise ~ N(0, noise[g, series] + sampling variance),
    x[p,c,t] = level[p,c] + scale[g] path[p,c,t],   path a stationary first-order autoregression of unit variance,
    alignment[p,t] = weighted mean over channels of x[p,c,t], on the scale of :mod:`innominate.alignment.scale`.

Classes make the model heavy-tailed over pairs: in most channels most pairs are still and a few restless, and one
variance for all is too wide for the first and too narrow for the second. Given the probabilities of the classes the
posterior mean is linear in the observations, so that *why* is exact.

A lasting level keeps a pair where it was when a channel's data end, while the interval widens: nothing drifts because a
dataset stopped. Why a declared composite and not a factor with free loadings is in ``docs/decisions/0003``: the first
common factor of behaviour between states is attention, which enemies share with friends; fixed weights on signed
indicators are the robust alternative (Dawes 1979, American Psychologist 34: 571-582). Commitments never enter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from innominate.alignment import kernels
from innominate.alignment.across import Across, Parts, kindred, told_by_all, variance_across
from innominate.alignment.choice import choice_variance
from innominate.alignment.composite import portions
from innominate.alignment.estimation import em_step, estimate, estimate_channel
from innominate.alignment.evidence import ChannelEvidence, Evidence, drawn_pairs, prepare
from innominate.alignment.parameters import ChannelParameters

__all__ = [
    "ChannelEvidence",
    "ChannelParameters",
    "Composite",
    "Evidence",
    "Smoothed",
    "compose",
    "drawn_pairs",
    "draws_at",
    "em_step",
    "estimate",
    "estimate_channel",
    "prepare",
    "smooth",
    "smooth_channel",
]

Array = NDArray[np.float64]

SMALLEST = 1e-12  # variance of a pair's excess, so that it has a logarithm


@dataclass(frozen=True, slots=True)
class Composite:
    """The composite of all channels.

    Attributes
    ----------
    mean : (P, T) posterior mean, in spreads averaged over channels; NaN where a pair does not exist. A channel never seen
        for a pair contributes its prior: mean zero, full variance
    variance : (P, T) posterior variance of what the channels looked at show on average, with a part for margins that were
        fitted on some partners only (:func:`innominate.alignment.evidence.unseen_partners`)
    choice : (P, T) variance because other channels might have been looked at (:mod:`innominate.alignment.choice`)
    beside : (P, T) the part of `variance` that the channels have together, not one by one
    across : what all pairs say of it (:mod:`innominate.alignment.across`)
    """

    mean: Array
    variance: Array
    choice: Array
    beside: Array
    across: Across


def compose(
    evidence: Evidence,
    parameters: tuple[ChannelParameters, ...],
    pace: NDArray[np.float32] | None = None,
    across: Across | None = None,
) -> Composite:
    """The composite for every pair and period.

    Parameters
    ----------
    pace : (K, P, T) factor on the stationary variance of each step; None: 1 everywhere
    across : what channels say of one another; None: told from these pairs
    """
    shape = evidence.channels[0].z.shape
    mean, variance, first, second = (np.zeros(shape) for _ in range(4))
    names = [channel.channel for channel in evidence.channels]
    shares = np.array(portions(names))
    sharing = {k for couple in kindred(names) for k in couple}
    known = np.array([np.isfinite(channel.z).any(axis=1) for channel in evidence.channels])
    expected = np.empty(known.shape)
    means, variances = {}, {}
    for k, (channel, found, portion) in enumerate(zip(evidence.channels, parameters, shares, strict=True)):
        before, sure = mean.copy(), variance.copy() if k in sharing else variance
        chances = _add(channel, evidence, found, portion, None if pace is None else pace[k], mean, variance)
        expected[k] = np.maximum((chances * (found.scale**2 + found.level)).sum(axis=1), SMALLEST)
        part = mean - before
        first += portion * part
        second += part**2
        if k in sharing:
            means[k], variances[k] = part / portion, variance - sure
        if channel.partial.size:
            variance += portion**2 * channel.partial
    parts = Parts(shares, known, expected, means, variances)
    across = told_by_all(evidence, parts) if across is None else across
    beside = variance_across(across, evidence, parts)
    mean = _where_alive(evidence, mean)
    choice = choice_variance(first, second, mean, shares, np.any(known, axis=0))
    return Composite(mean, _where_alive(evidence, variance + beside), choice, beside, across)


def smooth(
    evidence: Evidence, parameters: tuple[ChannelParameters, ...], pace: NDArray[np.float32] | None = None
) -> tuple[Array, Array]:
    """Posterior mean and variance of what the channels looked at show; see :class:`Composite`, of which they are a part."""
    found = compose(evidence, parameters, pace)
    return found.mean, found.variance


@dataclass(frozen=True, slots=True)
class Smoothed:
    """One channel smoothed.

    Attributes
    ----------
    mean, variance : (P, T) posterior of the excess, NaN where a pair does not exist
    chances : (P, G) probability of each class of pairs
    """

    mean: Array
    variance: Array
    chances: Array


def smooth_channel(
    evidence: Evidence, place: int, parameters: ChannelParameters, pace: NDArray[np.float32] | None = None
) -> Smoothed:
    """The channel at `place` by itself, `pace` (P, T) being its own; see :func:`smooth`."""
    channel = evidence.channels[place]
    mean, variance = np.zeros(channel.z.shape), np.zeros(channel.z.shape)
    chances = _add(channel, evidence, parameters, 1.0, pace, mean, variance)
    return Smoothed(_where_alive(evidence, mean), _where_alive(evidence, variance), chances)


def draws_at(
    evidence: Evidence,
    parameters: tuple[ChannelParameters, ...],
    period: NDArray[np.int64],
    draws: int,
    rng: np.random.Generator,
) -> Array:
    """Draws of the composite from its posterior at one period a pair, at mean speed.

    Parameters
    ----------
    period : (P,) places of the periods, in which the pairs exist

    Returns
    -------
    (draws, P) in spreads averaged over channels. Each channel's posterior is a mixture over classes.
    """
    total = np.zeros((draws, len(period)))
    shares = portions([channel.channel for channel in evidence.channels])
    for channel, found, portion in zip(evidence.channels, parameters, shares, strict=True):
        means, variances, chances = kernels.class_moments(_seen(channel, evidence, found), period)
        edges = chances.cumsum(axis=1)[None, :, :-1]
        kind = (rng.random((draws, len(period), 1)) > edges).sum(axis=2)
        rows = np.arange(len(period))[None, :]
        spread = np.sqrt(np.maximum(variances[rows, kind], 0.0))
        total += portion * (means[rows, kind] + spread * rng.normal(size=kind.shape))
        if channel.partial.size:
            total += portion * np.sqrt(channel.partial[rows[0], period]) * rng.normal(size=kind.shape)
    return total


def _add(
    channel: ChannelEvidence,
    evidence: Evidence,
    found: ChannelParameters,
    portion: float,
    pace: NDArray[np.float32] | None,
    mean: Array,
    variance: Array,
) -> Array:
    chances = np.empty((len(channel.z), len(found.share)))
    steps = np.empty((len(channel.z), 0), dtype=np.float32) if pace is None else pace
    kernels.add_channel(_seen(channel, evidence, found), steps, portion, mean, variance, chances)
    return chances


def _seen(channel: ChannelEvidence, evidence: Evidence, found: ChannelParameters) -> kernels.Seen:
    return kernels.seen_of(channel.z, channel.cell, evidence.first, evidence.last, found, evidence.grid)


def _where_alive(evidence: Evidence, values: Array) -> Array:
    periods = np.arange(values.shape[1])
    gone = (periods[None, :] < evidence.first[:, None]) | (periods[None, :] > evidence.last[:, None])
    values[gone] = np.nan
    return values
