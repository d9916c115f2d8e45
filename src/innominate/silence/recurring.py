"""When a wording as it is named stood again, or had stood before: not merely the piece of it that tells the silence.

A finding rests on one phrase, often of two words, and names the formula around it. The piece may come back in another
sentence where the formula does not. A wording counts as used where that phrase stands with most of the wording's content
words near it in one sentence, in any order.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from innominate.silence.grouping import Events
from innominate.silence.series import Model

MOST = 0.75  # share of a wording's content words that must stand near its phrase
_SLACK = 4  # words that may stand between


@njit(cache=True)
def _telling(stem: Any, content: Any, first: int, stop: int) -> Any:
    """The distinct content words of first…stop; all distinct words where none carries meaning."""
    out, count = np.empty(stop - first, np.int32), 0
    for strict in (True, False):
        for i in range(first, stop):
            new = content[stem[i]] or not strict
            for k in range(count):
                new &= out[k] != stem[i]
            if new:
                out[count] = stem[i]
                count += 1
        if count > 0:
            break
    return out[:count]


@njit(cache=True)
def _used(
    stem: Any, sentence: Any, content: Any, place: Any, first: int, stop: int, since: int, until: int, backward: bool
) -> int:
    """The first token in since…until - 1 (the last, if `backward`) at which a phrase stands with the wording first…stop; -1: none.

    place : ascending tokens at which the phrase stands
    """
    wanted, reach = _telling(stem, content, first, stop), stop - first + _SLACK
    needed = math.ceil(MOST * len(wanted))
    low, high = np.searchsorted(place, since), np.searchsorted(place, until)
    for i in range(low, high):
        at = place[high - 1 - (i - low)] if backward else place[i]
        found = 0
        for one in wanted:
            for j in range(max(at - reach, 0), min(at + reach, len(stem))):
                if stem[j] == one and sentence[j] == sentence[at]:
                    found += 1
                    break
        if found >= needed:
            return int(at)
    return -1


def _document(
    model: Model, events: Events, e: int, first: int, stop: int, content: Any, since: int, until: int, backward: bool
) -> int:
    """The first document in since…until - 1 (the last, if `backward`) that uses a wording; -1: none."""
    found, phrase, bounds = model.phrases, int(events.phrase[e]), model.token_bounds
    place = found.place[found.place_bounds[phrase] : found.place_bounds[phrase + 1]]
    at = _used(model.stem, model.sentence, content, place, first, stop, bounds[since], bounds[until], backward)
    return int(model.document[at]) if at >= 0 else -1


def returned(model: Model, events: Events, e: int, first: int, stop: int, content: Any) -> int:
    """The document that uses the wording first…stop of the dropped event `e` again; the number of documents where none does."""
    size = len(model.dates)
    again = _document(model, events, e, first, stop, content, int(model.gaps.next[events.gap[e]]), size, False)
    return again if again >= 0 else size


def earlier(model: Model, events: Events, e: int, first: int, stop: int, content: Any) -> int:
    """The document that last used the wording first…stop of the event `e` before it appeared; -1: it is new."""
    return _document(model, events, e, first, stop, content, 0, int(model.gaps.last[events.gap[e]]) + 1, True)


@njit(cache=True)
def _stands(stem: Any, first: int, stop: int, low: int, high: int) -> bool:
    for at in range(low, high - (stop - first) + 1):
        same = True
        for k in range(stop - first):
            if stem[at + k] != stem[first + k]:
                same = False
                break
        if same:
            return True
    return False


def stands(model: Model, first: int, stop: int, document: int) -> bool:
    """Whether a document has the words first…stop one after the other; False where there are no such words or no document."""
    if first >= stop or not 0 <= document < len(model.dates):
        return False
    bounds = model.token_bounds
    return bool(_stands(model.stem, first, stop, int(bounds[document]), int(bounds[document + 1])))
