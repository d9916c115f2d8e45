"""Vetoes in the United Nations Security Council since 1946: who cast them, alone or together."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl

from innominate.errors import BadFile
from innominate.ledger import Imported
from innominate.ledger.schemas import TableName
from innominate.sources.reading import TEXT, TEXT_OR_NULL, YEAR, Column, read_csv
from innominate.sources.shaping import coverage, make_acts, resolve_states
from innominate.sources.spec import Form, Peek, Source

_NAME, _CHANNEL, _BODY = "unsc-vetoes", "vetoes", "UNSC"
_VETOERS = ("member_veto1", "member_veto2", "member_veto3")
_FIRST = date(1946, 1, 17)  # first meeting of the Council
_TAIWAN, _PEKING = date(1950, 1, 1), date(1971, 10, 25)  # who sat for China
_DAY = timedelta(days=1)


def _read(path: Path) -> Imported:
    """Every row is kept: its vetoers as votes against, its subject as a resolution, joint vetoes as acts."""
    columns = {
        "year": YEAR,
        "date": Column("date", date_format="%m/%d/%Y"),
        "draft": TEXT,
        "agenda_item": TEXT,
        "crisis_topic": TEXT_OR_NULL,
        "member_veto1": TEXT,
        "member_veto2": TEXT_OR_NULL,
        "member_veto3": TEXT_OR_NULL,
    }
    frame = read_csv(path, columns)
    _check(frame, path.name)
    again = pl.int_range(pl.len()).over("draft") + 1
    frame = frame.with_columns(
        pl.when(again > 1).then(pl.format("{}#{}", "draft", again)).otherwise("draft").alias("vote_id")
    )
    cast = frame.unpivot(_VETOERS, index=["row", "vote_id", "date", "year"], value_name="member").drop_nulls("member")
    seat = (pl.col("member").str.strip_chars() == "China") & pl.col("date").is_between(_TAIWAN, _PEKING - _DAY)
    cast = cast.with_columns(pl.when(seat).then(pl.lit("Taiwan")).otherwise("member").alias("member"))
    cast, _ = resolve_states(cast, {"state": "member"}, years="year", system="name", file=path.name)
    strangers = cast.filter(~pl.col("state").is_in(["CHN", "FRA", "GBR", "RUS", "TWN", "USA"]))
    if strangers.height:
        raise BadFile(path.name, f"{strangers['state'][0]} has no veto", int(strangers["row"][0]))
    twice = cast.filter(~pl.struct("vote_id", "state").is_first_distinct())
    if twice.height:
        raise BadFile(path.name, f"{twice['state'][0]} vetoes twice in one row", int(twice["row"][0]))
    tables: dict[TableName, pl.DataFrame] = {
        "votes": _votes(cast, path.name),
        "resolutions": _resolutions(frame, path.name),
        "acts": _joint(cast, path.name),
        "coverage": _covered(frame["date"].to_list()),
    }
    return Imported(_NAME, tables, frame.height, frame.height)


def _check(frame: pl.DataFrame, name: str) -> None:
    """Refuse contradictory dates and rows that stand twice, but for drafts named by their meeting only."""
    wrong = frame.filter((pl.col("date").dt.year() != pl.col("year")) | (pl.col("date") < _FIRST))
    if wrong.height:
        raise BadFile(name, f"date {wrong['date'][0]} in the year {wrong['year'][0]}", int(wrong["row"][0]))
    numbered = frame.filter(~pl.col("draft").str.starts_with("S/PV."))
    twice = numbered.filter(~pl.struct("draft", "date", "agenda_item").is_first_distinct())
    if twice.height:
        raise BadFile(name, f"the veto on {twice['draft'][0]} stands twice", int(twice["row"][0]))


def _votes(cast: pl.DataFrame, name: str) -> pl.DataFrame:
    return cast.select(
        pl.lit(_BODY).alias("body"),
        "vote_id",
        "date",
        "state",
        pl.lit(-1, pl.Int8).alias("choice"),
        pl.lit(_NAME).alias("dataset"),
        pl.lit(name).alias("file"),
        "row",
    ).sort("row", "state")


def _resolutions(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    return frame.select(
        pl.lit(_BODY).alias("body"),
        "vote_id",
        "date",
        pl.col("agenda_item").alias("title"),
        pl.col("crisis_topic").alias("issue"),
        pl.lit(_NAME).alias("dataset"),
        pl.lit(name).alias("file"),
        "row",
    )


def _joint(cast: pl.DataFrame, name: str) -> pl.DataFrame:
    """Pairs of states that vetoed the same draft."""
    pairs = cast.join(cast, on=["row", "vote_id", "date"], suffix="_b").filter(pl.col("state") < pl.col("state_b"))
    return make_acts(
        pairs.select(
            "row",
            pl.col("state").alias("source"),
            pl.col("state_b").alias("target"),
            pl.col("date").alias("start"),
            pl.col("date").alias("end"),
            pl.lit(1.0).alias("value"),
            pl.col("vote_id").alias("note"),
        ).sort("row", "source", "target"),
        dataset=_NAME,
        file=name,
        unit="vetoes",
        directed=False,
        channel=_CHANNEL,
        key=("source", "target"),
    )


def _covered(dates: list[date]) -> pl.DataFrame:
    """Among the permanent members until the last veto that the file knows."""
    last = max(dates)
    spans = [(_FIRST, _TAIWAN - _DAY, "CHN"), (_TAIWAN, _PEKING - _DAY, "TWN"), (_PEKING, date.max, "CHN")]
    return pl.concat(
        [
            coverage(
                _NAME, _CHANNEL, first, min(end, last), f"among:{' '.join(sorted((seat, 'FRA', 'GBR', 'RUS', 'USA')))}"
            )
            for first, end, seat in spans
            if first <= last
        ]
    )


def _recognise(look: Peek) -> bool:
    return look.kind in ("text", "gzip") and look.has("date", "draft", "agenda_item", *_VETOERS)


SOURCE = Source(
    name=_NAME,
    title="Vetoes in the United Nations Security Council",
    producer="Dag Hammarskjöld Library, United Nations; compiled by Carlos L. Yordán, World Politics Data Lab",
    home="https://research.un.org/en/docs/sc/quick/veto",
    licence="facts published by the United Nations; the compiler states no licence",
    citation=(
        "Dag Hammarskjöld Library, United Nations, Security Council Veto List; compiled by Carlos L. Yordán, "
        "World Politics Data Lab, 2022."
    ),
    adapter_version=2,
    redistribution="ask",
    channels=(_CHANNEL,),
    quirks=(
        "Only vetoes are known: how the other members voted, and drafts that nobody vetoed, are unknown.",
        "The columns of names (member_veto1 to 3) are read; the columns of zeros and ones contradict them in 26 rows.",
        "The USSR's vetoes are Russia's; China's seat was Taiwan's from 1950 to 1971-10-24.",
        "Before 1948 drafts are named by their meeting (S/PV.49), so that several vetoes share a name: they are numbered.",
        "The list leaves out vetoed amendments (10 September 1972) and the admissions of 13 December 1955: what it lacks "
        "there is unknown.",
        "The list ends with its last veto, before that of 30 September 2022; later vetoes are unknown.",
    ),
    forms=(Form("list-csv", "one row a vetoed draft, with up to three vetoers", _recognise, _read),),
)
