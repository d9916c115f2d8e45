"""Do k parties take part together more often than their pairs imply? Tests against models with all pairwise ties and no more.

An event is a row of zeros and ones: who took part. The null keeps every party's number of events and every pair's number of
common events, and is otherwise as random as can be (the log-linear model without interactions of three or more; Bishop,
Fienberg and Holland 1975). Groups of three: exact, because one number is free. Four to six: Markov chain over all tables with
the same pairs (Diaconis and Sturmfels 1998). Larger: simulation from the fitted pairwise model (Ising).
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.special import gammaln

from innominate.errors import InputError

_MOST_BY_CHAIN = 6


@dataclass(frozen=True, slots=True)
class Interaction:
    """Outcome of one test.

    Attributes
    ----------
    least : how many parties must take part for an event to count as joint
    events : rows looked at
    joint : events in which at least `least` parties take part
    expected : their number if there were nothing but pairwise ties; low, high its central 90 %
    p_value : chance of at least `joint` such events under the null
    beyond : one minus the mid-p value: the probability, from a flat prior, that they act together more than pairs imply;
        a half where the pairs leave nothing to find
    method : exact, chain or simulation
    """

    least: int
    events: int
    joint: int
    expected: float
    low: float
    high: float
    p_value: float
    beyond: float
    method: str


def together(
    took_part: NDArray[np.bool_], least: int | None = None, *, seed: int = 0, steps: int = 400_000
) -> Interaction:
    """Test whether at least `least` of the parties (by default all) take part together beyond their pairwise ties.

    took_part : (E, k) who took part in which event, the events in which nobody of the group did included
    steps : length of the chain; a hundredth of it is the number of chains of a simulation
    """
    parties = took_part.shape[1]
    wanted = parties if least is None else least
    if parties < 3 or not 3 <= wanted <= parties:
        raise InputError(f"{parties} parties, {wanted} together: a joint act has three or more")
    table = (
        np.bincount(took_part @ (1 << np.arange(parties)), minlength=1 << parties)
        if parties <= _MOST_BY_CHAIN
        else None
    )
    joint = int((took_part.sum(axis=1) >= wanted).sum())
    if table is not None and parties == 3:
        values, chances = no_three_way(table)
        return _summary(wanted, len(took_part), joint, values, chances, "exact")
    if table is not None:
        drawn = pairwise_chain(table, wanted, steps, seed)
        values, times = np.unique(drawn, return_counts=True)
        return _summary(wanted, len(took_part), joint, values, times / times.sum(), "chain")
    from scipy.stats import binom  # takes seconds to import

    chance = pairwise_chance(took_part, wanted, seed, chains=max(400, steps // 100))
    values = np.arange(len(took_part) + 1)
    return _summary(wanted, len(took_part), joint, values, binom.pmf(values, len(took_part), chance), "simulation")


def _summary(least: int, events: int, joint: int, values: np.ndarray, chances: np.ndarray, method: str) -> Interaction:
    running = np.cumsum(chances)
    places = np.minimum(np.searchsorted(running, [0.05, 0.95]), len(values) - 1)
    low, high = int(values[places[0]]), int(values[places[1]])
    p_value = float(chances[values >= joint].sum())
    if method == "chain":  # the observed table is one of the tables
        p_value = max(p_value, 1e-4)
    beyond = min(max(1.0 - p_value + 0.5 * float(chances[values == joint].sum()), 0.0), 1.0)
    return Interaction(least, events, joint, float(values @ chances), low, high, min(p_value, 1.0), beyond, method)


def _parity(parties: int) -> np.ndarray:
    """+1 for cells in which an even number of the parties stay away, −1 for the others; cells numbered by bits."""
    away = parties - np.array([int(cell).bit_count() for cell in range(1 << parties)])
    return np.where(away % 2 == 0, 1, -1)


def no_three_way(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number of events with all three parties, and its chances given all pairwise margins of a 2×2×2 table (8,)."""
    sign = _parity(3)
    down, up = int(table[sign > 0].min()), int(table[sign < 0].min())
    shifts = np.arange(-down, up + 1)
    logs = -gammaln(table[None, :] + shifts[:, None] * sign[None, :] + 1).sum(axis=1)
    chances = np.exp(logs - logs.max())
    return table[7] + shifts, chances / chances.sum()


