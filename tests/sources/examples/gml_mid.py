"""Invented disputes in the format of the Gibler-Miller-Little dyad-years."""

from innominate.sources.gml_mid import SOURCE
from tests.sources.examples import Example

__all__ = ["EXAMPLES", "SOURCE"]

HEADER = ("dispnum", "ccode1", "ccode2", "year", "sidea1", "sidea2", "hostlev1", "hostlev2", "recip", "stmon")
ROWS = (
    (7, 155, 135, 1990, 1, 0, 4, 1, 0, 3),
    (7, 135, 155, 1990, 0, 1, 1, 4, 0, 3),
    (8, 501, 500, 1991, 0, 1, 3, 5, 1, 12),
    (8, 500, 501, 1991, 1, 0, 5, 3, 1, 12),
)
_COMMON = {"header": HEADER, "required": "hostlev2", "dated": "year", "state": "ccode2"}
EXAMPLES = {
    "dyad-year-csv": Example(name="disputes.csv", rows=tuple(tuple(map(str, row)) for row in ROWS), **_COMMON),
    "dyad-year-parquet": Example(name="disputes.parquet", rows=ROWS, kind="parquet", **_COMMON),
}
