"""Which documents of a silence owed the formula that they lack.

A document of hardly any exposure owes nothing; a short note owes nothing that no note as short as it ever carried while the
formula was in use; and a speech owes nothing that only statements ever carried.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from innominate.silence.phrases import Phrases
from innominate.silence.recurrence import Gaps

OWED = 0.1  # exposure from which a document counts as one that owes the formulas of its series
SLIGHT = 0.3  # from which it does whatever documents as short as it carry
AS_SHORT = 1.25  # times its exposure up to which others are as short as a document
FEWEST = 3  # of them that tell what such a document carries
FEWEST_OF_KIND = 4  # documents of a kind while a formula was in use that tell that the kind never carries it
RUN = 300  # documents up to the last use that are looked at for that

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Debtors:
    """Which documents owe the formulas of some gaps.

    Attributes
    ----------
    exposure : of every document, for all formulas
    kind : number of the kind of every document
    never : (rows, kinds), see :func:`never`
    """

    exposure: Floats
    kind: npt.NDArray[np.int64]
    never: Mask

    def of(self, rows: Any) -> Debtors:
        """The same for some of the gaps."""
        return Debtors(self.exposure, self.kind, self.never[rows])


def never(found: Phrases, gaps: Gaps, rows: Any, kind: npt.NDArray[np.int64]) -> Mask:
    """Kinds of documents that never carried the formula of each gap while it was in use, several though they were: (rows, kinds)."""
    out = np.zeros((len(rows), int(kind.max(initial=0)) + 1), dtype=np.bool_)
    if out.shape[1] > 1:
        _never(found.bounds, found.documents, gaps.pattern[rows], gaps.last[rows], kind, out)
    return out


@njit(cache=True)
def _never(bounds: Any, documents: Any, pattern: Any, last: Any, kind: Any, out: Any) -> None:
    for i in range(len(pattern)):
        hits = documents[bounds[pattern[i]] : bounds[pattern[i] + 1]]
        low = max(hits[0], last[i] + 1 - RUN)
        size, used = np.zeros(out.shape[1], np.int64), np.zeros(out.shape[1], np.int64)
        for document in range(low, last[i] + 1):
            size[kind[document]] += 1
        for hit in hits[np.searchsorted(hits, low) :]:
            if hit <= last[i]:
                used[kind[hit]] += 1
        for k in range(out.shape[1]):
            out[i, k] = used[k] == 0 and size[k] >= FEWEST_OF_KIND


@njit(cache=True)
def _notes(hits: Any, last: int, owed: Any, short: Any) -> tuple[float, float]:
    """Exposure of the slightest short document with the formula, and of the third slightest while it was in use (infinite: none)."""
    carried = np.inf
    least = np.full(FEWEST, np.inf)
    k, first = 0, np.searchsorted(short, hits[0] + 1)
    for i in range(first, len(short)):
        if short[i] > last:
            break
        while k < len(hits) and hits[k] < short[i]:
            k += 1
        exposure = owed[short[i]]
        if k < len(hits) and hits[k] == short[i]:
            carried = min(carried, exposure)
        for j in range(FEWEST):
            if exposure < least[j]:
                least[j], exposure = exposure, least[j]
    return carried, least[FEWEST - 1]


@njit(cache=True)
def _owing(hits: Any, last: int, stop: int, owed: Any, kind: Any, never: Any, short: Any, out: Any) -> int:
    """Documents after `last` and before `stop` that owed a formula; the first of them are written into `out`."""
    count, told = 0, False
    carried, usual = np.inf, np.inf
    for document in range(last + 1, stop):
        exposure = owed[document]
        if exposure < OWED or never[kind[document]]:
            continue
        if exposure < SLIGHT:
            if not told:
                carried, usual = _notes(hits, last, owed, short)
                told = True
            if usual <= AS_SHORT * exposure < carried:
                continue
        if count < len(out):
            out[count] = document
        count += 1
        if len(out) > 0 and count == len(out):
            break
    return count


@njit(cache=True)
def _each(
    bounds: Any, documents: Any, pattern: Any, last: Any, stop: Any, owed: Any, kind: Any, never: Any, short: Any, out: Any,
    count: Any,
) -> None:  # fmt: skip
    for i in range(len(pattern)):
        hits = documents[bounds[pattern[i]] : bounds[pattern[i] + 1]]
        count[i] = _owing(hits, last[i], stop[i], owed, kind, never[i], short, out[i])


def _looked_up(found: Phrases, gaps: Gaps, rows: Any, stop: Ints, owing: Debtors, most: int) -> tuple[Ints, Ints]:
    """The first documents of each gap that owed its formula, -1 where there are no more; and how many did, looking no further."""
    out, count = np.full((len(rows), most), -1, dtype=np.int32), np.zeros(len(rows), dtype=np.int32)
    short = np.flatnonzero(owing.exposure < SLIGHT)
    _each(
        found.bounds, found.documents, gaps.pattern[rows], gaps.last[rows], stop, owing.exposure, owing.kind, owing.never,
        short, out, count,
    )  # fmt: skip
    return out, count


def earliest(found: Phrases, gaps: Gaps, rows: Any, owing: Debtors, most: int) -> Ints:
    """The first documents inside some gaps that owed their formula: (rows, most), -1 where there are no more.

    Parameters
    ----------
    found, gaps : of the series; rows : of the gaps asked for
    owing : which documents owe the formulas of those
    """
    return _looked_up(found, gaps, rows, gaps.next[rows], owing, most)[0]


def first(found: Phrases, gaps: Gaps, rows: Any, owing: Debtors) -> Ints:
    """The first document of each gap that owed its formula; the very next where none did."""
    told = earliest(found, gaps, rows, owing, 1)[:, 0]
    return np.where(told >= 0, told, gaps.last[rows] + 1).astype(np.int32)


def counts(found: Phrases, gaps: Gaps, rows: Any, stop: Ints, owing: Debtors) -> Ints:
    """How many documents owed the formulas of some gaps from after their last use up to before `stop` (rows,)."""
    return _looked_up(found, gaps, rows, stop, owing, 0)[1]
