"""One channel of the model as one dense Gaussian: slow, short, and written from the definition."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def path_covariance(persistence: float, innovation: Array) -> Array:
    """Prior covariance (T, T) of path[t] = persistence path[t-1] + step."""
    n = len(innovation)
    covariance = np.zeros((n, n))
    for t in range(n):
        covariance[t, t] = innovation[t] + (persistence**2 * covariance[t - 1, t - 1] if t else 0.0)
        for s in range(t):
            covariance[t, s] = covariance[s, t] = persistence * covariance[t - 1, s]
    return covariance


def dense_posterior(
    z: Array, spread: Array, scale: float, level: float, persistence: float, innovation: Array
) -> tuple[Array, Array, Array, Array, float]:
    """Mean and covariance of (path, level) given the known cells of z, the matrix that maps them, log-likelihood.

    z, spread: (T,), NaN unknown. Returns mean (T+1,), covariance (T+1, T+1), gain (T+1, M), places (M,), loglik.
    """
    n = len(z)
    prior = np.zeros((n + 1, n + 1))
    prior[:n, :n] = path_covariance(persistence, innovation)
    prior[n, n] = level
    known = np.flatnonzero(np.isfinite(z))
    design = np.zeros((len(known), n + 1))
    design[np.arange(len(known)), known] = scale
    design[:, n] = 1.0
    total = design @ prior @ design.T + np.diag(spread[known])
    gain = prior @ design.T @ np.linalg.inv(total)
    _, logdet = np.linalg.slogdet(total)
    likelihood = -0.5 * (z[known] @ np.linalg.solve(total, z[known]) + logdet + len(known) * np.log(2 * np.pi))
    return gain @ z[known], prior - gain @ design @ prior, gain, known, float(likelihood)
