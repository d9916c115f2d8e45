"""The task `coverage`: how many of next year's observations lie inside the intervals given this year.

The interval of an observation is centred on the model's prediction of the excess from data up to t. Its width is the model's
(the variance of the excess, of the noise and of the sampling of the observation itself) times what earlier errors say it must
be (:mod:`innominate.scoreboard.widths`), from the past only. Beside it: the model's width as it is, and persistence (the last
known value, give or take the usual change).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from innominate.scoreboard.rows import Row, averaged
from innominate.scoreboard.truncated import AsOf
from innominate.scoreboard.widths import GROUP_OF, GROUPS, STRATA, Aim, Errors, strata_of

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

TASK = "coverage"
LEVELS = (0.5, 0.9)
COMPOSITE = "composite"
CALIBRATED, MODEL, PERSISTENCE = "calibrated", "model's own width", "persistence"
KINDS = (CALIBRATED, MODEL, PERSISTENCE)
FEWEST = 30  # observations of a channel in a year below which it is not judged
TOGETHER = 3  # channels seen in a year, with which the composite of a pair's observations is judged


@dataclass(frozen=True, slots=True)
class Tally:
    """Observations inside intervals.

    Attributes
    ----------
    inside : (Y, 2, kinds, levels) counts, by year of the prediction and by coverage of the pair (0 ill, 1 well)
    seen : (Y, 2) observations
    width : (Y, 2, kinds) summed half-widths of the 90 % intervals
    """

    inside: Array
    seen: Array
    width: Array


def well_covered(known: AsOf) -> Flags:
    """(P, Y) pairs with at least as many observations so far, over all channels, as the median living pair."""
    so_far = np.zeros(known.panel.alive.shape, dtype=np.int32)
    for channel in known.evidence.channels:
        so_far += np.isfinite(channel.z).cumsum(axis=1, dtype=np.int32)
    found = np.zeros(known.score.shape, dtype=bool)
    for y, t in enumerate(known.scored):
        rows = known.panel.alive[:, t]
        found[rows, y] = so_far[rows, t] >= np.median(so_far[rows, t])
    return found


def tallies(known: AsOf) -> dict[str, Tally]:
    """Channel → tally; and that of the composite, the mean of what a pair shows in all channels seen."""
    well = well_covered(known)
    found = {name: _channel_tally(known, k, well) for k, name in enumerate(known.names)}
    found[COMPOSITE] = _judged(_composite_views(known), known, well)
    return found


@dataclass(frozen=True, slots=True)
class _View:
    """One year's predictions: place of the year, pairs, what came, mean, standard deviation, last known value."""

    year: int
    rows: NDArray[np.intp]
    target: Array
    mean: Array
    spread: Array
    last: Array


def _channel_tally(known: AsOf, k: int, well: Flags) -> Tally:
    return _judged([view for y in range(len(known.years)) if (view := _view(known, k, y)) is not None], known, well)


def _view(known: AsOf, k: int, y: int) -> _View | None:
    channel, t = known.evidence.channels[k], known.scored[y]
    if channel.channel not in known.parameters[y]:
        return None
    target = channel.z[:, t + 1]
    rows = np.flatnonzero(np.isfinite(target) & np.isfinite(known.ahead[k, :, y]))
    if len(rows) < FEWEST:
        return None
    spread = np.sqrt(known.variance[k, rows, y].astype(float) + known.noise[k, rows, y])
    last = channel.z[rows, t].astype(float)
    return _View(y, rows, target[rows].astype(float), known.ahead[k, rows, y].astype(float), spread, last)


def _composite_views(known: AsOf) -> list[_View]:
    views = []
    for y in range(len(known.years)):
        sums = np.zeros((5, len(known.score)))  # channels, target, mean, variance, last value
        for k in range(len(known.names)):
            if (view := _view(known, k, y)) is not None:
                sums[:, view.rows] += [np.ones(len(view.rows)), view.target, view.mean, view.spread**2, view.last]
        rows = np.flatnonzero(sums[0] >= TOGETHER)
        if len(rows) >= FEWEST:
            count, target, mean, variance, last = sums[:, rows]
            views.append(_View(y, rows, target / count, mean / count, np.sqrt(variance) / count, last / count))
    return views


