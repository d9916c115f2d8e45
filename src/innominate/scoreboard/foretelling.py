"""The tasks `new-pacts` and `troops`: which pairs will do it, among those that could.

Every score is measured on the same pairs and years. Where a baseline does not know a pair, the pair stands at the middle
of those it knows; ``on_known`` gives the comparison on the pairs that the baseline does know.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from innominate.errors import InputError
from innominate.scoreboard.blocks import interval, plain, resampled, weighted
from innominate.scoreboard.outcomes import Outcome
from innominate.scoreboard.ranking import rank
from innominate.scoreboard.rows import Row, averaged
from innominate.scoreboard.truncated import AsOf

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

PACT_HORIZON, TROOP_HORIZON = 5, 3
PERSISTENCE = "persistence"
EARLIER = ", last year"


@dataclass(frozen=True, slots=True)
class Setting:
    """A task laid out.

    Attributes
    ----------
    task : its name
    years : (Y,) years in which scores are given
    positive : (P, Y) what comes true
    open : (P, Y) pairs that are asked about
    """

    task: str
    years: NDArray[np.int32]
    positive: Flags
    open: Flags


@dataclass(frozen=True, slots=True)
class Track:
    """How one score does year by year: (Y,) each, NaN in years without a positive or without a negative."""

    auc: Array
    lift: Array


def pacts_ahead(known: AsOf, pacts: Outcome) -> Setting:
    """Pairs without a defence pact, and who of them has one within five years."""
    return _laid_out("new-pacts", known, pacts, PACT_HORIZON, lambda year: ~pacts.at(year), pacts)


def troops_ahead(known: AsOf, pacts: Outcome, troops: Outcome) -> Setting:
    """Pairs without a defence pact, and who of them sends the other troops within three years."""
    return _laid_out("troops", known, troops, TROOP_HORIZON, lambda year: ~pacts.at(year), pacts)


def first_troops_ahead(known: AsOf, pacts: Outcome, troops: Outcome) -> Setting:
    """The same among pairs that do not send troops now."""
    return _laid_out("troops-new", known, troops, TROOP_HORIZON, lambda year: ~pacts.at(year) & ~troops.at(year), pacts)


def since(setting: Setting, first: int) -> Setting:
    """The same from a year on: earlier years are there for persistence only.

    Raises InputError where no year is left of which the library knows what came of it.
    """
    kept = replace(setting, open=setting.open & (setting.years >= first)[None, :])
    if not kept.open.any():
        raise InputError(
            f"{setting.task}: of no year in {first}-{int(setting.years[-1])} the library knows what came after; give other --years"
        )
    return kept


def _laid_out(
    task: str, known: AsOf, outcome: Outcome, horizon: int, free: Callable[[int], Flags], pacts: Outcome
) -> Setting:
    positive = np.zeros(known.score.shape, dtype=bool)
    asked = np.zeros_like(positive)
    for y, year in enumerate(int(year) for year in known.years):
        if outcome.covers(year, horizon) and outcome.covers(year) and pacts.covers(year):
            positive[:, y] = outcome.within(year, horizon)
            asked[:, y] = free(year) & np.isfinite(known.score[:, y])
    return Setting(task, known.years, positive, asked)


def with_persistence(published: Mapping[str, Array], score: Array, current: Array | None) -> dict[str, Array]:
    """The baselines: our own score of last year, what goes on now where that is no constant, measures now and last year."""
    rivals = {PERSISTENCE + " (our score last year)": _year_before(score)}
    if current is not None:
        rivals = {PERSISTENCE + " (what goes on now)": current, **rivals}
    for name, values in published.items():
        rivals[name] = values
        rivals[name + EARLIER] = _year_before(values)
    return rivals


def _year_before(values: Array) -> Array:
    shifted = np.full_like(values, np.nan)
    shifted[:, 1:] = values[:, :-1]
    return shifted


def judge(setting: Setting, score: Array, rivals: Mapping[str, Array], seed: int = 0) -> list[Row]:
    """Four rows: AUC and precision over base rate, as a mean over years and weighted by positives."""
    ours = track(setting, score)
    theirs = {name: track(setting, filled(values, setting.open)) for name, values in rivals.items()}
    known = {name: _on_known(setting, score, values) for name, values in rivals.items()}
    positives = (setting.positive & setting.open).sum(axis=0)
    judged = np.isfinite(ours.auc)
    equal = judged.astype(float)
    rows = []
    for metric, weights in (("", equal), ("-by-positives", positives * equal)):
        for figure in ("auc", "lift"):
            pick = {name: getattr(one, figure) for name, one in theirs.items()}
            pairs = {name: (getattr(a, figure), getattr(b, figure), n) for name, (a, b, n) in known.items()}
            more = {
                "years": [int(setting.years[judged].min()), int(setting.years[judged].max())] if judged.any() else [],
                "pairs": int(setting.open[:, judged].sum()),
                "on_known": _compared(pairs, weights, seed),
            }
            n = int(positives[judged].sum())
            rows.append(
                averaged(setting.task, figure + metric, getattr(ours, figure), pick, weights, n, seed=seed, more=more)
            )
    return rows


def track(setting: Setting, score: Array) -> Track:
    """How one score does in every year, on the pairs for which it is known."""
    auc = np.full(len(setting.years), np.nan)
    lift = auc.copy()
    for y in range(len(auc)):
        rows = setting.open[:, y] & np.isfinite(score[:, y])
        hits = setting.positive[rows, y]
        if hits.any() and not hits.all():
            found = rank(score[rows, y], hits)
            auc[y], lift[y] = found.auc, found.lift
    return Track(auc, lift)


def filled(values: Array, asked: Flags) -> Array:
    """Pairs that a measure does not know stand at the middle of those it does, year by year."""
    full = values.copy()
    for y in range(full.shape[1]):
        known = asked[:, y] & np.isfinite(values[:, y])
        full[asked[:, y] & ~known, y] = np.median(values[known, y]) if known.any() else 0.0
    return full


def _on_known(setting: Setting, score: Array, values: Array) -> tuple[Track, Track, int]:
    known = setting.open & np.isfinite(values)
    narrowed = replace(setting, open=known)
    return track(narrowed, score), track(narrowed, values), int((known & setting.positive).sum())


def _compared(pairs: Mapping[str, tuple[Array, Array, int]], weights: Array, seed: int) -> dict[str, dict[str, Any]]:
    answer: dict[str, dict[str, Any]] = {}
    for name, (ours, theirs, n) in pairs.items():
        apart = interval(ours - theirs, weights, resampled(len(ours), seed))
        answer[name] = {
            "ours": plain(weighted(ours, weights)),
            "theirs": plain(weighted(theirs, weights)),
            "difference": plain(apart.value),
            "low": plain(apart.low),
            "high": plain(apart.high),
            "n": n,
        }
    return answer
