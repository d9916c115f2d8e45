"""Small libraries and worlds of gains whose answers are known."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from innominate.ledger import Imported, Library

STATES = ("BEL", "BRA", "CAN", "CHL", "DEU", "FRA", "IND", "ITA", "MEX", "NLD", "NOR", "PER", "SWE", "ZAF")


def act(
    source: str, target: str, channel: str, start: str, end: str | None = None, **more: object
) -> dict[str, object]:
    """One act; `more` replaces the defaults of the other columns."""
    unit = {"arms": "million TIV", "trade": "million USD", "aid": "million EUR"}.get(channel, "acts")
    row = {
        "source": source, "target": target, "channel": channel, "start": date.fromisoformat(start),
        "end": date.fromisoformat(end or start), "directed": True, "value": 1.0, "unit": unit, "code": None,
        "dataset": "made", "file": "made.csv", "note": None, "kind": None, "low": None, "high": None, "citation": None,
        "checked": None,
    }  # fmt: skip
    return row | more


def covered(channel: str, first: str, last: str, scope: str = "all", dataset: str = "made") -> dict[str, object]:
    """One claim of coverage."""
    return {"dataset": dataset, "channel": channel, "scope": scope, "first": date.fromisoformat(first),
            "last": date.fromisoformat(last)}  # fmt: skip


def library(folder: Path, acts: list[dict[str, object]], coverage: list[dict[str, object]] = ()) -> Library:  # type: ignore[assignment]
    """A library that holds some acts and claims of coverage."""
    made = Library.create(folder)
    tables: dict[str, pl.DataFrame] = {}
    if acts:
        rows = [{**row, "row": place + 2, "act_id": row.get("act_id", f"a{place}")} for place, row in enumerate(acts)]
        tables["acts"] = pl.DataFrame(rows, infer_schema_length=None)
    if coverage:
        tables["coverage"] = pl.DataFrame(list(coverage))
    imported = Imported("made", tables, len(acts), len(acts))  # type: ignore[arg-type]
    made.store(imported, file="made.csv", sha256="0" * 64, size=1, form="made/csv", adapter_version=1)
    return made


def random_acts(seed: int, count: int = 200) -> list[dict[str, object]]:
    """Acts of many kinds between the states, some long, some with ranges, some of unknown amount."""
    draw = np.random.default_rng(seed)
    acts = []
    for _ in range(count):
        giver, receiver = draw.choice(len(STATES), 2, replace=False)
        channel = ("arms", "trade", "aid")[draw.integers(3)]
        start = date(2015, 1, 1).toordinal() + int(draw.integers(0, 3000))
        value = float(np.round(draw.lognormal(2, 1.5), 2))
        more: dict[str, object] = {"value": value}
        luck = draw.random()
        if luck < 0.1:
            more = {"value": None}
        elif luck < 0.4:
            more = {"value": value, "low": value * 0.5, "high": value * 2}
        end = start + int(draw.integers(0, 900) if draw.random() < 0.5 else 0)
        acts.append(act(STATES[giver], STATES[receiver], channel, date.fromordinal(start).isoformat(),
                        date.fromordinal(end).isoformat(), **more))  # fmt: skip
    return acts
