"""Turns that are found again: what the estimator of turns lists, against the changes of alignment that a world planted.

A turn counts as found where one to the same side is listed within NEAR years. Planted are turns of pairs by themselves and those
that follow from a state's move between blocs, from CLEAR on the scale up; many of them change what the pair shows by little,
and no estimator can find those, so that recall is also given among turns which the acts show.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from innominate.alignment import AlignmentFit
from innominate.scoreboard.ranking import rank
from innominate.worlds.seen import Noiseless
from innominate.worlds.world import World

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Row = tuple[str, str, str, float, int, float | None]

CLEAR = 0.3  # change in alignment from which a turn should be found
NEAR = 2  # years by which a date may be off
LISTED = 0.5  # probability from which a turn is listed
EDGE = 3  # first and last years, in which nothing is planted or no level before or after can be told


def turn_rows(world: World, fit: AlignmentFit, truth: Noiseless | None = None) -> Iterator[Row]:
    """Turns found, listed turns that are true, false alarms, dates; `truth` tells which turns the acts show."""
    planted = planted_turns(world)
    listed = listed_turns(world, fit)
    reach, true = around(listed), around(planted)
    usual = float(reach[:, :, EDGE:].mean()) if reach.shape[2] > EDGE else None
    if planted.any():
        yield "turns", "planted turns found", "all", share(reach, planted), int(planted.sum()), usual
    if truth is not None:
        shown = planted & (around_shown(fit.scale.alignment(truth.composite)) >= CLEAR)
        if shown.any():
            yield "turns", "planted turns found", "that the acts show", share(reach, shown), int(shown.sum()), usual
    if listed.any():
        chance = float(true.mean())
        yield "turns", "listed turns that were planted", "all", share(true, listed), int(listed.sum()), chance
    alarms = int((listed & ~true).sum())
    years = int(world.latent.alive.sum())
    yield "turns", "false alarms in a thousand pair-years", "all", 1000.0 * alarms / years, years, None
    probable = np.stack([fit.turned.up, fit.turned.down])[:, :, EDGE:]
    area = area_under(probable.ravel(), planted[:, :, EDGE:].ravel())
    if area is not None:
        yield "turns", "years of turns above other years in probability (AUC)", "all", area, int(planted.sum()), 0.5
    yield from _date_rows(world, fit, planted, listed)


def planted_turns(world: World) -> Mask:
    """(2, P, T) years into which the alignment of a pair rises, or falls, by CLEAR or more."""
    steps = np.diff(world.latent.alignment.T, axis=1, prepend=np.nan)
    alive = world.latent.alive.T
    steps = np.where(alive & np.roll(alive, 1, axis=1), np.nan_to_num(steps), 0.0)
    steps[:, :EDGE] = 0.0
    return np.stack([steps >= CLEAR, steps <= -CLEAR])


def listed_turns(world: World, fit: AlignmentFit) -> Mask:
    """(2, P, T) turns upwards and downwards as the measurement lists them, at their dates."""
    codes, panel = np.array(fit.panel.states), fit.panel
    place = {(a, b): k for k, (a, b) in enumerate(zip(codes[panel.a], codes[panel.b], strict=True))}
    found = np.zeros((2, *fit.mean.shape), dtype=bool)
    for a, b, year, side in fit.turns(least=LISTED).select("a", "b", "year", "direction").iter_rows():
        found[int(side == "down"), place[a, b], year - world.settings.first] = True
    return found


def around(marks: Mask) -> Mask:
    """The same with NEAR years on either side."""
    wide = marks.copy()
    for gap in range(1, NEAR + 1):
        wide[..., gap:] |= marks[..., :-gap]
        wide[..., :-gap] |= marks[..., gap:]
    return wide


def around_shown(path: Array) -> Array:
    """(2, P, T) rise and fall of a path from the EDGE years before to those from the year on."""
    found = np.zeros((2, *path.shape))
    for t in range(EDGE, path.shape[1] - EDGE + 1):
        rise = path[:, t : t + EDGE].mean(axis=1) - path[:, t - EDGE : t].mean(axis=1)
        found[0, :, t], found[1, :, t] = rise, -rise
    return found


def share(inside: Mask, of: Mask) -> float:
    """Share of the cells `of` that are `inside`; NaN where there are none."""
    return float(inside[of].mean()) if of.any() else float("nan")


def area_under(score: Array, true: Mask) -> float | None:
    """Probability that a true case scores above another; None where there is one kind only."""
    return rank(score, true).auc if true.any() and not true.all() else None


def _date_rows(world: World, fit: AlignmentFit, planted: Mask, listed: Mask) -> Iterator[Row]:
    """Dates of turns that are listed, and of all turns by their pair's most probable year, one planted turn a pair."""
    gaps = [
        np.abs(np.flatnonzero(listed[side, pair]) - t).min(initial=NEAR + 1) for side, pair, t in np.argwhere(planted)
    ]
    near = [gap for gap in gaps if gap <= NEAR]
    if near:
        guess = float(np.mean(np.abs(np.arange(-NEAR, NEAR + 1))))
        yield "turns", "error of the date of turns found, years", "all", float(np.mean(near)), len(near), guess
    probable = np.maximum(fit.turned.up, fit.turned.down)
    years = np.arange(EDGE, probable.shape[1])
    errors, blind = [], []
    for _, pair, t in np.argwhere(planted):
        if planted[:, pair].sum() == 1:
            errors.append(abs(int(probable[pair, EDGE:].argmax()) + EDGE - int(t)))
            blind.append(float(np.abs(years - t).mean()))
    if errors:
        yield (
            "turns",
            "mean error of the date, years",
            "all",
            float(np.mean(errors)),
            len(errors),
            float(np.mean(blind)),
        )
        exact = float(np.mean(np.array(errors) <= 1))
        yield "turns", "dated within a year", "all", exact, len(errors), 3.0 / len(years)
