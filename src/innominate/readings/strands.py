"""Strands: the independent processes from which every trajectory is composed, before and after the data.

A strand is one pair in one channel (or one flow): a lasting level and a first-order autoregression, seen with noise, as in
:mod:`innominate.alignment.model`. Over the years of a study it is a Gaussian vector, before the data and after them, joint
over years. The process is that of the class of pairs to which it most probably belongs, at its mean speed: turns are a matter
of the data and stay out of what is weighed. Strands are independent given the parameters that all pairs share, and so are pairs: what two pairs have in
common in their posterior is only what they have in common in the data. This is the one module that knows how the
measurement model looks inside.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from innominate.alignment.one_pair import under_classes
from innominate.alignment.smoothing import BUFFERS, smooth

if TYPE_CHECKING:
    from innominate.alignment import AlignmentFit
    from innominate.alignment.model import ChannelEvidence, ChannelParameters

Array = NDArray[np.float64]
Key = tuple[str, str]  # "AAA-BBB" or "AAA>BBB", and the channel
FLOOR = 1e-8  # of a noise variance, so that an exact observation leaves a matrix that can be factorised


@dataclass(frozen=True, slots=True)
class Prior:
    """The process of a strand.

    Attributes
    ----------
    scale : standard deviation of the moving part; level : variance of the lasting part
    persistence : correlation of the moving part over one year
    """

    scale: float
    level: float
    persistence: float

    def covariance(self, years: int) -> Array:
        """(T, T) over consecutive years."""
        apart = np.abs(np.arange(years)[:, None] - np.arange(years)[None, :])
        found: Array = self.level + self.scale**2 * self.persistence**apart
        return found

    def livelier(self, times: float) -> Prior:
        """The same with all variances multiplied."""
        return replace(self, scale=self.scale * times**0.5, level=self.level * times)

    def lasting(self, times: float) -> Prior:
        """The same with changes that take so many times as long to fade."""
        return replace(self, persistence=1 - (1 - self.persistence) / times)


@dataclass(frozen=True, slots=True)
class Strand:
    """One process and what was seen of it.

    Attributes
    ----------
    key : pair or flow, and channel
    prior : its process
    z : (T,) observations, NaN unknown
    noise : (T,) their variances
    """

    key: Key
    prior: Prior
    z: Array
    noise: Array

    def before(self) -> tuple[Array, Array]:
        """(T,) mean and (T, T) covariance before the data."""
        return np.zeros(len(self.z)), self.prior.covariance(len(self.z))

    def after(self) -> tuple[Array, Array]:
        """(T,) mean and (T, T) covariance after the data."""
        mean, covariance = self.before()
        known = np.flatnonzero(np.isfinite(self.z))
        if not len(known):
            return mean, covariance
        cross = covariance[:, known]
        seen = cross[known] + np.diag(np.maximum(self.noise[known], FLOOR))
        gain = np.linalg.solve(seen, cross.T).T
        return gain @ self.z[known], covariance - gain @ cross.T

    def without(self, places: NDArray[np.intp] | None = None) -> Strand:
        """The same with some observations (all, without `places`) unknown."""
        z = np.full_like(self.z, np.nan)
        if places is not None:
            z[:] = self.z
            z[places] = np.nan
        return replace(self, z=z)

    def log_likelihood(self, prior: Prior) -> float:
        """Log-likelihood of the observations under a process."""
        known = np.isfinite(self.z)
        if not known.any():
            return 0.0
        weight = np.where(known, 1.0 / np.maximum(self.noise, FLOOR), 0.0)
        held = np.full(len(self.z), 1.0 / (1.0 - prior.persistence**2))
        held[0] = 1.0
        work = np.empty((BUFFERS, len(self.z)))
        z = np.where(known, self.z, 0.0)
        return float(smooth(z, weight, prior.scale, prior.level, prior.persistence, held, work)[2])


def pair_strands(fit: AlignmentFit, pair: tuple[str, str]) -> list[Strand]:
    """The strands of a pair, one for every channel of a fit, over all its periods.

    The process is stationary, so that years before a state existed change nothing in those after.
    """
    place = fit.panel.pair(*pair)
    key = "-".join(sorted(pair))
    return [
        strand_of(channel, place, found, fit.evidence.grid, key)
        for channel, found in zip(fit.evidence.channels, fit.parameters, strict=True)
    ]


def strand_of(channel: ChannelEvidence, place: int, found: ChannelParameters, grid: Array, key: str) -> Strand:
    """One row of a channel as a strand: the process is that of the class to which the row most probably belongs."""
    g = _class_of(channel, place, found, grid)
    z = channel.z[place].astype(np.float64)
    noise = 1.0 / found.precision(grid)[g][channel.cell[place]]
    prior = Prior(float(found.scale[g]), float(found.level[g]), float(found.persistence[g]))
    return Strand((key, channel.channel), prior, z, np.where(np.isfinite(z), noise, np.nan))


def _class_of(channel: ChannelEvidence, place: int, found: ChannelParameters, grid: Array) -> int:
    """The most probable class of a row; where nothing was seen, the largest."""
    _, _, odds = under_classes(channel.z[place], channel.cell[place], found, grid)
    return int(odds.argmax())
