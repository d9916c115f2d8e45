"""Evidence for and against the claim that a state's conduct outruns its signature, and the checks on its verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from innominate.cases.findings import Check, Number, Rows, Sentence, Table, Verdict
from innominate.cases.gap import Array, Gap, Ties, beats
from innominate.cases.provenance import rows_behind
from innominate.cases.spec import Years
from innominate.cases.treaties import treaty_rows_behind
from innominate.cases.verdicts import judge
from innominate.cases.view import View
from innominate.cases.wording import listed, pair_name, plural, sentence, span, state_in_sentence, state_name
from innominate.chances import normal_above

FEWEST_TIES = 3.0  # close ties a year below which a share is one of next to nothing
SHOWN = 8  # ties listed


@dataclass(frozen=True, slots=True)
class Powers:
    """The gaps of a state and its peers.

    Attributes
    ----------
    state, peers : codes
    years : years judged
    ties : code → its ties, over all years of the study
    drawn : name of the bar → code → its gap
    bar : alignment from which a tie is close, the usual one
    """

    state: str
    peers: tuple[str, ...]
    years: tuple[int, ...]
    ties: Mapping[str, Ties]
    drawn: Mapping[str, Mapping[str, Gap]]
    bar: float

    @property
    def everyone(self) -> tuple[str, ...]:
        """The state and its peers."""
        return (self.state, *self.peers)

    def places(self, code: str) -> NDArray[np.intp]:
        """The places of the years judged among those of one state."""
        return np.flatnonzero(np.isin(self.ties[code].years, self.years))

    def bound(self, code: str) -> int:
        """How many of a state's ties are covered by a defence commitment in the last year judged that is known for it."""
        return int(self.ties[code].committed[:, self.places(code)[-1]].sum())

    def shares(self, bar: str) -> tuple[Array, list[Array]]:
        """The state's share and its peers', in every draw."""
        found = [self.drawn[bar][code].share(self.places(code)) for code in self.everyone]
        return found[0], found[1:]

    def counts(self, bar: str) -> tuple[Array, list[Array]]:
        """The state's number of unnamed ties a year and its peers', in every draw."""
        found = [self.drawn[bar][code].count(self.places(code)) for code in self.everyone]
        return found[0], found[1:]


def strongest(powers: Powers, committed: bool) -> list[tuple[str, float, float, float]]:
    """The state's ties in the last year judged: key, alignment, sd, probability of being close; the most probable first."""
    ties, place, bar = powers.ties[powers.state], int(powers.places(powers.state)[-1]), powers.bar
    found = []
    for row, key in enumerate(ties.keys):
        mean, sd = float(ties.mean[row, place]), float(ties.sd[row, place])
        if np.isfinite(mean) and bool(ties.committed[row, place]) == committed:
            found.append((key, mean, sd, float(normal_above(bar, mean, sd))))
    return sorted(found, key=lambda one: (-one[3], -one[1], one[0]))


def unnamed_ties(powers: Powers) -> Table:
    """The state's ties without a defence commitment that are most probably close, in the last year judged."""
    year = powers.ties[powers.state].years[int(powers.places(powers.state)[-1])]
    rows = [
        (key, pair_name(key), year, mean, mean - 1.6449 * sd, mean + 1.6449 * sd, probability)
        for key, mean, sd, probability in strongest(powers, committed=False)[: 2 * SHOWN]
    ]
    columns = ("key", "pair", "year", "alignment", "low", "high", "probability")
    return Table(
        "unnamed_ties", f"{state_name(powers.state)}'s closest ties without a defence commitment", columns, tuple(rows)
    )


def both_sides(
    powers: Powers, view: View, numbers: Sequence[Number]
) -> tuple[tuple[Sentence, ...], tuple[Sentence, ...]]:
    """Evidence for and against: every peer, the number of ties beside the share, and the ties themselves."""
    given = {number.key: number for number in numbers}
    sides: dict[bool, list[Sentence]] = {True: [], False: []}
    for points in (True, False):
        codes = [code for code in powers.peers if ((given[f"{code}.below"].value or 0.0) > 0.5) == points]
        if codes:
            words = "smaller" if points else "not smaller"
            each = [f"{state_in_sentence(code)} ({{{code}.share|full}})" for code in codes]
            sides[points].append(sentence(f"The gap is probably {words} for {listed(each)}.", given))
    own, others = powers.counts("quartile")
    more = [code for code, other in zip(powers.peers, others, strict=True) if other.mean() >= own.mean()]
    text = f"In number, {state_name(powers.state)} has {{{powers.state}.unnamed|full}} such ties a year by the central estimate"
    if more:
        sides[False].append(
            sentence(
                f"{text}; {listed([f'{state_in_sentence(code)} ({{{code}.unnamed}})' for code in more])} no fewer.",
                given,
            )
        )
    if len(more) < len(powers.peers):
        rest = [f"{state_in_sentence(code)} ({{{code}.unnamed}})" for code in powers.peers if code not in more]
        sides[True].append(sentence(f"{text}, more than {listed(rest)}.", given))
    _conduct_items(powers, sides, given)
    _tie_items(powers, sides)
    asked = "Every peer, the number of ties and the ties themselves were asked; none points this way."
    return tuple(sides[True] or [sentence(asked)]), tuple(sides[False] or [sentence(asked)])


