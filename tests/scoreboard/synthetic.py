"""A small library over a dozen states in which everything is drawn, and a copy whose future is poisoned."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from innominate.ledger import Imported, Library

STATES = ("ARG", "AUS", "BEL", "BRA", "CAN", "CHL", "CHN", "DEU", "DNK", "EGY", "ESP", "FRA", "GBR", "IND")
FIRST, LAST = 2000, 2012
_COUNTS, _AMOUNT, _LEVEL = ("exercises", "troop-support"), "trade", "igo"


def library(folder: Path, seed: int, *, poisoned_after: int | None = None, treaties: int = 1) -> Library:
    """A library of acts, votes and pacts; after `poisoned_after` everything is other numbers.

    Parameters
    ----------
    treaties : seed of the commitments, which are nobody's observation
    """
    rng, garbage = np.random.default_rng(seed), np.random.default_rng(seed + 1000)
    made = Library.create(folder)
    tie = rng.normal(size=(len(STATES), len(STATES)))
    acts: list[dict[str, object]] = []
    votes: list[dict[str, object]] = []
    for year in range(FIRST, LAST + 1):
        draw = garbage if poisoned_after is not None and year > poisoned_after else rng
        wild = 50.0 if draw is garbage else 1.0
        for i, a in enumerate(STATES):
            for j in range(i + 1, len(STATES)):
                strength = np.exp(0.7 * tie[i, j] + 0.5 * draw.normal())
                acts += _acts(a, STATES[j], year, strength * wild, draw)
        votes += _votes(year, tie, draw)
    if poisoned_after is not None:  # lasting acts begun before it end at another time, as nobody could know
        for act in acts:
            end = act["end"]
            assert isinstance(end, date)
            if int(str(act["start"])[:4]) <= poisoned_after < end.year:
                act["end"] = date(LAST + 20, 12, 31)
    _store(made, "deeds", {"acts": pl.DataFrame(acts), "coverage": _covered("deeds", (*_COUNTS, _AMOUNT, _LEVEL))})
    _store(made, "ballots", {"votes": pl.DataFrame(votes), "coverage": _covered("ballots", ("votes",))})
    _store(made, "atop", _pacts(np.random.default_rng(treaties)))
    return made


def _acts(a: str, b: str, year: int, strength: float, draw: np.random.Generator) -> list[dict[str, object]]:
    found = []
    for channel in _COUNTS:
        for k in range(int(draw.poisson(min(strength, 20.0) * (0.6 if channel == "exercises" else 0.1)))):
            found.append(_act(a, b, channel, f"{k}", date(year, 5, 1), date(year, 5, 9), 1.0))
    found.append(_act(a, b, _AMOUNT, "", date(year, 1, 1), date(year, 12, 31), float(10 * strength)))
    if draw.random() < 0.1 + 0.1 * min(strength, 3.0):
        found.append(_act(a, b, _LEVEL, "", date(year, 3, 1), date(year + int(draw.integers(0, 4)), 6, 1), 1.0))
    return found


def _act(a: str, b: str, channel: str, mark: str, start: date, end: date, value: float) -> dict[str, object]:
    return {
        "act_id": f"{channel}:{a}:{b}:{start}:{mark}", "source": a, "target": b, "start": start, "end": end,
        "channel": channel, "directed": False, "value": value, "unit": "units", "dataset": "deeds", "file": "d.csv", "row": 2,
    }  # fmt: skip


def _votes(year: int, tie: np.ndarray, draw: np.random.Generator) -> list[dict[str, object]]:
    rows = []
    for r in range(12):
        axis = draw.normal(size=len(STATES))
        lean = tie @ axis / len(STATES) + axis
        for state, value in zip(STATES, lean, strict=True):
            choice = int(np.sign(value)) if abs(value) > 0.2 else 0
            rows.append({"body": "UNGA", "vote_id": f"{year}-{r}", "date": date(year, 11, r + 1), "state": state,
                         "choice": choice, "dataset": "ballots", "file": "v.csv", "row": 2})  # fmt: skip
    return rows


def _pacts(draw: np.random.Generator) -> dict[str, pl.DataFrame]:
    rows = []
    for i, a in enumerate(STATES):
        for b in STATES[i + 1 :]:
            if draw.random() < 0.4:
                start = int(draw.integers(FIRST - 5, LAST))
                kinds = {
                    "defence": True,
                    "offence": False,
                    "neutrality": False,
                    "nonaggression": False,
                    "consultation": False,
                }
                rows.append({"treaty_id": f"atop:{len(rows) + 1}", "a": a, "b": b, "start": date(start, 1, 1), "end": None,
                             **kinds, "dataset": "atop", "file": "p.csv", "row": 2})  # fmt: skip
    frame = pl.DataFrame(rows).with_columns(pl.col("end").cast(pl.Date))
    return {"commitments": frame, "coverage": _covered("atop", ("commitments",), first=FIRST - 10)}


def _covered(dataset: str, channels: tuple[str, ...], first: int = FIRST) -> pl.DataFrame:
    scope = f"among:{' '.join(STATES)}" if dataset != "atop" else "all"
    return pl.DataFrame(
        [
            {
                "dataset": dataset,
                "channel": channel,
                "scope": scope,
                "first": date(first, 1, 1),
                "last": date(LAST, 12, 31),
            }
            for channel in channels
        ]
    )


def _store(made: Library, dataset: str, tables: dict[str, pl.DataFrame]) -> None:
    rows = sum(frame.height for frame in tables.values())
    imported = Imported(dataset, tables, rows, rows)  # type: ignore[arg-type]
    made.store(imported, file=f"{dataset}.csv", sha256="0" * 64, size=1, form="made", adapter_version=1)
