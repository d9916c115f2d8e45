"""Studies in which the answer is known: alignment is set by hand, so that only the judging is under test."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from innominate import Study
from innominate.alignment import AlignmentFit, Scale, Why
from innominate.alignment.across import Across
from innominate.alignment.model import Composite
from innominate.alignment.turns import Turns
from innominate.cases import Case, Findings
from innominate.cases.spec import CaseSpec
from innominate.ledger import Imported, Library
from innominate.panel import Panel, Series

YEARS = (2010, 2024)
STATES = ("BEL", "BRA", "CAN", "CHL", "DEU", "FRA", "IND", "ITA", "MEX", "NLD", "NOR", "PER", "SWE", "ZAF")
NATO = ("BEL", "CAN", "DEU", "FRA", "ITA", "NLD", "NOR")
CHANNELS = ("votes", "conflict-share", "arms", "exercises", "trade", "sanctions")


class SetFit(AlignmentFit):
    """A fit whose alignments are given and whose contributions are split evenly over the channels."""

    def why(self, first: str, second: str, year: int, position: int = -1) -> Why:
        pair = self.panel.pair(first, second)
        t = int(np.flatnonzero(self.panel.years == year)[0])
        value, sd = float(self.mean[pair, t]), float(np.sqrt(self.variance[pair, t]))
        known = [s for k, s in enumerate(self.panel.series) if np.isfinite(self.panel.z[pair, t, k])]
        rows = [(s.channel, s.dataset, str(year), year, 1.0, value / len(known), value / len(known)) for s in known]
        columns = ["channel", "dataset", "period", "year", "z", "weight", "contribution"]
        frame = pl.DataFrame(rows, schema=columns, orient="row")
        a, b = sorted((first, second))
        return Why(a, b, str(year), value, value - 1.645 * sd, value + 1.645 * sd, frame)


@dataclass(frozen=True)
class Tie:
    """What to set for a pair: alignment, standard deviation, and how many channels look from which year on."""

    alignment: float
    sd: float = 0.1
    channels: int = len(CHANNELS)
    since: int = YEARS[0]


def study(folder: Path, ties: dict[str, Tie], treaties: list[dict[str, object]] = (), **options: object) -> Study:  # type: ignore[assignment]
    """A study with the given ties; every other pair is at 0, NATO pairs at 1 (their lower quartile at 0.7)."""
    made = Study(library(folder, list(treaties), **options), YEARS)  # type: ignore[arg-type]
    panel = _panel()
    mean = np.zeros(panel.alive.shape)
    variance = np.full(mean.shape, 0.01)
    codes = np.array(panel.states)
    for p, (a, b) in enumerate(zip(codes[panel.a], codes[panel.b], strict=True)):
        if a in NATO and b in NATO:
            mean[p] = 0.4 + 1.2 * ((p * 7) % 20) / 19
        if f"{a}-{b}" in ties:
            tie = ties[f"{a}-{b}"]
            mean[p], variance[p] = tie.alignment, tie.sd**2
            panel.z[p, :, tie.channels :] = np.nan
            panel.z[p, panel.years < tie.since] = np.nan
    scale, turned = Scale(0.0, 1.0, 0.7, YEARS), Turns.none(0, mean.shape)
    nothing = np.zeros(mean.shape)  # what is given is the whole of the error
    set_ = Composite(mean, variance, nothing, nothing, Across.nothing(len(CHANNELS)))
    fit = SetFit(made.library, panel, None, (), scale, set_, turned)  # type: ignore[arg-type]
    made._panel, made._alignment = panel, fit
    return made


def _panel() -> Panel:
    rows, cols = np.triu_indices(len(STATES), 1)
    periods = np.arange(YEARS[0], YEARS[1] + 1, dtype=np.int32)
    shape = (len(rows), len(periods), len(CHANNELS))
    return Panel(
        STATES, rows.astype(np.int32), cols.astype(np.int32), periods, "year",
        tuple(Series(name, f"set-{name}") for name in CHANNELS),
        np.ones(shape, dtype=np.float32), np.zeros(shape, dtype=np.float32), np.ones(shape[:2], dtype=bool),
    )  # fmt: skip


def treaty(a: str, b: str, start: str, end: str | None = None, name: str = "", **flags: bool) -> dict[str, object]:
    """A commitment between two states; a defence clause unless `flags` say otherwise."""
    kinds = dict.fromkeys(("defence", "offence", "neutrality", "nonaggression", "consultation"), False) | {
        "defence": True
    }
    a, b = sorted((a, b))
    return {
        "treaty_id": f"test:{name or f'{a}-{b}-{start}'}", "title": f"Treaty {name or f'{a} {b}'}", "a": a, "b": b,
        "start": date.fromisoformat(start), "end": date.fromisoformat(end) if end else None, **(kinds | flags),
        "citation": "Treaty series 1", "dataset": "pacts", "file": "pacts.csv",
    }  # fmt: skip


def library(
    folder: Path, treaties: list[dict[str, object]], covered: tuple[str, str] = ("1900-01-01", "2024-12-31")
) -> Library:
    """A library that holds commitments, who covers them, and a few acts."""
    made = Library.create(folder / "small-library")
    span = {"scope": "all", "first": date.fromisoformat(covered[0]), "last": date.fromisoformat(covered[1])}
    tables: dict[str, pl.DataFrame] = {
        "coverage": pl.DataFrame([{"dataset": "pacts", "channel": "commitments", **span}])
    }
    if treaties:
        tables["commitments"] = pl.DataFrame(
            [{**row, "row": k + 2} for k, row in enumerate(treaties)], infer_schema_length=None
        )
    _store(made, Imported("pacts", tables, len(treaties), len(treaties)), "pacts.csv")  # type: ignore[arg-type]
    acts = pl.DataFrame(
        [
            {"act_id": f"x{k}", "source": a, "target": b, "start": date(year, 3, 1), "end": date(year, 3, 1), "channel": "exercises",
             "directed": False, "value": 1.0, "unit": "exercises", "dataset": "drills", "file": "drills.csv", "row": k + 2}
            for k, (a, b, year) in enumerate((a, b, y) for a, b in (("CHL", "PER"), ("BRA", "CHL")) for y in (2012, 2021, 2023))
        ]
    )  # fmt: skip
    _store(made, Imported("drills", {"acts": acts}, acts.height, acts.height), "drills.csv")
    return made


def _store(made: Library, imported: Imported, file: str) -> None:
    made.store(imported, file=file, sha256="0" * 64, size=1, form=f"{imported.dataset}/csv", adapter_version=1)


def run(
    made: Study, claim: dict[str, object], states: tuple[str, ...] = ("BRA", "CHL", "PER"), **changes: object
) -> Findings:
    """One claim put to its test in a case about some states."""
    raw = {
        "name": "test", "title": "A test", "question": "Is it so?", "states": list(states), "years": list(YEARS),
        "claims": [{"id": "one", "title": "One", "statement": "It is so.", **claim}],
    }  # fmt: skip
    return Case(CaseSpec.model_validate(raw | changes)).run(made)
