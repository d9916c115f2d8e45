"""Made-up defence cooperation agreements."""

from innominate.sources.dcad import SOURCE
from tests.sources.examples import Example

__all__ = ["EXAMPLES", "SOURCE"]

HEADER = (
    *("ccode1", "cowName1", "ccode2", "cowName2", "signDay", "signMonth", "signYear", "EIFDay", "EIFMonth", "EIFYear"),
    *("type", "category1", "span", "terminated", "endYearEstimate", "DCAid"),
)

EXAMPLES = {
    "main-csv": Example(
        "agreements.csv",
        HEADER,
        (
            (2, "USA", 20, "CAN", 1, 4, 1984, 6, 5, 1985, "sector", "PROCUREMENT", "-77", 0, 2010, "X-1"),
            (200, "UKG", 2, "USA", "", "", 1990, "", "", "", "general", "DCA", "", "-88", 1996, "X-2"),
            (20, "CAN", 316, "CZR", 3, 2, 1992, "", "", "", "general", "DCA", "5", "-99", 1998, "X-3"),
            (2, "USA", 220, "FRN", 1, 1, 2009, 1, 1, 2012, "general", "DCA", "", 0, 2010, "X-4"),
            (2, "USA", 325, "ITA", 9, "", 2000, "", "", "", "sector", "TREX", "", "-88", 2006, "X-5"),
        ),
        required="EIFYear",
        dated="signYear",
        state="ccode2",
    ),
}
