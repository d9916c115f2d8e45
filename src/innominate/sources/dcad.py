"""Bilateral defence cooperation agreements, 1980 to 2010 (DCAD)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from innominate.errors import BadFile
from innominate.ledger import Imported, Oddity
from innominate.sources.contents import read_bytes, read_zip
from innominate.sources.reading import INT, TEXT, TEXT_OR_NULL, Column, parse_csv, refuse_duplicates
from innominate.sources.shaping import coverage, make_acts, resolve_states
from innominate.sources.spec import Form, Remote, Source

_NAME, _CHANNEL = "dcad", "defence-agreements"
_FIRST, _LAST = 1980, 2010
_MEMBER = "DCAD-v1.0-main.csv"
_MONTH, _DAY = Column("int", null=True, low=1, high=12), Column("int", null=True, low=1, high=31)
_COLUMNS = {
    "ccode1": INT,
    "ccode2": INT,
    "cowName1": TEXT_OR_NULL,
    "cowName2": TEXT_OR_NULL,
    "signDay": _DAY,
    "signMonth": _MONTH,
    "signYear": Column("int", low=_FIRST, high=_LAST),
    "EIFDay": _DAY,
    "EIFMonth": _MONTH,
    "EIFYear": Column("int", null=True, low=_FIRST, high=2100),
    "type": Column("text", choices=frozenset({"general", "sector"})),
    "category1": TEXT_OR_NULL,
    "endYearEstimate": Column("int", low=_FIRST, high=_LAST),
    "DCAid": TEXT,
}
_CODES_OF_MISSING = ("", "NA", "-44", "-55", "-56", "-57", "-58", "-66", "-77", "-88", "-99")


def _read_plain(path: Path) -> Imported:
    return _agreements(read_bytes(path), path.name)


def _read_archive(path: Path) -> Imported:
    return _agreements(next(content for _, content in read_zip(path, _MEMBER)), path.name)


def _agreements(content: bytes, name: str) -> Imported:
    """Agreements as acts that last; kept: every agreement between states that was in force before the data end."""
    frame = parse_csv(content, name, _COLUMNS, missing=_CODES_OF_MISSING)
    rows = frame.height
    refuse_duplicates(frame, ("DCAid",), name)
    frame, oddities = _dated(frame, name)
    for column in ("ccode1", "ccode2"):
        czechoslovak = (pl.col(column) == 316) & (pl.col("year") < 1993)
        frame = frame.with_columns(pl.when(czechoslovak).then(315).otherwise(column).alias(column))
    frame, lost = resolve_states(frame, {"source": "ccode1", "target": "ccode2"}, years="year", system="cow", file=name)
    oddities += lost
    frame, mended = _by_abbreviation(frame)
    oddities += mended
    itself = frame.filter(pl.col("source") == pl.col("target"))
    if itself.height:
        oddities.append(Oddity("both parties are the same state", itself.height, True, _first(itself)))
    frame = frame.filter(pl.col("source") != pl.col("target"))
    acts = make_acts(
        frame.with_columns(
            pl.lit(1.0).alias("value"),
            pl.col("category1").alias("code"),
            pl.concat_str("type", "DCAid", separator=" agreement ").alias("note"),
        ),
        dataset=_NAME,
        file=name,
        unit="agreements in force",
        directed=False,
        channel=_CHANNEL,
    )
    wanted = ["act_id", "source", "target", "start", "end", "channel", "directed", "value", "unit", "code", "dataset"]
    seen = coverage(_NAME, _CHANNEL, date(_FIRST, 1, 1), date(_LAST, 12, 31))
    kept = rows - sum(odd.rows for odd in oddities if odd.refused)
    tables = {"acts": acts.select(*wanted, "file", "row", "note"), "coverage": seen}
    return Imported(_NAME, tables, rows, kept, oddities=tuple(oddities))  # type: ignore[arg-type]


def _by_abbreviation(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[Oddity]]:
    """Where a party's number contradicts its abbreviation, take the abbreviation."""
    from innominate import states

    contradicted = pl.Series("contradicted", [False]).new_from_index(0, frame.height)
    for code, column in {"source": "cowName1", "target": "cowName2"}.items():
        named = states.resolve_many(frame[column], frame["year"], system="cow-abbrev")
        differs = (named != frame[code]).fill_null(False)
        contradicted = contradicted | differs
        frame = frame.with_columns(pl.when(differs).then(named).otherwise(code).alias(code))
    wrong = frame.filter(contradicted)
    reason = "number and abbreviation name different states: the abbreviation is taken"
    return frame, [Oddity(reason, wrong.height, False, _first(wrong))] if wrong.height else []


