"""UCDP/PRIO Armed Conflict Dataset: who fought whom, and who sent troops to whose side, since 1946.

One row is a conflict in a year. Two channels come of it:

- ``troop-support``: a secondary warring party that is a state sends troops to fight on the side of a primary party that
  is a state; one directed act (supporter → supported) for each conflict and year. Two supporters of one side do not
  become acts between themselves.
- ``war``: in interstate conflicts (type 2) the primary parties of one side against the primary parties of the other,
  and the secondary parties of a side against the primary parties of the other; the code is the intensity level
  (1: 25 to 999 battle-related deaths in the year, 2: 1,000 and more).

Kept are all conflict-years whose primary parties that count as governments are states here; a civil war without foreign
troops is kept and becomes no act.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from innominate.errors import BadFile
from innominate.ledger import Imported, Oddity
from innominate.sources.contents import read_table_bytes
from innominate.sources.reading import TEXT, TEXT_OR_NULL, YEAR, Column, parse_csv, refuse_duplicates
from innominate.sources.shaping import coverage, make_acts, resolve_states, year_span
from innominate.sources.spec import Form, Peek, Remote, Source

NAME = "ucdp-conflict"
FIRST_YEAR = 1946
HYDERABAD = 751  # Gleditsch-Ward code of a princely state that fought India in 1947-1948

SIDES = ("gwno_a", "gwno_a_2nd", "gwno_b", "gwno_b_2nd")
_COLUMNS = {
    "conflict_id": TEXT,
    "location": TEXT,
    "year": YEAR,
    "type_of_conflict": Column("int", choices=frozenset({1, 2, 3, 4})),
    "intensity_level": Column("int", choices=frozenset({1, 2})),
    "gwno_a": TEXT,
    "gwno_a_2nd": TEXT_OR_NULL,
    "gwno_b": TEXT_OR_NULL,
    "gwno_b_2nd": TEXT_OR_NULL,
}
_LIST = r"^\s*\d{1,4}(\s*,\s*\d{1,4})*\s*$"
INTERSTATE = 2


def read(path: Path) -> Imported:
    """The conflict-year table as CSV, plain, gzipped or in the zip archive that UCDP serves."""
    name, content = read_table_bytes(path, "conflict_id", "gwno_a_2nd")
    conflicts = parse_csv(content, name, _COLUMNS)
    refuse_duplicates(conflicts, ("conflict_id", "year"), name)
    early = conflicts.filter(pl.col("year") < FIRST_YEAR)
    if early.height:
        raise BadFile(name, f"column year: {early['year'][0]} is before {FIRST_YEAR}", int(early["row"][0]))
    parties, oddities = _parties(conflicts, name)
    support, war = _support(parties), _war(parties)
    acts = pl.concat([support, war]).with_columns(
        (pl.lit("conflict ") + pl.col("conflict_id") + pl.lit(" in ") + pl.col("location")).alias("note")
    )
    refused = sum(odd.rows for odd in oddities if odd.refused)
    return Imported(
        dataset=NAME,
        tables={"acts": _acts(acts, path.name), "coverage": _coverage(conflicts)},
        rows=conflicts.height,
        kept=conflicts.height - refused,
        oddities=tuple(oddities),
    )


def _parties(conflicts: pl.DataFrame, name: str) -> tuple[pl.DataFrame, list[Oddity]]:
    """One row for each conflict-year, side and state on it; conflict-years of a government that is no state drop out."""
    long = pl.concat([_listed(conflicts, side, name) for side in SIDES])
    lost = long.filter(pl.col("code") == HYDERABAD)["row"].unique().sort()
    oddities = []
    if lost.len():
        oddities.append(
            Oddity("the party is no state here (Hyderabad)", lost.len(), True, tuple(int(row) for row in lost.head(5)))
        )
    known, outside = resolve_states(
        long.filter(~pl.col("row").is_in(lost.implode())), {"state": "code"}, years="year", system="gw", file=name
    )
    oddities += [Oddity(odd.reason + "; the party is left out", odd.rows, False, odd.first) for odd in outside]
    rebels = conflicts.filter(pl.col("gwno_b").is_null() & pl.col("gwno_b_2nd").is_not_null())
    if rebels.height:
        first = tuple(int(row) for row in rebels["row"].head(5))
        reason = "troops sent to fight on the side of rebels: no act between states"
        oddities.append(Oddity(reason, rebels.height, False, first))
    return known, oddities


def _listed(conflicts: pl.DataFrame, side: str, name: str) -> pl.DataFrame:
    wrong = conflicts.filter(~pl.col(side).str.contains(_LIST))
    if wrong.height:
        value = wrong[side][0]
        raise BadFile(name, f"column {side}: {value[:60]!r} is no list of Gleditsch-Ward codes", int(wrong["row"][0]))
    listed = conflicts.select(
        "row",
        "conflict_id",
        "location",
        "year",
        "type_of_conflict",
        "intensity_level",
        pl.lit(side).alias("side"),
        pl.col(side).str.split(",").alias("code"),
    )
    return (
        listed.explode("code")
        .drop_nulls("code")
        .with_columns(pl.col("code").str.strip_chars().cast(pl.Int64))
        .unique(["row", "code"], maintain_order=True)
    )


def _meeting(parties: pl.DataFrame, left: str, right: str) -> pl.DataFrame:
    """Every state on side `left` beside every state on side `right` of the same conflict-year."""
    shown = ["row", "conflict_id", "location", "year", "type_of_conflict", "intensity_level", "state"]
    ours = parties.filter(pl.col("side") == left).select(shown).rename({"state": "source"})
    theirs = parties.filter(pl.col("side") == right).select("row", pl.col("state").alias("target"))
    return ours.join(theirs, on="row", maintain_order="left_right").filter(pl.col("source") != pl.col("target"))


def _support(parties: pl.DataFrame) -> pl.DataFrame:
    sent = pl.concat([_meeting(parties, f"gwno_{side}_2nd", f"gwno_{side}") for side in "ab"])
    return sent.with_columns(
        pl.lit("troop-support").alias("channel"), pl.lit(True).alias("directed"), pl.lit(None, pl.String).alias("code")
    )


def _war(parties: pl.DataFrame) -> pl.DataFrame:
    between = parties.filter(pl.col("type_of_conflict") == INTERSTATE)
    fought = pl.concat(
        [
            _meeting(between, "gwno_a", "gwno_b"),
            _meeting(between, "gwno_a_2nd", "gwno_b"),
            _meeting(between, "gwno_b_2nd", "gwno_a"),
        ]
    )
    return fought.with_columns(
        pl.lit("war").alias("channel"),
        pl.lit(False).alias("directed"),
        pl.col("intensity_level").cast(pl.String).alias("code"),
    )


def _acts(frame: pl.DataFrame, file: str) -> pl.DataFrame:
    ready = year_span(frame).with_columns(pl.lit(1.0).alias("value"))
    made = [
        make_acts(
            ready.filter(pl.col("directed") == directed),
            dataset=NAME,
            file=file,
            unit="conflict-years",
            directed=directed,
            key=("channel", "source", "target"),
        )
        for directed in (True, False)
    ]
    return pl.concat(made)


def _coverage(conflicts: pl.DataFrame) -> pl.DataFrame:
    last = date(conflicts.get_column("year").max(), 12, 31)  # type: ignore[arg-type]
    first = date(FIRST_YEAR, 1, 1)
    return pl.concat([coverage(NAME, channel, first, last) for channel in ("troop-support", "war")])


def _recognise(look: Peek) -> bool:
    if look.kind == "zip":
        plain = [member.lower().replace("-", "").replace("_", "") for member in look.members]
        return any(("ucdpprioconflict" in member or "ucdpprioacd" in member) for member in plain)
    return look.has("conflict_id", "side_a_2nd", "gwno_a", "gwno_b_2nd", "type_of_conflict", "intensity_level")


SOURCE = Source(
    name=NAME,
    title="UCDP/PRIO Armed Conflict Dataset",
    producer="Uppsala Conflict Data Program, Uppsala University, and Peace Research Institute Oslo",
    home="https://ucdp.uu.se/downloads/",
    licence="CC BY 4.0",
    citation="Davies, Shawn, Garoun Engström, Therése Pettersson, and Magnus Öberg. 2024. Organized violence 1989-2023, "
    "and the prevalence of organized crime groups. Journal of Peace Research 61(4): 673-693; Gleditsch, Nils Petter, "
    "Peter Wallensteen, Mikael Eriksson, Margareta Sollenberg, and Håvard Strand. 2002. Armed Conflict 1946-2001: A New "
    "Dataset. Journal of Peace Research 39(5): 615-637.",
    adapter_version=1,
    redistribution="figures",
    channels=("troop-support", "war"),
    remotes=(
        Remote(
            url="https://ucdp.uu.se/downloads/ucdpprio/ucdp-prio-acd-241-csv.zip",
            name="ucdp-prio-acd-241-csv.zip",
            form="conflict-year-csv",
        ),
    ),
    forms=(
        Form(
            name="conflict-year-csv",
            describes="conflict-year table of the UCDP/PRIO Armed Conflict Dataset as CSV or zipped CSV (version 18 and later)",
            recognise=_recognise,
            read=read,
        ),
    ),
    quirks=(
        "Several states on one side stand in one cell, separated by commas: each becomes a party of its own.",
        "Codes are Gleditsch-Ward's; Hyderabad (751, 1947-1948) is no state here and its conflict-years are refused.",
        "Troops on the side of rebels support nobody who is a state: these conflict-years are kept and counted, and "
        "their supporters of the rebels become no act.",
        "An intrastate conflict with foreign troops on the rebels' side (type 4) is no war between states in UCDP's "
        "terms, and none here.",
        "Conflicts under 25 battle-related deaths in a year have no row; they are zeros in UCDP's sense of the word.",
    ),
)
