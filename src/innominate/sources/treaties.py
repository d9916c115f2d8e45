"""Our own table of defence treaties: the great families since 1945, and everything that changed since 2019."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from innominate.errors import BadFile
from innominate.ledger import Imported, Oddity
from innominate.sources.reading import TEXT, TEXT_OR_NULL, Column, read_csv, refuse_duplicates
from innominate.sources.shaping import coverage, resolve_states
from innominate.sources.spec import Form, Source

FAMILIES = {  # as people call them
    "anzus": "ANZUS", "arab-league": "Arab League", "aukus": "AUKUS", "cento": "CENTO (Baghdad Pact)", "csto": "CSTO",
    "ecowas": "ECOWAS", "eu": "European Union", "fpda": "Five Power Arrangements", "gcc": "GCC", "nato": "NATO",
    "oas": "OAS", "rio": "Rio Treaty", "sadc": "SADC", "sahel": "Alliance of Sahel States", "seato": "SEATO",
    "ukraine-security": "agreements with Ukraine", "warsaw": "Warsaw Pact", "weu": "Western European Union",
}  # fmt: skip
_BILATERAL, _UPPER = "-bilateral", ("us", "uk")
_NAME = "treaties"
_COMPLETE_FROM, _LAST = date(2019, 1, 1), date(2026, 6, 30)
_KINDS = ("defence", "offence", "neutrality", "nonaggression", "consultation")
_COLUMNS = {
    "family": TEXT,
    "treaty": TEXT,
    "title": TEXT,
    "member": TEXT,
    "start": Column("date"),
    "end": Column("date", null=True),
    "binding": Column("flag"),
    "atop": Column("int", null=True),
    "citation": TEXT,
    "note": TEXT_OR_NULL,
} | dict.fromkeys(_KINDS, Column("flag"))


def family_name(family: str) -> str:
    """A family of treaties as people call it; one that is not ours by its own name."""
    if family.endswith(_BILATERAL):
        state = family.removesuffix(_BILATERAL)
        return f"{state.upper() if state in _UPPER else state.title()}, bilateral"
    return FAMILIES.get(family, family)


def _read(path: Path) -> Imported:
    """Spells of membership as commitments of pairs; kept: every spell that makes a commitment."""
    frame = read_csv(path, _COLUMNS)
    _check(frame, path.name)
    resolved, lost = resolve_states(frame, {"state": "member"}, years="start", system="iso3", file=path.name)
    if lost:
        first = frame.filter(~pl.col("row").is_in(resolved["row"].implode())).row(0, named=True)
        raise BadFile(path.name, f"{first['member']} did not exist on {first['start']}", first["row"])
    spells, silent = resolved.filter("binding"), resolved.filter(~pl.col("binding"))
    commitments = _pairs(spells).select(
        pl.concat_str(
            pl.format("{}:{}", "family", "treaty"),
            pl.when(pl.col("atop").is_not_null()).then(pl.format("=atop:{}", "atop")).otherwise(pl.lit("")),
        ).alias("treaty_id"),
        "title",
        "a",
        "b",
        "start",
        "end",
        *_KINDS,
        pl.concat_str("citation", "note", separator=" | ", ignore_nulls=True).alias("citation"),
        pl.lit(_NAME).alias("dataset"),
        pl.lit(path.name).alias("file"),
        "row",
    )
    told = tuple(int(row) for row in silent["row"].head(5))
    oddities = (Oddity("recorded, but no commitment", silent.height, True, told),) if silent.height else ()
    seen = coverage(_NAME, "commitments", _COMPLETE_FROM, _LAST)
    return Imported(
        _NAME, {"commitments": commitments, "coverage": seen}, frame.height, spells.height, oddities=oddities
    )


def _check(frame: pl.DataFrame, name: str) -> None:
    refuse_duplicates(frame, ("family", "treaty", "member", "start"), name)
    end = pl.col("end").fill_null(_LAST)
    wrong = {
        "ends before it starts": pl.col("end") < pl.col("start"),
        f"lies beyond {_LAST}": (pl.col("start") > _LAST) | (pl.col("end") > _LAST),
        "overlaps an earlier spell of the same member": (
            pl.col("start") <= end.shift(1).over("family", "treaty", "member", "binding", order_by="start")
        ).fill_null(False),
        "names its family or treaty with other signs than a-z, 0-9 and -": ~(
            pl.col("family").str.contains(r"^[a-z0-9-]+$") & pl.col("treaty").str.contains(r"^[a-z0-9-]+$")
        ),
        "binds nobody to anything": pl.col("binding") & ~pl.any_horizontal(_KINDS),
    }
    for reason, broken in wrong.items():
        found = frame.filter(broken)
        if found.height:
            row = found.row(0, named=True)
            raise BadFile(name, f"{row['member']} in {row['family']}:{row['treaty']} {reason}", row["row"])


def _pairs(spells: pl.DataFrame) -> pl.DataFrame:
    """Pairs of parties for the days that both were parties; what either promises counts."""
    found = spells.join(spells, on=["family", "treaty"], suffix="_b").filter(pl.col("state") < pl.col("state_b"))
    return (
        found.select(
            "family",
            "treaty",
            "title",
            "atop",
            "citation",
            pl.concat_str("note", "note_b", separator="; ", ignore_nulls=True)
            .str.split("; ")
            .list.unique(maintain_order=True)  # what is noted of both parties, once
            .list.join("; ")
            .replace("", None)
            .alias("note"),
            pl.col("state").alias("a"),
            pl.col("state_b").alias("b"),
            pl.max_horizontal("start", "start_b").alias("start"),
            pl.min_horizontal("end", "end_b").alias("end"),
            *(pl.any_horizontal(kind, f"{kind}_b").alias(kind) for kind in _KINDS),
            pl.max_horizontal("row", "row_b").alias("row"),
        )
        .filter(pl.col("end").is_null() | (pl.col("start") <= pl.col("end")))
        .sort("family", "treaty", "a", "b", "start")
    )


SOURCE = Source(
    name=_NAME,
    title="Defence treaties since 1945: families and recent changes",
    producer="The innominate developers",
    home="innominate/sources/data/treaties.csv",
    licence="Apache-2.0",
    citation="The innominate developers: table of defence treaties, written from the public sources cited in each row.",
    adapter_version=2,
    redistribution="figures",
    quirks=(
        "It claims to be complete for 2019-01-01 to 2026-06-30 only; for earlier years it holds the great families and the "
        "best-known bilateral treaties, and what it lacks is unknown, not absent.",
        "Dates are those of entry into force; where only the date of signature is known the note says so.",
        "Doubtful dates, contested memberships and unpublished texts are named in the note, which follows the citation.",
        "Declarations, statements and executive orders that bind nobody are recorded with binding 0 and are no commitments.",
        "The mutual assistance clause of the European Union (article 42(7), since 2009-12-01) counts as a defence obligation, "
        "in a family of its own (eu) so that it can be left out; so does the Charter of the OAS (oas).",
        "One-sided guarantees count as commitments of the pair.",
        "A treaty that ATOP holds too ends its treaty_id in =atop:NUMBER, so that the two are not taken for two treaties and "
        "an end that we record ends ATOP's as well.",
    ),
    packaged="sources/data/treaties.csv",
    forms=(
        Form(
            "table-csv",
            "one row a state's spell of membership of a treaty",
            lambda look: look.kind in ("text", "gzip") and look.has("family", "treaty", "member", "binding", "defence"),
            _read,
        ),
    ),
)
