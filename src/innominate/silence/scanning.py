"""Kernels that cut text into tokens: one pass over code points, and dictionary segmentation of Chinese.

Shapes: ``codes`` is the whole corpus as Unicode code points (uint32, documents one after the other, each followed by one
newline), ``kinds`` the class of every code point (uint8, the constants below). Offsets count code points in the corpus.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

OTHER, LETTER, HAN, DIGIT, APOSTROPHE, STOP, POINT, NEWLINE, HANGUL, SPACE, CYRILLIC, COMMA = range(12)

_FEW = 10_000  # code points that are sorted sooner than counted
Codes = npt.NDArray[np.uint32]
Kinds = npt.NDArray[np.uint8]
Longs = npt.NDArray[np.int64]
Ints = npt.NDArray[np.int32]

_STOPS = frozenset("。！？；!?;…｡؟۔।")
_POINTS = frozenset(".．")
_BULLETS = tuple(ord(mark) for mark in "-–—*•·▪●○■□◦‣⁃")
_COMMAS = frozenset('，,、：:—–()（）《》“”「」『』"«»،؛')


def codes_of(bodies: Sequence[str]) -> Codes:
    """Texts one after the other as code points, each followed by one newline."""
    return np.frombuffer(("\n".join(bodies) + "\n").encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def classes(codes: Codes) -> Kinds:
    """The class of every code point; each distinct one is looked up once."""
    distinct = np.unique(codes) if len(codes) < _FEW else np.flatnonzero(np.bincount(codes))
    table = np.zeros(int(distinct.max(initial=0)) + 1, dtype=np.uint8)
    for code in distinct:
        table[code] = _class(chr(int(code)))
    return np.asarray(table[codes], dtype=np.uint8)


@cache
def _class(char: str) -> int:
    code = ord(char)
    for kind, members in ((STOP, _STOPS), (POINT, _POINTS), (COMMA, _COMMAS), (APOSTROPHE, "'’ʼ"), (NEWLINE, "\n")):
        if char in members:
            return kind
    if char in "%％":  # a word: percent
        return LETTER
    if 0x3400 <= code <= 0x9FFF or 0xF900 <= code <= 0xFAFF or 0x20000 <= code <= 0x3FFFF:
        return HAN
    if 0xAC00 <= code <= 0xD7AF or 0x1100 <= code <= 0x11FF:
        return HANGUL
    if 0x0400 <= code <= 0x052F:
        return CYRILLIC
    category = unicodedata.category(char)
    if category.startswith("Z") or char in "\t\r":
        return SPACE
    if category.startswith(("L", "M")):
        return LETTER
    return DIGIT if category == "Nd" else OTHER


@njit(cache=True)
def _ends_sentence(codes: Any, kinds: Any, at: int) -> bool:
    """Whether the full stop at `at` ends a sentence: not inside numbers, initials or abbreviations such as "U.S."."""
    size = len(codes)
    if at + 1 < size and kinds[at + 1] not in (SPACE, NEWLINE, COMMA, OTHER, APOSTROPHE):
        return kinds[at + 1] == HAN
    before = 0
    while before < 4 and at - 1 - before >= 0 and kinds[at - 1 - before] in (LETTER, CYRILLIC):
        before += 1
    if before == 1 or (before <= 3 and at - 1 - before >= 0 and kinds[at - 1 - before] == POINT):
        return False
    after = at + 1
    while after < size and kinds[after] in (SPACE, COMMA, OTHER, APOSTROPHE):
        after += 1
    if after >= size or kinds[after] in (NEWLINE, HAN, HANGUL, DIGIT):
        return True
    return not (97 <= codes[after] <= 122 or 0x0430 <= codes[after] <= 0x045F)


@njit(cache=True)
def _item(codes: Any, kinds: Any, at: int) -> bool:
    """Whether a line that begins at `at` is an item of a list: a bullet or a dash, a number with a full stop or bracket, then a space."""
    after = at
    while after < len(kinds) and kinds[after] == DIGIT and after < at + 3:
        after += 1
    if after == at and codes[at] not in _BULLETS:
        return False
    if after > at and (after >= len(kinds) or (kinds[after] != POINT and codes[after] != 41)):
        return False
    return after + 1 < len(kinds) and kinds[after + 1] == SPACE


@njit(cache=True)
def _line_ends(codes: Any, kinds: Any, at: int) -> bool:
    """Whether the newline at `at` ends a sentence: a blank line, one before an item of a list, or after Chinese text or closing punctuation."""
    after = at + 1
    while after < len(kinds) and kinds[after] == SPACE:
        after += 1
    if after >= len(kinds) or kinds[after] == NEWLINE or _item(codes, kinds, after):
        return True
    before = at - 1
    while before >= 0 and kinds[before] == SPACE:
        before -= 1
    return before >= 0 and kinds[before] in (HAN, STOP, POINT, NEWLINE)


@njit(cache=True)
def scan(codes: Codes, kinds: Kinds, bounds: Longs) -> Any:
    """Tokens of every document: runs of letters, digits, Han characters or Hangul.

    Returns
    -------
    start, length, kind, document, sentence, clause (all of the number of tokens); sentences and clauses (parts between
    commas and colons) are numbered through the corpus.
    """
    size = len(codes)
    start = np.empty(size // 2 + 8, dtype=np.int64)
    length = np.empty(size // 2 + 8, dtype=np.int32)
    kind = np.empty(size // 2 + 8, dtype=np.uint8)
    document = np.empty(size // 2 + 8, dtype=np.int32)
    sentence = np.empty(size // 2 + 8, dtype=np.int32)
    clause = np.empty(size // 2 + 8, dtype=np.int32)
    count, sentences, clauses = 0, 0, 0
    for doc in range(len(bounds) - 1):
        at, stop = bounds[doc], bounds[doc + 1]
        sentences += 1
        clauses += 1
        while at < stop:
            what = kinds[at]
            if what in (LETTER, CYRILLIC, HAN, HANGUL, DIGIT):
                end = at + 1
                while end < stop:
                    now = kinds[end]
                    if now == what:
                        end += 1
                    elif (
                        end + 1 < stop
                        and kinds[end + 1] == what
                        and (
                            (now == APOSTROPHE and what in (LETTER, CYRILLIC))
                            or (what == DIGIT and (now == POINT or codes[end] == 44))
                        )
                    ):
                        end += 2
                    else:
                        break
                start[count], length[count], kind[count] = at, end - at, what
                document[count], sentence[count], clause[count] = doc, sentences, clauses
                count += 1
                at = end
                continue
            if (
                what == STOP
                or (what == POINT and _ends_sentence(codes, kinds, at))
                or (what == NEWLINE and _line_ends(codes, kinds, at))
            ):
                sentences += 1
                clauses += 1
            elif codes[at] in (44, 0xFF0C, 58, 0xFF1A, 0x2014, 0x60C):
                clauses += 1
            at += 1
    return start[:count], length[:count], kind[:count], document[:count], sentence[:count], clause[:count]


NO_WORD = np.float32(-1e30)  # weight of what begins words and is none


@njit(cache=True)
def hashes(codes: Codes, start: Longs, length: Ints) -> Any:
    """A 64-bit hash of every token's code points."""
    out = np.empty(len(start), dtype=np.uint64)
    for i in range(len(start)):
        value = np.uint64(1469598103934665603)
        for j in range(start[i], start[i] + length[i]):
            value = (value ^ np.uint64(codes[j])) * np.uint64(1099511628211)
            value ^= value >> np.uint64(29)
        out[i] = value
    return out


