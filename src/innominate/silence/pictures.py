"""Pictures as Vega-Lite specifications: formulas by documents, with what was owed and is absent."""

from __future__ import annotations

from typing import Any

import polars as pl

COLOURS = {"present": "#1f5a8a", "owed but absent": "#c8472b", "absent": "#d9d9d4"}


def timeline(frame: pl.DataFrame, title: str) -> dict[str, Any]:
    """A strip of documents for each formula.

    Parameters
    ----------
    frame : columns ``phrase, date, state, expected, title`` (see :meth:`SilenceFit.timeline`)
    title : of the picture
    """
    import altair as alt

    rows = frame.with_columns(pl.col("date").cast(pl.String)).to_dicts()
    chart = (
        alt.Chart(alt.Data(values=rows))
        .mark_tick(thickness=3, size=22)
        .encode(
            x=alt.X("date:T", title=None),
            y=alt.Y("phrase:N", title=None, sort=list(dict.fromkeys(frame["phrase"])), axis=alt.Axis(labelLimit=320)),
            color=alt.Color(
                "state:N",
                title=None,
                scale=alt.Scale(domain=list(COLOURS), range=list(COLOURS.values())),
                legend=alt.Legend(orient="top"),
            ),
            tooltip=[
                alt.Tooltip("date:T"),
                alt.Tooltip("phrase:N"),
                alt.Tooltip("state:N"),
                alt.Tooltip("expected:Q", title="expected before reading", format=".0%"),
                alt.Tooltip("title:N"),
            ],
        )
        .properties(title=title, width=680, height=alt.Step(34))
    )
    return dict(chart.to_dict())
