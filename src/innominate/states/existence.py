"""Who existed when, who was a member of what, who came after whom."""

from __future__ import annotations

from typing import get_args

from innominate.errors import UnknownState
from innominate.states.registry import Link, Membership, State, registry
from innominate.states.resolution import check_system, days

MEMBERSHIPS: tuple[str, ...] = get_args(Membership)


def get(code: str) -> State:
    """Look a state up by its code.

    Raises
    ------
    UnknownState
        there is no such code; the message suggests the nearest
    """
    found = registry().states.get(code)
    if found is not None:
        return found
    from innominate.states.resolution import Miss
    from innominate.states.wording import explain

    raise UnknownState(explain(code, None, "iso3", Miss("unknown")))


def exists(code: str, year: int) -> bool:
    """Whether the state exists on any day of the year, by the registry's own interval."""
    return registry().exists(get(code).code, days(year))


def alive(year: int) -> list[str]:
    """Codes of kind ``state`` that exist on any day of the year, sorted: everyone in COW, Gleditsch-Ward or the UN."""
    known, when = registry(), days(year)
    return sorted(code for code, state in known.states.items() if state.kind == "state" and known.exists(code, when))


def members(system: Membership, year: int) -> list[str]:
    """Codes of the members of a system (``cow``, ``gw``, ``un``) on any day of the year, sorted."""
    check_system(system, MEMBERSHIPS)
    when = days(year)
    return sorted({member.code for member in registry().members[system] if member.span.meets(when)})


def un_members(year: int) -> list[str]:
    """Codes of those seated in the United Nations on any day of the year, sorted."""
    return members("un", year)


def successors(code: str) -> list[Link]:
    """Those who came after a state or out of it: (code, date, kind), in order of time."""
    return list(registry().successors.get(get(code).code, ()))


def predecessors(code: str) -> list[Link]:
    """Those before a state, or out of which it came: (code, date, kind), in order of time."""
    return list(registry().predecessors.get(get(code).code, ()))
