"""Truth drawn from the fitted model, observed where the world was observed: is it inside the intervals?

The part of `coverage` that asks whether the inference is right if the model is. (Whether the model is right is what
next year's observations tell.) Parameters are estimated anew from the drawn observations.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from innominate.alignment import model
from innominate.alignment.composite import portions
from innominate.alignment.model import ChannelEvidence, ChannelParameters, Evidence
from innominate.scoreboard.coverage import LEVELS, TASK, well_covered
from innominate.scoreboard.rows import Row, averaged
from innominate.scoreboard.truncated import AsOf

Array = NDArray[np.float64]

PAIRS = 6000  # drawn by hash, so that it stays a matter of seconds


def draw(evidence: Evidence, parameters: tuple[ChannelParameters, ...], seed: int) -> tuple[Evidence, Array]:
    """Observations drawn from the model in the cells that are known, and the composite (P, T) behind them."""
    rng = np.random.default_rng(seed)
    shape = evidence.channels[0].z.shape
    truth, channels = np.zeros(shape), []
    shares = portions([channel.channel for channel in evidence.channels])
    for channel, found, share in zip(evidence.channels, parameters, shares, strict=True):
        kind = np.asarray(rng.choice(len(found.share), size=shape[0], p=found.share), dtype=np.intp)
        excess = _drawn_excess(found, kind, shape, rng)
        deviation = np.sqrt(1.0 / found.precision(evidence.grid)[kind[:, None], channel.cell])
        seen = np.where(np.isfinite(channel.z), excess + deviation * rng.normal(size=shape), np.nan)
        channels.append(replace(channel, z=seen.astype(np.float32)))
        truth += share * excess
        if channel.partial.size:  # what the margins of both states miss lasts
            truth += share * np.sqrt(channel.partial) * rng.normal(size=(shape[0], 1))
    return replace(evidence, channels=tuple(channels)), truth


def _drawn_excess(
    found: ChannelParameters, kind: NDArray[np.intp], shape: tuple[int, ...], rng: np.random.Generator
) -> Array:
    path = np.empty(shape)
    path[:, 0] = rng.normal(size=shape[0])
    persistence = found.persistence[kind]
    step = np.sqrt(1 - persistence**2)
    for t in range(1, shape[1]):
        path[:, t] = persistence * path[:, t - 1] + step * rng.normal(size=shape[0])
    excess: Array = found.scale[kind][:, None] * path
    excess += np.sqrt(found.level[kind])[:, None] * rng.normal(size=(shape[0], 1))
    return excess


def simulated(known: AsOf, seed: int = 0) -> list[Row]:
    """Shares of drawn composites inside 50 % and 90 % intervals, by decade, for well- and ill-covered pairs."""
    evidence, parameters, rows = _part(known)
    drawn, truth = draw(evidence, parameters, seed)
    mean, variance = model.smooth(drawn, model.estimate(drawn, np.arange(len(rows))))
    places = slice(known.scored.start, known.scored.stop)
    error = (np.abs(mean - truth) / np.sqrt(variance))[:, places]
    alive = known.panel.alive[rows][:, places]
    well = well_covered(known)[rows]
    decades = known.years // 10 * 10
    found = [row for level in LEVELS for row in _rows(error, alive, level, np.ones(len(decades), bool), {}, seed)]
    for decade in np.unique(decades):
        for label, mine in (("ill", alive & ~well), ("well", alive & well)):
            for level in LEVELS:
                more = {"decade": int(decade), "covered": label}
                found += _rows(error, mine, level, decades == decade, more, seed)
    return found


def _part(known: AsOf) -> tuple[Evidence, tuple[ChannelParameters, ...], NDArray[np.intp]]:
    """Some pairs, up to the last scored period, and the parameters in use then."""
    end, last = known.scored.stop, known.parameters[-1]
    met = np.flatnonzero(known.evidence.first < end)
    rows = met[model.drawn_pairs(replace(known.panel, a=known.panel.a[met], b=known.panel.b[met]), PAIRS)]
    channels = tuple(
        ChannelEvidence(one.channel, one.series, one.z[rows, :end].copy(), one.cell[rows, :end].copy())
        for one in known.evidence.channels
        if one.channel in last
    )
    first, stop = known.evidence.first[rows], np.minimum(known.evidence.last[rows], end - 1)
    cut = Evidence(channels, first, stop, known.evidence.grid)
    return cut, tuple(last[one.channel] for one in channels), rows


def _rows(
    error: Array,
    mine: NDArray[np.bool_],
    level: float,
    years: NDArray[np.bool_],
    more: dict[str, object],
    seed: int,
) -> list[Row]:
    chosen = mine[:, years]
    seen = chosen.sum(axis=0).astype(float)
    if not seen.any():
        return []
    inside = ((error[:, years] <= float(ndtri(0.5 + level / 2))) & chosen).sum(axis=0)
    share = inside / np.where(seen > 0, seen, np.nan)
    metric = "/".join([f"truth-inside-{round(100 * level)}", *map(str, more.values())])
    return [averaged(TASK, metric, share, {}, seen, int(seen.sum()), seed=seed, more=more)]
