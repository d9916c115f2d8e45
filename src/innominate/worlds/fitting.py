"""The figures of a world, estimated from a real library: ``innominate simulate --fit-from LIBRARY``.

A lognormal level leaves its parts in the logarithms of second moments over the squared mean: the same pair a year later
keeps activity and pair, two pairs that share a state keep one activity (method of moments for a Poisson lognormal,
Aitchison and Ho 1989, Biometrika 76: 643-653). Total variance and base come from the mean and the share of zeros, or for
amounts from quantiles, which heavy tails do not upset.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize
from scipy.stats import norm

from innominate import states as registry
from innominate.alignment.parameters import ChannelParameters
from innominate.errors import InputError
from innominate.ledger import CHANNELS, Library
from innominate.panel import links
from innominate.panel.agreement import agreement
from innominate.panel.cells import cells
from innominate.panel.coverage import exposures
from innominate.panel.margins import separable, spread
from innominate.panel.placing import with_places
from innominate.panel.votes import votes_excess
from innominate.worlds.ballots import fit_pull
from innominate.worlds.deeds import levels, votes
from innominate.worlds.latent import draw_latent
from innominate.worlds.laws import HABITS, BallotLaw, ChannelLaw, WorldLaw
from innominate.worlds.settings import Settings

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

YEARS = (1995, 2010)  # in which nearly every dataset looked
PUBLIC = ("votes", "igo", "missions", "verbal-conflict", "material-conflict", "disputes", "war", "sanctions")
CHANNELS_OF_ACTS = (
    "igo", "missions", "verbal-cooperation", "material-cooperation", "verbal-conflict", "material-conflict", "arms",
    "defence-agreements", "exercises", "troop-support", "disputes", "war", "trade", "sanctions",
)  # fmt: skip
ROUNDS, DAMPING = 10, 0.7
RARE, WIDEST = (
    0.05,
    3.0,
)  # mean of a count below which its zeros tell nothing; largest standard deviation of a logarithm
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(80)
WEIGHTS = WEIGHTS / WEIGHTS.sum()


@dataclass(frozen=True, slots=True)
class Seen:
    """One dataset's view of one channel: level (T, N, N) and known (T, N, N), symmetric."""

    level: Array
    known: Mask


def fit_laws(library: Library, progress: Callable[[str], None] = lambda step: None) -> WorldLaw:
    """Estimate every figure of a world from a library that holds all channels.

    Raises
    ------
    InputError : where the library lacks a channel in the years of the fit
    """
    from innominate.alignment import fit_alignment
    from innominate.alignment.scale import nato_pairs

    codes = sorted(set().union(*(registry.alive(year) for year in range(YEARS[0], YEARS[1] + 1))))
    seen = {}
    for name in CHANNELS_OF_ACTS:
        progress(name)
        seen[name] = observed(library, name, codes)
    progress("how channels move together")
    fit = fit_alignment(library, (1990, YEARS[1]), progress=progress)
    paths = {one.channel: _average_path(one) for one in fit.parameters}
    states_busy = busy(seen)
    bare = {name: _law(name, seen[name], states_busy[name], paths) for name in CHANNELS_OF_ACTS}
    means = {name: _mean_excess(name, one) for name, one in seen.items()}
    voted = votes_excess(library, codes, range(YEARS[0], YEARS[1] + 1), "year")
    if not voted:
        raise InputError(f"{library.folder}: no votes in {YEARS[0]}-{YEARS[1]}")
    cast = np.array([one.value for one in next(iter(voted.values())).values()])[:, *np.triu_indices(len(codes), 1)]
    means["votes"] = np.nanmean(cast, axis=0)
    law = fit_ballots(library, next(iter(voted.values())))
    scale, level, persistence = paths["votes"]
    bare["votes"] = ChannelLaw(
        "votes", "agreement", "world-votes", 0.0, 0.0, 0.0, 1.0, 0.0, 0.0,
        round(level / (level + scale**2), 4), round(persistence, 4), 0.0,
    )  # fmt: skip
    mean = np.nanmean(fit.mean[:, fit.panel.years >= YEARS[0]], axis=1)
    nato = (nato_pairs(fit.panel) & np.isfinite(fit.mean)).any(axis=1)
    reference = round(float((np.median(mean[nato]) - np.nanmedian(mean)) / np.nanstd(mean)), 3)
    laws = with_loadings(WorldLaw(bare, law, reference), correlations(means), progress)
    origin = f"second moments of {', '.join(CHANNELS_OF_ACTS)} and votes, {YEARS[0]}-{YEARS[1]}"
    return replace(laws, origin=origin)


