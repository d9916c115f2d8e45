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

from innominate.errors import InputError

LONGEST = 12
PAIR_WINDOW = 3  # content words to the right that a word pairs with
PAIR_REACH = 6  # words they may lie apart
REACH_BITS = 4  # of a spot, a place in the text and how many tokens the phrase there reaches over, in one number
REACH_MASK = (1 << REACH_BITS) - 1
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
def _starts(values: Any, most: int) -> Any:
    """Where the entries with each value (below `most`) begin when they are put in order."""
    at = np.zeros(most + 1, dtype=np.int64)
    for value in values:
        at[value + 1] += 1
    for value in range(most):
        at[value + 1] += at[value]
    return at


@njit(cache=True)
def _grouped(head: Any, tail: Any, heads: int, tails: int, spot: Any, document: Any, least: int) -> Any:
    """Groups of equal keys (head, tail) that stand in at least `least` documents: spots by key, bounds, document counts.

    Keys are put in order, head first, by a radix sort of two passes: entries of one key stay as they stood. A spot and half
    a key make one number, so that each pass reads straight on.
    """
    count = len(tail)
    at = _starts(tail, tails)
    by_tail = np.empty(count, dtype=np.int64)
    for i in range(count):
        by_tail[at[tail[i]]] = (np.int64(head[i]) << 32) | np.int64(spot[i])
        at[tail[i]] += 1
    next_at = _starts(head, heads)
    ordered = np.empty(count, dtype=np.int64)
    k = 0
    for value in range(tails):
        while k < at[value]:  # by now the end of the entries with this tail
            where = by_tail[k] >> 32
            ordered[next_at[where]] = (np.int64(value) << 32) | (by_tail[k] & 0xFFFFFFFF)
            next_at[where] += 1
            k += 1
    most = count // max(least, 1) + 1
    begin, end = np.empty(most, dtype=np.int64), np.empty(most, dtype=np.int64)
    df = np.empty(most, dtype=np.int32)
    groups, first = 0, 0
    for value in range(heads):
        while first < next_at[value]:
            key, stop = ordered[first] >> 32, first + 1
            while stop < next_at[value] and ordered[stop] >> 32 == key:
                stop += 1
            if stop - first >= least:
                docs, seen = 0, -1
                for k in range(first, stop):
                    there = document[(ordered[k] & 0xFFFFFFFF) >> REACH_BITS]
                    docs += there != seen
                    seen = there
                if docs >= least:
                    begin[groups], end[groups], df[groups] = first, stop, docs
                    groups += 1
            first = stop
    spots = np.empty(count, dtype=np.uint32)
    for k in range(count):
        spots[k] = ordered[k] & 0xFFFFFFFF
    return spots, begin[:groups], end[:groups], df[:groups]


@njit(cache=True)
def _keys(stem: Any, sentence: Any, previous: Any, size: int) -> Any:
    """The n-grams of `size` words whose two parts are both frequent: spot, group of the part without the last word, last word."""
    most = 0
    for i in range(len(stem) - size + 1):
        most += previous[i] >= 0 and previous[i + 1] >= 0 and sentence[i] == sentence[i + size - 1]
    spot = np.empty(most, dtype=np.uint32)
    head, tail = np.empty(most, dtype=np.int32), np.empty(most, dtype=np.int32)
    count = 0
    for i in range(len(stem) - size + 1):
        if previous[i] >= 0 and previous[i + 1] >= 0 and sentence[i] == sentence[i + size - 1]:
            spot[count], head[count], tail[count] = (i << REACH_BITS) | size, previous[i], stem[i + size - 1]
            count += 1
    return spot, head, tail


@njit(cache=True)
def _pair_keys(stem: Any, sentence: Any, content: Any, window: int, furthest: int) -> Any:
    """Pairs of content words near one another: spot, the lower and the higher stem."""
    count = 0
    most = len(stem) * window
    spot = np.empty(most, dtype=np.uint32)
    head, tail = np.empty(most, dtype=np.int32), np.empty(most, dtype=np.int32)
    for i in range(len(stem)):
        if not content[stem[i]]:
            continue
        met, j = 0, i + 1
        while j < len(stem) and met < window and j - i <= furthest and sentence[j] == sentence[i]:
            if content[stem[j]]:
                met += 1
                if stem[j] != stem[i]:
                    spot[count] = (i << REACH_BITS) | (j - i + 1)
                    head[count], tail[count] = min(stem[i], stem[j]), max(stem[i], stem[j])
                    count += 1
            j += 1
    return spot[:count], head[:count], tail[:count]


@njit(cache=True)
def _mark(previous: Any, spots: Any, begin: Any, end: Any) -> None:
    previous[:] = -1
    for g in range(len(begin)):
        for i in range(begin[g], end[g]):
            previous[spots[i] >> REACH_BITS] = g


@njit(cache=True)
def _parents(previous: Any, spots: Any, begin: Any, df: Any, parent_df: Any) -> Any:
    """Which shorter n-grams are subsumed: a longer one stands in exactly as many documents."""
    subsumed = np.zeros(len(parent_df), dtype=np.bool_)
    for g in range(len(begin)):
        at = spots[begin[g]] >> REACH_BITS
        for parent in (previous[at], previous[at + 1]):
            if parent >= 0 and parent_df[parent] == df[g]:
                subsumed[parent] = True
    return subsumed


