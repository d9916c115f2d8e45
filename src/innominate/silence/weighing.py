"""The probability of every event of a series: evidence, what other events explain of it, covariates, calibration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from innominate.silence import calibration, covariates, entailment, evidence, recurrence
from innominate.silence.alignment import Aligned
from innominate.silence.grouping import Events
from innominate.silence.phrases import Phrases

Floats = npt.NDArray[np.float64]
_WORTH = 0.1  # probability from which covariates of a formula are looked at
_MOST = 400  # formulas of a series so looked at, the most probable first
_RUN = 300  # documents before a silence that belong to the stretch of use


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a series before its events are weighed.

    Attributes
    ----------
    stem, document : of every token
    found, gaps : phrases and gaps
    group, hazards : group of each pattern and the hazard of each group
    exposure, clock : cumulated, n + 1 values each
    information : see :func:`evidence.information`
    words : for covariates
    """

    stem: Any
    document: Any
    found: Phrases
    gaps: recurrence.Gaps
    group: Any
    hazards: tuple[recurrence.Hazard, ...]
    exposure: Floats
    clock: Floats
    information: Floats
    words: covariates.Words


def weigh(told: Told, chance: Floats, events: Events, near: Aligned, backward: bool) -> tuple[Floats, Floats]:
    """Probability and evidence of every event.

    Parameters
    ----------
    told : of the series
    chance : probability of every gap by itself
    events, near : formulas that stopped (started), and the sentences nearest to theirs in the document that lacks them
    backward : False for formulas that stopped, True for formulas that started
    """
    gaps, size = told.gaps, len(told.exposure) - 1
    span = evidence.whole(gaps.last[events.gap], gaps.next[events.gap], size, backward)
    raw = gaps.probability[events.gap]
    said = calibration.probability(
        evidence.of_events(told.found, gaps, events, raw, near, told.information, told.exposure, span, backward)
    )
    span, excused = entailment.own_spans(
        told.stem, told.document, told.found, gaps, chance, events, said, size, backward
    )
    raw = entailment.posterior(
        told.found, gaps, events, span, backward, told.group, told.exposure, told.clock, told.hazards
    )
    known = evidence.of_events(told.found, gaps, events, raw, near, told.information, told.exposure, span, backward)
    plain = np.diff(told.exposure)
    for e, stretches in excused.items():
        known[e] = _anew(told, events, near, span, e, _without(plain, stretches), backward)
    if not backward:
        _with_covariates(told, events, near, span, excused, known, np.minimum(said, calibration.probability(known)))
    changed = span.cut | (span.begin > 0)
    changed[list(excused)] = True
    return np.minimum(np.where(changed, said, 1.0), calibration.probability(known)), known


def _without(exposure: Floats, stretches: entailment.Stretches) -> Floats:
    """Exposures with those of some stretches of documents set to nothing."""
    out = exposure.copy()
    for first, stop in stretches:
        out[first:stop] = 0.0
    return out


def _with_covariates(
    told: Told, events: Events, near: Aligned, span: evidence.Span, excused: dict[int, entailment.Stretches],
    known: Floats, said: Floats,
) -> None:  # fmt: skip
    """Write the evidence of formulas whose covariates can be told anew into `known`."""
    gaps, found = told.gaps, told.found
    plain = np.diff(told.exposure)
    rows = np.flatnonzero(said >= _WORTH)
    for e in rows[np.argsort(-said[rows], kind="stable")[:_MOST]]:
        pattern, last = int(gaps.pattern[events.gap[e]]), int(gaps.last[events.gap[e]])
        hits = found.documents[found.bounds[pattern] : found.bounds[pattern + 1]]
        inside = hits[(hits <= last) & (hits > last - _RUN) & (hits >= span.begin[e])]
        if len(inside) < covariates.FEWEST_MISSES or last + 1 - int(inside[0]) - len(inside) < covariates.FEWEST_MISSES:
            continue
        own = covariates.own_exposure(told.words, inside, np.unique(told.stem[events.first[e] : events.stop[e]]), plain)
        if own is not None:
            known[e] = _anew(told, events, near, span, e, _without(own, excused.get(int(e), [])), False)


def _anew(
    told: Told, events: Events, near: Aligned, span: evidence.Span, e: Any, own: Floats, backward: bool
) -> Floats:
    """Evidence of one event where every document owes its formula `own` (n values)."""
    total = np.concatenate([[0.0], np.cumsum(own)])
    posterior = entailment.on_span(
        told.found, told.gaps, events, span, int(e), backward, told.group, total, told.clock, told.hazards
    )
    one = _one(events, e), np.array([posterior]), _one(near, e), told.information, total, _one(span, e), backward
    return np.asarray(evidence.of_events(told.found, told.gaps, *one)[0])


def _one(rows: Any, e: Any) -> Any:
    """Row `e` of a dataclass of columns, as one of length one."""
    return type(rows)(*(getattr(rows, name)[e : e + 1] for name in type(rows).__dataclass_fields__))
