"""What people write in addresses and forms, as states and years."""

from __future__ import annotations

import re

from innominate import states
from innominate.app.measured import Measured
from innominate.cases.wording import pair_key
from innominate.errors import InputError


def state(text: str, measured: Measured, year: int | None = None) -> str:
    """The code of a state named by code or name: in `year`, at the end of the study, or in the last of its years that has it."""
    return states.resolve_within(text.strip(), measured.study.years, year)


def pair(first: str, second: str, measured: Measured, year: int | None = None) -> tuple[str, str]:
    """The codes of a pair that the study has, in the order of the alphabet."""
    one, two = state(first, measured, year), state(second, measured, year)
    if one == two:
        raise InputError(f"a pair is two different states; both are {states.get(one).name}")
    for code in (one, two):
        other = states.unmeasured(code)
        if other:
            raise InputError(other)
    if not measured.survey.exists(pair_key(one, two)):
        first_year, last_year = measured.study.years
        names = " and ".join(states.get(code).name for code in (one, two))
        raise InputError(f"{names} did not both exist in {first_year}-{last_year}")
    return min(one, two), max(one, two)


def year(text: str | None, measured: Measured) -> int | None:
    """A year of the study; None where none is given."""
    if text is None or not text.strip():
        return None
    first, last = measured.study.years
    if not re.fullmatch("[0-9]{4}", text.strip()) or not first <= int(text) <= last:
        raise InputError(f"{text.strip()[:40]!r}: write a year between {first} and {last}")
    return int(text)


def one_year(text: str, measured: Measured) -> int:
    """A year of the study; the last well-covered one where none is given."""
    return year(text, measured) or measured.year
