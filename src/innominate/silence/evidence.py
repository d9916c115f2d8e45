"""What speaks for and against each event, in numbers: the inputs of :mod:`innominate.silence.calibration`.

All are read off the series itself: the posterior of the recurrence model; how likely the silence is by chance given only the
dozen documents before it (a Beta-binomial predictive probability, which no estimate of habits enters), or the four dozen; how
long the silence is against earlier pauses; how often the formula was used; what sort of phrase it is and how much its words
belong together; whether its words still stand in the sentence that took its place.
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
_COMPANY = 1.0  # log of the phrases that usually stop together, for a gap whose company is not known yet
WIDE = 48  # documents that its wider evidence rests on
NAMES = (
    "constant", "unlikely", "likely", "chance to 6", "chance to 12", "chance beyond", "wide to 6", "wide to 12", "wide beyond",
    "length", "longer", "uses", "total", "returned", "back", "single", "pair", "long", "members", "kept", "followed",
    "bits", "bound",
)  # fmt: skip
RISING = frozenset(
    ["unlikely", "likely", "chance to 6", "chance to 12", "chance beyond", "wide to 6", "wide to 12", "wide beyond",
     "longer", "uses", "back", "members", "bits", "bound"]
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
    bounds: Any, documents: Any, pattern: Any, begin: Any, last: Any, end: Any, exposure: Any, window: int, wide: int
) -> Any:
    """Per gap: uses in the window before it, and with the exposure of the other documents there; exposure of the gap, of the longest pause among the last twelve uses, of the stretch after its end with
    its uses; uses before it altogether; and the first two again, in the wide window."""
    count, size = len(pattern), len(exposure) - 1
    out = np.zeros((count, 9))
    for i in range(count):
        first, stop = bounds[pattern[i]], bounds[pattern[i] + 1]
        hits = documents[first:stop]
        at = np.searchsorted(hits, last[i])
        low = max(last[i] + 1 - window, begin[i])
        j = at
        carried = 0.0
        while j >= 0 and hits[j] >= low:
            out[i, 0] += 1
            carried += exposure[hits[j] + 1] - exposure[hits[j]]
            j -= 1
        out[i, 1] = out[i, 0] + exposure[last[i] + 1] - exposure[low] - carried
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
        low = max(last[i] + 1 - wide, begin[i])
        earliest = max(np.searchsorted(hits, low), first_use)
        out[i, 7] = at + 1 - earliest
        out[i, 8] = out[i, 7] + exposure[last[i] + 1] - exposure[low]
        for k in range(earliest, at + 1):
            out[i, 8] -= exposure[hits[k] + 1] - exposure[hits[k]]
    return out


def information(stem: Any, content: Any) -> Floats:
    """Bits that the content words of a series tell (-log2 of their share of all words), cumulated: (tokens + 1,)."""
    counts = np.bincount(stem, minlength=len(content))
    bits = np.where(content, np.log2(max(len(stem), 2) / np.maximum(counts, 1)), 0.0)
    return np.concatenate([[0.0], np.cumsum(bits[stem])])


def _belonging(told: Floats, first: Any, stop: Any, uses: Any) -> Floats:
    """Bits that words tell more apart than together (pointwise mutual information, Church and Hanks 1990), in tens, 0 to 3."""
    apart = told[stop] - told[first]
    return np.asarray(np.clip(apart - np.log2(max(len(told) - 1, 2) / np.maximum(uses, 1)), 0.0, 30.0) / 10.0)


def mirrored(bounds: Any, documents: Any, size: int) -> Any:
    """The same patterns read backwards in time."""
    count = np.diff(bounds)
    within = np.arange(len(documents)) - np.repeat(bounds[:-1], count)
    flipped = np.repeat(bounds[:-1] + count - 1, count) - within
    return (size - 1 - documents[flipped]).astype(documents.dtype)


def of_gaps(found: Phrases, gaps: Gaps, told: Floats, exposure: Floats, backward: bool) -> Floats:
    """The inputs for every gap by itself, before phrases are put together: (gaps, len(NAMES)); `told`: :func:`information`."""
    longest = np.zeros(len(found.bounds) - 1, dtype=np.int8)
    np.maximum.at(longest, found.pattern, found.size)
    row = found.place_bounds[:-1]
    at = found.place[row]
    bits = np.zeros(len(longest))
    np.maximum.at(
        bits, found.pattern, _belonging(told, at, at + found.reach[row], np.diff(found.bounds)[found.pattern])
    )
    alone = np.zeros(len(gaps.pattern))
    span = whole(gaps.last, gaps.next, len(exposure) - 1, backward)
    local = surroundings(found, gaps, np.arange(len(gaps.pattern)), exposure, span, backward)
    return _columns(
        local, gaps.probability, longest[gaps.pattern], alone + _COMPANY, alone, alone, bits[gaps.pattern],
        _returned(len(exposure) - 1, span, backward),
    )  # fmt: skip


def whole(last: Any, following: Any, size: int, backward: bool) -> Span:
    """All documents that a gap could be judged on."""
    none = np.zeros(len(last), dtype=np.bool_)
    if backward:
        return Span(last.astype(np.int64) + 1, np.full(len(last), size, dtype=np.int64), none)
    return Span(np.zeros(len(last), dtype=np.int64), following.astype(np.int64), none)


def surroundings(found: Phrases, gaps: Gaps, rows: Any, exposure: Floats, span: Span, backward: bool) -> Floats:
    """What is counted and owed around each of the gaps `rows` (their spans in `span`): (len(rows), 9), see :func:`_local`."""
    size = len(exposure) - 1
    pattern, last = gaps.pattern[rows], gaps.last[rows]
    begin, end = span.begin, span.end
    bounds, documents, pattern = _of_patterns(found, pattern)
    if backward:
        documents = mirrored(bounds, documents, size)
        exposure = exposure[-1] - exposure[::-1]
        last, begin, end = size - 1 - gaps.next[rows], size - span.end, size - span.begin
    return np.asarray(
        _local(
            bounds, documents, pattern, begin.astype(np.int64), last.astype(np.int64), end.astype(np.int64), exposure,
            WINDOW, WIDE,
        )
    )  # fmt: skip


def of_events(
    found: Phrases, gaps: Gaps, events: Events, probability: Floats, near: Aligned, told: Floats, size: int, span: Span,
    backward: bool, local: Floats,
) -> Floats:  # fmt: skip
    """The inputs for every event: (events, len(NAMES)).

    Parameters
    ----------
    found, gaps, events : of the series, which has `size` documents
    probability : posterior of every event
    near : the sentence that took the place of each
    told : see :func:`information`
    span : documents that speak on each event
    backward : False for formulas that stopped, True for formulas that appeared (the same, read backwards in time)
    local : (events, 9) see :func:`surroundings`
    """
    followed = near.similarity >= SAME_SENTENCE
    return _columns(
        local, probability, found.size[events.phrase], np.log(events.members), np.where(followed, near.kept, 0.0), followed,
        _belonging(told, events.first, events.stop, np.diff(found.bounds)[gaps.pattern[events.gap]]),
        _returned(size, span, backward),
    )  # fmt: skip


def _returned(size: int, span: Span, backward: bool) -> Any:
    """Whether the formula of each span is back after it (kind appeared: was there before)."""
    return (span.begin > 0 if backward else span.end < size) & ~span.cut


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
    local: Floats, probability: Floats, kind: Any, members: Any, kept: Any, followed: Any, bits: Any, returned: Any
) -> Floats:
    used, seen, pause, longest, beyond, again, before, often, wide = local.T
    near = -np.minimum(_by_chance(used, seen, pause), 0.0)
    far = -np.minimum(_by_chance(often, np.maximum(wide, often), pause), 0.0)
    p = np.clip(probability, 1e-4, 1 - 1e-4)
    odds = np.log(p / (1 - p))
    columns = (
        np.ones(len(local)),
        np.clip(odds, -9.21, -2) + 9.21,
        np.maximum(odds + 2, 0),
        *_parted(near),
        *_parted(far),
        np.log1p(np.minimum(pause, _plenty(used, seen))),
        np.log((pause + 1) / (longest + 1)),
        np.log1p(used),
        np.log1p(before),
        returned,
        np.where(returned, again / np.maximum(beyond, 1), 0.0),
        kind == 1,
        kind == 0,
        kind >= 4,
        members,
        kept,
        followed,
        bits,
        np.maximum(bits - 2.0, 0.0),
    )
    return np.stack([np.asarray(column, dtype=np.float64) for column in columns], axis=1)


def _of_patterns(found: Phrases, pattern: Any) -> tuple[Any, Any, Any]:
    """Bounds and documents of the patterns asked for alone, and the place of each among them."""
    if len(pattern) == 1:
        hits = found.documents[found.bounds[pattern[0]] : found.bounds[pattern[0] + 1]]
        return np.array([0, len(hits)]), hits, np.zeros(1, dtype=np.int64)
    kept, place = np.unique(pattern, return_inverse=True)
    count = np.diff(found.bounds)[kept]
    bounds = np.concatenate([[0], np.cumsum(count)])
    rows = np.arange(bounds[-1]) + np.repeat(found.bounds[kept] - bounds[:-1], count)
    return bounds, found.documents[rows], place


def _plenty(used: Floats, seen: Floats, nats: float = 12.0) -> Floats:
    """Roughly the pause after which chance is `nats` away; what lies beyond cannot make a silence less believable."""
    return np.asarray((np.maximum(seen, used) + 2.0) * np.expm1(np.minimum(nats / (used + 1.0), 9.0)))


def _parted(nats: Floats) -> tuple[Floats, Floats, Floats]:
    """A surprise in nats in three parts, so that each may weigh by itself: up to 6, from there to 12, and beyond to 30."""
    return np.clip(nats, 0, 6), np.clip(nats - 6, 0, 6), np.clip(nats - 12, 0, 18)
