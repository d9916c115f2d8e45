"""A fitted alignment: every pair through time with its interval, and the questions asked of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtr

from innominate.alignment import model
from innominate.alignment.dating import dated_turns
from innominate.alignment.model import ChannelEvidence, ChannelParameters, Composite, Evidence
from innominate.alignment.scale import Scale, reference_scale
from innominate.alignment.standing import family_standing
from innominate.alignment.turns import Turns, find_turns
from innominate.alignment.why import Z90, Why, explain
from innominate.errors import InputError
from innominate.ledger import Library
from innominate.ledger.channels import channels_of
from innominate.panel import Panel, build
from innominate.panel.coverage import exposures
from innominate.panel.periods import per_year

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class AlignmentFit:
    """Alignment of every pair in every period.

    Attributes
    ----------
    library : the library it was measured in
    panel, evidence : the observations
    parameters : what all pairs share, channel by channel
    scale : 0 and 1
    composite : mean and variances of the alignment, in spreads
    turned : when pairs turned, and the pace of their paths
    """

    library: Library
    panel: Panel
    evidence: Evidence
    parameters: tuple[ChannelParameters, ...]
    scale: Scale
    composite: Composite
    turned: Turns
    _tables: dict[str, pl.DataFrame] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __repr__(self) -> str:
        """The fit in a line: what it is of, not its arrays."""
        pairs, (first, last) = len(self.panel.a), (self.panel.years.min(), self.panel.years.max())
        return f"AlignmentFit({pairs:,} pairs, {first}-{last}, {len(self.parameters)} channels; {self.scale.label})"

    @property
    def mean(self) -> Array:
        """(P, T) the composite in spreads; NaN where a pair does not exist."""
        return self.composite.mean

    @property
    def variance(self) -> Array:
        """(P, T) variance of what the channels looked at show on average; intervals have the choice of channels besides."""
        return self.composite.variance

    @property
    def deviation(self) -> Array:
        """(P, T) standard deviation of the alignment on the scale: what `variance` holds, and the choice of channels."""
        found: Array = np.sqrt(self.variance + self.composite.choice) / self.scale.unit
        return found

    def table(self) -> pl.DataFrame:
        """Every pair and period: a, b, year (and period), alignment, low, high, sd, committed, unnamed.

        low, high: central 90 % interval, of the acts' own noise and of the choice of channels. committed: a defence commitment in force at any time in the year; null
        where no dataset surveyed commitments. unnamed: posterior probability that the alignment is above the lower
        quartile of NATO pairs; null for committed pairs.
        """
        held = self.library.fingerprint  # commitments may have been imported since the last question
        if held not in self._tables:
            self._tables.clear()
            self._tables[held] = self._assemble()
        return self._tables[held]

    def _assemble(self) -> pl.DataFrame:
        pairs, periods = np.nonzero(np.isfinite(self.mean))
        codes = np.array(self.panel.states)
        frame = pl.DataFrame(
            {
                "a": codes[self.panel.a[pairs]],
                "b": codes[self.panel.b[pairs]],
                "year": self.panel.years[periods],
                "period": np.array(self.panel.labels)[periods],
                "alignment": self.scale.alignment(self.mean[pairs, periods]),
                "sd": self.deviation[pairs, periods],
            }
        )
        return self._judge(frame if self.panel.resolution != "year" else frame.drop("period"))

    def _judge(self, frame: pl.DataFrame) -> pl.DataFrame:
        from innominate.ledger.commitments import commitments_in_force

        defence = commitments_in_force(self.library).filter(pl.col("defence")).select("a", "b", "year")
        none_known = pl.when(pl.Series(self._surveyed(frame))).then(False)  # elsewhere unknown, not uncommitted
        above = ndtr((frame["alignment"].to_numpy() - self.scale.quartile) / frame["sd"].to_numpy())
        return (
            frame.with_columns(
                (pl.col("alignment") - Z90 * pl.col("sd")).alias("low"),
                (pl.col("alignment") + Z90 * pl.col("sd")).alias("high"),
                pl.Series("above", above),
            )
            .join(defence.with_columns(pl.lit(True).alias("committed")), on=["a", "b", "year"], how="left")
            .with_columns(pl.coalesce("committed", none_known).alias("committed"))
            .with_columns(pl.when(~pl.col("committed")).then(pl.col("above")).alias("unnamed"))
            .select(
                "a", "b", "year", *(["period"] if "period" in frame.columns else []),
                "alignment", "low", "high", "sd", "committed", "unnamed",
            )
            .sort("a", "b", "year")
        )  # fmt: skip

    def _surveyed(self, frame: pl.DataFrame) -> NDArray[np.bool_]:
        """For every row (a, b, year) whether some dataset claims to know the commitments of the pair in the year."""
        position = {code: k for k, code in enumerate(self.panel.states)}
        first, last = int(self.panel.years[0]), int(self.panel.years[-1])
        rows = self.library.query("SELECT scope, first, last FROM coverage WHERE channel = 'commitments' ORDER BY ALL")
        known = exposures(rows, position, first, last, "year") > 0
        a, b = (frame[name].replace_strict(position, return_dtype=pl.Int64).to_numpy() for name in ("a", "b"))
        return np.asarray(known[frame["year"].to_numpy() - first, a, b])

    def pair(self, first: str, second: str) -> pl.DataFrame:
        """One pair through time, with the columns of :meth:`table`."""
        self.panel.pair(first, second)
        one, two = sorted((first, second))
        return self.table().filter((pl.col("a") == one) & (pl.col("b") == two))

    def year(self, year: int) -> pl.DataFrame:
        """All pairs in one year, most aligned first, with ``rank`` and ``of``."""
        frame = self.table().filter(pl.col("year") == year)
        if frame.height == 0:
            raise InputError(f"{year} is outside {self.panel.labels[0]}-{self.panel.labels[-1]}")
        ordered = frame.sort("alignment", descending=True)
        return ordered.with_columns(pl.int_range(1, pl.len() + 1).alias("rank"), pl.len().alias("of"))

    def unnamed(self, year: int, least: float = 0.5) -> pl.DataFrame:
        """Pairs without a defence commitment that act like NATO pairs, the most probable first."""
        return self.year(year).filter(pl.col("unnamed") >= least).sort("unnamed", "alignment", descending=True)

    def turns(self, first: str | None = None, second: str | None = None, least: float = 0.5) -> pl.DataFrame:
        """Dated turns of one pair, of the pairs of one state (`first`), or of all: a, b, year, direction, probability, change with interval, until.

        See :func:`innominate.alignment.dating.dated_turns`.
        """
        found = dated_turns(self.panel, self.turned, self.scale, least)
        if first is None:
            return found
        if second is None:
            return found.filter((pl.col("a") == first) | (pl.col("b") == first))
        self.panel.pair(first, second)
        one, two = sorted((first, second))
        return found.filter((pl.col("a") == one) & (pl.col("b") == two))

    def standing(self) -> pl.DataFrame:
        """Where the families of treaties stand on the scale; see :func:`innominate.alignment.standing.family_standing`."""
        from innominate.ledger.commitments import families

        return family_standing(self.table(), families(self.library), self.scale)

    def theme(self, name: str) -> AlignmentFit:
        """The same measurement on the channels of one theme only, on a scale of its own.

        Parameters
        ----------
        name : security, economy or diplomacy
        """
        channels = channels_of(name)
        keep = [k for k, channel in enumerate(self.evidence.channels) if channel.channel in channels]
        if not keep:
            raise InputError(f"nothing of the theme {name} was observed; its channels are {', '.join(channels)}")
        evidence = replace(self.evidence, channels=tuple(self._renumbered(k, channels) for k in keep))
        parameters = tuple(self.parameters[k] for k in keep)
        return _measured(self.library, self.panel.select(set(channels)), evidence, parameters)

    def _renumbered(self, k: int, channels: tuple[str, ...]) -> ChannelEvidence:
        """A channel's evidence with the places that its series have in a panel of `channels` only."""
        names = [series.name for series in self.panel.series if series.channel in channels]
        own = self.evidence.channels[k]
        return replace(own, series=tuple(names.index(self.panel.series[place].name) for place in own.series))

    def why(self, first: str, second: str, year: int, position: int = -1) -> Why:
        """The alignment of a pair taken apart exactly, by series and period.

        Parameters
        ----------
        year : the year explained; for quarterly and monthly panels its last period, or the one at `position` in it
        """
        pair = self.panel.pair(first, second)
        inside = np.flatnonzero((self.panel.years == year) & np.isfinite(self.mean[pair]))
        if year not in self.panel.years:
            raise InputError(f"{year} is outside {self.panel.labels[0]}-{self.panel.labels[-1]}")
        if not len(inside):
            raise InputError(f"{first} and {second} did not both exist in {year}")
        period = int(inside[position])
        besides = float(self.composite.choice[pair, period] + self.composite.beside[pair, period])
        return explain(self.panel, self.evidence, self.parameters, self.scale, pair, period, self.turned.pace, besides)


