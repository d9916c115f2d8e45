"""How far a pair moved between two periods, channel by channel: the errors of the two ends are not independent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from innominate.alignment.composite import portions
from innominate.alignment.one_pair import under_classes
from innominate.alignment.smoothing import covariance_row

if TYPE_CHECKING:
    from innominate.alignment.fit import AlignmentFit

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ChannelChange:
    """What one channel contributes to the change of an alignment.

    Attributes
    ----------
    channel : its name
    mean, variance : of the contribution, on the scale of the fit; contributions sum to the change of the alignment
    seen : whether the channel looked at the pair after the first period and up to the last
    """

    channel: str
    mean: float
    variance: float
    seen: bool


def changes(fit: AlignmentFit, pair: int, before: int, after: int) -> list[ChannelChange]:
    """The change of a pair's alignment between two periods in which it exists.

    Parameters
    ----------
    pair : place on the first axis of the panel
    before, after : places of the periods
    """
    evidence, low = fit.evidence, int(fit.evidence.first[pair])
    high = int(evidence.last[pair]) + 1
    shares = np.array(portions([channel.channel for channel in evidence.channels])) / fit.scale.unit
    found = []
    for k, (channel, parameters, share) in enumerate(zip(evidence.channels, fit.parameters, shares, strict=True)):
        pace = fit.turned.pace[k, pair, low:high].astype(np.float64)
        z, cell = channel.z[pair, low:high], channel.cell[pair, low:high]
        work, lasting, odds = under_classes(z, cell, parameters, evidence.grid, pace)
        row = np.empty(len(z))
        mean, square = 0.0, 0.0
        for g in range(len(odds)):
            covariance_row(work[g], len(z), after - low, lasting[g, 1], row)
            step = float(parameters.scale[g] * (work[g, 0, after - low] - work[g, 0, before - low]))
            spread = work[g, 1, after - low] + work[g, 1, before - low] - 2 * row[before - low]
            mean += odds[g] * step
            square += odds[g] * (step**2 + parameters.scale[g] ** 2 * spread)
        seen = bool(np.isfinite(channel.z[pair, before + 1 : after + 1]).any())
        found.append(ChannelChange(channel.channel, mean * share, float(square - mean**2) * share**2, seen))
    return found
