"""Occasions on which states could act together, read once for all: exercises, statements, roll calls, targets and weeks."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np
import polars as pl
from numpy.typing import NDArray

from innominate.blocs.reach import PARTIES, Evidence, Reach, reach
from innominate.errors import InputError
from innominate.ledger import Library

_ABSENT = 2  # in a table of votes: cast no vote
_EXERCISES = """SELECT dataset || ':' || code AS occasion, NULL AS target, unnest([source, target]) AS state, 1 AS value,
    year("start") AS year FROM acts WHERE channel = 'exercises' AND code IS NOT NULL AND year("start") BETWEEN ? AND ?"""
_STATEMENTS = f"""SELECT list_aggregate(parties, 'string_agg', ',') || day AS occasion, NULL AS target,
    unnest(parties) AS state, 1 AS value, year
    FROM (SELECT date AS day, year(date) AS year, {PARTIES} AS parties
          FROM texts WHERE kind = 'joint statement' AND year(date) BETWEEN ? AND ?) WHERE len(parties) > 1"""
_CONFLICT = """SELECT dataset || target || date_trunc('week', "start") AS occasion, target, source AS state, 1 AS value,
    year("start") AS year FROM acts WHERE channel IN ('verbal-conflict', 'material-conflict') AND "end" - "start" < 7
    AND year("start") BETWEEN ? AND ?"""
_VOTES = """SELECT body || ':' || vote_id AS occasion, NULL AS target, state, choice AS value, year(date) AS year FROM votes
    WHERE year(date) BETWEEN ? AND ?"""
_WEEKS = """SELECT DISTINCT least(source, target) AS a, greatest(source, target) AS b, date_trunc('week', "start") AS week
    FROM acts WHERE channel IN ('verbal-cooperation', 'material-cooperation') AND "end" - "start" < 7
    AND year("start") BETWEEN ? AND ? ORDER BY ALL"""
_COVERED = """SELECT DISTINCT date_trunc('week', "start") AS week FROM acts WHERE channel = 'verbal-cooperation'
    AND "end" - "start" < 7 AND year("start") BETWEEN ? AND ? ORDER BY week"""


@dataclass(frozen=True, slots=True)
class Occasions:
    """Who took part in what.

    Attributes
    ----------
    evidence, years : what was read; the first and last year of what there is, None where there is nothing
    states : (N,) codes, the busiest first
    table : (E, N) int8, 1 took part; of votes the choice, 2 where none was cast
    target : (E,) place of the state that was acted against, −1 where nobody was
    totals : (E,) of votes, the sum of all choices
    reach : what could have been seen
    """

    evidence: Evidence
    years: tuple[int, int] | None
    states: tuple[str, ...]
    table: NDArray[np.int8]
    target: NDArray[np.int64]
    totals: NDArray[np.int64]
    reach: Reach

    def took_part(self, group: Sequence[str]) -> NDArray[np.bool_]:
        """(occasions, k) which members took part.

        Of votes, those roll calls count in which all members voted and most others took a side; a member takes part when it
        votes against that side. Of conflict, targets inside the group do not count.
        """
        known = {state: place for place, state in enumerate(self.states)}
        places = [known.get(state, -1) for state in group]
        if self.evidence != "votes":
            outside = ~np.isin(self.target, places) | (self.target < 0)
            rows = self.table[outside]
            return np.stack([rows[:, p] == 1 if p >= 0 else np.zeros(len(rows), dtype=bool) for p in places], axis=1)
        if min(places) < 0:
            return np.zeros((0, len(places)), dtype=bool)
        cast = self.table[:, places]  # where one is absent, the side is wrong and the roll call does not count
        side = np.sign(self.totals - cast.sum(axis=1))
        counted = (cast != _ABSENT).all(axis=1) & (side != 0)
        return np.asarray(cast[counted] == -side[counted, None])


@dataclass(frozen=True, slots=True)
class Weeks:
    """Which pairs cooperated in which week.

    Attributes
    ----------
    years, states, reach : as in :class:`Occasions`
    active : (W, P) weeks in which anything was seen, by pair
    pair : (N, N) place of every pair in `active`; the last column of `active` is empty and stands for pairs never seen
    strata : (W,) quarter of each week
    """

    years: tuple[int, int] | None
    states: tuple[str, ...]
    active: NDArray[np.bool_]
    pair: NDArray[np.int64]
    strata: NDArray[np.int64]
    reach: Reach

    def of(self, group: Sequence[str]) -> tuple[NDArray[np.bool_], NDArray[np.int64], tuple[str, ...]]:
        """Activity (W, pairs) of a group, its threes as places of their pairs (threes, 3), and the members seen."""
        known = {state: place for place, state in enumerate(self.states)}
        places = [known.get(state, -1) for state in group]
        pairs = list(itertools.combinations(range(len(group)), 2))
        columns = [self.pair[places[i], places[j]] if min(places[i], places[j]) >= 0 else -1 for i, j in pairs]
        active = self.active[:, columns]
        threes = [
            [pairs.index(pair) for pair in itertools.combinations(three, 2)]
            for three in itertools.combinations(range(len(group)), 3)
        ]
        seen = {member for n, pair in enumerate(pairs) if active[:, n].any() for member in pair}
        return active, np.asarray(threes, dtype=np.int64), tuple(group[n] for n in sorted(seen))


def check_evidence(evidence: str) -> None:
    """An :class:`InputError` where there is no such kind of evidence."""
    if evidence not in get_args(Evidence):
        raise InputError(f"evidence {evidence!r}: the allowed values are {', '.join(get_args(Evidence))}")


def occasions(library: Library, evidence: Evidence, years: tuple[int, int]) -> Occasions:
    """Everybody's occasions of one kind (not of meetings, see :func:`weeks`) in some years."""
    check_evidence(evidence)
    source = {"exercises": _EXERCISES, "statements": _STATEMENTS, "conflict": _CONFLICT, "votes": _VOTES}[evidence]
    frame = library.query(f"SELECT DISTINCT * FROM ({source}) ORDER BY occasion, state", years)
    states = _by_busyness(frame["state"])
    where = {state: place for place, state in enumerate(states)}
    rows = frame["occasion"].rank("dense").to_numpy().astype(np.int64) - 1
    count = int(rows.max()) + 1 if len(rows) else 0
    table = np.full((count, len(states)), _ABSENT if evidence == "votes" else 0, dtype=np.int8)
    columns = frame["state"].replace_strict(where, return_dtype=pl.Int64).to_numpy() if count else rows
    table[rows, columns] = frame["value"].to_numpy()
    target = np.full(count, -1, dtype=np.int64)
    if evidence == "conflict":
        target[rows] = frame["target"].replace_strict(where, default=-1, return_dtype=pl.Int64).to_numpy()
    totals = np.where(table == _ABSENT, 0, table).sum(axis=1, dtype=np.int64) if evidence == "votes" else target * 0
    return Occasions(evidence, _span(frame["year"]), states, table, target, totals, reach(library, evidence, years))


