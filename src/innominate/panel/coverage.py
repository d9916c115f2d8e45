"""Who could have been seen by whom, and when: coverage rows as masks over pairs and periods."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from innominate.errors import InputError
from innominate.panel.periods import Resolution, index_of, span_of

Mask = NDArray[np.bool_]
Piece = tuple[date, date, Mask]  # first and last day, and the (N, N) pairs covered then


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
    """Share of each period's days on which each pair was inside coverage; a day that several rows cover counts once.

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
    masks = {scope: scope_mask(scope, position) for scope in rows["scope"].unique()}
    for period, spans in _by_period(rows, first, last, resolution).items():
        pieces = [(*span, _either([masks[scope] for scope in scopes])) for span, scopes in sorted(spans.items())]
        into, whole = share[period - first], _days(*span_of(period, resolution))
        for begin, end, mask in pieces if _apart(pieces) else _cut(pieces):
            into += mask * np.float32(_days(begin, end) / whole)
    return np.minimum(share, 1.0, out=share)


def _by_period(
    rows: pl.DataFrame, first: int, last: int, resolution: Resolution
) -> dict[int, dict[tuple[date, date], list[str]]]:
    """Period → first and last day covered in it → the scopes covered then."""
    found: dict[int, dict[tuple[date, date], list[str]]] = {}
    for scope, begin, end in rows.select("scope", "first", "last").iter_rows():
        for period in range(max(index_of(begin, resolution), first), min(index_of(end, resolution), last) + 1):
            start, stop = span_of(period, resolution)
            found.setdefault(period, {}).setdefault((max(begin, start), min(end, stop)), []).append(scope)
    return found


def _apart(pieces: Sequence[Piece]) -> bool:
    """Whether no two of the pieces, sorted by their first day, share a day."""
    return all(after[0] > before[1] for before, after in pairwise(pieces))


def _cut(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """The same days of the same pairs in pieces that share no day, so that what several rows cover counts once."""
    cuts = sorted({day for begin, end, _ in pieces for day in (begin, end + timedelta(days=1))})
    for begin, after in pairwise(cuts):
        covering = [mask for start, stop, mask in pieces if start <= begin <= stop]
        if covering:
            yield begin, after - timedelta(days=1), _either(covering)


def _either(masks: Sequence[Mask]) -> Mask:
    return masks[0] if len(masks) == 1 else np.logical_or.reduce(masks)


def _days(begin: date, end: date) -> int:
    return (end - begin).days + 1
