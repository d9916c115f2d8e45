"""Two-way margins: what the two states' own activity predicts, taken out so that the excess of a pair remains.

The additive part of an additive-and-multiplicative-effects model (Hoff 2021, Statistical Science 36: 34-50) for an
undirected relation, fitted by ridge-stabilised least squares on the known cells only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Mask = NDArray[np.bool_]

MIN_DEGREE = 4.0  # below this mean number of known partners a state's own activity cannot be told from its ties
SETTLED, MOST_PRODUCTS = 1e-12, 100  # of the conjugate gradients
FEWEST_CELLS = 6  # below which a spread over pairs means nothing
RIDGE = 1e-3  # observations' worth of shrinkage of each state effect: only there to make the system solvable


@dataclass(frozen=True, slots=True)
class Margins:
    """Additive fit of a symmetric matrix.

    Attributes
    ----------
    fitted : (N, N), grand mean plus both states' effects; defined for every cell
    effects : (N,), zero for states with no known cell
    mean : grand mean
    """

    fitted: Matrix
    effects: NDArray[np.float64]
    mean: float


def separable(known: Mask) -> bool:
    """Whether states' own activity can be told from their ties: not in a star of one state's partners."""
    degree = known.sum(axis=1)
    return bool((degree > 0).any()) and float(np.median(degree[degree > 0])) >= MIN_DEGREE


def two_way(values: Matrix, known: Mask) -> Margins:
    """Fit ``values[i, j] ≈ mean + effect[i] + effect[j]`` on the known cells.

    Parameters
    ----------
    values : (N, N), symmetric; unknown cells are ignored, whatever they hold
    known : (N, N), symmetric, diagonal False

    Notes
    -----
    Where the known cells form a star or a very sparse graph (a dataset about one state's partners), effects would
    absorb the ties themselves; then only the mean is taken out.
    """
    n = len(values)
    degree = known.sum(axis=1).astype(float)
    cells = degree.sum()
    filled = np.where(known, values, 0.0)
    if cells == 0:
        return Margins(np.zeros((n, n)), np.zeros(n), 0.0)
    mean = float(filled.sum() / cells)
    present = degree > 0
    if not separable(known):
        return Margins(np.full((n, n), mean), np.zeros(n), mean)
    target = filled.sum(axis=1) - mean * degree
    effects = _state_effects(
        known.astype(float), np.where(present, degree + RIDGE, 1.0), np.where(present, target, 0.0)
    )
    return Margins(mean + effects[:, None] + effects[None, :], effects, mean)


def _state_effects(
    adjacency: Matrix, diagonal: NDArray[np.float64], target: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Solve (adjacency + diag(diagonal)) effects = target by conjugate gradients, preconditioned by the diagonal.

    Nearly complete graphs take a dozen products of a small matrix; where the graph is so odd that they do not settle, the
    system is solved directly.
    """
    effects = target / diagonal
    residual = target - (adjacency * effects).sum(axis=1) - diagonal * effects
    scaled = residual / diagonal
    direction, energy = scaled, float(residual @ scaled)
    goal = SETTLED**2 * max(float(target @ (target / diagonal)), 1e-300)
    for _ in range(MOST_PRODUCTS):
        if energy <= goal:
            return effects
        moved = (adjacency * direction).sum(axis=1) + diagonal * direction
        stride = energy / float(direction @ moved)
        effects = effects + stride * direction
        residual = residual - stride * moved
        scaled = residual / diagonal
        before, energy = energy, float(residual @ scaled)
        direction = scaled + (energy / before) * direction
    solved: NDArray[np.float64] = np.linalg.solve(adjacency + np.diag(diagonal), target).astype(np.float64)
    return solved


def spread(excess: Matrix, known: Mask, floor: float = 1e-9) -> float:
    """Root mean square of the known cells of `excess`, by which they are made comparable over periods.

    NaN where too few cells are known to tell; 1 where nobody did anything at all (every excess is nought, and known).
    """
    count = int(known.sum())
    if count < FEWEST_CELLS:
        return float("nan")
    size = float(np.sqrt((excess[known] ** 2).mean()))
    return size if size > floor else 1.0
