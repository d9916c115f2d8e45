"""Roll-call votes in the United Nations General Assembly since 1946, compiled by Erik Voeten and colleagues."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from innominate.errors import BadFile
from innominate.ledger import Imported, Oddity
from innominate.ledger.schemas import TableName
from innominate.sources.contents import read_bytes
from innominate.sources.reading import (
    DATE,
    INT,
    TEXT_OR_NULL,
    Column,
    own_table,
    parse_csv,
    read_parquet,
    refuse_duplicates,
)
from innominate.sources.shaping import coverage_by_year, resolve_states
from innominate.sources.spec import Form, Peek, Remote, Source
from innominate.sources.streaming import header, stream_csv

if TYPE_CHECKING:
    from innominate.states import System

_NAME = "unga-votes"
_BODY = "UNGA"
_VOTE = Column("int", choices=frozenset({1, 2, 3, 8, 9}))  # yes, abstain, no, absent, not a member
_CHOICES = {1: 1, 2: 0, 3: -1}
_ABSENT = 8
_STRAY_SESSION = 78
_YUGOSLAVIA_ENDS = date(1992, 4, 27)
_TAIWAN_BEGINS = date(1950, 1, 1)
_ISSUES = {
    "me": "Palestinian conflict",
    "nu": "Nuclear weapons and nuclear material",
    "di": "Arms control and disarmament",
    "hr": "Human rights",
    "co": "Colonialism",
    "ec": "Economic development",
}
_LAST_TRUE_FLAGS = 2018  # the flags di, co and ec are wrong from 2019 on
_LATE_WRONG = ("di", "co", "ec")
_ADOPTED = r"\s*:\s*resolution\s*/\s*adopted by the General Assembly.*$"


def _read_long(path: Path) -> Imported:
    """Votes one by one, numbered by session (``resid``). Every row is kept but the second of a known duplicate."""
    frame = read_parquet(path, {"resid": Column("int", low=1001), "ccode": INT, "date": DATE, "vote": _VOTE})
    rows = frame.height
    refuse_duplicates(frame, ("resid", "ccode", "date"), path.name)
    frame, oddities = _one_date(frame, path.name)
    frame, unnumbered = _from_resid(frame)
    return _votes(frame, path.name, rows, [*oddities, *unnumbered])


def _one_date(frame: pl.DataFrame, name: str) -> tuple[pl.DataFrame, list[Oddity]]:
    """Each roll call under the date of most of its votes; strays are known in session 78 only."""
    main = (
        frame.group_by("resid", "date")
        .len()
        .sort("len", "date", descending=[True, False])
        .unique("resid", keep="first", maintain_order=True)
    )
    frame = frame.join(main.select("resid", pl.col("date").alias("main")), on="resid", maintain_order="left")
    stray = frame.filter(pl.col("date") != pl.col("main"))
    elsewhere = stray.filter(pl.col("resid") // 1000 != _STRAY_SESSION)
    if elsewhere.height:
        row = elsewhere.row(0, named=True)
        raise BadFile(name, f"roll call {row['resid']} stands under {row['main']} and {row['date']}", row["row"])
    twice = pl.struct("resid", "ccode").is_duplicated()
    if frame.filter(twice & (pl.col("vote").n_unique().over("resid", "ccode") > 1)).height:
        again = frame.filter(twice).row(-1, named=True)
        raise BadFile(name, f"state {again['ccode']} votes twice in {again['resid']}, differently", again["row"])
    doubled = twice & (pl.col("date") != pl.col("main"))
    second, oddities = frame.filter(doubled), []
    if stray.height > second.height:
        rest = stray.filter(~pl.col("row").is_in(second["row"].implode()))
        oddities.append(_oddity("the vote stands under another date than its roll call, which is taken", rest, False))
    if second.height:
        oddities.append(_oddity("the same vote stands again under another date", second, True))
    return frame.filter(~doubled).with_columns(pl.col("main").alias("date")).drop("main"), oddities


def _from_resid(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[Oddity]]:
    """Add ``vote_id``: Voeten's roll-call number (rcid), which his other files use, for the number by session."""
    runs = own_table("unga_roll_call_ids.csv").sort("resid_first")
    numbered = frame.select(pl.col("resid").unique()).sort("resid")
    numbered = numbered.join_asof(runs, left_on="resid", right_on="resid_first", check_sortedness=False)
    rcid = pl.col("rcid_first") + pl.col("resid") - pl.col("resid_first")
    known = pl.col("resid") <= pl.col("resid_last")
    other = pl.lit("resid-") + pl.col("resid").cast(pl.String)
    vote_id = pl.when(known).then(rcid.cast(pl.String)).otherwise(other).alias("vote_id")
    frame = frame.join(numbered.select("resid", vote_id), on="resid", maintain_order="left")
    strange = frame.filter(pl.col("vote_id").str.starts_with("resid-"))
    reason = "roll call later than our table of numbers: it keeps its number by session"
    return frame, [_oddity(reason, strange, False)] if strange.height else []


