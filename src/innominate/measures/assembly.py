"""Ideal points of the members of the United Nations General Assembly, from the votes of a library."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtri

from innominate.errors import InputError
from innominate.ledger import Library
from innominate.measures.ballots import read_ballots, vote_matrix
from innominate.measures.irt import IdealPoints, Settings, fit_ideal_points

ANCHORS = (
    "USA",
    "GBR",
    "FRA",
    "CAN",
    "BEL",
    "NLD",
    "LUX",
    "DNK",
    "NOR",
    "ISL",
    "ITA",
    "PRT",
)  # the first that votes is positive
LEVEL = 0.9  # of the central interval
SCHEMA = pl.Schema(
    {"state": pl.String, "session": pl.Int32, "ideal_point": pl.Float64, "low": pl.Float64, "high": pl.Float64}
)
_BEFORE_FIRST = 1945  # session n opens in the year 1945 + n
_SPECIAL = {1947: 1, 1948: 1, 1961: 8, 1963: 1, 1967: 1}  # from this month on, votes count with the session of the year
_DAYS_KNOWN = 2003  # from this year on the days of votes can be relied on, and the rules of procedure set the opening
_SECOND_WEEK = 2023  # from this year on sessions open in the second week of September, until then in the third


def ideal_points(
    library: Library,
    *,
    anchor: str | None = None,
    repeats: pl.DataFrame | None = None,
    settings: Settings | None = None,
    dataset: str | None = None,
    progress: Callable[[int, float], None] | None = None,
) -> pl.DataFrame:
    """Dynamic ordinal ideal points of all states in all sessions (Bailey, Strezhnev and Voeten 2017).

    Parameters
    ----------
    library : with votes of the General Assembly
    anchor : a state whose points are positive on average; the other end is then opposed to it. None: the first of
        :data:`ANCHORS` (founding members of NATO) that votes, and where none does, the end with the longer tail is positive
    repeats : frame with the columns vote_id and same_as (an earlier vote_id): resolutions put to the vote again word
        for word, which are held to mean the same. None: only the states that stay tie the sessions together
    settings, progress : see :func:`innominate.measures.fit_ideal_points`
    dataset : needed where the library holds votes from more than one

    Returns
    -------
    Frame state, session, ideal_point, low, high, sorted by session and state: posterior mean and central 90 %
    interval, for every session in which the state voted on a contested resolution. `session` is the number of the
    regular session that was in progress, see :func:`session_of`. Over all rows the mean is 0 and the mean square,
    uncertainty included, about 1.
    """
    ballots = read_ballots(library, "UNGA", dataset)
    states, choices = vote_matrix(ballots)
    anchor = anchor or next((state for state in ANCHORS if state in states), None)
    if anchor is not None and anchor not in states:
        raise InputError(f"{anchor} fixes the sign but casts no vote; name another anchor")
    resolutions = ballots.select("vote_id", "date").unique("vote_id", keep="first").sort("vote_id")
    session = np.array([session_of(day) for day in resolutions["date"]], dtype=np.int64)
    question = None if repeats is None else _questions(resolutions["vote_id"].to_list(), repeats)
    points = fit_ideal_points(
        choices,
        session,
        anchor=None if anchor is None else states.index(anchor),
        question=question,
        settings=settings,
        progress=progress,
    )
    return points_frame(points, states)


def session_of(day: date) -> int:
    """Number of the regular session of the General Assembly that was in progress on a day.

    Session 1 met from January 1946; session n opens in September of 1945 + n. Votes between sessions count with the one
    before, but for the special sessions of 1947, 1948, 1961, 1963 and 1967, which count with the one after, as the
    authors of the data have it. Until 2002 the month decides, because the days of votes are unreliable. Since 2003
    sessions open on the Tuesday of the third week of September (from 2023: the second), counted from the first
    week that has a working day.
    """
    opens = date(day.year, _SPECIAL.get(day.year, 9), 1) if day.year < _DAYS_KNOWN else _opening(day.year)
    return max(1, day.year - _BEFORE_FIRST - (day < opens))


def _opening(year: int) -> date:
    first = date(year, 9, 1)
    while first.weekday() > 4:
        first += timedelta(days=1)
    sunday = first - timedelta(days=first.weekday() + 1)
    return sunday + timedelta(days=2 + 7 * (1 if year >= _SECOND_WEEK else 2))


def points_frame(points: IdealPoints, states: list[str]) -> pl.DataFrame:
    """The points of states that voted, with their central intervals."""
    when, who = np.nonzero(points.votes > 0)
    mean, reach = points.mean[when, who], ndtri(0.5 + LEVEL / 2.0) * points.sd[when, who]
    return pl.DataFrame(
        {
            "state": pl.Series(states, dtype=pl.String).gather(who),
            "session": points.sessions[when],
            "ideal_point": mean,
            "low": mean - reach,
            "high": mean + reach,
        },
        schema=SCHEMA,
    )


def _questions(votes: list[str], repeats: pl.DataFrame) -> NDArray[np.int64]:
    """(R,) equal for resolutions that repeat one another, directly or through others. Unknown votes are passed over."""
    absent = [name for name in ("vote_id", "same_as") if name not in repeats.columns]
    if absent:
        raise InputError(f"repeats lack the column {absent[0]}; they need vote_id and same_as")
    place = {vote: i for i, vote in enumerate(votes)}
    parent = list(range(len(votes)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for later, earlier in repeats.select(pl.col("vote_id", "same_as").cast(pl.String)).iter_rows():
        if later in place and earlier in place:
            a, b = root(place[later]), root(place[earlier])
            parent[max(a, b)] = min(a, b)
    return np.array([root(i) for i in range(len(votes))], dtype=np.int64)
