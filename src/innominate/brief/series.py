"""The rows of findings, shaped for charts: runs of years, waterfalls, labels that keep their distance."""

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
    return (text.lstrip("+-") if float(text) == 0 else text).replace("-", "−")


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
