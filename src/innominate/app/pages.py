"""The pages: a start page, pairs, states, years, and the briefs of cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

import polars as pl
from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse

from innominate import states
from innominate.alignment.why import ORIGIN
from innominate.app import asked, charts
from innominate.app.measured import Answers, Measured
from innominate.app.templating import page
from innominate.brief import exhibits
from innominate.brief.signed import signed
from innominate.cases import Case
from innominate.cases.tables import pair_tables
from innominate.cases.wording import pair_name, state_name
from innominate.ledger import CHANNELS

WIDE = 640  # inner width of a chart that has a column to itself
NEAREST, FARTHEST, SHOWN, STRONGEST = 15, 8, 25, 12


def pages(measured: Measured, briefs: Answers) -> APIRouter:
    """The routes that people open."""
    found = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

    @found.get("/")
    def start() -> str:
        """What can be asked, and what the library holds; told at once, the newest unnamed alliances when measured."""
        cases = [(name, Case.load(name).spec.title) for name in Case.names()]
        if measured.job.well:
            with measured.asking:
                return page(
                    "start.html", measured, held=measured.held, cases=cases, **_unnamed(measured, measured.year, 10)
                )
        return page("start.html", measured, held=measured.held, cases=cases, year=None)

    @found.get("/pair")
    def to_pair(a: str = "", b: str = "", year: str = "") -> RedirectResponse:
        """The form of pairs."""
        return _to("/pairs/" + "/".join(asked.pair(a, b, measured)), year)

    @found.get("/state")
    def to_state(name: str = "", year: str = "") -> RedirectResponse:
        """The form of states."""
        return _to(f"/states/{asked.state(name, measured)}", year)

    @found.get("/year")
    def to_year(year: str = "") -> RedirectResponse:
        """The form of years."""
        return _to(f"/years/{asked.year(year, measured)}", "")

    @found.get("/pairs/{a}/{b}")
    def pair(a: str, b: str, year: str | None = None) -> str:
        """A pair through time, taken apart in one year."""
        with measured.asking:
            codes, when = asked.pair(a, b, measured), asked.year(year, measured)
            return page("pair.html", measured, **_pair(measured, *codes, when))

    @found.get("/states/{code}")
    def state(code: str, year: str | None = None) -> str:
        """A state's partners in one year, nearest and farthest."""
        with measured.asking:
            own, when = asked.state(code, measured), asked.year(year, measured)
            return page("state.html", measured, **_state(measured, own, when))

    @found.get("/years/{year}")
    def one_year(year: str) -> str:
        """The unnamed alliances and the turns of a year."""
        with measured.asking:
            when = asked.year(year, measured)
            turns = measured.survey.dated_turns.filter(pl.col("year") == when).sort("probability", descending=True)
            more = {"turns": _named(turns.head(SHOWN), when), "turned": turns.height}
            return page("year.html", measured, **_unnamed(measured, when, SHOWN), **more)

    @found.get("/cases/{name}")
    def case(name: str) -> str:
        """The brief of a packaged case."""
        return briefs.brief(name)

    return found


def _to(path: str, year: str) -> RedirectResponse:
    return RedirectResponse(f"{path}?{urlencode({'year': year.strip()})}" if year.strip() else path, 303)


def _named(frame: pl.DataFrame, year: int) -> list[dict[str, Any]]:
    """Rows of pairs, each with the pair's name and address."""
    return [
        {**row, "name": pair_name(f"{row['a']}-{row['b']}"), "path": _address(row, year)}
        for row in frame.iter_rows(named=True)
    ]


def _address(row: dict[str, Any], year: int) -> str:
    return f"/pairs/{row['a']}/{row['b']}?year={year}"


def _unnamed(measured: Measured, year: int, shown: int) -> dict[str, Any]:
    """Pairs without a defence commitment that act as NATO pairs do, as a chart and a table."""
    survey = measured.survey
    all_pairs = survey.table.filter(pl.col("year") == year)
    every = all_pairs.filter(~pl.col("committed"))
    found = every.filter(pl.col("above") >= 0.5).sort("above", "alignment", descending=True)
    rows = [{**row, "label": row["name"]} for row in _named(found.head(shown), year)]
    chart = _ranked("unnamed", rows, survey.fit.scale.quartile)
    told = {"count": found.height, "of": every.height, "untold": all_pairs["committed"].null_count()}
    return {"year": year, "rows": rows, "chart": chart, **told}


def _pair(measured: Measured, first: str, second: str, year: int) -> dict[str, Any]:
    """Everything that the page of a pair shows."""
    survey, key = measured.survey, f"{first}-{second}"
    path = survey.pair(key)
    own = path.filter(pl.col("year") == year)
    if not own.height:
        year = int(path["year"].max())  # type: ignore[arg-type]  # they did not both exist in the year asked for
        own = path.filter(pl.col("year") == year)
    tables = [asdict(table) for table in pair_tables(survey, [key], year=year)]
    findings = {"years": measured.study.years, "pairs": [key], "comparisons": [], "claims": [], "tables": tables}
    why = survey.why(key, year)
    strongest = (
        why.contributions.filter(pl.col("channel") != ORIGIN)
        .sort(pl.col("contribution").abs(), descending=True)
        .head(STRONGEST)
    )
    return {
        "key": key,
        "first": (first, state_name(first)),
        "second": (second, state_name(second)),
        "name": pair_name(key),
        "year": year,
        "years": path["year"].to_list(),
        "now": own.row(0, named=True),
        "path": exhibits.path(findings, key, width=WIDE, height=260),
        "why": exhibits.contributions(findings, key, width=WIDE),
        "seen": exhibits.coverage(findings, key, width=WIDE),
        "turns": survey.turns(key, measured.study.years[0]).to_dicts(),
        "treaties": signed(findings)["case"],
        "strongest": [{**row, "title": CHANNELS[row["channel"]].title} for row in strongest.iter_rows(named=True)],
    }


def _state(measured: Measured, code: str, year: int) -> dict[str, Any]:
    """A state's partners in a year: a chart of the nearest, one of the farthest, a table of all."""
    survey = measured.survey
    mine = survey.table.filter((pl.col("year") == year) & ((pl.col("a") == code) | (pl.col("b") == code)))
    partner = pl.when(pl.col("a") == code).then(pl.col("b")).otherwise(pl.col("a")).alias("partner")
    ordered = mine.with_columns(partner).sort("alignment", descending=True)
    rows = [
        {**row, "label": state_name(row["partner"]), "path": _address(row, year)}
        for row in ordered.iter_rows(named=True)
    ]
    return {
        "code": code,
        "name": state_name(code),
        "year": year,
        "rows": rows,
        "nearest": _ranked("nearest", rows[:NEAREST], survey.fit.scale.quartile),
        "farthest": _ranked("farthest", rows[NEAREST:][-FARTHEST:], survey.fit.scale.quartile),
        "spans": [f"{born}–{ended}" for born, ended in _spans(code, measured.study.years)],
    }


def _ranked(name: str, rows: Sequence[dict[str, Any]], bar: float) -> Any:
    return charts.ranking(name, rows, bar) if rows else None


def _spans(code: str, years: tuple[int, int]) -> list[tuple[int, int]]:
    """First and last year of every span in which the state existed, inside the study."""
    alive = [year for year in range(years[0], years[1] + 1) if states.exists(code, year)]
    found: list[tuple[int, int]] = []
    for year in alive:
        if found and found[-1][1] == year - 1:
            found[-1] = (found[-1][0], year)
        else:
            found.append((year, year))
    return found
