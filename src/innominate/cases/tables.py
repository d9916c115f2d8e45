"""The tables that every case gives: pairs through time, NATO's band, contributions, coverage, treaties."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from innominate.alignment.why import ORIGIN
from innominate.cases.findings import Table
from innominate.cases.treaties import treaty_table
from innominate.cases.view import QUANTILES, Survey, View
from innominate.cases.wording import pair_name
from innominate.ledger import CHANNELS

_SEEN = """
SELECT split_part(dataset, '/', 1) AS dataset, channel, year("start") AS first, year("end") AS last
FROM acts WHERE least(source, target) = $1 AND greatest(source, target) = $2
UNION ALL
SELECT split_part(dataset, '/', 1), channel, year, year FROM figures WHERE a = $1 AND b = $2 AND "count" > 0
"""


def case_tables(view: View) -> tuple[Table, ...]:
    """Every table that does not belong to one claim."""
    own, compared = ([key for key in keys if view.exists(key)] for keys in (view.pairs, view.comparisons))
    through_time = pair_tables(view, own, compared)
    return (*through_time[:2], contributions(view, own), *through_time[2:])


def pair_tables(view: Survey, own: Sequence[str], compared: Sequence[str] = ()) -> tuple[Table, ...]:
    """The tables of some pairs through time, and of those that they are compared with."""
    keys = [*own, *compared]
    return trajectories(view, own, compared), band(view), coverage(view, own), treaty_table(view, keys)


def trajectories(view: Survey, own: Sequence[str], compared: Sequence[str]) -> Table:
    """Pairs, and those that they are compared with, through time."""
    columns = ("key", "year", "alignment", "low", "high", "sd", "above", "committed", "channels", "rank", "of")
    rows: list[tuple[str | int | float | bool | None, ...]] = []
    for role, keys in (("case", own), ("comparison", compared)):
        for key in keys:
            rows += [(role, pair_name(key), *row) for row in view.pair(key).select(columns).iter_rows()]
    return Table("pairs", "Alignment of pairs through time", ("role", "pair", *columns), tuple(rows))


def band(view: Survey) -> Table:
    """Where NATO pairs stood, year by year."""
    return Table(
        "band", "Alignment of NATO pairs: percentiles", ("year", *QUANTILES, "pairs"), tuple(view.band.iter_rows())
    )


def contributions(view: Survey, keys: Sequence[str], year: int | None = None) -> Table:
    """What every channel contributes to a pair's alignment in a year, or in the pair's last well-covered one."""
    rows: list[tuple[str | int | float | bool | None, ...]] = []
    for key in keys:
        explained = year or view.last_covered(key)
        if explained is None:
            continue
        for channel, value, count in view.why(key, explained).by_channel().iter_rows():
            title = "Starting point" if channel == ORIGIN else CHANNELS[channel].title
            theme = "" if channel == ORIGIN else CHANNELS[channel].theme
            rows.append((key, pair_name(key), explained, channel, title, theme, value, count))
    columns = ("key", "pair", "year", "channel", "title", "theme", "contribution", "observations")
    return Table("contributions", "Contributions of the channels to alignment", columns, tuple(rows))


def coverage(view: Survey, keys: Sequence[str]) -> Table:
    """What was looked at: every dataset and year of every pair, as recorded, nothing recorded or unknown."""
    panel = view.fit.panel
    rows: list[tuple[str | int | float | bool | None, ...]] = []
    for key in keys:
        a, b = key.split("-")
        place = panel.pair(a, b)
        seen = view.study.library.query(_SEEN, [a, b])
        for k, series in enumerate(panel.series):
            known = np.isfinite(panel.z[place, :, k])
            years = _years_of(seen, series.channel, series.dataset)
            for year, covered in zip(panel.years, known, strict=True):
                recorded = series.channel in ("votes", "conflict-share") or int(year) in years
                status = ("recorded" if recorded else "nothing recorded") if covered else "unknown"
                title = CHANNELS[series.channel].title
                rows.append((key, pair_name(key), series.channel, title, series.dataset, int(year), status))
    columns = ("key", "pair", "channel", "title", "dataset", "year", "status")
    return Table("coverage", "What was and was not covered", columns, tuple(rows))


def _years_of(seen: pl.DataFrame, channel: str, dataset: str) -> set[int]:
    own = seen.filter((pl.col("channel") == channel) & (pl.col("dataset") == dataset))
    return {year for first, last in own.select("first", "last").iter_rows() for year in range(first, last + 1)}
