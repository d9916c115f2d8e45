"""Small charts of rival readings, of a formula's presence, and of meetings before and now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from innominate.brief import series, theme
from innominate.brief.drawing import data
from innominate.cases.wording import show, state_name

Findings = Mapping[str, Any]


def reading_odds(findings: Findings, claim: str, *, width: int = 420) -> Any:
    """Probability of every reading, the claimed one in colour."""
    rows = _readings(findings, claim)
    y = alt.Y("title:N", sort=None, axis=None, scale=alt.Scale(paddingInner=0.62, paddingOuter=0.45))
    x = alt.X("probability:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(title=None, format="%", tickCount=5))
    colour = alt.condition("datum.claimed", alt.value(theme.ACCENT), alt.value(theme.NATO_LINE))
    base = alt.Chart(data(rows))
    bars = base.mark_bar(height=9).encode(x=x, y=y, color=colour)
    names = base.mark_text(align="left", dy=-12, fontSize=11).encode(x=alt.value(0), y=y, text="label:N")
    height = 40 * max(len(rows), 1)
    return alt.layer(bars, names).properties(width=width, height=height).configure(**theme.config())


def _readings(findings: Findings, claim: str) -> list[dict[str, Any]]:
    rows = [row for row in series.table(findings, "readings", claim) if row["probability"] is not None]
    ordered = sorted(rows, key=lambda row: (-float(row["probability"]), str(row["title"])))
    return [
        {
            "title": row["title"],
            "claimed": bool(row["claimed"]),
            "probability": row["probability"],
            "label": f"{row['title']} ({show(row['probability'], 'probability')})" + (", claimed" if row["claimed"] else ""),
        }
        for row in ordered
    ]  # fmt: skip


def say_readings(findings: Findings, claim: str) -> str:
    """The chart in words."""
    said = [str(row["label"]) for row in _readings(findings, claim)]
    return f"Probability of each reading: {'; '.join(said)}." if said else "No reading could be judged."


def presence(findings: Findings, claim: str, *, width: int = 420) -> Any:
    """Every item of each series by date: filled where the formula stands, hollow where it does not, faint where it owes none."""
    rows = _items(findings, claim)
    y = alt.Y("series:N", axis=None, scale=alt.Scale(paddingInner=0.55, paddingOuter=0.45))
    x = alt.X("date:T", axis=alt.Axis(title=None, format="%Y", tickCount="year", labelOverlap=True))
    fill = alt.condition("datum.present", alt.value(theme.ACCENT), alt.value("white"))
    seen = alt.condition("datum.owed || datum.present", alt.value(1.0), alt.value(0.35))
    base = alt.Chart(data(rows))
    dots = base.mark_point(size=70, filled=True, stroke=theme.ACCENT, strokeWidth=1.4).encode(
        x=x, y=y, fill=fill, opacity=seen
    )
    names = sorted({str(row["series"]) for row in rows})
    labels = alt.Chart(data([{"series": name} for name in names]))
    named = labels.mark_text(align="left", dy=-18, fontSize=11, fontWeight="bold").encode(
        x=alt.value(0), y=y, text="series:N"
    )
    height = 62 * max(len(names), 1)
    return alt.layer(dots, named).properties(width=width, height=height).configure(**theme.config())


def _items(findings: Findings, claim: str) -> list[dict[str, Any]]:
    from innominate.silence.korea import OWING

    return [
        {"date": row["date"], "series": row["series"], "present": bool(row["present"]), "owed": row["kind"] in OWING}
        for row in series.table(findings, "presence", claim)
    ]


def say_presence(findings: Findings, claim: str) -> str:
    """The chart in words."""
    rows = _items(findings, claim)
    said = []
    for name in sorted({str(row["series"]) for row in rows}):
        days = sorted(str(row["date"]) for row in rows if row["series"] == name and row["present"])
        total = sum(row["series"] == name for row in rows)
        said.append(f"{name}: in {len(days)} of {total} items, last on {days[-1]}" if days else f"{name}: never")
    return f"Where the formula stood. {'; '.join(said)}."


def meetings(findings: Findings, claim: str, *, width: int = 420) -> Any:
    """The state's share of each patron's meetings, before and now; of a ledger, which knows no whole, recorded meetings a year."""
    rows = _meetings(findings, claim)
    panels = [
        _before_and_now([row for row in rows if row["shares"] == shares], title, form, width)
        for shares, title, form in (
            (True, "share of the patron's meetings", "%"),
            (False, "recorded meetings a year", "~r"),
        )
        if any(row["shares"] == shares for row in rows)
    ]
    return alt.vconcat(*panels).configure(**theme.config())


def _before_and_now(rows: list[dict[str, Any]], title: str, form: str, width: int) -> Any:
    y = alt.Y("row:N", sort=None, axis=None, scale=alt.Scale(paddingInner=0.6, paddingOuter=0.5))
    axis = alt.Axis(title=title, tickCount=5, format=form, labelOverlap=True)
    x = {name: alt.X(f"{name}:Q", scale=alt.Scale(zero=True), axis=axis) for name in ("before", "now")}
    base = alt.Chart(data(rows))
    lines = base.mark_rule(color=theme.FAINT, strokeWidth=3).encode(x=x["before"], x2="now:Q", y=y)
    earlier = base.mark_point(filled=True, size=60, color=theme.NATO_LINE, opacity=1).encode(x=x["before"], y=y)
    later = base.mark_point(filled=True, size=70, color=theme.ACCENT, opacity=1).encode(x=x["now"], y=y)
    names = base.mark_text(align="left", dy=-12, fontSize=11).encode(x=alt.value(0), y=y, text="row:N")
    return alt.layer(lines, earlier, later, names).properties(width=width, height=42 * len(rows))


def _meetings(findings: Findings, claim: str) -> list[dict[str, Any]]:
    """Before and now by patron and dataset: shares where the whole is known, since parts of a dataset differ in volume."""
    found = []
    for row in series.table(findings, "rises", claim):
        shares = row["all_before"] is not None
        before, now = ("all_before", "all_now") if shares else ("years_before", "years_now")
        if row[before] and row[now]:
            name = f"{state_name(str(row['patron']))}, {_source(str(row['dataset']))} ({row['unit']})"
            ends = {"before": row["own_before"] / row[before], "now": row["own_now"] / row[now]}
            found.append({"row": name, "shares": shares, **ends})
    return found


def _source(dataset: str) -> str:
    return "the case's ledger" if dataset.startswith("acts-csv/") else dataset


def say_meetings(findings: Findings, claim: str) -> str:
    """The chart in words."""
    said = []
    for row in _meetings(findings, claim):
        unit, what = ("share", "of its meetings") if row["shares"] else ("expected", "meetings a year")
        said.append(f"{row['row']}: {show(row['before'], unit)} {what} before, {show(row['now'], unit)} now")
    return f"High-level exchange. {'; '.join(said)}." if said else "No meetings on record in both spans."
