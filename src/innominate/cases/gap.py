"""The gap between what a state does and what it signs, drawn from the posterior of its ties' alignments."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from innominate.cases.treaties import known_commitments
from innominate.cases.view import View

Array = NDArray[np.float64]
MOST_TIES = 0.5  # of a state's ties that must count in a year before the year does


@dataclass(frozen=True, slots=True)
class Ties:
    """One state's ties with every other state.

    Attributes
    ----------
    state : its code
    keys : K pairs
    years : Y years
    mean, sd : (K, Y) alignment, NaN where the tie does not count in that year
    committed : (K, Y) a defence commitment in force
    """

    state: str
    keys: tuple[str, ...]
    years: tuple[int, ...]
    mean: Array
    sd: Array
    committed: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Gap:
    """The gap of one state in D draws.

    Attributes
    ----------
    close, unnamed : (D, Y) ties above the bar, and those of them without a defence commitment
    """

    close: Array
    unnamed: Array

    def share(self, places: NDArray[np.intp] | None = None) -> Array:
        """(D,) unnamed ties as a share of close ties, summed over years; 0 where there is no close tie, hence no gap."""
        close, unnamed = self._summed(places)
        return np.divide(unnamed, close, out=np.zeros_like(unnamed), where=close > 0)

    def count(self, places: NDArray[np.intp] | None = None) -> Array:
        """(D,) unnamed ties a year."""
        years = self.close.shape[1] if places is None else len(places)
        return self._summed(places)[1] / max(years, 1)

    def _summed(self, places: NDArray[np.intp] | None) -> tuple[Array, Array]:
        if places is None:
            return self.close.sum(axis=1), self.unnamed.sum(axis=1)
        return self.close[:, places].sum(axis=1), self.unnamed[:, places].sum(axis=1)


def measured_ties(view: View, states: Iterable[str], years: Sequence[int], channels: int) -> dict[str, Ties]:
    """The ties of some states in the years in which both conduct and commitments are covered.

    Parameters
    ----------
    channels : how many channels must have looked at a pair in a year; a year counts where half of a state's ties do
    """
    counted = view.table.filter(pl.col("year").is_in(list(years)) & (pl.col("channels") >= channels)).join(
        known_commitments(view, years), on=["a", "b", "year"], how="semi"
    )
    found = {}
    for state in states:
        ours = (pl.col("a") == state) | (pl.col("b") == state)
        every = view.table.filter(ours).group_by("year").agg(pl.len().alias("every"))
        usable = counted.filter(ours).group_by("year").agg(pl.len().alias("ties")).join(every, on="year")
        enough = usable.filter(pl.col("ties") >= MOST_TIES * pl.col("every"))
        own = counted.filter(ours).join(enough, on="year", how="semi", maintain_order="left")
        if own.height:
            found[state] = _matrix(state, own, tuple(sorted(set(own["year"]))))
    return found


def _matrix(state: str, own: pl.DataFrame, years: tuple[int, ...]) -> Ties:
    keys = tuple(sorted(set(own["key"])))
    row = own["key"].replace_strict(list(keys), list(range(len(keys)))).to_numpy()
    col = own["year"].replace_strict(list(years), list(range(len(years)))).to_numpy()
    mean = np.full((len(keys), len(years)), np.nan)
    sd, committed = mean.copy(), np.zeros(mean.shape, dtype=bool)
    mean[row, col], sd[row, col] = own["alignment"].to_numpy(), own["sd"].to_numpy()
    committed[row, col] = own["committed"].to_numpy()
    return Ties(state, keys, years, mean, sd, committed)


def standard_draws(key: str, draws: int, seed: int) -> Array:
    """(D,) standard normal draws that belong to a pair: the same whatever other pairs are drawn."""
    digest = hashlib.blake2b(f"{seed} {key}".encode(), digest_size=16).digest()
    generator = np.random.Generator(np.random.Philox(key=int.from_bytes(digest)))
    return generator.standard_normal(draws)


def draw_gap(ties: Ties, bar: float, draws: int, seed: int) -> Gap:
    """Draw the gap of one state. A pair errs alike in all its years; pairs err independently."""
    normal = np.stack([standard_draws(key, draws, seed) for key in ties.keys])
    shape = (draws, len(ties.years))
    close, unnamed = np.zeros(shape), np.zeros(shape)
    for t in range(shape[1]):
        with np.errstate(invalid="ignore"):
            above = ties.mean[:, t, None] + ties.sd[:, t, None] * normal > bar
        close[:, t] = above.sum(axis=0)
        unnamed[:, t] = (above & ~ties.committed[:, t, None]).sum(axis=0)
    return Gap(close, unnamed)


def beats(own: Array, others: Sequence[Array], at_least: float) -> float:
    """Probability that a state's gap is larger than that of at least this share of the others."""
    larger = np.stack([own > other for other in others]).mean(axis=0)
    return float((larger >= at_least - 1e-9).mean())
