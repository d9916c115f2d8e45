"""Which words an event is told by, and which silences may explain which, on made-up tokens whose places are known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from innominate.silence import grouping, parts, phrases, recurrence
from innominate.silence.grouping import Events

A, B, C, D, Z, X, Y = range(7)


@dataclass(frozen=True)
class Tokens:
    """Tokens of some documents, each a list of sentences, each a list of stems."""

    stem: Any
    document: Any
    sentence: Any
    found: phrases.Phrases

    @property
    def bounds(self) -> Any:
        return np.searchsorted(self.document, np.arange(self.document[-1] + 2)).astype(np.int64)

    def pattern(self, *name: int) -> int:
        """The presence pattern of a phrase; of a pair: -1 and its two stems."""
        for i, one in enumerate(self.found.pattern.tolist()):
            if parts._name(self.stem, self.found, i) == name:
                return int(one)
        raise AssertionError(name)

    def gaps(self, *names: tuple[int, ...]) -> recurrence.Gaps:
        """The last silence of some phrases, each surely one."""
        patterns = [self.pattern(*name) for name in names]
        last = [int(self.found.documents[self.found.bounds[one + 1] - 1]) for one in patterns]
        size, count = int(self.document[-1]) + 1, len(patterns)
        sure = np.full(count, 0.95)
        numbers = (np.array(column, np.int32) for column in (patterns, last, [size] * count))
        return recurrence.Gaps(*numbers, sure, sure, np.zeros(count), np.full(count, 5, np.int32))


def tokens(*documents: list[list[int]]) -> Tokens:
    rows = [(stem, d, s) for d, doc in enumerate(documents) for s, words in enumerate(doc) for stem in words]
    stem, document, place = (np.array(column, np.int32) for column in zip(*rows, strict=True))
    sentence = np.cumsum(np.diff(document * 100 + place, prepend=0) != 0).astype(np.int32)
    content = np.ones(7, np.bool_)
    return Tokens(stem, document, sentence, phrases.find(stem, document, sentence, content, 3, content))


def test_a_phrase_in_two_sentences_is_told_by_the_one_that_lost_its_formula() -> None:
    short = [[[A, X, B]] for _ in range(4)]
    long = [[[Z], [C, A, Y, B, D]] for _ in range(5)]
    series = tokens(*short, *long, [[A, X, B], [C, A, Y, B, D]], [[Z]], [[Z]], [[Z]])
    gaps = series.gaps((-1, A, B), (C, A, Y, B, D))
    found = grouping.group(series.found, gaps, np.full(2, 0.95), gaps.last, series.sentence, series.bounds)
    assert [series.stem[a:b].tolist() for a, b in zip(found.first, found.stop, strict=True)] == [[C, A, Y, B, D]]


def overlapping(share: int) -> bool:
    """Whether "A B" counts as part of the pair B … Z, of whose ten places it overlaps `share`."""
    held = [[[A, B, X, Z]] if d % 2 else [[A, B, Y, Z]] for d in range(share)]
    alone = [[[D, B, X, Z]] if d % 2 else [[D, B, Y, Z]] for d in range(10 - share)]
    series = tokens(*alone, *held, [[A, B]], [[A, B]], [[C]], [[C]])
    gaps = series.gaps((-1, B, Z), (A, B))
    phrase = next(
        i for i in range(len(series.found.pattern)) if parts._name(series.stem, series.found, i) == (-1, B, Z)
    )
    at = int(series.bounds[9]) + 1
    one = (np.array([value], np.int32) for value in (0, phrase, 9, at, at + 3, 1))
    told = parts.candidates(
        series.stem, series.document, series.sentence, series.found, gaps, np.full(2, 0.95), Events(*one), np.ones(1),
        False,
    )  # fmt: skip
    return (A, B) in told.parts[0]


def test_what_always_overlaps_a_formula_can_explain_its_silence() -> None:
    assert overlapping(10)
    assert not overlapping(6)
