"""Votes simulated from the model of ideal points, with the truth on the scale that estimates are given on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class World:
    """choices (N, R), session (R,), truth (T, N): NaN where the state is not in the assembly."""

    choices: np.ndarray
    session: np.ndarray
    truth: np.ndarray


def simulate(seed, *, sessions=12, states=60, resolutions=30, step=0.03, absent=0.15, slope=1.0, truth=None):
    """States enter and leave; resolutions differ in slope and cut-points; some votes are missing."""
    rng = np.random.default_rng(seed)
    if truth is None:
        truth = _paths(rng, sessions, states, step)
    session = np.repeat(np.arange(1, len(truth) + 1), resolutions)
    slopes = rng.normal(0.0, slope, len(session))
    middle, gap = rng.normal(-0.8, 0.8, len(session)), rng.uniform(0.3, 1.0, len(session))
    return World(cast(rng, truth, session, slopes, middle, gap, absent), session, truth)


def cast(rng, truth, session, slopes, middle, gap, absent):
    """Votes (N, R) of states at `truth` on resolutions with the given parameters (R,)."""
    eta = slopes * truth[session - 1].T + rng.normal(size=(truth.shape[1], len(session)))
    choices = np.where(eta < middle - gap / 2, -1.0, np.where(eta > middle + gap / 2, 1.0, 0.0))
    return np.where(np.isnan(eta) | (rng.random(eta.shape) < absent), np.nan, choices)


def _paths(rng, sessions, states, step):
    first = np.where(rng.random(states) < 0.6, 0, rng.integers(0, sessions - 3, states))
    last = np.where(rng.random(states) < 0.85, sessions - 1, np.minimum(first + 3, sessions - 1))
    walk = rng.normal(size=states) + np.cumsum(rng.normal(0.0, step**0.5, (sessions, states)), axis=0)
    when = np.arange(sessions)[:, None]
    paths = np.where((when >= first) & (when <= last), walk, np.nan)
    return (paths - np.nanmean(paths)) / np.nanstd(paths)


def turned(points, world):
    """Estimates (T, N) with the sign of the truth."""
    seen = points.votes > 0
    return points.mean * np.sign((points.mean * world.truth)[seen].sum())
