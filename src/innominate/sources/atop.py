"""Alliance Treaty Obligations and Provisions (ATOP) 5.1: who promised what to whom, 1815 to 2018."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl

from innominate.errors import BadFile
from innominate.ledger import Imported, Oddity
from innominate.sources.contents import read_bytes, read_zip
from innominate.sources.reading import INT, YEAR, Column, own_table, parse_csv, read_parquet, refuse_duplicates
from innominate.sources.shaping import coverage, resolve_states
from innominate.sources.spec import Form, Peek, Remote, Source

_NAME = "atop"
_FIRST, _LAST = date(1815, 1, 1), date(2018, 12, 31)
_DAY = timedelta(days=1)
_FLAG = Column("flag")
_KINDS = ("defence", "offence", "neutrality", "nonaggression", "consultation")
_MEMBER_KINDS = dict(zip(("defense", "offense", "neutral", "nonagg", "consul"), _KINDS, strict=True))
_DYAD_KINDS = dict(
    zip(("atop_defense", "atop_offense", "atop_neutral", "atop_nonagg", "atop_consul"), _KINDS, strict=True)
)
_ANNAM = 8152  # ATOP's own number for the emperor of Annam, who signed in 1874; outside every list of states
_FORMER = {"YUG": ("SRB", date(1992, 4, 27))}  # numbers that pass to another state: until whom, and from when


def _read_plain(path: Path) -> Imported:
    return _members(read_bytes(path), path.name)


def _read_archive(path: Path) -> Imported:
    return _members(next(content for _, content in read_zip(path, "atop5_1m.csv")), path.name)


def _members(content: bytes, name: str) -> Imported:
    """Spells of membership of each phase of each alliance; kept: every spell whose member is a state."""
    columns = dict.fromkeys(("atopid", "member", "phase"), INT) | {
        "yrent": YEAR,
        "moent": Column("int", low=1, high=12),
        "dayent": Column("int", null=True, low=1, high=31),
        "yrexit": Column("int", low=0, high=2100),
        "moexit": Column("int", low=0, high=12),
        "dayexit": Column("int", null=True, low=0, high=31),
    }
    frame = parse_csv(content, name, columns | dict.fromkeys(_MEMBER_KINDS, _FLAG)).rename(_MEMBER_KINDS)
    refuse_duplicates(frame, ("atopid", "member", "phase", "yrent", "moent"), name)
    rows = frame.height
    frame, vague = _dated(frame, name)
    members, lost = _resolved(frame, name)
    pairs = _pairs(members)
    commitments = pairs.join(_titles(), on="atopid", how="left", maintain_order="left").select(
        pl.format("atop:{}", "atopid").alias("treaty_id"),
        "title",
        "a",
        "b",
        "start",
        "end",
        *_KINDS,
        pl.format("ATOP 5.1, alliance {}", "atopid").alias("citation"),
        pl.lit(_NAME).alias("dataset"),
        pl.lit(name).alias("file"),
        "row",
    )
    kept = rows - sum(odd.rows for odd in lost if odd.refused)
    tables = {"commitments": commitments, "coverage": _coverage()}
    return Imported(_NAME, tables, rows, kept, oddities=(*vague, *lost))  # type: ignore[arg-type]


def _titles() -> pl.DataFrame:
    """Titles of some treaties that ATOP only numbers: atopid, title."""
    return own_table("atop_titles.csv").rename({"atop": "atopid"})


def _dated(frame: pl.DataFrame, name: str) -> tuple[pl.DataFrame, list[Oddity]]:
    """Add start and end (null: in force when the dataset ends); a month without its day counts whole."""
    open_ended = pl.col("yrexit") == 0
    vague = frame.filter(pl.col("dayent").is_null() | (pl.col("dayexit").is_null() & ~open_ended))
    month_end = pl.date("yrexit", "moexit", 1).dt.month_end()
    closing = (
        pl.when(~open_ended & (pl.col("moexit") > 0))
        .then(pl.when(pl.col("dayexit") > 0).then(pl.date("yrexit", "moexit", "dayexit")).otherwise(month_end))
        .alias("end")
    )
    try:
        frame = frame.with_columns(pl.date("yrent", "moent", pl.col("dayent").fill_null(1)).alias("start"), closing)
    except pl.exceptions.PolarsError as error:
        raise BadFile(name, f"an impossible date ({str(error).splitlines()[0]})") from None
    wrong = frame.filter(
        pl.col("start").is_null()
        | (~open_ended & pl.col("end").is_null())
        | (pl.col("end") < pl.col("start"))
        | (pl.col("start") > _LAST)
    )
    if wrong.height:
        row = wrong.row(0, named=True)
        spell = f"{row['yrent']}-{row['moent']}-{row['dayent']} to {row['yrexit']}-{row['moexit']}-{row['dayexit']}"
        raise BadFile(name, f"member {row['member']} of {row['atopid']}: impossible dates ({spell})", row["row"])
    if vague.is_empty():
        return frame, []
    return frame, [Oddity("the day is missing: the whole month counts", vague.height, False, _first(vague))]


def _resolved(frame: pl.DataFrame, name: str) -> tuple[pl.DataFrame, list[Oddity]]:
    """Add ``state``: as read when the spell begins or, for those that sign before they are states, when it ends."""
    from innominate import states

    begins = states.resolve_many(frame["member"], frame["yrent"], system="cow")
    ends = frame.select(pl.col("end").dt.year().fill_null(_LAST.year))["end"]
    frame = frame.with_columns(pl.when(begins.is_null()).then(ends).otherwise("yrent").alias("year"))
    early = frame.filter(begins.is_null() & states.resolve_many(frame["member"], ends, system="cow").is_not_null())
    frame, lost = resolve_states(frame, {"state": "member"}, years="year", system="cow", file=name, foreign=(_ANNAM,))
    if early.height:
        lost.append(Oddity("it signed before it was a state", early.height, False, _first(early)))
    frame = pl.concat([_before(frame), _after(frame)]).sort("row", "start")
    return frame, lost


def _before(frame: pl.DataFrame) -> pl.DataFrame:
    """The spells, those of a number that passes to another state cut where it passes."""
    for former, (_, when) in _FORMER.items():
        cut = (pl.col("state") == former) & (pl.col("end").is_null() | (pl.col("end") >= when))
        frame = frame.with_columns(pl.when(cut).then(when - _DAY).otherwise("end").alias("end"))
    return frame


def _after(frame: pl.DataFrame) -> pl.DataFrame:
    """What :func:`_before` cut off, under the state to which the number passed."""
    rest = []
    for former, (latter, when) in _FORMER.items():
        cut = (pl.col("state") == former) & (pl.col("end").is_null() | (pl.col("end") >= when))
        rest.append(frame.filter(cut).with_columns(pl.lit(latter).alias("state"), pl.lit(when).alias("start")))
    return pl.concat(rest)


def _pairs(members: pl.DataFrame) -> pl.DataFrame:
    """Pairs of members of the same phase for the days that both were in it; what either promises counts."""
    found = members.join(members, on=["atopid", "phase"], suffix="_b").filter(pl.col("state") < pl.col("state_b"))
    both = [pl.any_horizontal(kind, f"{kind}_b").alias(kind) for kind in _KINDS]
    return (
        found.select(
            "atopid",
            "row",
            pl.col("state").alias("a"),
            pl.col("state_b").alias("b"),
            pl.max_horizontal("start", "start_b").alias("start"),
            pl.min_horizontal("end", "end_b").alias("end"),
            *both,
        )
        .filter(pl.col("end").is_null() | (pl.col("start") <= pl.col("end")))
        .sort("atopid", "a", "b", "start", "row")
    )


def _read_dyad_years(path: Path) -> Imported:
    """Directed pair-years; runs of years with the same obligations become one commitment. Every row is kept."""
    frame = read_parquet(path, {"ccode1": INT, "ccode2": INT, "year": YEAR} | dict.fromkeys(_DYAD_KINDS, _FLAG))
    rows = frame.height
    refuse_duplicates(frame, ("ccode1", "ccode2", "year"), path.name)
    frame, lost = resolve_states(
        frame.rename(_DYAD_KINDS), {"one": "ccode1", "other": "ccode2"}, years="year", system="cow", file=path.name
    )
    frame = frame.with_columns(
        pl.min_horizontal("one", "other").alias("a"), pl.max_horizontal("one", "other").alias("b")
    )
    spells = _runs(frame)
    commitments = spells.select(
        pl.format("atop:{}-{}-{}", "a", "b", "from").alias("treaty_id"),
        "a",
        "b",
        pl.date("from", 1, 1).alias("start"),
        pl.when(pl.col("to") < _LAST.year).then(pl.date("to", 12, 31)).alias("end"),
        *_KINDS,
        pl.lit("ATOP 5.1, pair by year").alias("citation"),
        pl.lit(_NAME).alias("dataset"),
        pl.lit(path.name).alias("file"),
        "row",
    )
    tables = {"commitments": commitments, "coverage": _coverage()}
    return Imported(_NAME, tables, rows, rows - sum(odd.rows for odd in lost), oddities=tuple(lost))  # type: ignore[arg-type]


def _runs(frame: pl.DataFrame) -> pl.DataFrame:
    """Runs of years in which a pair has the same obligations in either direction: a, b, from, to, row and the kinds."""
    yearly = (
        frame.filter(pl.col("a") != pl.col("b"))
        .group_by("a", "b", "year")
        .agg(*(pl.col(kind).any() for kind in _KINDS), pl.col("row").min())
        .sort("a", "b", "year")
    )
    same = pl.struct("a", "b", *_KINDS)
    breaks = (same != same.shift(1)).fill_null(True) | (pl.col("year") != pl.col("year").shift(1) + 1)
    return (
        yearly.with_columns(breaks.cum_sum().alias("spell"))
        .group_by("spell", maintain_order=True)
        .agg(
            pl.col("a", "b", *_KINDS).first(),
            pl.col("year").min().alias("from"),
            pl.col("year").max().alias("to"),
            pl.col("row").first(),
        )
    )


def _read_alliances(path: Path) -> Imported:
    raise BadFile(
        path.name,
        "the alliance-level file does not say when members joined or left; the member-level file (atop5_1m.csv) does",
    )


def _coverage() -> pl.DataFrame:
    return coverage(_NAME, "commitments", _FIRST, _LAST)


def _first(frame: pl.DataFrame) -> tuple[int, ...]:
    return tuple(int(row) for row in frame["row"].head(5))


def _is_text(look: Peek, *columns: str) -> bool:
    return look.kind in ("text", "gzip") and look.has(*columns)


SOURCE = Source(
    name=_NAME,
    title="Alliance Treaty Obligations and Provisions (ATOP), version 5.1",
    producer="Brett Ashley Leeds and colleagues, Rice University",
    home="http://www.atopdata.org",
    licence="free for research use with citation; no licence for redistribution is stated",
    citation=(
        "Leeds, Brett Ashley, Jeffrey M. Ritter, Sara McLaughlin Mitchell and Andrew G. Long. 2002. Alliance Treaty "
        "Obligations and Provisions, 1815-1944. International Interactions 28: 237-260. Version 5.1."
    ),
    adapter_version=2,
    redistribution="ask",
    remotes=(
        Remote(
            "http://www.atopdata.org/uploads/6/9/1/3/69134503/atop_5.1__.csv_.zip", "atop_5.1_csv.zip", "member-zip"
        ),
    ),
    quirks=(
        "The data end on 2018-12-31: later years are unknown, and a commitment then in force has no end.",
        "The file numbers its treaties; the titles of some are ours (atop_titles.csv), told by members and dates.",
        "A pair is committed while both states are members of the same phase of an alliance; what either promises counts, "
        "so that a one-sided guarantee is a commitment of the pair.",
        "Some dates lack their day: the commitment then begins with the month, or ends with it.",
        "Some members signed before the lists of states have them (Jordan in 1945, Brunei in 1979): they are kept, dated as "
        "signed; those of 1815 that end before 1816 are refused.",
        "Number 345 is Yugoslavia until 1992-04-26 and Serbia from the day after: a spell across it is cut there.",
        "A treaty between the two Germanies or the two Yemens is no commitment once they are one state.",
        "The pair-by-year file gives whole years; the member-level file gives days and is preferred.",
    ),
    forms=(
        Form(
            "member-csv",
            "atop5_1m.csv: one row a member and phase of an alliance",
            lambda look: _is_text(look, "atopid", "member", "yrent", "yrexit", "defense"),
            _read_plain,
        ),
        Form(
            "member-zip",
            "the archive of ATOP 5.1 with atop5_1m.csv in it",
            lambda look: look.kind == "zip" and any(name.endswith("atop5_1m.csv") for name in look.members),
            _read_archive,
        ),
        Form(
            "dyad-year-parquet",
            "Parquet, one row a directed pair and year",
            lambda look: look.kind == "parquet" and look.has("ccode1", "ccode2", "year", *_DYAD_KINDS),
            _read_dyad_years,
            preference=1,
        ),
        Form(
            "alliance-csv",
            "the alliance-level file, which is not enough by itself",
            lambda look: _is_text(look, "atopid", "begyr", "endyr", "mem1", "mem2"),
            _read_alliances,
            preference=2,
        ),
    ),
)
