"""From a name, code or number, and a date, to the one state that is meant."""

from __future__ import annotations

import datetime as dt
import re
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

from innominate.errors import InputError, UnknownState
from innominate.states.registry import ENDLESS, Claim, Registry, Span, registry
from innominate.states.spelling import keys

System = Literal["any", "iso3", "iso2", "cow", "cow-abbrev", "gw", "m49", "name"]
SYSTEMS: tuple[str, ...] = get_args(System)
When = int | dt.date | None

_NUMERIC = frozenset({"cow", "gw", "m49"})
_DIGITS = re.compile(r"\d{1,9}(\.0+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Miss:
    """Why nothing, or not one thing, was found.

    Attributes
    ----------
    reason : ``unknown`` (nobody is called so), ``absent`` (known, but not existing then), ``ambiguous``
    codes : the states in question, none where unknown
    """

    reason: Literal["unknown", "absent", "ambiguous"]
    codes: tuple[str, ...] = ()


def days(when: int | dt.date) -> Span:
    """Give the days meant by a year (all of it) or a date (that day)."""
    if isinstance(when, dt.datetime):
        when = when.date()
    if isinstance(when, dt.date):
        return Span(when, when)
    year = min(max(int(when), dt.MINYEAR), dt.MAXYEAR)
    return Span(dt.date(year, 1, 1), dt.date(year, 12, 31))


def check_system(system: str, allowed: tuple[str, ...] = SYSTEMS) -> None:
    """Refuse a naming system that we do not have, naming those we have."""
    if system not in allowed:
        raise InputError(f"system must be one of {', '.join(allowed)}, not {system!r}")


def check_when(when: object) -> None:
    """Refuse anything but a year, a date or None."""
    if when is not None and (isinstance(when, bool) or not isinstance(when, (int, dt.date))):
        raise InputError(f"a date must be a year (int), a datetime.date or None, not {when!r}")


def _as_number(value: str | int) -> int | None:
    if isinstance(value, int):
        return None if isinstance(value, bool) else value
    text = value.strip()
    return int(float(text)) if _DIGITS.fullmatch(text) else None


def _named(value: str, known: Registry) -> tuple[Claim, ...]:
    for key in keys(value):
        if key in known.claims["name"]:
            return known.claims["name"][key]
    return ()


def _in_any(value: str | int, known: Registry) -> tuple[Claim, ...]:
    number = _as_number(value)
    if number is not None:
        return known.claims["cow"].get(number, ()) + known.claims["gw"].get(number, ())
    text = str(value).strip()
    for system in ("iso3", "iso2"):
        if text in known.claims[system]:
            return known.claims[system][text]
    return _named(text, known) or known.claims["cow-abbrev"].get(text, ())


def claims(value: str | int, system: str, known: Registry) -> tuple[Claim, ...]:
    """Collect every use of ``value`` in ``system``."""
    if system == "any":
        return _in_any(value, known)
    if system in _NUMERIC:
        number = _as_number(value)
        return () if number is None else known.claims[system].get(number, ())
    if not isinstance(value, str):
        return ()
    if system == "name":
        return _named(value, known)
    return known.claims[system].get(value.strip().upper(), ())


def _without_date(uses: tuple[Claim, ...]) -> tuple[str, ...]:
    """Undated uses come before dated ones: Yugoslavia alone is YUG, although Serbia was called so for a while."""
    undated = dict.fromkeys(use.code for use in uses if use.span is None)
    return tuple(undated or dict.fromkeys(use.code for use in uses))


def _last_day(use: Claim, when: Span, known: Registry) -> dt.date:
    """Last day of ``when`` on which the state exists and the use holds."""
    alive = max(span.end for span in known.existence[use.code] if span.meets(when))
    return min(alive, when.end, use.span.end if use.span and use.span.meets(when) else ENDLESS)


def _at(uses: tuple[Claim, ...], when: Span, known: Registry) -> tuple[str, ...]:
    """States meant by ``uses`` in ``when``; of several in one year, the one that holds the name when the year ends."""
    alive = [use for use in uses if known.exists(use.code, when)]
    pool = [use for use in alive if use.span is None or use.span.meets(when)]
    pool = pool or [use for use in alive if not use.binding]
    if not pool:
        return ()
    latest = max(_last_day(use, when, known) for use in pool)
    last = [use for use in pool if _last_day(use, when, known) == latest]
    return tuple(dict.fromkeys(use.code for use in [use for use in last if use.span is not None] or last))


def _widened(when: Span, years: int) -> Span:
    slack = dt.timedelta(days=round(365.25 * years))
    start = when.start - slack if when.start.year - dt.MINYEAR > years + 1 else dt.date.min
    return Span(start, when.end + slack if dt.MAXYEAR - when.end.year > years + 1 else dt.date.max)


@lru_cache(maxsize=1 << 16, typed=True)
def find(value: str | int, when: When, system: str, grace_years: int) -> str | Miss:
    """Resolve without raising: the state's code, or why there is none. Arguments as in :func:`resolve`, already checked."""
    known = registry()
    uses = claims(value, system, known)
    if not uses:
        return Miss("unknown")
    if when is None:
        codes = _without_date(uses)
    else:
        span = days(when)
        tries = (_at(uses, _widened(span, years) if years else span, known) for years in range(grace_years + 1))
        codes = next((found for found in tries if found), ())
    if len(codes) == 1:
        return codes[0]
    return Miss("ambiguous", codes) if codes else Miss("absent", tuple(dict.fromkeys(use.code for use in uses)))


def resolve_within(value: str, years: tuple[int, int], when: int | None = None) -> str:
    """The code of a state named by code or name: at a year, or in the last of some years that has it.

    Parameters
    ----------
    years : first and last
    when : the year looked at first; None: the last

    Raises
    ------
    UnknownState
        as :func:`resolve` does at the year looked at first
    """
    first, last = years
    wanted = last if when is None else when
    for year in (wanted, *range(last, first - 1, -1)):
        with suppress(UnknownState):
            return resolve(value, year)
    return resolve(value, wanted)  # which tells what is wrong


def resolve(value: str | int, when: When = None, system: System = "any", grace_years: int = 0) -> str:
    """Find the one state that ``value`` means at a date.

    Parameters
    ----------
    value : a name, an ISO code, a COW abbreviation, or a COW, Gleditsch-Ward or M49 number (also as digits in a string)
    when : a year (any day of it counts), a date, or None for *whenever*. Where two states hold the same name or number in one
        year, the one that holds it when the year ends is meant
    system : what kind of thing ``value`` is. ``any`` tries, for text, codes in capitals (alpha-3, alpha-2), names, COW
        abbreviations; for numbers COW and Gleditsch-Ward together, never M49
    grace_years : how many years before a state's birth or after its end a provider may be ahead of or behind us

    Returns
    -------
    str
        the state's code

    Raises
    ------
    UnknownState
        nobody is called so (with suggestions), or not at that date (with the dates, and who came before or after), or
        several are
    InputError
        an argument is not one of those allowed
    """
    check_system(system)
    check_when(when)
    if not isinstance(value, (str, int)):
        raise UnknownState(f"{value!r} is neither a name nor a number of a state")
    found = find(value, when, system, max(int(grace_years), 0))
    if isinstance(found, str):
        return found
    from innominate.states.wording import explain

    raise UnknownState(explain(value, when, system, found))
