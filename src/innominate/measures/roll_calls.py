"""Roll-call votes arranged for the ideal-point model: contested resolutions in order of session, categories, questions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from innominate.errors import InputError
from innominate.measures.ordinal import ABSENT, HIGH, LOW, MIDDLE

Index = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class RollCalls:
    """Votes on the contested resolutions. A question is a resolution, or several that repeat one another.

    Attributes
    ----------
    resolutions : number of resolutions given, unanimous ones included
    kept : (R,) places of the contested ones among those given, in order of session
    votes : (R, N) category (low, middle, high) or absent. Where a question has two categories only, they are low and
        high
    labels : (T,) the sessions' numbers, rising
    session : (R,) place of the resolution's session; bounds : (T+1,) first row of each session
    item : (R,) question; rows : (R,) resolutions grouped by question; starts : (K+1,) where the groups begin
    cuts : (K,) cut-points of the question: 2, or 1 where only two categories occur
    first, last : (N,) a state's first and last session with a contested vote
    cast : (T, N) contested votes cast
    entered, stepped : (T, N) the state's first session; the sessions after it, up to its last
    """

    resolutions: int
    kept: Index
    votes: NDArray[np.int8]
    labels: Index
    session: Index
    bounds: Index
    item: Index
    rows: Index
    starts: Index
    cuts: NDArray[np.int8]
    first: Index
    last: Index
    cast: Index
    entered: Flags
    stepped: Flags


def arrange(choices: NDArray[np.float64], session: Index, question: Index | None = None) -> RollCalls:
    """Arrange votes (N, R) of +1, 0, -1 and NaN, given the session (R,) and, where known, the question (R,) of each."""
    question = np.arange(choices.shape[1]) if question is None else np.asarray(question)
    session = np.asarray(session)
    _check(choices, session, question)
    order = np.argsort(session, kind="stable")
    votes = np.where(np.isnan(choices), ABSENT, choices + MIDDLE).astype(np.int8).T[order]
    _, item = np.unique(question[order], return_inverse=True)
    tally = _tally(votes, item)
    contested = (tally > 0).sum(axis=1) > 1
    if not contested.any():
        raise InputError("no resolution is contested: there is nothing to tell states apart by")
    keep = contested[item]
    _, item = np.unique(item[keep], return_inverse=True)
    votes, tally = np.ascontiguousarray(votes[keep]), tally[contested]
    _stretch(votes, item, tally)
    labels, place = np.unique(session[order][keep], return_inverse=True)
    return _arranged(choices.shape[1], order[keep], votes, labels, place, item, tally)


def _check(choices: NDArray[np.float64], session: Index, question: Index) -> None:
    if choices.ndim != 2 or session.shape != choices.shape[1:] or question.shape != choices.shape[1:]:
        raise InputError("choices must be states by resolutions, with one session and one question a resolution")
    strange = choices[~np.isnan(choices) & ~np.isin(choices, (-1.0, 0.0, 1.0))]
    if strange.size:
        raise InputError(f"choices hold {strange[0]:g}, which is none of -1, 0, 1")


def _tally(votes: NDArray[np.int8], item: Index) -> Index:
    """(K, 3) votes in each category by question."""
    tally = np.zeros((int(item.max()) + 1, 3), dtype=np.int64)
    for category in (LOW, MIDDLE, HIGH):
        np.add.at(tally[:, category], item, (votes == category).sum(axis=1))
    return tally


def _stretch(votes: NDArray[np.int8], item: Index, tally: Index) -> None:
    """Where nobody votes no, abstaining is low; where nobody votes yes, it is high."""
    for absent, category in ((LOW, LOW), (HIGH, HIGH)):
        rows = np.flatnonzero(tally[item, absent] == 0)
        part = votes[rows]
        part[part == MIDDLE] = category
        votes[rows] = part


def _arranged(
    resolutions: int, kept: Index, votes: NDArray[np.int8], labels: Index, session: Index, item: Index, tally: Index
) -> RollCalls:
    sessions, items = len(labels), len(tally)
    bounds = np.searchsorted(session, np.arange(sessions + 1))
    cast = np.add.reduceat((votes != ABSENT).astype(np.int64), bounds[:-1], axis=0)
    seen = cast > 0
    ever = seen.any(axis=0)
    first = np.where(ever, seen.argmax(axis=0), 0)
    last = np.where(ever, sessions - 1 - seen[::-1].argmax(axis=0), -1)  # a state without votes has an empty path
    when = np.arange(sessions)[:, None]
    return RollCalls(
        resolutions=resolutions,
        kept=kept,
        votes=votes,
        labels=labels.astype(np.int64),
        session=session.astype(np.int64),
        bounds=bounds.astype(np.int64),
        item=item.astype(np.int64),
        rows=np.argsort(item, kind="stable"),
        starts=np.searchsorted(np.sort(item), np.arange(items + 1)).astype(np.int64),
        cuts=np.where((tally > 0).sum(axis=1) == 3, 2, 1).astype(np.int8),
        first=first.astype(np.int64),
        last=last.astype(np.int64),
        cast=cast,
        entered=(when == first) & ever,
        stepped=(when > first) & (when <= last),
    )
