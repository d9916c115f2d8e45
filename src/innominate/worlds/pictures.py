"""Pictures of worlds as Vega-Lite specifications: ranks of the truth, coverage, and what hiding does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import polars as pl
from scipy.stats import binom

from innominate.worlds.calibration import BINS, Ranks
from innominate.worlds.hidden import Hidden

if TYPE_CHECKING:
    import altair as alt

BLUE, PALE, GREY = "#30557a", "#d9d4c8", "#555"


def rank_histogram(ranks: Ranks) -> alt.LayerChart:
    """Ranks of the truth against the band in which 98 % of uniform counts fall."""
    import altair as alt

    counts = ranks.histogram()
    low, high = (float(binom.ppf(q, counts.sum(), 1 / BINS)) for q in (0.01, 0.99))
    rows = [{"from": k / BINS, "to": (k + 1) / BINS, "ranks": int(count)} for k, count in enumerate(counts)]
    band = alt.Chart(alt.Data(values=[{"low": low, "high": high, "x": 0, "x2": 1}])).mark_rect(color=PALE, opacity=0.8)
    bars = alt.Chart(alt.Data(values=rows)).mark_bar(color=BLUE, opacity=0.75)
    x = alt.X("from:Q", title="rank of the truth among draws of its posterior", bin="binned")
    y = alt.Y("ranks:Q", title="number of ranks", scale=alt.Scale(zero=True))
    return alt.layer(
        band.encode(y="low:Q", y2="high:Q", x="x:Q", x2="x2:Q"), bars.encode(x=x, x2="to:Q", y=y)
    ).properties(
        width=420, height=200, title=_title("Are the posteriors right?", "Band: where 98 % of counts fall if they are.")
    )  # fmt: skip


def coverage_plot(table: pl.DataFrame) -> alt.LayerChart:
    """Share of truths inside 90 % intervals by stratum; rows of :func:`innominate.worlds.calibration.strata_table`."""
    import altair as alt

    rows = [
        {"group": f"{row['stratum']}: {row['group']}" if row["stratum"] != "all" else "all", "inside": row["inside90"]}
        for row in table.iter_rows(named=True)
    ]
    band = alt.Chart(alt.Data(values=[{"low": 0.88, "high": 0.92}])).mark_rect(color=PALE, opacity=0.8)
    dots = alt.Chart(alt.Data(values=rows)).mark_circle(color=BLUE, size=70)
    scale = alt.Scale(domain=[min([0.8, *(row["inside"] for row in rows)]), 1.0])
    return alt.layer(
        band.encode(x=alt.X("low:Q", scale=scale), x2="high:Q"),
        dots.encode(
            x=alt.X("inside:Q", scale=scale, title="inside 90 % intervals", axis=alt.Axis(format="%")),
            y=alt.Y("group:N", sort=None, title=None),
        ),
    ).properties(
        width=380, height=18 * len(rows),
        title=_title("How often the truth is inside", "Band: 88 to 92 %, the target in every stratum."),
    )  # fmt: skip


def hiding_curves(found: Sequence[Hidden]) -> alt.LayerChart:
    """Level of every pair by share hidden, with 90 % of draws, and the bar that allies reach."""
    import altair as alt

    rows: list[dict[str, Any]] = [
        {**row, "pair": f"{one.a}–{one.b}"} for one in found for row in one.table().iter_rows(named=True)
    ]
    data = alt.Data(values=rows)
    x = alt.X("share:Q", title="share of their cooperation that is hidden", axis=alt.Axis(format="%"))
    area = alt.Chart(data).mark_area(opacity=0.25).encode(x=x, y="low:Q", y2="high:Q", color="pair:N")
    line = alt.Chart(data).mark_line().encode(
        x=x, y=alt.Y("alignment:Q", title="alignment"), color=alt.Color("pair:N", title=None)
    )  # fmt: skip
    bar = alt.Chart(alt.Data(values=[{"bar": found[0].bar, "is": "allies stand above"}])).encode(y="bar:Q")
    told = bar.mark_text(align="left", baseline="bottom", dx=4, dy=-2, color=GREY).encode(x=alt.value(0), text="is:N")
    years = sorted({year for one in found for year in one.years})
    judged = f"judged {years[0]}" if len(years) == 1 else f"judged {years[0]}-{years[-1]}"
    return alt.layer(area, line, bar.mark_rule(strokeDash=[4, 3]), told).properties(
        width=520, height=280,
        title=_title(
            f"What hiding would do, {judged}",
            "Band: 90 % of draws of what is hidden. 0: the median pair; 1: the median pair of the scale's reference.",
        ),
    )  # fmt: skip


def _title(text: str, subtitle: str) -> alt.TitleParams:
    import altair as alt

    return alt.TitleParams(text=text, subtitle=subtitle, anchor="start", subtitleColor=GREY)
