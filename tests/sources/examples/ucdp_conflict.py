"""Invented conflict-years in the format of the UCDP/PRIO Armed Conflict Dataset."""

from innominate.sources.ucdp_conflict import SOURCE
from tests.sources.examples import Example

__all__ = ["EXAMPLES", "SOURCE"]

HEADER = (
    "conflict_id",
    "location",
    "side_a",
    "side_a_2nd",
    "side_b",
    "side_b_2nd",
    "year",
    "intensity_level",
    "type_of_conflict",
    "gwno_a",
    "gwno_a_2nd",
    "gwno_b",
    "gwno_b_2nd",
    "gwno_loc",
    "version",
)
ROWS = (
    ("1", "Chile, Peru", "Chile", "", "Peru", "Brazil", "1990", "2", "2", "155", "", "135", "140", "155, 135", "24.1"),
    ("2", "Kenya", "Kenya", "Uganda, Ghana", "K-Front", "", "1991", "1", "4", "501", "500, 452", "", "", "501", "24.1"),
    ("2", "Kenya", "Kenya", "", "K-Front", "", "1992", "1", "3", "501", "", "", "", "501", "24.1"),
)
EXAMPLES = {
    "conflict-year-csv": Example(
        name="conflicts.csv", header=HEADER, rows=ROWS, required="gwno_b_2nd", dated="year", state="gwno_a"
    )
}
