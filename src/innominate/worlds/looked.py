"""Which flows of trade a dataset could have seen: coverage by direction, since a report is of one side only.

A scope ``from:AAA`` speaks of what AAA sends to anybody, and says nothing of what it gets.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from innominate.errors import InputError
from innominate.ledger import Library

Mask = NDArray[np.bool_]
EVERYBODY = None


def sides(scope: str) -> tuple[frozenset[str] | None, frozenset[str] | None]:
    """Senders and receivers of the flows that a scope speaks of, None for everybody.

    Scopes ``all``, ``among:…``, ``from:…``, ``to:…`` and ``from:… to:…``; ``with:…`` is two of them, see :func:`looked`.
    """
    kind, colon, rest = scope.partition(":")
    if scope == "all":
        return EVERYBODY, EVERYBODY
    if colon and kind == "among":
        return frozenset(rest.split()), frozenset(rest.split())
    if colon and kind == "to":
        return EVERYBODY, frozenset(rest.split())
    if colon and kind == "from":
        senders, _, receivers = rest.partition(" to:")
        return frozenset(senders.split()), frozenset(receivers.split()) if receivers else EVERYBODY
    raise InputError(f"coverage scope {scope!r}: must be all, among:…, with:…, from:… or to:…")


def looked(scope: str, codes: Sequence[str]) -> Mask:
    """(N, N) the flows, from row to column, that a scope speaks of; diagonal False."""
    if scope.startswith("with:"):
        own = looked(f"from:{scope[5:]}", codes)
        return own | own.T
    senders, receivers = (
        np.array([one is EVERYBODY or code in one for code in codes], dtype=bool) for one in sides(scope)
    )
    found: Mask = senders[:, None] & receivers[None, :]
    np.fill_diagonal(found, False)
    return found


def known_flows(covered: pl.DataFrame, codes: Sequence[str], years: Sequence[int]) -> Mask:
    """(T, N, N) flows of which a dataset would tell in every month of a year.

    Parameters
    ----------
    covered : coverage rows of one dataset: scope, first, last
    """
    masks = {scope: looked(scope, codes) for scope in covered["scope"].unique()}
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
