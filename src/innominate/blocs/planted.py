"""Counts with known blocs, for tests and scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from innominate.blocs.tensor import CountTensor, from_arrays


@dataclass(frozen=True, slots=True)
class Planted:
    """A tensor drawn from known blocs: source × target × action × period.

    Attributes
    ----------
    tensor : the counts
    bloc : (N,) bloc of every state
    """

    tensor: CountTensor
    bloc: NDArray[np.int64]


def plant(
    *, states: int = 60, blocs: int = 5, actions: int = 4, periods: int = 12, inside: float = 1.0, outside: float = 0.1,
    acts: float = 200.0, spread: float = 0.8, themed: bool = True, seed: int = 0,
) -> Planted:  # fmt: skip
    """Draw counts in which states deal with their own bloc at rate `inside` and with others at rate `outside`.

    acts : mean number of acts that a state sends; spread : standard deviation of the logarithm of states' activity;
    themed : whether each pair of blocs has its own mix of actions
    """
    random = np.random.default_rng(seed)
    bloc = random.permutation(np.arange(states) % blocs)
    activity = random.lognormal(0.0, spread, states)
    rates = np.where(bloc[:, None] == bloc[None, :], inside, outside) * np.outer(activity, activity)
    np.fill_diagonal(rates, 0.0)
    mixes = random.dirichlet(np.ones(actions), size=(blocs, blocs) if themed else (1, 1))
    themes = np.broadcast_to(mixes, (blocs, blocs, actions))[bloc[:, None], bloc[None, :]]
    volume = random.gamma(5.0, 0.2, periods)
    full = np.einsum("ij,ija,t->ijat", rates, themes, volume)
    counts = random.poisson(full * (acts * states / full.sum()))
    names = [f"S{i:03d}" for i in range(states)]
    labels = [names, names, [f"{a + 1:02d}" for a in range(actions)], [str(2000 + t) for t in range(periods)]]
    tensor = from_arrays(np.argwhere(counts), counts[counts > 0], counts.shape, modes=("source", "target", "action", "period"),
                         labels=labels, loops=(0, 1))  # fmt: skip
    return Planted(tensor, bloc)


def adjusted_rand(a: NDArray[np.integer], b: NDArray[np.integer]) -> float:
    """Adjusted Rand index of two partitions of the same things (Hubert and Arabie 1985): 1 same, 0 as by chance."""
    table = np.zeros((int(a.max()) + 1, int(b.max()) + 1))
    np.add.at(table, (a, b), 1)

    def pairs(counts: NDArray[np.float64]) -> float:
        return float((counts * (counts - 1) / 2).sum())

    same, rows, columns = pairs(table), pairs(table.sum(axis=1)), pairs(table.sum(axis=0))
    chance = rows * columns / max(len(a) * (len(a) - 1) / 2, 1.0)
    most = (rows + columns) / 2
    return 1.0 if most == chance else (same - chance) / (most - chance)
