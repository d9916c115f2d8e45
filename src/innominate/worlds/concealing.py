"""Concealment: part of what allies without a treaty do for one another is hidden, shown late, or sent through a third state.

Public channels (votes, memberships, embassies, what rivals do) cannot be concealed. A lasting level is hidden whole or
not at all; only goods and arms can take a detour.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from innominate.worlds.latent import Latent
from innominate.worlds.laws import ChannelLaw
from innominate.worlds.settings import Settings, stream

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Places = NDArray[np.intp]

REROUTABLE = ("trade", "arms")
LONGEST_DELAY = 5  # years
EVENNESS = 20.0  # concentration of the share of a year's amount that is concealed around the share asked for


@dataclass(frozen=True, slots=True)
class Concealed:
    """One channel after concealment.

    Attributes
    ----------
    left : (T, P) what still shows in its place and year
    taken : (T, P) what does not
    late : period, pair and amount of what shows late: (K,), (K,), (K,)
    detour : period, pair, third state and amount of what takes a detour
    """

    left: Array
    taken: Array
    late: tuple[Places, Places, Array]
    detour: tuple[Places, Places, Places, Array]


def hubs(latent: Latent, secret: Mask) -> Places:
    """(P,) the third state through which a pair would go: of those that exist when it would, the one on best terms with both,
    big ones preferred."""
    n = len(latent.codes)
    mean = np.where(latent.alive, latent.theta, 0.0).mean(axis=0)
    tie = np.full((n, n), -np.inf)
    tie[latent.a, latent.b] = tie[latent.b, latent.a] = mean
    living = latent.living
    found = np.zeros(len(latent.a), dtype=np.intp)
    for p in np.flatnonzero(secret.any(axis=0)):
        score = np.minimum(tie[latent.a[p]], tie[latent.b[p]]) + 0.5 * latent.size
        years = living[secret[:, p]].sum(axis=0)  # a state that is there all the time before one that is not
        found[p] = int(np.argmax(np.where(years == years[np.isfinite(score)].max(), score, -np.inf)))
    return found


def conceal(level: Array, law: ChannelLaw, secret: Mask, via: Places, settings: Settings, latent: Latent) -> Concealed:
    """Conceal the share that `settings` ask for of what the pairs in `secret` (T, P) do in one channel.

    What would show late after one of the two is gone, or pass through a third state that does not exist in that year, is
    hidden for good.

    Parameters
    ----------
    level : (T, P) what happens; via : (P,) third states, see :func:`hubs`; latent : who lives when
    """
    random = stream(settings.seed, "conceal", law.channel)
    t, p = np.nonzero(secret & (level > 0))
    amount = level[t, p]
    taken = _taken(amount, p, level.shape[1], law, settings.conceal, random)
    late, away = _late_and_away(taken, law, settings.modes, random)
    left = level.copy()
    left[t, p] = amount - taken
    gone = np.zeros_like(level)
    gone[t, p] = taken
    shows = t + random.integers(1, LONGEST_DELAY + 1, len(t))
    seen = (late > 0) & (shows < len(level))
    seen &= latent.alive[np.minimum(shows, len(level) - 1), p]
    moved = (away > 0) & latent.living[t, via[p]]
    return Concealed(left, gone, (shows[seen], p[seen], late[seen]), (t[moved], p[moved], via[p[moved]], away[moved]))


def _taken(
    amount: Array, pair: Places, pairs: int, law: ChannelLaw, share: float, random: np.random.Generator
) -> Array:
    if law.kind == "level":
        return np.asarray(np.where(random.random(pairs)[pair] < share, amount, 0.0))
    if law.kind == "count":
        return random.binomial(amount.astype(np.int64), share).astype(np.float64)
    if share in (0.0, 1.0):
        return amount * share
    return amount * random.beta(share * EVENNESS, (1 - share) * EVENNESS, len(amount))


def _late_and_away(
    taken: Array, law: ChannelLaw, modes: tuple[float, float, float], random: np.random.Generator
) -> tuple[Array, Array]:
    """What of the taken shows late, and what takes a detour; the rest is hidden for good."""
    hidden, late, away = modes
    if law.kind == "level":
        hidden, late, away = 1.0, 0.0, 0.0
    elif law.channel not in REROUTABLE:
        hidden, away = hidden + away, 0.0
    if law.kind == "count":
        parts = random.multinomial(taken.astype(np.int64), [hidden, late, away]).astype(np.float64)
        return parts[:, 1], parts[:, 2]
    return taken * late, taken * away
