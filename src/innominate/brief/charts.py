"""The charts of the brief: functions from findings to Vega-Lite specifications (Altair charts)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from innominate.brief import series, theme, treaty_bars
from innominate.brief.drawing import data
from innominate.brief.series import Row
from innominate.cases.treaties_in_force import SINCE
from innominate.cases.view import WELL_COVERED
from innominate.cases.wording import pair_name

WIDE, NARROW = 1040, 346
PANEL = 318  # inner width of a small multiple: three to a row on a laptop, one on a phone
Findings = Mapping[str, Any]


def _finished(chart: Any) -> Any:
    return chart.configure(**theme.config())


def _years(findings: Findings, first: int | None = None) -> tuple[int, int, list[int]]:
    low, high = (first or findings["years"][0]), findings["years"][1]
    step = 10 if high - low > 15 else 5 if high - low > 6 else 2
    return low, high, [year for year in range(low, high + 1) if year % step == 0]


def _year_axis(low: int, high: int, ticks: Sequence[int], *, labels: bool = True) -> Any:
    axis = alt.Axis(values=list(ticks), format="d", title=None, labels=labels, ticks=labels, domain=labels)
    return {"scale": alt.Scale(domain=[low, high + 1], nice=False), "axis": axis}


def alignment_domain(findings: Findings, role: str) -> tuple[float, float]:
    """The heights shown: for pairs of the case what they and NATO pairs need, for comparisons what all need."""
    rows = [row for row in series.table(findings, "pairs") if role == "comparison" or row["role"] == "case"]
    band = series.table(findings, "band")
    low = min([row["low"] for row in rows] + [row["p10"] for row in band] + [0.0])
    high = max([row["high"] for row in rows] + [row["p90"] for row in band] + [1.0])
    return max(low, -6.0) - 0.05, min(high, 12.0) + 0.05


def pair_path(findings: Findings, key: str, *, width: int = PANEL, height: int = 190) -> Any:
    """One pair through time against the band of NATO pairs, with its treaties on the same axis."""
    low, high, ticks = _years(findings)
    rows = [row for row in series.table(findings, "pairs") if row["key"] == key]
    case = bool(rows) and rows[0]["role"] == "case"
    ink, pale = (theme.ACCENT, theme.ACCENT_PALE) if case else (theme.OTHER, theme.OTHER_PALE)
    x = alt.X("year:Q", **_year_axis(low, high, ticks, labels=False))
    domain = alt.Scale(domain=list(alignment_domain(findings, "case" if case else "comparison")), nice=False)
    y_axis = alt.Axis(values=list(range(-6, 13)), title=None, format="d")
    y = alt.Y("alignment:Q", scale=domain, axis=y_axis)
    layers = _band_layers(findings, rows, x, domain, y_axis)
    own = alt.Chart(data(rows))
    interval = own.mark_area(color=pale, opacity=0.75, clip=True).encode(
        x=x, y=alt.Y("low:Q", scale=domain, axis=y_axis), y2="high:Q"
    )
    dashed = own.mark_line(color=ink, strokeWidth=1.5, strokeDash=[3, 3], clip=True).encode(x=x, y=y)
    runs = series.solid_runs(rows, WELL_COVERED)
    line = alt.Chart(data(runs)).mark_line(color=ink, strokeWidth=2.2, clip=True).encode(x=x, y=y, detail="run:N")
    alone = _lone_years(rows, runs, x, y, alt.Y("low:Q", scale=domain, axis=y_axis), ink)
    main = alt.layer(*layers[:2], interval, *layers[2:], dashed, line, *alone).properties(width=width, height=height)
    lanes = _lanes(findings, key, low, high, ticks, width, ink)
    return _finished(alt.vconcat(main, lanes, spacing=4).resolve_scale(x="independent"))


def _lone_years(rows: Sequence[Row], runs: Sequence[Row], x: Any, y: Any, low: Any, ink: str) -> list[Any]:
    """Dots for years that no line passes through: a well-covered year among others that are not, and the one year of a pair."""
    counts: dict[int, int] = {}
    for row in runs:
        counts[row["run"]] = counts.get(row["run"], 0) + 1
    single = [row for row in runs if counts[row["run"]] == 1]
    found = (
        [alt.Chart(data(single)).mark_point(color=ink, filled=True, opacity=1, size=22).encode(x=x, y=y)]
        if single
        else []
    )
    if len(rows) == 1:
        base = alt.Chart(data(rows))
        found = [
            base.mark_rule(color=ink, strokeWidth=2).encode(x=x, y=low, y2="high:Q"),
            base.mark_point(color=ink, filled=bool(single), fill=ink if single else "white", opacity=1, size=40).encode(
                x=x, y=y
            ),
        ]
    return found


def _band_layers(findings: Findings, rows: Sequence[Row], x: Any, domain: Any, y_axis: Any) -> list[Any]:
    band = series.table(findings, "band")
    base = alt.Chart(data(band))
    wide = base.mark_area(color=theme.NATO_WIDE, clip=True).encode(
        x=x, y=alt.Y("p10:Q", scale=domain, axis=y_axis), y2="p90:Q"
    )
    narrow = base.mark_area(color=theme.NATO_NARROW, clip=True).encode(
        x=x, y=alt.Y("p25:Q", scale=domain, axis=y_axis), y2="p75:Q"
    )
    middle = base.mark_line(color=theme.NATO_LINE, strokeWidth=1, clip=True).encode(
        x=x, y=alt.Y("p50:Q", scale=domain, axis=y_axis)
    )
    if not band:
        return [wide, narrow, middle]
    tail, own = band[-8:], [row["alignment"] for row in rows[-8:]]
    over = bool(own) and sum(own) / len(own) < sum(row["p50"] for row in tail) / len(tail)  # keep clear of the line
    height = max(row["p90"] for row in tail) if over else min(row["p10"] for row in tail)
    place = {"year": tail[-1]["year"] + 0.8, "at": height, "text": "NATO pairs"}
    label = alt.Chart(data([place])).mark_text(
        align="right", baseline="bottom" if over else "top", dy=-2 if over else 2, color=theme.QUIET, fontSize=10.5
    )
    words = label.encode(x=x, y=alt.Y("at:Q", scale=domain, axis=y_axis), text="text:N")
    return [wide, narrow, middle, words]


def _lanes(findings: Findings, key: str, low: int, high: int, ticks: Sequence[int], width: int, ink: str) -> Any:
    """Treaties in force, as bars under a path."""
    own = [row for row in treaty_bars.treaties(findings) if row["key"] == key]
    spans = treaty_bars.treaty_spans(own, low, high)
    labels = treaty_bars.placed_labels(spans, low, high, width)
    x = alt.X("from:Q", **_year_axis(low, high, ticks))
    lane = alt.Y("lane:O", scale=alt.Scale(domain=[0, 1], paddingInner=0.2), axis=None)
    if not spans:
        empty = [{"from": (low + high) / 2, "lane": 0, "text": "no treaty on record", "to": high}]
        return (
            alt.Chart(data(empty)).mark_text(color=theme.QUIET, fontSize=10.5, fontStyle="italic")
            .encode(x=x, y=lane, text="text:N").properties(width=width, height=34)
        )  # fmt: skip
    colour = alt.condition("datum.lane == 0", alt.value(ink), alt.value(theme.FAINT))
    bars = alt.Chart(data(labels)).mark_bar(clip=True).encode(x=x, x2="to:Q", y=lane, color=colour)
    texts = _open_ends(labels, _year_axis(low, high, ticks), lane, ink)
    for align in ("left", "right"):
        some = [row for row in labels if row["align"] == align]
        if some:
            white = alt.condition("datum.inside && datum.lane == 0", alt.value("white"), alt.value(theme.INK))
            texts.append(
                alt.Chart(data(some)).mark_text(align=align, fontSize=10, baseline="middle")
                .encode(x=alt.X("at:Q", **_year_axis(low, high, ticks)), y=lane, text="label:N", color=white)
            )  # fmt: skip
    return alt.layer(bars, *texts).properties(width=width, height=34)


def _open_ends(spans: Sequence[Row], axis: Any, y: Any, ink: str) -> list[Any]:
    """An arrow at the end of every bar where the knowledge of a treaty ends, and not the treaty."""
    some = [row for row in spans if row["open"]]
    colour = alt.condition("datum.lane == 0", alt.value(ink), alt.value(theme.FAINT))
    arrow = alt.Chart(data(some)).mark_point(shape="triangle-right", filled=True, size=70, opacity=1, xOffset=3)
    return [arrow.encode(x=alt.X("to:Q", **axis), y=y, color=colour)] if some else []


def levels(findings: Findings, claim: str, *, width: int = 420) -> Any:
    """Levels of pairs before and now, with intervals, against the bar and the median of NATO pairs."""
    rows = series.table(findings, "levels", claim)
    bar = next((row for row in rows if row["when"] == "bar"), None)
    own = [row for row in rows if row["when"] != "bar"]
    names = list(dict.fromkeys(row["pair"] for row in own))
    for row in own:
        row["place"] = names.index(row["pair"]) + (0.34 if row["when"] == "before" else 0.06)
    extent = [row[name] for row in own for name in ("low", "high")] + [0.0, 1.2]
    low, high = min(extent) - 0.1, max(extent) + 0.28 * (max(extent) - min(extent))
    scale = alt.Scale(domain=[low, high], nice=False)
    axis = alt.Axis(title=None, values=list(range(-4, 9)), format="d")
    y = alt.Y("place:Q", scale=alt.Scale(domain=[-0.8, len(names) - 0.4], reverse=True, nice=False), axis=None)
    colour = alt.condition("datum.when == 'now'", alt.value(theme.ACCENT), alt.value(theme.NATO_LINE))
    ink = alt.condition("datum.when == 'now'", alt.value(theme.ACCENT), alt.value(theme.QUIET))
    base = alt.Chart(data(own))
    titles = [{"pair": name, "place": place - 0.22, "at": low} for place, name in enumerate(names)]
    layers = _bar_rules(bar, scale, axis, y) if bar else []
    years = {"x": alt.X("high:Q", scale=scale, axis=axis), "y": y, "text": "years:N"}
    heads = {"x": alt.X("at:Q", scale=scale, axis=axis), "y": y, "text": "pair:N"}
    named = alt.Chart(data(titles))
    halo = {"stroke": "white", "strokeWidth": 4, "strokeJoin": "round"}
    layers += [
        base.mark_text(align="left", baseline="middle", dx=7, fontSize=10.5, **halo).encode(**years),
        named.mark_text(align="left", fontWeight="bold", fontSize=11.5, **halo).encode(**heads),
        base.mark_rule(strokeWidth=3, opacity=0.55).encode(
            x=alt.X("low:Q", scale=scale, axis=axis), x2="high:Q", y=y, color=colour
        ),
        base.mark_point(filled=True, size=64, opacity=1).encode(
            x=alt.X("alignment:Q", scale=scale, axis=axis), y=y, color=colour
        ),
        base.mark_text(align="left", baseline="middle", dx=7, fontSize=10.5).encode(**years, color=ink),
        named.mark_text(align="left", fontWeight="bold", fontSize=11.5).encode(**heads),
    ]
    return _finished(alt.layer(*layers).properties(width=width, height=34 + 58 * max(len(names), 1)))


def _bar_rules(bar: Row, scale: Any, axis: Any, y: Any) -> list[Any]:
    """The bar and the median of NATO pairs as two named rules."""
    x = alt.X("at:Q", scale=scale, axis=axis)
    marks = [
        {"at": bar["low"], "text": "bar", "align": "right", "place": -0.68},
        {"at": bar["alignment"], "text": "median NATO pair", "align": "left", "place": -0.68},
    ]
    found = [alt.Chart(data(marks)).mark_rule(color=theme.NATO_LINE, strokeDash=[4, 3]).encode(x=x)]
    for mark, dx in zip(marks, (-4, 4), strict=True):
        text = alt.Chart(data([mark])).mark_text(align=mark["align"], fontSize=10, color=theme.QUIET, dx=dx)
        found.append(text.encode(x=x, y=y, text="text:N"))
    return found


def gap_ranking(findings: Findings, claim: str, *, width: int = 420) -> Any:
    """The gap of every power over the years judged, the largest first."""
    rows = sorted(series.table(findings, "gap", claim), key=lambda row: (-row["share"], row["state"]))
    chosen = series.table(findings, "gap", claim)[0]["state"] if rows else ""
    for place, row in enumerate(rows):
        row.update(place=place, own=row["state"] == chosen, at=-0.02)
    x_scale = alt.Scale(domain=[-0.48 if width < 380 else -0.36, 1.0], nice=False)
    axis = alt.Axis(title=None, format="%", values=[0, 0.25, 0.5, 0.75, 1.0])
    y = alt.Y("place:O", axis=None, scale=alt.Scale(paddingInner=0.3))
    colour = alt.condition("datum.own", alt.value(theme.ACCENT), alt.value(theme.NATO_LINE))
    weight = alt.condition("datum.own", alt.value(theme.ACCENT), alt.value(theme.INK))
    base = alt.Chart(data(rows))
    layers = [
        base.mark_rule(strokeWidth=3, opacity=0.55).encode(
            x=alt.X("share_low:Q", scale=x_scale, axis=axis), x2="share_high:Q", y=y, color=colour
        ),
        base.mark_point(filled=True, size=64, opacity=1).encode(
            x=alt.X("share:Q", scale=x_scale, axis=axis), y=y, color=colour
        ),
        base.mark_text(align="right", fontSize=11.5).encode(
            x=alt.X("at:Q", scale=x_scale, axis=axis), y=y, text="name:N", color=weight
        ),
    ]
    return _finished(alt.layer(*layers).properties(width=width, height=24 * max(len(rows), 1)))


def gap_paths(findings: Findings, claim: str, *, width: int = 860, height: int = 300, margin: int = 130) -> Any:
    """The gap of every power through time, each line named at its end."""
    rows = series.table(findings, "gap_by_year", claim)
    chosen = rows[0]["state"] if rows else ""
    first = min((row["year"] for row in rows), default=findings["years"][0])
    last = max((row["year"] for row in rows), default=findings["years"][1])
    low, _, ticks = _years(findings, first)
    x_scale = alt.Scale(domain=[low, last + 0.2], nice=False)
    x = alt.X("year:Q", scale=x_scale, axis=alt.Axis(values=ticks, format="d", title=None))
    y_scale = alt.Scale(domain=[0, 1], nice=False)
    y = alt.Y("share:Q", scale=y_scale, axis=alt.Axis(format="%", title=None, values=[0, 0.25, 0.5, 0.75, 1]))
    own = alt.Chart(data([row for row in rows if row["state"] == chosen]))
    others = alt.Chart(data([row for row in rows if row["state"] != chosen]))
    ends = {row["state"]: row for row in rows}
    heights = series.spread_labels([row["share"] for row in ends.values()], 15 / height, 0.0, 1.0)
    labels = [
        {**row, "year": last + 0.2, "at": at, "own": row["state"] == chosen}
        for row, at in zip(ends.values(), heights, strict=True)
    ]
    colour = alt.condition("datum.own", alt.value(theme.ACCENT), alt.value(theme.QUIET))
    layers = [
        own.mark_area(color=theme.ACCENT_PALE, opacity=0.6).encode(
            x=x, y=alt.Y("share_low:Q", scale=y_scale), y2="share_high:Q"
        ),
        others.mark_line(color=theme.NATO_LINE, strokeWidth=1.2, opacity=0.9).encode(x=x, y=y, detail="state:N"),
        own.mark_line(color=theme.ACCENT, strokeWidth=2.6).encode(x=x, y=y),
        alt.Chart(data(labels)).mark_text(align="left", dx=6, fontSize=11, clip=False)
        .encode(x=x, y=alt.Y("at:Q", scale=y_scale), text="name:N", color=colour),
    ]  # fmt: skip
    return _finished(alt.layer(*layers).properties(width=width, height=height, padding={"right": margin}))


def treaty_timeline(findings: Findings, claim: str, *, width: int = 420) -> Any:
    """Treaties between the pairs of a claim, from the first of them to now."""
    rows = treaty_bars.treaties(findings, claim)
    parts = next(one["parts"] for one in findings["claims"] if one["claim"] == claim)
    pairs = [(part["about"], pair_name(part["about"])) for part in parts]
    last = findings["years"][1]
    rows = [row for row in rows if not row["end"] or row["end"] >= f"{SINCE}"]
    first = max(min([int(row["start"][:4]) for row in rows] + [last - 20]) // 10 * 10, SINCE // 10 * 10)
    spans: list[Row] = []
    names = []
    for place, (key, name) in enumerate(pairs):
        own = treaty_bars.treaty_spans([row for row in rows if row["key"] == key], first, last)
        spans += [
            {**row, "place": place + 0.34 * row["lane"]} for row in treaty_bars.placed_labels(own, first, last, width)
        ]
        note = "" if any(row["lane"] == 0 for row in own) else ": no defence treaty on record"
        names.append({"text": name, "note": note, "place": place - 0.32, "at": first})
    ticks = [year for year in range(first, last + 1) if year % 20 == 0]
    axis: Any = {
        "scale": alt.Scale(domain=[first, last + 1], nice=False),
        "axis": alt.Axis(values=ticks, format="d", title=None),
    }
    y_scale = alt.Scale(domain=[-0.6, len(pairs) - 0.35], reverse=True, nice=False)
    y = alt.Y("place:Q", scale=y_scale, axis=None)
    titles = alt.Chart(data([{**name, "text": name["text"] + name["note"]} for name in names]))
    layers = [
        titles.mark_text(align="left", fontSize=11.5, fontWeight="bold").encode(
            x=alt.X("at:Q", **axis), y=y, text="text:N"
        )
    ]
    if spans:
        colour = alt.condition("datum.lane == 0", alt.value(theme.ACCENT), alt.value(theme.FAINT))
        layers.append(
            alt.Chart(data(spans)).mark_bar(height=15).encode(x=alt.X("from:Q", **axis), x2="to:Q", y=y, color=colour)
        )
        layers += _open_ends(spans, axis, y, theme.ACCENT)
    for align in ("left", "right"):
        some = [row for row in spans if row["align"] == align]
        if some:
            white = alt.condition("datum.inside && datum.lane == 0", alt.value("white"), alt.value(theme.INK))
            text = alt.Chart(data(some)).mark_text(align=align, fontSize=10)
            layers.append(text.encode(x=alt.X("at:Q", **axis), y=y, text="label:N", color=white))
    return _finished(alt.layer(*layers).properties(width=width, height=24 + 58 * len(pairs)))


def contributions(findings: Findings, key: str, *, width: int = PANEL) -> Any:
    """What every channel adds to a pair's alignment, step by step from the starting point."""
    rows = series.waterfall([row for row in series.table(findings, "contributions") if row["key"] == key])
    low, high = _reach(findings)
    room = 0.16 * (high - low)
    x_scale = alt.Scale(domain=[low - room, high + room], nice=False)
    x_axis = alt.Axis(title=None, values=list(range(-6, 13)), format="d")
    for row in rows:
        row.update(upper=row["place"] + 0.42, lower=row["place"] + 0.8, words=row["place"] + 0.18, edge=low - room)
        row["right"] = max(row["start"], row["end"])
    y_scale = alt.Scale(domain=[-0.1, len(rows)], reverse=True, nice=False)
    kinds = ["base", "raises", "lowers", "total"]
    colour = alt.Color(
        "kind:N",
        legend=None,
        scale=alt.Scale(domain=kinds, range=[theme.NATO_LINE, theme.ACCENT, theme.AGAINST, theme.INK]),
    )
    base = alt.Chart(data(rows))
    zero = (
        alt.Chart(data([{"at": 0}, {"at": 1}]))
        .mark_rule(color=theme.FAINT)
        .encode(x=alt.X("at:Q", scale=x_scale, axis=x_axis))
    )
    bars = base.mark_rect().encode(
        x=alt.X("start:Q", scale=x_scale, axis=x_axis),
        x2="end:Q",
        y=alt.Y("upper:Q", scale=y_scale, axis=None),
        y2="lower:Q",
        color=colour,
    )
    titles = base.mark_text(align="left", baseline="middle", fontSize=10.5, color=theme.INK).encode(
        x=alt.X("edge:Q", scale=x_scale), y=alt.Y("words:Q", scale=y_scale), text="title:N"
    )
    values = base.mark_text(align="left", baseline="middle", dx=4, fontSize=10.5, color=theme.INK).encode(
        x=alt.X("right:Q", scale=x_scale), y=alt.Y("middle:Q", scale=y_scale), text="shown:N"
    )
    values = values.transform_calculate(middle="(datum.upper + datum.lower) / 2")
    return _finished(alt.layer(zero, bars, titles, values).properties(width=width, height=30 * max(len(rows), 1)))


