"""Who could have been seen by whom, and when: coverage rows as masks over pairs and periods."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from innominate.errors import InputError
from innominate.panel.periods import Resolution, index_of, span_of

Mask = NDArray[np.bool_]
Piece = tuple[date, date, Mask]  # first and last day, and the (N, N) flows covered then
Spans = dict[tuple[date, date], list[str]]  # first and last day → the scopes covered then
ONE_WAY = ("from", "to")  # scopes that speak of flows one way


def flow_mask(scope: str, position: Mapping[str, int]) -> Mask:
    """The flows that a coverage scope speaks of.

    Parameters
    ----------
    scope : ``all``; ``among:AAA BBB`` (both listed); ``with:AAA`` (at least one listed); ``from:AAA BBB``,
        ``to:CCC`` or ``from:AAA BBB to:CCC`` (one way: what the other way goes is not looked at)
    position : state → place on the axes

    Returns
    -------
    (N, N) sender by receiver, diagonal False
    """
    n = len(position)
    kind, colon, rest = scope.partition(":")
    anyone = np.ones(n, dtype=bool)
    if scope == "all":
        mask = np.ones((n, n), dtype=bool)
    elif not colon or kind not in ("among", "with", *ONE_WAY):
        raise InputError(f"coverage scope {scope!r}: must be all, among:…, with:…, from:… or to:…")
    elif kind in ("among", "with"):
        listed = _places(rest, position)
        both, one = listed[:, None] & listed[None, :], listed[:, None] | listed[None, :]
        mask = both if kind == "among" else one
    elif kind == "to":
        mask = anyone[:, None] & _places(rest, position)[None, :]
    else:
        named, _, targets = rest.partition(" to:")
        mask = _places(named, position)[:, None] & (_places(targets, position) if targets else anyone)[None, :]
    np.fill_diagonal(mask, False)
    return mask


def both_ways(flows: Mask) -> Mask:
    """The pairs of which both flows are among `flows` (N, N): (N, N) symmetric."""
    mask: Mask = flows & flows.T
    return mask


def scope_mask(scope: str, position: Mapping[str, int]) -> Mask:
    """The pairs that a coverage scope speaks of: those of which it speaks both ways, see :func:`flow_mask`.

    Returns
    -------
    (N, N) symmetric, diagonal False
    """
    return both_ways(flow_mask(scope, position))


def one_way(scopes: Iterable[str]) -> bool:
    """Whether any of some scopes speaks of flows one way."""
    return any(scope.partition(":")[0] in ONE_WAY for scope in scopes)


def _places(codes: str, position: Mapping[str, int]) -> NDArray[np.bool_]:
    listed = np.zeros(len(position), dtype=bool)
    listed[[position[code] for code in codes.split() if code in position]] = True
    return listed


def exposures(
    rows: pl.DataFrame, position: dict[str, int], first: int, last: int, resolution: Resolution
) -> NDArray[np.float32]:
    """Share of each period's days on which each pair was inside coverage, both ways; days that several rows cover count once.

    Parameters
    ----------
    rows : coverage rows of one dataset and channel (columns scope, first, last)
    position : state → place on the axes
    first, last : first and last period, inclusive

    Returns
    -------
    (T, N, N) float32 between 0 and 1, symmetric in the last two
    """
    return _shares(rows, position, first, last, resolution, both_ways)


def flow_exposures(
    rows: pl.DataFrame, position: dict[str, int], first: int, last: int, resolution: Resolution
) -> NDArray[np.float32]:
    """The same of every flow: (T, N, N), sender by receiver."""
    return _shares(rows, position, first, last, resolution, lambda flows: flows)


def flow_days(rows: pl.DataFrame, position: Mapping[str, int]) -> NDArray[np.float64]:
    """(N, N) days on which each flow was inside coverage; days that several rows cover count once."""
    masks = {scope: flow_mask(scope, position) for scope in rows["scope"].unique()}
    spans: Spans = {}
    for scope, begin, end in rows.select("scope", "first", "last").iter_rows():
        spans.setdefault((begin, end), []).append(scope)
    found = np.zeros((len(position), len(position)))
    for begin, end, mask in _pieces(spans, masks):
        found += mask * _days(begin, end)
    return found


def _shares(
    rows: pl.DataFrame,
    position: dict[str, int],
    first: int,
    last: int,
    resolution: Resolution,
    counted: Callable[[Mask], Mask],
) -> NDArray[np.float32]:
    n, total = len(position), last - first + 1
    share = np.zeros((total, n, n), dtype=np.float32)
    masks = {scope: flow_mask(scope, position) for scope in rows["scope"].unique()}
    for period, spans in _by_period(rows, first, last, resolution).items():
        into, whole = share[period - first], _days(*span_of(period, resolution))
        for begin, end, mask in _pieces(spans, masks):
            into += counted(mask) * np.float32(_days(begin, end) / whole)
    return np.minimum(share, 1.0, out=share)


def _by_period(rows: pl.DataFrame, first: int, last: int, resolution: Resolution) -> dict[int, Spans]:
    """Period → first and last day covered in it → the scopes covered then."""
    found: dict[int, Spans] = {}
    for scope, begin, end in rows.select("scope", "first", "last").iter_rows():
        for period in range(max(index_of(begin, resolution), first), min(index_of(end, resolution), last) + 1):
            start, stop = span_of(period, resolution)
            found.setdefault(period, {}).setdefault((max(begin, start), min(end, stop)), []).append(scope)
    return found


def _pieces(spans: Spans, masks: Mapping[str, Mask]) -> Iterable[Piece]:
    """The flows covered, in pieces that share no day."""
    pieces = [(*span, _either([masks[scope] for scope in scopes])) for span, scopes in sorted(spans.items())]
    return pieces if _apart(pieces) else _cut(pieces)


def _apart(pieces: Sequence[Piece]) -> bool:
    """Whether no two of the pieces, sorted by their first day, share a day."""
    return all(after[0] > before[1] for before, after in pairwise(pieces))


def _cut(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """The same days of the same flows in pieces that share no day, so that what several rows cover counts once."""
    cuts = sorted({day for begin, end, _ in pieces for day in (begin, end + timedelta(days=1))})
    for begin, after in pairwise(cuts):
        covering = [mask for start, stop, mask in pieces if start <= begin <= stop]
        if covering:
            yield begin, after - timedelta(days=1), _either(covering)


def _either(masks: Sequence[Mask]) -> Mask:
    return masks[0] if len(masks) == 1 else np.logical_or.reduce(masks)


def _days(begin: date, end: date) -> int:
    return (end - begin).days + 1
