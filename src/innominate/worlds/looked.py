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
from innominate.panel.coverage import flow_mask

Mask = NDArray[np.bool_]


def known_flows(covered: pl.DataFrame, codes: Sequence[str], years: Sequence[int]) -> Mask:
    """(T, N, N) flows of which a dataset would tell in every month of a year.

    Parameters
    ----------
    covered : coverage rows of one dataset: scope, first, last
    """
    place = {code: k for k, code in enumerate(codes)}
    masks = {scope: flow_mask(scope, place) for scope in covered["scope"].unique()}
    found = np.zeros((len(years), len(codes), len(codes)), dtype=bool)
    rows = covered.select("scope", "first", "last").rows()
    for t, year in enumerate(years):
        here = [row for row in rows if row[1] <= date(year, 12, 31) and row[2] >= date(year, 1, 1)]
        whole = [
            masks[scope] for scope, first, last in here if first <= date(year, 1, 1) and last >= date(year, 12, 31)
        ]
        for mask in whole:
            found[t] |= mask
        if len(whole) == len(here):
            continue
        months = np.zeros((12, len(codes), len(codes)), dtype=bool)
        for scope, first, last in here:
            for month in range(12):
                start = date(year, month + 1, 1)
                after = date(year + month // 11, (month + 1) % 12 + 1, 1)
                if first <= start and (last - after).days >= -1:
                    months[month] |= masks[scope]
        found[t] |= months.all(axis=0)
    return found


def trade_coverage(library: Library, dataset: str) -> pl.DataFrame:
    """Coverage of one dataset of trade: scope, first, last."""
    return library.query(
        "SELECT scope, first, last FROM coverage WHERE channel = 'trade' AND dataset = ? ORDER BY ALL", [dataset]
    )
