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
from innominate.cases.wording import pair_key
from innominate.ledger import CHANNELS

THEMES = ("security", "economy", "diplomacy")
ALL = "all"


@dataclass(frozen=True, slots=True)
class Change:
    """Change of one pair's alignment between two years, in the units of alignment.

    Attributes
    ----------
    mean, variance : theme (or ``all``) → of the change
    channels : channel → its part of the mean
    seen : theme → its channels with an observation after the first year
    """

    mean: dict[str, float]
    variance: dict[str, float]
    channels: dict[str, float]
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
    channels: dict[str, float] = {}
    for one in channel_changes(fit, pair, before, after):
        theme = CHANNELS[one.channel].theme
        channels[one.channel] = one.mean
        for name in (ALL, theme):
            mean[name] += one.mean
            variance[name] += one.variance
        if one.seen:
            seen[theme].append(one.channel)
    return Change(mean, variance, channels, {theme: tuple(names) for theme, names in seen.items()})


def unseen(changes: Sequence[Change]) -> list[str]:
    """Titles of channels that no pair was seen in after the first year."""
    seen = {name for one in changes for names in one.seen.values() for name in names}
    return [channel.title for name, channel in CHANNELS.items() if channel.measured and name not in seen]


@dataclass(frozen=True, slots=True)
class Moved:
    """Mean change of a state with groups of partners.

    Attributes
    ----------
    groups : group → theme → mean and standard deviation
    total : theme → mean and standard deviation over the groups
    channels : channel → its part of the mean over the groups
    by_group : group → channel → its part of the mean of the group
    pairs : the changes of every pair, by key
    """

    groups: dict[str, dict[str, tuple[float, float]]]
    total: dict[str, tuple[float, float]]
    channels: dict[str, float]
    by_group: dict[str, dict[str, float]]
    pairs: dict[str, Change]

    def seen(self) -> set[str]:
        """Themes of which some channel looked at some pair after the first year."""
        return {theme for one in self.pairs.values() for theme, names in one.seen.items() if names}


def moved(fit: AlignmentFit, state: str, partners: dict[str, list[str]], first: int, last: int) -> Moved | None:
    """The change of a state with each group; None where no group has a pair in both years."""
    groups: dict[str, dict[str, tuple[float, float]]] = {}
    by_group: dict[str, dict[str, float]] = {}
    pairs: dict[str, Change] = {}
    for name, states in partners.items():
        own = []
        for other in states:
            key = pair_key(state, other)
            found = change(fit, key, first, last) if other != state else None
            if found is not None:
                own.append(found)
                pairs[key] = found
        if own:
            groups[name] = {
                theme: _mean([(one.mean[theme], one.variance[theme] ** 0.5) for one in own]) for theme in (ALL, *THEMES)
            }
            by_group[name] = _parts([one.channels for one in own])
    if not groups:
        return None
    total = {theme: _mean([group[theme] for group in groups.values()]) for theme in (ALL, *THEMES)}
    return Moved(groups, total, _parts(list(by_group.values())), by_group, pairs)


def _mean(values: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Mean of means, and of standard deviations as if they all erred together."""
    return float(np.mean([mean for mean, _ in values])), float(np.mean([sd for _, sd in values]))


def _parts(channels: Sequence[dict[str, float]]) -> dict[str, float]:
    """The mean of each channel's part, largest first."""
    found = {name: float(np.mean([one[name] for one in channels])) for name in channels[0]}
    return dict(sorted(found.items(), key=lambda item: -abs(item[1])))