def _average_path(found: ChannelParameters) -> tuple[float, float, float]:
    """Scale, level and persistence of the average pair of a channel, over the classes of pairs."""
    moving = found.share * found.scale**2
    return (
        float(np.sqrt(moving.sum())),
        float((found.share * found.level).sum()),
        float((moving * found.persistence).sum() / moving.sum()),
    )


def observed(library: Library, channel: str, codes: list[str]) -> Seen:
    """The dataset that looked at most pairs in the years of the fit."""
    best = looked_at(library, channel, codes, YEARS)
    if best is None:
        raise InputError(
            f"{library.folder}: nothing on {channel} in {YEARS[0]}-{YEARS[1]}, the years that figures are fitted to; a world needs every channel"
        )
    return best


def looked_at(library: Library, channel: str, codes: list[str], years: tuple[int, int]) -> Seen | None:
    """What the dataset that looked at most pairs in some years shows of a channel; None where none did, or none shows anything."""
    position = {code: k for k, code in enumerate(codes)}
    covered = library.query("SELECT * FROM coverage WHERE channel = ? ORDER BY dataset, first, scope", [channel])
    summed = with_places(cells(library, [channel], *years, "year"), codes, {"a": "i", "b": "j"})
    alive = _alive(codes, years)
    best: Seen | None = None
    for (dataset,), rows in covered.group_by("dataset", maintain_order=True):
        known = exposures(rows, position, *years, "year") > 0.9
        known &= alive
        if not all(separable(one) for one in known if one.any()):
            continue
        own = summed.filter(pl.col("dataset") == dataset)
        level = np.zeros(known.shape)
        t, i, j = (own[name].to_numpy() - (years[0] if name == "period" else 0) for name in ("period", "i", "j"))
        level[t, i, j] = level[t, j, i] = own["level"].to_numpy()
        gap = own["unknown"].to_numpy()
        known[t[gap], i[gap], j[gap]] = known[t[gap], j[gap], i[gap]] = False
        if best is None or known.sum() > best.known.sum():
            best = Seen(np.where(known, level, 0.0), known)
    return best if best is not None and best.known.any() and best.level.any() else None


def _alive(codes: list[str], years: tuple[int, int]) -> Mask:
    living = [set(registry.alive(year)) for year in range(years[0], years[1] + 1)]
    one = np.array([[code in year for code in codes] for year in living])
    both: Mask = one[:, :, None] & one[:, None, :]
    both[:, np.arange(len(codes)), np.arange(len(codes))] = False
    return both


def _mean_excess(name: str, seen: Seen) -> Array:
    """(P,) mean over years of a pair's standardised excess, signed so that more is what allies do; NaN unknown."""
    n = seen.level.shape[1]
    link = links.counts if CHANNELS[name].kind == "count" else links.amounts
    total, times = np.zeros((n, n)), np.zeros((n, n))
    for level, known in zip(seen.level, seen.known, strict=True):
        if not separable(known):
            continue
        value = link(level, known).value
        total += np.where(known, value / spread(value, known), 0.0)
        times += known
    mean = np.where(times > 0, total / np.maximum(times, 1), np.nan)[np.triu_indices(n, 1)]
    return np.asarray(CHANNELS[name].valence * mean)


