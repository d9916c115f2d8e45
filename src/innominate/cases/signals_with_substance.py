"""The test ``signals-with-substance``: was a joint appearance, and are such appearances, followed by more than was forecast?"""

from __future__ import annotations

from datetime import date
from typing import Annotated

import polars as pl
from pydantic import Field, model_validator

from innominate.cases import signals_evidence as evidence
from innominate.cases.findings import Finding, Number, Part, Sentence, Table, Verdict
from innominate.cases.pairs_spec import PairsSpec
from innominate.cases.provenance import rows_behind
from innominate.cases.registry import register
from innominate.cases.signals_evidence import CONFLICT, MATERIAL, Told
from innominate.cases.spec import ClaimSpec
from innominate.cases.verdicts import confidence, judge, reason
from innominate.cases.view import View
from innominate.cases.wording import listed, pair_name, sentence
from innominate.panel.events import EVENTS
from innominate.signals import OTHERS, Effect, together_name

Day = date
FIRST_ASKED = date(1990, 1, 1)

RULE = (
    "Acts of material cooperation in the {months} months after a high-level visit are compared with what the pair's own past "
    "foretold (a Poisson model with drift, made a month before the visit) and with pair-months without a visit that had the "
    "same forecast and the same recent trend; by how much the pair outdoes such comparisons at ordinary dates is taken out. The "
    "claim is that this net ratio is above one; its probability is the part of the resampled ratios above one.{date} Visits on record are those in tables of visits and the days on which "
    "visits between two states filled the news most (top 2% of pair-days)."
)
DATE = (
    " It is judged on {date}: where dated events do not reach {months} months beyond that day, it is too early, and the claim "
    "about that day is not testable; earlier visits are told beside it and do not stand in for it."
)


class Parameters(PairsSpec):
    """What stands under ``with``.

    ``states`` (every pair of them) or ``pairs``; default: the case's states. ``date``: the day of the appearance judged;
    without it, all visits of these pairs are. ``months``: how long after. ``seed``: of bootstrap and placebo dates.
    """

    date: Day | None = None
    months: Annotated[int, Field(ge=1, le=12)] = 3
    seed: int = 1

    @model_validator(mode="after")
    def _sensible(self) -> Parameters:
        if self.months not in (1, 3, 6, 12):
            raise ValueError(f"months is one of 1, 3, 6, 12, not {self.months}")
        return self


@register("signals-with-substance", Parameters, RULE)
def signals_with_substance(claim: ClaimSpec, parameters: Parameters, view: View) -> Finding:
    """Judge the claim that joint appearances of some pairs are backed by acts.

    Parameters
    ----------
    claim : its wording
    parameters : pairs, date, months (see :class:`Parameters`)
    view : the study
    """
    keys = parameters.keys(view.case.states)
    found = view.study.signals(keys, ledgers=view.ledgers, seed=parameters.seed)
    told = Told(found, keys, parameters.months)
    after = None
    if parameters.date is not None:
        after = found.after(keys, parameters.date, MATERIAL, parameters.months, seed=parameters.seed)
    own = told.effect(together_name(keys), MATERIAL)
    judged = after if parameters.date is not None else own
    verdict: Verdict = judge(None if judged is None else judged.above)
    numbers = evidence.numbers(told, after)
    checks = evidence.checks(told) if judged is not None else []
    forward, against = evidence.both_sides(told, numbers)
    last = found.last_day()
    return Finding(
        **claim.named(),
        verdict=verdict,
        confidence=confidence(checks) if judged is not None else "high" if last is not None else "low",
        headline=_headline(parameters, judged, last, numbers),
        detail=_detail(told, numbers),
        confidence_reason=reason(checks) if judged is not None else _too_early(parameters, last),
        rule=RULE.format(months=parameters.months, date=_date_words(parameters)),
        parts=tuple(_parts(told, parameters, after, last, numbers)),
        numbers=tuple(numbers),
        evidence_for=forward,
        evidence_against=against,
        not_covered=tuple(_not_covered(told, last)),
        checks=tuple(checks),
        rows=rows_behind(view.study.library, keys, *_span(told), (*EVENTS, "visits")) if told.any else (),
        tables=_tables(told),
    )


def _date_words(parameters: Parameters) -> str:
    return "" if parameters.date is None else DATE.format(date=_day(parameters.date), months=parameters.months)


def _unseen(day: date, last: date | None) -> str:
    """Why nothing can be said of a day."""
    if last is None:
        return f"Too early to say of {_day(day)}: the library holds no dated events, so nothing of what followed it is seen."
    if last <= day:
        return (
            f"Too early to say of {_day(day)}: whole months of dated events of cooperation end with {last:%B %Y}, so nothing of "
            "what followed it is seen."
        )
    return (
        f"Nothing can be said of {_day(day)}: dated events do not cover the months that a forecast needs before it and the months "
        "after it without a gap."
    )


def _day(day: date) -> str:
    return f"{day:%-d %B %Y}"


