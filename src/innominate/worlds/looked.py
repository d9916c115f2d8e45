"""Which flows of trade a dataset could have seen: coverage by direction, since a report is of one side only.

A scope ``from:AAA`` speaks of what AAA sends to anybody, and says nothing of what it gets.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from innominate.ledger import Library
from innominate.panel.coverage import flow_days

Mask = NDArray[np.bool_]


def known_flows(covered: pl.DataFrame, codes: Sequence[str], years: Sequence[int]) -> Mask:
    """(T, N, N) flows of which a dataset would tell throughout a year, see :func:`known_throughout`."""
    found = np.zeros((len(years), len(codes), len(codes)), dtype=bool)
    for t, year in enumerate(years):
        found[t] = known_throughout(covered, codes, date(year, 1, 1), date(year, 12, 31))
    return found


def known_throughout(covered: pl.DataFrame, codes: Sequence[str], first: date, last: date) -> Mask:
    """(N, N) flows of which a dataset would tell on every day of a period, by one coverage row or by several that join.

    Parameters
    ----------
    covered : coverage rows: scope, first, last
    first, last : of the period, inclusive
    """
    inside = covered.filter((pl.col("first") <= last) & (pl.col("last") >= first)).with_columns(
        pl.max_horizontal("first", pl.lit(first)).alias("first"), pl.min_horizontal("last", pl.lit(last)).alias("last")
    )
    known: Mask = flow_days(inside, {code: k for k, code in enumerate(codes)}) >= (last - first).days + 1
    return known


def trade_coverage(library: Library, dataset: str) -> pl.DataFrame:
    """Coverage of one dataset of trade: scope, first, last."""
    return library.query(
        "SELECT scope, first, last FROM coverage WHERE channel = 'trade' AND dataset = ? ORDER BY ALL", [dataset]
    )
