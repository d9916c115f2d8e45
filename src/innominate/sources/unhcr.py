"""UNHCR's Refugee Data Finder: how many people of each origin a country of asylum gives refuge, at the end of each year.

A flow runs from the state of origin (source) to the state of asylum (target): that a state shelters those who flee
another says something about both. The value is the stock of refugees under UNHCR's mandate, people in refugee-like
situations included, but neither asylum-seekers nor other people in need of international protection.
"""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl

from innominate.errors import BadFile
from innominate.ledger import Imported, Oddity
from innominate.sources.contents import read_bytes, read_zip
from innominate.sources.peeking import member_head
from innominate.sources.reading import TEXT, YEAR, Column, parse_csv, read_parquet, refuse_duplicates
from innominate.sources.shaping import make_acts, resolve_states, states_only, year_span
from innominate.sources.spec import Form, Peek, Remote, Source

DATASET = "unhcr"
# stateless, unknown or various, Tibetan: UNHCR's own codes and the ISO 3166 user-assigned ones
NO_STATE = ("STA", "XXA", "UKN", "UNK", "VAR", "TIB")
UNKNOWN = ("UKN", "UNK", "VAR")
UNKNOWN_SHARE = 0.05  # of a country's refugees, above which an absent origin may hide among the unknown

# UNHCR files former federations under today's name of their largest part: (code, last year, the state that is meant)
_FORMER = (("SRB", 1991, "YUG"), ("CZE", 1992, "CSK"))

_COLUMNS = {"year": YEAR, "coo_iso": TEXT, "coa_iso": TEXT, "refugees": Column("int", low=0, null=True)}
_HEADER = re.compile(rb'^"?Year *"?,.*Country of origin \(ISO\).*$', re.MULTILINE)
_RENAMED = {
    "Year": "year",
    "Country of origin (ISO)": "coo_iso",
    "Country of asylum (ISO)": "coa_iso",
    "Refugees under UNHCR's mandate": "refugees",
    "Refugees": "refugees",
}
_MISSING = ("", "-", "NA")


def read_copy(path: Path) -> Imported:
    """The Parquet table of year-end populations (columns year, coo_iso, coa_iso, refugees)."""
    return _imported(read_parquet(path, _COLUMNS), path.name)


def read_download(path: Path) -> Imported:
    """The CSV that the Refugee Data Finder offers for download, or the zip archive that it comes in."""
    with path.open("rb") as stream:
        packed = stream.read(4) == b"PK\x03\x04"
    name, content = path.name, b""
    if packed:
        for member, inside in read_zip(path, ".csv"):
            if _HEADER.search(inside[: 1 << 14]):
                name, content = f"{path.name}/{member}", inside
                break
    else:
        content = read_bytes(path)
    found = _HEADER.search(content[: 1 << 14])
    if found is None:
        raise BadFile(name, "lacks a header with Year and Country of origin (ISO)", 1)
    above = content.count(b"\n", 0, found.start())
    fields = [field.strip(' "\r') for field in found.group().decode("latin-1").split(",")]
    header = ",".join(_RENAMED.get(field, field) for field in fields)
    body = content[: found.start()] + header.encode() + content[found.end() :]
    return _imported(parse_csv(body, name, _COLUMNS, skip_lines=above, missing=_MISSING), name)


def _imported(frame: pl.DataFrame, name: str) -> Imported:
    """Acts and coverage of the rows.

    ``kept`` counts the rows understood: those without refugees (asylum-seekers or displaced persons only) are plain
    known zeros and lead to no act.
    """
    refuse_duplicates(frame, ["year", "coo_iso", "coa_iso"], name)
    rows = frame.height
    frame = year_span(frame).with_columns(_meant("coo_iso"), _meant("coa_iso"))
    former = frame.filter(
        (pl.col("coo_iso_meant") != pl.col("coo_iso")) | (pl.col("coa_iso_meant") != pl.col("coa_iso"))
    )
    oddities = []
    if former.height:
        oddities.append(Oddity("filed under a later state's name: Yugoslavia, Czechoslovakia", former.height, False))
    covered = _coverage(frame, name)
    inside = frame.filter(pl.col("coo_iso") != pl.col("coa_iso"))
    if inside.height < rows:
        oddities.append(Oddity("origin and asylum are the same country", rows - inside.height, True))
    flows, lost = resolve_states(
        inside,
        {"source": "coo_iso_meant", "target": "coa_iso_meant"},
        years="end",
        system="iso3",
        file=name,
        foreign=NO_STATE,
        within="the state did not exist at the end of that year",
    )
    flows, dependent = states_only(flows)
    unsaid = flows.filter(pl.col("refugees").is_null())
    if unsaid.height:
        oddities.append(Oddity("the number of refugees is not given", unsaid.height, False))
    acts = make_acts(
        flows.filter(pl.col("refugees").is_null() | (pl.col("refugees") > 0)).with_columns(
            pl.col("refugees").cast(pl.Float64).alias("value")
        ),
        dataset=DATASET,
        file=name,
        unit="persons",
        directed=True,
        channel="refugees",
    )
    return Imported(
        dataset=DATASET,
        tables={"acts": acts, "coverage": covered},
        rows=rows,
        kept=flows.height,
        oddities=(*oddities, *lost, *dependent),
    )


