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
def _carries(stem: Any, sentence: Any, at: int, wanted: Any, needed: int, reach: int) -> bool:
    """Whether so many of the stems `wanted` stand within `reach` tokens of place `at`, in its sentence."""
    found = 0
    for one in wanted:
        for j in range(max(at - reach, 0), min(at + reach, len(stem))):
            if stem[j] == one and sentence[j] == sentence[at]:
                found += 1
                break
    return found >= needed


@njit(cache=True)
def _nearest(stem: Any, sentence: Any, document: Any, place: Any, wanted: Any, needed: int, reach: int, since: int, until: int,
             backward: bool) -> int:  # fmt: skip
    """The first document in since…until - 1 (the last, if `backward`) with a place that carries the wording; -1: none."""
    for i in range(len(place)):
        at = place[len(place) - 1 - i] if backward else place[i]
        if since <= document[at] < until and _carries(stem, sentence, at, wanted, needed, reach):
            return int(document[at])
    return -1


def _used(
    model: Model, events: Events, e: int, first: int, stop: int, content: Any, since: int, until: int, backward: bool
) -> int:
    found, phrase = model.phrases, int(events.phrase[e])
    place = found.place[found.place_bounds[phrase] : found.place_bounds[phrase + 1]]
    named = np.unique(model.stem[first:stop])
    wanted = named[content[named]] if content[named].any() else named
    needed, reach = math.ceil(MOST * len(wanted)), stop - first + _SLACK
    return int(
        _nearest(model.stem, model.sentence, model.document, place, wanted, needed, reach, since, until, backward)
    )


def returned(model: Model, events: Events, e: int, first: int, stop: int, content: Any) -> int:
    """The document that uses the wording first…stop of the dropped event `e` again; the number of documents where none does."""
    size = len(model.dates)
    again = _used(model, events, e, first, stop, content, int(model.gaps.next[events.gap[e]]), size, False)
    return again if again >= 0 else size


def earlier(model: Model, events: Events, e: int, first: int, stop: int, content: Any) -> int:
    """The document that last used the wording first…stop of the event `e` before it appeared; -1: it is new."""
    return _used(model, events, e, first, stop, content, 0, int(model.gaps.last[events.gap[e]]) + 1, True)


@njit(cache=True)
def _stands(stem: Any, wording: Any, low: int, high: int) -> bool:
    for at in range(low, high - len(wording) + 1):
        same = True
        for k in range(len(wording)):
            same &= stem[at + k] == wording[k]
        if same:
            return True
    return False


def stands(model: Model, first: int, stop: int, document: int) -> bool:
    """Whether a document has the words first…stop one after the other; False where there are no such words or no document."""
    if first >= stop or not 0 <= document < len(model.dates):
        return False
    low, high = model.token_bounds[document : document + 2]
    return bool(_stands(model.stem, model.stem[first:stop], int(low), int(high)))
