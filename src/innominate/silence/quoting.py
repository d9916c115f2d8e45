"""Stretches of tokens as people read them: wordings, and the sentences they stand in."""

from __future__ import annotations

from typing import Any

import numpy as np

from innominate.silence.series import Model

_LONGEST = 600  # characters of a quote
_CLOSING = frozenset(".!?。！？；;)”\"'》」…")
_UNITS = frozenset("%％‰")


def wordings(model: Model, bodies: list[str], first: Any, stop: Any) -> list[str]:
    """The text from token `first` to token `stop` (one past), for each of several stretches.

    Parameters
    ----------
    bodies : the texts of the series, in order
    first, stop : (K,) integers, each stretch inside one document
    """
    return [
        " ".join(body[begin : _word_end(body, end)].split())
        for body, begin, end in zip(*_characters(model, bodies, first, stop), strict=True)
    ]


def passages(model: Model, bodies: list[str], first: Any, stop: Any) -> list[str]:
    """The same with the punctuation that closes each stretch."""
    return [
        " ".join(body[begin : _closed(body, _word_end(body, end))].split())
        for body, begin, end in zip(*_characters(model, bodies, first, stop), strict=True)
    ]


def quotes(model: Model, bodies: list[str], at: Any) -> list[str]:
    """The sentence that holds each of the tokens `at`, (K,) integers; a very long one is cut around its token."""
    document = model.document[at]
    here = model.sentence[at]
    first = np.maximum(np.searchsorted(model.sentence, here), model.token_bounds[document])
    stop = np.minimum(np.searchsorted(model.sentence, here, side="right"), model.token_bounds[document + 1])
    for i in np.flatnonzero(model.start[stop - 1] - model.start[first] > _LONGEST):
        first[i], stop[i] = _cut(model, int(at[i]), int(first[i]), int(stop[i]))
    return passages(model, bodies, first, stop)


def _cut(model: Model, at: int, first: int, stop: int) -> tuple[int, int]:
    start = model.start[first:stop].tolist()
    low, high, middle = 0, len(start), at - first
    while start[high - 1] - start[low] > _LONGEST:
        if middle - low > high - middle:
            low += 1
        else:
            high -= 1
    return first + low, first + high


def _characters(model: Model, bodies: list[str], first: Any, stop: Any) -> tuple[list[str], list[int], list[int]]:
    """The body that holds each stretch, its first character and that after its last token."""
    end = model.start[stop - 1] + model.length[stop - 1]
    return [bodies[i] for i in model.document[first].tolist()], model.start[first].tolist(), end.tolist()


def _word_end(body: str, end: int) -> int:
    """Where the word ends whose last token ends at `end`: of Korean words the endings are no tokens."""
    while end < len(body) and "가" <= body[end] <= "힣":
        end += 1
    return end + (end < len(body) and body[end] in _UNITS)


def _closed(body: str, end: int) -> int:
    while end < len(body) and body[end] in _CLOSING:
        end += 1
    return end
