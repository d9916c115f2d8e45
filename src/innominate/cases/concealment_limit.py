"""The test ``concealment-limit``: could so much be hidden that pairs would no longer be seen to act as allies?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from innominate.cases.findings import Cell, Check, Finding, Number, Part, Sentence, Table, Verdict
from innominate.cases.pairs_spec import PairsSpec
from innominate.cases.provenance import rows_behind
from innominate.cases.registry import register
from innominate.cases.spec import ClaimSpec, Year
from innominate.cases.verdicts import confidence, joint_range, judge, judge_range
from innominate.cases.view import WELL_COVERED, Level, View, level
from innominate.cases.wording import listed, pair_name, sentence, span, state_name

if TYPE_CHECKING:
    from innominate.worlds.hidden import Hidden
    from innominate.worlds.mirror import Gap

RULE = (
    "Of everything that a pair does for one another and could conceal (arms, trade, exercises, troops, agreements, "
    "cooperation in events) a share is removed at random, {draws} times at every share; votes, memberships, embassies and "
    "conflict stay. The claim about a pair is that with {share:.0%} removed it is missed: its level over the years from "
    "{since} on no longer lies above the lower quartile of NATO pairs with a probability of one half. Its probability is "
    "the share of draws in which that happens. A pair that is below the bar with nothing hidden is not testable. The claim "
    "about the group is that every pair is missed."
)


class Parameters(PairsSpec):
    """What stands under ``with``.

    ``states`` (every pair) or the case's; ``pairs`` instead; ``since``: first year judged; ``share`` hidden;
    ``channels`` that must have looked at a year; ``draws`` and ``seed`` of the random removal.
    """

    since: Year
    share: Annotated[float, Field(gt=0, lt=1)] = 0.5
    channels: Annotated[int, Field(ge=1, le=20)] = WELL_COVERED
    draws: Annotated[int, Field(ge=10, le=2000)] = 100
    seed: Annotated[int, Field(ge=0)] = 0


@register("concealment-limit", Parameters, RULE)
def concealment_limit(claim: ClaimSpec, parameters: Parameters, view: View) -> Finding:
    """Judge the claim that hiding a share of what some pairs do would make them go unseen.

    Parameters
    ----------
    claim : its wording
    parameters : pairs, years, share (see :class:`Parameters`)
    view : the study
    """
    keys = parameters.keys(view.case.states)
    now = {key: _level(view, key, parameters) for key in keys}
    hidden = _hidden(view, now, parameters)
    gaps = _mirror_gaps(view, keys)
    numbers = [number for key in keys for number in _numbers(key, now[key], hidden.get(key), parameters)]
    numbers += [number for gap in gaps for number in _gap_numbers(gap)]
    numbers.append(Number("bar", "bar: lower quartile of NATO pairs", view.bars["quartile"], "alignment"))
    numbers.append(Number("share", "share hidden", parameters.share, "share"))
    verdict = _verdict(keys, hidden, parameters.share, view.bars["quartile"])
    checks = _checks(keys, hidden, parameters, view, verdict)
    forward, against = _both_sides(hidden, gaps, numbers, parameters)
    return Finding(
        **claim.named(),
        verdict=verdict,
        confidence=confidence(checks),
        headline=_headline(keys, hidden, numbers),
        detail=sentence(
            "What can be concealed is removed at random, years and channels alike; what is in truth concealed is in no "
            "dataset, so this says what hiding could achieve, and not that anybody hides.", numbers,
        ),
        confidence_reason=_reason(checks),
        rule=RULE.format(share=parameters.share, since=parameters.since, draws=parameters.draws),
        parts=tuple(_part(key, now[key], hidden.get(key), parameters, view, numbers) for key in keys),
        numbers=tuple(numbers),
        evidence_for=tuple(forward),
        evidence_against=tuple(against),
        not_covered=tuple(_not_covered(view, gaps)),
        checks=tuple(checks),
        rows=rows_behind(view.study.library, keys, parameters.since, view.study.years[1], view.channels_behind),
        tables=(_table(hidden),),
    )  # fmt: skip


def _level(view: View, key: str, parameters: Parameters) -> Level | None:
    if not view.exists(key):
        return None
    return level(view.pair(key), parameters.since, view.study.years[1], parameters.channels)


def _hidden(view: View, now: Mapping[str, Level | None], parameters: Parameters) -> dict[str, Hidden]:
    """What hiding does to the pairs that are seen to act as allies as things stand, and have something to hide."""
    from innominate.worlds.hidden import MISSED
    from innominate.worlds.hiding import hide

    bar = view.bars["quartile"]
    seen = {key: one for key, one in now.items() if one is not None and one.above(bar) >= MISSED}
    if not seen:
        return {}
    pairs = [(key.split("-")[0], key.split("-")[1]) for key in seen]
    found = hide(
        view.study.library, view.fit, pairs, [one.years for one in seen.values()], draws=parameters.draws,
        seed=parameters.seed, drop=view.study.drop, progress=view.study.progress,
    )  # fmt: skip
    return {key: one for key, one in zip(seen, found, strict=True) if one.acts}


def _mirror_gaps(view: View, keys: Sequence[str]) -> list[Gap]:
    from innominate.worlds.mirror import mirror_gaps

    return mirror_gaps(view.study.library, keys, until=view.study.years[1])


def _verdict(keys: Sequence[str], hidden: Mapping[str, Hidden], share: float, bar: float) -> Verdict:
    known = [one.at(share, bar) for one in hidden.values()]
    if len(known) == len(keys) and known:
        return judge_range(joint_range(known))
    return "contradicted" if any(judge(one) == "contradicted" for one in known) else "not testable"


def _numbers(key: str, now: Level | None, one: Hidden | None, parameters: Parameters) -> list[Number]:
    name = pair_name(key)
    found = []
    if now is not None:
        found.append(
            Number(f"{key}.level", f"{name}: level, {span(now.years)}", now.mean, "alignment", now.low, now.high)
        )
    if one is not None:
        limit, least, most = one.limit()
        place = int(abs(one.shares - parameters.share).argmin())
        left = float(one.alignment[place].mean())
        found += [
            Number(f"{key}.limit", f"{name}: share that must be hidden to be missed", limit, "share", least, most),
            Number(f"{key}.missed", f"{name}: probability of being missed", one.at(parameters.share), "probability"),
            Number(f"{key}.left", f"{name}: level with that share hidden", left, "alignment"),
            Number(f"{key}.acts", f"{name}: acts that could be hidden", float(one.acts), "count"),
        ]
    return found


def _gap_numbers(gap: Gap) -> list[Number]:
    flow = f"{gap.exporter}.{gap.importer}"
    name = f"{state_name(gap.exporter)} to {state_name(gap.importer)}, {gap.year}"
    found = [Number(f"{flow}.gap", f"{name}: mirror gap", gap.value, "change", source="UN Comtrade")]
    if gap.outside is not None:
        usual = f"{name}: usual range of such gaps"
        found.append(Number(f"{flow}.usual", usual, gap.middle, "change", gap.low, gap.high))
    return found


def _headline(keys: Sequence[str], hidden: Mapping[str, Hidden], numbers: list[Number]) -> Sentence:
    said = []
    never = [key for key, one in hidden.items() if one.limit()[0] is None]
    for key, one in hidden.items():
        if one.limit()[0] is not None:
            said.append(f"{pair_name(key)} would be missed only if about {{{key}.limit}} of it were hidden")
    if never:
        said.append(f"{listed([pair_name(key) for key in never])} would be seen through public channels alone")
    if not said:
        return sentence(
            "No pair is seen to act as allies through what could be hidden, so the question does not arise."
        )
    return sentence(f"{'; '.join(said)}.", numbers)


def _part(
    key: str, now: Level | None, one: Hidden | None, parameters: Parameters, view: View, numbers: list[Number]
) -> Part:
    if now is None:
        return Part(
            key, pair_name(key), "not testable", sentence("Too few channels looked at this pair in these years.")
        )
    if one is None:
        words = f"{{{key}.level|full}}: below the bar, or with nothing to hide, as things stand."
        return Part(key, pair_name(key), "not testable", sentence(words, numbers))
    words = (
        f"{{{key}.level|full}} as things stand; {{{key}.left}} with {{share}} hidden, and missed with probability "
        f"{{{key}.missed}}. It is missed in half of the draws from {{{key}.limit|full}} on."
    )
    verdict = judge(one.at(parameters.share, view.bars["quartile"]))
    return Part(key, pair_name(key), verdict, sentence(words, numbers))


def _checks(
    keys: Sequence[str], hidden: Mapping[str, Hidden], parameters: Parameters, view: View, verdict: Verdict
) -> list[Check]:
    if not hidden:
        return []
    found = []
    for name, words in (("tenth", "at the 10th percentile of NATO pairs"), ("median", "at the median of NATO pairs")):
        other = _verdict(keys, hidden, parameters.share, view.bars[name])
        found.append(Check(f"Another bar ({name})", other == verdict, sentence(f"With the bar {words}: {other}.")))
    for share in (parameters.share - 0.1, parameters.share + 0.1):
        if 0 < share < 1:
            other = _verdict(keys, hidden, share, view.bars["quartile"])
            detail = sentence(f"With {share:.0%} hidden instead: {other}.")
            found.append(Check(f"Another share ({share:.0%})", other == verdict, detail))
    return found


def _reason(checks: Sequence[Check]) -> Sentence:
    failed = [check for check in checks if not check.passed]
    if not checks:
        return sentence("Nothing could be checked.")
    if not failed:
        return sentence("The verdict stands with other bars and other shares.")
    return sentence("The verdict changes: " + " ".join(check.detail.text for check in failed))


def _both_sides(
    hidden: Mapping[str, Hidden], gaps: Sequence[Gap], numbers: list[Number], parameters: Parameters
) -> tuple[list[Sentence], list[Sentence]]:
    """What points to a tie that could go unseen, and what against it."""
    forward: list[Sentence] = []
    against: list[Sentence] = []
    for key, one in hidden.items():
        missed = one.at(parameters.share)
        words = (
            f"With {{share}} hidden {pair_name(key)} falls from {{{key}.level}} to {{{key}.left}}; the bar is {{bar}}."
        )
        (forward if missed >= 0.5 else against).append(sentence(words, numbers))
    for gap in gaps:
        if gap.outside is None:
            continue
        flow = f"{gap.exporter}.{gap.importer}"
        words = (
            f"{state_name(gap.exporter)} to {state_name(gap.importer)}, {gap.year}: what is reported as imports differs from "
            f"what is reported as exports by {{{flow}.gap}} in logarithms, {'outside' if gap.outside else 'inside'} the usual range "
            f"{{{flow}.usual|interval}}."
        )
        (forward if gap.outside else against).append(sentence(words, numbers))
    return forward, against


def _not_covered(view: View, gaps: Sequence[Gap]) -> list[Sentence]:
    found = [sentence("What is concealed in fact: no dataset can hold it, and nothing here estimates it.")]
    if not gaps:
        found.append(
            sentence(
                "Mirror gaps in trade: this library holds no trade of these pairs as both sides report it (UN Comtrade does; "
                "`innominate import comtrade`)."
            )
        )
    few = [gap for gap in gaps if gap.outside is None]
    if few:
        flows = listed([f"{state_name(gap.exporter)} to {state_name(gap.importer)}, {gap.year}" for gap in few])
        found.append(
            sentence(f"How large mirror gaps usually are: too few flows are reported by both sides ({flows}).")
        )
    return found


def _table(hidden: Mapping[str, Hidden]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for key, one in hidden.items():
        for row in one.table().iter_rows(named=True):
            rows.append((key, pair_name(key), row["share"], row["missed"], row["alignment"], row["low"], row["high"]))
    columns = ("key", "pair", "share", "missed", "alignment", "low", "high")
    return Table("hiding", "Level and probability of being missed by share hidden", columns, tuple(rows))
