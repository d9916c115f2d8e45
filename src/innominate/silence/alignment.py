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
from innominate.silence.grouping import Events
from innominate.silence.phrases import SLACK, Phrases
from innominate.silence.vocabulary import Words

SAME_SENTENCE = 0.45  # similarity from which a sentence counts as the successor of another
FRAME = 3  # words in a row, all but one of them telling, from which what stands beside is a successor
_LONGEST = 160  # words of a sentence that are aligned

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Aligned:
    """For each event the nearest sentence of the other document.

    Attributes
    ----------
    similarity : weighted share of common stems (cosine), 0 where nothing is shared
    first, stop : tokens of that sentence
    kept : share of the formula's content words that stand in it, in order
    together : whether all words of the formula, as far as it does not run beyond the clause of the phrase that leads it, stand in it,
        in whatever order, and those of that phrase close together and no new ones between
    loosened : whether one of those that says whether or how far (not, only, some) stands nowhere in it
    turned : whether a word that turns or narrows what is said (not, only, some) was put into it or right before it
    inserted : content words that stand there in the place of the formula and were not in the old sentence
    framed : whether some words directly before or after what went stand in it as they did, with new ones where it was
    run_first, run_stop : tokens around the formula that went together (in the anchor document); equal where none did
    """

    similarity: npt.NDArray[np.float64]
    first: Ints
    stop: Ints
    kept: npt.NDArray[np.float64]
    together: npt.NDArray[np.bool_]
    loosened: npt.NDArray[np.bool_]
    turned: npt.NDArray[np.bool_]
    inserted: Ints
    framed: npt.NDArray[np.bool_]
    run_first: Ints
    run_stop: Ints

    @property
    def followed(self) -> npt.NDArray[np.bool_]:
        """Whether the sentence is a successor of the one that held the formula."""
        return (self.similarity >= SAME_SENTENCE) | self.framed


@njit(cache=True)
def _bounds_of(sentence: Any, at: int, low: int, high: int) -> Any:
    first, stop = at, at + 1
    while first > low and sentence[first - 1] == sentence[at]:
        first -= 1
    while stop < high and sentence[stop] == sentence[at]:
        stop += 1
    return first, stop


@njit(cache=True)
def _nearest(
    stem: Any, sentence: Any, rarity: Any, weight: Any, first: int, stop: int, low: int, high: int, said: Any, before: Any
) -> Any:  # fmt: skip
    """The sentence of tokens low…high nearest to the one at first…stop; `weight` is a work array of zeros by stem.

    A sentence that stood beside it before, word for word, is none. `said`: of every token a number of what its sentence says;
    `before`: those of the other sentences of the old document.
    """
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
        if value > best and (said[begin] == said[first] or not (before == said[begin]).any()):
            best, where, end = value, begin, at
    for i in range(first, stop):
        weight[stem[i]] = 0.0
    return best, where, end


@njit(cache=True)
def _says(stem: Any, sentence: Any, asked: Any) -> Any:
    """A number of what the sentence of every token says: a hash of those of its stems that are asked for, in order."""
    out = np.zeros(len(stem), np.uint64)
    at = 0
    while at < len(stem):
        begin, value = at, np.uint64(1469598103934665603)
        while at < len(stem) and sentence[at] == sentence[begin]:
            if asked[stem[at]]:
                value = (value ^ np.uint64(stem[at] + 1)) * np.uint64(1099511628211)
            at += 1
        out[begin:at] = value
    return out