@njit(cache=True)
def build_table(word_hashes: Any, weights: Any) -> Any:
    """An open-addressing table from word hash to weight; its size is a power of two."""
    size = 1
    while size < 2 * len(word_hashes):
        size *= 2
    keys, values = np.zeros(size, dtype=np.uint64), np.zeros(size, dtype=np.float32)
    mask = np.uint64(size - 1)
    for i in range(len(word_hashes)):
        slot = word_hashes[i] & mask
        while keys[slot] != 0 and keys[slot] != word_hashes[i]:
            slot = (slot + np.uint64(1)) & mask
        keys[slot], values[slot] = word_hashes[i], weights[i]
    return keys, values


@njit(cache=True)
def split_han(codes: Codes, start: Longs, length: Ints, keys: Any, values: Any, unknown: float, longest: int) -> Any:
    """The most probable division of every run of Han characters into words of a unigram dictionary.

    The same rule as jieba's without its hidden Markov step for unseen words: maximum product of word probabilities. The
    dictionary holds every beginning of its words, so that no more is looked up of what begins none.

    Returns
    -------
    run, start, length of every word.
    """
    total = 0
    for i in range(len(start)):
        total += length[i]
    run = np.empty(total, dtype=np.int64)
    begin = np.empty(total, dtype=np.int64)
    size = np.empty(total, dtype=np.int32)
    mask = np.uint64(len(keys) - 1)
    best = np.empty(8, dtype=np.float64)
    step = np.empty(8, dtype=np.int32)
    count = 0
    for i in range(len(start)):
        n = length[i]
        if n + 1 > len(best):
            best, step = np.empty(2 * n + 2, dtype=np.float64), np.empty(2 * n + 2, dtype=np.int32)
        best[n] = 0.0
        for at in range(n - 1, -1, -1):
            best[at], step[at] = -1e300, 1
            value = np.uint64(1469598103934665603)
            for end in range(at + 1, min(n, at + longest) + 1):
                value = (value ^ np.uint64(codes[start[i] + end - 1])) * np.uint64(1099511628211)
                value ^= value >> np.uint64(29)
                slot = value & mask
                while keys[slot] != 0 and keys[slot] != value:
                    slot = (slot + np.uint64(1)) & mask
                begun = keys[slot] == value
                word = begun and values[slot] > NO_WORD
                if word or end == at + 1:
                    score = best[end] + (values[slot] if word else unknown)
                    if score > best[at]:
                        best[at], step[at] = score, end - at
                if not begun:
                    break
        at = 0
        while at < n:
            run[count], begin[count], size[count] = i, start[i] + at, step[at]
            count += 1
            at += step[at]
    return run[:count], begin[:count], size[:count]
