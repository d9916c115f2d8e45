"""Datasets that name one state in two ways: both must lead to the same code, or the exception is listed."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from innominate import states
from innominate.states import System
from tests.states.provider_columns import FILES, read_table

#: file, year column, and pairs of (column, system) that are said of the same state
PAIRS: tuple[tuple[str, str | None, tuple[tuple[str, System], ...]], ...] = (
    ("mme", "year", (("country", "name"), ("gwcode", "gw"))),
    ("troops", "year", (("countryname", "name"), ("ccode", "cow"), ("iso3c", "iso3"))),
    ("kiel", "year", (("country", "name"), ("iso", "iso3"))),
    ("dcad", "signYear", (("cowName1", "cow-abbrev"), ("ccode1", "cow"))),
    ("dcad", "signYear", (("cowName2", "cow-abbrev"), ("ccode2", "cow"))),
    (
        "us missions",
        "year",
        (
            ("country_code_cow", "cow"),
            ("country_abbrev_cow", "cow-abbrev"),
            ("country_name_cow", "name"),
            ("country_name_usdos", "name"),
        ),
    ),
    ("unhcr flows", "year", (("coo_name", "name"), ("coo_iso", "iso3"))),
    ("unhcr flows", "year", (("coa_name", "name"), ("coa_iso", "iso3"))),
    ("unhcr population", "year", (("coo_name", "name"), ("coo_iso", "iso3"))),
    ("csis anchor", "year", (("name_common", "name"), ("country", "iso3"))),
    ("csis positions", "year", (("name_common", "name"), ("iso3", "iso3"))),
    ("voeten 2020", None, (("Countryname", "name"), ("ccode", "cow"), ("iso3c", "iso3"))),
    ("voeten 2025", "year", (("countryname", "name"), ("ccode", "cow"), ("iso3c", "iso3"))),
    ("interstate wars", "StartYear1", (("StateName", "name"), ("ccode", "cow"))),
)

#: file, column → values that mean another state than the rest of the row, and why
Disagreement = tuple[str, str, str, str, str]


def disagreements(
    data: Path, label: str, year: str | None, columns: tuple[tuple[str, System], ...]
) -> set[Disagreement]:
    """Collect (file, first value, its code, other value, its code) where two columns of a row lead to two states."""
    frame = read_table(data, FILES[label])
    names = [name for name, _ in columns]
    when = pl.lit(None, dtype=pl.Int64) if year is None else pl.col(year).cast(pl.Float64, strict=False).cast(pl.Int64)
    rows = frame.select(*[pl.col(n).cast(pl.Utf8) for n in names], when=when).unique()
    found: set[Disagreement] = set()
    first, first_system = columns[0]
    one = states.resolve_many(rows[first], rows["when"], system=first_system)
    for other, system in columns[1:]:
        two = states.resolve_many(rows[other], rows["when"], system=system)
        differ = pl.DataFrame({"a": rows[first], "x": one, "b": rows[other], "y": two}).drop_nulls()
        found |= {(label, *row) for row in differ.filter(pl.col("x") != pl.col("y")).iter_rows()}
    return found
