"""Published measures of affinity between states, computed here for the same pairs and years."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from innominate import measures
from innominate.errors import InputError
from innominate.ledger import Library
from innominate.panel import Panel
from innominate.scoreboard.outcomes import placed

Array = NDArray[np.float64]
Frame = Callable[[Library, tuple[int, int]], pl.DataFrame]

IGOS = "joint IGOs"


def _joint_igos(library: Library, years: tuple[int, int]) -> pl.DataFrame:
    return library.query(
        """SELECT least(source, target) AS a, greatest(source, target) AS b, year, max(value) AS value FROM (
            SELECT source, target, value,
                   unnest(generate_series(greatest(year(start), ?), least(year("end"), ?))) AS year
            FROM acts WHERE channel = 'igo' AND year("end") >= ? AND year(start) <= ?
        ) GROUP BY a, b, year ORDER BY year, a, b""",
        [years[0], years[1], years[0], years[1]],
    )


PUBLISHED: dict[str, Frame] = {
    "S (votes)": lambda library, years: measures.votes_similarity(library, years, "s"),
    "kappa (votes)": lambda library, years: measures.votes_similarity(library, years, "kappa"),
    "vote cosine": lambda library, years: measures.votes_similarity(library, years, "cosine"),
    "S (alliance portfolios)": lambda library, years: measures.portfolio_similarity(library, years, "s"),
    "kappa (alliance portfolios)": lambda library, years: measures.portfolio_similarity(library, years, "kappa"),
    IGOS: _joint_igos,
}


def published(
    library: Library, panel: Panel, years: tuple[int, int], progress: Callable[[str], None] = lambda step: None
) -> dict[str, Array]:
    """Name → (P, Y) value of each measure that the library has the data for.

    A measure that is not known in a year keeps its last known value; before its first it is NaN. Organisations that the
    library does not list for a pair are none.
    """
    found = {}
    for name, compute in PUBLISHED.items():
        progress(f"measuring {name}")
        try:
            frame = compute(library, years).drop_nulls("value").filter(pl.col("value").is_finite())
        except InputError:
            continue  # the library lacks what this measure needs
        if frame.height:
            found[name] = _kept(_spread_out(panel, frame, years, blank=0.0 if name == IGOS else np.nan))
    return found


def _spread_out(panel: Panel, frame: pl.DataFrame, years: tuple[int, int], blank: float) -> Array:
    values = np.full((len(panel.a), years[1] - years[0] + 1), blank)
    if blank == 0.0:  # nothing is listed in years beyond the data
        values[:, np.setdiff1d(np.arange(values.shape[1]), frame["year"].unique().to_numpy() - years[0])] = np.nan
    pair, known = placed(panel, frame)
    values[pair[known], frame["year"].to_numpy()[known] - years[0]] = frame["value"].to_numpy()[known]
    return values


def _kept(values: Array) -> Array:
    """The last known value at or before each year."""
    kept = values.copy()
    for t in range(1, kept.shape[1]):
        unknown = np.isnan(kept[:, t])
        kept[unknown, t] = kept[unknown, t - 1]
    return kept
