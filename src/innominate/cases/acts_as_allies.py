"""The test ``acts-as-allies``: do some pairs show, in what they do, what pairs of NATO members show?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from innominate.cases import allies_evidence as evidence
from innominate.cases import treaties
from innominate.cases.allies_evidence import Measured
from innominate.cases.findings import Cell, Finding, Number, Part, Sentence, Table, Verdict
from innominate.cases.pairs_spec import PairsSpec
from innominate.cases.provenance import rows_behind
from innominate.cases.registry import register
from innominate.cases.spec import ClaimSpec, Year, Years
from innominate.cases.treaties import Joint
from innominate.cases.verdicts import all_of, confidence, joint_range, judge, judge_range, reason
from innominate.cases.view import WELL_COVERED, View, level
from innominate.cases.wording import between, listed, pair_name, sentence, span

RULE = (
    "For every pair the alignment is averaged over the years from {since} on in which at least {channels} channels looked "
    "at it. The claim about a pair is that this level lies above the lower quartile of NATO pairs; its probability is "
    "the posterior mass above that bar, with the errors of the years taken as fully dependent, which is the most "
    "cautious assumption. The claim about the group is that every pair does{treaty}."
)
_SAID: tuple[tuple[Verdict, str, str], ...] = (
    ("supported", "shows what NATO pairs show", "show what NATO pairs show"),
    ("contradicted", "falls short of what NATO pairs show", "fall short of what NATO pairs show"),
    ("undecided", "is too close to the bar to tell", "are too close to the bar to tell"),
    ("not testable", "is seen by too few channels to say", "are seen by too few channels to say"),
)
TREATY = ", and that no treaty with a defence clause binds all of them"


class Parameters(PairsSpec):
    """What stands under ``with``.

    ``states`` (every pair of them) or ``pairs``; default: the case's states. ``since``: first year judged. ``before``:
    the years compared with. ``joint_treaty``: ``absent`` where the claim is also that no defence treaty binds all.
    ``channels``: how many channels must have looked at a pair before a year counts.
    """

    since: Year
    before: Years
    joint_treaty: Literal["absent", "any"] = "any"
    channels: Annotated[int, Field(ge=1, le=20)] = WELL_COVERED

    @model_validator(mode="after")
    def _sensible(self) -> Parameters:
        if self.before.last >= self.since:
            raise ValueError(f"before ends in {self.before.last}, which is not before since ({self.since})")
        return self


def _measure(view: View, key: str, parameters: Parameters) -> Measured | None:
    if not view.exists(key):
        return None
    path = view.pair(key)
    now = level(path, parameters.since, view.study.years[1], parameters.channels)
    if now is None:
        return None
    then = level(path, parameters.before.first, parameters.before.last, parameters.channels)
    turns = view.turns(key, parameters.before.first)
    return Measured(key, path, now, then, view.why(key, now.years[-1]).by_channel(), turns)


@register("acts-as-allies", Parameters, RULE)
def acts_as_allies(claim: ClaimSpec, parameters: Parameters, view: View) -> Finding:
    """Judge the claim that some pairs act as allies do, each and together.

    Parameters
    ----------
    claim : its wording
    parameters : pairs, years, bar (see :class:`Parameters`)
    view : the study
    """
    keys = parameters.keys(view.case.states)
    measured = {key: _measure(view, key, parameters) for key in keys}
    known = [pair for pair in measured.values() if pair is not None]
    joint = None
    if parameters.joint_treaty == "absent":
        members = sorted({code for key in keys for code in key.split("-")})
        joint = treaties.joint_treaty(view, members)
    numbers = [number for pair in known for number in evidence.pair_numbers(pair, view)]
    numbers += [*_group_numbers(measured, view), *evidence.bar_numbers(known, view)]
    verdict = group_verdict(measured, view.bars["quartile"], joint)
    checks = evidence.checks(
        measured, view, verdict, parameters.since, lambda changed, bar: group_verdict(changed, bar, joint)
    )
    forward, against = evidence.both_sides(known, view, numbers, joint)
    return Finding(
        **claim.named(),
        verdict=verdict,
        confidence=confidence(checks),
        headline=_headline(measured, numbers),
        detail=_detail(measured, numbers, joint),
        confidence_reason=reason(checks),
        rule=RULE.format(
            since=parameters.since, channels=parameters.channels, treaty=TREATY if joint is not None else ""
        ),
        parts=tuple(_parts(measured, view.bars["quartile"], numbers, joint)),
        numbers=tuple(numbers),
        evidence_for=forward,
        evidence_against=against,
        not_covered=tuple(_not_covered(view, measured, parameters)),
        checks=tuple(checks),
        rows=rows_behind(view.study.library, keys, parameters.since, view.study.years[1], view.channels_behind),
        tables=(_intervals(known, view),),
    )


def group_verdict(measured: Mapping[str, Measured | None], bar: float, joint: Joint | None) -> Verdict:
    """The verdict on the group at a bar: every pair above it, and no joint treaty where that is claimed."""
    single = [None if pair is None else pair.now.above(bar) for pair in measured.values()]
    known = [probability for probability in single if probability is not None]
    behaviour: Verdict
    if len(known) == len(single):
        behaviour = judge_range(joint_range(known))
    else:
        behaviour = "contradicted" if any(judge(one) == "contradicted" for one in known) else "not testable"
    return behaviour if joint is None else all_of([behaviour, joint.absent])


def _group_numbers(measured: Mapping[str, Measured | None], view: View) -> list[Number]:
    bar = Number(
        "bar", "bar: lower quartile of NATO pairs", view.bars["quartile"], "alignment", source=view.fit.scale.label
    )
    single = [pair.now.above(bar.value or 0.0) for pair in measured.values() if pair is not None]
    if not single or len(single) < len(measured):
        return [bar]
    low, high = joint_range(single)
    label = "probability that every pair is above the bar, whatever their dependence: at least, at most"
    return [
        bar,
        Number("joint.least", f"{label.split(':')[0]}: at least", low, "probability", source="alignment"),
        Number("joint.most", f"{label.split(':')[0]}: at most", high, "probability", source="alignment"),
    ]


def _headline(measured: Mapping[str, Measured | None], numbers: list[Number]) -> Sentence:
    """Pairs by verdict, each with its level, in one sentence."""
    bar = _value(numbers, "bar")
    said: list[str] = []
    for verdict, one, many in _SAID:
        who = [
            key for key, pair in measured.items() if (judge(pair.now.above(bar)) if pair else "not testable") == verdict
        ]
        if who:
            named = listed([_with_level(key, measured[key]) for key in who])
            said.append(f"{named} {one if len(who) == 1 else many}")
    return sentence(f"{evidence.seen_through(measured)}{'; '.join(said)}.", numbers)


def _with_level(key: str, pair: Measured | None) -> str:
    return f"{pair_name(key)} ({{{key}.level|full}})" if pair else pair_name(key)


def _detail(measured: Mapping[str, Measured | None], numbers: list[Number], joint: Joint | None) -> Sentence:
    known = [pair for pair in measured.values() if pair is not None]
    said = ["On this scale 0 is the median pair of states and 1 the median NATO pair; the bar is {bar}."]
    if known:
        said.append(f"The years judged are {span([year for pair in known for year in pair.now.years])}.")
    if any(number.key == "joint.least" for number in numbers):
        said.append(
            f"The probability that every pair is above the bar {between('joint.least', 'joint.most', numbers)}."
        )
    if joint is not None:
        said.append(joint.sentence)
    return sentence(" ".join(said), numbers)


def _value(numbers: list[Number], key: str) -> float:
    return next(float(number.value or 0.0) for number in numbers if number.key == key)


def _parts(
    measured: Mapping[str, Measured | None], bar: float, numbers: list[Number], joint: Joint | None
) -> list[Part]:
    parts = []
    for key, pair in measured.items():
        if pair is None:
            words = "Too few channels looked at this pair in these years: nothing is claimed about it."
            parts.append(Part(key, pair_name(key), "not testable", sentence(words)))
            continue
        words = (
            f"{{{key}.level|full}} in {span(pair.now.years)}; probability above the bar {{{key}.probability}}; "
            f"rank {{{key}.rank}} of {{{key}.of}} pairs in {pair.now.years[-1]}."
        )
        parts.append(Part(key, pair_name(key), judge(pair.now.above(bar)), sentence(words, numbers)))
    if joint is not None:
        parts.append(Part("treaty", "No joint defence treaty", joint.absent, sentence(joint.sentence)))
    return parts


def _not_covered(view: View, measured: Mapping[str, Measured | None], parameters: Parameters) -> list[Sentence]:
    """Years and channels that nobody looked at, pairs with the same gaps together."""
    gaps: dict[str, list[str]] = {}
    for key, pair in measured.items():
        judged = set(pair.now.years) if pair else set()
        thin = [year for year in range(parameters.since, view.study.years[1] + 1) if year not in judged]
        if thin:
            one = len(thin) == 1
            words = f", {span(thin)}: fewer than {parameters.channels} channels looked, so {'this year does' if one else 'these years do'} not count."
            gaps.setdefault(words, []).append(pair_name(key))
        if pair is not None and (unseen := evidence.unseen_channels(view, key, pair.now.years)):
            gaps.setdefault(f": no data in {span(pair.now.years)} on {listed(unseen, 'or')}.", []).append(
                pair_name(key)
            )
    return [sentence(f"{listed(names)}{words}") for words, names in gaps.items()]


def _intervals(known: list[Measured], view: View) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for pair in known:
        for when, one in (("now", pair.now), ("before", pair.then)):
            if one is not None:
                rows.append((pair.key, pair_name(pair.key), when, span(one.years), one.mean, one.low, one.high))
    bars = view.bars
    rows.append(("NATO", "NATO pairs", "bar", view.fit.scale.label, bars["median"], bars["quartile"], None))
    return Table(
        "levels", "Levels before and now", ("key", "pair", "when", "years", "alignment", "low", "high"), tuple(rows)
    )
