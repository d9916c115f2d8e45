"""Dependence: a partner's share of what a state gets from outside, kind by kind, with ranges.

Dependence on a partner is the share of its deliveries in all (Hirschman 1945); asymmetry is the difference between the
dependence of the one and of the other (Keohane and Nye 1977). A share x / (x + y) rises in x and falls in y, so its range is
exact: at least with x lowest and y highest, at most the other way round. Counts have no published range; the range of a
share of counts is the central 90 % interval of its posterior under the Jeffreys prior, Beta(x + 1/2, y + 1/2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from innominate.chances import beta_quantile
from innominate.exchange.flows import TIE
from innominate.exchange.gains import MEASURE
from innominate.exchange.kinds import COUNTS, HAND_KEPT
from innominate.exchange.seen import Floats, Looked

COVERED = 0.75  # of all possible givers must be looked at before a share is one of everything
FEWEST = 10  # givers that must be looked at before any share is given
Seen = Mapping[tuple[str, str, str], Looked]


def dependence(flows: pl.DataFrame, seen: Seen, states: Sequence[str]) -> pl.DataFrame:
    """Every giver's share of what every receiver gets, measure by measure.

    Parameters
    ----------
    flows : giver, receiver, kind, dataset, unit, low, value, high, open, as of :func:`innominate.exchange.flows.totals`
    seen : who was looked at, of :func:`innominate.exchange.seen.seen` over `states`
    states : everyone who could have given

    Returns
    -------
    The flows with share, share_low, share_high, total (all that the receiver gets), basis, seen (part of all possible givers
    that were looked at), covered_from and covered_to (years) and covered_part (of the span's days). basis: ``covered`` (three
    quarters or more of all possible givers were looked at), ``partial`` (ten or more were: a share of what they gave),
    ``recorded`` (a ledger kept by hand, which tells of acts and not of their absence), ``unseen`` (fewer: no share).
    share_low is null where others' amounts are open, share_high where the giver's own are.
    """
    inside = ["receiver", *MEASURE]
    others = [
        (pl.col(name).sum().over(inside) - pl.col(name)).alias(f"other_{name}") for name in ("low", "value", "open")
    ]
    closed = pl.col("high").fill_null(pl.col("low"))
    frame = flows.with_columns(
        *others,
        (closed.sum().over(inside) - closed).alias("other_high"),
        pl.col("value").sum().over(inside).alias("total"),
    ).join(_basis(flows, seen, states), on=inside, how="left")
    known = (pl.col("total") > 0) & (pl.col("basis") != "unseen") & pl.col("value").is_not_null()
    low = pl.col("low") / (pl.col("low") + pl.col("other_high"))
    high = pl.col("high") / (pl.col("high") + pl.col("other_low"))
    frame = (
        frame.with_columns(
            pl.when(known).then(pl.col("value") / pl.col("total")).alias("share"),
            pl.when(known & (pl.col("other_open") == 0)).then(low.fill_nan(0.0)).alias("share_low"),
            pl.when(known & (pl.col("open") == 0)).then(high.fill_nan(0.0)).alias("share_high"),
        )
        .drop("other_low", "other_value", "other_high", "other_open")
        .sort(TIE)
    )
    return _sampled(frame)


def _sampled(frame: pl.DataFrame) -> pl.DataFrame:
    """Shares of counts with their sampling interval."""
    counted = pl.col("unit").is_in(list(COUNTS)) & pl.col("share").is_not_null()
    low, high = share_interval(frame["value"].fill_null(0.0).to_numpy(), frame["total"].fill_null(0.0).to_numpy())
    return frame.with_columns(
        pl.when(counted).then(pl.Series(low)).otherwise(pl.col("share_low")).alias("share_low"),
        pl.when(counted).then(pl.Series(high)).otherwise(pl.col("share_high")).alias("share_high"),
    )


def share_interval(own: Floats, whole: Floats) -> tuple[Floats, Floats]:
    """Central 90 % interval of own / whole, of counts (any shape); an end at which nothing or everything is own is kept."""
    a, b = own + 0.5, np.maximum(whole - own, 0.0) + 0.5
    low, high = beta_quantile(0.05, a, b), beta_quantile(0.95, a, b)
    return np.where(own <= 0, 0.0, low), np.where(own >= whole, 1.0, high)


def _basis(flows: pl.DataFrame, seen: Seen, states: Sequence[str]) -> pl.DataFrame:
    """receiver, kind, dataset, unit, and how far the measure was looked at."""
    place = {code: at for at, code in enumerate(states)}
    rows = []
    for receiver, kind, dataset, unit in (
        flows.select("receiver", *MEASURE).unique().sort("receiver", *MEASURE).iter_rows()
    ):
        looked = seen.get((kind, dataset, unit))
        part = 0.0 if looked is None or receiver not in place else float(looked.share[:, place[receiver]].sum())
        share = min(part / max(len(states) - 1, 1), 1.0)
        if share >= COVERED:
            basis = "covered"
        elif dataset.startswith(HAND_KEPT):
            basis = "recorded"
        else:
            basis = "partial" if part >= FEWEST else "unseen"
        span = (None, None, None) if looked is None else (looked.first, looked.last, looked.part)
        rows.append((receiver, kind, dataset, unit, basis, share, *span))
    schema = dict.fromkeys(("receiver", *MEASURE, "basis"), pl.String()) | {
        "seen": pl.Float64(), "covered_from": pl.Int64(), "covered_to": pl.Int64(), "covered_part": pl.Float64(),
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def with_zeros(found: pl.DataFrame, seen: Seen, states: Sequence[str], focus: Sequence[str]) -> pl.DataFrame:
    """The same, and a share of zero where a state of the focus was looked at and gave nothing to another of them."""
    place = {code: at for at, code in enumerate(states)}
    known = set(found.select("giver", "receiver", *MEASURE).iter_rows())
    each = found.filter(pl.col("receiver").is_in(list(focus)) & (pl.col("total") > 0))
    rows = []
    for row in each.unique(["receiver", *MEASURE], maintain_order=True).iter_rows(named=True):
        looked = seen.get((row["kind"], row["dataset"], row["unit"]))
        for giver in focus:
            tie = (giver, row["receiver"], row["kind"], row["dataset"], row["unit"])
            if giver == row["receiver"] or tie in known or looked is None or row["basis"] == "unseen":
                continue
            if looked.share[place[giver], place[row["receiver"]]] >= COVERED:
                nothing = dict.fromkeys(("low", "value", "high", "share", "share_low", "share_high"), 0.0)
                rows.append({**row, **nothing, "giver": giver, "acts": 0, "open": 0, "first": None, "last": None})
    extra = pl.DataFrame(rows, schema=found.schema) if rows else found.clear()
    return _sampled(pl.concat([found, extra]).sort(TIE))


def asymmetry(found: pl.DataFrame, focus: Sequence[str]) -> pl.DataFrame:
    """How much more the first state of a pair depends on the second than the second on it.

    Returns
    -------
    a, b, kind, dataset, unit, a_on_b, b_on_a, asymmetry, low, high: positive where a depends more; only measures in which
    both dependences are known.
    """
    own = found.filter(pl.col("giver").is_in(list(focus)) & pl.col("receiver").is_in(list(focus)))
    own = own.select("giver", "receiver", *MEASURE, "share", "share_low", "share_high").drop_nulls("share")
    back = own.rename({"giver": "receiver", "receiver": "giver"})
    both = own.join(back, on=["giver", "receiver", *MEASURE], suffix="_back").filter(
        pl.col("receiver") < pl.col("giver")
    )
    return both.select(
        pl.col("receiver").alias("a"),
        pl.col("giver").alias("b"),
        *MEASURE,
        pl.col("share").alias("a_on_b"),
        pl.col("share_back").alias("b_on_a"),
        (pl.col("share") - pl.col("share_back")).alias("asymmetry"),
        (pl.col("share_low").fill_null(0.0) - pl.col("share_high_back").fill_null(1.0)).alias("low"),
        (pl.col("share_high").fill_null(1.0) - pl.col("share_low_back").fill_null(0.0)).alias("high"),
    ).sort("a", "b", *MEASURE)
