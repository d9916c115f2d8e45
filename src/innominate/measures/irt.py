"""Dynamic ordinal ideal points of all members of an assembly, by variational inference, with intervals.

The model is that of Bailey, Strezhnev and Voeten (2017, Journal of Conflict Resolution 61: 430-456). State i in
session t has a point x[i, t]; resolution v has a slope b[v] ~ N(0, 1) and cut-points l[v] <= u[v] (flat); the state
votes no where b x + e < l, yes where b x + e > u, and abstains between, with e standard normal. Its point follows a
Gaussian random walk from session to session, the variance of its steps and the distribution of first points being
estimated, not set. Resolutions that repeat an earlier one word for word may share their parameters.

Inference is variational: q factorises into the states' paths (Gaussian, Markov in time) and the questions' parameters
(Gaussian, three each). Both are updated in turn by one Newton step on the expected log-likelihood, the expectation
being taken over all that is uncertain (Opper and Archambeau 2009, Neural Computation 21: 786-792). Three things make
it fast and the intervals honest:

- Shifting all points of a session and all its cut-points together changes no probability, so only the steps of the
  states that stay hold the sessions together. Alternating updates crawl along that direction; we solve for the
  best shifts of all sessions exactly, every time (:mod:`innominate.measures.gauge`).
- Points are standardised (mean 0, mean square 1 over all states and sessions) as the authors do, which fixes the scale;
  a force on the points, not rescaling alone, holds them there (:func:`innominate.measures.gauge.standardise`).
- A factorised q is too sure of itself, and so underrates the variance of the steps. Both are put right with the joint
  curvature of all states and questions (:mod:`innominate.measures.response`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from innominate.errors import InputError
from innominate.measures import kernels
from innominate.measures.gauge import from_centre, recentre, standardise
from innominate.measures.response import Uncertainty, joint_uncertainty
from innominate.measures.roll_calls import RollCalls, arrange
from innominate.measures.start import starting_points, starting_questions
from innominate.threads import in_parts

Matrix = NDArray[np.float64]

_LEAST = 1e-6  # variance of steps below which states are taken not to move
_ROUNDS, _NEAR = 4, 0.01  # of the search for the variance of steps


@dataclass(frozen=True, slots=True)
class Settings:
    """How the points are estimated.

    Attributes
    ----------
    innovation : variance of the steps from session to session; None: estimated
    slope_variance : prior variance of the resolutions' slopes
    tolerance : stop when no point moves by more than this
    most : iterations at most
    """

    innovation: float | None = None
    slope_variance: float = 1.0
    tolerance: float = 5e-3
    most: int = 100


@dataclass(frozen=True, slots=True)
class IdealPoints:
    """Ideal points of N states in T sessions.

    Attributes
    ----------
    sessions : (T,) labels, rising
    mean, sd : (T, N) posterior mean and standard deviation; NaN before a state's first and after its last vote. Over
        the points with votes the mean is 0 and the mean square, uncertainty included, about 1.
    votes : (T, N) votes cast on contested resolutions; a point with none is interpolated
    slope, lower, upper : (R,) parameters of the resolutions, NaN where all voted alike
    innovation, entry : variance of the steps, and of the first points
    iterations : used
    change : largest move of a point in the last one
    """

    sessions: NDArray[np.int64]
    mean: Matrix
    sd: Matrix
    votes: NDArray[np.int64]
    slope: Matrix
    lower: Matrix
    upper: Matrix
    innovation: float
    entry: float
    iterations: int
    change: float


@dataclass(slots=True)
class Posterior:
    """The factors of q and the prior's variances as they stand, brought up to date in place.

    Attributes
    ----------
    mean, variance, lag : (T, N) points; lag is the covariance with the next session's
    slope, lower, upper : (K,) and spread : (K, 6) questions, see :func:`innominate.measures.kernels.update_items`
    pace : (K, 4) share of each question's Newton step that is taken, and its last step
    steps : (T, N) prior variance of the first point and of every step after it
    innovation, entry : variance of the steps and of first points; centre : mean of first points
    hold : force that keeps each session's points about their mean, see :func:`innominate.measures.gauge.standardise`
    """

    mean: Matrix
    variance: Matrix
    lag: Matrix
    slope: Matrix
    lower: Matrix
    upper: Matrix
    spread: Matrix
    pace: Matrix
    steps: Matrix
    innovation: float
    entry: float
    centre: float
    hold: float


def fit_ideal_points(
    choices: Matrix,
    session: NDArray[np.int64],
    *,
    anchor: int | None = None,
    question: NDArray[np.int64] | None = None,
    settings: Settings | None = None,
    progress: Callable[[int, float], None] | None = None,
) -> IdealPoints:
    """Ideal points from roll-call votes.

    Parameters
    ----------
    choices : (N, R) +1 yes, 0 abstain, -1 no, NaN no vote
    session : (R,) number of the session of each resolution; a random walk takes one step a session that has votes
    anchor : place of a state whose points shall be positive on average; None: the longer tail is positive
    question : (R,) equal numbers mark resolutions that repeat one another and share their parameters; None: all differ
    settings : see :class:`Settings`
    progress : told the iteration and the largest move of a point in it
    """
    settings = settings or Settings()
    if min(settings.slope_variance, settings.tolerance, settings.most, settings.innovation or 1.0) <= 0:
        raise InputError("the settings of ideal points must be above 0")
    calls = arrange(choices, session, question)
    q = _start(calls, settings)
    run = _Run(calls, q, settings, progress)
    run.sweep(estimate=settings.innovation is None)
    sure = joint_uncertainty(calls, q, 1.0 / settings.slope_variance)
    if settings.innovation is None:
        sure = _find_innovation(run, sure)
    return _oriented(calls, q, sure.standardised, anchor, run.iterations, run.change)


def _start(calls: RollCalls, settings: Settings) -> Posterior:
    sessions, n = calls.cast.shape
    points = starting_points(calls)
    lower, upper = starting_questions(calls)
    q = Posterior(
        mean=np.tile(points, (sessions, 1)),
        variance=np.full((sessions, n), 0.05),
        lag=np.zeros((sessions, n)),
        slope=np.zeros(len(calls.cuts)),
        lower=lower,
        upper=upper,
        spread=np.zeros((len(calls.cuts), 6)),
        pace=np.tile([1.0, 0.0, 0.0, 0.0], (len(calls.cuts), 1)),
        steps=np.ones((sessions, n)),
        innovation=0.02 if settings.innovation is None else settings.innovation,
        entry=1.0,
        centre=0.0,
        hold=0.0,
    )
    _set_steps(calls, q)
    for _ in range(4):
        _update_questions(calls, q, settings)
    return q


class _Run:
    """Rounds of updates of one posterior, counted."""

    def __init__(
        self, calls: RollCalls, q: Posterior, settings: Settings, progress: Callable[[int, float], None] | None
    ) -> None:
        self.calls, self.q, self.settings, self.progress = calls, q, settings, progress
        self.gradient, self.information = np.zeros_like(q.mean), np.zeros_like(q.mean)
        self.iterations, self.change = 0, np.inf

    def sweep(self, estimate: bool) -> None:
        """Repeat rounds until no point moves by more than the tolerance, or there have been enough."""
        moving = True
        while moving and self.iterations < self.settings.most:
            before = self.q.mean.copy()
            self._round(estimate)
            self.iterations += 1
            self.change = float(np.abs(self.q.mean - before)[self.calls.cast > 0].max())
            moving = self.change > self.settings.tolerance
            if self.progress is not None:
                self.progress(self.iterations, self.change)

    def _round(self, estimate: bool) -> None:
        """Points, questions, the sessions' places, the scale, the prior's variances."""
        calls, q = self.calls, self.q
        in_parts(
            kernels.weigh_states, len(q.mean), calls.votes, calls.bounds, calls.item, q.slope, q.lower, q.upper, q.spread,
            q.mean, q.variance, self.gradient, self.information,
        )  # fmt: skip
        self.information += q.hold
        self.gradient -= q.hold * from_centre(calls, q.mean)
        in_parts(
            kernels.smooth_paths,
            q.mean.shape[1],
            calls.first,
            calls.last,
            q.steps,
            q.centre,
            self.gradient,
            self.information,
            q.mean,
            q.variance,
            q.lag,
        )
        pull, weight = _update_questions(calls, q, self.settings)
        recentre(calls, q, pull, weight)
        standardise(calls, q, float(np.median(self.information[calls.cast > 0])))
        q.centre = float(q.mean[calls.entered].mean())
        q.entry = float(((q.mean - q.centre) ** 2 + q.variance)[calls.entered].mean())
        if estimate:
            q.innovation = _step_variance(calls, q.mean, q.variance, q.lag)
        _set_steps(calls, q)


def _update_questions(calls: RollCalls, q: Posterior, settings: Settings) -> tuple[Matrix, Matrix]:
    pull, weight = np.zeros(len(calls.item)), np.zeros(len(calls.item))
    in_parts(
        kernels.update_items, len(calls.cuts), calls.votes, calls.rows, calls.starts, calls.session, calls.cuts, q.slope, q.lower, q.upper,
        q.spread, q.pace, q.mean, q.variance, 1.0 / settings.slope_variance, pull, weight,
    )  # fmt: skip
    return pull, weight


def _set_steps(calls: RollCalls, q: Posterior) -> None:
    q.steps[calls.stepped] = q.innovation
    q.steps[calls.entered] = q.entry


def _step_variance(calls: RollCalls, mean: Matrix, variance: Matrix, lag: Matrix) -> float:
    """Mean expected square of the steps."""
    square = (mean[1:] - mean[:-1]) ** 2 + variance[1:] + variance[:-1] - 2.0 * lag[:-1]
    moved = square[calls.stepped[1:]]
    return max(float(moved.mean()), _LEAST) if moved.size else _LEAST


def _find_innovation(run: _Run, sure: Uncertainty) -> Uncertainty:
    """Variance of the steps at which it equals their mean expected square under the joint posterior.

    The factorised posterior underrates it. Each round costs one inversion; the equation is solved by the secant method.
    """
    calls, q = run.calls, run.q
    tried: list[tuple[float, float]] = []
    for _ in range(_ROUNDS):
        here = np.log(q.innovation)
        miss = np.log(_step_variance(calls, q.mean, sure.variance, sure.lag)) - here
        tried.append((here, miss))
        if abs(miss) < _NEAR:
            break
        move = 4.0 * miss
        if len(tried) > 1 and tried[-2][1] != miss:
            (before, missed), (now, misses) = tried[-2:]
            move = -misses * (now - before) / (misses - missed)
        q.innovation = float(np.exp(here + np.clip(move, -0.7, 0.7)))
        _set_steps(calls, q)
        run.sweep(estimate=False)
        sure = joint_uncertainty(calls, q, 1.0 / run.settings.slope_variance)
    return sure


def _oriented(
    calls: RollCalls, q: Posterior, total: Matrix, anchor: int | None, iterations: int, change: float
) -> IdealPoints:
    """The result with its sign fixed, NaN where a state is not in the assembly."""
    seen = calls.cast > 0
    if anchor is None:
        sign = np.sign((q.mean[seen] ** 3).sum())
    else:
        if not seen[:, anchor].any():
            raise InputError("the anchor casts no vote on a contested resolution")
        sign = np.sign(q.mean[seen[:, anchor], anchor].mean())
    sign = sign if sign != 0 else 1.0
    held = calls.entered | calls.stepped
    slope, lower, upper = (np.full(calls.resolutions, np.nan) for _ in range(3))
    slope[calls.kept], lower[calls.kept], upper[calls.kept] = (p[calls.item] for p in (q.slope, q.lower, q.upper))
    return IdealPoints(
        sessions=calls.labels,
        mean=np.where(held, sign * q.mean, np.nan),
        sd=np.where(held, np.sqrt(total), np.nan),
        votes=calls.cast,
        slope=sign * slope,
        lower=lower,
        upper=upper,
        innovation=q.innovation,
        entry=q.entry,
        iterations=iterations,
        change=change,
    )
