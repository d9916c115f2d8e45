"""Did more follow than was forecast: a common ratio over occasions, with placebo dates and matched comparisons.

The estimate is the ratio of what came to what was forecast, each occasion weighted by the inverse of its forecast's own
variance (the quasi-score of a common rate ratio). Three questions are kept apart:

- is it more than the pairs' own forecast (interval by bootstrap of whole pairs);
- is it more than at other dates of the same pairs (placebo dates: a randomisation test);
- is it more than at pair-months without an occasion that had the same forecast and the same recent trend in the same month
  (matched comparisons), since visits are scheduled when relations already improve.

Pairs that are visited outdo such comparisons at ordinary dates too; the net ratio takes that out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from innominate.signals.forecast import Windows

Array = NDArray[np.float64]
Places = NDArray[np.intp]

DRAWS = 1000
PLACEBOS = 400
MATCHES = 5
ORDINARY = 6  # dates without an occasion that stand for a pair's ordinary dates
FEWEST_PAIRS = 8  # below which a bootstrap of pairs gives no interval; the forecast's own error stands in
TAILS = (5.0, 95.0)


@dataclass(frozen=True, slots=True)
class Effect:
    """What followed some occasions.

    Attributes
    ----------
    occasions, pairs : how many had a window that the data cover
    observed, expected : acts in those windows, and as forecast
    ratio, low, high : weighted observed over expected, central 90 % interval
    placebo, placebo_low, placebo_high : median and 90 % band of the ratio at other dates of the same pairs
    placebo_p : share of placebo draws with a ratio at least as high as here
    matched, matched_low, matched_high : ratio over that of matched comparisons, 90 %
    net, net_low, net_high : the matched ratio over that at ordinary dates of the same pairs, 90 %
    above : probability that the net ratio is above one, from the same draws
    """

    occasions: int
    pairs: int
    observed: float
    expected: float
    ratio: float
    low: float
    high: float
    placebo: float
    placebo_low: float
    placebo_high: float
    placebo_p: float
    matched: float
    matched_low: float
    matched_high: float
    net: float
    net_low: float
    net_high: float
    above: float


def ratio_at(windows: Windows, rows: Places, times: Places) -> float:
    """The weighted ratio at some places; NaN where nothing was forecast."""
    return _ratio(_sums(windows, rows, times).sum(axis=0))


def placebo_ratios(windows: Windows, rows: Places, times: Places, seed: int, draws: int = PLACEBOS) -> Array:
    """(draws,) the ratio with every occasion moved to another period of the same pair, drawn among those with a window.

    A pair's occasions are moved to periods in which it has none; pairs without such a period are left out.
    """
    free = windows.valid[rows]
    order = {int(row): place for place, row in enumerate(rows)}
    for row, time in zip(rows, times, strict=True):
        free[order[int(row)], time] = False
    rng = np.random.default_rng(seed)
    above, below = np.zeros(draws), np.zeros(draws)
    for row in rows:
        choice = np.flatnonzero(free[order[int(row)]])
        if len(choice):
            drawn = choice[rng.integers(0, len(choice), draws)]
            weight = windows.weight[row, drawn]
            above += weight * windows.observed[row, drawn]
            below += weight * windows.expected[row, drawn]
    ratios: Array = np.divide(above, below, out=np.full(draws, np.nan), where=below > 0)
    return ratios


def matched_rows(
    windows: Windows, trend: Array, rows: Places, times: Places, eligible: NDArray[np.bool_], matches: int = MATCHES
) -> Places:
    """(occasions, matches) rows of pairs without an occasion near, nearest in forecast and recent trend; -1: none.

    Parameters
    ----------
    trend : (P, T) log of recent acts over what they were forecast to be, known before the occasion
    eligible : (P, T) pairs that could have had an occasion in that period and had none near it
    """
    found = np.full((len(rows), matches), -1, dtype=np.intp)
    for time in np.unique(times):
        pool = np.flatnonzero(eligible[:, time] & windows.valid[:, time])
        if len(pool) <= matches:
            continue
        level = np.log(windows.expected[pool, time] + 0.1)
        slope = trend[pool, time]
        scale = max(float(level.std()), 1e-6), max(float(slope.std()), 1e-6)
        for place in np.flatnonzero((times == time) & windows.valid[rows, times]):
            row = rows[place]
            distance = ((level - np.log(windows.expected[row, time] + 0.1)) / scale[0]) ** 2
            distance += ((slope - trend[row, time]) / scale[1]) ** 2
            distance[pool == row] = np.inf
            nearest = np.argpartition(distance, matches)[:matches]
            found[place] = pool[np.sort(nearest)]
    return found


@dataclass(frozen=True, slots=True)
class Ordinary:
    """Other dates of the pairs that had occasions, each with its own comparisons.

    Pairs that are visited may outdo their comparisons at any time; what they do so at ordinary dates is taken out.

    Attributes
    ----------
    rows, times : (K,) places; matched : (K, matches) their comparisons
    """

    rows: Places
    times: Places
    matched: Places


def ordinary_dates(
    windows: Windows, trend: Array, rows: Places, eligible: NDArray[np.bool_], seed: int, most: int = ORDINARY
) -> Ordinary:
    """At most `most` dates without an occasion near for each of some pairs, drawn by seed, with their comparisons."""
    rng = np.random.default_rng(seed)
    places = []
    for row in np.unique(rows):
        free = np.flatnonzero(windows.valid[row] & eligible[row])
        places += [(row, time) for time in np.sort(rng.permutation(free)[:most])]
    found = np.array(places, dtype=np.intp).reshape(-1, 2)
    matched = matched_rows(windows, trend, found[:, 0], found[:, 1], eligible)
    known = matched[:, 0] >= 0
    return Ordinary(found[known, 0], found[known, 1], matched[known])


def effect(
    windows: Windows,
    rows: Places,
    times: Places,
    matched: Places,
    ordinary: Ordinary,
    *,
    seed: int,
    draws: int = DRAWS,
) -> Effect | None:
    """What followed the occasions at (rows, times); None where no window of theirs is covered.

    Parameters
    ----------
    windows : every possible window (see :class:`Windows`)
    rows, times : (O,) places of the occasions' pairs and periods
    matched : (O, matches) their comparisons (see :func:`matched_rows`)
    ordinary : other dates of these pairs (and perhaps of more)
    seed : of the bootstrap and the placebo dates
    """
    good = windows.valid[rows, times]
    rows, times, matched = rows[good], times[good], matched[good]
    if not len(rows):
        return None
    names, cluster = np.unique(rows, return_inverse=True)
    own, paired = _sums(windows, rows, times), matched[:, 0] >= 0
    table = np.zeros((len(names), 10))  # by pair: own, own with comparisons, comparisons, ordinary, their comparisons
    np.add.at(table[:, :2], cluster, own)
    np.add.at(table[:, 2:4], cluster[paired], own[paired])
    np.add.at(table[:, 4:6], cluster[paired], _compared(windows, matched[paired], times[paired]))
    kept = np.isin(ordinary.rows, names)
    at = np.searchsorted(names, ordinary.rows[kept])
    weight = (np.bincount(cluster, minlength=len(names)) / np.maximum(np.bincount(at, minlength=len(names)), 1))[
        at, None
    ]
    np.add.at(table[:, 6:8], at, weight * _sums(windows, ordinary.rows[kept], ordinary.times[kept]))
    np.add.at(table[:, 8:], at, weight * _compared(windows, ordinary.matched[kept], ordinary.times[kept]))
    few = len(names) < FEWEST_PAIRS
    spread = _by_forecast(table, _dispersion(windows, names), seed, draws) if few else _bootstrap(table, seed, draws)
    placebo = placebo_ratios(windows, rows, times, seed)
    known = placebo[np.isfinite(placebo)]
    ratio, beside, net = (float(one[0]) for one in _ratios(table.sum(axis=0, keepdims=True)))
    drawn = spread[2][np.isfinite(spread[2])]
    return Effect(
        len(rows), len(names),
        float(windows.observed[rows, times].sum()), float(windows.expected[rows, times].sum()),
        ratio, *tails(spread[0]), float(np.median(known)) if len(known) else float("nan"), *tails(placebo),
        float((1 + (known >= ratio).sum()) / (1 + len(known))) if len(known) else float("nan"),
        beside, *tails(spread[1]), net, *tails(spread[2]),
        float((drawn > 1).mean()) if len(drawn) else float("nan"),
    )  # fmt: skip


def _ratios(sums: Array) -> tuple[Array, Array, Array]:
    """Over forecast, over comparisons, and that over the same at ordinary dates, of (D, 10) sums."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = sums[:, 0] / sums[:, 1]
        beside = (sums[:, 2] / sums[:, 3]) / (sums[:, 4] / sums[:, 5])
        usual = (sums[:, 6] / sums[:, 7]) / (sums[:, 8] / sums[:, 9])
        return ratio, beside, beside / usual