def weeks(library: Library, years: tuple[int, int]) -> Weeks:
    """Which pairs of states cooperated in which week of some years."""
    frame = library.query(_WEEKS, years)
    covered = library.query(_COVERED, years)["week"]
    states = _by_busyness(pl.concat([frame["a"], frame["b"]]))
    where = {state: place for place, state in enumerate(states)}
    a, b = (frame[name].replace_strict(where, return_dtype=pl.Int64).to_numpy().astype(np.int64) for name in ("a", "b"))
    key, place = np.unique(np.minimum(a, b) * len(states) + np.maximum(a, b), return_inverse=True)
    pair = np.full((len(states), len(states)), len(key), dtype=np.int64)
    pair[key // max(len(states), 1), key % max(len(states), 1)] = np.arange(len(key))
    pair = np.minimum(pair, pair.T)
    active = np.zeros((len(covered), len(key) + 1), dtype=bool)
    at = np.searchsorted(covered.to_numpy(), frame["week"].to_numpy())
    known = (at < len(covered)) & np.isin(frame["week"].to_numpy(), covered.to_numpy())
    active[at[known], place[known]] = True
    strata = (covered.dt.year().cast(pl.Int64) * 4 + covered.dt.quarter()).to_numpy()
    return Weeks(_span(covered.dt.year()), states, active, pair, strata, reach(library, "meetings", years))


def _by_busyness(states: pl.Series) -> tuple[str, ...]:
    counted = states.alias("state").value_counts().sort("count", "state", descending=[True, False])
    return tuple(str(state) for state in counted["state"])


def _span(seen: pl.Series) -> tuple[int, int] | None:
    return (int(seen.min()), int(seen.max())) if len(seen) else None  # type: ignore[arg-type]
