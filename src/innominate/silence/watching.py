"""One new document against an existing fit: what it owed and lacks, and what is new in it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from innominate.silence import quoting, recurrence
from innominate.silence.phrases import LONGEST, SLACK
from innominate.silence.segmentation import Tokens
from innominate.silence.series import Model
from innominate.silence.stemming import TURNING
from innominate.silence.vocabulary import Words

_OWED, _OWED_ALONE = 0.3, 0.7  # expected presence from which a formula, and a word alone, is looked for
_TELLING = 4  # words up to which a longer formula comes first
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
    heard = _Heard(stems, tokens, words)
    return Watched(
        tuple(_missing(model, bodies, words, heard, exposure)), tuple(_new(model, tokens, stems, body)), exposure
    )


class _Heard:
    """What a document says: word for word, and loosely, a few words put in or the order changed."""

    def __init__(self, stems: Any, tokens: Tokens, words: Words) -> None:
        self._stems, self._sentence, self._words = stems.tolist(), tokens.sentence.tolist(), words
        self._turning = [tokens.stems[s] in TURNING for s in tokens.stem]  # also such as the series never had
        self._names = _names(self._stems, self._sentence)
        self._places: dict[int, list[int]] = {}
        for place, one in enumerate(self._stems):
            self._places.setdefault(one, []).append(place)

    def says(self, name: tuple[int, ...]) -> bool:
        """Whether it has the phrase word for word, or the two words of a pair (named by a leading -1) near one another."""
        return name in self._names

    def means(self, span: list[int]) -> bool:
        """Whether all content words of a phrase, two at least, stand near in one sentence, with nothing that turns them."""
        wanted = {one for one in span if self._words.content[one]}
        reach = len(span) + SLACK
        turns = sum(bool(self._words.turning[one]) for one in span)
        for at in sorted(place for one in wanted for place in self._places.get(one, ())):
            stop = at
            while stop < min(at + reach, len(self._stems)) and self._sentence[stop] == self._sentence[at]:
                stop += 1
            if len(wanted) > 1 and wanted.issubset(self._stems[at:stop]):
                return sum(self._turning[max(at - 1, 0) : stop]) <= turns
        return False


def _names(stems: list[int], sentence: list[int]) -> set[tuple[int, ...]]:
    """All n-grams of 1 to 12 stems of a document, and its pairs of near words (named by a leading -1)."""
    out: set[tuple[int, ...]] = set()
    for i in range(len(stems)):
        stop = i
        while stop < min(i + LONGEST, len(stems)) and sentence[stop] == sentence[i]:
            stop += 1
            out.add(tuple(stems[i:stop]))
        for j in range(i + 1, min(i + SLACK + 2, stop)):
            out.add((-1, min(stems[i], stems[j]), max(stems[i], stems[j])))
    return out


def _missing(model: Model, bodies: list[str], words: Words, heard: _Heard, exposure: float) -> Any:
    found = model.phrases
    carried = 1.0 - np.exp(exposure * np.log1p(-recurrence.LEVELS))
    owed = model.tail @ carried
    due = np.flatnonzero(owed[found.pattern] >= np.where(found.size == 1, _OWED_ALONE, _OWED))
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
        if heard.says(name):
            continue
        taken = claimed.setdefault(int(last[pattern]), set())
        if taken & set(range(at - 1, at + reach + 1)):
            taken.update(range(at, at + reach))
            continue
        taken.update(range(at, at + reach))
        if heard.means(span.tolist()):
            continue
        first, stop = at, at + reach
        while first < stop and not words.edge[model.stem[first]]:
            first += 1
        while first < stop and not words.edge[model.stem[stop - 1]]:
            stop -= 1
        if first < stop and (stop - first > 1 or owed[pattern] >= _OWED_ALONE):
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
    return sorted(out, key=lambda one: -_weight(one))


def _weight(one: Missing) -> float:
    """How formulaic a formula that is missing is: bits of surprise, times how many words it has, up to :data:`_TELLING`."""
    return -math.log2(max(1.0 - one.owed, 1e-3)) * min(len(one.phrase.split()), _TELLING)


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
