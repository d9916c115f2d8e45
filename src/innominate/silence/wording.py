"""From events to rows that people read: wording, quote, kind, and rank."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

import numpy as np

from innominate.silence import owing, quoting, recurring
from innominate.silence.alignment import SAME_SENTENCE, Aligned, align
from innominate.silence.grouping import picked
from innominate.silence.places import Places, places
from innominate.silence.series import Model
from innominate.silence.vocabulary import Words

ChangeKind = Literal["dropped", "appeared", "edited"]
MOSTLY = 0.6  # share of a formula's content words that stand in its successor, from which it was edited, not dropped
LATER = 4  # more documents in which a successor is sought
_SLIGHT, _DOUBT = 1e-4, 0.03  # least probability in the rank, and the power of it by which a finding counts
_SINGLE = 0.7  # how much a word alone counts in the rank, of what a phrase as surprising does
_LIKELY = 0.25  # probability from which a successor is sought in later documents, too


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


def findings(model: Model, bodies: list[str], words: Words) -> list[Finding]:
    """All findings of a series, by date and rank."""
    return rank(_once([*_dropped(model, bodies, words), *_appeared(model, bodies, words)]))


def _once(rows: list[Finding]) -> list[Finding]:
    """Of findings of the same words at the same document the most probable."""
    best: dict[tuple[str, bool, date], Finding] = {}
    for row in rows:
        key = row.phrase.lower(), row.kind == "appeared", row.first_missed
        if key not in best or row.probability > best[key].probability:
            best[key] = row
    return list(best.values())


def rank(rows: list[Finding]) -> list[Finding]:
    """Findings by date; within a date the most formulaic first, the certain before the doubtful, one of each sentence before the next."""
    seen: dict[tuple[date, str, str], int] = {}
    keyed = []
    weighed = [(-row.formulaic * max(row.probability, _SLIGHT) ** _DOUBT, row) for row in rows]
    for weight, row in sorted(weighed, key=lambda item: (item[0], item[1].phrase)):
        place = (row.first_missed, row.kind, row.quote)
        seen[place] = seen.get(place, -1) + 1
        keyed.append((row.first_missed, weight * 0.8 ** seen[place], row.phrase, row))
    keyed.sort(key=lambda item: item[:3])
    return [row for *_, row in keyed]


def _sought(model: Model, near: Aligned, words: Words) -> Aligned:
    """The successors of what was dropped: where the first document without it has none, in the next few that owed it."""
    events = model.dropped
    columns = {name: getattr(near, name).copy() for name in Aligned.__dataclass_fields__}
    left = np.flatnonzero((model.dropped_probability >= _LIKELY) & ~near.followed)
    owed = owing.earliest(model.phrases, model.gaps, events.gap, model.debtors, LATER + 1)
    for step in range(1, LATER + 1):
        left = left[owed[left, step] >= 0]
        some = picked(events, left)
        found = align(
            model.stem, model.sentence, model.clause, words, model.rarity, model.token_bounds, model.phrases, some, owed[left, step]
        )  # fmt: skip
        for name, column in columns.items():
            column[left[found.followed]] = getattr(found, name)[found.followed]
        left = left[~found.followed]
    return Aligned(**columns)


def _dropped(model: Model, bodies: list[str], words: Words) -> list[Finding]:
    events, gaps, near, size = model.dropped, model.gaps, model.replaced, len(model.dates)
    missed = model.missed
    later = _sought(model, near, words)
    told = places(model, events, near, model.dropped_probability, missed, gaps.last, gaps.owed, words, missed, False)
    lead = told.lead
    again = recurring.returned(model, events, lead, told.first, told.stop, words.content)
    runs = owing.counts(model.phrases, gaps, events.gap[lead], again, model.debtors.of(lead))
    followed = later.followed[lead]
    successors = np.full(len(lead), None, dtype=object)
    successors[followed] = quoting.passages(model, bodies, later.first[lead[followed]], later.stop[lead[followed]])
    still = (near.kept[lead] >= 1.0) & near.followed[lead]
    dates = [*model.dates, None]
    return [
        Finding(
            model.name,
            phrase,
            "edited" if changed else "dropped",
            dates[last],
            model.dates[first],
            round(chance, 6),
            max(run, 1),
            dates[min(following, size)],
            quote,
            successor,
            strength,
            e,
        )
        for phrase, changed, last, first, chance, run, following, quote, successor, strength, e in zip(
            quoting.wordings(model, bodies, told.first, told.stop),
            (followed & ((later.inserted[lead] > 0) | later.turned[lead] | (later.kept[lead] >= MOSTLY))).tolist(),
            gaps.last[events.gap[lead]].tolist(),
            missed[lead].tolist(),
            model.dropped_probability[lead].astype(float).tolist(),
            runs.tolist(),
            again.tolist(),
            quoting.quotes(model, bodies, told.first),
            successors,
            (told.formulaic * _by_size(told) * np.where(still, 0.5, 1.0)).tolist(),
            lead.tolist(),
            strict=True,
        )
    ]


def _by_size(told: Places) -> Any:
    """How much each wording counts by its number of words: most of a text's words alone ("two", "land") are nobody's formula."""
    return np.where(told.stop - told.first == 1, _SINGLE, 1.0)


def _appeared(model: Model, bodies: list[str], words: Words) -> list[Finding]:
    events, gaps, near = model.appeared, model.gaps, model.preceded
    seam = (near.kept >= 1.0) & (near.similarity >= SAME_SENTENCE)
    near = replace(
        near, inserted=np.where(seam, 0, near.inserted)
    )  # words stood there before; something between them went
    at = gaps.next[events.gap]
    told = places(model, events, near, model.appeared_probability, at, gaps.next, gaps.after, words, at - 1, True)
    lead = told.lead
    before = recurring.earlier(model, events, lead, told.first, told.stop, words.content)
    runs = recurring.runs(model.phrases, gaps.pattern[events.gap[lead]], at[lead])
    dates = [*model.dates, None]  # -1: it is new
    return [
        Finding(
            model.name,
            phrase,
            "appeared",
            dates[last],
            model.dates[first],
            round(chance, 6),
            run,
            None,
            quote,
            None,
            strength,
            e,
        )
        for phrase, last, first, chance, run, quote, strength, e in zip(
            quoting.wordings(model, bodies, told.first, told.stop),
            before.tolist(),
            at[lead].tolist(),
            model.appeared_probability[lead].astype(float).tolist(),
            runs.tolist(),
            quoting.quotes(model, bodies, told.first),
            (told.formulaic * _by_size(told)).tolist(),
            lead.tolist(),
            strict=True,
        )
    ]
