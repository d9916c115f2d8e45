"""Dated turns: changes of level that are both fast for the pair and large enough to matter, one row each."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtr

from innominate.alignment.scale import Scale
from innominate.alignment.turns import Turns
from innominate.alignment.why import Z90
from innominate.panel import Panel

Array = NDArray[np.float64]

MATTERS = 0.1  # of the scale: smaller changes are none, however sudden
_SCHEMA = {
    "a": pl.String,
    "b": pl.String,
    "year": pl.Int32,
    "period": pl.String,
    "direction": pl.String,
    "probability": pl.Float64,
    "change": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "until": pl.String,
}


def dated_turns(panel: Panel, turned: Turns, scale: Scale, least: float) -> pl.DataFrame:
    """Turns of all pairs with a probability of at least `least`, by pair and year.

    A turn's probability is that of a fast step into the period times the posterior probability that the alignment then moved
    to that side by more than MATTERS. Steps to one side in adjacent periods are one turn, dated by its most probable.

    Returns
    -------
    Frame a, b, year, period, direction (up or down), probability, change with its 90 % interval low, high (of the
    alignment, over the whole turn), until (last period of the turn).
    """
    step, spread = turned.step / scale.unit, np.sqrt(turned.variance) / scale.unit
    with np.errstate(divide="ignore", invalid="ignore"):
        large = [np.where(spread > 0, ndtr((side * step - MATTERS) / spread), 0.0) for side in (1, -1)]
    frames = [
        _one_side(panel, name, chance, step, spread, least)
        for name, chance in (("up", turned.up * large[0]), ("down", turned.down * large[1]))
    ]
    return pl.concat(frames).sort("a", "b", "year", "period", "direction")


def _one_side(panel: Panel, name: str, chance: Array, step: Array, spread: Array, least: float) -> pl.DataFrame:
    pairs, periods = np.nonzero(chance >= least)
    if not len(pairs):
        return pl.DataFrame(schema=_SCHEMA)
    fresh = np.r_[True, (np.diff(pairs) != 0) | (np.diff(periods) != 1)]
    spells = np.cumsum(fresh) - 1
    codes, labels = np.array(panel.states), np.array(panel.labels)
    rows = pl.DataFrame(
        {
            "spell": spells,
            "a": codes[panel.a[pairs]],
            "b": codes[panel.b[pairs]],
            "year": panel.years[periods],
            "period": labels[periods],
            "direction": [name] * len(pairs),
            "probability": chance[pairs, periods],
            "step": step[pairs, periods],
            "variance": spread[pairs, periods] ** 2,
        }
    )
    whole = rows.group_by("spell", maintain_order=True).agg(
        pl.col("a", "b", "direction").first(),
        pl.col("year", "period").sort_by("probability", descending=True, maintain_order=True).first(),
        pl.col("probability").max(),
        pl.col("step").sum().alias("change"),
        (pl.col("variance").sum().sqrt() * Z90).alias("margin"),
        pl.col("period").last().alias("until"),
    )
    return whole.with_columns(
        (pl.col("change") - pl.col("margin")).alias("low"), (pl.col("change") + pl.col("margin")).alias("high")
    ).select([pl.col(column).cast(kind) for column, kind in _SCHEMA.items()])
