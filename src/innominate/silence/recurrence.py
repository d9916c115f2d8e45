r"""The recurrence model: is a formula that stopped missing by chance, or was it dropped?

Each formula lives at one of a few *levels*: off, or in use with a probability per document from rare to always. There are
three habits. *Steady* words keep one level for ever. *Switched* formulas are off or nearly always there. *Drifting* ones
take any level. The last two keep their level from one document to the next with probability :math:`\exp(-\eta\tau)`
(:math:`\tau`: elapsed time over the mean step), and otherwise draw a new one from :math:`\pi`: a product-partition
change-point model (Barry and Hartigan 1992) written as a hidden Markov model, so that forward-backward sums over all
partitions exactly. A document of exposure *w* (how much it owes, against the typical document of its series) carries a
formula of level :math:`\rho` with probability :math:`1-(1-\rho)^w`. Shares of the habits, :math:`\eta`, :math:`\pi` and the
levels at the start are estimated over all formulas of the series (empirical Bayes), so the probabilities are already
corrected for how many formulas were looked at (local false discovery rate, Efron 2010): where nothing ever changes the
steady habit takes all, and every probability falls.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from innominate.silence.pauses import EXPECTED, PLENTY, SURELY, collect, judge, judge_all
from innominate.silence.regimes import LEVELS, SILENT_SHARE, emissions, expect, forward_backward, jumps_of

__all__ = [
    "EXPECTED",
    "LEVELS",
    "PLENTY",
    "SILENT_SHARE",
    "SURELY",
    "Gaps",
    "Hazard",
    "emissions",
    "estimate",
    "estimate_groups",
    "forward_backward",
    "gaps",
    "judge",
    "judge_all",
    "jumps_of",
    "prior_hazard",
    "reset",
    "stacked",
]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Hazard:
    """How formulas of a series change.

    Attributes
    ----------
    share : of the habits steady, switched, drifting (3)
    rate : eta of switched and drifting formulas, expected redraws of the level per mean step (2)
    redraw : distribution of the level after a redraw (2, levels)
    start : distribution of the level before the first document (3, levels)
    """

    share: Floats
    rate: Floats
    redraw: Floats
    start: Floats


@dataclass(frozen=True, slots=True)
class Gaps:
    """Stretches of documents without a formula, one row a gap; document numbers are positions in the series.

    Attributes
    ----------
    pattern : which presence pattern the gap belongs to
    last, next : document of the last use before and the first use after (-1 none before; n none after)
    probability : posterior that the formula was silent for a while in the gap, not missing by chance
    owed : probability, from the documents up to the last use only, that the next document would carry it
    after : posterior mean level at the next use (0 where there is none)
    uses : how many uses in a row since the last gap that was a change
    """

    pattern: Ints
    last: Ints
    next: Ints
    probability: Floats
    owed: Floats
    after: Floats
    uses: Ints


def prior_hazard() -> Hazard:
    """What is believed of a series before it is seen."""
    levels = len(LEVELS)
    free = np.full(levels, 0.5 / (levels - 1))
    free[0] = 0.5
    switched = np.where(LEVELS >= 0.8, 0.4 / (LEVELS >= 0.8).sum(), 0.0)
    switched[0] = 0.6
    steady = np.full(levels, 1.0 / (levels - 1))
    steady[0] = 1e-6
    return Hazard(
        np.array([0.5, 0.25, 0.25]),
        np.array([0.04, 0.03]),
        np.stack([switched, free]),
        np.stack([steady / steady.sum(), switched, free]),
    )


def estimate(
    rows: Longs,
    bounds: Longs,
    documents: Ints,
    exposure: Floats,
    clock: Floats,
    prior: Hazard | None = None,
    worth: float = 4.0,
    rounds: int = 8,
    most: int = 1000,
) -> Hazard:
    """Fit shares, rates, redraws and starts to the patterns `rows` of a series by expectation-maximisation.

    Parameters
    ----------
    rows : the patterns that share these habits
    bounds, documents : all patterns in compressed rows: the documents of pattern i are documents[bounds[i]:bounds[i + 1]]
    exposure, clock : see :func:`steps`
    prior, worth : what is believed before, and how many patterns that belief is worth
    rounds : iterations
    most : patterns used, evenly spaced
    """
    prior = hazard = prior or prior_hazard()
    if len(rows) == 0:
        return prior
    rows = _sample(rows, bounds, documents, most)
    for _ in range(rounds):
        habits, started, drawn, elapsed, _ = expect(
            rows, bounds, documents, exposure, clock, hazard.share, hazard.rate, hazard.redraw, hazard.start
        )
        share = habits + worth * prior.share
        redraw = drawn + 2.0 * worth * prior.redraw
        start = started + 2.0 * worth * prior.start
        hazard = Hazard(
            share / share.sum(),
            np.maximum((drawn.sum(axis=1) + worth / 4) / (elapsed + worth / 4 / prior.rate), 1e-7),
            redraw / redraw.sum(axis=1, keepdims=True),
            start / start.sum(axis=1, keepdims=True),
        )
    return hazard


def _sample(rows: Longs, bounds: Longs, documents: Ints, most: int) -> Longs:
    """At most `most` of the patterns, by a hash of the documents they stand in: a few new ones leave the others chosen."""
    if len(rows) <= most:
        return rows
    mixed = documents.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(0x632BE59BD9B4E019)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    total = np.concatenate([[np.uint64(0)], np.cumsum(mixed ^ (mixed >> np.uint64(32)), dtype=np.uint64)])
    value = (total[bounds[rows + 1]] - total[bounds[rows]]) * np.uint64(0x94D049BB133111EB)
    return np.sort(rows[np.argsort(value, kind="stable")[:most]])


def estimate_groups(
    group: Any, groups: int, bounds: Longs, documents: Ints, exposure: Floats, clock: Floats
) -> tuple[Hazard, ...]:
    """One hazard per group of patterns, each shrunk towards that of all patterns of the series."""
    everything = estimate(np.arange(len(bounds) - 1), bounds, documents, exposure, clock)
    return tuple(
        estimate(
            np.flatnonzero(group == g), bounds, documents, exposure, clock, everything, worth=40.0, rounds=3, most=600
        )
        for g in range(groups)
    )


def reset(bounds: Longs, documents: Ints, exposure: Floats, clock: Floats, changes: Any) -> Floats:
    """The clock with extra time where the issuer changes: a successor may drop and take up formulas more freely.

    How much (0 to 64 mean steps) is chosen by the likelihood of the patterns of the series.

    Parameters
    ----------
    changes : first document of each new issuer
    """
    if not len(changes):
        return clock
    rows = _sample(np.arange(len(bounds) - 1), bounds, documents, 600)
    hazard = estimate(np.arange(len(bounds) - 1), bounds, documents, exposure, clock, rounds=4, most=600)
    extra = np.zeros(len(clock))
    extra[np.asarray(changes) + 1] = 1.0
    choices = [clock + steps * np.cumsum(extra) for steps in (0.0, 1.0, 4.0, 16.0, 64.0)]
    scores = [
        expect(rows, bounds, documents, exposure, each, hazard.share, hazard.rate, hazard.redraw, hazard.start)[4]
        for each in choices
    ]
    return choices[int(np.argmax(scores))]


def stacked(hazards: tuple[Hazard, ...]) -> tuple[Floats, Floats, Floats, Floats]:
    """The hazards of all groups as arrays for :func:`judge_all`."""
    return (
        np.stack([hazard.share for hazard in hazards]),
        np.stack([hazard.rate for hazard in hazards]),
        np.stack([hazard.redraw for hazard in hazards]),
        np.stack([hazard.start for hazard in hazards]),
    )


def gaps(
    bounds: Longs, documents: Ints, size: int, probability: Floats, level: Floats, owed: Floats, least: float
) -> Gaps:
    """Gaps of probability `least` or more, and lapses of formulas that were surely owed, from :func:`judge_all`."""
    return Gaps(*collect(bounds, documents, size, probability, level, owed, least))
