"""Invented exercises in the format of the table of multinational exercises."""

from innominate.sources.mme import SOURCE
from tests.sources.examples import Example

__all__ = ["EXAMPLES", "SOURCE"]

HEADER = ("MMEID", "Ex_Name", "gwcode", "country", "year", "s.month", "s.day", "e.year", "e.month", "e.day")
ROWS = (
    ("mme1", "Harvest Moon", "2", "United States", "1991", "5", "3", "1991", "5", "9"),
    ("mme1", "Harvest Moon", "20", "Canada", "1991", "5", "3", "1991", "5", "9"),
    ("mme1", "Harvest Moon", "200", "United Kingdom", "1991", "5", "3", "1991", "5", "9"),
    ("mme2", "River Stone", "732", "Republic of Korea", "1992", "xx", "xx", "1992", "xx", "xx"),
    ("mme2", "River Stone", "2", "United States", "1992", "12", "xx", "1992", "12", "31"),
)
EXAMPLES = {
    "participants-csv": Example(
        name="exercises.csv",
        header=HEADER,
        rows=ROWS,
        required="e.day",
        dated="s.month",
        state="country",
        impossible="13",
    )
}
