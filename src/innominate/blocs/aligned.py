"""Blocs in the alignment itself: groups of states whose pairs are closer than pairs at large, with who moves and when.

Events show blocs only as far as friends act more than others; the measured alignment is where blocs are meant to be. In period t
the alignment of states i and j is

    y[i,j,t] ~ N(inside[k], width + sampling[i,j,t])  if both are in bloc k,    N(outside, width + sampling[i,j,t])  otherwise,

an affiliation model, that is a Gaussian stochastic block model whose blocks off the diagonal are one (Aicher, Jacobs and Clauset 2015,
Journal of Complex Networks 3: 221-248), with a group of states that are in no bloc, and memberships that follow a Markov
chain (Matias and Miele 2017, Journal of the Royal Statistical Society B 79: 1119-1141). Memberships are found by mean-field
variation: forward and backward over periods, state by state. A smoothed path tells the same thing many years running; evidence is
divided by the number of years over which its errors last. The number of blocs is the one with the largest integrated
likelihood (Biernacki, Celeux and Govaert 2000, IEEE PAMI 22: 719-725).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from innominate.blocs.k_means import k_means

if TYPE_CHECKING:
    from innominate.alignment import AlignmentFit

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

NONE = "none"
MOST_BLOCS = 8
STAYS = 0.98  # chance of a state to stay where it is, a period
FEWEST = 3  # members below which a bloc is none
SWEEPS, SETTLED = 40, 1e-3
LASTING = 12.0  # years over which errors of a smoothed alignment last
EVERY = 3  # years between two periods; nothing is lost, since paths are smooth
STARTS = 4  # draws of the clustering from which memberships start


@dataclass(frozen=True, slots=True)
class AlignedBlocs:
    """Blocs of a fitted alignment.

    Attributes
    ----------
    states : N codes; years : (T,)
    found : memberships
    """

    states: tuple[str, ...]
    years: NDArray[np.int32]
    found: Affiliation

    def table(self) -> pl.DataFrame:
        """state, year, bloc (A, B ... and none), probability."""
        shares = self.found.shares
        names = [chr(ord("A") + k) for k in range(shares.shape[2] - 1)] + [NONE]
        t, n, k = np.nonzero(shares > 0)
        return pl.DataFrame(
            {
                "state": np.array(self.states)[n],
                "year": self.years[t],
                "bloc": np.array(names)[k],
                "probability": shares[t, n, k],
            }
        )

    def together(self, first: str, second: str) -> pl.DataFrame:
        """year, probability that two states are in one bloc."""
        i, j = self.states.index(first), self.states.index(second)
        return pl.DataFrame({"year": self.years, "probability": self.found.together()[:, i, j]})


def aligned_blocs(
    fit: AlignmentFit, *, blocs: int | None = None, most: int = MOST_BLOCS, seed: int = 0
) -> AlignedBlocs:
    """Blocs in a fitted alignment of years.

    Parameters
    ----------
    blocs : their number; by default that from nought to `most` which the integrated likelihood prefers
    """
    panel = fit.panel
    seen = np.unique(np.concatenate([panel.a, panel.b]))
    place = {int(code): k for k, code in enumerate(seen)}
    a, b = (np.array([place[int(code)] for code in ends]) for ends in (panel.a, panel.b))
    y = np.full((len(panel.years), len(seen), len(seen)), np.nan)
    y[:, a, b] = y[:, b, a] = fit.scale.alignment(fit.mean).T
    sampling = np.zeros_like(y)
    sampling[:, a, b] = sampling[:, b, a] = np.nan_to_num(fit.variance).T / fit.scale.unit**2
    kept = y[::-EVERY][::-1], sampling[::-EVERY][::-1]  # the last year among them
    lasting = LASTING / EVERY
    if blocs is None:
        found = chosen(*kept, most=most, lasting=lasting, seed=seed)
    else:
        found = affiliation(*kept, blocs, lasting=lasting, seed=seed)
    return AlignedBlocs(tuple(panel.states[k] for k in seen), panel.years[::-EVERY][::-1], found)


@dataclass(frozen=True, slots=True)
class Affiliation:
    """Memberships of states in K blocs.

    Attributes
    ----------
    shares : (T, N, K + 1) probability of every bloc, the last being none; nought where a state does not exist
    inside : (K,) level of a bloc's pairs; outside : that of all others; width : variance about them
    evidence : integrated likelihood, by which numbers of blocs are compared
    """

    shares: Array
    inside: Array
    outside: float
    width: float
    evidence: float

    @property
    def foremost(self) -> NDArray[np.intp]:
        """(T, N) the most probable bloc of every state, none left aside."""
        own = self.shares[:, :, :-1]
        found: NDArray[np.intp] = own.argmax(axis=2) if own.shape[2] else np.zeros(own.shape[:2], dtype=np.intp)
        return found

    def together(self) -> Array:
        """(T, N, N) probability that two states are in one bloc."""
        own = self.shares[:, :, :-1]
        found: Array = own @ own.transpose(0, 2, 1)
        return found


def affiliation(y: Array, sampling: Array, blocs: int, *, lasting: float = 1.0, seed: int = 0) -> Affiliation:
    """Memberships in a given number of blocs.

    Parameters
    ----------
    y : (T, N, N) symmetric, NaN on the diagonal and where a pair does not exist
    sampling : (T, N, N) variance of y about what is true
    blocs : K; lasting : periods over which the errors of y last
    """
    best: Affiliation | None = None
    random = np.random.default_rng([seed, blocs])
    for _ in range(STARTS):
        found = _varied(y, sampling, _start(y, blocs, random), lasting)
        if best is None or found.evidence > best.evidence:
            best = found
    assert best is not None
    return best


def chosen(y: Array, sampling: Array, *, most: int = MOST_BLOCS, lasting: float = 1.0, seed: int = 0) -> Affiliation:
    """Memberships in the number of blocs, from nought to `most`, that the integrated likelihood prefers."""
    nobody = np.ones((*y.shape[:2], 1))
    found = [_varied(y, sampling, nobody, lasting)]
    found += [affiliation(y, sampling, k, lasting=lasting, seed=seed) for k in range(1, most + 1)]
    return max(found, key=lambda one: one.evidence)


def _start(y: Array, blocs: int, random: np.random.Generator) -> Array:
    """(T, N, K + 1) memberships by clustering the leading eigenvectors of the mean matrix (von Luxburg 2007)."""
    known = np.isfinite(y).sum(axis=0)
    mean = np.where(known > 0, np.nansum(y, axis=0) / np.maximum(known, 1), 0.0)
    mean = mean - mean[known > 0].mean()
    np.fill_diagonal(mean, 0.0)
    values, vectors = np.linalg.eigh(mean)
    place = vectors[:, -blocs:] * np.sqrt(np.maximum(values[-blocs:], 0.0))
    label = k_means(place, blocs, random, fixed=np.zeros((1, blocs)))[1]  # first those in no bloc
    shares = np.full((len(place), blocs + 1), 0.2 / blocs)
    shares[np.arange(len(place)), label - 1] += 0.8  # the last column is none
    shares /= shares.sum(axis=1, keepdims=True)
    return np.repeat(shares[None], len(y), axis=0)


def _varied(y: Array, sampling: Array, shares: Array, lasting: float) -> Affiliation:
    known = np.isfinite(y)
    seen, there = np.where(known, y, 0.0), _living(known)
    width = float(np.nanvar(y))
    inside, outside = np.zeros(shares.shape[2] - 1), float(np.nanmean(y))
    for _ in range(SWEEPS):
        before = shares
        inside, outside, width = _levels(seen, known, sampling, shares, width)
        weight = np.where(known, 1.0 / (width + sampling), 0.0) / lasting
        rates = shares.mean(axis=(0, 1), where=there[:, :, None]) + 1e-6
        shares = _memberships(seen, weight, shares, inside, outside, rates / rates.sum(), there)
        if np.abs(shares - before).max() < SETTLED:
            break
    return Affiliation(
        shares, inside, outside, width, _integrated(seen, known, sampling, shares, inside, outside, width, lasting)
    )


def _living(known: Mask) -> Mask:
    """(T, N) states that have a pair."""
    found: Mask = np.asarray(known.any(axis=2))
    return found


def _levels(seen: Array, known: Mask, sampling: Array, shares: Array, width: float) -> tuple[Array, float, float]:
    """Levels inside and outside, and the width about them, at their expected maxima."""
    own = shares[:, :, :-1]
    weight = np.where(known, 1.0 / (width + sampling), 0.0)
    pairs = np.einsum("tik,tij,tjk->k", own, weight, own, optimize=True)
    sums = np.einsum("tik,tij,tjk->k", own, weight * seen, own, optimize=True)
    rest, rest_sum = weight.sum() - pairs.sum(), (weight * seen).sum() - sums.sum()
    outside = float(rest_sum / max(rest, 1e-9))
    inside = np.maximum(np.where(pairs > 1e-6, sums / np.maximum(pairs, 1e-6), outside), outside)
    both = np.einsum("tik,tjk->tij", own * inside, own, optimize=True)
    square = np.einsum("tik,tjk->tij", own * inside**2, own, optimize=True)
    apart = 1.0 - np.einsum("tik,tjk->tij", own, own, optimize=True)
    error = seen**2 - 2 * seen * (both + apart * outside) + square + apart * outside**2
    shrunk = width**2 * weight  # of the width's own part of an error, a Gaussian's expectation
    part = (width * weight) ** 2 * error + width - shrunk
    return inside, outside, max(float(part[known].mean()), 1e-6)


def _memberships(
    seen: Array, weight: Array, shares: Array, inside: Array, outside: float, rates: Array, there: Mask
) -> Array:
    """What every state's memberships are given those of all others, halfway from where they were so that none swing."""
    own = shares[:, :, :-1]
    local = np.zeros(shares.shape)
    for k, level in enumerate(inside):
        gain = weight * (level - outside) * (seen - 0.5 * (level + outside))
        local[:, :, k] = (gain @ own[:, :, k, None])[:, :, 0]
    local[~there] = 0.0
    found: Array = np.where(there[:, :, None], 0.5 * shares + 0.5 * _chains(local, rates), 0.0)
    return found


