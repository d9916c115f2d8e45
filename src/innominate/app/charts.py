"""Charts that pages have and briefs have not: pairs in one year, side by side."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import altair as alt
from markupsafe import Markup

from innominate.brief import theme
from innominate.brief.drawing import Drawing, data, draw
from innominate.cases.wording import show

Row = Mapping[str, Any]
HEIGHT = 21  # of a row
BASE = "https://vega.github.io/vega-datasets/"  # which vl-convert puts before relative links


def ranking(name: str, rows: Sequence[Row], bar: float) -> Drawing:
    """Alignment of pairs with intervals, one a line, against the bar and the median of NATO pairs.

    Parameters
    ----------
    rows : label, path (where the label leads), alignment, low, high, committed (true, false or unknown), in the order shown
    bar : lower quartile of NATO pairs
    """
    says = "; ".join(
        f"{row['label']} {show(row['alignment'], 'alignment')} "
        f"[{show(row['low'], 'alignment')}, {show(row['high'], 'alignment')}]"
        for row in rows
    )
    drawn = draw(name, f"Alignment with 90% intervals: {says}.", _chart(rows, bar, 640), _chart(rows, bar, 180))
    narrow = None if drawn.narrow is None else _leading_here(drawn.narrow)
    return replace(drawn, wide=_leading_here(drawn.wide), narrow=narrow)


def _leading_here(svg: Markup) -> Markup:
    """Links as they stand in the chart; for the mouse only, since the table beside has them too."""
    return Markup(str(svg).replace(f'<a xlink:href="{BASE}', '<a tabindex="-1" href="'))


def _chart(rows: Sequence[Row], bar: float, width: int) -> Any:
    kinds = {True: "defence treaty", False: "none", None: "unknown"}
    placed = [{**row, "treaty": kinds[row["committed"]]} for row in rows]
    ends = [row[name] for row in rows for name in ("low", "high")] + [0.0, 1.0]
    scale = alt.Scale(domain=[min(ends) - 0.1, max(ends) + 0.1], nice=False)
    whole = list(range(math.ceil(min(ends)), math.floor(max(ends)) + 1))
    few = whole if len(whole) <= 16 else [value for value in whole if value % math.ceil(len(whole) / 16) == 0]
    x_axis = alt.Axis(title=None, format="d", values=few, orient="top")
    y = alt.Y("label:N", sort=None, scale=alt.Scale(paddingInner=0.2), axis=None)
    colour = alt.Color(
        "treaty:N",
        legend=None,
        scale=alt.Scale(domain=list(kinds.values()), range=[theme.NATO_LINE, theme.ACCENT, theme.OTHER]),
    )
    marks = alt.Chart(data([{"at": bar}, {"at": 1.0}])).mark_rule(color=theme.NATO_LINE, strokeDash=[4, 3])
    base = alt.Chart(data(placed))
    layers = [
        marks.encode(x=alt.X("at:Q", scale=scale, axis=x_axis)),
        base.mark_rule(strokeWidth=3, opacity=0.55).encode(
            x=alt.X("low:Q", scale=scale, axis=x_axis), x2="high:Q", y=y, color=colour
        ),
        base.mark_point(filled=True, size=58, opacity=1).encode(
            x=alt.X("alignment:Q", scale=scale, axis=x_axis), y=y, color=colour
        ),
        base.mark_text(align="right", dx=-8, fontSize=12, color=theme.INK).encode(
            x=alt.value(0), y=y, text="label:N", href="path:N"
        ),
    ]
    return alt.layer(*layers).properties(width=width, height=HEIGHT * max(len(rows), 1)).configure(**theme.config())
