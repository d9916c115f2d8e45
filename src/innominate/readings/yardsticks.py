"""From strands to quantities: the scale of alignment, of its themes and of single channels."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from innominate.alignment import model
from innominate.alignment.composite import portions
from innominate.alignment.scale import Scale, reference_scale
from innominate.ledger.channels import CHANNELS
from innominate.readings.reading import THEMES, Quantity

if TYPE_CHECKING:
    from innominate.alignment import AlignmentFit

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Measure:
    """How a quantity is composed of the strands of its pair or flow.

    Attributes
    ----------
    weights : channel → weight, the same in every year
    offset : (T,) what is added; NaN where the quantity is not defined
    """

    weights: dict[str, float]
    offset: Array


@dataclass(frozen=True, slots=True)
class Yardsticks:
    """The scales of a fit, kept once computed.

    Attributes
    ----------
    fit : the alignment of all pairs
    dropped : channels left out everywhere
    """

    fit: AlignmentFit
    dropped: frozenset[str] = frozenset()
    _means: dict[str, Array] = field(default_factory=dict, repr=False, compare=False)
    _scales: dict[frozenset[str], Scale] = field(default_factory=dict, repr=False, compare=False)
    _typical: dict[str, pl.DataFrame] = field(default_factory=dict, repr=False, compare=False)

    def without(self, *channels: str) -> Yardsticks:
        """The same with some channels left out; what was computed is shared."""
        return self._but(self.dropped | set(channels))

    def complete(self) -> Yardsticks:
        """The same with no channel left out."""
        return self._but(frozenset())

    def _but(self, dropped: frozenset[str]) -> Yardsticks:
        return Yardsticks(self.fit, dropped, self._means, self._scales, self._typical)

    @property
    def channels(self) -> list[str]:
        """The channels that count."""
        return [one.channel for one in self.fit.evidence.channels if one.channel not in self.dropped]

    def composing(self, name: str) -> list[str]:
        """The channels of alignment, of its gap, of a theme, or one channel by itself."""
        if name in ("alignment", "gap"):
            return self.channels
        return [one for one in self.channels if one == name or (name in THEMES and CHANNELS[one].theme == name)]

    def measure(self, quantity: Quantity) -> Measure | None:
        """How a quantity is composed; None where no channel that counts speaks of it."""
        channels, years = self.composing(quantity.name), self.fit.mean.shape[1]
        if quantity.directed or quantity.name in CHANNELS:
            kept = quantity.name not in self.dropped if quantity.directed else bool(channels)
            return Measure({quantity.name: 1.0}, np.zeros(years)) if kept else None
        if not channels:
            return None
        scale = self.scale(channels)
        ordered = sorted(channels)
        weights = {name: share / scale.unit for name, share in zip(ordered, portions(ordered), strict=True)}
        offset = np.full(years, -scale.zero / scale.unit)
        if quantity.name == "gap":
            offset = offset - self.typical(quantity)
        return Measure(weights, offset)

    def scale(self, channels: Collection[str]) -> Scale:
        """0 and 1 of the composite of some channels, from all pairs."""
        wanted = frozenset(channels)
        if wanted == {one.channel for one in self.fit.evidence.channels}:
            return self.fit.scale
        if wanted not in self._scales:
            ordered = sorted(wanted)
            shares = portions(ordered)
            composite = np.sum([share * self._mean(one) for one, share in zip(ordered, shares, strict=True)], axis=0)
            self._scales[wanted] = reference_scale(self.fit.panel, composite)
        return self._scales[wanted]

    def _mean(self, channel: str) -> Array:
        """(P, T) posterior mean of one channel's excess for all pairs."""
        if channel not in self._means:
            evidence = self.fit.evidence
            place = [one.channel for one in evidence.channels].index(channel)
            smoothed = model.smooth_channel(evidence, place, self.fit.parameters[place])
            self._means[channel] = smoothed.mean.astype(np.float32)
        return self._means[channel]

    def typical(self, quantity: Quantity) -> Array:
        """(T,) median alignment in each year of all pairs with the same standing of commitment; NaN where unknown."""
        if not self._typical:
            self._typical["all"] = self.fit.table().drop_nulls("committed")
        table = self._typical["all"]
        medians = table.group_by("year", "committed").agg(pl.col("alignment").median().alias("typical"))
        own = table.filter((pl.col("a") == quantity.a) & (pl.col("b") == quantity.b)).select("year", "committed")
        found = dict(own.join(medians, on=["year", "committed"]).select("year", "typical").iter_rows())
        return np.array([found.get(int(year), np.nan) for year in self.fit.panel.years])
