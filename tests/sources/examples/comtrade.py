"""Invented trade in the columns of UN Comtrade's downloads."""

from innominate.sources.comtrade import SOURCE
from tests.sources.examples import Example

__all__ = ["EXAMPLES", "SOURCE"]

HEADER = (
    "typeCode",
    "freqCode",
    "period",
    "reporterISO",
    "flowCode",
    "partnerISO",
    "partner2Code",
    "cmdCode",
    "customsCode",
    "motCode",
    "primaryValue",
)
ROWS = (
    ("C", "A", "2021", "PER", "X", "CHL", "0", "TOTAL", "C00", "0", "12500000"),
    ("C", "A", "2021", "PER", "X", "KEN", "0", "TOTAL", "C00", "0", "500000"),
    ("C", "A", "2021", "PER", "X", "W00", "0", "TOTAL", "C00", "0", "13000000"),
    ("C", "A", "2021", "CHL", "M", "PER", "0", "TOTAL", "C00", "0", "13100000"),
    ("C", "A", "2021", "CHL", "M", "W00", "0", "TOTAL", "C00", "0", "90000000"),
    ("C", "A", "2021", "CHL", "M", "PER", "0", "27", "C00", "0", "1000000"),
)
EXAMPLES = {
    "csv": Example(
        name="comtrade.csv", header=HEADER, rows=ROWS, required="primaryValue", dated="period", state="reporterISO"
    ),
}
