"""What a measurement sees of a world: its panel, and what the panel would show without noise."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from innominate.alignment.composite import portions
from innominate.ledger import Library
from innominate.panel import Panel, build
from innominate.worlds.laws import WorldLaw
from innominate.worlds.settings import Settings
from innominate.worlds.world import World, simulate

Array = NDArray[np.float64]


def among(panel: Panel, codes: Sequence[str]) -> Panel:
    """The panel of the pairs of some states only.

    A library says nothing about states outside its datasets' coverage, but a panel has all that existed; pairs that
    nobody looked at must not set the scale of a small world.
    """
    inside = np.isin(np.array(panel.states), list(codes))
    rows = np.flatnonzero(inside[panel.a] & inside[panel.b])
    return replace(
        panel, a=panel.a[rows], b=panel.b[rows], z=panel.z[rows], variance=panel.variance[rows], alive=panel.alive[rows]
    )


def world_panel(world: World, library: Library | None = None, drop: Sequence[str] = ()) -> Panel:
    """The observations of a world, its own states only."""
    years = (world.settings.first, world.settings.last)
    return among(build(library or world.library(), years, drop=drop), world.latent.codes)


@dataclass(frozen=True, slots=True)
class Noiseless:
    """What every channel would show of a world without noise: means over fresh draws of the acts behind one truth.

    Attributes
    ----------
    channels : names; excess : (C, P, T) mean standardised excess, 0 where no draw shows anything to measure
    composite : (P, T) weighted mean over channels, what the measure sets out to estimate, in spreads
    error : (P, T) variance of `composite`, since it is a mean over few draws
    """

    channels: tuple[str, ...]
    excess: Array
    composite: Array
    error: Array


def noiseless(
    world: World,
    channels: Sequence[str],
    draws: int,
    progress: Callable[[str], None] = lambda step: None,
) -> Noiseless:
    """Draw the acts of a world anew, seen throughout and with nothing concealed, and average what they show.

    Parameters
    ----------
    channels : those of the fit that is judged
    """
    settings = replace(world.settings, coverage="full", conceal=0.0, texts=False)
    total: Array = np.zeros(0)
    times: Array = np.zeros(0)
    with tempfile.TemporaryDirectory() as folder:
        kept = [Path(folder) / f"{k}.npy" for k in range(1, draws + 1)]
        for k, file in enumerate(kept, 1):
            progress(f"the truth without noise: draw {k} of {draws}")
            z = _drawn(settings, world.laws, k, channels)
            np.save(file, z.astype(np.float32))
            if not total.size:
                total, times = np.zeros(z.shape), np.zeros(z.shape)
            total += np.nan_to_num(z)
            times += np.isfinite(z)
        mean = total / np.maximum(times, 1)
        shares = np.array(portions(channels))
        composite = np.tensordot(shares, mean, 1)
        error = _error(kept, mean, shares[:, None, None] / np.maximum(times, 1))
    return Noiseless(tuple(channels), mean, composite, error)


def _error(kept: Sequence[Path], mean: Array, weights: Array) -> Array:
    """(P, T) variance of a weighted mean over draws, (C, P, T) each: channels that share acts err together."""
    squares = np.zeros(mean.shape[1:])
    for file in kept:
        squares += np.einsum("cpt,cpt->pt", weights, np.nan_to_num(np.load(file) - mean)) ** 2
    return squares * len(kept) / max(len(kept) - 1, 1)


def _drawn(settings: Settings, laws: WorldLaw, replicate: int, channels: Sequence[str]) -> Array:
    """(C, P, T) standardised excess of one draw."""
    with tempfile.TemporaryDirectory() as folder:
        made = simulate(settings, Path(folder) / "world", laws=laws, replicate=replicate)
        panel = world_panel(made)
    place = {series.channel: k for k, series in enumerate(panel.series)}
    nothing = np.full(panel.z.shape[:2], np.nan)
    return np.stack([panel.z[:, :, place[name]] if name in place else nothing for name in channels]).astype(np.float64)
