"""The section on blocs: components of dealings, a timeline, a matrix in the order of blocs, and who acts several at a time.

Made from the tables ``bloc_…`` of the findings and the tables ``together`` and ``churn`` of claims, and from nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
from markupsafe import Markup

from innominate.brief import series, theme
from innominate.brief.drawing import Drawing, data, draw
from innominate.brief.series import Row
from innominate.cases.wording import listed, show, state_name

Findings = Mapping[str, Any]
COLOURS = (
    "#0b5563", "#cc992d", "#683b8a", "#aa4a21", "#438b5e", "#bfc7c2", "#1c7fce", "#623b22", "#c1759c", "#37bdd2", "#1b1f24", "#a8ab5a",
)  # fmt: skip
MODES = (("source", "Who"), ("target", "To whom"), ("action", "What"))
_LABELS = 5  # of a component and mode


def section(findings: Findings) -> dict[str, Any] | None:
    """What the template shows; None where the findings hold no blocs."""
    summary = series.table(findings, "bloc_summary")
    if not summary:
        return None
    timeline, matrix, together = (series.table(findings, f"bloc_{name}") for name in ("timeline", "matrix", "together"))
    return {
        "mark": lambda table, row, column, unit="count": mark(findings, table, row, column, unit),
        "summary": summary[0],
        "cards": _cards(findings),
        "timeline": draw("bloc-timeline", _say_timeline(timeline), _timeline(timeline, 940), _timeline(timeline, 250)),
        "matrix": draw("bloc-matrix", _say_matrix(matrix), _matrix(matrix, 620), _matrix(matrix, 270)),
        "together": together,
        "latest": _latest(together),
        "groups": _groups(findings),
    }


def _latest(rows: Sequence[Row]) -> int:
    """The last period at least half of whose days were covered: a few days of news make no quarter."""
    whole = [place for place, row in enumerate(rows) if row["days"] >= 0.5]
    return whole[-1] if whole else len(rows) - 1


def mark(findings: Findings, table: str, row: int, column: str, unit: str = "count") -> Markup:
    """A number of a table as printed, with its exact value and where it stands in findings.json."""
    value = series.table(findings, table)[row][column]
    return Markup('<span class="n" data-table="{}" data-row="{}" data-column="{}" data-value="{}">{}</span>').format(
        table, row, column, "" if value is None else value, show(value, unit)
    )


def _cards(findings: Findings) -> list[dict[str, Any]]:
    """Components: their labels by mode with shares, and a drawing of their course."""
    rows, courses = series.table(findings, "bloc_cards"), series.table(findings, "bloc_courses")
    found = []
    for number in dict.fromkeys(row["component"] for row in rows):
        own = [(place, row) for place, row in enumerate(rows) if row["component"] == number]
        course = [row for row in courses if row["component"] == number]
        parts = [
            (
                title,
                [
                    {"label": _state(row["label"]) if mode != "action" else row["label"], "place": place}
                    for place, row in own
                    if row["mode"] == mode
                ][:_LABELS],
            )
            for mode, title in MODES
        ]
        found.append({"number": number, "place": own[0][0], "parts": parts,
                      "when": draw(f"bloc-course-{number}", _say_course(number, course), _course(course))})  # fmt: skip
    return found


def _groups(findings: Findings) -> list[dict[str, Any]]:
    """Rows of all claims' tables ``together`` that speak of a group, with where they stand."""
    found = []
    for claim in findings["claims"]:
        for row in series.table(findings, "together", claim["claim"]):
            if row["role"] != "bloc":
                names = listed([_state(code) for code in row["name"].split("-")])
                found.append({**row, "names": names, "claim": claim["claim"]})
    return found


def _state(code: str) -> str:
    return state_name(code)


def _finished(chart: Any) -> Any:
    return chart.configure(**theme.config())


def _period_axis(periods: Sequence[str]) -> Any:
    firsts = [period for period in periods if period.endswith(("-Q1", "-01")) or "-" not in period]
    return alt.Axis(
        title=None, values=firsts or list(periods), labelExpr="slice(datum.value, 0, 4)", labelAngle=0, ticks=False
    )


