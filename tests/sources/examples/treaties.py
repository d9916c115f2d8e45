"""Made-up treaties in the form of our own table."""

from innominate.sources.treaties import SOURCE
from tests.sources.examples import Example

__all__ = ["EXAMPLES", "SOURCE"]

HEADER = (
    *("family", "treaty", "title", "member", "start", "end"),
    *("defence", "offence", "neutrality", "nonaggression", "consultation", "binding", "atop", "citation", "note"),
)

EXAMPLES = {
    "table-csv": Example(
        "treaties.csv",
        HEADER,
        (
            ("lake", "lake-1950", "Lake Treaty", "CHE", "1950-03-01", "", 1, 0, 0, 0, 1, 1, 9001, "Gazette 1", ""),
            (
                "lake",
                "lake-1950",
                "Lake Treaty",
                "AUT",
                "1956-03-01",
                "1999-12-31",
                0,
                0,
                0,
                1,
                0,
                1,
                9001,
                "G 1",
                "left",
            ),
            ("lake", "lake-1950", "Lake Treaty", "ITA", "2020-01-01", "", 1, 0, 0, 0, 1, 1, 9001, "Gazette 1", "late"),
            ("talk", "talk-2021", "Talk", "ITA", "2021-01-01", "", 0, 0, 0, 0, 0, 0, "", "Speech", "binds nobody"),
        ),
        required="binding",
        dated="start",
        state="member",
        impossible="2021-02-30",
    ),
}
