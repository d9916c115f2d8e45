"""From contributions to the rows of files that they rest on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from innominate.alignment.why import ORIGIN
from innominate.ledger import Library
from innominate.panel.events import counted_with
from innominate.panel.periods import sql_index

if TYPE_CHECKING:
    from innominate.alignment.fit import AlignmentFit
    from innominate.alignment.why import Why
    from innominate.panel import Panel

MOST_ROWS = 40  # of one contribution that are listed one by one unless more are asked for; their number is always given

_ACTS = """
SELECT dataset, channel, file, row, source, target, "start"::VARCHAR AS start, "end"::VARCHAR AS end, value, unit, note,
       {start} AS _first, {end} AS _last
FROM acts WHERE least(source, target) = ? AND greatest(source, target) = ? ORDER BY "start", file, row, act_id
"""
_VOTES = """
SELECT v.dataset, v.file, v.row, w.row AS row_b, v.vote_id, v.date::VARCHAR AS date, v.choice AS choice_a, w.choice AS choice_b,
       {date} AS _first
FROM votes v JOIN votes w USING (body, vote_id) WHERE v.state = ? AND w.state = ? ORDER BY v.date, v.vote_id
"""
_FIGURES = """
SELECT dataset, file, NULL AS row, value, variance, count AS records, channel AS _channel, year AS _first FROM figures
WHERE a = ? AND b = ? ORDER BY dataset, channel, year
"""


@dataclass(frozen=True, slots=True)
class PairRows:
    """Every row of a library about one pair: acts, votes of both, figures; with the periods they count in.

    a, b : the pair; panel : says which part of a dataset stands in which period, for either flow
    """

    acts: pl.DataFrame
    votes: pl.DataFrame
    figures: pl.DataFrame
    a: str
    b: str
    panel: Panel

    def behind(self, channel: str, dataset: str, period: int) -> list[dict[str, Any]]:
        """The rows that one observation of the pair rests on; none where coverage makes it a known zero."""
        if channel == "votes":
            found = self.votes.filter((pl.col("dataset") == dataset) & (pl.col("_first") == period))
            if found.height == 0:
                own = (pl.col("dataset") == dataset) & (pl.col("_channel") == channel) & (pl.col("_first") == period)
                found = self.figures.filter(own)
        else:
            counted = [
                (pl.col("channel") == name) & (pl.col("source") == giver) & (pl.col("dataset") == (part or dataset))
                for name in counted_with(channel)
                for giver, part in zip(
                    (self.a, self.b), self.panel.parts_of(name, dataset, period, self.a, self.b), strict=True
                )
            ]
            found = self.acts.filter(
                pl.any_horizontal(counted) & (pl.col("_first") <= period) & (pl.col("_last") >= period)
            )
        return found.select(pl.exclude("^_.*$")).to_dicts()


def pair_rows(library: Library, a: str, b: str, panel: Panel) -> PairRows:
    """Everything that a library holds about a pair of states, in the order of the alphabet; `panel`: built from it."""
    first, last, day = (sql_index(column, panel.resolution) for column in ('"start"', '"end"', "v.date"))
    return PairRows(
        library.query(_ACTS.format(start=first, end=last), [a, b]),
        library.query(_VOTES.format(date=day), [a, b]),
        library.query(_FIGURES, [a, b]),
        a,
        b,
        panel,
    )


def traced(library: Library, fit: AlignmentFit, answer: Why, most: int | None = MOST_ROWS) -> dict[str, Any]:
    """An explanation with the source rows of every contribution, as plain values.

    Parameters
    ----------
    most : rows of one contribution that are listed; None: all

    Returns
    -------
    a, b, period, alignment, low, high, scale, and ``contributions``: a list whose ``contribution`` values sum to the
    alignment, each with ``rows`` (at most `most`), ``row_count`` and what was observed
    """
    index = dict(zip(fit.panel.labels, (int(period) for period in fit.panel.periods), strict=True))
    held = pair_rows(library, answer.a, answer.b, fit.panel)
    contributions = []
    for item in answer.contributions.iter_rows(named=True):
        rows: list[dict[str, Any]] = []
        if item["channel"] != ORIGIN:
            rows = held.behind(item["channel"], item["dataset"], index[item["period"]])
        contributions.append({**item, "row_count": len(rows), "rows": rows[:most]})
    return {
        "a": answer.a,
        "b": answer.b,
        "period": answer.period,
        "alignment": answer.alignment,
        "low": answer.low,
        "high": answer.high,
        "scale": fit.scale.label,
        "contributions": contributions,
    }