def _dated(frame: pl.DataFrame, name: str) -> tuple[pl.DataFrame, list[Oddity]]:
    """Add start, end and year: in force from entry into force, else from signature, to the provider's estimate."""
    oddities = []
    early = frame.filter(pl.col("EIFYear") < pl.col("signYear"))
    late = frame.filter(pl.col("EIFYear") > _LAST)
    if early.height:
        reason = "it enters into force before it is signed: signature is taken"
        oddities.append(Oddity(reason, early.height, False, _first(early)))
    if late.height:
        oddities.append(Oddity("it enters into force after the data end", late.height, True, _first(late)))
    frame = frame.filter((pl.col("EIFYear") <= _LAST) | pl.col("EIFYear").is_null())
    in_force = pl.col("EIFYear").is_not_null() & (pl.col("EIFYear") >= pl.col("signYear"))
    parts = {
        part: pl.when(in_force).then(f"EIF{part}").otherwise(f"sign{part}").alias(part.lower())
        for part in ("Year", "Month", "Day")
    }
    frame = frame.with_columns(*parts.values())
    vague = frame.filter(pl.col("month").is_null() | pl.col("day").is_null())
    if vague.height:
        reason = "the day or month is missing: the agreement counts from the first day of the month or year"
        oddities.append(Oddity(reason, vague.height, False, _first(vague)))
    day = pl.when(pl.col("month").is_null()).then(1).otherwise(pl.col("day").fill_null(1))
    calendar = pl.format("{}-{}-{}", "year", pl.col("month").fill_null(1), day)
    frame = frame.with_columns(
        calendar.str.to_date("%Y-%m-%d", strict=False).alias("start"), pl.date("endYearEstimate", 12, 31).alias("end")
    )
    for reason, broken in {
        "has a date that does not exist": pl.col("start").is_null(),
        "ends before it starts": pl.col("end") < pl.col("start"),
    }.items():
        wrong = frame.filter(broken)
        if wrong.height:
            raise BadFile(name, f"agreement {wrong['DCAid'][0]} {reason}", int(wrong["row"][0]))
    return frame, oddities


def _first(frame: pl.DataFrame) -> tuple[int, ...]:
    return tuple(int(row) for row in frame["row"].head(5))


SOURCE = Source(
    name=_NAME,
    title="Defense Cooperation Agreement Dataset (DCAD), version 1.0",
    producer="Brandon J. Kinne, University of California, Davis",
    home="https://correlatesofwar.org/data-sets/defense-cooperation-agreement-dataset/",
    licence="free for research use with citation; no licence for redistribution is stated",
    citation=(
        "Kinne, Brandon J. 2020. The Defense Cooperation Agreement Dataset (DCAD). Journal of Conflict Resolution 64: "
        "729-755."
    ),
    adapter_version=1,
    redistribution="ask",
    remotes=(Remote("https://correlatesofwar.org/wp-content/uploads/kinne_dca.zip", "kinne_dca.zip", "main-zip"),),
    channels=(_CHANNEL,),
    quirks=(
        "An agreement counts from its entry into force, from its signature where entry into force is not known, to the end "
        "of the year in which the provider estimates that it ended (endYearEstimate); 2010 means in force when the data end.",
        "Two rows give a number that contradicts the abbreviation (Bolivia's for Venezuela, Syria's for Egypt): the "
        "abbreviation is taken.",
        "Two rows name one state twice (Mozambique, India): they are refused.",
        "Agreements that entered into force after 2010 are refused and counted.",
        "One agreement enters into force before it is signed (2002, 2004): signature is taken.",
        "Where the day or month is missing the first day of the month or year is taken.",
        "The numbers -44 to -99 are codes for missing or not applicable.",
        "The Czech number 316 before 1993 means Czechoslovakia; Brunei's agreement of 1981, before its independence, is refused.",
    ),
    forms=(
        Form(
            "main-csv",
            "DCAD-v1.0-main.csv, one row an agreement",
            lambda look: look.kind in ("text", "gzip") and look.has("ccode1", "ccode2", "signYear", "EIFYear", "DCAid"),
            _read_plain,
        ),
        Form(
            "main-zip",
            "the archive kinne_dca.zip with DCAD-v1.0-main.csv in it",
            lambda look: look.kind == "zip" and any(each.endswith(_MEMBER) for each in look.members),
            _read_archive,
        ),
    ),
)