def correlations(means: dict[str, Array]) -> Array:
    """(C, C) correlations over pairs between channels' mean excesses, in the order of `means`."""
    table = np.array(list(means.values()))
    known = np.isfinite(table)
    n = len(table)
    found = np.eye(n)
    for a in range(n):
        for b in range(a):
            both = known[a] & known[b]
            moves = table[a, both].std() > 0 and table[b, both].std() > 0
            found[a, b] = found[b, a] = np.corrcoef(table[a, both], table[b, both])[0, 1] if moves else 0.0
    return found


def with_loadings(
    laws: WorldLaw, goal: Array, progress: Callable[[str], None] = lambda step: None, seed: int = 0
) -> WorldLaw:
    """The laws with the loadings at which a world shows the correlations `goal` between its channels' excesses.

    Rare acts show little of what is behind them, so correlations of what is seen understate those of what is behind.
    Indirect inference (Gouriéroux, Monfort and Renault 1993, Journal of Applied Econometrics 8: S85-S118): the
    correlations behind are moved by what a simulated world still lacks, and two factors are fitted to them.
    """
    names = list(laws.channels)
    behind, best, least = goal.copy(), laws, np.inf
    for turn in range(ROUNDS):
        progress(f"how channels move together: world {turn + 1} of {ROUNDS}")
        found = two_factors(names, behind)
        channels = {
            name: replace(law, loading=found[name][0], nearness=found[name][1]) for name, law in laws.channels.items()
        }
        tried = replace(laws, channels=channels)
        lacking = goal - correlations(shown_by(tried, seed))
        size = float(np.sqrt((lacking[np.triu_indices(len(names), 1)] ** 2).mean()))
        if size < least:
            best, least = tried, size
        behind = np.clip(behind + DAMPING * lacking, -0.95, 0.95)
    return best


def shown_by(laws: WorldLaw, seed: int, states: int = 190, periods: int = 10) -> dict[str, Array]:
    """Mean excess of every pair in every channel of a world of these laws."""
    latent = draw_latent(Settings(states=states, periods=periods, seed=seed, last=YEARS[1]), laws.reference)
    upper = np.triu_indices(states, 1)
    found = {}
    for law, amount in levels(latent, laws, seed):
        level = np.zeros((periods, states, states))
        level[:, *upper] = amount
        level += level.transpose(0, 2, 1)
        known = np.zeros(level.shape, dtype=bool)
        known[:, *upper] = latent.alive
        found[law.channel] = _mean_excess(law.channel, Seen(level, known | known.transpose(0, 2, 1)))
    cast = [agreement(np.where(one == 9, np.nan, one)).excess[upper] for _, one in votes(latent, laws, seed)]
    return {name: found[name] if name in found else np.nanmean(cast, axis=0) for name in laws.channels}


def two_factors(names: list[str], correlation: Array) -> dict[str, tuple[float, float]]:
    """Loadings of every channel on alignment (never negative) and on nearness (negative where it means conflict).

    Least squares on the correlations between channels; the signs tell the two factors apart.
    """
    n = len(names)
    signs = np.array([CHANNELS[name].valence for name in names], dtype=float)
    rows, columns = np.triu_indices(n, 1)

    def loss(free: Array) -> float:
        model = np.outer(free[:n], free[:n]) + np.outer(signs * free[n:], signs * free[n:])
        return float(((correlation - model)[rows, columns] ** 2).sum())

    found = minimize(loss, np.full(2 * n, 0.4), bounds=[(0.0, 0.95)] * (2 * n), method="L-BFGS-B").x
    size = np.maximum(np.sqrt(found[:n] ** 2 + found[n:] ** 2) / 0.95, 1.0)
    pairs = zip(found[:n] / size, signs * found[n:] / size, strict=True)
    return {name: (round(float(a), 4), round(float(b), 4)) for name, (a, b) in zip(names, pairs, strict=True)}


@dataclass(frozen=True, slots=True)
class Busy:
    """How busy states are in a channel: the share of the variance of activity that follows size, and habits beside it."""

    common: float
    habits: tuple[float, ...]


