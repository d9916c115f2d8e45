"""Made-up refugee figures in UNHCR's two formats."""

from __future__ import annotations

from innominate.sources.unhcr import SOURCE
from tests.sources.examples import Example

__all__ = ["EXAMPLES", "SOURCE"]

EXAMPLES = {
    "population-parquet": Example(
        "population.parquet",
        ("year", "coo_name", "coo", "coo_iso", "coa_name", "coa", "coa_iso", "refugees", "asylum_seekers", "idps"),
        (
            (2010, "Peru", "PER", "PER", "Chile", "CHL", "CHL", 120, 5, 0),
            (2010, "Chile", "CHL", "CHL", "Peru", "PER", "PER", 0, 12, 0),
            (2011, "Peru", "PER", "PER", "Chile", "CHL", "CHL", 7, 0, 0),
        ),
        required="coa_iso",
        dated="year",
        state="coo_iso",
        kind="parquet",
    ),
    "download-csv": Example(
        "population.csv",
        (
            "Year",
            "Country of origin",
            "Country of origin (ISO)",
            "Country of asylum",
            "Country of asylum (ISO)",
            "Refugees under UNHCR's mandate",
            "Asylum-seekers",
        ),
        (
            (2010, "Peru", "PER", "Chile", "CHL", 120, 5),
            (2010, "Unknown", "UNK", "Chile", "CHL", 5, 0),
            (2011, "Chile", "CHL", "Peru", "PER", 33, 77),
        ),
        required="Country of origin (ISO)",
        dated="Year",
        state="Country of asylum (ISO)",
        preamble=("Extracted from a made-up database", "", "Terms: invented", *("note",) * 11),
    ),
}
