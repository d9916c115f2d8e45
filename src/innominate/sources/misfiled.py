"""Actors that ICEWS files under a state for which they do not act.

The coders give every named person one country. The president of France is filed under Andorra, of which he is co-prince, and heads
of international organisations under the countries that they come from, so that what NATO's Secretary General says would be an act of Norway.
``data/misfiled_actors.csv`` names the clear cases with their terms of office; before and after, the country given stands.
"""

from __future__ import annotations

import polars as pl

from innominate.ledger import Oddity
from innominate.sources.reading import own_table

_MOVED = "by a head of state whom the file puts under another state: moved to that of the office"
_APART = "by or towards the head of an international organisation, filed under a state: left out"
_FOREVER, _EVER = pl.date(9999, 12, 31), pl.date(1, 1, 1)


def table() -> pl.DataFrame:
    """Name, state that the file gives, state of the office (null: an organisation), first and last day, reason."""
    return own_table("misfiled_actors.csv")


def belonging(frame: pl.DataFrame, named: dict[str, str], day: str) -> tuple[pl.DataFrame, list[Oddity]]:
    """Events with the states of such actors mended.

    Parameters
    ----------
    frame : one row an event
    named : column with the name of an actor → column with the country that the file gives it
    day : column with the date

    Returns
    -------
    The events that are left, countries mended; and how many were moved and left out.
    """
    moved, apart = pl.lit(False), pl.lit(False)
    for name, country in named.items():
        known = table().select(
            pl.col("name").alias(name), pl.col("filed_under").alias(country), pl.col("state").alias("_state"),
            pl.col("since").fill_null(_EVER).alias("_since"), pl.col("until").fill_null(_FOREVER).alias("_until"),
        )  # fmt: skip
        held = frame.lazy().with_row_index("_row").select("_row", name, country, day).collect()
        met = held.join(known, on=[name, country]).filter(pl.col(day).is_between("_since", "_until"))
        states = met.select("_row", "_state", pl.lit(True).alias("_met")).unique("_row")
        frame = frame.with_row_index("_row").join(states, on="_row", how="left", maintain_order="left").drop("_row")
        office = pl.col("_met").fill_null(False)
        frame = frame.with_columns(
            (office & pl.col("_state").is_not_null()).alias(f"_moved_{country}"),
            (office & pl.col("_state").is_null()).alias(f"_apart_{country}"),
            pl.coalesce("_state", country).alias(country),
        ).drop("_state", "_met")
        moved, apart = moved | pl.col(f"_moved_{country}"), apart | pl.col(f"_apart_{country}")
    left = frame.filter(~apart)
    counted = ((_APART, frame.height - left.height, True), (_MOVED, left.filter(moved).height, False))
    oddities = [Oddity(*one) for one in counted if one[1]]
    return left.drop([column for column in left.columns if column.startswith(("_moved_", "_apart_"))]), oddities