def fit_alignment(
    library: Library,
    years: tuple[int, int] = (1990, 2025),
    *,
    resolution: str = "year",
    drop: Sequence[str] = (),
    progress: Callable[[str], None] = lambda step: None,
) -> AlignmentFit:
    """Measure the alignment of every pair of states.

    Parameters
    ----------
    library : what to measure in
    years : first and last, inclusive
    resolution : year, quarter or month
    drop : channels to leave out
    progress : told in words what is being done
    """
    progress("observing pairs")
    panel = build(library, years, resolution=resolution, drop=drop)
    return fit_panel(library, panel, progress)


def fit_panel(library: Library, panel: Panel, progress: Callable[[str], None] = lambda step: None) -> AlignmentFit:
    """Fit a panel at hand; see :func:`fit_alignment`."""
    evidence = model.prepare(panel)
    parameters = model.estimate(
        evidence, model.drawn_pairs(panel), lambda channel: progress(f"learning how {channel} behaves")
    )
    progress("looking for turns and smoothing every pair")
    return _measured(library, panel, evidence, parameters)


def _measured(
    library: Library, panel: Panel, evidence: Evidence, parameters: tuple[ChannelParameters, ...]
) -> AlignmentFit:
    turned = find_turns(evidence, parameters, per_year=per_year(panel.resolution))
    found = model.compose(evidence, parameters, turned.pace)
    return AlignmentFit(library, panel, evidence, parameters, reference_scale(panel, found.mean), found, turned)
