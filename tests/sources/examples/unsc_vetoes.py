"""Made-up vetoes."""

from innominate.sources.unsc_vetoes import SOURCE
from tests.sources.examples import Example

__all__ = ["EXAMPLES", "SOURCE"]

EXAMPLES = {
    "list-csv": Example(
        "vetoes.csv",
        ("year", "draft", "agenda_item", "crisis_topic", "member_veto1", "member_veto2", "member_veto3", "date"),
        (
            (1946, "S/PV.9", "Lake question", "Lake", "USSR", "", "", "3/16/1946"),
            (1946, "S/PV.9", "Lake question", "Lake", "USSR", "", "", "3/16/1946"),
            (1960, "S/900", "Lake, again", "", "China", "", "", "4/2/1960"),
            (1980, "S/9001", "Glass", "Sea", "UK", "France", "USA", "4/30/1980"),
            (2014, "S/2014/9", "Glass", "Sea", "China", "Russia", "", "5/22/2014"),
        ),
        required="member_veto2",
        dated="date",
        state="member_veto1",
        impossible="2/30/2014",
    ),
}
