"""Acts summed into pair-by-period cells, by the engine."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from innominate.ledger import CHANNELS, Library
from innominate.panel.periods import Resolution, sql_index

LONGEST_DATED = 35  # days: figures that mostly span more than this cannot be placed in a quarter or a month


def cells(library: Library, channels: Sequence[str], first: int, last: int, resolution: Resolution) -> pl.DataFrame:
    """What each pair shows in each channel, dataset and period, before anything is taken out.

    Parameters
    ----------
    channels : names of channels whose acts are wanted
    first, last : periods, inclusive

    Returns
    -------
    Frame a, b, channel, dataset, period, level, unknown, those of a channel by period. ``level`` is the number of dated acts (count), the sum spread
    evenly over the act's periods (amount), or the sum of what is in force (level). ``unknown``: the provider looked and
    does not know at least one part of it.
    """
    frames = [_summed(library, name, first, last, resolution) for name in channels]
    return pl.concat(frames) if frames else pl.DataFrame()


def _summed(library: Library, channel: str, first: int, last: int, resolution: Resolution) -> pl.DataFrame:
    return library.query(
        f"""
        WITH placed AS (SELECT least(source, target) AS a, greatest(source, target) AS b, {_placed(channel, first, last, resolution)})
        SELECT a, b, '{channel}' AS channel, dataset, period::INTEGER AS period, coalesce(sum(value), 0) AS level,
               count(*) > count(value) AS unknown
        FROM placed GROUP BY a, b, dataset, period ORDER BY period
        """,
        [channel],
    )


def _placed(channel: str, first: int, last: int, resolution: Resolution) -> str:
    """SQL of dataset, value and period of the acts of a channel, the parameter ``?``, one row a period."""
    kind = CHANNELS[channel].kind
    start, end = sql_index('"start"', resolution), sql_index('"end"', resolution)
    final = start if kind == "count" else end
    value = f"value / ({end} - {start} + 1)" if kind == "amount" else "value"
    return f"""dataset, {value} AS value,
            unnest(generate_series(greatest({start}, {first}), least({final}, {last}))) AS period
            FROM acts WHERE channel = ? AND {final} >= {first} AND {start} <= {last}"""


def flow_cells(
    library: Library, channel: str, datasets: Sequence[str], first: int, last: int, resolution: Resolution
) -> pl.DataFrame:
    """The same of every flow in some datasets of one channel: source, target, dataset, period, level, unknown.

    An act of two states together is half a flow each way.
    """
    return library.query(
        f"""
        WITH placed AS (SELECT source, target, directed, {_placed(channel, first, last, resolution)} AND list_contains(?, dataset)),
        flows AS (
            SELECT source, target, dataset, period, CASE WHEN directed THEN value ELSE value / 2 END AS value FROM placed
            UNION ALL SELECT target, source, dataset, period, value / 2 FROM placed WHERE NOT directed
        )
        SELECT source, target, dataset, period::INTEGER AS period, coalesce(sum(value), 0) AS level,
               count(*) > count(value) AS unknown
        FROM flows GROUP BY ALL ORDER BY dataset, period, source, target
        """,
        [channel, list(datasets)],
    )


def too_coarse(library: Library, resolution: Resolution) -> set[tuple[str, str]]:
    """Datasets and channels whose acts are dated too coarsely for `resolution`: there, nothing of them is known.

    Dated acts and sums of which most last longer than :data:`LONGEST_DATED` days are yearly figures; a lasting level is
    in force in every quarter and month of its span.
    """
    if resolution == "year":
        return set()
    dated = [name for name, channel in CHANNELS.items() if channel.kind != "level"]
    found = library.query(
        f"""
        SELECT dataset, channel FROM acts WHERE list_contains(?, channel)
        GROUP BY dataset, channel HAVING median("end" - "start") > {LONGEST_DATED}
        """,
        [dated],
    )
    return set(found.rows())
