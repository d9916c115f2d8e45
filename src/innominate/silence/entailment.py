"""A longer formula cannot outlive its parts: silences that another silence explains are judged without it.

When "federal funds" goes, "its target for the federal funds rate" goes with it. If the longer one happened to be used last
some documents earlier, its absence counts as evidence only up to the document where its part went, and from where the part
is back: what lies between is entailed. A phrase that overlapped it in nearly every document counts as its part (:mod:`innominate.silence.parts`).
Likewise a formula cannot be used before its parts are. And a word that mostly lived inside a formula is, once that has
gone, a rarer word: it is judged on the documents since, unless it goes on no rarer than before. What another silence explains
explains nothing itself: two that explain one another away would leave none (:func:`fallen`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from innominate.silence import recurrence
from innominate.silence.evidence import WINDOW, Span, whole
from innominate.silence.grouping import Events
from innominate.silence.parts import SURE, Candidates
from innominate.silence.phrases import Phrases

_INSIDE = 0.7  # share of a part's documents that use the formula, from which the part mostly lives inside it
_NEARLY = 0.9  # share of the documents of a formula that have the part, too, from which it cannot do without
_MEMORY = 24  # documents before a silence in which is counted how often the part stood without the whole
_ALONE = 0.2  # share of the uses of a part that stand without the whole, from which the part has a life of its own
_LIKELY = 0.1  # chance of the later uses of a part without the whole, from which they are no news of the whole
_FEW = 2  # phrases that stopped with a word, up to which it went with no formula around it
_GOES_ON = 4  # documents for which a word must go on without its formula, to be judged on those before, too
_SOON = 30  # documents after a formula in which what is left of it is judged anew

Floats = npt.NDArray[np.float64]
Stretches = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Explained:
    """What is left of every event.

    Attributes
    ----------
    span : the documents that speak on each
    excused : for some the stretches inside it (first document, one past the last) that say nothing
    by : for those of which something is explained, the rows of the gaps that do
    """

    span: Span
    excused: dict[int, Stretches]
    by: dict[int, list[int]]


def own_spans(
    candidates: Candidates, found: Phrases, gaps: recurrence.Gaps, events: Events, probability: Floats, size: int,
    backward: bool, only: Collection[int] | None = None, without: Collection[int] = (),
) -> Explained:  # fmt: skip
    """The documents that speak on each event, less those that its parts or its wholes explain.

    Parameters
    ----------
    candidates : see :func:`candidates`, which describes the others, too
    size : documents of the series
    only : events to look at; None: all that are worth it
    without : rows of gaps that explain nothing
    """
    last, following = gaps.last[events.gap].astype(np.int64), gaps.next[events.gap].astype(np.int64)
    span = whole(last, following, size, backward)
    begin, end, cut = span.begin.copy(), span.end.copy(), span.cut.copy()
    patterns = gaps.pattern[events.gap]
    excused: dict[int, Stretches] = {}
    by: dict[int, list[int]] = {}
    looked = candidates.likely.tolist() if only is None else only
    for e in looked:
        low, high = int(last[e]), int(following[e])
        named = [one for part in candidates.parts[e] for one in candidates.index[part] if one[3] not in without]
        for first, stop, row in _explained(found, named, int(patterns[e]), low, high, backward):
            by.setdefault(e, []).append(row)
            if backward and first <= low + 1:
                begin[e], cut[e] = max(stop, begin[e]), True  # the last part to come
            elif not backward and stop >= high:
                end[e], cut[e] = min(first, end[e]), True  # the first part to go, its first missed document
            else:
                excused.setdefault(e, []).append((first, stop))
    for s in () if backward else looked:
        wholes = [e for e in candidates.inside.get(candidates.names[s], ()) if e != s and probability[e] >= SURE]
        wholes = [e for e in wholes if int(events.gap[e]) not in without]
        alone = len(candidates.names[s]) == 1 and int(events.members[s]) <= _FEW
        begin[s], rows = _residue(found, patterns, last, s, wholes, alone)
        if rows:
            by.setdefault(s, []).extend(events.gap[rows].tolist())
    return Explained(Span(begin, end, cut), excused, by)


def fallen(
    by: Mapping[int, list[int]], document: Any, found: Phrases, gaps: recurrence.Gaps, events: Events, before: Floats,
    after: Floats, backward: bool,
) -> set[int]:  # fmt: skip
    """Rows of the gaps that explain something and are themselves explained away.

    Parameters
    ----------
    by : see :class:`Explained`
    before, after : probability of every event without explanations and with them

    Where no event rests on a gap, those decide on whose words its phrase stands in the document where it went (came).
    """
    lost = (before >= SURE) & (after < SURE)
    rows = np.unique(np.array([row for rows in by.values() for row in rows], dtype=np.int64))
    ends = (gaps.next if backward else gaps.last)[rows].astype(np.int64)
    worth = np.isin(ends, events.anchor[lost])
    rows, ends = rows[worth], ends[worth]
    order = np.argsort(events.anchor, kind="stable")
    begin, stop = (np.searchsorted(events.anchor[order], ends, side=side) for side in ("left", "right"))
    low, high = np.searchsorted(document, ends), np.searchsorted(document, ends, side="right")
    wanted = np.flatnonzero(np.isin(found.pattern, gaps.pattern[rows]))
    phrases: dict[int, list[int]] = {}
    for phrase in wanted.tolist():
        phrases.setdefault(int(found.pattern[phrase]), []).append(phrase)
    out: set[int] = set()
    for i, row in enumerate(rows.tolist()):
        there = order[begin[i] : stop[i]]
        resting = there[events.gap[there] == row]
        if not len(resting):
            named = phrases.get(int(gaps.pattern[row]), [])
            resting = there[_overlapping(found, named, int(low[i]), int(high[i]), events, there)]
        if len(resting) and lost[resting].any() and not (after[resting] >= SURE).any():
            out.add(row)
    return out


def _overlapping(found: Phrases, phrases: list[int], low: int, high: int, events: Events, there: Any) -> Any:
    """Which of the events `there` share a word of the tokens low…high with one of some phrases."""
    first, stop = events.first[there], events.stop[there]
    shared = np.zeros(len(there), dtype=np.bool_)
    for phrase in phrases:
        begin, end = int(found.place_bounds[phrase]), int(found.place_bounds[phrase + 1])
        places = found.place[begin:end]
        for i in range(int(np.searchsorted(places, low)), int(np.searchsorted(places, high))):
            shared |= (first < places[i] + found.reach[begin + i]) & (stop > places[i])
    return shared


def _explained(
    found: Phrases, named: list[tuple[int, int, int, int]], pattern: int, low: int, high: int, backward: bool
) -> list[tuple[int, int, int]]:
    """Stretches without a part that explain the silence low…high of the formula with `pattern`.

    Each with its first document, one past its last, and the row of its gap.
    """
    return [
        (back + 1, turn, row) if backward else (turn + 1, back, row)
        for turn, back, part, row in named
        if low < turn < high and _explains(found.bounds, found.documents, part, pattern, low, high, turn, backward)
    ]


@njit(cache=True)
def _explains(
    bounds: Any, documents: Any, part: int, whole: int, low: int, high: int, turn: int, backward: bool
) -> bool:
    """Whether a part that went (came) at `turn` explains the silence low…high of the whole."""
    if _shared(bounds, documents, part, whole) < _NEARLY * (bounds[whole + 1] - bounds[whole]):
        return False
    if backward:
        return _persisted(bounds, documents, part, high, turn) and _entailed_before(
            bounds, documents, part, whole, turn, high
        )
    return _persisted(bounds, documents, part, low, turn) and _entailed(bounds, documents, part, whole, low, turn)


def _residue(found: Phrases, patterns: Any, last: Any, s: int, wholes: list[int], alone: bool) -> tuple[int, list[int]]:
    """The first document after the last formula that event `s` mostly lived in had gone, and the events that say so; 0 where there is none.

    alone : whether `s` is a single word that went with no formula around it, which must go on for some documents before it counts as a formula of its own
    """
    pattern = int(patterns[s])
    hits = found.documents[found.bounds[pattern] : found.bounds[pattern + 1]]
    turn, by, had = -1, [], (found.bounds, found.documents)
    for e in wholes:
        gone, end = int(last[e]), int(last[s])
        if not end - _SOON < gone < end or _entailed(*had, pattern, int(patterns[e]), gone, end):
            continue
        if (not alone or end - gone >= _GOES_ON) and _persisted(*had, pattern, gone, end):
            continue
        whole = found.documents[found.bounds[patterns[e]] : found.bounds[patterns[e] + 1]]
        before = np.count_nonzero(hits <= gone)
        if before and np.count_nonzero(whole <= gone) >= _INSIDE * before:
            turn = max(turn, gone)
            by.append(e)
    return turn + 1, by


@njit(cache=True)
def _shared(bounds: Any, documents: Any, a: int, b: int) -> int:
    """How many documents have both of two patterns."""
    i, j, count = bounds[a], bounds[b], 0
    while i < bounds[a + 1] and j < bounds[b + 1]:
        if documents[i] == documents[j]:
            count += 1
        if documents[i] <= documents[j]:
            i += 1
        else:
            j += 1
    return count


@njit(cache=True)
def _within(bounds: Any, documents: Any, pattern: int, first: int, stop: int) -> int:
    """How many of the documents first…stop - 1 have a pattern."""
    hits = documents[bounds[pattern] : bounds[pattern + 1]]
    return int(np.searchsorted(hits, max(stop, first)) - np.searchsorted(hits, first))


@njit(cache=True)
def _entailed(bounds: Any, documents: Any, part: int, whole: int, turn: int, end: int) -> bool:
    """Whether the later going of a part explains the silence of the whole: it has a life of its own, or outlived it by chance.

    Where nearly every earlier use of the part lay inside the whole and yet it stood alone from `turn` to `end`, its own last
    use, it is the whole that went first, and the part is what was left of it.
    """
    before = _within(bounds, documents, part, turn + 1 - _MEMORY, turn + 1)
    inside = _within(bounds, documents, whole, turn + 1 - _MEMORY, turn + 1)
    return _by_itself(before, inside, _within(bounds, documents, part, turn + 1, end + 1))


@njit(cache=True)
def _entailed_before(bounds: Any, documents: Any, part: int, whole: int, turn: int, end: int) -> bool:
    """The same with time running backwards: whether the coming of a part at `turn` explains that its whole came at `end` only.

    Where nearly every later use of the part lies inside the whole, and it stood alone before that, it is the whole that is new,
    and the part is a word that was there before it.
    """
    after = _within(bounds, documents, part, end, end + _MEMORY)
    inside = _within(bounds, documents, whole, end, end + _MEMORY)
    return _by_itself(after, inside, _within(bounds, documents, part, turn, end))


@njit(cache=True)
def _by_itself(uses: int, inside: int, beyond: int) -> bool:
    """Whether a part has a life of its own, or stood alone `beyond` times by chance, `inside` of its `uses` being in the whole."""
    alone = 1.0 - min(inside + 0.5, uses + 0.5) / (uses + 1.0)
    return alone > _ALONE or alone**beyond >= _LIKELY


@njit(cache=True)
def _persisted(bounds: Any, documents: Any, pattern: int, turn: int, end: int) -> bool:
    """Whether a part went on as before from `turn`, where a longer formula went, to `end`, its own last use.

    Where `end` lies before `turn`, time runs backwards: from the first use of the longer formula to its own first.
    """
    if end > turn:
        before = _within(bounds, documents, pattern, turn + 1 - WINDOW, turn + 1) / min(WINDOW, turn + 1)
        after = _within(bounds, documents, pattern, turn + 1, end + 1) / (end - turn)
    else:
        before = _within(bounds, documents, pattern, turn, turn + WINDOW) / WINDOW
        after = _within(bounds, documents, pattern, end, turn) / (turn - end)
    return after >= 0.5 * before


def posterior(
    found: Phrases, gaps: recurrence.Gaps, events: Events, span: Span, backward: bool, group: Any, exposure: Floats,
    clock: Floats, hazards: tuple[recurrence.Hazard, ...],
) -> Floats:  # fmt: skip
    """Posterior of every event on the documents of its span; those with nothing cut off keep theirs.

    Parameters
    ----------
    group, hazards : group of each pattern and the hazard of each group
    exposure, clock : cumulated, n + 1 values each
    """
    out = gaps.probability[events.gap].copy()
    for e in np.flatnonzero(span.cut | (~np.bool_(backward) & (span.begin > 0))):
        told = on_span(found, gaps, events, span, int(e), backward, group, exposure, clock, hazards)
        out[e] = min(float(out[e]), told)
    return out


def on_span(
    found: Phrases, gaps: recurrence.Gaps, events: Events, span: Span, e: int, backward: bool, group: Any,
    exposure: Floats, clock: Floats, hazards: tuple[recurrence.Hazard, ...],
) -> float:  # fmt: skip
    """Posterior of event `e` on the documents of its span alone, `exposure` being what each owes the formula; see :func:`posterior`."""
    pattern = int(gaps.pattern[events.gap[e]])
    hits = found.documents[found.bounds[pattern] : found.bounds[pattern + 1]]
    low, high = int(gaps.last[events.gap[e]]), int(gaps.next[events.gap[e]])
    first, stop, hazard = int(span.begin[e]), int(span.end[e]), hazards[int(group[pattern])]
    if not span.cut[e] and first == 0:
        judged = recurrence.judge(hits, exposure, clock, hazard.share, hazard.rate, hazard.redraw, hazard.start)
        return float(judged[0][int(np.searchsorted(hits, low, side="right"))])
    kept = (hits[(hits >= high) if backward else ((hits >= first) & (hits <= low))] - first).astype(np.int32)
    if len(kept) < 2:
        return 0.0
    owed = exposure[first : stop + 1] - exposure[first]
    time = np.maximum(clock[first : stop + 1] - clock[min(first + 1, len(clock) - 1)], 0.0)
    told = recurrence.judge(kept, owed, time, hazard.share, hazard.rate, hazard.redraw, hazard.start)[0]
    return float(told[0 if backward else len(kept)])
