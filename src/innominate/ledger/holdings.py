"""What a library holds: datasets × years × states."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from innominate.ledger.library import Library

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
SELECT s.dataset AS dataset, s.channel AS channel, s.rows, s.pairs, p.states, s.first_row, s.last_row,
       c.covered_from, c.covered_to, c.scope, c.scopes
FROM seen s LEFT JOIN parties p USING (dataset, channel)
LEFT JOIN covered c ON c.dataset = s.dataset
    AND c.channel = regexp_replace(s.channel, '^unga | figures$', '', 'g')
UNION ALL
SELECT c.dataset, c.channel, 0, 0, 0, NULL, NULL, c.covered_from, c.covered_to, c.scope, c.scopes
FROM covered c ANTI JOIN seen s ON c.dataset = s.dataset
    AND c.channel = regexp_replace(s.channel, '^unga | figures$', '', 'g')
ORDER BY dataset, channel
"""


def holdings(library: Library) -> pl.DataFrame:
    """One row a dataset and channel: rows, pairs, states, first and last year of rows and of coverage, scope.

    What was looked for and never seen has coverage and no rows.
    """
    return library.query(_ROWS)
