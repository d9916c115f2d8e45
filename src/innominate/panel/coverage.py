"""Who could have been seen by whom, and when: coverage rows as masks over pairs and periods."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from innominate.errors import InputError
from innominate.panel.periods import Resolution, index_of, span_of


def scope_mask(scope: str, position: dict[str, int]) -> NDArray[np.bool_]:
    """The pairs that a coverage scope speaks of.

    Parameters
    ----------
    scope : ``all``; ``among:AAA BBB`` (both listed); ``with:AAA`` (at least one listed); ``from:AAA BBB``,
        ``to:CCC`` or ``from:AAA BBB to:CCC`` (flows; as an unordered pair, either order)
    position : state → place on the axes

    Returns
    -------
    (N, N) symmetric, diagonal False
    """
    n = len(position)
    mask = np.ones((n, n), dtype=bool)
    if scope != "all":
        kind, colon, rest = scope.partition(":")
        if not colon:
            kind = ""
        if kind == "among":
            listed = _places(rest, position)
            mask = listed[:, None] & listed[None, :]
        elif kind == "with":
            listed = _places(rest, position)
            mask = listed[:, None] | listed[None, :]
        elif kind in ("from", "to"):
            mask = _flow_mask(kind, rest, position)
        else:
            raise InputError(f"coverage scope {scope!r}: must be all, among:…, with:…, from:… or to:…")
    np.fill_diagonal(mask, False)
    return mask


def _flow_mask(kind: str, rest: str, position: dict[str, int]) -> NDArray[np.bool_]:
    anyone = np.ones(len(position), dtype=bool)
    if kind == "to":
        senders, receivers = anyone, _places(rest, position)
    else:
        named, _, targets = rest.partition(" to:")
        senders = _places(named, position)
        receivers = _places(targets, position) if targets else anyone
    flow = senders[:, None] & receivers[None, :]
    both: NDArray[np.bool_] = flow | flow.T
    return both


def _places(codes: str, position: dict[str, int]) -> NDArray[np.bool_]:
    listed = np.zeros(len(position), dtype=bool)
    listed[[position[code] for code in codes.split() if code in position]] = True
    return listed


def exposures(
    rows: pl.DataFrame, position: dict[str, int], first: int, last: int, resolution: Resolution
) -> NDArray[np.float32]:
    """Share of each period's days on which each pair was inside coverage.

    Parameters
    ----------
    rows : coverage rows of one dataset and channel (columns scope, first, last)
    position : state → place on the axes
    first, last : first and last period, inclusive

    Returns
    -------
    (T, N, N) float32 between 0 and 1
    """
    n, total = len(position), last - first + 1
    share = np.zeros((total, n, n), dtype=np.float32)
    masks: dict[str, NDArray[np.bool_]] = {}
    for scope, begin, end in rows.select("scope", "first", "last").iter_rows():
        low, high = max(index_of(begin, resolution), first), min(index_of(end, resolution), last)
        for period in range(low, high + 1):
            mask = masks.setdefault(scope, scope_mask(scope, position))
            share[period - first] += mask * _overlap(begin, end, period, resolution)
    return np.minimum(share, 1.0, out=share)


def _overlap(begin: date, end: date, period: int, resolution: Resolution) -> np.float32:
    first, last = span_of(period, resolution)
    days = (min(end, last) - max(begin, first) + timedelta(days=1)).days
    return np.float32(days / ((last - first).days + 1))
