"""Invented ranks in the format of the U.S. Diplomatic Mission Status Data."""

from innominate.sources.us_missions import SOURCE
from tests.sources.examples import Example

__all__ = ["EXAMPLES", "SOURCE"]


def _header(system: str) -> tuple[str, ...]:
    identity = (f"country_abbrev_{system}", f"country_code_{system}", f"country_name_{system}", "country_name_usdos")
    return (*identity, "year", "us_mission_min", "us_mission_max", "us_mission_median", "us_mission_mode")


ROWS = (
    ("PER", "135", "Peru", "Peru", "1990", "Embassy", "Embassy", "Embassy", "Embassy"),
    ("KEN", "501", "Kenya", "Kenya", "1990", "None", "Liaison", "None", "None"),
    ("CHL", "155", "Chile", "Chile", "1990", "Interests", "Legation", "Legation", "Legation"),
)
EXAMPLES = {
    f"yearly-{system}-csv": Example(
        name=f"missions_{system}.csv",
        header=_header(system),
        rows=ROWS,
        required="us_mission_mode",
        dated="year",
        state=f"country_code_{system}",
    )
    for system in ("cow", "gw")
}
