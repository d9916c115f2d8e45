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


def less_attention(levels: Levels, channel: str, dataset: str, observed: dict[int, Excess]) -> dict[int, Excess]:
    """Cooperation in events less what the same pair's conflict in them predicts; other channels as they are.

    Parameters
    ----------
    levels : of all channels; conflict unknown in a period leaves that period as it is
    observed : period → excess of `channel` over its margins
    """
    quarrels = [levels.get((name, dataset), {}) for name in CONFLICT]
    if channel not in COOPERATION:
        return observed
    found = {}
    for t, excess in observed.items():
        both = [view[t] for view in quarrels if t in view]
        if len(both) == len(CONFLICT):
            known = np.logical_and.reduce([one for _, one in both])
            excess = links.beyond(excess, links.counts(np.sum([level for level, _ in both], axis=0), known))
        found[t] = excess
    return found


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
