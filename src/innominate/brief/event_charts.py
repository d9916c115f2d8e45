"""Charts of turning points and past cases: event-study curve, fan of what followed, changes and responses with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from innominate.brief import series, theme
from innominate.brief.drawing import data
from innominate.brief.series import Row
from innominate.cases.wording import mid_sentence
from innominate.ledger import CHANNELS

Findings = Mapping[str, Any]


def curve_rows(findings: Findings, claim: str) -> list[Row]:
    """The months of the largest group in the curve's table: that of all other pairs, or of all."""
    rows = series.table(findings, "signal_curve", claim)
    groups = [row["group"] for row in rows if str(row["group"]).startswith("all")]
    return [row for row in rows if groups and row["group"] == groups[0] and row["ratio"] is not None]


def event_curve(findings: Findings, claim: str, *, width: int = 420, height: int = 210) -> Any:
    """Month by month around visits: cooperation and conflict over forecast, with the band of placebo dates."""
    rows = curve_rows(findings, claim)
    own = [row for row in rows if row["outcome"] == "material"]
    other = [row for row in rows if row["outcome"] == "conflict"]
    high = max([row["ratio"] for row in rows] + [row["high"] or 0.0 for row in own] + [1.5])
    months = [row["month"] for row in rows] or [0]
    x_scale = alt.Scale(domain=[min(months) - 0.2, max(months) + 0.2], nice=False)
    x = alt.X(
        "month:Q", scale=x_scale, axis=alt.Axis(title="months after a high-level visit", format="d", tickMinStep=1)
    )
    y_scale = alt.Scale(domain=[0, high * 1.08], nice=False)
    y = alt.Y("ratio:Q", scale=y_scale, axis=alt.Axis(title="acts / forecast", tickCount=5))
    known = [row for row in own if row["low"] is not None]
    one, visit = [{"ratio": 1.0}], [{"month": 0}]
    layers = [
        alt.Chart(data(known)).mark_area(color=theme.NATO_NARROW, opacity=0.8).encode(
            x=x, y=alt.Y("low:Q", scale=y_scale), y2="high:Q"),
        alt.Chart(data(one)).mark_rule(color=theme.NATO_LINE, strokeDash=[4, 3]).encode(y=y),
        alt.Chart(data(visit)).mark_rule(color=theme.QUIET).encode(x=x),
        alt.Chart(data(other)).mark_line(color=theme.AGAINST, strokeWidth=1.5, strokeDash=[4, 3]).encode(x=x, y=y),
        alt.Chart(data(own)).mark_line(color=theme.ACCENT, strokeWidth=2.4, point=True).encode(x=x, y=y),
    ]  # fmt: skip
    for part, name, colour in ((own, "cooperation", theme.ACCENT), (other, "conflict", theme.AGAINST)):
        if part:
            label = [{**part[-1], "text": name}]
            layers.append(
                alt.Chart(data(label)).mark_text(align="right", dx=-6, dy=-8 if name == "cooperation" else 14, color=colour, fontSize=11)
                .encode(x=x, y=y, text="text:N")
            )  # fmt: skip
    return alt.layer(*layers).properties(width=width, height=height).configure(**theme.config())


def analogue_fan(findings: Findings, claim: str, *, width: int = 420, height: int = 210) -> Any:
    """Where the case stood among all pairs up to now, and where its nearest past cases stood in the years after."""
    path, fan = series.table(findings, "analogue_path", claim), series.table(findings, "analogue_fan", claim)
    now = max((row["year"] for row in path), default=0)
    before = [{"at": row["year"] - now, "share": row["share"]} for row in path if now - row["year"] <= 15]
    after = [{**row, "at": row["after"]} for row in fan]
    lows = [row["share"] for row in before] + [row["p05"] for row in after] + [0.9]
    scale = alt.Scale(domain=[max(min(lows) - 0.02, 0.0), 1.0], nice=False)
    axis = alt.Axis(title="share of pairs less aligned", format="%", tickCount=5)
    x = alt.X("at:Q", axis=alt.Axis(title=f"years from {now}", format="d"), scale=alt.Scale(nice=False))
    base = alt.Chart(data(after))
    layers = [
        base.mark_area(color=theme.NATO_WIDE).encode(x=x, y=alt.Y("p05:Q", scale=scale, axis=axis), y2="p95:Q"),
        base.mark_area(color=theme.NATO_NARROW).encode(x=x, y=alt.Y("p25:Q", scale=scale, axis=axis), y2="p75:Q"),
        base.mark_line(color=theme.NATO_LINE).encode(x=x, y=alt.Y("p50:Q", scale=scale, axis=axis)),
        alt.Chart(data(before)).mark_line(color=theme.ACCENT, strokeWidth=2.4, clip=True).encode(
            x=x, y=alt.Y("share:Q", scale=scale, axis=axis)),
        alt.Chart(data([{"at": 0}])).mark_rule(color=theme.QUIET).encode(x=x),
    ]  # fmt: skip
    return alt.layer(*layers).properties(width=width, height=height).configure(**theme.config())


