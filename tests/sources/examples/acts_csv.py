"""A made-up ledger kept by hand."""

from __future__ import annotations

from innominate.sources.acts_csv import SOURCE
from tests.sources.examples import Example

__all__ = ["EXAMPLES", "SOURCE"]

EXAMPLES = {
    "ledger-csv": Example(
        "ledger.csv",
        ("source", "target", "channel", "start", "end", "value", "note", "url"),
        (
            ("Peru", "CHL", "visits", "2001-05-01", "2001-05-03", 1, "state visit", "https://example.org/a"),
            ("CHL", "Bolivia", "aid", "2002", "", 2.5, "", ""),
        ),
        required="channel",
        dated="start",
        state="target",
        preamble=("# invented", "# coverage: channel=visits scope=among:CHL PER BOL first=2001-01-01 last=2002-12-31"),
        impossible="2002-02-30",
    ),
}
