"""k-means with first centres by k-means++ (Arthur and Vassilvitskii 2007), and centres that may stay where they are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from innominate.blocs.tensor import Floats

Groups = NDArray[np.int64]


def k_means(
    places: Floats, groups: int, random: np.random.Generator, *, fixed: Floats | None = None, rounds: int = 100
) -> tuple[float, Groups]:
    """Squared distance to the centres, summed, and the (N,) group of every row of `places` (N, C).

    fixed : (F, C) centres of further groups, numbered first, that never move
    """
    first = 0 if fixed is None else len(fixed)
    centres = places[random.integers(len(places))][None] if fixed is None else fixed
    while len(centres) < first + groups:
        apart = _distances(places, centres).min(axis=1) + 1e-12
        centres = np.vstack([centres, places[random.choice(len(places), p=apart / apart.sum())]])
    group = np.full(len(places), -1)
    for _ in range(rounds):
        apart = _distances(places, centres)
        nearest = apart.argmin(axis=1)
        if (nearest == group).all():
            break
        group, sizes, means = nearest, np.bincount(nearest, minlength=len(centres)), np.zeros_like(centres)
        np.add.at(means, group, places)
        moves = (sizes > 0) & (np.arange(len(centres)) >= first)
        centres = np.where(moves[:, None], means / np.maximum(sizes, 1)[:, None], centres)
    return float(apart.min(axis=1).sum()), group


def _distances(places: Floats, centres: Floats) -> Floats:
    """(N, C) squared distances."""
    squares = (places**2).sum(axis=1)[:, None] - 2 * places @ centres.T + (centres**2).sum(axis=1)
    return np.asarray(np.maximum(squares, 0.0))
