"""Captions of charts about gains name the states, and say whose part is shown."""

from __future__ import annotations

from typing import Any

from innominate.brief import event_charts, exchange_charts

CAPTIONS = {table: caption for table, _, _, caption in exchange_charts.KINDS}


def findings(name: str, **row: Any) -> dict[str, Any]:
    """Findings of one claim with one table of one row."""
    table = {"name": name, "columns": list(row), "rows": [list(row.values())]}
    return {"claims": [{"claim": "it", "tables": [table]}]}


def test_parts_are_those_of_a_state() -> None:
    splits = findings("splits", first="RUS", second="CHN", receiver="PRK")
    assert CAPTIONS["splits"](splits, "it") == "Part of Russia in what Russia and China give North Korea, with ranges."
    loads = findings("loads", who="bearer", giver="USA", receiver="PRK")
    loads["claims"][0]["tables"][0]["rows"].append(["reliever", "JPN", "PRK"])
    told = "Part of the United States in what the United States and Japan give North Korea: before (grey) and now."
    assert CAPTIONS["loads"](loads, "it") == told
    theatres = findings("theatres", giver="USA", first="Europe", second="East Asia")
    assert (
        CAPTIONS["theatres"](theatres, "it")
        == "Share of East Asia in what the United States gives Europe and East Asia."
    )


def test_nought_has_no_sign() -> None:
    spec = event_charts.intervals([{"name": "Trade", "value": -0.1, "low": -0.2, "high": 0.0}], "change").to_dict()
    assert spec["layer"][0]["encoding"]["x"]["axis"]["labelExpr"].startswith("datum.value == 0 ? '0'")
