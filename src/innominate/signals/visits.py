"""High-level visits as dated occasions: from tables of visits, and from events that fill the news."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from innominate.ledger import Imported, Library

VISIT_CODES = ("042", "043")  # CAMEO: make a visit, host a visit
PROMINENCE = 0.98  # of the pair-days with visits in one part of a dataset, these few are taken for high-level visits
APART = 14  # days: visits of a pair closer than this are one occasion
CODED = "coded events"
KEPT = "ledger"  # visits in ledgers kept by hand, which a case brings
ROUTINE = ("meeting",)  # codes in tables of visits that are no occasion: any minister's any meeting

_SCHEMA = pl.Schema({"a": pl.String, "b": pl.String, "date": pl.Date, "family": pl.String, "acts": pl.Int64})

_TABLED = """
SELECT least(source, target) AS a, greatest(source, target) AS b, start AS date, split_part(dataset, '/', 1) AS family,
       count(*) AS acts
FROM acts WHERE channel = 'visits' AND coalesce(code, '') NOT IN ({routine}) GROUP BY ALL ORDER BY ALL
"""
_CODED = """
SELECT least(source, target) AS a, greatest(source, target) AS b, start AS date, dataset, count(*) AS acts
FROM acts WHERE channel = 'verbal-cooperation' AND start = "end" AND code IN ({codes}) GROUP BY ALL ORDER BY ALL
"""


def occasions(library: Library, prominence: float = PROMINENCE, ledgers: Sequence[Imported] = ()) -> pl.DataFrame:
    """Every occasion that the library holds: a, b, date (its first day), family, acts; sorted.

    A family is a dataset of visits, :data:`KEPT` (visits in `ledgers`), or :data:`CODED`: days on which a pair's visits in coded events (CAMEO 042, 043) are at
    least the `prominence` quantile of such days in the same part of the dataset, since volumes differ between parts.
    """
    tabled = library.query(_TABLED.format(routine=_listed(ROUTINE)))
    coded = library.query(_CODED.format(codes=_listed(VISIT_CODES)))
    coded = (
        coded.filter(pl.col("acts") >= pl.col("acts").quantile(prominence, "higher").over("dataset"))
        .group_by("a", "b", "date").agg(pl.col("acts").max())
        .with_columns(pl.lit(CODED).alias("family"))
    )  # fmt: skip
    frames = (tabled, coded, *map(_kept, ledgers))
    days = pl.concat([frame.select(list(_SCHEMA)).cast(dict(_SCHEMA)) for frame in frames])  # type: ignore[arg-type]
    return merged(days)


def _kept(ledger: Imported) -> pl.DataFrame:
    """Days of visits in a ledger kept by hand."""
    acts = ledger.tables["acts"]
    visits = acts.filter(
        (pl.col("channel") == "visits") & (pl.col("start") == pl.col("end")) | (pl.col("kind") == "visit")
    )
    return visits.select(
        pl.min_horizontal("source", "target").alias("a"),
        pl.max_horizontal("source", "target").alias("b"),
        pl.col("start").alias("date"),
        pl.lit(KEPT).alias("family"),
        pl.lit(1, pl.Int64).alias("acts"),
    )


def merged(days: pl.DataFrame, apart: int = APART) -> pl.DataFrame:
    """Days of visits (a, b, date, family, acts) as occasions: days at most `apart` from the one before belong together."""
    ordered = days.sort("family", "a", "b", "date")
    gap = pl.col("date").diff().dt.total_days().over("family", "a", "b")
    return (
        ordered.with_columns((gap.is_null() | (gap > apart)).cum_sum().over("family", "a", "b").alias("spell"))
        .group_by("family", "a", "b", "spell")
        .agg(pl.col("date").min(), pl.col("acts").sum())
        .select(list(_SCHEMA))
        .sort(list(_SCHEMA))
    )


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)
