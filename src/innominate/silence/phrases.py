"""Recurring phrases of a series: closed n-grams of 1 to 12 stems, and pairs of words near one another in any order.

An n-gram is *closed* (a maximal repeat) when no longer one is used in exactly the same documents; the others say nothing
more and are left out. A pair of content words within a few words of one another, in either order, is what stays when a
formula is inflected, reordered or padded. Levels are built from frequent parts only (Agrawal and Srikant 1994), with
exact integer keys instead of strings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

LONGEST = 12
PAIR_WINDOW = 3  # content words to the right that a word pairs with
PAIR_REACH = 6  # words they may lie apart
SLACK = 4  # words that may stand between those of a formula said in another order, or padded

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Phrases:
    """Recurring phrases of one series.

    Attributes
    ----------
    size : words of each phrase (0: an unordered pair) (int8)
    pattern : presence pattern of each phrase, an index of the patterns (int32)
    place_bounds, place, reach : where each phrase stands: first token, and tokens from first to last; the places of
        phrase i are rows place_bounds[i]…place_bounds[i + 1] of both
    bounds, documents : the distinct presence patterns: documents (positions in the series) in compressed rows
    """

    size: npt.NDArray[np.int8]
    pattern: Ints
    place_bounds: Longs
    place: Ints
    reach: npt.NDArray[np.int8]
    bounds: Longs
    documents: Ints


@njit(cache=True)
def _group(order: Any, keys: Any, document: Any, least: int) -> Any:
    """Groups of equal keys (already ordered) that stand in at least `least` documents: bounds, document counts, hashes."""
    most = len(keys) // max(least, 1) + 1
    begin, end = np.empty(most, dtype=np.int64), np.empty(most, dtype=np.int64)
    df = np.empty(most, dtype=np.int32)
    count, at = 0, 0
    while at < len(keys):
        stop, docs, seen = at, 0, -1
        while stop < len(keys) and keys[stop] == keys[at]:
            if document[order[stop]] != seen:
                seen = document[order[stop]]
                docs += 1
            stop += 1
        if docs >= least:
            begin[count], end[count], df[count] = at, stop, docs
            count += 1
        at = stop
    return begin[:count], end[:count], df[:count]


@njit(cache=True)
def _keys(stem: Any, sentence: Any, previous: Any, size: int, stems: int) -> Any:
    """Keys of the n-grams of `size` words whose two parts are both frequent."""
    most = 0
    for i in range(len(stem) - size + 1):
        most += previous[i] >= 0 and previous[i + 1] >= 0 and sentence[i] == sentence[i + size - 1]
    place, key = np.empty(most, dtype=np.int32), np.empty(most, dtype=np.int64)
    count = 0
    for i in range(len(stem) - size + 1):
        if previous[i] >= 0 and previous[i + 1] >= 0 and sentence[i] == sentence[i + size - 1]:
            place[count], key[count] = i, np.int64(previous[i]) * stems + stem[i + size - 1]
            count += 1
    return place, key


@njit(cache=True)
def _pair_keys(stem: Any, sentence: Any, content: Any, stems: int, window: int, furthest: int) -> Any:
    count = 0
    most = len(stem) * window
    place, key = np.empty(most, dtype=np.int32), np.empty(most, dtype=np.int64)
    reach = np.empty(most, dtype=np.int8)
    for i in range(len(stem)):
        if not content[stem[i]]:
            continue
        met, j = 0, i + 1
        while j < len(stem) and met < window and j - i <= furthest and sentence[j] == sentence[i]:
            if content[stem[j]]:
                met += 1
                if stem[j] != stem[i]:
                    low, high = min(stem[i], stem[j]), max(stem[i], stem[j])
                    place[count], key[count], reach[count] = i, np.int64(low) * stems + high, j - i + 1
                    count += 1
            j += 1
    return place[:count], key[:count], reach[:count]


@njit(cache=True)
def _mark(previous: Any, place: Any, order: Any, begin: Any, end: Any) -> None:
    previous[:] = -1
    for g in range(len(begin)):
        for i in range(begin[g], end[g]):
            previous[place[order[i]]] = g


@njit(cache=True)
def _parents(previous: Any, place: Any, order: Any, begin: Any, df: Any, parent_df: Any) -> Any:
    """Which shorter n-grams are subsumed: a longer one stands in exactly as many documents."""
    subsumed = np.zeros(len(parent_df), dtype=np.bool_)
    for g in range(len(begin)):
        at = place[order[begin[g]]]
        for parent in (previous[at], previous[at + 1]):
            if parent >= 0 and parent_df[parent] == df[g]:
                subsumed[parent] = True
    return subsumed


@njit(cache=True)
def _useful(stem: Any, content: Any, place: Any, order: Any, begin: Any, size: int) -> Any:
    """Whether an n-gram holds a content word."""
    out = np.zeros(len(begin), dtype=np.bool_)
    for g in range(len(begin)):
        at = place[order[begin[g]]]
        for i in range(at, at + size):
            if content[stem[i]]:
                out[g] = True
    return out


@njit(cache=True)
def _rows(order: Any, begin: Any, end: Any, keep: Any, place: Any, reach: Any, document: Any, mixed: Any) -> Any:
    """Places, reaches, and a hash of the document set, of the groups kept."""
    total, groups = 0, 0
    for g in range(len(begin)):
        if keep[g]:
            total += end[g] - begin[g]
            groups += 1
    out, spans = np.empty(total, dtype=np.int32), np.empty(total, dtype=np.int8)
    bounds = np.zeros(groups + 1, dtype=np.int64)
    digest = np.zeros(groups, dtype=np.uint64)
    row, at = 0, 0
    for g in range(len(begin)):
        if not keep[g]:
            continue
        seen = -1
        for i in range(begin[g], end[g]):
            where = order[i]
            out[at], spans[at] = place[where], reach[where]
            if document[place[where]] != seen:
                seen = document[place[where]]
                digest[row] += mixed[seen]
            at += 1
        row += 1
        bounds[row] = at
    return out, spans, bounds, digest


@njit(cache=True)
def _pattern_documents(first: Any, place_bounds: Any, place: Any, document: Any, bounds: Any) -> Any:
    out = np.empty(bounds[-1], dtype=np.int32)
    at = 0
    for phrase in first:
        seen = -1
        for i in range(place_bounds[phrase], place_bounds[phrase + 1]):
            if document[place[i]] != seen:
                seen = document[place[i]]
                out[at] = seen
                at += 1
    return out


def find(stem: Ints, document: Ints, sentence: Ints, content: npt.NDArray[np.bool_], least: int = 3) -> Phrases:
    """The recurring phrases of a series.

    Parameters
    ----------
    stem, sentence : of every token of the series
    document : of every token, as its position in the series (0…n-1)
    content : by stem, whether it carries meaning
    least : documents that a phrase must stand in
    """
    stems = len(content)
    documents = int(document[-1]) + 1 if len(document) else 0
    mixed = _mix(documents)
    parts: list[tuple[Any, ...]] = []
    place, key = np.arange(len(stem), dtype=np.int32), stem.astype(np.int64)
    previous = np.full(len(stem) + 1, -1, dtype=np.int32)
    held: tuple[Any, ...] | None = None
    for size in range(1, LONGEST + 1):
        if size > 1:
            place, key = _keys(stem, sentence, previous, size, stems)
        order = np.argsort(key, kind="stable")
        begin, end, df = _group(order, key[order], document[place], least)
        if held is not None:
            parts.append(
                _kept(held, ~_parents(previous, place, order, begin, df, held[5]), stem, content, document, mixed)
            )
        if len(begin) == 0:
            held = None
            break
        _mark(previous, place, order, begin, end)
        held = (size, place, order, begin, end, df)
    if held is not None:
        parts.append(_kept(held, np.ones(len(held[3]), dtype=np.bool_), stem, content, document, mixed))
    parts.append(_pairs(stem, document, sentence, content, least, mixed))
    return _join(parts, document)


def _mix(documents: int) -> npt.NDArray[np.uint64]:
    """One fixed 64-bit number per document (splitmix64), so that the sum over a set of documents names the set."""
    value = (np.arange(1, documents + 1, dtype=np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        value = (value ^ (value >> np.uint64(shift))) * np.uint64(factor)
    return value ^ (value >> np.uint64(31))


def _kept(held: tuple[Any, ...], closed: Any, stem: Any, content: Any, document: Any, mixed: Any) -> tuple[Any, ...]:
    size, place, order, begin, end, _ = held
    keep = closed & _useful(stem, content, place, order, begin, size)
    reach = np.full(len(place), size, dtype=np.int8)
    return size, *_rows(order, begin, end, keep, place, reach, document, mixed)


def _pairs(stem: Any, document: Any, sentence: Any, content: Any, least: int, mixed: Any) -> tuple[Any, ...]:
    place, key, reach = _pair_keys(stem, sentence, content, len(content), PAIR_WINDOW, PAIR_REACH)
    order = np.argsort(key, kind="stable")
    begin, end, _ = _group(order, key[order], document[place], least)
    return 0, *_rows(order, begin, end, np.ones(len(begin), dtype=np.bool_), place, reach, document, mixed)


def _join(parts: list[tuple[Any, ...]], document: Any) -> Phrases:
    size = np.concatenate([np.full(len(part[4]), part[0], dtype=np.int8) for part in parts])
    digest = np.concatenate([part[4] for part in parts])
    counts = np.concatenate([np.diff(part[3]) for part in parts])
    place = np.concatenate([part[1] for part in parts])
    reach = np.concatenate([part[2] for part in parts])
    place_bounds = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    _, first, pattern = np.unique(digest, return_index=True, return_inverse=True)
    df = _document_counts(first, place_bounds, place, document)
    bounds = np.concatenate([[0], np.cumsum(df)]).astype(np.int64)
    documents = _pattern_documents(first, place_bounds, place, document, bounds)
    return Phrases(size, pattern.astype(np.int32), place_bounds, place, reach, bounds, documents)


@njit(cache=True)
def _document_counts(first: Any, place_bounds: Any, place: Any, document: Any) -> Any:
    out = np.zeros(len(first), dtype=np.int64)
    for row, phrase in enumerate(first):
        seen = -1
        for i in range(place_bounds[phrase], place_bounds[phrase + 1]):
            if document[place[i]] != seen:
                seen = document[place[i]]
                out[row] += 1
    return out