def _reach(findings: Findings) -> tuple[float, float]:
    """From the lowest to the highest step of any pair's contributions, so that pairs share one scale."""
    table = series.table(findings, "contributions")
    steps = [
        step
        for key in {row["key"] for row in table}
        for step in series.waterfall([row for row in table if row["key"] == key])
    ]
    ends = [step[name] for step in steps for name in ("start", "end")]
    return min([*ends, 0.0]), max([*ends, 1.0])


def coverage(findings: Findings, key: str, *, width: int = PANEL) -> Any:
    """What was looked at, year by year: recorded, nothing recorded, unknown."""
    low, high, ticks = _years(findings)
    rows, _ = series.looked(row for row in series.table(findings, "coverage") if row["key"] == key)
    names = list(dict.fromkeys((row["channel"], row["dataset"]) for row in rows))
    titles = {(row["channel"], row["dataset"]): f"{row['title']} ({row['dataset']})" for row in rows}
    runs = [
        {**run, "top": place + 0.52, "bottom": place + 0.88, "line": place + 0.7}
        for place, name in enumerate(names)
        for run in series.status_runs([row for row in rows if (row["channel"], row["dataset"]) == name])
    ]
    words = [{"text": titles[name], "place": place + 0.26, "at": low} for place, name in enumerate(names)]
    y_scale = alt.Scale(domain=[0, max(len(names), 1)], reverse=True, nice=False)
    axis = _year_axis(low, high, ticks)
    known = [run for run in runs if run["status"] != "unknown"]
    unknown = [run for run in runs if run["status"] == "unknown"]
    statuses, colours = ["recorded", "nothing recorded"], [theme.ACCENT, theme.ACCENT_PALE]
    layers = [
        alt.Chart(data(known)).mark_rect().encode(
            x=alt.X("from:Q", **axis), x2="to:Q", y=alt.Y("top:Q", scale=y_scale, axis=None), y2="bottom:Q",
            color=alt.Color("status:N", legend=None, scale=alt.Scale(domain=statuses, range=colours)),
        ),
        alt.Chart(data(unknown)).mark_rule(color=theme.NATO_LINE, strokeDash=[1.5, 3.5]).encode(
            x=alt.X("from:Q", **axis), x2="to:Q", y=alt.Y("line:Q", scale=y_scale, axis=None)
        ),
        alt.Chart(data(words)).mark_text(align="left", fontSize=10.5).encode(
            x=alt.X("at:Q", **axis), y=alt.Y("place:Q", scale=y_scale, axis=None), text="text:N"
        ),
    ]  # fmt: skip
    return _finished(alt.layer(*layers).properties(width=width, height=29 * max(len(names), 1)))
