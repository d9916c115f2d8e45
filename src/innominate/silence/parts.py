"""Which silences might explain which: phrases that surely went, and where their names stand in or around others.

A formula goes with any of its parts ("federal funds" takes "its target for the federal funds rate" with it), and with any
phrase that always overlapped it: where 习近平主席 (President Xi) goes, 主席再次 (the president again) has no place to stand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from innominate.silence import recurrence
from innominate.silence.grouping import Events
from innominate.silence.phrases import Phrases

SURE = 0.25  # a part that went with this probability explains
_WORTH = 0.1  # events below need no explanation
_NEARLY = 0.9  # share of the places of a formula that a phrase beside it overlaps, from which it cannot do without
_BESIDE = 4  # words beside a formula in which a phrase that overlaps it may begin or end

Floats = npt.NDArray[np.float64]
Name = tuple[int, ...]
Index = dict[Name, list[tuple[int, int, int, int]]]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Which silences might explain which.

    Attributes
    ----------
    likely : events that are worth an explanation
    names : of those, by event
    index : phrases that surely stopped (started) → their last (first) use, the use beyond the gap, the pattern, the row of the gap
    parts : of those events, the names inside their words, or overlapping them, that are in the index
    inside : name of an event → events inside whose words it stands
    """

    likely: npt.NDArray[np.int64]
    names: dict[int, Name]
    index: Index
    parts: dict[int, list[Name]]
    inside: dict[Name, list[int]]


def candidates(
    stem: Any, document: Any, sentence: Any, found: Phrases, gaps: recurrence.Gaps, chance: Floats, events: Events,
    probability: Floats, backward: bool,
) -> Candidates:  # fmt: skip
    """The silences of a series that might explain one another.

    Parameters
    ----------
    stem, document, sentence : of every token of the series
    found, gaps, events : of the series
    chance, probability : of every gap, and of every event, as far as they are known
    backward : False for formulas that stopped, True for formulas that appeared
    """
    sure = np.flatnonzero(probability >= SURE)
    rows = np.unique(np.concatenate([np.flatnonzero(chance >= SURE), events.gap[sure]]))
    index, phrases = _index(stem, document, found, gaps, rows, backward)
    likely = np.flatnonzero(probability >= _WORTH)
    names = {int(e): _name(stem, found, int(events.phrase[e])) for e in likely}
    known, places = set(names.values()), (found.place_bounds, found.place, found.reach)
    parts: dict[int, list[Name]] = {}
    inside: dict[Name, list[int]] = {}
    for e in likely.tolist():
        own = _parts(stem[events.first[e] : events.stop[e]].tolist())
        parts[e] = [part for part in own if part in index and part != names[e]]
        for part in () if backward else _around(stem, sentence, int(events.first[e]), int(events.stop[e])):
            if part in phrases and _overlapped(*places, int(events.phrase[e]), phrases[part]) >= _NEARLY:
                parts[e].append(part)
        for part in own & known:
            inside.setdefault(part, []).append(e)
    return Candidates(likely, names, index, parts, inside)


def _index(
    stem: Any, document: Any, found: Phrases, gaps: recurrence.Gaps, rows: Any, backward: bool
) -> tuple[Index, dict[Name, int]]:
    """Phrases that surely stopped (started) in the gaps `rows` → their last (first) use, the use beyond the gap, the pattern, the row.

    And by the same names the phrases themselves.
    """
    turns: dict[int, list[tuple[int, int, int]]] = {}
    for row in rows.tolist():
        first, stop = int(gaps.last[row]), int(gaps.next[row])
        turns.setdefault(int(gaps.pattern[row]), []).append((stop, first, row) if backward else (first, stop, row))
    index: Index = {}
    named: dict[Name, int] = {}
    widest, owner = _spread(stem, document), found.pattern
    for phrase in np.flatnonzero(np.isin(owner, list(turns))):
        pattern = int(owner[phrase])
        name = _name(stem, found, int(phrase))
        told = [(turn, back, pattern, row) for turn, back, row in turns[pattern]]
        index.setdefault(name, []).extend(told)
        named[name] = int(phrase)
        for word in set(name) if len(name) > 1 and name[0] >= 0 else ():
            if widest[word] == found.bounds[pattern + 1] - found.bounds[pattern]:  # the word is nowhere else
                index.setdefault((word,), []).extend(told)
    return index, named


@njit(cache=True)
def _overlapped(bounds: Any, place: Any, reach: Any, whole: int, part: int) -> float:
    """Share of the places of a phrase that share a word with a place of another."""
    j, stop, count = bounds[part], bounds[part + 1], 0
    for i in range(bounds[whole], bounds[whole + 1]):
        while j < stop and place[j] + reach[j] <= place[i]:
            j += 1
        count += j < stop and place[j] < place[i] + reach[i]
    return float(count / max(bounds[whole + 1] - bounds[whole], 1))


@njit(cache=True)
def _spread(stem: Any, document: Any) -> Any:
    """In how many documents every stem stands; the words of a document stand together."""
    size = stem.max() + 1 if len(stem) else 0
    count, latest = np.zeros(size, np.int64), np.full(size, -1, np.int64)
    for i in range(len(stem)):
        if latest[stem[i]] != document[i]:
            latest[stem[i]] = document[i]
            count[stem[i]] += 1
    return count


def _name(stem: Any, found: Phrases, phrase: int) -> Name:
    """The stems of a phrase, or the two of a pair in ascending order after -1."""
    row = int(found.place_bounds[phrase])
    at = int(found.place[row])
    if found.size[phrase] == 0:
        a, b = int(stem[at]), int(stem[at + int(found.reach[row]) - 1])
        return -1, min(a, b), max(a, b)
    return tuple(stem[at : at + int(found.size[phrase])].tolist())


def _around(stem: Any, sentence: Any, first: int, stop: int) -> set[Name]:
    """The n-grams of a sentence that hold some of the words first…stop and some beside them."""
    low, high = first, stop
    while low > max(first - _BESIDE, 0) and sentence[low - 1] == sentence[first]:
        low -= 1
    while high < min(stop + _BESIDE, len(stem)) and sentence[high] == sentence[first]:
        high += 1
    stems, begin, end = stem[low:high].tolist(), first - low, stop - low
    out = {tuple(stems[i:j]) for i in range(begin) for j in range(begin + 1, len(stems) + 1)}
    return out | {tuple(stems[i:j]) for i in range(begin, end) for j in range(end + 1, len(stems) + 1)}


def _parts(stems: list[int]) -> set[Name]:
    size = len(stems)
    parts = {tuple(stems[i:j]) for i in range(size) for j in range(i + 1, size + 1)}
    parts |= {(-1, min(a, b), max(a, b)) for i, a in enumerate(stems) for b in stems[i + 1 :]}
    return parts