def _read_wide(path: Path) -> Imported:
    """One row a roll call, one column a state (ISO alpha-3). Every row is kept; 8 and 9 are no votes."""
    names, delimiter = header(path)
    states = [name for name in names if re.fullmatch(r"[A-Z]{3}", name)]
    columns = {"rcid": INT, "date": DATE} | dict.fromkeys(states, _VOTE)
    frame = parse_csv(read_bytes(path), path.name, columns, delimiter=delimiter)
    cut = (pl.col("date").dt.year() >= 2023) & (pl.col("rcid") < 1000)
    mended = frame.filter(cut)
    frame = frame.with_columns(pl.when(cut).then(pl.col("rcid") + 9000).otherwise("rcid").alias("rcid"))
    refuse_duplicates(frame, ("rcid",), path.name)
    long = frame.unpivot(states, index=["row", "rcid", "date"], variable_name="state", value_name="vote")
    yugoslav = (pl.col("state") == "SRB") & (pl.col("date") < _YUGOSLAVIA_ENDS)
    chinese = (pl.col("state") == "TWN") & (pl.col("date") < _TAIWAN_BEGINS)
    holder = pl.when(yugoslav).then(pl.lit("YUG")).when(chinese).then(pl.lit("CHN")).otherwise("state")
    long = long.filter(pl.col("vote") <= _ABSENT).with_columns(
        pl.col("rcid").cast(pl.String).alias("vote_id"), holder.alias("ccode")
    )
    oddities = [_oddity("the roll call's number has lost its leading 9, which is restored", mended, False)]
    return _votes(long, path.name, frame.height, oddities if mended.height else [], system="iso3")


def _read_original(path: Path) -> Imported:
    """Voeten's own file: votes with the description of each roll call. Every row is kept; 8 and 9 are no votes."""
    flags = {name: Column("flag", required=False, null=True) for name in _ISSUES}
    texts = {name: Column("text", required=False, null=True) for name in ("unres", "short", "descr")}
    columns = {"rcid": INT, "ccode": INT, "vote": _VOTE, "date": DATE} | flags | texts
    votes, titles, oddities = [], [], []
    for piece in stream_csv(path, columns):
        votes.append(piece.select("row", "rcid", "ccode", "date", "vote"))
        titles.append(piece.unique("rcid", keep="first", maintain_order=True))
    frame = pl.concat(votes)
    refuse_duplicates(frame, ("rcid", "ccode"), path.name)
    cut = (pl.col("date").dt.year() >= 2023) & (pl.col("rcid") < 1000)
    number = pl.when(cut).then(pl.col("rcid") + 9000).otherwise("rcid").cast(pl.String).alias("vote_id")
    mended = frame.filter(cut)
    if mended.height:
        oddities.append(_oddity("the roll call's number has lost its leading 9, which is restored", mended, False))
    imported = _votes(frame.with_columns(number), path.name, frame.height, oddities)
    rolls = pl.concat(titles).with_columns(number).unique("vote_id", keep="first", maintain_order=True)
    imported.tables["resolutions"] = _resolutions(rolls.with_columns(_flagged().alias("issue")), path.name)
    return imported


