"""How much an alignment owes to the choice of channels: its error as a sample of all that could have been looked at.

The acts of a pair are seen through a few channels, each with peculiarities of its own: somebody's only supplier of arms votes
against him. How well such a mean tells what it is meant for is a question of generalizability (Cronbach, Gleser, Nanda and
Rajaratnam 1972, The Dependability of Behavioral Measurements; Brennan 2001, Generalizability Theory): with channels as a
random facet, a weighted mean of them errs by the weighted variance between them. A pair's own dozen channels tell that
variance badly, and all pairs together ignore how unlike pairs are; half of each stands, as in shrunken variances (Smyth
2004, Statistical Applications in Genetics and Molecular Biology 3: 3).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

OWN = 0.5  # weight of a pair's own variance between channels against that of all pairs in the period
WIDEST = 2.0  # factor by which a variance between few channels is widened at most


def effective_number(portions: Array) -> float:
    """How many equally weighted channels would tell a variance as well as these: (sum w^2)^2 / sum w^4 (Satterthwaite 1946)."""
    return float((portions**2).sum() ** 2 / (portions**4).sum())


def choice_variance(first: Array, second: Array, mean: Array, portions: Array, seen: NDArray[np.bool_]) -> Array:
    """Variance of a composite because other channels might have been looked at.

    Parameters
    ----------
    first, second : (P, T) sums over channels of w^2 x and w^2 x^2, w being the weight of a channel and x its smoothed excess
    mean : (P, T) the composite, sum of w x; NaN where a pair does not exist
    portions : (K,) the weights w, which sum to one
    seen : (P,) pairs that any channel ever looked at: only they tell what is usual

    Returns
    -------
    (P, T) in squared units of `mean`, 0 with one channel, from which none can be told. It is widened as the variance of a t
        distribution with a pair's own degrees of freedom is, which errs to caution where pairs are alike.
    """
    squares = float((portions**2).sum())
    free = effective_number(portions) - 1.0
    if free < 0.5:
        return np.where(np.isfinite(mean), 0.0, np.nan)
    own = np.maximum(second - 2.0 * mean * first + mean**2 * squares, 0.0) / (1.0 - squares)
    usual = np.nansum(own[seen], axis=0) / np.maximum(np.isfinite(own[seen]).sum(axis=0), 1)
    wider = free / (free - 2.0) if free * (1.0 - 1.0 / WIDEST) > 2.0 else WIDEST
    found: Array = (OWN * own + (1.0 - OWN) * usual) * wider
    return found
