"""Why: an alignment as an exact sum of contributions, one for every series and period observed.

Smoothing is linear in the observations. With weights w and posterior covariances of theta with itself (G) and with the
offsets (H), theta[t] = sum over (s, c) of w[s, c] (loading[c] G[t, s] + H[t, c]) z[s, c].
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from innominate.alignment import kernels

if TYPE_CHECKING:
    from innominate.alignment.model import Evidence, Parameters
    from innominate.alignment.scale import Scale
    from innominate.panel import Panel

ORIGIN = "(scale)"  # the contribution of the scale's zero: what a pair about which nothing is known would show


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


def explain(panel: Panel, evidence: Evidence, parameters: Parameters, scale: Scale, pair: int, period: int) -> Why:
    """Take the alignment of one pair in one period apart.

    Parameters
    ----------
    pair, period : places on the first two axes of the panel
    """
    low, high = int(evidence.first[pair]), int(evidence.last[pair])
    z = evidence.z[pair, low : high + 1].astype(np.float64)
    known = np.isfinite(z)
    spread = parameters.noise[None, :] + evidence.grid[evidence.bins[pair, low : high + 1]]
    weight = np.where(known, 1.0 / spread, 0.0)
    n, k = z.shape
    mean, variance, lag = np.empty(n), np.empty(n), np.empty(max(n - 1, 1))
    offset, cross, covariance, inner = np.empty(k), np.empty((n, k)), np.empty((k, k)), np.empty((n, 2))
    steps = parameters.innovation((1, panel.z.shape[1]), evidence.first[pair : pair + 1])[0, low : high + 1].copy()
    kernels.smooth(
        np.where(known, z, 0.0), weight, parameters.loading, parameters.offset, parameters.persistence, steps,
        mean, variance, lag, offset, cross, covariance, inner,
    )  # fmt: skip
    target = period - low
    row = np.empty(n)
    kernels.inner_row(inner, target, row)
    reach = row - cross[target] @ _coupled(inner, weight, parameters.loading).T
    influence = weight * (parameters.loading[None, :] * reach[:, None] + cross[target][None, :]) / scale.unit
    places = np.argwhere(known)
    values, factors = z[known], influence[known]
    frame = pl.DataFrame(
        {
            "channel": [panel.series[c].channel for _, c in places],
            "dataset": [panel.series[c].dataset for _, c in places],
            "period": [panel.labels[low + t] for t, _ in places],
            "year": panel.years[low + places[:, 0]].astype(np.int64),
            "z": values,
            "weight": factors,
            "contribution": values * factors,
        },
        schema_overrides={"channel": pl.String, "dataset": pl.String, "period": pl.String, "year": pl.Int64},
    )
    origin = pl.DataFrame(
        {"channel": [ORIGIN], "dataset": [""], "period": [""], "year": [None], "z": [None], "weight": [None],
         "contribution": [-scale.zero / scale.unit]},
        schema=frame.schema,
    )  # fmt: skip
    alignment = float(scale.alignment(mean)[target])
    margin = 1.6448536269514722 * float(np.sqrt(variance[target])) / scale.unit
    return Why(
        panel.states[panel.a[pair]],
        panel.states[panel.b[pair]],
        panel.labels[period],
        alignment,
        alignment - margin,
        alignment + margin,
        pl.concat([frame, origin]),
    )


def _coupled(
    inner: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    weight: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    loading: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """inv(A) B, (T, S)."""
    x = np.ascontiguousarray(loading[None, :] * weight)
    kernels.solve_inner(inner, x)
    return x
