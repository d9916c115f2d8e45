"""Made-up aid in the format of the Ukraine Support Tracker."""

from __future__ import annotations

from innominate.sources.kiel_ukraine import SOURCE
from tests.sources.examples import Example

__all__ = ["EXAMPLES", "SOURCE"]

_HEADER = "country,iso,year,month,total,financial,humanitarian,military,commitments,to_be_allocated,gdp,pct_gdp"

EXAMPLES = {
    "month-csv": Example(
        "months.csv",
        tuple(_HEADER.split(",")),
        (
            ("Peru", "PER", 2022, 2, 0.003, 0.001, 0.0, 0.002, 0.003, 0, 200.5, 0.1),
            ("EU (Commission and Council)", "EU", 2022, 2, 1.5, 1.5, 0, 0, 2, 0.5, 17000, 0.1),
            ("Chile", "CHL", 2022, 4, 0.25, 0, 0.25, 0, 0.3, 0, 300.5, 0.1),
        ),
        required="military",
        dated="month",
        state="iso",
        impossible=13,
    ),
}
