"""When one channel between two states is cut, does another rise? A local event study on the excesses of a panel.

The change of a pair's excess in another channel, from the three years before a cut to the three after, is compared with that
of pairs without a cut that stood and moved alike before (differences in differences with nearest neighbours; Abadie and
Imbens 2006, Econometrica 74: 235-267). Cuts against one target come together, so whole targets are resampled. Placebo dates
move every cut to another year of the same pair. Family-wise error over channels by Holm (1979).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from innominate.errors import InputError
from innominate.ledger import CHANNELS, Library
from innominate.panel import Panel

Array = NDArray[np.float64]
Places = NDArray[np.intp]

WINDOW = 3  # years before and after
KNOWN = 2  # of them that must be known
QUIET = 5  # years without a cut before one counts as new
MATCHES = 5
COMPARED = 4000  # pairs from which the nearest are taken, drawn by seed
DRAWS = 1000
PLACEBOS = 200
FEWEST = 10  # cuts, before a channel is told
CUTS = ("sanctions", "disputes")


@dataclass(frozen=True, slots=True)
class Response:
    """How one channel moved after cuts.

    Attributes
    ----------
    channel : its name
    cuts, targets : how many could be followed, against how many states
    change, low, high : mean change beyond matched pairs, in spreads over pairs, central 90 % interval
    above : probability that it is above nought (share of resampled values)
    adjusted : Holm-adjusted p-value of a rise, over all channels told
    placebo_low, placebo_high : the same change at other dates of the same pairs, 90 %
    placebo_p : share of placebo draws at least as high
    """

    channel: str
    cuts: int
    targets: int
    change: float
    low: float
    high: float
    above: float
    adjusted: float
    placebo_low: float
    placebo_high: float
    placebo_p: float


def find_cuts(library: Library, kind: str) -> pl.DataFrame:
    """New cuts: a, b, year, target (the state against which it is aimed; for disputes the pair itself).

    Parameters
    ----------
    kind : ``sanctions`` or ``disputes``: the first after :data:`QUIET` years without one between the same two states
    """
    if kind not in CUTS:
        raise InputError(f"cut {kind!r}: the allowed values are {', '.join(CUTS)}")
    rows = library.query(
        """SELECT least(source, target) AS a, greatest(source, target) AS b, year(start) AS first, year("end") AS last,
        CASE WHEN directed THEN target ELSE least(source, target) || '-' || greatest(source, target) END AS target
        FROM acts WHERE channel = ? AND coalesce(value, 1) > 0 ORDER BY ALL""",
        [kind],
    )
    found = []
    last: dict[tuple[str, str], int] = {}
    for a, b, first, end, target in rows.sort("a", "b", "first", "last", "target").iter_rows():
        if first - last.get((a, b), -(10**6)) > QUIET:
            found.append((a, b, first, target))
        last[a, b] = max(last.get((a, b), -(10**6)), end)
    return pl.DataFrame(
        found, schema={"a": pl.String, "b": pl.String, "year": pl.Int64, "target": pl.String}, orient="row"
    )


def responses(panel: Panel, library: Library, kind: str = "sanctions", *, seed: int = 1) -> list[Response]:
    """How every other channel moved after new cuts, the strongest rise first.

    Parameters
    ----------
    panel : yearly
    kind : what counts as a cut; its own channel is left out
    seed : of the bootstrap and the placebo dates
    """
    if panel.resolution != "year":
        raise InputError(f"substitution is judged year by year; this panel's resolution is {panel.resolution}")
    cuts = find_cuts(library, kind)
    rows, times, targets = _placed(panel, cuts)
    near = np.zeros(panel.alive.shape, dtype=bool)
    for row, time in zip(rows, times, strict=True):
        near[row, max(time - WINDOW, 0) : time + QUIET + WINDOW + 1] = True
    found = []
    for channel in dict.fromkeys(series.channel for series in panel.series):
        if channel != kind and CHANNELS[channel].valence > 0:
            own = _respond(panel, channel, rows, times, targets, near, seed)
            if own is not None:
                found.append(own)
    return _adjusted(found)


def _placed(panel: Panel, cuts: pl.DataFrame) -> tuple[Places, Places, NDArray[np.intp]]:
    place = {code: k for k, code in enumerate(panel.states)}
    size = len(place)
    code = panel.a.astype(np.int64) * size + panel.b
    order = {int(value): k for k, value in enumerate(code)}
    names = {name: k for k, name in enumerate(sorted(set(cuts["target"])))}
    first, periods = int(panel.years[0]), len(panel.years)
    found = []
    for a, b, year, target in cuts.iter_rows():
        row = order.get(place.get(a, -1) * size + place.get(b, -1), -1) if a in place and b in place else -1
        if row >= 0 and 0 <= year - first < periods:
            found.append((row, year - first, names[target]))
    every = np.array(found, dtype=np.intp).reshape(-1, 3)
    return every[:, 0], every[:, 1], every[:, 2]


def _means(z: Array, first: int, last: int) -> tuple[Array, NDArray[np.bool_]]:
    """(P, T) mean of z over the periods t + first … t + last, and whether enough of them are known."""
    pairs, periods = z.shape
    known = np.isfinite(z)
    total = np.concatenate([np.zeros((pairs, 1)), np.cumsum(np.where(known, z, 0.0), axis=1)], axis=1)
    count = np.concatenate([np.zeros((pairs, 1)), np.cumsum(known, axis=1)], axis=1)
    at = np.arange(periods)
    low, high = np.clip(at + first, 0, periods), np.clip(at + last + 1, 0, periods)
    seen = count[:, high] - count[:, low]
    return (total[:, high] - total[:, low]) / np.maximum(seen, 1), seen >= KNOWN


def _respond(
    panel: Panel, channel: str, rows: Places, times: Places, targets: Places, near: NDArray[np.bool_], seed: int
) -> Response | None:
    places = [k for k, series in enumerate(panel.series) if series.channel == channel]
    known = np.isfinite(panel.z[:, :, places])
    count = known.sum(axis=2)
    z = np.where(count > 0, np.where(known, panel.z[:, :, places], 0.0).sum(axis=2) / np.maximum(count, 1), np.nan)
    before, seen_before = _means(z, -WINDOW, -1)
    after, seen_after = _means(z, 1, WINDOW)
    earlier, seen_earlier = _means(z, -2 * WINDOW, -WINDOW - 1)
    trend = np.where(seen_before & seen_earlier, before - earlier, 0.0)
    valid = seen_before & seen_after
    change = after - before
    good = valid[rows, times]
    if good.sum() < FEWEST:
        return None
    rows, times, targets = rows[good], times[good], targets[good]
    pool = valid & ~near
    pool[_left_out(len(pool), seed)] = False
    gain = beyond(change, before, trend, pool, rows, times)
    kept = np.isfinite(gain)
    if kept.sum() < FEWEST:
        return None
    gain, rows, targets = gain[kept], rows[kept], targets[kept]
    drawn = _clustered(gain, targets, seed)
    placebo = _placebo(change, before, trend, valid, near, rows, seed)
    low, high = np.percentile(drawn, (5, 95))
    some = len(placebo) > 0
    return Response(
        channel, len(gain), len(np.unique(targets)), float(gain.mean()), float(low), float(high),
        float((drawn > 0).mean()), float((1 + (drawn <= 0).sum()) / (1 + len(drawn))),
        float(np.percentile(placebo, 5)) if some else float("nan"), float(np.percentile(placebo, 95)) if some else float("nan"),
        float((1 + (placebo >= gain.mean()).sum()) / (1 + len(placebo))) if some else float("nan"),
    )  # fmt: skip


def _left_out(pairs: int, seed: int) -> Places:
    """Pairs that do not serve as comparison: all but :data:`COMPARED`, drawn by seed."""
    return np.random.default_rng(seed).permutation(pairs)[COMPARED:]


def beyond(change: Array, before: Array, trend: Array, pool: NDArray[np.bool_], rows: Places, times: Places) -> Array:
    """(cuts,) change of each pair less the mean change of its nearest pairs without a cut in the same year; NaN: none.

    Parameters
    ----------
    change, before, trend : (P, T) from before to after; level before; movement before
    pool : (P, T) pairs that may serve as comparison in a year
    """
    gain = np.full(len(rows), np.nan)
    for time in np.unique(times):
        others = np.flatnonzero(pool[:, time])
        if len(others) <= MATCHES:
            continue
        level, slope = before[others, time], trend[others, time]
        scale = max(float(level.std()), 1e-6), max(float(slope.std()), 1e-6)
        for k in np.flatnonzero(times == time):
            row = rows[k]
            distance = ((level - before[row, time]) / scale[0]) ** 2 + ((slope - trend[row, time]) / scale[1]) ** 2
            distance[others == row] = np.inf
            nearest = others[np.argpartition(distance, MATCHES)[:MATCHES]]
            gain[k] = change[row, time] - change[nearest, time].mean()
    return gain


def _clustered(gain: Array, targets: Places, seed: int) -> Array:
    """(draws,) the mean with whole targets drawn anew."""
    _, cluster = np.unique(targets, return_inverse=True)
    size = int(cluster.max()) + 1
    total, count = np.bincount(cluster, gain, size), np.bincount(cluster, minlength=size)
    drawn = np.random.default_rng(seed).multinomial(size, np.full(size, 1 / size), DRAWS)
    means: Array = (drawn @ total) / np.maximum(drawn @ count, 1)
    return means


def _placebo(
    change: Array,
    before: Array,
    trend: Array,
    valid: NDArray[np.bool_],
    near: NDArray[np.bool_],
    rows: Places,
    seed: int,
) -> Array:
    """(draws,) the mean with every cut moved to another year of its pair, beyond the mean change of all pairs that year.

    The mean of all comparable pairs stands in for the nearest ones, so that hundreds of draws take no time; pairs without
    another year are left out.
    """
    pool = valid & ~near
    with np.errstate(invalid="ignore"):
        usual = np.where(pool, change, 0.0).sum(axis=0) / np.maximum(pool.sum(axis=0), 1)
    free = [np.flatnonzero(pool[row]) for row in rows]
    rng = np.random.default_rng(seed)
    total, count = np.zeros(PLACEBOS), 0
    for row, choice in zip(rows, free, strict=True):
        if len(choice):
            at = choice[rng.integers(0, len(choice), PLACEBOS)]
            total += change[row, at] - usual[at]
            count += 1
    return total / count if count else np.zeros(0)


def _adjusted(found: Sequence[Response]) -> list[Response]:
    """The strongest rise first, p-values adjusted by Holm."""
    ordered = sorted(found, key=lambda one: (one.adjusted, -one.change, one.channel))
    worst, told = 0.0, []
    for place, one in enumerate(ordered):
        worst = max(worst, min(one.adjusted * (len(ordered) - place), 1.0))
        told.append(replace(one, adjusted=worst))
    return told
