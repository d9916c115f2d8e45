"""Small libraries of dated events in which what follows a visit is known."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from innominate.ledger import Imported, Library

STATES = (
    "ARG", "AUS", "AUT", "BEL", "BRA", "CAN", "CHE", "CHL", "CHN", "COL", "DEU", "DNK", "EGY", "ESP", "FIN",
)  # fmt: skip
FIRST, MONTHS = date(2010, 1, 1), 48


def month(k: int, day: int = 1) -> date:
    """A day of the k-th month."""
    return date(FIRST.year + k // 12, k % 12 + 1, day)


def events(
    folder: Path, *, lift: float = 1.0, attention: float = 1.0, visits: int = 1, seed: int = 0, after: int = 6,
    poison_from: int | None = None,
) -> Library:  # fmt: skip
    """A library of coded events: every pair a steady rate; after a visit material cooperation × `lift`, conflict × `attention`.

    Parameters
    ----------
    visits : per visited pair (half of the pairs), at random months
    poison_from : a month from which on counts are multiplied by ten, after everything else was drawn
    """
    rng = np.random.default_rng(seed)
    rows: list[tuple[str, str, date, str, str]] = []
    pairs = [(a, b) for i, a in enumerate(STATES) for b in STATES[i + 1 :]]
    for k, (a, b) in enumerate(pairs):
        rate = float(rng.gamma(3.0, 1.0))
        when = sorted(rng.choice(np.arange(8, MONTHS - 8), visits, replace=False)) if k % 2 == 0 else []
        for t in range(MONTHS):
            raised = any(v < t <= v + after for v in when)
            factor = 10 if poison_from is not None and t >= poison_from else 1
            counts = {
                ("material-cooperation", "061"): rate * (lift if raised else 1.0),
                ("verbal-conflict", "112"): rate * (attention if raised else 1.0),
                ("material-conflict", "190"): 0.2 * rate,
                ("verbal-cooperation", "051"): rate,
            }
            for (channel, code), mean in counts.items():
                for _ in range(int(rng.poisson(mean)) * factor):
                    rows.append((a, b, month(t, 1 + int(rng.integers(27))), channel, code))
            if t in when:
                rows += [(a, b, month(t, 14), "verbal-cooperation", "042")] * 12
            elif rng.random() < 0.4:  # visits nobody writes about, so that the loud ones are among the loudest few
                rows += [(a, b, month(t, 20), "verbal-cooperation", "042")] * int(rng.integers(1, 3))
    return _stored(folder, rows)


def _stored(folder: Path, rows: list[tuple[str, str, date, str, str]]) -> Library:
    library = Library.create(folder)
    last = month(MONTHS - 1) + timedelta(days=27)
    acts = pl.DataFrame(
        {
            "act_id": [f"e{k}" for k in range(len(rows))],
            "source": [row[0] for row in rows], "target": [row[1] for row in rows],
            "start": [row[2] for row in rows], "end": [row[2] for row in rows], "channel": [row[3] for row in rows],
            "directed": [False] * len(rows), "value": [1.0] * len(rows), "unit": ["events"] * len(rows),
            "code": [row[4] for row in rows], "dataset": ["wire"] * len(rows), "file": ["wire.csv"] * len(rows),
            "row": list(range(2, len(rows) + 2)),
        }
    )  # fmt: skip
    names = ("material-cooperation", "verbal-conflict", "material-conflict", "verbal-cooperation")
    coverage = pl.DataFrame(
        [{"dataset": "wire", "channel": name, "scope": "all", "first": FIRST, "last": last} for name in names]
    )
    imported = Imported("wire", {"acts": acts, "coverage": coverage}, len(rows), len(rows))
    library.store(imported, file="wire.csv", sha256="0" * 64, size=1, form="wire/csv", adapter_version=1)
    return library
