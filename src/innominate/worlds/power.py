"""How much concealment makes an alliance invisible: detection power in worlds that stand still.

In every world nobody but NATO's members signs; allied pairs conceal a share of what can be concealed. A detector ranks the
pairs without a treaty; its power is the share of truly allied ones that score above all but :data:`FALSE_ALARMS` of the
others. Ours are the measurement and the likelihood detector (:mod:`innominate.worlds.detecting`) as they run on any library;
the ceiling is :mod:`innominate.worlds.ceiling`, once told the share that allies conceal (``best``: to whom silence between neighbours is itself a sign) and once believing that nobody
conceals anything (``unaware``, which is what the measurement also believes).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import beta

from innominate.alignment import fit_panel
from innominate.errors import InputError
from innominate.worlds import deeds
from innominate.worlds.ceiling import Agreeing, Channel, log_odds
from innominate.worlds.detecting import detect
from innominate.worlds.expected import agreed, expected, spread_out
from innominate.worlds.laws import WorldLaw, packaged_laws
from innominate.worlds.seen import world_panel
from innominate.worlds.settings import Settings
from innominate.worlds.world import World, simulate

Array = NDArray[np.float64]
Places = NDArray[np.intp]

FALSE_ALARMS = 0.05
COLUMNS = (
    "channels", "conceal", "years", "states", "cases", "power", "error", "detector", "detector_error", "ceiling", "ceiling_error",
    "unaware", "share", "detector_share",
)  # fmt: skip
MOST_OTHERS = 500  # pairs that are not allied, on which false alarms are counted
SETS: dict[str, tuple[str, ...]] = {
    "votes": ("votes",),
    "trade and arms": ("trade", "arms"),
    "military": ("arms", "exercises", "troop-support", "disputes", "war"),
    "events": ("verbal-cooperation", "material-cooperation", "verbal-conflict", "material-conflict"),
    "all but votes": (
        "trade", "arms", "exercises", "troop-support", "disputes", "war", "verbal-cooperation", "material-cooperation",
        "verbal-conflict", "material-conflict",
    ),
    "all": (
        "votes", "trade", "arms", "exercises", "troop-support", "disputes", "war", "verbal-cooperation",
        "material-cooperation", "verbal-conflict", "material-conflict",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of the pairs without a treaty in one world, at its end.

    Attributes
    ----------
    allied : (K,) whether the pair is; ours, best, unaware, detector : (K,) scores of the measurement, of the ceilings and of
        the likelihood detector that is told nothing
    """

    allied: NDArray[np.bool_]
    ours: Array
    best: Array
    unaware: Array
    detector: Array


def power_of(scores: Sequence[Scores], name: str) -> tuple[float, float]:
    """Power of a detector (``ours``, ``detector``, ``best`` or ``unaware``) over worlds, and its standard error (Jeffreys).

    NaN without an allied pair, and where the detector says nothing on some world.
    """
    caught, cases = 0, 0
    for one in scores:
        values = getattr(one, name)
        if np.isnan(values).any():
            return float("nan"), float("nan")
        bar = _bar(values[~one.allied])
        caught += int((values[one.allied] > bar).sum())
        cases += int(one.allied.sum())
    if not cases:
        return float("nan"), float("nan")
    return caught / cases, float(beta(caught + 0.5, cases - caught + 0.5).std())


def _bar(others: Array) -> float:
    """The score above which few of the pairs that are not allied stand; scores may be minus infinity."""
    with np.errstate(invalid="ignore"):
        bar = float(np.quantile(others, 1 - FALSE_ALARMS))
    return float(np.quantile(others, 1 - FALSE_ALARMS, method="higher")) if np.isnan(bar) else bar


