"""Changes of alignment by theme between two years, with the covariance of the two: where claims meet the fitted model.

Channels are smoothed apart and alignment is the sum of their shares, so that the change of a pair is exactly the sum of the
changes of its channels, and a theme's part of it the sum over its channels. The lasting level of a channel cancels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from innominate.alignment import AlignmentFit
from innominate.alignment.change import changes as channel_changes
from innominate.ledger import CHANNELS

THEMES = ("security", "economy", "diplomacy")
ALL = "all"


@dataclass(frozen=True, slots=True)
class Change:
    """Change of one pair's alignment between two years, in the units of alignment.

    Attributes
    ----------
    mean, variance : theme (or ``all``) → of the change
    seen : theme → its channels with an observation after the first year
    """

    mean: dict[str, float]
    variance: dict[str, float]
    seen: dict[str, tuple[str, ...]]


def change(fit: AlignmentFit, key: str, first: int, last: int) -> Change | None:
    """The change of a pair from the end of one year to the end of another; None where it did not exist in both.

    Parameters
    ----------
    key : ``AAA-BBB``
    first, last : years of a yearly fit
    """
    panel, evidence = fit.panel, fit.evidence
    first_state, second_state = key.split("-")
    if first_state not in panel.states or second_state not in panel.states:
        return None
    places = panel.states.index(first_state), panel.states.index(second_state)
    found = np.flatnonzero((panel.a == places[0]) & (panel.b == places[1]))
    if not len(found):
        return None
    pair = int(found[0])
    begin, finish = int(evidence.first[pair]), int(evidence.last[pair])
    before, after = first - int(panel.years[0]), last - int(panel.years[0])
    if not begin <= before < after <= finish:
        return None
    mean, variance = dict.fromkeys((ALL, *THEMES), 0.0), dict.fromkeys((ALL, *THEMES), 0.0)
    seen: dict[str, list[str]] = {theme: [] for theme in THEMES}
    for one in channel_changes(fit, pair, before, after):
        theme = CHANNELS[one.channel].theme
        for name in (ALL, theme):
            mean[name] += one.mean
            variance[name] += one.variance
        if one.seen:
            seen[theme].append(one.channel)
    return Change(mean, variance, {theme: tuple(names) for theme, names in seen.items()})


def unseen(changes: Sequence[Change]) -> list[str]:
    """Titles of channels that no pair was seen in after the first year."""
    seen = {name for one in changes for names in one.seen.values() for name in names}
    return [channel.title for name, channel in CHANNELS.items() if channel.measured and name not in seen]
