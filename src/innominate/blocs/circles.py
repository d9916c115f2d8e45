"""The circle around a group in UN votes, and how fast its membership turns over.

The circle of a year is the states that agreed most with the group's members, beyond what each resolution's own split predicts
(:mod:`innominate.panel.agreement`). Resolutions are the sample: draws weigh them at random (Bayesian bootstrap; Rubin 1981).
What two draws of the *same* year differ by is noise, and is taken off the turnover from year to year.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from innominate.ledger import Library
from innominate.panel.agreement import MIN_COMMON, MIN_VARIANCE

_BODY = "UNGA"
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Churn:
    """How fast the circle around a group turns over.

    Attributes
    ----------
    group : members that voted
    years : first years of the transitions counted
    draws : (S,) share of the circle replaced over the lag, beyond noise, mean over transitions
    raw, noise : mean share replaced, and mean share that differs between two draws of one year
    inside : (S,) share of the group's own members that are in the circle, mean over years
    """

    group: tuple[str, ...]
    years: tuple[int, ...]
    draws: Floats
    raw: float
    noise: float
    inside: Floats


@dataclass(frozen=True, slots=True)
class RollCalls:
    """Choices of every year.

    Attributes
    ----------
    states : codes
    choices : year → (N, R) +1, 0, −1, NaN for no vote cast
    """

    states: tuple[str, ...]
    choices: dict[int, Floats]


def roll_calls(library: Library, years: tuple[int, int]) -> RollCalls:
    """The General Assembly's roll calls of some years."""
    frame = library.query(
        f"SELECT year(date) AS year, dataset || vote_id AS vote, state, choice FROM votes WHERE body = '{_BODY}' "
        "AND year(date) BETWEEN ? AND ? ORDER BY year, vote, state",
        years,
    )
    states = sorted(frame["state"].unique())
    where = {state: place for place, state in enumerate(states)}
    choices = {}
    for (year,), part in frame.group_by("year", maintain_order=True):
        vote = part["vote"].rank("dense").cast(pl.Int64).to_numpy() - 1
        table = np.full((len(states), int(vote.max()) + 1), np.nan)
        table[part["state"].replace_strict(where, return_dtype=pl.Int64).to_numpy(), vote] = part["choice"].to_numpy()
        choices[int(year)] = table
    return RollCalls(tuple(states), choices)


def closeness(choices: Floats, members: NDArray[np.int64], weights: Floats) -> Floats:
    """(S, N) mean agreement of every state with `members`, itself apart, for weights (S, R) of the resolutions; NaN: unknown."""
    voted = ~np.isnan(choices)
    voters = np.maximum(voted.sum(axis=0), 1)
    filled = np.where(voted, choices, 0.0)
    centred = np.where(voted, filled - filled.sum(axis=0) / voters, 0.0)
    variance = (centred**2).sum(axis=0) / voters
    kept = variance > MIN_VARIANCE
    centred, seen, variance, weights = centred[:, kept], voted[:, kept].astype(float), variance[kept], weights[:, kept]
    common = seen[members] @ seen.T
    common[np.arange(len(members)), members] = 0
    known = common >= MIN_COMMON
    total = np.zeros((len(weights), len(choices)))
    for place, member in enumerate(members):
        upper = (weights * centred[member]) @ centred.T
        lower = (weights * (variance * seen[member])) @ seen.T
        total += np.where(known[place], upper / np.maximum(lower, 1e-12), 0.0)
    count = known.sum(axis=0)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan))


@dataclass(frozen=True, slots=True)
class Near:
    """Who was near a group, year by year.

    Attributes
    ----------
    group, places : members that ever voted, and their places among the states
    years : year → (2 S, N) places of all states, the nearest first, for every draw
    known : year → (N,) whether nearness is known
    """

    group: tuple[str, ...]
    places: NDArray[np.int64]
    years: dict[int, NDArray[np.int64]]
    known: dict[int, NDArray[np.bool_]]


def near(votes: RollCalls, group: Sequence[str], years: tuple[int, int], *, draws: int = 100, seed: int = 0) -> Near:
    """Rank all states by closeness to a group in every year in which two members or more voted, for 2 × `draws` draws."""
    places = np.array([votes.states.index(code) for code in group if code in votes.states], dtype=np.int64)
    ranked, known = {}, {}
    for year in sorted(set(votes.choices) & set(range(years[0], years[1] + 1))):
        choices = votes.choices[year]
        members = places[(~np.isnan(choices[places])).sum(axis=1) >= MIN_COMMON]
        if len(members) < 2:
            continue
        weights = np.random.default_rng([seed, year]).standard_exponential((2 * draws, choices.shape[1]))
        close = closeness(choices, members, weights)
        known[year] = np.isfinite(close[0])
        ranked[year] = np.argsort(-np.nan_to_num(close, nan=-np.inf), axis=1, kind="stable")
    return Near(tuple(code for code in group if code in votes.states), places, ranked, known)


def churn(found: Near, *, size: int = 20, lag: int = 1, seed: int = 0) -> Churn | None:
    """Turnover of the circle of `size` around a group over `lag` years; None where no two such years have votes."""
    circles = {year: _circle(ranked, found.known[year], size) for year, ranked in found.years.items()}
    both = [year for year in circles if year + lag in circles]
    if not both:
        return None
    draws = len(circles[both[0]]) // 2
    raw, noise = np.zeros((len(both), draws)), np.zeros((len(both), draws))
    for place, year in enumerate(both):
        now, later = circles[year], circles[year + lag]
        raw[place] = _replaced(now[:draws], later[:draws])
        noise[place] = 0.5 * (_replaced(now[:draws], now[draws:]) + _replaced(later[:draws], later[draws:]))
    own = np.stack([each[:draws, found.places].mean(axis=1) for each in circles.values()])
    picked = np.random.default_rng([seed, lag]).integers(
        0, len(both), (draws, len(both))
    )  # transitions are a sample too
    beyond = np.take_along_axis((raw - noise).T, picked, axis=1).mean(axis=1)
    return Churn(found.group, tuple(both), beyond, float(raw.mean()), float(noise.mean()), own.mean(axis=0))


def _circle(ranked: NDArray[np.int64], known: NDArray[np.bool_], size: int) -> NDArray[np.bool_]:
    """(2 S, N) who is in the circle."""
    inside = np.zeros(ranked.shape, dtype=bool)
    np.put_along_axis(inside, ranked[:, :size], values=True, axis=1)
    return inside & known


def _replaced(now: NDArray[np.bool_], later: NDArray[np.bool_]) -> Floats:
    """(S,) share of the circle that is no longer in it."""
    return 1.0 - (now & later).sum(axis=1) / np.maximum(now.sum(axis=1), 1)