@njit(cache=True)
def _others(sentence: Any, said: Any, first: int, low: int, high: int) -> Any:
    """What the sentences of tokens low…high say, save that of the token `first`."""
    out, count = np.empty(high - low, np.uint64), 0
    for i in range(low, high):
        if (i == low or sentence[i] != sentence[i - 1]) and sentence[i] != sentence[first]:
            out[count] = said[i]
            count += 1
    return out[:count]


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

    Returns the share of its content words that are kept, the content words put in its place, whether it is framed, the run
    of words around it that went (function words that happen to align are bridged), and how the sentences align (:func:`common`).
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
        inserted = _inserted(link, old, new, content, first - begin, stop - begin)
        return kept / max(total, 1), inserted, False, first, first, link
    while left > begin and (link[left - 1 - begin] < 0 or _bridged(link, stem, content, left - 1, begin, begin, -1)):
        left -= 1
    last = min(end, begin + len(link))
    while right < last and (link[right - begin] < 0 or _bridged(link, stem, content, right, begin, last, 1)):
        right += 1
    inserted = _inserted(link, old, new, content, left - begin, right - begin)
    frame = _frame(link, old, content, left - begin - 1, -1) or _frame(link, old, content, right - begin, 1)
    return kept / max(total, 1), inserted, inserted > 0 and frame, left, right, link


@njit(cache=True)
def _frame(link: Any, old: Any, content: Any, at: int, step: int) -> bool:
    """Whether from place `at` on, backwards or forwards, enough words one after the other stand so in the new sentence, too."""
    words, telling = 0, 0
    while 0 <= at < len(link) and link[at] >= 0 and (words == 0 or link[at] - link[at - step] == step):
        words += 1
        telling += content[old[at]]
        at += step
    return words >= FRAME and telling >= FRAME - 1


@njit(cache=True)
def _together(stem: Any, content: Any, first: int, stop: int, begin: int, end: int, low: int, high: int) -> bool:
    """Whether some stretch of low…high, a few words longer than the phrase first…stop, has all of its content words.

    Nothing may stand in it that the old sentence begin…end has not.
    """
    telling = 0
    for i in range(first, stop):
        telling += content[stem[i]]
    for at in range(low, high if telling > 1 else low):
        if not (content[stem[at]] and _among(stem, stem[at], first, stop)):
            continue
        until = min(at + stop - first + SLACK, high)
        for j in range(at, until):
            if content[stem[j]] and not _among(stem, stem[j], begin, end):
                until = j  # up to the first word that is new
                break
        if _all(stem, content, first, stop, at, until):
            return True
    return False


@njit(cache=True)
def _turned(
    stem: Any, turning: Any, link: Any, first: int, stop: int, begin: int, end: int, low: int, high: int
) -> bool:
    """Whether more words that turn what is said stand among the words that first…stop became than stood there.

    Those right before and after them count: "do not recognise" after "recognise", 인정하지 않는다 after 인정한다. The old sentence is
    begin…end, the new one low…high, and `link` aligns them.
    """
    left, right, more = len(stem), -1, 0
    for i in range(first - begin, min(stop - begin, len(link))):
        if link[i] >= 0:
            left, right = min(left, low + link[i]), max(right, low + link[i])
    for j in range(max(left - 1, low), min(right + 2, high)):
        more += turning[stem[j]]
    for i in range(max(first - 1, begin), min(stop + 1, end, begin + len(link))):
        more -= turning[stem[i]]
    return more > 0


@njit(cache=True)
def _among(stem: Any, one: int, first: int, stop: int) -> bool:
    found = False
    for j in range(first, stop):
        found |= stem[j] == one
    return found


@njit(cache=True)
def _all(stem: Any, asked: Any, first: int, stop: int, low: int, high: int) -> bool:
    """Whether all words of first…stop that are asked for stand in low…high."""
    complete = True
    for i in range(first, stop):
        complete &= not asked[stem[i]] or _among(stem, stem[i], low, high)
    return complete


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
        count += content[new[j]] and not _among(old, new[j], 0, len(old))
    return count


