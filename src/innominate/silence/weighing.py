"""The probability of every event of a series: evidence, what other events explain of it, covariates, calibration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from innominate.silence import calibration, covariates, entailment, evidence, parts, recurrence
from innominate.silence.alignment import Aligned
from innominate.silence.grouping import Events, picked
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
    stem, document, sentence : of every token
    found, gaps : phrases and gaps
    group, hazards : group of each pattern and the hazard of each group
    exposure, clock : cumulated, n + 1 values each
    information : see :func:`evidence.information`
    words : for covariates
    """

    stem: Any
    document: Any
    sentence: Any
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
    said = calibration.probability(_known(told, events, near, span, gaps.probability[events.gap], backward))
    candidates = parts.candidates(
        told.stem, told.document, told.sentence, told.found, gaps, chance, events, said, backward
    )
    left = entailment.own_spans(candidates, told.found, gaps, events, said, size, backward)
    out, known = _weighed(told, events, near, said, left, backward)
    fallen = entailment.fallen(left.by, told.document, told.found, gaps, events, said, out, backward)
    again = [e for e, rows in left.by.items() if not fallen.isdisjoint(rows)]
    if again:
        left = entailment.own_spans(
            candidates, told.found, gaps, events, said, size, backward, only=again, without=fallen
        )
        excused = {place: left.excused[e] for place, e in enumerate(again) if e in left.excused}
        some = entailment.Explained(picked(left.span, again), excused, {})
        out[again], known[again] = _weighed(
            told, picked(events, again), picked(near, again), said[again], some, backward
        )
    return out, known


def _weighed(
    told: Told, events: Events, near: Aligned, said: Floats, left: entailment.Explained, backward: bool
) -> tuple[Floats, Floats]:
    """Probability and evidence of events on what is left of them; `said`: probability without any explanation."""
    span, excused = left.span, left.excused
    raw = entailment.posterior(
        told.found, told.gaps, events, span, backward, told.group, told.exposure, told.clock, told.hazards
    )
    known = _known(told, events, near, span, raw, backward)
    excusing = ((e, _excused(told.exposure, stretches)) for e, stretches in excused.items())
    _renew(told, events, near, span, known, excusing, backward)
    if not backward:
        likely = np.minimum(said, calibration.probability(known))
        _renew(told, events, near, span, known, _by_covariates(told, events, span, excused, likely), False)
    changed = span.cut | (span.begin > 0)
    changed[list(excused)] = True
    return np.minimum(np.where(changed, said, 1.0), calibration.probability(known)), known


def _excused(cumulated: Floats, stretches: entailment.Stretches) -> Floats:
    """Cumulated exposures, (n + 1,), with those of some stretches of documents set to nothing; stretches may overlap."""
    out = cumulated.copy()
    for first, stop in stretches:
        out[stop:] -= out[stop] - out[first]
        out[first:stop] = out[first]
    return out


def _by_covariates(
    told: Told, events: Events, span: evidence.Span, excused: dict[int, entailment.Stretches], said: Floats
) -> Iterator[tuple[int, Floats]]:
    """Events whose formula some documents owe more than others, and what the documents owe it, cumulated (n + 1)."""
    gaps, found = told.gaps, told.found
    plain = np.diff(told.exposure)
    rows = np.flatnonzero(said >= _WORTH)
    for e in rows[np.argsort(-said[rows], kind="stable")[:_MOST]].tolist():
        pattern, last = int(gaps.pattern[events.gap[e]]), int(gaps.last[events.gap[e]])
        hits = found.documents[found.bounds[pattern] : found.bounds[pattern + 1]]
        inside = hits[(hits <= last) & (hits > last - _RUN) & (hits >= span.begin[e])]
        if len(inside) < covariates.FEWEST_MISSES or last + 1 - int(inside[0]) - len(inside) < covariates.FEWEST_MISSES:
            continue
        first, stop = events.first[e], events.stop[e]
        low = np.searchsorted(told.sentence, told.sentence[first])
        high = np.searchsorted(told.sentence, told.sentence[stop - 1], side="right")
        stems, beside = np.unique(told.stem[first:stop]), np.unique(told.stem[low:high])
        own = covariates.own_exposure(told.words, inside, stems, beside, int(high - low), plain)
        if own is not None:
            yield e, _excused(np.concatenate([[0.0], np.cumsum(own)]), excused.get(e, []))


def _known(told: Told, events: Events, near: Aligned, span: evidence.Span, posterior: Floats, backward: bool) -> Floats:
    """Evidence of every event where all formulas are owed alike."""
    local = evidence.surroundings(told.found, told.gaps, events.gap, told.exposure, span, backward)
    return _evidence(told, events, near, span, posterior, backward, local)


def _renew(
    told: Told, events: Events, near: Aligned, span: evidence.Span, known: Floats, owed: Iterable[tuple[int, Floats]],
    backward: bool,
) -> None:  # fmt: skip
    """Write into `known` the evidence of events whose formula every document owes something of its own, cumulated (n + 1)."""
    rows, posterior, local = [], [], []
    for e, total in owed:
        rows.append(e)
        posterior.append(
            entailment.on_span(
                told.found, told.gaps, events, span, e, backward, told.group, total, told.clock, told.hazards
            )
        )
        alone = picked(span, slice(e, e + 1))
        local.append(evidence.surroundings(told.found, told.gaps, events.gap[e : e + 1], total, alone, backward)[0])
    if rows:
        some = (picked(events, rows), picked(near, rows), picked(span, rows), np.array(posterior))
        known[rows] = _evidence(told, *some, backward, np.stack(local))


def _evidence(
    told: Told, events: Events, near: Aligned, span: evidence.Span, posterior: Floats, backward: bool, local: Floats
) -> Floats:
    size = len(told.exposure) - 1
    return evidence.of_events(
        told.found, told.gaps, events, posterior, near, told.information, size, span, backward, local
    )
