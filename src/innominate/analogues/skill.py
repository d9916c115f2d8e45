"""Do analogies foretell? Out of time, on past standpoints, against the base rate known then.

At each standpoint only cases whose outcome was known by then are used, and never a case of the same states. Brier skill
(Brier 1950; Murphy 1973): one less the mean squared error of the analogy's probability over that of the base rate. Intervals
by resampling standpoints and units at once (pigeonhole bootstrap, Owen 2007, Annals of Applied Statistics 1: 386-411).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from innominate.analogues.cases import OUTCOMES, Cases
from innominate.analogues.matching import LEAN, NEIGHBOURS, neighbours

Array = NDArray[np.float64]

ASKED = 200  # cases at each standpoint, drawn by hash
DRAWS = 1000
FEWEST = 5  # outcomes that must have happened among the cases asked about before skill is told


@dataclass(frozen=True, slots=True)
class Skill:
    """Brier skill of the analogues for one question.

    Attributes
    ----------
    outcome, horizon : what, within how many years
    cases, happened : asked about, and in which it followed
    first, last : standpoints
    skill, low, high : against the base rate known then, central 90 % interval
    over_class, class_low, class_high : against the rate among past cases of the same plain class (pact, fought together,
        dispute in the last ten years)
    """

    outcome: str
    horizon: int
    cases: int
    happened: int
    first: int
    last: int
    skill: float
    low: float
    high: float
    over_class: float
    class_low: float
    class_high: float


def asked(cases: Cases, most: int = ASKED) -> NDArray[np.intp]:
    """Places of at most `most` cases in touch a year, drawn by hash of their members' places and year."""
    kept = []
    for year in np.unique(cases.year):
        rows = np.flatnonzero((cases.year == year) & cases.touch)
        digest = [hashlib.blake2b(f"{cases.unit[row]}@{year}".encode(), digest_size=8).digest() for row in rows]
        kept.append(np.sort(rows[np.argsort(np.array(digest), kind="stable")[:most]]) if len(rows) else rows)
    return np.concatenate(kept) if kept else np.zeros(0, dtype=np.intp)


def skills(
    reference: Cases, standpoints: range, horizons: tuple[int, ...], *, gap: int, seed: int, most: int = ASKED
) -> list[Skill]:
    """Skill for every question, over past standpoints.

    Parameters
    ----------
    reference : every case, of all years; only those `gap` years before a standpoint are used at it
    standpoints : years at which questions are asked; where `reference` has no case that year, none
    gap : years after which what followed a case is known
    """
    inside = reference.take(np.flatnonzero(np.isin(reference.year, list(standpoints))))
    query = inside.take(asked(inside, most))
    past = reference.take(np.flatnonzero(reference.touch))
    rows, _ = neighbours(query, past, gap=gap)
    found = []
    for outcome in OUTCOMES:
        for horizon in horizons:
            told = _one(query, past, rows, outcome, horizon, gap, seed)
            if told is not None:
                found.append(told)
    return found


def _one(
    query: Cases, past: Cases, rows: NDArray[np.int64], outcome: str, horizon: int, gap: int, seed: int
) -> Skill | None:
    came = past.followed[outcome][horizon]
    open_ = past.open_[outcome][horizon]
    truth, guess, base, plain, place = [], [], [], [], []
    for year in np.unique(query.year):
        known = open_ & (past.year <= year - gap)
        if not known.any():
            continue
        rate = float(came[known].mean())
        classes = np.bincount(past.group[known], minlength=16), np.bincount(past.group[known & came], minlength=16)
        by_class = (classes[1] + LEAN * rate) / (classes[0] + LEAN)
        for q in np.flatnonzero((query.year == year) & query.open_[outcome][horizon]):
            own = rows[q][rows[q] >= 0]
            own = own[open_[own]][:NEIGHBOURS]
            truth.append(float(query.followed[outcome][horizon][q]))
            guess.append((float(came[own].sum()) + LEAN * rate) / (len(own) + LEAN))
            base.append(rate)
            plain.append(float(by_class[query.group[q]]))
            place.append(q)
    if sum(truth) < FEWEST:
        return None
    y = np.array(truth)
    losses = np.stack([(np.array(one) - y) ** 2 for one in (guess, base, plain)], axis=1)
    at = np.array(place)
    drawn = _resampled(losses, query.year[at], query.unit[at], seed)
    total = losses.sum(axis=0)
    low, high = np.percentile(1 - drawn[:, 0] / drawn[:, 1], (5, 95))
    class_low, class_high = np.percentile(1 - drawn[:, 0] / drawn[:, 2], (5, 95))
    return Skill(
        outcome, horizon, len(y), int(y.sum()), int(query.year[at].min()), int(query.year[at].max()),
        float(1 - total[0] / total[1]), float(low), float(high),
        float(1 - total[0] / total[2]), float(class_low), float(class_high),
    )  # fmt: skip


def _resampled(
    losses: Array, years: NDArray[np.int64], units: NDArray[np.int64], seed: int, draws: int = DRAWS
) -> Array:
    """(draws, 3) sums of losses with standpoints and units drawn anew, independently of one another."""
    rng = np.random.default_rng(seed)
    _, year = np.unique(years, return_inverse=True)
    _, unit = np.unique(units, return_inverse=True)
    found = np.empty((draws, losses.shape[1]))
    for draw in range(draws):
        by_year = np.bincount(rng.integers(0, year.max() + 1, year.max() + 1), minlength=year.max() + 1)
        by_unit = np.bincount(rng.integers(0, unit.max() + 1, unit.max() + 1), minlength=unit.max() + 1)
        found[draw] = (by_year[year] * by_unit[unit]) @ losses
    return np.maximum(found, 1e-12)
