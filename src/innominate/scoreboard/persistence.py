"""The task `persistence`: how much of the composite is there already the year, and five years, before."""

from __future__ import annotations

import numpy as np

from innominate.scoreboard.ranking import rank_correlation
from innominate.scoreboard.rows import Row, averaged
from innominate.scoreboard.truncated import AsOf

TASK = "persistence"
AHEAD = (1, 5)  # years
FEWEST = 30  # pairs


def persistence(known: AsOf, seed: int = 0) -> list[Row]:
    """Rank correlation of the composite of a year with that of an earlier year, and of its changes with earlier changes.

    Levels are easy, changes are hard: a score that persists says little by persisting.
    """
    rows = []
    for lag in AHEAD:
        levels, changes = np.full(len(known.years), np.nan), np.full(len(known.years), np.nan)
        count = 0
        for y in range(len(known.years)):
            if y >= lag:
                both = np.isfinite(known.score[:, y]) & np.isfinite(known.score[:, y - lag])
                if both.sum() >= FEWEST:
                    levels[y] = rank_correlation(known.score[both, y - lag], known.score[both, y])
                    count += int(both.sum())
            if y >= 2 * lag:
                three = both & np.isfinite(known.score[:, y - 2 * lag])
                if three.sum() >= FEWEST:
                    now, middle, before = (known.score[three, y - back] for back in (0, lag, 2 * lag))
                    changes[y] = rank_correlation(middle - before, now - middle)
        weights = np.ones(len(levels))
        rows.append(averaged(TASK, f"level/{lag}", levels, {}, weights, count, seed=seed))
        rows.append(averaged(TASK, f"change/{lag}", changes, {}, weights, count, seed=seed))
    return rows
