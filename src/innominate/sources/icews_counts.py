"""Counts of ICEWS events that others published by pair of states: by year and quad class, by month and CAMEO root."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl

from innominate.errors import BadFile
from innominate.ledger import Imported
from innominate.sources.cameo import CONFLICT_CHANNELS, EVENT_CHANNELS, quad_channel
from innominate.sources.reading import TEXT, Column, read_csv, read_parquet, refuse_duplicates
from innominate.sources.shaping import coverage, make_acts, resolve_states, year_span

_COUNT = Column("int", low=0)
_QUAD_COLUMNS = dict(zip(("verbCoop", "matlCoop", "verbConf", "matlConf"), EVENT_CHANNELS, strict=True))
_QUAD = {"i_iso3c": TEXT, "j_iso3c": TEXT, "year": Column("year"), **dict.fromkeys(_QUAD_COLUMNS, _COUNT)}
_ROOTS = [f"root{root}" for root in range(10, 21)]
_MONTHLY = {
    "source": TEXT,
    "target": TEXT,
    "year": Column("year"),
    "month": Column("int", low=1, high=12),
    **dict.fromkeys(_ROOTS, _COUNT),
}


def read_quads(path: Path) -> Imported:
    """Yearly counts of events by quad class and ordered pair of states.

    ``kept`` counts the rows understood: those whose counts are all zero lead to no act and are plain known zeros.
    """
    name = path.name
    frame = read_parquet(path, _QUAD)
    refuse_duplicates(frame, ["i_iso3c", "j_iso3c", "year"], name)
    named = {"source": "i_iso3c", "target": "j_iso3c"}
    kept, oddities = resolve_states(frame, named, years="year", system="iso3", file=name)
    _refuse_loops(kept, name)
    long = (
        year_span(kept)
        .unpivot(list(_QUAD_COLUMNS), index=["row", "source", "target", "start", "end"], variable_name="column")
        .filter(pl.col("value") > 0)
        .with_columns(pl.col("column").replace_strict(_QUAD_COLUMNS).alias("channel"))
    )
    acts = make_acts(long, dataset="icews-quads", file=name, unit="events", directed=True, key=("channel",))
    return Imported(
        dataset="icews-quads",
        tables={"acts": acts, "coverage": _listed_coverage(kept, "icews-quads", EVENT_CHANNELS)},
        rows=frame.height,
        kept=kept.height,
        oddities=tuple(oddities),
    )


def read_conflict(path: Path) -> Imported:
    """Monthly counts of conflict events by CAMEO root (10-20) and ordered pair of states, from COW's abbreviations.

    The file says nothing on cooperation. Years before 1995 rest on far fewer sources and are a dataset of their own.
    ``kept`` counts the rows understood, including the months whose counts are all zero.
    """
    name = path.name
    frame = read_csv(path, _MONTHLY)
    refuse_duplicates(frame, ["source", "target", "year", "month"], name)
    named = frame.rename({"source": "from", "target": "to"})
    states = {"source": "from", "target": "to"}
    kept, oddities = resolve_states(named, states, years="year", system="cow-abbrev", file=name)
    _refuse_loops(kept, name)
    kept = kept.with_columns(_period(pl.col("year")).alias("dataset"))
    long = (
        kept.filter(pl.any_horizontal(pl.col(_ROOTS) > 0))
        .unpivot(_ROOTS, index=["row", "source", "target", "year", "month", "dataset"], variable_name="root")
        .filter(pl.col("value") > 0)
        .with_columns(
            pl.date("year", "month", 1).alias("start"),
            pl.date("year", "month", 1).dt.month_end().alias("end"),
            pl.col("root").str.strip_prefix("root").alias("code"),
            pl.col("dataset").alias("period"),
        )
        .with_columns(quad_channel(pl.col("code")).alias("channel"))
    )
    acts = make_acts(long, dataset="icews-conflict", file=name, unit="events", directed=True, key=("code",))
    seen = [
        _listed_coverage(rows, str(period), CONFLICT_CHANNELS)
        for (period,), rows in kept.group_by("dataset", maintain_order=True)
    ]
    return Imported(
        dataset="icews-conflict",
        tables={"acts": acts.with_columns(pl.col("period").alias("dataset")), "coverage": pl.concat(seen)},
        rows=frame.height,
        kept=kept.height,
        oddities=tuple(oddities),
    )


def _period(year: pl.Expr) -> pl.Expr:
    return pl.when(year < 1995).then(pl.lit("icews-conflict/before-1995")).otherwise(pl.lit("icews-conflict"))


def _refuse_loops(frame: pl.DataFrame, name: str) -> None:
    loop = frame.filter(pl.col("source") == pl.col("target"))
    if loop.height:
        raise BadFile(name, f"{loop['source'][0]} stands as source and target", int(loop["row"][0]))


def _listed_coverage(frame: pl.DataFrame, dataset: str, channels: Sequence[str]) -> pl.DataFrame:
    """Among the states that the file lists, in the years (months, where it has them) that it has."""
    monthly = "month" in frame.columns
    month = pl.col("month") if monthly else pl.lit(1)
    months = frame.select((pl.col("year") * 12 + month - 1).alias("n")).unique().sort("n")
    step = 1 if monthly else 12
    runs = months.with_columns((pl.col("n").diff() != step).fill_null(True).cum_sum().alias("run"))
    spans = runs.group_by("run", maintain_order=True).agg(pl.col("n").min().alias("a"), pl.col("n").max().alias("b"))
    scope = "among:" + " ".join(pl.concat([frame["source"], frame["target"]]).unique().sort())
    return pl.concat(
        coverage(dataset, channel, date(first // 12, first % 12 + 1, 1), _month_end(last + step - 1), scope)
        for channel in channels
        for _, first, last in spans.iter_rows()
    )


def _month_end(months: int) -> date:
    year, month = months // 12, months % 12 + 1
    return date(year, month, calendar.monthrange(year, month)[1])