def _flagged() -> pl.Expr:
    late = pl.col("date").dt.year() > _LAST_TRUE_FLAGS
    told = [
        pl.when(pl.col(flag) & ~(late & pl.lit(flag in _LATE_WRONG))).then(pl.lit(issue))
        for flag, issue in _ISSUES.items()
    ]
    joined = pl.concat_str(told, separator="; ", ignore_nulls=True)
    return pl.when(joined != "").then(joined)


def _votes(
    frame: pl.DataFrame, name: str, rows: int, oddities: Iterable[Oddity], *, system: System = "cow"
) -> Imported:
    """The ledger's tables from rows with vote_id, ccode, date and vote."""
    members = frame.filter(pl.col("vote") <= _ABSENT).with_columns(pl.col("date").dt.year().alias("year"))
    members, lost = resolve_states(members, {"state": "ccode"}, years="year", system=system, file=name)
    cast = members.filter(pl.col("vote") != _ABSENT)
    if cast.is_empty():
        raise BadFile(name, "nobody votes in this file")
    twice = cast.filter(~pl.struct("vote_id", "state").is_first_distinct())
    if twice.height:
        row = twice.row(0, named=True)
        raise BadFile(name, f"{row['state']} votes twice in roll call {row['vote_id']}", row["row"])
    votes = cast.select(
        pl.lit(_BODY).alias("body"),
        "vote_id",
        "date",
        "state",
        pl.col("vote").replace_strict(_CHOICES, return_dtype=pl.Int8).alias("choice"),
        pl.lit(_NAME).alias("dataset"),
        pl.lit(name).alias("file"),
        "row",
    )
    last = cast["date"].max()
    seen = coverage_by_year(members, _NAME, "votes", ("state",)).with_columns(
        pl.min_horizontal("last", pl.lit(last, dtype=pl.Date)).alias("last")
    )
    tables: dict[TableName, pl.DataFrame] = {"votes": votes, "coverage": seen}
    refused = [odd.rows for odd in (*oddities, *lost) if odd.refused]
    return Imported(_NAME, tables, rows, rows - sum(refused), "votes", (*oddities, *lost))


def _read_roll_calls(path: Path) -> Imported:
    """Titles of the roll calls; every row is kept."""
    columns = {"rcid": INT, "date": DATE, "unres": TEXT_OR_NULL, "short": TEXT_OR_NULL, "descr": TEXT_OR_NULL}
    frame = read_parquet(path, columns)
    refuse_duplicates(frame, ("rcid",), path.name)
    titles = _resolutions(frame.with_columns(pl.col("rcid").cast(pl.String).alias("vote_id")), path.name)
    return Imported(_NAME, {"resolutions": titles}, frame.height, frame.height, "roll-calls")


