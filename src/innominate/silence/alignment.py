"""The sentence that took the place of another, and which of its words went.

Sentences are compared by the stems they share, rare ones counting more; words are aligned by the longest common
subsequence (Hirschberg 1975, "A linear space algorithm"; here the plain quadratic table, sentences are short).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from innominate.silence.covariates import occurrences

SAME_SENTENCE = 0.45  # similarity from which a sentence counts as the successor of another
_LONGEST = 160  # words of a sentence that are aligned

Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Aligned:
    """For each event the nearest sentence of the other document.

    Attributes
    ----------
    similarity : weighted share of common stems (cosine), 0 where nothing is shared
    first, stop : tokens of that sentence
    kept : share of the formula's content words that stand in it, in order
    inserted : content words that stand there in the place of the formula and were not in the old sentence
    run_first, run_stop : tokens around the formula that went together (in the anchor document); equal where none did
    """

    similarity: npt.NDArray[np.float64]
    first: Ints
    stop: Ints
    kept: npt.NDArray[np.float64]
    inserted: Ints
    run_first: Ints
    run_stop: Ints


@njit(cache=True)
def _bounds_of(sentence: Any, at: int, low: int, high: int) -> Any:
    first, stop = at, at + 1
    while first > low and sentence[first - 1] == sentence[at]:
        first -= 1
    while stop < high and sentence[stop] == sentence[at]:
        stop += 1
    return first, stop


@njit(cache=True)
def _nearest(stem: Any, sentence: Any, rarity: Any, weight: Any, first: int, stop: int, low: int, high: int) -> Any:
    """The sentence of tokens low…high nearest to the one at first…stop; `weight` is a work array of zeros by stem."""
    norm = 0.0
    for i in range(first, stop):
        if weight[stem[i]] == 0.0:
            weight[stem[i]] = rarity[stem[i]]
            norm += rarity[stem[i]]
    best, where, end = 0.0, low, low
    at = low
    while at < high:
        begin, shared, other = at, 0.0, 0.0
        while at < high and sentence[at] == sentence[begin]:
            one = stem[at]
            other += rarity[one]
            if weight[one] > 0.0:
                shared += rarity[one]
                weight[one] = -weight[one]
            at += 1
        for i in range(first, stop):
            weight[stem[i]] = abs(weight[stem[i]])
        value = shared / np.sqrt(norm * other + 1e-12)
        if value > best:
            best, where, end = value, begin, at
    for i in range(first, stop):
        weight[stem[i]] = 0.0
    return best, where, end


@njit(cache=True)
def common(a: Any, b: Any) -> Any:
    """For every word of `a` the word of `b` it is aligned with (-1: none), by longest common subsequence."""
    n, m = len(a), len(b)
    table = np.zeros((n + 1, m + 1), dtype=np.int32)
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, -1, -1):
            table[i, j] = table[i + 1, j + 1] + 1 if a[i] == b[j] else max(table[i + 1, j], table[i, j + 1])
    out = np.full(n, -1, dtype=np.int32)
    i, j = 0, 0
    while i < n and j < m:
        if a[i] == b[j]:
            out[i] = j
            i += 1
            j += 1
        elif table[i + 1, j] >= table[i, j + 1]:
            i += 1
        else:
            j += 1
    return out


@njit(cache=True)
def _compare(stem: Any, content: Any, first: int, stop: int, begin: int, end: int, low: int, high: int) -> Any:
    """How the formula first…stop of sentence begin…end fares in the sentence low…high.

    Returns the share of its content words that are kept, the content words put in its place, and the run of words around
    it that went (function words that happen to align are bridged).
    """
    old, new = stem[begin : min(end, begin + _LONGEST)], stem[low : min(high, low + _LONGEST)]
    link = common(old, new)
    total, kept = 0, 0
    left, right = stop, first
    for i in range(first, stop):
        if i - begin >= len(link):
            break
        if content[stem[i]]:
            total += 1
            kept += link[i - begin] >= 0
        if link[i - begin] < 0:
            left, right = min(left, i), max(right, i + 1)
    if left >= right:
        return kept / max(total, 1), _inserted(link, old, new, content, first - begin, stop - begin), first, first
    while left > begin and (link[left - 1 - begin] < 0 or _bridged(link, stem, content, left - 1, begin, begin, -1)):
        left -= 1
    last = min(end, begin + len(link))
    while right < last and (link[right - begin] < 0 or _bridged(link, stem, content, right, begin, last, 1)):
        right += 1
    return kept / max(total, 1), _inserted(link, old, new, content, left - begin, right - begin), left, right


@njit(cache=True)
def _bridged(link: Any, stem: Any, content: Any, at: int, begin: int, limit: int, step: int) -> bool:
    """Whether the aligned word `at` is a function word with a word that went right behind it."""
    beyond = at + step
    inside = beyond >= limit if step < 0 else beyond < limit
    return inside and not content[stem[at]] and link[beyond - begin] < 0


@njit(cache=True)
def _inserted(link: Any, old: Any, new: Any, content: Any, first: int, stop: int) -> int:
    """Content words of `new` between the neighbours of old[first:stop] that the old sentence does not have."""
    left, right = -1, len(new)
    for i in range(min(first, len(link))):
        if link[i] >= 0:
            left = link[i]
    for i in range(len(link) - 1, stop - 1, -1):
        if link[i] >= 0:
            right = link[i]
    count = 0
    for j in range(left + 1, right):
        known = False
        for i in range(len(old)):
            if old[i] == new[j]:
                known = True
        count += content[new[j]] and not known
    return count


@njit(cache=True)
def _align(stem: Any, sentence: Any, content: Any, rarity: Any, token_bounds: Any, first: Any, stop: Any, anchor: Any,
           other: Any) -> Any:  # fmt: skip
    count = len(first)
    similarity, kept = np.zeros(count), np.zeros(count)
    begin, end, inserted = np.zeros(count, np.int32), np.zeros(count, np.int32), np.zeros(count, np.int32)
    run_first, run_stop = first.copy(), first.copy()
    weight = np.zeros(len(rarity))
    for e in range(count):
        if other[e] < 0 or other[e] >= len(token_bounds) - 1:
            continue
        low, high = _bounds_of(sentence, first[e], token_bounds[anchor[e]], token_bounds[anchor[e] + 1])
        similarity[e], begin[e], end[e] = _nearest(
            stem, sentence, rarity, weight, low, high, token_bounds[other[e]], token_bounds[other[e] + 1]
        )
        if similarity[e] > 0:
            kept[e], inserted[e], run_first[e], run_stop[e] = _compare(
                stem, content, first[e], stop[e], low, high, begin[e], end[e]
            )
    return similarity, begin, end, kept, inserted, run_first, run_stop


def align(stem: Ints, sentence: Ints, content: Any, token_bounds: Any, events: Any, other: Ints) -> Aligned:
    """The nearest sentence in document `other` (one per event) to the sentence that holds each event's formula."""
    documents = len(token_bounds) - 1
    owner = np.repeat(np.arange(documents, dtype=np.int32), np.diff(token_bounds))
    df = np.bincount(occurrences(stem, owner, content)[1], minlength=len(content))
    rarity = np.where(content, np.log((documents + 1.0) / (df + 0.5)) + 1.0, 0.1)
    return Aligned(
        *_align(stem, sentence, content, rarity, token_bounds, events.first, events.stop, events.anchor, other)
    )
