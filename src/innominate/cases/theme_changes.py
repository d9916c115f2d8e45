"""Changes of alignment by theme between two years, with the covariance of the two: where claims meet the fitted model.

Channels are smoothed apart and alignment is the sum of their shares, so that the change of a pair is exactly the sum of the
changes of its channels, and a theme's part of it the sum over its channels. The lasting level of a channel cancels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from innominate.alignment import AlignmentFit, kernels
from innominate.ledger import CHANNELS

Array = NDArray[np.float64]

THEMES = ("security", "economy", "diplomacy")
ALL = "all"


@dataclass(frozen=True, slots=True)
class Change:
    """Change of one pair's alignment between two years, in the units of alignment.

    Attributes
    ----------
    mean, variance : theme (or ``all``) → of the change
    seen : theme → its channels with an observation after the first year
    """

    mean: dict[str, float]
    variance: dict[str, float]
    seen: dict[str, tuple[str, ...]]


def change(fit: AlignmentFit, key: str, first: int, last: int) -> Change | None:
    """The change of a pair from the end of one year to the end of another; None where it did not exist in both.

    Parameters
    ----------
    key : ``AAA-BBB``
    first, last : years of a yearly fit
    """
    panel, evidence = fit.panel, fit.evidence
    one, two = key.split("-")
    if one not in panel.states or two not in panel.states:
        return None
    found = np.flatnonzero((panel.a == panel.states.index(one)) & (panel.b == panel.states.index(two)))
    if not len(found):
        return None
    pair = int(found[0])
    begin, finish = int(evidence.first[pair]), int(evidence.last[pair])
    before, after = first - int(panel.years[0]), last - int(panel.years[0])
    if not begin <= before < after <= finish:
        return None
    share = 1.0 / (len(fit.parameters) * fit.scale.unit)
    mean, variance = dict.fromkeys((ALL, *THEMES), 0.0), dict.fromkeys((ALL, *THEMES), 0.0)
    seen: dict[str, list[str]] = {theme: [] for theme in THEMES}
    for channel, parameters in zip(evidence.channels, fit.parameters, strict=True):
        z = channel.z[pair, begin : finish + 1].astype(np.float64)
        known = np.isfinite(z)
        precision = parameters.precision(evidence.grid)[channel.cell[pair, begin : finish + 1]]
        steps = parameters.innovation((1, panel.z.shape[1]), evidence.first[pair : pair + 1])[0, begin : finish + 1]
        step, spread = _step(
            np.where(known, z, 0.0), np.where(known, precision, 0.0), parameters.scale, parameters.level,
            parameters.persistence, steps.copy(), before - begin, after - begin,
        )  # fmt: skip
        theme = CHANNELS[channel.channel].theme
        for name in (ALL, theme):
            mean[name] += step * share
            variance[name] += spread * share**2
        if known[before - begin + 1 : after - begin + 1].any():
            seen[theme].append(channel.channel)
    return Change(mean, variance, {theme: tuple(names) for theme, names in seen.items()})


def _step(
    z: Array, weight: Array, scale: float, level: float, persistence: float, steps: Array, before: int, after: int
) -> tuple[float, float]:
    """Posterior mean and variance of x[after] - x[before] of one channel."""
    n = len(z)
    work, row = np.empty((kernels.BUFFERS, n)), np.empty(n)
    _, spread, _ = kernels.smooth(z, weight, scale, level, persistence, steps, work)
    kernels.covariance_row(work, n, after, spread, row)
    mean, variance = work[0], work[1]
    return float(scale * (mean[after] - mean[before])), float(
        scale**2 * (variance[after] + variance[before] - 2 * row[before])
    )


def dated_turns(fit: AlignmentFit, key: str, least: float = 0.5) -> pl.DataFrame | None:
    """Turns of a pair that are more likely than not: year, probability, step; None where the model dates none."""
    turns = getattr(fit, "turns", None)
    if turns is None:
        return None
    found = turns(*key.split("-"))
    if not isinstance(found, pl.DataFrame) or not {"year", "probability", "step"} <= set(found.columns):
        return None
    return found.filter(pl.col("probability") >= least).select("year", "probability", "step")


def unseen(changes: Sequence[Change]) -> list[str]:
    """Titles of channels that no pair was seen in after the first year."""
    seen = {name for one in changes for names in one.seen.values() for name in names}
    return [channel.title for name, channel in CHANNELS.items() if channel.measured and name not in seen]
