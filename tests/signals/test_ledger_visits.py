"""Visits of a ledger kept by hand are occasions of their own, of the pairs that the ledger tells of."""

from __future__ import annotations

from datetime import date

import polars as pl

from innominate import Library
from innominate.ledger import Imported
from innominate.ledger.schemas import SCHEMAS
from innominate.signals import KEPT, occasions


def test_visits_of_a_ledger_are_occasions() -> None:
    rows = [
        ("USA", "CHN", date(2019, 3, 1), "visits", "visit"),
        ("CHN", "USA", date(2019, 3, 9), "visits", "visit"),  # within a fortnight: the same occasion
        ("CHN", "USA", date(2020, 1, 5), "visits", None),
        ("CHN", "USA", date(2020, 6, 5), "trade", "trade"),
    ]
    frame = pl.DataFrame(
        {
            "source": [row[0] for row in rows], "target": [row[1] for row in rows], "start": [row[2] for row in rows],
            "end": [row[2] for row in rows], "channel": [row[3] for row in rows], "kind": [row[4] for row in rows],
        }
    )  # fmt: skip
    missing = [name for name in SCHEMAS["acts"].columns if name not in frame.columns]
    acts = frame.with_columns([pl.lit(None).alias(name) for name in missing])
    found = occasions(Library.sample(), ledgers=[Imported("kept", {"acts": acts}, len(rows), len(rows))])
    mine = found.filter(pl.col("family") == KEPT)
    assert mine.select("a", "b", "date").rows() == [("CHN", "USA", date(2019, 3, 1)), ("CHN", "USA", date(2020, 1, 5))]
    assert mine["acts"].to_list() == [2, 1]