def busy(seen: dict[str, Seen]) -> dict[str, Busy]:
    """Size is what a state's activity in all other channels says; habits are factors of what moves together beyond it."""
    margins = {}
    for name, one in seen.items():
        total, times = one.level.sum(axis=(0, 2)), one.known.sum(axis=(0, 2))
        value = np.log1p(total / np.maximum(times, 1) * 100)
        known = times > 0
        margins[name] = np.where(known, (value - value[known].mean()) / value[known].std(), 0.0)
    whole = np.sum(list(margins.values()), axis=0)
    with_size = np.array([float(np.corrcoef(one, whole - one)[0, 1]) for one in margins.values()])
    left = np.sqrt(1.0 - with_size**2)
    beyond = (np.corrcoef(list(margins.values())) - np.outer(with_size, with_size)) / np.outer(left, left)
    habits = principal_factors(np.clip(beyond, -1.0, 1.0), HABITS)
    return {
        name: Busy(round(float(share), 4), tuple(round(float(one), 4) for one in loadings))
        for name, share, loadings in zip(margins, with_size**2, habits, strict=True)
    }


def principal_factors(correlation: Array, count: int, rounds: int = 200) -> Array:
    """(C, count) loadings by iterated principal axes (Harman 1976, Modern Factor Analysis, chapter 8), squares at most one.

    Every factor points to where most of its loadings are positive.
    """
    reduced = correlation.copy()
    loadings = np.zeros((len(correlation), count))
    for _ in range(rounds):
        np.fill_diagonal(reduced, np.minimum((loadings**2).sum(axis=1), 1.0) if loadings.any() else 0.5)
        values, vectors = np.linalg.eigh(reduced)
        loadings = vectors[:, ::-1][:, :count] * np.sqrt(np.maximum(values[::-1][:count], 0.0))
    loadings /= np.maximum(np.sqrt((loadings**2).sum(axis=1, keepdims=True)), 1.0)
    turned: Array = loadings * np.where(loadings.sum(axis=0) < 0, -1.0, 1.0)
    return turned


@dataclass(frozen=True, slots=True)
class Moments:
    """Logarithms of second moments over the squared mean: of a cell with itself, a year later, and sharing one state."""

    itself: float
    later: float
    shared: float


def moments(seen: Seen, counted: bool) -> Moments:
    """Moments of a channel over the years in which it was seen."""
    itself, later, shared = [], [], []
    for t, (level, known) in enumerate(zip(seen.level, seen.known, strict=True)):
        if not known.any() or not level.any():
            continue
        mean = float(level[known].mean())
        itself.append(float((level[known] ** 2 - (level[known] if counted else 0.0)).mean()) / mean**2)
        rows, degree = level.sum(axis=1), known.sum(axis=1).astype(float)
        triples = float((degree**2 - degree).sum())
        shared.append(float((rows**2 - (level**2).sum(axis=1)).sum()) / triples / mean**2)
        if t + 1 < len(seen.level) and seen.level[t + 1].any():
            both = known & seen.known[t + 1]
            after = seen.level[t + 1]
            later.append(float((level * after)[both].mean()) / (mean * float(after[both].mean())))
    parts = (np.log(max(float(np.mean(one)), 1.001)) if one else 0.001 for one in (itself, later, shared))
    return Moments(*(float(part) for part in parts))


def _law(name: str, seen: Seen, states: Busy, paths: dict[str, tuple[float, float, float]]) -> ChannelLaw:
    kind = CHANNELS[name].kind
    values = seen.level[seen.known]
    base, size, least = _location(values, kind)
    found = moments(seen, kind == "count")
    if kind == "count" and values.mean() < RARE:  # nearly every cell is 0 or 1: the zeros tell nothing of the spread
        size = min(float(np.sqrt(max(found.itself, found.later))), WIDEST)
        base = float(np.log(values.mean())) - size**2 / 2
    whole = max(found.itself, found.later, 0.01)
    activity = min(2 * found.shared / whole, 0.8)
    noise = 0.0 if kind == "level" else min(max(1.0 - found.later / whole, 0.02), 0.5)
    excess = max(1.0 - activity - noise, 0.1)
    scale, level, persistence = paths.get(name, paths["verbal-cooperation"])
    total = activity + noise + excess
    spread_ = np.sqrt(excess / total) * size * CHANNELS[name].valence
    return ChannelLaw(
        name, kind, _dataset(name), round(base, 4), round(float(np.sqrt(activity / total / 2)) * size, 4),  # type: ignore[arg-type]
        states.common,
        round(float(spread_), 4), 0.0, 0.0, round(level / (level + scale**2), 4), round(persistence, 4),
        round(float(np.sqrt(noise / total)) * size, 4), round(least, 6), name in PUBLIC,
        states.habits, float(values.max()),
    )  # fmt: skip


