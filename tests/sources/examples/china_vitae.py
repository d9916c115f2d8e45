"""Made-up engagements in the format of China Vitae."""

from __future__ import annotations

from innominate.sources.china_vitae import SOURCE
from tests.sources.examples import Example

__all__ = ["EXAMPLES", "SOURCE"]

_HEADER = ("date", "year", "country", "leader", "text")
_ROWS = (
    ("03/04/11", "2011", "Peru", "A Leader", "A Leader met with somebody"),
    ("03/05/11", "2011", "North Korea", "A Leader", "A Leader travelled, and met with somebody"),
    ("01/06/12", "2012", "Peru", "B Leader", "B Leader met with somebody else"),
)

EXAMPLES = {
    "engagements-parquet": Example(
        "engagements.parquet",
        _HEADER,
        _ROWS,
        required="leader",
        dated="date",
        state="country",
        kind="parquet",
        impossible="02/30/12",
    ),
    "engagements-csv": Example(
        "engagements.csv", _HEADER, _ROWS, required="leader", dated="date", state="country", impossible="02/30/12"
    ),
}