def _resolutions(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Rows with vote_id, date, unres, short and descr as resolutions."""
    said = [
        pl.when(pl.col(column).str.strip_chars() != "").then(pl.col(column).str.replace(_ADOPTED, "").str.strip_chars())
        for column in ("short", "descr")
    ]
    symbol = pl.when(pl.col("unres").str.strip_chars() != "").then(pl.col("unres").str.strip_chars())
    title = pl.concat_str([symbol, pl.coalesce(*said)], separator=": ", ignore_nulls=True)
    return frame.select(
        pl.lit(_BODY).alias("body"),
        "vote_id",
        "date",
        pl.when(title != "").then(title).alias("title"),
        (pl.col("issue") if "issue" in frame.columns else pl.lit(None, pl.String)).alias("issue"),
        pl.lit(_NAME).alias("dataset"),
        pl.lit(name).alias("file"),
        "row",
    )


def _read_issues(path: Path) -> Imported:
    """What the roll calls are about; every row is kept, a roll call's several issues in one line."""
    frame = read_parquet(
        path, {"rcid": INT, "short_name": Column("text", choices=frozenset(_ISSUES)), "issue": Column("text")}
    )
    refuse_duplicates(frame, ("rcid", "short_name"), path.name)
    issues = (
        frame.with_columns(pl.col("short_name").replace_strict(_ISSUES).alias("issue"))
        .group_by("rcid", maintain_order=True)
        .agg(pl.col("issue").sort().str.join("; "), pl.col("row").first())
        .select(
            pl.lit(_BODY).alias("body"),
            pl.col("rcid").cast(pl.String).alias("vote_id"),
            "issue",
            pl.lit(_NAME).alias("dataset"),
            pl.lit(path.name).alias("file"),
            "row",
        )
    )
    return Imported(_NAME, {"resolutions": issues}, frame.height, frame.height, "issues")


def _oddity(reason: str, rows: pl.DataFrame, refused: bool) -> Oddity:
    return Oddity(reason, rows.height, refused, tuple(int(row) for row in rows["row"].head(5)))


def _is_wide(look: Peek) -> bool:
    return (
        look.kind in ("text", "gzip") and look.has("rcid", "date", "USA", "GBR", "IND") and "ccode" not in look.columns
    )


SOURCE = Source(
    name=_NAME,
    title="United Nations General Assembly Voting Data",
    producer="Erik Voeten, Anton Strezhnev and Michael Bailey",
    home="https://dataverse.harvard.edu/dataset.xhtml?persistentId=doi:10.7910/DVN/LEJUQZ",
    licence="CC0 1.0",
    citation=(
        "Voeten, Erik; Strezhnev, Anton; Bailey, Michael, 2009, United Nations General Assembly Voting Data, "
        "Harvard Dataverse, https://doi.org/10.7910/DVN/LEJUQZ. Michael A. Bailey, Anton Strezhnev and Erik Voeten, "
        "2017, Estimating Dynamic State Preferences from United Nations Voting Data, Journal of Conflict Resolution 61."
    ),
    adapter_version=1,
    redistribution="figures",
    remotes=(Remote("https://dataverse.harvard.edu/api/access/datafile/9656257", "UNVotes.csv", "original-csv"),),
    channels=("votes",),
    quirks=(
        "A vote that was not cast (8) is unknown for that vote and no row; 9 says that the state was no member.",
        "In the dates before 1997 and in some until 2000 the day is no day of the month: year and month can be relied on.",
        "session_year 2022 holds two sessions; the date is used instead.",
        "In session 78 some votes stand under another date than their roll call: the date of most of its votes is taken; "
        "three of them stand under both dates and are taken once.",
        "Four roll calls of session 78 have lost the leading 9 of their number (411, 427, 449, 495), which is restored.",
        "The session of 1964 has one vote, cast in 1965.",
        "In the file with one column a state, the column of Serbia is Yugoslavia's until 1992-04-26 and that "
        "of Taiwan China's until 1949; the states that are no more (East Germany, Czechoslovakia, South Yemen) have no column.",
        "The flags for disarmament, colonialism and development are wrong from 2019 on and are left out there.",
        "The file numbered by session (resid) leaves out Ukraine and Belarus before 1991 and China's votes in November "
        "1971: they are unknown.",
        "The file numbered by session (resid) leaves out votes on paragraphs; its numbers are turned into Voeten's own (rcid) "
        "by a table that we made by comparing the two files vote by vote.",
    ),
    forms=(
        Form(
            "original-csv",
            "Voeten's UNVotes.csv: one row a state and roll call, with descriptions",
            lambda look: look.kind in ("text", "gzip", "zip") and look.has("rcid", "ccode", "vote", "date"),
            _read_original,
        ),
        Form(
            "long-parquet",
            "Parquet, one row a vote cast, numbered by session (resid)",
            lambda look: look.kind == "parquet" and look.has("resid", "ccode", "date", "vote"),
            _read_long,
            preference=1,
        ),
        Form("wide-csv", "one row a roll call, one column a state (ISO alpha-3)", _is_wide, _read_wide, preference=2),
        Form(
            "roll-calls-parquet",
            "titles and dates of the roll calls",
            lambda look: look.kind == "parquet" and look.has("rcid", "unres", "short", "descr", "date"),
            _read_roll_calls,
            supplies="unga-roll-calls",
        ),
        Form(
            "issues-parquet",
            "issues of the roll calls",
            lambda look: look.kind == "parquet" and look.has("rcid", "short_name", "issue"),
            _read_issues,
            supplies="unga-issues",
        ),
    ),
)
