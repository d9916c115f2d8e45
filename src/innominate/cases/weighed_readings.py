"""The test ``readings``: is one explanation more probable than its rivals, on the same trajectories?"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from innominate.cases import readings_evidence as evidence
from innominate.cases import readings_tables as tables
from innominate.cases.findings import Finding, Number, Part, Sentence
from innominate.cases.provenance import rows_behind
from innominate.cases.reading_spec import ReadingSpec
from innominate.cases.readings_evidence import Judged
from innominate.cases.registry import register
from innominate.cases.skeleton import filled
from innominate.cases.spec import ClaimSpec, Strict, Years
from innominate.cases.verdicts import confidence, judge, judge_range
from innominate.cases.view import View
from innominate.cases.wording import listed, sentence
from innominate.errors import InputError
from innominate.readings.reading import Reading
from innominate.readings.weighing import Support, Weighed

RULE = (
    "Every reading is a set of expectations about trajectories, stated in the case file. Its Bayes factor against the model "
    "without constraints is the posterior mass of the trajectories that fit it over their prior mass. The claim is that its "
    "reading is the true one of those given and none of them (trajectories that fit no reading), all equally probable "
    "beforehand; its probability is its factor's share in the sum of the factors. Only channels that looked at every pair in both spans "
    "({early} and {late}) count. An expectation on which fewer than {channels} channels (two of a theme) looked in either "
    "span counts neither for nor against; a reading of which no more than half can be judged is not testable, nor is a claim "
    "of which no rival is."
)


class Parameters(Strict):
    """What stands under ``with``.

    ``claimed``: the reading that the claim holds to be true; ``readings``: all rivals, with what they expect. ``early``,
    ``late``: the spans compared. ``channels``: how many must have looked at a pair in both. ``seed``: of Monte Carlo sums.
    """

    claimed: str
    early: Years
    late: Years
    readings: Annotated[list[ReadingSpec], Field(min_length=1, max_length=8)]
    channels: Annotated[int, Field(ge=1, le=20)] = 3
    seed: int = 0

    @model_validator(mode="after")
    def _sensible(self) -> Parameters:
        names = [one.id for one in self.readings]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"the reading {twice[0]!r} stands twice")
        if "none" in names:
            raise ValueError("no reading may be called 'none'; it stands for none of them")
        if self.claimed not in names:
            raise ValueError(f"claimed: there is no reading {self.claimed!r}; there are {', '.join(names)}")
        if self.early.last >= self.late.first:
            raise ValueError(f"early ends in {self.early.last}, which is not before late ({self.late.first})")
        try:
            self.made()
        except InputError as error:
            raise ValueError(str(error)) from None
        return self

    def made(self) -> tuple[Reading, ...]:
        """The readings over their spans."""
        return tuple(one.reading(self.early, self.late) for one in self.readings)


@register("readings", Parameters, RULE)
def readings(claim: ClaimSpec, parameters: Parameters, view: View) -> Finding:
    """Judge the claim that one reading is more probable than its rivals and than none of them.

    Parameters
    ----------
    claim : its wording
    parameters : readings, spans, the reading claimed (see :class:`Parameters`)
    view : the study
    """
    judged = _judged(parameters, view)
    weighed, name = judged.weighed, parameters.claimed
    testable = judged.testable
    verdict = judge_range(weighed.bounds(name)) if testable else "not testable"
    numbers = [*_numbers(weighed, name), *evidence.numbers(judged)]
    checks = evidence.checks(judged, verdict) if testable else []
    forward, against = evidence.both_sides(judged, numbers) if testable else ((), ())
    first, last = parameters.early.first, parameters.late.last
    return Finding(
        **claim.named(),
        verdict=verdict,
        confidence=confidence(checks),
        headline=_headline(judged, numbers),
        detail=_detail(judged, numbers),
        confidence_reason=evidence.reason(checks),
        rule=RULE.format(early=_span(parameters.early), late=_span(parameters.late), channels=parameters.channels),
        parts=tuple(_parts(weighed, numbers)),
        numbers=tuple(numbers),
        evidence_for=forward,
        evidence_against=against,
        not_covered=tuple(evidence.not_covered(judged, _span(parameters.early), _span(parameters.late))),
        checks=tuple(checks),
        rows=rows_behind(view.study.library, judged.pairs, first, last, view.channels_behind),
        tables=tables.all_tables(judged),
    )


def _span(years: Years) -> str:
    return f"{years.first}–{years.last}"


def _judged(parameters: Parameters, view: View) -> Judged:
    from innominate.readings.diagnosis import diagnostic
    from innominate.readings.turning import what_would_change
    from innominate.readings.variants import sensitivity
    from innominate.readings.weighing import weigh

    made, tell = parameters.made(), view.study.progress
    for one in made:
        evidence.check_pairs(one, view)
    weighed = weigh(view.study, made, needed=parameters.channels, seed=parameters.seed, progress=tell)
    bare = Judged(weighed, parameters.claimed, (), (), ())
    if not bare.testable:
        return bare
    return Judged(
        weighed,
        parameters.claimed,
        tuple(sensitivity(weighed, tell)),
        tuple(diagnostic(weighed, parameters.claimed, tell)),
        tuple(what_would_change(weighed, tell)),
    )


def _numbers(weighed: Weighed, claimed: str) -> list[Number]:
    found, source = [], "measurement model before and after the data"
    chances = weighed.probabilities()
    for one in weighed.supports:
        name, said = one.reading.name, one.reading.title
        found += [
            Number(f"{name}.factor", f"{said}: Bayes factor against no constraints (interval: Monte Carlo)", one.factor,
                   "factor", *one.bounds, source=source),
            Number(f"{name}.prior", f"{said}: prior mass", one.prior.value, "probability", source=source),
            Number(f"{name}.posterior", f"{said}: posterior mass", one.posterior.value, "probability", source=source),
            Number(f"{name}.tested", f"{said}: expectations that could be judged", len(one.tested), "count",
                   of=len(one.reading.expects), source="case file"),
        ]  # fmt: skip
        if one.testable:
            low, high = weighed.bounds(name)
            found.append(
                Number(f"{name}.probability", f"{said}: probability among the readings and none of them", chances[name],
                       "probability", low, high, source=source)
            )  # fmt: skip
    said = "None of the readings"
    return [
        *found,
        Number(
            "none.factor", f"{said}: Bayes factor against no constraints", weighed.none_factor, "factor", source=source
        ),
        Number("none.probability", f"{said}: probability", chances.get("none"), "probability", source=source),
    ]


def _ranked(weighed: Weighed) -> list[Support]:
    return sorted((one for one in weighed.supports if one.testable), key=lambda one: -one.factor)


def _headline(judged: Judged, numbers: list[Number]) -> Sentence:
    weighed, name = judged.weighed, judged.claimed
    own = weighed.support(name)
    if not judged.testable:
        words = f"Too little was looked at to weigh this reading: {{{name}.tested}} of its {len(own.reading.expects)} expectations could be judged"
        rivals = "." if not own.testable else ", and no more than half of those of any rival."
        return sentence(words + rivals, numbers)
    best = weighed.best()
    said = f"“{own.reading.title}” has probability {{{name}.probability}} among the readings given and none of them"
    if best == name:
        return sentence(f"{said}: the most probable of them.", numbers)
    if best == "none":
        return sentence(f"{said}; more probable is none of them ({{none.probability}}).", numbers)
    return sentence(
        f"{said}; the most probable is “{weighed.support(best).reading.title}” ({{{best}.probability}}).", numbers
    )


def _detail(judged: Judged, numbers: list[Number]) -> Sentence:
    ranked = _ranked(judged.weighed)
    if not judged.testable:
        return sentence("Unknown is not zero: nothing is claimed.")
    each = listed([f"“{one.reading.title}” {{{one.reading.name}.factor}}" for one in ranked])
    said = f"Bayes factors against the model without constraints: {each}. {evidence.turning_words(judged)}"
    return sentence(said.strip(), numbers)


def _parts(weighed: Weighed, numbers: list[Number]) -> list[Part]:
    parts = []
    for one in weighed.supports:
        name = one.reading.name
        if not one.testable:
            words = f"{{{name}.tested}} of {len(one.reading.expects)} expectations could be judged: too few."
            parts.append(Part(name, one.reading.title, "not testable", sentence(words, numbers)))
            continue
        words = (
            f"Bayes factor {{{name}.factor|full}}, probability {{{name}.probability}}: {{{name}.posterior}} of the trajectories "
            f"that the data leave fit it, {{{name}.prior}} of those before the data. {filled(one.reading.rationale)}".rstrip()
        )
        parts.append(Part(name, one.reading.title, judge(weighed.probabilities()[name]), sentence(words, numbers)))
    return parts
