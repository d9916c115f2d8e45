"""One new document against an existing fit: what it owed and lacks, and what is new in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from innominate.silence import quoting, recurrence
from innominate.silence.segmentation import Tokens
from innominate.silence.series import Model
from innominate.silence.vocabulary import Words

_OWED = 0.3  # expected presence from which a formula is looked for
_MOST = 100
_SUBSEQUENCE = 3  # words in a row that must be unheard of


@dataclass(frozen=True, slots=True)
class Missing:
    """A formula that the new document owed and lacks: expected with probability `owed`, dropped with `probability`."""

    phrase: str
    owed: float
    probability: float
    last_used: date
    quote: str


@dataclass(frozen=True, slots=True)
class Watched:
    """What is missing and what is new, the most formulaic first; `exposure` is how much the document owes by its length."""

    missing: tuple[Missing, ...]
    new: tuple[str, ...]
    exposure: float


def watch(model: Model, bodies: list[str], words: Words, numbers: dict[str, int], tokens: Tokens, body: str) -> Watched:
    """Judge the document cut into `tokens` (one document, its own stems).

    Parameters
    ----------
    model, bodies, words : the series, its texts, and what is known of stems
    numbers : stem → number in the fit
    body : the cleaned text of the new document
    """
    stems = np.array([numbers.get(tokens.stems[s], -1) for s in tokens.stem], dtype=np.int64)
    typical = float(np.median(np.diff(model.token_bounds)))
    exposure = float(np.clip(np.sqrt(max(len(stems), 1) / max(typical, 1.0)), 0.05, 2.0))
    heard = _heard(stems, tokens.sentence, words.content)
    return Watched(
        tuple(_missing(model, bodies, words, heard, exposure)), tuple(_new(model, tokens, stems, body)), exposure
    )


def _heard(stems: Any, sentence: Any, content: Any) -> set[tuple[int, ...]]:
    """All n-grams of 1 to 12 stems of the document, and its pairs of near content words (named by a leading -1)."""
    heard: set[tuple[int, ...]] = set()
    listed, where = [int(s) for s in stems], [int(s) for s in sentence]
    for i in range(len(listed)):
        stop = i
        while stop < min(i + 12, len(listed)) and where[stop] == where[i]:
            stop += 1
            heard.add(tuple(listed[i:stop]))
        for j in range(i + 1, min(i + 8, stop)):
            heard.add((-1, min(listed[i], listed[j]), max(listed[i], listed[j])))
    return heard


def _missing(model: Model, bodies: list[str], words: Words, heard: set[tuple[int, ...]], exposure: float) -> Any:
    found = model.phrases
    carried = 1.0 - np.exp(exposure * np.log1p(-recurrence.LEVELS))
    owed = model.tail @ carried
    due = np.flatnonzero(owed[found.pattern] >= _OWED)
    last = found.documents[found.bounds[1:] - 1]
    uses = np.diff(found.bounds)
    order = due[np.lexsort((due, -found.size[due], -uses[found.pattern[due]], -np.round(owed[found.pattern[due]], 2)))]
    claimed: dict[int, set[int]] = {}
    out: list[Missing] = []
    for phrase in order:
        pattern = int(found.pattern[phrase])
        row = int(found.place_bounds[phrase + 1]) - 1  # where it stood last
        at, reach = int(found.place[row]), int(found.reach[row])
        span = model.stem[at : at + reach]
        name = tuple(int(s) for s in span)
        if found.size[phrase] == 0:
            name = (-1, min(name[0], name[-1]), max(name[0], name[-1]))
        if name in heard:
            continue
        taken = claimed.setdefault(int(last[pattern]), set())
        if taken & set(range(at - 1, at + reach + 1)):
            taken.update(range(at, at + reach))
            continue
        taken.update(range(at, at + reach))
        first, stop = at, at + reach
        while first < stop and not words.edge[model.stem[first]]:
            first += 1
        while first < stop and not words.edge[model.stem[stop - 1]]:
            stop -= 1
        if first < stop:
            out.append(
                Missing(
                    quoting.wordings(model, bodies, np.array([first]), np.array([stop]))[0],
                    round(float(owed[pattern]), 3),
                    round(_gone(model, pattern, exposure), 3),
                    model.dates[int(last[pattern])],
                    quoting.quotes(model, bodies, np.array([first]))[0],
                )
            )
        if len(out) >= _MOST:
            break
    return out


def _gone(model: Model, pattern: int, exposure: float) -> float:
    """Posterior that the formula fell silent, the new document lacking it too."""
    hazard = model.hazards[int(model.group[pattern])]
    jump = 1.0 - np.exp(-float(hazard.share[1:] @ hazard.rate))
    level = float(model.tail[pattern] @ recurrence.LEVELS)
    came = (1.0 - jump) * model.tail[pattern] + jump * hazard.redraw[1]
    came = came * np.exp(exposure * np.log1p(-recurrence.LEVELS))
    silent = recurrence.SILENT_SHARE * level >= recurrence.LEVELS
    return float(came[silent].sum() / came.sum())


def _new(model: Model, tokens: Tokens, stems: Any, body: str) -> list[str]:
    """Runs of words that no document of the series has, longest first."""
    size = len(tokens.stems) + int(model.stem.max(initial=0)) + 2
    known = _triples(model.stem.astype(np.int64), size)
    here = _triples(np.where(stems < 0, size - 1, stems), size)
    fresh = ~np.isin(here, known)
    fresh[: max(len(fresh), 0)] &= tokens.sentence[: len(fresh)] == tokens.sentence[2 : 2 + len(fresh)]
    runs: list[tuple[int, int]] = []
    for i in np.flatnonzero(fresh):
        if runs and i <= runs[-1][1] - 1 and tokens.sentence[i] == tokens.sentence[runs[-1][0]]:
            runs[-1] = (runs[-1][0], int(i) + _SUBSEQUENCE)
        else:
            runs.append((int(i), int(i) + _SUBSEQUENCE))
    runs.sort(key=lambda run: run[0] - run[1])
    return [
        " ".join(body[int(tokens.start[a]) : int(tokens.start[b - 1] + tokens.length[b - 1])].split())
        for a, b in runs[:_MOST]
        if tokens.content[tokens.stem[a:b]].sum() >= 2
    ]


def _triples(stems: Any, size: int) -> Any:
    if len(stems) < _SUBSEQUENCE:
        return np.zeros(0, dtype=np.int64)
    return (stems[:-2] * size + stems[1:-1]) * size + stems[2:]
