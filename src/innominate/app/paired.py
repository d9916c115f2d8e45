"""What the page of a pair shows; what was drawn for it once is kept, since the next question is often of a neighbouring year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import lru_cache
from typing import Any

import polars as pl

from innominate.alignment.why import ORIGIN
from innominate.app.measured import Measured
from innominate.brief import exhibits
from innominate.brief.drawing import unchecked
from innominate.brief.signed import signed
from innominate.cases.findings import Table
from innominate.cases.tables import contributions, pair_tables
from innominate.cases.treaties import surveyed
from innominate.cases.view import WELL_COVERED, told_of_pair
from innominate.cases.wording import pair_name, state_name
from innominate.ledger import CHANNELS

WIDE = 640  # inner width of a chart that has a column to itself
STRONGEST = 12
KEPT = 128  # pairs, and years of pairs, whose drawings are kept: some 300 kB each

Shown = dict[str, Any]


class Paired:
    """Pairs of one measured study, through time and taken apart in one year.

    Attributes
    ----------
    measured : the study
    """

    def __init__(self, measured: Measured) -> None:
        self.measured = measured
        self._through_time = lru_cache(KEPT)(self._draw_through_time)
        self._in_year = lru_cache(KEPT)(self._draw_in_year)

    def shown(self, first: str, second: str, asked: int | None) -> Shown:
        """A pair in the year asked for, or in the last well-covered one that it has."""
        key = f"{first}-{second}"
        whole = self._through_time(key)
        years: list[int] = whole["path_rows"]["year"].to_list()
        year = next((one for one in (asked, self.measured.year) if one is not None and one in years), years[-1])
        now = whole["path_rows"].row(by_predicate=pl.col("year") == year, named=True)
        return {
            **whole,
            **self._in_year(key, year),
            "first": (first, state_name(first)),
            "second": (second, state_name(second)),
            "name": pair_name(key),
            "year": year,
            "missed": asked if asked not in (None, year) else None,
            "years": years,
            "least": WELL_COVERED,
            "now": now,
            "looked": told_of_pair(now["channels"]),
            "on_record_to": _on_record_to(whole["treaties"], whole["surveyed"], year),
        }

    def _draw_through_time(self, key: str) -> Shown:
        measured = self.measured
        with measured.asking:
            survey = measured.survey
            rows = survey.pair(key)
            findings = self._findings(key, pair_tables(survey, [key]))
            turned = survey.turns(key, measured.study.years[0]).to_dicts()
        with unchecked():
            return {
                "path_rows": rows,
                "path": exhibits.path(findings, key, width=WIDE, height=260),
                "seen": exhibits.coverage(findings, key, width=WIDE),
                "turns": turned,
                "treaties": signed(findings)["case"],
                "surveyed": surveyed(measured.study.library),
            }

    def _draw_in_year(self, key: str, year: int) -> Shown:
        with self.measured.asking:
            survey = self.measured.survey
            findings = self._findings(key, [contributions(survey, [key], year)])
            every = survey.why(key, year).contributions.filter(pl.col("channel") != ORIGIN)
        strongest = every.sort(pl.col("contribution").abs(), descending=True).head(STRONGEST)
        with unchecked():
            drawn = exhibits.contributions(findings, key, width=WIDE)
        named = [{**row, "title": CHANNELS[row["channel"]].title} for row in strongest.iter_rows(named=True)]
        return {"why": drawn, "strongest": named}

    def _findings(self, key: str, tables: Sequence[Table]) -> Shown:
        """The tables of a pair as the charts of a brief read them."""
        years, plain = self.measured.study.years, [asdict(table) for table in tables]
        return {"years": years, "pairs": [key], "comparisons": [], "claims": [], "tables": plain}


def _on_record_to(treaties: Sequence[Shown], until: Mapping[str, int], year: int) -> int | None:
    """The last year in which a dataset that names the pair's defence treaties looked, where that is before `year`; else None.

    Parameters
    ----------
    treaties : of the pair, as :func:`innominate.brief.signed.signed` gives them
    until : dataset → last year that it surveys
    """
    day = f"{year}-12-31"
    held = [
        row
        for row in treaties
        if row["defence"] and row["start"] <= day and (not row["end"] or row["end"] >= f"{year}-01-01")
    ]
    last = max((year if row["end"] else until.get(row["dataset"], year) for row in held), default=year)
    return last if last < year else None
