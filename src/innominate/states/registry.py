"""The packaged registry: which states there are, what each naming system calls them, and from when to when.

Sources of the facts in ``data/``: ISO 3166-1 and 3166-3 and UN M49 for codes; the Correlates of War project's state system
membership (v2016) and Gleditsch and Ward's list of independent states (1999, with their list of microstates) for numbers and
dates; the United Nations for admissions. See ``docs/states.md`` for every decision that these sources leave open.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal, NamedTuple, cast

from innominate.states.spelling import fold

Kind = Literal["state", "observer", "territory"]
Membership = Literal["cow", "gw", "un"]
LinkKind = Literal["dissolved", "absorbed", "merged", "separated"]

ENDLESS = dt.date.max


@dataclass(frozen=True, slots=True)
class State:
    """A state, or a place that datasets list beside states.

    Attributes
    ----------
    code : ISO 3166-1 alpha-3, or for a former state its ISO 3166-3 or field-standard code
    name : the registry's English name
    kind : ``state`` for a member, at some time, of the United Nations, of the COW state system or of Gleditsch and Ward's main
        list; ``observer`` for the Holy See and Palestine; ``territory`` for everything else that datasets name
    iso2 : ISO 3166-1 alpha-2 (or the former one), None where there is none
    m49 : UN M49 / ISO numeric code, None where there is none
    """

    code: str
    name: str
    kind: Kind
    iso2: str | None
    m49: int | None


class Span(NamedTuple):
    """Days, both included, in which something held."""

    start: dt.date
    end: dt.date

    def meets(self, other: Span) -> bool:
        """Whether the two spans share a day."""
        return self.start <= other.end and other.start <= self.end


class Member(NamedTuple):
    """One spell of membership of a system, under a number and an abbreviation where the system has them."""

    code: str
    system: str
    number: int | None
    abbrev: str | None
    span: Span


class Claim(NamedTuple):
    """Somebody's use of a name, code or number for a state.

    ``span`` is None for a use without dates. ``binding`` says that the use is wrong outside its dates (an alias such as
    Yugoslavia for Serbia); otherwise it may be stretched as long as the state exists (a number).
    """

    code: str
    span: Span | None
    binding: bool


class Link(NamedTuple):
    """A tie between two states: the other one's code, the day of the event, and what happened."""

    code: str
    date: dt.date
    kind: LinkKind


@dataclass(frozen=True, slots=True)
class Registry:
    """Everything read from the packaged tables, indexed.

    Attributes
    ----------
    states : code → state
    members : system (``cow``, ``gw``, ``un``) → spells of membership
    existence : code → disjoint spans in order of time: the union of the three memberships and of the registry's own rows
    claims : system (``iso3``, ``iso2``, ``m49``, ``cow``, ``cow-abbrev``, ``gw``, ``name``) → key → uses
    successors, predecessors : code → links in order of time
    """

    states: dict[str, State]
    members: dict[str, tuple[Member, ...]]
    existence: dict[str, tuple[Span, ...]]
    claims: dict[str, dict[str | int, tuple[Claim, ...]]]
    successors: dict[str, tuple[Link, ...]]
    predecessors: dict[str, tuple[Link, ...]]

    def exists(self, code: str, when: Span) -> bool:
        """Whether the state exists on any day of ``when``."""
        return any(span.meets(when) for span in self.existence[code])


def merge(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Join spans that overlap or follow one another without a day between them."""
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and span.start.toordinal() <= joined[-1].end.toordinal() + 1:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return tuple(joined)


def _rows(table: str) -> Iterator[dict[str, str]]:
    source = resources.files("innominate.states").joinpath("data", f"{table}.csv")
    yield from csv.DictReader(source.read_text(encoding="utf-8").splitlines())


def _number(text: str) -> int | None:
    return int(text) if text else None


def _span(start: str, end: str) -> Span:
    return Span(dt.date.fromisoformat(start), dt.date.fromisoformat(end) if end else ENDLESS)


def _years(first: str, last: str) -> Span | None:
    if not first and not last:
        return None
    start = dt.date(int(first), 1, 1) if first else dt.date.min
    return Span(start, dt.date(int(last), 12, 31) if last else ENDLESS)


def _states() -> dict[str, State]:
    return {
        r["code"]: State(r["code"], r["name"], cast(Kind, r["kind"]), r["iso2"] or None, _number(r["m49"]))
        for r in _rows("states")
    }


def _members() -> list[Member]:
    return [
        Member(r["code"], r["system"], _number(r["number"]), r["abbrev"] or None, _span(r["start"], r["end"]))
        for r in _rows("memberships")
    ]


def _claims(states: dict[str, State], members: list[Member]) -> dict[str, dict[str | int, tuple[Claim, ...]]]:
    found: defaultdict[str, defaultdict[str | int, list[Claim]]] = defaultdict(lambda: defaultdict(list))
    for state in states.values():
        always = Claim(state.code, None, True)
        found["iso3"][state.code].append(always)
        found["name"][fold(state.name)].append(always)
        if state.iso2:
            found["iso2"][state.iso2].append(always)
        if state.m49 is not None:
            found["m49"][state.m49].append(always)
    for r in _rows("aliases"):
        system, alias = r["system"], r["alias"]
        key = fold(alias) if system == "name" else int(alias) if system == "m49" else alias
        found[system][key].append(Claim(r["code"], _years(r["first_year"], r["last_year"]), True))
    for member in members:
        use = Claim(member.code, member.span, False)
        if member.number is not None:
            found[member.system][member.number].append(use)
        if member.abbrev and member.system == "cow":
            found["cow-abbrev"][member.abbrev].append(use)
    return {system: {key: tuple(uses) for key, uses in table.items()} for system, table in found.items()}


def _links() -> tuple[dict[str, tuple[Link, ...]], dict[str, tuple[Link, ...]]]:
    after: defaultdict[str, list[Link]] = defaultdict(list)
    before: defaultdict[str, list[Link]] = defaultdict(list)
    for r in _rows("successors"):
        date, kind = dt.date.fromisoformat(r["date"]), cast(LinkKind, r["kind"])
        after[r["code"]].append(Link(r["successor"], date, kind))
        before[r["successor"]].append(Link(r["code"], date, kind))

    def in_time(table: dict[str, list[Link]]) -> dict[str, tuple[Link, ...]]:
        return {code: tuple(sorted(links, key=lambda k: (k.date, k.code))) for code, links in table.items()}

    return in_time(after), in_time(before)


@cache
def registry() -> Registry:
    """Read the packaged tables, once."""
    states, members = _states(), _members()
    spans: defaultdict[str, list[Span]] = defaultdict(list)
    by_system: defaultdict[str, list[Member]] = defaultdict(list)
    for member in members:
        spans[member.code].append(member.span)
        by_system[member.system].append(member)
    successors, predecessors = _links()
    return Registry(
        states=states,
        members={system: tuple(by_system[system]) for system in ("cow", "gw", "un")},
        existence={code: merge(spans[code]) for code in states},
        claims=_claims(states, members),
        successors=successors,
        predecessors=predecessors,
    )
