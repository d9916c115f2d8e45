"""Totals of gains: by giver, receiver and measure, year by year and over the whole span, with ranges.

Amounts are spread over an act's days, so that the years of a span add up to it. Levels (troops stationed, rank of
missions, workers) are averaged instead: over the years in which a dataset looked at the flow, or over the years with rows of a
ledger; a year whose value nobody knows counts for the range and not for the value.
Of several counts of the same flow (a unit that ends in ``, not additive``: running totals, say) those of the last twelve
months stand, as a range around their median. An act without an amount leaves the upper end of its total open: unknown is not zero.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from innominate.exchange.gains import MEASURE, Gains
from innominate.exchange.kinds import RUNNING
from innominate.panel.coverage import flow_mask

TIE = ("giver", "receiver", *MEASURE)
_AMOUNTS = ("low", "value", "high")


def yearly(gains: Gains) -> pl.DataFrame:
    """Gains by tie, measure and year.

    Returns
    -------
    giver, receiver, kind, dataset, unit, level, year, low, value, high, acts, open: ``open`` counts acts without an upper
    bound (then high is null); value is null where no act has one; sorted.
    """
    days = (pl.col("end") - pl.col("start")).dt.total_days() + 1
    inside = (
        gains.acts.filter(~_running())
        .with_columns(
            pl.int_ranges(
                pl.col("start").dt.year().clip(lower_bound=gains.first.year),
                pl.col("end").dt.year().clip(upper_bound=gains.last.year) + 1,
            ).alias("year")
        )
        .explode("year")
    )
    opens = pl.max_horizontal("start", pl.date("year", 1, 1))
    closes = pl.min_horizontal("end", pl.date("year", 12, 31))
    overlap = (closes - opens).dt.total_days() + 1
    in_year = pl.date("year", 12, 31).dt.ordinal_day()
    kept = pl.col("dataset").str.starts_with("acts-csv/")
    weight = (
        pl.when(pl.col("level")).then(pl.when(kept).then(1.0).otherwise(overlap / in_year)).otherwise(overlap / days)
    )
    pieces = inside.with_columns(*(pl.col(name) * weight for name in _AMOUNTS))
    mean = pl.col("level").first() & pl.col("dataset").first().str.starts_with("acts-csv/")
    known = pl.col("value").is_not_null().sum()
    added = (
        pieces.group_by(*TIE, "year")
        .agg(
            pl.col("level").first(),
            *(pl.when(mean).then(pl.col(name).mean()).otherwise(pl.col(name).sum()).alias(name) for name in _AMOUNTS),
            pl.len().cast(pl.Int64).alias("acts"),
            pl.col("high").is_null().sum().cast(pl.Int64).alias("open"),
            known.alias("known"),
        )
        .with_columns(
            pl.when(pl.col("known") > 0).then(pl.col("value")).alias("value"),
            pl.when(pl.col("open") == 0).then(pl.col("high")).alias("high"),
            pl.col("low").fill_null(0.0),
        )
        .select(*TIE, "level", "year", *_AMOUNTS, "acts", "open")
    )
    counts = gains.acts.filter(_running()).with_columns(pl.col("end").dt.year().cast(pl.Int64).alias("year"))
    counts = counts.filter(pl.col("year") <= gains.last.year)
    return pl.concat([added, _counts(counts, [*TIE, "year"]).select(added.columns)], how="vertical_relaxed").sort(
        *TIE, "year"
    )


def _running() -> pl.Expr:
    return pl.col("unit").str.ends_with(RUNNING)


def _counts(acts: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """Several counts of the same flow: from the lowest to the highest of the last twelve months, the median between."""
    late = acts.filter((pl.col("end").max().over(by) - pl.col("end")).dt.total_days() < 365)
    return late.group_by(by).agg(
        pl.lit(False).alias("level"),
        pl.col("low").min().fill_null(0.0),
        pl.col("value").median(),
        pl.when(pl.col("high").is_not_null().any()).then(pl.col("high").max()).alias("high"),
        pl.len().cast(pl.Int64).alias("acts"),
        (pl.col("high").is_null().all()).cast(pl.Int64).alias("open"),
    )


def totals(gains: Gains, by_year: pl.DataFrame) -> pl.DataFrame:
    """Gains by tie and measure over the whole span.

    Parameters
    ----------
    gains : the acts
    by_year : of :func:`yearly`

    Returns
    -------
    giver, receiver, kind, dataset, unit, level, low, value, high, acts (how many), open, first, last (days of the first
    and the last act, cut to the span); sorted.
    """
    span = _level_years(gains, by_year)
    summed = (
        by_year.filter(~_running())
        .group_by(TIE)
        .agg(
            pl.col("level").first(),
            pl.col("low").sum(),
            pl.when(pl.col("value").is_not_null().any()).then(pl.col("value").sum()).alias("value"),
            pl.when(pl.col("high").is_not_null().all()).then(pl.col("high").sum()).alias("high"),
            pl.col("open").sum(),
            pl.col("value").is_null().sum().alias("unknown"),
        )
        .join(span, on=["giver", "receiver", "kind", "dataset"], how="left")
    )
    over = pl.when(pl.col("level")).then("covered").otherwise(1)
    counted = gains.acts.group_by(TIE).agg(
        pl.col("act_id").n_unique().cast(pl.Int64).alias("acts"),
        pl.col("start").min().clip(lower_bound=gains.first).alias("first"),
        pl.col("end").max().clip(upper_bound=gains.last).alias("last"),
    )
    known = pl.when(pl.col("level")).then(pl.col("covered") - pl.col("unknown")).otherwise(1)
    parts = [summed.with_columns(pl.col("low", "high") / over, pl.col("value") / known)]
    given_by = gains.acts.filter(_running() & (pl.col("end") <= gains.last))
    parts.append(_counts(given_by, list(TIE)).drop("acts"))
    return (
        pl.concat(parts, how="diagonal_relaxed")
        .join(counted, on=list(TIE), how="left")
        .select(*TIE, "level", *_AMOUNTS, "acts", "open", "first", "last")
        .sort(TIE)
    )


def _level_years(gains: Gains, by_year: pl.DataFrame) -> pl.DataFrame:
    """giver, receiver, kind, dataset, covered: in how many years of the span a level of a tie was looked at or told of."""
    levels = gains.acts.filter("level")
    codes = pl.concat([levels["giver"], levels["receiver"]]).unique().sort().to_list()
    place = {code: k for k, code in enumerate(codes)}
    ties = levels.select("giver", "receiver", "kind", "dataset", "channel").unique().sort(pl.all())
    told = by_year.filter("level").select("giver", "receiver", "kind", "dataset", pl.col("year").cast(pl.Int64))
    looked = [told]
    for (dataset, channel), own in ties.group_by("dataset", "channel", maintain_order=True):
        rows = gains.coverage.filter((pl.col("dataset") == dataset) & (pl.col("channel") == channel))
        if rows.is_empty():
            continue
        i, j = (own[side].replace_strict(place, return_dtype=pl.Int64).to_numpy() for side in ("giver", "receiver"))
        seen = np.zeros((len(gains.years), own.height), dtype=bool)
        for scope, first, last in rows.select("scope", "first", "last").iter_rows():
            begin, stop = max(first.year, gains.first.year), min(last.year, gains.last.year) + 1
            if begin < stop:
                seen[begin - gains.first.year : stop - gains.first.year] |= flow_mask(scope, place)[i, j]
        year, tie = np.nonzero(seen)
        looked.append(
            own[tie].select(
                "giver", "receiver", "kind", "dataset", pl.Series("year", year + gains.first.year, pl.Int64)
            )
        )
    return pl.concat(looked).unique().group_by("giver", "receiver", "kind", "dataset").agg(pl.len().alias("covered"))
