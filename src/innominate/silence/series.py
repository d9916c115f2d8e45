"""One series of documents, measured: phrases, exposures, recurrence, and the events found in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from innominate.silence import (
    alignment,
    calibration,
    covariates,
    evidence,
    exposure,
    grouping,
    owing,
    phrases,
    recurrence,
    weighing,
)
from innominate.silence.segmentation import Tokens
from innominate.silence.vocabulary import Words

LEAST_PROBABILITY = 0.0003
SURE = 0.2
LONG = 1000  # documents of a series from which lapses that chance explains are no longer told
MOST_A_DOCUMENT = 600  # gaps of a document, below SURE, that are put together into events
GROUPS = 3
FORETIME = 4.0  # documents before a first use that make up a series from which newness can be told

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
    rarity : of every stem, see :func:`innominate.silence.alignment.rarities`
    phrases : recurring phrases
    exposure : of every document
    clock : elapsed time, cumulated
    group, hazards : group of each pattern, and how the formulas of each group change
    probability, level, tail : see :func:`recurrence.judge_all`
    debtors : which documents owed the formulas of the dropped events
    missed : the first document that owed each dropped event, see :func:`innominate.silence.owing.first`
    dropped, appeared : events, with the gaps they rest on; the probability of each and its evidence; and
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
    rarity: Floats
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
    dropped_evidence: Floats
    debtors: owing.Debtors
    missed: Ints
    replaced: alignment.Aligned
    appeared: grouping.Events
    appeared_probability: Floats
    appeared_evidence: Floats
    preceded: alignment.Aligned


def groups(found: phrases.Phrases) -> npt.NDArray[np.int64]:
    """Patterns by the longest n-gram that has them: 0 single words and pairs, 1 two or three words, 2 longer."""
    longest = np.zeros(len(found.bounds) - 1, dtype=np.int64)
    np.maximum.at(longest, found.pattern, found.size.astype(np.int64))
    return np.searchsorted([2, 4], longest, side="right")


def least_documents(size: int) -> int:
    """How many documents a phrase must stand in to count as recurring: three, more in series of thousands."""
    return 3 + size // 2500


def measure(
    name: str, rows: Any, dates: Sequence[date], tokens: Tokens, words: Words, kind: Any = None, issuer: Any = None
) -> Model:
    """Fit the series whose documents are `rows` (ascending positions in `tokens`, in order of date).

    `kind`, `issuer`: a number for the kind and the issuer of every document of the series; None: all the same.
    """
    content = words.content
    kind = np.zeros(len(rows), dtype=np.int64) if kind is None else kind
    keep = _tokens_of(tokens, rows)
    document = np.searchsorted(rows, tokens.document[keep]).astype(np.int32)
    stem, sentence, clause = tokens.stem[keep], tokens.sentence[keep], tokens.clause[keep]
    start = (tokens.start[keep] - tokens.bounds[tokens.document[keep]]).astype(np.int32)
    size = len(rows)
    token_bounds = np.searchsorted(document, np.arange(size + 1)).astype(np.int64)
    found = phrases.find(stem, document, sentence, content, least_documents(size), words.alone)
    owed = exposure.exposures(found.bounds, found.documents, np.diff(token_bounds).astype(np.float64))
    total = np.concatenate([[0.0], np.cumsum(owed)])
    time = exposure.clock(dates)
    group = groups(found)
    if issuer is not None:
        time = recurrence.reset(found.bounds, found.documents, total, time, np.flatnonzero(np.diff(issuer)) + 1)
    hazards = recurrence.estimate_groups(group, GROUPS, found.bounds, found.documents, total, time)
    probability, level, due, tail = recurrence.judge_all(
        found.bounds, found.documents, group, total, time, *recurrence.stacked(hazards)
    )
    gaps = recurrence.gaps(found.bounds, found.documents, size, probability, level, due, LEAST_PROBABILITY)
    bits = evidence.information(stem, content)
    chances = [
        calibration.probability(evidence.of_gaps(found, gaps, bits, total, backward)) for backward in (False, True)
    ]
    lapses = (gaps.owed >= recurrence.SURELY) & (gaps.last >= 0) & (size < LONG)
    stopped = _foremost(chances[0], gaps.last, gaps.last >= 0) | lapses
    started = _foremost(chances[1], gaps.next, gaps.next < size)
    dropped = grouping.group(found, gaps, chances[0], np.where(stopped, gaps.last, -1), sentence, token_bounds)
    appeared = grouping.group(found, gaps, chances[1], np.where(started, gaps.next, -1), sentence, token_bounds)
    debtors = owing.Debtors(owed, kind, owing.never(found, gaps, dropped.gap, kind))
    missed = owing.first(found, gaps, dropped.gap, debtors)
    rarity = alignment.rarities(stem, content, token_bounds)
    replaced = alignment.align(stem, sentence, clause, words, rarity, token_bounds, found, dropped, missed)
    preceded = alignment.align(
        stem, sentence, clause, words, rarity, token_bounds, found, appeared, appeared.anchor - 1
    )
    told = weighing.Told(
        stem,
        document,
        sentence,
        found,
        gaps,
        group,
        hazards,
        total,
        time,
        bits,
        covariates.words(stem, document, content, token_bounds, kind),
    )
    went, went_evidence = weighing.weigh(told, chances[0], dropped, replaced, False)
    came, came_evidence = weighing.weigh(told, chances[1], appeared, preceded, True)
    first_use = gaps.next[appeared.gap]  # how little can be new where there is little before it
    came *= np.where(gaps.last[appeared.gap] < 0, 1.0 - np.exp(-first_use / FORETIME), 1.0)
    return Model(
        name, np.asarray(rows), tuple(dates), stem, document, sentence, clause, start, tokens.length[keep], token_bounds, rarity, found,
        owed, time, group, hazards, probability, level, tail, gaps,
        dropped, went, went_evidence, debtors, missed, replaced, appeared, came, came_evidence, preceded,
    )  # fmt: skip


def _foremost(chance: Floats, anchor: Ints, able: Any) -> Any:
    """The gaps worth an event: likely enough, and among the most likely of their document."""
    rows = np.flatnonzero(able & (chance >= LEAST_PROBABILITY))
    rows = rows[np.lexsort((rows, -chance[rows], anchor[rows]))]
    first = np.searchsorted(anchor[rows], anchor[rows])
    out = np.zeros(len(chance), dtype=np.bool_)
    out[rows[(np.arange(len(rows)) - first < MOST_A_DOCUMENT) | (chance[rows] >= SURE)]] = True
    return out


def _tokens_of(tokens: Tokens, rows: Any) -> Any:
    first = np.searchsorted(tokens.document, rows)
    stop = np.searchsorted(tokens.document, rows, side="right")
    if len(rows) and int(rows[-1]) - int(rows[0]) + 1 == len(rows):
        return slice(int(first[0]), int(stop[-1]))
    return np.concatenate([np.arange(a, b) for a, b in zip(first, stop, strict=True)] or [np.zeros(0, np.int64)])
