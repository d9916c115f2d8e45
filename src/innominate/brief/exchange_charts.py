"""The charts of claims about gains: who gives what, parts of two givers, before and now, two theatres through time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import altair as alt

from innominate.brief import series, theme
from innominate.brief.drawing import data
from innominate.brief.series import Row
from innominate.cases.gains_evidence import kind_title, measure_words
from innominate.cases.wording import listed, show, state_in_sentence, state_name
from innominate.exchange.pictures import draw_sankey

Findings = Mapping[str, Any]
LINES = (
    theme.ACCENT,
    theme.AGAINST,
    "#e0a030",
    theme.NATO_LINE,
    theme.INK,
)  # of measures, told apart by colour-blind readers, too
STEP = 40  # height of a line of a chart


def sankey(findings: Findings, claim: str, *, width: int = 400) -> Any:
    """Who gives what to whom: the height of a band is the receiver's dependence."""
    rows = series.table(findings, "bands", claim)
    states = list(dict.fromkeys(code for row in rows for code in (row["giver"], row["receiver"])))
    return draw_sankey(rows, states, width=width, height=300).configure(**theme.config())


def parts(findings: Findings, claim: str, *, width: int = 400) -> Any:
    """The first giver's part of what two give, measure by measure, with its range."""
    rows = [
        {"text": _measure(row), "value": row["part"], "low": row["part_low"], "high": row["part_high"], "own": row["part"] > 0.5}
        for row in series.table(findings, "splits", claim)
    ]  # fmt: skip
    return _dots(rows, width)


def burdens(findings: Findings, claim: str, *, width: int = 400) -> Any:
    """The bearer's part of what the two give, before (grey) and now."""
    rows = []
    for row in series.table(findings, "loads", claim):
        if row["who"] == "bearer" and row["bearer_share"] is not None:
            now = row["when"] == "now"
            rows.append({"text": _measure(row), "value": row["bearer_share"], "low": None, "high": None, "own": now})
    return _dots(rows, width)


def theatres(findings: Findings, claim: str, *, width: int = 400) -> Any:
    """The second theatre's share of what goes to both, by year and measure."""
    rows = _theatre_shares(findings, claim)
    years = [row["year"] for row in rows]
    x = alt.X(
        "year:Q", axis=alt.Axis(format="d", title=None, tickCount=5), scale=alt.Scale(domain=[min(years), max(years)])
    )
    y = alt.Y("share:Q", axis=alt.Axis(format="%", title=None), scale=alt.Scale(domain=[0, 1]))
    colour = alt.Color(
        "measure:N", title=None, legend=alt.Legend(orient="bottom", columns=1, labelLimit=width),
        scale=alt.Scale(range=list(LINES)),
    )  # fmt: skip
    shape = alt.Shape("measure:N", title=None, legend=alt.Legend(orient="bottom", columns=1, labelLimit=width))
    base = alt.Chart(data(rows)).encode(x=x, y=y, color=colour)
    half = alt.Chart(data([{"at": 0.5}])).mark_rule(color=theme.FAINT).encode(y=alt.Y("at:Q"))
    points = base.mark_point(filled=True, size=38, opacity=1).encode(shape=shape)
    chart = alt.layer(half, base.mark_line(strokeWidth=1.8), points)
    return chart.properties(width=width, height=220).configure(**theme.config())


def _theatre_shares(findings: Findings, claim: str) -> list[Row]:
    return [
        {"measure": _measure(row), "year": row["year"], "share": row["to_1"] / (row["to_0"] + row["to_1"])}
        for row in series.table(findings, "theatres", claim)
        if row["to_0"] + row["to_1"] > 0
    ]


def _measure(row: Row) -> str:
    return measure_words(row["kind"], row["dataset"], row["unit"])


