"""The columns of real datasets that name states: each as distinct (value, year) rows.

Every reader takes the data folder and returns a frame with the columns ``value`` (str) and ``year`` (int or null).
Cells that hold several states are taken apart as an adapter would have to.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

MME = "military/mme-v7-long.csv"
TROOPS = "military/troopdata-rebuild-country-year.csv"
MISSIONS = "diplomacy/us_mission_status_yearly_1816_2024.csv"
KIEL = "aid/kiel_ukraine_support_tracker.csv"
DCAD = "formal/DCAD-v1.0-main.csv"
FLOWS, POPULATION = "aid/unhcr_flows.parquet", "aid/unhcr_population.parquet"
VOETEN, VOETEN_2025 = "peers/voeten_ideal_points_2020-04.csv", "peers/voeten_ideal_points_2025-07.dta"
ANCHOR, POSITIONS = "peers/csis_country_year_anchor.csv", "peers/csis_latent_positions.csv"
WARS = "conflict/Inter-StateWarData_v4.0.csv"

FILES = {
    "mme": MME,
    "troops": TROOPS,
    "us missions": MISSIONS,
    "kiel": KIEL,
    "dcad": DCAD,
    "unhcr flows": FLOWS,
    "unhcr population": POPULATION,
    "voeten 2020": VOETEN,
    "voeten 2025": VOETEN_2025,
    "csis anchor": ANCHOR,
    "csis positions": POSITIONS,
    "interstate wars": WARS,
}

Reader = Callable[[Path], pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Column:
    """One provider column.

    Attributes
    ----------
    label : file and column, as used in the table of exceptions
    system : the naming system its values are in
    read : gives distinct ``value`` and ``year``
    """

    label: str
    system: str
    read: Reader


#: A comma between states, not the one inside "Korea, North" or "Egypt, Arab Rep.".
BETWEEN_STATES = r",(?!\s*(?:North|South|Arab Rep\.|The|Democratic Republic of the)(?:,|$))"


def _csv(path: Path, encoding: str = "utf8-lossy", **options: Any) -> pl.DataFrame:
    return pl.read_csv(path, infer_schema_length=0, encoding=encoding, **options)


def read_table(data: Path, file: str) -> pl.DataFrame:
    """Read one of the provider files whole, every column of a text file as text."""
    path = data / file
    if path.suffix == ".parquet":
        return pl.read_parquet(path)
    if path.suffix == ".dta":
        pd = pytest.importorskip("pandas", reason="Stata files are read with pandas")
        frame = pd.read_stata(path, columns=["ccode", "iso3c", "countryname", "year"])
        return pl.DataFrame({str(c): frame[c].to_list() for c in frame}, strict=False)
    if file == WARS:
        return _csv(path, eol_char="\r")
    return _csv(path, encoding="latin-1" if file == VOETEN else "utf8-lossy")


def _stack(frame: pl.DataFrame, columns: list[str], year: pl.Expr | None) -> pl.DataFrame:
    when = pl.lit(None, dtype=pl.Int64) if year is None else year.cast(pl.Int64, strict=False)
    parts = [frame.select(value=pl.col(c).cast(pl.Utf8), year=when) for c in columns]
    return (
        pl.concat(parts)
        .drop_nulls("value")
        .filter(pl.col("value").str.strip_chars() != "")
        .unique()
        .sort("value", "year")
    )


def _table(file: str, columns: list[str], year: str | None = "year", **options: Any) -> Reader:
    def read(data: Path) -> pl.DataFrame:
        path = data / file
        frame = pl.read_parquet(path) if file.endswith(".parquet") else _csv(path, **options)
        present = pl.col(year).cast(pl.Utf8).cast(pl.Float64, strict=False) if year else None
        return _stack(frame, columns, present)

    return read


def _sipri(column: str) -> Reader:
    def read(data: Path) -> pl.DataFrame:
        text = (data / "arms/sipri_trade_register_1950_2025.csv").read_bytes().decode("latin-1")
        body = text.split("\n", 11)[11].encode()
        frame = pl.read_csv(body, infer_schema_length=0)
        return _stack(frame, [column], pl.col("Year of order").cast(pl.Int64, strict=False))

    return read


def _icews_raw(data: Path) -> pl.DataFrame:
    parts = []
    with zipfile.ZipFile(data / "events/icews_raw_daily_30_days.zip") as archive:
        for name in (n for n in archive.namelist() if n.endswith(".tab")):
            frame = pl.read_csv(
                archive.read(name),
                separator="\t",
                infer_schema_length=0,
                quote_char=None,
                encoding="utf8-lossy",
                columns=["Event Date", "Source Country", "Target Country"],
            )
            parts.append(_stack(frame, ["Source Country", "Target Country"], pl.col("Event Date").str.slice(0, 4)))
    return pl.concat(parts).unique().sort("value", "year")


def _icews_interstate(data: Path) -> pl.DataFrame:
    frame = _csv(
        data / "events/icews_interstate_2018_2023.csv.gz", columns=["date", "source_country", "target_country"]
    )
    return _stack(frame, ["source_country", "target_country"], pl.col("date").str.slice(0, 4))


def _unga(data: Path) -> pl.DataFrame:
    frame = pl.read_parquet(data / "votes/unga_votes_1946_2024-06.parquet", columns=["ccode", "date"])
    return _stack(frame, ["ccode"], pl.col("date").dt.year())


def _unga_wide(data: Path) -> pl.DataFrame:
    path = data / "votes/unga_votes_wide_iso3_1946_2024-06.csv"
    frame = _csv(path)
    states = [c for c in frame.columns if len(c) == 3 and c.isupper()]
    long = frame.select("date", *states).unpivot(index="date", variable_name="value", value_name="vote")
    voted = long.filter(pl.col("vote").is_in(["1", "2", "3"]))
    return _stack(voted, ["value"], pl.col("date").str.extract(r"(\d{4})"))


def _ucdp_numbers(data: Path) -> pl.DataFrame:
    frame = _csv(data / "conflict/UcdpPrioConflict_v24_1.csv")
    columns = ["gwno_a", "gwno_a_2nd", "gwno_b", "gwno_b_2nd", "gwno_loc"]
    split = [frame.select(pl.col(c).str.split(",").alias("value"), "year").explode("value") for c in columns]
    joined = pl.concat(split).with_columns(pl.col("value").str.strip_chars())
    return _stack(joined, ["value"], pl.col("year"))


def _ucdp_names(data: Path) -> pl.DataFrame:
    frame = _csv(data / "conflict/UcdpPrioConflict_v24_1.csv")
    sides = ["side_a", "side_a_2nd", "side_b", "side_b_2nd"]
    split = [frame.select(pl.col(c).str.split(", Government").alias("value"), "year").explode("value") for c in sides]
    names = pl.concat(split).with_columns(
        pl.col("value").str.strip_chars().str.replace(r"^of ", "Government of ").alias("value")
    )
    governments = names.filter(pl.col("value").str.starts_with("Government of "))
    stripped = governments.with_columns(pl.col("value").str.replace("Government of ", ""))
    return _stack(stripped, ["value"], pl.col("year"))


def _desta(data: Path) -> pl.DataFrame:
    frame = _csv(data / "formal/DESTA.csv", separator=";")
    members = [c for c in frame.columns if c[0] == "c" and c[1:].isdigit()]
    return _stack(frame, members, pl.col("year")).filter(pl.col("value") != "NA")


def _voeten_stata(column: str) -> Reader:
    return lambda data: _stack(read_table(data, VOETEN_2025), [column], pl.col("year"))


def _gsdb(data: Path) -> pl.DataFrame:
    frame = _csv(data / "sanctions/GSDB_V4.csv")
    cells = _stack(frame, ["sanctioned_state", "sanctioning_state"], pl.col("begin"))
    rows = [(name.strip(), year) for cell, year in cells.iter_rows() for name in re.split(BETWEEN_STATES, cell)]
    return pl.DataFrame(rows, schema=["value", "year"], orient="row").unique().sort("value", "year")


def _wars(data: Path) -> pl.DataFrame:
    return _stack(read_table(data, WARS), ["StateName"], pl.col("StartYear1"))


def _multidynet(data: Path) -> pl.DataFrame:
    with np.load(data / "events/icews_binary_4layers_96months_100states.npz") as arrays:
        names = [str(n) for n in arrays["countries"]]
    return pl.DataFrame({"value": names, "year": [2012] * len(names)})


COLUMNS: tuple[Column, ...] = (
    Column("sipri recipient", "name", _sipri("Recipient")),
    Column("sipri supplier", "name", _sipri("Supplier")),
    Column("mme country", "name", _table(MME, ["country"])),
    Column("mme gwcode", "gw", _table(MME, ["gwcode"])),
    Column("gsdb", "name", _gsdb),
    Column("icews interstate", "name", _icews_interstate),
    Column("icews raw", "name", _icews_raw),
    Column("icews quad", "iso3", _table("events/icews_quad_dyad_year_2002_2014.parquet", ["i_iso3c", "j_iso3c"])),
    Column(
        "icews conflict",
        "cow-abbrev",
        _table("events/icews_conflict_dyad_month_1991_2013.csv.gz", ["source", "target"]),
    ),
    Column("icews binary", "name", _multidynet),
    Column("gdelt", "iso3", _table("events/gdelt_goldstein_pair_month_2018_2024.parquet", ["a", "b"], None)),
    Column("unhcr flows iso", "iso3", _table(FLOWS, ["coo_iso", "coa_iso"])),
    Column("unhcr flows name", "name", _table(FLOWS, ["coo_name", "coa_name"])),
    Column("unhcr population iso", "iso3", _table(POPULATION, ["coo_iso", "coa_iso"])),
    Column("unhcr population name", "name", _table(POPULATION, ["coo_name", "coa_name"])),
    Column("kiel country", "name", _table(KIEL, ["country"])),
    Column("kiel iso", "iso3", _table(KIEL, ["iso"])),
    Column("dcad number", "cow", _table(DCAD, ["ccode1", "ccode2"], "signYear")),
    Column("dcad name", "cow-abbrev", _table(DCAD, ["cowName1", "cowName2"], "signYear")),
    Column("diplomatic exchange", "cow", _table("diplomacy/Diplomatic_Exchange_2006v1.csv", ["ccode1", "ccode2"])),
    Column("us missions number", "cow", _table(MISSIONS, ["country_code_cow"])),
    Column("us missions abbrev", "cow-abbrev", _table(MISSIONS, ["country_abbrev_cow"])),
    Column("us missions cow name", "name", _table(MISSIONS, ["country_name_cow"])),
    Column("us missions usdos name", "name", _table(MISSIONS, ["country_name_usdos"])),
    Column("aiddata country", "name", _table("diplomacy/ChinesePublicDiplomacy.csv", ["receiving_country"])),
    Column("china leaders", "name", _table("diplomacy/china_leader_engagements_2003_2018.parquet", ["country"])),
    Column("troops number", "cow", _table(TROOPS, ["ccode"])),
    Column("troops iso", "iso3", _table(TROOPS, ["iso3c"])),
    Column("troops name", "name", _table(TROOPS, ["countryname"])),
    Column("unga votes", "cow", _unga),
    Column("unga wide", "iso3", _unga_wide),
    Column(
        "vetoes",
        "name",
        _table("votes/unsc_vetoes_1946_sept2022.csv", ["member_veto1", "member_veto2", "member_veto3"]),
    ),
    Column("atop members", "cow", _table("formal/atop5_1m.csv", ["member"], "yrent")),
    Column("atop dyads", "cow", _table("formal/atop_dyad_year_1815_2018.parquet", ["ccode1", "ccode2"])),
    Column("desta", "m49", _desta),
    Column("igo", "cow", _table("igo/cow_joint_igo_dyad_year.parquet", ["ccode1", "ccode2"])),
    Column("trade cow", "cow", _table("trade/cow_dyadic_trade_1870_2014.parquet", ["ccode1", "ccode2"])),
    Column("trade sample", "iso3", _table("trade/trade_every_4th_year_1964_2016.parquet", ["exp", "imp"], "time")),
    Column("ucdp numbers", "gw", _ucdp_numbers),
    Column("ucdp names", "name", _ucdp_names),
    Column("mid", "cow", _table("conflict/gml_mid_directed_dyad_year.parquet", ["ccode1", "ccode2"])),
    Column("interstate wars", "name", _wars),
    Column("capabilities", "cow", _table("states/cow_nmc.parquet", ["ccode"])),
    Column("csis anchor code", "iso3", _table(ANCHOR, ["country"])),
    Column("csis anchor name", "name", _table(ANCHOR, ["name_common"])),
    Column("csis positions code", "iso3", _table(POSITIONS, ["iso3"])),
    Column("csis positions name", "name", _table(POSITIONS, ["name_common"])),
    Column("voeten 2020 iso", "iso3", _table(VOETEN, ["iso3c"], None, encoding="latin-1")),
    Column("voeten 2020 name", "name", _table(VOETEN, ["Countryname"], None, encoding="latin-1")),
    Column("voeten 2025 number", "cow", _voeten_stata("ccode")),
    Column("voeten 2025 iso", "iso3", _voeten_stata("iso3c")),
    Column("voeten 2025 name", "name", _voeten_stata("countryname")),
)
