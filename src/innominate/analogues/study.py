"""The most similar past cases of a pair or a triad, what followed them, and whether such analogies foretell anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from innominate import states as registry
from innominate.analogues.cases import OUTCOMES, Cases, pair_cases, triad_cases
from innominate.analogues.matching import NEIGHBOURS, Rate, neighbours, rate, scaled
from innominate.analogues.record import Record, record
from innominate.analogues.skill import Skill, skills
from innominate.errors import InputError
from innominate.ledger import Library
from innominate.panel import Panel, build
from innominate.scoreboard.truncated import first_year, unfinished

Silent = Callable[[str], None]

HORIZONS = (5, 10)
STEP = 5  # years between the standpoints that are compared
SHOWN = 15  # nearest cases listed
PERCENTILE = 0.90  # each pair of a triad that serves as an analogue was above this share of pairs
QUANTILES = {"p05": 0.05, "p25": 0.25, "p50": 0.50, "p75": 0.75, "p95": 0.95}


@dataclass(frozen=True, slots=True)
class Analogues:
    """Past cases like this one.

    Attributes
    ----------
    members, year : two or three states, and the end of which year they are looked at
    rates : what followed the nearest cases, with base rates
    skills : whether such analogies foretold, out of time, against the base rate
    nearest : states, year, distance, and for every outcome and horizon whether it followed (null: not asked or unknown)
    fan : years after, percentiles over the nearest cases of where they stood among all pairs (share of pairs below), cases
    standing : (states, year) → their share of pairs below, of the case itself by year
    reference : how many past cases could have been analogues, of how many units
    first : first year of the record
    """

    members: tuple[str, ...]
    year: int
    rates: tuple[Rate, ...]
    skills: tuple[Skill, ...]
    nearest: pl.DataFrame
    fan: pl.DataFrame
    standing: pl.DataFrame
    reference: tuple[int, int]
    first: int
    record: Record = field(repr=False)
    cases: Cases = field(repr=False)

    def rate(self, outcome: str, horizon: int) -> Rate | None:
        """The rate of one outcome within a horizon; None where no past case tells."""
        return next((one for one in self.rates if (one.outcome, one.horizon) == (outcome, horizon)), None)

    def skill(self, outcome: str, horizon: int) -> Skill | None:
        """The skill for one outcome within a horizon; None where too little happened to tell."""
        return next((one for one in self.skills if (one.outcome, one.horizon) == (outcome, horizon)), None)


def long_record(library: Library, panel: Panel, progress: Silent = lambda step: None) -> Record:
    """The record from the library's first observations, 1946 at the earliest, to the end of a panel at hand."""
    start, own = first_year(library), int(panel.years[0])
    late = unfinished(library)
    panel = panel.select({series.channel for series in panel.series} - set(late))
    if start >= own:
        return record(library, [panel])
    progress("observing earlier pairs")
    return record(library, [build(library, (start, own - 1), drop=late), panel])


def find_analogues(
    record: Record,
    members: Sequence[str],
    year: int | None = None,
    *,
    horizons: tuple[int, ...] = HORIZONS,
    seed: int = 1,
    progress: Silent = lambda step: None,
) -> Analogues:
    """The most similar past cases of a pair or triad.

    Nothing after `year` enters: similarity uses what was known at its end, and only past cases and standpoints whose
    longest horizon was over by then serve.

    Parameters
    ----------
    record : from :func:`long_record`
    members : two or three codes
    year : the end of which year; by default the last whose wars the record knows
    horizons : years within which something may follow
    seed : of the bootstrap

    Raises
    ------
    InputError : for states or years that the record does not have, or other than two or three states
    """
    codes = tuple(registry.get(code).code for code in members)
    if len(set(codes)) != len(codes) or len(codes) not in (2, 3):
        raise InputError("analogues are drawn for two or three different states")
    last = min(record.known.get("joint war", (0, int(record.years[-1])))[1], int(record.years[-1]))
    year = last if year is None else year
    gap, first = max(horizons), int(record.years[0])
    if not first + STEP <= year <= int(record.years[-1]):
        raise InputError(f"{year} is outside {first + STEP}-{record.years[-1]}")
    pairs = np.sort([record.pair(one, two) for k, one in enumerate(codes) for two in codes[k + 1 :]])
    if not record.alive[pairs, year - first].all():
        raise InputError(f"{', '.join(codes)} did not all exist in {year}")
    years = range(first + (year - first) % STEP, year + 1, STEP)
    progress("gathering past cases")
    where = [record.states.index(code) for code in codes]
    every = (
        pair_cases(record, years, horizons) if len(codes) == 2
        else triad_cases(record, years, horizons, PERCENTILE, (where[0], where[1], where[2]))
    )  # fmt: skip
    own = np.flatnonzero((every.year == year) & (every.members == np.sort(where)).all(axis=1))
    query, past = every.take(own), every.take(np.flatnonzero(every.touch & (every.year <= year - gap)))
    rows, distances = neighbours(query, past, gap=gap)
    until = year - gap
    rates = [found for name in OUTCOMES for h in horizons if (found := rate(rows[0], past, name, h, until)) is not None]
    progress("asking whether analogies foretell")
    told = skills(every, range(years[0], year - gap + 1, STEP), horizons, gap=gap, seed=seed)
    share = _percentiles(record)
    return Analogues(
        codes, year, tuple(rates), tuple(told), _nearest(record, past, rows[0], distances[0], horizons),
        _fan(record, share, past, rows[0], gap), _standing(record, share, pairs, year),
        (len(past.year), len(np.unique(past.unit))), first, record, every,
    )  # fmt: skip


