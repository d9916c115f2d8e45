"""The test ``analogues``: did past pairs or triads like this one go on to do something more often than others?"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from innominate.analogues import Analogues, Rate, Skill, resemblance
from innominate.cases.findings import Check, Finding, Number, Part, Sentence, Table, Verdict
from innominate.cases.provenance import rows_behind
from innominate.cases.registry import register
from innominate.cases.spec import ClaimSpec, StateCodes, Strict, Year
from innominate.cases.verdicts import confidence, judge, reason
from innominate.cases.view import View, all_pairs
from innominate.cases.wording import listed, sentence, state_in_sentence
from innominate.errors import InputError

SHOWN = 6  # nearest cases named
RARE = 0.5  # a precedent that fewer than this share of past cases resembles less is no analogue

RULE = (
    "The {size} is compared, as it stood at the end of {year}, with past ones as they stood every five years since {first}: "
    "alignment by theme now, five and ten years before, commitments, common rivals and how many allies these have, disputes, and "
    "whether they fought together. Past cases are those {population}, whose ten years were over by {year}. The claim is that "
    "the {count} nearest were followed by {outcome} within {horizon} years more often than past cases in general (posterior "
    "probability, leaning on the base rate). An analogy must have foretold to count: the verdict is undecided unless the Brier "
    "skill of such analogies at past standpoints is above nought with its whole 90% interval."
)
POPULATION = {
    2: "that were bound, at odds, fighting together or among the most aligned fifth of pairs",
    3: "all of whose pairs were among the most aligned tenth",
}
WORDS = {
    "treaty": ("a defence treaty between all of them", "a defence treaty"),
    "joint war": ("fighting on the same side", "war on the same side"),
    "split": ("a dispute or war among themselves", "a dispute among themselves"),
}


class Precedent(Strict):
    """An episode that the claim appeals to: some states at the end of a year."""

    states: Annotated[StateCodes, Field(min_length=2, max_length=3)]
    year: Year


class Parameters(Strict):
    """What stands under ``with``.

    ``states``: two or three; default: the case's. ``year``: at the end of which they are looked at; default: the last whose
    wars are known. ``outcome`` and ``within``: what is claimed to follow. ``precedent``: the episode appealed to.
    """

    states: Annotated[StateCodes, Field(min_length=2, max_length=3)] | None = None
    year: Year | None = None
    outcome: Literal["treaty", "joint war", "split"] = "joint war"
    within: Literal[5, 10] = 10
    precedent: Precedent | None = None
    seed: int = 1

    @model_validator(mode="after")
    def _sensible(self) -> Parameters:
        if self.precedent and self.states and len(self.precedent.states) != len(self.states):
            raise ValueError(f"the precedent has {len(self.precedent.states)} states, not {len(self.states)}")
        return self


@register("analogues", Parameters, RULE)
def analogues(claim: ClaimSpec, parameters: Parameters, view: View) -> Finding:
    """Judge the claim that pairs or triads like this one went on to treaty, joint war or split.

    Parameters
    ----------
    claim : its wording
    parameters : states, outcome, horizon (see :class:`Parameters`)
    view : the study
    """
    states = parameters.states or view.case.states
    if len(states) > 3:
        raise InputError(
            f"the claim {claim.id}: analogues are drawn for two or three states; name them under with: states"
        )
    found, why_not = _found(parameters, view, states)
    rate = found.rate(parameters.outcome, parameters.within) if found else None
    skill = found.skill(parameters.outcome, parameters.within) if found else None
    numbers = _numbers(found, parameters) if found else []
    checks = _checks(found, parameters, rate, skill) if found and rate else []
    forward, against = _both_sides(parameters, rate, skill, numbers)
    year = found.year if found else parameters.year or view.study.years[1]
    return Finding(
        **claim.named(),
        verdict=verdict_of(rate, skill),
        confidence=confidence(checks) if rate else "low",
        headline=_headline(parameters, rate, skill, numbers, why_not),
        detail=_detail(found, parameters, skill, numbers),
        confidence_reason=reason(checks),
        rule=RULE.format(
            size="pair" if len(states) == 2 else "triad", year=year, first=found.first if found else "the record's start",
            population=POPULATION[len(states)], count=rate.cases if rate else 50, outcome=WORDS[parameters.outcome][0],
            horizon=parameters.within,
        ),
        parts=tuple(_parts(found, numbers)) if found else (),
        numbers=tuple(numbers),
        evidence_for=forward,
        evidence_against=against,
        not_covered=_not_covered(found),
        checks=tuple(checks),
        rows=rows_behind(view.study.library, all_pairs(states), year - 9, year, view.channels_behind),
        tables=_tables(found) if found else (),
    )  # fmt: skip


def verdict_of(rate: Rate | None, skill: Skill | None) -> Verdict:
    """Only analogies that foretold may decide; the rule is the same in both directions."""
    if rate is None:
        return "not testable"
    judged = judge(rate.above)
    return judged if skill is not None and skill.low > 0 else "undecided"


def _found(parameters: Parameters, view: View, states: list[str]) -> tuple[Analogues | None, str]:
    """The analogues, or why there are none."""
    try:
        return view.study.analogues(states, parameters.year, seed=parameters.seed), ""
    except InputError as error:
        return None, str(error)


def _key(outcome: str, horizon: int) -> str:
    return f"{outcome.replace(' ', '-')}-{horizon}"


def _numbers(found: Analogues, parameters: Parameters) -> list[Number]:
    source = "alignment, commitments, wars and disputes"
    given = [Number("reference", "past cases that could be analogues", found.reference[0], "count", source=source)]
    for rate in found.rates:
        key, words = _key(rate.outcome, rate.horizon), f"{WORDS[rate.outcome][1]} within {rate.horizon} years"
        given += [
            Number(f"{key}.followed", f"nearest cases followed by {words}", rate.followed, "count", of=rate.cases, source=source),
            Number(f"{key}.cases", f"nearest cases that could be followed by {words}", rate.cases, "count", source=source),
            Number(f"{key}.rate", f"{words}: rate among the nearest", rate.rate, "probability", rate.low, rate.high, source=source),
            Number(f"{key}.base", f"{words}: rate among all past cases", rate.base, "probability", source=source),
            Number(f"{key}.above", f"{words}: probability that the nearest exceed the base rate", rate.above, "probability", source=source),
        ]  # fmt: skip
    for skill in found.skills:
        key, words = _key(skill.outcome, skill.horizon), f"{WORDS[skill.outcome][1]} within {skill.horizon} years"
        given += [
            Number(f"{key}.skill", f"{words}: Brier skill over the base rate", skill.skill, "change", skill.low, skill.high, source="past standpoints"),
            Number(f"{key}.over-class", f"{words}: Brier skill over the rate of the same plain class", skill.over_class, "change",
                   skill.class_low, skill.class_high, source="past standpoints"),
            Number(f"{key}.asked", f"{words}: questions put at past standpoints", skill.cases, "count", source="past standpoints"),
            Number(f"{key}.happened", f"{words}: questions in which it followed", skill.happened, "count", source="past standpoints"),
        ]  # fmt: skip
    if parameters.precedent is not None and len(parameters.precedent.states) == len(found.members):
        try:
            share, _ = resemblance(found, parameters.precedent.states, parameters.precedent.year)
        except InputError:
            return given
        given.append(
            Number(
                "precedent", "share of past cases less like this one than the precedent", share, "share", source=source
            )
        )
    return given


def _headline(
    parameters: Parameters, rate: Rate | None, skill: Skill | None, numbers: list[Number], why_not: str
) -> Sentence:
    if rate is None:
        reason_ = why_not or "the library does not know what followed past cases"
        return sentence(f"No analogy can be drawn: {reason_.replace('{', '(').replace('}', ')')}.")
    key = _key(parameters.outcome, parameters.within)
    words = (
        f"{_capital(WORDS[parameters.outcome][0])} followed within {parameters.within} years in {{{key}.followed}} of the {{{key}.cases}} past "
        f"cases most like this one: {{{key}.rate|full}}, where {{{key}.base}} is usual"
    )
    if skill is None:
        return sentence(f"{words}; too little of it happened to tell whether such analogies foretell.", numbers)
    told = (
        "such analogies have foretold"
        if skill.low > 0
        else "but such analogies have not foretold better than the base rate"
    )
    return sentence(f"{words}; {told} (skill {{{key}.skill|full}}).", numbers)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _detail(found: Analogues | None, parameters: Parameters, skill: Skill | None, numbers: list[Number]) -> Sentence:
    if found is None:
        return sentence("Unknown is not zero: nothing is claimed.")
    key = _key(parameters.outcome, parameters.within)
    names = [f"{row['states']} {row['year']}" for row in found.nearest.head(SHOWN).iter_rows(named=True)]
    said = [f"The nearest of {{reference}} past cases: {listed(names)}."] if names else []
    if skill is not None:
        said.append(
            f"Asked {{{key}.asked}} times at standpoints from {skill.first} to {skill.last} with what was known then, of which it followed "
            f"{{{key}.happened}} times, such analogies had a Brier skill of {{{key}.skill|full}} (1: perfect, 0: the base rate)."
        )
    if any(number.key == "precedent" for number in numbers) and parameters.precedent is not None:
        who = listed([state_in_sentence(code) for code in parameters.precedent.states])
        said.append(
            f"The precedent appealed to, {who} at the end of {parameters.precedent.year}, is more like this case than {{precedent}} of past cases."
        )
    return sentence(" ".join(said), numbers)


def _parts(found: Analogues, numbers: list[Number]) -> list[Part]:
    parts = []
    for rate in found.rates:
        key = _key(rate.outcome, rate.horizon)
        skill = found.skill(rate.outcome, rate.horizon)
        words = f"{{{key}.followed}} of {{{key}.cases}}: {{{key}.rate|full}}; base rate {{{key}.base}}."
        words += (
            f" Skill of such analogies {{{key}.skill|full}}."
            if skill
            else " Too rare to tell whether analogies foretell it."
        )
        title = f"More often followed by {WORDS[rate.outcome][1]} within {rate.horizon} years"
        parts.append(Part(key, title, verdict_of(rate, skill), sentence(words, numbers)))
    return parts


def _checks(found: Analogues, parameters: Parameters, rate: Rate | None, skill: Skill | None) -> list[Check]:
    other = found.rate(parameters.outcome, 15 - parameters.within)
    same = other is not None and rate is not None and (other.rate > other.base) == (rate.rate > rate.base)
    foretell = skill is not None and (skill.low > 0 or skill.high < 0.05)
    beats = skill is not None and (skill.class_low > 0) == (skill.low > 0)
    return [
        Check("Skill is clear", foretell, sentence(
            "Past standpoints tell clearly whether such analogies foretell." if foretell
            else "Past standpoints do not tell clearly whether such analogies foretell.")),
        Check("Beside plain classes", beats, sentence(
            "Measured against pairs of the same plain class (pact, fought together, dispute), the answer is the same." if beats
            else "Measured against the same plain class (pact, fought together, dispute), the answer would differ.")),
        Check("Another horizon", same, sentence(
            "Within the other horizon the rate lies on the same side of the base rate." if same
            else "Within the other horizon the rate lies on the other side of the base rate.")),
    ]  # fmt: skip


def _both_sides(
    parameters: Parameters, rate: Rate | None, skill: Skill | None, numbers: list[Number]
) -> tuple[tuple[Sentence, ...], tuple[Sentence, ...]]:
    sides: dict[bool, list[Sentence]] = {True: [], False: []}
    if rate is None:
        return (), ()
    key, what = _key(parameters.outcome, parameters.within), WORDS[parameters.outcome][1]
    sides[rate.rate > rate.base].append(sentence(
        f"Among the nearest, {what} followed in {{{key}.rate|full}} of cases; among all past cases in {{{key}.base}}.", numbers))  # fmt: skip
    if skill is not None:
        sides[skill.low > 0].append(sentence(
            f"At past standpoints such analogies had a skill of {{{key}.skill|full}} over the base rate"
            + ("." if skill.low > 0 else ": history of this kind does not repeat itself reliably enough to foretell."), numbers))  # fmt: skip
        sides[skill.class_low > 0].append(sentence(
            f"Over the mere class (pact, fought together, dispute) their skill was {{{key}.over-class|full}}.", numbers))  # fmt: skip
    precedent = next((number.value for number in numbers if number.key == "precedent"), None)
    if precedent is not None and parameters.precedent is not None:
        like = precedent >= RARE
        sides[like].append(sentence(
            f"The precedent of {parameters.precedent.year} is more like this case than {{precedent}} of past cases"
            + ("." if like else ": what can be seen of it then differs from what is seen now."), numbers))  # fmt: skip
    return tuple(sides[True]), tuple(sides[False])


def _not_covered(found: Analogues | None) -> tuple[Sentence, ...]:
    if found is None:
        return ()
    known = [
        f"{'dispute' if name == 'dispute' else name}: {low}–{high}" for name, (low, high) in found.record.known.items()
    ]
    missing = [name for name in ("treaty", "joint war", "dispute") if name not in found.record.known]
    said = [
        f"What followed is known for these years: {'; '.join(known)}."
        if known
        else "What followed past cases is not known."
    ]
    if missing:
        said.append(f"Not in the library: {listed(missing)}.")
    said += [
        "Common rivals after the last year of disputes rest on sanctions and wars only.",
        "Before 1960 few channels saw these states; what was secret, or not counted, cannot make two cases alike.",
    ]
    return tuple(sentence(text) for text in said)


def _tables(found: Analogues) -> tuple[Table, ...]:
    nearest, fan, standing = found.nearest, found.fan, found.standing
    return (
        Table("analogues", "The most similar past cases", tuple(nearest.columns), tuple(nearest.iter_rows())),
        Table("analogue_fan", "Where the most similar cases stood in the years after", tuple(fan.columns), tuple(fan.iter_rows())),
        Table("analogue_path", "Where this case stood among all pairs", tuple(standing.columns), tuple(standing.iter_rows())),
    )  # fmt: skip
