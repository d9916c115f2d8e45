"""Which charts a brief shows, and what each says to those who cannot see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from innominate.brief import blocs, charts, event_charts, exchange_charts, explaining, series, treaty_bars
from innominate.brief.drawing import Drawing, draw, unchecked
from innominate.brief.hiding import hiding, say_hiding
from innominate.cases.findings import Number
from innominate.cases.wording import listed, show, show_interval

Findings = Mapping[str, Any]


def all_exhibits(findings: Findings) -> dict[str, dict[str, Drawing]]:
    """Every chart: ``paths``, ``contributions`` and ``coverage`` by pair; ``claims`` and ``details`` by claim."""
    keys = [key for key in (*findings["pairs"], *findings["comparisons"]) if _path(findings, key)]
    own = [key for key in findings["pairs"] if key in keys]
    explained = {row["key"] for row in series.table(findings, "contributions")}
    claims = {claim["claim"]: claim for claim in findings["claims"]}
    with unchecked():
        return {
            "paths": {key: path(findings, key) for key in keys},
            "contributions": {key: contributions(findings, key) for key in own if key in explained},
            "coverage": {key: coverage(findings, key, more="The table can be downloaded below.") for key in own},
            "claims": {name: found for name, claim in claims.items() if (found := _claim_chart(findings, claim))},
            "details": {name: found for name, claim in claims.items() if (found := _detail_chart(findings, claim))},
        }


def path(findings: Findings, key: str, *, width: int = charts.PANEL, height: int = 190) -> Drawing:
    """A pair through time, with its treaties."""
    chart = charts.pair_path(findings, key, width=width, height=height)
    narrow = charts.pair_path(findings, key) if width > charts.PANEL else None
    return draw(f"path-{key}", _say_path(findings, key), chart, narrow)


def contributions(findings: Findings, key: str, *, width: int = charts.PANEL) -> Drawing:
    """The alignment of a pair in a year, taken apart."""
    narrow = charts.contributions(findings, key) if width > charts.PANEL else None
    return draw(f"why-{key}", _say_why(findings, key), charts.contributions(findings, key, width=width), narrow)


def coverage(findings: Findings, key: str, *, width: int = charts.PANEL, more: str = "") -> Drawing:
    """Which datasets looked at a pair when; `more` is said after it to those who cannot see it."""
    narrow = charts.coverage(findings, key) if width > charts.PANEL else None
    chart = charts.coverage(findings, key, width=width)
    says = f"{_say_coverage(findings, key)} {more}".rstrip()
    return draw(f"seen-{key}", says, chart, narrow, _never(findings, key))


def _claim_chart(findings: Findings, claim: Mapping[str, Any]) -> Drawing | None:
    """The small chart beside a claim's finding, by the tables that its test gives."""
    name = claim["claim"]
    kinds: list[tuple[str, Callable[..., Any], Callable[[Findings, str], str], str]] = [
        (
            "levels",
            charts.levels,
            _say_levels,
            "Alignment with 90% intervals, now and before. Bar: lower quartile of NATO pairs.",
        ),
        (
            "gap",
            charts.gap_ranking,
            _say_gap,
            "Share of close ties that no defence commitment covers, with 90% intervals.",
        ),
        (
            "readings",
            explaining.reading_odds,
            explaining.say_readings,
            "Probability of each reading on the same trajectories.",
        ),
        (
            "presence",
            explaining.presence,
            explaining.say_presence,
            "Readouts by date. Filled: it stands there; hollow: it does not; faint: a kind of item that owes no formula.",
        ),
        (
            "rises",
            explaining.meetings,
            explaining.say_meetings,
            "Grey: before. Dark: now. Where a dataset knows all meetings, the share; counts of a ledger are only what it records.",
        ),
        (
            "hiding",
            hiding,
            say_hiding,
            "Level by share of cooperation hidden, 90% of draws. Dashed: lower quartile of NATO pairs.",
        ),
        ("treaties", charts.treaty_timeline, _say_treaties, "Treaties in force. Lesser: without a defence clause."),
        (
            "together",
            blocs.together_chart,
            blocs.say_together,
            "Joint acts by those that pairs imply (100%): this group, and groups of its size from treaty blocs with their middle 90%.",
        ),
        ("churn", blocs.churn_chart, blocs.say_churn, "Share replaced in a year, beyond noise, with 90% intervals."),
        (
            "signal_curve",
            event_charts.event_curve,
            event_charts.say_curve,
            "Visits of all other pairs. Grey: 90% of placebo dates. The forecast is made before the first month shown.",
        ),
        (
            "analogue_fan",
            event_charts.analogue_fan,
            event_charts.say_fan,
            "Before: this case. After: its 50 nearest past cases, median, half and 90% of them.",
        ),
        (
            "changes",
            event_charts.changes,
            _say_changes,
            "Change of alignment with 90% intervals, by theme and by group.",
        ),
        ("responses", event_charts.substitution, _say_responses, "Change after a cut with 90% intervals."),
    ]
    every: list[tuple[str, Any, Any, Any]] = [*kinds, *exchange_charts.KINDS]
    for table, chart, say, told in every:
        if any(_tells(table, row) for row in series.table(findings, table, name)):
            wide, narrow = chart(findings, name, width=400), chart(findings, name, width=326)
            caption = told if isinstance(told, str) else told(findings, name)
            return draw(f"claim-{name}", say(findings, name), wide, narrow, caption)
    return None


