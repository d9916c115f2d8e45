"""A fitted study in the tables that pages and the tests of claims share, each computed once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtri

from innominate.alignment.scale import nato_pairs
from innominate.cases.spec import CaseSpec
from innominate.cases.verdicts import SURE
from innominate.cases.wording import pair_key, plural
from innominate.chances import normal_above
from innominate.errors import InputError
from innominate.ledger.commitments import commitments_in_force
from innominate.panel.events import counted_with

if TYPE_CHECKING:
    from innominate.alignment import AlignmentFit, Why
    from innominate.exchange import Exchange
    from innominate.ledger import Imported
    from innominate.panel import Panel
    from innominate.study import Study

WELL_COVERED = 3  # channels that must have looked at a pair in a year before the year counts in a verdict
CARRIED = "the estimate mostly carries earlier years forward"  # where fewer looked
Z90 = float(ndtri(0.95))
QUANTILES = {"p10": 0.10, "p25": 0.25, "p50": 0.50, "p75": 0.75, "p90": 0.90}


def channels_looking(panel: Panel, pairs: slice = slice(None)) -> NDArray[np.int64]:
    """(pairs, periods) how many channels of a panel looked."""
    z = panel.z[pairs]
    count = np.zeros(z.shape[:2], dtype=np.int64)
    for channel in sorted({series.channel for series in panel.series}):
        places = [k for k, series in enumerate(panel.series) if series.channel == channel]
        count += np.isfinite(z[:, :, places]).any(axis=2)
    return count


def told_of_pair(channels: int) -> str:
    """How many channels looked at a pair in a year, and what that means where they are few.

    >>> told_of_pair(7), told_of_pair(1)
    ('7 channels looked', '1 channel looked: the estimate mostly carries earlier years forward')
    """
    looked = f"{plural(channels, 'channel') if channels else 'no channel'} looked"
    return looked if channels >= WELL_COVERED else f"{looked}: {CARRIED}"


def told_of_thin(thin: int, of: int) -> str:
    """How many of some pairs rest on few channels, and what that means."""
    return f"{thin:,} of the {plural(of, 'pair')} were seen by fewer than {WELL_COVERED}: {CARRIED}"


@dataclass(frozen=True)
class Survey:
    """A fitted study, seen year by year.

    Attributes
    ----------
    study : the study
    """

    study: Study

    @cached_property
    def fit(self) -> AlignmentFit:
        """The fitted alignment."""
        if self.study.resolution != "year":
            raise InputError(f"a case is judged year by year; this study's resolution is {self.study.resolution}")
        return self.study.alignment()

    @cached_property
    def channels_behind(self) -> frozenset[str]:
        """The channels of acts that the alignment is taken from."""
        return frozenset(name for series in self.fit.panel.series for name in counted_with(series.channel))

    @cached_property
    def table(self) -> pl.DataFrame:
        """All pairs: key, a, b, year, alignment, sd, low, high, committed, above, channels, rank, of."""
        table, bar = self.fit.table(), self.fit.scale.quartile
        above = pl.Series(normal_above(bar, table["alignment"].to_numpy(), table["sd"].to_numpy()))
        return (
            table.with_columns(above.alias("above"), (pl.col("a") + "-" + pl.col("b")).alias("key"))
            .join(self.looked, on=["a", "b", "year"], how="left")
            .with_columns(
                pl.col("alignment").rank("ordinal", descending=True).over("year").cast(pl.Int64).alias("rank"),
                pl.len().over("year").cast(pl.Int64).alias("of"),
            )
            .sort("a", "b", "year")
        )

    @cached_property
    def looked(self) -> pl.DataFrame:
        """a, b, year, channels: how many channels looked at the pair."""
        panel = self.fit.panel
        pairs, periods = np.nonzero(panel.alive)
        codes = np.array(panel.states)
        return pl.DataFrame(
            {
                "a": codes[panel.a[pairs]],
                "b": codes[panel.b[pairs]],
                "year": panel.years[periods],
                "channels": channels_looking(panel)[pairs, periods],
            }
        )

    def unnamed(self, year: int, least: float = 0.5) -> pl.DataFrame:
        """Pairs without a defence commitment that act like NATO pairs, the most probable first, with ``channels`` that looked."""
        return self.fit.unnamed(year, least).join(self.looked, on=["a", "b", "year"], how="left", maintain_order="left")

    def seen_in(self, year: int, listed: pl.DataFrame) -> str:
        """What a reader of :meth:`unnamed` must know: how many are sure, and how many channels looked at all."""
        here = self.looked.filter((pl.col("year") == year) & (pl.col("channels") > 0))
        everywhere = {series.channel for series in self.fit.panel.series}
        sure = listed.filter(pl.col("unnamed") >= SURE).height
        thin = listed.filter(pl.col("channels") < WELL_COVERED).height
        most = f"at most {max(here['channels'])}" if here.height else "none"
        said = f"{sure:,} of them with a probability of {SURE:.0%} or more. The library measures "
        said += f"{plural(len(everywhere), 'channel')}, of which {most} looked at a pair in {year}"
        return f"{said}; {told_of_thin(thin, listed.height)}." if thin else f"{said}."

    @cached_property
    def band(self) -> pl.DataFrame:
        """NATO pairs through time: year, p10, p25, p50, p75, p90, pairs."""
        panel, mean = self.fit.panel, self.fit.mean
        inside = nato_pairs(panel) & np.isfinite(mean)
        rows = []
        for t, year in enumerate(panel.years):
            values = self.fit.scale.alignment(mean[inside[:, t], t])
            if len(values):
                rows.append((int(year), *np.quantile(values, list(QUANTILES.values())).tolist(), len(values)))
        return pl.DataFrame(
            rows, schema=["year", *QUANTILES, "pairs"], orient="row", schema_overrides={"year": pl.Int64}
        )

    @cached_property
    def bars(self) -> dict[str, float]:
        """Where the bar could stand: the 10th percentile, lower quartile and median of NATO pairs in the reference years."""
        panel, mean, scale = self.fit.panel, self.fit.mean, self.fit.scale
        years = (panel.years >= scale.years[0]) & (panel.years <= scale.years[1])
        inside = nato_pairs(panel) & np.isfinite(mean) & years[None, :]
        tenth = float(np.quantile(scale.alignment(mean[inside]), 0.1)) if inside.any() else 2 * scale.quartile - 1.0
        return {"tenth": tenth, "quartile": scale.quartile, "median": 1.0}

    @cached_property
    def bound_until(self) -> dict[str, int]:
        """Pair → the last year in which a defence commitment is known to bind it."""
        years = commitments_in_force(self.study.library).filter("defence")
        last = years.group_by((pl.col("a") + "-" + pl.col("b")).alias("key")).agg(pl.col("year").max())
        return {str(key): int(year) for key, year in last.iter_rows()}

    def clearing(self, year: int) -> dict[bool, float]:
        """Share of pairs above the bar in a year, of those with and without a defence commitment, well covered ones only."""
        seen = self.table.filter((pl.col("year") == year) & (pl.col("channels") >= WELL_COVERED))
        seen = seen.drop_nulls("committed")
        rates = seen.group_by("committed").agg((pl.col("alignment") > self.fit.scale.quartile).mean())
        return {bool(committed): float(rate) for committed, rate in rates.iter_rows()}

    def pair(self, key: str) -> pl.DataFrame:
        """One pair through time; an :class:`InputError` where the study does not have it."""
        first, second = key.split("-")
        self.fit.panel.pair(first, second)
        return self.table.filter(pl.col("key") == key)

    def exists(self, key: str) -> bool:
        """Whether the study has the pair."""
        return bool((self.table["key"] == key).any())

    def why(self, key: str, year: int) -> Why:
        """The alignment of a pair in one year taken apart."""
        first, second = key.split("-")
        return self.fit.why(first, second, year)

    @cached_property
    def dated_turns(self) -> pl.DataFrame:
        """Turns of all pairs that are more likely than not."""
        return self.fit.turns()

    def turns(self, key: str, since: int) -> pl.DataFrame:
        """Turns of one pair from a year on, in order of time."""
        first, second = sorted(key.split("-"))
        turned = self.dated_turns
        return turned.filter((pl.col("a") == first) & (pl.col("b") == second) & (pl.col("year") >= since))

    def last_covered(self, key: str, channels: int = WELL_COVERED) -> int | None:
        """The last year in which enough channels looked at the pair."""
        years = self.pair(key).filter(pl.col("channels") >= channels)["year"]
        return int(years.max()) if len(years) else None  # type: ignore[arg-type]


@dataclass(frozen=True)
class View(Survey):
    """A fitted study as the tests of a case see it.

    Attributes
    ----------
    case : the case file
    """

    case: CaseSpec

    @cached_property
    def ledgers(self) -> tuple[Imported, ...]:
        """The case's own ledgers of acts, as one dataset that bears the case's name."""
        from innominate.sources.acts_csv import ledger_at

        return tuple(ledger_at(Path(path), self.case.name) for path in self.case.ledgers)

    @cached_property
    def _exchanges(self) -> dict[tuple[object, ...], Exchange]:
        return {}

    def exchange(self, states: Sequence[str], first: int, last: int, worlds: int = 19, seed: int = 0) -> Exchange:
        """Who gains what from whom, by the library and the case's ledgers; few worlds, where rings are not asked about."""
        key = (*states, first, last, worlds, seed)
        if key not in self._exchanges:
            self._exchanges[key] = self.study.exchange(
                states, first, last, ledgers=self.ledgers, worlds=worlds, seed=seed
            )
        return self._exchanges[key]

    @cached_property
    def pairs(self) -> tuple[str, ...]:
        """The case's own pairs."""
        return tuple(all_pairs(self.case.states))

    @cached_property
    def comparisons(self) -> tuple[str, ...]:
        """The pairs that the case compares with."""
        return tuple(pair_key(*pair) for pair in self.case.comparisons)


