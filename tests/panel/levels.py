"""Levels of pairs as a panel takes them from the flows of trade that a library holds."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import polars as pl

from innominate.ledger import Library
from innominate.panel.cells import flow_cells
from innominate.panel.flows import together


def pair_levels(library: Library, states: Sequence[str], year: int) -> dict[tuple[str, str], float | None]:
    """Pair → million USD in a year; None where it is unknown."""
    covered = library.query("SELECT dataset, scope, first, last FROM coverage WHERE channel = 'trade' ORDER BY ALL")
    names = covered["dataset"].unique().sort().to_list()
    own = flow_cells(library, "trade", names, year, year, "year")
    views = {name: (covered.filter(pl.col("dataset") == name), own.filter(pl.col("dataset") == name)) for name in names}
    position = {code: k for k, code in enumerate(states)}
    one = together(views, position, year, year, "year", least=0.9, amounts=True)[0]
    return {
        (a, b): float(one.level[position[a], position[b]]) if one.known[position[a], position[b]] else None
        for a, b in permutations(states, 2)
    }
