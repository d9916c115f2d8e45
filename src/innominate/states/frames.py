"""The registry over whole columns: resolve a series, list spans as a table."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import polars as pl

from innominate.errors import InputError
from innominate.states.registry import ENDLESS, Span, merge, registry
from innominate.states.resolution import System, check_system, check_when, find

SpanSystem = Literal["cow", "gw", "un", "registry"]


def _keyed(values: pl.Series) -> pl.Series:
    """Text or whole numbers, as :func:`find` takes them."""
    if values.dtype.is_integer():
        return values.cast(pl.Int64)
    if values.dtype.is_float():
        whole = values.is_finite() & (values == values.round())
        return values.set(~whole.fill_null(False), None).cast(pl.Int64)
    return values.cast(pl.Utf8)


def _dated(years: pl.Series | int | None, length: int) -> pl.Series:
    if not isinstance(years, pl.Series):
        check_when(years)
        dtype = pl.Date if isinstance(years, dt.date) else pl.Int64
        return pl.Series("year", [years], dtype=dtype).new_from_index(0, length)
    if len(years) != length:
        raise InputError(f"{len(years)} years for {length} values")
    return years.cast(pl.Date) if years.dtype.is_temporal() else years.cast(pl.Int64)


def resolve_many(
    values: pl.Series, years: pl.Series | int | None = None, system: System = "any", grace_years: int = 0
) -> pl.Series:
    """Resolve a column; every distinct value and year is resolved once.

    Parameters
    ----------
    values : names, codes or numbers, shape (n,); text, integers or whole floats
    years : years or dates, shape (n,), or one year for all, or None. A missing year in a series means *whenever*
    system, grace_years : as in :func:`innominate.states.resolve`

    Returns
    -------
    pl.Series
        codes, shape (n,), text, named as ``values``; null where there is not exactly one such state
    """
    check_system(system)
    frame = pl.DataFrame({"value": _keyed(values), "year": _dated(years, len(values))})
    distinct = frame.unique()
    grace = max(int(grace_years), 0)
    codes = [None if value is None else find(value, year, system, grace) for value, year in distinct.iter_rows()]
    table = distinct.with_columns(code=pl.Series([c if isinstance(c, str) else None for c in codes], dtype=pl.Utf8))
    joined = frame.join(table, on=["value", "year"], how="left", nulls_equal=True, maintain_order="left")
    return joined["code"].alias(values.name)


def spans(system: SpanSystem) -> pl.DataFrame:
    """Tabulate who was in a system from when to when.

    Parameters
    ----------
    system : ``cow``, ``gw``, ``un``, or ``registry`` for our own existence interval (the union of the three, and our own
        dates for places that are in none of them)

    Returns
    -------
    pl.DataFrame
        ``code``, ``start``, ``end`` (dates, both included; ``end`` null = still), sorted, spells of a state not touching
    """
    check_system(system, ("cow", "gw", "un", "registry"))
    known = registry()
    spells: dict[str, tuple[Span, ...]] = known.existence
    if system != "registry":
        by_code: dict[str, list[Span]] = {}
        for member in known.members[system]:
            by_code.setdefault(member.code, []).append(member.span)
        spells = {code: merge(found) for code, found in by_code.items()}
    rows = [
        (code, span.start, None if span.end == ENDLESS else span.end)
        for code in sorted(spells)
        for span in spells[code]
    ]
    return pl.DataFrame(rows, schema={"code": pl.Utf8, "start": pl.Date, "end": pl.Date}, orient="row")
