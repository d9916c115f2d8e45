"""The scoreboard: all tasks on one library, each score strictly from what was known when it was given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from innominate.errors import InputError
from innominate.ledger import Library
from innominate.ledger.channels import Theme
from innominate.scoreboard import blocs, coverage, foretelling, held_out, ideal, outcomes, persistence, simulated
from innominate.scoreboard.published import published
from innominate.scoreboard.rows import Row
from innominate.scoreboard.truncated import AsOf, as_of, first_year

TASKS = ("new-pacts", "troops", "held-out-channel", "coverage", "persistence", "ideal-points", *blocs.TASKS)
YEARS = (1950, 2013)
OURS = "our theme "


def scoreboard(
    library: Library,
    tasks: Sequence[str] = (),
    years: tuple[int, int] = YEARS,
    *,
    peers: Path | None = None,
    seed: int = 0,
    progress: Callable[[str], None] = lambda step: None,
) -> list[Row]:
    """Every figure of the tasks asked for.

    Parameters
    ----------
    tasks : of :data:`TASKS`; none: all that judge alignment (`ideal-points` needs `peers`); those of blocs are named
    years : first and last year in which scores are given; outcomes may lie up to five years later
    peers : folder of published ideal points
    seed : of the bootstrap over years and of the simulation
    """
    wanted = _checked(tasks, peers)
    rows: list[Row] = []
    if set(wanted) - {"ideal-points", *blocs.TASKS}:
        start = max(years[0] - 1, min(first_year(library), years[0]))  # a year more, for persistence
        known = as_of(library, (start, years[1]), progress)
        if {"new-pacts", "troops"} & set(wanted):
            rows += _foretold(library, known, wanted, years[0], seed, progress)
        if "held-out-channel" in wanted:
            progress("holding out channels")
            rows += held_out.held_out(known, seed)
        if "coverage" in wanted:
            progress("counting what lies inside intervals")
            rows += [*coverage.coverage(known, seed), *simulated.simulated(known, seed)]
        if "persistence" in wanted:
            rows += persistence.persistence(known, seed)
    if "ideal-points" in wanted and peers is not None:
        progress("estimating ideal points")
        rows += ideal.ideal_points(library, peers, seed)
    for task in [task for task in blocs.TASKS if task in wanted]:
        rows += blocs.blocs(library, task, seed, progress)
    return rows


def _checked(tasks: Sequence[str], peers: Path | None) -> tuple[str, ...]:
    for task in tasks:
        if task not in TASKS:
            raise InputError(f"there is no task {task!r}; the tasks are {', '.join(TASKS)}")
    if "ideal-points" in tasks and peers is None:
        raise InputError("ideal-points needs --peers DIR, the folder of the published ideal points")
    left_out = {*blocs.TASKS, *(() if peers is not None else ("ideal-points",))}
    return tuple(tasks) or tuple(task for task in TASKS if task not in left_out)


def _foretold(
    library: Library, known: AsOf, wanted: Sequence[str], first: int, seed: int, progress: Callable[[str], None]
) -> list[Row]:
    pacts = outcomes.defence_pacts(library, known.panel)
    rivals = published(library, known.panel, (int(known.years[0]), int(known.years[-1])), progress)
    themes = {OURS + theme: known.theme(theme) for theme in get_args(Theme)}
    progress("judging")
    settings: list[tuple[foretelling.Setting, NDArray[np.float64] | None]] = []
    if "new-pacts" in wanted:
        settings.append((foretelling.pacts_ahead(known, pacts), None))
    if "troops" in wanted:
        troops = outcomes.troop_support(library, known.panel)
        unknown = np.full(len(known.panel.a), np.nan)
        told = [troops.at(year).astype(float) if troops.covers(year) else unknown for year in map(int, known.years)]
        now = np.stack(told, axis=1)
        settings.append((foretelling.troops_ahead(known, pacts, troops), now))
        settings.append((foretelling.first_troops_ahead(known, pacts, troops), None))
    rows = []
    for setting, current in settings:
        beside = {**foretelling.with_persistence(rivals, known.score, current), **themes}
        rows += foretelling.judge(foretelling.since(setting, first), known.score, beside, seed)
    return rows
