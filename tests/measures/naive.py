"""The measures of similarity written out pair by pair and question by question, and small libraries."""

from __future__ import annotations

from datetime import date
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl

from innominate.ledger import Imported, Library
from innominate.ledger.commitments import KINDS


def naive(choices, i, j, measure, *, levels=(-1, 0, 1), distance="absolute", weights=None):
    """Value and questions in common of one pair, from the definitions, with loops only."""
    weights = np.ones(choices.shape[1]) if weights is None else weights
    both = [
        (x, y, w)
        for x, y, w in zip(choices[i], choices[j], weights, strict=True)
        if not np.isnan(x) and not np.isnan(y) and not np.isnan(w)
    ]
    if measure == "affinity":
        both = [(x, y, w) for x, y, w in both if {x, y} <= {levels[0], levels[-1]}]
    power = 2 if distance == "squared" else 1
    total = sum(w for _, _, w in both)
    if total == 0:
        return np.nan, len(both)
    observed = sum(w * abs(x - y) ** power for x, y, w in both) / total
    if measure == "agreement":
        return sum(w for x, y, w in both if x == y) / total, len(both)
    if measure in ("s", "affinity"):
        return 1 - 2 * observed / (levels[-1] - levels[0]) ** power, len(both)
    if measure == "cosine":
        length = sum(w * x * x for x, _, w in both) * sum(w * y * y for _, y, w in both)
        return (sum(w * x * y for x, y, w in both) / length**0.5 if length else np.nan), len(both)
    first, second = [(x, w) for x, _, w in both], [(y, w) for _, y, w in both]
    if measure == "pi":  # either state draws from what both did
        first = second = first + second
    spread = sum(w * v for (_, w), (_, v) in product(first, second))
    expected = sum(w * v * abs(x - y) ** power for (x, w), (y, v) in product(first, second)) / spread
    return (1 - observed / expected if expected else np.nan), len(both)


def made_library(folder: Path, votes=(), commitments=(), last=2000) -> Library:
    """Votes (vote_id, date, state, choice) and commitments (a, b, first year, last year or None, kinds)."""
    library = Library.create(folder)
    frame = pl.DataFrame(list(votes), schema=["vote_id", "date", "state", "choice"], orient="row")
    if frame.height:
        frame = frame.with_row_index("row").with_columns(
            pl.lit("UNGA").alias("body"), pl.lit("made").alias("dataset"), pl.lit("made.csv").alias("file")
        )
        _store(library, Imported("made", {"votes": frame}, frame.height, frame.height, "votes"))
    if commitments:
        rows = [
            {
                "treaty_id": f"made:{k}",
                "a": a,
                "b": b,
                "start": date(first, 1, 1),
                "end": None if end is None else date(end, 12, 31),
                **{kind: kind in kinds for kind in KINDS},
                "dataset": "pacts",
                "file": "made.csv",
                "row": k,
            }
            for k, (a, b, first, end, kinds) in enumerate(commitments)
        ]
        covered = pl.DataFrame(
            {
                "dataset": ["pacts"],
                "channel": ["commitments"],
                "scope": ["all"],
                "first": [date(1990, 1, 1)],
                "last": [date(last, 12, 31)],
            }
        )
        tables = {"commitments": pl.DataFrame(rows, schema_overrides={"end": pl.Date}), "coverage": covered}
        _store(library, Imported("pacts", tables, len(rows), len(rows), "pacts"))
    return library


def _store(library: Library, imported: Imported) -> None:
    library.store(imported, file="made.csv", sha256=imported.part, size=1, form="made", adapter_version=1)
