"""A small world with a long past: yearly panels, pacts, wars and disputes of some states."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from innominate.ledger import Imported, Library

STATES = (
    "ARG", "AUS", "AUT", "BEL", "BRA", "CAN", "CHE", "CHL", "COL", "DNK", "EGY", "ESP", "FIN", "FRA", "GBR", "IND", "ITA",
    "MEX", "NLD", "NOR", "PER", "PRT", "SWE", "TUR", "URY", "USA",
)  # fmt: skip
YEARS = (1950, 2005)


def world(folder: Path, *, poison: int | None = None, tell: float = 0.0, seed: int = 0) -> Library:
    """A library of exercises, disputes, wars, troop support and pacts.

    Parameters
    ----------
    poison : from this year on everything is drawn anew from another seed: the past stays as it was to the last row
    tell : how far many joint exercises foretell troops sent in the next years (0: not at all)
    """
    library = Library.create(folder)
    rng = np.random.default_rng(seed)
    pairs = [(a, b) for i, a in enumerate(STATES) for b in STATES[i + 1 :]]
    warmth = rng.gamma(0.6, 1.0, len(pairs))
    acts: list[tuple[str, str, int, str, float]] = []
    pacts: list[tuple[str, str, int]] = []
    for year in range(YEARS[0], YEARS[1] + 1):
        draw = np.random.default_rng((seed, year, 1 if poison is not None and year >= poison else 0))
        own = warmth * (0.85 + 0.3 * draw.random(len(pairs))) * (3.0 if poison is not None and year >= poison else 1.0)
        for (a, b), warm in zip(pairs, own, strict=True):
            count = int(draw.poisson(2 * warm))
            if count:
                acts.append((a, b, year, "exercises", float(count)))
            if draw.random() < 0.02 + tell * min(warm, 3.0) / 10:
                acts.append((a, b, year, "troop-support", 1.0))
            if draw.random() < 0.02:
                acts.append((a, b, year, "disputes", 1.0))
            if draw.random() < 0.004:
                pacts.append((a, b, year))
    _store(library, acts, pacts)
    return library


def _store(library: Library, acts: list[tuple[str, str, int, str, float]], pacts: list[tuple[str, str, int]]) -> None:
    frame = pl.DataFrame(
        [
            {"act_id": f"a{k}", "source": a, "target": b, "start": date(y, 6, 1), "end": date(y, 6, 1), "channel": channel,
             "directed": False, "value": value, "unit": channel, "dataset": "world", "file": "world.csv", "row": k + 2}
            for k, (a, b, y, channel, value) in enumerate(acts)
        ]
    )  # fmt: skip
    span = {"scope": f"among:{' '.join(STATES)}", "first": date(YEARS[0], 1, 1), "last": date(YEARS[1], 12, 31)}
    coverage = pl.DataFrame(
        [{"dataset": "world", "channel": name, **span} for name in ("exercises", "troop-support", "disputes")]
    )
    imported = Imported("world", {"acts": frame, "coverage": coverage}, len(acts), len(acts))
    library.store(imported, file="world.csv", sha256="0" * 64, size=1, form="world/csv", adapter_version=1)
    kinds = dict.fromkeys(("offence", "neutrality", "nonaggression", "consultation"), False)
    treaties = pl.DataFrame(
        [
            {"treaty_id": f"pacts:{k}", "title": f"Pact {k}", "a": a, "b": b, "start": date(y, 1, 1), "end": None,
             "defence": True, **kinds, "citation": None, "dataset": "pacts", "file": "pacts.csv", "row": k + 2}
            for k, (a, b, y) in enumerate(pacts)
        ],
        schema_overrides={"end": pl.Date, "citation": pl.String},
    )  # fmt: skip
    told = pl.DataFrame([{"dataset": "pacts", "channel": "commitments", **span, "scope": "all"}])
    imported = Imported("pacts", {"commitments": treaties, "coverage": told}, len(pacts), len(pacts))
    library.store(imported, file="pacts.csv", sha256="0" * 64, size=1, form="pacts/csv", adapter_version=1)
