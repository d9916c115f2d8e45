"""The ground on which readings are weighed: strands, scales and records of everything that they speak of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from innominate.errors import InputError
from innominate.readings.flows import flow_strands
from innominate.readings.reading import RECORDED, THEMES, Expectation, Quantity, Reading, Span
from innominate.readings.records import Records
from innominate.readings.strands import Key, Strand, pair_strands
from innominate.readings.yardsticks import Measure, Yardsticks

if TYPE_CHECKING:
    from innominate.study import Study

Array = NDArray[np.float64]

CHANNELS_NEEDED = 3  # that must have looked at a pair before a year says something about its alignment
THEME_NEEDED = 2  # the same of a theme


@dataclass(frozen=True, slots=True)
class Ground:
    """What was measured of the pairs and flows that some readings speak of.

    Attributes
    ----------
    years : (T,)
    strands : by key
    yardsticks : how quantities are composed, without the channels that did not look at every pair in every span: what a
        channel showed before its data ended is no change after it
    records : of commitments
    needed : channels that must have looked at a pair in a year
    """

    years: NDArray[np.int64]
    strands: dict[Key, Strand]
    yardsticks: Yardsticks
    records: Records
    needed: int = CHANNELS_NEEDED
    _moments: dict[tuple[Key, bool], tuple[Array, Array]] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, study: Study, readings: Sequence[Reading], needed: int = CHANNELS_NEEDED) -> Ground:
        """The ground for some readings.

        Raises
        ------
        InputError : the study is not by year, or does not have a pair
        """
        if study.resolution != "year":
            raise InputError(f"readings are weighed year by year; this study's resolution is {study.resolution}")
        fit = study.alignment()
        quantities = sorted(
            {one for each in readings for e in each.expects for one in e.quantities}, key=lambda q: q.text
        )
        pairs = sorted({(q.a, q.b) for q in quantities if not q.directed})
        strands = [strand for pair in pairs for strand in pair_strands(fit, pair)]
        for channel in sorted({q.name for q in quantities if q.directed}):
            flows = [(q.a, q.b) for q in quantities if q.directed and q.name == channel]
            strands += flow_strands(study.library, fit.panel, channel, flows)
        held = {strand.key: strand for strand in strands}
        years, yardsticks = fit.panel.years.astype(np.int64), Yardsticks(fit)
        spans = sorted({span for each in readings for e in each.expects for span in (e.early, e.late)}, key=str)
        ended = not_comparable(years, [one for one in strands if "-" in one.key[0]], spans)
        return cls(years, held, yardsticks.without(*ended), Records.of(fit, pairs), needed)

    def changed(self, change: Callable[[Strand], Strand]) -> Ground:
        """The same with every strand changed."""
        return replace(self, strands={key: change(one) for key, one in self.strands.items()}, _moments={})

    def with_strands(self, strands: Iterable[Strand]) -> Ground:
        """The same with some strands in the place of those of the same key; the moments of the others are kept."""
        new = {one.key: one for one in strands}
        kept = {key: found for key, found in self._moments.items() if key[0] not in new}
        return replace(self, strands=self.strands | new, _moments=kept)

    def dropping(self, channel: str) -> Ground:
        """The same without a channel."""
        return replace(self, yardsticks=self.yardsticks.without(channel))

    def with_all_channels(self) -> Ground:
        """The same with the channels that did not look at every pair in every span, too."""
        return replace(self, yardsticks=self.yardsticks.complete())

    def moments(self, key: Key, after: bool) -> tuple[Array, Array]:
        """(T,) mean and (T, T) covariance of a strand, before or after the data."""
        if (key, after) not in self._moments:
            strand = self.strands[key]
            self._moments[key, after] = strand.after() if after else strand.before()
        return self._moments[key, after]

    def measure(self, quantity: Quantity) -> Measure | None:
        """How a quantity is composed; None where nothing speaks of it."""
        if quantity.directed and (f"{quantity.a}>{quantity.b}", quantity.name) not in self.strands:
            return None
        return self.yardsticks.measure(quantity)

    def places(self, span: Span) -> NDArray[np.intp]:
        """Places of the years of a span, as far as the study has them."""
        return np.flatnonzero((self.years >= span.first) & (self.years <= span.last))

    def looked(self, quantity: Quantity) -> NDArray[np.int64]:
        """(T,) how many channels looked at a quantity."""
        measure = self.measure(quantity)
        if measure is None:
            return np.zeros(len(self.years), dtype=np.int64)
        seen = [np.isfinite(self.strands[key].z) for key in self.keys(quantity, measure)]
        return np.sum(seen, axis=0, dtype=np.int64) * np.isfinite(measure.offset)

    def keys(self, quantity: Quantity, measure: Measure) -> list[Key]:
        """The strands of a quantity, in the order of its weights."""
        about = f"{quantity.a}>{quantity.b}" if quantity.directed else quantity.pair
        return [(about, channel) for channel in measure.weights]

    def testable(self, expectation: Expectation) -> bool:
        """Whether enough was looked at, in the early and in the late years, to judge an expectation."""
        if expectation.shape in RECORDED:
            return self.records.known(expectation)
        return all(
            len(places := self.places(span)) > 0 and int(self.looked(quantity)[places].max()) >= self._need(quantity)
            for quantity in expectation.quantities
            for span in (expectation.early, expectation.late)
        )

    def _need(self, quantity: Quantity) -> int:
        if quantity.name in ("alignment", "gap"):
            return self.needed
        return min(THEME_NEEDED, self.needed) if quantity.name in THEMES else 1


def not_comparable(years: NDArray[np.int64], strands: Sequence[Strand], spans: Sequence[Span]) -> list[str]:
    """Channels that did not look at every pair in every span."""
    inside = [(years >= span.first) & (years <= span.last) for span in spans]
    blind = {one.key[1] for one in strands for span in inside if not np.isfinite(one.z[span]).any()}
    return sorted(blind)
