"""Small libraries in which it is known who acts together: exercises, votes and dated events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from innominate.ledger import Imported, Library, empty

STATES = ("ARG", "BOL", "BRA", "CHL", "COL", "CUB", "ECU", "GTM", "HND", "MEX", "NIC", "PAN", "PER", "PRY", "URY", "VEN",
          "AGO", "BEN", "BWA", "CMR", "COD", "EGY", "ETH", "GAB", "GHA", "KEN", "MAR", "MLI", "NER", "NGA")  # fmt: skip
FIRST, LAST = 2012, 2017


def library(folder: Path) -> Library:
    """An empty library."""
    return Library.create(folder / "library")


def store(made: Library, dataset: str, tables: dict[str, pl.DataFrame], rows: int) -> None:
    """Put tables into a library as one file."""
    made.store(Imported(dataset=dataset, part="all", tables=tables, rows=rows, kept=rows, oddities=()), file=f"{dataset}.csv",
               sha256="0" * 64, size=1, form=f"{dataset}/csv", adapter_version=1)  # type: ignore[arg-type]  # fmt: skip


def _acts(dataset: str, channel: str, rows: Sequence[dict[str, object]], unit: str) -> dict[str, pl.DataFrame]:
    full = [
        {"act_id": f"{dataset}{n}", "end": row["start"], "channel": channel, "directed": False, "value": 1.0, "unit": unit,
         "code": None, "dataset": dataset, "file": f"{dataset}.csv", "row": n + 2, "note": None, **row}
        for n, row in enumerate(rows)
    ]  # fmt: skip
    acts = pl.DataFrame(full, schema=empty("acts").schema)
    span = {"scope": "all", "first": date(FIRST, 1, 1), "last": date(LAST, 12, 31)}
    cover = pl.DataFrame([{"dataset": dataset, "channel": channel, **span}], schema=empty("coverage").schema)
    return {"acts": acts, "coverage": cover}


def exercises(made: Library, took_part: np.ndarray, states: Sequence[str] = STATES) -> None:
    """Exercises (E, N): every pair of participants is one act with the exercise's code."""
    rows: list[dict[str, object]] = []
    for n, row in enumerate(took_part):
        inside = [states[i] for i in np.flatnonzero(row)]
        day = date(FIRST, 1, 1) + timedelta(days=int(n * 365 * (LAST - FIRST + 1) / len(took_part)))
        rows += [
            {"source": min(a, b), "target": max(a, b), "start": day, "code": f"X{n}"}
            for k, a in enumerate(inside)
            for b in inside[k + 1 :]
        ]
    store(made, "drills", _acts("drills", "exercises", rows, "exercises"), len(rows))


def statements(made: Library, took_part: np.ndarray, states: Sequence[str] = STATES) -> None:
    """Joint statements (E, N), each published by its first two parties on the same day; `about` names the parties."""
    rows = []
    for n, row in enumerate(took_part):
        inside = [states[i] for i in np.flatnonzero(row)]
        rows += [
            {"doc_id": f"S{n}{one}", "issuer": one, "series": "statements", "about": inside, "language": "en", "row": len(rows),
             "kind": "joint statement", "date": date(FIRST, 1, 1) + timedelta(days=n), "title": f"Joint statement {n}",
             "body": "We agree.", "dataset": "texts", "file": "texts.csv"}
            for one in inside[:2]
        ]  # fmt: skip
    store(made, "texts", {"texts": _filled(pl.DataFrame(rows), "texts")}, len(rows))


def weeks(made: Library, met: np.ndarray, pairs: Sequence[tuple[str, str]]) -> None:
    """Weeks (W, P) in which pairs cooperate; one act each."""
    rows: list[dict[str, object]] = [
        {
            "source": min(pairs[p]),
            "target": max(pairs[p]),
            "start": date(FIRST, 1, 2) + timedelta(days=7 * int(w)),
            "code": "040",
        }
        for w, p in np.argwhere(met)
    ]
    store(made, "news", _acts("news", "verbal-cooperation", rows, "events"), len(rows))


def yearly(made: Library, counts: np.ndarray, states: Sequence[str] = STATES) -> None:
    """Counts (N, N, T) of years: one act a year, which lasts it, for every pair that cooperated."""
    rows: list[dict[str, object]] = [
        {"source": states[i], "target": states[j], "start": date(FIRST + t, 1, 1), "end": date(FIRST + t, 12, 31),
         "directed": True, "value": float(counts[i, j, t])}
        for i, j, t in np.argwhere(counts) if i != j
    ]  # fmt: skip
    store(made, "yearbook", _acts("yearbook", "material-cooperation", rows, "events"), len(rows))


def votes(made: Library, choices: dict[int, np.ndarray], states: Sequence[str] = STATES) -> None:
    """Choices (N, R) of every year, in the General Assembly."""
    rows = [
        {"body": "UNGA", "vote_id": f"{year}-{r}", "date": date(year, 10, 1 + r % 28), "state": states[i], "choice": int(table[i, r])}
        for year, table in choices.items() for i in range(len(table)) for r in range(table.shape[1])
    ]  # fmt: skip
    frame = (
        pl.DataFrame(rows).with_row_index("row", offset=2).with_columns(dataset=pl.lit("roll"), file=pl.lit("roll.csv"))
    )
    store(made, "roll", {"votes": _filled(frame, "votes")}, len(rows))


def _filled(frame: pl.DataFrame, table: str) -> pl.DataFrame:
    """The rows of a table of the library; columns that `frame` lacks are unknown."""
    schema = empty(table).schema
    missing = [pl.lit(None, dtype=kind).alias(name) for name, kind in schema.items() if name not in frame.columns]
    return frame.with_columns(missing).select(list(schema)).cast(dict(schema))


def drills(seed: int, *, triple: float, alone: float = 0.12, events: int = 600) -> np.ndarray:
    """(E, N) participation: everyone by itself, and the first three together in a share `triple` of exercises."""
    random = np.random.default_rng(seed)
    rows = random.random((events, len(STATES))) < alone
    rows[: int(triple * events), :3] = True
    return rows


def blocs_of_votes(seed: int, share: float, resolutions: int = 60) -> dict[int, np.ndarray]:
    """Two camps of fifteen; every year a `share` of states, none of the first three, changes camp."""
    random = np.random.default_rng(seed)
    camp = np.arange(len(STATES)) % 2
    camp[:3] = 0
    found = {}
    for year in range(FIRST, LAST + 1):
        line = random.choice((-1, 1), resolutions)
        table = np.where(camp[:, None] == 0, line, -line)
        noisy = random.random(table.shape) < 0.12
        found[year] = np.where(noisy, -table, table)
        moving = random.permutation(np.arange(3, len(STATES)))[: round(share * len(STATES))]
        camp = camp.copy()
        camp[moving] = 1 - camp[moving]
    return found
