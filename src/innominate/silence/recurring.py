"""When a wording as it is named stood again, or had stood before: not merely the piece of it that tells the silence.

A finding rests on one phrase, often of two words, and names the formula around it. The piece may come back in another
sentence where the formula does not. A wording counts as used where that phrase stands with most of the wording's content
words near it in one sentence, in any order.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from innominate.silence.grouping import Events
from innominate.silence.phrases import SLACK, Phrases
from innominate.silence.series import Model

MOST = 0.75  # share of a wording's content words that must stand near its phrase

Ints = npt.NDArray[np.int32]


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
    stem: Any, sentence: Any, place: Any, reach: int, needed: int, mark: Any, since: int, until: int, backward: bool
) -> int:
    """The first token in since…until - 1 (the last, if `backward`) at which a phrase stands with enough of a wording; -1: none.

    place : ascending tokens at which the phrase stands; reach : tokens to both sides that are looked at
    needed : distinct words of the wording that must stand there; mark : by stem, 1 for those, 0 for others; left as it was
    """
    low, high = np.searchsorted(place, since), np.searchsorted(place, until)
    for i in range(low, high):
        at = place[high - 1 - (i - low)] if backward else place[i]
        begin, end = max(at - reach, 0), min(at + reach, len(stem))
        while sentence[begin] != sentence[at]:
            begin += 1
        count, stopped = 0, begin
        while stopped < end and count < needed and sentence[stopped] == sentence[at]:
            if mark[stem[stopped]] == 1:
                mark[stem[stopped]] = 2
                count += 1
            stopped += 1
        for j in range(begin, stopped):
            if mark[stem[j]] == 2:
                mark[stem[j]] = 1
        if count >= needed:
            return int(at)
    return -1


@njit(cache=True)
def _documents(stem: Any, sentence: Any, document: Any, content: Any, bounds: Any, place: Any, phrase: Any, first: Any, stop: Any,
               since: Any, until: Any, backward: bool, out: Any) -> None:  # fmt: skip
    """:func:`_used` for several wordings, as documents."""
    mark = np.zeros(len(content), np.int8)
    for i in range(len(phrase)):
        places = place[bounds[phrase[i]] : bounds[phrase[i] + 1]]
        wanted = _telling(stem, content, first[i], stop[i])
        for one in wanted:
            mark[one] = 1
        needed, reach = math.ceil(MOST * len(wanted)), stop[i] - first[i] + SLACK
        at = _used(stem, sentence, places, reach, needed, mark, since[i], until[i], backward)
        for one in wanted:
            mark[one] = 0
        out[i] = document[at] if at >= 0 else -1


def _looked_up(
    model: Model,
    events: Events,
    rows: Ints,
    first: Ints,
    stop: Ints,
    content: Any,
    span: tuple[Any, Any],
    backward: bool,
) -> Ints:
    found, out = model.phrases, np.empty(len(rows), dtype=np.int32)
    since, until = (model.token_bounds[end] for end in span)
    _documents(
        model.stem, model.sentence, model.document, content, found.place_bounds, found.place, events.phrase[rows], first, stop,
        since, until, backward, out,
    )  # fmt: skip
    return out


def returned(model: Model, events: Events, rows: Ints, first: Ints, stop: Ints, content: Any) -> Ints:
    """The document that uses each wording first…stop of the dropped events `rows` again; the number of documents where none does."""
    size = len(model.dates)
    span = model.gaps.next[events.gap[rows]], np.full(len(rows), size)
    again = _looked_up(model, events, rows, first, stop, content, span, False)
    return np.where(again >= 0, again, size).astype(np.int32)


def earlier(model: Model, events: Events, rows: Ints, first: Ints, stop: Ints, content: Any) -> Ints:
    """The document that last used each wording first…stop of the events `rows` before it appeared; -1: it is new."""
    span = np.zeros(len(rows), dtype=np.int64), model.gaps.last[events.gap[rows]] + 1
    return _looked_up(model, events, rows, first, stop, content, span, True)


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


@njit(cache=True)
def _stand(stem: Any, bounds: Any, first: Any, stop: Any, document: Any, out: Any) -> None:
    for i in range(len(first)):
        if first[i] < stop[i] and 0 <= document[i] < len(bounds) - 1:
            out[i] = _stands(stem, first[i], stop[i], bounds[document[i]], bounds[document[i] + 1])


def stand(model: Model, first: Ints, stop: Ints, document: Any) -> npt.NDArray[np.bool_]:
    """Whether documents have the words first…stop one after the other (K,); False where there are no such words or no document."""
    out = np.zeros(len(first), dtype=np.bool_)
    _stand(model.stem, model.token_bounds, first, stop, document, out)
    return out


@njit(cache=True)
def _runs(bounds: Any, documents: Any, pattern: Any, first: Any, out: Any) -> None:
    for i in range(len(pattern)):
        hits = documents[bounds[pattern[i]] : bounds[pattern[i] + 1]]
        begin = np.searchsorted(hits, first[i])
        k = begin + 1
        while k < len(hits) and hits[k] == hits[k - 1] + 1:
            k += 1
        out[i] = k - begin


def runs(found: Phrases, pattern: Ints, first: Ints) -> Ints:
    """How many documents in a row have each pattern from the document `first` on, which has it (K,)."""
    out = np.zeros(len(pattern), dtype=np.int32)
    _runs(found.bounds, found.documents, pattern, first, out)
    return out