def _headline(parameters: Parameters, judged: Effect | None, last: date | None, numbers: list[Number]) -> Sentence:
    if judged is None and parameters.date is not None:
        words = _unseen(parameters.date, last)
        if any(number.key == "own.net" for number in numbers):
            words += (
                " Earlier high-level visits of these pairs ({own.occasions} could be followed up) were followed by {own.net|full} times the material cooperation "
                "that comparable months and ordinary dates would lead one to expect."
            )
        return sentence(words, numbers)
    if judged is None:
        return sentence("The library holds no visits with dated events after them, so nothing can be said.")
    key = "date.net" if parameters.date is not None else "own.net"
    own = "After high-level visits of these pairs ({own.occasions} could be followed up)"
    when = f"After {_day(parameters.date)}" if parameters.date is not None else own
    return sentence(
        f"{when}, material cooperation was {{{key}|full}} times what was to be expected without them.", numbers
    )


def _detail(told: Told, numbers: list[Number]) -> Sentence:
    known = {number.key for number in numbers}
    said = []
    if "own.net" in known:
        said.append(
            f"Within {told.months} months of {{own.occasions}} visits there were {{own.observed}} acts of material cooperation "
            "where {own.expected} were forecast."
        )
    if "others.net" in known:
        said.append(
            "After {others.occasions} visits of all other pairs the net ratio is {others.net|full}, but conflict "
            "rose too ({others.conflict|full}): part of the rise is attention."
        )
    return sentence(" ".join(said) or "Unknown is not zero: nothing is claimed.", numbers)


def _too_early(parameters: Parameters, last: date | None) -> Sentence:
    if parameters.date is not None and last is not None and last > parameters.date:
        return sentence("Gaps in the data are certain.")
    if parameters.date is not None and last is not None:
        return sentence(
            f"That whole months of the data end with {last:%B %Y}, before {_day(parameters.date)} and the {parameters.months} months after it, is certain."
        )
    return sentence("Nothing could be checked.")


def _parts(
    told: Told, parameters: Parameters, after: Effect | None, last: date | None, numbers: list[Number]
) -> list[Part]:
    parts = []
    if parameters.date is not None:
        words = (
            "Net ratio: {date.net|full}." if after is not None
            else _unseen(parameters.date, last)
        )  # fmt: skip
        verdict = judge(None if after is None else after.above)
        parts.append(Part("date", f"{_day(parameters.date)} was followed by more", verdict, sentence(words, numbers)))
    for key in told.keys:
        own = told.effect(key, MATERIAL)
        if own is None:
            words = "No visit of this pair has covered months before and after it."
            parts.append(
                Part(key, f"{pair_name(key)}: earlier visits were followed by more", "not testable", sentence(words))
            )
            continue
        words = (
            f"Visits: {{{key}.occasions}}; {{{key}.ratio|full}} times the forecast, net of comparable months and ordinary dates {{{key}.net|full}}; "
            f"at other dates of the pair {{{key}.placebo|full}}."
        )
        parts.append(
            Part(
                key,
                f"{pair_name(key)}: earlier visits were followed by more",
                judge(own.above),
                sentence(words, numbers),
            )
        )
    others = told.effect(OTHERS, MATERIAL)
    if others is not None:
        words = (
            "Visits: {others.occasions}; {others.ratio|full} times the forecast, net of comparable months and ordinary dates {others.net|full}; at "
            "other dates {others.placebo|full}; conflict {others.conflict|full}."
        )
        parts.append(
            Part(
                "others", "All other pairs: visits are followed by more", judge(others.above), sentence(words, numbers)
            )
        )
    return parts


def _span(told: Told) -> tuple[int, int]:
    years = [day.year for day in told.days] or [1990]
    return min(years), max(years) + 1


def _not_covered(told: Told, last: date | None) -> list[Sentence]:
    found = []
    if not told.any:
        return [sentence("The library holds neither tables of visits nor dated, coded events.")]
    first = told.found.reach.filter(told.found.reach["outcome"] != CONFLICT)["first"].min()
    if isinstance(first, date) and first > FIRST_ASKED:
        found.append(
            f"Before {_day(first)} no act of cooperation is dated: summits from 1990 to then cannot be judged."
        )
    if last is not None:
        found.append(f"After {last:%B %Y} no whole month of dated events of cooperation is in the library.")
    unseen = [pair_name(key) for key in told.keys if told.effect(key, MATERIAL) is None]
    if unseen:
        found.append(f"No visit with covered months around it: {listed(unseen)}.")
    missing = [f"{horizon}" for horizon in (1, 3, 6, 12) if told.effect(OTHERS, MATERIAL, horizon) is None]
    if missing:
        found.append(
            f"Windows of {listed(missing, 'and')} months: gaps in the dated events leave no visit with so long a window."
        )
    found.append("Secret deliveries and what is agreed but not reported are not in events coded from news.")
    return [sentence(text) for text in found]


def _tables(told: Told) -> tuple[Table, ...]:
    if not told.any:
        return ()
    effects = told.found.effects
    curve = told.curve()
    occasions = told.own_days().with_columns(pl.col("date").cast(pl.String))
    return (
        Table("signal_effects", "What followed high-level visits", tuple(effects.columns), tuple(effects.iter_rows())),
        Table(
            "signal_curve", "Month by month around high-level visits", tuple(curve.columns), tuple(curve.iter_rows())
        ),
        Table(
            "signal_visits", "High-level visits of the pairs", tuple(occasions.columns), tuple(occasions.iter_rows())
        ),
    )
