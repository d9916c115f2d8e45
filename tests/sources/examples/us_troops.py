"""Invented deployments in the format of troopdata's country-year table."""

from innominate.sources.us_troops import SOURCE
from tests.sources.examples import Example

__all__ = ["EXAMPLES", "SOURCE"]

HEADER = ("countryname", "year", "ccode", "iso3c", "region", "troops_ad", "army_ad", "navy_ad")
ROWS = (
    ("Guam", "1990", "1008", "NA", "Pacific", "900", "0", "900"),
    ("United States", "1990", "2", "USA", "North America", "5000", "5000", "0"),
    ("Kenya", "1990", "501", "KEN", "Africa", "0", "0", "0"),
    ("Peru", "1990", "135", "PER", "Latin America", "12", "10", "2"),
)
EXAMPLES = {
    "country-year-csv": Example(
        name="troops.csv", header=HEADER, rows=ROWS, required="troops_ad", dated="year", state="iso3c"
    )
}
