"""Invented missions in the format of the Correlates of War diplomatic exchange data."""

from innominate.sources.cow_diplomacy import SOURCE
from tests.sources.examples import Example

__all__ = ["EXAMPLES", "SOURCE"]

HEADER = ("ccode1", "ccode2", "year", "DR_at_1", "DR_at_2", "DE", "version")
ROWS = (
    ("135", "155", "1990", "3", "0", "1", "2006.1"),
    ("155", "135", "1990", "0", "3", "1", "2006.1"),
    ("135", "501", "1990", "9", "1", "1", "2006.1"),
    ("501", "135", "1990", "1", "9", "1", "2006.1"),
)
EXAMPLES = {
    "dyad-year-csv": Example(
        name="exchange.csv", header=HEADER, rows=ROWS, required="DR_at_2", dated="year", state="ccode2"
    )
}
