"""Dates as people write them in files; an impossible one is refused, never guessed."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january январь января янв",
            "feb february февраль февраля фев",
            "mar march март марта мар",
            "apr april апрель апреля апр",
            "may май мая",
            "jun june июнь июня июн",
            "jul july июль июля июл",
            "aug august август августа авг",
            "sep sept september сентябрь сентября сен",
            "oct october октябрь октября окт",
            "nov november ноябрь ноября ноя",
            "dec december декабрь декабря дек",
        ),
        start=1,
    )
    for name in names.split()
}
_FORMS = (
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?:[T ].*)?"),
    re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})"),
    re.compile(r"(?P<y>\d{4})[/.](?P<m>\d{1,2})[/.](?P<d>\d{1,2})\.?"),
    re.compile(r"(?P<y>\d{4})\s*[年년]\s*(?P<m>\d{1,2})\s*[月월]\s*(?P<d>\d{1,2})\s*[日号일]?"),
    re.compile(r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})"),
    re.compile(r"(?P<d>\d{1,2})(?:st|nd|rd|th)?\.?\s+(?P<name>[^\W\d]+)\.?,?\s+(?P<y>\d{4})"),
    re.compile(r"(?P<name>[^\W\d]+)\.?\s+(?P<d>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<y>\d{4})"),
    re.compile(r"(?P<y>\d{4})[-/](?P<m>\d{1,2})"),
    re.compile(r"(?P<y>\d{4})年(?P<m>\d{1,2})月"),
    re.compile(r"(?P<y>\d{4})年?"),
)
_IN_NAME = re.compile(r"(?<!\d)((?:1[4-9]|20)\d\d)[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])(?!\d)")
_YEAR_IN_NAME = re.compile(r"(?<!\d)((?:1[4-9]|20)\d\d)(?!\d)")
FORMATS = "2024-03-05, 20240305, 2024/3/5, 5 March 2024, 2024年3月5日, 2024-03 or 2024"


def parse(value: Any) -> date | None:
    """`value` as a date, None where it is empty.

    Years and months alone stand for their first day. Anything that is no date raises ValueError.
    """
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, float):
        if value != value:
            return None
        value = int(value) if value == int(value) else value
    text = str(value).strip()
    if not text or text.lower() in ("na", "nan", "none", "null"):
        return None
    for form in _FORMS:
        match = form.fullmatch(text)
        if match:
            return _checked(match, text)
    raise ValueError(f"{text[:40]!r} is no date")


def _checked(match: re.Match[str], text: str) -> date:
    parts = match.groupdict()
    month = _MONTHS.get(parts["name"].lower()) if "name" in parts else int(parts.get("m") or 1)
    if month is None:
        raise ValueError(f"{text[:40]!r} is no date")
    year = int(parts["y"])
    if not 1400 <= year <= 2100:
        raise ValueError(f"{text[:40]!r} is no date between 1400 and 2100")
    try:
        return date(year, month, int(parts.get("d") or 1))
    except ValueError:
        raise ValueError(f"{text[:40]!r} is no day of the calendar") from None


def in_name(name: str) -> date | None:
    """The date that a file's name carries, None where it has none."""
    match = _IN_NAME.search(name)
    if match:
        try:
            return date(int(match[1]), int(match[2]), int(match[3]))
        except ValueError:
            return None
    year = _YEAR_IN_NAME.search(name)
    return date(int(year[1]), 1, 1) if year else None
