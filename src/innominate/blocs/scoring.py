"""Scores of blocs for the scoreboard: each a dict of task, metric, value and baselines."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from innominate.blocs.core import CoreFit, CoreSettings, fit_core
from innominate.blocs.factorisation import Settings, factorise
from innominate.blocs.heldout import Posterior, averaged, margins, random_mask, score, score_last_period, score_rates
from innominate.blocs.planted import adjusted_rand, plant
from innominate.blocs.sizes import thinned
from innominate.blocs.telling import predictor
from innominate.blocs.tensor import Absent, CountTensor
from innominate.errors import InputError
from innominate.panel.periods import Resolution

Peer = Callable[[CountTensor, Absent, int], Sequence[Posterior]]
MASKS: dict[str, tuple[str, ...]] = {
    "dyad-periods": ("source", "target", "period"),
    "cells": ("source", "target", "action", "period"),
    "dyads": ("source", "target"),
}


def plain_counts(tensor: CountTensor) -> CountTensor:
    """The same counts without exposure and diagonal, periods that nobody observed left out: what every method can be given."""
    period = tensor.mode("period")
    seen = np.flatnonzero(tensor.exposure[period].sum(axis=0) > 0)
    coordinates = tensor.coordinates.copy()
    coordinates[:, period] = np.searchsorted(seen, coordinates[:, period])
    labels = tuple(tuple(names[i] for i in seen) if m == period else names for m, names in enumerate(tensor.labels))
    ones = tuple(np.ones((1, len(names))) for names in labels)
    return replace(tensor, coordinates=coordinates, labels=labels, exposure=ones, loops=None, outside=0.0)


def heldout_score(
    tensor: CountTensor,
    settings: Settings | None = None,
    *,
    mask: str = "dyad-periods",
    period: Resolution = "month",
    masks: int = 3,
    share: float = 0.01,
    peers: Mapping[str, Peer] | None = None,
) -> dict[str, Any]:
    """Held-out Poisson log-likelihood per event, mean over masks; the value is that of the predictor from `starts` fits.

    `period` is what the tensor's periods are called in the metric: dyad-months, dyad-quarters or dyad-years. Raises
    :class:`InputError` where no event is among the cells held out.
    Baselines: the mean over those fits; a single one; the product of margins; the last period's count, with one period's worth of margins; one
    component; and the `peers`, each given the tensor, the mask and its seed: the mean over the fits that it returns.
    """
    chosen, told_of = settings or Settings(), mask.replace("period", period)
    ours: list[float] = []
    events = 0.0
    theirs: dict[str, list[float]] = {}
    for seed in range(masks):
        absent = random_mask(tensor, share, seed, [name for name in MASKS[mask] if name in tensor.modes])
        hidden = tensor.only(absent).total
        if hidden == 0:
            raise InputError(
                f"none of {tensor.total:.0f} events is in the {len(absent.cells)} {told_of} held out: too few"
            )
        events += hidden
        fits = [
            factorise(tensor, replace(chosen, seed=chosen.seed + n, starts=1), absent) for n in range(chosen.starts)
        ]
        told = predictor(tensor, absent, chosen, fits=fits)
        ours.append(score_rates(tensor, absent, told.rates).per_event)
        alone = factorise(tensor, replace(chosen, components=1), absent)
        beside = {
            "mean over starts": score(tensor, absent, averaged(fits)).per_event,
            "one start": float(np.mean([score(tensor, absent, fit.means).per_event for fit in fits])),
            "product of margins": score(tensor, absent, margins(tensor, absent)).per_event,
            "last period": score_last_period(tensor, absent).per_event,
            "one component": score(tensor, absent, alone.means).per_event,
        }
        for name, peer in (peers or {}).items():
            beside[name] = score(tensor, absent, averaged(peer(tensor, absent, seed))).per_event
        for name, value in beside.items():
            theirs.setdefault(name, []).append(value)
    return {
        "task": "blocs-held-out",
        "metric": f"log-likelihood per event/{told_of}",
        "value": float(np.mean(ours)),
        "baselines": {name: float(np.mean(values)) for name, values in theirs.items()},
        "n": int(events),
        "masks": {"ours": ours, **theirs},
    }


def recovery_score(
    *, seeds: int = 5, blocs: int = 5, inside: float = 1.0, outside: float = 0.1, acts: float = 200.0
) -> dict[str, Any]:
    """Adjusted Rand index of planted and found blocs, mean over worlds; the baseline has no blocs at all."""
    found, none = list[float](), list[float]()
    for seed in range(seeds):
        for strength, values in ((outside, found), (inside, none)):
            world = plant(blocs=blocs, inside=inside, outside=strength, acts=acts, themed=False, seed=seed)
            fit = fit_core(world.tensor, CoreSettings(blocs, themes=2, times=1, seed=seed))
            values.append(adjusted_rand(world.bloc, foremost(fit)))
    return {
        "task": "blocs-recovery",
        "metric": "adjusted Rand index",
        "value": float(np.mean(found)),
        "baselines": {"no blocs planted": float(np.mean(none))},
        "n": seeds,
    }


def foremost(fit: CoreFit) -> np.ndarray:
    """(N,) bloc with the largest share of each state's expected acts."""
    rate = np.zeros((fit.states.mean.shape[1],))
    np.add.at(rate, fit.places[:, 0], fit.acts)
    np.add.at(rate, fit.places[:, 1], fit.acts)
    share = fit.states.mean / np.maximum(fit.states.mean.sum(axis=0), 1e-300) * rate
    return np.asarray(share.argmax(axis=1))


def stability_score(tensor: CountTensor, settings: CoreSettings | None = None, *, runs: int = 4) -> dict[str, Any]:
    """Agreement of blocs found by runs with different seeds, each as the command finds them: mean adjusted Rand index over pairs.

    Baseline: a random partition. `halves`: the same index between the blocs of two halves of the events, split at random.
    """
    chosen = settings or CoreSettings()
    first = [foremost(fit_core(tensor, replace(chosen, seed=chosen.seed + 1000 * n))) for n in range(runs)]
    pairs = [adjusted_rand(a, b) for a, b in itertools.combinations(first, 2)]
    random = np.random.default_rng(chosen.seed)
    chance = [adjusted_rand(a, random.permutation(a)) for a in first]
    halves = [
        adjusted_rand(*(foremost(fit_core(half, chosen)) for half in thinned(tensor, 0.5, chosen.seed + n)))
        for n in range(2)
    ]
    return {
        "task": "blocs-stability",
        "metric": "adjusted Rand index between seeds",
        "value": float(np.mean(pairs)),
        "baselines": {"shuffled": float(np.mean(chance))},
        "n": len(pairs),
        "halves": float(np.mean(halves)),
    }
