"""What states do: the level of every channel between every pair, before anything is concealed or missed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from innominate.worlds.ballots import choices, leanings, outer
from innominate.worlds.latent import Latent, autoregression
from innominate.worlds.laws import HABITS, ChannelLaw, WorldLaw
from innominate.worlds.settings import stream

Array = NDArray[np.float64]
MEDIA = "world-events"
ATTENTION, ATTENTION_PERSISTENCE = 0.35, 0.9  # spread over states of the media's attention, in logarithms
DIMENSIONS = 1  # of the positions behind what is peculiar to votes
MOST = 40.0  # logarithm beyond which no level grows


def attention(latent: Latent, seed: int) -> Array:
    """(T, N) share of what a state does that the media report, 0 to 1: big states are seen, small ones overlooked."""
    random = stream(seed, "attention")
    path = autoregression(random, len(latent.years), len(latent.codes), ATTENTION_PERSISTENCE)
    found: Array = np.exp(-ATTENTION * np.abs(path) * np.exp(-0.4 * latent.size))
    return found


def excess(latent: Latent, law: ChannelLaw, seed: int) -> Array:
    """(T, P) what every pair shows in a channel beyond both states' activity, of unit variance, signed towards friends."""
    random = stream(seed, "taste", law.channel)
    shape = latent.theta.shape
    if law.kind == "agreement":  # what is peculiar to votes follows from the states' own positions
        home = random.standard_normal((len(latent.codes), DIMENSIONS))
        paths = autoregression(random, shape[0], len(latent.codes) * DIMENSIONS, law.persistence)
        moving = paths.reshape(shape[0], len(latent.codes), DIMENSIONS)
        positions = np.sqrt(law.lasting) * home + np.sqrt(1 - law.lasting) * moving
        taste: Array = np.stack([outer(one)[latent.a, latent.b] for one in positions])
    else:
        lasting = random.standard_normal(shape[1])
        moving = autoregression(random, shape[0], shape[1], law.persistence)
        taste = np.sqrt(law.lasting) * lasting + np.sqrt(1 - law.lasting) * moving
    return np.asarray(law.loading * latent.theta + law.nearness * latent.near + law.taste * taste)


def activity(latent: Latent, law: ChannelLaw, seed: int) -> Array:
    """(N,) logarithm of a state's own activity in a channel: its size, habits shared with kindred channels, and the channel's own."""
    n = len(latent.codes)
    shared = stream(seed, "habits").standard_normal((n, HABITS))[:, : len(law.habits)]
    own = stream(seed, "activity", law.channel).standard_normal(n)
    habits = np.array(law.habits)
    rest = (shared * habits).sum(axis=1) + np.sqrt(max(1.0 - float((habits**2).sum()), 0.0)) * own
    found: Array = law.activity * (np.sqrt(law.common) * latent.size + np.sqrt(1 - law.common) * rest)
    return found


def logarithm(latent: Latent, law: ChannelLaw, seed: int) -> Array:
    """(T, P) expected logarithm of what passes between two states, before noise and what media miss."""
    own = activity(latent, law, seed)
    return np.asarray(law.base + own[latent.a] + own[latent.b] + law.spread * excess(latent, law, seed))


def amounts_of(law: ChannelLaw, expected: Array, random: np.random.Generator) -> Array:
    """What happens where its logarithm is expected to be `expected`: a count, an amount or a lasting whole number."""
    if law.noise > 0:
        expected = expected + law.noise * random.standard_normal(expected.shape, dtype=np.float32)
    amount = np.exp(np.minimum(expected, min(MOST, law.highest)))
    if law.kind == "count":
        return random.poisson(np.minimum(amount, 1e9)).astype(np.float64)
    if law.kind == "level":
        return np.asarray(np.floor(amount))
    return np.asarray(np.where(amount >= law.least, amount, 0.0))


def levels(latent: Latent, laws: WorldLaw, seed: int, replicate: int = 0) -> Iterator[tuple[ChannelLaw, Array]]:
    """Every channel of acts with the levels of all pairs (T, P), zero where a state does not exist.

    Parameters
    ----------
    replicate : another draw of noise and counts with the same truth behind it
    """
    seen = np.log(attention(latent, seed))
    for law in laws.channels.values():
        if law.kind == "agreement":
            continue
        expected = logarithm(latent, law, seed)
        if law.dataset == MEDIA:
            expected += seen[:, latent.a] + seen[:, latent.b]
        random = stream(seed, "acts", law.channel, replicate)
        amount = amounts_of(law, expected, random)
        yield law, np.where(latent.alive, amount, 0.0)


def votes(latent: Latent, laws: WorldLaw, seed: int, replicate: int = 0) -> Iterator[tuple[int, NDArray[np.int8]]]:
    """Period and choices (N, R) of its resolutions: +1, 0, -1, and 9 where no vote was cast."""
    law = laws.channels["votes"]
    ties = excess(latent, law, seed)
    random = stream(seed, "ballots", replicate)
    n = len(latent.codes)
    for t in range(len(latent.years)):
        tie = np.zeros((n, n))
        tie[latent.a, latent.b] = tie[latent.b, latent.a] = np.where(latent.alive[t], ties[t], 0.0)
        cast = choices(leanings(tie, laws.ballots.pull, laws.ballots.resolutions, random), laws.ballots, random)
        living = np.zeros(n, dtype=bool)
        living[latent.a[latent.alive[t]]] = living[latent.b[latent.alive[t]]] = True
        cast[~living] = 9
        yield t, cast
