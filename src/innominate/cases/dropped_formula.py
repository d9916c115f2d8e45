"""The test ``dropped-formula``: did a series of official readouts stop saying what it used to say?"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from innominate.cases.findings import Check, Finding, Number, Part, Sentence, Table, Verdict
from innominate.cases.registry import register
from innominate.cases.spec import ClaimSpec, Strict
from innominate.cases.verdicts import confidence, judge
from innominate.cases.view import View
from innominate.cases.wording import listed, plural, sentence
from innominate.silence.korea import OWING, Denuclearisation, SeriesFinding, denuclearisation

RULE = (
    "Only items of kinds that have room for positions ({owing}) are judged; short courtesies and telegrams owe no formula. "
    "For each series the probability that the formula was dropped after its last use, and not merely left out by chance, "
    "comes from a model of its recurrence. The claim holds where it holds for every series asked about."
)
MANY = 3  # items in a row without it before one is confident


class Parameters(Strict):
    """What stands under ``with``.

    ``formula``: which presence table that comes with innominate (denuclearisation). ``series``: those asked about, by name;
    default: all. ``noticed``: the day on which the press wrote of it.
    """

    formula: Literal["denuclearisation"] = "denuclearisation"
    series: Annotated[list[str], Field(max_length=10, default_factory=list)]
    noticed: date | None = None


@register("dropped-formula", Parameters, RULE.format(owing=listed(list(OWING))))
def dropped_formula(claim: ClaimSpec, parameters: Parameters, view: View) -> Finding:
    """Judge the claim that series of readouts dropped a formula.

    Parameters
    ----------
    claim : its wording
    parameters : formula and series (see :class:`Parameters`)
    view : the study; a presence table speaks for itself, so that no library is needed
    """
    found = denuclearisation()
    asked = [one for one in found.series if not parameters.series or one.series in parameters.series]
    numbers = [number for one in asked for number in _numbers(one)]
    singles: dict[str, Verdict] = {one.series: _verdict(one) for one in asked}
    verdict = _overall(list(singles.values()))
    checks = _checks(asked)
    forward, against = _both_sides(found, asked, parameters, numbers)
    return Finding(
        **claim.named(),
        verdict=verdict,
        confidence=confidence(checks),
        headline=_headline(asked, numbers),
        detail=sentence(f"The items: {listed([_counted(one) for one in asked])}.", numbers),
        confidence_reason=sentence(
            " ".join(check.detail.text for check in checks if not check.passed) or "Every check passes."
        ),
        rule=RULE.format(owing=listed(list(OWING))),
        parts=tuple(Part(_key(one), one.series, singles[one.series], _part(one, numbers)) for one in asked),
        numbers=tuple(numbers),
        evidence_for=forward,
        evidence_against=against,
        not_covered=tuple(sentence(text) for text in found.limits),
        checks=tuple(checks),
        tables=(_table(found, {one.series for one in asked}),),
    )


def _key(one: SeriesFinding) -> str:
    return "".join(letter.lower() if letter.isalnum() else "-" for letter in one.series)


def _verdict(one: SeriesFinding) -> Verdict:
    if not one.carrying:
        return "not testable"
    return "contradicted" if one.first_missed is None else judge(one.probability)


def _overall(singles: list[Verdict]) -> Verdict:
    for verdict in ("contradicted", "undecided", "not testable"):
        if verdict in singles:
            return verdict
    return "supported" if singles else "not testable"


def _numbers(one: SeriesFinding) -> list[Number]:
    key, source = _key(one), "presence table"
    found = [
        Number(f"{key}.items", f"{one.series}: items", one.documents, "count", source=source),
        Number(f"{key}.carrying", f"{one.series}: items that carry it", one.carrying, "count", of=one.documents, source=source),
        Number(f"{key}.run", f"{one.series}: items in a row without it that owed it", one.run, "count", source=source),
        Number(f"{key}.dropped", f"{one.series}: probability that it was dropped", one.probability, "probability", source=source),
    ]  # fmt: skip
    for kind, (size, carrying) in one.by_kind.items():
        label = f"{one.series}, {kind}: items that carry it"
        found.append(Number(f"{key}.kind.{kind.replace(' ', '-')}", label, carrying, "count", of=size, source=source))
    return found


def _counted(one: SeriesFinding) -> str:
    key = _key(one)
    return f"{one.series}, {{{key}.items}}, of which {{{key}.carrying}} carry it"


def _headline(asked: list[SeriesFinding], numbers: list[Number]) -> Sentence:
    said = []
    for one in asked:
        if one.last_used is None:
            said.append(f"{one.series}: it never stood in the items seen")
        elif one.first_missed is None:
            said.append(f"{one.series}: still said on {one.last_used}")
        else:
            key = _key(one)
            said.append(
                f"{one.series}: last said on {one.last_used}, missing since {one.first_missed} "
                f"(probability that it was dropped {{{key}.dropped}})"
            )
    return sentence("; ".join(said) + "." if said else "No such series in the table.", numbers)


def _part(one: SeriesFinding, numbers: list[Number]) -> Sentence:
    key = _key(one)
    if one.first_missed is None:
        return sentence(
            f"{{{key}.carrying}} of {{{key}.items}} items carry it; none that owed it has lacked it since.", numbers
        )
    return sentence(
        f"Last on {one.last_used}; missing since {one.first_missed} from {plural(one.run, 'item')} in a row that owed it; probability "
        f"that it was dropped {{{key}.dropped}}.",
        numbers,
    )


def _both_sides(
    found: Denuclearisation, asked: list[SeriesFinding], parameters: Parameters, numbers: list[Number]
) -> tuple[tuple[Sentence, ...], tuple[Sentence, ...]]:
    forward, against = [], []
    for one in asked:
        key = _key(one)
        if one.first_missed is not None:
            forward.append(
                sentence(
                    f"{one.series}: {{{key}.run}} in a row that owed it lack it since {one.first_missed}.", numbers
                )
            )
        if one.run < MANY:
            against.append(
                sentence(f"{one.series}: a run of {{{key}.run}} without it is weak evidence by itself.", numbers)
            )
        if parameters.noticed and one.first_missed and (parameters.noticed - one.first_missed).days > 365:
            years = (parameters.noticed - one.first_missed).days / 365.25
            against.append(
                sentence(
                    f"{one.series}: it was missing {years:.1f} years before the press noticed ({parameters.noticed}): no news of that day."
                )
            )
        for kind, (size, carrying) in one.by_kind.items():
            if not carrying and size:
                place = f"{key}.kind.{kind.replace(' ', '-')}"
                against.append(
                    sentence(f"{one.series}, {kind}: {{{place}}} carry it; its absence there says nothing.", numbers)
                )
    pauses = [text for text in found.statements if "this series cannot show" in text]
    against += [sentence(text) for text in pauses if any(text.startswith(one.series) for one in asked)]
    asked_all = "Dates, kinds of items and the length of the run were asked; none points this way."
    return tuple(forward or [sentence(asked_all)]), tuple(against or [sentence(asked_all)])


def _checks(asked: list[SeriesFinding]) -> list[Check]:
    long = [one.series for one in asked if one.run >= MANY]
    said = [one.series for one in asked if one.carrying >= MANY]
    return [
        Check("Long runs", len(long) == len(asked), sentence(
            f"Every series lacks it in at least {MANY} items in a row." if len(long) == len(asked)
            else f"Fewer than {MANY} items in a row lack it: {listed(sorted({one.series for one in asked} - set(long)))}.")),
        Check("Once usual", len(said) == len(asked), sentence(
            "It was usual in every series." if len(said) == len(asked)
            else f"It was never usual: {listed(sorted({one.series for one in asked} - set(said)))}.")),
        Check("Full readouts", False, sentence("The items abridge the readouts: that the full text lacked it is not shown.")),
    ]  # fmt: skip


def _table(found: Denuclearisation, series: set[str]) -> Table:
    rows = tuple(
        (str(row["date"]), row["series"], row["kind"], bool(row["present"]), row["link"])
        for row in found.table.sort("date", "series", "kind", "link").iter_rows(named=True)
        if row["series"] in series
    )
    return Table("presence", "Where the formula stood", ("date", "series", "kind", "present", "link"), rows)
