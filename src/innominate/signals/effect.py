"""Did more follow than was forecast: a common ratio over occasions, with placebo dates and matched comparisons.

The estimate is the ratio of what came to what was forecast, each occasion weighted by the inverse of its forecast's own
variance (the quasi-score of a common rate ratio). Three questions are kept apart:

- is it more than the pairs' own forecast (interval by bootstrap of whole pairs);
- is it more than at other dates of the same pairs (placebo dates: a randomisation test);
- is it more than at pair-months without an occasion that had the same forecast and the same recent trend in the same month
  (matched comparisons), since visits are scheduled when relations already improve.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from innominate.signals.forecast import Windows

Array = NDArray[np.float64]
Places = NDArray[np.intp]
Drawer = Callable[[Array, Array, NDArray[np.bool_], Places, int, int], tuple[Array, Array]]

DRAWS = 1000
PLACEBOS = 400
MATCHES = 5
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
    above : probability that the matched ratio is above one, from the same draws
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


def effect(
    windows: Windows, rows: Places, times: Places, matched: Places, *, seed: int, draws: int = DRAWS
) -> Effect | None:
    """What followed the occasions at (rows, times); None where no window of theirs is covered.

    Parameters
    ----------
    windows : every possible window (see :class:`Windows`)
    rows, times : (O,) places of the occasions' pairs and periods
    matched : (O, matches) their comparisons (see :func:`matched_rows`)
    seed : of the bootstrap and the placebo dates
    """
    good = windows.valid[rows, times]
    rows, times, matched = rows[good], times[good], matched[good]
    if not len(rows):
        return None
    own = _sums(windows, rows, times)
    paired = matched[:, 0] >= 0
    other = np.zeros((len(rows), 2))
    for m in range(matched.shape[1]):
        other[paired] += _sums(windows, matched[paired, m], times[paired]) / matched.shape[1]
    placebo = placebo_ratios(windows, rows, times, seed)
    drawn: Drawer = _bootstrap if len(np.unique(rows)) >= FEWEST_PAIRS else _by_forecast(windows, rows)
    spread, beside = drawn(own, other, paired, rows, seed, draws)
    known = placebo[np.isfinite(placebo)]
    ratio = _ratio(own.sum(axis=0))
    below = _ratio(other[paired].sum(axis=0)) if paired.any() else float("nan")
    return Effect(
        len(rows), len(np.unique(rows)),
        float(windows.observed[rows, times].sum()), float(windows.expected[rows, times].sum()),
        ratio, *tails(spread), float(np.median(known)) if len(known) else float("nan"), *tails(placebo),
        float((1 + (known >= ratio).sum()) / (1 + len(known))) if len(known) else float("nan"),
        _ratio(own[paired].sum(axis=0)) / below if below > 0 else float("nan"), *tails(beside),
        float((beside[np.isfinite(beside)] > 1).mean()) if np.isfinite(beside).any() else float("nan"),
    )  # fmt: skip


def _sums(windows: Windows, rows: Places, times: Places) -> Array:
    """(occasions, 2) weighted observed and expected."""
    weight = windows.weight[rows, times]
    return np.stack([weight * windows.observed[rows, times], weight * windows.expected[rows, times]], axis=1)


def _ratio(sums: Array) -> float:
    return float(sums[0] / sums[1]) if sums[1] > 0 else float("nan")


def _bootstrap(
    own: Array, other: Array, paired: NDArray[np.bool_], rows: Places, seed: int, draws: int
) -> tuple[Array, Array]:
    """Ratios of resampled pairs: all occasions of a pair, with their comparisons, come and go together."""
    _, cluster = np.unique(rows, return_inverse=True)
    size = int(cluster.max()) + 1
    table = np.zeros((size, 6))
    np.add.at(table, cluster, np.hstack([own, own * paired[:, None], other * paired[:, None]]))
    counts = np.random.default_rng(seed).multinomial(size, np.full(size, 1 / size), draws)
    sums = counts @ table
    with np.errstate(divide="ignore", invalid="ignore"):
        return sums[:, 0] / sums[:, 1], (sums[:, 2] / sums[:, 3]) / (sums[:, 4] / sums[:, 5])


def _by_forecast(windows: Windows, rows: Places) -> Drawer:
    """What stands in for :func:`_bootstrap` where pairs are too few: draws from Gamma posteriors.

    A weighted sum of negative binomial counts has a variance of its mean times the dispersion that the same pairs' other
    windows show, so that observed / dispersion behaves like a Poisson count; half a count is added (Jeffreys).
    """
    seen = np.unique(rows)
    inside = windows.valid[seen]
    observed, expected = windows.observed[seen][inside], windows.expected[seen][inside]
    variance = expected / np.maximum(windows.weight[seen][inside], 1e-9)
    dispersion = max(float(np.mean((observed - expected) ** 2 / np.maximum(variance, 1e-9))), 1.0)

    def drawn(rng: np.random.Generator, sums: Array, draws: int, means_of: int) -> Array:
        came, foretold = sums.sum(axis=0)
        phi = dispersion / means_of
        return rng.gamma(came / phi + 0.5, phi / max(float(foretold), 1e-9), draws)

    def draw(
        own: Array, other: Array, paired: NDArray[np.bool_], rows: Places, seed: int, draws: int
    ) -> tuple[Array, Array]:
        rng = np.random.default_rng(seed)
        mine = drawn(rng, own, draws, 1)
        if not paired.any():
            return mine, np.full(draws, np.nan)
        return mine, drawn(rng, own[paired], draws, 1) / drawn(rng, other[paired], draws, MATCHES)

    return draw


def tails(values: Array) -> tuple[float, float]:
    """The central 90 % of the finite values; NaN where there is none."""
    known = values[np.isfinite(values)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.percentile(known, TAILS)
    return float(low), float(high)
