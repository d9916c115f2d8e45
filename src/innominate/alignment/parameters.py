"""How one channel behaves: a few latent classes of pairs, from still to restless, each with its own parameters."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

FAINTEST, LARGEST = 1e-4, 50.0  # variances are kept within, in squared spreads
RAREST = 1e-3  # share of pairs below which a class is not let fall
STEADIEST = 0.9995  # persistence is kept below


@dataclass(frozen=True, slots=True)
class ChannelParameters:
    """How one channel behaves, in spreads over pairs, by class of pairs (G classes, the stillest first at the start).

    Attributes
    ----------
    channel : its name
    share : (G,) share of pairs in each class
    scale : (G,) standard deviation of the moving part of the excess
    level : (G,) variance over pairs of the lasting part
    persistence : (G,) correlation of the moving part with itself one period earlier
    noise : (G, series of the channel) variance of what neither the excess nor sampling explains
    likelihood : log-likelihood by iteration, of the pairs used
    """

    channel: str
    share: Array
    scale: Array
    level: Array
    persistence: Array
    noise: Array
    likelihood: tuple[float, ...] = ()

    def free(self) -> Array:
        """The parameters as unbounded numbers: logarithms, and log-odds of the persistence."""
        odds = np.log(self.persistence / (1 - self.persistence))
        return np.concatenate(
            [np.log(self.share), np.log(self.scale), np.log(self.level), odds, np.log(self.noise).ravel()]
        )

    def at(self, free: Array) -> ChannelParameters:
        """The same channel at other parameters; see :meth:`free`."""
        classes = len(self.share)
        share, scale, level, odds = free[: 4 * classes].reshape(4, classes)
        share = np.maximum(np.exp(share - share.max()), RAREST)
        return replace(
            self,
            share=share / share.sum(),
            scale=np.exp(np.clip(scale, np.log(FAINTEST) / 2, np.log(LARGEST) / 2)),
            level=np.exp(np.clip(level, np.log(FAINTEST), np.log(LARGEST))),
            persistence=np.clip(1 / (1 + np.exp(-np.clip(odds, -30.0, 30.0))), 0.05, STEADIEST),
            noise=np.exp(np.clip(free[4 * classes :], np.log(FAINTEST), np.log(LARGEST))).reshape(self.noise.shape),
        )

    def precision(self, grid: Array) -> Array:
        """(G, series × grid) precision of an observation by class of pairs and variance class."""
        inverse: Array = 1.0 / (self.noise[:, :, None] + grid[None, None, :]).reshape(len(self.share), -1)
        return inverse
