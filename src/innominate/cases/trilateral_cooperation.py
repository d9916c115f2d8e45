"""The test ``trilateral-cooperation``: do some states act k at a time, or are they a sum of bilateral ties?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import numpy as np
from pydantic import Field, model_validator

from innominate.blocs import EVIDENCE, GROUPS, Evidence
from innominate.blocs.reach import CHANNELS
from innominate.cases.findings import Cell, Check, Finding, Number, Part, Rows, Sentence, Table, Verdict
from innominate.cases.joint_action import TITLES, Bloc, Kind, in_a_kind, in_blocs, ratios_by, weigh
from innominate.cases.provenance import rows_behind
from innominate.cases.registry import register
from innominate.cases.spec import ClaimSpec, StateCodes, Strict, Years
from innominate.cases.verdicts import confidence, judge_range, reason
from innominate.cases.view import View, all_pairs
from innominate.cases.wording import between, group_in_sentence, listed, sentence, state_name

RULE = (
    "Every kind of act is asked whether the members take part together on more occasions than their pairs imply: the null keeps "
    "each member's occasions and each pair's common occasions, and is otherwise random. The probability of more is one minus "
    "the mid-p value. Common causes make groups that are no group look joint, so the same is asked of {placebos} groups of "
    "states as busy, and the claim about a kind is that the group is beyond its pairs and beyond such groups; its probability "
    "lies between the bounds that hold whatever the dependence of the two. The claim about the group is judged of a kind of "
    "act picked at random, so its probability is the mean over the kinds that can be judged. A kind with no joint act on record inside coverage "
    "speaks against the claim with certainty; outside coverage nothing is claimed. Treaty blocs are shown through {size} "
    "members at a time, as the group is. Years: {years}."
)
FEW_KINDS = 3


class Parameters(Strict):
    """What stands under ``with``.

    ``states`` (default: the case's states; three to six); ``wider``: more groups judged beside them. ``years``: looked at.
    ``evidence``: kinds of act. ``blocs``: treaty blocs compared with. ``placebos``, ``seed``: groups as busy, and their draw.
    """

    states: Annotated[StateCodes, Field(min_length=3, max_length=6)] | None = None
    wider: Annotated[
        list[Annotated[StateCodes, Field(min_length=3, max_length=6)]], Field(max_length=4, default_factory=list)
    ]
    years: Years
    evidence: Annotated[list[Evidence], Field(min_length=1, default_factory=lambda: list(EVIDENCE))]
    blocs: Annotated[list[str], Field(default_factory=lambda: [name for name in GROUPS if "-" not in name])]
    placebos: Annotated[int, Field(ge=20, le=500)] = 60
    seed: int = 1

    @model_validator(mode="after")
    def _sensible(self) -> Parameters:
        unknown = [name for name in self.blocs if name not in GROUPS]
        if unknown:
            raise ValueError(f"there is no bloc {unknown[0]!r}; there are {', '.join(GROUPS)}")
        return self


@register("trilateral-cooperation", Parameters, RULE)
def trilateral_cooperation(claim: ClaimSpec, parameters: Parameters, view: View) -> Finding:
    """Judge the claim that some states act k at a time beyond what their pairs imply.

    Parameters
    ----------
    claim : its wording
    parameters : states, years, kinds of act (see :class:`Parameters`)
    view : the study
    """
    group = list(parameters.states or view.case.states)
    years = (max(parameters.years.first, view.study.years[0]), min(parameters.years.last, view.study.years[1]))
    weighed = weigh(
        view.study.library, [group, *parameters.wider], years, parameters.evidence, parameters.placebos, parameters.seed
    )
    known = any(kind.chance is not None for kind in weighed[0])
    blocs = (
        in_blocs(view.study.library, parameters.blocs, len(group), years, parameters.evidence, parameters.seed)
        if known
        else []
    )
    verdict = judge_range(in_a_kind(weighed[0]))
    numbers = [*_numbers("group", weighed[0]), *_bloc_numbers(blocs)]
    for place, kinds in enumerate(weighed[1:], 1):
        numbers += _numbers(f"wider{place}", kinds)
    checks = _checks(weighed[0], blocs, verdict, years)
    forward, against = _sides(weighed[0], blocs, numbers, group)
    return Finding(
        **claim.named(), verdict=verdict,
        confidence=confidence(checks), headline=_headline(weighed[0], numbers, group, verdict),
        detail=_detail(weighed, parameters, numbers), confidence_reason=reason(checks),
        rule=RULE.format(placebos=parameters.placebos, size=len(group), years=f"{years[0]}–{years[1]}"),
        parts=tuple(_parts(weighed, parameters, numbers)), numbers=tuple(numbers), evidence_for=forward, evidence_against=against,
        not_covered=tuple(_not_covered(weighed[0], years)), checks=tuple(checks), rows=_rows(view, group, weighed[0], years),
        tables=(_table(weighed, blocs, [group, *parameters.wider]),) if known else (),
    )  # fmt: skip


def _numbers(prefix: str, kinds: Sequence[Kind]) -> list[Number]:
    found: list[Number] = []
    for kind in kinds:
        test, placebo, key = kind.answer.found.test, kind.answer.placebo, f"{prefix}.{kind.evidence}"
        if test is None:
            continue
        title, source = TITLES[kind.evidence], kind.evidence
        found += [
            Number(f"{key}.joint", f"{title}: joint, {test.least} or more members", test.joint, "count", of=test.events, source=source),
            Number(f"{key}.expected", f"{title}: joint if there were nothing but pairs", test.expected, "expected", test.low, test.high, source=source),
            Number(f"{key}.beyond", f"{title}: probability of more than pairs imply", test.beyond, "probability", source=source),
        ]  # fmt: skip
        if placebo is not None and kind.answer.found.ratio is not None:
            low, high = ((test.joint + 0.5) / (each + 0.5) for each in (test.high, test.low))
            found += [
                Number(f"{key}.ratio", f"{title}: joint acts as a share of those implied", kind.answer.found.ratio, "share", low, high, source=source),
                Number(f"{key}.alike", f"{title}: share of groups as busy that are beyond their pairs at least as far", placebo.as_joint, "share", of=placebo.groups, source=source),
            ]  # fmt: skip
    bounds = in_a_kind(kinds)
    if bounds is not None:
        found += [
            Number(f"{prefix}.least", "probability of acting together beyond pairs, mean over kinds: at least", bounds[0], "probability", source="all kinds"),
            Number(f"{prefix}.most", "probability of acting together beyond pairs, mean over kinds: at most", bounds[1], "probability", source="all kinds"),
        ]  # fmt: skip
    return found


def _bloc_numbers(blocs: Sequence[Bloc]) -> list[Number]:
    found = []
    for bloc in blocs:
        low, high = (float(value) for value in np.quantile(bloc.ratios, [0.05, 0.95]))
        key, what = (
            f"bloc.{bloc.name}.{bloc.evidence}",
            f"{bloc.name}, {TITLES[bloc.evidence].lower()}, {bloc.years[0]}–{bloc.years[1]}",
        )
        found.append(
            Number(f"{key}.ratio", f"{what}: joint acts as a share of those implied, median group", float(np.median(bloc.ratios)),
                   "share", low, high, of=len(bloc.ratios), source=bloc.evidence)
        )  # fmt: skip
        found.append(
            Number(f"{key}.beyond", f"{what}: share of groups probably beyond their pairs", bloc.beyond, "share",
                   of=len(bloc.ratios), source=bloc.evidence)
        )  # fmt: skip
    return found


def _headline(kinds: Sequence[Kind], numbers: list[Number], group: Sequence[str], verdict: Verdict) -> Sentence:
    names = listed([state_name(code) for code in group])
    if all(kind.chance is None for kind in kinds):
        return sentence(f"The library holds no occasions on which {names} could be seen acting together or apart.")
    said = {
        "supported": "act together beyond what their pairs imply",
        "contradicted": "are no more than the sum of their pairs",
        "undecided": "are not shown to be more than the sum of their pairs, nor to be no more",
    }
    each = [
        f"{TITLES[kind.evidence].lower()}: {{group.{kind.evidence}.joint}} joint, {{group.{kind.evidence}.expected|full}} implied by pairs"
        for kind in kinds
        if kind.chance is not None
    ]
    text = "; ".join(each)
    return sentence(f"{names} {said[verdict]}. {text[:1].upper()}{text[1:]}.", numbers)


def _detail(weighed: Sequence[Sequence[Kind]], parameters: Parameters, numbers: list[Number]) -> Sentence:
    if not any(number.key == "group.least" for number in numbers):
        return sentence("Unknown is not zero: nothing is claimed.")
    said = [
        "In a kind of act picked at random the probability of more than pairs and busyness imply "
        f"{between('group.least', 'group.most', numbers)}."
    ]
    for place, (group, kinds) in enumerate(zip(parameters.wider, weighed[1:], strict=True), 1):
        if in_a_kind(kinds) is not None:
            names = listed([state_name(code) for code in group])
            said.append(f"For {names} it {between(f'wider{place}.least', f'wider{place}.most', numbers)}.")
    return sentence(" ".join(said), numbers)


def _parts(weighed: Sequence[Sequence[Kind]], parameters: Parameters, numbers: list[Number]) -> list[Part]:
    parts = []
    for kind in weighed[0]:
        parts.append(
            Part(
                kind.evidence, TITLES[kind.evidence], judge_range(kind.chance), sentence(_told(kind, "group"), numbers)
            )
        )
    for place, (group, kinds) in enumerate(zip(parameters.wider, weighed[1:], strict=True), 1):
        each = [f"{TITLES[kind.evidence]}: {_told(kind, f'wider{place}')}" for kind in kinds if kind.chance is not None]
        names = ", ".join(state_name(code) for code in group)
        words = " ".join(each) or "Nothing to tell it by."
        parts.append(Part("-".join(group), names, judge_range(in_a_kind(kinds)), sentence(words, numbers)))
    return parts


def _told(kind: Kind, prefix: str) -> str:
    found, key = kind.answer.found, f"{prefix}.{kind.evidence}"
    if found.test is None:
        return f"{found.reason[:1].upper()}{found.reason[1:]}; nothing is claimed."
    years = "–".join(str(year) for year in found.years or ())
    if kind.bound:
        return f"{{{key}.joint}} joint acts in {years}, {{{key}.expected|full}} implied by pairs: they leave nothing to find."
    if found.test.joint == 0:
        return f"No joint act of {found.test.least} members in {years}, where pairs imply {{{key}.expected|full}}."
    words = (
        f"{{{key}.joint}} joint acts in {years}, {{{key}.expected|full}} implied by pairs; probability of more than pairs imply "
        f"{{{key}.beyond}}"
    )
    return (
        f"{words}; {{{key}.alike}} of groups as busy are beyond theirs at least as far."
        if kind.usual is not None
        else f"{words}."
    )


def _sides(
    kinds: Sequence[Kind], blocs: Sequence[Bloc], numbers: list[Number], group: Sequence[str]
) -> tuple[tuple[Sentence, ...], tuple[Sentence, ...]]:
    """Every kind to the side to which its probability points, every treaty bloc to the side to which the comparison points."""
    sides: dict[bool, list[Sentence]] = {True: [], False: []}
    for kind in kinds:
        if kind.chance is None:
            continue
        sides[sum(kind.chance) / 2 >= 0.5].append(sentence(f"{TITLES[kind.evidence]}: {_told(kind, 'group')}", numbers))
        own, medians = kind.answer.found.ratio or 0.0, ratios_by(blocs, kind.evidence)
        for points in (True, False):
            names = [name for name, ratio in medians.items() if (own > ratio) == points]
            if names and kind.usual is not None:
                each = listed([f"{name} ({{bloc.{name}.{kind.evidence}.ratio|full}})" for name in names])
                text = (
                    f"{TITLES[kind.evidence]}: joint acts are {{group.{kind.evidence}.ratio|full}} of those that pairs imply, "
                    f"{'more' if points else 'no more'} than in the median {len(group)} members of {each}."
                )
                sides[points].append(sentence(text, numbers))
    if any(kind.usual is not None for kind in kinds):
        sides[False].append(sentence(
            "More together than pairs imply is not proof of concert: groups as busy are matched by how much their members do, not "
            "by where they are, and a crisis that all attend makes them look joint."
        ))  # fmt: skip
        sides[True].append(sentence(
            "No more than pairs imply is not proof of its absence: three close pairs can make a triangle, and news report a "
            "summit of three as three meetings of two."
        ))  # fmt: skip
    asked = "Every kind of act and every treaty bloc was asked; none points this way."
    return tuple(sides[True] or [sentence(asked)]), tuple(sides[False] or [sentence(asked)])


def _checks(kinds: Sequence[Kind], blocs: Sequence[Bloc], verdict: Verdict, years: tuple[int, int]) -> list[Check]:
    known = [kind for kind in kinds if kind.chance is not None]
    if not known:
        return []
    fragile = [
        TITLES[kind.evidence].lower()
        for kind in known
        if len(known) > 1 and judge_range(in_a_kind([one for one in known if one is not kind])) != verdict
    ]
    found = [group_in_sentence(name) for name in sorted({bloc.name for bloc in blocs if bloc.beyond > 0.5})]
    last = max(kind.answer.found.years[1] for kind in known if kind.answer.found.years is not None)
    return [
        Check("Enough kinds", len(known) >= FEW_KINDS, sentence(
            f"{len(known)} kinds of act could be judged; {FEW_KINDS} are asked for.")),
        Check("One kind less", len(known) > 1 and not fragile, sentence(
            f"The verdict would change without {listed(fragile, 'or')}." if fragile else
            "The verdict stands without any one kind." if len(known) > 1 else "It rests on one kind alone.")),
        Check("A telling test", bool(found), sentence(
            f"Most groups of {listed(found)} come out beyond their pairs in some kind, so the test can find joint action." if found
            else "Most groups of no treaty bloc come out beyond their pairs in any kind: the test may be blind.")),
        Check("Recent years", last >= years[1] - 1, sentence(
            f"The newest evidence is of {last}; the years asked about end in {years[1]}.")),
    ]  # fmt: skip


def _not_covered(kinds: Sequence[Kind], years: tuple[int, int]) -> list[Sentence]:
    found = []
    for kind in kinds:
        one, title = kind.answer.found, TITLES[kind.evidence]
        if one.test is None:
            found.append(sentence(f"{title}: {one.reason.removeprefix('unknown: ')}."))
        elif one.years is not None and (one.years[0] > years[0] or one.years[1] < years[1]):
            found.append(sentence(f"{title}: the data reach from {one.years[0]} to {one.years[1]}."))
    return found


def _rows(view: View, group: Sequence[str], kinds: Sequence[Kind], years: tuple[int, int]) -> tuple[Rows, ...]:
    used = {channel for kind in kinds if kind.chance is not None for channel in CHANNELS[kind.evidence]}
    return rows_behind(view.study.library, all_pairs(group), *years, used)


def _table(weighed: Sequence[Sequence[Kind]], blocs: Sequence[Bloc], groups: Sequence[Sequence[str]]) -> Table:
    """Groups and the median groups of treaty blocs, one row a kind of act."""
    columns = ("role", "name", "evidence", "title", "first", "last", "least", "joint", "expected", "low", "high", "ratio",
               "ratio_low", "ratio_high", "beyond", "alike", "groups", "reading")  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for role, kinds, group in zip(["group", *["wider"] * len(groups)], weighed, groups, strict=False):
        for kind in kinds:
            found, placebo = kind.answer.found, kind.answer.placebo
            head = (role, "-".join(group), kind.evidence, TITLES[kind.evidence], *(found.years or (None, None)))
            if found.test is None:
                rows.append((*head, *[None] * 11, found.reason))
                continue
            test = found.test
            edges = tuple((test.joint + 0.5) / (edge + 0.5) for edge in (test.high, test.low))
            rows.append((*head, test.least, test.joint, test.expected, test.low, test.high, found.ratio, *edges, test.beyond,
                         placebo.as_joint if placebo else None, placebo.groups if placebo else 0, kind.answer.reading))  # fmt: skip
    for bloc in blocs:
        edges = tuple(float(value) for value in np.quantile(bloc.ratios, [0.05, 0.95]))
        rows.append(("bloc", bloc.name, bloc.evidence, TITLES[bloc.evidence], *bloc.years, *[None] * 5,
                     float(np.median(bloc.ratios)), *edges, bloc.beyond, None, len(bloc.ratios), ""))  # fmt: skip
    return Table("together", "Acting together, beside groups drawn from treaty blocs", columns, tuple(rows))
