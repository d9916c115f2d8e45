"""Which words each finding is about: events that concern the same words of one document, put together into one stretch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from innominate.silence import completing, formulaic, recurring
from innominate.silence.alignment import Aligned
from innominate.silence.grouping import Events
from innominate.silence.phrases import LONGEST
from innominate.silence.series import Model
from innominate.silence.vocabulary import Words

FEWEST_A_DOCUMENT, MOST_A_DOCUMENT = 20, 400  # findings below 0.5 told for one document and side
LAPSE = 3  # documents after which a formula that is back was only away
LONGEST_WORDING = 24  # words of a wording put together from several events
STRAYED = 3  # words of a wording that may lose one that strayed into it from another clause


@dataclass(frozen=True, slots=True)
class Places:
    """Stretches of documents that findings are about, one row each.

    Attributes
    ----------
    lead : the event that leads each
    first, stop : tokens of its wording, first and one past the last
    formulaic : how formulaic the most formulaic of its events is
    """

    lead: Any
    first: Any
    stop: Any
    formulaic: Any


class _Stretch(NamedTuple):
    """A stretch of a document: the event that leads it, its first token and one past its last, the events that reach farthest to either side."""

    lead: int
    first: int
    stop: int
    leftmost: int
    rightmost: int


class _Columns:
    """What is asked of single events and tokens, as lists and bytes, which Python reads faster one by one than arrays."""

    def __init__(self, model: Model, events: Events, near: Aligned, words: Words) -> None:
        self.first, self.stop = events.first.tolist(), events.stop.tolist()
        self.low, self.high = near.run_first.tolist(), near.run_stop.tolist()
        self.uses = model.gaps.uses[events.gap].tolist()
        self.edge = words.edge[model.stem].tobytes()
        led = np.zeros(len(model.stem), dtype=np.bool_)  # whether the word before stays with this one
        led[1:] = (words.leading | words.owning)[model.stem[:-1]] & (model.sentence[1:] == model.sentence[:-1])
        self.led = led.tobytes()
        ends = np.append(model.clause[1:] != model.clause[:-1], True)
        loose = ends | ~words.content[np.append(model.stem[1:], 0)]
        self.closing = ((words.particle[model.stem] & ends) | (words.closing[model.stem] & loose)).tobytes()

    def beyond(self, members: list[int], low: int, high: int) -> list[int]:
        """Events most of whose words lie outside low…high."""
        first, stop = self.first, self.stop
        return [e for e in members if 2 * (min(stop[e], high) - max(first[e], low)) < stop[e] - first[e]]

    def trimmed(self, first: int, stop: int) -> tuple[int, int]:
        """A stretch without the words that no wording begins or ends with, and with those that lead into it."""
        edge, led = self.edge, self.led
        while first < stop and not edge[first]:
            first += 1
        while first < stop and not edge[stop - 1] and not self.closing[stop - 1]:
            stop -= 1
        while first < stop and led[first]:
            first -= 1
        return first, stop


def places(
    model: Model,
    events: Events,
    near: Aligned,
    chance: Any,
    missed: Any,
    ends: Any,
    level: Any,
    words: Words,
    beside: Any,
    backward: bool,
) -> Places:
    """Events that concern the same words put together, each with how formulaic it is; those of which some words are left to tell.

    Where the sentence has a successor, all events inside the run of words that went are one; where it has none, all events
    of one clause are. Lapses, which soon end, are kept apart. An event all of whose words still stand in the successor,
    in that order or close together in another, with nothing put between them, is none, unless a word went or came that says
    whether or how far (not, only). The most certain event leads, then the most formulaic.

    Parameters
    ----------
    model, events, near : of the series, its dropped or appeared formulas, the sentences nearest to theirs
    chance, missed : probability of every event, and the document where it happened
    ends, level : for every gap the document with the formula beside it, and how much the formula was owed
    beside : for every event the document that is told not to have its wording
    backward : False for formulas that stopped, True for formulas that appeared
    """
    strength = formulaic.strengths(model, events, ends, level, words)
    columns, certain = _Columns(model, events, near, words), [-round(one, 1) for one in chance.tolist()]
    likely, strong = (chance >= 0.5).tolist(), strength.tolist()
    sizes, told = np.diff(model.token_bounds).tolist(), dict[int, int]()
    out: list[tuple[_Stretch, float]] = []
    for key, members in _held(model, events, near, chance, missed, strength).items():
        room = min(max(FEWEST_A_DOCUMENT, sizes[key[0]] // 20), MOST_A_DOCUMENT)
        left = sorted(members, key=certain.__getitem__)  # the most certain leads, then the most formulaic
        while left:
            e = left[0]
            if not likely[e] and told.get(key[1], 0) >= room:
                left = left[1:]
                continue
            one = _stretch(columns, left, key[3] == 2)
            told[key[1]] = told.get(key[1], 0) + (not likely[e])
            beyond = columns.beyond(left[1:], min(one.first, columns.first[e]), max(one.stop, columns.stop[e]))
            out.append((one, max(strong[i] for i in left if i not in beyond)))
            left = beyond
    lead, first, stop, *outermost = np.array([one for one, _ in out], dtype=np.int32).reshape(-1, 5).T
    first, stop = _completed(model, events, near, columns, (lead, *outermost), first, stop, backward)
    # a common word is left: what went are the words around it
    common = recurring.stand(model, first, stop, beside[lead])
    first = np.where(common, np.minimum(first, events.first[lead]), first)
    stop = np.where(common, np.maximum(stop, events.stop[lead]), stop)
    first, stop = _without_stray(model, events, lead, first, stop)
    some = first < stop
    return Places(lead[some], first[some], stop[some], np.array([most for _, most in out])[some])


def _completed(
    model: Model, events: Events, near: Aligned, columns: _Columns, whose: tuple[Any, ...], first: Any, stop: Any,
    backward: bool,
) -> tuple[Any, Any]:  # fmt: skip
    """Wordings with the words of their clauses that usually stand beside them; where the sentence has a successor, as far as they went.

    `whose`: the events that lead them, and those that reach farthest to the left and to the right.
    """
    lead = whose[0]
    followed = near.followed[lead]
    least = np.searchsorted(model.clause, model.clause[np.minimum(first, stop - 1)])
    most = np.searchsorted(model.clause, model.clause[stop - 1], side="right")
    least = np.where(followed, np.maximum(least, np.minimum(first, near.run_first[lead])), least)
    most = np.where(followed, np.minimum(most, np.maximum(stop, near.run_stop[lead])), most)
    low, high = completing.completed(model, events, lead, first, stop, (least, most), LONGEST_WORDING, backward)
    for one in whose[1:]:
        some = np.flatnonzero(one != lead)
        low[some], high[some] = completing.completed(
            model, events, one[some], low[some], high[some], (least[some], most[some]), LONGEST_WORDING, backward
        )
    for i in np.flatnonzero((low != first) | (high != stop)).tolist():
        low[i], high[i] = columns.trimmed(int(low[i]), int(high[i]))
    return low, high


def _without_stray(model: Model, events: Events, lead: Any, first: Any, stop: Any) -> tuple[Any, Any]:
    """Wordings without a single word beyond a comma at either end, cut off from the rest of its own clause, unless it leads."""
    clause, size = model.clause, len(model.clause)
    wide = stop - first >= STRAYED
    second, third = (np.minimum(first + k, size - 1) for k in (1, 2))
    cut = (first > 0) & (clause[first] == clause[first - 1])
    begun = wide & cut & (clause[first] != clause[second]) & (clause[second] == clause[third])
    first = np.where(begun & (events.first[lead] > first), first + 1, first)
    wide = stop - first >= STRAYED
    last, but_one, but_two = (np.maximum(stop - k, 0) for k in (1, 2, 3))
    cut = (stop < size) & (clause[last] == clause[np.minimum(stop, size - 1)])
    ended = wide & cut & (clause[last] != clause[but_one]) & (clause[but_one] == clause[but_two])
    return first, np.where(ended & (events.stop[lead] < stop), stop - 1, stop)


def _held(
    model: Model, events: Events, near: Aligned, chance: Any, missed: Any, strength: Any
) -> dict[tuple[int, ...], list[int]]:
    """(Document, document where it happened, lapse, what became of the sentence, run or clause) → events, the most formulaic first."""
    gaps = model.gaps
    lapse = gaps.next[events.gap] - gaps.last[events.gap] <= LAPSE
    kept = near.followed & (near.together | ((near.kept >= 1.0) & (near.inserted == 0))) & ~near.loosened & ~near.turned
    gone = near.followed & (near.run_stop > near.run_first) & (near.kept < 1.0)
    short = gone & (near.run_stop - near.run_first <= LONGEST)
    which = np.where(short, near.run_first, model.clause[events.first])
    order = np.lexsort((np.arange(len(events.gap)), -strength * (0.6 + 0.4 * chance)))
    order = order[~kept[order]]
    keys = (events.anchor, missed, lapse, near.followed.astype(np.int8) + gone, which)
    held: dict[tuple[int, ...], list[int]] = {}
    for e, *key in zip(order.tolist(), *(np.asarray(column)[order].tolist() for column in keys), strict=True):
        held.setdefault(tuple(key), []).append(e)
    return held


def _stretch(columns: _Columns, members: list[int], gone: bool) -> _Stretch:
    """The words of events put together, the first of which leads; `gone`: with the run of words that went."""
    lead = leftmost = rightmost = members[0]
    first, stop = columns.first[lead], columns.stop[lead]
    low, high = columns.low[lead], columns.high[lead]
    for e in members[1:]:
        begin, end = columns.first[e], columns.stop[e]
        kin = columns.uses[e] > 0.6 * columns.uses[lead]
        longest = LONGEST_WORDING if kin else LONGEST
        left, right = min(first, begin), max(stop, end)
        if right - left <= longest:
            leftmost, rightmost = e if left < first else leftmost, e if right > stop else rightmost
            first, stop = left, right
        elif kin and begin < stop < end:  # begun inside: as much of it as there is room for
            stop = max(stop, min(end, first + longest))
        elif kin and begin < first < end:
            first = min(first, max(begin, stop - longest))
    if gone:
        if max(stop, high) - min(first, low) <= LONGEST_WORDING:  # what went, and the formula it belonged to
            first, stop = min(first, low), max(stop, high)
        elif stop <= low or high <= first:
            first, stop = low, min(high, low + LONGEST)
    return _Stretch(lead, *columns.trimmed(first, stop), leftmost, rightmost)
