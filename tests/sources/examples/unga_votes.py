"""Made-up votes in every form."""

from innominate.sources.unga_votes import SOURCE
from tests.sources.examples import Example

__all__ = ["EXAMPLES", "SOURCE"]

_LONG = (
    (55001, 2, "2000-10-05", 1),
    (55001, 20, "2000-10-05", 3),
    (55001, 200, "2000-10-05", 2),
    (55002, 2, "2000-11-03", 3),
    (55002, 200, "2000-11-03", 1),
)
_ORIGINAL = (
    (1, 4238, 2, 1, 1, "2000-10-05", "R/55/6", "", "Sea of glass : resolution / adopted by the General Assembly", 0, 1),
    (
        2,
        4238,
        20,
        1,
        8,
        "2000-10-05",
        "R/55/6",
        "",
        "Sea of glass : resolution / adopted by the General Assembly",
        0,
        1,
    ),
    (3, 4239, 2, 1, 2, "2000-11-03", "R/55/7", "GLASS, SEA OF", "long story", 1, 0),
    (4, 4239, 265, 0, 9, "2000-11-03", "R/55/7", "GLASS, SEA OF", "long story", 1, 0),
    (5, 4239, 200, 1, 3, "2000-11-03", "R/55/7", "GLASS, SEA OF", "long story", 1, 0),
)

EXAMPLES = {
    "long-parquet": Example(
        "votes.parquet",
        ("resid", "ccode", "date", "vote"),
        _LONG,
        required="resid",
        dated="date",
        state="ccode",
        kind="parquet",
        impossible="2000-13-45",
    ),
    "wide-csv": Example(
        "wide.csv",
        ("rcid", "date", "me", "USA", "GBR", "IND", "SRB", "TWN"),
        (
            (78, "1948-11-03", "FALSE", 1, 3, 8, 2, 1),
            (4238, "2000-10-05", "FALSE", 1, 2, 3, 8, 9),
            (4239, "2000-11-03", "TRUE", 3, 3, 1, 1, "9.0"),
        ),
        required="rcid",
        dated="date",
        state=None,
    ),
    "original-csv": Example(
        "UNVotes.csv",
        ("", "rcid", "ccode", "member", "vote", "date", "unres", "short", "descr", "me", "nu"),
        _ORIGINAL,
        required="vote",
        dated="date",
        state="ccode",
    ),
    "roll-calls-parquet": Example(
        "roll_calls.parquet",
        ("rcid", "date", "unres", "short", "descr"),
        ((4238, "2000-10-05", "R/55/6", "", "Sea of glass"), (4239, "2000-11-03", "", "GLASS", "long story")),
        required="short",
        dated="date",
        state=None,
        kind="parquet",
        impossible="2000-13-45",
    ),
    "issues-parquet": Example(
        "issues.parquet",
        ("rcid", "short_name", "issue"),
        ((4238, "me", "Palestinian conflict"), (4238, "nu", "Nuclear"), (4239, "hr", "Human rights")),
        required="short_name",
        dated=None,
        state=None,
        kind="parquet",
    ),
}