def _course(rows: Sequence[Row]) -> Any:
    periods = [row["period"] for row in rows]
    chart = alt.Chart(data(rows)).mark_bar(color=theme.ACCENT)
    x = alt.X("period:O", sort=periods, axis=_period_axis(periods))
    y = alt.Y("share:Q", axis=alt.Axis(title=None, format="%", tickCount=2))
    return _finished(chart.encode(x=x, y=y).properties(width=270, height=60))


def _timeline(rows: Sequence[Row], width: int) -> Any:
    periods = sorted({row["period"] for row in rows})
    states = list(dict.fromkeys(row["state"] for row in rows))
    blocs = sorted({row["bloc"] for row in rows})
    named = [{**row, "name": row["state"] if width < 400 else _state(row["state"])} for row in rows if row["observed"]]
    order = [state if width < 400 else _state(state) for state in states]
    legend = alt.Legend(title=None, orient="bottom", columns=2 if width < 400 else 6, symbolType="square")
    chart = alt.Chart(data(named)).mark_rect(stroke="white", strokeWidth=0.5)
    encoded = chart.encode(
        x=alt.X("period:O", sort=periods, scale=alt.Scale(domain=periods), axis=_period_axis(periods)),
        y=alt.Y("name:N", sort=order, title=None),
        color=alt.Color("bloc:N", scale=alt.Scale(domain=blocs, range=list(COLOURS[: len(blocs)])), legend=legend),
        opacity=alt.Opacity("membership:Q", scale=alt.Scale(domain=[0, 1], range=[0.2, 1]), legend=None),
    )
    return _finished(encoded.properties(width=width, height=15 * len(states)))


def _matrix(rows: Sequence[Row], side: int) -> Any:
    order = list(dict.fromkeys(row["source"] for row in sorted(rows, key=lambda row: row["place"])))
    small = alt.Axis(title=None, labelFontSize=9 if side > 400 else 5, ticks=False, labelOverlap=False)
    legend = alt.Legend(title="acts", orient="bottom", gradientLength=140)
    chart = alt.Chart(data(rows)).mark_rect()
    encoded = chart.encode(
        x=alt.X("target:N", sort=order, axis=small, scale=alt.Scale(domain=order)),
        y=alt.Y("source:N", sort=order, axis=small, scale=alt.Scale(domain=order)),
        color=alt.Color("acts:Q", scale=alt.Scale(type="log", range=[theme.PALE, theme.ACCENT]), legend=legend),
    )
    return _finished(encoded.properties(width=side, height=side))


def together_chart(findings: Findings, claim: str, *, width: int = 400) -> Any:
    """Joint acts by those that pairs imply: the group against groups of its size drawn from treaty blocs, by kind of act."""
    rows = [
        row for row in series.table(findings, "together", claim) if row["ratio"] is not None and row["role"] != "wider"
    ]
    titles = list(dict.fromkeys(row["title"] for row in rows))
    cap = 3.0
    lines, at = [], 0.0
    places: list[Row] = []
    for title in titles:
        places.append({"at": at, "text": title})
        for row in [row for row in rows if row["title"] == title]:
            at += 1.0
            own = row["role"] == "group"
            name = "this group" if own else row["name"]
            lines.append(
                {
                    **row,
                    "at": at,
                    "label": name,
                    "ratio_high": min(row["ratio_high"], cap),
                    "ratio": min(row["ratio"], cap),
                    "own": own,
                }
            )
        at += 1.5
    y_scale = alt.Scale(domain=[-0.6, max(at - 0.7, 1)], reverse=True, nice=False)
    x_scale = alt.Scale(domain=[-0.7 if width < 380 else -0.45, cap], nice=False, clamp=True)
    axis = alt.Axis(title="joint acts by those that pairs imply", values=[1, 2, 3], format="%")
    y = alt.Y("at:Q", scale=y_scale, axis=None)
    base = alt.Chart(data(lines))
    colour = alt.condition("datum.own", alt.value(theme.ACCENT), alt.value(theme.NATO_LINE))
    start = [{**row, "x": x_scale.domain[0]} for row in places]
    names = [{**row, "x": x_scale.domain[0]} for row in lines]
    layers = [
        alt.Chart(data([{"x": 1.0}])).mark_rule(color=theme.FAINT).encode(x=alt.X("x:Q", scale=x_scale, axis=axis)),
        base.mark_rule(strokeWidth=3).encode(x=alt.X("ratio_low:Q", scale=x_scale, axis=axis), x2="ratio_high:Q", y=y, color=colour),
        base.mark_point(filled=True, size=50, opacity=1).encode(x=alt.X("ratio:Q", scale=x_scale, axis=axis), y=y, color=colour),
        alt.Chart(data(start)).mark_text(align="left", fontWeight="bold").encode(x=alt.X("x:Q", scale=x_scale, axis=axis), y=y, text="text:N"),
        alt.Chart(data(names)).mark_text(align="left", fontSize=10.5).encode(x=alt.X("x:Q", scale=x_scale, axis=axis), y=y, text="label:N"),
    ]  # fmt: skip
    return _finished(alt.layer(*layers).properties(width=width, height=15 * (at + 1)))