def resemblance(found: Analogues, members: Sequence[str], year: int) -> tuple[float, int]:
    """How like the case some states once were: the share of past cases that were less like it, and how many there are.

    Parameters
    ----------
    members, year : a case of the same size at any year of the record before the standpoint
    """
    rec = found.record
    where = np.sort([rec.states.index(code) for code in members])
    if len(where) != len(found.members):
        raise InputError(f"{', '.join(members)}: not as many states as {', '.join(found.members)}")
    t = year - found.first
    if not 0 <= t < len(rec.years):
        raise InputError(f"{year} is outside {found.first}-{rec.years[-1]}")
    span = range(year, year + 1)
    one = (
        pair_cases(rec, span, HORIZONS) if len(where) == 2
        else triad_cases(rec, span, HORIZONS, PERCENTILE, (int(where[0]), int(where[1]), int(where[2])))
    )  # fmt: skip
    other = one.take(np.flatnonzero((one.members == where).all(axis=1)))
    if not len(other.year):
        raise InputError(f"{', '.join(members)} did not all exist in {year}")
    past = found.cases.take(np.flatnonzero(found.cases.touch & (found.cases.year < found.year)))
    own = np.sort([rec.states.index(code) for code in found.members])
    query = found.cases.take(
        np.flatnonzero((found.cases.year == found.year) & (found.cases.members == own).all(axis=1))
    )
    asked = scaled(query, past)[0]
    gaps = np.sqrt(((scaled(past, past) - asked) ** 2).sum(axis=1))
    mine = float(np.sqrt(((scaled(other, past)[0] - asked) ** 2).sum()))
    return float((gaps > mine).mean()), len(gaps)


def _percentiles(record: Record) -> np.ndarray:
    """(P, T) share of the pairs alive that are less aligned, NaN where a pair is not."""
    overall = record.overall
    share = np.full(overall.shape, np.nan, dtype=np.float32)
    for t in range(overall.shape[1]):
        alive = np.flatnonzero(record.alive[:, t])
        ordered = np.sort(overall[alive, t])
        share[alive, t] = np.searchsorted(ordered, overall[alive, t], side="left") / max(len(alive) - 1, 1)
    return share


def _of(record: Record, members: np.ndarray) -> np.ndarray:
    """Places of the pairs of some states."""
    codes = [record.states[int(k)] for k in members]
    return np.array([record.pair(one, two) for k, one in enumerate(codes) for two in codes[k + 1 :]])


def _fan(record: Record, share: np.ndarray, past: Cases, rows: np.ndarray, gap: int) -> pl.DataFrame:
    own = rows[rows >= 0][:NEIGHBOURS]
    paths = np.full((len(own), gap + 1), np.nan)
    for k, row in enumerate(own):
        t = int(past.year[row]) - int(record.years[0])
        paths[k] = share[_of(record, past.members[row]), t : t + gap + 1].mean(axis=0)
    found = []
    for after in range(gap + 1):
        known = paths[np.isfinite(paths[:, after]), after]
        if len(known):
            found.append((after, *np.quantile(known, list(QUANTILES.values())).tolist(), len(known)))
    return pl.DataFrame(found, schema=["after", *QUANTILES, "cases"], orient="row")


def _standing(record: Record, share: np.ndarray, pairs: np.ndarray, year: int) -> pl.DataFrame:
    rows = []
    for t, at in enumerate(record.years):
        if int(at) <= year and record.alive[pairs, t].all():
            rows.append((int(at), float(share[pairs, t].mean())))
    return pl.DataFrame(rows, schema={"year": pl.Int64, "share": pl.Float64}, orient="row")


def _nearest(
    record: Record,
    past: Cases,
    rows: np.ndarray,
    distances: np.ndarray,
    horizons: tuple[int, ...],
) -> pl.DataFrame:
    found = []
    for row, distance in zip(rows[rows >= 0][:SHOWN], distances, strict=False):
        told = {
            f"{name} in {h}": bool(past.followed[name][h][row]) if past.open_[name][h][row] else None
            for name in OUTCOMES for h in horizons
        }  # fmt: skip
        names = "-".join(record.states[int(k)] for k in past.members[row])
        found.append({"states": names, "year": int(past.year[row]), "distance": float(distance), **told})
    told_columns = {f"{name} in {h}": pl.Boolean for name in OUTCOMES for h in horizons}
    return pl.DataFrame(found, schema={"states": pl.String, "year": pl.Int64, "distance": pl.Float64, **told_columns})
