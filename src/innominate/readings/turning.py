"""What would change the judgement: how far a quantity's late years would have to lie elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from innominate.readings.features import Features, features
from innominate.readings.ground import Ground
from innominate.readings.mass import Mass, box_mass
from innominate.readings.reading import RECORDED, Quantity, Span
from innominate.readings.unread import NONE, SMALLEST, joint_features, unread_mass
from innominate.readings.variants import QUICK
from innominate.readings.weighing import Support, Weighed, none_points

Array = NDArray[np.float64]

FURTHEST = 1.5  # units of the quantity within which a change is sought
STEPS = 12  # of a first search, either way
HALVINGS = 6


@dataclass(frozen=True, slots=True)
class Turning:
    """The smallest change of a quantity that makes another reading the most probable.

    Attributes
    ----------
    quantity : what is changed, in the late years
    span : those years
    by : how much higher (positive) or lower; None where no change within :data:`FURTHEST` does it
    now, then : the most probable reading before and after (``none``: none of them)
    """

    quantity: Quantity
    span: Span
    by: float | None
    now: str
    then: str


def what_would_change(weighed: Weighed, progress: Callable[[str], None] = lambda step: None) -> list[Turning]:
    """For every quantity and direction, the smallest change that turns the judgement; the smallest first.

    The change is to what was found about the late years, as if what was seen of the quantity had been so much higher or
    lower in all its channels; the spread is as it is. A theme's change moves alignment by the theme's share in it.
    """
    quick = replace(weighed, most=QUICK)
    testable = [one for one in quick.supports if one.testable]
    late = {q: e.late for one in testable for e in one.tested if e.shape not in RECORDED for q in e.quantities}
    found = []
    for quantity, span in sorted(late.items(), key=lambda item: item[0].text):
        progress(f"what would change the readings: {quantity.text}")
        search = _Search(quick, testable, quantity, span)
        found += [search.turn(sign) for sign in (1.0, -1.0)]
    return sorted(
        found, key=lambda one: (abs(one.by) if one.by is not None else np.inf, one.quantity.text, one.by or 0.0)
    )


class _Search:
    """The most probable reading as a function of a change to one quantity."""

    def __init__(self, weighed: Weighed, supports: list[Support], quantity: Quantity, span: Span) -> None:
        self.weighed, self.supports, self.quantity, self.span = weighed, supports, quantity, span
        self.made = [features(weighed.ground, [e for e in one.tested if e.shape not in RECORDED]) for one in supports]
        self.moments = [made.moments(weighed.ground, True) for made in self.made]
        self.pushes = [push(weighed.ground, made, quantity, span) for made in self.made]
        joint = joint_features(weighed.ground, [one.tested for one in supports])
        self.none_push = push(weighed.ground, joint, quantity, span)
        self.now = self.best(0.0)

    def best(self, by: float) -> str:
        """The most probable reading after a change."""
        factors = {NONE: self._none(by)}
        for k, one in enumerate(self.supports):
            if not by or not self.pushes[k].any():
                factors[one.reading.name] = one.factor
                continue
            mean, covariance = self.moments[k]
            found = self._mass(k, mean + by * self.pushes[k], covariance)
            recorded = [self.weighed.ground.records.masses(e)[1].value for e in one.tested if e.shape in RECORDED]
            factors[one.reading.name] = found.value * float(np.prod(recorded)) / one.prior.value
        return max(factors, key=lambda name: factors[name])

    def _none(self, by: float) -> float:
        if not by or self.weighed.none_prior.value < SMALLEST:
            return self.weighed.none_factor
        held = self.weighed
        mass = unread_mass(
            held.ground,
            [one.tested for one in self.supports],
            True,
            held.seed,
            by * self.none_push,
            none_points(held.most),
        )
        return mass.value / held.none_prior.value

    def _mass(self, k: int, mean: Array, covariance: Array) -> Mass:
        made = self.made[k]
        return box_mass(mean, covariance, made.low, made.high, made.conditions, seed=self.weighed.seed, most=QUICK)

    def turn(self, sign: float) -> Turning:
        """The smallest change in one direction that turns the judgement."""
        inside, step = 0.0, FURTHEST / STEPS
        for k in range(1, STEPS + 1):
            outside = k * step
            if self.best(sign * outside) != self.now:
                for _ in range(HALVINGS):
                    middle = 0.5 * (inside + outside)
                    inside, outside = (middle, outside) if self.best(sign * middle) == self.now else (inside, middle)
                by = sign * outside
                return Turning(self.quantity, self.span, by, self.now, self.best(by))
            inside = outside
        return Turning(self.quantity, self.span, None, self.now, self.now)


def push(ground: Ground, made: Features, quantity: Quantity, span: Span) -> Array:
    """(m,) how the features move when a quantity is one unit higher in the years of a span, in all its channels alike."""
    measure = ground.measure(quantity)
    assert measure is not None  # it was tested
    moved = np.zeros(len(made.offset))
    share = 1.0 / sum(measure.weights.values())
    places = ground.places(span)
    for key in ground.keys(quantity, measure):
        if key in made.keys:
            moved += share * made.weights[:, made.keys.index(key)][:, places].sum(axis=1)
    return moved
