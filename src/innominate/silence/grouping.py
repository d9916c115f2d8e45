"""From phrases that fell silent to formulas: one event for all overlapping phrases that stopped at the same document.

When a formula goes, every n-gram and pair that touches it goes too. In the last document that used it these stand on the
same words; the strongest takes the place, the others join it or are absorbed. A phrase that stands there in several sentences is told by that in
which most phrases went with it: "economic activity … moderate pace" by the one that lost its whole formula.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from innominate.silence.phrases import Phrases
from innominate.silence.recurrence import Gaps

TOGETHER = (
    0.3  # probability from which a phrase that stopped on the same words belongs to the formula whatever its past
)
WIDEST = 20  # words of one formula put together from several phrases
KINSHIP = 0.5  # overlap of document sets (Jaccard) from which two phrases are one formula
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Events:
    """Formulas that stopped (or started), one row each.

    Attributes
    ----------
    gap : row of :class:`Gaps` that the event rests on
    phrase : the phrase that leads it
    anchor : document of the last use (of the first use, for formulas that appear)
    first, stop : tokens of the formula in the anchor document, first and one past the last
    members : how many phrases stopped together in it
    """

    gap: Ints
    phrase: Ints
    anchor: Ints
    first: Ints
    stop: Ints
    members: Ints


def picked(columns: Any, rows: Any) -> Any:
    """Some rows of a dataclass of columns, such as :class:`Events`."""
    return type(columns)(*(getattr(columns, name)[rows] for name in type(columns).__dataclass_fields__))


@njit(cache=True)
def _jaccard(documents: Any, bounds: Any, a: int, b: int) -> float:
    if a == b:
        return 1.0
    i, j, both = bounds[a], bounds[b], 0
    while i < bounds[a + 1] and j < bounds[b + 1]:
        if documents[i] == documents[j]:
            both += 1
            i += 1
            j += 1
        elif documents[i] < documents[j]:
            i += 1
        else:
            j += 1
    return both / (bounds[a + 1] - bounds[a] + bounds[b + 1] - bounds[b] - both)


@njit(cache=True)
def _expand(rows: Any, anchors: Any, pattern: Any, by_bounds: Any, by_phrase: Any, place_bounds: Any, place: Any,
            token_bounds: Any) -> Any:  # fmt: skip
    """Every phrase of every gap with its places in the anchor document: gap row, phrase, first and last place."""
    most = 0
    for row in rows:
        most += by_bounds[pattern[row] + 1] - by_bounds[pattern[row]]
    gap, phrase = np.empty(most, np.int32), np.empty(most, np.int32)
    low, high = np.empty(most, np.int64), np.empty(most, np.int64)
    count = 0
    for row in rows:
        begin, end = token_bounds[anchors[row]], token_bounds[anchors[row] + 1]
        for i in range(by_bounds[pattern[row]], by_bounds[pattern[row] + 1]):
            one = by_phrase[i]
            places = place[place_bounds[one] : place_bounds[one + 1]]
            gap[count], phrase[count] = row, one
            low[count] = place_bounds[one] + np.searchsorted(places, begin)
            high[count] = place_bounds[one] + np.searchsorted(places, end)
            count += 1
    return gap, phrase, low, high


@njit(cache=True)
def _owner_of(owner: Any, at: int, end: int, base: int) -> int:
    """The event of this document that holds one of the words at…end; -1: none does."""
    for token in range(at, end):
        if owner[token] >= base:
            return int(owner[token])
    return -1


@njit(cache=True)
def _covered(cover: Any, at: int, reach: int) -> float:
    """How many phrases that surely stopped stand on each of the words from place `at` on, on average."""
    return float(cover[at : at + reach].mean())


@njit(cache=True)
def _claim(order: Any, chance: Any, gap: Any, phrase: Any, low: Any, high: Any, anchors: Any, place: Any, reach: Any, sentence: Any,
           pattern: Any, bounds: Any, documents: Any, tokens: int) -> Any:  # fmt: skip
    """Walk the phrases from the strongest; each claims free words, joins its kin, or is absorbed."""
    owner = np.full(tokens, -1, dtype=np.int32)
    cover = np.zeros(tokens, dtype=np.int32)  # phrases that surely stopped on each word
    for o in order:
        if chance[gap[o]] >= TOGETHER:
            for i in range(low[o], high[o]):
                cover[place[i] : place[i] + reach[i]] += 1
    lead = np.empty(len(order), np.int32)
    first, stop = np.empty(len(order), np.int32), np.empty(len(order), np.int32)
    members = np.zeros(len(order), np.int32)
    count, document, base = 0, -1, 0
    for o in order:
        if anchors[gap[o]] != document:  # the walk is ordered by anchor document
            document, base = anchors[gap[o]], count
        found, beside, where = -1, -1, -1
        for i in range(low[o], high[o]):
            at, end = place[i], place[i] + reach[i]
            here = _owner_of(owner, at, end, base)
            told = here >= 0 and sentence[at] == sentence[first[here]]  # in the sentence that the event is told by
            if told or (here >= 0 and found < 0):
                found, where = here, at
            if told:
                break
            if found >= 0:
                continue
            if at > 0 and owner[at - 1] >= base and sentence[at - 1] == sentence[at]:
                beside, where = owner[at - 1], at
            elif end < tokens and owner[end] >= base and sentence[end] == sentence[end - 1]:
                beside, where = owner[end], at
        event = found if found >= 0 else beside
        if event >= 0:
            kin = chance[gap[o]] >= TOGETHER or (
                _jaccard(documents, bounds, pattern[gap[o]], pattern[gap[lead[event]]]) >= KINSHIP
            )
            if kin or found >= 0:
                members[event] += 1
                end = where
                for i in range(low[o], high[o]):
                    if place[i] == where:
                        end = where + reach[i]
                left, right = min(first[event], where), max(stop[event], end)
                if kin and right - left <= WIDEST and sentence[left] == sentence[right - 1]:
                    first[event], stop[event] = left, right
                if kin:
                    for token in range(
                        left if right - left <= WIDEST else where, right if right - left <= WIDEST else end
                    ):
                        if owner[token] < base:
                            owner[token] = event
                continue
        lead[count] = o
        best = low[o]  # of several places that on which most went
        for i in range(low[o] + 1, high[o]):
            if _covered(cover, place[i], reach[i]) > _covered(cover, place[best], reach[best]):
                best = i
        first[count], stop[count] = place[best], place[best] + reach[best]
        members[count] = 1
        for i in range(low[o], high[o]):
            for token in range(place[i], place[i] + reach[i]):
                owner[token] = count
        count += 1
    _merge(order, gap, low, high, place, reach, sentence, pattern, bounds, documents, owner, lead, first, stop, members)
    return lead[:count], first[:count], stop[:count], members[:count]


@njit(cache=True)
def _merge(order: Any, gap: Any, low: Any, high: Any, place: Any, reach: Any, sentence: Any, pattern: Any, bounds: Any,
           documents: Any, owner: Any, lead: Any, first: Any, stop: Any, members: Any) -> None:  # fmt: skip
    """Join neighbouring events that a phrase bridges when all three are kin; the weaker keeps no members."""
    into = np.arange(len(lead))
    for o in order:
        for i in range(low[o], high[o]):
            a, b = owner[place[i]], owner[place[i] + reach[i] - 1]
            if a < 0 or b < 0 or a == b:
                continue
            while into[a] != a:
                a = into[a]
            while into[b] != b:
                b = into[b]
            if a == b:
                continue
            a, b = min(a, b), max(a, b)
            left, right = min(first[a], first[b]), max(stop[a], stop[b])
            if right - left > WIDEST or sentence[left] != sentence[right - 1]:
                continue
            one, two = pattern[gap[lead[a]]], pattern[gap[lead[b]]]
            if _jaccard(documents, bounds, one, two) < KINSHIP:
                continue
            into[b] = a
            first[a], stop[a] = left, right
            members[a] += members[b]
            members[b] = 0


def group(phrases: Phrases, gaps: Gaps, chance: Any, anchors: Ints, sentence: Ints, token_bounds: Any) -> Events:
    """One event for each formula that stopped or started at the same document.

    Parameters
    ----------
    phrases, gaps : of the series
    chance : probability of every gap
    anchors : for every gap the document whose words decide (last use or next use); negative: the gap takes no part
    sentence : of every token of the series
    token_bounds : first token of each document of the series, and the end
    """
    by = np.argsort(phrases.pattern, kind="stable").astype(np.int32)
    by_bounds = np.concatenate([[0], np.cumsum(np.bincount(phrases.pattern, minlength=len(phrases.bounds) - 1))])
    rows = np.flatnonzero(anchors >= 0)
    gap, phrase, low, high = _expand(
        rows, anchors, gaps.pattern, by_bounds, by, phrases.place_bounds, phrases.place, token_bounds
    )
    hits = np.diff(phrases.bounds)[gaps.pattern[gap]]
    sure = np.round(np.log(np.maximum(chance[gap], 1e-5)))  # steps of a factor e
    order = np.lexsort((phrase, -phrases.size[phrase], -hits, -sure, anchors[gap]))
    lead, first, stop, members = _claim(
        order,
        chance,
        gap,
        phrase,
        low,
        high,
        anchors,
        phrases.place,
        phrases.reach,
        sentence,
        gaps.pattern,
        phrases.bounds,
        phrases.documents,
        len(sentence),
    )
    alive = members > 0
    lead, first, stop, members = lead[alive], first[alive], stop[alive], members[alive]
    return Events(gap[lead], phrase[lead], anchors[gap[lead]].astype(np.int32), first, stop, members)