def _tells(table: str, row: series.Row) -> bool:
    """Whether a row gives a chart something to show: a bar with no pair beside it, or a reading that nothing judged, does not."""
    return row["probability"] is not None if table == "readings" else row.get("when") != "bar"


def _say_changes(findings: Findings, claim: str) -> str:
    return event_charts.say_rows(event_charts.change_rows(findings, claim), "Change of alignment with 90% intervals")


def _say_responses(findings: Findings, claim: str) -> str:
    return event_charts.say_rows(event_charts.response_rows(findings, claim), "Change after a cut with 90% intervals")


def _detail_chart(findings: Findings, claim: Mapping[str, Any]) -> Drawing | None:
    name = claim["claim"]
    if not series.table(findings, "gap_by_year", name):
        return None
    wide = charts.gap_paths(findings, name)
    narrow = charts.gap_paths(findings, name, width=232, height=320, margin=96)
    return draw(f"detail-{name}", f"Through time. {_say_gap(findings, name)}", wide, narrow)


def _path(findings: Findings, key: str) -> list[series.Row]:
    return [row for row in series.table(findings, "pairs") if row["key"] == key]


def _value(value: float, low: float | None, high: float | None, unit: Any = "alignment") -> str:
    interval = show_interval(Number("", "", value, unit, low, high))
    return f"{show(value, unit)} {interval}".strip()


def _say_path(findings: Findings, key: str) -> str:
    rows = _path(findings, key)
    ends = [f"{row['year']}: {_value(row['alignment'], row['low'], row['high'])}" for row in (rows[0], rows[-1])]
    spans = [row for row in treaty_bars.treaties(findings) if row["key"] == key]
    lanes = [row["label"] for row in treaty_bars.treaty_spans(spans, *findings["years"])]
    return f"Alignment of {rows[0]['pair']} with 90% interval. {'; '.join(ends)}. {listed(lanes) or 'No treaty on record'}."


def _say_why(findings: Findings, key: str) -> str:
    rows = [row for row in series.table(findings, "contributions") if row["key"] == key]
    steps = [f"{row['title']} {row['shown']}" for row in series.waterfall(rows)]
    return f"Contributions to the alignment of {rows[0]['pair']} in {rows[0]['year']}: {', '.join(steps)}."


def _say_coverage(findings: Findings, key: str) -> str:
    rows = [row for row in series.table(findings, "coverage") if row["key"] == key]
    unknown = sum(row["status"] == "unknown" for row in rows)
    pair = rows[0]["pair"] if rows else key
    return f"Datasets by year for {pair}: {unknown} of {len(rows)} dataset-years are unknown."


def _never(findings: Findings, key: str) -> str:
    _, never = series.looked(row for row in series.table(findings, "coverage") if row["key"] == key)
    return f"Never looked at this pair in these years: {listed(never)}." if never else ""


def _say_levels(findings: Findings, claim: str) -> str:
    rows = [row for row in series.table(findings, "levels", claim) if row["when"] != "bar"]
    each = [f"{row['pair']} in {row['years']} {_value(row['alignment'], row['low'], row['high'])}" for row in rows]
    return f"Alignment with 90% intervals: {'; '.join(each)}."


def _say_gap(findings: Findings, claim: str) -> str:
    rows = sorted(series.table(findings, "gap", claim), key=lambda row: -row["share"])
    each = [f"{row['name']} {_value(row['share'], row['share_low'], row['share_high'], 'share')}" for row in rows]
    return f"Share of close ties without a defence commitment: {'; '.join(each)}."


def _say_treaties(findings: Findings, claim: str) -> str:
    rows = treaty_bars.treaties(findings, claim)
    each = []
    for key in dict.fromkeys(row["key"] for row in rows):
        own = [row for row in rows if row["key"] == key]
        lanes = [row["label"] for row in treaty_bars.treaty_spans(own, 1800, findings["years"][1])]
        each.append(f"{own[0]['pair']}: {listed(lanes)}")
    return f"Treaties through time. {'; '.join(each) or 'None on record'}."
