"""What a world's laws let one expect before anything is seen: how alignment is spread, the bar, and how votes follow from it.

Read off other worlds of the same laws, as many states and as many years, which stand still; nothing is known of the library.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from innominate.worlds import deeds
from innominate.worlds.ballots import agreement_of
from innominate.worlds.curves import Curves
from innominate.worlds.latent import Latent, draw_latent
from innominate.worlds.laws import ChannelLaw, WorldLaw, laws_from
from innominate.worlds.pacts import choose_pacts
from innominate.worlds.settings import Settings

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

NODES = 33  # of the grid of alignment
PAIRS, MOST_WORLDS, VOTING_WORLDS = 24_000, 20, 3  # pairs drawn in all, and worlds at most; worlds that vote
SEED = 900  # of the first of these worlds
UNIT, REACH = 0.5, 10.0  # distance of nodes and reach of the curves of votes, in units of x
JITTER = 1e-6


@dataclass(frozen=True, slots=True)
class Expected:
    """What the laws let one expect.

    Attributes
    ----------
    theta, prior : (A,) alignment, standardised over pairs, and its distribution over pairs outside NATO
    bar : alignment from which a pair counts as allied
    level, slope : of agreement in votes on x; covariance : (T, T) of what is left of it over the years
    """

    theta: Array
    prior: Array
    bar: float
    level: float
    slope: float
    covariance: Array

    @property
    def allied(self) -> Mask:
        """(A,) where on the grid pairs are allied."""
        return np.asarray(self.theta >= self.bar)

    @property
    def tells(self) -> bool:
        """Whether on the grid some pairs are allied and some are not; among few states none outside NATO may be."""
        return bool(self.allied.any() and not self.allied.all())


def expected(laws: WorldLaw, states: int, years: int, last: int) -> Expected:
    """Draw the worlds, or remember them.

    Parameters
    ----------
    states, years : how many; last : the last year, by which the registry says who can be among the states
    """
    return _drawn(laws.to_json(), states, years, last)


@lru_cache(maxsize=16)
def _drawn(text: str, states: int, years: int, last: int) -> Expected:
    laws = laws_from(text)
    settings = Settings(max(states, 8), max(years, 2), last=last, coverage="full", turns=0.0, drift=0.0)
    worlds = int(np.clip(np.ceil(PAIRS / (states * (states - 1) / 2)), VOTING_WORLDS, MOST_WORLDS))
    values: list[Array] = []
    bars: list[float] = []
    votes: list[tuple[float, float, Array]] = []
    for seed in range(SEED, SEED + worlds):
        latent = draw_latent(replace(settings, seed=seed), laws.reference)
        free = latent.alive[-1] & ~choose_pacts(latent, seed, others=False).in_force()[-1]
        values.append(latent.theta[-1, free])
        bars.append(latent.bar)
        if len(votes) < VOTING_WORLDS and "votes" in laws.channels:
            votes.append(_voting(laws, replace(settings, seed=seed)))
    level, slope = (float(np.mean([one[k] for one in votes])) if votes else 0.0 for k in (0, 1))
    covariance = np.mean([one[2] for one in votes], axis=0)[:years, :years] if votes else np.eye(years)
    return Expected(*spread_out(np.concatenate(values)), float(np.mean(bars)), level, slope, np.asarray(covariance))


def spread_out(theta: Array) -> tuple[Array, Array]:
    """(A,) grid of alignment, and its distribution over some pairs."""
    edges = np.linspace(theta.min() - 1e-9, theta.max() + 1e-9, NODES + 1)
    counts = np.histogram(theta, edges)[0] + 0.1
    return 0.5 * (edges[1:] + edges[:-1]), counts / counts.sum()


def agreed(latent: Latent, laws: WorldLaw, seed: int) -> Array:
    """(T, P) agreement in the votes cast in a world, beyond what each resolution's split makes usual; 0 where none were."""
    seen = np.zeros(latent.theta.shape)
    for t, cast in deeds.votes(latent, laws, seed):
        seen[t] = np.nan_to_num(agreement_of(cast).excess[latent.a, latent.b])
    return seen


def _voting(laws: WorldLaw, settings: Settings) -> tuple[float, float, Array]:
    """Level and slope of agreement on what alignment and nearness make of it, and the covariance of what is left."""
    latent, law = draw_latent(settings, laws.reference), laws.channels["votes"]
    seen = agreed(latent, laws, settings.seed)
    x = deeds.excess(latent, law, settings.seed)
    slope, level = np.polyfit(x.ravel(), seen.ravel(), 1)
    known = law.loading * latent.theta + law.nearness * latent.near
    return float(level), float(slope), np.cov(seen - level - slope * known) + JITTER * np.eye(len(seen))


def votes_curves(law: ChannelLaw, said: Expected, seen: Array, known: Mask) -> Curves:
    """The curves of agreement in votes: normal, around level + slope × x.

    Parameters
    ----------
    seen, known : (P, T) agreement, and whether it is known
    """
    nodes = np.arange(-REACH, REACH + UNIT / 2, UNIT)
    value = np.zeros((len(seen), len(nodes)))
    patterns, which = np.unique(known, axis=0, return_inverse=True)
    for k, years in enumerate(patterns):
        rows = np.flatnonzero(which.ravel() == k)
        inverse = np.linalg.inv(said.covariance[np.ix_(years, years)])
        pull = ((seen[np.ix_(rows, years)] - said.level) @ inverse).sum(axis=1) * said.slope
        value[rows] = pull[:, None] * nodes - 0.5 * inverse.sum() * said.slope**2 * nodes**2
    row = np.where(known.any(axis=1), np.arange(len(seen)), -1)
    return Curves(-REACH, UNIT, row, value, law.loading, law.nearness)