def power_table(
    conceal: Sequence[float] = (0.0, 0.25, 0.5, 0.75, 0.9),
    *,
    sets: Sequence[str] = tuple(SETS),
    years: Sequence[int] = (20,),
    states: Sequence[int] = (50,),
    seeds: Sequence[int] = (0, 1, 2),
    laws: WorldLaw | None = None,
    progress: Callable[[str], None] = lambda step: None,
) -> pl.DataFrame:
    """Power by share concealed, set of channels, years and states.

    Returns
    -------
    channels, conceal, years, states, cases (allied pairs), power of the measurement and its error (standard), detector,
    detector_error (the same of the likelihood detector), ceiling, ceiling_error, unaware (the ceiling that believes nothing is
    concealed), share and detector_share (power as a share of the ceiling); null where no pair is allied

    Raises
    ------
    InputError : for a set that is none of :data:`SETS`, and worlds that cannot be
    """
    unknown = [name for name in sets if name not in SETS]
    if isinstance(sets, str) or unknown:
        named = sets if isinstance(sets, str) else unknown[0]
        raise InputError(f"set of channels {named!r}: the allowed values are {', '.join(SETS)}")
    for label, asked in (("conceal", conceal), ("years", years), ("states", states), ("seeds", seeds)):
        if isinstance(asked, str) or not isinstance(asked, Sequence):
            raise InputError(f"{label} {asked!r}: a list, for instance {label}=({asked},)")
    rows = []
    for name in sets:
        for length in years:
            for n in states:
                for hidden in conceal:
                    progress(f"{name}, {length} years, {n} states, {hidden:.0%} concealed")
                    found = [scores(name, length, n, hidden, seed, laws) for seed in seeds]
                    power, error = power_of(found, "ours")
                    best, best_error = power_of(found, "best")
                    cases = sum(int(one.allied.sum()) for one in found)
                    own, own_error = power_of(found, "detector")
                    shares = [value / best if best > 0 else None for value in (power, own)]
                    blind = power_of(found, "unaware")[0]
                    rows.append(
                        (name, hidden, length, n, cases, power, error, own, own_error, best, best_error, blind, *shares)
                    )
    return pl.DataFrame(rows, schema=list(COLUMNS), orient="row").fill_nan(None)


