"""Made-up joint memberships in both forms."""

from innominate.sources.cow_igo import SOURCE
from tests.sources.examples import Example

__all__ = ["EXAMPLES", "SOURCE"]

EXAMPLES = {
    "counts-parquet": Example(
        "counts.parquet",
        ("ccode1", "ccode2", "year", "dyadigos"),
        ((2, 20, 1990, 31), (2, 200, 1990, 0), (20, 200, 1990, 12), (2, 20, 1991, 30)),
        required="dyadigos",
        dated="year",
        state="ccode2",
        kind="parquet",
    ),
    "original-csv": Example(
        "dyadic.csv",
        ("dyadid", "ccode1", "country1", "ccode2", "country2", "year", "AALCO", "AARO", "ABEDA", "ACC"),
        (
            (2020, 2, "usa", 20, "canada", 1990, 1, 1, 0, -1),
            (2200, 2, "usa", 200, "uk", 1990, 0, -1, 0, -9),
            (20200, 20, "canada", 200, "uk", 1990, -9, -9, -9, -9),
            (2020, 2, "usa", 20, "canada", 1992, 1, 0, 1, 1),
        ),
        required="year",
        dated="year",
        state="ccode2",
    ),
}
