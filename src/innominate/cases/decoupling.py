"""The test ``decoupling``: is a state moving away from a group of others, and more so than comparable states?"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from innominate.cases import decoupling_evidence as evidence
from innominate.cases.decoupling_evidence import Turn
from innominate.cases.findings import Check, Finding, Number, Part, Sentence
from innominate.cases.provenance import rows_behind
from innominate.cases.registry import register
from innominate.cases.spec import ClaimSpec, StateCode, StateCodes, Strict, Year
from innominate.cases.theme_changes import ALL, THEMES, Moved, moved
from innominate.cases.verdicts import all_of, confidence, judge, reason
from innominate.cases.view import WELL_COVERED, Z90, View
from innominate.cases.wording import listed, pair_key, pair_name, sentence, state_in_sentence, state_name
from innominate.chances import normal_above

DRAWS = 4000
SHORT, LONG = 5, 10
MOST = 40

RULE = (
    "The change of alignment of every pair of {state} and a partner between {first} and {last} is taken from the smoothed "
    "paths, with the covariance of the two years; partners are averaged within each group, and the groups among themselves, "
    "their errors taken as fully dependent, which is the most cautious assumption. The claim is that this mean change is "
    "below nought, and below that of the median peer with the same partners; it is supported where both parts have a "
    "probability of at least 90%, contradicted where one has at most 10%."
)


class Parameters(Strict):
    """What stands under ``with``.

    ``state``: who moves away; ``from``: name of a group → its states; ``peers``: comparable states. ``until``: the last
    year; default: the last well covered. ``years``: how far back. ``channels``: how many must have looked.
    """

    state: StateCode
    partners: Annotated[
        dict[str, Annotated[StateCodes, Field(min_length=1, max_length=MOST)]], Field(min_length=1, max_length=8)
    ]
    peers: Annotated[StateCodes, Field(min_length=3, max_length=20)]
    until: Year | None = None
    years: Annotated[int, Field(ge=2, le=30)] = LONG
    channels: Annotated[int, Field(ge=1, le=20)] = WELL_COVERED
    seed: int = 1

    @model_validator(mode="after")
    def _sensible(self) -> Parameters:
        if self.state in self.peers:
            raise ValueError(f"{self.state} cannot be its own peer")
        for name, states in self.partners.items():
            if self.state in states:
                raise ValueError(f"{self.state} cannot be its own partner ({name})")
        return self


@register("decoupling", Parameters, RULE)
def decoupling(claim: ClaimSpec, parameters: Parameters, view: View) -> Finding:
    """Judge the claim that a state moves away from groups of others, more than its peers.

    Parameters
    ----------
    claim : its wording
    parameters : state, partners, peers, years (see :class:`Parameters`)
    view : the study
    """
    last = parameters.until or _last(parameters, view)
    first = None if last is None else max(last - parameters.years, view.study.years[0])
    own = _moves(parameters, view, parameters.state, first, last)
    peers = {
        code: found for code in parameters.peers if (found := _moves(parameters, view, code, first, last)) is not None
    }
    chances = _chances(own, peers, parameters.seed) if own else (None, None)
    numbers = _numbers(parameters, view, own, peers, chances, first, last) if own else []
    turns = _turns(parameters, view, own, first)
    numbers += [_turn_number(key, turn) for key, turn in turns]
    verdict = all_of([judge(chances[0]), judge(chances[1])])
    checks = _checks(parameters, view, own, last, chances) if own and last else []
    forward, against = evidence.both_sides(parameters.state, own, peers, turns, numbers) if own else ((), ())
    imposed = evidence.sanctions_by(view.study.library, own, first, last) if own and first and last else ""
    keys = sorted(own.pairs) if own else []
    return Finding(
        **claim.named(),
        verdict=verdict,
        confidence=confidence(checks),
        headline=_headline(parameters, own, numbers, first, last),
        detail=_detail(own, peers, numbers, imposed),
        confidence_reason=reason(checks),
        rule=RULE.format(state=state_in_sentence(parameters.state), first=first, last=last),
        parts=tuple(_parts(parameters, own, numbers)) if own else (),
        numbers=tuple(numbers),
        evidence_for=forward,
        evidence_against=against,
        not_covered=evidence.not_covered(own, first) if own and first else (),
        checks=tuple(checks),
        rows=rows_behind(view.study.library, keys[:6], first, last, view.channels_behind)
        if own and first and last
        else (),
        tables=evidence.tables(parameters.state, own, peers) if own else (),
    )


def _turns(parameters: Parameters, view: View, own: Moved | None, first: int | None) -> list[Turn]:
    """Dated turns of the pairs with partners that stand alone, from the first year on."""
    if own is None or first is None:
        return []
    alone = evidence.alone(parameters.state, parameters.partners, own)
    return [(key, turn) for key in alone for turn in view.turns(key, first).iter_rows(named=True)]


def _turn_number(key: str, turn: dict[str, Any]) -> Number:
    label = f"{pair_name(key)}: turn of {turn['year']} (probability {turn['probability']:.2f})"
    return Number(
        f"{key}.turn.{turn['year']}", label, turn["change"], "change", turn["low"], turn["high"], source="alignment"
    )


def _moves(parameters: Parameters, view: View, state: str, first: int | None, last: int | None) -> Moved | None:
    if first is None or last is None or first >= last:
        return None
    return moved(view.fit, state, parameters.partners, first, last)


def _last(parameters: Parameters, view: View) -> int | None:
    """The last year in which enough channels looked at the median partner."""
    years = []
    for states in parameters.partners.values():
        for other in states:
            key = pair_key(parameters.state, other)
            year = view.last_covered(key, parameters.channels) if view.exists(key) else None
            if year is not None:
                years.append(year)
    return int(np.median(years)) if years else None


def _chances(own: Moved, peers: dict[str, Moved], seed: int) -> tuple[float | None, float | None]:
    """Probability that the change is below nought, and that it is below the median peer's."""
    mean, sd = own.total[ALL]
    down = 1.0 - float(normal_above(0.0, mean, max(sd, 1e-9)))
    if len(peers) < 3:
        return down, None
    rng = np.random.default_rng(seed)
    drawn = mean + sd * rng.standard_normal(DRAWS)
    others: NDArray[np.float64] = np.array([
        found.total[ALL][0] + found.total[ALL][1] * rng.standard_normal(DRAWS) for found in peers.values()
    ])  # fmt: skip
    return down, float((drawn < np.median(others, axis=0)).mean())


