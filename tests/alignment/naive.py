"""The same model as one dense Gaussian: slow, short, and written from the definition."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def path_covariance(persistence: float, innovation: Array) -> Array:
    """Prior covariance (T, T) of theta[t] = persistence theta[t-1] + step."""
    n = len(innovation)
    covariance = np.zeros((n, n))
    for t in range(n):
        covariance[t, t] = innovation[t] + (persistence**2 * covariance[t - 1, t - 1] if t else 0.0)
        for s in range(t):
            covariance[t, s] = covariance[s, t] = persistence * covariance[t - 1, s]
    return covariance


def dense_posterior(
    z: Array, spread: Array, loading: Array, offset: Array, persistence: float, innovation: Array
) -> tuple[Array, Array, Array, Array, float]:
    """Mean and covariance of (theta, offsets) given the known cells of z, the matrix that maps them, log-likelihood.

    z, spread: (T, S), NaN unknown. Returns mean (T+S,), covariance (T+S, T+S), gain (T+S, M), cells (M, 2), loglik.
    """
    n, k = z.shape
    prior = np.zeros((n + k, n + k))
    prior[:n, :n] = path_covariance(persistence, innovation)
    prior[n:, n:] = np.diag(offset)
    cells = np.argwhere(np.isfinite(z))
    design = np.zeros((len(cells), n + k))
    for row, (t, c) in enumerate(cells):
        design[row, t] = loading[c]
        design[row, n + c] = 1.0
    observed = z[cells[:, 0], cells[:, 1]]
    total = design @ prior @ design.T + np.diag(spread[cells[:, 0], cells[:, 1]])
    gain = prior @ design.T @ np.linalg.inv(total)
    _, logdet = np.linalg.slogdet(total)
    likelihood = -0.5 * (observed @ np.linalg.solve(total, observed) + logdet + len(cells) * np.log(2 * np.pi))
    return gain @ observed, prior - gain @ design @ prior, gain, cells, float(likelihood)
