"""Panels drawn from the model itself, with known truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from innominate.alignment.model import ChannelParameters
from innominate.panel import Panel, Series

Array = NDArray[np.float64]

CHANNELS = ("votes", "igo", "arms", "exercises", "trade", "disputes")


@dataclass(frozen=True)
class Drawn:
    """A panel and the truth behind it: the composite (P, T) and the parameters."""

    panel: Panel
    composite: Array
    parameters: tuple[ChannelParameters, ...]


def draw(seed: int, states: int = 40, periods: int = 30, missing: float = 0.3) -> Drawn:
    """Draw a panel of all pairs of `states` states (so many that names are invented) over `periods` years."""
    rng = np.random.default_rng(seed)
    a, b = (place.astype(np.int32) for place in np.triu_indices(states, 1))
    pairs, k = len(a), len(CHANNELS)
    truth = tuple(
        ChannelParameters(
            name, rng.uniform(0.4, 0.8), rng.uniform(0.1, 0.5), rng.uniform(0.7, 0.95), rng.uniform(0.1, 0.6, 1)
        )
        for name in CHANNELS
    )
    excess = np.empty((pairs, periods, k))
    for c, found in enumerate(truth):
        path = rng.normal(size=pairs)
        lasting = rng.normal(size=pairs) * np.sqrt(found.level)
        for t in range(periods):
            if t:
                step = np.sqrt(1 - found.persistence**2) * rng.normal(size=pairs)
                path = found.persistence * path + step
            excess[:, t, c] = found.scale * path + lasting
    sampling = rng.gamma(2.0, 0.1, size=excess.shape) * (np.arange(k) % 2)
    noise = np.array([found.noise[0] for found in truth])
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
    return Drawn(panel, excess.mean(axis=2), truth)
