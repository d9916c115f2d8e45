"""The most diagnostic evidence: what moves the answer most when it is left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from innominate.readings.features import features
from innominate.readings.ground import Ground
from innominate.readings.reading import RECORDED
from innominate.readings.strands import Key, Strand
from innominate.readings.unread import NONE
from innominate.readings.variants import QUICK
from innominate.readings.weighing import Weighed

Array = NDArray[np.float64]
FAINTEST = 1e-12  # below which a factor is not told from nought
SINGLES = 12  # observations that are left out one by one, chosen by how far they move a feature


@dataclass(frozen=True, slots=True)
class Omission:
    """What the answer would be without some evidence.

    Attributes
    ----------
    about : pair or flow; channel : None for all; year : None for all
    count : observations left out
    factors : reading → Bayes factor without them
    shift : log odds of the reading asked about, less what they are without this evidence: positive where the evidence
        speaks for the reading
    """

    about: str
    channel: str | None
    year: int | None
    count: int
    factors: dict[str, float]
    shift: float


def diagnostic(
    weighed: Weighed, name: str | None = None, progress: Callable[[str], None] = lambda step: None
) -> list[Omission]:
    """What moves the log odds of a reading (the best, by default) most when it is left out, strongest first.

    Left out in turn: every channel of every pair, every year of every pair, and the single observations that move the
    readings' features furthest.
    """
    quick = replace(weighed, most=QUICK).again(after_only=True)
    name = name or next(
        one for one in sorted(quick.probabilities(), key=lambda n: -quick.probabilities()[n]) if one != NONE
    )
    base = log_odds(quick, name)
    found = []
    for about, channel, year in [*_channels(quick.ground), *_years(quick.ground), *_singles(quick)]:
        changed = without(quick.ground, about, channel, year)
        if not changed:
            continue
        progress(f"readings without {about} {channel or year}")
        again = quick.again(quick.ground.with_strands(changed), after_only=True)
        count = sum(
            int(np.isfinite(quick.ground.strands[one.key].z).sum() - np.isfinite(one.z).sum()) for one in changed
        )
        factors = {one.reading.name: one.factor for one in again.supports}
        found.append(Omission(about, channel, year, count, factors, base - log_odds(again, name)))
    return sorted(found, key=lambda one: (-abs(one.shift), one.about, one.channel or "", one.year or 0))


def log_odds(weighed: Weighed, name: str) -> float:
    """Log odds of a reading against all others and none; finite also where its mass vanishes."""
    factors = {one.reading.name: one.factor for one in weighed.supports if one.testable}
    others = weighed.none_factor + sum(factor for other, factor in factors.items() if other != name)
    return float(np.log(max(weighed.support(name).factor, FAINTEST)) - np.log(max(others, FAINTEST)))


def without(ground: Ground, about: str, channel: str | None, year: int | None) -> list[Strand]:
    """The strands of a pair or flow that change when a channel, a year, or one channel in one year is left out."""
    changed = []
    for key, strand in ground.strands.items():
        if key[0] != about or channel not in (None, key[1]):
            continue
        places = np.arange(len(strand.z)) if year is None else np.flatnonzero(ground.years == year)
        if np.isfinite(strand.z[places]).any():
            changed.append(strand.without(places))
    return changed


Left = tuple[str, str | None, int | None]


def _channels(ground: Ground) -> list[Left]:
    return [(about, channel, None) for about, channel in ground.strands]


def _years(ground: Ground) -> list[Left]:
    abouts = list(dict.fromkeys(key[0] for key in ground.strands))
    return [(about, None, int(year)) for about in abouts for year in ground.years]


def _singles(weighed: Weighed) -> list[Left]:
    """The observations that move some feature of some reading furthest, in its standard deviations after the data."""
    reach: dict[tuple[Key, int], float] = {}
    for one in weighed.supports:
        made = features(weighed.ground, [each for each in one.tested if each.shape not in RECORDED])
        bounded = np.isfinite(made.low) | np.isfinite(made.high)
        if not bounded.any():
            continue
        spread = np.sqrt(np.diag(made.moments(weighed.ground, True)[1]))[bounded]
        for place, key in enumerate(made.keys):
            weights = made.weights[bounded, place]
            for t, moved in _moves(weighed.ground, key).items():
                size = float((np.abs(weights @ moved) / np.maximum(spread, 1e-9)).max())
                reach[key, t] = max(reach.get((key, t), 0.0), size)
    ranked = sorted(reach, key=lambda one: (-reach[one], one))[:SINGLES]
    return [(key[0], key[1], int(weighed.ground.years[t])) for key, t in ranked]


def _moves(ground: Ground, key: Key) -> dict[int, Array]:
    """Place of each observation of a strand → (T,) how the strand's mean moves when it is left out."""
    strand = ground.strands[key]
    mean = ground.moments(key, True)[0]
    return {int(t): strand.without(np.array([t])).after()[0] - mean for t in np.flatnonzero(np.isfinite(strand.z))}
