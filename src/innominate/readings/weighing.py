"""Weighing readings: posterior over prior mass of the trajectories that fit each.

Klugkist and Hoijtink 2007, Computational Statistics and Data Analysis 51: 6367-6379: the Bayes factor of a model under
inequality constraints against the model that encompasses it is the posterior mass of the constraints over their prior mass.
Draws that obey constraints: Gelfand, Smith and Lee 1992, Journal of the American Statistical Association 87: 523-532.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from innominate.alignment.why import Z90
from innominate.errors import InputError
from innominate.readings.features import features
from innominate.readings.ground import CHANNELS_NEEDED, Ground
from innominate.readings.mass import MOST_POINTS, POINTS, Mass, box_mass
from innominate.readings.reading import RECORDED, Expectation, Reading
from innominate.readings.unread import NONE, SMALLEST, unread_mass

if TYPE_CHECKING:
    from innominate.study import Study

HALF = 0.5  # of a reading's expectations: more must be testable before the reading is


@dataclass(frozen=True, slots=True)
class Support:
    """What the data say for a reading.

    Attributes
    ----------
    reading : the reading
    prior, posterior : mass of the trajectories that fit what is testable of it
    tested : the expectations that were judged, in the order of the masses' steps
    left_out : those on which too little was looked at; they count neither for nor against
    points : the most that a randomisation could have had
    """

    reading: Reading
    prior: Mass
    posterior: Mass
    tested: tuple[Expectation, ...]
    left_out: tuple[Expectation, ...]
    points: int = MOST_POINTS

    @property
    def testable(self) -> bool:
        """Whether enough of it was judged."""
        return len(self.tested) > HALF * len(self.reading.expects)

    @property
    def factor(self) -> float:
        """Bayes factor against the model without constraints."""
        return self.posterior.value / self.prior.value

    @property
    def error(self) -> float:
        """Monte Carlo standard error of the factor's logarithm."""
        return float(np.hypot(self.prior.relative, self.posterior.relative))

    @property
    def bounds(self) -> tuple[float, float]:
        """The factor at 1.64 Monte Carlo standard errors below and above."""
        if not self.posterior.value:
            return 0.0, self.posterior.error / self.prior.value
        reach = float(np.exp(Z90 * self.error))
        return self.factor / reach, self.factor * reach


@dataclass(frozen=True, slots=True)
class Weighed:
    """Readings weighed on the same ground.

    Attributes
    ----------
    ground : what was measured
    supports : one a reading, in their order
    seed, most : of the Monte Carlo sums
    none_prior, none_posterior : mass of the trajectories that fit no testable reading
    """

    ground: Ground
    supports: tuple[Support, ...]
    seed: int
    most: int
    none_prior: Mass
    none_posterior: Mass

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The readings."""
        return tuple(one.reading for one in self.supports)

    def support(self, name: str) -> Support:
        """The support of the reading of that name."""
        for one in self.supports:
            if one.reading.name == name:
                return one
        raise InputError(f"there is no reading {name!r}; there are {', '.join(one.name for one in self.readings)}")

    def probabilities(self) -> dict[str, float]:
        """Probability of every testable reading, and of ``none`` of them, all equally probable before the data.

        ``none`` are the trajectories that fit no reading. Where hardly any were left before the data, its factor is 0. Empty where
        no reading is testable: then nothing tells them from none of them.
        """
        factors = {one.reading.name: one.factor for one in self.supports if one.testable}
        if not factors:
            return {}
        factors[NONE] = self.none_factor
        total = max(sum(factors.values()), 1e-300)
        return {name: factor / total for name, factor in factors.items()}

    @property
    def none_factor(self) -> float:
        """Bayes factor of ``none`` against the model without constraints."""
        if self.none_prior.value < SMALLEST:
            return 0.0
        return self.none_posterior.value / self.none_prior.value

    def bounds(self, name: str) -> tuple[float, float]:
        """The probability of a reading at the ends of its factor's Monte Carlo interval."""
        others = sum(one.factor for one in self.supports if one.testable and one.reading.name != name)
        others += self.none_factor
        low, high = (factor / max(factor + others, 1e-300) for factor in self.support(name).bounds)
        return low, high

    def best(self) -> str:
        """The most probable reading, or ``none``."""
        found = self.probabilities()
        return max(found, key=lambda name: found[name], default=NONE)

    def table(self) -> pl.DataFrame:
        """reading, title, prior, posterior, factor, low, high (Monte Carlo), probability, tested, left_out."""
        chance = self.probabilities()
        rows = [
            (one.reading.name, one.reading.title, one.prior.value, one.posterior.value, one.factor, *one.bounds,
             chance.get(one.reading.name), len(one.tested), len(one.left_out))
            for one in self.supports
        ]  # fmt: skip
        columns = [
            "reading",
            "title",
            "prior",
            "posterior",
            "factor",
            "low",
            "high",
            "probability",
            "tested",
            "left_out",
        ]
        return pl.DataFrame(rows, schema=columns, orient="row")

    def again(
        self, ground: Ground | None = None, readings: Sequence[Reading] | None = None, after_only: bool = False
    ) -> Weighed:
        """The same readings, or changed ones, on the same or other ground.

        ``after_only``: the masses before the data are those at hand; for ground that differs in its observations only
        """
        held = ground or self.ground
        if after_only:
            found = tuple(self._after(one, held) for one in self.supports)
            none = unread_mass(held, _judged(found), True, self.seed, points=none_points(self.most))
            return replace(self, ground=held, supports=found, none_posterior=none)
        return weigh_on(held, readings or self.readings, self.seed, self.most)

    def _after(self, one: Support, ground: Ground) -> Support:
        """A support after the data of other ground; as it is where nothing that it rests on differs."""
        keys = features(ground, [each for each in one.tested if each.shape not in RECORDED]).keys
        same = self.most == one.points and all(ground.strands[key] is self.ground.strands[key] for key in keys)
        if same:
            return one
        return replace(one, posterior=_mass(ground, one.tested, True, self.seed, self.most), points=self.most)


