"""Panels drawn from the model itself, with known truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from innominate.alignment.model import Parameters
from innominate.panel import Panel, Series

Array = NDArray[np.float64]

CHANNELS = ("votes", "igo", "arms", "exercises", "trade", "disputes")


@dataclass(frozen=True)
class Drawn:
    """A panel and the truth behind it: theta (P, T) and the parameters."""

    panel: Panel
    theta: Array
    parameters: Parameters


def draw(seed: int, states: int = 40, periods: int = 30, missing: float = 0.3) -> Drawn:
    """Draw a panel of all pairs of `states` states (so many that names are invented) over `periods` years."""
    rng = np.random.default_rng(seed)
    a, b = (place.astype(np.int32) for place in np.triu_indices(states, 1))
    pairs, k = len(a), len(CHANNELS)
    truth = Parameters(rng.uniform(0.2, 0.9, k), rng.uniform(0.3, 0.9, k), rng.uniform(0.1, 0.4, k), 0.93)
    theta = np.empty((pairs, periods))
    theta[:, 0] = rng.normal(size=pairs)
    for t in range(1, periods):
        theta[:, t] = truth.persistence * theta[:, t - 1] + np.sqrt(1 - truth.persistence**2) * rng.normal(size=pairs)
    sampling = rng.gamma(2.0, 0.1, size=(pairs, periods, k)) * (np.arange(k) % 2)
    z = theta[:, :, None] * truth.loading + rng.normal(size=(pairs, 1, k)) * np.sqrt(truth.offset)
    z += rng.normal(size=z.shape) * np.sqrt(truth.noise + sampling)
    gone = rng.random(z.shape) < missing
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
    return Drawn(panel, theta, truth)
