"""Panels drawn from the model itself, with known truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from innominate.alignment.composite import portions
from innominate.alignment.model import ChannelParameters
from innominate.panel import Panel, Series

Array = NDArray[np.float64]

SAMPLING = 0.2  # mean sampling variance of every other channel
CHANNELS = ("votes", "igo", "arms", "exercises", "trade", "disputes")


@dataclass(frozen=True)
class Drawn:
    """A panel and the truth behind it: the composite (P, T), as margins over all states would have it, and the parameters."""

    panel: Panel
    composite: Array
    parameters: tuple[ChannelParameters, ...]


def draw(seed: int, states: int = 40, periods: int = 30, missing: float = 0.3) -> Drawn:
    """Draw a panel of all pairs of `states` states (so many that names are invented) over `periods` years."""
    rng = np.random.default_rng(seed)
    a, b = (place.astype(np.int32) for place in np.triu_indices(states, 1))
    pairs, k = len(a), len(CHANNELS)
    loud = np.array([0.25, 1.0, 2.5])  # deviations of the classes
    truth = tuple(
        ChannelParameters(
            name,
            np.array([0.5, 0.3, 0.2]),
            rng.uniform(0.4, 0.8) * loud,
            rng.uniform(0.1, 0.5) * loud**2,
            rng.uniform(0.7, 0.95) * np.ones(3),
            rng.uniform(0.1, 0.6) * loud[:, None] ** 2,
        )
        for name in CHANNELS
    )
    excess, noise = np.empty((pairs, periods, k)), np.empty((pairs, 1, k))
    for c, found in enumerate(truth):
        kind = rng.choice(3, size=pairs, p=found.share)
        path, persistence = rng.normal(size=pairs), found.persistence[kind]
        lasting = rng.normal(size=pairs) * np.sqrt(found.level[kind])
        noise[:, 0, c] = found.noise[kind, 0]
        for t in range(periods):
            if t:
                path = persistence * path + np.sqrt(1 - persistence**2) * rng.normal(size=pairs)
            excess[:, t, c] = found.scale[kind] * path + lasting
    usual = rng.gamma(2.0, SAMPLING / 2, size=(pairs, 1, k)) * (
        np.arange(k) % 2
    )  # a sampling variance of its own for every pair
    sampling = np.broadcast_to(usual, excess.shape).copy()
    z = excess + rng.normal(size=excess.shape) * np.sqrt(noise + sampling)
    gone = rng.random(z.shape) < missing
    gone[:, 20:, 1] = True  # one channel ends early
    z[gone] = np.nan
    sampling[gone] = np.nan
    names = tuple(f"{chr(65 + i // 26)}{chr(65 + i % 26)}X" for i in range(states))
    panel = Panel(
        names,
        a,
        b,
        np.arange(1990, 1990 + periods, dtype=np.int32),
        "year",
        tuple(Series(name, "drawn") for name in CHANNELS),
        z.astype(np.float32),
        sampling.astype(np.float32),
        np.ones((pairs, periods), dtype=bool),
    )
    missed = _missed_by_margins(np.isfinite(z), a, b, rng)
    return Drawn(panel, (excess + missed) @ np.array(portions(CHANNELS)), truth)


def _missed_by_margins(
    known: NDArray[np.bool_], a: NDArray[np.int32], b: NDArray[np.int32], rng: np.random.Generator
) -> Array:
    """(P, T, K) what margins over the known partners of each state miss, lasting as the coverage does.

    Drawn pair by pair, so that ranks of the truth are independent; that the variance is right for errors that pairs of one state
    share is tested where the margins are.
    """
    periods, k = known.shape[1:]
    states = int(b.max()) + 1
    missed = np.zeros((states, periods, k))
    for i in range(states):
        seen = known[(a == i) | (b == i)].sum(axis=0)
        missed[i] = np.where(seen > 0, 1.0 / np.maximum(seen, 1) - 1.0 / (states - 1), 0.0)
    both = np.where(known, missed[a] + missed[b], 0.0)
    usual = both.sum(axis=1, keepdims=True) / np.maximum(known.sum(axis=1, keepdims=True), 1)
    variance: Array = np.where(known, both, usual)
    return np.sqrt(variance) * rng.normal(size=(len(a), 1, k))