def weigh(
    study: Study,
    readings: Sequence[Reading],
    *,
    needed: int = CHANNELS_NEEDED,
    seed: int = 0,
    most: int = MOST_POINTS,
    progress: Callable[[str], None] = lambda step: None,
) -> Weighed:
    """Weigh readings on a study.

    Parameters
    ----------
    study : by year
    readings : one or more
    needed : channels that must have looked at a pair in some early and some late year before its alignment is judged
    seed : of the Monte Carlo sums
    most : points of a randomisation, beyond which a larger Monte Carlo error is put up with

    Raises
    ------
    InputError : a reading that no trajectory fits; a pair, flow or resolution that the study does not have
    """
    if not readings:
        raise InputError("there is no reading to weigh")
    progress("weighing readings")
    return weigh_on(Ground.of(study, readings, needed), readings, seed, most)


def weigh_on(ground: Ground, readings: Sequence[Reading], seed: int = 0, most: int = MOST_POINTS) -> Weighed:
    """Weigh readings on ground at hand; see :func:`weigh`."""
    found = tuple(support(ground, one, seed, most) for one in readings)
    none = [unread_mass(ground, _judged(found), after, seed, points=none_points(most)) for after in (False, True)]
    return Weighed(ground, found, seed, most, *none)


def none_points(most: int) -> int:
    """Points for the mass of none of the readings, which is never rare where it matters."""
    return min(POINTS, max(most // 4, 1))


def _judged(supports: Sequence[Support]) -> list[tuple[Expectation, ...]]:
    return [one.tested for one in supports if one.testable]


def support(ground: Ground, reading: Reading, seed: int = 0, most: int = MOST_POINTS) -> Support:
    """What the data say for one reading."""
    judged = [one for one in reading.expects if ground.testable(one)]
    left_out = tuple(one for one in reading.expects if one not in judged)
    # in the order in which masses are taken: linear, joint, recorded
    tested = (*features(ground, judged).order, *(one for one in judged if one.shape in RECORDED))
    prior = _mass(ground, tested, False, seed, most)
    if prior.value <= 0:
        raise InputError(f"the reading {reading.name!r}: no trajectory fits it; its expectations exclude each other")
    return Support(reading, prior, _mass(ground, tested, True, seed, most), tested, left_out, most)


def _mass(ground: Ground, expectations: Sequence[Expectation], after: bool, seed: int, most: int) -> Mass:
    made = features(ground, [one for one in expectations if one.shape not in RECORDED])
    found = box_mass(*made.moments(ground, after), made.low, made.high, made.conditions, seed=seed, most=most)
    steps, value, error = list(found.steps), found.value, found.error
    for one in expectations:
        if one.shape in RECORDED:
            exact = ground.records.masses(one)[after].value
            value, error = value * exact, error * exact
            steps.append(value)
    return Mass(value, error, tuple(steps))


def alone(ground: Ground, expectation: Expectation, seed: int = 0, most: int = MOST_POINTS) -> tuple[Mass, Mass]:
    """Mass of one expectation by itself, before and after the data."""
    return _mass(ground, [expectation], False, seed, most), _mass(ground, [expectation], True, seed, most)
