"""Findings as the records of the contract, and the few that a terminal has room for."""

from __future__ import annotations

from typing import Any

from innominate.silence.wording import Finding

FIELDS = ("series", "phrase", "kind", "last_used", "first_missed", "probability", "run", "returned", "quote")
LIKELY = 0.5  # probability from which a finding is shown in the terminal and told in the brief


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


def brief_section(rows: list[Finding], most: int = 12) -> list[dict[str, Any]]:
    """Rows for the brief: the likely omissions, with a sentence that tells each in words."""
    return [{**record, "sentence": sentence(row)} for row, record in zip(*_pairs(rows, most), strict=True)]


def _pairs(rows: list[Finding], most: int) -> tuple[list[Finding], list[dict[str, Any]]]:
    chosen = latest(rows, most)
    return chosen, as_records(chosen)


def sentence(row: Finding) -> str:
    """One finding in one sentence."""
    where = f"{row.series}: " if row.series else ""
    back = f"; it came back on {row.returned}" if row.returned else ""
    if row.kind == "appeared":
        before = f" after {row.last_used}" if row.last_used else ""
        return f"{where}“{row.phrase}” appears{before} from {row.first_missed} (probability {row.probability:.2f})."
    how = "was reworded" if row.kind == "edited" else "was dropped"
    run = f"{row.run} document{'s' * (row.run > 1)} in a row"
    return (
        f"{where}“{row.phrase}”, last used on {row.last_used}, {how} on {row.first_missed} "
        f"(probability {row.probability:.2f}; missing from {run}{back})."
    )