def _dataset(name: str) -> str:
    return "world-events" if name.endswith(("-cooperation", "-conflict")) else f"world-{name}"


def _location(values: Array, kind: str) -> tuple[float, float, float]:
    """Base and standard deviation of the logarithm, and the least amount recorded."""
    mean, zero = float(values.mean()), float((values == 0).mean())
    if kind == "amount" or zero < 0.05:
        return _by_quantiles(values, zero)
    if kind == "level":
        return _by_steps(values)

    def gap(size: float) -> float:
        return float(WEIGHTS @ np.exp(-mean * np.exp(size * NODES - size**2 / 2))) - zero

    size = 0.3 if gap(0.05) > 0 else 4.0 if gap(4.0) < 0 else float(brentq(gap, 0.05, 4.0))
    return float(np.log(mean)) - size**2 / 2, size, 0.0


def _by_steps(values: Array) -> tuple[float, float, float]:
    """A level is the whole part of a lognormal: the shares of cells that reach one, and a second step, give both figures."""
    second = max(2.0, float(np.quantile(values[values > 0], 0.9)))
    at = norm.ppf([(values >= 1).mean(), max(float((values >= second).mean()), 1e-5)])
    size = min(float(np.log(second) / max(at[0] - at[1], 0.05)), WIDEST)
    return float(size * at[0]), size, 0.0


def _by_quantiles(values: Array, zero: float) -> tuple[float, float, float]:
    share = 1.0 - zero
    levels = np.array([1.0 - share / 2, 1.0 - share / 20])
    middle, far = np.log(np.quantile(values, levels))
    at = norm.ppf(levels)
    size = float((far - middle) / (at[1] - at[0]))
    base = float(middle - size * at[0])
    return base, size, float(np.exp(base + size * norm.ppf(zero))) if zero > 0 else 0.0


def fit_ballots(library: Library, excess: dict[int, links.Excess]) -> BallotLaw:
    """Shares of choices over resolutions, and the pull that gives agreement its spread over pairs."""
    rows = library.query(
        """
        SELECT vote_id, avg((choice = 1)::INT) AS yes, avg((choice = 0)::INT) AS abstain, count(*) AS cast, any_value(year(date)) AS year
        FROM votes WHERE body = 'UNGA' AND year(date) BETWEEN ? AND ? GROUP BY vote_id ORDER BY vote_id
        """,
        list(YEARS),
    ).filter(pl.col("yes").is_between(0.02, 0.98))
    members = float(np.mean([len(registry.un_members(year)) for year in range(YEARS[0], YEARS[1] + 1)]))
    yes = rows["yes"].to_numpy()
    no_yes = (rows["abstain"] / (1.0 - rows["yes"])).to_numpy()
    signal = np.concatenate([(one.value**2 - one.variance)[np.isfinite(one.value)] for one in excess.values()])
    law = BallotLaw(
        round(rows.height / (YEARS[1] - YEARS[0] + 1)), round(float(yes.mean()), 4), round(float(yes.std()), 4),
        round(float(no_yes.mean()), 4), round(max(0.0, 1.0 - float(rows["cast"].to_numpy().mean()) / members), 4), 1.0,
    )  # fmt: skip
    return fit_pull(law, float(np.sqrt(max(signal.mean(), 1e-4))))
