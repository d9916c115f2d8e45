"""One row a flow of UN Comtrade, where a file names a state twice in one year: by a former code and a present one, or in totals of several classifications.

A reporter's row on a former code (280, the Federal Republic of Germany until 1990; 736, the Sudan until 2011) and on the
present one (276, 729) are of different transactions, and are added up, unless they are the same figure twice, or together
more than its trade with the world; where one of the two is unknown, so is their sum. Two reports of one state for the same year, under two codes, that do not say the same
cannot be told apart: that trade is unknown.
"""

from __future__ import annotations

import polars as pl

from innominate.errors import BadFile
from innominate.ledger import Oddity
from innominate.sources.comtrade_rows import WORLD

ROUNDING = 0.5  # dollars
PARTS = 1.001  # of its trade with the world that a reporter's partners may add up to
_FLOW = ("flowCode", "freqCode", "period", "cmdCode", "scheme")
_BY_STATE = ("reporterState", "partnerState", *_FLOW)
_BY_AREA = ("reporterISO", "reporterCode", "partnerISO", "partnerCode", *_FLOW)


def one_row_a_flow(table: pl.DataFrame, file: str) -> tuple[pl.DataFrame, list[Oddity]]:
    """The rows (primaryValue in dollars, dated) with each state under one code, and what was merged or refused.

    Raises
    ------
    BadFile : where one area has two different values of one flow, or the same row stands twice
    """
    frame = _with_states(table)
    again = ~pl.struct(_BY_STATE).is_unique()
    twice = frame.filter(again)
    if twice.is_empty():
        return table, []
    oddities: list[Oddity] = []
    kept = _one_classification(frame, file, oddities)
    kept = _one_report(kept, oddities)
    kept = _one_partner(kept, oddities)
    return kept.drop("reporterState", "partnerState"), oddities


def _with_states(table: pl.DataFrame) -> pl.DataFrame:
    """Add reporterState and partnerState: the state that an area is in that year, or its own code where it is none."""
    from innominate import states

    for side in ("reporter", "partner"):
        areas = table.select(f"{side}ISO", "year").unique()
        named = states.resolve_many(areas[f"{side}ISO"], areas["year"], system="iso3")
        areas = areas.with_columns(named.alias("named"))
        areas = areas.with_columns(pl.coalesce("named", f"{side}ISO").alias(f"{side}State")).drop("named")
        table = table.join(areas, on=[f"{side}ISO", "year"], maintain_order="left")
    return table


def _one_classification(frame: pl.DataFrame, file: str, oddities: list[Oddity]) -> pl.DataFrame:
    """One of the rows that say the same in several classifications, which all have the same totals."""
    first = pl.struct(_BY_AREA).is_first_distinct()
    again = frame.filter(~first)
    if again.is_empty():
        return frame
    held = frame.filter(first).select(
        *_BY_AREA, pl.col("primaryValue").alias("first"), pl.col("classificationCode").alias("as")
    )
    both = again.join(held, on=list(_BY_AREA), nulls_equal=True, maintain_order="left")
    same_class = pl.col("classificationCode").eq_missing(pl.col("as"))
    off = (pl.col("primaryValue") - pl.col("first")).abs() > ROUNDING
    one_unknown = pl.col("primaryValue").is_null() != pl.col("first").is_null()
    differ = both.filter(same_class | one_unknown | off.fill_null(False))
    if differ.height:
        one = differ.row(0, named=True)
        told = ", ".join(
            f"{name} {one[name]}" for name in ("period", "reporterISO", "partnerISO", "flowCode", "cmdCode")
        )
        values = (_dollars(one[name]) for name in ("first", "primaryValue"))
        unlike = "" if one["primaryValue"] == one["first"] else f" with {' and '.join(values)}"
        raise BadFile(file, f"the row for {told} stands twice{unlike}", int(one["row"]))
    oddities.append(Oddity("the same total in another classification", again.height, True, _first(again)))
    return frame.filter(first)


def _dollars(value: float | None) -> str:
    return "no value" if value is None else f"{value:,.0f}"


def _one_report(frame: pl.DataFrame, oddities: list[Oddity]) -> pl.DataFrame:
    """Of a state that reports a flow under two codes: one of the reports where they say the same, and none otherwise."""
    report = ["reporterState", *_FLOW]
    codes = pl.struct("reporterISO", "reporterCode")
    double = frame.filter(codes.n_unique().over(report) > 1)
    if double.is_empty():
        return frame
    value = pl.col("primaryValue")
    alike = (
        double.group_by(*report, "partnerState", "partnerCode")
        .agg(
            codes.n_unique().alias("codes"),
            (value.max() - value.min()).fill_null(0.0).alias("off"),
            value.is_null().n_unique().alias("kinds"),
        )
        .join(double.group_by(report).agg(codes.n_unique().alias("every")), on=report)
        .with_columns(
            ((pl.col("codes") == pl.col("every")) & (pl.col("off") <= ROUNDING) & (pl.col("kinds") == 1)).alias("alike")
        )
        .group_by(report)
        .agg(pl.col("alike").all())
    )
    ranked = double.join(alike, on=report, maintain_order="left").with_columns(
        (codes == codes.first().over(report)).alias("chosen")
    )
    again = ranked.filter(pl.col("alike") & ~pl.col("chosen"))
    unknown = ranked.filter(~pl.col("alike"))
    for lost, reason in (
        (again, "the same report under another code of the state"),
        (unknown, "two reports of one state under two codes, with different figures: unknown"),
    ):
        if lost.height:
            oddities.append(Oddity(reason, lost.height, True, _first(lost)))
    return frame.filter(~pl.col("row").is_in(pl.concat([again["row"], unknown["row"]]).implode()))


def _one_partner(frame: pl.DataFrame, oddities: list[Oddity]) -> pl.DataFrame:
    """Trade with one state under several codes as one row: added up, or once where it is the same figure twice."""
    group = pl.struct(_BY_STATE)
    if frame.select(group.is_unique().all()).item():
        return frame
    report = ["reporterState", *_FLOW]
    partners = pl.col("primaryValue").filter(pl.col("partnerISO") != WORLD).sum().over(report)
    world = pl.col("primaryValue").filter(pl.col("partnerISO") == WORLD).max().over(report)
    many = (
        frame.with_columns((partners > PARTS * world + ROUNDING).fill_null(False).alias("over"))
        .filter(~group.is_unique())
        .with_columns(
            pl.when(pl.col("primaryValue").is_not_null().all().over(_BY_STATE))
            .then(pl.col("primaryValue").sum().over(_BY_STATE))
            .alias("sum"),
            pl.col("primaryValue").max().over(_BY_STATE).alias("most"),
            pl.col("primaryValue").min().over(_BY_STATE).alias("least"),
        )
    )
    once = (pl.col("over") | (pl.col("most") - pl.col("least") <= ROUNDING)) & pl.col("sum").is_not_null()
    merged = many.with_columns(pl.when(once).then("most").otherwise("sum").alias("primaryValue"))
    added = merged.filter(~once)
    repeated = merged.filter(once & ~group.is_first_distinct())
    if added.height:
        oddities.append(
            Oddity("one state under two codes, whose trade is added up", added.height, False, _first(added))
        )
    if repeated.height:
        oddities.append(
            Oddity("the same trade under another code of the state", repeated.height, True, _first(repeated))
        )
    single = merged.filter(group.is_first_distinct()).select(frame.columns)
    return pl.concat([frame.filter(group.is_unique()), single]).sort("row", maintain_order=True)


def _first(frame: pl.DataFrame) -> tuple[int, ...]:
    return tuple(int(row) for row in frame["row"].head(5))
