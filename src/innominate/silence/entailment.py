"""A longer formula cannot outlive its parts: silences that another silence explains are judged without it.

When "federal funds" goes, "its target for the federal funds rate" goes with it. If the longer one happened to be used last
some documents earlier, its absence counts as evidence only up to the document where its part went; the rest is entailed.
Likewise a formula cannot be used before its parts are. And a word that mostly lived inside a formula is, once that has
gone, a rarer word: it is judged on the documents since.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from innominate.silence import recurrence
from innominate.silence.grouping import Events
from innominate.silence.phrases import Phrases

_SURE = 0.5  # a part that went with this probability explains
_WORTH = 0.1  # events below need no explanation
_LONGEST = 12
_INSIDE = 0.7  # share of a part's documents that use the formula, from which the part mostly lives inside it
_SOON = 30  # documents after a formula in which what is left of it is judged anew

Floats = npt.NDArray[np.float64]
Index = dict[tuple[int, ...], list[int]]


def own_probability(
    stem: Any,
    found: Phrases,
    gaps: recurrence.Gaps,
    events: Events,
    backward: bool,
    group: Any,
    exposure: Floats,
    clock: Floats,
    hazards: tuple[recurrence.Hazard, ...],
) -> Floats:
    """Probability of every event after what its parts explain is left out.

    Parameters
    ----------
    stem : of every token of the series
    found, gaps, events : of the series
    backward : False for formulas that stopped, True for formulas that appeared
    group, hazards : group of each pattern and the hazard of each group
    exposure, clock : cumulated, n + 1 values each
    """
    probability = gaps.probability[events.gap].copy()
    index = _index(stem, found, events, probability)
    last, following, patterns = gaps.last[events.gap], gaps.next[events.gap], gaps.pattern[events.gap]
    uses = np.diff(found.bounds)
    inside: dict[tuple[int, ...], list[int]] = {}
    strong = np.flatnonzero(probability >= _WORTH)
    for e in strong:
        low, high = int(last[e]), int(following[e])
        own = _name(stem, found, events, int(e))
        turns = []
        for part in _parts(stem[events.first[e] : events.stop[e]][:_LONGEST]):
            if part == own or part not in index:
                continue
            inside.setdefault(part, []).append(int(e))
            turns += [
                int(events.anchor[s])
                for s in index[part]
                if low < events.anchor[s] < high and uses[patterns[e]] < _INSIDE * uses[patterns[s]]
            ]
        if turns:
            hits = found.documents[found.bounds[patterns[e]] : found.bounds[patterns[e] + 1]]
            again = _cut(hits, low, high, turns, backward, exposure, clock, hazards[int(group[patterns[e]])])
            probability[e] = min(float(probability[e]), again)
    if not backward:
        for s in strong:
            wholes = [e for e in inside.get(_name(stem, found, events, s), ()) if probability[e] >= _SURE]
            again = _residue(found, patterns, last, int(s), wholes, exposure, clock, group, hazards)
            probability[s] = min(float(probability[s]), again)
    return probability


def _residue(
    found: Phrases, patterns: Any, last: Any, s: int, wholes: list[int], exposure: Floats, clock: Floats, group: Any,
    hazards: tuple[recurrence.Hazard, ...],
) -> float:  # fmt: skip
    """Probability of event `s` on the documents after the last formula that it mostly lived in had gone."""
    hits = found.documents[found.bounds[patterns[s]] : found.bounds[patterns[s] + 1]]
    turn = -1
    for e in wholes:
        if not last[s] - _SOON < last[e] < last[s]:
            continue
        whole = found.documents[found.bounds[patterns[e]] : found.bounds[patterns[e] + 1]]
        before = np.count_nonzero(hits <= last[e])
        if before and np.count_nonzero(whole <= last[e]) >= _INSIDE * before:
            turn = max(turn, int(last[e]))
    if turn < 0:
        return 1.0
    first = turn + 1
    kept = (hits[hits >= first] - first).astype(np.int32)
    if len(kept) < 3:
        return 0.0
    owed, time = exposure[first:] - exposure[first], np.maximum(clock[first:] - clock[first + 1], 0.0)
    hazard = hazards[int(group[patterns[s]])]
    result = recurrence.judge(kept, owed, time, hazard.share, hazard.rate, hazard.redraw, hazard.start)
    return float(result[0][int(np.searchsorted(kept, last[s] - first)) + 1])


def _index(stem: Any, found: Phrases, events: Events, probability: Floats) -> Index:
    """Leading phrases of sure events → the events."""
    index: Index = {}
    for e in np.flatnonzero(probability >= _SURE):
        index.setdefault(_name(stem, found, events, int(e)), []).append(int(e))
    return index


def _name(stem: Any, found: Phrases, events: Events, e: Any) -> tuple[int, ...]:
    """The phrase that leads an event: its stems, or the two of a pair in ascending order after -1."""
    phrase = events.phrase[e]
    row = int(found.place_bounds[phrase])
    at = int(found.place[row])
    if found.size[phrase] == 0:
        a, b = int(stem[at]), int(stem[at + int(found.reach[row]) - 1])
        return -1, min(a, b), max(a, b)
    return tuple(int(s) for s in stem[at : at + int(found.size[phrase])])


def _parts(span: Any) -> set[tuple[int, ...]]:
    stems = [int(s) for s in span]
    size = len(stems)
    parts = {tuple(stems[i:j]) for i in range(size) for j in range(i + 1, size + 1)}
    parts |= {(-1, min(a, b), max(a, b)) for i, a in enumerate(stems) for b in stems[i + 1 :]}
    return parts


def _cut(
    hits: Any, low: int, high: int, turns: list[int], backward: bool, exposure: Floats, clock: Floats, hazard: Any
) -> float:
    """The gap judged again with the documents that its parts left to it."""
    if backward:
        first = max(turns)  # the last part to come
        kept = (hits[hits >= high] - first).astype(np.int32)
        owed, time, gap = exposure[first:] - exposure[first], clock[first:] - clock[first + 1], 0
        time = np.maximum(time, 0.0)
    else:
        stop = min(turns) + 1  # the first part to go, its first missed document
        kept = hits[hits <= low].astype(np.int32)
        owed, time, gap = exposure[: stop + 1], clock[: stop + 1], len(kept)
    if len(kept) < 2 or len(owed) < 2:
        return 0.0
    result = recurrence.judge(kept, owed, time, hazard.share, hazard.rate, hazard.redraw, hazard.start)
    return float(result[0][gap])
