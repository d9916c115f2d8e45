"""The small chart of a concealment limit: the level of every pair by the share of its cooperation that is hidden."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from innominate.brief import series, theme
from innominate.brief.drawing import data
from innominate.cases.wording import show

Findings = Mapping[str, Any]


def hiding(findings: Findings, claim: str, *, width: int = 420) -> Any:
    """Level by share hidden, one line a pair, with 90 % of draws, against the bar."""
    rows = series.table(findings, "hiding", claim)
    told = data(rows)
    bar = data([{"bar": findings["quartile"]}])
    ends = data([row for row in rows if row["share"] == 0])
    names = list(dict.fromkeys(row["pair"] for row in rows))
    inks = [theme.ACCENT, theme.OTHER, theme.QUIET]
    colour = alt.Color("pair:N", legend=None, scale=alt.Scale(domain=names, range=(inks * len(names))[: len(names)]))
    x = alt.X("share:Q", title="share hidden", axis=alt.Axis(format="%", tickCount=5))
    y = alt.Y("alignment:Q", title=None, axis=alt.Axis(tickCount=5))
    area = alt.Chart(told).mark_area(opacity=0.2).encode(x=x, y=alt.Y("low:Q", title=None), y2="high:Q", color=colour)
    line = alt.Chart(told).mark_line(strokeWidth=2).encode(x=x, y=y, color=colour)
    rule = alt.Chart(bar).mark_rule(color=theme.NATO_LINE, strokeDash=[4, 3]).encode(y="bar:Q")
    named = alt.Chart(ends).mark_text(align="left", dx=4, dy=-9, fontSize=11, fontWeight="bold")
    layers = alt.layer(area, rule, line, named.encode(x=x, y=y, text="pair:N", color=colour))
    return layers.properties(width=width, height=190).configure(**theme.config())


def say_hiding(findings: Findings, claim: str) -> str:
    """The chart in words."""
    said = []
    rows = series.table(findings, "hiding", claim)
    for pair in dict.fromkeys(row["pair"] for row in rows):
        own = [row for row in rows if row["pair"] == pair]
        levels = [show(own[place]["alignment"], "alignment") for place in (0, len(own) // 2, -1)]
        said.append(f"{pair} {levels[0]} with nothing hidden, {levels[1]} with half, {levels[2]} with all")
    words = "; ".join(said)
    return f"Alignment by share hidden: {words}." if said else "Nothing could be hidden."
