"""Charts that pages have and briefs have not: pairs in one year, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from innominate.brief import theme
from innominate.brief.drawing import Drawing, draw
from innominate.cases.wording import show

Row = Mapping[str, Any]
HEIGHT = 21  # of a row


def ranking(name: str, rows: Sequence[Row], bar: float) -> Drawing:
    """Alignment of pairs with intervals, one a line, against the bar and the median of NATO pairs.

    Parameters
    ----------
    rows : label, alignment, low, high, committed (true, false or unknown), in the order shown
    bar : lower quartile of NATO pairs
    """
    says = "; ".join(
        f"{row['label']} {show(row['alignment'], 'alignment')} "
        f"[{show(row['low'], 'alignment')}, {show(row['high'], 'alignment')}]"
        for row in rows
    )
    return draw(name, f"Alignment with 90% intervals: {says}.", _chart(rows, bar, 640), _chart(rows, bar, 180))


def _chart(rows: Sequence[Row], bar: float, width: int) -> Any:
    kinds = {True: "defence treaty", False: "none", None: "unknown"}
    placed = [{**row, "treaty": kinds[row["committed"]]} for row in rows]
    ends = [row[name] for row in rows for name in ("low", "high")] + [0.0, 1.0]
    scale = alt.Scale(domain=[min(ends) - 0.1, max(ends) + 0.1], nice=False)
    x_axis = alt.Axis(title=None, format="d", values=list(range(-8, 13)), orient="top")
    y_axis = alt.Axis(title=None, domain=False, ticks=False, labelLimit=230, labelFontSize=12, labelColor=theme.INK)
    y = alt.Y("label:N", sort=None, scale=alt.Scale(paddingInner=0.2), axis=y_axis)
    colour = alt.Color(
        "treaty:N",
        legend=None,
        scale=alt.Scale(domain=list(kinds.values()), range=[theme.NATO_LINE, theme.ACCENT, theme.OTHER]),
    )
    marks = alt.Chart(alt.Data(values=[{"at": bar}, {"at": 1.0}])).mark_rule(color=theme.NATO_LINE, strokeDash=[4, 3])
    base = alt.Chart(alt.Data(values=placed))
    layers = [
        marks.encode(x=alt.X("at:Q", scale=scale, axis=x_axis)),
        base.mark_rule(strokeWidth=3, opacity=0.55).encode(
            x=alt.X("low:Q", scale=scale, axis=x_axis), x2="high:Q", y=y, color=colour
        ),
        base.mark_point(filled=True, size=58, opacity=1).encode(
            x=alt.X("alignment:Q", scale=scale, axis=x_axis), y=y, color=colour
        ),
    ]
    return alt.layer(*layers).properties(width=width, height=HEIGHT * max(len(rows), 1)).configure(**theme.config())
