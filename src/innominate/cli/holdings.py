"""What a library holds, as a table for people: datasets × years × states."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from rich.console import Console

    from innominate.ledger import Library

_ROWS = """
WITH seen AS (
    SELECT dataset, channel, count(*) AS rows, min(year("start")) AS first_row, max(year("end")) AS last_row,
           count(DISTINCT least(source, target) || greatest(source, target)) AS pairs FROM acts GROUP BY ALL
    UNION ALL SELECT dataset, lower(body) || ' votes', count(*), min(year(date)), max(year(date)), NULL FROM votes GROUP BY ALL
    UNION ALL SELECT dataset, 'resolutions', count(*), min(year(date)), max(year(date)), NULL FROM resolutions GROUP BY ALL
    UNION ALL SELECT dataset, 'commitments', count(*), min(year("start")), max(year(coalesce("end", "start"))),
           count(DISTINCT a || b) FROM commitments GROUP BY ALL
    UNION ALL SELECT dataset, channel || ' figures', count(*), min(year), max(year), count(DISTINCT a || b)
           FROM figures GROUP BY ALL
    UNION ALL SELECT dataset, 'texts', count(*), min(year(date)), max(year(date)), NULL FROM texts GROUP BY ALL
), parties AS (
    SELECT dataset, channel, count(DISTINCT state) AS states FROM (
        SELECT dataset, channel, source AS state FROM acts UNION SELECT dataset, channel, target FROM acts
        UNION SELECT dataset, lower(body) || ' votes', state FROM votes
        UNION SELECT dataset, 'commitments', a FROM commitments UNION SELECT dataset, 'commitments', b FROM commitments
        UNION SELECT dataset, channel || ' figures', a FROM figures UNION SELECT dataset, channel || ' figures', b FROM figures
    ) GROUP BY ALL
), covered AS (
    SELECT dataset, channel, min(year(first)) AS covered_from, max(year(last)) AS covered_to,
           count(DISTINCT scope) AS scopes, any_value(scope) AS scope
    FROM coverage GROUP BY ALL
)
SELECT s.dataset, s.channel, s.rows, s.pairs, p.states, s.first_row, s.last_row, c.covered_from, c.covered_to, c.scope, c.scopes
FROM seen s LEFT JOIN parties p USING (dataset, channel)
LEFT JOIN covered c ON c.dataset = s.dataset
    AND c.channel = regexp_replace(s.channel, '^unga | figures$', '', 'g')
ORDER BY s.dataset, s.channel
"""


def holdings(library: Library) -> pl.DataFrame:
    """One row a dataset and channel: rows, pairs, states, first and last year of rows and of coverage, scope."""
    return library.query(_ROWS)


def show_holdings(console: Console, library: Library, frame: pl.DataFrame) -> None:
    """Print :func:`holdings` and the last imports."""
    from rich.table import Table

    name = "the embedded sample" if library.is_sample else str(library.folder)
    console.print(f"[bold]{name}[/bold]  {library.fingerprint}")
    table = Table(
        "dataset", "holds", "rows", "states", "pairs", "covers", "whom", box=None, pad_edge=False, header_style="bold"
    )
    for column in (2, 3, 4):
        table.columns[column].justify = "right"
    for row in frame.iter_rows(named=True):
        table.add_row(row["dataset"], row["channel"], _number(row["rows"]), _number(row["states"]), _number(row["pairs"]),
                      _years(row), _whom(row))  # fmt: skip
    console.print(table)
    journal = library.journal()
    if journal.height:
        console.print(f"[dim]{journal.height} imports, the last at {journal['time'][-1]}[/dim]")


def _number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _years(row: dict[str, int | None]) -> str:
    if row["covered_from"] is None:
        return f"[dim]{row['first_row']}-{row['last_row']} (rows; no claim of coverage)[/dim]"
    return f"{row['covered_from']}-{row['covered_to']}"


def _whom(row: dict[str, str | int | None]) -> str:
    scope = row["scope"]
    if not isinstance(scope, str):
        return ""
    if row["scopes"] != 1:
        return f"states year by year ({row['scopes']} sets)"
    kind, _, listed = scope.partition(":")
    codes = listed.split()
    return scope if len(codes) <= 3 else f"{kind} {len(codes)} states"
