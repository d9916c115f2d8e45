"""Who could have been seen giving to whom: the part of all possible givers that a measure's datasets looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from innominate.exchange.gains import MEASURE, Gains
from innominate.panel.coverage import flow_days

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Looked:
    """How far a measure was looked at.

    Attributes
    ----------
    share : (N, N) giver by receiver: part of the covered days on which the flow was looked at
    first, last : first and last year covered inside the span
    part : part of the span's days that are covered at all
    """

    share: Floats
    first: int
    last: int
    part: float


def seen(gains: Gains, states: list[str]) -> dict[tuple[str, str, str], Looked]:
    """How far every measure with coverage, (kind, dataset, unit), was looked at.

    A measure that several channels feed is seen as far as the least of them is. Measures without coverage are absent.
    """
    position = {code: place for place, code in enumerate(states)}
    used = gains.acts.select(*MEASURE, "channel").unique().sort(*MEASURE, "channel")
    cache: dict[tuple[str, str], Looked | None] = {}
    found: dict[tuple[str, str, str], Looked] = {}
    for (kind, dataset, unit), channels in used.group_by(*MEASURE, maintain_order=True):
        each = []
        for channel in channels["channel"]:
            key = (str(dataset), channel)
            if key not in cache:
                cache[key] = _looked(gains, *key, position)
            each.append(cache[key])
        known = [one for one in each if one is not None]
        if len(known) == len(each):
            found[(str(kind), str(dataset), str(unit))] = Looked(
                np.minimum.reduce([one.share for one in known]),
                max(one.first for one in known),
                min(one.last for one in known),
                min(one.part for one in known),
            )
    return found


def _looked(gains: Gains, dataset: str, channel: str, position: Mapping[str, int]) -> Looked | None:
    """How far a channel of a dataset was looked at; None where nothing inside the span is covered."""
    rows = gains.coverage.filter(
        (pl.col("dataset") == dataset)
        & (pl.col("channel") == channel)
        & (pl.col("last") >= gains.first)
        & (pl.col("first") <= gains.last)
    ).with_columns(pl.col("first").clip(lower_bound=gains.first), pl.col("last").clip(upper_bound=gains.last))
    if not rows.height:
        return None
    total = _union_days(rows.select("first", "last").unique())
    share = flow_days(rows, position) / total
    first, last = rows["first"].min(), rows["last"].max()
    assert isinstance(first, date)
    assert isinstance(last, date)
    part = total / ((gains.last - gains.first).days + 1)
    return Looked(share, first.year, last.year, part)


def _union_days(spells: pl.DataFrame) -> int:
    """Days in at least one of some spells."""
    total, reached = 0, date.min
    for first, last in spells.sort("first", "last").iter_rows():
        start = max(first.toordinal(), reached.toordinal() + 1)
        total += max(0, last.toordinal() - start + 1)
        reached = max(reached, last)
    return total
