"""An invented trade register in SIPRI's format."""

from innominate.sources.sipri_arms import SOURCE
from tests.sources.examples import Example

__all__ = ["EXAMPLES", "SOURCE"]

PREAMBLE = (
    "Transfers of major conventional arms from All countries  to All countries . Deals with deliveries made for the "
    "year range 'Not specified' to 'Not specified' ",
    "A '?' in a column indicates uncertain data.",
    "SIPRI trend-indicator values (TIVs) are in millions.",
    "",
    "Source: SIPRI Arms Transfers Database (c) SIPRI.",
    "Data generated: 18 May 2026 2:29:20 PM",
)
HEADER = (
    "Recipient",
    "Supplier",
    "Year of order",
    " ",
    "Number ordered",
    " ",
    "Weapon designation",
    "Weapon description",
    "Number delivered",
    " ",
    "Year(s) of delivery",
    "status",
    "Comments",
    "SIPRI TIV per unit",
    "SIPRI TIV for total order",
    "SIPRI TIV of delivered weapons",
)
ROWS = (
    ("Chile", "Peru", "1999", "?", "6", "", "X-1", "tank", "6", "", "2000; 2001", "New", "", "2", "12", "12"),
    (
        "Chile",
        "Soviet Union",
        "1970",
        "",
        "4",
        "?",
        "Z-9",
        "submarine",
        "4",
        "?",
        "1971",
        "New",
        "",
        "25",
        "100",
        "100",
    ),
    ("Norway", "Japan", "2024", "", "3", "", "Y-2", "frigate", "0", "", "", "New", "Planned", "50", "150", "0"),
    ("Fictland rebels*", "Cuba", "1980", "?", "5", "?", "Q", "gun", "5", "?", "1981", "New", "", "1", "5", "5"),
    ("Kenya", "Côte d'Ivoire", "1990", "", "2", "", "P-1", "aircraft", "2", "", "1991", "New", "café", "3.5", "7", "7"),
)
EXAMPLES = {
    "trade-register-csv": Example(
        name="register.csv",
        header=HEADER,
        rows=ROWS,
        required="Year(s) of delivery",
        dated="Year(s) of delivery",
        state="Supplier",
        encoding="latin-1",
        preamble=PREAMBLE,
    )
}
