"""What is predicted: defence pacts and troop support, pair by period."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from innominate.errors import InputError
from innominate.ledger import Library
from innominate.panel import Panel

Flags = NDArray[np.bool_]

PREFERRED = "atop"  # the dataset of alliances that the published figures use


@dataclass(frozen=True, slots=True)
class Outcome:
    """Something that pairs do or do not do.

    Attributes
    ----------
    happens : (P, Y) in a year, over a span of years of its own
    first, last : the first and last year of that span, both known to the data
    """

    happens: Flags
    first: int
    last: int

    def at(self, year: int) -> Flags:
        """(P,) whether it happens in `year`, which the data must cover."""
        if not self.covers(year):
            raise IndexError(f"{year} is not in {self.first}-{self.last}")
        return np.asarray(self.happens[:, year - self.first])

    def within(self, year: int, horizon: int) -> Flags:
        """(P,) whether it happens in year + 1 … year + horizon, which the data must cover."""
        if not (self.first <= year + 1 and year + horizon <= self.last):
            raise IndexError(f"{year + 1}-{year + horizon} are not all in {self.first}-{self.last}")
        start = year + 1 - self.first
        return np.asarray(self.happens[:, start : start + horizon].any(axis=1))

    def covers(self, year: int, horizon: int = 0) -> bool:
        """Whether the data know `year` and the years up to `horizon` later."""
        return self.first <= year and year + horizon <= self.last


def placed(panel: Panel, frame: pl.DataFrame) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Place of each row's pair (columns a, b) on the panel's first axis, and whether it has one."""
    codes = np.array(panel.states)
    pairs = pl.DataFrame(
        {"a": codes[panel.a], "b": codes[panel.b], "pair": np.arange(len(panel.a))},
        schema_overrides={"pair": pl.Int64},
    )
    found = frame.join(pairs, on=["a", "b"], how="left", maintain_order="left")["pair"]
    return found.fill_null(0).to_numpy().astype(np.intp), found.is_not_null().to_numpy()


def defence_pacts(library: Library, panel: Panel) -> Outcome:
    """Pairs bound by a defence clause, year by year: in ATOP where the library holds it, else in every survey it holds.

    A pact in force on any day of a year counts for it; one without an end holds up to the last day surveyed.
    """
    surveys = library.query(
        "SELECT dataset, min(year(first)) AS first, max(year(last)) AS last FROM coverage "
        "WHERE channel = 'commitments' GROUP BY dataset ORDER BY dataset"
    )
    if surveys.is_empty():
        raise InputError("the library has no dataset that surveys commitments: import atop, say")
    if PREFERRED in surveys["dataset"].to_list():
        surveys = surveys.filter(pl.col("dataset") == PREFERRED)
    rows = library.query(
        'SELECT dataset, a, b, year(start) AS "from", year("end") AS upto FROM commitments WHERE defence ORDER BY ALL'
    )
    rows = rows.join(surveys, on="dataset", how="inner", maintain_order="left")
    rows = rows.with_columns(pl.col("upto").fill_null(pl.col("last")))
    return _spelled(panel, rows, int(str(surveys["first"].min())), int(str(surveys["last"].max())))


def troop_support(library: Library, panel: Panel) -> Outcome:
    """Pairs of which one sends troops to fight on the other's side, year by year."""
    covered = library.query(
        "SELECT min(year(first)) AS first, max(year(last)) AS last FROM coverage WHERE channel = 'troop-support'"
    ).row(0)
    if covered[0] is None:
        raise InputError("the library has no dataset that covers troop-support: import ucdp-conflict, say")
    rows = library.query(
        """SELECT least(source, target) AS a, greatest(source, target) AS b, year(start) AS "from", year("end") AS upto
        FROM acts WHERE channel = 'troop-support' AND value > 0 ORDER BY ALL"""
    )
    return _spelled(panel, rows, int(covered[0]), int(covered[1]))


def _spelled(panel: Panel, rows: pl.DataFrame, first: int, last: int) -> Outcome:
    """Spells (a, b, from, upto) as flags over the years that both the data and the registry of the panel reach."""
    first = max(first, int(panel.years[0]))
    happens = np.zeros((len(panel.a), last - first + 1), dtype=bool)
    pair, known = placed(panel, rows)
    for p, start, end in zip(pair[known], rows["from"].to_numpy()[known], rows["upto"].to_numpy()[known], strict=True):
        if end >= first and start <= last:
            happens[p, max(int(start), first) - first : min(int(end), last) - first + 1] = True
    return Outcome(happens, first, last)