def _change_number(key: str, label: str, value: tuple[float, float]) -> Number:
    mean, sd = value
    return Number(key, label, mean, "change", mean - Z90 * sd, mean + Z90 * sd, source="alignment")


def _numbers(
    parameters: Parameters, view: View, own: Moved, peers: dict[str, Moved], chances: tuple[float | None, float | None],
    first: int | None, last: int | None,
) -> list[Number]:  # fmt: skip
    name, span = state_name(parameters.state), f"{first}–{last}"
    found = [_change_number("change", f"{name}: mean change of alignment, {span}", own.total[ALL])]
    found += [_change_number(f"theme.{theme}", f"{name}: of which {theme}", own.total[theme]) for theme in THEMES]
    for group, themes in own.groups.items():
        found.append(
            _change_number(f"group.{evidence.slug(group)}", f"{name} and {group}: change, {span}", themes[ALL])
        )
        found += [
            _change_number(
                f"group.{evidence.slug(group)}.{theme}", f"{name} and {group}: of which {theme}", themes[theme]
            )
            for theme in THEMES
        ]
    found += [
        _change_number(
            f"peer.{code}", f"{state_name(code)}: mean change with the same partners, {span}", one.total[ALL]
        )
        for code, one in peers.items()
    ]
    if (
        last is not None
        and (short := moved(view.fit, parameters.state, parameters.partners, last - SHORT, last)) is not None
    ):
        found.append(
            _change_number("recent", f"{name}: mean change of alignment, {last - SHORT}–{last}", short.total[ALL])
        )
        found += [
            _change_number(f"recent.{theme}", f"{name}: of which {theme}, {last - SHORT}–{last}", short.total[theme])
            for theme in THEMES
        ]
    found.append(
        Number(
            "down", "probability that the mean change is below nought", chances[0], "probability", source="alignment"
        )
    )
    if chances[1] is not None:
        found.append(
            Number(
                "lower", "probability that it is below the median peer's", chances[1], "probability", source="alignment"
            )
        )
    below = sum(one.total[ALL][0] > own.total[ALL][0] for one in peers.values())
    found.append(
        Number("peers-above", "peers whose change is higher", below, "count", of=len(peers), source="alignment")
    )
    found.append(Number("peers", "peers compared", len(peers), "count", source="parameters"))
    return [*found, *evidence.channel_numbers(parameters.state, own)]


