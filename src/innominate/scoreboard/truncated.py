"""What could be said at the end of each period: every channel smoothed on data up to then, and predicted for the next.

Nothing observed after a period enters what is said at it. States, excesses and margins are formed within each period;
parameters come from periods up to the last re-estimation; channels not seen by then are not in the composite. Amounts of
acts that run over several years are known only when the act ends, so that channels with such acts are left out. A
treaty is never looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from innominate.alignment import model
from innominate.alignment.composite import portions
from innominate.alignment.model import ChannelEvidence, ChannelParameters, Evidence, Smoothed
from innominate.errors import InputError
from innominate.ledger import CHANNELS, Library
from innominate.ledger.channels import Theme, channels_of
from innominate.panel import Panel, build

Array = NDArray[np.float64]
Floats = NDArray[np.float32]

EARLIEST = 1946
RENEWED = 5  # years between two estimations of the parameters
SETTLING = 5  # years after a series appears in which its channel's parameters are renewed every year
ROUNDS = 3  # of EM that renew parameters from where they stood
Silent = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class AsOf:
    """What was known period by period.

    Attributes
    ----------
    panel, evidence : the observations; the panel reaches one period beyond the last that is scored
    scored : places of the scored periods
    parameters : one entry a scored period; channel → parameters in use then
    now : (K, P, Y) excess of each channel at the scored periods, from data up to them; NaN: no channel, no pair
    ahead, variance : (K, P, Y) mean and variance of the excess one period later, from the same data
    noise : (K, P, Y) variance of the next period's observation about that excess
    score : (P, Y) the composite, weighted mean over the channels seen so far
    """

    panel: Panel
    evidence: Evidence
    scored: range
    parameters: tuple[dict[str, ChannelParameters], ...]
    now: Floats
    ahead: Floats
    variance: Floats
    noise: Floats
    score: Array

    @property
    def years(self) -> NDArray[np.int32]:
        """(Y,) the scored years."""
        return self.panel.years[self.scored.start : self.scored.stop]

    @property
    def names(self) -> list[str]:
        """The K channels."""
        return [channel.channel for channel in self.evidence.channels]

    def theme(self, theme: Theme) -> Array:
        """(P, Y) the composite of one theme's channels seen so far; NaN where none was, or the pair did not exist."""
        own, score = set(channels_of(theme)), np.full(self.score.shape, np.nan)
        for y, used in enumerate(self.parameters):
            seen = [name for name in used if name in own]
            places = [self.names.index(name) for name in seen]
            if seen:
                score[:, y] = np.array(portions(seen)) @ self.now[places, :, y]
        return score


def unfinished(library: Library) -> list[str]:
    """Channels whose amounts become known only when acts of several years end."""
    amounts = [name for name, channel in CHANNELS.items() if channel.kind == "amount"]
    found = library.query(
        f"""SELECT DISTINCT channel FROM acts WHERE year("end") > year("start")
        AND channel IN ({", ".join("?" * len(amounts))}) ORDER BY channel""",
        amounts,
    )
    return [str(name) for name in found["channel"]]


def first_year(library: Library) -> int:
    """The first year from which the library observes anything, 1946 at the earliest."""
    found = library.query(
        """SELECT min(year) AS year FROM (SELECT min(year(start)) AS year FROM acts UNION ALL
        SELECT min(year(date)) FROM votes UNION ALL SELECT min(year) FROM figures)"""
    )
    year = found["year"][0]
    if year is None:
        raise InputError(f"{library.folder}: nothing observed: no acts, votes or figures")
    return max(int(year), EARLIEST)


def as_of(library: Library, years: tuple[int, int], progress: Silent = lambda step: None) -> AsOf:
    """Score every pair in every year of `years` from what was known at its end."""
    first = min(first_year(library), years[0])
    progress("observing pairs")
    panel = build(library, (first, years[1] + 1), drop=unfinished(library))
    return look_back(panel, years, progress)


