"""From events to rows that people read: wording, quote, kind, and rank."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

import numpy as np

from innominate.silence import owing, recurring
from innominate.silence.alignment import SAME_SENTENCE, Aligned, align
from innominate.silence.grouping import Events
from innominate.silence.phrases import LONGEST
from innominate.silence.series import Model

ChangeKind = Literal["dropped", "appeared", "edited"]
FEWEST_A_DOCUMENT, MOST_A_DOCUMENT = 20, 400  # findings below 0.5 told for one document and side
LATER = 4  # more documents in which a successor is sought
_LIKELY = 0.25  # probability from which it is
LAPSE = 3  # documents after which a formula that is back was only away
LONGEST_WORDING = 24  # words of a wording put together from several events
_LONGEST_QUOTE = 600


@dataclass(frozen=True, slots=True)
class Finding:
    """One formula that was dropped, appeared, or was edited into another.

    Attributes
    ----------
    series, phrase, kind : of the formula
    last_used : date of the last document that used it (null: it is new)
    first_missed : date of the first document that owed it and lacks it (kind appeared: the first that has it)
    probability : posterior that this is a change and not chance
    run : documents in a row, owing it, that lack it since (kind appeared: that have it, from the first on)
    returned : date of the next document that uses it again
    quote : the sentence of the last user (kind appeared: of the first)
    successor : the sentence that took its place in the first document that misses it, or in one of the next few; or null
    formulaic : how formulaic it was, the second half of the rank
    event : number of the event in its model
    """

    series: str
    phrase: str
    kind: ChangeKind
    last_used: date | None
    first_missed: date
    probability: float
    run: int
    returned: date | None
    quote: str
    successor: str | None
    formulaic: float
    event: int


@dataclass(frozen=True, slots=True)
class Words:
    """What wording needs to know of stems.

    Attributes
    ----------
    content : whether a stem carries meaning
    edge : whether it may begin or end a wording (content words and numbers)
    leading : whether it says whether and how something is done (will, can, not) and stays with the words that follow it
    information : bits that a stem tells, -log2 of its share of all tokens; 0 for function words
    """

    content: Any
    edge: Any
    leading: Any
    information: Any


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of one document that one finding is about: its events, tokens, and how much it was owed."""

    events: tuple[int, ...]
    lead: int
    first: int
    stop: int


def findings(model: Model, bodies: list[str], words: Words) -> list[Finding]:
    """All findings of a series, by date and rank."""
    return rank([*_dropped(model, bodies, words), *_appeared(model, bodies, words)])


def rank(rows: list[Finding]) -> list[Finding]:
    """Findings by date; within a date the most formulaic and most certain first, one of each sentence before the next."""
    seen: dict[tuple[date, str, str], int] = {}
    keyed = []
    for row in sorted(rows, key=lambda row: (-row.formulaic, row.phrase)):
        place = (row.first_missed, row.kind, row.quote)
        seen[place] = seen.get(place, -1) + 1
        keyed.append((row.first_missed, -row.formulaic * 0.8 ** seen[place], row.phrase, row))
    keyed.sort(key=lambda item: item[:3])
    return [row for *_, row in keyed]