def _headline(
    parameters: Parameters, own: Moved | None, numbers: list[Number], first: int | None, last: int | None
) -> Sentence:
    name = state_name(parameters.state)
    if own is None:
        return sentence(f"Too few channels looked at {state_in_sentence(parameters.state)} and these partners to say.")
    words = f"From {first} to {last} {name}'s alignment with these partners changed by {{change|full}}"
    words += (
        "; it fell more than that of {peers-above} of {peers} comparable powers."
        if any(n.key == "lower" for n in numbers)
        else "."
    )
    return sentence(words, numbers)


def _detail(own: Moved | None, peers: dict[str, Moved], numbers: list[Number], imposed: str) -> Sentence:
    if own is None:
        return sentence("Unknown is not zero: nothing is claimed.")
    each = [f"{{theme.{theme}|full}} is {theme}" for theme in THEMES if theme in own.seen()]
    said = f"Of this, {listed(each)}. " if each else ""
    said += "".join(f"{part} " for part in (evidence.channel_words(own), imposed) if part)
    said += "The probability of a fall is {down}"
    said += ", that of a fall deeper than the median peer's {lower}." if len(peers) >= 3 else "."
    if any(number.key == "recent" for number in numbers):
        said += " Over the last five years of these the change was {recent|full}."
    return sentence(said, numbers)


def _parts(parameters: Parameters, own: Moved, numbers: list[Number]) -> list[Part]:
    parts = []
    for group, themes in own.groups.items():
        key = f"group.{evidence.slug(group)}"
        each = [f"{theme} {{{key}.{theme}|full}}" for theme in THEMES if theme in own.seen()]
        words = f"{{{key}|full}}" + (f": {', '.join(each)}. {evidence.channel_words(own, group)}" if each else ".")
        parts.append(
            Part(
                key,
                f"{state_name(parameters.state)} moves away: {group}",
                judge(evidence.below(themes[ALL])),
                sentence(words, numbers),
            )
        )
    for theme in THEMES:
        seen = theme in own.seen()
        words = (
            f"{{theme.{theme}|full}} over the whole span."
            if seen
            else "No channel of it looked at these pairs in these years."
        )
        title = f"{state_name(parameters.state)} moves away in {theme}"
        verdict = judge(evidence.below(own.total[theme]) if seen else None)
        parts.append(Part(f"theme.{theme}", title, verdict, sentence(words, numbers)))
    return parts


def _checks(
    parameters: Parameters, view: View, own: Moved, last: int, chances: tuple[float | None, float | None]
) -> list[Check]:
    first = max(last - SHORT, view.study.years[0])
    short = moved(view.fit, parameters.state, parameters.partners, first, last)
    return evidence.checks(own, short, SHORT, chances[1] is not None)
