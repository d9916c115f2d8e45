"""Complementarity: does a state get one thing from one partner and another from the other?

For a receiver and two givers, each measure splits into the first giver's part of what the two give. Security from the one
and economy from the other shows as a high part in the one theme and a low part in the other: the index is the difference
of the themes' mean parts, from -1 over 0 (both alike) to 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import polars as pl

from innominate.exchange.dependence import share_interval
from innominate.exchange.gains import MEASURE
from innominate.exchange.kinds import BOTH_WAYS, COUNTS
from innominate.ledger import GAINS

_BOUNDS = ("part", "part_low", "part_high")


def splits(found: pl.DataFrame, receiver: str, first: str, second: str) -> pl.DataFrame:
    """The first giver's part of what two givers give to a receiver, measure by measure.

    Parameters
    ----------
    found : of :func:`innominate.exchange.dependence.dependence`, with known zeros

    Returns
    -------
    receiver, first, second, theme, kind, dataset, unit, counted, part, part_low, part_high, first_value, second_value,
    basis. Amounts are split where both givers' are known. Counts (``counted``) of a ledger kept by hand are split also where
    it records acts of one giver only, as a sample of what the two did: the range is then that of a share of counts.
    """
    columns = [*MEASURE, "low", "value", "high", "basis"]
    own = found.filter(pl.col("receiver") == receiver)
    one = own.filter(pl.col("giver") == first).select(columns)
    two = own.filter(pl.col("giver") == second).select(columns)
    both = one.join(two, on=list(MEASURE), how="full", coalesce=True, suffix="_two")
    counted = pl.col("unit").is_in(list(COUNTS))
    sampled = counted & (pl.coalesce("basis", "basis_two") == "recorded")
    zero = {f"{name}{end}": pl.when(sampled).then(pl.col(f"{name}{end}").fill_null(0.0)).otherwise(pl.col(f"{name}{end}"))
            for name in ("low", "value", "high") for end in ("", "_two")}  # fmt: skip
    both = both.with_columns(counted=counted, **zero)
    whole = pl.col("value") + pl.col("value_two")
    low = pl.col("low") / (pl.col("low") + pl.col("high_two"))
    high = pl.col("high") / (pl.col("high") + pl.col("low_two"))
    both = both.filter(whole > 0).with_columns(whole=whole, part=pl.col("value") / whole)
    at_least, at_most = share_interval(both["value"].to_numpy(), both["whole"].to_numpy())
    is_count = pl.col("counted")
    return both.select(
        pl.lit(receiver).alias("receiver"),
        pl.lit(first).alias("first"),
        pl.lit(second).alias("second"),
        pl.col("kind").replace_strict({name: gain.theme for name, gain in GAINS.items()}).alias("theme"),
        *MEASURE,
        "counted",
        "part",
        pl.when(is_count).then(pl.Series(at_least)).otherwise(low.fill_nan(0.0).fill_null(0.0)).alias("part_low"),
        pl.when(is_count).then(pl.Series(at_most)).otherwise(high.fill_nan(1.0).fill_null(1.0)).alias("part_high"),
        pl.col("value").alias("first_value"),
        pl.col("value_two").alias("second_value"),
        pl.coalesce("basis", "basis_two").alias("basis"),
    ).sort("theme", *MEASURE)


def telling(split: pl.DataFrame) -> pl.DataFrame:
    """The splits that speak for a kind of gain: those of amounts, and those of counts where the kind has no amounts.

    A total of both ways is nobody's gift and does not speak; counts speak of diplomacy.
    """
    given = ~pl.col("unit").str.ends_with(BOTH_WAYS)
    amount = ~pl.col("counted") & given & (pl.col("theme") != "diplomacy")
    return split.filter(amount | pl.col("counted") & ~amount.any().over("theme", "kind"))


def complementarity(found: pl.DataFrame, focus: Sequence[str]) -> pl.DataFrame:
    """For every receiver and two givers of the focus: the mean parts by theme, and the index for two themes.

    Returns
    -------
    receiver, first, second, themes (``security-economy``...), part_a, part_b, index, low, high, kinds: how many kinds the
    means rest on. A theme's part is the mean over its kinds, a kind's the mean over the measures that speak for it (see
    :func:`telling`).
    """
    rows = []
    for receiver in focus:
        for first, second in combinations([code for code in focus if code != receiver], 2):
            by_theme = _themes(splits(found, receiver, first, second))
            for one, two in combinations(("security", "economy", "diplomacy"), 2):
                if one in by_theme and two in by_theme:
                    a, b = by_theme[one], by_theme[two]
                    rows.append((receiver, first, second, f"{one}-{two}", a[0], b[0], a[0] - b[0], a[1] - b[2], a[2] - b[1],
                                 int(a[3] + b[3])))  # fmt: skip
    columns = ["receiver", "first", "second", "themes", "part_a", "part_b", "index", "low", "high", "kinds"]
    kinds = dict.fromkeys(columns[4:9], pl.Float64()) | dict.fromkeys(columns[:4], pl.String()) | {"kinds": pl.Int64()}
    return pl.DataFrame(rows, schema=columns, orient="row", schema_overrides=kinds)


def _themes(split: pl.DataFrame) -> dict[str, tuple[float, float, float, int]]:
    by_kind = telling(split).group_by("theme", "kind").agg(*(pl.col(name).mean() for name in _BOUNDS))
    by_theme = by_kind.sort("theme", "kind").group_by("theme", maintain_order=True)
    frame = by_theme.agg(*(pl.col(name).mean() for name in _BOUNDS), pl.len().alias("kinds"))
    return {row[0]: (row[1], row[2], row[3], row[4]) for row in frame.iter_rows()}
