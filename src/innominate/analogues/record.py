"""The record of all pairs, year by year: how aligned by theme as known then, bound by what, against whom, and what happened.

Levels are causal: excesses are formed within each year, and a year's level is a mean of this and earlier years with weights
that halve in about three years, shrunk towards nought. Nothing after a year enters what the record says of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from innominate.errors import InputError
from innominate.ledger import CHANNELS, Library
from innominate.ledger.commitments import commitments_in_force, survey
from innominate.panel import Panel

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

THEMES = ("security", "economy", "diplomacy")
KEPT = 0.8  # weight of last year's evidence relative to this year's
PRIOR = 1.0  # years of evidence that the prior mean, nought, is worth
HIGHEST = 3.0  # spreads at which an excess is cut: one cell must not make an analogy
HOSTILITY = ("disputes", "war", "sanctions")
MEMORY = 10  # years for which a rival is remembered


@dataclass(frozen=True, slots=True)
class Record:
    """All pairs, year by year.

    Attributes
    ----------
    states : N codes; a, b : (P,) places of the pair's states, a < b
    years : (T,)
    alive : (P, T) both exist
    level : (P, T, 3) alignment by theme in spreads, from data up to the year
    pact, tie : (P, T) a defence pact in force; any other commitment in force
    rivals : (P, T) states with which both had a dispute, a war or sanctions in the last ten years
    bloc : (P, T) most defence pacts that one of these common rivals has
    joint : (P, T) fought on the same side in that year
    dispute : (P, T) a dispute or war between the two in that year
    known : outcome → first and last year that the data know
    """

    states: tuple[str, ...]
    a: NDArray[np.intp]
    b: NDArray[np.intp]
    years: NDArray[np.int64]
    alive: Flags
    level: Floats
    pact: Flags
    tie: Flags
    rivals: Floats
    bloc: Floats
    joint: Flags
    dispute: Flags
    known: dict[str, tuple[int, int]]

    def pair(self, first: str, second: str) -> int:
        """The place of a pair; an :class:`InputError` where the record does not have it."""
        one, two = sorted((first, second))
        missing = [code for code in (one, two) if code not in self.states]
        if missing:
            raise InputError(f"{missing[0]} did not exist in {self.years[0]}-{self.years[-1]}")
        found = np.flatnonzero((self.a == self.states.index(one)) & (self.b == self.states.index(two)))
        if not len(found):
            raise InputError(f"{one} and {two} never existed at the same time in {self.years[0]}-{self.years[-1]}")
        return int(found[0])

    def key(self, pair: int) -> str:
        """``AAA-BBB``."""
        return f"{self.states[self.a[pair]]}-{self.states[self.b[pair]]}"

    @property
    def overall(self) -> Floats:
        """(P, T) mean of the themes."""
        return np.asarray(self.level.mean(axis=2), dtype=np.float32)


def levels(z: Floats, channels: Sequence[str]) -> Floats:
    """Causal levels by theme.

    Parameters
    ----------
    z : (P, T, C) excess by channel in spreads, NaN unknown
    channels : C names

    Returns
    -------
    (P, T, 3): in every year, the mean over the theme's channels that anybody has been seen in by then, each channel's level
    a shrunk, exponentially weighted mean of its excesses up to that year
    """
    pairs, years, _ = z.shape
    found = np.zeros((pairs, years, len(THEMES)), dtype=np.float32)
    counts = np.zeros((years, len(THEMES)))
    for c, name in enumerate(channels):
        theme = THEMES.index(CHANNELS[name].theme)
        total, weight, seen = np.zeros(pairs), np.zeros(pairs), False
        for t in range(years):
            known = np.isfinite(z[:, t, c])
            seen = seen or bool(known.any())
            total = KEPT * total + np.where(known, np.clip(np.nan_to_num(z[:, t, c]), -HIGHEST, HIGHEST), 0.0)
            weight = KEPT * weight + known
            found[:, t, theme] += total / (weight + PRIOR)
            counts[t, theme] += seen
    found /= np.maximum(counts, 1).astype(np.float32)
    return found


def by_channel(panel: Panel) -> tuple[Floats, list[str]]:
    """(P, T, C) mean over the datasets that see a channel, and the names of the C channels."""
    names = sorted({series.channel for series in panel.series}, key=list(CHANNELS).index)
    z = np.full((*panel.z.shape[:2], len(names)), np.nan, dtype=np.float32)
    for c, name in enumerate(names):
        own = panel.z[:, :, [k for k, series in enumerate(panel.series) if series.channel == name]]
        known = np.isfinite(own)
        count = known.sum(axis=2)
        total = np.where(known, own, 0.0).sum(axis=2)
        np.divide(total, count, out=z[:, :, c], where=count > 0)
    return z, names


@dataclass(frozen=True, slots=True)
class Axes:
    """States, pairs and years of several panels put one after the other."""

    states: tuple[str, ...]
    a: NDArray[np.intp]
    b: NDArray[np.intp]
    years: NDArray[np.int64]
    alive: Flags
    z: Floats
    channels: tuple[str, ...]


def joined(panels: Sequence[Panel]) -> Axes:
    """Yearly panels of consecutive spans as one; a pair or channel that a panel does not have is unknown there."""
    if any(panel.resolution != "year" for panel in panels):
        raise InputError("analogues are drawn year by year; a study by quarters or months has none")
    years = np.concatenate([panel.years for panel in panels]).astype(np.int64)
    if (np.diff(years) != 1).any():
        raise InputError("the panels do not follow one another year by year")
    states = tuple(sorted({code for panel in panels for code in panel.states}))
    place = {code: k for k, code in enumerate(states)}
    size = len(states)
    codes = []
    for panel in panels:
        own = np.array([place[code] for code in panel.states])
        codes.append(own[panel.a] * size + own[panel.b])
    every = np.unique(np.concatenate(codes))
    parts = [by_channel(panel) for panel in panels]
    channels = tuple(sorted({name for _, names in parts for name in names}, key=list(CHANNELS).index))
    z = np.full((len(every), len(years), len(channels)), np.nan, dtype=np.float32)
    alive = np.zeros((len(every), len(years)), dtype=bool)
    start = 0
    for panel, code, (values, names) in zip(panels, codes, parts, strict=True):
        rows = np.searchsorted(every, code)
        span = slice(start, start + len(panel.years))
        alive[rows, span] = panel.alive
        for c, name in enumerate(names):
            z[rows, span, channels.index(name)] = values[:, :, c]
        start += len(panel.years)
    return Axes(states, (every // size).astype(np.intp), (every % size).astype(np.intp), years, alive, z, channels)


def record(library: Library, panels: Sequence[Panel]) -> Record:
    """The record of all pairs of some yearly panels, with what the library knows of commitments, wars and disputes.

    Parameters
    ----------
    panels : of consecutive spans, oldest first
    """
    axes = joined(panels)
    a, b, years = axes.a, axes.b, axes.years
    span = int(years[0]), int(years[-1])
    place = {code: k for k, code in enumerate(axes.states)}
    known = _known(library, span)
    pact, tie = _committed(library, place, span)
    if known.get("treaty", (9999, 0))[0] > span[0] + MEMORY:  # surveyed too late to compare the past with the present
        pact, tie = np.zeros_like(pact), np.zeros_like(tie)
    hostile = _acts(library, HOSTILITY, place, (span[0] - MEMORY, span[1]))
    war, helped, fought = (
        _acts(library, one, place, span) for one in (("war",), ("troop-support",), ("disputes", "war"))
    )
    rivals, bloc = np.zeros(axes.alive.shape, dtype=np.float32), np.zeros(axes.alive.shape, dtype=np.float32)
    joint = np.zeros(axes.alive.shape, dtype=bool)
    for t in range(len(years)):
        enemy: Floats = np.asarray(hostile[t + 1 : t + MEMORY + 1].any(axis=0), dtype=np.float32)
        partners: Floats = np.asarray(pact[t].sum(axis=1), dtype=np.float32)
        rivals[:, t] = (enemy @ enemy)[a, b]
        bloc[:, t] = _strongest_common(enemy, partners, a, b)
        side = war[t].astype(np.float32)
        joint[:, t] = (helped[t] | ((side @ side) > 0))[a, b]
    level = levels(axes.z, axes.channels)
    return Record(
        axes.states, a, b, years, axes.alive, level, np.ascontiguousarray(pact[:, a, b].T),
        np.ascontiguousarray(tie[:, a, b].T), rivals, bloc, joint, np.ascontiguousarray(fought[:, a, b].T), known,
    )  # fmt: skip


def _strongest_common(enemy: Floats, partners: Floats, a: NDArray[np.intp], b: NDArray[np.intp]) -> Floats:
    """(P,) most pacts of a rival that both states of a pair have."""
    best = np.zeros(len(a), dtype=np.float32)
    for rival in np.flatnonzero(enemy.any(axis=0)):
        both = (enemy[a, rival] > 0) & (enemy[b, rival] > 0)
        best[both] = np.maximum(best[both], partners[rival])
    return best


def _acts(library: Library, channels: Sequence[str], place: dict[str, int], span: tuple[int, int]) -> Flags:
    """(T, N, N) symmetric: an act with a value above nought in one of the channels on any day of a year."""
    rows = library.query(
        """SELECT DISTINCT source, target, year(start) AS first, year("end") AS last FROM acts
        WHERE list_contains(string_split(?, ','), channel) AND value > 0 ORDER BY ALL""",
        [",".join(channels)],
    )
    return _spread(rows, place, span)


def _committed(library: Library, place: dict[str, int], span: tuple[int, int]) -> tuple[Flags, Flags]:
    rows = commitments_in_force(library)
    rows = rows.with_columns(pl.col("a").alias("source"), pl.col("b").alias("target"), pl.col("year").alias("first"))
    rows = rows.with_columns(pl.col("first").alias("last"))
    columns = ["source", "target", "first", "last"]
    other = pl.any_horizontal("offence", "neutrality", "nonaggression", "consultation")
    return (
        _spread(rows.filter("defence").select(columns), place, span),
        _spread(rows.filter(other & ~pl.col("defence")).select(columns), place, span),
    )


def _spread(rows: pl.DataFrame, place: dict[str, int], span: tuple[int, int]) -> Flags:
    first, last = span
    found = np.zeros((last - first + 1, len(place), len(place)), dtype=bool)
    for source, target, start, end in rows.iter_rows():
        i, j = place.get(source), place.get(target)
        if i is not None and j is not None and end >= first and start <= last:
            low, high = max(start, first) - first, min(end, last) - first + 1
            found[low:high, i, j] = found[low:high, j, i] = True
    return found


def _known(library: Library, span: tuple[int, int]) -> dict[str, tuple[int, int]]:
    """Outcome → first and last year of which the library knows it, inside the record."""
    found: dict[str, tuple[int, int]] = {}
    treaties = survey(library)
    if treaties is not None:
        found["treaty"] = treaties
    for outcome, channel in (("joint war", "troop-support"), ("dispute", "disputes")):
        years = library.query(
            "SELECT min(year(first)), max(year(last)) FROM coverage WHERE channel = ?", [channel]
        ).row(0)
        if years[0] is not None:
            found[outcome] = int(years[0]), int(years[1])
    inside = {name: (max(low, span[0]), min(high, span[1])) for name, (low, high) in found.items()}
    return {name: (low, high) for name, (low, high) in inside.items() if low < high}
