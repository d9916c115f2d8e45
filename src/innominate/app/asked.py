"""What people write in addresses and forms, as states and years."""

from __future__ import annotations

from innominate import states
from innominate.app.measured import Measured
from innominate.cases.wording import pair_key
from innominate.errors import InputError


def state(text: str, measured: Measured) -> str:
    """The code of a state named by code or name, at the end of the study."""
    return states.resolve(text.strip(), measured.study.years[1])


def pair(first: str, second: str, measured: Measured) -> tuple[str, str]:
    """The codes of a pair that the study has, in the order of the alphabet."""
    one, two = state(first, measured), state(second, measured)
    if one == two:
        raise InputError(f"a pair is two different states; both are {states.get(one).name}")
    if not measured.survey.exists(pair_key(one, two)):
        first_year, last_year = measured.study.years
        names = " and ".join(states.get(code).name for code in (one, two))
        raise InputError(f"{names} did not both exist in {first_year}-{last_year}")
    return min(one, two), max(one, two)


def year(text: str | None, measured: Measured) -> int:
    """A year of the study; the last well-covered one where none is given."""
    if text is None or not text.strip():
        return measured.year
    first, last = measured.study.years
    if not text.strip().isdigit() or not first <= int(text) <= last:
        raise InputError(f"{text.strip()!r}: write a year between {first} and {last}")
    return int(text)
