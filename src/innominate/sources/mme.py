"""Multinational military exercises, 1980-2010: who exercised with whom.

One row is a participant of an exercise. An exercise becomes one undirected act for every pair of its participants, dated
from its first to its last day; the code is the exercise's number, so that the acts of one exercise can be put together
again (who acts k at a time).
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from innominate.errors import BadFile
from innominate.ledger import Imported, Oddity
from innominate.sources.reading import TEXT, TEXT_OR_NULL, YEAR, Column, read_csv
from innominate.sources.shaping import coverage, make_acts, resolve_states, states_only
from innominate.sources.spec import Form, Peek, Source

NAME = "mme"
FIRST, LAST = 1980, 2010
MOST_TWINS = 0.02  # of a file: more participants than that listed twice is no quirk but a damaged file
FOREIGN = ("-9", "NATO", "Baltic States")
_MONTH = Column("int", null=True, low=1, high=12)
_COLUMNS = {
    "MMEID": TEXT,
    "Ex_Name": TEXT_OR_NULL,
    "country": TEXT,
    "year": YEAR,
    "s.month": _MONTH,
    "s.day": Column("int", null=True, low=1, high=31),
    "e.year": Column("int", null=True, low=FIRST, high=LAST + 1),
    "e.month": _MONTH,
    "e.day": Column("int", null=True, low=1, high=31),
}


def read(path: Path) -> Imported:
    """The long table of participants as CSV.

    Kept are rows whose participant is a known state, once an exercise and year; an exercise of one known state is kept
    and becomes no act.
    """
    rows = read_csv(path, _COLUMNS, missing=("", "NA", "xx"))
    outside = rows.filter((pl.col("year") < FIRST) | (pl.col("year") > LAST))
    if outside.height:
        raise BadFile(path.name, f"column year: {outside['year'][0]} is outside {FIRST}-{LAST}", outside["row"][0])
    known, oddities = resolve_states(
        rows, {"state": "country"}, years="year", system="name", file=path.name, foreign=FOREIGN
    )
    known, dependent = states_only(known, ("state",))
    first = pl.struct("MMEID", "year", "state").is_first_distinct()
    twins = known.filter(~first)
    if twins.height > MOST_TWINS * rows.height:
        raise BadFile(path.name, f"{twins['country'][0]} is listed twice in one exercise", twins["row"][0])
    if twins.height:
        told = tuple(int(row) for row in twins["row"].head(5))
        oddities.append(Oddity("the participant is listed twice in one exercise", twins.height, True, told))
    participants = _dated(known.filter(first), path.name)
    return Imported(
        dataset=NAME,
        tables={
            "acts": _acts(participants, path.name),
            "coverage": coverage(NAME, "exercises", date(FIRST, 1, 1), date(LAST, 12, 31)),
        },
        rows=rows.height,
        kept=participants.height,
        oddities=(*oddities, *dependent),
    )


def _dated(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    """First and last day of the exercise; where the day or month is not known, the widest span that fits."""
    last_year = pl.col("e.year").fill_null(pl.col("year"))
    last_month = pl.col("e.month").fill_null(pl.when(pl.col("s.month").is_null()).then(12).otherwise("s.month"))
    start = _day(pl.col("year"), pl.col("s.month").fill_null(1), pl.col("s.day").fill_null(1))
    end = (
        pl.when(pl.col("e.day").is_not_null())
        .then(_day(last_year, last_month, pl.col("e.day")))
        .otherwise(_day(last_year, last_month, pl.lit(1)).dt.month_end())
    )
    dated = rows.with_columns(start.alias("start"), end.alias("end"))
    wrong = dated.filter(pl.col("start").is_null() | pl.col("end").is_null())
    if wrong.height:
        raise BadFile(name, "the exercise starts or ends on a day that does not exist", wrong["row"][0])
    # the provider's end is sometimes before its start (day and month swapped): then the start alone is taken
    return dated.with_columns(pl.max_horizontal("start", "end").alias("end"))


def _day(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Expr:
    """The date, null where there is no such day."""
    text = pl.concat_str([year.cast(pl.String), month.cast(pl.String), day.cast(pl.String)], separator="-")
    return text.str.to_date("%Y-%m-%d", strict=False)


def _acts(rows: pl.DataFrame, file: str) -> pl.DataFrame:
    pairs = rows.join(rows, on=["MMEID", "year"], suffix="_other").filter(pl.col("state") < pl.col("state_other"))
    frame = pairs.select(
        pl.col("state").alias("source"),
        pl.col("state_other").alias("target"),
        pl.min_horizontal("start", "start_other").alias("start"),
        pl.max_horizontal("end", "end_other").alias("end"),
        pl.lit(1.0).alias("value"),
        pl.col("MMEID").alias("code"),
        pl.col("Ex_Name").alias("note"),
        "row",
    ).sort("row", "target")
    return make_acts(
        frame, dataset=NAME, file=file, unit="exercises", directed=False, channel="exercises", key=("target",)
    )


def _recognise(look: Peek) -> bool:
    return look.kind in ("text", "gzip") and look.has("MMEID", "gwcode", "s.month", "e.day")


SOURCE = Source(
    name=NAME,
    title="Multinational Military Exercises, version 7",
    producer="Jordan Bernhardt",
    home="https://doi.org/10.7910/DVN/PREOIL",
    licence="Harvard Dataverse; ask before passing figures on",
    citation=(
        "Bernhardt, Jordan. 2020. Joint Military Exercises Dataset, version 7. "
        "With Lauren Sukin: Joint Military Exercises and Crisis Dynamics on the Korean Peninsula, "
        "Journal of Conflict Resolution 65(5), 2021."
    ),
    adapter_version=1,
    channels=("exercises",),
    forms=(Form("participants-csv", "one row a participant (CSV: MMEID, country, s.month, …)", _recognise, read),),
    quirks=(
        "208 rows do not say who took part (-9), three name NATO or the Baltic States: refused and counted.",
        "A participant listed twice in one exercise and year counts once.",
        "Days given as xx are unknown: the exercise is taken to last over the whole month.",
        "Seven exercises run over two years and are taken as one exercise in each.",
        "Ends in 2010: afterwards unknown, not zero.",
    ),
)
