"""Agreement in votes, period by period, from the votes themselves or from figures computed earlier."""

from __future__ import annotations

import numpy as np
import polars as pl

from innominate.ledger import Library
from innominate.panel.agreement import Agreement, agreement
from innominate.panel.links import Excess
from innominate.panel.periods import Resolution, sql_index
from innominate.panel.placing import with_places

BODIES = ("UNGA",)  # bodies in which every member can vote; vetoes are acts of their own channel


def votes_excess(
    library: Library, states: list[str], periods: range, resolution: Resolution
) -> dict[str, dict[int, Excess]]:
    """Dataset → place of the period → agreement of all pairs beyond the resolutions' own splits."""
    found = roll_call_agreement(library, states, periods, resolution)
    if not found:
        return _from_figures(library, states, periods, resolution)
    return {
        dataset: {t: Excess(one.excess, one.variance) for t, one in by_period.items()}
        for dataset, by_period in found.items()
    }


def roll_call_agreement(
    library: Library, states: list[str], periods: range, resolution: Resolution
) -> dict[str, dict[int, Agreement]]:
    """Dataset → place of the period → agreement computed from the votes in the library; empty where it holds none."""
    rows = library.query(
        f"""
        SELECT dataset, {sql_index("date", resolution)}::INTEGER AS period, vote_id, state, choice
        FROM votes WHERE body IN ({", ".join("?" * len(BODIES))})
        AND {sql_index("date", resolution)} BETWEEN {periods.start} AND {periods.stop - 1}
        ORDER BY dataset, period, vote_id, state
        """,
        list(BODIES),
    )
    rows = with_places(rows, states, {"state": "i"})
    found: dict[str, dict[int, Agreement]] = {}
    for (dataset, period), ballots in rows.group_by("dataset", "period", maintain_order=True):
        place_of = int(period) - periods.start
        found.setdefault(str(dataset), {})[place_of] = agreement(_matrix(ballots, len(states)))
    return found


def _matrix(ballots: pl.DataFrame, n: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    resolution = ballots["vote_id"].rank("dense").cast(pl.Int64).to_numpy() - 1
    choices = np.full((n, int(resolution.max()) + 1), np.nan)
    choices[ballots["i"].to_numpy(), resolution] = ballots["choice"].to_numpy()
    return choices


def _from_figures(
    library: Library, states: list[str], periods: range, resolution: Resolution
) -> dict[str, dict[int, Excess]]:
    if resolution != "year":
        return {}
    rows = library.query(
        "SELECT dataset, year, a, b, value, variance FROM figures WHERE channel = 'votes' AND year BETWEEN ? AND ? "
        "ORDER BY dataset, year, a, b",
        [periods.start, periods.stop - 1],
    )
    rows = with_places(rows, states, {"a": "i", "b": "j"})
    found: dict[str, dict[int, Excess]] = {}
    for (dataset, year), part in rows.group_by("dataset", "year", maintain_order=True):
        value = np.full((len(states), len(states)), np.nan)
        variance = value.copy()
        i, j = part["i"].to_numpy(), part["j"].to_numpy()
        value[i, j] = value[j, i] = part["value"].to_numpy()
        variance[i, j] = variance[j, i] = part["variance"].to_numpy()
        found.setdefault(str(dataset), {})[int(year) - periods.start] = Excess(value, variance)
    return found
