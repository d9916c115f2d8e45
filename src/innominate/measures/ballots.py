"""Similarity of votes, year by year, from the votes of a library."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from innominate.errors import InputError
from innominate.ledger import Library
from innominate.measures.indices import Distance, Matrix, Measure, Similarity, similarity

MIN_COMMON = 5  # votes in common in a year below which similarity is unknown
SCHEMA = pl.Schema({"a": pl.String, "b": pl.String, "year": pl.Int32, "value": pl.Float64, "common": pl.Int64})


def votes_similarity(
    library: Library,
    years: tuple[int, int],
    measure: Measure = "s",
    *,
    distance: Distance | None = None,
    min_common: int = MIN_COMMON,
    body: str = "UNGA",
    dataset: str | None = None,
) -> pl.DataFrame:
    """Similarity of the votes of every pair of states that voted in a year.

    Parameters
    ----------
    library : with the votes of `body`
    years : first and last calendar year, inclusive
    measure, distance : see :func:`innominate.measures.similarity`
    min_common : with fewer votes in common `value` is null
    body : whose votes
    dataset : needed where the library holds the body's votes from more than one

    Returns
    -------
    Frame sorted by a, b, year: a < b, year, value, common (votes in common).
    """
    low, high = check_years(years)
    ballots = read_ballots(library, body, dataset).with_columns(pl.col("date").dt.year().alias("year"))
    ballots = ballots.filter(pl.col("year").is_between(low, high))
    found = []
    for (year,), votes in ballots.group_by("year", maintain_order=True):
        states, choices = vote_matrix(votes)
        found.append((int(year), states, similarity(choices, measure, distance=distance, min_common=min_common)))
    return pairs_frame(found)


def check_years(years: tuple[int, int]) -> tuple[int, int]:
    """First and last year, or :class:`InputError` where they are no span."""
    try:
        low, high = (int(year) for year in years)
    except (TypeError, ValueError):
        raise InputError(f"years must be a first and a last year, not {years!r}") from None
    if low > high:
        raise InputError(f"the first year, {low}, comes after the last, {high}")
    return low, high


def read_ballots(library: Library, body: str, dataset: str | None = None) -> pl.DataFrame:
    """Votes of a body from one dataset: vote_id, date, state, choice, sorted by date, vote_id, state."""
    known = library.query("SELECT DISTINCT body, dataset FROM votes ORDER BY body, dataset")
    bodies = known["body"].unique().sort().to_list()
    if body not in bodies:
        held = f"it has votes of {', '.join(bodies)}" if bodies else "it has no votes at all"
        raise InputError(f"the library has no votes of {body}; {held}")
    datasets = known.filter(pl.col("body") == body)["dataset"].to_list()
    if dataset is None and len(datasets) > 1:
        raise InputError(f"the votes of {body} come from {', '.join(datasets)}: name one dataset")
    if dataset is not None and dataset not in datasets:
        raise InputError(f"no votes of {body} from {dataset}; there are those from {', '.join(datasets)}")
    return library.query(
        "SELECT vote_id, date, state, choice FROM votes WHERE body = ? AND dataset = ? ORDER BY date, vote_id, state",
        [body, dataset or datasets[0]],
    )


def vote_matrix(ballots: pl.DataFrame) -> tuple[list[str], Matrix]:
    """States, sorted, and their choices (N, R) with NaN for no vote; from rows with vote_id, state and choice."""
    states, row = _places(ballots["state"])
    votes, column = _places(ballots["vote_id"])
    choices = np.full((len(states), len(votes)), np.nan)
    choices[row, column] = ballots["choice"].to_numpy()
    return states, choices


def _places(labels: pl.Series) -> tuple[list[str], NDArray[np.int64]]:
    """Distinct labels, sorted, and the place of each row's label among them."""
    distinct = labels.unique().sort()
    place = labels.replace_strict(distinct, pl.int_range(len(distinct), eager=True), return_dtype=pl.Int64)
    return distinct.to_list(), place.to_numpy()


def pairs_frame(found: Sequence[tuple[int, Sequence[str], Similarity]]) -> pl.DataFrame:
    """Similarity of several years (year, sorted states, similarity) as rows sorted by a, b, year; unknown is null."""
    if not found:
        return pl.DataFrame(schema=SCHEMA)
    codes = sorted({code for _, states, _ in found for code in states})
    place = {code: i for i, code in enumerate(codes)}
    keys, values, commons = [], [], []
    for year, states, similar in found:
        first, second = np.triu_indices(len(states), k=1)
        at = np.array([place[code] for code in states], dtype=np.int64)
        keys.append((at[first] * len(codes) + at[second]) * 10_000 + year)
        values.append(similar.value[first, second])
        commons.append(similar.common[first, second])
    key = np.concatenate(keys)
    order = np.argsort(key)
    pair, year_of = np.divmod(key[order], 10_000)
    names = pl.Series(codes, dtype=pl.String)
    return pl.DataFrame(
        {
            "a": names.gather(pair // len(codes)),
            "b": names.gather(pair % len(codes)),
            "year": year_of,
            "value": pl.Series(np.concatenate(values)[order], nan_to_null=True),
            "common": np.concatenate(commons)[order],
        },
        schema=SCHEMA,
    )
