"""What is signed between the states of a page, as its tables show it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from innominate.brief import treaty_bars
from innominate.cases.wording import listed

APART = (
    "Alliance treaties are kept apart from what is done and never enter the measurement. Two things that states sign do, as channels "
    "like any other: defence cooperation agreements and joint membership of intergovernmental organisations."
)


def signed(findings: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Treaties of the case's pairs and of the comparisons in force in the years studied; what two datasets hold, once."""
    first, last = findings["years"]
    kept = [
        {**row, "known_to": treaty_bars.known_to(row, last)}
        for row in treaty_bars.treaties(findings)
        if int(row["start"][:4]) <= last and (not row["end"] or int(row["end"][:4]) >= first)
    ]
    found: dict[str, list[dict[str, Any]]] = {"case": [], "comparison": []}
    for row in kept:
        kinds = [name for name in ("defence", "offence", "neutrality", "nonaggression", "consultation") if row[name]]
        role = "case" if row["key"] in findings["pairs"] else "comparison"
        found[role].append({**row, "kinds": listed(kinds) or "none coded"})
    for rows in found.values():
        rows.sort(key=lambda row: (row["pair"], not row["defence"], row["start"]))
    return found
