"""From contributions to the rows of files that they rest on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from innominate.alignment.why import ORIGIN
from innominate.ledger import Library
from innominate.panel.events import counted_with
from innominate.panel.periods import sql_index

if TYPE_CHECKING:
    from innominate.alignment.fit import AlignmentFit
    from innominate.alignment.why import Why

MOST_ROWS = 40  # of one contribution that are listed one by one; their number is always given

_ACTS = """
SELECT dataset, channel, file, row, source, target, "start"::VARCHAR AS start, "end"::VARCHAR AS end, value, unit, note
FROM acts WHERE least(source, target) = ? AND greatest(source, target) = ? AND split_part(dataset, '/', 1) = ?
AND list_contains(string_split(?, ','), channel) AND {start} <= ? AND {end} >= ?
ORDER BY "start", file, row, act_id
"""
_VOTES = """
SELECT v.dataset, v.file, v.row, w.row AS row_b, v.vote_id, v.date::VARCHAR AS date, v.choice AS choice_a, w.choice AS choice_b
FROM votes v JOIN votes w USING (body, vote_id)
WHERE v.state = ? AND w.state = ? AND v.dataset = ? AND {date} = ? ORDER BY v.date, v.vote_id
"""
_FIGURES = """
SELECT dataset, file, NULL AS row, value, variance, count AS records FROM figures
WHERE a = ? AND b = ? AND dataset = ? AND channel = ? AND year = ?
"""


def traced(library: Library, fit: AlignmentFit, answer: Why) -> dict[str, Any]:
    """An explanation with the source rows of every contribution, as plain values.

    Returns
    -------
    a, b, period, alignment, low, high, scale, and ``contributions``: a list whose ``contribution`` values sum to the
    alignment, each with ``rows`` (at most :data:`MOST_ROWS`), ``row_count`` and what was observed
    """
    index = dict(zip(fit.panel.labels, (int(period) for period in fit.panel.periods), strict=True))
    contributions = []
    for item in answer.contributions.iter_rows(named=True):
        rows: list[dict[str, Any]] = []
        if item["channel"] != ORIGIN:
            rows = rows_behind(library, fit, answer, item["channel"], item["dataset"], index[item["period"]])
        contributions.append({**item, "row_count": len(rows), "rows": rows[:MOST_ROWS]})
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


def rows_behind(
    library: Library, fit: AlignmentFit, answer: Why, channel: str, dataset: str, period: int
) -> list[dict[str, Any]]:
    """The rows of a library that one observation of a pair rests on; none where coverage makes it a known zero."""
    resolution = fit.panel.resolution
    if channel == "votes":
        found = library.query(
            _VOTES.format(date=sql_index("v.date", resolution)), [answer.a, answer.b, dataset, period]
        )
        if found.height == 0:
            found = library.query(_FIGURES, [answer.a, answer.b, dataset, channel, period])
        return found.to_dicts()
    channels = ",".join(counted_with(channel))
    sql = _ACTS.format(start=sql_index('"start"', resolution), end=sql_index('"end"', resolution))
    return library.query(sql, [answer.a, answer.b, dataset, channels, period, period]).to_dicts()
