"""Dates as people write them in files; an impossible one is refused, never guessed."""

from __future__ import annotations

import re
from datetime import date, datetime, time
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
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})"),
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
_EITHER = re.compile(r"\d{1,2}([/-])\d{1,2}\1(?:\d{2}|\d{4})")
_CLOCK = re.compile(
    r"(?<=[\d日号일])(?:(?:T|,?\s+)(?P<h>\d\d?):(?P<m>\d\d)(?::(?P<s>\d\d)(?:[.,]\d+)?)?|T(?P<hh>\d\d)(?P<mm>\d\d)(?P<ss>\d\d)?)"
    r"(?:\s?(?P<half>[ap])\.?m\.?)?(?:\s?(?:Z|[A-Z]{2,4}|[+-]\d\d:?(?:\d\d)?)(?:\[[\w/+-]+\])?)?$",
    re.IGNORECASE,
)
_YEAR, _MONTH = (
    r"(?P<y>(?:1[4-9]|20)\d\d)",
    rf"(?<![^\W\d_])(?P<name>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\.?",
)
_IN_NAMES = tuple(
    re.compile(f"(?<!\\d){form}(?!\\d)", re.IGNORECASE)
    for form in (
        _YEAR
        + r"[-_.]?(?P<m>0[1-9]|1[0-2])[-_.]?(?P<d>0[1-9]|[12]\d|3[01])(?:[T_-]?(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?)?",
        _YEAR + r"[-_./ ](?P<m>\d{1,2})[-_./ ](?P<d>\d{1,2})",
        _YEAR + r"\s*[年년]\s*(?P<m>\d{1,2})\s*[月월](?:\s*(?P<d>\d{1,2})\s*[日号일])?",
        r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\." + _YEAR,
        rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\.?[ _-]*{_MONTH}[ _.,-]*{_YEAR}",
        rf"{_MONTH}[ _.,-]*(?:(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[ _,-]+)?{_YEAR}",
        rf"{_YEAR}[ _-]*{_MONTH}(?![^\W\d_])(?:[ _-]*(?P<d>\d{{1,2}}))?",
        r"(?P<two>\d{1,2}[-_]\d{1,2}[-_])" + _YEAR,
        _YEAR + r"[-_.](?P<m>\d\d)",
        r"(?<!\w)" + _YEAR + r"[-.](?P<m>\d)(?!\w)",
        _YEAR,
    )
)
FORMATS = "2024-03-05, 20240305, 2024/3/5, 5 March 2024, 2024年3月5日, 2024-03 or 2024"


def parse(value: Any) -> date | None:
    """`value` as a date, None where it is empty.

    Years and months alone stand for their first day. Anything that is no date raises ValueError.
    """
    found = moment(value)
    return found and found[0]


def moment(value: Any) -> tuple[date, time | None] | None:
    """`value` as a date and, where it tells one, the time of day as written; None where it is empty. See :func:`parse`."""
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.date(), value.time()
    if isinstance(value, date):
        return value, None
    text = str(value).strip()
    if not text or text.lower() in ("na", "nan", "none", "null"):
        return None
    text = re.sub(r"^(\d+)\.0+$", r"\1", text)  # a year, or a day without dashes, that was taken for a number
    clock = _CLOCK.search(text)
    written = text[: clock.start()] if clock else text
    for form in _FORMS:
        match = form.fullmatch(written)
        if match:
            return _checked(match, written), _time(clock, text)
    if _EITHER.fullmatch(written):
        raise ValueError(
            f"{text[:40]!r} does not say which is the day and which the month (write 2024-03-05 or 05.03.2024)"
        )
    raise ValueError(f"{text[:40]!r} is no date")


def _time(clock: re.Match[str] | None, text: str) -> time | None:
    if clock is None:
        return None
    hour, half = int(clock["h"] or clock["hh"]), (clock["half"] or "").lower()
    if half:
        hour = hour % 12 + 12 * (half == "p") if 1 <= hour <= 12 else 99
    try:
        second = int(clock["s"] or clock["ss"] or 0)
        return time(hour, int(clock["m"] or clock["mm"]), second)
    except ValueError:
        raise ValueError(f"{text[:40]!r} is no time of day") from None


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
    """The date that a file's name carries, None where it has none; one that is no day of the calendar raises ValueError."""
    for form in _IN_NAMES:
        match = form.search(name)
        if match and _is_span(match):
            return date(int(match["y"]), 1, 1)
        if match and "two" in match.groupdict():
            raise ValueError(f"{match[0]!r} may be two days (write 2024-03-05)")
        if match:
            return _checked(match, match[0])
    return None


def _is_span(match: re.Match[str]) -> bool:
    """Whether year and month are rather two years: 2019-20."""
    parts = match.groupdict()
    return "d" not in parts and "m" in parts and int(parts["m"]) > 12 and int(parts["m"]) == (int(parts["y"]) + 1) % 100