def places(
    model: Model, events: Events, near: Aligned, chance: Any, missed: Any, level: Any, words: Words, beside: Any
) -> list[tuple[Place, float]]:
    """Events that concern the same words put together, each with how formulaic it is.

    Where the sentence has a successor, all events inside the run of words that went are one; where it has none, all events
    of one clause are. Lapses, which soon end, are kept apart. An event all of whose words still stand in the successor,
    in that order or close together in another, with nothing put between them, is none. The most formulaic event leads.

    beside : for every event the document that is told not to have its wording
    """
    followed = near.followed
    gaps, strength = model.gaps, _formulaic(model, events, level, words)
    lapse = gaps.next[events.gap] - gaps.last[events.gap] <= LAPSE
    weight = strength * (0.6 + 0.4 * chance)
    held: dict[tuple[int, ...], list[int]] = {}
    for e in np.lexsort((np.arange(len(events.gap)), -weight)):
        if followed[e] and (near.together[e] or (near.kept[e] >= 1.0 and near.inserted[e] == 0)):
            continue
        gone = followed[e] and near.run_stop[e] > near.run_first[e] and near.kept[e] < 1.0
        short = gone and near.run_stop[e] - near.run_first[e] <= LONGEST
        which = near.run_first[e] if short else model.clause[events.first[e]]
        key = tuple(int(part) for part in (events.anchor[e], missed[e], lapse[e], int(followed[e]) + int(gone), which))
        held.setdefault(key, []).append(int(e))
    told: dict[int, int] = {}
    out = []
    for key, members in held.items():  # the most formulaic first
        size = int(model.token_bounds[key[0] + 1] - model.token_bounds[key[0]])
        room = min(max(FEWEST_A_DOCUMENT, size // 20), MOST_A_DOCUMENT)
        left = sorted(
            members, key=lambda e: -round(float(chance[e]), 1)
        )  # the most certain leads, then the most formulaic
        while left:
            lead = left[0]
            if chance[lead] < 0.5 and told.get(key[1], 0) >= room:
                left = left[1:]
                continue
            place = _place(model, events, near, left, key[3] == 2, words, int(beside[lead]))
            told[key[1]] = told.get(key[1], 0) + (chance[lead] < 0.5)
            low, high = min(place.first, int(events.first[lead])), max(place.stop, int(events.stop[lead]))
            beyond = [e for e in left[1:] if events.first[e] >= high or events.stop[e] <= low]
            out.append((place, float(strength[[e for e in left if e not in beyond]].max())))
            left = beyond
    return out


def _place(
    model: Model, events: Events, near: Aligned, members: list[int], gone: bool, words: Words, beside: int
) -> Place:
    lead = members[0]
    gaps = model.gaps
    first, stop = int(events.first[lead]), int(events.stop[lead])
    low, high = int(near.run_first[lead]), int(near.run_stop[lead])
    for e in members[1:]:
        kin = gaps.uses[events.gap[e]] > 0.6 * gaps.uses[events.gap[lead]]
        longest = LONGEST_WORDING if kin else LONGEST
        left, right = min(first, int(events.first[e])), max(stop, int(events.stop[e]))
        if right - left <= longest:
            first, stop = left, right
        elif kin and events.first[e] < stop < events.stop[e]:  # begun inside: as much of it as there is room for
            stop = max(stop, min(int(events.stop[e]), first + longest))
        elif kin and events.first[e] < first < events.stop[e]:
            first = min(first, max(int(events.first[e]), stop - longest))
    if gone:
        if max(stop, high) - min(first, low) <= LONGEST_WORDING:  # what went, and the formula it belonged to
            first, stop = min(first, low), max(stop, high)
        elif stop <= low or high <= first:
            first, stop = low, min(high, low + LONGEST)
    first, stop = _trimmed(model, first, stop, words)
    if recurring.stands(model, first, stop, beside):  # a common word is left; what went are the words around it
        first, stop = min(first, int(events.first[lead])), max(stop, int(events.stop[lead]))
    return Place(tuple(members), lead, first, stop)


def _trimmed(model: Model, first: int, stop: int, words: Words) -> tuple[int, int]:
    """A stretch without the words that no wording begins or ends with, and with those that lead into it."""
    while first < stop and not words.edge[model.stem[first]]:
        first += 1
    while first < stop and not words.edge[model.stem[stop - 1]]:
        stop -= 1
    sentence = model.sentence
    while (
        first < stop and first > 0 and words.leading[model.stem[first - 1]] and sentence[first - 1] == sentence[first]
    ):
        first -= 1
    return first, stop


def _sought(model: Model, near: Aligned, words: Words) -> Aligned:
    """The successors of what was dropped: where the first document without it has none, in the next few that owed it."""
    events = model.dropped
    columns = {name: getattr(near, name).copy() for name in Aligned.__dataclass_fields__}
    left = np.flatnonzero((model.dropped_probability >= _LIKELY) & ~near.followed)
    owed = owing.earliest(model.phrases, model.gaps, events.gap, model.exposure, LATER + 1)
    for step in range(1, LATER + 1):
        left = left[owed[left, step] >= 0]
        some = Events(*(getattr(events, name)[left] for name in Events.__dataclass_fields__))
        found = align(
            model.stem, model.sentence, words.content, model.rarity, model.token_bounds, model.phrases, some, owed[left, step]
        )  # fmt: skip
        for name, column in columns.items():
            column[left[found.followed]] = getattr(found, name)[found.followed]
        left = left[~found.followed]
    return Aligned(**columns)


def _told(found: list[tuple[Place, float]]) -> list[tuple[Place, float]]:
    """Those of which some words are left to tell."""
    return [(place, strength) for place, strength in found if place.first < place.stop]


def _ends(told: list[tuple[Place, float]]) -> tuple[Any, Any, Any]:
    """Leading event, first token and last (one past) of every place."""
    columns = np.array([(place.lead, place.first, place.stop) for place, _ in told], dtype=np.int32).reshape(-1, 3)
    return columns[:, 0], columns[:, 1], columns[:, 2]


def _dropped(model: Model, bodies: list[str], words: Words) -> list[Finding]:
    events, gaps, near, size = model.dropped, model.gaps, model.replaced, len(model.dates)
    missed = model.missed
    later = _sought(model, near, words)
    told = _told(places(model, events, near, model.dropped_probability, missed, gaps.owed, words, missed))
    ends = _ends(told)
    again = recurring.returned(model, events, *ends, words.content)
    runs = owing.counts(model.phrases, gaps, events.gap[ends[0]], again, model.exposure)
    at_once, in_time, out = near.followed, later.followed, []
    for (place, strength), following, run in zip(told, again.tolist(), runs.tolist(), strict=True):
        e = place.lead
        last = int(gaps.last[events.gap[e]])
        followed = in_time[e]
        out.append(
            Finding(
                model.name,
                text_of(model, bodies, place.first, place.stop),
                "edited" if followed and later.inserted[e] > 0 else "dropped",
                model.dates[last],
                model.dates[missed[e]],
                round(float(model.dropped_probability[e]), 6),
                max(run, 1),
                model.dates[following] if following < size else None,
                quote(model, bodies, place.first),
                sentence_text(model, bodies, int(later.first[e]), int(later.stop[e])) if followed else None,
                strength * (0.5 if near.kept[e] >= 1.0 and at_once[e] else 1.0),
                e,
            )
        )
    return out


def _appeared(model: Model, bodies: list[str], words: Words) -> list[Finding]:
    events, gaps, near, size = model.appeared, model.gaps, model.preceded, len(model.dates)
    bounds, documents = model.phrases.bounds, model.phrases.documents
    seam = (near.kept >= 1.0) & (near.similarity >= SAME_SENTENCE)
    near = replace(
        near, inserted=np.where(seam, 0, near.inserted)
    )  # words stood there before; something between them went
    at = gaps.next[events.gap]
    told = _told(places(model, events, near, model.appeared_probability, at, gaps.after, words, at - 1))
    before = recurring.earlier(model, events, *_ends(told), words.content)
    out = []
    for (place, strength), last in zip(told, before.tolist(), strict=True):
        gap = events.gap[place.lead]
        first = int(at[place.lead])
        hits = documents[bounds[gaps.pattern[gap]] : bounds[gaps.pattern[gap] + 1]]
        after = hits[np.searchsorted(hits, first) :]
        out.append(
            Finding(
                model.name,
                text_of(model, bodies, place.first, place.stop),
                "appeared",
                model.dates[last] if last >= 0 else None,
                model.dates[first],
                round(float(model.appeared_probability[place.lead]), 6),
                int(np.argmax(np.append(np.diff(after), size) > 1)) + 1,
                None,
                quote(model, bodies, place.first),
                None,
                strength,
                place.lead,
            )
        )
    return out


def _formulaic(model: Model, events: Events, level: Any, words: Words) -> Any:
    """How formulaic each event is: how surprising a document without it is, times how much its words belong together.

    The first in bits, -log2 of the probability that a document lacks it; the second from the pointwise mutual information
    of its recurring words (Church and Hanks 1990), in bits, on a log scale: from 1 (a single word) to 3 (a long formula).
    Words on two sides of a comma are neighbours, not a formula: of a phrase that runs across one the longer side counts.
    """
    rows = events.gap
    uses = np.diff(model.phrases.bounds)[model.gaps.pattern[rows]]
    surprise = -np.log2(1.0 - np.clip(level[rows], 0.0, 0.985))
    total = np.concatenate([[0.0], np.cumsum(words.information[model.stem])])
    ends = np.searchsorted(model.clause, model.clause[events.first], side="right")  # of the clause of the first word
    begins = np.searchsorted(model.clause, model.clause[events.stop - 1])  # and of that of the last
    told = np.maximum(
        total[np.minimum(events.stop, ends)] - total[events.first],
        total[events.stop] - total[np.maximum(events.first, begins)],
    )
    bits = told - np.log2(max(len(model.stem), 2) / np.maximum(uses, 1))
    several = model.phrases.size[events.phrase] != 1
    return surprise * np.where(several, np.log2(2.0 + np.clip(bits, 0.0, 30.0) / 5.0), 1.0)


def text_of(model: Model, bodies: list[str], first: int, stop: int) -> str:
    """The text from token `first` to token `stop` (one past) of one document."""
    body = bodies[int(model.document[first])]
    return " ".join(body[int(model.start[first]) : _word_end(model, body, stop)].split())


def _word_end(model: Model, body: str, stop: int) -> int:
    """Where the word ends whose last token is before `stop`: of Korean words the endings are no tokens."""
    end = int(model.start[stop - 1] + model.length[stop - 1])
    while end < len(body) and "가" <= body[end] <= "힣":
        end += 1
    return end + (end < len(body) and body[end] in "%％‰")


def sentence_text(model: Model, bodies: list[str], first: int, stop: int) -> str:
    """The tokens first…stop with the punctuation that closes them."""
    body = bodies[int(model.document[first])]
    begin, end = int(model.start[first]), _word_end(model, body, stop)
    while end < len(body) and body[end] in ".!?。！？；;)”\"'》」…":
        end += 1
    return " ".join(body[begin:end].split())


def quote(model: Model, bodies: list[str], at: int) -> str:
    """The sentence that holds token `at`; a very long one is cut around it."""
    low, high = model.token_bounds[model.document[at]], model.token_bounds[model.document[at] + 1]
    first = int(low + np.searchsorted(model.sentence[low:high], model.sentence[at]))
    stop = int(low + np.searchsorted(model.sentence[low:high], model.sentence[at], side="right"))
    while model.start[stop - 1] - model.start[first] > _LONGEST_QUOTE:
        if at - first > stop - at:
            first += 1
        else:
            stop -= 1
    return sentence_text(model, bodies, first, stop)
