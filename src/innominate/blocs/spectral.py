"""Where a search for blocs starts: states that deal with the same others beyond what their volumes imply.

States are placed by the leading eigenvectors of their ties, each divided by the root of both volumes (with a share of the mean
volume added, so that states with a handful of acts do not make directions of their own: Qin and Rohe 2013, arXiv 1309.4111),
projected to the unit sphere and grouped by k-means. Volume alone then separates nobody. Groups may then be refined under the
degree-corrected blockmodel of Karrer and Newman 2011 (arXiv 1008.3926). That nobody acts on itself is part of both: a giant's
missing acts on itself are no sign that it belongs elsewhere. k-means' first centres come from a fixed seed: the same counts
give the same groups.
"""

from __future__ import annotations

import numpy as np

from innominate.blocs.k_means import Groups, k_means
from innominate.blocs.tensor import CountTensor, Floats


def ties(tensor: CountTensor) -> Floats:
    """(N, N) acts between each two states in both directions, actions and periods added up."""
    table = np.zeros((tensor.shape[0], tensor.shape[1]))
    np.add.at(table, (tensor.coordinates[:, 0], tensor.coordinates[:, 1]), tensor.counts)
    np.fill_diagonal(table, 0.0)
    return np.asarray(table + table.T)


def activity(table: Floats, density: Floats | None = None, rounds: int = 200) -> Floats:
    """(N,) activities a under which every state's expected ties, a_i times the sum over others of a_j × density, are its ties."""
    volume = table.sum(axis=1)
    density = np.ones_like(table) if density is None else density
    active = volume / np.sqrt(max(float(volume.sum()), 1e-300))
    for _ in range(rounds):
        rest = density @ active - np.diag(density) * active
        active = np.sqrt(active * volume / np.maximum(rest, 1e-300))
    return np.asarray(active)


def partition(table: Floats, blocs: int, *, share: float = 1.0, filled: bool = False, tries: int = 32) -> Groups:
    """(N,) groups of states from ties (N, N), the best of several tries of k-means; at most as many groups as states.

    share : of the mean volume that is added to all; filled : whether the diagonal gets what activities imply
    """
    columns = min(blocs, len(table))
    whole = table + np.diag(activity(table) ** 2) if filled else table
    volume = whole.sum(axis=1)
    scaled = np.sqrt(np.maximum(volume + share * volume.mean(), 1e-300))
    values, vectors = np.linalg.eigh(whole / np.outer(scaled, scaled))
    places = vectors[:, np.argsort(-values, kind="stable")[:columns]]
    places = places / np.maximum(np.linalg.norm(places, axis=1, keepdims=True), 1e-300)
    random = np.random.default_rng(0)
    return min((k_means(places, columns, random) for _ in range(tries)), key=lambda run: run[0])[1]


def refined(table: Floats, group: Groups, rounds: int = 20) -> Groups:
    """Move states to the group under which their ties are most likely, all at once and again; the likeliest state of affairs."""
    likeliest, best = group, -np.inf
    blocs = int(group.max()) + 1
    for _ in range(rounds):
        value, active, density = _fitted(table, group, blocs)
        if value <= best:
            break
        likeliest, best = group, value
        member = np.eye(blocs)[group]
        exposed = active[:, None] * (member.T @ active - member * active[:, None])
        group = (table @ member @ np.log(density) - exposed @ density).argmax(axis=1)
    return likeliest


def told_by_groups(kept: Floats, held: Floats, group: Groups) -> float:
    """Poisson log-likelihood per event of ties held out under activities and densities fitted to the ties `kept`, both (N, N).

    Constants of the counts are left out.
    """
    _, active, density = _fitted(kept, group, int(group.max()) + 1)
    rates = np.outer(active, active) * density[np.ix_(group, group)] * (held.sum() / max(kept.sum(), 1.0))
    return _told(held, rates) / max(held.sum() / 2, 1.0)


def _fitted(table: Floats, group: Groups, blocs: int) -> tuple[float, Floats, Floats]:
    """Log-likelihood, activities (N,) and densities (C, C) of the blockmodel, each density with one act more, seen and expected."""
    member, active = np.eye(blocs)[group], activity(table)
    for again in range(4):
        usual = np.outer(active, active)
        np.fill_diagonal(usual, 0.0)
        density = (member.T @ table @ member + 1) / (member.T @ usual @ member + 1)
        if again < 3:
            active = activity(table, density[np.ix_(group, group)], 10)
    return _told(table, np.outer(active, active) * density[np.ix_(group, group)]), active, density


def _told(table: Floats, rates: Floats) -> float:
    upper = np.triu_indices(len(table), 1)
    return float(table[upper] @ np.log(np.maximum(rates[upper], 1e-12)) - rates[upper].sum())