def look_back(panel: Panel, years: tuple[int, int], progress: Silent = lambda step: None) -> AsOf:
    """The same on a panel at hand, which reaches a year beyond the last that is scored."""
    evidence = model.prepare(panel)
    scored = range(years[0] - int(panel.years[0]), years[1] - int(panel.years[0]) + 1)
    shape = (len(evidence.channels), len(panel.a), len(scored))
    now, ahead, variance, noise = (np.full(shape, np.nan, dtype=np.float32) for _ in range(4))
    score = np.full(shape[1:], np.nan)
    learner, used = _Learner(panel, evidence), []
    for y, t in enumerate(scored):
        progress(f"as of {panel.labels[t]}")
        used.append(learner.parameters_at(t, renew=y % RENEWED == 0))
        rows = np.flatnonzero(panel.alive[:, t])
        total = np.zeros(len(rows))
        shares = dict(zip(used[-1], portions(list(used[-1])), strict=True))
        for k, channel in enumerate(evidence.channels):
            if channel.channel in used[-1]:
                found = used[-1][channel.channel]
                one = _one_ahead(channel, evidence, rows, t, found)
                now[k, rows, y], ahead[k, rows, y] = one.mean[:, t], one.mean[:, t + 1]
                variance[k, rows, y] = one.variance[:, t + 1]
                noise[k, rows, y] = _noise_ahead(channel, evidence.grid, rows, t, found, one.chances)
                total += shares[channel.channel] * one.mean[:, t]
        score[rows, y] = total
    return AsOf(panel, evidence, scored, tuple(used), now, ahead, variance, noise, score)


def _one_ahead(
    channel: ChannelEvidence, evidence: Evidence, rows: NDArray[np.intp], t: int, found: ChannelParameters
) -> Smoothed:
    """The excess at t and t + 1 (the last two periods) from observations up to t."""
    z = np.full((len(rows), t + 2), np.nan, dtype=np.float32)
    cell = np.zeros(z.shape, dtype=np.uint16)
    z[:, :-1], cell[:, :-1] = channel.z[rows, : t + 1], channel.cell[rows, : t + 1]
    cut = Evidence(
        (ChannelEvidence(channel.channel, channel.series, z, cell),),
        evidence.first[rows],
        np.full(len(rows), t + 1),
        evidence.grid,
    )
    return model.smooth_channel(cut, 0, found)


def _noise_ahead(
    channel: ChannelEvidence, grid: Array, rows: NDArray[np.intp], t: int, found: ChannelParameters, chances: Array
) -> Array:
    """Variance of an observation at t + 1 about the excess, over the classes a pair may be of."""
    spread = 1.0 / found.precision(grid)[:, channel.cell[rows, t + 1]]
    noise: Array = (chances * spread.T).sum(axis=1)
    return noise


class _Learner:
    """Parameters of every channel from periods up to one, renewed now and then and while a series is new."""

    def __init__(self, panel: Panel, evidence: Evidence) -> None:
        self.panel = panel
        self.evidence = evidence
        self.found: dict[str, ChannelParameters] = {}
        seen = np.asarray(np.isfinite(panel.z).any(axis=0))  # (T, series)
        self.appears = np.where(seen.any(axis=0), seen.argmax(axis=0), seen.shape[0])

    def parameters_at(self, t: int, *, renew: bool) -> dict[str, ChannelParameters]:
        """Channel → parameters as they could be known at period t."""
        due = []
        for channel in self.evidence.channels:
            ages = [t - int(self.appears[k]) for k in channel.series]
            if any(age >= 0 for age in ages) and (renew or any(0 <= age < SETTLING for age in ages)):
                due.append(channel)
        rows = self._drawn(t) if due else np.zeros(0, dtype=np.intp)
        for channel in due:
            self.found[channel.channel] = self._estimated(channel, rows, t)
        return dict(self.found)

    def _estimated(self, channel: ChannelEvidence, rows: NDArray[np.intp], t: int) -> ChannelParameters:
        """By EM on periods up to t: in full the first time, then by some steps from where the parameters stood."""
        cut = replace(channel, z=channel.z[rows, : t + 1].copy(), cell=channel.cell[rows, : t + 1].copy())
        first, last, grid = self.evidence.first[rows], np.minimum(self.evidence.last[rows], t), self.evidence.grid
        current = self.found.get(channel.channel)
        if current is None:
            return model.estimate_channel(cut, first, last, grid)
        return model.estimate_channel(cut, first, last, grid, start=current, rounds=ROUNDS)

    def _drawn(self, t: int) -> NDArray[np.intp]:
        met = np.flatnonzero(self.evidence.first <= t)
        there = replace(self.panel, a=self.panel.a[met], b=self.panel.b[met])
        return np.asarray(met[model.drawn_pairs(there)])
