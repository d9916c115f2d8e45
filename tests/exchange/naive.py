"""Totals and shares once more, the way somebody would do it with a calendar and a pencil: day by day, act by act."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

KIND = {"arms": "arms", "trade": "goods", "aid": "money"}
Tie = tuple[str, str, str]


def totals(acts: list[dict[str, Any]], first: int, last: int) -> dict[Tie, dict[str, Any]]:
    """(giver, receiver, kind) → low, value, high (None: open), acts."""
    found: dict[Tie, dict[str, Any]] = defaultdict(lambda: {"low": 0.0, "value": None, "high": 0.0, "acts": 0})
    for one in acts:
        days = [date.fromordinal(day) for day in range(one["start"].toordinal(), one["end"].toordinal() + 1)]
        inside = sum(first <= day.year <= last for day in days)
        if not inside:
            continue
        part = inside / len(days)
        entry = found[(one["source"], one["target"], KIND[one["channel"]])]
        entry["acts"] += 1
        if one["value"] is None:
            entry["high"] = None
            continue
        entry["value"] = (entry["value"] or 0.0) + part * one["value"]
        entry["low"] += part * (one["low"] if one["low"] is not None else one["value"])
        if entry["high"] is not None:
            entry["high"] += part * (one["high"] if one["high"] is not None else one["value"])
    return dict(found)


def shares(found: dict[Tie, dict[str, Any]]) -> dict[Tie, tuple[float | None, float | None, float | None]]:
    """(giver, receiver, kind) → lowest, middle and highest share of the receiver's intake, over corners of all ranges."""
    answer = {}
    for (giver, receiver, kind), own in found.items():
        others = [one for (g, r, k), one in found.items() if (r, k) == (receiver, kind) and g != giver]
        whole = (own["value"] or 0.0) + sum(one["value"] or 0.0 for one in others)
        if own["value"] is None or whole == 0:
            answer[(giver, receiver, kind)] = (None, None, None)
            continue
        low = None
        if all(one["high"] is not None for one in others):
            most = sum(one["high"] for one in others)
            low = own["low"] / (own["low"] + most) if own["low"] + most else 0.0
        high = None
        if own["high"] is not None:
            least = sum(one["low"] for one in others)
            high = own["high"] / (own["high"] + least)
        answer[(giver, receiver, kind)] = (low, own["value"] / whole, high)
    return answer
