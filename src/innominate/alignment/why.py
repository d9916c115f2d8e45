"""Why: an alignment as an exact sum of contributions, one for every series and period observed.

Smoothing is linear in the observations: a channel's excess at t is the sum over periods s of precision[s] × posterior
covariance of x[t] and x[s] × z[s], and the alignment is the mean of its channels' excesses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from innominate.alignment import kernels

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
) -> Why:
    """Take the alignment of one pair in one period apart.

    Parameters
    ----------
    pair, period : places on the first two axes of the panel
    """
    low, high = int(evidence.first[pair]), int(evidence.last[pair])
    share = 1.0 / (len(parameters) * scale.unit)
    frames, total, variance = [], 0.0, 0.0
    for channel, found in zip(evidence.channels, parameters, strict=True):
        z = channel.z[pair, low : high + 1].astype(np.float64)
        cell = channel.cell[pair, low : high + 1]
        steps = found.innovation((1, panel.z.shape[1]), evidence.first[pair : pair + 1])[0, low : high + 1]
        weights, spread = channel_weights(z, found.precision(evidence.grid)[cell], found, steps, period - low)
        known = np.flatnonzero(np.isfinite(z))
        contribution = weights[known] * z[known] * share
        total += float(contribution.sum())
        variance += spread * share**2
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
    z: Array, precision: Array, found: ChannelParameters, steps: Array, target: int
) -> tuple[Array, float]:
    """Weights of one channel's observations in its smoothed excess at one period, and that excess's variance.

    Parameters
    ----------
    z : (T,) NaN unknown; precision : (T,) of each observation; steps : (T,) innovation variances
    target : the period

    Returns
    -------
    (T,) weights, 0 where unknown: x[target] = sum of weights × z; and the posterior variance of x[target]
    """
    n = len(z)
    known = np.isfinite(z)
    weight = np.where(known, precision, 0.0)
    work, path = np.empty((kernels.BUFFERS, n)), np.empty(n)
    _, spread, _ = kernels.smooth(
        np.where(known, z, 0.0), weight, found.scale, found.level, found.persistence, steps.copy(), work
    )
    kernels.covariance_row(work, n, target, spread, path)
    variance, cross = work[1], work[3]
    covariance = found.scale * (found.scale * path + cross[target] + cross) + spread
    return weight * covariance, float(found.scale**2 * variance[target] + 2 * found.scale * cross[target] + spread)