def _moves(parties: int) -> np.ndarray:
    """(moves, 8, 2) cell and sign: parity over three parties, the others fixed; all pairwise margins stay."""
    moves = []
    for three in itertools.combinations(range(parties), 3):
        rest = [party for party in range(parties) if party not in three]
        for fixed in itertools.product((0, 1), repeat=len(rest)):
            base = sum(bit << party for bit, party in zip(fixed, rest, strict=True))
            cells = [base + sum(1 << party for n, party in enumerate(three) if mask >> n & 1) for mask in range(8)]
            moves.append([[cell, sign] for cell, sign in zip(cells, _parity(3).tolist(), strict=True)])
    return np.asarray(moves, dtype=np.int64)


def pairwise_chain(table: np.ndarray, least: int, steps: int, seed: int) -> np.ndarray:
    """Numbers of events with at least `least` parties, along a Markov chain over tables with the same pairwise margins."""
    parties = int(math.log2(len(table)))
    joint = np.array([int(cell).bit_count() >= least for cell in range(len(table))])
    random = np.random.default_rng(seed)
    moves = _moves(parties)
    picks = random.integers(0, len(moves), steps)
    sizes = random.geometric(min(0.5, 4 / max(8.0, math.sqrt(table.sum()))), steps) * random.choice((-1, 1), steps)
    out = np.empty(steps, dtype=np.int64)
    _walk(table.astype(np.int64), moves, picks, sizes, np.log(random.random(steps)), joint, out)
    return out[steps // 10 :]


@njit(cache=True)
def _walk(table, moves, picks, sizes, levels, joint, out):  # type: ignore[no-untyped-def]
    for step in range(picks.shape[0]):
        move, size, change = moves[picks[step]], sizes[step], 0.0
        for n in range(8):
            value = table[move[n, 0]] + size * move[n, 1]
            if value < 0:
                change = -np.inf
                break
            change += math.lgamma(table[move[n, 0]] + 1.0) - math.lgamma(value + 1.0)
        if levels[step] < change:
            for n in range(8):
                table[move[n, 0]] += size * move[n, 1]
        total = 0
        for cell in range(table.shape[0]):
            if joint[cell]:
                total += table[cell]
        out[step] = total


def pairwise_chance(
    took_part: NDArray[np.bool_], least: int, seed: int, rounds: int = 150, chains: int = 4000
) -> float:
    """Chance that at least `least` parties take part under the pairwise model with the observed pairs.

    The couplings are moved until the simulated pairs match the observed ones (stochastic approximation; Robbins and Monro
    1951), starting from independence; the chance is averaged over the last third of the rounds.
    """
    data = took_part.astype(np.float64)
    parties, random = data.shape[1], np.random.default_rng(seed)
    target = (data.T @ data + 0.5 * np.outer(data.mean(axis=0), data.mean(axis=0))) / (len(data) + 0.5)
    alone = np.clip(np.diag(target), 1e-4, 1 - 1e-4)
    couplings = np.zeros((parties, parties))
    np.fill_diagonal(couplings, np.log(alone / (1 - alone)))
    state = random.random((chains, parties)) < alone
    scale = np.sqrt(np.maximum(target * (1 - target), 1e-4))
    found = []
    for step in range(rounds):
        _gibbs(state, couplings, random.random((4, chains, parties)))
        sample = state.astype(np.float64)
        pairs = sample.T @ sample / chains
        couplings += (
            (6.0 / (6.0 + step / 10)) * np.clip((target - pairs) / scale / np.maximum(scale, 0.05), -1, 1) * 0.5
        )
        if step >= rounds * 2 // 3:
            found.append(float((state.sum(axis=1) >= least).mean()))
    return float(np.mean(found))


@njit(cache=True)
def _gibbs(state, couplings, levels):  # type: ignore[no-untyped-def]
    for sweep in range(levels.shape[0]):
        for chain in range(state.shape[0]):
            for party in range(state.shape[1]):
                field = couplings[party, party]
                for other in range(state.shape[1]):
                    if other != party and state[chain, other]:
                        field += couplings[party, other]
                state[chain, party] = levels[sweep, chain, party] < 1.0 / (1.0 + math.exp(-field))
