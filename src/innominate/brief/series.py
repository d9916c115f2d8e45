"""The rows of findings, shaped for charts: runs of years, treaty spans, waterfalls, labels that keep their distance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Row = dict[str, Any]
FEWEST = 0.005  # contributions smaller than this are gathered in one bar


def table(findings: Mapping[str, Any], name: str, claim: str | None = None) -> list[Row]:
    """The rows of a table of the findings, of one claim or of the whole; empty where there is none."""
    holders = [one for one in findings["claims"] if claim in (None, one["claim"])] if claim else [findings]
    for holder in holders:
        for one in holder["tables"]:
            if one["name"] == name:
                return [dict(zip(one["columns"], row, strict=True)) for row in one["rows"]]
    return []


def solid_runs(path: Sequence[Row], least: int) -> list[Row]:
    """The well-covered years of a path, each run of consecutive years under its own number."""
    found: list[Row] = []
    run, before = 0, None
    for row in path:
        if (row["channels"] or 0) < least:
            continue
        if before is not None and row["year"] != before + 1:
            run += 1
        found.append({**row, "run": run})
        before = row["year"]
    return found


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
            years = f"since {int(low)}" if high in known else f"{int(low)}–{int(high)}"
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


def waterfall(rows: Sequence[Row]) -> list[Row]:
    """Contributions as steps from the starting point to the alignment: title, start, end, value, kind, place."""
    origin = sum(row["contribution"] for row in rows if row["channel"].startswith("("))
    own = [row for row in rows if not row["channel"].startswith("(")]
    large = sorted((row for row in own if abs(row["contribution"]) >= FEWEST), key=lambda row: -row["contribution"])
    rest = [row for row in own if abs(row["contribution"]) < FEWEST]
    steps = [("Starting point of every pair", origin, "base")]
    steps += [(row["title"], row["contribution"], "raises" if row["contribution"] > 0 else "lowers") for row in large]
    if rest:
        total = sum(row["contribution"] for row in rest)
        steps.append((f"{len(rest)} more, next to nothing", total, "raises" if total > 0 else "lowers"))
    found, level = [], 0.0
    for title, value, kind in steps:
        found.append({"title": title, "start": level, "end": level + value, "value": value, "kind": kind})
        level += value
    found.append({"title": "Alignment", "start": 0.0, "end": level, "value": level, "kind": "total"})
    return [{**row, "place": place, "shown": signed(row["value"], row["kind"])} for place, row in enumerate(found)]


def signed(value: float, kind: str) -> str:
    """A contribution as printed beside its bar."""
    text = f"{value:.2f}" if kind == "total" else f"{value:+.2f}"
    return text.replace("-", "−")


def status_runs(rows: Iterable[Row]) -> list[Row]:
    """Coverage as runs of consecutive years with the same status, one list for every pair and series."""
    found: list[Row] = []
    for row in rows:
        last = found[-1] if found else None
        same = last is not None and all(last[name] == row[name] for name in ("key", "channel", "dataset", "status"))
        if last is not None and same and last["to"] == row["year"]:
            last["to"] = row["year"] + 1
        else:
            found.append({**row, "from": row["year"], "to": row["year"] + 1})
    return found


def looked(rows: Iterable[Row]) -> tuple[list[Row], list[str]]:
    """Coverage of the datasets that looked at a pair in some year, and the titles of those that never did."""
    kept = list(rows)
    seen = {(row["channel"], row["dataset"]) for row in kept if row["status"] != "unknown"}
    never = dict.fromkeys(
        f"{row['title']} ({row['dataset']})" for row in kept if (row["channel"], row["dataset"]) not in seen
    )
    return [row for row in kept if (row["channel"], row["dataset"]) in seen], list(never)


def spread_labels(values: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Heights for labels, each as near its value as a gap between neighbours allows, inside low…high.

    >>> spread_labels([0.5, 0.51], 0.1, 0, 1)
    [0.455, 0.555]
    """
    order = sorted(range(len(values)), key=lambda place: values[place])
    groups: list[list[float]] = []  # [centre, number of labels]
    for place in order:
        groups.append([values[place], 1.0])
        while len(groups) > 1 and _edge(groups[-2], gap, 1) + gap > _edge(groups[-1], gap, -1):
            centre, count = groups.pop()
            other, more = groups.pop()
            groups.append([(centre * count + other * more) / (count + more), count + more])
    heights: list[float] = []
    for centre, count in groups:
        half = gap * (count - 1) / 2
        middle = min(max(centre, low + half), high - half)
        heights += [middle - half + gap * step for step in range(int(count))]
    placed = [0.0] * len(values)
    for place, height in zip(order, heights, strict=True):
        placed[place] = round(height, 6)
    return placed


def _edge(group: Sequence[float], gap: float, side: int) -> float:
    return group[0] + side * gap * (group[1] - 1) / 2
