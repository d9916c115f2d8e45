"""Worlds of gains whose answer is known: partners meet by chance, and, where wanted, three states give in a ring."""

from __future__ import annotations

import numpy as np
import polars as pl

KINDS = ("arms", "money", "energy", "food")
RING = (("arms", 0, 1), ("money", 1, 2), ("energy", 2, 0))  # who of the first three gives what to whom


def chance_world(
    seed: int, planted: float = 0.0, *, states: int = 30, dense: int = 3, kinds: tuple[str, ...] = KINDS
) -> pl.DataFrame:
    """Ties of a world in which activity and amounts are uneven (lognormal) and partners meet in proportion to activity.

    Parameters
    ----------
    seed : of the world
    planted : share of its intake of one kind that each of the first three states gets from another, in a ring; 0: no ring
    states : how many, named AAX, ABX...
    dense : ties a state and kind
    kinds : of gain, each with its own partners

    Returns
    -------
    giver, receiver, kind, value, dataset, unit, share, as :func:`innominate.exchange.interlocking` takes them.
    """
    draw = np.random.default_rng(seed)
    codes = [f"{chr(65 + k // 26)}{chr(65 + k % 26)}X" for k in range(states)]
    frames = [_ties(draw, codes, kind, dense) for kind in kinds]
    frame = pl.concat(frames)
    if planted:
        frame = _with_ring(frame, codes, planted)
    whole = pl.col("value").sum().over("receiver", "kind")
    return frame.with_columns(
        pl.lit("made").alias("dataset"), pl.lit("units").alias("unit"), (pl.col("value") / whole).alias("share")
    )


def _ties(draw: np.random.Generator, codes: list[str], kind: str, dense: int) -> pl.DataFrame:
    n = len(codes)
    weight = draw.lognormal(0, 1, (2, n))
    chance = np.outer(weight[0], weight[1])
    np.fill_diagonal(chance, 0)
    chance *= dense * n / chance.sum()
    giver, receiver = np.nonzero(draw.random((n, n)) < np.minimum(chance, 0.9))
    names = np.array(codes)
    amounts = draw.lognormal(0, 1.5, len(giver))
    return pl.DataFrame({"giver": names[giver], "receiver": names[receiver], "value": amounts}).with_columns(
        pl.lit(kind).alias("kind")
    )


def _with_ring(frame: pl.DataFrame, codes: list[str], planted: float) -> pl.DataFrame:
    for kind, a, b in RING:
        ends = (pl.col("kind") == kind) & (pl.col("receiver") == codes[b])
        frame = frame.filter(~(ends & (pl.col("giver") == codes[a])))
        others = float(frame.filter(ends)["value"].sum()) or 1.0
        tie = {"giver": codes[a], "receiver": codes[b], "value": planted / (1 - planted) * others, "kind": kind}
        frame = pl.concat([frame, pl.DataFrame([tie])])
    return frame