def _chains(local: Array, rates: Array) -> Array:
    """(T, N, K) smoothed probabilities of Markov chains that stay with STAYS and else move to `rates`, by forward-backward."""
    like = np.exp(local - local.max(axis=2, keepdims=True))
    ahead, back = np.empty_like(like), np.ones_like(like)
    now = np.broadcast_to(rates, like.shape[1:])
    for t in range(len(like)):
        now = like[t] * now + 1e-300
        now = ahead[t] = now / now.sum(axis=1, keepdims=True)
        now = STAYS * now + (1 - STAYS) * rates
    for t in range(len(like) - 2, -1, -1):
        after = like[t + 1] * back[t + 1]
        back[t] = STAYS * after + (1 - STAYS) * (after @ rates)[:, None]
        back[t] /= back[t].max(axis=1, keepdims=True)
    found = ahead * back
    return np.asarray(found / found.sum(axis=2, keepdims=True))


def _integrated(
    seen: Array,
    known: Mask,
    sampling: Array,
    shares: Array,
    inside: Array,
    outside: float,
    width: float,
    lasting: float,
) -> float:
    """Likelihood of the pairs given the most probable memberships, less what memberships and levels cost."""
    kinds = shares.shape[2]
    label = shares.argmax(axis=2)
    level = np.where(label < kinds - 1, np.append(inside, outside)[label], np.nan)
    same = (label[:, :, None] == label[:, None, :]) & (label < kinds - 1)[:, :, None]
    centre = np.where(same, level[:, :, None], outside)
    total = width + sampling
    told = -0.5 * (np.log(2 * np.pi * total) + (seen - centre) ** 2 / total)
    likelihood = 0.5 * float(told[known].sum()) / lasting  # every pair stands twice
    there = _living(known)
    rates = np.bincount(label[there], minlength=kinds) / max(int(there.sum()), 1)
    log_rates = np.log(np.maximum(rates, 1e-9))
    starts = log_rates[label[there.argmax(axis=0), np.arange(there.shape[1])]][there.any(axis=0)].sum()
    both = there[1:] & there[:-1]
    stayed = label[1:] == label[:-1]
    chance = np.log(np.where(stayed, STAYS, 0.0) + (1 - STAYS) * np.exp(log_rates)[label[1:]])
    free = np.log(max(known.sum() / 2 / lasting, 2.0)) * (len(inside) + 2) + np.log(
        max(int(there.any(axis=0).sum()), 2)
    ) * (kinds - 1)
    return likelihood + float(starts) + float(chance[both].sum()) - 0.5 * float(free)
