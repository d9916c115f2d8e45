"""Findings as the records of the contract, as a table, and the few that a terminal has room for."""

from __future__ import annotations

from typing import Any

import polars as pl

from innominate.silence.wording import Finding

FIELDS = ("series", "phrase", "kind", "last_used", "first_missed", "probability", "run", "returned", "quote")
COLUMNS = {
    "series": pl.String, "phrase": pl.String, "kind": pl.String, "last_used": pl.Date, "first_missed": pl.Date,
    "probability": pl.Float64, "run": pl.Int64, "returned": pl.Date, "quote": pl.String, "successor": pl.String,
    "formulaic": pl.Float64, "event": pl.Int64,
}  # fmt: skip
LIKELY = 0.5  # probability from which a finding is shown in the terminal


def as_records(rows: list[Finding]) -> list[dict[str, Any]]:
    """``{series, phrase, kind, last_used, first_missed, probability, run, returned, quote}`` with ISO dates."""
    return [{name: _plain(getattr(row, name)) for name in FIELDS} for row in rows]


def as_frame(rows: list[Finding]) -> pl.DataFrame:
    """The findings as a table, one row each."""
    return pl.DataFrame({name: [getattr(row, name) for row in rows] for name in COLUMNS}, schema=COLUMNS)


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def latest(rows: list[Finding], most: int) -> list[Finding]:
    """The likely omissions that matter most: formulas gone or edited, latest documents first, a few of each document."""
    likely = [row for row in rows if row.probability >= LIKELY and row.kind != "appeared"]
    likely.sort(key=lambda row: (row.first_missed, row.formulaic), reverse=True)
    told: dict[tuple[str, Any], int] = {}
    out = []
    for row in likely:
        place = (row.series, row.first_missed)
        told[place] = told.get(place, 0) + 1
        if told[place] <= 5:
            out.append(row)
    return out[:most]