def all_pairs(states: Sequence[str]) -> list[str]:
    """Keys of all pairs of some states, in the order given."""
    return [pair_key(one, two) for place, one in enumerate(states) for two in states[place + 1 :]]


@dataclass(frozen=True, slots=True)
class Level:
    """The mean alignment of a pair over some years.

    Attributes
    ----------
    mean, sd : of the mean over the years; sd is the mean of the years' own, as if they all erred together, which is the
        most that it can be
    years : the years that count
    channels : channels that looked, in the year with most
    """

    mean: float
    sd: float
    years: tuple[int, ...]
    channels: int

    @property
    def low(self) -> float:
        """Lower end of the 90 % interval."""
        return self.mean - Z90 * self.sd

    @property
    def high(self) -> float:
        """Upper end of the 90 % interval."""
        return self.mean + Z90 * self.sd

    def above(self, bar: float) -> float:
        """Probability that the level is above `bar`."""
        return float(normal_above(bar, self.mean, self.sd))


def level(path: pl.DataFrame, first: int, last: int, channels: int = WELL_COVERED) -> Level | None:
    """The level of a pair over the well-covered years of a span; None where there is none.

    Parameters
    ----------
    path : one pair's rows of :attr:`View.table`
    first, last : years, inclusive
    channels : how many channels must have looked
    """
    inside = path.filter(pl.col("year").is_between(first, last) & (pl.col("channels") >= channels))
    if not inside.height:
        return None
    years = tuple(int(year) for year in inside["year"])
    return Level(
        float(inside["alignment"].mean()),  # type: ignore[arg-type]
        float(inside["sd"].mean()),  # type: ignore[arg-type]
        years,
        int(inside["channels"].max()),  # type: ignore[arg-type]
    )
