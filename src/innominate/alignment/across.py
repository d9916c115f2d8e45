"""What the channels of a pair say of one another's errors, beside what each says by itself.

*Shared noise.* Verbal cooperation and the share of conflict are told from the same events, so that a noisy month moves both. A
sum of the channels' own variances overlooks that, and is too small where events are many. How closely noises go together is
read off what smoothing leaves, over all pairs that both channels see.

*Liveliness.* Of a channel that never looked at a pair, the pair alone tells nothing; but pairs that are still elsewhere are still
there too. The chances of its classes are those of pairs which are about as lively in the channels seen, instead of those of
all pairs (empirical Bayes with a covariate; Efron 2010, Large-Scale Inference, chapter 10). The mean stays nought.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from innominate.alignment.evidence import Evidence
from innominate.panel.events import counted_with

Array = NDArray[np.float64]

FEWEST = 200  # cells seen by both channels, or pairs seen by one, below which nothing is told
PARTS = 5  # groups of pairs by liveliness
DECIMALS = 3  # of what is told, so that the order of pairs cannot move anything by a bit


@dataclass(frozen=True, slots=True)
class Across:
    """What all pairs say of it.

    Attributes
    ----------
    noise : (K, K) correlation of the channels' noises, 0 where they count no act in common
    usual : (K, 2) mean and standard deviation over pairs of the logarithm of a pair's expected variance
    edges : (K, PARTS - 1) liveliness at which groups part
    expected : (K, PARTS) variance of a pair of each group in the channel; NaN where all pairs were seen, or too few
    """

    noise: Array
    usual: Array
    edges: Array
    expected: Array

    @classmethod
    def nothing(cls, channels: int) -> Across:
        """Channels that say nothing of one another."""
        return cls(
            np.eye(channels),
            np.zeros((channels, 2)),
            np.zeros((channels, PARTS - 1)),
            np.full((channels, PARTS), np.nan),
        )


@dataclass(frozen=True, slots=True)
class Parts:
    """The channels of some pairs smoothed one by one.

    Attributes
    ----------
    portions : (K,) weights in the composite
    known : (K, P) whether a channel ever sees the pair
    expected : (K, P) variance of the pair's excess over the chances of its classes
    means, variances : of the channels that share acts with another, place → (P, T) smoothed excess, and part of the composite's
        variance
    """

    portions: Array
    known: NDArray[np.bool_]
    expected: Array
    means: Mapping[int, Array]
    variances: Mapping[int, Array]


def kindred(names: Sequence[str]) -> list[tuple[int, int]]:
    """Places of the channels, two and two, whose observations rest on some of the same acts."""
    acts = [set(counted_with(name)) for name in names]
    return [(i, j) for i, j in combinations(range(len(names)), 2) if acts[i] & acts[j]]


def told_by_all(evidence: Evidence, parts: Parts) -> Across:
    """What these pairs, smoothed channel by channel, say of shared noise and of liveliness."""
    found = Across.nothing(len(evidence.channels))
    for own, variance, seen in zip(found.usual, parts.expected, parts.known, strict=True):
        if seen.any():
            own[:] = np.log(variance[seen]).mean().round(DECIMALS), np.log(variance[seen]).std().round(DECIMALS)
    for k, seen in enumerate(parts.known):
        if seen.all():
            continue
        lively = liveliness(parts, found.usual, apart=k)
        told = seen & np.isfinite(lively)
        if told.sum() >= FEWEST:
            found.edges[k] = np.quantile(lively[told], np.arange(1, PARTS) / PARTS).round(DECIMALS)
            group = np.searchsorted(found.edges[k], lively[told])
            total = np.bincount(group, parts.expected[k][told], PARTS)
            among = np.bincount(group, minlength=PARTS)
            found.expected[k] = np.where(among > 0, total / np.maximum(among, 1), np.nan).round(2 * DECIMALS)
    for i, j in kindred([channel.channel for channel in evidence.channels]):
        found.noise[i, j] = found.noise[j, i] = _noise_correlation(evidence, parts.means, i, j)
    return found


def variance_across(across: Across, evidence: Evidence, parts: Parts) -> Array:
    """(P, T) what is added to the sum of the channels' own variances; negative where a still pair was never seen."""
    found = np.zeros(evidence.channels[0].z.shape)
    for i, j in kindred([channel.channel for channel in evidence.channels]):
        if across.noise[i, j] != 0.0:
            sizes = [_owed_to_noise(parts.variances[k], parts.portions[k] ** 2 * parts.expected[k]) for k in (i, j)]
            found += 2.0 * across.noise[i, j] * np.sqrt(sizes[0] * sizes[1])
    lively = liveliness(parts, across.usual)  # a channel that never saw a pair has no part in it
    for k, seen in enumerate(parts.known):
        rows = np.flatnonzero(~seen & np.isfinite(lively))
        told = across.expected[k][np.searchsorted(across.edges[k], lively[rows])]
        change = np.where(np.isfinite(told), told - parts.expected[k][rows], 0.0)
        found[rows] += parts.portions[k] ** 2 * change[:, None]
    return found


def _owed_to_noise(variance: Array, before: Array) -> Array:
    """(P, T) the part of a posterior variance that noise brought in; the rest is what observing left open.

    A mean of prior and observation with the weight V/r on the latter errs by its noise r with variance V (V/r), and V/r is what
    observing took of the prior variance, 1 - V/P. It holds for one observation, and for every direction of many.

    Parameters
    ----------
    variance : (P, T) posterior; before : (P,) prior
    """
    return np.asarray(variance * np.clip(1.0 - variance / before[:, None], 0.0, 1.0))


def liveliness(parts: Parts, usual: Array, apart: int | None = None) -> Array:
    """(P,) how much livelier than others a pair is in the channels that see it, NaN where none does.

    Parameters
    ----------
    usual : (K, 2) see :class:`Across`
    apart : place of a channel that is left out
    """
    total, times = (np.zeros(parts.known.shape[1]) for _ in range(2))
    for k, (seen, variance, (middle, size)) in enumerate(zip(parts.known, parts.expected, usual, strict=True)):
        if size > 0 and k != apart:
            total[seen] += (np.log(variance[seen]) - middle) / size
            times[seen] += 1
    return np.where(times > 0, (total / np.maximum(times, 1)).round(2 * DECIMALS), np.nan)


def _noise_correlation(evidence: Evidence, means: Mapping[int, Array], i: int, j: int) -> float:
    first, second = evidence.channels[i].z, evidence.channels[j].z
    both = np.isfinite(first) & np.isfinite(second)
    if both.sum() < FEWEST:
        return 0.0
    left, right = first[both] - means[i][both], second[both] - means[j][both]
    size = float(np.sqrt((left**2).sum() * (right**2).sum()))
    return round(float((left * right).sum()) / size, DECIMALS) if size > 0 else 0.0