def scores(name: str, years: int, states: int, hidden: float, seed: int, laws: WorldLaw | None = None) -> Scores:
    """All detectors' scores in one world that sees a set of channels only."""
    laws = laws or packaged_laws()
    settings = Settings(
        states, years, hidden, seed, modes=(1.0, 0.0, 0.0), coverage="full", turns=0.0, drift=0.0, texts=False, pacts=False,
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        world = simulate(settings, Path(folder) / "world", laws=laws, channels=SETS[name])
        ours = measured(world)
        pairs = _judged(world)
        best, unaware = _best(world, laws, SETS[name], pairs)
        return Scores(world.secret[-1, pairs], ours[pairs], best, unaware, _detector(world, laws, pairs))


def _judged(world: World) -> Places:
    """Pairs without a treaty, allied throughout or never; of the others at most :data:`MOST_OTHERS`, drawn."""
    alive = world.latent.alive.all(axis=0)
    free = alive & ~world.pacts.in_force().any(axis=0)
    always, never = world.secret.all(axis=0) & free, ~world.secret.any(axis=0) & free
    random = np.random.default_rng([world.settings.seed, 17])
    others = np.flatnonzero(never)
    others = np.sort(random.choice(others, min(MOST_OTHERS, len(others)), replace=False))
    return np.concatenate([np.flatnonzero(always), others])


def measured(world: World) -> Array:
    """(P,) how far above the bar the measurement places each pair in the last year, in its own standard deviations."""
    panel = world_panel(world)
    fit = fit_panel(world.library(), panel)
    bar = fit.scale.zero + fit.scale.quartile * fit.scale.unit
    place = {(panel.states[a], panel.states[b]): k for k, (a, b) in enumerate(zip(panel.a, panel.b, strict=True))}
    codes = world.latent.codes
    order = [place.get((codes[a], codes[b]), -1) for a, b in zip(world.latent.a, world.latent.b, strict=True)]
    score = (fit.mean[:, -1] - bar) / np.sqrt(fit.variance[:, -1])
    return np.where(np.array(order) >= 0, score[order], -np.inf)


def _detector(world: World, laws: WorldLaw, pairs: Places) -> Array:
    """(K,) evidence of the likelihood detector, which sees the library and the laws; NaN where these foresee no ally."""
    if not expected(laws, len(world.latent.codes), world.settings.periods, world.settings.last).tells:
        return np.full(len(pairs), np.nan)
    latent, years = world.latent, (world.settings.first, world.settings.last)
    judged = [(latent.codes[latent.a[p]], latent.codes[latent.b[p]]) for p in pairs]
    return detect(world.library(), years, laws=laws, pairs=judged).evidence


def _best(world: World, laws: WorldLaw, names: Sequence[str], pairs: Places) -> tuple[Array, Array]:
    """(K,) log odds of the detector that knows the world's parameters, told and not told of concealment."""
    latent, seed = world.latent, world.settings.seed
    media = np.log(deeds.attention(latent, seed))
    shown = _shown(world)
    channels = []
    for name in names:
        law = laws.channels[name]
        if law.kind == "agreement":
            continue
        own = deeds.activity(latent, law, seed)
        mean = law.base + own[latent.a] + own[latent.b] + law.spread * law.nearness * latent.near
        level = np.broadcast_to(mean, latent.theta.shape)
        if law.dataset == deeds.MEDIA:
            level = level + media[:, latent.a] + media[:, latent.b]
        channels.append(Channel(law, shown[name][:, pairs].T, level[:, pairs].T.copy()))
    votes = _agreeing(world, laws, pairs) if "votes" in names else None
    theta, prior = _distribution(world)
    bar = latent.bar
    share = world.settings.conceal
    told = log_odds(channels, votes, theta, prior, bar, share)
    return told, log_odds(channels, votes, theta, prior, bar, 0.0) if share > 0 else told


def _distribution(world: World) -> tuple[Array, Array]:
    """Grid of alignment and its distribution over the pairs without a treaty."""
    free = world.latent.alive[-1] & ~world.pacts.in_force()[-1]
    return spread_out(world.latent.theta[-1, free])


def _shown(world: World) -> dict[str, Array]:
    """Channel → (T, P) what the library shows."""
    latent = world.latent
    place = {(latent.codes[a], latent.codes[b]): p for p, (a, b) in enumerate(zip(latent.a, latent.b, strict=True))}
    rows = world.library().query(
        """SELECT channel, least(source, target) AS a, greatest(source, target) AS b, year("start")::INT AS year,
           sum(value) AS value FROM acts GROUP BY ALL ORDER BY ALL"""
    )
    found: dict[str, Array] = {}
    for (channel,), part in rows.group_by("channel", maintain_order=True):
        table = np.zeros(latent.theta.shape)
        pairs = [place[a, b] for a, b in part.select("a", "b").iter_rows()]
        table[part["year"].to_numpy() - world.settings.first, pairs] = part["value"].to_numpy()
        found[str(channel)] = table
    blank = np.zeros(latent.theta.shape)
    return {name: found.get(name, blank) for name in packaged_laws().channels}


def _agreeing(world: World, laws: WorldLaw, pairs: Places) -> Agreeing:
    """Agreement in the votes cast, with what the detector knows of how it follows from x."""
    latent, law, seed = world.latent, laws.channels["votes"], world.settings.seed
    periods = len(latent.years)
    seen = agreed(latent, laws, seed)
    x = deeds.excess(latent, law, seed)
    slope, level = np.polyfit(x.ravel(), seen.ravel(), 1)
    rest = np.cov(seen - level - slope * x) + 1e-6 * np.eye(periods)
    near = law.nearness * latent.near
    taste = np.cov(x - law.loading * latent.theta - near)
    mean = np.broadcast_to(near[pairs][:, None], (len(pairs), periods))
    return Agreeing(
        seen[:, pairs].T.copy(),
        mean,
        law.loading,
        float(level),
        float(slope),
        np.atleast_2d(taste),
        np.atleast_2d(rest),
    )