@njit(cache=True)
def _useful(stem: Any, content: Any, alone: Any, spots: Any, begin: Any, size: int) -> Any:
    """Whether an n-gram holds a word that tells by itself, or two that tell together."""
    out = np.zeros(len(begin), dtype=np.bool_)
    for g in range(len(begin)):
        at = spots[begin[g]] >> REACH_BITS
        told = 0
        for i in range(at, at + size):
            told += 2 if alone[stem[i]] else content[stem[i]]
        out[g] = told >= 2
    return out


@njit(cache=True)
def _rows(spots: Any, begin: Any, end: Any, keep: Any, document: Any, mixed: Any) -> Any:
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
            where = spots[i] >> REACH_BITS
            out[at], spans[at] = where, spots[i] & REACH_MASK
            there = document[where]
            if there != seen:
                seen = there
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


def find(
    stem: Ints, document: Ints, sentence: Ints, content: npt.NDArray[np.bool_], least: int = 3,
    alone: npt.NDArray[np.bool_] | None = None,
) -> Phrases:  # fmt: skip
    """The recurring phrases of a series.

    Parameters
    ----------
    stem, sentence : of every token of the series
    document : of every token, as its position in the series (0…n-1)
    content : by stem, whether it carries meaning
    least : documents that a phrase must stand in
    alone : by stem, whether it does so by itself, not only beside another; None: all that do
    """
    alone = content if alone is None else alone
    if len(stem) >= 1 << (32 - REACH_BITS):
        raise InputError(
            f"a series has {len(stem):,} words; no more than {1 << (32 - REACH_BITS):,} can be looked at in one"
        )
    stems = len(content)
    mixed = _mix(int(document[-1]) + 1 if len(document) else 0)
    parts: list[tuple[Any, ...]] = []
    spot = (np.arange(len(stem), dtype=np.uint32) << REACH_BITS) | np.uint32(1)
    head, tail, heads = np.zeros(len(stem), dtype=np.int32), stem, 1
    previous = np.full(len(stem) + 1, -1, dtype=np.int32)
    held: tuple[Any, ...] | None = None
    for size in range(1, LONGEST + 1):
        if size > 1:
            spot, head, tail = _keys(stem, sentence, previous, size)
        spots, begin, end, df = _grouped(head, tail, heads, stems, spot, document, least)
        if held is not None:
            parts.append(
                _kept(held, ~_parents(previous, spots, begin, df, held[4]), stem, content, alone, document, mixed)
            )
        if len(begin) == 0:
            held = None
            break
        _mark(previous, spots, begin, end)
        heads = len(begin)
        held = (size, spots, begin, end, df)
    if held is not None:
        parts.append(_kept(held, np.ones(len(held[2]), dtype=np.bool_), stem, content, alone, document, mixed))
    parts.append(_pairs(stem, document, sentence, alone, least, mixed))
    return _join(parts, document)


def _mix(documents: int) -> npt.NDArray[np.uint64]:
    """One fixed 64-bit number per document (splitmix64), so that the sum over a set of documents names the set."""
    value = (np.arange(1, documents + 1, dtype=np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        value = (value ^ (value >> np.uint64(shift))) * np.uint64(factor)
    return value ^ (value >> np.uint64(31))


def _kept(
    held: tuple[Any, ...], closed: Any, stem: Any, content: Any, alone: Any, document: Any, mixed: Any
) -> tuple[Any, ...]:
    size, spots, begin, end, df = held
    keep = closed & _useful(stem, content, alone, spots, begin, size)
    return size, df[keep], *_rows(spots, begin, end, keep, document, mixed)


def _pairs(stem: Any, document: Any, sentence: Any, content: Any, least: int, mixed: Any) -> tuple[Any, ...]:
    spot, low, high = _pair_keys(stem, sentence, content, PAIR_WINDOW, PAIR_REACH)
    spots, begin, end, df = _grouped(low, high, len(content), len(content), spot, document, least)
    return 0, df, *_rows(spots, begin, end, np.ones(len(begin), dtype=np.bool_), document, mixed)


def _join(parts: list[tuple[Any, ...]], document: Any) -> Phrases:
    sizes, counts, places, reaches, place_counts, digests = zip(
        *((part[0], part[1], part[2], part[3], np.diff(part[4]), part[5]) for part in parts), strict=True
    )
    size = np.repeat(np.array(sizes, dtype=np.int8), [len(part) for part in counts])
    place = np.concatenate(places)
    place_bounds = np.concatenate([[0], np.cumsum(np.concatenate(place_counts))]).astype(np.int64)
    _, first, pattern = np.unique(np.concatenate(digests), return_index=True, return_inverse=True)
    bounds = np.concatenate([[0], np.cumsum(np.concatenate(counts)[first])]).astype(np.int64)
    documents = _pattern_documents(first, place_bounds, place, document, bounds)
    return Phrases(size, pattern.astype(np.int32), place_bounds, place, np.concatenate(reaches), bounds, documents)