def _compared(windows: Windows, matched: Places, times: Places) -> Array:
    """(O, 2) weighted observed and expected of the comparisons, means over them."""
    total = np.zeros((len(times), 2))
    for m in range(matched.shape[1]):
        total += _sums(windows, matched[:, m], times) / matched.shape[1]
    return total


def _sums(windows: Windows, rows: Places, times: Places) -> Array:
    """(occasions, 2) weighted observed and expected."""
    weight = windows.weight[rows, times]
    return np.stack([weight * windows.observed[rows, times], weight * windows.expected[rows, times]], axis=1)


def _ratio(sums: Array) -> float:
    return float(sums[0] / sums[1]) if sums[1] > 0 else float("nan")


def _bootstrap(table: Array, seed: int, draws: int) -> tuple[Array, Array, Array]:
    """Ratios of resampled pairs: all dates of a pair, with their comparisons, come and go together."""
    size = len(table)
    counts = np.random.default_rng(seed).multinomial(size, np.full(size, 1 / size), draws)
    return _ratios(counts @ table)


def _by_forecast(table: Array, dispersion: float, seed: int, draws: int) -> tuple[Array, Array, Array]:
    """What stands in for :func:`_bootstrap` where pairs are too few: draws from Gamma posteriors.

    A weighted sum of negative binomial counts has a variance of its mean times the dispersion, so that observed /
    dispersion behaves like a Poisson count; half a count is added (Jeffreys).
    """
    rng = np.random.default_rng(seed)
    total = table.sum(axis=0)
    sums = np.tile(total, (draws, 1))
    for column, means_of in ((0, 1), (4, MATCHES), (6, ORDINARY), (8, MATCHES * ORDINARY)):
        phi = dispersion / means_of
        sums[:, column] = rng.gamma(total[column] / phi + 0.5, phi, draws) if total[column + 1] > 0 else np.nan
    sums[:, 2] = sums[:, 0] * (total[3] / total[1] if total[1] > 0 else np.nan)
    return _ratios(sums)


def _dispersion(windows: Windows, rows: Places) -> float:
    """Squared errors of some pairs' forecasts over what the forecasts' own variance says, at least one."""
    inside = windows.valid[rows]
    observed, expected = windows.observed[rows][inside], windows.expected[rows][inside]
    variance = expected / np.maximum(windows.weight[rows][inside], 1e-9)
    return max(float(np.mean((observed - expected) ** 2 / np.maximum(variance, 1e-9))), 1.0)


def tails(values: Array) -> tuple[float, float]:
    """The central 90 % of the finite values; NaN where there is none."""
    known = values[np.isfinite(values)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.percentile(known, TAILS)
    return float(low), float(high)