@njit(cache=True)
def _align(stem: Any, sentence: Any, clause: Any, content: Any, leading: Any, turning: Any, rarity: Any, token_bounds: Any, first: Any, stop: Any,
           core: Any, anchor: Any, other: Any) -> Any:  # fmt: skip
    count = len(first)
    similarity, kept = np.zeros(count), np.zeros(count)
    begin, end, inserted = np.zeros(count, np.int32), np.zeros(count, np.int32), np.zeros(count, np.int32)
    together, framed, loosened = np.zeros(count, np.bool_), np.zeros(count, np.bool_), np.zeros(count, np.bool_)
    turned = np.zeros(count, np.bool_)
    run_first, run_stop = first.copy(), first.copy()
    weight = np.zeros(len(rarity))
    said = _says(stem, sentence, content | leading | turning)
    for e in range(count):
        if other[e] < 0 or other[e] >= len(token_bounds) - 1:
            continue
        low, high = _bounds_of(sentence, first[e], token_bounds[anchor[e]], token_bounds[anchor[e] + 1])
        similarity[e], begin[e], end[e] = _nearest(
            stem, sentence, rarity, weight, low, high, token_bounds[other[e]], token_bounds[other[e] + 1], said,
            _others(sentence, said, first[e], token_bounds[anchor[e]], token_bounds[anchor[e] + 1]),
        )  # fmt: skip
        if similarity[e] > 0:
            kept[e], inserted[e], framed[e], run_first[e], run_stop[e], link = _compare(
                stem, content, first[e], stop[e], low, high, begin[e], end[e]
            )
            if similarity[e] >= SAME_SENTENCE or framed[e]:
                left, right = first[e], stop[e]  # of the formula what stands in the clause of the phrase that leads it
                while clause[left] != clause[core[e, 0]]:
                    left += 1
                while clause[right - 1] != clause[core[e, 1] - 1]:
                    right -= 1
                together[e] = _all(stem, content, left, right, begin[e], end[e]) and _together(
                    stem, content, core[e, 0], core[e, 1], low, high, begin[e], end[e]
                )
                loosened[e] = not _all(stem, leading, left, right, begin[e], end[e])
                if together[e] or kept[e] >= 1.0:
                    turned[e] = _turned(stem, turning, link, left, right, low, high, begin[e], end[e])
    return similarity, begin, end, kept, together, loosened, turned, inserted, framed, run_first, run_stop


def rarities(stem: Ints, content: Any, token_bounds: Any) -> Floats:
    """How much it tells that two sentences of a series share each stem, by the documents that have it."""
    documents = len(token_bounds) - 1
    owner = np.repeat(np.arange(documents, dtype=np.int32), np.diff(token_bounds))
    df = np.bincount(occurrences(stem, owner, content)[1], minlength=len(content))
    return np.asarray(np.where(content, np.log((documents + 1.0) / (df + 0.5)) + 1.0, 0.1))


def align(
    stem: Ints,
    sentence: Ints,
    clause: Ints,
    words: Words,
    rarity: Floats,
    token_bounds: Any,
    found: Phrases,
    events: Events,
    other: Ints,
) -> Aligned:
    """The nearest sentence in document `other` (one per event) to the sentence that holds each event's formula.

    rarity : see :func:`rarities`
    """
    places = found.place_bounds, found.place, found.reach
    core = _cores(*places, events.phrase, events.anchor, events.first, events.stop, token_bounds)
    return Aligned(
        *_align(
            stem, sentence, clause, words.content, words.leading, words.turning, rarity, token_bounds, events.first, events.stop, core,
            events.anchor, other,
        )
    )  # fmt: skip


@njit(cache=True)
def _cores(
    bounds: Any, place: Any, reach: Any, phrase: Any, anchor: Any, first: Any, stop: Any, token_bounds: Any
) -> Any:
    """Tokens of the phrase that leads each event, inside the formula first…stop of its anchor document: (events, 2)."""
    out = np.empty((len(phrase), 2), np.int32)
    for e in range(len(phrase)):
        out[e, 0], out[e, 1] = first[e], stop[e]
        low, high = bounds[phrase[e]], bounds[phrase[e] + 1]
        i = low + np.searchsorted(place[low:high], token_bounds[anchor[e]])
        while i < high and place[i] < stop[e]:
            if place[i] >= first[e] and place[i] + reach[i] <= stop[e]:
                out[e, 0], out[e, 1] = place[i], place[i] + reach[i]
                break
            i += 1
    return out
