"""The test ``bloc-churn``: does the bloc around some states turn over faster than treaty blocs do?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from innominate.blocs import GROUPS, Churn, churn, drift, near, roll_calls
from innominate.blocs.circles import Near
from innominate.cases.bloc_tables import brief_blocs
from innominate.cases.findings import Cell, Check, Finding, Number, Part, Rows, Sentence, Table, Verdict
from innominate.cases.provenance import rows_behind
from innominate.cases.registry import register
from innominate.cases.spec import ClaimSpec, StateCodes, Strict, Years
from innominate.cases.verdicts import confidence, joint_range, judge, judge_range, reason
from innominate.cases.view import View, all_pairs
from innominate.cases.wording import between, group_in_sentence, listed, plural, sentence, state_name

RULE = (
    "The circle around a group is the {size} states that agreed most with its members in the UN General Assembly's votes of a "
    "year, beyond what each resolution's split predicts. Its turnover is the share replaced after {lag}, less the share "
    "that differs between two draws of one year, which is noise; resolutions and years are the sample. Where dated events allow, "
    "the same is asked of blocs of dealings: how far members' shares in blocs move in a year. The claim is that the group's "
    "turnover is larger, by more than 2 in a hundred, than that of every bloc compared with, in every kind of data that sees both; its joint probability is "
    "given as the range that holds whatever the dependence."
)
DRAWS = 60
MATTERS = 0.02  # a year, by which one turnover must exceed another to be called larger


class Parameters(Strict):
    """What stands under ``with``.

    ``states`` (default: the case's states), ``years``: judged. ``peers``: treaty bloc → years in which it is looked at.
    ``size``: of the circle; ``lag``: years between; ``seed``: of the draws.
    """

    states: Annotated[StateCodes, Field(min_length=2, max_length=12)] | None = None
    years: Years
    peers: dict[str, Years]
    size: Annotated[int, Field(ge=5, le=60)] = 20
    lag: Annotated[int, Field(ge=1, le=10)] = 1
    seed: int = 1

    @model_validator(mode="after")
    def _sensible(self) -> Parameters:
        unknown = [name for name in self.peers if name not in GROUPS]
        if unknown or not self.peers:
            raise ValueError(f"peers: name blocs of {', '.join(GROUPS)}" + (f", not {unknown[0]!r}" if unknown else ""))
        return self


@dataclass(frozen=True, slots=True)
class Turnover:
    """Turnover of one group by kind of data.

    Attributes
    ----------
    name : of the group
    votes : of the circle in votes; None where there are too few
    events : (S,) yearly drift of members' shares in blocs of dealings; empty where nothing is seen
    ranked : who was near, for other sizes and lags
    """

    name: str
    votes: Churn | None
    events: NDArray[np.float64]
    ranked: Near


@register("bloc-churn", Parameters, RULE)
def bloc_churn(claim: ClaimSpec, parameters: Parameters, view: View) -> Finding:
    """Judge the claim that the bloc around some states turns over faster than treaty blocs.

    Parameters
    ----------
    claim : its wording
    parameters : states, years, blocs compared with (see :class:`Parameters`)
    view : the study
    """
    group = list(parameters.states or view.case.states)
    own, peers = _measured(view, group, parameters)
    chances = _chances(own, peers)
    bounds = joint_range(list(chances.values())) if chances else None
    verdict = judge_range(bounds)
    numbers = _numbers(own, peers, chances, bounds)
    checks = _checks(own, peers, parameters, verdict, chances)
    forward, against = _sides(own, peers, chances, numbers)
    return Finding(
        **claim.named(), verdict=verdict,
        confidence=confidence(checks), headline=_headline(own, peers, numbers, group), detail=_detail(bounds, numbers),
        confidence_reason=reason(checks), rule=RULE.format(size=parameters.size, lag=plural(parameters.lag, "year")),
        parts=tuple(_parts(chances, numbers)), numbers=tuple(numbers), evidence_for=forward, evidence_against=against,
        not_covered=tuple(_not_covered(own, peers, parameters)), checks=tuple(checks), rows=_rows(view, group, own, parameters),
        tables=(_table(own, peers),) if chances else (),
    )  # fmt: skip


def _measured(view: View, group: Sequence[str], parameters: Parameters) -> tuple[Turnover, list[Turnover]]:
    spans = [parameters.years, *parameters.peers.values()]
    votes = roll_calls(view.study.library, (min(span.first for span in spans), max(span.last for span in spans)))
    found = brief_blocs(view)
    asked: dict[str, tuple[Sequence[str], Years]] = {"group": (group, parameters.years)}
    asked |= {name: (GROUPS[name], span) for name, span in parameters.peers.items()}
    each = []
    for name, (members, span) in asked.items():
        ranked = near(votes, members, (span.first, span.last), draws=DRAWS, seed=parameters.seed)
        moved = np.zeros(0)
        if found is not None and _overlaps(found.memberships.periods, span):
            year = max(1, round(len(found.memberships.periods) / _years_in(found.memberships.periods)))
            moved = drift(found.memberships, members, lag=year)
        each.append(
            Turnover(name, churn(ranked, size=parameters.size, lag=parameters.lag, seed=parameters.seed), moved, ranked)
        )
    return each[0], each[1:]


def _overlaps(periods: Sequence[str], span: Years) -> bool:
    return any(int(period[:4]) in span for period in periods)


def _years_in(periods: Sequence[str]) -> int:
    return len({period[:4] for period in periods})


def _chances(own: Turnover, peers: Sequence[Turnover]) -> dict[str, float]:
    """``peer.kind`` → probability that the group's turnover is larger."""
    found = {}
    for peer in peers:
        if own.votes is not None and peer.votes is not None:
            found[f"{peer.name}.votes"] = _larger(own.votes.draws, peer.votes.draws)
        if len(own.events) and len(peer.events):
            found[f"{peer.name}.events"] = _larger(own.events, peer.events)
    return found


def _larger(a: NDArray[Any], b: NDArray[Any]) -> float:
    """Probability that a draw of `a` exceeds one of `b`, drawn apart, by more than what matters; ties count half."""
    apart = np.sign(a[:, None] - b[None, :] - MATTERS)
    return float((apart.mean() + 1) / 2)


def _numbers(
    own: Turnover, peers: Sequence[Turnover], chances: Mapping[str, float], bounds: tuple[float, float] | None
) -> list[Number]:
    found: list[Number] = []
    for one in (own, *peers):
        name = group_in_sentence(one.name)
        if one.votes is not None:
            what = f"{name}, {one.votes.years[0]}–{one.votes.years[-1]}"
            found.append(
                _drawn(
                    f"{one.name}.votes",
                    f"{what}: share of the circle in votes replaced, beyond noise",
                    one.votes.draws,
                    "votes",
                )
            )
            found.append(
                Number(
                    f"{one.name}.raw",
                    f"{what}: share of the circle that differs",
                    one.votes.raw,
                    "share",
                    source="votes",
                )
            )
            found.append(
                Number(
                    f"{one.name}.noise",
                    f"{what}: share that differs by noise alone",
                    one.votes.noise,
                    "share",
                    source="votes",
                )
            )
            found.append(
                _drawn(f"{one.name}.inside", f"{what}: members that are in their own circle", one.votes.inside, "votes")
            )
        if len(one.events):
            found.append(
                _drawn(f"{one.name}.events", f"{name}: share of acts that changes bloc in a year", one.events, "events")
            )
    for key, chance in chances.items():
        peer, kind = key.split(".")
        found.append(Number(f"larger.{key}", f"probability that the group's turnover exceeds that of {peer} in {kind}", chance, "probability", source=kind))  # fmt: skip
    if bounds is not None:
        found.append(
            Number("least", "probability of the claim: at least", bounds[0], "probability", source="votes and events")
        )
        found.append(
            Number("most", "probability of the claim: at most", bounds[1], "probability", source="votes and events")
        )
    return found


def _drawn(key: str, label: str, draws: NDArray[Any], source: str) -> Number:
    low, middle, high = (float(value) for value in np.quantile(draws, [0.05, 0.5, 0.95]))
    return Number(key, label, middle, "share", low, high, source=source)


def _headline(own: Turnover, peers: Sequence[Turnover], numbers: list[Number], group: Sequence[str]) -> Sentence:
    names = listed([state_name(code) for code in group])
    if own.votes is None:
        return sentence(f"The library holds no two years of votes in which {names} could be followed.")
    each = [
        f"{{{peer.name}.votes|full}} around {group_in_sentence(peer.name)}" for peer in peers if peer.votes is not None
    ]
    tail = f", {listed(each)}" if each else ""
    said = f"Of the circle around {names} in UN votes {{group.votes|full}} was replaced from year to year{tail}."
    dealing = [
        f"{{{peer.name}.events|full}} of those of {group_in_sentence(peer.name)}" for peer in peers if len(peer.events)
    ]
    if len(own.events) and dealing:
        said += f" Of their dated dealings {{{own.name}.events|full}} changed bloc in a year, {listed(dealing)}."
    return sentence(said, numbers)


def _detail(bounds: tuple[float, float] | None, numbers: list[Number]) -> Sentence:
    if bounds is None:
        return sentence("Unknown is not zero: nothing is claimed.")
    return sentence(
        f"The probability that it turns over faster than all of them {between('least', 'most', numbers)}.", numbers
    )


def _parts(chances: Mapping[str, float], numbers: list[Number]) -> list[Part]:
    parts = []
    for key, chance in chances.items():
        peer, kind = key.split(".")
        words = f"{{group.{kind}|full}} against {{{peer}.{kind}|full}}; probability of more {{larger.{key}}}."
        where = "in UN votes" if kind == "votes" else "in dated dealings"
        parts.append(
            Part(key, f"Faster than {group_in_sentence(peer)}, {where}", judge(chance), sentence(words, numbers))
        )
    return parts


def _sides(
    own: Turnover, peers: Sequence[Turnover], chances: Mapping[str, float], numbers: list[Number]
) -> tuple[tuple[Sentence, ...], tuple[Sentence, ...]]:
    sides: dict[bool, list[Sentence]] = {True: [], False: []}
    for key, chance in chances.items():
        peer, kind = key.split(".")
        what = "the circle in votes turns over" if kind == "votes" else "members' dealings move between blocs"
        words = "faster" if chance > 0.5 else "no faster"
        text = f"By {kind}, {what} {words} than {group_in_sentence(peer)}'s: {{group.{kind}|full}} and {{{peer}.{kind}|full}} a year."
        sides[chance > 0.5].append(sentence(text, numbers))
    for bloc in peers:
        if own.votes is not None and bloc.votes is not None:
            fewer = bool(own.votes.inside.mean() < bloc.votes.inside.mean())
            text = (
                f"{{group.inside|full}} of the group's own members are in their circle, {'fewer' if fewer else 'no fewer'} than "
                f"of {group_in_sentence(bloc.name)}'s in theirs ({{{bloc.name}.inside|full}})."
            )
            sides[fewer].append(sentence(text, numbers))
    asked = "Every bloc and both kinds of data were asked; none points this way."
    return tuple(sides[True] or [sentence(asked)]), tuple(sides[False] or [sentence(asked)])


def _checks(
    own: Turnover, peers: Sequence[Turnover], parameters: Parameters, verdict: Verdict, chances: Mapping[str, float]
) -> list[Check]:
    if not chances:
        return []
    moved = [
        f"a circle of {size} and a lag of {lag}"
        for size, lag in (
            (parameters.size // 2, parameters.lag),
            (parameters.size * 3 // 2, parameters.lag),
            (parameters.size, 5),
        )
        if _verdict_with(own, peers, size, lag, parameters.seed) not in (verdict, None)
    ]
    missing = [group_in_sentence(peer.name) for peer in peers if f"{peer.name}.events" not in chances]
    years = len(own.votes.years) if own.votes is not None else 0
    return [
        Check("Another circle", not moved, sentence(
            f"The verdict would change with {listed(moved, 'or')}." if moved else
            "The verdict stands with circles half as large again and half as large, and with a lag of five years.")),
        Check("Two kinds of data", not missing, sentence(
            f"No dated events cover the years of {listed(missing)}: there only votes are compared." if missing else
            "Votes and dated events see every bloc.")),
        Check("Enough years", years >= 8, sentence(f"{years} transitions of the group's circle count; 8 are asked for.")),
    ]  # fmt: skip


def _verdict_with(own: Turnover, peers: Sequence[Turnover], size: int, lag: int, seed: int) -> Verdict | None:
    again = [
        Turnover(one.name, churn(one.ranked, size=size, lag=lag, seed=seed), one.events, one.ranked)
        for one in (own, *peers)
    ]
    chances = _chances(again[0], again[1:])
    return judge_range(joint_range(list(chances.values()))) if chances else None


def _not_covered(own: Turnover, peers: Sequence[Turnover], parameters: Parameters) -> list[Sentence]:
    found = [
        sentence("Votes are one kind of conduct: a circle in the General Assembly is not a circle of arms or trade.")
    ]
    for one, span in zip((own, *peers), (parameters.years, *parameters.peers.values()), strict=True):
        who = group_in_sentence(one.name)
        if one.votes is None:
            found.append(sentence(f"Too few votes around {who} in {span.first}–{span.last}."))
        elif (last := one.votes.years[-1] + parameters.lag) < span.last:
            found.append(sentence(f"Votes around {who} after {last} are not covered."))
        if not len(one.events):
            found.append(sentence(f"Dated events do not cover {who} in {span.first}–{span.last}."))
    return found


def _rows(view: View, group: Sequence[str], own: Turnover, parameters: Parameters) -> tuple[Rows, ...]:
    used = {"votes"} | ({"verbal-cooperation", "material-cooperation"} if len(own.events) else set())
    return rows_behind(view.study.library, all_pairs(group), parameters.years.first, parameters.years.last, used)


def _table(own: Turnover, peers: Sequence[Turnover]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for one in (own, *peers):
        if one.votes is not None:
            edges = (float(value) for value in np.quantile(one.votes.draws, [0.5, 0.05, 0.95]))
            rows.append((one.name, "votes", one.votes.years[0], one.votes.years[-1], *edges))
        if len(one.events):
            rows.append(
                (
                    one.name,
                    "events",
                    None,
                    None,
                    *(float(value) for value in np.quantile(one.events, [0.5, 0.05, 0.95])),
                )
            )
    return Table(
        "churn", "Turnover of blocs", ("name", "kind", "first", "last", "turnover", "low", "high"), tuple(rows)
    )
