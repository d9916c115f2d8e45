"""How much a real pair would have to hide for the measurement to miss it: its own acts, thinned at random.

A share of every kind of cooperation that can be concealed is removed from the acts of a pair, many times; the pair is
smoothed anew with the parameters of the whole fit, and the probability that it stands above the bar is read off again.
Votes, memberships, embassies and what rivals do are public and stay. Margins and spreads over pairs are those of the
library as it is and of the library without these acts at all, between which a pair's own acts move them in proportion.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from innominate.alignment import AlignmentFit, model
from innominate.alignment.turns import find_turns
from innominate.errors import InputError
from innominate.ledger import CHANNELS, Library
from innominate.panel import Panel, build
from innominate.panel.build import LIMIT
from innominate.panel.events import CONFLICT, EVENTS
from innominate.panel.links import PRIOR_EVENTS
from innominate.panel.panel import family_of
from innominate.panel.periods import per_year
from innominate.worlds.concealing import EVENNESS
from innominate.worlds.hidden import Hidden
from innominate.worlds.laws import packaged_laws

Array = NDArray[np.float64]

DRAWS = 200  # at every share
GRID = tuple(round(0.05 * k, 2) for k in range(21))


def concealable() -> tuple[str, ...]:
    """Channels in which cooperation can be concealed."""
    return tuple(name for name, law in packaged_laws().channels.items() if not law.public)


class Without(Library):
    """A library in which some pairs did nothing that can be concealed, from a year on."""

    def __init__(self, library: Library, pairs: Sequence[tuple[str, str]], since: int) -> None:
        super().__init__(library.folder, library.manifest)
        both = " OR ".join(
            f"(least(source, target) = '{min(pair)}' AND greatest(source, target) = '{max(pair)}')" for pair in pairs
        )
        named = ", ".join(f"'{name}'" for name in concealable())
        self._rest = f'acts AS (SELECT * FROM main.acts WHERE NOT (year("end") >= {since} AND channel IN ({named}) AND ({both})))'

    def query(self, sql: str, parameters: Sequence[object] = ()) -> pl.DataFrame:
        """Rows of `sql`, in which ``acts`` are those that are left."""
        text = sql.strip()
        prefix = f"WITH {self._rest}"
        opened = text[:5].upper() == "WITH "
        return super().query(f"{prefix}, {text[5:]}" if opened else f"{prefix} {text}", parameters)


def hide(
    library: Library,
    fit: AlignmentFit,
    pairs: Sequence[tuple[str, str]],
    years: Sequence[Sequence[int]],
    *,
    since: int = 0,
    shares: Sequence[float] = GRID,
    draws: int = DRAWS,
    seed: int = 0,
    drop: Sequence[str] = (),
    progress: Callable[[str], None] = lambda step: None,
) -> list[Hidden]:
    """Hide ever larger shares of what some pairs do for one another.

    A pair is judged only in years in which some channel, whichever, looked at it. Of other years the fit has a level too,
    carried over from years around them or, where there are none, the prior; neither says what was done then.

    Parameters
    ----------
    fit : of the library, year by year
    years : for each pair the years over which its level is judged
    since : acts that end earlier stay in sight
    drop : channels that the fit leaves out
    shares : between 0 and 1, rising; draws : random removals at every share

    Raises
    ------
    InputError : for a pair at which nobody looked in a year in which it is to be judged, and for shares, draws
        or years that cannot be
    """
    _check(fit, pairs, years, shares, draws)
    span = int(fit.panel.years[0]), int(fit.panel.years[-1])
    progress("the same library without what could be hidden")
    bare = build(Without(library, pairs, since), span, drop=drop)
    cut = _cut_channels(fit.panel, pairs)
    apart = [name for name in CHANNELS if name not in cut]  # they need not be measured again
    uncut = build(library, span, drop=apart, limit=np.inf) if cut else fit.panel
    found = []
    for place, pair in enumerate(pairs):
        a, b = sorted(pair)
        progress(f"hiding: {a}-{b}")
        one = _Pair.of(library, fit, uncut, bare, a, b, since)
        judged = np.isin(fit.panel.years, list(years[place]))
        random = np.random.default_rng([seed, place])
        levels, deviations = [], []
        for share in shares:
            mean, deviation = one.smoothed(fit, share, draws, random)
            levels.append(mean[:, judged].mean(axis=1))
            deviations.append(deviation[:, judged].mean(axis=1))
        found.append(
            Hidden(a, b, tuple(years[place]), np.array(shares), np.array(levels), np.array(deviations),
                   fit.scale.quartile, one.acts.height)
        )  # fmt: skip
    return found


def _check(
    fit: AlignmentFit,
    pairs: Sequence[tuple[str, str]],
    years: Sequence[Sequence[int]],
    shares: Sequence[float],
    draws: int,
) -> None:
    if len(years) != len(pairs):
        raise InputError(f"{len(pairs)} pairs and years for {len(years)}: every pair needs its years")
    if not len(shares) or not all(0.0 <= share <= 1.0 for share in shares) or list(shares) != sorted(set(shares)):
        raise InputError("shares hidden: numbers between 0 and 1, each larger than the one before")
    if draws < 1:
        raise InputError(f"{draws} draws: at least 1")
    for (a, b), own in zip(pairs, years, strict=True):
        place = fit.panel.pair(a, b)
        looked = np.isfinite(fit.panel.z[place]).any(axis=1)
        known = fit.panel.years[np.isfinite(fit.mean[place]) & looked]
        if not len(known):
            raise InputError(f"{a}-{b}: nobody looked at this pair in {fit.panel.labels[0]}-{fit.panel.labels[-1]}")
        lacking = sorted(set(own) - set(known.tolist()))
        if lacking or not len(own):
            some = f"it is known in {len(known)} years of {known[0]}-{known[-1]}"
            told = f"{some}, and not in {lacking[0]}" if lacking else "no year is named"
            raise InputError(f"{a}-{b} cannot be judged: {told}")


@dataclass(frozen=True, slots=True)
class _Pair:
    """One pair in both panels and its acts.

    place : in the fit; whole, bare : (T, S) z with and without the acts, not cut at the panel's limit; acts : what could be concealed, and in events all;
    typical : share of conflict in events of the typical pair, (T, S)
    """

    place: int
    whole: Array
    bare: Array
    acts: pl.DataFrame
    panel: Panel
    typical: Array
    conflict: Array

    @classmethod
    def of(
        cls,
        library: Library,
        fit: AlignmentFit,
        uncut: Panel,
        bare: Panel,
        a: str,
        b: str,
        since: int,
    ) -> _Pair:
        panel = fit.panel
        acts = library.query(
            f"""SELECT channel, dataset, year("start") AS first, year("end") AS final, coalesce(value, 0) AS value, source FROM acts
            WHERE least(source, target) = ? AND greatest(source, target) = ? AND year("end") >= {since}
            AND list_contains(?, channel) ORDER BY ALL""",
            [a, b, list(concealable())],
        )
        standing = standing_parts(panel, a, b)
        acts = acts.join(standing, on=["channel", "dataset", "source"], how="inner", maintain_order="left")
        typical, conflict = _conflict(library, panel, a, b, standing)
        place, unknown = panel.pair(a, b), np.full(panel.z.shape[1:], np.nan)
        whole = _shown(uncut, panel, a, b, panel.z[place].astype(np.float64))
        return cls(place, whole, _shown(bare, panel, a, b, unknown), acts, panel, typical, conflict)

    def smoothed(self, fit: AlignmentFit, share: float, draws: int, random: np.random.Generator) -> tuple[Array, Array]:
        """(D, T) alignment and its standard deviation with a share hidden."""
        z = self._observed(share, draws, random)
        size = len(fit.evidence.grid)
        channels = []
        for channel in fit.evidence.channels:
            row = channel.cell[self.place]
            used = np.array([channel.series[int(cell) // size] for cell in row])
            known = np.isfinite(channel.z[self.place])
            mine = np.where(known, z[:, np.arange(len(used)), used], np.nan).astype(np.float32)
            cells = np.repeat(row[None], draws, axis=0)
            channels.append(replace(channel.take(np.full(draws, self.place)), z=mine, cell=cells))
        evidence = replace(
            fit.evidence, channels=tuple(channels), first=np.repeat(fit.evidence.first[self.place], draws),
            last=np.repeat(fit.evidence.last[self.place], draws),
        )  # fmt: skip
        turned = find_turns(evidence, fit.parameters, per_year=per_year(fit.panel.resolution))
        found = model.compose(evidence, fit.parameters, turned.pace, fit.composite.across)
        whole = found.variance + fit.composite.choice[self.place]  # of channels, whatever is hidden
        return fit.scale.alignment(found.mean), np.sqrt(whole) / fit.scale.unit

    def _observed(self, share: float, draws: int, random: np.random.Generator) -> Array:
        """(D, T, S) what the panel would show of the pair with a share hidden."""
        below = np.broadcast_to(self.panel.discount, self.whole.shape)
        found = np.repeat(self.whole[None], draws, axis=0)
        left = thin(self.acts, self.panel.years, share, draws, random)
        for k, series in enumerate(self.panel.series):
            if series.channel == "conflict-share":
                found[:, :, k] = self._shares(k, left, draws)
                continue
            if (series.channel, series.dataset) not in left:
                continue
            seen, all_ = left[series.channel, series.dataset]
            with np.errstate(invalid="ignore", divide="ignore"):
                part = np.where(all_ > 0, np.log1p(seen) / np.log1p(all_), 1.0)
            nothing = np.where(np.isfinite(self.bare[:, k]), self.bare[:, k], self.whole[:, k])
            with np.errstate(invalid="ignore", divide="ignore"):
                low, high = (np.where(value < 0, value / below[:, k], value) for value in (nothing, self.whole[:, k]))
            moved = low + (high - low) * part
            found[:, :, k] = np.where(moved < 0, moved * below[:, k], moved)
        return np.clip(found, -LIMIT * below, LIMIT)

    def _shares(self, k: int, left: dict[tuple[str, str], tuple[Array, Array]], draws: int) -> Array:
        """(D, T) the share of conflict in events when part of the cooperation is hidden; unknown where no event is left."""
        dataset = self.panel.series[k].dataset
        kept, everything = np.zeros((draws, len(self.panel.years))), np.zeros(len(self.panel.years))
        for name in EVENTS:
            if (name, dataset) in left and name not in CONFLICT:
                seen, all_ = left[name, dataset]
                kept, everything = kept + seen, everything + all_
        part, base = self.conflict[:, k], self.typical[:, k]
        before, noise = _log_odds(part, part + everything, base)
        after, _ = _log_odds(part, part + kept, base)
        with np.errstate(invalid="ignore", divide="ignore"):
            size = np.sqrt(noise / self.panel.variance[self.place, :, k])
            moved = self.whole[:, k] + CHANNELS["conflict-share"].valence * (after - before) / size
        moved = np.where(np.isfinite(moved), moved, self.whole[:, k])
        return np.where(part + kept > 0, moved, np.nan)


def _cut_channels(panel: Panel, pairs: Sequence[tuple[str, str]]) -> set[str]:
    """Channels in which the panel shows less of any pair than it does, because excesses are cut at a limit."""
    shown = panel.z[[panel.pair(*pair) for pair in pairs]]
    cut = (shown >= LIMIT) | (shown <= -LIMIT * panel.discount)
    return {series.channel for k, series in enumerate(panel.series) if cut[:, :, k].any()}


def _shown(panel: Panel, like: Panel, a: str, b: str, otherwise: Array) -> Array:
    """(T, S) z of a pair in one panel, in the series of another; `otherwise` (T, S) in those that it lacks."""
    place = panel.pair(a, b)
    found = otherwise.copy()
    for k, series in enumerate(like.series):
        if series in panel.series:
            found[:, k] = panel.z[place, :, panel.series.index(series)]
    return found


def _log_odds(part: Array, whole: Array, base: Array) -> tuple[Array, Array]:
    """Log-odds of a share and their sampling variance, as :func:`innominate.panel.links.shares` takes them."""
    yes, no = part + PRIOR_EVENTS * base, whole - part + PRIOR_EVENTS * (1 - base)
    weight = whole / (whole + PRIOR_EVENTS)
    return np.log(yes / no), weight**2 * (1 / yes + 1 / no)


def thin(
    acts: pl.DataFrame, years: NDArray[np.int32], share: float, draws: int, random: np.random.Generator
) -> dict[tuple[str, str], tuple[Array, Array]]:
    """Channel and dataset → (D, T) levels that are left, and (T,) levels there were.

    Parameters
    ----------
    acts : channel, dataset, source, first and final year, value, and ``years``: those in which the part of the dataset stands
        for what the source does

    Single acts go one by one, counts are thinned, a year's trade loses about the share.
    """
    found: dict[tuple[str, str], tuple[Array, Array]] = {}
    for (channel, dataset), part in acts.group_by("channel", "dataset", maintain_order=True):
        kind = CHANNELS[str(channel)].kind
        value = part["value"].to_numpy().astype(np.float64)
        final = part["first" if kind == "count" else "final"].to_numpy()
        first = part["first"].to_numpy()
        inside = (years[None, :] >= first[:, None]) & (years[None, :] <= final[:, None])
        weight = inside / (final - first + 1)[:, None] if kind == "amount" else inside.astype(np.float64)
        stands = {giver: np.isin(years, own["years"][0].to_numpy()) for (giver,), own in part.group_by("source")}
        weight = weight * np.stack([stands[giver] for giver in part["source"]])
        kept = _kept(str(channel), value, share, draws, random)
        seen, all_ = (kept * value) @ weight, value @ weight
        key = (str(channel), family_of(str(dataset)))
        if key in found:
            seen, all_ = seen + found[key][0], all_ + found[key][1]
        found[key] = (seen, all_)
    return found


def _kept(channel: str, value: Array, share: float, draws: int, random: np.random.Generator) -> Array:
    """(D, acts) share of every act that still shows."""
    shape = (draws, len(value))
    if share in (0.0, 1.0):
        return np.full(shape, 1.0 - share)
    whole = (value == np.round(value)) & (value > 1)
    if CHANNELS[channel].kind == "count" and whole.any():
        times = np.maximum(value, 1.0).astype(np.int64)
        return random.binomial(times, 1 - share, shape) / times
    if channel == "trade":
        return random.beta((1 - share) * EVENNESS, share * EVENNESS, shape)
    return (random.random(shape) >= share).astype(np.float64)


def standing_parts(panel: Panel, a: str, b: str) -> pl.DataFrame:
    """channel, dataset, source, years: in which years which part of a dataset stands for what either of a pair does."""
    rows = [
        (channel, part, giver, year)
        for channel, dataset, year in sorted(panel.parts)
        if channel in (*concealable(), *EVENTS)
        for giver, part in zip((a, b), panel.parts_of(channel, dataset, year, a, b), strict=True)
        if part is not None
    ]
    schema = {"channel": pl.String, "dataset": pl.String, "source": pl.String, "years": pl.Int64}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.group_by("channel", "dataset", "source", maintain_order=True).agg("years")


def _conflict(library: Library, panel: Panel, a: str, b: str, standing: pl.DataFrame) -> tuple[Array, Array]:
    """(T, S) share of conflict in the events of the typical pair, and (T, S) conflict events of one pair, by dataset."""
    shape = panel.z.shape[1:]
    typical, own = np.full(shape, 0.5), np.zeros(shape)
    rows = library.query(
        """SELECT channel, dataset, year("start") AS year, least(source, target) AS a, greatest(source, target) AS b,
        sum(coalesce(value, 0)) AS value FROM acts WHERE list_contains(?, channel) GROUP BY ALL ORDER BY ALL""",
        [list(EVENTS)],
    )
    stands = standing.select("channel", "dataset", "years").explode("years").rename({"years": "year"}).unique()
    rows = rows.join(stands, on=["channel", "dataset", "year"], how="semi", maintain_order="left")
    families = {name: family_of(name) for name in rows["dataset"].unique()}
    rows = rows.with_columns(pl.col("dataset").replace(families))
    hostile = pl.when(pl.col("channel").is_in(list(CONFLICT))).then(pl.col("value")).otherwise(0.0)
    pairs = rows.group_by("dataset", "year", "a", "b").agg(
        pl.col("value").sum().alias("whole"), hostile.sum().alias("part")
    )
    for k, series in enumerate(panel.series):
        if series.channel != "conflict-share":
            continue
        for t, year in enumerate(panel.years):
            here = pairs.filter(
                (pl.col("dataset") == series.dataset) & (pl.col("year") == int(year)) & (pl.col("whole") > 0)
            ).sort("a", "b")
            if here.is_empty():
                continue
            whole, part = here["whole"].to_numpy().astype(np.float64), here["part"].to_numpy().astype(np.float64)
            weight = whole / (whole + PRIOR_EVENTS)
            typical[t, k] = np.clip((weight * part / whole).sum() / weight.sum(), 0.01, 0.99)
            mine = here.filter((pl.col("a") == a) & (pl.col("b") == b))
            own[t, k] = float(mine["part"][0]) if mine.height else 0.0
    return typical, own
