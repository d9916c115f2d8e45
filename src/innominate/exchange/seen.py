"""Who could have been seen giving to whom: the part of all possible givers that a measure's datasets looked at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from innominate.exchange.gains import MEASURE, Gains

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


def scope_flows(scope: str, position: Mapping[str, int]) -> Bools:
    """The flows that a coverage scope speaks of: (N, N), giver by receiver, diagonal False."""
    n = len(position)
    kind, _, rest = scope.partition(":")
    if kind == "all":
        mask = np.ones((n, n), dtype=bool)
    elif kind in ("among", "with"):
        listed = _places(rest, position)
        both, one = listed[:, None] & listed[None, :], listed[:, None] | listed[None, :]
        mask = both if kind == "among" else one
    elif kind == "to":
        mask = np.repeat(_places(rest, position)[None, :], n, axis=0)
    else:
        givers, _, receivers = rest.partition(" to:")
        taken = _places(receivers, position) if receivers else np.ones(n, dtype=bool)
        mask = _places(givers, position)[:, None] & taken[None, :]
    np.fill_diagonal(mask, False)
    return mask


def _places(codes: str, position: Mapping[str, int]) -> Bools:
    listed = np.zeros(len(position), dtype=bool)
    listed[[position[code] for code in codes.split() if code in position]] = True
    return listed


def seen(gains: Gains, states: list[str]) -> dict[tuple[str, str, str], tuple[Floats, int, int]]:
    """For every measure with coverage: the part of its covered days on which each flow was looked at.

    Returns
    -------
    (kind, dataset, unit) → (N, N) giver by receiver, between 0 and 1; first and last year covered inside the span. A
    measure that several channels feed is seen as far as the least of them is. Measures without coverage are absent.
    """
    position = {code: place for place, code in enumerate(states)}
    used = gains.acts.select(*MEASURE, "channel").unique().sort(*MEASURE, "channel")
    cache: dict[tuple[str, str], tuple[Floats, date, date] | None] = {}
    found: dict[tuple[str, str, str], tuple[Floats, int, int]] = {}
    for (kind, dataset, unit), channels in used.group_by(*MEASURE, maintain_order=True):
        each = []
        for channel in channels["channel"]:
            key = (str(dataset), channel)
            if key not in cache:
                cache[key] = _looked(gains, *key, position)
            each.append(cache[key])
        known = [one for one in each if one is not None]
        if len(known) == len(each):
            mask = np.minimum.reduce([one[0] for one in known])
            first, last = max(one[1] for one in known), min(one[2] for one in known)
            found[(str(kind), str(dataset), str(unit))] = (mask, first.year, last.year)
    return found


def _looked(gains: Gains, dataset: str, channel: str, position: Mapping[str, int]) -> tuple[Floats, date, date] | None:
    """The part of the covered days, and the first and last of them; None where nothing inside the span is covered."""
    rows = gains.coverage.filter(
        (pl.col("dataset") == dataset)
        & (pl.col("channel") == channel)
        & (pl.col("last") >= gains.first)
        & (pl.col("first") <= gains.last)
    ).with_columns(pl.col("first").clip(lower_bound=gains.first), pl.col("last").clip(upper_bound=gains.last))
    if not rows.height:
        return None
    days = (rows["last"] - rows["first"]).dt.total_days() + 1
    spells = rows.select("first", "last").unique()
    total = _union_days(spells)
    share = np.zeros((len(position), len(position)))
    for scope, length in zip(rows["scope"], days, strict=True):
        share += scope_flows(scope, position) * (length / total)
    first, last = rows["first"].min(), rows["last"].max()
    assert isinstance(first, date)
    assert isinstance(last, date)
    return np.minimum(share, 1.0), first, last


def _union_days(spells: pl.DataFrame) -> int:
    """Days in at least one of some spells."""
    total, reached = 0, date.min
    for first, last in spells.sort("first", "last").iter_rows():
        start = max(first.toordinal(), reached.toordinal() + 1)
        total += max(0, last.toordinal() - start + 1)
        reached = max(reached, last)
    return total
