"""One series of documents, measured: phrases, exposures, recurrence, and the events found in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from innominate.silence import alignment, entailment, exposure, grouping, phrases, recurrence
from innominate.silence.segmentation import Tokens

LEAST_PROBABILITY = 0.02
GROUPS = 3
FORETIME = 4.0  # documents before a first use that make up a series from which newness can be told
OWED = 0.25  # exposure from which a document counts as one that owes the formulas of its series

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Model:
    """The fit of one series; documents are numbered by date, 0…n-1, tokens likewise.

    Attributes
    ----------
    name : of the series
    rows : for every document its row in the table of texts
    dates : of the documents
    stem, document, sentence, clause, start, length : tokens of the series (see :class:`Tokens`); start counts from the
        beginning of the document
    token_bounds : first token of every document, and the end
    phrases : recurring phrases
    exposure : of every document
    clock : elapsed time, cumulated
    group, hazards : group of each pattern, and how the formulas of each group change
    probability, level, tail : see :func:`recurrence.judge_all`
    dropped, appeared : events, with the gaps they rest on; the probabilities of each, less what its parts explain; and
        the sentences they align with (replaced, preceded)
    """

    name: str
    rows: npt.NDArray[np.int64]
    dates: tuple[date, ...]
    stem: Ints
    document: Ints
    sentence: Ints
    clause: Ints
    start: Ints
    length: Ints
    token_bounds: npt.NDArray[np.int64]
    phrases: phrases.Phrases
    exposure: Floats
    clock: Floats
    group: npt.NDArray[np.int64]
    hazards: tuple[recurrence.Hazard, ...]
    probability: Floats
    level: Floats
    tail: Floats
    gaps: recurrence.Gaps
    dropped: grouping.Events
    dropped_probability: Floats
    replaced: alignment.Aligned
    appeared: grouping.Events
    appeared_probability: Floats
    preceded: alignment.Aligned


def groups(found: phrases.Phrases) -> npt.NDArray[np.int64]:
    """Patterns by the longest n-gram that has them: 0 single words and pairs, 1 two or three words, 2 longer."""
    longest = np.zeros(len(found.bounds) - 1, dtype=np.int64)
    np.maximum.at(longest, found.pattern, found.size.astype(np.int64))
    return np.searchsorted([2, 4], longest, side="right")


def least_documents(size: int) -> int:
    """How many documents a phrase must stand in to count as recurring: three, more in series of thousands."""
    return 3 + size // 2500


def measure(name: str, rows: Any, dates: Sequence[date], tokens: Tokens, content: Any) -> Model:
    """Fit the series whose documents are `rows` (ascending positions in `tokens`, in order of date)."""
    keep = _tokens_of(tokens, rows)
    document = np.searchsorted(rows, tokens.document[keep]).astype(np.int32)
    stem, sentence = tokens.stem[keep], tokens.sentence[keep]
    start = (tokens.start[keep] - tokens.bounds[tokens.document[keep]]).astype(np.int32)
    size = len(rows)
    token_bounds = np.searchsorted(document, np.arange(size + 1)).astype(np.int64)
    found = phrases.find(stem, document, sentence, content, least_documents(size))
    owed = exposure.exposures(found.bounds, found.documents, np.diff(token_bounds).astype(np.float64))
    total = np.concatenate([[0.0], np.cumsum(owed)])
    time = exposure.clock(dates)
    group = groups(found)
    hazards = recurrence.estimate_groups(group, GROUPS, found.bounds, found.documents, total, time)
    probability, level, due, tail = recurrence.judge_all(
        found.bounds, found.documents, group, total, time, *recurrence.stacked(hazards)
    )
    gaps = recurrence.gaps(found.bounds, found.documents, size, probability, level, due, LEAST_PROBABILITY)
    sure = gaps.probability >= 0.9
    stopped = (gaps.owed >= recurrence.EXPECTED) | (sure & (gaps.uses >= recurrence.PLENTY))
    started = (gaps.after >= recurrence.EXPECTED) | sure
    dropped = grouping.group(found, gaps, np.where(stopped, gaps.last, -1), sentence, token_bounds)
    appeared = grouping.group(
        found, gaps, np.where(started & (gaps.next < size), gaps.next, -1), sentence, token_bounds
    )
    told = (group, total, time, hazards)
    chances = [
        entailment.own_probability(stem, found, gaps, events, backward, *told)
        for events, backward in ((dropped, False), (appeared, True))
    ]
    first_use = gaps.next[appeared.gap]  # how little can be new where there is little before it
    chances[1] *= np.where(gaps.last[appeared.gap] < 0, 1.0 - np.exp(-first_use / FORETIME), 1.0)
    replaced = alignment.align(
        stem, sentence, content, token_bounds, dropped, first_owed(gaps.last[dropped.gap], gaps.next[dropped.gap], owed)
    )
    preceded = alignment.align(stem, sentence, content, token_bounds, appeared, appeared.anchor - 1)
    return Model(
        name, np.asarray(rows), tuple(dates), stem, document, sentence, tokens.clause[keep], start, tokens.length[keep], token_bounds, found,
        owed, time, group, hazards, probability, level, tail, gaps,
        dropped, chances[0], replaced, appeared, chances[1], preceded,
    )  # fmt: skip


def _tokens_of(tokens: Tokens, rows: Any) -> Any:
    first = np.searchsorted(tokens.document, rows)
    stop = np.searchsorted(tokens.document, rows, side="right")
    if len(rows) and int(rows[-1]) - int(rows[0]) + 1 == len(rows):
        return slice(int(first[0]), int(stop[-1]))
    return np.concatenate([np.arange(a, b) for a, b in zip(first, stop, strict=True)] or [np.zeros(0, np.int64)])


def first_owed(last: Any, following: Any, owed: Floats) -> Ints:
    """For each gap the first document after the last use that owed the formula (the very next where none did)."""
    size = len(owed)
    nearest = np.full(size + 1, size, dtype=np.int64)
    for doc in range(size - 1, -1, -1):
        nearest[doc] = doc if owed[doc] >= OWED else nearest[doc + 1]
    after = nearest[np.minimum(last + 1, size)]
    return np.where(after < following, after, last + 1).astype(np.int32)