def change_rows(findings: Findings, claim: str) -> list[Row]:
    """The state's own change: by theme over all groups, then by group."""
    rows = series.table(findings, "changes", claim)
    own = [row for row in rows if rows and row["state"] == rows[0]["state"]]
    whole = [
        {**row, "name": "All" if row["theme"] == "all" else row["theme"].capitalize()}
        for row in own
        if row["group"] == "all groups"
    ]
    groups = [
        {**row, "name": _upper(row["group"])} for row in own if row["theme"] == "all" and row["group"] != "all groups"
    ]
    return [
        {"name": row["name"], "value": row["change"], "low": row["low"], "high": row["high"]} for row in whole + groups
    ]


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def response_rows(findings: Findings, claim: str) -> list[Row]:
    """Every channel's change after a cut."""
    rows = series.table(findings, "responses", claim)
    return [
        {"name": _short(row["channel"]), "value": row["change"], "low": row["low"], "high": row["high"]}
        for row in sorted(rows, key=lambda row: -row["change"])
    ]


def _short(channel: str) -> str:
    return _upper(mid_sentence(CHANNELS[channel].name.replace("-", " "))).replace("Igo", "IGOs")


def intervals(rows: Sequence[Row], title: str, *, width: int = 420, margin: int = 150) -> Any:
    """Values with intervals, one a line, against nought."""
    placed = [{**row, "place": place} for place, row in enumerate(rows)]
    ends = [row[name] for row in rows for name in ("low", "high")] + [0.0]
    pad = 0.06 * (max(ends) - min(ends) or 1.0)
    scale = alt.Scale(domain=[min(ends) - pad, max(ends) + pad], nice=False)
    axis = alt.Axis(title=title, tickCount=5, labelExpr="datum.value == 0 ? '0' : format(datum.value, '+.2~f')")
    y = alt.Y("place:O", axis=None, scale=alt.Scale(paddingInner=0.3))
    base = alt.Chart(data(placed))
    clear = alt.condition("datum.low > 0 || datum.high < 0", alt.value(theme.ACCENT), alt.value(theme.NATO_LINE))
    layers = [
        alt.Chart(data([{"value": 0.0}])).mark_rule(color=theme.NATO_LINE, strokeDash=[4, 3]).encode(
            x=alt.X("value:Q", scale=scale, axis=axis)),
        base.mark_rule(strokeWidth=3, opacity=0.55).encode(x=alt.X("low:Q", scale=scale, axis=axis), x2="high:Q", y=y, color=clear),
        base.mark_point(filled=True, size=64, opacity=1).encode(x=alt.X("value:Q", scale=scale, axis=axis), y=y, color=clear),
        base.mark_text(align="right", fontSize=11.5, dx=-8, clip=False).encode(x=alt.value(0), y=y, text="name:N"),
    ]  # fmt: skip
    return (
        alt.layer(*layers).properties(width=width - margin, height=24 * max(len(placed), 1)).configure(**theme.config())
    )


def changes(findings: Findings, claim: str, *, width: int = 420) -> Any:
    """The state's change of alignment by theme and by group."""
    return intervals(change_rows(findings, claim), "change of alignment", width=width)


def substitution(findings: Findings, claim: str, *, width: int = 420) -> Any:
    """Other channels after a cut."""
    return intervals(response_rows(findings, claim), "change beyond matched pairs, in spreads", width=width)


def say_curve(findings: Findings, claim: str) -> str:
    """The curve in words."""
    rows = {(row["outcome"], row["month"]): row["ratio"] for row in curve_rows(findings, claim)}
    each = [
        f"month {month:+d}: {rows['material', month]:.2f}" for outcome, month in sorted(rows) if outcome == "material"
    ]
    return f"Acts of material cooperation over forecast around high-level visits: {'; '.join(each) or 'none covered'}."


def say_fan(findings: Findings, claim: str) -> str:
    """The fan in words."""
    fan = series.table(findings, "analogue_fan", claim)
    if not fan:
        return "No past cases."
    first, last = fan[0], fan[-1]
    return (
        f"Median share of pairs less aligned among the nearest past cases: {first['p50']:.0%} at first, {last['p50']:.0%} after "
        f"{last['after']} years (90% from {last['p05']:.0%} to {last['p95']:.0%})."
    )


def say_rows(rows: Sequence[Row], what: str) -> str:
    """Values with intervals in words."""
    each = [f"{row['name']} {row['value']:+.2f} [{row['low']:+.2f}, {row['high']:+.2f}]" for row in rows]
    return f"{what}: {'; '.join(each)}."
