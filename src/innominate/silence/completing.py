"""Wordings completed: by the words that nearly all of their nearest uses have beside them.

What tells a silence is often a piece of a formula, "prepared to ease monetary"; people know it by the whole of it, "prepared to
ease monetary policy further". A wording grows by the word beside it as long as most of the documents nearest to the silence that use the
phrase which leads it have the same word there, or all of the nearest few.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from innominate.silence.grouping import Events
from innominate.silence.series import Model

USES = 6  # documents nearest to the silence whose wording is compared
MOST = 0.75  # share of them that must have the word beside it
LAST = 3  # or the nearest so many, all of them

Ints = npt.NDArray[np.int32]


@njit(cache=True)
def _alike(stem: Any, sentence: Any, a: int, b: int, step: int) -> int:
    """How many words of one sentence from place `a` on, backwards or forwards, stand from place `b` on, too."""
    count = 0
    i, j = a, b
    while i >= 0 and j >= 0 and max(i, j) < len(stem) and stem[i] == stem[j]:
        if sentence[i] != sentence[a] or sentence[j] != sentence[b]:
            break
        count += 1
        i += step
        j += step
    return count


@njit(cache=True)
def _shared(stem: Any, sentence: Any, document: Any, place: Any, reach: Any, at: int, step: int, way: int) -> int:
    """Words from the phrase at row `at` of the places on, itself among them, that most of the nearest uses have, too.

    step : -1 words to the left, from the last of the phrase on; 1 words to the right, from its first
    way : -1 the nearest uses are those before; 1 those after
    """
    best, used = np.zeros(USES, np.int64), 0
    here = document[place[at]]
    row, last = at + way, here
    begin = place[at] if step > 0 else place[at] + reach[at] - 1
    while 0 <= row < len(place):
        if document[place[row]] != here:
            if document[place[row]] != last:
                if used == USES:
                    break
                used, last = used + 1, document[place[row]]
            there = place[row] if step > 0 else place[row] + reach[row] - 1
            best[used - 1] = max(best[used - 1], _alike(stem, sentence, begin, there, step))
        row += way
    if used < 2:
        return 0
    last = best[:LAST].min() if used >= LAST else 0
    told = np.sort(best[:used])
    return int(max(told[int(used - np.ceil(MOST * used))], last))


@njit(cache=True)
def _completed(
    stem: Any, sentence: Any, document: Any, bounds: Any, place: Any, reach: Any, phrase: Any, low: Any, high: Any,
    first: Any, stop: Any, least: Any, most: Any, longest: int, way: int,
) -> None:  # fmt: skip
    for i in range(len(phrase)):
        begin, end = bounds[phrase[i]], bounds[phrase[i] + 1]
        places, reaches = place[begin:end], reach[begin:end]
        at = np.searchsorted(places, low[i])
        if first[i] == stop[i] or at == len(places) or places[at] + reaches[at] > high[i]:
            continue
        right = places[at] + _shared(stem, sentence, document, places, reaches, at, 1, way)
        left = places[at] + reaches[at] - _shared(stem, sentence, document, places, reaches, at, -1, way)
        stop[i] = max(stop[i], min(right, most[i], first[i] + longest))
        first[i] = min(first[i], max(left, least[i], stop[i] - longest))


def completed(
    model: Model, events: Events, lead: Any, first: Ints, stop: Ints, within: tuple[Any, Any], longest: int, backward: bool
) -> tuple[Ints, Ints]:  # fmt: skip
    """The stretches first…stop grown on both sides, up to `longest` words; those without words stay so.

    Parameters
    ----------
    model, events : of the series
    lead : the event that leads each stretch
    within : first token and one past the last that each may grow to
    backward : False for formulas that stopped (the uses before are nearest), True for formulas that appeared (those after)
    """
    first, stop = first.astype(np.int32), stop.astype(np.int32)
    found = model.phrases
    _completed(
        model.stem, model.sentence, model.document, found.place_bounds, found.place, found.reach, events.phrase[lead],
        events.first[lead], events.stop[lead], first, stop, *within, longest, 1 if backward else -1,
    )  # fmt: skip
    return first, stop
