"""Files that list a pair of states in both directions: the two rows must say the same, and each flow counts once."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from innominate.errors import BadFile


def check_mirror(
    frame: pl.DataFrame, values: Sequence[tuple[str, str]], file: str, by: Sequence[str] = ("year",)
) -> bool:
    """Whether every pair stands in both directions; False where every pair stands once.

    Parameters
    ----------
    frame : has ``row``, ``ccode1``, ``ccode2`` and the columns of `by`, without duplicates of these
    values : columns of the first and of the second state that must be swapped in the mirrored row
    by : what identifies a pair's row besides the two states

    Raises
    ------
    BadFile
        where some pairs stand in both directions and others in one, or the two directions disagree
    """
    low, high = pl.min_horizontal("ccode1", "ccode2"), pl.max_horizontal("ccode1", "ccode2")
    forward = pl.col("ccode1") < pl.col("ccode2")
    swapped = [pl.when(forward).then(a).otherwise(b).alias(f"_{a}") for a, b in values]
    swapped += [pl.when(forward).then(b).otherwise(a).alias(f"_{b}") for a, b in values]
    told = frame.select("row", low.alias("_low"), high.alias("_high"), *by, *swapped).sort("_low", "_high", *by)
    key = ["_low", "_high", *by]
    same = pl.all_horizontal(pl.col(name) == pl.col(name).shift(1) for name in key).fill_null(False)
    paired = told.with_columns(same.alias("_second"), same.shift(-1, fill_value=False).alias("_first"))
    if not paired["_second"].any():
        return False
    alone = paired.filter(~pl.col("_second") & ~pl.col("_first"))
    if alone.height:
        reason = "most pairs stand in both directions, this one in one: the file is incomplete"
        raise BadFile(file, reason, int(alone["row"].min()))  # type: ignore[arg-type]
    columns = [name for pair in values for name in pair]
    differs = pl.any_horizontal(pl.col(f"_{name}").ne_missing(pl.col(f"_{name}").shift(1)) for name in columns)
    broken = paired.filter(pl.col("_second") & differs)
    if broken.height:
        reason = "the two directions of a pair do not say the same"
        raise BadFile(file, reason, int(broken["row"].min()))  # type: ignore[arg-type]
    return True
