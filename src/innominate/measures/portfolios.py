"""Similarity of alliance portfolios: whom two states are committed to, and how strongly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from innominate import states
from innominate.errors import InputError
from innominate.ledger import Library
from innominate.ledger.commitments import KINDS, commitments_in_force, survey
from innominate.measures.ballots import check_years, pairs_frame
from innominate.measures.indices import Distance, Matrix, Measure, similarity

# Obligation → level, as the Correlates of War rank alliances: entente, neutrality or nonaggression pact, defence pact.
# An obligation to attack together ranks with defence.
LEVELS: Mapping[str, int] = {"consultation": 1, "nonaggression": 2, "neutrality": 2, "offence": 3, "defence": 3}


def portfolio_similarity(
    library: Library,
    years: tuple[int, int],
    measure: Measure = "s",
    *,
    distance: Distance | None = None,
    weights: pl.DataFrame | None = None,
    levels: Mapping[str, int] = LEVELS,
    self_level: int | None = 3,
    members: Sequence[str] | None = None,
) -> pl.DataFrame:
    """Similarity of the alliance portfolios of all pairs of states.

    A state's portfolio in a year is the level of its strongest obligation to every state; obligations count for a
    year if they are in force on any day of it, and hold in both directions.

    Parameters
    ----------
    library : with commitments; years for which no dataset surveys them give no rows
    years : first and last year, inclusive
    measure, distance : see :func:`innominate.measures.similarity`
    weights : frame with state, year and value (material capabilities, say) by which third states count; a state without
        a value in a year is left out of all portfolios of that year. None: all count alike
    levels : obligation → level above 0; 0 is no obligation
    self_level : level of a state's obligation to itself, which Signorino and Ritter set to defence; None leaves the
        state itself out of its portfolio
    members : the states compared, in every year in which they exist; None: all states of the registry

    Returns
    -------
    Frame sorted by a, b, year: a < b, year, value, common (third states compared, the pair's own two included
    unless `self_level` is None).
    """
    low, high = _surveyed(library, check_years(years))
    scale = _scale(levels, self_level)
    committed = _obligations(library, levels, low, high).partition_by("year", as_dict=True)
    found = []
    for year in range(low, high + 1):
        codes = [code for code in states.alive(year) if members is None or code in members]
        portfolios = portfolio_matrix(codes, committed.get((year,)), self_level)
        weight = _weights(weights, codes, year)
        found.append((year, codes, similarity(portfolios, measure, levels=scale, distance=distance, weights=weight)))
    return pairs_frame(found)


def portfolio_matrix(codes: Sequence[str], obligations: pl.DataFrame | None, self_level: int | None = 3) -> Matrix:
    """Levels of obligation among states.

    Parameters
    ----------
    codes : N states
    obligations : rows a, b, level; pairs not among them have no obligation (0); states not in `codes` are passed over
    self_level : on the diagonal; None: NaN

    Returns
    -------
    (N, N) symmetric
    """
    place = {code: i for i, code in enumerate(codes)}
    levels = np.zeros((len(codes), len(codes)))
    if obligations is not None:
        for a, b, level in obligations.select("a", "b", "level").iter_rows():
            if a in place and b in place:
                i, j = place[a], place[b]
                levels[i, j] = levels[j, i] = max(levels[i, j], level)
    np.fill_diagonal(levels, np.nan if self_level is None else self_level)
    return levels


def _surveyed(library: Library, years: tuple[int, int]) -> tuple[int, int]:
    span = survey(library)
    if span is None:
        raise InputError("the library has no dataset that surveys commitments: import atop, say")
    low, high = max(years[0], span[0]), min(years[1], span[1])
    if low > high:
        raise InputError(f"commitments are known from {span[0]} to {span[1]}, not in {years[0]}-{years[1]}")
    return low, high


def _scale(levels: Mapping[str, int], self_level: int | None) -> list[float]:
    """All levels from 0 to the highest."""
    unknown = sorted(set(levels) - set(KINDS))
    if unknown:
        raise InputError(f"there is no obligation {unknown[0]!r}; the obligations are {', '.join(KINDS)}")
    if not levels or any(level < 1 for level in levels.values()):
        raise InputError("levels of obligation must be whole numbers from 1 up")
    top = max(levels.values())
    if self_level is not None and not 0 <= self_level <= top:
        raise InputError(f"self_level must lie between 0 and {top}")
    return [float(level) for level in range(top + 1)]


def _obligations(library: Library, levels: Mapping[str, int], low: int, high: int) -> pl.DataFrame:
    """Rows a, b, year, level of the strongest obligation."""
    ranked = [pl.when(pl.col(kind)).then(level).otherwise(0) for kind, level in levels.items()]
    return (
        commitments_in_force(library)
        .filter(pl.col("year").is_between(low, high))
        .select("a", "b", pl.col("year").cast(pl.Int64), pl.max_horizontal(ranked).alias("level"))
        .filter(pl.col("level") > 0)
    )


def _weights(weights: pl.DataFrame | None, codes: Sequence[str], year: int) -> Matrix | None:
    """(N,) weights of third states in a year, NaN where there is none."""
    if weights is None:
        return None
    absent = [name for name in ("state", "year", "value") if name not in weights.columns]
    if absent:
        raise InputError(f"weights lack the column {absent[0]}; they need state, year and value")
    rows = weights.filter(pl.col("year") == year)
    value = dict(zip(rows["state"], rows["value"], strict=True))
    return np.array([np.nan if value.get(code) is None else float(value[code]) for code in codes])