def _conduct_items(powers: Powers, sides: dict[bool, list[Sentence]], given: Mapping[str, Number]) -> None:
    """Does the gap come from much conduct or from few signatures?"""
    own, name = powers.state, state_name(powers.state)
    total = {code: given[f"{code}.close"].value or 0.0 for code in powers.everyone}
    busier = [code for code in powers.peers if total[code] > total[own]]
    if busier:
        each = listed([f"{state_in_sentence(code)} ({{{code}.close}})" for code in busier])
        text = f"In conduct alone {name} does not stand out: {{{own}.close}} close ties a year, fewer than {each}."
        sides[False].append(sentence(text, given))
    else:
        sides[True].append(sentence(f"In conduct alone {name} leads: {{{own}.close}} close ties a year.", given))
    signers = [
        code for code in powers.peers if (given[f"{code}.bound"].value or 0) <= (given[f"{own}.bound"].value or 0)
    ]
    text = f"A large share may come from few signatures as much as from much conduct: in {powers.years[-1]} a defence commitment "
    text += f"binds {name} to {{{own}.bound}} of the states counted"
    text += (
        f"; to no more: {listed([f'{state_in_sentence(code)} ({{{code}.bound}})' for code in signers])}."
        if signers
        else ", the fewest of all compared."
    )
    sides[False].append(sentence(text, given))


def _tie_items(powers: Powers, sides: dict[bool, list[Sentence]]) -> None:
    name = state_name(powers.state)
    year = powers.years[-1]
    for committed in (False, True):
        close = [one for one in strongest(powers, committed) if one[3] >= 0.5]
        names = [pair_name(key) for key, *_ in close[:SHOWN]]
        more = f" and {len(close) - SHOWN} more" if len(close) > SHOWN else ""
        if names and not committed:
            sides[True].append(
                sentence(
                    f"Without a defence commitment, and more likely close than not in {year}: {', '.join(names)}{more}."
                )
            )
        elif names:
            verb = "is" if len(close) == 1 else "are"
            text = f"{name} does sign: of its ties with a defence commitment, {', '.join(names)}{more} {verb} more likely close than not in {year}."
            sides[False].append(sentence(text))
        elif not committed:
            sides[False].append(
                sentence(
                    f"No single tie of {name} without a defence commitment was more likely close than not in {year}."
                )
            )


def checks(powers: Powers, at_least: float, verdict: Verdict) -> list[Check]:
    """Would the verdict stand by number instead of share, and with another bar; are there enough ties?"""
    by_count = judge(beats(*powers.counts("quartile"), at_least))
    moved = [name for name in ("tenth", "median") if judge(beats(*powers.shares(name), at_least)) != verdict]
    titles = {"tenth": "the 10th percentile of NATO pairs", "median": "the median NATO pair"}
    close = float(powers.drawn["quartile"][powers.state].close[:, powers.places(powers.state)].mean())
    return [
        Check("Number instead of share", by_count == verdict, sentence(
            f"By the number of such ties instead of their share, the verdict would be: {by_count}.")),
        Check("Another bar", not moved, sentence(
            f"The verdict would change with the bar at {listed([titles[name] for name in moved], 'or')}."
            if moved else "The verdict stands with the bar at the 10th percentile and at the median of NATO pairs.")),
        Check("Enough ties", close >= FEWEST_TIES, sentence(
            f"{state_name(powers.state)} is expected to have {close:.1f} close ties a year; {FEWEST_TIES:.0f} are asked for.")),
    ]  # fmt: skip


def not_covered(
    powers: Powers | None, state: str, peers: Sequence[str], years: Years, view: View
) -> tuple[Sentence, ...]:
    """Years and states that could not be counted."""
    found = []
    judged = set(powers.years) if powers else set()
    asked = range(max(years.first, view.study.years[0]), min(years.last, view.study.years[1]) + 1)
    missing = [year for year in asked if year not in judged]
    if missing:
        found.append(
            f"{span(missing)}: too few channels looked at {state_name(state)}'s ties, or commitments are not covered."
        )
    lost = [state_in_sentence(code) for code in peers if powers is None or code not in powers.peers]
    if lost:
        found.append(f"Not measured in these years: {listed(lost)}.")
    if powers:
        ties = powers.ties[state]
        seen = int(np.isfinite(ties.mean[:, powers.places(state)]).any(axis=1).sum())
        every = view.table.filter((view.table["a"] == state) | (view.table["b"] == state))["key"].n_unique()
        found.append(
            f"{plural(seen, 'tie')} of {state_name(state)} of {every} counted in at least one of the years judged."
        )
    found.append("Only defence clauses count as form here; partnerships, declarations and lesser treaties do not.")
    return tuple(sentence(text) for text in found)


def rows(powers: Powers, view: View) -> tuple[Rows, ...]:
    """The rows behind the state's closest ties, uncommitted and committed."""
    keys = [key for committed in (False, True) for key, *_ in strongest(powers, committed)[:3]]
    library = view.study.library
    return (
        *rows_behind(library, keys, powers.years[0], powers.years[-1], view.channels_behind),
        *treaty_rows_behind(library, keys),
    )
