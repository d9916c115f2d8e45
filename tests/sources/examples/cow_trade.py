"""Invented trade in the format of the Correlates of War dyadic trade data."""

from innominate.sources.cow_trade import SOURCE
from tests.sources.examples import Example

__all__ = ["EXAMPLES", "SOURCE"]

CSV_HEADER = (
    "ccode1",
    "ccode2",
    "year",
    "importer1",
    "importer2",
    "flow1",
    "flow2",
    "smoothflow1",
    "smoothflow2",
    "version",
)
CSV_ROWS = (
    ("135", "155", "1990", "Peru", "Chile", "12.5", "0", "12.5", "0", "4"),
    ("135", "501", "1990", "Peru", "Kenya", "-9", "3", "-9", "3", "4"),
)
HEADER = ("ccode1", "ccode2", "year", "flow1", "flow2", "smoothflow1", "smoothflow2")
ROWS = (
    (135, 155, 1990, 12.5, 0.0, 12.5, 0.0),
    (155, 135, 1990, 0.0, 12.5, 0.0, 12.5),
    (135, 501, 1990, None, 3.0, None, 3.0),
    (501, 135, 1990, 3.0, None, 3.0, None),
)
EXAMPLES = {
    "dyadic-csv": Example(
        name="dyadic.csv", header=CSV_HEADER, rows=CSV_ROWS, required="flow2", dated="year", state="ccode1"
    ),
    "dyadic-parquet": Example(
        name="dyadic.parquet",
        header=HEADER,
        rows=ROWS,
        required="flow2",
        dated="year",
        state="ccode1",
        kind="parquet",
    ),
}
