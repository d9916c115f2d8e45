"""How one channel behaves: a few latent classes of pairs, from still to restless, each with its own parameters."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

FAINTEST, LARGEST = 1e-4, 50.0  # variances are kept within, in squared spreads
RAREST = 1e-3  # share of pairs below which a class is not let fall
BRIEFEST, STEADIEST = 0.5, 0.9995  # persistence is kept within: what is forgotten sooner than in a year is noise
DISPERSIONS = (0.02, 50.0)  # factors on the sampling variance are kept within


def _as_told() -> Array:
    return np.ones((1, 1))


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
    dispersion : (G, series of the channel), or (1, 1) for all, factor on the sampling variance that the panel states: counts
        scatter more or less than Poisson (McCullagh and Nelder 1989, Generalized Linear Models, 4.5), and the delta method is
        wide where they are rare
    """

    channel: str
    share: Array
    scale: Array
    level: Array
    persistence: Array
    noise: Array
    likelihood: tuple[float, ...] = ()
    dispersion: Array = field(default_factory=_as_told)

    def free(self) -> Array:
        """The parameters as unbounded numbers: logarithms, and log-odds of the persistence."""
        odds = np.log(self.persistence / (1 - self.persistence))
        return np.concatenate(
            [
                *(np.log(self.share), np.log(self.scale), np.log(self.level), odds),
                *(np.log(self.noise).ravel(), np.log(self.dispersion).ravel()),
            ]
        )

    def at(self, free: Array) -> ChannelParameters:
        """The same channel at other parameters; see :meth:`free`."""
        classes = len(self.share)
        share, scale, level, odds = free[: 4 * classes].reshape(4, classes)
        share = np.maximum(np.exp(share - share.max()), RAREST)
        noise, dispersion = np.split(free[4 * classes :], [self.noise.size])
        return replace(
            self,
            share=share / share.sum(),
            scale=np.exp(np.clip(scale, np.log(FAINTEST) / 2, np.log(LARGEST) / 2)),
            level=np.exp(np.clip(level, np.log(FAINTEST), np.log(LARGEST))),
            persistence=np.clip(1 / (1 + np.exp(-np.clip(odds, -30.0, 30.0))), BRIEFEST, STEADIEST),
            noise=np.exp(np.clip(noise, np.log(FAINTEST), np.log(LARGEST))).reshape(self.noise.shape),
            dispersion=np.exp(np.clip(dispersion, *np.log(DISPERSIONS))).reshape(self.dispersion.shape),
        )

    def precision(self, grid: Array) -> Array:
        """(G, series × grid) precision of an observation by class of pairs and variance class."""
        spread = self.noise[:, :, None] + self.dispersion[:, :, None] * grid[None, None, :]
        inverse: Array = 1.0 / spread.reshape(len(self.share), -1)
        return inverse
