"""Treaties as pages show them: each once where two datasets hold it, and as bars with labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from innominate.brief import series
from innominate.brief.series import Row

NEAR = 366  # days within which two datasets' ends of one treaty are the same end


def treaties(findings: Mapping[str, Any], claim: str | None = None) -> list[Row]:
    """The treaties of the findings, or of one claim, each once."""
    return once(series.table(findings, "treaties", claim))


def once(rows: Iterable[Row]) -> list[Row]:
    """Treaties of pairs, each once where a dataset names another's number for it (``nato:washington-1949=atop:3180``).

    What the naming dataset says stands: its title and its dates, of entry into force rather than of signature. ``origins`` lists both.
    Where the two differ on whether the treaty still held, both rows stay.
    """
    kept = [{**row, "origins": [f"{row['dataset']}, {row['file']}, row {row['row']}"]} for row in rows]
    naming: dict[tuple[str, str], list[Row]] = {}
    for row in kept:
        if "=" in row["treaty_id"]:
            naming.setdefault((row["key"], row["treaty_id"].split("=")[1]), []).append(row)
    starts: dict[tuple[str, str], list[str]] = {}
    for row in kept:
        starts.setdefault((row["key"], row["treaty_id"]), []).append(row["start"])
    found = []
    for row in kept:
        own = row["key"], row["treaty_id"]
        later = any(start > row["start"] for start in starts[own])  # another phase of it follows
        twin = next((one for one in naming.get(own, ()) if _overlap(one, row) and _agree(one, row, later)), None)
        if twin is None:
            found.append(row)
        else:
            twin["origins"] += row["origins"]
    return found


def _overlap(one: Row, other: Row) -> bool:
    return bool(one["start"] <= (other["end"] or "9999") and other["start"] <= (one["end"] or "9999"))


def _agree(named: Row, row: Row, later: bool) -> bool:
    """Whether two rows of one treaty agree on how long it held."""
    if row["end"] is None:  # in force when its dataset ends
        return named["end"] is None or (row["known_until"] is not None and int(named["end"][:4]) >= row["known_until"])
    if named["end"] is None:
        return later
    days = (date.fromisoformat(named["end"]) - date.fromisoformat(row["end"])).days
    return abs(days) <= NEAR or (later and days > 0)


def merged(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Overlapping or touching spans as one.

    >>> merged([(1, 2), (1.5, 3), (5, 6)])
    [(1, 3), (5, 6)]
    """
    found: list[tuple[float, float]] = []
    for low, high in sorted(spans):
        if found and low <= found[-1][1] + 0.01:
            found[-1] = (found[-1][0], max(found[-1][1], high))
        else:
            found.append((low, high))
    return found


def moment(day: str) -> float:
    """A date as a year and its fraction."""
    year, month, date = (int(part) for part in day.split("-"))
    return year + (month - 1) / 12 + (date - 1) / 372


def treaty_spans(rows: Iterable[Row], first: int, last: int) -> list[Row]:
    """Spans of defence treaties (lane 0) and of lesser commitments (lane 1), cut to the years shown, with labels.

    ``open``: the bar ends where knowledge of the treaty does, inside the years shown, and not the treaty.
    """
    found: list[Row] = []
    kept = list(rows)
    for lane, name in enumerate(("Defence treaty", "Lesser treaty")):
        own = [row for row in kept if bool(row["defence"]) == (lane == 0)]
        spans = merged((moment(row["start"]), _until(row, last)) for row in own)
        known = {_until(row, last): known_to(row, last) for row in own if not row["end"]}
        for low, high in spans:
            if high < first or low > last + 1:
                continue
            years = (
                f"since {int(low)}"
                if high in known
                else f"{int(low)}"
                if int(low) == int(high)
                else f"{int(low)}–{int(high)}"
            )
            short = f"known to {known[high]}" if known.get(high) else ""
            label = f"{name} {years}" + (f", {short}" if short else "")
            ends = {"from": max(low, first), "to": min(high, last + 1), "open": bool(short)}
            found.append({"lane": lane, **ends, "label": label, "short": short or years})
    return found


def known_to(row: Row, last: int) -> int | None:
    """The last year for which a commitment without an end is known to hold, where that is before the last one shown."""
    known: int | None = row["known_until"]
    return known if not row["end"] and known is not None and known < last else None


def _until(row: Row, last: int) -> float:
    """Where the bar of a commitment ends: at its end, or with the last year for which it is known."""
    return moment(row["end"]) if row["end"] else float((known_to(row, last) or last) + 1)


def placed_labels(spans: Sequence[Row], first: int, last: int, width: float, letter: float = 5.5) -> list[Row]:
    """Labels of spans, in full or as years, inside, before or after their bar, never over another; else none.

    Adds ``label``, ``at``, ``align`` and ``inside`` to every span.
    """
    scale = width / (last + 1 - first)
    taken: dict[int, list[tuple[float, float]]] = {}
    for row in spans:
        taken.setdefault(row["lane"], []).append((row["from"], row["to"]))
    found = []
    for row in spans:
        placed = {**row, "label": "", "at": row["from"], "align": "left", "inside": True}
        years = row["label"].removeprefix("Defence treaty ").removeprefix("Lesser treaty ")
        for label in (row["label"], years, row.get("short", years)):
            need = (letter * len(label) + 8) / scale
            if spot := _spot(row, need, taken[row["lane"]], first, last):
                placed.update(label=label, **spot)
                if not spot["inside"]:
                    taken[row["lane"]].append(spot["extent"])
                break
        placed.pop("extent", None)
        found.append(placed)
    return found


def _spot(row: Row, need: float, taken: Sequence[tuple[float, float]], first: int, last: int) -> Row | None:
    """Where a label of a width (in years) finds room."""
    pad = need * 0.04
    if row["to"] - row["from"] >= need:
        return {"at": row["from"] + pad, "align": "left", "inside": True, "extent": (row["from"], row["to"])}
    after, before = (row["to"], row["to"] + need), (row["from"] - need, row["from"])
    for extent, at, align in ((after, row["to"] + pad, "left"), (before, row["from"] - pad, "right")):
        inside = extent[0] >= first - 0.5 and extent[1] <= last + 1.5
        if inside and not any(low < extent[1] - 0.01 and high > extent[0] + 0.01 for low, high in taken):
            return {"at": at, "align": align, "inside": False, "extent": extent}
    return None
