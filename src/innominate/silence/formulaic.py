"""How formulaic what was dropped or appeared is: the first half of the rank of findings."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from innominate.silence.grouping import Events
from innominate.silence.series import Model
from innominate.silence.vocabulary import Words

_MOST_OWED = 0.985  # the surprise of a document without what is owed more surely grows no further

Floats = npt.NDArray[np.float64]


def strengths(model: Model, events: Events, ends: Any, level: Floats, words: Words) -> Floats:
    """How formulaic each event is: how surprising a document without it is, times how much its words belong together.

    The first in bits, -log2 of the probability that a document lacks it; the second from the pointwise mutual information
    of its recurring words (Church and Hanks 1990), in bits, on a log scale: from 1 (a single word) to 3 (a long formula).
    Words on two sides of a comma are neighbours, not a formula: of a phrase that runs across one the longer side counts.
    An event is as formulaic as the most formulaic of the phrases of several words that went (came) with it on the same words.

    Parameters
    ----------
    events : of the series
    ends, level : for every gap the document with its formula beside it, and how much the formula was owed
    """
    found, gaps = model.phrases, model.gaps
    rows = events.gap
    uses = np.diff(found.bounds)
    surprise = -np.log2(1.0 - np.clip(level, 0.0, _MOST_OWED))
    total = np.concatenate([[0.0], np.cumsum(words.information[model.stem])])
    clause_stop = np.searchsorted(model.clause, model.clause[events.first], side="right")  # of that of the first word
    clause_first = np.searchsorted(model.clause, model.clause[events.stop - 1])  # and of the last
    told = np.maximum(
        total[np.minimum(events.stop, clause_stop)] - total[events.first],
        total[events.stop] - total[np.maximum(events.first, clause_first)],
    )
    apart = np.log2(
        max(len(model.stem), 2) / np.maximum(uses, 1)
    )  # bits by which a pattern is rarer than a word of its own
    bits = told - apart[gaps.pattern[rows]]
    several = found.size[events.phrase] != 1
    out = surprise[rows] * np.where(several, np.log2(2.0 + np.clip(bits, 0.0, 30.0) / 5.0), 1.0)
    order = np.argsort(events.anchor, kind="stable")
    by_anchor = np.searchsorted(events.anchor[order], np.arange(len(model.dates) + 1))
    owner = np.argsort(found.pattern, kind="stable")
    by_pattern = np.searchsorted(found.pattern[owner], np.arange(len(uses) + 1))
    _members(
        gaps.pattern, ends.astype(np.int64), surprise, apart, owner, by_pattern, found.place_bounds, found.place, found.size,
        model.clause, total, model.token_bounds, order, by_anchor, events.first, events.stop, out,
    )  # fmt: skip
    return out


@njit(cache=True)
def _members(
    pattern: Any, end: Any, surprise: Any, apart: Any, owner: Any, by_pattern: Any, bounds: Any, place: Any, size: Any,
    clause: Any, total: Any, token_bounds: Any, order: Any, by_anchor: Any, first: Any, stop: Any, out: Any,
) -> None:  # fmt: skip
    """Raise each event to the most formulaic phrase that ends in its document and shares most of the words of the shorter of the two.

    pattern, end, surprise : of every gap; apart : of every pattern
    owner, by_pattern : phrases by pattern; order, by_anchor : events by document
    """
    for g in range(len(pattern)):
        there = end[g]
        if there < 0 or there >= len(token_bounds) - 1 or by_anchor[there + 1] == by_anchor[there]:
            continue
        for k in range(by_pattern[pattern[g]], by_pattern[pattern[g] + 1]):
            phrase = owner[k]
            if size[phrase] < 2:
                continue
            places = place[bounds[phrase] : bounds[phrase + 1]]
            for i in range(
                np.searchsorted(places, token_bounds[there]), np.searchsorted(places, token_bounds[there + 1])
            ):
                begin, until = places[i], places[i] + size[phrase]
                told, side = 0.0, begin
                for j in range(begin + 1, until + 1):
                    if j == until or clause[j] != clause[j - 1]:
                        told = max(told, total[j] - total[side])
                        side = j
                bits = min(max(told - apart[pattern[g]], 0.0), 30.0)
                value = surprise[g] * np.log2(2.0 + bits / 5.0)
                for m in range(by_anchor[there], by_anchor[there + 1]):
                    e = order[m]
                    shared = min(until, stop[e]) - max(begin, first[e])
                    if 2 * shared > min(until - begin, stop[e] - first[e]) and value > out[e]:
                        out[e] = value
