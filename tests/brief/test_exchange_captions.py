"""Captions of charts about gains name the states, and say whose part is shown."""

from __future__ import annotations

from typing import Any

from innominate.brief import event_charts, exchange_charts, explaining

CAPTIONS = {table: caption for table, _, _, caption in exchange_charts.KINDS}


def findings(name: str, **row: Any) -> dict[str, Any]:
    """Findings of one claim with one table of one row."""
    table = {"name": name, "columns": list(row), "rows": [list(row.values())]}
    return {"claims": [{"claim": "it", "tables": [table]}]}


def test_parts_are_those_of_a_state() -> None:
    splits = findings("splits", first="RUS", second="CHN", receiver="PRK")
    told = CAPTIONS["splits"](splits, "it")
    assert told.startswith("Part of Russia in what Russia and China give North Korea, with ranges.")
    loads = findings("loads", who="bearer", giver="USA", receiver="PRK")
    loads["claims"][0]["tables"][0]["rows"].append(["reliever", "JPN", "PRK"])
    told = "Part of the United States in what the United States and Japan give North Korea: before (grey) and now."
    assert CAPTIONS["loads"](loads, "it") == told
    theatres = findings("theatres", giver="USA", first="Europe", second="East Asia")
    assert (
        CAPTIONS["theatres"](theatres, "it")
        == "Share of East Asia in what the United States gives Europe and East Asia."
    )


def test_meetings_in_the_news_are_shown_as_shares_and_those_of_a_ledger_as_counts() -> None:
    spans = {"years_before": 2, "years_now": 4}
    known = {"patron": "CHN", "dataset": "news", "unit": "events", "own_before": 30, "own_now": 9}
    rises = findings("rises", **known, all_before=300, all_now=300_000, **spans)
    rises["claims"][0]["tables"][0]["rows"].append(["CHN", "acts-csv/x", "acts", 4, 10, None, None, 2, 4])
    told = explaining.say_meetings(rises, "it")
    assert "China, news (events): 10% of its meetings before, under 1% now" in told
    assert "China, the case's ledger (acts): 2.0 meetings a year before, 2.5 now" in told
    panels = explaining.meetings(rises, "it").to_dict()["vconcat"]
    titles = [panel["layer"][0]["encoding"]["x"]["axis"]["title"] for panel in panels]
    assert titles == ["share of the patron's meetings", "recorded meetings a year"]


def test_nought_has_no_sign() -> None:
    spec = event_charts.intervals([{"name": "Trade", "value": -0.1, "low": -0.2, "high": 0.0}], "change").to_dict()
    assert spec["layer"][0]["encoding"]["x"]["axis"]["labelExpr"].startswith("datum.value == 0 ? '0'")


def test_labels_that_would_run_together_are_thinned() -> None:
    config = explaining.meetings(findings("rises", patron="CHN", dataset="acts-csv/x", unit="acts", own_before=1, own_now=2,
                                          all_before=None, all_now=None, years_before=1, years_now=1), "it").to_dict()["config"]  # fmt: skip
    assert config["axisQuantitative"] == config["axisTemporal"] == {"labelOverlap": "parity", "labelSeparation": 6}