def _judged(views: Sequence[_View], known: AsOf, well: Flags) -> Tally:
    shape = (len(known.years), GROUPS)
    inside, width = np.zeros((*shape, len(KINDS), len(LEVELS))), np.zeros((*shape, len(KINDS)))
    seen, errors, changes = np.zeros(shape), Errors.none(STRATA), np.zeros(2)
    aims = [Aim.at(level, GROUPS) for level in LEVELS]
    for view in views:
        covered = well[view.rows, view.year].astype(np.intp)
        stratum = strata_of(view.mean, covered)
        error = np.abs(view.target - view.mean) / view.spread
        change = view.target - view.last
        mine = np.isfinite(change)  # with a last known value
        if changes[0]:
            usual = float(np.sqrt(changes[1] / changes[0]))
            group = covered[mine]
            seen[view.year] = np.bincount(group, minlength=GROUPS)
            for place, level in enumerate(LEVELS):
                normal = float(ndtri(0.5 + level / 2))
                reach = errors.reach(aims[place].asked[GROUP_OF])[stratum[mine]]
                hits = error[mine] <= reach, error[mine] <= normal, np.abs(change[mine]) <= normal * usual
                for kind, hit in enumerate(hits):
                    inside[view.year, :, kind, place] = np.bincount(group, hit, GROUPS)
                aims[place] = aims[place].after(inside[view.year, :, 0, place], seen[view.year])
                if place == len(LEVELS) - 1:
                    half = reach * view.spread[mine], normal * view.spread[mine], np.full(len(group), normal * usual)
                    width[view.year] = np.transpose([np.bincount(group, one, GROUPS) for one in half])
        errors = errors.learn(error, stratum)
        changes += [mine.sum(), (change[mine] ** 2).sum()]
    return Tally(inside, seen, width)


def coverage(known: AsOf, seed: int = 0) -> list[Row]:
    """Shares inside 50 % and 90 % intervals: by channel, and by decade for well- and ill-covered pairs."""
    found = tallies(known)
    channels = [tally for name, tally in found.items() if name != COMPOSITE]
    pooled = Tally(
        np.sum([one.inside for one in channels], axis=0),
        np.sum([one.seen for one in channels], axis=0),
        np.sum([one.width for one in channels], axis=0),
    )
    every = np.ones(len(known.years), dtype=bool)
    rows = []
    for name, tally in {"all": pooled, **found}.items():
        rows += _rows(tally, every, (0, 1), {"channel": name}, seed)
        if name in ("all", COMPOSITE):
            decades = (known.years + 1) // 10 * 10  # of the observation
            for decade in np.unique(decades):
                for part, label in enumerate(("ill", "well")):
                    more = {"channel": name, "decade": int(decade), "covered": label}
                    rows += _rows(tally, decades == decade, (part,), more, seed)
    return rows


def _rows(tally: Tally, years: Flags, parts: tuple[int, ...], more: dict[str, object], seed: int) -> list[Row]:
    seen = tally.seen[years][:, parts].sum(axis=1)
    if not seen.any():
        return []
    inside = tally.inside[years][:, parts].sum(axis=1) / np.where(seen > 0, seen, np.nan)[:, None, None]
    width = tally.width[years][:, parts].sum(axis=(0, 1)) / seen.sum()
    rows = []
    for place, level in enumerate(LEVELS):
        views = {kind: inside[:, number, place] for number, kind in enumerate(KINDS)}
        ours = views.pop(CALIBRATED)
        sizes = {"half_width_90": {kind: float(width[number]) for number, kind in enumerate(KINDS)}}
        metric = "/".join([f"inside-{round(100 * level)}", *map(str, more.values())])
        rows.append(averaged(TASK, metric, ours, views, seen, int(seen.sum()), seed=seed, more={**more, **sizes}))
    return rows
