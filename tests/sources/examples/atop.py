"""Made-up alliances in the forms of ATOP."""

from innominate.sources.atop import SOURCE
from tests.sources.examples import Example

__all__ = ["EXAMPLES", "SOURCE"]

HEADER = (
    *("atopid", "member", "yrent", "moent", "dayent", "yrexit", "moexit", "dayexit", "phase"),
    *("defense", "offense", "neutral", "nonagg", "consul"),
)

EXAMPLES = {
    "member-csv": Example(
        "members.csv",
        HEADER,
        (
            (9001, 2, 1950, 3, 7, 0, 0, 0, 0, 1, 0, 0, 0, 1),
            (9001, 20, 1951, 3, 8, 1960, 2, "", 0, 0, 0, 0, 1, 0),
            (9001, 200, 1961, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0),
        ),
        required="yrexit",
        dated="yrent",
        state="member",
        impossible=3950,
    ),
    "dyad-year-parquet": Example(
        "dyads.parquet",
        ("ccode1", "ccode2", "year", "atop_defense", "atop_offense", "atop_neutral", "atop_nonagg", "atop_consul"),
        (
            (2, 20, 1950, 1, 0, 0, 0, 1),
            (20, 2, 1950, 0, 0, 0, 0, 1),
            (2, 20, 1951, 1, 0, 0, 0, 1),
            (2, 20, 1955, 1, 0, 0, 0, 1),
            (200, 220, 2018, 0, 0, 0, 1, 0),
        ),
        required="atop_neutral",
        dated="year",
        state="ccode1",
        kind="parquet",
    ),
}
