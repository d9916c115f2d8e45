"""The event study over everything a library holds: every family of occasions against every dataset of dated acts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from innominate.errors import InputError
from innominate.ledger import Imported, Library
from innominate.panel.coverage import both_ways, flow_mask
from innominate.panel.periods import Resolution, index_of, span_of
from innominate.signals.counts import OUTCOMES, WORDS, Counts, count, datasets_of
from innominate.signals.effect import (
    DRAWS,
    Effect,
    effect,
    matched_rows,
    ordinary_dates,
    placebo_ratios,
    ratio_at,
    tails,
)
from innominate.signals.forecast import Filtered, Windows, common_volume, fit, windows
from innominate.signals.visits import CODED, KEPT, occasions

Flags = NDArray[np.bool_]
Silent = Callable[[str], None]

HORIZONS: dict[str, tuple[int, ...]] = {"month": (1, 3, 6, 12), "year": (1, 2, 3)}
LEAD: dict[str, int] = {"month": 1, "year": 0}  # periods before an occasion that its forecast may not see
HISTORY: dict[str, int] = {"month": 2, "year": 2}
RECENT: dict[str, int] = {"month": 3, "year": 1}  # periods whose surprise is the recent trend
CURVE = (-3, 6)  # months around an occasion that the curve shows; its forecast is made before the first of them
ALL, OTHERS = "all pairs", "all other pairs"


@dataclass(frozen=True, slots=True)
class Setting:
    """One family of occasions against one count of acts.

    Attributes
    ----------
    family : of the occasions
    counts, state : what is forecast, for the pairs whose occasions the family would have seen
    rows, times : places of the occasions (pair, period), once a pair and period
    visited : (P, T) an occasion in that period
    """

    family: str
    counts: Counts
    state: Filtered
    rows: NDArray[np.intp]
    times: NDArray[np.intp]
    visited: Flags


@dataclass(frozen=True, slots=True)
class Signals:
    """What followed high-level visits.

    Attributes
    ----------
    occasions : a, b, date, family, acts: every occasion in the library
    effects : one row a group, family, dataset, outcome and horizon (columns as in :class:`Effect`)
    curve : group, family, dataset, outcome, month, ratio, low, high (band of placebo dates), occasions
    reach : dataset, outcome, first, last: the days that the counted acts cover
    """

    occasions: pl.DataFrame
    effects: pl.DataFrame
    curve: pl.DataFrame
    reach: pl.DataFrame
    settings: tuple[Setting, ...] = field(repr=False)

    def last_day(self) -> date | None:
        """The last day on which cooperation is dated by month; None where nothing is."""
        monthly = {setting.counts.dataset for setting in self.settings if setting.counts.resolution == "month"}
        own = self.reach.filter((pl.col("outcome") != "conflict") & pl.col("dataset").is_in(sorted(monthly)))
        return max(own["last"].to_list(), default=None)

    def after(self, pairs: Sequence[str], day: date, outcome: str, months: int, *, seed: int = 1) -> Effect | None:
        """What followed one named day in some pairs, whether or not the library knows of a visit on it.

        None where the months after it are not covered.
        """
        for setting in self.settings:
            counts = setting.counts
            if setting.family != CODED or counts.resolution != "month" or counts.outcome.name != outcome:
                continue
            time = index_of(day, "month") - counts.first
            rows = np.array([row for row, key in enumerate(counts.keys) if key in set(pairs)], dtype=np.intp)
            if not 0 <= time < counts.y.shape[1] or not len(rows):
                continue
            window = window_after(setting, (1, months), LEAD["month"])
            times = np.full(len(rows), time)
            trend, free = recent_trend(setting), ~near_occasions(setting, months)
            matched = matched_rows(window, trend, rows, times, free)
            return effect(window, rows, times, matched, ordinary_dates(window, trend, rows, free, seed), seed=seed)
        return None


def study_signals(
    library: Library,
    pairs: Sequence[str] = (),
    *,
    ledgers: Sequence[Imported] = (),
    seed: int = 1,
    draws: int = DRAWS,
    progress: Silent = lambda step: None,
) -> Signals:
    """Did more follow high-level visits than was forecast without them?

    Parameters
    ----------
    pairs : keys ``AAA-BBB`` told one by one and together; all other pairs are the comparison
    ledgers : of acts kept by hand, whose visits are a family of their own
    seed : of the bootstrap and the placebo dates
    draws : of the bootstrap
    progress : told in words what is being done

    Raises
    ------
    InputError : for a key that is no pair
    """
    for key in pairs:
        if key.count("-") != 1 or key.split("-") != sorted(key.split("-")):
            raise InputError(f"{key!r} is no pair: write two codes in the order of the alphabet, AAA-BBB")
    progress("finding high-level visits")
    found = occasions(library, ledgers=ledgers)
    settings = [
        setting for counts in _counted(library, found, progress) for setting in _settings(library, found, counts)
    ]
    effects, curve = [], []
    for setting in settings:
        progress(f"what followed visits: {setting.counts.outcome.title} in {setting.counts.dataset}")
        effects += _effects(setting, pairs, seed, draws)
        curve += _curve(setting, pairs, seed)
    return Signals(found, _effect_frame(effects), _curve_frame(curve), _reach(settings), tuple(settings))


def _counted(library: Library, found: pl.DataFrame, progress: Silent) -> Iterator[Counts]:
    """Every outcome in every dataset that dates it."""
    for outcome in (*OUTCOMES, WORDS) if found.height else ():
        for dataset, resolution in datasets_of(library, outcome):
            if outcome is WORDS and resolution == "month":
                continue  # visits and talks are themselves words: only diplomatic cooperation (root 05) is counted by month
            progress(f"counting {outcome.title} in {dataset}")
            counts = count(library, dataset, outcome, resolution)
            if counts is not None and counts.known.any():
                yield counts


def _settings(library: Library, found: pl.DataFrame, counts: Counts) -> Iterator[Setting]:
    """One setting a family of occasions, of the pairs whose occasions it would have seen."""
    common = common_volume(counts.y, counts.known)
    for family in sorted(set(found["family"])):
        own = counts.take(np.flatnonzero(_could(library, found, family, counts.keys)))
        place = {key: k for k, key in enumerate(own.keys)}
        visited = np.zeros(own.y.shape, dtype=bool)
        for one in found.filter(pl.col("family") == family).iter_rows(named=True):
            row = place.get(f"{one['a']}-{one['b']}", -1)
            time = index_of(one["date"], own.resolution) - own.first
            if row >= 0 and 0 <= time < own.y.shape[1]:
                visited[row, time] = True
        rows, times = np.nonzero(visited)
        if len(rows):
            yield Setting(family, own, fit(own.keys, own.y, own.known, common), rows, times, visited)


def _could(library: Library, found: pl.DataFrame, family: str, keys: tuple[str, ...]) -> Flags:
    """(P,) pairs whose occasions a family would have seen; of a ledger, those of whose visits it tells."""
    if family == CODED:
        return np.ones(len(keys), dtype=bool)
    if family == KEPT:
        told = found.filter(pl.col("family") == KEPT)
        return np.isin(keys, (told["a"] + "-" + told["b"]).to_list())
    codes = sorted({code for key in keys for code in key.split("-")})
    position = {code: k for k, code in enumerate(codes)}
    scopes = library.query(
        "SELECT DISTINCT scope FROM coverage WHERE channel = 'visits' AND split_part(dataset, '/', 1) = ? ORDER BY 1",
        [family],
    )["scope"]
    seen = np.zeros((len(codes), len(codes)), dtype=bool)
    for scope in scopes:
        seen |= flow_mask(scope, position)
    seen = both_ways(seen)
    pairs = [key.partition("-") for key in keys]
    return np.array([seen[position[one], position[two]] for one, _, two in pairs], dtype=bool)


def window_after(setting: Setting, after: tuple[int, int], lead: int) -> Windows:
    """Every window of a setting, as forecast `lead` + 1 periods ahead (see :func:`innominate.signals.forecast.windows`)."""
    counts = setting.counts
    history = HISTORY[counts.resolution]
    return windows(counts.y, counts.known, setting.state, after=after, lead=lead, history=history)


def recent_trend(setting: Setting) -> NDArray[np.float64]:
    """(P, T) log of acts in the periods just before over what was forecast before those.

    It reaches up to the eve of an occasion, also where the forecast may not: what anticipates an occasion is matched on.
    """
    recent = RECENT[setting.counts.resolution]
    before = window_after(setting, (-recent, -1), recent)
    trend = np.log((before.observed + 0.5) / (before.expected + 0.5))
    return np.where(before.valid, trend, 0.0)


def near_occasions(setting: Setting, horizon: int) -> Flags:
    """(P, T) an occasion from one period before to the end of the window."""
    near = setting.visited.copy()
    periods = near.shape[1]
    for shift in range(-1, horizon + 1):
        if shift > 0:
            near[:, : periods - shift] |= setting.visited[:, shift:]
        elif shift < 0:
            near[:, -shift:] |= setting.visited[:, : periods + shift]
    return near


def _groups(setting: Setting, pairs: Sequence[str]) -> list[tuple[str, Flags]]:
    """Names of the groups told, each with its occasions."""
    keys = np.array(setting.counts.keys)[setting.rows]
    own = np.isin(keys, list(pairs))
    if not len(pairs):
        return [(ALL, np.ones(len(keys), dtype=bool))]
    together = [(together_name(pairs), own)] if len(pairs) > 1 else []
    return [(OTHERS, ~own), *together, *((key, keys == key) for key in pairs)]


def together_name(pairs: Sequence[str]) -> str:
    """What a group of several pairs is called in the tables."""
    return "+".join(pairs)


def _effects(setting: Setting, pairs: Sequence[str], seed: int, draws: int) -> list[dict[str, object]]:
    resolution = setting.counts.resolution
    trend = recent_trend(setting)
    rows = []
    for horizon in HORIZONS[resolution]:
        window = window_after(setting, (1, horizon), LEAD[resolution])
        free = ~near_occasions(setting, horizon)
        matched = matched_rows(window, trend, setting.rows, setting.times, free)
        usual = ordinary_dates(window, trend, setting.rows, free, seed)
        for group, chosen in _groups(setting, pairs):
            found = effect(
                window, setting.rows[chosen], setting.times[chosen], matched[chosen], usual, seed=seed, draws=draws
            )
            if found is not None:
                rows.append({**_about(setting, group), "horizon": horizon, **_fields(found)})
    return rows


def _curve(setting: Setting, pairs: Sequence[str], seed: int) -> list[dict[str, object]]:
    """Month by month around the occasions, from one forecast made before them, with the band of placebo dates."""
    if setting.counts.resolution != "month":
        return []
    first, last = CURVE
    rows = []
    for step in range(first, last + 1):
        window = window_after(setting, (step, step), -first)
        for group, chosen in _groups(setting, pairs):
            good = chosen & window.valid[setting.rows, setting.times]
            if not good.any():
                continue
            at = setting.rows[good], setting.times[good]
            low, high = tails(placebo_ratios(window, *at, seed))
            rows.append({
                **_about(setting, group), "month": step, "ratio": ratio_at(window, *at), "low": low, "high": high,
                "occasions": int(good.sum()),
            })  # fmt: skip
    return rows


def _about(setting: Setting, group: str) -> dict[str, object]:
    counts = setting.counts
    return {
        "group": group, "family": setting.family, "dataset": counts.dataset, "outcome": counts.outcome.name,
        "title": counts.outcome.title, "unit": counts.resolution,
    }  # fmt: skip


def _fields(found: Effect) -> dict[str, object]:
    return {name: getattr(found, name) for name in Effect.__slots__}


_ABOUT = dict.fromkeys(("group", "family", "dataset", "outcome", "title", "unit"), pl.String)


def _effect_frame(rows: list[dict[str, object]]) -> pl.DataFrame:
    whole = {"occasions", "pairs"}
    numbers = {name: pl.Int64 if name in whole else pl.Float64 for name in Effect.__slots__}
    return pl.DataFrame(rows, schema={**_ABOUT, "horizon": pl.Int64, **numbers})


def _curve_frame(rows: list[dict[str, object]]) -> pl.DataFrame:
    numbers = dict.fromkeys(("ratio", "low", "high"), pl.Float64)
    return pl.DataFrame(rows, schema={**_ABOUT, "month": pl.Int64, **numbers, "occasions": pl.Int64})


def _reach(settings: Sequence[Setting]) -> pl.DataFrame:
    rows = set()
    for setting in settings:
        counts = setting.counts
        open_ = np.flatnonzero(counts.known.any(axis=0))
        rows.add((
            counts.dataset, counts.outcome.name, _day(counts, int(open_[0]), 0), _day(counts, int(open_[-1]), 1),
        ))  # fmt: skip
    schema = {"dataset": pl.String, "outcome": pl.String, "first": pl.Date, "last": pl.Date}
    return pl.DataFrame(sorted(rows), schema=schema, orient="row")


def _day(counts: Counts, time: int, end: int) -> date:
    resolution: Resolution = counts.resolution
    return span_of(counts.first + time, resolution)[end]
