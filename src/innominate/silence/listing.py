"""Findings as the records of the contract, and the few that a terminal has room for."""

from __future__ import annotations

from typing import Any

from innominate.silence.wording import Finding

FIELDS = ("series", "phrase", "kind", "last_used", "first_missed", "probability", "run", "returned", "quote")
LIKELY = 0.5  # probability from which a finding is shown in the terminal


def as_records(rows: list[Finding]) -> list[dict[str, Any]]:
    """``{series, phrase, kind, last_used, first_missed, probability, run, returned, quote}`` with ISO dates."""
    return [{name: _plain(getattr(row, name)) for name in FIELDS} for row in rows]


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
