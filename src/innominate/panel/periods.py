"""Periods of a panel: years, quarters or months, counted as whole numbers."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal, get_args

from innominate.errors import InputError

Resolution = Literal["year", "quarter", "month"]
_PER_YEAR: dict[Resolution, int] = {"year": 1, "quarter": 4, "month": 12}


def check_resolution(resolution: str) -> Resolution:
    """`resolution` if it is one of the allowed values; an :class:`InputError` naming them otherwise."""
    allowed: tuple[Resolution, ...] = get_args(Resolution)
    for value in allowed:
        if value == resolution:
            return value
    raise InputError(f"resolution {resolution!r}: the allowed values are {', '.join(allowed)}")


def per_year(resolution: Resolution) -> int:
    """How many periods a year has."""
    return _PER_YEAR[resolution]


def index_of(day: date, resolution: Resolution) -> int:
    """The period that holds `day`: year × periods a year + position in the year."""
    n = _PER_YEAR[resolution]
    return day.year * n + (day.month - 1) * n // 12


def sql_index(column: str, resolution: Resolution) -> str:
    """The SQL expression of :func:`index_of` for a date column."""
    n = _PER_YEAR[resolution]
    return f"(year({column}) * {n} + (month({column}) - 1) * {n} // 12)"


def year_of(period: int, resolution: Resolution) -> int:
    """The calendar year of a period."""
    return period // _PER_YEAR[resolution]


def span_of(period: int, resolution: Resolution) -> tuple[date, date]:
    """First and last day of a period."""
    return _first_day(period, resolution), _first_day(period + 1, resolution) - timedelta(days=1)


def _first_day(period: int, resolution: Resolution) -> date:
    n = _PER_YEAR[resolution]
    return date(period // n, (period % n) * (12 // n) + 1, 1)


def label_of(period: int, resolution: Resolution) -> str:
    """A period for people: 2024, 2024-Q3 or 2024-09."""
    n = _PER_YEAR[resolution]
    year, position = divmod(period, n)
    return {"year": f"{year}", "quarter": f"{year}-Q{position + 1}", "month": f"{year}-{position + 1:02d}"}[resolution]