def _dots(rows: list[Row], width: int) -> Any:
    """Values between 0 and 1 on one line a text, with ranges; what is `own` stands out."""
    names = list(dict.fromkeys(row["text"] for row in rows))
    placed = [
        {**row, "place": names.index(row["text"]), "low": row["value"] if row["low"] is None else row["low"],
         "high": row["value"] if row["high"] is None else row["high"]}
        for row in rows
    ]  # fmt: skip
    x = {
        "scale": alt.Scale(domain=[0, 1], nice=False),
        "axis": alt.Axis(format="%", title=None, values=[0, 0.25, 0.5, 0.75, 1]),
    }
    y = alt.Y("place:Q", axis=None, scale=alt.Scale(domain=[-0.75, max(len(names), 1) - 0.4], reverse=True, nice=False))
    colour = alt.condition("datum.own", alt.value(theme.ACCENT), alt.value(theme.NATO_LINE))
    base = alt.Chart(data(placed))
    heads = alt.Chart(data([{"text": name, "at": 0, "place": k - 0.42} for k, name in enumerate(names)]))
    half = alt.Chart(data([{"at": 0.5}])).mark_rule(color=theme.FAINT, strokeDash=[4, 3])
    layers = [
        half.encode(x=alt.X("at:Q", **x)),
        base.mark_rule(strokeWidth=3, opacity=0.55).encode(x=alt.X("low:Q", **x), x2="high:Q", y=y, color=colour),
        base.mark_point(filled=True, size=60, opacity=1).encode(x=alt.X("value:Q", **x), y=y, color=colour),
        heads.mark_text(align="left", fontSize=10.5, limit=width).encode(x=alt.X("at:Q", **x), y=y, text="text:N"),
    ]
    return alt.layer(*layers).properties(width=width, height=STEP * max(len(names), 1)).configure(**theme.config())


def say_sankey(findings: Findings, claim: str) -> str:
    """The bands in words."""
    each = [
        f"{state_name(row['giver'])} to {state_name(row['receiver'])}: {kind_title(row['kind'])} {show(row['share'], 'share')}"
        for row in series.table(findings, "bands", claim)
    ]
    return f"Shares of what each gets, by giver and kind. {'; '.join(each)}."


def say_parts(findings: Findings, claim: str) -> str:
    """The parts in words."""
    rows = series.table(findings, "splits", claim)
    each = [f"{_measure(row)} {show(row['part'], 'share')}" for row in rows]
    return f"Part of {state_name(rows[0]['first'])}: {'; '.join(each)}."


def say_burdens(findings: Findings, claim: str) -> str:
    """The bearer's parts in words."""
    rows = [row for row in series.table(findings, "loads", claim) if row["who"] == "bearer"]
    each = [f"{_measure(row)} {row['when']} {show(row['bearer_share'], 'share')}" for row in rows]
    return f"Part of {state_name(rows[0]['giver'])}: {'; '.join(each)}."


def say_theatres(findings: Findings, claim: str) -> str:
    """The last year of every line in words."""
    last = {row["measure"]: row for row in _theatre_shares(findings, claim)}
    each = [f"{name} {show(row['share'], 'share')} in {row['year']}" for name, row in last.items()]
    second = series.table(findings, "theatres", claim)[0]["second"]
    return f"Share of {second}: {listed(each)}."


def _sankey_caption(findings: Findings, claim: str) -> str:
    return "Who gives what to whom. Height of a band: share of what the receiver is known to get of that kind."


def _parts_caption(findings: Findings, claim: str) -> str:
    row = series.table(findings, "splits", claim)[0]
    first, second, receiver = (state_in_sentence(row[name]) for name in ("first", "second", "receiver"))
    return f"Part of {first} in what {first} and {second} give {receiver}, with ranges. A half is decided where all its kinds point one way."


def _burdens_caption(findings: Findings, claim: str) -> str:
    rows = {row["who"]: row for row in series.table(findings, "loads", claim)}
    bearer, reliever = (state_in_sentence(rows[who]["giver"]) for who in ("bearer", "reliever"))
    receiver = state_in_sentence(rows["bearer"]["receiver"])
    return f"Part of {bearer} in what {bearer} and {reliever} give {receiver}: before (grey) and now."


def _theatres_caption(findings: Findings, claim: str) -> str:
    row = series.table(findings, "theatres", claim)[0]
    giver = state_in_sentence(row["giver"])
    return f"Share of {row['second']} in what {giver} gives {row['first']} and {row['second']}."


Saying = Callable[[Findings, str], str]
Chart = tuple[str, Callable[..., Any], Saying, Saying]
KINDS: tuple[Chart, ...] = (
    ("bands", sankey, say_sankey, _sankey_caption),
    ("splits", parts, say_parts, _parts_caption),
    ("loads", burdens, say_burdens, _burdens_caption),
    ("theatres", theatres, say_theatres, _theatres_caption),
)  # fmt: skip