def _meant(column: str) -> pl.Expr:
    meant = pl.col(column)
    for code, last, state in _FORMER:
        meant = pl.when((pl.col(column) == code) & (pl.col("year") <= last)).then(pl.lit(state)).otherwise(meant)
    return meant.alias(f"{column}_meant")


def _coverage(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Flows to the countries that reported in the year, save those with too many refugees of unknown origin.

    An origin absent from a country's report had fewer than five refugees there.
    """
    unknown = pl.col("refugees").filter(pl.col("coo_iso").is_in(UNKNOWN)).sum()
    reports = (
        frame.group_by("year", "coa_iso_meant")
        .agg(pl.col("end").first(), pl.col("row").first(), unknown.alias("unknown"), pl.col("refugees").sum())
        .filter(pl.col("unknown") <= UNKNOWN_SHARE * pl.col("refugees"))
    )
    reports, _ = resolve_states(
        reports, {"target": "coa_iso_meant"}, years="end", system="iso3", file=name, foreign=NO_STATE
    )
    reports, _ = states_only(reports, ("target",))
    return (
        reports.group_by("year")
        .agg(pl.col("target").unique().sort().str.join(" "))
        .sort("year")
        .select(
            pl.lit(DATASET).alias("dataset"),
            pl.lit("refugees").alias("channel"),
            (pl.lit("to:") + pl.col("target")).alias("scope"),
            pl.date("year", 1, 1).alias("first"),
            pl.date("year", 12, 31).alias("last"),
        )
    )


def _is_download(look: Peek) -> bool:
    if look.kind in ("text", "gzip"):
        return _HEADER.search(look.head.encode("latin-1")) is not None
    tables = (name for name in look.members if name.endswith(".csv"))
    return any(_HEADER.search(member_head(look.path, name)) for name in tables)


_QUERY = (
    "https://api.unhcr.org/population/v1/population/?limit=20&dataset=population&displayType=totals"
    "&columns%5B%5D=refugees&columns%5B%5D=asylum_seekers&yearFrom=1951&yearTo=2025&coo_all=true&coa_all=true"
    "&download=true"
)

SOURCE = Source(
    name="unhcr",
    title="Refugee Data Finder: refugees by origin and asylum",
    producer="Office of the United Nations High Commissioner for Refugees",
    home="https://www.unhcr.org/refugee-statistics",
    licence="CC BY 4.0",
    citation="UNHCR (2025): Refugee Population Statistics Database. https://www.unhcr.org/refugee-statistics, CC BY 4.0",
    adapter_version=1,
    redistribution="figures",
    remotes=(Remote(_QUERY, "unhcr_population.zip", "download-csv"),),
    channels=("refugees",),
    quirks=(
        "Numbers from 1 to 4 are rounded to 0 or 5 to protect people: a zero or an absent origin means fewer than 5.",
        "A country of asylum is covered in the years in which it appears, unless more than 5 % of its refugees are of "
        "unknown origin; before the 1990s that is most of them.",
        "Yugoslavia (to 1991) is filed as Serbia and Czechoslovakia (to 1992) as Czechia; they are put back.",
        "Stateless people, unknown origins, Tibetans and territories are refused and counted.",
        "Origins that were no states yet at the end of the year, such as Namibia before 1990, are refused and counted.",
        "Rows of a country with itself are its displaced persons, no flow.",
        "The table of yearly arrivals (flows) is a different thing and is not taken.",
        "Palestine refugees under UNRWA's mandate are not in the figures.",
    ),
    forms=(
        Form(
            "population-parquet",
            "year-end populations (Parquet: year, coo_iso, coa_iso, refugees, …, idps)",
            lambda look: look.kind == "parquet" and look.has("coo_iso", "coa_iso", "refugees", "idps"),
            read_copy,
        ),
        Form(
            "download-csv",
            "download of the Refugee Data Finder (CSV or zip: Year, Country of origin, Country of origin (ISO), …)",
            _is_download,
            read_download,
            preference=1,
        ),
    ),
)
