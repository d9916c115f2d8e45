"""Why: an alignment as an exact sum of contributions, one for every series and period observed.

Given the class of a pair and the pace of its path, smoothing is linear in the observations: a channel's excess at t is the
sum over periods s of precision[s] × posterior covariance of x[t] and x[s] × z[s]. Over classes these weights are averaged
with the classes' probabilities, and the alignment is the weighted mean of its channels' excesses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from innominate.alignment import kernels
from innominate.alignment.composite import portions
from innominate.alignment.one_pair import STEADY, under_classes
from innominate.alignment.smoothing import covariance_row

if TYPE_CHECKING:
    from innominate.alignment.model import ChannelParameters, Evidence
    from innominate.alignment.scale import Scale
    from innominate.panel import Panel

Array = NDArray[np.float64]

ORIGIN = "(scale)"  # the contribution of the scale's zero: what a pair about which nothing is known would show
Z90 = 1.6448536269514722  # half-width of a central 90 % interval in standard deviations
_COLUMNS: dict[str, pl.DataType] = {
    "channel": pl.String(),
    "dataset": pl.String(),
    "period": pl.String(),
    "year": pl.Int64(),
    "z": pl.Float64(),
    "weight": pl.Float64(),
    "contribution": pl.Float64(),
}


@dataclass(frozen=True, slots=True)
class Why:
    """An alignment taken apart.

    Attributes
    ----------
    a, b : the pair; period : its label
    alignment, low, high : what is explained, with its 90 % interval
    contributions : channel, dataset, period, year, z (standardised observation), weight (alignment per unit of z),
        contribution = weight × z. Their sum is `alignment`, with one row for the scale's origin.
    """

    a: str
    b: str
    period: str
    alignment: float
    low: float
    high: float
    contributions: pl.DataFrame

    def by_channel(self) -> pl.DataFrame:
        """Contributions summed by channel, largest first: channel, contribution, observations."""
        return (
            self.contributions.group_by("channel")
            .agg(pl.col("contribution").sum(), pl.len().alias("observations"))
            .sort(pl.col("contribution").abs(), "channel", descending=[True, False])
        )

    def by_year(self) -> pl.DataFrame:
        """Contributions summed by year: year (null for the scale's origin), contribution."""
        return self.contributions.group_by("year").agg(pl.col("contribution").sum()).sort("year")


def explain(
    panel: Panel,
    evidence: Evidence,
    parameters: tuple[ChannelParameters, ...],
    scale: Scale,
    pair: int,
    period: int,
    pace: NDArray[np.float32] | None = None,
    besides: float = 0.0,
) -> Why:
    """Take the alignment of one pair in one period apart.

    Parameters
    ----------
    pair, period : places on the first two axes of the panel
    pace : (K, P, T) of the paths; see :mod:`innominate.alignment.turns`
    besides : variance beside that of the channels one by one, in squared spreads: what they say of one another and the
        choice of channels; see :mod:`innominate.alignment.across` and :mod:`innominate.alignment.choice`
    """
    low, high = int(evidence.first[pair]), int(evidence.last[pair])
    shares = np.array(portions([channel.channel for channel in evidence.channels])) / scale.unit
    frames, total, variance = [], 0.0, besides / scale.unit**2
    for k, (channel, found, share) in enumerate(zip(evidence.channels, parameters, shares, strict=True)):
        moving = STEADY if pace is None else pace[k, pair, low : high + 1].astype(np.float64)
        z = channel.z[pair, low : high + 1]
        cell = channel.cell[pair, low : high + 1]
        weights, spread = channel_weights(z, cell, found, evidence.grid, moving, period - low)
        known = np.flatnonzero(np.isfinite(z))
        contribution = weights[known] * z[known] * share
        total += float(contribution.sum())
        variance += spread * share**2
        if channel.partial.size:
            variance += float(channel.partial[pair, period]) * share**2
        sources = [panel.series[channel.series[cell[t] // len(evidence.grid)]].dataset for t in known]
        frames.append(
            pl.DataFrame(
                {
                    "channel": [channel.channel] * len(known),
                    "dataset": sources,
                    "period": [panel.labels[low + t] for t in known],
                    "year": panel.years[low + known].astype(np.int64),
                    "z": z[known],
                    "weight": weights[known] * share,
                    "contribution": contribution,
                },
                schema=_COLUMNS,
            )
        )
    origin = -scale.zero / scale.unit
    row = [[ORIGIN], [""], [""], [None], [None], [None], [origin]]
    frames.append(pl.DataFrame(dict(zip(_COLUMNS, row, strict=True)), schema=_COLUMNS))
    margin = Z90 * float(np.sqrt(variance))
    alignment = total + origin
    a, b = panel.states[panel.a[pair]], panel.states[panel.b[pair]]
    return Why(a, b, panel.labels[period], alignment, alignment - margin, alignment + margin, pl.concat(frames))


def channel_weights(
    z: NDArray[np.float32],
    cell: NDArray[np.uint16],
    found: ChannelParameters,
    grid: Array,
    pace: Array,
    target: int,
) -> tuple[Array, float]:
    """Weights of one channel's observations in its smoothed excess at one period, and that excess's variance.

    Parameters
    ----------
    z, cell : (T,) observations, NaN unknown, and their variance classes
    pace : (T,) factor on the stationary step into each period, or empty
    target : the period

    Returns
    -------
    (T,) weights, 0 where unknown: the mean of x[target] is the sum of weights × z; and the posterior variance of x[target]
    """
    n, path = len(z), np.empty(len(z))
    work, lasting, odds = under_classes(z, cell, found, grid, pace)
    weights, mean, square = np.zeros(n), 0.0, 0.0
    for g in range(len(odds)):
        scale, spread = found.scale[g], lasting[g, 1]
        covariance_row(work[g], n, target, spread, path)
        variance, cross, precision = work[g, 1], work[g, 3], work[g, kernels.WEIGHT]
        weights += odds[g] * precision * (scale * (scale * path + cross[target] + cross) + spread)
        own = float(scale * work[g, 0, target] + lasting[g, 0])
        mean += odds[g] * own
        square += odds[g] * (own**2 + scale**2 * variance[target] + 2 * scale * cross[target] + spread)
    return weights, float(square - mean**2)
