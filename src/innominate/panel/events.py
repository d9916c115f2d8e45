"""What counts of events say of a pair: the share of conflict in them, and cooperation beyond the attention the pair gets.

Media report more of everything between states that matter to them, so that enemies come out with as much cooperation as
friends. What a pair's quarrels predict of its cooperation over all pairs is that attention, and is taken out.
"""

from __future__ import annotations

import numpy as np

from innominate.panel import links
from innominate.panel.links import Excess
from innominate.panel.margins import Mask, Matrix

EVENTS = ("verbal-cooperation", "material-cooperation", "verbal-conflict", "material-conflict")
COOPERATION, CONFLICT = EVENTS[:2], EVENTS[2:]

Levels = dict[tuple[str, str], dict[int, tuple[Matrix, Mask]]]  # channel, dataset → period → levels, known


def counted_with(channel: str) -> tuple[str, ...]:
    """The channels whose acts an observation of `channel` rests on."""
    if channel == "conflict-share":
        return EVENTS
    return (channel, *CONFLICT) if channel in COOPERATION else (channel,)


def conflict_excess(levels: Levels, dataset: str) -> dict[int, Excess]:
    """Period → excess of a dataset's conflict events over their margins, where all kinds of conflict are known."""
    views = [levels.get((name, dataset), {}) for name in CONFLICT]
    found = {}
    for t in sorted(set.intersection(*(set(view) for view in views))):
        known = np.logical_and.reduce([view[t][1] for view in views])
        found[t] = links.counts(np.sum([view[t][0] for view in views], axis=0), known)
    return found


def less_attention(observed: dict[int, Excess], conflict: dict[int, Excess]) -> dict[int, Excess]:
    """Cooperation in events less what the same pair's conflict in them predicts; unknown conflict leaves a period as it is.

    Parameters
    ----------
    observed, conflict : period → excess over margins of one dataset
    """
    return {t: links.beyond(excess, conflict[t]) if t in conflict else excess for t, excess in observed.items()}


def conflict_shares(levels: Levels) -> dict[str, dict[int, Excess]]:
    """Dataset → period → share of conflict in the events of a pair, where all four kinds of event are known."""
    found: dict[str, dict[int, Excess]] = {}
    for dataset in sorted({name for channel, name in levels if channel in EVENTS}):
        views = [levels.get((channel, dataset)) for channel in EVENTS]
        complete = [view for view in views if view is not None]
        if len(complete) < len(EVENTS):
            continue
        found[dataset] = {}
        for t in sorted(set.intersection(*(set(view) for view in complete))):
            known = np.logical_and.reduce([view[t][1] for view in complete])
            counted = dict(zip(EVENTS, (view[t][0] for view in complete), strict=True))
            conflict = np.sum([counted[name] for name in CONFLICT], axis=0)
            found[dataset][t] = links.shares(conflict, np.sum(list(counted.values()), axis=0), known)
    return found
