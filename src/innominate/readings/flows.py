"""Flows: what one state gives another in a channel, as strands.

A flow of a year is the logarithm of one plus its amount, less the mean of all flows that the same dataset covered in that
year, in units of their spread: where it stands among all flows of its kind. The process of flows is estimated from all
flows by the same EM as that of pairs.
"""

from __future__ import annotations

import hashlib

import numpy as np
import polars as pl
from numpy.typing import NDArray

from innominate.alignment.evidence import EM_PAIRS
from innominate.alignment.model import ChannelEvidence, ChannelParameters, estimate_channel
from innominate.ledger import CHANNELS, Library
from innominate.panel import Panel
from innominate.panel.coverage import exposures
from innominate.readings.strands import Strand, strand_of

Array = NDArray[np.float64]
GRID = np.zeros(1)  # sampling variances are left to the noise
COVERED = 0.9  # share of a year that must have been looked at


def flow_strands(library: Library, panel: Panel, channel: str, flows: list[tuple[str, str]]) -> list[Strand]:
    """The strands of some flows (giver, receiver) in one channel; none where the library has no flows in it."""
    z = standing(library, panel, channel)
    n = len(panel.states)
    givers, receivers = np.nonzero(np.isfinite(z).any(axis=0) & ~np.eye(n, dtype=bool))
    if not len(givers):
        return []
    paths = z[:, givers, receivers].T.astype(np.float32)
    evidence = ChannelEvidence(channel, (0,), paths, np.zeros(paths.shape, dtype=np.uint16))
    found = _process(evidence, [panel.states[i] + panel.states[j] for i, j in zip(givers, receivers, strict=True)])
    places = {(panel.states[i], panel.states[j]): k for k, (i, j) in enumerate(zip(givers, receivers, strict=True))}
    strands = []
    for giver, receiver in flows:
        key = f"{giver}>{receiver}"
        place = places.get((giver, receiver))
        if place is None:
            empty = strand_of(evidence, 0, found, GRID, key)
            strands.append(empty.without())
        else:
            strands.append(strand_of(evidence, place, found, GRID, key))
    return strands


def _process(evidence: ChannelEvidence, names: list[str]) -> ChannelParameters:
    digests = np.array([int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest()) for name in names])
    rows = np.sort(np.argsort(digests, kind="stable")[:EM_PAIRS])
    first = np.zeros(len(rows), dtype=np.int64)
    last = np.full(len(rows), evidence.z.shape[1] - 1, dtype=np.int64)
    return estimate_channel(evidence.take(rows), first, last, GRID)


def standing(library: Library, panel: Panel, channel: str) -> Array:
    """(T, N, N) standing of every flow from i to j among the flows of its year; NaN unknown.

    Where two datasets cover a flow in a year, the one that covers more flows in that year stands.
    """
    years, n = panel.years, len(panel.states)
    first, last = int(years[0]), int(years[-1])
    position = {code: k for k, code in enumerate(panel.states)}
    alive = np.zeros((len(years), n, n), dtype=bool)
    alive[:, panel.a, panel.b] = alive[:, panel.b, panel.a] = panel.alive.T
    found = np.full(alive.shape, np.nan)
    layers = [
        _layer(library, channel, str(dataset), position, alive, first, last)
        for (dataset,) in library.query(
            "SELECT DISTINCT dataset FROM acts WHERE channel = ? AND directed ORDER BY dataset", [channel]
        ).iter_rows()
    ]
    for t in range(len(years)):
        for layer in sorted(layers, key=lambda one: -int(np.isfinite(one[t]).sum())):
            found[t] = np.where(np.isnan(found[t]), layer[t], found[t])
    return found


def _layer(
    library: Library,
    channel: str,
    dataset: str,
    position: dict[str, int],
    alive: NDArray[np.bool_],
    first: int,
    last: int,
) -> Array:
    spans = library.query(
        "SELECT scope, first, last FROM coverage WHERE channel = ? AND dataset = ? AND scope NOT LIKE 'from:%' "
        "AND scope NOT LIKE 'to:%' AND scope NOT LIKE 'with:%'",
        [channel, dataset],
    )
    seen = (exposures(spans, position, first, last, "year") >= COVERED) & alive
    amount = np.zeros(seen.shape)
    rows = _yearly(library, channel, dataset, first, last)
    for t, i, j, value in rows.iter_rows():
        if i in position and j in position:
            amount[t - first, position[i], position[j]] += np.nan if value is None else value
    values = np.where(seen, np.log1p(np.maximum(amount, 0.0)), np.nan)
    for layer in values:
        known = layer[np.isfinite(layer)]
        if len(known) and known.std() > 0:
            layer[:] = np.clip((layer - known.mean()) / known.std(), -10.0, 10.0)
        else:
            layer[:] = np.nan
    return values


def _yearly(library: Library, channel: str, dataset: str, first: int, last: int) -> pl.DataFrame:
    """year, source, target, value (null where the provider looked and does not know)."""
    kind = CHANNELS[channel].kind
    until = 'year("start")' if kind == "count" else 'year("end")'
    value = "1.0" if kind == "count" else f'value / ({until} - year("start") + 1)'
    sql = f"""
        WITH placed AS (
            SELECT source, target, {value} AS value,
                   unnest(generate_series(greatest(year("start"), {first}), least({until}, {last}))) AS year
            FROM acts WHERE channel = ? AND dataset = ? AND directed AND {until} >= {first} AND year("start") <= {last}
        )
        SELECT year::INTEGER, source, target, CASE WHEN count(*) > count(value) THEN NULL ELSE sum(value) END AS value
        FROM placed GROUP BY ALL ORDER BY ALL
    """
    return library.query(sql, [channel, dataset])
