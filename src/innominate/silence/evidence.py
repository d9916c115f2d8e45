"""What speaks for and against each event, in numbers: the inputs of :mod:`innominate.silence.calibration`.

All are read off the series itself: the posterior of the recurrence model; how likely the silence is by chance given only the
dozen documents before it (a Beta-binomial predictive probability, which no estimate of habits enters); how long the silence is
against earlier pauses; how often the formula was used; what sort of phrase it is; whether its words still stand in the sentence
that took its place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit
from scipy.special import gammaln

from innominate.silence.alignment import SAME_SENTENCE, Aligned
from innominate.silence.grouping import Events
from innominate.silence.phrases import Phrases
from innominate.silence.recurrence import Gaps

Floats = npt.NDArray[np.float64]
WINDOW = 12  # documents before a silence that its local evidence rests on
NAMES = (
    "constant", "posterior", "owed", "chance", "surprise", "length", "longer", "uses", "steady", "total", "returned",
    "back", "single", "pair", "long", "members", "kept", "followed", "surprise of steady", "lately", "chance of short",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Span:
    """Which documents speak on each event.

    Attributes
    ----------
    begin, end : first document looked at, and one past the last of the silence
    cut : whether a shorter formula that went too explains the silence from `end` on
    """

    begin: npt.NDArray[np.int64]
    end: npt.NDArray[np.int64]
    cut: npt.NDArray[np.bool_]


@njit(cache=True)
def _local(
    bounds: Any, documents: Any, pattern: Any, begin: Any, last: Any, end: Any, exposure: Any, window: int
) -> Any:
    """Per gap: uses in the window before it, and with the exposure of the other documents there; the same since the first
    use in the window; exposure of the gap, of the longest pause among the last twelve uses, of the stretch after its end with
    its uses; and uses before it altogether."""
    count, size = len(pattern), len(exposure) - 1
    out = np.zeros((count, 8))
    for i in range(count):
        first, stop = bounds[pattern[i]], bounds[pattern[i] + 1]
        hits = documents[first:stop]
        at = np.searchsorted(hits, last[i])
        low = max(last[i] + 1 - window, begin[i])
        j = at
        carried, earliest, first_of_all = 0.0, last[i], 0.0
        while j >= 0 and hits[j] >= low:
            out[i, 0] += 1
            earliest, first_of_all = hits[j], exposure[hits[j] + 1] - exposure[hits[j]]
            carried += first_of_all
            j -= 1
        out[i, 1] = out[i, 0] + exposure[last[i] + 1] - exposure[low] - carried
        out[i, 7] = out[i, 0] + exposure[last[i] + 1] - exposure[earliest] - carried
        out[i, 2] = exposure[max(end[i], last[i] + 1)] - exposure[last[i] + 1]
        first_use = np.searchsorted(hits, begin[i])
        for k in range(max(at - window, first_use), at):
            pause = exposure[hits[k + 1]] - exposure[hits[k] + 1]
            out[i, 3] = max(out[i, 3], pause)
        stop_at = min(end[i] + window, size)
        out[i, 4] = exposure[stop_at] - exposure[min(end[i], size)]
        k = at + 1
        while k < len(hits) and hits[k] < stop_at:
            out[i, 5] += hits[k] >= end[i]
            k += 1
        out[i, 6] = at + 1 - first_use
    return out


def mirrored(bounds: Any, documents: Any, size: int) -> Any:
    """The same patterns read backwards in time."""
    count = np.diff(bounds)
    within = np.arange(len(documents)) - np.repeat(bounds[:-1], count)
    flipped = np.repeat(bounds[:-1] + count - 1, count) - within
    return (size - 1 - documents[flipped]).astype(documents.dtype)


def of_gaps(found: Phrases, gaps: Gaps, exposure: Floats, backward: bool) -> Floats:
    """The inputs for every gap by itself, before phrases are put together: (gaps, len(NAMES))."""
    longest = np.zeros(len(found.bounds) - 1, dtype=np.int8)
    np.maximum.at(longest, found.pattern, found.size)
    alone = np.zeros(len(gaps.pattern))
    span = whole(gaps.last, gaps.next, len(exposure) - 1, backward)
    rows = np.arange(len(gaps.pattern))
    return _columns(
        found, gaps, rows, gaps.probability, longest[gaps.pattern], alone, alone, alone, exposure, span, backward
    )


def whole(last: Any, following: Any, size: int, backward: bool) -> Span:
    """All documents that a gap could be judged on."""
    none = np.zeros(len(last), dtype=np.bool_)
    if backward:
        return Span(last.astype(np.int64) + 1, np.full(len(last), size, dtype=np.int64), none)
    return Span(np.zeros(len(last), dtype=np.int64), following.astype(np.int64), none)


def of_events(
    found: Phrases, gaps: Gaps, events: Events, probability: Floats, near: Aligned, exposure: Floats, span: Span,
    backward: bool,
) -> Floats:  # fmt: skip
    """The inputs for every event: (events, len(NAMES)).

    Parameters
    ----------
    found, gaps, events : of the series
    probability : posterior of every event
    near : the sentence that took the place of each
    exposure : cumulated, n + 1 values
    span : documents that speak on each event
    backward : False for formulas that stopped, True for formulas that appeared (the same, read backwards in time)
    """
    followed = near.similarity >= SAME_SENTENCE
    return _columns(
        found, gaps, events.gap, probability, found.size[events.phrase], np.log(events.members),
        np.where(followed, near.kept, 0.0), followed, exposure, span, backward,
    )  # fmt: skip


def _by_chance(used: Floats, seen: Floats, pause: Floats) -> Floats:
    """Log of the Beta-binomial predictive probability (uniform prior) of no use in `pause` documents after `used` in `seen`."""
    missed = np.maximum(seen - used, 0.0)
    return np.asarray(
        gammaln(1 + missed + pause)
        + gammaln(2 + used + missed)
        - gammaln(1 + missed)
        - gammaln(2 + used + missed + pause)
    )


def _columns(
    found: Phrases, gaps: Gaps, rows: Any, probability: Floats, kind: Any, members: Any, kept: Any, followed: Any,
    exposure: Floats, span: Span, backward: bool,
) -> Floats:  # fmt: skip
    size = len(exposure) - 1
    pattern, last = gaps.pattern[rows], gaps.last[rows]
    begin, end = span.begin, span.end
    documents, owed = found.documents, gaps.owed[rows]
    if backward:
        documents = mirrored(found.bounds, documents, size)
        exposure = exposure[-1] - exposure[::-1]
        last, begin, end, owed = size - 1 - gaps.next[rows], size - span.end, size - span.begin, gaps.after[rows]
    used, seen, pause, longest, beyond, again, before, recent = _local(
        found.bounds, documents, pattern, begin.astype(np.int64), last.astype(np.int64), end.astype(np.int64), exposure,
        WINDOW,
    ).T  # fmt: skip
    chance = np.minimum(_by_chance(used, seen, pause), 0.0)
    lately = np.minimum(
        _by_chance(used - 1, recent - 1, pause), 0.0
    )  # the first use chose where to look, so it is no evidence
    returned = (end < size) & ~span.cut
    p = np.clip(probability, 1e-4, 1 - 1e-4)
    steady, surprise = used / np.maximum(seen, 1), np.clip(-chance, 0, 6)
    columns = (
        np.ones(len(rows)),
        np.log(p / (1 - p)),
        np.clip(owed, 0, 1),
        np.clip(-chance, 0, 30),
        surprise,
        np.log1p(pause),
        np.log((pause + 1) / (longest + 1)),
        np.log1p(used),
        steady,
        np.log1p(before),
        returned,
        np.where(returned, again / np.maximum(beyond, 1), 0.0),
        kind == 1,
        kind == 0,
        kind >= 4,
        members,
        kept,
        followed,
        surprise * steady,
        np.clip(-lately, 0, 12),
        np.clip(-chance, 0, 30) * (kind <= 1),
    )
    return np.stack([np.asarray(column, dtype=np.float64) for column in columns], axis=1)
