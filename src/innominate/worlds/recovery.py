"""Recovery: what every estimator finds again of a world whose truth is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri
from scipy.stats import spearmanr

from innominate.alignment import AlignmentFit, fit_panel
from innominate.errors import InputError
from innominate.worlds.calibration import LEVELS, Ranks, calibrate, strata_table, usual_strata
from innominate.worlds.seen import Noiseless, noiseless, world_panel
from innominate.worlds.turning import Row, area_under, turn_rows
from innominate.worlds.world import World

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

PARTS = ("alignment", "turns", "blocs", "silence", "exchange")
LATE = 0.0005  # share below which what is shown beyond what passed is rounding
SURE = 0.9  # probability from which a found silence is counted
SILENT = 400  # days from the planted date within which a found silence counts as found


@dataclass(frozen=True, slots=True)
class Recovery:
    """What was found again.

    Attributes
    ----------
    rows : part, measure, stratum, value, cases, chance (what guessing would reach, where that makes sense)
    calibration : table of :func:`innominate.worlds.calibration.strata_table` with parameters estimated
    ranks : the ranks behind it
    """

    rows: pl.DataFrame
    calibration: pl.DataFrame
    ranks: Ranks

    def table(self) -> pl.DataFrame:
        """The rows."""
        return self.rows

    def value(self, part: str, measure: str, stratum: str = "all") -> float:
        """One figure."""
        found = self.rows.filter(
            (pl.col("part") == part) & (pl.col("measure") == measure) & (pl.col("stratum") == stratum)
        )
        return float(found["value"].item())

    def plain(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "recovery": self.rows.fill_nan(None).to_dicts(),
            "calibration": self.calibration.fill_nan(None).to_dicts(),
            "ranks": self.ranks.histogram().tolist(),
        }


def recover(
    world: World,
    *,
    draws: int = 16,
    replicates: int = 6,
    parts: tuple[str, ...] = PARTS,
    progress: Callable[[str], None] = lambda step: None,
) -> Recovery:
    """Fit a world as any library is fitted and compare with its truth.

    Parameters
    ----------
    draws : fresh draws of the acts that the noiseless truth is averaged over
    replicates : panels of the calibration
    parts : what is looked at, of :data:`PARTS`

    Raises
    ------
    InputError : for parts, draws or replicates that cannot be
    """
    unknown = [part for part in parts if part not in PARTS]
    if isinstance(parts, str) or unknown:
        named = parts if isinstance(parts, str) else unknown[0]
        raise InputError(f"parts {named!r}: the allowed values are {', '.join(PARTS)}")
    if draws < 1 or replicates < 1:
        raise InputError(f"{draws} draws and {replicates} panels of the calibration: at least 1 of each")
    panel = world_panel(world)
    fit = fit_panel(world.library(), panel, progress)
    rows: list[Row] = []
    truth: Noiseless | None = None
    if "alignment" in parts:
        truth = noiseless(world, [one.channel for one in fit.parameters], draws, progress=progress)
        rows += alignment_rows(world, fit, truth)
    if "turns" in parts:
        rows += turn_rows(world, fit, truth)
    if "blocs" in parts:
        progress("blocs")
        rows += [*bloc_rows(world), *aligned_bloc_rows(world, fit)]
    if "silence" in parts:
        progress("silence")
        rows += silence_rows(world)
    if "exchange" in parts:
        rows += exchange_rows(world)
    ranks = calibrate(fit.evidence, fit.parameters, replicates=replicates, seed=world.settings.seed, progress=progress)
    table = strata_table(ranks, usual_strata(fit.evidence, panel.years, _smaller(world)))
    columns = ["part", "measure", "stratum", "value", "cases", "chance"]
    kinds = [pl.String, pl.String, pl.String, pl.Float64, pl.Int64, pl.Float64]
    return Recovery(pl.DataFrame(rows, schema=dict(zip(columns, kinds, strict=True)), orient="row"), table, ranks)


def _smaller(world: World) -> Array:
    size: Array = np.minimum(world.latent.size[world.latent.a], world.latent.size[world.latent.b])
    return size


def alignment_rows(world: World, fit: AlignmentFit, truth: Noiseless) -> Iterator[Row]:
    """Rank correlation with what is behind the acts, intervals over what the acts would show without noise, detection."""
    alive = np.isfinite(fit.mean)
    behind = world.latent.alignment.T
    cells = int(alive.sum())
    years = [t for t in range(alive.shape[1]) if alive[:, t].sum() > 20]
    for name, goal in (("behind the acts", behind), ("without noise", truth.composite)):
        each = [spearmanr(fit.mean[alive[:, t], t], goal[alive[:, t], t]).statistic for t in years]
        yield "alignment", f"rank correlation with the truth {name}", "all", float(np.mean(each)), cells, 0.0
    best = [spearmanr(truth.composite[alive[:, t], t], behind[alive[:, t], t]).statistic for t in years]
    measure = "rank correlation of the truth without noise with the truth behind the acts"
    yield "alignment", measure, "all", float(np.mean(best)), cells, 0.0
    without = np.abs(fit.mean - truth.composite) / np.sqrt(fit.variance + truth.error)
    error = {
        "truth without noise": without,
        "truth behind the acts": np.abs(fit.scale.alignment(fit.mean) - behind) / fit.deviation,
    }
    strata = {"all": {"all": alive}} | usual_strata(fit.evidence, fit.panel.years, _smaller(world))
    for name, errors in error.items():
        for stratum, groups in strata.items():
            for group, inside in groups.items():
                chosen = errors[inside & alive]
                label = group if stratum == "all" else f"{stratum}: {group}"
                for level in LEVELS if len(chosen) > 200 else ():
                    held = float((chosen <= ndtri(0.5 + level / 2)).mean())
                    yield "alignment", f"{name} inside {round(100 * level)} %", label, held, len(chosen), level
    yield from _detection_rows(world, fit)
    yield from _named_rows(world, fit)


def _named_rows(world: World, fit: AlignmentFit) -> Iterator[Row]:
    """Of pairs without a treaty that the measure calls unnamed with a stated probability, those that are allied."""
    above = ndtr((fit.scale.alignment(fit.mean) - fit.scale.quartile) / fit.deviation)
    free = ~world.pacts.in_force().T & np.isfinite(fit.mean)
    secret = world.secret.T
    measure = "pairs without a treaty that are allied"
    yield "alignment", measure, "all", float(secret[free].mean()), int(free.sum()), None
    for low, high in ((0.5, 0.7), (0.7, 0.9), (0.9, 1.0)):
        named = free & (above >= low) & ((above < high) | (high == 1.0))
        if named.any():
            share, said = float(secret[named].mean()), float(above[named].mean())
            yield "alignment", measure, f"unnamed {low:g} to {high:g}", share, int(named.sum()), said


def _detection_rows(world: World, fit: AlignmentFit) -> Iterator[Row]:
    """How well unsigned allies stand out from other pairs without a treaty."""
    unsigned = ~world.pacts.in_force().T & np.isfinite(fit.mean)
    secret = world.secret.T
    areas = [area_under(fit.mean[unsigned[:, t], t], secret[unsigned[:, t], t]) for t in range(fit.mean.shape[1])]
    known = [area for area in areas if area is not None]
    if known:
        yield (
            "alignment",
            "unnamed allies above other pairs without a treaty (AUC)",
            "all",
            float(np.mean(known)),
            int(secret.sum()),
            0.5,
        )


def bloc_rows(world: World) -> Iterator[Row]:
    """Membership of blocs found in events against the planted one, over the states that belong to a bloc."""
    from innominate.blocs import CoreSettings, find_blocs
    from innominate.blocs.planted import adjusted_rand

    settings = world.settings
    kinds = len(np.unique(world.latent.blocs[-1]))
    found = find_blocs(
        world.library(), (settings.first, settings.last), settings=CoreSettings(seed=settings.seed), blocs=2 * kinds
    )
    last = found.table().filter(pl.col("period") == found.memberships.periods[-1])
    foremost = last.sort("membership", descending=True).unique("state", keep="first", maintain_order=True)
    names = {name: k for k, name in enumerate(sorted(set(foremost["bloc"])))}
    bloc = {state: names[name] for state, name in foremost.select("state", "bloc").iter_rows()}
    t = int(str(found.memberships.periods[-1])[:4]) - settings.first
    planted = {code: int(b) for code, b in zip(world.latent.codes, world.latent.blocs[t], strict=True) if b >= 0}
    both = sorted(planted.keys() & bloc.keys())
    if len(both) >= 4:
        value = adjusted_rand(np.array([planted[code] for code in both]), np.array([bloc[code] for code in both]))
        yield "blocs", "membership in events (adjusted Rand index)", "all", value, len(both), 0.0
        table = last.pivot("bloc", index="state", values="membership").fill_null(0.0)
        share = {row[0]: np.array(row[1:], dtype=np.float64) for row in table.rows()}
        pairs = [(one, two) for place, one in enumerate(both) for two in both[place + 1 :]]
        overlap = np.array([float(share[one] @ share[two]) for one, two in pairs])
        area = area_under(overlap, np.array([planted[one] == planted[two] for one, two in pairs]))
        if area is not None:
            yield "blocs", "co-membership in events (AUC)", "all", area, len(pairs), 0.5


def aligned_bloc_rows(world: World, fit: AlignmentFit) -> Iterator[Row]:
    """Membership of blocs found in the fitted alignment, and in the true one, the ceiling of the same estimator.

    The signal is the distance of pairs of one bloc from all others in spreads of the latter, the last year.
    """
    from innominate.blocs.aligned import LASTING, aligned_blocs, chosen
    from innominate.blocs.planted import adjusted_rand

    latent, codes = world.latent, world.latent.codes
    planted = latent.blocs[-1].astype(np.int64)
    member = planted >= 0
    found = aligned_blocs(fit, seed=world.settings.seed)
    order = np.array([found.states.index(code) for code in codes])
    a, b = latent.a, latent.b
    same = (planted[a] == planted[b]) & member[a]
    true = np.full((len(latent.years), len(codes), len(codes)), np.nan)
    true[:, a, b] = true[:, b, a] = np.where(latent.alive, latent.alignment, np.nan)
    best = chosen(true[::-3][::-1], np.zeros_like(true[::-3]), lasting=LASTING / 3, seed=world.settings.seed)
    for label, one, path, places in (
        ("in the fitted alignment", found.found, fit.mean[:, -1], order),
        ("in the true alignment", best, latent.alignment[-1], np.arange(len(codes))),
    ):
        value = adjusted_rand(planted[member], one.foremost[-1][places][member])
        yield "blocs", f"membership {label} (adjusted Rand index)", "all", value, int(member.sum()), 0.0
        together = one.together()[-1][np.ix_(places, places)][a, b]
        area = area_under(together[member[a] & member[b]], same[member[a] & member[b]])
        if area is not None:
            yield "blocs", f"co-membership {label} (AUC)", "all", area, int(member.sum()), 0.5
        known = np.isfinite(path) & latent.alive[-1]
        rest = path[known & ~same]
        signal = float((path[known & same].mean() - rest.mean()) / rest.std()) if (known & same).any() else 0.0
        yield "blocs", f"signal {label}", "all", signal, int((known & same).sum()), 0.0


def silence_rows(world: World) -> Iterator[Row]:
    """Planted silences against those found; nothing where the room is not there."""
    if find_spec("innominate.silence") is None or not world.settings.texts:
        return
    from importlib import import_module

    texts = world.library().query("SELECT body AS text, date, series FROM texts ORDER BY series, date")
    found = import_module("innominate.silence").omissions(texts, series="series").filter(pl.col("probability") >= SURE)
    planted = world.truth("silences")
    hit = matched(planted, found)
    if hit:
        yield "silence", "planted silences found", "all", float(np.mean(hit)), len(hit), None
    dropped = found.filter(pl.col("kind") != "appeared")
    true = [any(matched(planted, dropped[k : k + 1])) for k in range(dropped.height)]
    if true:
        yield "silence", "reported silences that were planted", "all", float(np.mean(true)), len(true), None


def matched(planted: pl.DataFrame, found: pl.DataFrame) -> list[bool]:
    """For every planted silence whether one was found in its series, in its words and near its date."""
    hits = []
    for row in planted.iter_rows(named=True):
        words = set(row["phrase"].lower().strip(".").split())
        hit = False
        for other in found.filter((pl.col("series") == row["series"]) & (pl.col("kind") != "appeared")).iter_rows(
            named=True
        ):
            said = set(str(other["phrase"]).lower().strip(".").split())
            missed = other["first_missed"]
            when = missed if not isinstance(missed, str) else np.datetime64(missed).astype(object)
            near = when is not None and abs((when - row["first_missed"]).days) <= SILENT
            hit |= near and len(words & said) >= 0.5 * min(len(said), len(words)) and len(said) >= 2
        hits.append(hit)
    return hits


def exchange_rows(world: World) -> Iterator[Row]:
    """Of what truly passed between states, the share that the library shows, for secret pairs and for all others.

    Flow by flow: what a flow shows beyond what passed in its year (of earlier years, or on the way between two others) is no
    part of it, and told as a share of what passed, by itself.
    """
    acts = world.library().query(
        """SELECT least(source, target) AS a, greatest(source, target) AS b, channel, year("start")::INT AS year,
           sum(value) AS shown FROM acts GROUP BY ALL ORDER BY ALL"""
    )
    secret = world.truth("pacts").filter(pl.col("allied") & ~pl.col("signed")).select("a", "b", "year")
    flows = world.truth("exchange").join(acts, on=["a", "b", "channel", "year"], how="full", coalesce=True)
    flows = flows.with_columns(pl.col("shown", "value").fill_null(0.0))
    for label, part in (
        ("pairs without concealment", flows.join(secret, on=["a", "b", "year"], how="anti")),
        ("allies without a treaty", flows.join(secret, on=["a", "b", "year"], how="semi")),
    ):
        for channel in ("trade", "arms"):
            own = part.filter(pl.col("channel") == channel)
            if (own["value"] > 0).any():
                passed, shown = own["value"].to_numpy(), own["shown"].to_numpy()
                inside = float(np.minimum(shown, passed).sum() / passed.sum())
                beyond = float(shown.sum() / passed.sum()) - inside
                cases = int((passed > 0).sum())
                yield "exchange", f"{channel} that the library shows", label, inside, cases, 1.0
                if beyond > LATE:
                    measure = f"{channel} shown late or on a detour, of what passed"
                    yield "exchange", measure, label, beyond, cases, None
