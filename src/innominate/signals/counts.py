"""Dated acts of every pair counted by period inside coverage: what a forecast is made of."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from innominate.ledger import Library
from innominate.panel.coverage import exposures
from innominate.panel.periods import Resolution, index_of, label_of, sql_index

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

COVERED = 0.5  # share of a period's days that must be covered
LONG_ENOUGH = 400  # days between a dataset's first and last act: less allows no forecast

_COUNTED = """
SELECT least(source, target) AS a, greatest(source, target) AS b, {period} AS period, coalesce(sum(value), 0) AS n,
count(*) > count(value) AS unknown
FROM acts WHERE split_part(dataset, '/', 1) = ? AND list_contains(string_split(?, ','), channel)
AND (? = '' OR list_contains(string_split(?, ','), left(code, 2))) GROUP BY ALL ORDER BY ALL
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is counted.

    Attributes
    ----------
    name, title : for tables and for people
    channels : channels counted together
    roots : CAMEO roots counted (first two digits); empty: all
    more : whether more of it is what a summit should bring
    """

    name: str
    title: str
    channels: tuple[str, ...]
    roots: tuple[str, ...] = ()
    more: bool = True


OUTCOMES = (
    Outcome("material", "material cooperation", ("material-cooperation",)),
    Outcome("agreement", "diplomatic cooperation and agreements", ("verbal-cooperation",), ("05",)),
    Outcome("conflict", "conflict", ("verbal-conflict", "material-conflict"), more=False),
)
WORDS = Outcome("words", "verbal cooperation", ("verbal-cooperation",))


@dataclass(frozen=True, slots=True)
class Counts:
    """Acts by pair and period.

    Attributes
    ----------
    dataset, outcome, resolution : what was counted
    keys : P pairs, ``AAA-BBB``: those with at least one act
    first : the first period; the others follow without gap
    y : (P, T) counts, 0 where they are not known
    known : (P, T) inside coverage, and with every number told
    """

    dataset: str
    outcome: Outcome
    resolution: Resolution
    keys: tuple[str, ...]
    first: int
    y: Array
    known: Flags

    @property
    def labels(self) -> list[str]:
        """The periods for people."""
        return [label_of(self.first + t, self.resolution) for t in range(self.y.shape[1])]

    def take(self, rows: NDArray[np.intp]) -> Counts:
        """The same for some pairs."""
        keys = tuple(self.keys[row] for row in rows)
        return replace(self, keys=keys, y=self.y[rows], known=self.known[rows])


def count(library: Library, dataset: str, outcome: Outcome, resolution: Resolution) -> Counts | None:
    """Acts of a dataset by pair and period; None where it does not cover the channels or holds nothing."""
    covered = library.query(
        "SELECT channel, scope, first, last FROM coverage WHERE split_part(dataset, '/', 1) = ? ORDER BY ALL", [dataset]
    )
    rows = covered.filter(pl.col("channel") == outcome.channels[0])
    if not set(outcome.channels) <= set(covered["channel"]):
        return None
    roots = ",".join(outcome.roots)
    found = library.query(
        _COUNTED.format(period=sql_index("start", resolution)), [dataset, ",".join(outcome.channels), roots, roots]
    )
    if found.is_empty():
        return None
    first = min(index_of(day, resolution) for day in rows["first"])
    last = max(index_of(day, resolution) for day in rows["last"])
    keys, a, b = _pairs(found)
    position = {code: k for k, code in enumerate(sorted({*a, *b}))}
    seen = exposures(rows, position, first, last, resolution) >= COVERED
    i, j = np.array([position[code] for code in a]), np.array([position[code] for code in b])
    y = np.zeros((len(keys), last - first + 1))
    place = {key: k for k, key in enumerate(keys)}
    at = np.array([place[f"{one}-{two}"] for one, two in found.select("a", "b").iter_rows()])
    period = found["period"].to_numpy() - first
    inside = (period >= 0) & (period < y.shape[1])
    np.add.at(y, (at[inside], period[inside]), found["n"].to_numpy()[inside])
    known = np.ascontiguousarray(seen[:, i, j].T)
    lost = inside & found["unknown"].to_numpy()
    known[at[lost], period[lost]] = False
    return Counts(dataset, outcome, resolution, keys, first, np.where(known, y, 0.0), known)


def _pairs(found: pl.DataFrame) -> tuple[tuple[str, ...], list[str], list[str]]:
    """Keys of the pairs counted and the codes of their states; unknown codes are the ledger's own fault and kept."""
    pairs = found.select("a", "b").unique().sort("a", "b")
    a, b = pairs["a"].to_list(), pairs["b"].to_list()
    return tuple(f"{one}-{two}" for one, two in zip(a, b, strict=True)), a, b


def datasets_of(library: Library, outcome: Outcome) -> list[tuple[str, Resolution]]:
    """Datasets whose acts are dated in the channels of an outcome, each with the finest resolution that its dates allow."""
    found = library.query(
        """SELECT split_part(dataset, '/', 1) AS dataset, count(DISTINCT channel) AS channels,
        max(date_diff('day', start, "end")) AS longest, min(start) AS first, max("end") AS last,
        count(code) AS coded FROM acts WHERE list_contains(string_split(?, ','), channel) GROUP BY 1 ORDER BY 1""",
        [",".join(outcome.channels)],
    )
    kept: list[tuple[str, Resolution]] = []
    for row in found.iter_rows(named=True):
        if row["channels"] < len(outcome.channels) or (outcome.roots and not row["coded"]):
            continue
        if (row["last"] - row["first"]).days > LONG_ENOUGH:
            kept.append((str(row["dataset"]), "month" if row["longest"] <= 31 else "year"))
    return kept
