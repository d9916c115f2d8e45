"""What the pages show: rows are read while nobody else asks the library, charts are drawn after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from innominate import states
from innominate.app import charts
from innominate.app.measured import Measured
from innominate.brief.drawing import Drawing
from innominate.cases.wording import pair_name, state_name

NEAREST, FARTHEST, SHOWN = 15, 8, 25

Shown = dict[str, Any]


def unnamed(measured: Measured, year: int, most: int = SHOWN) -> Shown:
    """Pairs without a defence commitment that act as NATO pairs do, as a chart and a table."""
    with measured.asking:
        fit = measured.survey.fit
        committed, found = fit.year(year)["committed"], measured.survey.unnamed(year)
        told = {"count": found.height, "of": int((~committed).sum()), "untold": committed.null_count(),
                "seen": measured.survey.seen_in(year, found)}  # fmt: skip
        rows = [{**row, "label": row["name"]} for row in _named(found.head(most), year)]
    return {"year": year, "rows": rows, "chart": _ranked("unnamed", rows, fit.scale.quartile), **told}


def turns(measured: Measured, year: int) -> Shown:
    """The turns of a year, the most probable first."""
    with measured.asking:
        found = measured.survey.dated_turns.filter(pl.col("year") == year).sort("probability", descending=True)
        return {"turns": _named(found.head(SHOWN), year), "turned": found.height}


def state(measured: Measured, code: str, asked: int | None) -> Shown:
    """A state's partners in a year: a chart of the nearest, one of the farthest, a table of all."""
    spans = _spans(code, measured.study.years)
    last = max((end for _, end in spans), default=measured.year)
    year = asked or (measured.year if states.exists(code, measured.year) else last)
    with measured.asking:
        survey = measured.survey
        mine = survey.table.filter((pl.col("year") == year) & ((pl.col("a") == code) | (pl.col("b") == code)))
    partner = pl.when(pl.col("a") == code).then(pl.col("b")).otherwise(pl.col("a")).alias("partner")
    rows = [
        {**row, "label": state_name(row["partner"]), "path": _address(row, year)}
        for row in mine.with_columns(partner).sort("alignment", descending=True).iter_rows(named=True)
    ]
    return {
        "code": code,
        "name": state_name(code),
        "year": year,
        "rows": rows,
        "nearest": _ranked("nearest", rows[:NEAREST], survey.fit.scale.quartile),
        "farthest": _ranked("farthest", rows[NEAREST:][-FARTHEST:], survey.fit.scale.quartile),
        "spans": [f"{born}–{ended}" for born, ended in spans],
        "unmeasured": states.unmeasured(code),
    }


def _named(frame: pl.DataFrame, year: int) -> list[Shown]:
    """Rows of pairs, each with the pair's name and address."""
    return [
        {**row, "name": pair_name(f"{row['a']}-{row['b']}"), "path": _address(row, year)}
        for row in frame.iter_rows(named=True)
    ]


def _address(row: Shown, year: int) -> str:
    return f"/pairs/{row['a']}/{row['b']}?year={year}"


def _ranked(name: str, rows: Sequence[Shown], bar: float) -> Drawing | None:
    return charts.ranking(name, rows, bar) if rows else None


def _spans(code: str, years: tuple[int, int]) -> list[tuple[int, int]]:
    """First and last year of every span in which the state existed, inside the study."""
    found: list[tuple[int, int]] = []
    for year in range(years[0], years[1] + 1):
        if not states.exists(code, year):
            continue
        if found and found[-1][1] == year - 1:
            found[-1] = (found[-1][0], year)
        else:
            found.append((year, year))
    return found
