"""From codes of states to places on the axes of a panel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl


def with_places(frame: pl.DataFrame, states: Sequence[str], columns: Mapping[str, str]) -> pl.DataFrame:
    """Add the place of each state among `states`, dropping the rows of states that are not on the axes.

    Parameters
    ----------
    frame : has the columns of codes
    columns : column of codes → new column with the place
    """
    axis = pl.DataFrame({"code": list(states)}, schema={"code": pl.String}).with_row_index("place")
    for code, place in columns.items():
        named = axis.select(pl.col("code").alias(code), pl.col("place").cast(pl.Int64).alias(place))
        frame = frame.join(named, on=code, how="inner", maintain_order="left")
    return frame
