"""From levels to the link scale, with sampling variance: counts, amounts, levels, shares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from innominate.panel.margins import Mask, Matrix, two_way

RARE = 1.0  # acts a pair and period, below which a count is too rare for the delta method
PRIOR_EVENTS = 4.0  # a share is shrunk towards its margin with the weight of this many events


@dataclass(frozen=True, slots=True)
class Excess:
    """What a pair shows beyond its margins in one period.

    Attributes
    ----------
    value : (N, N) on the link scale, NaN where unknown
    variance : (N, N) sampling variance on the same scale (zero where only the noise is estimated)
    showing : share of the known pairs that show anything at all; 1 where showing nothing is no special case
    """

    value: Matrix
    variance: Matrix
    showing: float = 1.0


def counts(level: Matrix, known: Mask) -> Excess:
    """Dated acts counted: log(1 + y) less its margins, Poisson variance at the margins' rate by the delta method.

    The variance is taken at the rate that the margins predict, not at the count observed: a single dispute between two
    states that should have none is strong evidence, and must not be discounted as a noisy count of one. Where counts
    are rare (mean rate under :data:`RARE`) the delta method fails, and the variance is left to be estimated (0).

    Parameters
    ----------
    level : (N, N) non-negative counts, zero where nothing was recorded inside coverage
    known : (N, N) inside coverage
    """
    linked = np.log1p(level)
    margins = two_way(linked, known)
    rate = np.expm1(np.clip(margins.fitted, 0.0, 20.0))
    if known.any() and level[known].mean() < RARE:
        rate = np.zeros_like(rate)
    return _masked(linked - margins.fitted, rate / (1.0 + rate) ** 2, known, showing(level, known))


def amounts(level: Matrix, known: Mask) -> Excess:
    """Positive sums and lasting levels: log(1 + y) less its margins; their noise is left to be estimated."""
    linked = np.log1p(level)
    return _masked(linked - two_way(linked, known).fitted, np.zeros_like(linked), known, showing(level, known))


def beyond(excess: Excess, other: Excess) -> Excess:
    """An excess less what another one predicts of it over pairs (least squares through nought, never a negative slope).

    Where the other is unknown nothing is taken out. Sampling errors of the two are taken for independent.
    """
    both = np.isfinite(excess.value) & np.isfinite(other.value)
    size = float((other.value[both] ** 2).sum())
    slope = max(float((excess.value[both] * other.value[both]).sum()) / size, 0.0) if size > 0 else 0.0
    value = np.where(both, excess.value - slope * np.where(both, other.value, 0.0), excess.value)
    variance = np.where(both, excess.variance + slope**2 * np.where(both, other.variance, 0.0), excess.variance)
    return Excess(value, variance, excess.showing)


def showing(level: Matrix, known: Mask) -> float:
    """Share of the known pairs between which anything was recorded.

    How far below its margins a pair that shows nothing stands says how active its states are, not how far apart: the
    observation is censored at nothing (Tobin 1958, Econometrica 26: 24-36). Where nearly all pairs show something, a
    blank is telling; where few do, it tells little.
    """
    return float((level[known] > 0).mean()) if known.any() else 1.0


def shares(part: Matrix, whole: Matrix, known: Mask) -> Excess:
    """Share of one count in another as log-odds less margins, binomial variance; unknown where nothing was counted.

    Parameters
    ----------
    part, whole : (N, N) counts, part <= whole
    known : (N, N) inside coverage
    """
    known = known & (whole > 0)
    weight = whole / (whole + PRIOR_EVENTS)
    total = float(weight[known].sum())
    typical = float((weight * part / np.maximum(whole, 1.0))[known].sum()) / total if total > 0 else 0.5
    base = min(max(typical, 0.01), 0.99)  # of the typical pair: a few loud quarrels must not set the prior of all
    yes = part + PRIOR_EVENTS * base
    no = whole - part + PRIOR_EVENTS * (1 - base)
    linked = np.log(yes / no)
    fitted = two_way(linked, known).fitted
    variance = weight**2 * (1.0 / yes + 1.0 / no)
    return _masked(linked - fitted, variance, known)


def _masked(value: Matrix, variance: Matrix, known: Mask, showing: float = 1.0) -> Excess:
    nan: NDArray[np.float64] = np.full_like(value, np.nan)
    return Excess(np.where(known, value, nan), np.where(known, variance, nan), showing)
