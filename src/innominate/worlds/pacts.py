"""Treaties as a choice: a pair signs where the promise is worth more than entrapment and the loss of autonomy.

Benefits: alignment beyond the bar, and rivals in common. Costs: the partner's own rivals, into whose quarrels a promise
drags (entrapment; Snyder 1984, World Politics 36: 461-495), the autonomy that the smaller gives up to a larger partner
(Morrow 1991, American Journal of Political Science 35: 904-933), and two states' dislike of form. A treaty runs for a term
and is left to die where its worth has gone by then. NATO's treaty is given. Treaties change no act.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from innominate.worlds.latent import Latent
from innominate.worlds.settings import stream

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

ALIGNED, THREAT, ENTRAPMENT, AUTONOMY, FORM = 1.2, 0.5, 0.4, 0.4, 0.8  # weights of what the choice weighs
HASTE = 0.25  # largest probability of signing in a year
TERM = 10  # years
WORTHLESS = -0.5
RIVALS = -1.2  # theta below which two states count as rivals
REVIEW = 5  # years after which rivals are counted anew


@dataclass(frozen=True, slots=True)
class Pacts:
    """Defence treaties of a world.

    Attributes
    ----------
    pair, start, end : (K,) pair, first and last period; end = T where it is still in force
    nato : (K,) whether it is NATO's; died : (K,) whether it was left to die
    worth : (T, P) what a treaty would be worth to the pair; below nought it would not sign
    """

    pair: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    nato: Mask
    died: Mask
    worth: Array

    def in_force(self) -> Mask:
        """(T, P): a treaty in force."""
        periods, pairs = self.worth.shape
        change = np.zeros((periods + 1, pairs), dtype=np.int32)
        np.add.at(change, (self.start, self.pair), 1)
        np.add.at(change, (np.minimum(self.end + 1, periods), self.pair), -1)
        return np.asarray(change[:-1].cumsum(axis=0) > 0)


def choose_pacts(latent: Latent, seed: int, *, others: bool = True) -> Pacts:
    """What every pair signs, avoids and leaves to die; `others` than NATO's members may sign or not."""
    random = stream(seed, "pacts")
    worth = worth_of(latent, random.standard_normal(len(latent.codes)))
    bar = latent.bar
    nato = (latent.blocs[:, latent.a] == 0) & (latent.blocs[:, latent.b] == 0) & latent.alive
    tosses = random.random(worth.shape)
    since = np.full(len(latent.a), -1, dtype=np.int64)
    spells: list[tuple[int, int, int, bool, bool]] = []
    for t in range(len(latent.years)):
        ending = (since >= 0) & ((t - since) % TERM == 0) & (t > since) & (worth[t] < WORTHLESS)
        gone = (since >= 0) & (~latent.alive[t] | nato[t])
        for p in np.flatnonzero(ending | gone):
            spells.append((int(p), int(since[p]), t - 1, False, bool(ending[p])))
            since[p] = -1
        willing = others & latent.alive[t] & ~nato[t] & (since < 0) & (latent.theta[t] > bar - 0.3)
        since[willing & (tosses[t] < HASTE / (1.0 + np.exp(-2.0 * worth[t])))] = t
    last = len(latent.years)
    spells += [(int(p), int(since[p]), last, False, False) for p in np.flatnonzero(since >= 0)]
    spells += _nato_spells(nato)
    table = np.array(sorted(spells), dtype=np.int64).reshape(-1, 5)
    return Pacts(table[:, 0], table[:, 1], table[:, 2], table[:, 3] > 0, table[:, 4] > 0, worth)


def worth_of(latent: Latent, form: Array) -> Array:
    """(T, P) worth of a treaty; `form` (N,) is each state's taste for signing."""
    n = len(latent.codes)
    a, b = latent.a, latent.b
    unequal = np.abs(latent.size[a] - latent.size[b])
    fixed = FORM * (form[a] + form[b]) / np.sqrt(2.0) - AUTONOMY * (unequal - unequal.mean())
    bar = latent.bar
    found = np.empty(latent.theta.shape)
    weight = np.exp(0.5 * latent.size)
    for t in range(len(latent.years)):
        if t % REVIEW == 0:
            hostile = np.zeros((n, n))
            hostile[a, b] = hostile[b, a] = (latent.theta[t] < RIVALS) & latent.alive[t]
            common = np.einsum("ik,jk,k->ij", hostile, hostile, weight)[a, b]
            load = hostile.sum(axis=1)
            quarrels = load[a] + load[b]
        found[t] = (
            ALIGNED * (latent.theta[t] - bar) + THREAT * _standard(common) - ENTRAPMENT * _standard(quarrels) + fixed
        )
    return found


def _standard(values: Array) -> Array:
    return np.asarray((values - values.mean()) / max(float(values.std()), 1e-9))


def _nato_spells(nato: Mask) -> list[tuple[int, int, int, bool, bool]]:
    periods = len(nato)
    found = []
    for p in np.flatnonzero(nato.any(axis=0)):
        inside = np.flatnonzero(nato[:, p])
        end = periods if inside[-1] == periods - 1 else int(inside[-1])
        found.append((int(p), int(inside[0]), end, True, False))
    return found