def churn_chart(findings: Findings, claim: str, *, width: int = 400) -> Any:
    """Turnover with intervals, the group's and treaty blocs', by kind of data."""
    kinds = {"votes": "circle in UN votes", "events": "blocs of dealings"}
    rows = [
        {
            **row,
            "label": f"{'this group' if row['name'] == 'group' else row['name']}, {kinds[row['kind']]}",
            "own": row["name"] == "group",
        }
        for row in series.table(findings, "churn", claim)
    ]
    rows.sort(key=lambda row: row["kind"], reverse=True)
    order = [row["label"] for row in rows]
    axis = alt.Axis(title="replaced in a year, beyond noise", format="%", tickCount=4)
    y = alt.Y("label:N", sort=order, title=None, axis=alt.Axis(labelLimit=190))
    base = alt.Chart(data(rows))
    colour = alt.condition("datum.own", alt.value(theme.ACCENT), alt.value(theme.NATO_LINE))
    layers = [
        base.mark_rule(strokeWidth=3).encode(x=alt.X("low:Q", axis=axis), x2="high:Q", y=y, color=colour),
        base.mark_point(filled=True, size=55, opacity=1).encode(x=alt.X("turnover:Q", axis=axis), y=y, color=colour),
    ]
    return _finished(alt.layer(*layers).properties(width=width - 180, height=24 * max(len(rows), 1)))


def say_together(findings: Findings, claim: str) -> str:
    """The chart of joint acts in words."""
    rows = [
        row for row in series.table(findings, "together", claim) if row["role"] == "group" and row["joint"] is not None
    ]
    each = [
        f"{row['title']}: {show(row['joint'], 'count')} joint, {show(row['expected'], 'expected')} implied by pairs"
        for row in rows
    ]
    return f"Joint acts beside what pairs imply. {'; '.join(each) or 'None on record'}."


def say_churn(findings: Findings, claim: str) -> str:
    """The chart of turnover in words."""
    rows = series.table(findings, "churn", claim)
    each = [f"{row['name']} by {row['kind']} {show(row['turnover'], 'share')}" for row in rows]
    return f"Share replaced in a year, beyond noise: {'; '.join(each)}."


def _say_course(number: int, rows: Sequence[Row]) -> str:
    known = [row for row in rows if row["share"] is not None]
    if not known:
        return f"Component {number} was observed in no period."
    most = max(known, key=lambda row: row["share"])
    return (
        f"Component {number} through time: most acts in {most['period']}, {show(most['share'], 'share')} of all of it."
    )


def _say_timeline(rows: Sequence[Row]) -> str:
    last = max(row["period"] for row in rows)
    each = [f"{_state(row['state'])} {row['bloc']}" for row in rows if row["period"] == last]
    return f"Foremost bloc of each state in {last}: {', '.join(each)}."


def _say_matrix(rows: Sequence[Row]) -> str:
    most = sorted(rows, key=lambda row: -row["acts"])[:5]
    each = [f"{_state(row['source'])} to {_state(row['target'])} {show(row['acts'], 'count')}" for row in most]
    return f"Acts between the busiest states, ordered by bloc; most: {', '.join(each)}."


def drawings(found: Mapping[str, Any] | None) -> list[Drawing]:
    """Every drawing of the section, for downloads."""
    return [] if found is None else [found["timeline"], found["matrix"], *(card["when"] for card in found["cards"])]
