"""Where the families of treaties stand on the scale: a signature alone says little."""

from __future__ import annotations

import polars as pl

from innominate.alignment.scale import Scale

ALL = "all pairs"


def family_standing(table: pl.DataFrame, families: pl.DataFrame, scale: Scale) -> pl.DataFrame:
    """Alignment of the pairs of members of every family of treaties in the reference years.

    Parameters
    ----------
    table : a, b, year, alignment
    families : family, a, b, year; see :func:`innominate.ledger.commitments.families`

    Returns
    -------
    Frame family, pairs (ever members together in those years), pair_years, lower (quartile), median, upper (quartile), the
    highest median first; the last row is all pairs of states.
    """
    inside = table.filter(pl.col("year").is_between(*scale.years)).select("a", "b", "year", "alignment")
    of_families = families.with_columns(pl.col("year").cast(inside.schema["year"])).join(
        inside, on=["a", "b", "year"], how="inner"
    )
    ordered = _quartiles(of_families).sort(["median", "family"], descending=[True, False])
    return pl.concat([ordered, _quartiles(inside.with_columns(pl.lit(ALL).alias("family")))])


def _quartiles(rows: pl.DataFrame) -> pl.DataFrame:
    pair = pl.struct("a", "b")
    return rows.group_by("family").agg(
        pair.n_unique().cast(pl.Int64).alias("pairs"),
        pl.len().cast(pl.Int64).alias("pair_years"),
        pl.col("alignment").quantile(0.25, "linear").alias("lower"),
        pl.col("alignment").median().alias("median"),
        pl.col("alignment").quantile(0.75, "linear").alias("upper"),
    )
