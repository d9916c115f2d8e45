"""Sensitivity: the same readings with other windows, margins, priors, and without each channel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy.optimize import minimize_scalar

from innominate.errors import InputError
from innominate.readings.ground import Ground
from innominate.readings.strands import Strand
from innominate.readings.weighing import Weighed

Kind = Literal["windows", "margins", "prior", "channel dropped", "channels"]
QUICK = 512  # points of a randomisation: the Monte Carlo error of a variant is a few per cent, far below what it varies
BAND = (0.01, 100.0)  # within which a pair's own liveliness is sought


@dataclass(frozen=True, slots=True)
class Variant:
    """The readings weighed in another way.

    Attributes
    ----------
    kind, name : what was changed
    factors : reading → Bayes factor against the model without constraints
    probabilities : reading, and ``none`` → probability
    """

    kind: Kind
    name: str
    factors: dict[str, float]
    probabilities: dict[str, float]

    @property
    def best(self) -> str:
        """The most probable reading, or ``none``."""
        return max(self.probabilities, key=lambda name: self.probabilities[name])


def sensitivity(weighed: Weighed, progress: Callable[[str], None] = lambda step: None) -> list[Variant]:
    """Every variant of a weighing, in a fixed order.

    Windows a year or two earlier or later and apart; margins halved and doubled; the process twice and half as variable,
    as lively as each pair shows itself (see :func:`liveliness`), its changes fading half and twice as fast; and
    every channel left out in turn, with the scale of the others taken anew.
    """
    quick = replace(weighed, most=QUICK)
    found = []
    for kind, name, made in _variants(quick):
        progress(f"readings, other {kind}: {name}")
        try:
            again = made()
        except InputError:  # the windows would overlap, or nothing would fit the margins
            continue
        factors = {one.reading.name: one.factor for one in again.supports}
        found.append(Variant(kind, name, factors, again.probabilities()))
    return found


def _variants(weighed: Weighed) -> list[tuple[Kind, str, Callable[[], Weighed]]]:
    ground = weighed.ground

    def moved(early: int = 0, late: int = 0, margins: float = 1.0) -> Callable[[], Weighed]:
        return lambda: weighed.again(readings=[one.moved(early, late, margins) for one in weighed.readings])

    def on(change: Callable[[], Ground]) -> Callable[[], Weighed]:
        return lambda: weighed.again(change())

    found: list[tuple[Kind, str, Callable[[], Weighed]]] = [
        ("windows", "early years two earlier", moved(early=-2)),
        ("windows", "late years one earlier", moved(late=-1)),
        ("windows", "late years two earlier", moved(late=-2)),
        ("windows", "late years one later", moved(late=1)),
        ("windows", "all years one earlier", moved(-1, -1)),
        ("margins", "halved", moved(margins=0.5)),
        ("margins", "doubled", moved(margins=2.0)),
        ("prior", "variances halved", on(lambda: livelier(ground, 0.5))),
        ("prior", "variances doubled", on(lambda: livelier(ground, 2.0))),
        ("prior", "each pair as lively as it shows itself", on(lambda: livelier(ground, liveliness(ground)))),
        ("prior", "changes fade twice as fast", on(lambda: lasting(ground, 0.5))),
        ("prior", "changes last twice as long", on(lambda: lasting(ground, 2.0))),
    ]

    def dropped(channel: str) -> Callable[[], Weighed]:
        return lambda: weighed.again(ground.dropping(channel))

    spoken = {channel for _, channel in ground.strands}
    found += [("channel dropped", one, dropped(one)) for one in ground.yardsticks.channels if one in spoken]
    if ground.yardsticks.dropped:
        found.append(("channels", "with those that ended in between", on(ground.with_all_channels)))
    return found


def livelier(ground: Ground, times: float | dict[str, float]) -> Ground:
    """The ground with the variances of all processes multiplied, by one number or by one a pair or flow."""

    def change(one: Strand) -> Strand:
        factor = times[one.key[0]] if isinstance(times, dict) else times
        return replace(one, prior=one.prior.livelier(factor))

    return ground.changed(change)


def lasting(ground: Ground, times: float) -> Ground:
    """The ground with changes that take so many times as long to fade."""
    return ground.changed(lambda one: replace(one, prior=one.prior.lasting(times)))


def liveliness(ground: Ground) -> dict[str, float]:
    """Pair or flow → the multiple of all pairs' variances under which what was seen of it is most likely."""
    found = {}
    for about in sorted({key[0] for key in ground.strands}):
        held = [one for one in ground.strands.values() if one.key[0] == about]

        def loss(log_times: float, own: list[Strand] = held) -> float:
            return -sum((one.log_likelihood(one.prior.livelier(float(np.exp(log_times)))) for one in own), 0.0)

        bounds = (float(np.log(BAND[0])), float(np.log(BAND[1])))
        found[about] = float(np.exp(minimize_scalar(loss, bounds=bounds, method="bounded").x))
    return found
