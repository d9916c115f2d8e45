"""The panel: what every pair shows in every period and series, beyond what the two states' own activity predicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from innominate import states
from innominate.errors import InputError
from innominate.ledger.channels import CHANNELS, Channel
from innominate.panel.flows import FlowParts
from innominate.panel.periods import Resolution, label_of, year_of

LEDGERS = "acts-csv/"  # datasets of users' own acts


@dataclass(frozen=True, slots=True)
class Series:
    """One dataset's view of one channel; two datasets on the same channel are two series."""

    channel: str
    dataset: str

    @property
    def name(self) -> str:
        """``channel@dataset``."""
        return f"{self.channel}@{self.dataset}"

    @property
    def about(self) -> Channel:
        """The channel's description."""
        return CHANNELS[self.channel]


Parts = Mapping[tuple[str, str, int], str]
Flows = Mapping[tuple[str, str, int], FlowParts]


def family_of(dataset: str) -> str:
    """The series of a channel that a dataset belongs to: what a provider publishes in parts (``icews/2018``) is one.

    Ledgers of users (``acts-csv/visits``) have nothing to do with one another, and each is a series of its own.
    """
    return dataset if dataset.startswith(LEDGERS) else dataset.split("/")[0]


def _undiscounted() -> NDArray[np.float32]:
    return np.ones((1, 1), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Panel:
    """Observations of all pairs.

    Attributes
    ----------
    states : N codes, sorted
    a, b : (P,) places of the two states of each pair in `states`, a < b
    periods : (T,) consecutive period numbers (see :mod:`innominate.panel.periods`)
    resolution : year, quarter or month
    series : S series
    z : (P, T, S) float32, excess over the two states' margins, divided by its spread over pairs in that period, signed
        so that more is what allies do; NaN where unknown
    variance : (P, T, S) float32, sampling variance of z (0 where only the noise is to be estimated); NaN where unknown
    alive : (P, T) whether both states exist
    discount : (T, S), or (1, 1) for all, the factor on z that excesses below zero have been given; see
        :func:`innominate.panel.links.showing`
    parts : channel of acts, dataset and period → the part of the dataset that stands there, where it has parts
    flows : the same → the part that each flow is taken from, where the pairs of a period are put together of several
    """

    states: tuple[str, ...]
    a: NDArray[np.int32]
    b: NDArray[np.int32]
    periods: NDArray[np.int32]
    resolution: Resolution
    series: tuple[Series, ...]
    z: NDArray[np.float32]
    variance: NDArray[np.float32]
    alive: NDArray[np.bool_]
    discount: NDArray[np.float32] = field(default_factory=_undiscounted)
    parts: Parts = field(default_factory=dict)
    flows: Flows = field(default_factory=dict)

    @property
    def years(self) -> NDArray[np.int32]:
        """(T,) calendar year of each period."""
        return np.array([year_of(int(period), self.resolution) for period in self.periods], dtype=np.int32)

    @property
    def labels(self) -> list[str]:
        """The periods for people."""
        return [label_of(int(period), self.resolution) for period in self.periods]

    def pair(self, first: str, second: str) -> int:
        """The place of a pair on the first axis; an :class:`InputError` where the panel does not have it."""
        one, two = sorted((first, second))
        if one == two:
            raise InputError(f"a pair is two different states; both are {one}")
        for code in (one, two):
            if code not in self.states:
                raise InputError(
                    states.unmeasured(code)
                    or f"{code} is not in this panel (a state that existed in {self.labels[0]}-{self.labels[-1]})"
                )
        i, j = self.states.index(one), self.states.index(two)
        found = np.flatnonzero((self.a == i) & (self.b == j))
        if not len(found):
            raise InputError(f"{one} and {two} never existed at the same time in {self.labels[0]}-{self.labels[-1]}")
        return int(found[0])

    def select(self, channels: set[str]) -> Panel:
        """The same panel with the series of some channels only."""
        keep = [k for k, series in enumerate(self.series) if series.channel in channels]
        return Panel(
            self.states,
            self.a,
            self.b,
            self.periods,
            self.resolution,
            tuple(self.series[k] for k in keep),
            self.z[:, :, keep],
            self.variance[:, :, keep],
            self.alive,
            np.broadcast_to(self.discount, self.z.shape[1:])[:, keep],
            self.parts,
            self.flows,
        )

    def parts_of(self, channel: str, dataset: str, period: int, a: str, b: str) -> tuple[str | None, str | None]:
        """The parts of a dataset that what `a` does to `b`, and `b` to `a`, is taken from in a period, where it has parts."""
        key = (channel, dataset, period)
        if key not in self.flows:
            return self.parts.get(key), self.parts.get(key)
        i, j = self.states.index(a), self.states.index(b)
        return self.flows[key].part(i, j), self.flows[key].part(j, i)

    def known(self) -> pl.DataFrame:
        """Known cells by series and period: series, channel, dataset, period, pairs."""
        counts = np.isfinite(self.z).sum(axis=0)
        rows = [
            (series.name, series.channel, series.dataset, label, int(counts[t, s]))
            for s, series in enumerate(self.series)
            for t, label in enumerate(self.labels)
        ]
        return pl.DataFrame(rows, schema=["series", "channel", "dataset", "period", "pairs"], orient="row")
