"""Made-up events in the four formats of ICEWS."""

from __future__ import annotations

from innominate.sources.icews import SOURCE
from tests.sources.examples import Example

__all__ = ["EXAMPLES", "SOURCE"]

_RAW_HEADER = (
    "Event ID",
    "Event Date",
    "Source Name",
    "Source Sectors",
    "Source Country",
    "Event Text",
    "CAMEO Code",
    "Intensity",
    "Target Name",
    "Target Sectors",
    "Target Country",
    "Story ID",
    "Sentence Number",
    "Publisher",
    "City",
    "District",
    "Province",
    "Country",
    "Latitude",
    "Longitude",
)


def raw_row(event: int, day: str, source: str, target: str, cameo: str, story: int = 1) -> tuple[object, ...]:
    """One line of a raw file."""
    place = ("", "", "", "Peru", "-12.0", "-77.0")
    return (
        event,
        day,
        f"{source} actor",
        "",
        source,
        "Text",
        cameo,
        1.0,
        "actor",
        "",
        target,
        story,
        1,
        "Gazette",
        *place,
    )


_ROOTS = tuple(f"root{root}" for root in range(10, 21))

EXAMPLES = {
    "raw-tab": Example(
        "day.tab",
        _RAW_HEADER,
        (raw_row(1, "2018-03-01", "Peru", "Chile", "040"), raw_row(2, "2018-03-01", "Chile", "North Korea", "190", 2)),
        required="CAMEO Code",
        dated="Event Date",
        state="Source Country",
        delimiter="\t",
        impossible="2018-02-30",
    ),
    "interstate-csv": Example(
        "interstate.csv.gz",
        ("date", "source", "source_country", "event", "target", "target_country", "dataset", "cameo", "intensity"),
        (
            ("2018-01-01", "A", "Peru", "Consult", "B", "Chile", "ICEWS18", "040", 1.0),
            ("2018-01-02", "C", "Chile", "Make statement", "D", "Peru", "ICEWS18", "010", 0.0),
        ),
        required="cameo",
        dated="date",
        state="source_country",
        kind="csv.gz",
        impossible="2018-13-01",
    ),
    "quad-year-parquet": Example(
        "quads.parquet",
        ("i_iso3c", "j_iso3c", "year", "verbCoop", "matlCoop", "verbConf", "matlConf"),
        (("CHL", "PER", 2005, 3, 0, 1, 0), ("PER", "CHL", 2005, 0, 0, 0, 0), ("PER", "CHL", 2006, 0, 1, 0, 2)),
        required="matlConf",
        dated="year",
        state="i_iso3c",
        kind="parquet",
    ),
    "conflict-month-csv": Example(
        "conflict.csv",
        ("source", "target", "year", "month", *_ROOTS),
        (
            ("PER", "CHL", 2005, 3, *(1.0, 0.0) * 5, 2.0),
            ("CHL", "PER", 2005, 4, *(0.0,) * 11),
        ),
        required="root15",
        dated="month",
        state="source",
        impossible=13,
    ),
}
