"""Intervals as wide as the past says they must be: quantiles of earlier surprises, stratum by stratum, at a level that adapts.

Sparse channels are heavy-tailed: most pairs never have a dispute, a few have many. One Gaussian variance for all is too
wide for the quiet and too narrow for the busy. The remedy keeps the model's mean and the order of its variances and
learns, within strata of alike pairs, how large standardised errors have been: group-conditional (Mondrian) conformal
prediction (Vovk, Gammerman and Shafer 2005, Algorithmic Learning in a Random World, chapter 4; Lei et al. 2018, Journal
of the American Statistical Association 113: 1094-1111), the past being forgotten slowly, so that it follows a drift
(Barber et al. 2023, Annals of Statistics 51: 816-845). Where times change faster than that, years in a row miss to the same
side; then the level that is asked of the quantiles moves against what was missed (adaptive conformal inference: Gibbs and
Candès 2021, Advances in Neural Information Processing Systems 34).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Array = NDArray[np.float64]
Places = NDArray[np.intp]

FINEST, COARSEST, STEPS = 1e-4, 1e3, 640  # of absolute standardised errors; a step is 2.6 %
REMEMBERED = 0.85  # share of a year's weight that is left a year later
FEWEST = 200.0  # weighted errors in a stratum below which the channel's errors as a whole are used
STEP = 0.25  # by which the level asked for moves, of the share that last year's intervals held too few
NARROWEST = 2.0  # a level is never asked for less than this part of it,
WIDEST = 10.0  # nor to leave out less than this part of what it may
GROUPS = 2  # of pairs, ill and well covered
LOUDNESS = (0.5, 0.9, 0.98)  # quantiles of the predicted excess, in absolute value, at which strata part


@dataclass(frozen=True, slots=True)
class Errors:
    """Standardised errors remembered: (strata, STEPS + 1) weighted counts on a logarithmic grid."""

    counts: Array

    @classmethod
    def none(cls, strata: int) -> Errors:
        """Nothing learnt yet."""
        return cls(np.zeros((strata, STEPS + 1)))

    def learn(self, error: Array, stratum: Places) -> Errors:
        """The same after another year, of which `error` (n,) are the standardised errors and `stratum` (n,) the strata."""
        step = np.log(COARSEST / FINEST) / STEPS
        bins = np.ceil(np.log(np.clip(np.abs(error), FINEST, COARSEST) / FINEST) / step - 1e-9).astype(np.intp)
        strata = len(self.counts)
        new = np.bincount(stratum * (STEPS + 1) + bins, minlength=strata * (STEPS + 1)).reshape(strata, STEPS + 1)
        return Errors(self.counts * REMEMBERED + new)

    def reach(self, level: float | Array) -> Array:
        """(strata,) how many standard deviations a central interval of `level`, one for all or for each, must reach."""
        grid = np.geomspace(FINEST, COARSEST, STEPS + 1)
        asked = np.broadcast_to(level, len(self.counts))
        whole = self.counts.sum(axis=0, keepdims=True)
        rows = np.where(self.counts.sum(axis=1, keepdims=True) >= FEWEST, self.counts, whole)
        total = rows.sum(axis=1)
        place = (rows.cumsum(axis=1) < (asked * total)[:, None]).sum(axis=1)
        found: Array = np.where(total >= FEWEST, grid[np.minimum(place, STEPS)], ndtri(0.5 + asked / 2))
        return found


@dataclass(frozen=True, slots=True)
class Aim:
    """The level that intervals are asked for, so that over time they hold the level they are meant to.

    Attributes
    ----------
    level : that they are meant to hold
    owed : (groups,) what has been missed so far and not made up for, by group of pairs that is watched apart
    """

    level: float
    owed: Array

    @classmethod
    def at(cls, level: float, groups: int) -> Aim:
        """Nothing missed yet."""
        return cls(level, np.zeros(groups))

    @property
    def asked(self) -> Array:
        """(groups,) level to ask of the quantiles."""
        return np.clip(self.level + STEP * self.owed, self.level / NARROWEST, 1.0 - (1.0 - self.level) / WIDEST)

    def after(self, inside: Array, seen: Array) -> Aim:
        """The aim after another year, in which of `seen` (groups,) observations `inside` (groups,) lay within.

        Groups of which nothing was seen keep theirs.
        """
        return Aim(self.level, self.owed + np.where(seen > 0, self.level - inside / np.maximum(seen, 1.0), 0.0))


def strata_of(ahead: Array, well: Places) -> Places:
    """(n,) stratum of each pair: how far from nothing its prediction is, by quantile of the year, and how well covered.

    Parameters
    ----------
    ahead : (n,) predictions; well : (n,) 0 ill covered, 1 well
    """
    loud = np.searchsorted(np.quantile(np.abs(ahead), LOUDNESS), np.abs(ahead), side="right")
    return (loud * GROUPS + well).astype(np.intp)


STRATA = GROUPS * (len(LOUDNESS) + 1)
GROUP_OF = np.arange(STRATA) % GROUPS  # how well covered the pairs of each stratum are
